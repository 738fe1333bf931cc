//! Matrix rooms: Element's export and the answers of the client API.
//!
//! # What it reads
//! Element's JSON export (`{room_name, …, messages: […]}`), pages of `/messages` (`{chunk, start, end}`), answers of
//! `/sync`, in any number one after the other: text messages, captions, threads, replies, edits; new names of rooms
//! as events.
//!
//! # How
//! Event by event; the source is `matrix:<room id>`. An edit (`m.replace`) is the edited message again, with its new
//! text, the time of the original and the time of the edit; where the original stands behind it (pages run backwards)
//! the edit waits, at most 20,000 of them. The lines that clients put before a reply (`> <@ann:…> …`) are a quote.
//!
//! # Where it is wrong
//! - Events that could not be decrypted are skips, and so are redacted messages, of which nothing is left.
//! - An edit of a message that is in no page of the file has the time of the edit as its own.
//! - The name of a room that a page does not hold is not known.

use std::collections::{HashMap, VecDeque};
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::json::{Node, Shape, Signs, Step, read_records};
use super::out::Out;
use super::{Collector, Head, Input, Mapping, Sink, file_stem};
use crate::model::{Medium, PostedAt, RawMessage, Reason, Source, SourceEvent, Span};

pub struct MatrixJson;

impl Collector for MatrixJson {
    fn name(&self) -> &'static str {
        "matrix-json"
    }

    fn about(&self) -> &'static str {
        "Matrix rooms: Element's JSON export, pages of /messages and answers of /sync"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let event = ["type", "sender", "origin_server_ts"];
        if let Some(signs) = Signs::of(head, &["\"room_name\"", "\"exported_by\"", "\"messages\""])
            && signs.list("messages")
        {
            return Some("a room exported by Element: its name, who exported it, and events".into());
        }
        if let Some(signs) = Signs::of(head, &["\"chunk\"", "\"origin_server_ts\""])
            && signs.under(&["chunk[]", "[].chunk[]"], &event).is_some()
        {
            return Some("a page of a Matrix room: a chunk of events".into());
        }
        let signs = Signs::of(head, &["\"rooms\"", "\"timeline\"", "\"next_batch\""])?;
        signs.object("rooms.join").then(|| "an answer of a Matrix server to /sync: rooms with timelines".into())
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Matrix::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        let stem = file_stem(input.path).to_owned();
        read_records(input.reader, sink, |_| Matrix {
            zone,
            stem,
            room_name: String::new(),
            sources: HashMap::new(),
            seen: HashMap::new(),
            order: VecDeque::new(),
            edits: HashMap::new(),
        });
    }
}

/// Rooms, times of messages, and edits that are remembered.
const MAX_ROOMS: usize = 10_000;
const MAX_SEEN: usize = 20_000;
const MAX_EDITS: usize = 20_000;

struct Matrix<'a> {
    zone: &'a TimeZone,
    stem: String,
    /// Of Element's export.
    room_name: String,
    sources: HashMap<String, Arc<Source>>,
    /// When the last messages were posted, for edits that follow, and which came first.
    seen: HashMap<String, Option<PostedAt>>,
    order: VecDeque<String>,
    /// Edits that wait for the message they edit.
    edits: HashMap<String, RawMessage>,
}

impl Shape for Matrix<'_> {
    const KEYS: &'static [&'static str] = &[
        "type",
        "sender",
        "content",
        "msgtype",
        "body",
        "filename",
        "m.relates_to",
        "m.in_reply_to",
        "event_id",
        "rel_type",
        "m.new_content",
        "origin_server_ts",
        "room_id",
        "name",
        "unsigned",
        "redacted_because",
        "url",
        "displayname",
        "pinned",
    ];
    const STARTS: &'static [&'static str] = &["type", "content", "sender", "event_id", "room_id"];
    const PLACE: &'static str = "event";

    fn step(&self, path: &str) -> Step {
        match path {
            "" | "[]" | "messages" | "chunk" | "[].chunk" | "rooms" | "rooms.join" => return Step::Enter,
            "messages[]" | "chunk[]" | "[].chunk[]" => return Step::Record,
            "room_name" => return Step::Header,
            _ => {}
        }
        // `rooms.join.<room id>.timeline.events[]`; a room id holds dots.
        let Some(room) = path.strip_prefix("rooms.join.") else {
            return Step::Pass;
        };
        if room.ends_with(".timeline.events[]") || room.ends_with(".state.events[]") {
            Step::Record
        } else if room.ends_with(".events") || room.ends_with(".timeline") || room.ends_with(".state") || room_id(room)
        {
            Step::Enter
        } else {
            Step::Pass
        }
    }

    fn header(&mut self, _path: &str, node: &Node<'_>) {
        self.room_name = node.as_str().unwrap_or_default().to_owned();
    }

    fn record(&mut self, path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        let shown = || format!("event {place}");
        let Some(kind) = node.str("type") else {
            out.skip(shown(), Reason::MissingField, "the event has no type");
            return ControlFlow::Continue(());
        };
        let of_sync = path.strip_prefix("rooms.join.").and_then(|path| path.rsplitn(3, '.').nth(2));
        let room = of_sync.or_else(|| node.str("room_id")).map(str::to_owned);
        match kind {
            "m.room.message" => {}
            "m.room.encrypted" | "m.bad.encrypted" => {
                out.skip(shown(), Reason::Encrypted, "the event could not be decrypted when it was exported");
                return ControlFlow::Continue(());
            }
            _ => {
                self.event(kind, room.as_deref(), node, out);
                return ControlFlow::Continue(());
            }
        }
        let content = node.at("content");
        let Some(content) = content.filter(|content| content.at("body").is_some()) else {
            let detail = if node.at("unsigned.redacted_because").is_some() || content == Some(&Node::Object(Vec::new()))
            {
                "the message was redacted; nothing is left of it"
            } else {
                "the message has no body"
            };
            out.skip(shown(), Reason::MissingField, detail);
            return ControlFlow::Continue(());
        };
        if content.str("msgtype") == Some("m.bad.encrypted") {
            out.skip(shown(), Reason::Encrypted, "the event could not be decrypted when it was exported");
            return ControlFlow::Continue(());
        }
        let source = self.source(room.as_deref());
        let replaced = (content_relation(content, "rel_type") == Some("m.replace"))
            .then(|| content_relation(content, "event_id"))
            .flatten();
        let mut message = RawMessage::new(source, place, String::new());
        message.author.id = node.string("sender");
        message.author.name = node.str("sender").map(|sender| localpart(sender).to_owned());
        message.posted_at = node.str("origin_server_ts").and_then(|at| dates::parse(at, self.zone, DayOrder::DayFirst));
        if message.posted_at.is_none() {
            out.bad_date(shown());
        }
        match replaced {
            None => {
                message.native_id = node.string("event_id");
                message.text = text(content);
                if let Some(relation) = relation(content) {
                    let reply = relation.iter().find(|(key, _)| key == "m.in_reply_to").map(|(_, node)| node);
                    message.reply_to = reply.and_then(|reply| reply.string("event_id"));
                    if content_relation(content, "rel_type") == Some("m.thread") {
                        message.thread_id = content_relation(content, "event_id").map(str::to_owned);
                    }
                }
                if message.reply_to.is_some() {
                    message.quotes.extend(fallback(&message.text));
                }
                self.original(message, out)
            }
            Some(target) => {
                let new = member(content, "m.new_content").unwrap_or(content);
                message.native_id = Some(target.to_owned());
                message.text = text(new);
                message.edited_at = message.posted_at.map(|posted| posted.at);
                self.edit(target.to_owned(), message, out)
            }
        }
    }

    fn end(&mut self, out: &mut Out<'_>) -> ControlFlow<()> {
        let mut left: Vec<_> = std::mem::take(&mut self.edits).into_values().collect();
        left.sort_by_key(|message| message.place);
        left.into_iter().try_for_each(|message| out.message(message))
    }
}

/// Keys of Matrix hold dots, which paths of keys cannot.
fn member<'n, 'a>(node: &'n Node<'a>, key: &str) -> Option<&'n Node<'a>> {
    let Node::Object(members) = node else {
        return None;
    };
    members.iter().find(|(name, _)| name == key).map(|(_, node)| node)
}

type Members<'n, 'a> = &'n [(std::borrow::Cow<'a, str>, Node<'a>)];

fn relation<'n, 'a>(content: &'n Node<'a>) -> Option<Members<'n, 'a>> {
    match member(content, "m.relates_to")? {
        Node::Object(members) => Some(members),
        _ => None,
    }
}

fn content_relation<'n>(content: &'n Node<'_>, key: &str) -> Option<&'n str> {
    relation(content)?.iter().find(|(name, _)| name == key)?.1.as_str()
}

/// `ann` of `@ann:server.example`.
fn localpart(sender: &str) -> &str {
    sender.strip_prefix('@').and_then(|rest| rest.split(':').next()).unwrap_or(sender)
}

/// True for `!opaque:server.example`, and for the ids of newer rooms, which name no server.
fn room_id(path: &str) -> bool {
    path.starts_with('!') && !path.contains('[')
}

/// The words of a message; the body of a picture or file is only its name, unless a caption was written.
fn text(content: &Node<'_>) -> String {
    let body = content.str("body").unwrap_or_default();
    match content.str("msgtype") {
        Some("m.image" | "m.file" | "m.audio" | "m.video") => match content.str("filename") {
            Some(name) if name != body => body.to_owned(),
            _ => String::new(),
        },
        _ => body.to_owned(),
    }
}

/// The quoted lines that clients put before a reply.
fn fallback(text: &str) -> Option<Span> {
    if !text.starts_with("> ") {
        return None;
    }
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if !line.starts_with('>') {
            break;
        }
        end += line.len();
    }
    // Without words of its own the message would vanish.
    (!text[end..].trim().is_empty()).then(|| Span::new(0, end))
}

impl Matrix<'_> {
    fn source(&mut self, room: Option<&str>) -> Arc<Source> {
        let key = room.map_or_else(|| format!("file:{}", self.stem), |room| format!("matrix:{room}"));
        if let Some(source) = self.sources.get(&key) {
            return source.clone();
        }
        if self.sources.len() >= MAX_ROOMS {
            self.sources.clear();
        }
        let source = Source { key: key.clone(), name: self.room_name.clone(), medium: Medium::Matrix, url: None };
        let source = Arc::new(source);
        self.sources.insert(key, source.clone());
        source
    }

    fn event(&mut self, kind: &str, room: Option<&str>, node: &Node<'_>, out: &mut Out<'_>) {
        let source = self.source(room);
        let at = node.str("origin_server_ts").and_then(|at| dates::parse(at, self.zone, DayOrder::DayFirst));
        let mut say = |kind, value: String| {
            out.event(SourceEvent { source_key: source.key.clone(), at: at.map(|at| at.at), kind, value });
        };
        match kind {
            "m.room.name" => {
                let name = node.string("content.name").unwrap_or_default();
                say("renamed", name.clone());
                if self.room_name.is_empty() {
                    self.sources.insert(source.key.clone(), Arc::new(Source { name, ..Source::clone(&source) }));
                }
            }
            "m.room.pinned_events" => {
                for pinned in node.items("content.pinned").iter().filter_map(Node::as_str).take(20) {
                    say("pinned", pinned.to_owned());
                }
            }
            _ => {}
        }
    }

    fn original(&mut self, message: RawMessage, out: &mut Out<'_>) -> ControlFlow<()> {
        let Some(id) = message.native_id.clone() else {
            return out.message(message);
        };
        let posted_at = message.posted_at;
        if self.seen.len() >= MAX_SEEN
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        if self.seen.insert(id.clone(), posted_at).is_none() {
            self.order.push_back(id.clone());
        }
        let edit = self.edits.remove(&id);
        out.message(message)?;
        match edit {
            Some(mut edit) => {
                edit.posted_at = posted_at;
                out.message(edit)
            }
            None => ControlFlow::Continue(()),
        }
    }

    fn edit(&mut self, target: String, mut edit: RawMessage, out: &mut Out<'_>) -> ControlFlow<()> {
        if let Some(posted_at) = self.seen.get(&target) {
            edit.posted_at = *posted_at;
            return out.message(edit);
        }
        if self.edits.len() >= MAX_EDITS {
            return out.message(edit);
        }
        // Of several edits the latest counts.
        match self.edits.get_mut(&target) {
            Some(other) if other.edited_at >= edit.edited_at => {}
            Some(other) => *other = edit,
            None => {
                self.edits.insert(target, edit);
            }
        }
        ControlFlow::Continue(())
    }
}
