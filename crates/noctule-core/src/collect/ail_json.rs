//! Items of AIL and its feeders, and AIL's schema for what an extractor found on forum pages.
//!
//! # What it reads
//! `{"data", "data-sha256", "meta", "source", "source_uuid"}`, one after the other or in an array: chat messages of
//! the Telegram and Discord feeders, Jabber messages, pages of a `forum-extractor` (`meta.extracted` with thread and
//! posts), and items of any other feeder as they are.
//!
//! # How
//! `data` is the text, packed with gzip and written in Base64: at most 1 MiB of text comes out. A Telegram chat is
//! `telegram:<id>`, as in all other exports. A page of a forum gives one message a post; its source is
//! `ail-forum:<forum id>`. What `noctule export --to ail` wrote names its source itself (`meta.noctule`). Names are taken from both spellings (`first_name`, `firstname`); telephone numbers are never
//! read.
//!
//! # Where it is wrong
//! - Items of unknown feeders have neither author nor thread, and their date is the feeder's, when it saw them.
//! - Media alone give a message without text.
//! - AIL does not say whether a Telegram chat is a channel or a group unless the feeder wrote its type.

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::jabber_json::{bare, shown_name, talk};
use super::json::{MAX_TEXT, Node, Shape, Signs, Step, read_records, utf8};
use super::out::Out;
use super::telegram::{author_id, bare_id};
use super::{Collector, Head, Input, Mapping, Sink, file_stem};
use crate::base64;
use crate::model::{Medium, PostedAt, RawMessage, Reason, Source};

pub struct AilJson;

impl Collector for AilJson {
    fn name(&self) -> &'static str {
        "ail-json"
    }

    fn about(&self) -> &'static str {
        "items of AIL and its feeders, and its forum-extractor schema"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        if let Some(signs) = Signs::of(head, &["\"data-sha256\"", "\"meta\"", "\"source\""])
            && signs.under(&["", "[]"], &["meta", "source", "data-sha256"]).is_some()
        {
            return Some("items of AIL: data, its hash, meta and source".into());
        }
        let signs = Signs::of(head, &["\"extracted\"", "\"forum_type\"", "\"posts\""])?;
        signs.under(&["meta", "[].meta", "", "[]"], &["extracted", "forum_type"])?;
        Some("a page as AIL's forum-extractor writes it".into())
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Ail::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let (zone, stem) = (input.zone, file_stem(input.path).to_owned());
        read_records(input.reader, sink, |frame| {
            let array = frame.is_array();
            Ail { zone, stem, array, source: None, messages: 0 }
        });
    }
}

struct Ail<'a> {
    zone: &'a TimeZone,
    stem: String,
    array: bool,
    /// The last source; items of one chat most often follow each other.
    source: Option<Arc<Source>>,
    messages: u64,
}

impl Shape for Ail<'_> {
    const KEYS: &'static [&'static str] = &[
        "data",
        "meta",
        "source",
        "timestamp",
        "default_encoding",
        "id",
        "date",
        "datetime",
        "edit_date",
        "chat",
        "name",
        "username",
        "type",
        "subchannel",
        "thread",
        "sender",
        "firstname",
        "first_name",
        "lastname",
        "last_name",
        "reply_to",
        "message_id",
        "forward",
        "from",
        "from_name",
        "user",
        "post_author",
        "channel_post",
        "network",
        "jabber:id",
        "jabber:to",
        "jabber:from",
        "jabber:ts",
        "status",
        "page_type",
        "forum_type",
        "forum_id",
        "extracted",
        "thread_id",
        "thread_title",
        "posts",
        "post_id",
        "post_timestamp",
        "post_state",
        "author",
        "author_id",
        "author_username",
        "content",
        "text",
        "urls",
        "quoted_posts",
        "post_edit_timestamp",
        "noctule",
        "key",
        "medium",
        "url",
    ];
    const STARTS: &'static [&'static str] = &["data", "meta", "source", "default_encoding", "data-sha256"];
    const PLACE: &'static str = "item";

    fn step(&self, path: &str) -> Step {
        match path {
            "" if self.array => Step::Enter,
            "" | "[]" => Step::Record,
            _ => Step::Pass,
        }
    }

    fn record(&mut self, _path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        let shown = format!("item {place}");
        let meta = node.at("meta").unwrap_or(node);
        if meta.at("extracted").is_some() {
            return self.page(meta, shown, out);
        }
        let text = match node.str("data").map(unpack) {
            None => String::new(),
            Some(Ok(text)) => text,
            Some(Err(Unpacked::TooLarge)) => {
                out.skip(shown, Reason::TooLarge, format!("the data unpack to more than {MAX_TEXT} bytes"));
                return ControlFlow::Continue(());
            }
            Some(Err(Unpacked::Broken)) => {
                out.skip(shown, Reason::Malformed, "the data are not gzip in Base64");
                return ControlFlow::Continue(());
            }
        };
        self.messages += 1;
        let message = if meta.str("jabber:from").is_some() {
            self.jabber(meta, text)
        } else if meta.at("chat").is_some() {
            self.chat(node, meta, text)
        } else {
            self.other(node, text)
        };
        if message.posted_at.is_none() {
            out.bad_date(shown);
        }
        out.message(message)
    }
}

impl Ail<'_> {
    fn date(&self, date: &str) -> Option<PostedAt> {
        dates::parse(date, self.zone, DayOrder::DayFirst)
    }

    /// `{timestamp, datetime, timezone}`, or the value itself.
    fn moment(&self, node: Option<&Node<'_>>) -> Option<PostedAt> {
        let node = node?;
        let text = node.first(&["timestamp", "datetime"]).or_else(|| node.as_str())?;
        self.date(text)
    }

    fn source(&mut self, key: String, name: &str, medium: Medium) -> Arc<Source> {
        match &self.source {
            Some(source) if source.key == key && source.medium == medium && source.name == name => source.clone(),
            _ => {
                let source = Arc::new(Source { key, name: name.to_owned(), medium, url: None });
                self.source = Some(source.clone());
                source
            }
        }
    }

    /// The source as our own export names it.
    fn own(&mut self, meta: &Node<'_>) -> Option<Arc<Source>> {
        let own = meta.at("noctule")?;
        let (key, medium) = (own.str("key")?, Medium::from_word(own.str("medium")?)?);
        let (name, url) = (own.str("name").unwrap_or_default(), own.string("url"));
        if let Some(source) = &self.source
            && (source.key.as_str(), source.medium, source.name.as_str()) == (key, medium, name)
        {
            return Some(source.clone());
        }
        let source = Arc::new(Source { key: key.to_owned(), name: name.to_owned(), medium, url });
        self.source = Some(source.clone());
        Some(source)
    }

    fn chat(&mut self, node: &Node<'_>, meta: &Node<'_>, text: String) -> RawMessage {
        let discord = [node.str("source"), meta.str("network")].into_iter().flatten().any(|of| of.contains("discord"));
        let id = meta.str("chat.id").unwrap_or_default();
        let (key, medium) = if discord {
            (format!("discord:{id}"), Medium::Discord)
        } else {
            let medium = match meta.str("chat.type") {
                Some("channel") => Medium::TelegramChannel,
                Some("user" | "private") => Medium::Other,
                _ => Medium::TelegramGroup,
            };
            (bare_id(id).map_or_else(|| format!("telegram:{id}"), |id| format!("telegram:{id}")), medium)
        };
        let name = meta.first(&["chat.name", "chat.username"]).unwrap_or_default();
        let own = self.own(meta);
        let ours = own.is_some();
        let source = own.unwrap_or_else(|| self.source(key, name, medium));
        let mut message = RawMessage::new(source, self.messages, text);
        message.native_id = meta.string("id");
        let person = || {
            let channel = || (medium == Medium::TelegramChannel).then(|| format!("channel{id}"));
            let person = meta.string("sender.id").or_else(channel);
            if discord { person } else { person.map(author_id) }
        };
        message.author.id = if ours { meta.string("noctule.author_id") } else { person() };
        let first = meta.first(&["sender.firstname", "sender.first_name"]);
        let last = meta.first(&["sender.lastname", "sender.last_name"]);
        message.author.name = match (first, last) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            (Some(name), None) | (None, Some(name)) => Some(name.to_owned()),
            (None, None) => meta.string("sender.username"),
        };
        message.posted_at = self.moment(meta.at("date"));
        message.edited_at = self.moment(meta.at("edit_date")).map(|found| found.at);
        message.thread_id = meta.first(&["chat.subchannel.id", "thread.id"]).map(str::to_owned);
        message.thread_title = meta.string("chat.subchannel.name");
        message.reply_to = meta.string("reply_to.message_id");
        if let Some(forward) = meta.at("forward") {
            let from = forward.first(&["from_name", "chat.name", "post_author"]).map(str::to_owned);
            let id = || forward.str("from.id").map(|id| format!("{}{id}", forward.str("from.type").unwrap_or("user")));
            message.forwarded_from = Some(from.or_else(id).unwrap_or_default());
        }
        message
    }

    fn jabber(&mut self, meta: &Node<'_>, text: String) -> RawMessage {
        let from = meta.str("jabber:from").unwrap_or_default();
        let key = format!("file:{}", self.stem);
        let source = self.source(key, &self.stem.clone(), Medium::Jabber);
        let mut message = RawMessage::new(source, self.messages, text);
        message.native_id = meta.string("jabber:id");
        message.author.id = Some(bare(from).to_owned());
        message.author.name = Some(shown_name(from).to_owned());
        message.thread_id = meta.str("jabber:to").map(|to| talk(from, to));
        message.posted_at = meta.str("jabber:ts").and_then(|date| self.date(date));
        message
    }

    fn other(&mut self, node: &Node<'_>, text: String) -> RawMessage {
        let name = node.str("source").unwrap_or_default();
        let source = self.source(format!("ail:{name}"), name, Medium::Other);
        let mut message = RawMessage::new(source, self.messages, text);
        message.posted_at = node.str("timestamp").and_then(|date| self.date(date));
        message
    }

    fn page(&mut self, meta: &Node<'_>, shown: String, out: &mut Out<'_>) -> ControlFlow<()> {
        let posts = meta.items("extracted.posts");
        if posts.is_empty() {
            out.skip(shown, Reason::Empty, "a page without posts");
            return ControlFlow::Continue(());
        }
        let forum = meta.first(&["forum_id", "forum_type"]).unwrap_or_default();
        let source = self.own(meta).unwrap_or_else(|| self.source(format!("ail-forum:{forum}"), forum, Medium::Forum));
        for post in posts {
            self.messages += 1;
            let text = post.first(&["content.text", "content"]).unwrap_or_default().to_owned();
            let mut message = RawMessage::new(source.clone(), self.messages, text);
            message.native_id = post.string("post_id");
            message.author.id = post.string("author.author_id");
            message.author.name = post.string("author.author_username");
            message.thread_id = meta.string("extracted.thread.thread_id");
            message.thread_title = meta.string("extracted.thread.thread_title");
            message.reply_to = post
                .items("content.quoted_posts")
                .iter()
                .find_map(|quoted| quoted.as_str().or_else(|| quoted.str("post_id")).map(str::to_owned));
            for url in post.items("content.urls").iter().filter_map(Node::as_str).take(100) {
                if !message.text.contains(url) {
                    message.links.push(url.to_owned());
                }
            }
            message.posted_at = post.str("post_timestamp").and_then(|date| self.date(date));
            message.edited_at = post.str("post_edit_timestamp").and_then(|date| self.date(date)).map(|found| found.at);
            if message.posted_at.is_none() {
                out.bad_date(format!("post {}", self.messages));
            }
            out.message(message)?;
        }
        ControlFlow::Continue(())
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Unpacked {
    TooLarge,
    Broken,
}

/// Text out of Base64, and out of gzip where it is packed.
fn unpack(data: &str) -> Result<String, Unpacked> {
    let bytes = base64::decode(data).ok_or(Unpacked::Broken)?;
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(utf8(&bytes).into_owned());
    }
    let mut text = Vec::new();
    let limited = &mut flate2::read::MultiGzDecoder::new(&bytes[..]).take(MAX_TEXT as u64 + 1);
    match limited.read_to_end(&mut text) {
        Ok(_) if text.len() > MAX_TEXT => Err(Unpacked::TooLarge),
        Ok(_) => Ok(utf8(&text).into_owned()),
        Err(_) => Err(Unpacked::Broken),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_bomb_is_not_unpacked() {
        let packed = |length: usize| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(&vec![b'x'; length]).unwrap();
            let bytes = encoder.finish().unwrap();
            let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            let mut text = String::new();
            for chunk in bytes.chunks(3) {
                let word =
                    chunk.iter().fold(0u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
                for at in 0..=chunk.len() {
                    text.push(char::from(letters[(word >> (18 - 6 * at)) as usize & 63]));
                }
            }
            text
        };
        assert_eq!(unpack(&packed(MAX_TEXT)).map(|text| text.len()), Ok(MAX_TEXT));
        assert_eq!(unpack(&packed(MAX_TEXT + 1)), Err(Unpacked::TooLarge));
        assert_eq!(unpack(&packed(100 << 20)), Err(Unpacked::TooLarge));
        assert_eq!(unpack("H4sIAAAA"), Err(Unpacked::Broken));
    }
}
