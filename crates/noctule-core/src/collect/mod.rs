//! Reading formats: one file a format, one line in [`COLLECTORS`], one folder of fixtures.
//!
//! A collector pushes messages and skips into a sink, because a 5 GB export can only be streamed that way.
//! Left to others: opening and unpacking files (the binary), decoding to UTF-8 (`normalize::encoding`).

use std::io::BufRead;
use std::ops::ControlFlow;

use jiff::tz::TimeZone;

use crate::model::{Micros, RawMessage, Skip, SourceEvent};

mod ail_json;
mod bbcode;
mod body;
mod chat_log;
mod credentials;
mod csv;
pub mod dates;
mod discord_json;
mod discourse_json;
mod feed_xml;
mod flarum_json;
mod fragment;
mod html;
mod irc_log;
mod jabber_json;
mod jabber_xml;
pub mod json;
mod jsonl;
mod leak_site_json;
mod lines;
mod mapping;
mod matrix_json;
mod mbox;
mod misp_json;
mod nodebb_json;
mod out;
mod pyrogram_json;
mod rocketchat_json;
mod snscrape_json;
mod sources;
mod sql_dump;
mod stealer_log;
mod table;
mod telegram;
mod telegram_json;
mod telethon_json;
mod ulp_list;
mod xml;

pub use mapping::{Field, Guess, Mapping, MappingError, Sample};

/// Every collector, most specific first: the first that recognizes a head reads the file.
pub static COLLECTORS: &[&dyn Collector] = &[
    &telegram_json::TelegramJson,
    &telethon_json::TelethonJson,
    &pyrogram_json::PyrogramJson,
    &snscrape_json::SnscrapeJson,
    &discord_json::DiscordJson,
    &matrix_json::MatrixJson,
    &rocketchat_json::RocketchatJson,
    &discourse_json::DiscourseJson,
    &nodebb_json::NodebbJson,
    &flarum_json::FlarumJson,
    &leak_site_json::LeakSiteJson,
    &misp_json::MispJson,
    &ail_json::AilJson,
    &jabber_json::JabberJson,
    &jabber_xml::JabberXml,
    &feed_xml::FeedXml,
    // Saved pages: what has marks of its own first, unknown engines last.
    &html::TelegramHtml,
    &html::Tme,
    &html::Challenge,
    &html::XENFORO2,
    &html::XENFORO1,
    &html::INVISION,
    &html::VBULLETIN5,
    &html::VBULLETIN4,
    &html::VBULLETIN3,
    &html::DISCOURSE,
    &html::FLARUM,
    &html::NODEBB,
    &html::MYBB,
    &html::SMF,
    &html::SMF1,
    &html::PHPBB,
    &html::XMB,
    &html::GENERIC,
    &mbox::Mbox,
    &sql_dump::SqlDump,
    &stealer_log::StealerLog,
    &irc_log::IrcLog,
    &chat_log::ChatLog,
    // Tables with any columns.
    &jsonl::Jsonl,
    &csv::Csv,
    &ulp_list::UlpList,
];

/// How much of a file is looked at to recognize its format.
pub const SAMPLE_BYTES: usize = 64 << 10;

/// The collector for a file that starts like this, and why; `None` for an unknown format.
pub fn recognize(head: &Head<'_>) -> Option<(&'static dyn Collector, String)> {
    COLLECTORS.iter().find_map(|collector| Some((*collector, collector.recognizes(head)?)))
}

/// Every collector that would take the file, in the order in which they are asked, each with its reason: the first is
/// the one that reads it.
pub fn candidates(head: &Head<'_>) -> Vec<(&'static dyn Collector, String)> {
    COLLECTORS.iter().filter_map(|collector| Some((*collector, collector.recognizes(head)?))).collect()
}

/// The names of columns or keys that a table starts with, whether or not they mean anything to us: what a person needs
/// to write a mapping. Empty when the file is no table.
pub fn column_names(head: &Head<'_>) -> Vec<String> {
    let names = jsonl::columns(head);
    if names.is_empty() { csv::columns(head) } else { names }
}

/// Bytes without the mark that some programs put before UTF-8.
fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// The start of a file, already decoded to UTF-8: enough to recognize the format by content.
pub struct Head<'a> {
    /// As given by the user; a hint at most.
    pub path: &'a str,
    /// Up to 64 KiB; valid UTF-8 except for a character cut off at the end.
    pub bytes: &'a [u8],
    /// True when `bytes` is the whole file.
    pub whole: bool,
}

/// One file to read, as a stream.
pub struct Input<'a> {
    pub path: &'a str,
    /// In UTF-8, unless the collector reads bytes.
    pub reader: &'a mut dyn BufRead,
    /// Where a date without a zone is read.
    pub zone: &'a TimeZone,
    /// Columns for generic formats; `None` lets the collector guess.
    pub mapping: Option<&'a Mapping>,
    /// When the bytes were captured: what "yesterday" in a page counts back from.
    pub captured_at: Option<Micros>,
}

/// Receives what a collector finds, in the order of the file.
pub trait Sink {
    /// `Break` asks the collector to stop here (a dry run has seen enough).
    fn message(&mut self, message: RawMessage) -> ControlFlow<()>;
    fn skip(&mut self, skip: Skip);
    fn event(&mut self, event: SourceEvent);
}

pub trait Collector: Sync {
    /// `telegram-json`
    fn name(&self) -> &'static str;
    /// One line for help and reference.
    fn about(&self) -> &'static str;
    /// The text at the top of its file ([`crate::documented`]), which is its reference page.
    fn reference(&self) -> &'static str;
    /// Whether it decodes by itself, because its parts have encodings of their own: then it gets the bytes as they are.
    fn reads_bytes(&self) -> bool {
        false
    }
    /// Whether its dates may count back from the capture ("yesterday"): then the age of a file matters.
    fn counts_from_capture(&self) -> bool {
        false
    }
    /// Why this is the collector's format; `None` when it is not.
    fn recognizes(&self, head: &Head<'_>) -> Option<String>;
    /// Columns or keys at the start of the file that this collector passes over: what a person may miss. Empty where
    /// telling would cost more than it is worth.
    fn unread(&self, _head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Vec::new()
    }
    /// Reads the whole input. Never fails: what cannot be read becomes a skip.
    fn read(&self, input: Input<'_>, sink: &mut dyn Sink);
}

/// One thing that a collector found.
#[derive(Clone, PartialEq, Debug)]
pub enum Found {
    Message(Box<RawMessage>),
    Skip(Skip),
    Event(SourceEvent),
}

/// A sink that keeps everything in order: for tests, and for a dry run that stops after some messages.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Collected {
    pub found: Vec<Found>,
    /// Stop after this many messages.
    pub limit: Option<usize>,
    messages: usize,
}

impl Collected {
    pub fn new() -> Self {
        Self::default()
    }

    /// Stops after `messages` messages; with 0 after the first.
    pub fn limited(messages: usize) -> Self {
        Self { limit: Some(messages), ..Self::default() }
    }

    pub fn messages(&self) -> impl Iterator<Item = &RawMessage> {
        self.found.iter().filter_map(|found| if let Found::Message(message) = found { Some(&**message) } else { None })
    }

    pub fn skips(&self) -> impl Iterator<Item = &Skip> {
        self.found.iter().filter_map(|found| if let Found::Skip(skip) = found { Some(skip) } else { None })
    }

    pub fn events(&self) -> impl Iterator<Item = &SourceEvent> {
        self.found.iter().filter_map(|found| if let Found::Event(event) = found { Some(event) } else { None })
    }
}

impl Sink for Collected {
    fn message(&mut self, message: RawMessage) -> ControlFlow<()> {
        self.found.push(Found::Message(Box::new(message)));
        self.messages += 1;
        if self.limit.is_some_and(|limit| self.messages >= limit) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn skip(&mut self, skip: Skip) {
        self.found.push(Found::Skip(skip));
    }

    fn event(&mut self, event: SourceEvent) {
        self.found.push(Found::Event(event));
    }
}

/// The name of a file without folders and ending: what a source is called that nothing else names.
fn file_stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}
