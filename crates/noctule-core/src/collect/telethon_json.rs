//! Telethon's `to_dict` and `to_json`, and the same objects from other MTProto clients.
//!
//! # What it reads
//! JSON Lines, arrays, or whole answers of the server (`{"messages": […], "users": […], "chats": […]}`) whose
//! objects have `"_": "Message"` or `"message"` and a `peer_id`. Text, questions and answers of polls, hidden links,
//! mentions without a handle (as `tg://user?id=…`), replies, topics, forwards, edits; of service messages new titles,
//! migrations and pinned messages.
//!
//! # How
//! Message by message. The source is `telegram:<id>`, the same as in a Telegram Desktop export. A message with `post`
//! belongs to a channel: its author is the signature, else the channel. Offsets count UTF-16 units. Names of people
//! and chats are joined where the file has them, in whatever order; up to 50,000 messages of an answer wait for them.
//! A leading block quote outside of channels, with words of the sender's own behind it, is marked as a quote.
//!
//! # Where it is wrong
//! - Lists of messages alone hold no names: authors and chats have ids only.
//! - An edit that is hidden (`edit_hide`, a changed reaction) is not one; clients that drop that flag show it as one.
//! - A message that only the client's own user wrote in a private chat has no author id when `from_id` is null.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::json::{Frame, Node, Shape, Signs, Step, read_records};
use super::out::{Out, Waiting};
use super::sources::Sources;
use super::telegram::{from_utf16, leading_quotes};
use super::{Collector, Head, Input, Mapping, Sink};
use crate::model::{Medium, PostedAt, RawMessage, Reason, Source, SourceEvent, Span};

pub struct TelethonJson;

impl Collector for TelethonJson {
    fn name(&self) -> &'static str {
        "telethon-json"
    }

    fn about(&self) -> &'static str {
        "Telegram messages as Telethon and other MTProto clients write them, JSON Lines or arrays"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let signs = Signs::of(head, &["\"_\"", "\"peer_id\""])?;
        let place = place(&signs)?;
        Some(format!("Telegram messages of an MTProto client: a type and a peer_id{}", place.said))
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Telethon::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        read_records(input.reader, sink, |frame: &Frame<'_>| {
            let signs = Signs::of_bytes(frame.head, frame.whole, &[]);
            let answer = signs.as_ref().and_then(place).is_some_and(|place| place.answer);
            let array = frame.is_array();
            let (sources, names) = (Sources::new(), HashMap::new());
            Telethon { zone, answer, array, sources, names, waiting: Waiting::default() }
        });
    }
}

struct Place {
    said: &'static str,
    answer: bool,
}

fn place(signs: &Signs) -> Option<Place> {
    const KINDS: [&str; 4] = ["Message", "MessageService", "message", "messageService"];
    for (prefix, said) in [("", ", one after the other"), ("[]", " in an array"), ("messages[]", " in an answer")] {
        let key = |key: &str| if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
        if signs.is(&key("_"), &KINDS) && signs.has(&key("peer_id")) {
            return Some(Place { said, answer: prefix == "messages[]" });
        }
    }
    None
}

/// Block quotes of one message that are looked at: each costs a walk through the text.
const MAX_QUOTES: usize = 50;
/// Names that are remembered.
const MAX_NAMES: usize = 100_000;

struct Telethon<'a> {
    zone: &'a TimeZone,
    /// Whether the file is an answer of the server, with names beside the messages.
    answer: bool,
    /// Whether the file is an array.
    array: bool,
    sources: Sources<String>,
    /// By `user1`, `channel1`, `chat1`.
    names: HashMap<String, String>,
    waiting: Waiting,
}

impl Shape for Telethon<'_> {
    const KEYS: &'static [&'static str] = &[
        "_",
        "id",
        "peer_id",
        "channel_id",
        "chat_id",
        "user_id",
        "from_id",
        "date",
        "message",
        "reply_to",
        "reply_to_msg_id",
        "reply_to_top_id",
        "reply_to_peer_id",
        "forum_topic",
        "fwd_from",
        "from_name",
        "edit_date",
        "edit_hide",
        "post",
        "post_author",
        "entities",
        "offset",
        "length",
        "url",
        "media",
        "poll",
        "question",
        "answers",
        "text",
        "action",
        "title",
        "username",
        "first_name",
        "last_name",
        "channel_post",
    ];
    const STARTS: &'static [&'static str] = &["_"];

    fn step(&self, path: &str) -> Step {
        match (path, self.answer) {
            ("", true) | ("messages" | "users" | "chats", true) => Step::Enter,
            ("messages[]", true) => Step::Record,
            ("users[]" | "chats[]", true) => Step::Header,
            ("[]" | "[].messages" | "[].users" | "[].chats", true) => Step::Enter,
            ("[].messages[]", true) => Step::Record,
            ("[].users[]" | "[].chats[]", true) => Step::Header,
            ("", false) if self.array => Step::Enter,
            ("" | "[]", false) => Step::Record,
            _ => Step::Pass,
        }
    }

    fn header(&mut self, _path: &str, node: &Node<'_>) {
        let Some(id) = node.str("id") else {
            return;
        };
        let kind = match node.str("_").unwrap_or_default().to_ascii_lowercase().as_str() {
            "user" => "user",
            "chat" | "chatforbidden" => "chat",
            _ => "channel",
        };
        let name = match (node.str("title"), node.str("first_name"), node.str("last_name")) {
            (Some(title), ..) => title.to_owned(),
            (None, Some(first), Some(last)) => format!("{first} {last}"),
            (None, Some(name), None) | (None, None, Some(name)) => name.to_owned(),
            (None, None, None) => return,
        };
        if self.names.len() < MAX_NAMES {
            self.names.insert(format!("{kind}{id}"), name);
        }
    }

    fn record(&mut self, _path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        let shown = || format!("message {place}");
        match node.str("_").unwrap_or_default() {
            "Message" | "message" => {}
            "MessageService" | "messageService" => {
                self.event(node, out);
                return ControlFlow::Continue(());
            }
            // A message that was deleted: nothing but its id.
            "MessageEmpty" | "messageEmpty" => return ControlFlow::Continue(()),
            _ => {
                out.skip(shown(), Reason::UnknownElement, "not a message of Telegram");
                return ControlFlow::Continue(());
            }
        }
        let Some(peer) = node.at("peer_id").and_then(peer) else {
            out.skip(shown(), Reason::MissingField, "the message does not say which chat it is in");
            return ControlFlow::Continue(());
        };
        let channel = node.flag("post");
        let source = self.source(&peer, channel);
        let mut message = message(node, source, &peer, channel, place);
        match node.str("date") {
            None => out.skip(shown(), Reason::BadDate, "the message has no date; it was kept without"),
            Some(date) => {
                message.posted_at = self.date(date);
                if message.posted_at.is_none() {
                    out.bad_date(shown());
                }
            }
        }
        if !node.flag("edit_hide") {
            message.edited_at = node.str("edit_date").and_then(|date| self.date(date)).map(|found| found.at);
        }
        if !self.answer {
            return out.message(message);
        }
        self.waiting.push(message);
        if self.waiting.full() { self.end(out) } else { ControlFlow::Continue(()) }
    }

    fn end(&mut self, out: &mut Out<'_>) -> ControlFlow<()> {
        let mut sources: HashMap<String, Arc<Source>> = HashMap::new();
        for mut message in self.waiting.take() {
            if message.author.name.is_none() {
                message.author.name = message.author.id.as_ref().and_then(|id| self.names.get(id)).cloned();
            }
            let key = message.source.key.clone();
            let source = sources.entry(key).or_insert_with_key(|key| {
                let id = key.rsplit(':').next().unwrap_or_default();
                let name = ["channel", "chat", "user"].iter().find_map(|kind| self.names.get(&format!("{kind}{id}")));
                Arc::new(Source { name: name.cloned().unwrap_or_default(), ..Source::clone(&message.source) })
            });
            message.source = source.clone();
            out.message(message)?;
        }
        ControlFlow::Continue(())
    }
}

/// A kind (`channel`) and a bare id.
struct Peer {
    kind: &'static str,
    id: String,
}

impl Peer {
    fn id(&self) -> String {
        format!("{}{}", self.kind, self.id)
    }
}

fn peer(node: &Node<'_>) -> Option<Peer> {
    let of = |key, kind| Some(Peer { kind, id: node.string(key)? });
    of("channel_id", "channel").or_else(|| of("chat_id", "chat")).or_else(|| of("user_id", "user"))
}

impl Telethon<'_> {
    fn date(&self, date: &str) -> Option<PostedAt> {
        dates::parse(date, self.zone, DayOrder::DayFirst)
    }

    fn source(&mut self, peer: &Peer, channel: bool) -> Arc<Source> {
        if let Some(source) = self.sources.get(&peer.id) {
            return source;
        }
        let medium = match (peer.kind, channel) {
            (_, true) => Medium::TelegramChannel,
            ("user", _) => Medium::Other,
            _ => Medium::TelegramGroup,
        };
        let source = Source { key: format!("telegram:{}", peer.id), name: String::new(), medium, url: None };
        self.sources.keep(peer.id.clone(), source)
    }

    fn event(&self, node: &Node<'_>, out: &mut Out<'_>) {
        let (Some(peer), Some(action)) = (node.at("peer_id").and_then(peer), node.at("action")) else {
            return;
        };
        let text = |path| action.string(path).unwrap_or_default();
        let (kind, value) = match action.str("_").unwrap_or_default().to_ascii_lowercase().as_str() {
            "messageactionchatedittitle" => ("renamed", text("title")),
            "messageactionchatmigrateto" => ("migrated-to", format!("telegram:{}", text("channel_id"))),
            "messageactionchannelmigratefrom" => ("migrated-from", format!("telegram:{}", text("chat_id"))),
            "messageactionpinmessage" => ("pinned", node.string("reply_to.reply_to_msg_id").unwrap_or_default()),
            _ => return,
        };
        let at = node.str("date").and_then(|date| self.date(date)).map(|found| found.at);
        out.event(SourceEvent { source_key: format!("telegram:{}", peer.id), at, kind, value });
    }
}

fn message(node: &Node<'_>, source: Arc<Source>, peer: &Peer, channel: bool, place: u64) -> RawMessage {
    let mut message = RawMessage::new(source, place, node.string("message").unwrap_or_default());
    message.native_id = node.string("id");
    message.author.id = match node.at("from_id").and_then(self::peer) {
        Some(author) => Some(author.id()),
        // In a channel and in a private chat nobody else can be meant.
        None => (channel || peer.kind == "user").then(|| peer.id()),
    };
    message.author.name = node.string("post_author");
    if let Some(reply) = node.at("reply_to") {
        let (to, top) = (reply.string("reply_to_msg_id"), reply.string("reply_to_top_id"));
        match (reply.flag("forum_topic"), top) {
            // The first message of a topic is what a message "answers" that answers nothing.
            (true, None) => message.thread_id = to,
            (topic, top) => {
                message.thread_id = top.filter(|_| topic);
                message.reply_to = match reply.at("reply_to_peer_id").and_then(self::peer) {
                    Some(other) if other.id != peer.id => to.map(|to| format!("{}/{to}", other.id())),
                    _ => to,
                };
            }
        }
    }
    if let Some(forward) = node.at("fwd_from") {
        let from = forward.at("from_id").and_then(self::peer).map(|from| from.id());
        message.forwarded_from = Some(forward.string("from_name").or(from).unwrap_or_default());
    }
    let mut quotes = Vec::new();
    for entity in node.items("entities") {
        match entity.str("_").unwrap_or_default().to_ascii_lowercase().as_str() {
            "messageentitytexturl" => message.links.extend(entity.string("url")),
            "messageentitymentionname" | "inputmessageentitymentionname" => {
                message.links.extend(entity.str("user_id").map(|id| format!("tg://user?id={id}")));
            }
            "messageentityblockquote" if quotes.len() < MAX_QUOTES => quotes.extend(span(entity, &message.text)),
            _ => {}
        }
    }
    if !channel {
        message.quotes = leading_quotes(&message.text, &quotes);
    }
    if let Some(poll) = node.at("media.poll") {
        let lines = [poll].into_iter().map(|poll| poll.first(&["question.text", "question"]));
        let answers = poll.items("answers").iter().map(|answer| answer.first(&["text.text", "text"]));
        for line in lines.chain(answers).flatten() {
            if !message.text.is_empty() {
                message.text.push('\n');
            }
            message.text.push_str(line);
        }
    }
    message
}

fn span(entity: &Node<'_>, text: &str) -> Option<Span> {
    let offset: u64 = entity.str("offset")?.parse().ok()?;
    let length: u64 = entity.str("length")?.parse().ok()?;
    Some(Span::new(from_utf16(text, offset)?, from_utf16(text, offset.checked_add(length)?)?))
}
