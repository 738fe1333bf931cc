//! From paths to tables: receive captures, then read, clean, judge and store their messages.
//!
//! Receiving makes a capture durable (evidence, then its ledger row); only then are its messages read, from the
//! evidence. What an interrupted run left acknowledged but unread is read first by the next one.

mod containers;
mod gather;
mod materialize;
mod receive;

use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;

use anyhow::Result;
use noctule_core::collect::{Collector, Mapping};
use noctule_core::detect::Detectors;
use noctule_core::model::{Micros, Skip};
use noctule_store::evidence::CaptureId;
use noctule_store::writer::FinishedCapture;
use noctule_store::{Store, StoreError, WriteLock};

use crate::progress::Progress;

pub use gather::{Ending, Gather};
pub use materialize::{read_capture, zone};
pub use receive::describe;

/// How to read what is given.
#[derive(Clone)]
pub struct Options {
    /// IANA name or offset: where dates without a zone are read.
    pub zone: String,
    pub mapping: Option<Mapping>,
    /// The collector the user names instead of letting the content decide.
    pub collector: Option<&'static dyn Collector>,
    /// Record path and hash instead of copying the bytes.
    pub reference: bool,
    pub batch_messages: Option<usize>,
    pub now: Micros,
}

/// What became of the paths given.
#[derive(Default)]
pub struct Outcome {
    /// The captures of these paths, known before or new, in their order.
    pub scope: Vec<CaptureId>,
    pub new_captures: u64,
    pub known_captures: u64,
    pub messages: u64,
    pub duplicates: u64,
    /// Skips inside the captures of the scope, now or when they were first read.
    pub skipped: u64,
    /// What never became a capture.
    pub path_skips: Vec<(String, Skip)>,
    /// How many of them the ledger has.
    recorded_skips: usize,
    in_scope: HashSet<CaptureId>,
    /// Pictures, films and sounds passed over; style sheets too.
    pub media: u64,
    /// Files that saved pages show, passed over.
    pub assets: u64,
    /// Answers in web archives that lead elsewhere.
    pub redirects: u64,
    pub formats: BTreeMap<String, u64>,
    /// Finished although an earlier run began them.
    pub resumed: u64,
    /// Everything stored was judged again, because rules or words have changed.
    pub judged_anew: bool,
}

impl Outcome {
    fn add_to_scope(&mut self, id: &CaptureId) {
        if self.in_scope.insert(id.clone()) {
            self.scope.push(id.clone());
        }
    }

    pub fn anything_skipped(&self) -> bool {
        self.skipped > 0 || !self.path_skips.is_empty()
    }
}

/// Captures acknowledged together before their messages are read: few at first, so that something is safe soon, then
/// more, because each group is a commit.
const FIRST_GROUP_CAPTURES: usize = 125;
const GROUP_CAPTURES: usize = 1_000;
const GROUP_BYTES: u64 = 256 << 20;

/// Reads everything under the paths into the store. `done` is told each capture whose messages are durable.
pub fn ingest(
    store: &Store,
    lock: &WriteLock,
    detectors: &Detectors,
    paths: &[PathBuf],
    options: &Options,
    progress: &Progress,
    done: &mut dyn FnMut(&FinishedCapture),
) -> Result<Outcome> {
    let mut outcome = Outcome { judged_anew: judged_otherwise(store, detectors)?, ..Outcome::default() };
    if outcome.judged_anew {
        store.forget_tables(lock)?;
    }
    remember(store, lock, detectors)?;
    let mut writer = store.writer(lock)?;
    if let Some(messages) = options.batch_messages {
        writer.set_batch_messages(messages);
    }
    let seen = materialize::Seen::default();
    let pending = writer.ledger().pending_captures()?;
    outcome.resumed = pending.len() as u64;
    materialize::materialize(store, &mut writer, pending, detectors, &seen, progress, done)?;

    let mut queue = receive::Queue::new(paths, &mut outcome);
    progress.expect_bytes(queue.bytes());
    let mut most = FIRST_GROUP_CAPTURES;
    // Once even for an empty queue: what the walk could not read is recorded too.
    loop {
        let group = queue.next_group(most, GROUP_BYTES);
        most = (most * 2).min(GROUP_CAPTURES);
        let new = receive::receive(store, writer.ledger(), group, options, progress, &mut outcome)?;
        materialize::materialize(store, &mut writer, new, detectors, &seen, progress, done)?;
        if queue.is_empty() {
            break;
        }
    }
    // Giving so many texts back takes a while, for which nobody has to wait.
    std::thread::spawn(move || drop(seen));
    let ledger = writer.ledger();
    for id in &outcome.scope {
        if let Some(capture) = ledger.capture(id)? {
            outcome.messages += capture.messages;
            outcome.duplicates += capture.duplicates;
            outcome.skipped += capture.skipped;
            *outcome.formats.entry(capture.new.format).or_default() += 1;
        }
    }
    Ok(outcome)
}

/// Reads again what the evidence holds, after `Store::forget_tables`.
pub fn rebuild(store: &Store, lock: &WriteLock, detectors: &Detectors, progress: &Progress) -> Result<u64> {
    remember(store, lock, detectors)?;
    let mut writer = store.writer(lock)?;
    let seen = materialize::Seen::default();
    let pending = writer.ledger().pending_captures()?;
    progress.expect_bytes(pending.iter().map(|c| c.new.bytes).sum());
    let captures = pending.len() as u64;
    materialize::materialize(store, &mut writer, pending, detectors, &seen, progress, &mut |_| {})?;
    Ok(captures)
}

/// Name of the ledger's setting that says by which rules the stored verdicts were made.
const JUDGED_BY: &str = "detector_version";

/// Whether stored verdicts were made by other rules or words, or by nobody knows which, or lack a column of today. They
/// must not be counted beside new ones.
pub fn judged_otherwise(store: &Store, detectors: &Detectors) -> Result<bool> {
    let ledger = match store.ledger() {
        Ok(ledger) => ledger,
        // Nothing is stored yet, or an earlier run was stopped before its ledger was whole.
        Err(StoreError::Missing { .. }) => return Ok(false),
        Err(e) => return Err(e.into()),
    };
    let by_others = ledger.setting(JUDGED_BY)?.as_deref() != Some(detectors.version());
    Ok(store.tables_are_older() || by_others && ledger.last_batch()? > 0)
}

/// Before the first verdict is written, so that after a crash no verdict has another version than the ledger says.
fn remember(store: &Store, lock: &WriteLock, detectors: &Detectors) -> Result<()> {
    let ledger = store.ledger_for_writing(lock)?;
    if ledger.setting(JUDGED_BY)?.as_deref() != Some(detectors.version()) {
        ledger.set_setting(JUDGED_BY, detectors.version())?;
    }
    Ok(())
}
