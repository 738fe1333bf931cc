//! Appending messages to the tables in durable batches.
//!
//! A batch is: Parquet files written and synced, each with its Delta commit, and the run of the key index; then one
//! ledger transaction. Before that last step nothing of the batch exists; after it all of it does. A crash in
//! between leaves files that the next opening removes.
//!
//! Files are encoded and synced on threads of their own (`table_file.rs`). While those of a full batch are completed,
//! the next batch is filled; there is never more than one batch between the two.

use std::path::{Path, PathBuf};

use datafusion::arrow::array::RecordBatch;
use noctule_core::model::{Id, Message, Micros, Skip, Source, SourceEvent, Verdict};
use std::collections::HashMap;
use std::sync::Arc;

use crate::Result;
use crate::evidence::CaptureId;
use crate::keys::{Key, Keys};
use crate::ledger::{Batch, Ledger};
use crate::table_file::FileInTheMaking;
use crate::tables::delta_log::DeltaLog;
use crate::tables::{TABLES, TableDef, ascii, entities, messages, revisions, sightings, verdicts};

/// A batch is committed at this many messages …
const BATCH_MESSAGES: usize = 100_000;
/// … or at this much text, so that long messages do not fill the memory.
const BATCH_TEXT_BYTES: usize = 64 << 20;
/// Rows handed to the Parquet writer at a time.
const CHUNK_ROWS: usize = 1024;
const CHUNK_TEXT_BYTES: usize = 4 << 20;

/// The capture a message was found in.
#[derive(Clone, Debug)]
pub struct CaptureRef {
    pub no: i64,
    pub id: CaptureId,
    pub captured_at: Micros,
}

/// One message on its way into the tables.
pub struct Row<'a> {
    pub capture: &'a CaptureRef,
    pub message: &'a Message,
    pub verdict: &'a Verdict,
    pub detector_version: &'a str,
    /// Ids as written, once for all tables.
    pub(crate) message_id: &'a str,
    pub(crate) source_id: &'a str,
    pub(crate) cluster_id: Option<&'a str>,
}

impl Row<'_> {
    /// Seconds of the last edit; 0 for a message never edited.
    pub(crate) fn edited_secs(&self) -> u32 {
        edited_secs(self.message)
    }
}

fn edited_secs(message: &Message) -> u32 {
    message.raw.edited_at.map_or(0, |t| t.secs().clamp(0, i64::from(u32::MAX)) as u32)
}

/// What became of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stored {
    New,
    /// The same message with other content: kept as a revision.
    Revision,
    /// Already stored, from this or another capture.
    Duplicate,
}

/// A capture whose last message was appended.
#[derive(Clone, Debug)]
pub struct FinishedCapture {
    pub capture: CaptureRef,
    pub path: String,
    pub messages: u64,
    pub duplicates: u64,
    /// All of them counted; `skips` may be capped.
    pub skipped: u64,
    pub skips: Vec<Skip>,
    pub events: Vec<SourceEvent>,
}

/// A batch to which nothing is added any more, and which the ledger does not know yet.
struct Sealed {
    batch_no: i64,
    messages: u64,
    files: Vec<FileInTheMaking>,
    finished: Vec<FinishedCapture>,
    sources: Vec<Source>,
}

pub struct Writer {
    ledger: Ledger,
    tables_dir: PathBuf,
    keys: Keys,
    batch_no: i64,
    batch_messages: usize,
    messages: Sink<messages::Builder>,
    verdicts: Sink<verdicts::Builder>,
    entities: Sink<entities::Builder>,
    revisions: Sink<revisions::Builder>,
    sightings: Sink<sightings::Builder>,
    batch_rows: usize,
    batch_text: usize,
    chunk_rows: usize,
    chunk_text: usize,
    finished: Vec<FinishedCapture>,
    /// The batch before this one, while its files are completed.
    sealed: Option<Sealed>,
    durable: Vec<FinishedCapture>,
    sources: HashMap<String, (Source, Id, bool)>,
    /// The source met last, and its id as written.
    last_source: Option<(Arc<Source>, [u8; 16])>,
    /// How often a message without an id of its own was met in the current capture.
    anonymous: HashMap<u64, u32>,
    anonymous_capture: i64,
    found: Vec<Key>,
}

impl Writer {
    pub(crate) fn new(ledger: Ledger, tables_dir: PathBuf, keys: Keys) -> Result<Self> {
        let batch_no = ledger.last_batch()? + 1;
        for table in TABLES {
            DeltaLog::new(&tables_dir, table).create()?;
        }
        Ok(Self {
            messages: Sink::new(&messages::TABLE, &ledger)?,
            verdicts: Sink::new(&verdicts::TABLE, &ledger)?,
            entities: Sink::new(&entities::TABLE, &ledger)?,
            revisions: Sink::new(&revisions::TABLE, &ledger)?,
            sightings: Sink::new(&sightings::TABLE, &ledger)?,
            ledger,
            tables_dir,
            keys,
            batch_no,
            batch_messages: BATCH_MESSAGES,
            batch_rows: 0,
            batch_text: 0,
            chunk_rows: 0,
            chunk_text: 0,
            finished: Vec::new(),
            sealed: None,
            durable: Vec::new(),
            sources: HashMap::new(),
            last_source: None,
            anonymous: HashMap::new(),
            anonymous_capture: 0,
            found: Vec::new(),
        })
    }

    /// Smaller batches are acknowledged sooner and cost more; for live feeds and crash tests.
    pub fn set_batch_messages(&mut self, messages: usize) {
        self.batch_messages = messages.clamp(1, BATCH_MESSAGES);
    }

    pub fn ledger(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// Appends one message, unless the very same is stored already. Messages of a capture come in its order.
    pub fn append(
        &mut self,
        capture: &CaptureRef,
        message: &Message,
        verdict: &Verdict,
        detector_version: &str,
    ) -> Result<Stored> {
        let source_id = self.source_id(&message.raw.source);
        let message_id = self.message_id(capture, message);
        let key = Key {
            message: message_id,
            edited_secs: edited_secs(message),
            content: message.content,
            capture_no: capture.no as u32,
        };
        let mut found = std::mem::take(&mut self.found);
        self.keys.get(&message_id, &mut found)?;
        let stored = self.place(key, &found);
        self.found = found;
        if stored == Stored::Duplicate {
            return self.flush_if_full().map(|()| stored);
        }
        self.keys.insert(key);
        let (message_id, cluster_id) = (message_id.letters(), message.clean.cluster.map(|id| id.letters()));
        let row = Row {
            capture,
            message,
            verdict,
            detector_version,
            message_id: ascii(&message_id),
            source_id: ascii(&source_id),
            cluster_id: cluster_id.as_ref().map(ascii),
        };
        self.messages.builder.push(&row);
        self.verdicts.builder.push(&row);
        if !verdict.entities.is_empty() {
            self.entities.builder.push(&row);
        }
        self.batch_rows += 1;
        self.chunk_rows += 1;
        self.chunk_text += message.clean.text.len();
        self.batch_text += message.clean.text.len();
        if self.chunk_rows >= CHUNK_ROWS || self.chunk_text >= CHUNK_TEXT_BYTES {
            self.write_chunk()?;
        }
        self.flush_if_full()?;
        Ok(stored)
    }

    /// Decides what a message is beside the revisions already stored, and notes what it replaces.
    fn place(&mut self, key: Key, found: &[Key]) -> Stored {
        if found.is_empty() {
            return Stored::New;
        }
        if let Some(same) = found.iter().find(|k| k.content == key.content && k.edited_secs == key.edited_secs) {
            if same.capture_no != key.capture_no {
                self.sightings.builder.push(&key);
                self.batch_rows += 1;
            }
            return Stored::Duplicate;
        }
        // The newest edit counts; of two with the same time the greater hash, whichever came first.
        let newest = found.iter().max().expect("found is not empty");
        let replaced = if *newest < key { newest } else { &key };
        self.revisions.builder.push(replaced);
        Stored::Revision
    }

    fn source_id(&mut self, source: &Arc<Source>) -> [u8; 16] {
        // Messages of one source follow each other, and their collector gives them the same value.
        if let Some((last, id)) = &self.last_source
            && Arc::ptr_eq(last, source)
        {
            return *id;
        }
        let id = self.look_up_source(source).letters();
        self.last_source = Some((source.clone(), id));
        id
    }

    fn look_up_source(&mut self, source: &Source) -> Id {
        match self.sources.get(&source.key) {
            Some((known, id, _)) if known == source => *id,
            _ => {
                let id = source.id();
                self.sources.insert(source.key.clone(), (source.clone(), id, true));
                id
            }
        }
    }

    /// The source's own id where it has one; otherwise author, time and text, and the how-manieth such message of
    /// the capture it is, so that overlapping captures meet and true repetitions stay.
    fn message_id(&mut self, capture: &CaptureRef, message: &Message) -> Id {
        let source = message.raw.source.key.as_bytes();
        if let Some(native) = &message.raw.native_id {
            return Id::of(&[b"message", source, native.as_bytes()]);
        }
        if self.anonymous_capture != capture.no {
            self.anonymous.clear();
            self.anonymous_capture = capture.no;
        }
        let posted = message.raw.posted_at.map_or(i64::MIN, |p| p.at.0).to_le_bytes();
        let content = message.content.to_le_bytes();
        let id = Id::of(&[b"unnumbered", source, &posted, &content]);
        let number = self.anonymous.entry(id.0[..8].iter().fold(0, |n, b| n << 8 | u64::from(*b))).or_default();
        *number += 1;
        Id::of(&[b"unnumbered", source, &posted, &content, &number.to_le_bytes()])
    }

    /// Says that a capture is complete; it becomes durable with the next batch.
    pub fn finish_capture(&mut self, finished: FinishedCapture) -> Result<()> {
        self.finished.push(finished);
        // Many tiny captures must not make a batch of unbounded bookkeeping.
        if self.finished.len() >= 5_000 { self.seal() } else { Ok(()) }
    }

    fn flush_if_full(&mut self) -> Result<()> {
        if self.batch_rows >= self.batch_messages || self.batch_text >= BATCH_TEXT_BYTES {
            self.seal()?;
        }
        Ok(())
    }

    fn write_chunk(&mut self) -> Result<()> {
        let batch_no = self.batch_no;
        let chunk = self.messages.builder.finish()?;
        self.messages.write(&self.tables_dir, chunk, batch_no)?;
        let chunk = self.verdicts.builder.finish()?;
        self.verdicts.write(&self.tables_dir, chunk, batch_no)?;
        let chunk = self.entities.builder.finish()?;
        self.entities.write(&self.tables_dir, chunk, batch_no)?;
        let chunk = self.revisions.builder.finish()?;
        self.revisions.write(&self.tables_dir, chunk, batch_no)?;
        let chunk = self.sightings.builder.finish()?;
        self.sightings.write(&self.tables_dir, chunk, batch_no)?;
        (self.chunk_rows, self.chunk_text) = (0, 0);
        // Acknowledged as soon as it can be, not when the next batch is full.
        if self.sealed.as_ref().is_some_and(|batch| batch.files.iter().all(FileInTheMaking::is_finished)) {
            self.complete()?;
        }
        Ok(())
    }

    /// The captures that have become complete and durable since the last call.
    pub fn take_durable(&mut self) -> Vec<FinishedCapture> {
        std::mem::take(&mut self.durable)
    }

    /// Makes everything appended so far durable.
    pub fn flush(&mut self) -> Result<()> {
        self.seal()?;
        self.complete()
    }

    /// Ends the batch: its files are completed while the next one is filled.
    fn seal(&mut self) -> Result<()> {
        self.write_chunk()?;
        // One at a time and in order: the ledger knows a batch before the next one has a Delta commit or a run.
        self.complete()?;
        let mut files = Vec::new();
        files.extend(self.entities.commit()?);
        files.extend(self.messages.commit()?);
        files.extend(self.revisions.commit()?);
        files.extend(self.sightings.commit()?);
        files.extend(self.verdicts.commit()?);
        if files.is_empty() && self.finished.is_empty() {
            return Ok(());
        }
        let batch_no = self.batch_no;
        if !files.is_empty() {
            self.keys.flush(batch_no)?;
            self.batch_no += 1;
        }
        let new = |(source, _, new): &mut (Source, Id, bool)| std::mem::take(new).then(|| source.clone());
        self.sealed = Some(Sealed {
            batch_no,
            messages: self.batch_rows as u64,
            files,
            finished: std::mem::take(&mut self.finished),
            sources: self.sources.values_mut().filter_map(new).collect(),
        });
        (self.batch_rows, self.batch_text) = (0, 0);
        Ok(())
    }

    /// Waits until the files of the sealed batch are durable, and tells the ledger.
    fn complete(&mut self) -> Result<()> {
        let Some(sealed) = self.sealed.take() else { return Ok(()) };
        let Sealed { batch_no, messages, files, finished, sources } = sealed;
        let files = files.into_iter().map(|mut file| file.end()).collect::<Result<Vec<_>>>()?;
        let batch = Batch { no: batch_no, messages, files };
        self.ledger.transaction(|ledger| {
            if !batch.files.is_empty() {
                ledger.add_batch(&batch)?;
            }
            for source in &sources {
                ledger.upsert_source(source)?;
            }
            for done in &finished {
                ledger.materialized(done.capture.no, done.messages, done.duplicates, done.skipped)?;
                ledger.set_capture_skips(done.capture.no, &done.path, &done.skips)?;
                for event in &done.events {
                    ledger.add_source_event(done.capture.no, event)?;
                }
            }
            Ok(())
        })?;
        self.durable.extend(finished);
        Ok(())
    }
}

/// The rows of one table on their way into its file.
struct Sink<B> {
    table: &'static TableDef,
    builder: B,
    /// Of the newest file, committed or in the making.
    version: i64,
    open: Option<FileInTheMaking>,
}

impl<B: Default> Sink<B> {
    fn new(table: &'static TableDef, ledger: &Ledger) -> Result<Self> {
        Ok(Self { table, builder: B::default(), version: ledger.table_version(table.name)?.unwrap_or(0), open: None })
    }

    fn write(&mut self, tables_dir: &Path, chunk: RecordBatch, batch_no: i64) -> Result<()> {
        if chunk.num_rows() == 0 {
            return Ok(());
        }
        if self.open.is_none() {
            self.version += 1;
            self.open = Some(FileInTheMaking::begin(tables_dir, self.table, batch_no, self.version)?);
        }
        self.open.as_mut().expect("begun above").write(chunk)
    }

    /// Lets the file be completed; `None` when the batch had no row for this table.
    fn commit(&mut self) -> Result<Option<FileInTheMaking>> {
        let mut file = self.open.take();
        file.as_mut().map_or(Ok(()), FileInTheMaking::commit)?;
        Ok(file)
    }
}
