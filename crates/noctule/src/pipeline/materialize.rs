//! Reading acknowledged captures into the tables.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::tz::TimeZone;
use noctule_core::collect::{Collector, Input, Mapping, Sink};
use noctule_core::detect::Detectors;
use noctule_core::memo::Memo;
use noctule_core::model::{Clean, Message, Micros, RawMessage, Reason, Shadow, Skip, Verdict};
use noctule_core::normalize::{self, Utf8Reader};
use noctule_store::Store;
use noctule_store::ledger::Capture;
use noctule_store::writer::{CaptureRef, FinishedCapture, Stored, Writer};

use super::gather::{Ending, Gather};
use crate::input::{self, Unpacked, whole_file};
use crate::progress::Progress;
use crate::stages::{self, Feed};

/// Skips kept one by one for a capture; the rest are counted in one more.
const SKIPS_KEPT: usize = 10_000;

/// What the reader hands on, with the number of its capture.
enum Piece {
    Messages(usize, Vec<RawMessage>),
    End(usize, Ending),
    /// The evidence itself does not read: that is damage, not a quirk of the input.
    Damaged(anyhow::Error),
}

enum Judged {
    Messages(usize, Vec<(Message, Arc<Verdict>)>, Vec<Skip>),
    End(usize, Ending),
    Damaged(anyhow::Error),
}

/// Reads captures in their order; each is complete in the tables when `done` is told of it.
pub fn materialize(
    store: &Store,
    writer: &mut Writer,
    captures: Vec<Capture>,
    detectors: &Detectors,
    seen: &Seen,
    progress: &Progress,
    done: &mut dyn FnMut(&FinishedCapture),
) -> Result<()> {
    if captures.is_empty() {
        return Ok(());
    }
    let references: Vec<CaptureRef> = captures
        .iter()
        .map(|c| CaptureRef { no: c.no, id: c.new.id.clone(), captured_at: c.new.captured_at })
        .collect();
    let read = |feed: &mut Feed<Piece>| {
        for (number, capture) in captures.iter().enumerate() {
            if read_one(store, number, capture, feed, progress).is_break() {
                break;
            }
        }
    };
    let work = |piece: Piece| match piece {
        Piece::Messages(capture, raw) => {
            let (judged, skips) = judge(detectors, seen, raw);
            Judged::Messages(capture, judged, skips)
        }
        Piece::End(capture, ending) => Judged::End(capture, ending),
        Piece::Damaged(error) => Judged::Damaged(error),
    };
    let (mut messages, mut duplicates, mut failed) = (0, 0, Vec::new());
    stages::run(stages::workers(), read, work, |judged| -> Result<()> {
        match judged {
            Judged::Messages(capture, judged, mut skips) => {
                for (message, verdict) in &judged {
                    match writer.append(&references[capture], message, verdict, detectors.version())? {
                        Stored::Duplicate => duplicates += 1,
                        Stored::New | Stored::Revision => {}
                    }
                    messages += 1;
                }
                progress.messages(judged.len() as u64);
                failed.append(&mut skips);
            }
            Judged::Damaged(error) => return Err(error),
            Judged::End(capture, mut ending) => {
                ending.skipped += failed.len() as u64;
                ending.skips.append(&mut failed);
                let new = &captures[capture].new;
                writer.finish_capture(FinishedCapture {
                    capture: references[capture].clone(),
                    path: new.path.clone(),
                    messages: std::mem::take(&mut messages),
                    duplicates: std::mem::take(&mut duplicates),
                    skipped: ending.skipped,
                    skips: ending.skips,
                    events: ending.events,
                })?;
            }
        }
        writer.take_durable().iter().for_each(&mut *done);
        Ok(())
    })?;
    writer.flush()?;
    writer.take_durable().iter().for_each(done);
    Ok(())
}

/// A text cleaned and judged.
type Made = (Arc<Clean>, Arc<Verdict>);

/// What was made of the texts met last; one for all groups of a run.
pub type Seen = Memo<Made>;

fn read(detectors: &Detectors, raw: &RawMessage) -> Made {
    let clean = normalize::clustered(normalize::clean_text(&raw.text, &raw.quotes));
    let verdict = detectors.judge_text(&raw.text, &clean);
    // Nobody matches on it any more, and it is as long as the text; reasons are given anew where they are shown.
    let clean = Clean { shadow: Shadow::default(), ..clean };
    let verdict = Verdict { why: Vec::new(), ..verdict };
    (Arc::new(clean), Arc::new(verdict))
}

/// Cleans and judges a chunk. A message on which our own code fails is set aside with a skip, not its neighbors.
fn judge(detectors: &Detectors, seen: &Seen, raw: Vec<RawMessage>) -> (Vec<(Message, Arc<Verdict>)>, Vec<Skip>) {
    let one = |raw: RawMessage| {
        let read = || read(detectors, &raw);
        // Marked quotes are not part of the text that is remembered.
        let (clean, verdict) = if raw.quotes.is_empty() { seen.get_or_make(&raw.text, read) } else { read() };
        (normalize::with(raw, clean), verdict)
    };
    let mut judged = Vec::with_capacity(raw.len());
    let mut skips = Vec::new();
    for message in raw {
        let place = message.place;
        match catch_unwind(AssertUnwindSafe(|| one(message))) {
            Ok(pair) => judged.push(pair),
            Err(_) => skips.push(Skip {
                place: format!("message {place}"),
                reason: Reason::CollectorFailed,
                detail: "cleaning or judging it failed; this is a defect of noctule, please report it".into(),
            }),
        }
    }
    (judged, skips)
}

fn read_one(
    store: &Store,
    number: usize,
    capture: &Capture,
    feed: &mut Feed<Piece>,
    progress: &Progress,
) -> ControlFlow<()> {
    progress.file(&capture.new.path);
    let mut sink = Gather::new(feed, SKIPS_KEPT, |chunk| Piece::Messages(number, chunk));
    let read = open_and_read(store, capture, &mut sink, progress);
    let (mut ending, flow) = sink.end();
    let piece = match read {
        Err(error) => Piece::Damaged(error),
        Ok(()) => {
            let more = ending.skipped.saturating_sub(SKIPS_KEPT as u64);
            if more > 0
                && let Some(reason) = ending.skips.last().map(|s| s.reason)
            {
                ending.skips.push(Skip {
                    place: "further on".into(),
                    reason,
                    detail: format!("{more} more skips, not listed one by one"),
                });
            }
            Piece::End(number, ending)
        }
    };
    if flow.is_break() || feed.send(piece).is_err() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

fn open_and_read(store: &Store, capture: &Capture, sink: &mut dyn Sink, progress: &Progress) -> Result<()> {
    let new = &capture.new;
    let reader: Box<dyn Read + Send> = match &new.reference {
        Some(path) => Box::new(
            File::open(Path::new(path)).with_context(|| format!("cannot open the referenced file \"{path}\""))?,
        ),
        None => Box::new(store.evidence().open_whole(&new.id, new.stored_bytes)?),
    };
    let collector = input::collector(&new.format)
        .with_context(|| format!("this version has no collector \"{}\" for capture {}", new.format, new.id))?;
    let zone = zone(&new.zone)?;
    let mapping = new.mapping.as_deref().map(Mapping::from_toml).transpose()?;
    let counted = Counted { inner: reader, progress };
    let encoding = new.encoding.rsplit('+').next();
    read_declared(collector, &new.path, counted, encoding, &zone, mapping.as_ref(), Some(new.captured_at), sink);
    Ok(())
}

/// A zone by its IANA name or offset (`Europe/Berlin`, `+03`, `-04:30`).
pub fn zone(name: &str) -> Result<TimeZone> {
    if name == "UTC" {
        return Ok(TimeZone::UTC);
    }
    if let Some(offset) = offset(name) {
        return Ok(TimeZone::fixed(offset));
    }
    TimeZone::get(name).with_context(|| {
        format!("unknown time zone \"{name}\"\nhint: use a name such as Europe/Berlin, or an offset such as +03")
    })
}

fn offset(name: &str) -> Option<jiff::tz::Offset> {
    let (sign, digits) = match name.as_bytes().first()? {
        b'+' => (1, &name[1..]),
        b'-' => (-1, &name[1..]),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes.parse::<u8>().ok().filter(|m| *m < 60)?),
        None => (digits, 0),
    };
    let hours = hours.parse::<u8>().ok().filter(|h| *h <= 15)?;
    jiff::tz::Offset::from_seconds(sign * (i32::from(hours) * 3600 + i32::from(minutes) * 60)).ok()
}

/// Unpacks, decodes and reads one stream; whatever goes wrong becomes a skip.
pub fn read_capture(
    collector: &dyn Collector,
    path: &str,
    reader: impl Read + Send,
    zone: &TimeZone,
    mapping: Option<&Mapping>,
    captured_at: Option<Micros>,
    sink: &mut dyn Sink,
) {
    read_declared(collector, path, reader, None, zone, mapping, captured_at, sink);
}

/// The same, with the encoding that was decided when the capture was received.
#[allow(clippy::too_many_arguments, reason = "each is one fact of the input")]
fn read_declared(
    collector: &dyn Collector,
    path: &str,
    reader: impl Read + Send,
    encoding: Option<&str>,
    zone: &TimeZone,
    mapping: Option<&Mapping>,
    captured_at: Option<Micros>,
    sink: &mut dyn Sink,
) {
    let unpacked = match Unpacked::open(reader) {
        Ok(unpacked) => unpacked,
        Err(skip) => return sink.skip(skip),
    };
    let complaint = unpacked.complaint_handle();
    let mut read = |reader: &mut dyn BufRead| {
        let input = Input { path, reader, zone, mapping, captured_at };
        if catch_unwind(AssertUnwindSafe(|| collector.read(input, sink))).is_err() {
            let detail = format!(
                "the {} collector failed here; this is a defect of noctule, please report it",
                collector.name()
            );
            sink.skip(whole_file(Reason::CollectorFailed, detail));
        }
    };
    if collector.reads_bytes() {
        read(&mut BufReader::with_capacity(64 << 10, unpacked));
        if let Some(skip) = complaint() {
            sink.skip(skip);
        }
        return;
    }
    let mut decoder = Utf8Reader::declared(unpacked, encoding);
    read(&mut decoder);
    if decoder.replaced() > 0 {
        let detail =
            format!("{} byte sequences are no valid {} and were replaced", decoder.replaced(), decoder.encoding());
        sink.skip(whole_file(Reason::BadEncoding, detail));
    }
    if let Some(skip) = complaint() {
        sink.skip(skip);
    }
}

struct Counted<'a, R> {
    inner: R,
    progress: &'a Progress,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.progress.read_bytes(n as u64);
        Ok(n)
    }
}
