//! Rocket.Chat messages: answers of its API, and the collection of its database.
//!
//! # What it reads
//! `{"success": true, "messages": […]}` of `channels.history` and its sisters, arrays and JSON Lines of messages, also
//! as `mongoexport` writes them (`{"$date": …}`): text, author, time, edits, threads, quoted messages; new names of
//! rooms as events.
//!
//! # How
//! Message by message; the source is `rocketchat:<room id>`. A quote stands in the text as a link without words,
//! `[ ](https://…?msg=<id>)`: it is marked as a quote and becomes the edge. A message in a thread answers its start.
//!
//! # Where it is wrong
//! - The name of a room is in none of these files.
//! - Encrypted messages (`"t": "e2e"`) are skips. Other system messages are passed over.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::json::{Node, Shape, Signs, Step, read_records};
use super::out::Out;
use super::sources::Sources;
use super::{Collector, Head, Input, Mapping, Sink};
use crate::model::{Medium, PostedAt, RawMessage, Reason, Source, SourceEvent, Span};

pub struct RocketchatJson;

impl Collector for RocketchatJson {
    fn name(&self) -> &'static str {
        "rocketchat-json"
    }

    fn about(&self) -> &'static str {
        "Rocket.Chat messages: answers of the API, arrays, and dumps of its database"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let signs = Signs::of(head, &["\"rid\"", "\"msg\"", "\"ts\"", "\"_id\""])?;
        signs.under(&["messages[]", "[]", "", "[].messages[]"], &["_id", "rid", "msg", "ts", "u"])?;
        Some("messages of Rocket.Chat: _id, rid, msg, ts and u".into())
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Rocketchat::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        read_records(input.reader, sink, |frame| {
            let signs = Signs::of_bytes(frame.head, frame.whole, &[]);
            let lines = signs.is_some_and(|signs| signs.has("rid") && signs.has("msg"));
            let nested = frame.is_array() && memchr::memmem::find(frame.head, b"\"messages\"").is_some();
            Rocketchat { zone, lines, nested, sources: Sources::new() }
        });
    }
}

struct Rocketchat<'a> {
    zone: &'a TimeZone,
    /// Whether each document is a message.
    lines: bool,
    /// Whether the elements of an array are answers.
    nested: bool,
    sources: Sources<String>,
}

impl Shape for Rocketchat<'_> {
    const KEYS: &'static [&'static str] = &[
        "_id",
        "$oid",
        "rid",
        "msg",
        "ts",
        "$date",
        "$numberLong",
        "u",
        "username",
        "name",
        "editedAt",
        "tmid",
        "t",
        "attachments",
        "message_link",
        "text",
        "title",
        "description",
    ];
    const STARTS: &'static [&'static str] = &["_id"];

    fn step(&self, path: &str) -> Step {
        match path {
            "" if self.lines => Step::Record,
            "[]" if !self.nested => Step::Record,
            "" | "[]" | "messages" | "[].messages" => Step::Enter,
            "messages[]" | "[].messages[]" => Step::Record,
            _ => Step::Pass,
        }
    }

    fn record(&mut self, _path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        let shown = || format!("message {place}");
        let (Some(id), Some(room)) = (oid(node, "_id"), oid(node, "rid")) else {
            out.skip(shown(), Reason::MissingField, "the message has no id or no room");
            return ControlFlow::Continue(());
        };
        let source = self.source(&room);
        let posted_at = self.date(node, "ts");
        match node.str("t") {
            None => {}
            Some("e2e") => {
                out.skip(shown(), Reason::Encrypted, "the message is encrypted");
                return ControlFlow::Continue(());
            }
            Some("r") => {
                let value = node.string("msg").unwrap_or_default();
                let at = posted_at.map(|posted| posted.at);
                out.event(SourceEvent { source_key: source.key.clone(), at, kind: "renamed", value });
                return ControlFlow::Continue(());
            }
            Some(_) => return ControlFlow::Continue(()),
        }
        let mut message = RawMessage::new(source, place, node.string("msg").unwrap_or_default());
        message.native_id = Some(id);
        message.author.id = oid(node, "u._id");
        message.author.name = node.first(&["u.username", "u.name"]).map(str::to_owned);
        message.posted_at = posted_at;
        if posted_at.is_none() {
            out.bad_date(shown());
        }
        message.edited_at = self.date(node, "editedAt").map(|found| found.at);
        message.thread_id = oid(node, "tmid");
        if let Some((span, quoted)) = quote(&message.text) {
            message.quotes.push(span);
            message.reply_to = Some(quoted);
        } else {
            message.reply_to.clone_from(&message.thread_id);
        }
        // Attachments that a bot wrote are its words; those that show another message are not.
        for attachment in node.items("attachments").iter().take(20) {
            if attachment.str("message_link").is_some() {
                continue;
            }
            for line in [attachment.str("description"), attachment.str("text")].into_iter().flatten() {
                if !message.text.is_empty() {
                    message.text.push('\n');
                }
                message.text.push_str(line);
            }
        }
        out.message(message)
    }
}

impl Rocketchat<'_> {
    fn source(&mut self, room: &str) -> Arc<Source> {
        if let Some(source) = self.sources.get(room) {
            return source;
        }
        let key = format!("rocketchat:{room}");
        self.sources.keep(room.to_owned(), Source { key, name: String::new(), medium: Medium::Other, url: None })
    }

    /// A time as the API writes it, or as the database does.
    fn date(&self, node: &Node<'_>, key: &str) -> Option<PostedAt> {
        let value = node.at(key)?;
        let text = value.as_str().or_else(|| value.str("$date")).or_else(|| value.str("$date.$numberLong"))?;
        dates::parse(text, self.zone, DayOrder::DayFirst)
    }
}

/// An id as the API writes it, or as the database does.
fn oid(node: &Node<'_>, path: &str) -> Option<String> {
    node.string(path).or_else(|| node.string(&format!("{path}.$oid")))
}

/// The link to a quoted message at the start of a text, and the id of that message.
fn quote(text: &str) -> Option<(Span, String)> {
    let link = text.strip_prefix("[ ](")?;
    let (target, rest) = link.split_once(')')?;
    let id = target.split_once("msg=")?.1.split('&').next()?;
    Some((Span::new(0, text.len() - rest.len()), id.to_owned())).filter(|(_, id)| !id.is_empty())
}
