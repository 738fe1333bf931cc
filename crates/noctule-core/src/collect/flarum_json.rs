//! Discussions of Flarum's API (JSON:API).
//!
//! # What it reads
//! `/api/discussions/<id>` with `include=posts,posts.user`, lists of posts (`/api/posts`), and the payload that a
//! Flarum page carries: text, author, time, edits, mentions of posts as replies.
//!
//! # How
//! JSON:API lists objects of every kind side by side and joins them by type and id, so posts wait until their
//! discussion and their authors are known: at most 50,000 posts or 16 MiB. `content` (Markdown or BBCode) is taken
//! where the answer has it, else `contentHtml`.
//!
//! # Where it is wrong
//! - Flarum does not name itself in its answers: the source is named after the file, one forum a file.
//! - What Flarum itself reports (renamed, locked) and posts that are hidden are passed over.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::fragment::from_html;
use super::json::{Node, Shape, Signs, Step, read_records};
use super::out::{Out, Waiting};
use super::{Collector, Head, Input, Mapping, Sink, file_stem};
use crate::model::{Medium, PostedAt, RawMessage, Source};

pub struct FlarumJson;

impl Collector for FlarumJson {
    fn name(&self) -> &'static str {
        "flarum-json"
    }

    fn about(&self) -> &'static str {
        "discussions and posts of a Flarum forum as its API gives them"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let signs = Signs::of(head, &["\"attributes\"", "\"type\"", "\"data\""])?;
        let prefixes =
            ["data", "data[]", "included[]", "[].data", "[].data[]", "[].included[]", "apiDocument.included[]"];
        let found = prefixes.iter().any(|prefix| {
            signs.is(&format!("{prefix}.type"), &["posts", "discussions"])
                && signs.object(&format!("{prefix}.attributes"))
                && ["contentType", "contentHtml", "commentCount", "lastPostNumber"]
                    .iter()
                    .any(|key| signs.has(&format!("{prefix}.attributes.{key}")))
        });
        found.then(|| "JSON:API of Flarum: posts and discussions with attributes".to_owned())
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Flarum::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        let stem = file_stem(input.path).to_owned();
        read_records(input.reader, sink, |_| Flarum {
            zone,
            source: Arc::new(Source { key: format!("file:{stem}"), name: stem, medium: Medium::Forum, url: None }),
            users: HashMap::new(),
            titles: HashMap::new(),
            discussion: None,
            posts: 0,
            waiting: Waiting::default(),
        });
    }
}

/// Names and titles that are remembered, each.
const MAX_NAMES: usize = 50_000;

struct Flarum<'a> {
    zone: &'a TimeZone,
    source: Arc<Source>,
    users: HashMap<String, String>,
    titles: HashMap<String, String>,
    /// The discussion that the document is about, when it is one.
    discussion: Option<String>,
    posts: u64,
    waiting: Waiting,
}

impl Shape for Flarum<'_> {
    const KEYS: &'static [&'static str] = &[
        "type",
        "id",
        "attributes",
        "relationships",
        "data",
        "user",
        "discussion",
        "title",
        "username",
        "displayName",
        "contentType",
        "content",
        "contentHtml",
        "createdAt",
        "editedAt",
        "isHidden",
        "number",
    ];
    const STARTS: &'static [&'static str] = &["type"];
    const PLACE: &'static str = "object";

    fn step(&self, path: &str) -> Step {
        match path {
            "" | "[]" | "included" | "[].included" | "apiDocument" | "apiDocument.included" => Step::Enter,
            // A document has one object or a list of them as `data`; lists are entered when seen as a header.
            "data" | "[].data" | "apiDocument.data" => Step::Record,
            "included[]" | "[].included[]" | "apiDocument.included[]" => Step::Record,
            _ => Step::Pass,
        }
    }

    fn record(&mut self, path: &str, node: &Node<'_>, _place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        if let Node::List(items) = node {
            for item in items {
                self.object(item, false, out)?;
            }
            return ControlFlow::Continue(());
        }
        self.object(node, path.ends_with("data"), out)
    }

    fn end(&mut self, out: &mut Out<'_>) -> ControlFlow<()> {
        for mut message in self.waiting.take() {
            message.author.name = message.author.id.as_ref().and_then(|id| self.users.get(id)).cloned();
            if message.thread_id.is_none() {
                message.thread_id.clone_from(&self.discussion);
            }
            message.thread_title = message.thread_id.as_ref().and_then(|id| self.titles.get(id)).cloned();
            out.message(message)?;
        }
        self.discussion = None;
        ControlFlow::Continue(())
    }
}

impl Flarum<'_> {
    fn object(&mut self, node: &Node<'_>, main: bool, out: &mut Out<'_>) -> ControlFlow<()> {
        let Some(id) = node.string("id") else {
            return ControlFlow::Continue(());
        };
        match node.str("type") {
            Some("users") if self.users.len() < MAX_NAMES => {
                let name = node.first(&["attributes.displayName", "attributes.username"]);
                self.users.extend(name.map(|name| (id, name.to_owned())));
            }
            Some("discussions") if self.titles.len() < MAX_NAMES => {
                if main {
                    self.discussion = Some(id.clone());
                }
                self.titles.extend(node.string("attributes.title").map(|title| (id, title)));
            }
            Some("posts") => return self.post(id, node, out),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn post(&mut self, id: String, node: &Node<'_>, out: &mut Out<'_>) -> ControlFlow<()> {
        let comment = node.str("attributes.contentType").unwrap_or("comment") == "comment";
        if !comment || node.flag("attributes.isHidden") {
            return ControlFlow::Continue(());
        }
        self.posts += 1;
        let mut message = RawMessage::new(self.source.clone(), self.posts, String::new());
        match node.str("attributes.content") {
            Some(content) => super::bbcode::from_bbcode(content).put(&mut message),
            None => from_html(node.str("attributes.contentHtml").unwrap_or_default()).put(&mut message),
        }
        message.native_id = Some(id);
        message.author.id = node.string("relationships.user.data.id");
        message.thread_id = node.string("relationships.discussion.data.id");
        message.posted_at = node.str("attributes.createdAt").and_then(|date| self.date(date));
        if message.posted_at.is_none() {
            out.bad_date(format!("post {}", self.posts));
        }
        message.edited_at = node.str("attributes.editedAt").and_then(|date| self.date(date)).map(|found| found.at);
        self.waiting.push(message);
        if self.waiting.full() { self.end(out) } else { ControlFlow::Continue(()) }
    }

    fn date(&self, date: &str) -> Option<PostedAt> {
        dates::parse(date, self.zone, DayOrder::DayFirst)
    }
}
