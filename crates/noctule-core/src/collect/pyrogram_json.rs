//! Pyrogram's messages as `str()` writes them.
//!
//! # What it reads
//! JSON Lines, arrays, or objects one after the other, whose objects have `"_": "Message"` and a `chat`: version 1
//! (`message_id`, types in lower case) and version 2 (`id`, `ChatType.CHANNEL`). Text or caption, hidden links,
//! mentions without a handle, replies, forwards, edits, polls; new titles and pinned messages as events.
//!
//! # How
//! Message by message; the source is `telegram:<id>`, the id in its bare form, with the chat's title. Pyrogram
//! writes dates in the local time of its computer, without a zone: they are read in the user's zone and marked.
//! The message that is answered is written in full inside the answer; only its id is taken.
//!
//! # Where it is wrong
//! - Block quotes are not marked by Pyrogram 2.0 and count as the author's own words.
//! - What is null is left out, so a message without author is one whose author was not known or not written.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::json::{Node, Shape, Signs, Step, read_records};
use super::out::Out;
use super::sources::Sources;
use super::telegram::bare_id;
use super::{Collector, Head, Input, Mapping, Sink};
use crate::model::{Medium, PostedAt, RawMessage, Reason, Source, SourceEvent};

pub struct PyrogramJson;

impl Collector for PyrogramJson {
    fn name(&self) -> &'static str {
        "pyrogram-json"
    }

    fn about(&self) -> &'static str {
        "Telegram messages as Pyrogram writes them, one after the other or in an array"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let signs = Signs::of(head, &["\"_\"", "\"chat\""])?;
        ["", "[]."].iter().find_map(|prefix| {
            let key = |key: &str| format!("{prefix}{key}");
            let found = signs.is(&key("_"), &["Message"])
                && signs.object(&key("chat"))
                && (signs.has(&key("id")) || signs.has(&key("message_id")));
            found.then(|| "Telegram messages of Pyrogram: a type and a chat".to_owned())
        })
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Pyrogram::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        read_records(input.reader, sink, |frame| {
            let array = frame.is_array();
            Pyrogram { zone, array, sources: Sources::new() }
        });
    }
}

struct Pyrogram<'a> {
    zone: &'a TimeZone,
    array: bool,
    sources: Sources<u64>,
}

impl Shape for Pyrogram<'_> {
    const KEYS: &'static [&'static str] = &[
        "_",
        "id",
        "message_id",
        "date",
        "chat",
        "type",
        "title",
        "username",
        "first_name",
        "last_name",
        "from_user",
        "sender_chat",
        "author_signature",
        "text",
        "caption",
        "forward_from_chat",
        "forward_from",
        "forward_sender_name",
        "reply_to_message_id",
        "reply_to_message",
        "reply_to_top_message_id",
        "edit_date",
        "entities",
        "caption_entities",
        "url",
        "user",
        "poll",
        "question",
        "options",
        "service",
        "new_chat_title",
        "pinned_message",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
    ];
    const STARTS: &'static [&'static str] = &["_"];

    fn step(&self, path: &str) -> Step {
        match path {
            "" if self.array => Step::Enter,
            "" | "[]" => Step::Record,
            _ => Step::Pass,
        }
    }

    fn record(&mut self, _path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        let shown = || format!("message {place}");
        if node.str("_") != Some("Message") {
            out.skip(shown(), Reason::UnknownElement, "not a message of Pyrogram");
            return ControlFlow::Continue(());
        }
        let Some(source) = node.at("chat").and_then(|chat| self.source(chat)) else {
            out.skip(shown(), Reason::MissingField, "the message does not say which chat it is in");
            return ControlFlow::Continue(());
        };
        if self.event(node, &source, out) {
            return ControlFlow::Continue(());
        }
        let channel = source.medium == Medium::TelegramChannel;
        let mut message = RawMessage::new(source, place, text(node));
        message.native_id = id(node);
        (message.author.id, message.author.name) = author(node, channel);
        message.posted_at = node.str("date").and_then(|date| self.date(date));
        if message.posted_at.is_none() {
            out.bad_date(shown());
        }
        message.edited_at = node.str("edit_date").and_then(|date| self.date(date)).map(|found| found.at);
        message.reply_to = node.string("reply_to_message_id").or_else(|| node.at("reply_to_message").and_then(id));
        message.thread_id = node.string("reply_to_top_message_id");
        message.forwarded_from = forward(node);
        for entity in node.items("entities").iter().chain(node.items("caption_entities")) {
            let kind = entity.str("type").unwrap_or_default().to_ascii_lowercase();
            if kind.ends_with("text_link") {
                message.links.extend(entity.string("url"));
            } else if kind.ends_with("text_mention") {
                message.links.extend(entity.str("user.id").map(|id| format!("tg://user?id={id}")));
            }
        }
        out.message(message)
    }
}

impl Pyrogram<'_> {
    fn date(&self, date: &str) -> Option<PostedAt> {
        dates::parse(date, self.zone, DayOrder::DayFirst)
    }

    fn source(&mut self, chat: &Node<'_>) -> Option<Arc<Source>> {
        let id = bare_id(chat.str("id")?)?;
        if let Some(source) = self.sources.get(&id) {
            return Some(source);
        }
        let kind = chat.str("type").unwrap_or_default().to_ascii_lowercase();
        let medium = match kind.rsplit('.').next() {
            Some("channel") => Medium::TelegramChannel,
            Some("group" | "supergroup" | "forum") => Medium::TelegramGroup,
            _ => Medium::Other,
        };
        let name = chat.string("title").or_else(|| person(chat)).unwrap_or_default();
        let url = chat.str("username").map(|username| format!("https://t.me/{username}"));
        Some(self.sources.keep(id, Source { key: format!("telegram:{id}"), name, medium, url }))
    }

    /// Tells a service message that we keep; true when this is a service message.
    fn event(&self, node: &Node<'_>, source: &Source, out: &mut Out<'_>) -> bool {
        let key = |path: &str| node.str(path).and_then(bare_id).map(|id| format!("telegram:{id}"));
        let found = if let Some(title) = node.string("new_chat_title") {
            Some(("renamed", title))
        } else if let Some(pinned) = node.at("pinned_message") {
            Some(("pinned", id(pinned).unwrap_or_default()))
        } else if let Some(to) = key("migrate_to_chat_id") {
            Some(("migrated-to", to))
        } else {
            key("migrate_from_chat_id").map(|from| ("migrated-from", from))
        };
        let Some((kind, value)) = found else {
            return node.at("service").is_some();
        };
        let at = node.str("date").and_then(|date| self.date(date)).map(|found| found.at);
        out.event(SourceEvent { source_key: source.key.clone(), at, kind, value });
        true
    }
}

fn id(node: &Node<'_>) -> Option<String> {
    node.first(&["id", "message_id"]).map(str::to_owned)
}

fn text(node: &Node<'_>) -> String {
    let mut text = node.first(&["text", "caption"]).unwrap_or_default().to_owned();
    if let Some(poll) = node.at("poll") {
        let options = poll.items("options").iter().filter_map(|option| option.str("text"));
        for line in poll.str("question").into_iter().chain(options) {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
    }
    text
}

fn author(node: &Node<'_>, channel: bool) -> (Option<String>, Option<String>) {
    let signature = node.string("author_signature");
    if let Some(user) = node.at("from_user") {
        return (user.str("id").map(|id| format!("user{id}")), signature.or_else(|| person(user)));
    }
    let chat = node.at("sender_chat").or_else(|| node.at("chat").filter(|_| channel));
    let id = chat.and_then(|chat| chat.str("id")).and_then(bare_id).map(|id| format!("channel{id}"));
    (id, signature.or_else(|| chat.and_then(|chat| chat.string("title"))))
}

fn forward(node: &Node<'_>) -> Option<String> {
    if let Some(chat) = node.at("forward_from_chat") {
        let id = chat.str("id").and_then(bare_id).map(|id| format!("channel{id}"));
        return chat.string("title").or(id);
    }
    let hidden = node.string("forward_sender_name");
    node.at("forward_from")
        .and_then(|user| person(user).or_else(|| Some(format!("user{}", user.str("id")?))))
        .or(hidden)
}

/// First and last name, else the handle.
fn person(user: &Node<'_>) -> Option<String> {
    match (user.string("first_name"), user.str("last_name")) {
        (Some(first), Some(last)) => Some(format!("{first} {last}")),
        (Some(name), None) => Some(name),
        (None, Some(name)) => Some(name.to_owned()),
        (None, None) => user.string("username"),
    }
}
