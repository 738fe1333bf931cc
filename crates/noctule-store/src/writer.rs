//! Appending messages to the tables in durable batches.
//!
//! A batch is: Parquet files written and synced, then their Delta commits, then the run of the key index, then one
//! ledger transaction. Before that last step nothing of the batch exists; after it all of it does. A crash in
//! between leaves files that the next opening removes.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use datafusion::arrow::array::RecordBatch;
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::arrow::arrow_writer::ArrowWriterOptions;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::{EnabledStatistics, WriterProperties};
use datafusion::parquet::schema::types::ColumnPath;
use noctule_core::model::{Id, Message, Micros, Skip, Source, SourceEvent, Verdict};
use std::collections::HashMap;

use crate::evidence::CaptureId;
use crate::keys::{Key, Keys};
use crate::ledger::{Batch, Ledger, TableFile};
use crate::tables::delta_log::DeltaLog;
use crate::tables::{TABLES, TableDef, entities, messages, revisions, sightings, verdicts};
use crate::{Result, StoreError, durable};

/// A batch is committed at this many messages …
const BATCH_MESSAGES: usize = 100_000;
/// … or at this much text, so that long messages do not fill the memory.
const BATCH_TEXT_BYTES: usize = 64 << 20;
/// Rows handed to the Parquet writer at a time.
const CHUNK_ROWS: usize = 4096;
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
    message_id: [u8; 16],
    source_id: [u8; 16],
}

impl Row<'_> {
    pub(crate) fn message_id_text(&self) -> &str {
        std::str::from_utf8(&self.message_id).expect("base 32 is ASCII")
    }

    pub(crate) fn source_id_text(&self) -> &str {
        std::str::from_utf8(&self.source_id).expect("base 32 is ASCII")
    }

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
    durable: Vec<FinishedCapture>,
    sources: HashMap<String, (Source, Id, bool)>,
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
            messages: Sink::new(&tables_dir, &messages::TABLE),
            verdicts: Sink::new(&tables_dir, &verdicts::TABLE),
            entities: Sink::new(&tables_dir, &entities::TABLE),
            revisions: Sink::new(&tables_dir, &revisions::TABLE),
            sightings: Sink::new(&tables_dir, &sightings::TABLE),
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
            durable: Vec::new(),
            sources: HashMap::new(),
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
        let row = Row {
            capture,
            message,
            verdict,
            detector_version,
            message_id: message_id.letters(),
            source_id: source_id.letters(),
        };
        self.messages.builder.push(&row);
        self.verdicts.builder.push(&row);
        if !verdict.entities.is_empty() {
            self.entities.builder.push(&row);
            self.entities.rows += verdict.entities.len() as u64;
        }
        self.messages.rows += 1;
        self.verdicts.rows += 1;
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
                self.sightings.rows += 1;
                self.batch_rows += 1;
            }
            return Stored::Duplicate;
        }
        // The newest edit counts; of two with the same time the greater hash, whichever came first.
        let newest = found.iter().max().expect("found is not empty");
        let replaced = if *newest < key { newest } else { &key };
        self.revisions.builder.push(replaced);
        self.revisions.rows += 1;
        Stored::Revision
    }

    fn source_id(&mut self, source: &Source) -> Id {
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
        if self.finished.len() >= 5_000 { self.flush() } else { Ok(()) }
    }

    fn flush_if_full(&mut self) -> Result<()> {
        if self.batch_rows >= self.batch_messages || self.batch_text >= BATCH_TEXT_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn write_chunk(&mut self) -> Result<()> {
        let batch_no = self.batch_no;
        let chunk = self.messages.builder.finish()?;
        self.messages.write(chunk, batch_no)?;
        let chunk = self.verdicts.builder.finish()?;
        self.verdicts.write(chunk, batch_no)?;
        let chunk = self.entities.builder.finish()?;
        self.entities.write(chunk, batch_no)?;
        let chunk = self.revisions.builder.finish()?;
        self.revisions.write(chunk, batch_no)?;
        let chunk = self.sightings.builder.finish()?;
        self.sightings.write(chunk, batch_no)?;
        (self.chunk_rows, self.chunk_text) = (0, 0);
        Ok(())
    }

    /// The captures that have become complete and durable since the last call.
    pub fn take_durable(&mut self) -> Vec<FinishedCapture> {
        std::mem::take(&mut self.durable)
    }

    /// Makes everything appended so far durable.
    pub fn flush(&mut self) -> Result<()> {
        self.write_chunk()?;
        let batch_no = self.batch_no;
        let mut files = Vec::new();
        let ledger = &self.ledger;
        let mut close = |closed: Option<TableFile>, table: &'static TableDef| -> Result<()> {
            if let Some(mut file) = closed {
                file.version = ledger.table_version(table.name)?.unwrap_or(0) + 1;
                files.push((table, file));
            }
            Ok(())
        };
        close(self.entities.close()?, &entities::TABLE)?;
        close(self.messages.close()?, &messages::TABLE)?;
        close(self.revisions.close()?, &revisions::TABLE)?;
        close(self.sightings.close()?, &sightings::TABLE)?;
        close(self.verdicts.close()?, &verdicts::TABLE)?;
        if files.is_empty() && self.finished.is_empty() {
            return Ok(());
        }
        for (table, file) in &files {
            let log = DeltaLog::new(&self.tables_dir, table);
            durable::sync_dir(log.table_dir())?;
            log.commit(file, batch_no)?;
        }
        if !files.is_empty() {
            self.keys.flush(batch_no)?;
        }
        let batch = Batch {
            no: batch_no,
            messages: self.batch_rows as u64,
            files: files.into_iter().map(|(_, file)| file).collect(),
        };
        let finished = std::mem::take(&mut self.finished);
        let sources: Vec<Source> =
            self.sources.values().filter(|(_, _, new)| *new).map(|(s, _, _)| s.clone()).collect();
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
        if !batch.files.is_empty() {
            self.batch_no += 1;
        }
        self.sources.values_mut().for_each(|(_, _, new)| *new = false);
        (self.batch_rows, self.batch_text) = (0, 0);
        self.durable.extend(finished);
        Ok(())
    }
}

/// One table's open Parquet file.
struct Sink<B> {
    table: &'static TableDef,
    dir: PathBuf,
    builder: B,
    open: Option<(ArrowWriter<HashingFile>, String)>,
    rows: u64,
}

impl<B: Default> Sink<B> {
    fn new(tables_dir: &std::path::Path, table: &'static TableDef) -> Self {
        Self { table, dir: tables_dir.join(table.name), builder: B::default(), open: None, rows: 0 }
    }

    fn write(&mut self, chunk: RecordBatch, batch_no: i64) -> Result<()> {
        if chunk.num_rows() == 0 {
            return Ok(());
        }
        if self.open.is_none() {
            let name = format!("batch-{batch_no:08}.parquet");
            let path = self.dir.join(&name);
            let file = File::create(&path).map_err(StoreError::io("create", &path))?;
            let options = ArrowWriterOptions::new()
                .with_properties(properties(self.table))
                // Readers follow the Delta schema; Arrow's own copy would only repeat it.
                .with_skip_arrow_metadata(true);
            let writer = ArrowWriter::try_new_with_options(HashingFile::new(file), chunk.schema(), options)?;
            self.open = Some((writer, name));
        }
        let (writer, _) = self.open.as_mut().expect("opened above");
        Ok(writer.write(&chunk)?)
    }

    /// Finishes and syncs the file; `None` when the batch had no row for this table. The version is the caller's.
    fn close(&mut self) -> Result<Option<TableFile>> {
        let rows = std::mem::take(&mut self.rows);
        let Some((writer, name)) = self.open.take() else { return Ok(None) };
        let file = writer.into_inner()?;
        let path = self.dir.join(&name);
        let (bytes, blake3) = file.finish().map_err(StoreError::io("sync", &path))?;
        Ok(Some(TableFile { table: self.table.name.into(), version: 0, path: name, bytes, rows, blake3 }))
    }
}

fn properties(table: &TableDef) -> WriterProperties {
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by("noctule".into())
        .set_max_row_group_row_count(Some(BATCH_MESSAGES * 2))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::None);
    for column in table.columns {
        let path = ColumnPath::from(column.name);
        if column.repeated {
            properties = properties.set_column_dictionary_enabled(path.clone(), true);
        }
        if column.statistics {
            properties = properties.set_column_statistics_enabled(path, EnabledStatistics::Chunk);
        }
    }
    properties.build()
}

/// A file that is hashed while it is written.
struct HashingFile {
    file: BufWriter<File>,
    hasher: blake3::Hasher,
    bytes: u64,
}

impl HashingFile {
    fn new(file: File) -> Self {
        Self { file: BufWriter::with_capacity(256 << 10, file), hasher: blake3::Hasher::new(), bytes: 0 }
    }

    fn finish(self) -> std::io::Result<(u64, String)> {
        let file = self.file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok((self.bytes, self.hasher.finalize().to_hex().to_string()))
    }
}

impl Write for HashingFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.hasher.update(&bytes[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}
