//! MISP feeds: the manifest and the events.
//!
//! # What it reads
//! `manifest.json` (`{"<uuid>": {"info", "date", "Orgc"}}`) and event files (`{"Event": {…}}`), one event or several.
//!
//! # How
//! The source is the organization that wrote the event (`misp:<name>`). An event is one message: its title, then its attributes and those of its objects, a line each (`domain:
//! shop.example`). The id is the event's. Attributes are read one by
//! one; those beyond 1 MiB of text are left out with a skip that says so.
//!
//! # Where it is wrong
//! - A manifest gives titles only: with the event files beside it, the latest revision of each event counts.
//! - Attachments and samples, and attributes that hold passwords, cards or persons, are passed over.
//! - The date of an event is the day the writer chose; the time of publication is not used.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::json::{MAX_TEXT, Node, Shape, Signs, Step, read_records};
use super::out::Out;
use super::sources::Sources;
use super::{Collector, Head, Input, Mapping, Sink};
use crate::model::{Medium, RawMessage, Reason, Source};

pub struct MispJson;

impl Collector for MispJson {
    fn name(&self) -> &'static str {
        "misp-json"
    }

    fn about(&self) -> &'static str {
        "MISP feeds: manifest and events"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        if let Some(signs) = Signs::of(head, &["\"Event\"", "\"info\"", "\"uuid\""])
            && signs.under(&["Event", "[].Event", "response[].Event"], &["info", "uuid"]).is_some()
        {
            return Some("a MISP event: info and uuid".into());
        }
        let signs = Signs::of(head, &["\"Orgc\"", "\"info\"", "\"threat_level_id\""])?;
        signs
            .any_path(|path| path.split_once('.').is_some_and(|(id, key)| key == "info" && uuid(id)))
            .then(|| "a MISP manifest: titles by uuid".into())
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Misp::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        read_records(input.reader, sink, |_| Misp {
            zone,
            sources: Sources::new(),
            info: None,
            lines: String::new(),
            left_out: 0,
            events: 0,
        });
    }
}

struct Misp<'a> {
    zone: &'a TimeZone,
    /// By organization.
    sources: Sources<String>,
    /// What is said of the event that is being read.
    info: Option<RawMessage>,
    lines: String,
    left_out: u64,
    events: u64,
}

impl Shape for Misp<'_> {
    const KEYS: &'static [&'static str] =
        &["info", "date", "Orgc", "name", "uuid", "timestamp", "type", "value", "comment", "Attribute"];
    const STARTS: &'static [&'static str] = &["type", "value", "uuid", "id", "category", "comment"];
    const PLACE: &'static str = "element";

    fn step(&self, path: &str) -> Step {
        let event = path.strip_prefix("[].").or_else(|| path.strip_prefix("response[].")).unwrap_or(path);
        match event {
            "" | "[]" | "response" | "response[]" | "Event" | "Event.Attribute" | "Event.Object" => Step::Enter,
            "Event.info" | "Event.date" | "Event.uuid" | "Event.Orgc" => Step::Header,
            "Event.Attribute[]" | "Event.Object[]" => Step::Record,
            _ if uuid(path) => Step::Record,
            _ => Step::Pass,
        }
    }

    fn header(&mut self, path: &str, node: &Node<'_>) {
        if self.info.is_none() {
            self.info = Some(RawMessage::new(self.source(None), 0, String::new()));
        }
        let Some(event) = &mut self.info else {
            return;
        };
        match path.rsplit('.').next() {
            Some("info") => event.text = node.as_str().unwrap_or_default().to_owned(),
            Some("uuid") => event.native_id = node.as_str().map(str::to_owned),
            Some("Orgc") => event.author.name = node.string("name"),
            _ => event.posted_at = node.as_str().and_then(|date| dates::parse(date, self.zone, DayOrder::DayFirst)),
        }
    }

    fn record(&mut self, path: &str, node: &Node<'_>, _place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        if uuid(path) {
            self.events += 1;
            let source = self.source(node.str("Orgc.name"));
            let mut event = RawMessage::new(source, self.events, node.string("info").unwrap_or_default());
            event.native_id = Some(path.to_owned());
            event.author.name = node.string("Orgc.name");
            event.posted_at = node.str("date").and_then(|date| dates::parse(date, self.zone, DayOrder::DayFirst));
            if event.posted_at.is_none() {
                out.bad_date(format!("event {}", self.events));
            }
            return out.message(event);
        }
        if path.ends_with("Object[]") {
            for attribute in node.items("Attribute") {
                self.attribute(attribute);
            }
        } else {
            self.attribute(node);
        }
        ControlFlow::Continue(())
    }

    fn leave(&mut self, path: &str, out: &mut Out<'_>) -> ControlFlow<()> {
        if path.ends_with("Event") { self.end(out) } else { ControlFlow::Continue(()) }
    }

    fn end(&mut self, out: &mut Out<'_>) -> ControlFlow<()> {
        let lines = std::mem::take(&mut self.lines);
        let left_out = std::mem::take(&mut self.left_out);
        let Some(mut event) = self.info.take() else {
            return ControlFlow::Continue(());
        };
        self.events += 1;
        let place = format!("event {}", self.events);
        if event.native_id.is_none() {
            out.skip(place, Reason::MissingField, "the event has no uuid");
            return ControlFlow::Continue(());
        }
        if left_out > 0 {
            out.skip(&*place, Reason::TooLarge, format!("{left_out} attributes beyond 1 MiB of text were left out"));
        }
        if event.posted_at.is_none() {
            out.bad_date(place);
        }
        event.source = self.source(event.author.name.as_deref());
        event.place = self.events;
        event.text.push_str(&lines);
        out.message(event)
    }
}

/// Attributes that hold a file or somebody's secret.
const NEVER: &[&str] = &[
    "attachment",
    "malware-sample",
    "password",
    "cc-number",
    "iban",
    "bank-account-nr",
    "passport-number",
    "phone-number",
    "date-of-birth",
    "first-name",
    "last-name",
    "full-name",
    "email",
    "email-src",
    "email-dst",
];

impl Misp<'_> {
    fn source(&mut self, organization: Option<&str>) -> Arc<Source> {
        let name = organization.unwrap_or_default();
        if let Some(source) = self.sources.get(name) {
            return source;
        }
        let key = format!("misp:{}", name.to_lowercase());
        let source = Source { key, name: name.to_owned(), medium: Medium::LeakSite, url: None };
        self.sources.keep(name.to_owned(), source)
    }

    fn attribute(&mut self, node: &Node<'_>) {
        let (Some(kind), Some(value)) = (node.str("type"), node.str("value")) else {
            return;
        };
        if NEVER.contains(&kind) {
            return;
        }
        let comment = node.str("comment").unwrap_or_default();
        let title = self.info.as_ref().map_or(0, |event| event.text.len());
        if title + self.lines.len() + kind.len() + value.len() + comment.len() + 8 > MAX_TEXT {
            self.left_out += 1;
            return;
        }
        for part in ["\n", kind, ": ", value] {
            self.lines.push_str(part);
        }
        if !comment.is_empty() {
            for part in [" (", comment, ")"] {
                self.lines.push_str(part);
            }
        }
    }
}

/// True for `5f6e7d8c-0000-4000-8000-000000000001`.
fn uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}
