//! Looking at files the way `ingest` does: the same walk, the same recognition, the same collectors.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::ops::ControlFlow;
use std::path::PathBuf;

use anyhow::Result;
use jiff::tz::TimeZone;
use noctule_core::collect::{self, Collector, Head, Sink};
use noctule_core::model::{Micros, RawMessage, Reason, Skip, SourceEvent};
use noctule_core::normalize::Utf8Reader;
use serde::Serialize;

use super::{dates, hints};
use crate::input::container::{self, Complaint, Contents, Looked as LookedAt, Member, Passed, Source};
use crate::input::{self, Assets, Found, Item, Kind, Nest, Recognized, Unpacked};
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
            Found::File(item) => match input::open(&item.file) {
                Ok(file) => look.file(&item, file)?,
                Err(skip) => look.not_read(item.shown, skip, &[])?,
            },
        }
    }
    Ok(look.skipped)
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

    fn passed(&mut self, path: String, what: &'static str) -> Result<()> {
        (self.show)(&Looked { path, media: Some(what), complete: true, ..Looked::default() })
    }

    fn file(&mut self, item: &Item, mut file: File) -> Result<()> {
        let times = Times { captured_at: None, modified: item.modified };
        let Some(kind) = self.stream(&item.shown, &mut file, None, times, &Complaint::default())? else {
            return Ok(());
        };
        let nest = Nest::new(item.bytes, std::env::temp_dir());
        file.rewind()?;
        self.container(&item.shown, kind, Source::File(file), &nest)
    }

    fn container(&mut self, shown: &str, kind: Kind, source: Source<'_>, nest: &Nest) -> Result<()> {
        let mut inside = Inside { look: self, shown, assets: Assets::default(), failed: None };
        container::read(kind, source, nest, &mut inside)?;
        inside.failed.map_or(Ok(()), Err)
    }

    /// Looks at one stream. A container is named, and left to the caller with what was read of it.
    fn stream(
        &mut self,
        shown: &str,
        reader: &mut (dyn Read + Send),
        charset: Option<&str>,
        times: Times,
        complaint: &Complaint,
    ) -> Result<Option<Kind>> {
        let mut looked = LookedAt::new(reader);
        match input::recognize_as(shown, &mut looked, self.options.collector, charset) {
            Recognized::Skip(skip) => {
                // What broke the member is the reason, not what its few good bytes look like.
                self.not_read(shown.into(), complaint.asked().unwrap_or(skip), looked.seen())?;
            }
            Recognized::Media(kind) => self.passed(shown.into(), kind)?,
            Recognized::Archive(kind) => return Ok(Some(kind)),
            Recognized::Format { collector, reason, encoding, layers } => {
                let layers = layers.iter().map(|layer| layer.word()).collect();
                self.format(shown, looked, Known { collector, reason, encoding, layers }, times, complaint)?;
            }
        }
        Ok(None)
    }

    fn format(
        &mut self,
        shown: &str,
        mut looked: LookedAt<'_, dyn Read + Send + '_>,
        known: Known,
        times: Times,
        complaint: &Complaint,
    ) -> Result<()> {
        let collector = known.collector;
        // Enough of the packed bytes for the start of what they unpack to; trouble is met again when it is read.
        let missing = KEPT.saturating_sub(looked.seen().len()) as u64;
        let _ = std::io::copy(&mut looked.by_ref().take(missing), &mut std::io::sink());
        let (text, whole) = decoded(Cursor::new(looked.seen().to_vec()));
        let head = Head { path: shown, bytes: &text, whole };
        let mapping = self.options.mapping.as_ref();
        let others = collect::candidates(&head).into_iter().filter(|(other, _)| other.name() != collector.name());
        let also = others.map(|(other, why)| Candidate { format: other.name(), why }).collect();
        let mut unread = collector.unread(&head, mapping);
        unread.dedup();
        unread.truncate(UNREAD);
        let mut seen = Seen { most: self.most, ..Seen::default() };
        let saved = times.modified.filter(|_| collector.counts_from_capture());
        let now = times.captured_at.or(saved).unwrap_or(self.options.now);
        pipeline::read_capture(collector, shown, looked.again(), &self.zone, mapping, Some(now), &mut seen);
        if let Some(skip) = complaint.asked() {
            seen.skip(skip);
        }
        self.skipped |= !seen.skips.is_empty();
        let wanted: Vec<Micros> = seen.first.iter().filter_map(|message| Some(message.posted_at?.at)).collect();
        let found = dates::find(&text, &wanted, &self.zone, now);
        let kind = |(reason, (count, skip)): (Reason, (u64, Skip))| SkipKind {
            reason: reason.word(),
            count,
            place: skip.place,
            detail: skip.detail,
        };
        let mut looked = Looked {
            path: shown.into(),
            format: Some(collector.name()),
            why: Some(known.reason),
            also,
            encoding: Some(known.encoding),
            layers: known.layers,
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

/// What recognizing told of a stream.
struct Known {
    collector: &'static dyn Collector,
    reason: String,
    encoding: &'static str,
    layers: Vec<&'static str>,
}

/// What a page's relative dates may count from.
#[derive(Clone, Copy)]
struct Times {
    captured_at: Option<Micros>,
    modified: Option<Micros>,
}

/// The members of a container, each looked at like a file.
struct Inside<'a, 'l> {
    look: &'a mut Look<'l>,
    shown: &'a str,
    /// Saved pages met so far.
    assets: Assets,
    /// Showing what was passed over or skipped failed: the output is gone.
    failed: Option<anyhow::Error>,
}

impl Contents for Inside<'_, '_> {
    fn member(&mut self, nest: &Nest, member: Member<'_>) -> Result<()> {
        let shown = format!("{}!/{}", self.shown, member.name);
        // Web archives name members by their address, which says nothing of folders and kinds.
        if member.captured_at.is_none()
            && let Some(what) = self.assets.passes_over(&member.name)
        {
            self.passed(&member.name, member.bytes, what);
            return self.failed.take().map_or(Ok(()), Err);
        }
        let times = Times { captured_at: member.captured_at, modified: member.modified };
        let mut held = nest.held(member.reader, member.complaint.clone());
        let mut around = LookedAt::new(&mut held);
        let charset = member.charset.as_deref();
        let Some(kind) = self.look.stream(&shown, &mut around, charset, times, &member.complaint)? else {
            return Ok(());
        };
        match nest.inner() {
            Ok(inner) => self.look.container(&shown, kind, Source::Stream(&mut around.again()), &inner),
            Err(skip) => self.look.not_read(shown, skip, &[]),
        }
    }

    fn passed(&mut self, name: &str, _bytes: u64, what: Passed) {
        let what = match what {
            Passed::Media => "picture or style sheet",
            Passed::Asset => "file of a saved page",
            Passed::Known => "page captured before and unchanged",
            Passed::Redirect => "redirect",
            Passed::Index => return,
        };
        let shown = self.look.passed(format!("{}!/{name}", self.shown), what);
        self.failed = self.failed.take().or(shown.err());
    }

    fn skip(&mut self, name: Option<&str>, skip: Skip) {
        let path = name.map_or(self.shown.to_owned(), |name| format!("{}!/{name}", self.shown));
        let shown = self.look.not_read(path, skip, &[]);
        self.failed = self.failed.take().or(shown.err());
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

/// How much of the packed bytes is looked at before a file is read.
const KEPT: usize = 256 << 10;

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
