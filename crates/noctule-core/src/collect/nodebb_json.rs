//! Topics of NodeBB's API (`GET /api/topic/…`).
//!
//! # What it reads
//! A topic with its `posts`, one answer a file or several one after the other, also inside `{"response": …}` of the
//! write API: text, author, time, edits, the post that is answered.
//!
//! # How
//! The posts of a topic wait for its title, which stands behind them in the file: at most 50,000 posts or 16 MiB.
//! The body is HTML; where a `sourceContent` is given (Markdown) that is taken. Quotes are block quotes.
//!
//! # Where it is wrong
//! - NodeBB does not name itself in its answers: the source is named after the file, one forum a file.
//! - A post that was deleted has no text for us and is passed over.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::fragment::from_html;
use super::json::{Node, Shape, Signs, Step, read_records};
use super::out::{Out, Waiting};
use super::{Collector, Head, Input, Mapping, Sink, file_stem};
use crate::model::{Medium, RawMessage, Source};

pub struct NodebbJson;

impl Collector for NodebbJson {
    fn name(&self) -> &'static str {
        "nodebb-json"
    }

    fn about(&self) -> &'static str {
        "topics of a NodeBB forum as its API gives them"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let signs = Signs::of(head, &["\"posts\"", "\"pid\"", "\"tid\"", "\"content\""])?;
        signs.under(&["posts[]", "response.posts[]", "[].posts[]"], &["pid", "content"])?;
        Some("a topic of NodeBB: posts with pid, tid and content".into())
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Nodebb::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        let stem = file_stem(input.path).to_owned();
        read_records(input.reader, sink, |_| Nodebb {
            zone,
            source: Arc::new(Source { key: format!("file:{stem}"), name: stem, medium: Medium::Forum, url: None }),
            title: None,
            waiting: Waiting::default(),
        });
    }
}

struct Nodebb<'a> {
    zone: &'a TimeZone,
    source: Arc<Source>,
    title: Option<String>,
    waiting: Waiting,
}

impl Shape for Nodebb<'_> {
    const KEYS: &'static [&'static str] = &[
        "pid",
        "tid",
        "uid",
        "content",
        "sourceContent",
        "timestamp",
        "timestampISO",
        "toPid",
        "user",
        "username",
        "displayname",
        "edited",
        "deleted",
    ];
    const STARTS: &'static [&'static str] = &["pid", "content", "timestamp"];
    const PLACE: &'static str = "post";

    fn step(&self, path: &str) -> Step {
        match path {
            "" | "[]" | "response" | "posts" | "response.posts" | "[].posts" => Step::Enter,
            "posts[]" | "response.posts[]" | "[].posts[]" => Step::Record,
            "titleRaw" | "title" | "response.titleRaw" | "response.title" | "[].titleRaw" | "[].title" => Step::Header,
            _ => Step::Pass,
        }
    }

    fn header(&mut self, path: &str, node: &Node<'_>) {
        if let Some(title) = node.as_str()
            && (self.title.is_none() || path.ends_with("titleRaw"))
        {
            self.title = Some(super::fragment::unescape(title).into_owned());
        }
    }

    fn record(&mut self, _path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        if node.flag("deleted") {
            return ControlFlow::Continue(());
        }
        let mut message = RawMessage::new(self.source.clone(), place, String::new());
        message.native_id = node.string("pid");
        message.author.id = node.first(&["uid", "user.uid"]).map(str::to_owned);
        message.author.name = node.first(&["user.username", "user.displayname"]).map(str::to_owned);
        message.thread_id = node.string("tid");
        message.reply_to = node.string("toPid");
        match node.string("sourceContent") {
            Some(markdown) => message.text = markdown,
            None => from_html(node.str("content").unwrap_or_default()).put(&mut message),
        }
        let date = node.first(&["timestamp", "timestampISO"]);
        message.posted_at = date.and_then(|date| dates::parse(date, self.zone, DayOrder::DayFirst));
        if message.posted_at.is_none() {
            out.bad_date(format!("post {place}"));
        }
        let edited = node.str("edited").filter(|edited| *edited != "0");
        message.edited_at = edited.and_then(|date| dates::parse(date, self.zone, DayOrder::DayFirst)).map(|d| d.at);
        self.waiting.push(message);
        if self.waiting.full() { self.end(out) } else { ControlFlow::Continue(()) }
    }

    fn end(&mut self, out: &mut Out<'_>) -> ControlFlow<()> {
        for mut message in self.waiting.take() {
            message.thread_title.clone_from(&self.title);
            out.message(message)?;
        }
        ControlFlow::Continue(())
    }
}
