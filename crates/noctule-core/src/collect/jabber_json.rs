//! Jabber archives as streams of JSON objects, and ransom negotiations.
//!
//! # What it reads
//! Objects `{"ts", "from", "to", "body"}` one after the other, each over any number of lines, or in an array; and
//! `{"chat_id", "messages": [{"party", "content", "timestamp"}]}`, the transcripts of talks with extortionists.
//!
//! # How
//! Message by message. One file is one source; the two partners of a talk, without their resources, name its thread.
//! Times without zone are read in the user's zone and marked. Machine-translated copies write `{backslash}n` for a
//! line break, which is undone, and `Body` for `body`.
//!
//! # Where it is wrong
//! - Both partners' archives hold the same talk; their messages count twice in raw numbers, once in unique ones.
//! - A third of the times in transcripts of negotiations are missing or relative ("1 month ago"): such messages are
//!   kept without a date.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::json::{Node, Shape, Signs, Step, read_records};
use super::out::Out;
use super::{Collector, Head, Input, Mapping, Sink, file_stem};
use crate::model::{Medium, RawMessage, Reason, Source};

pub struct JabberJson;

impl Collector for JabberJson {
    fn name(&self) -> &'static str {
        "jabber-json"
    }

    fn about(&self) -> &'static str {
        "Jabber archives as JSON objects with ts, from, to and body; transcripts of ransom negotiations"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        if let Some(signs) = Signs::of(head, &["\"from\"", "\"to\"", "\"ts\""])
            && ["body", "Body"].iter().any(|body| signs.under(&["", "[]"], &["ts", "from", "to", body]).is_some())
        {
            return Some("a Jabber archive: objects with ts, from, to and body".into());
        }
        let signs = Signs::of(head, &["\"messages\"", "\"party\"", "\"content\""])?;
        signs.under(&["messages[]", "[].messages[]"], &["party", "content"])?;
        Some("a negotiation: messages with a party and content".into())
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Jabber::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        let stem = file_stem(input.path).to_owned();
        read_records(input.reader, sink, |frame| {
            let signs = Signs::of_bytes(frame.head, frame.whole, &[]).unwrap_or_default();
            let talk = signs.under(&["messages[]", "[].messages[]"], &["party"]).is_some();
            let medium = if talk { Medium::Other } else { Medium::Jabber };
            let source = Arc::new(Source { key: format!("file:{stem}"), name: stem, medium, url: None });
            let array = frame.is_array();
            Jabber { zone, source, talk, array, chat: None }
        });
    }
}

struct Jabber<'a> {
    zone: &'a TimeZone,
    source: Arc<Source>,
    /// Whether this is a transcript of a negotiation.
    talk: bool,
    array: bool,
    chat: Option<String>,
}

impl Shape for Jabber<'_> {
    const KEYS: &'static [&'static str] =
        &["ts", "from", "to", "body", "Body", "party", "content", "timestamp", "chat_id"];
    const STARTS: &'static [&'static str] = &["ts", "from", "party"];

    fn step(&self, path: &str) -> Step {
        match path {
            "" | "[]" | "messages" | "[].messages" if self.talk => Step::Enter,
            "messages[]" | "[].messages[]" if self.talk => Step::Record,
            "chat_id" | "[].chat_id" if self.talk => Step::Header,
            "" if self.array => Step::Enter,
            "" | "[]" => Step::Record,
            _ => Step::Pass,
        }
    }

    fn header(&mut self, _path: &str, node: &Node<'_>) {
        self.chat = node.as_str().map(str::to_owned);
    }

    fn record(&mut self, _path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        let shown = format!("message {place}");
        let (author, text, date) = if self.talk {
            (node.str("party"), node.at("content"), node.str("timestamp"))
        } else {
            (node.str("from"), node.at("body").or_else(|| node.at("Body")), node.str("ts"))
        };
        if author.is_none() && text.is_none() {
            out.skip(shown, Reason::UnknownElement, "neither an author nor a text");
            return ControlFlow::Continue(());
        }
        let text = text.and_then(Node::as_str).unwrap_or_default();
        let text = if text.contains("{backslash}") { text.replace("{backslash}n", "\n") } else { text.to_owned() };
        let mut message = RawMessage::new(self.source.clone(), place, text);
        if self.talk {
            message.author.name = author.map(str::to_owned);
            message.thread_id.clone_from(&self.chat);
        } else {
            message.author.id = author.map(|author| bare(author).to_owned());
            message.author.name = author.map(|author| shown_name(author).to_owned());
            message.thread_id = author.and_then(|from| Some(talk(from, node.str("to")?)));
        }
        message.posted_at = date.and_then(|date| dates::parse(date, self.zone, DayOrder::DayFirst));
        if message.posted_at.is_none() && !(self.talk && date.is_none()) {
            out.bad_date(shown);
        }
        out.message(message)
    }
}

/// An address without its resource: `ann@server.example`.
pub(super) fn bare(address: &str) -> &str {
    address.split('/').next().unwrap_or(address)
}

/// The part of an address that people see.
pub(super) fn shown_name(address: &str) -> &str {
    bare(address).split('@').next().unwrap_or(address)
}

/// The two partners in a fixed order, so that both directions are one talk.
pub(super) fn talk(from: &str, to: &str) -> String {
    let (from, to) = (bare(from), bare(to));
    if from <= to { format!("{from} {to}") } else { format!("{to} {from}") }
}
