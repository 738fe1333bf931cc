//! Receiving: what is under the paths becomes acknowledged captures, or a skip.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Result;
use noctule_core::collect::Collector;
use noctule_core::model::{Reason, Skip};
use noctule_store::Store;
use noctule_store::evidence::{CaptureId, Evidence, Received};
use noctule_store::ledger::{Capture, Ledger, Member, NewCapture};

use super::{Options, Outcome};
use crate::input::zip::Archive;
use crate::input::{self, Found, Item, Layer, Recognized, whole_file};
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
    let mut receiver =
        Receiver { evidence: store.evidence(), options, progress, stored: Vec::new(), containers: Vec::new() };
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
                "zip",
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

struct Container {
    id: CaptureId,
    path: String,
    bytes: u64,
    members: Vec<Member>,
}

struct Receiver<'a> {
    evidence: Evidence,
    options: &'a Options,
    progress: &'a Progress,
    stored: Vec<Stored>,
    containers: Vec<Container>,
}

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
            Recognized::Archive => self.archive(ledger, item, file, outcome)?,
            Recognized::Format { collector, encoding, layers, reason } => {
                let received = self.keep(ledger, &mut file, item)?;
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
        let encoding = layers.iter().map(|l| l.word()).chain([encoding]).collect::<Vec<_>>().join("+");
        let simulated = item.simulated.as_deref();
        self.found(ledger, received, &item.shown, collector.name(), encoding, reference, simulated, outcome)
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

    #[allow(clippy::too_many_arguments, reason = "each is one fact of the capture's ledger row")]
    fn found(
        &mut self,
        ledger: &Ledger,
        received: Received,
        path: &str,
        format: &str,
        encoding: String,
        reference: Option<String>,
        simulated: Option<&str>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        outcome.add_to_scope(&received.id);
        if ledger.capture(&received.id)?.is_some() || self.stored.iter().any(|s| s.new.id == received.id) {
            outcome.known_captures += 1;
            self.progress.read_bytes(received.bytes);
            return Ok(());
        }
        self.stored.push(Stored {
            new: NewCapture {
                id: received.id,
                path: path.into(),
                bytes: received.bytes,
                stored_bytes: received.stored_bytes,
                reference,
                format: format.into(),
                encoding,
                zone: self.options.zone.clone(),
                mapping: self.options.mapping.as_ref().map(noctule_core::collect::Mapping::to_toml),
                captured_at: self.options.now,
                program: concat!("noctule ", env!("CARGO_PKG_VERSION")).into(),
                simulated: simulated.map(str::to_string),
            },
        });
        Ok(())
    }

    /// Every member that is not a picture or the like becomes a capture of its own.
    fn archive(&mut self, ledger: &Ledger, item: &Item, mut file: File, outcome: &mut Outcome) -> Result<()> {
        let mut skip = |path: String, skip: Skip| outcome.path_skips.push((path, skip));
        let hashed = file.rewind().and_then(|()| Evidence::hash(&mut file)).and_then(|h| file.rewind().map(|()| h));
        let container = match hashed {
            Ok(hashed) => hashed,
            Err(e) => {
                skip(item.shown.clone(), whole_file(Reason::Unreadable, format!("it cannot be read ({e})")));
                return Ok(());
            }
        };
        if let Some(captures) = ledger.container_captures(&container.id)? {
            outcome.path_skips.extend(ledger.container_skips(&container.id)?);
            outcome.known_captures += captures.len() as u64;
            captures.iter().for_each(|id| outcome.add_to_scope(id));
            self.progress.read_bytes(item.bytes);
            return Ok(());
        }
        let mut archive = match Archive::open(file) {
            Ok(archive) => archive,
            Err(refused) => {
                skip(item.shown.clone(), refused);
                return Ok(());
            }
        };
        let mut members = Vec::new();
        for index in 0..archive.len() {
            let info = match archive.info(index) {
                Ok(info) => info,
                Err(broken) => {
                    outcome.path_skips.push((item.shown.clone(), broken));
                    continue;
                }
            };
            if info.folder {
                continue;
            }
            let shown = format!("{}!/{}", item.shown, info.name);
            let before = outcome.scope.len();
            if info.encrypted {
                outcome.path_skips.push((shown, whole_file(Reason::Encrypted, "the member is encrypted".into())));
            } else {
                self.member(ledger, &mut archive, index, &shown, item.simulated.as_deref(), outcome)?;
            }
            members.push(Member { path: info.name, bytes: info.bytes, capture_id: outcome.scope.get(before).cloned() });
        }
        self.progress.read_bytes(item.bytes);
        self.containers.push(Container { id: container.id, path: item.shown.clone(), bytes: container.bytes, members });
        Ok(())
    }

    fn member(
        &mut self,
        ledger: &Ledger,
        archive: &mut Archive,
        index: usize,
        shown: &str,
        simulated: Option<&str>,
        outcome: &mut Outcome,
    ) -> Result<()> {
        if simulated.is_some() && input::SIMULATED_EXTRAS.iter().any(|extra| shown.ends_with(extra)) {
            return Ok(());
        }
        let recognized = match archive.read(index) {
            Ok(mut reader) => match input::recognize(shown, &mut reader, self.options.collector) {
                // What broke the member is the reason, not what its few good bytes look like.
                Recognized::Skip(seen) => Recognized::Skip(reader.complaint().unwrap_or(seen)),
                recognized => recognized,
            },
            Err(broken) => Recognized::Skip(broken),
        };
        match recognized {
            Recognized::Media(_) => outcome.media += 1,
            Recognized::Skip(skip) => outcome.path_skips.push((shown.to_string(), skip)),
            Recognized::Archive => {
                let detail = "an archive inside an archive; unpack the outer one and give its folder".to_string();
                outcome.path_skips.push((shown.to_string(), whole_file(Reason::NestedTooDeep, detail)));
            }
            Recognized::Format { collector, reason, encoding, layers } => {
                self.progress.recognized(shown, collector.name(), &reason);
                let mut reader = match archive.read(index) {
                    Ok(reader) => reader,
                    Err(broken) => {
                        outcome.path_skips.push((shown.to_string(), broken));
                        return Ok(());
                    }
                };
                let received = self.evidence.store(&mut reader.by_ref(), |b| self.progress.stored_bytes(b))?;
                if let Some(complaint) = reader.complaint() {
                    outcome.path_skips.push((shown.to_string(), complaint));
                }
                let encoding = layers.iter().map(|l| l.word()).chain([encoding]).collect::<Vec<_>>().join("+");
                self.found(ledger, received, shown, collector.name(), encoding, None, simulated, outcome)?;
            }
        }
        Ok(())
    }
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
    text
}
