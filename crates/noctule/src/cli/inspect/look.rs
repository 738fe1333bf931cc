//! Looking at files the way `ingest` does: the same walk, the same recognition, the same collectors.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::Result;
use jiff::tz::TimeZone;
use noctule_core::collect::{self, Collector, Head, Sink};
use noctule_core::model::{Micros, RawMessage, Reason, Skip, SourceEvent};
use noctule_core::normalize::Utf8Reader;
use serde::Serialize;

use super::{dates, hints};
use crate::input::zip::Archive;
use crate::input::{self, Found, Recognized, Unpacked, whole_file};
use crate::pipeline::{self, Options};

/// Messages shown of each file.
const SHOWN: usize = 5;
/// Characters of a text that are shown.
const TEXT_CHARACTERS: usize = 200;
/// Names of columns or keys that are listed.
const UNREAD: usize = 30;

/// What was seen of one file or member.
#[derive(Serialize, Default)]
pub struct Looked {
    pub path: String,
    /// The collector that reads it; null when none does.
    pub format: Option<&'static str>,
    /// The landmark by which it was recognized.
    pub why: Option<String>,
    /// Other collectors that would have taken it, had the first not.
    pub also: Vec<Candidate>,
    pub encoding: Option<&'static str>,
    /// Compressions taken off, outermost first.
    pub layers: Vec<&'static str>,
    /// `picture`, `film` or the like: passed over, and no loss.
    pub media: Option<&'static str>,
    pub messages: u64,
    /// False when reading ended after so many messages.
    pub complete: bool,
    pub without_author: u64,
    pub without_date: u64,
    /// Dates that the file gives without a zone, or only as a day, or as "yesterday".
    pub imprecise_dates: u64,
    pub first: Vec<First>,
    pub skips: Vec<SkipKind>,
    /// Columns or keys that nobody reads.
    pub unread: Vec<String>,
    pub hints: Vec<String>,
}

#[derive(Serialize)]
pub struct Candidate {
    pub format: &'static str,
    pub why: String,
}

/// One of the first messages.
#[derive(Serialize)]
pub struct First {
    pub source: String,
    pub medium: &'static str,
    pub author: Option<String>,
    /// The date as the file has it, where it can be found again.
    pub date_found: Option<String>,
    /// As understood, in UTC.
    pub posted_at: Option<String>,
    pub precise: bool,
    pub thread: Option<String>,
    pub id: Option<String>,
    pub text: String,
}

#[derive(Serialize)]
pub struct SkipKind {
    pub reason: &'static str,
    pub count: u64,
    /// The first of them.
    pub place: String,
    pub detail: String,
}

/// Looks at everything under the paths, in order; true when something was skipped. `most` ends reading a file.
pub fn each(
    paths: &[PathBuf],
    options: &Options,
    most: Option<usize>,
    show: &mut dyn FnMut(&Looked) -> Result<()>,
) -> Result<bool> {
    let mut look = Look { options, zone: pipeline::zone(&options.zone)?, most, skipped: false, show };
    for found in input::walk(paths).found {
        match found {
            Found::Skip { path, skip } => look.not_read(path, skip, &[])?,
            Found::File(item) => look.one(&item.shown, &mut OneFile(&item.file))?,
        }
    }
    Ok(look.skipped)
}

/// Something that can be read from its start as often as needed.
trait Opens {
    /// Hands the bytes to `read`. What keeps them from being read, or ends them early, is the answer.
    fn with(&mut self, read: &mut dyn FnMut(&mut (dyn Read + Send))) -> Option<Skip>;
    /// The bytes as an archive, if they can be one.
    fn archive(&self) -> Option<Result<Archive, Skip>>;
}

struct OneFile<'a>(&'a std::path::Path);

impl Opens for OneFile<'_> {
    fn with(&mut self, read: &mut dyn FnMut(&mut (dyn Read + Send))) -> Option<Skip> {
        match input::open(self.0) {
            Ok(mut file) => {
                read(&mut file);
                None
            }
            Err(skip) => Some(skip),
        }
    }

    fn archive(&self) -> Option<Result<Archive, Skip>> {
        Some(input::open(self.0).and_then(Archive::open))
    }
}

struct Member<'a> {
    archive: &'a mut Archive,
    index: usize,
}

impl Opens for Member<'_> {
    fn with(&mut self, read: &mut dyn FnMut(&mut (dyn Read + Send))) -> Option<Skip> {
        match self.archive.read(self.index) {
            Ok(mut reader) => {
                read(&mut reader);
                reader.complaint()
            }
            Err(skip) => Some(skip),
        }
    }

    fn archive(&self) -> Option<Result<Archive, Skip>> {
        None
    }
}

struct Look<'a> {
    options: &'a Options,
    zone: TimeZone,
    most: Option<usize>,
    skipped: bool,
    show: &'a mut dyn FnMut(&Looked) -> Result<()>,
}

impl Look<'_> {
    fn not_read(&mut self, path: String, skip: Skip, head: &[u8]) -> Result<()> {
        self.skipped = true;
        let hints = hints::not_read(&path, &skip, head);
        let kind = SkipKind { reason: skip.reason.word(), count: 1, place: skip.place, detail: skip.detail };
        (self.show)(&Looked { path, complete: true, hints, skips: vec![kind], ..Looked::default() })
    }

    fn one(&mut self, shown: &str, opens: &mut dyn Opens) -> Result<()> {
        let (mut recognized, mut start) = (None, Vec::new());
        let broken = opens.with(&mut |reader| {
            let mut kept = Kept { inner: reader, bytes: Vec::new() };
            recognized = Some(input::recognize(shown, &mut kept, self.options.collector));
            start = kept.bytes;
        });
        match (recognized, broken) {
            (None | Some(Recognized::Skip(_)), Some(broken)) => self.not_read(shown.into(), broken, &start),
            (None, None) => self.not_read(shown.into(), whole_file(Reason::Empty, "it has no content".into()), &[]),
            (Some(Recognized::Skip(skip)), None) => self.not_read(shown.into(), skip, &start),
            (Some(Recognized::Media(kind)), _) => {
                (self.show)(&Looked { path: shown.into(), media: Some(kind), complete: true, ..Looked::default() })
            }
            (Some(Recognized::Archive), _) => self.archive(shown, opens),
            (Some(Recognized::Format { collector, reason, encoding, layers }), _) => {
                let layers = layers.iter().map(|layer| layer.word()).collect();
                self.format(shown, opens, collector, reason, encoding, layers)
            }
        }
    }

    fn archive(&mut self, shown: &str, opens: &mut dyn Opens) -> Result<()> {
        let mut archive = match opens.archive() {
            Some(Ok(archive)) => archive,
            Some(Err(refused)) => return self.not_read(shown.into(), refused, &[]),
            None => {
                let detail = "an archive inside an archive; unpack the outer one and give its folder".to_string();
                return self.not_read(shown.into(), whole_file(Reason::NestedTooDeep, detail), &[]);
            }
        };
        for index in 0..archive.len() {
            match archive.info(index) {
                Err(broken) => self.not_read(shown.into(), broken, &[])?,
                Ok(info) if info.folder => {}
                Ok(info) => {
                    let name = format!("{shown}!/{}", info.name);
                    if info.encrypted {
                        let skip = whole_file(Reason::Encrypted, "the member is encrypted".into());
                        self.not_read(name, skip, &[])?;
                    } else {
                        self.one(&name, &mut Member { archive: &mut archive, index })?;
                    }
                }
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments, reason = "each is one thing that recognizing told")]
    fn format(
        &mut self,
        shown: &str,
        opens: &mut dyn Opens,
        collector: &'static dyn Collector,
        why: String,
        encoding: &'static str,
        layers: Vec<&'static str>,
    ) -> Result<()> {
        let (mut text, mut whole) = (Vec::new(), true);
        let _ = opens.with(&mut |reader| (text, whole) = decoded(reader));
        let head = Head { path: shown, bytes: &text, whole };
        let mapping = self.options.mapping.as_ref();
        let others = collect::candidates(&head).into_iter().filter(|(other, _)| other.name() != collector.name());
        let also = others.map(|(other, why)| Candidate { format: other.name(), why }).collect();
        let mut unread = collector.unread(&head, mapping);
        unread.dedup();
        unread.truncate(UNREAD);
        let mut seen = Seen { most: self.most, ..Seen::default() };
        let complaint = opens.with(&mut |reader| {
            let now = Some(self.options.now);
            pipeline::read_capture(collector, shown, reader, &self.zone, mapping, now, &mut seen);
        });
        if let Some(skip) = complaint {
            seen.skip(skip);
        }
        self.skipped |= !seen.skips.is_empty();
        let wanted: Vec<Micros> = seen.first.iter().filter_map(|message| Some(message.posted_at?.at)).collect();
        let found = dates::find(&text, &wanted, &self.zone, self.options.now);
        let kind = |(reason, (count, skip)): (Reason, (u64, Skip))| SkipKind {
            reason: reason.word(),
            count,
            place: skip.place,
            detail: skip.detail,
        };
        let mut looked = Looked {
            path: shown.into(),
            format: Some(collector.name()),
            why: Some(why),
            also,
            encoding: Some(encoding),
            layers,
            messages: seen.messages,
            complete: seen.most.is_none_or(|most| seen.messages < most as u64),
            without_author: seen.without_author,
            without_date: seen.without_date,
            imprecise_dates: seen.imprecise_dates,
            first: seen.first.iter().map(|message| first(message, &found)).collect(),
            skips: seen.skips.into_iter().map(kind).collect(),
            unread,
            ..Looked::default()
        };
        looked.hints = hints::read(&looked, collect::column_names(&head));
        (self.show)(&looked)
    }
}

fn first(message: &RawMessage, found: &BTreeMap<Micros, String>) -> First {
    let thread = [&message.thread_title, &message.thread_id].into_iter().flatten().find(|name| !name.is_empty());
    First {
        source: message.source.name.clone(),
        medium: message.source.medium.word(),
        author: message.author.name.clone().or_else(|| message.author.id.clone()),
        date_found: message.posted_at.and_then(|posted| found.get(&posted.at).cloned()),
        posted_at: message.posted_at.map(|posted| posted.at.to_string()),
        precise: message.posted_at.is_some_and(|posted| posted.precise),
        thread: thread.cloned(),
        id: message.native_id.clone(),
        text: message.text.chars().take(TEXT_CHARACTERS).collect(),
    }
}

/// Keeps the start of what is read through it.
struct Kept<'a> {
    inner: &'a mut (dyn Read + Send),
    bytes: Vec<u8>,
}

/// Enough of the packed bytes for the start of what they unpack to.
const KEPT: usize = 256 << 10;

impl Read for Kept<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let room = KEPT - self.bytes.len();
        self.bytes.extend_from_slice(&buffer[..n.min(room)]);
        Ok(n)
    }
}

/// The start of the text, unpacked and decoded, and whether it is all of it.
pub(super) fn decoded(start: impl Read + Send) -> (Vec<u8>, bool) {
    let (mut head, mut text) = (Vec::new(), Vec::new());
    let limit = collect::SAMPLE_BYTES as u64;
    if let Ok(mut unpacked) = Unpacked::open(start) {
        // A broken archive still shows its start.
        let _ = unpacked.by_ref().take(limit).read_to_end(&mut head);
    }
    let whole = head.len() < collect::SAMPLE_BYTES;
    let _ = Utf8Reader::new(Cursor::new(head)).read_to_end(&mut text);
    (text, whole)
}

/// Counts everything and keeps the first of each kind.
#[derive(Default)]
struct Seen {
    most: Option<usize>,
    first: Vec<RawMessage>,
    messages: u64,
    without_author: u64,
    without_date: u64,
    imprecise_dates: u64,
    skips: BTreeMap<Reason, (u64, Skip)>,
}

impl Sink for Seen {
    fn message(&mut self, message: RawMessage) -> ControlFlow<()> {
        self.messages += 1;
        self.without_author += u64::from(message.author.id.is_none() && message.author.name.is_none());
        match message.posted_at {
            None => self.without_date += 1,
            Some(posted) => self.imprecise_dates += u64::from(!posted.precise),
        }
        if self.first.len() < SHOWN {
            self.first.push(message);
        }
        if self.most.is_some_and(|most| self.messages >= most as u64) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn skip(&mut self, skip: Skip) {
        self.skips.entry(skip.reason).or_insert_with(|| (0, skip)).0 += 1;
    }

    fn event(&mut self, _event: SourceEvent) {}
}
