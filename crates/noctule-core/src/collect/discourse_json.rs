//! Topics of Discourse's API (`/t/<id>.json`, `/t/<id>/posts.json`).
//!
//! # What it reads
//! `{"post_stream": {"posts": […]}}` with the topic's title, one answer a file or several one after the other, and
//! lists of the newest posts (`{"latest_posts": […]}`): text, author, time, edits, replies.
//!
//! # How
//! `raw` (Markdown) is taken where it was asked for, else `cooked` (HTML), whose quotes are known by their marks. The
//! posts of a topic wait for its title, which stands behind them: at most 50,000 posts or 16 MiB. Discourse counts
//! replies by the number of the post in its topic; they become `<topic>/<number>`, and so does the post's own id.
//!
//! # Where it is wrong
//! - Discourse does not name itself in its answers: the source is named after the file, one forum a file.
//! - The first answer holds twenty posts; the ids of the others are in the file, but not the posts.
//! - Quotes in `raw` (`[quote="ann, post:3, topic:12"]`) are read as BBCode.
//! - What Discourse itself reports (`small_action`: closed, moved) is passed over, and so are deleted posts.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::bbcode::from_bbcode;
use super::dates::{self, DayOrder};
use super::fragment::from_html;
use super::json::{Node, Shape, Signs, Step, read_records};
use super::out::{Out, Waiting};
use super::{Collector, Head, Input, Mapping, Sink, file_stem};
use crate::model::{Medium, PostedAt, RawMessage, Source};

pub struct DiscourseJson;

impl Collector for DiscourseJson {
    fn name(&self) -> &'static str {
        "discourse-json"
    }

    fn about(&self) -> &'static str {
        "topics of a Discourse forum as its API gives them"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let signs = Signs::of(head, &["\"posts\"", "\"cooked\"", "\"post_number\""])
            .or_else(|| Signs::of(head, &["\"latest_posts\"", "\"cooked\""]))
            .or_else(|| Signs::of(head, &["\"post_stream\"", "\"cooked\""]))?;
        signs.under(&["post_stream.posts[]", "[].post_stream.posts[]", "latest_posts[]"], &["id", "cooked"])?;
        Some("a topic of Discourse: posts with cooked text".into())
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Discourse::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        let stem = file_stem(input.path).to_owned();
        read_records(input.reader, sink, |_| Discourse {
            zone,
            source: Arc::new(Source { key: format!("file:{stem}"), name: stem, medium: Medium::Forum, url: None }),
            title: None,
            waiting: Waiting::default(),
        });
    }
}

struct Discourse<'a> {
    zone: &'a TimeZone,
    source: Arc<Source>,
    title: Option<String>,
    waiting: Waiting,
}

impl Shape for Discourse<'_> {
    const KEYS: &'static [&'static str] = &[
        "id",
        "username",
        "user_id",
        "created_at",
        "updated_at",
        "cooked",
        "raw",
        "post_number",
        "post_type",
        "reply_to_post_number",
        "topic_id",
        "topic_title",
        "user_deleted",
        "deleted_at",
        "version",
        "action_code",
    ];
    const STARTS: &'static [&'static str] = &["id"];
    const PLACE: &'static str = "post";

    fn step(&self, path: &str) -> Step {
        match path {
            ""
            | "[]"
            | "post_stream"
            | "post_stream.posts"
            | "[].post_stream"
            | "[].post_stream.posts"
            | "latest_posts" => Step::Enter,
            "post_stream.posts[]" | "[].post_stream.posts[]" | "latest_posts[]" => Step::Record,
            "title" | "[].title" => Step::Header,
            _ => Step::Pass,
        }
    }

    fn header(&mut self, _path: &str, node: &Node<'_>) {
        self.title = node.as_str().map(str::to_owned);
    }

    fn record(&mut self, _path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        let of_discourse = node.str("action_code").is_some() || node.str("post_type") == Some("3");
        if of_discourse || node.flag("user_deleted") || node.at("deleted_at").is_some() {
            return ControlFlow::Continue(());
        }
        let mut message = RawMessage::new(self.source.clone(), place, String::new());
        let topic = node.string("topic_id");
        let in_topic = |number: &str| match &topic {
            Some(topic) => format!("{topic}/{number}"),
            None => number.to_owned(),
        };
        message.native_id = node.str("post_number").map(in_topic).or_else(|| node.string("id"));
        message.author.id = node.string("user_id");
        message.author.name = node.string("username");
        message.reply_to = node.str("reply_to_post_number").map(in_topic);
        let body = match node.str("raw") {
            Some(raw) => from_bbcode(raw),
            None => from_html(node.str("cooked").unwrap_or_default()),
        };
        let quoted = body.reply_to.as_deref().map(in_topic);
        body.put(&mut message);
        if node.str("reply_to_post_number").is_none() {
            message.reply_to = quoted;
        }
        message.thread_id = topic;
        message.thread_title = node.string("topic_title");
        message.posted_at = node.str("created_at").and_then(|date| self.date(date));
        if message.posted_at.is_none() {
            out.bad_date(format!("post {place}"));
        }
        // Every post has an `updated_at`; only a second version was edited.
        if node.str("version").is_some_and(|version| version != "1") {
            message.edited_at = node.str("updated_at").and_then(|date| self.date(date)).map(|found| found.at);
        }
        self.waiting.push(message);
        if self.waiting.full() { self.end(out) } else { ControlFlow::Continue(()) }
    }

    fn end(&mut self, out: &mut Out<'_>) -> ControlFlow<()> {
        let title = self.title.take();
        for mut message in self.waiting.take() {
            if message.thread_title.is_none() {
                message.thread_title.clone_from(&title);
            }
            out.message(message)?;
        }
        ControlFlow::Continue(())
    }
}

impl Discourse<'_> {
    fn date(&self, date: &str) -> Option<PostedAt> {
        dates::parse(date, self.zone, DayOrder::DayFirst)
    }
}
