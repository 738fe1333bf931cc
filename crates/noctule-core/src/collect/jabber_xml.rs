//! Jabber archives in XML: message stanzas, bare or as a server's archive forwards them.
//!
//! # What it reads
//! `<message from=… to=…><body>` with a `<delay stamp=…>` inside or, in answers of a message archive (MAM), beside it
//! in `<forwarded>`; one document, or stanzas one after the other.
//!
//! # How
//! Stanza by stanza. A room (`type="groupchat"`) is a source of its own, `jabber:<room>`, and the nick the author;
//! other talk belongs to the file, and the two partners name the thread. The id is the archive's. Stamps are UTC, also
//! in the old form `20211014T21:07:00`. After broken XML reading goes on with the next stanza. A document type is
//! refused and entities are not expanded.
//!
//! # Where it is wrong
//! - Stanzas without a body (typing, receipts, markers) are passed over without a word.
//! - Encrypted stanzas have a body that says so in words, which counts as text.
//! - A correction (`<replace id=…>`) is a message of its own, because it names another id than the archive's.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::jabber_json::{bare, shown_name, talk};
use super::json::MAX_TEXT;
use super::out::Out;
use super::xml::{Event, Tag, Xml};
use super::{Collector, Head, Input, Sink, file_stem};
use crate::model::{Medium, PostedAt, RawMessage, Source};

pub struct JabberXml;

impl Collector for JabberXml {
    fn name(&self) -> &'static str {
        "jabber-xml"
    }

    fn about(&self) -> &'static str {
        "Jabber archives in XML: message stanzas, also as a server's archive forwards them"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let bytes = super::without_mark(head.bytes);
        if bytes.trim_ascii_start().first() != Some(&b'<') {
            return None;
        }
        let has = |mark: &str| memchr::memmem::find(bytes, mark.as_bytes()).is_some();
        let message = has("<message ") && has("<body") && (has("from=") || has("to="));
        let page = has("<html") || has("<HTML");
        (message && !page).then(|| "Jabber stanzas: messages with a body and an address".to_owned())
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let stem = file_stem(input.path).to_owned();
        let mut reader = Reader {
            xml: Xml::new(input.reader),
            out: Out::new(sink),
            zone: input.zone,
            file: Arc::new(Source { key: format!("file:{stem}"), name: stem, medium: Medium::Jabber, url: None }),
            rooms: HashMap::new(),
            places: 0,
            stamp: None,
            archive_id: None,
            stanza: None,
            body: None,
        };
        let _ = reader.run();
        reader.out.finish("no stanza with a body");
    }
}

/// Rooms that are remembered.
const MAX_ROOMS: usize = 10_000;

struct Reader<'s, 'r> {
    xml: Xml<'r>,
    out: Out<'s>,
    zone: &'s TimeZone,
    file: Arc<Source>,
    rooms: HashMap<String, Arc<Source>>,
    /// Stanzas so far.
    places: u64,
    /// Of the forwarding element, for the stanza in it.
    stamp: Option<String>,
    archive_id: Option<String>,
    stanza: Option<Stanza>,
    /// The text of the body that is open, and its depth.
    body: Option<(usize, String)>,
}

struct Stanza {
    tag: Tag,
    depth: usize,
    stamp: Option<String>,
    text: Option<String>,
}

impl Reader<'_, '_> {
    fn run(&mut self) -> ControlFlow<()> {
        loop {
            match self.xml.next() {
                Ok(Event::Eof) => return ControlFlow::Continue(()),
                Ok(Event::Start(tag)) => self.start(tag),
                Ok(Event::Text(text)) => {
                    if let Some((_, body)) = &mut self.body
                        && body.len() + text.len() <= MAX_TEXT
                    {
                        body.push_str(&text);
                    }
                }
                Ok(Event::End(name)) => self.end(&name)?,
                Err(fault) => {
                    (self.stanza, self.body, self.stamp) = (None, None, None);
                    let (reason, detail, readable) = self.xml.explain(fault);
                    self.out.skip(format!("message {}", self.places), reason, detail);
                    if !readable || !self.xml.recover(&["message"]) {
                        return ControlFlow::Continue(());
                    }
                }
            }
        }
    }

    fn start(&mut self, tag: Tag) {
        let depth = self.xml.depth();
        match (&*tag.name, &mut self.stanza) {
            ("result", None) => self.archive_id = tag.attribute("id").map(str::to_owned),
            ("forwarded", None) => self.stamp = None,
            ("message", None) => {
                self.places += 1;
                self.stanza = Some(Stanza { tag, depth, stamp: None, text: None });
            }
            ("delay" | "x", stanza) => {
                if let Some(stamp) = tag.attribute("stamp") {
                    let slot = stanza.as_mut().map_or(&mut self.stamp, |stanza| &mut stanza.stamp);
                    *slot = Some(stamp.to_owned());
                }
            }
            ("stanza-id", Some(_)) if self.archive_id.is_none() => {
                self.archive_id = tag.attribute("id").map(str::to_owned);
            }
            // A forwarded stanza inside a stanza (carbons) has a body deeper down; only the outer one's own counts,
            // unless it has none.
            ("body", Some(stanza)) if stanza.text.is_none() && self.body.is_none() => {
                self.body = Some((depth, String::new()));
            }
            ("message", Some(stanza)) if stanza.text.is_none() => stanza.tag = tag,
            _ => {}
        }
    }

    fn end(&mut self, name: &str) -> ControlFlow<()> {
        let depth = self.xml.depth() + 1;
        if name == "body"
            && self.body.as_ref().is_some_and(|(open, _)| *open == depth)
            && let Some((_, text)) = self.body.take()
            && let Some(stanza) = &mut self.stanza
        {
            stanza.text = Some(text);
        }
        if name == "message" && self.stanza.as_ref().is_some_and(|stanza| stanza.depth == depth) {
            let stanza = self.stanza.take();
            let archive_id = self.archive_id.take();
            let outer = self.stamp.take();
            if let Some(stanza) = stanza {
                return self.message(stanza, archive_id, outer);
            }
        }
        ControlFlow::Continue(())
    }

    fn message(&mut self, stanza: Stanza, archive_id: Option<String>, outer: Option<String>) -> ControlFlow<()> {
        let Some(text) = stanza.text else {
            return ControlFlow::Continue(());
        };
        let from = stanza.tag.attribute("from").unwrap_or_default();
        let room = stanza.tag.attribute("type") == Some("groupchat");
        let source = if room { self.room(bare(from)) } else { self.file.clone() };
        let mut message = RawMessage::new(source, self.places, text);
        message.native_id = archive_id.or_else(|| stanza.tag.attribute("id").map(str::to_owned).filter(|_| room));
        if room {
            message.author.name = from.split_once('/').map(|(_, nick)| nick.to_owned());
        } else if !from.is_empty() {
            message.author.id = Some(bare(from).to_owned());
            message.author.name = Some(shown_name(from).to_owned());
            message.thread_id = stanza.tag.attribute("to").map(|to| talk(from, to));
        }
        message.posted_at = outer.or(stanza.stamp).and_then(|stamp| self.date(&stamp));
        if message.posted_at.is_none() {
            self.out.bad_date(format!("message {}", self.places));
        }
        self.out.message(message)
    }

    fn room(&mut self, room: &str) -> Arc<Source> {
        if let Some(source) = self.rooms.get(room) {
            return source.clone();
        }
        if self.rooms.len() >= MAX_ROOMS {
            self.rooms.clear();
        }
        let key = format!("jabber:{}", room.to_lowercase());
        let name = room.split('@').next().unwrap_or(room).to_owned();
        let source = Arc::new(Source { key, name, medium: Medium::Jabber, url: None });
        self.rooms.insert(room.to_owned(), source.clone());
        source
    }

    fn date(&self, stamp: &str) -> Option<PostedAt> {
        // XEP-0091, always UTC: `20211014T21:07:00`.
        if let Some((day, clock)) = stamp.split_once('T')
            && day.len() == 8
            && day.bytes().all(|byte| byte.is_ascii_digit())
        {
            let clock = clock.trim_end_matches('Z');
            let date = format!("{}-{}-{}T{clock}Z", &day[..4], &day[4..6], &day[6..]);
            return dates::parse(&date, self.zone, DayOrder::DayFirst);
        }
        dates::parse(stamp, self.zone, DayOrder::DayFirst)
    }
}
