//! Receiving: what is under the paths becomes acknowledged captures, or a skip.

use std::collections::{HashSet, VecDeque};
use std::fs::File;
use std::io::Seek;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use noctule_core::collect::Collector;
use noctule_core::model::{Micros, Reason, Skip};
use noctule_store::Store;
use noctule_store::evidence::{CaptureId, Evidence, Received};
use noctule_store::ledger::{Capture, Ledger, Member, NewCapture};

use super::{Options, Outcome};
use crate::input::{self, Found, Item, Layer, Recognized, Unpacked, WithoutMedia, whole_file};
use crate::progress::Progress;
use crate::stages;

/// What is still to be received, in order.
pub struct Queue {
    items: VecDeque<Item>,
}

impl Queue {
    /// Walks the paths. What cannot be an input goes to the outcome at once.
    pub fn new(paths: &[PathBuf], outcome: &mut Outcome) -> Self {
        let walk = input::walk(paths);
        outcome.media += walk.static_files;
        outcome.assets += walk.assets;
        let mut items = VecDeque::new();
        for found in walk.found {
            match found {
                Found::File(item) => items.push_back(item),
                Found::Skip { path, skip } => outcome.path_skips.push((path, skip)),
            }
        }
        Self { items }
    }

    pub fn bytes(&self) -> u64 {
        self.items.iter().map(|item| item.bytes).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The next few items: at least one, at most so many, and no more after so many bytes.
    pub fn next_group(&mut self, most: usize, bytes: u64) -> Vec<Item> {
        let (mut group, mut size) = (Vec::new(), 0);
        while let Some(item) = self.items.front() {
            if group.len() >= most || (size > 0 && size + item.bytes > bytes) {
                break;
            }
            size += item.bytes;
            group.extend(self.items.pop_front());
        }
        group
    }
}

/// A capture that is in the evidence but not yet in the ledger.
struct Stored {
    new: NewCapture,
}

/// Receives a group and acknowledges it in one transaction. Returns the captures whose messages are to be read.
pub fn receive(
    store: &Store,
    ledger: &mut Ledger,
    group: Vec<Item>,
    options: &Options,
    progress: &Progress,
    outcome: &mut Outcome,
) -> Result<Vec<Capture>> {
    let ahead = store_ahead(&store.evidence(), ledger, &group, options, progress)?;
    let mut receiver = Receiver {
        evidence: store.evidence(),
        spool: store.dir().to_owned(),
        options,
        progress,
        stored: Vec::new(),
        stored_ids: HashSet::new(),
        containers: Vec::new(),
    };
    for (item, ahead) in group.iter().zip(ahead) {
        progress.file(&item.shown);
        match ahead {
            Some(Ahead { format, received }) => receiver.format(ledger, item, format, Ok(received?), outcome)?,
            None => receiver.item(ledger, item, outcome)?,
        }
    }
    let Receiver { stored, containers, .. } = receiver;
    let skips = &outcome.path_skips[outcome.recorded_skips..];
    let mut ids = Vec::new();
    ledger.transaction(|ledger| {
        for Stored { new } in &stored {
            if ledger.capture(&new.id)?.is_none() {
                ledger.add_capture(new)?;
                ledger.audit(options.now, "capture", &new.id.0)?;
                ids.push(new.id.clone());
            }
        }
        for container in &containers {
            ledger.add_container(
                &container.id,
                &container.path,
                container.bytes,
                container.format,
                options.now,
                &container.members,
            )?;
        }
        for (path, skip) in skips {
            ledger.set_path_skip(path, skip)?;
        }
        Ok(())
    })?;
    outcome.recorded_skips = outcome.path_skips.len();
    outcome.new_captures += ids.len() as u64;
    let mut captures = Vec::new();
    for id in ids {
        captures.extend(ledger.capture(&id)?);
    }
    Ok(captures)
}

/// What the content of a file was recognized as.
struct Format {
    collector: &'static dyn Collector,
    reason: String,
    encoding: &'static str,
    layers: Vec<Layer>,
}

/// A file that is in the evidence before its turn.
struct Ahead {
    format: Format,
    received: Result<Received>,
}

/// Reads, compresses and syncs plain files on all processors at once; whatever is not plain (an archive, a picture, a
/// file that does not read or is likely known) is left to its turn. The ledger is told later and in order.
fn store_ahead(
    evidence: &Evidence,
    ledger: &Ledger,
    group: &[Item],
    options: &Options,
    progress: &Progress,
) -> Result<Vec<Option<Ahead>>> {
    let mut ahead: Vec<Option<Ahead>> = group.iter().map(|_| None).collect();
    let mut plain = Vec::new();
    for (number, item) in group.iter().enumerate() {
        if !options.reference && !ledger.knows_path(&item.shown, item.bytes)? {
            plain.push(number);
        }
    }
    let next = AtomicUsize::new(0);
    let one = |item: &Item| {
        let mut file = input::open(&item.file).ok()?;
        let Recognized::Format { collector, reason, encoding, layers } =
            input::recognize(&item.shown, &mut file, options.collector)
        else {
            return None;
        };
        // Mailboxes are stored without their attachments, and what that meets is told.
        if input::holds_media(collector) {
            return None;
        }
        file.rewind().ok()?;
        let received = evidence.store(&mut file, |bytes| progress.stored_bytes(bytes)).map_err(Into::into);
        Some(Ahead { format: Format { collector, reason, encoding, layers }, received })
    };
    let work = || {
        let mut done = Vec::new();
        while let Some(number) = plain.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((*number, one(&group[*number])));
        }
        done
    };
    // A single file is compressed on all processors anyway.
    if plain.len() > 1 {
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..stages::workers().min(plain.len())).map(|_| scope.spawn(work)).collect();
            for thread in threads {
                for (number, done) in thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)) {
                    ahead[number] = done;
                }
            }
        });
    }
    Ok(ahead)
}

pub(super) struct Container {
    pub id: CaptureId,
    pub path: String,
    pub bytes: u64,
    pub format: &'static str,
    pub members: Vec<Member>,
}

pub(super) struct Receiver<'a> {
    pub evidence: Evidence,
    /// Where archives inside of archives are copied to while they are read.
    pub spool: PathBuf,
    pub options: &'a Options,
    pub progress: &'a Progress,
    stored: Vec<Stored>,
    stored_ids: HashSet<CaptureId>,
    pub containers: Vec<Container>,
}

/// What is known of a capture beside its bytes.
pub(super) struct Facts<'a> {
    pub path: &'a str,
    pub collector: &'static dyn Collector,
    pub encoding: String,
    pub reference: Option<String>,
    pub simulated: Option<&'a str>,
    /// When it was captured, where its container says that.
    pub captured_at: Option<Micros>,
    /// When its file was last changed.
    pub modified: Option<Micros>,
}

/// An older date of a file is the zero of some clock or archive: 2000-01-01, as of messages.
const EARLIEST: Micros = Micros(946_684_800_000_000);

impl Receiver<'_> {
    fn item(&mut self, ledger: &Ledger, item: &Item, outcome: &mut Outcome) -> Result<()> {
        let mut file = match input::open(&item.file) {
            Ok(file) => file,
            Err(skip) => {
                outcome.path_skips.push((item.shown.clone(), skip));
                return Ok(());
            }
        };
        match input::recognize(&item.shown, &mut file, self.options.collector) {
            Recognized::Media(_) => outcome.media += 1,
            Recognized::Skip(skip) => outcome.path_skips.push((item.shown.clone(), skip)),
            Recognized::Archive(kind) => self.container(ledger, item, kind, file, outcome)?,
            Recognized::Format { collector, encoding, layers, reason } => {
                let without_media = input::holds_media(collector) && !self.options.reference;
                let received = if without_media {
                    self.keep_text(&mut file, item, outcome)?
                } else {
                    self.keep(ledger, &mut file, item)?
                };
                // What is stored without its media is stored unpacked.
                let layers = if without_media { Vec::new() } else { layers };
                let format = Format { collector, reason, encoding, layers };
                self.format(ledger, item, format, received, outcome)?;
            }
        }
        Ok(())
    }

    fn format(
        &mut self,
        ledger: &Ledger,
        item: &Item,
        format: Format,
        received: std::result::Result<Received, Skip>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        let Format { collector, reason, encoding, layers } = format;
        self.progress.recognized(&item.shown, collector.name(), &reason);
        let received = match received {
            Ok(received) => received,
            Err(skip) => {
                outcome.path_skips.push((item.shown.clone(), skip));
                return Ok(());
            }
        };
        let reference = self
            .options
            .reference
            .then(|| input::written(&std::path::absolute(&item.file).unwrap_or_else(|_| item.file.clone())));
        let facts = Facts {
            path: &item.shown,
            collector,
            encoding: written_encoding(&layers, encoding),
            reference,
            simulated: item.simulated.as_deref(),
            captured_at: None,
            modified: item.modified,
        };
        self.found(ledger, received, facts, outcome).map(|_| ())
    }

    /// Stores the file's bytes, or only hashes them when they are referenced or likely known.
    fn keep(&self, ledger: &Ledger, file: &mut File, item: &Item) -> Result<std::result::Result<Received, Skip>> {
        let unreadable = |e: std::io::Error| whole_file(Reason::Unreadable, format!("it cannot be read ({e})"));
        if let Err(e) = file.rewind() {
            return Ok(Err(unreadable(e)));
        }
        let likely_known = ledger.knows_path(&item.shown, item.bytes)?;
        if self.options.reference || likely_known {
            let received = match Evidence::hash(file) {
                Ok(received) => received,
                Err(e) => return Ok(Err(unreadable(e))),
            };
            if self.options.reference || ledger.capture(&received.id)?.is_some() {
                return Ok(Ok(received));
            }
            if let Err(e) = file.rewind() {
                return Ok(Err(unreadable(e)));
            }
        }
        Ok(Ok(self.evidence.store(file, |bytes| self.progress.stored_bytes(bytes))?))
    }

    /// Stores a mailbox, unpacked and without its attachments.
    fn keep_text(
        &self,
        file: &mut File,
        item: &Item,
        outcome: &mut Outcome,
    ) -> Result<std::result::Result<Received, Skip>> {
        if let Err(e) = file.rewind() {
            return Ok(Err(whole_file(Reason::Unreadable, format!("it cannot be read ({e})"))));
        }
        let unpacked = match Unpacked::open(file) {
            Ok(unpacked) => unpacked,
            Err(skip) => return Ok(Err(skip)),
        };
        let complaint = unpacked.complaint_handle();
        let received =
            self.evidence.store(&mut WithoutMedia::new(unpacked), |bytes| self.progress.stored_bytes(bytes))?;
        if let Some(skip) = complaint() {
            outcome.path_skips.push((item.shown.clone(), skip));
        }
        Ok(Ok(received))
    }

    /// Notes a capture that is stored; one that was known before stays as it is.
    pub(super) fn found(
        &mut self,
        ledger: &Ledger,
        received: Received,
        facts: Facts<'_>,
        outcome: &mut Outcome,
    ) -> Result<CaptureId> {
        let id = received.id;
        outcome.add_to_scope(&id);
        if self.stored_ids.contains(&id) || ledger.capture(&id)?.is_some() {
            outcome.known_captures += 1;
            self.progress.read_bytes(received.bytes);
            return Ok(id);
        }
        self.stored_ids.insert(id.clone());
        self.stored.push(Stored {
            new: NewCapture {
                id: id.clone(),
                path: facts.path.into(),
                bytes: received.bytes,
                stored_bytes: received.stored_bytes,
                format: facts.collector.name().into(),
                captured_at: self.captured_at(&facts),
                reference: facts.reference,
                encoding: facts.encoding,
                zone: self.options.zone.clone(),
                mapping: self.options.mapping.as_ref().map(noctule_core::collect::Mapping::to_toml),
                program: concat!("noctule ", env!("CARGO_PKG_VERSION")).into(),
                simulated: facts.simulated.map(str::to_string),
            },
        });
        Ok(id)
    }

    /// As the container says, else of a page when its file was saved, else now.
    fn captured_at(&self, facts: &Facts<'_>) -> Micros {
        let now = self.options.now;
        let plausible = |at: &Micros| (EARLIEST..=now).contains(at);
        let saved = facts.modified.filter(|_| facts.collector.counts_from_capture());
        facts.captured_at.filter(plausible).or(saved.filter(plausible)).unwrap_or(now)
    }
}

/// The compressions around a capture and its encoding, as the ledger has them: `gzip+windows-1251`.
pub(super) fn written_encoding(layers: &[Layer], encoding: &str) -> String {
    layers.iter().map(|layer| layer.word()).chain([encoding]).collect::<Vec<_>>().join("+")
}

/// One line for people: what was recognized, and how the scope came together.
pub fn describe(outcome: &Outcome) -> String {
    let formats: Vec<String> = outcome.formats.iter().map(|(name, n)| format!("{n} {name}")).collect();
    let mut text = format!(
        "{} captures ({} new): {}",
        outcome.scope.len(),
        outcome.new_captures,
        if formats.is_empty() { "none".into() } else { formats.join(", ") }
    );
    if outcome.media > 0 {
        text.push_str(&format!("; {} media and style files passed over", outcome.media));
    }
    if outcome.assets > 0 {
        text.push_str(&format!("; {} files that belong to saved pages passed over", outcome.assets));
    }
    if outcome.redirects > 0 {
        text.push_str(&format!("; {} redirects", outcome.redirects));
    }
    text
}
