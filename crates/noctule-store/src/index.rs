//! The full-text index in `index/`: a cache of the tables, brought up to date before a search, made again when in doubt.
//!
//! Each commit carries what it has seen: how many files of `messages` and `verdicts` and a hash over theirs, how many files
//! of `revisions`. When the ledger's files begin with just those, the rest is added; a rebuild, new rules, a torn or foreign
//! index do not match, and the index is made from nothing. A commit of Tantivy is there as a whole or not at all, so the
//! mark and the documents cannot disagree. Nothing here can harm the tables: it only reads them.
//!
//! Left to others: what words are (`search/words.rs`), what is asked (`search/grammar.rs`), what comes back
//! (`search/mod.rs`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::path::PathBuf;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Float32Type, Float64Type, Int64Type};
use tantivy::directory::error::LockError;
use tantivy::indexer::IndexWriter;
use tantivy::{TantivyDocument, TantivyError};

use crate::ledger::TableFile;
use crate::rows::{SHOWN, TableRows, shown};
use crate::search::fields::{Entry, Judged};
use crate::search::plan::with_id;
use crate::search::{SearchIndex, Searcher};
use crate::tables::scan::scan;
use crate::{Result, Store, StoreError, durable};

/// Raised when words are cut or stored in another way: the index is made again.
const VERSION: u64 = 1;
/// Documents are added by this many threads, with this much memory between them.
const THREADS: usize = 2;
const MEMORY_BYTES: usize = 192 << 20;
/// Edits are taken out one by one, each by a look at every row: beyond so many looks the index is made anew.
const MOST_LOOKS: u64 = 2_000_000_000;

/// What bringing the index up to date did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Update {
    /// Messages added now.
    pub added: u64,
    /// Made from nothing.
    pub rebuilt: bool,
    /// Another process is at it; the index is as it was.
    pub busy: bool,
}

/// What an index has seen.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
struct Seen {
    version: u64,
    files: usize,
    hash: String,
    revisions: usize,
    rows: u64,
}

/// The files that count at one moment.
struct Files {
    messages: Vec<TableFile>,
    verdicts: Vec<TableFile>,
    revisions: Vec<TableFile>,
}

impl Store {
    pub(crate) fn index_dir(&self) -> PathBuf {
        self.dir().join("index")
    }

    /// Brings the index up to date and opens it for searching. `progress` hears of messages as they are added.
    pub fn searcher(&self, progress: &mut dyn FnMut(u64)) -> Result<(Searcher, Update)> {
        let ledger = self.ledger()?;
        let (files, sources) = ledger.snapshot(|ledger| {
            self.check_tables(ledger)?;
            let files = Files {
                messages: ledger.table_files("messages")?,
                verdicts: ledger.table_files("verdicts")?,
                revisions: ledger.table_files("revisions")?,
            };
            Ok((files, ledger.sources()?))
        })?;
        let names: HashMap<String, String> = sources.into_iter().map(|s| (s.source_id, s.name)).collect();
        // Who holds the lock may change the index; all others search it as it is.
        let mut lock = self.index_lock()?;
        if lock.0.is_none() && !self.index_fits(&files) {
            lock.wait()?;
        }
        let locked = lock.0.is_some();
        if locked && !self.index_is_whole() {
            self.remove_index()?;
        }
        let open = |progress: &mut dyn FnMut(u64)| -> Result<(Searcher, Update)> {
            let (index, update) = self.up_to_date(&files, locked, progress)?;
            let rows = TableRows::new(self.tables_dir(), &files.messages);
            Ok((index.searcher(&names, Box::new(rows))?, update))
        };
        match caught(|| open(progress)) {
            Err(e) if locked && e.damaged_index() => {
                self.remove_index()?;
                caught(|| open(progress))
            }
            other => other,
        }
    }

    fn index_lock(&self) -> Result<IndexLock> {
        let path = self.dir().join("index.lock");
        match File::options().create(true).truncate(false).write(true).open(&path) {
            Ok(file) if file.try_lock().is_ok() => Ok(IndexLock(Some(file), None)),
            Ok(file) => Ok(IndexLock(None, Some((file, path)))),
            // Where nothing can be written, an index of before is searched.
            Err(_) if self.index_dir().is_dir() => Ok(IndexLock(None, None)),
            Err(e) => Err(StoreError::io("open", &path)(e)),
        }
    }

    /// Whether there is an index that says of rows what the tables say: perhaps an older one, never one of other tables.
    fn index_fits(&self, files: &Files) -> bool {
        let dir = self.index_dir();
        let payload = |index: SearchIndex| index.payload();
        let seen = dir.join(WHOLE).is_file().then(|| caught(|| SearchIndex::open(&dir).and_then(payload)));
        let seen = seen.and_then(Result::ok).flatten();
        seen.and_then(|text| serde_json::from_str::<Seen>(&text).ok()).is_some_and(|seen| seen.fits(files))
    }

    /// Whether every file of the last commit is there in its size. Tantivy would panic on a torn one.
    fn index_is_whole(&self) -> bool {
        let dir = self.index_dir();
        let Ok(text) = std::fs::read_to_string(dir.join(WHOLE)) else {
            // None was ever finished.
            return !dir.exists();
        };
        let Ok(files) = serde_json::from_str::<BTreeMap<String, u64>>(&text) else { return false };
        files.iter().all(|(name, bytes)| std::fs::metadata(dir.join(name)).is_ok_and(|file| file.len() == *bytes))
    }

    /// Writes down the files of the index, after its last change.
    fn note_whole(&self) -> Result<()> {
        let dir = self.index_dir();
        let unreadable = || StoreError::io("read", &dir);
        let mut files = BTreeMap::new();
        for entry in std::fs::read_dir(&dir).map_err(unreadable())? {
            let entry = entry.map_err(unreadable())?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // Locks and lists change while nothing is added.
            if name != WHOLE && !name.starts_with('.') && !name.ends_with(".lock") {
                files.insert(name, entry.metadata().map_err(unreadable())?.len());
            }
        }
        let text = serde_json::to_string(&files).map_err(|e| StoreError::Table(e.to_string()))?;
        durable::write_file(&dir.join(WHOLE), text.as_bytes())
    }

    /// Forgets the index; the next search makes it again.
    pub fn remove_index(&self) -> Result<()> {
        let dir = self.index_dir();
        match std::fs::remove_dir_all(&dir) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(StoreError::io("remove", &dir)(e)),
            _ => Ok(()),
        }
    }

    /// Without the lock, the index as it is.
    fn up_to_date(&self, files: &Files, locked: bool, progress: &mut dyn FnMut(u64)) -> Result<(SearchIndex, Update)> {
        let dir = self.index_dir();
        durable::create_dir(&dir)?;
        let index = SearchIndex::open(&dir)?;
        let seen = index.payload()?.and_then(|text| serde_json::from_str::<Seen>(&text).ok());
        let known = seen.as_ref().filter(|seen| seen.fits(files));
        if known.is_some_and(|seen| seen.files == files.messages.len() && seen.revisions == files.revisions.len()) {
            return Ok((index, Update::default()));
        }
        if !locked {
            return Ok((index, Update { busy: true, ..Update::default() }));
        }
        let mut writer: IndexWriter<TantivyDocument> =
            match index.tantivy().writer_with_num_threads(THREADS, MEMORY_BYTES) {
                // An older program that knows no lock of ours.
                Err(TantivyError::LockFailure(LockError::LockBusy, _)) => {
                    return Ok((index, Update { busy: true, ..Update::default() }));
                }
                other => other?,
            };
        let mut run = Run { store: self, files, index: &index, replaced: HashMap::new(), added: 0, row: 0 };
        let mut first = 0;
        let gone = run.read_revisions(known)?;
        match known {
            Some(seen) if gone.len() as u64 * seen.rows < MOST_LOOKS => {
                first = seen.files;
                run.row = seen.rows;
                for id in gone {
                    writer.delete_query(with_id(index.fields(), &id))?;
                }
            }
            _ => {
                writer.delete_all_documents()?;
            }
        }
        let rebuilt = first == 0;
        for number in first..files.messages.len() {
            run.add_file(number, &writer, progress)?;
        }
        let now = Seen {
            version: VERSION,
            files: files.messages.len(),
            hash: hash(files, files.messages.len()),
            revisions: files.revisions.len(),
            rows: run.row,
        };
        let added = run.added;
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&serde_json::to_string(&now).map_err(|e| StoreError::Table(e.to_string()))?);
        commit.commit()?;
        writer.wait_merging_threads()?;
        self.note_whole()?;
        Ok((index, Update { added, rebuilt, busy: false }))
    }
}

/// The lock, when it is held; else the file to wait for.
struct IndexLock(Option<File>, Option<(File, PathBuf)>);

impl IndexLock {
    /// There is nothing to search before the other process is done.
    fn wait(&mut self) -> Result<()> {
        if let Some((file, path)) = self.1.take() {
            file.lock().map_err(StoreError::io("lock", &path))?;
            self.0 = Some(file);
        }
        Ok(())
    }
}

impl Seen {
    /// Whether the tables begin with what was seen.
    fn fits(&self, files: &Files) -> bool {
        self.version == VERSION
            && self.files <= files.messages.len()
            && self.revisions <= files.revisions.len()
            && self.hash == hash(files, self.files)
    }
}

/// Over the first files, in their order: other rules or a rebuild give another.
fn hash(files: &Files, count: usize) -> String {
    let mut hasher = blake3::Hasher::new();
    for table in [&files.messages, &files.verdicts] {
        for file in table.iter().take(count) {
            hasher.update(file.path.as_bytes());
            hasher.update(file.blake3.as_bytes());
        }
    }
    hasher.finalize().to_hex().to_string()
}

/// Tantivy panics on some damages instead of telling them.
pub(crate) fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(damaged("its reader failed on it")))
}

impl StoreError {
    /// Whether it is the index that cannot be read: it can be removed and made again.
    pub fn damaged_index(&self) -> bool {
        matches!(self, Self::Damaged { what, .. } if what == INDEX)
    }
}

/// The list of the index's files with their sizes.
const WHOLE: &str = "whole.json";
pub(crate) fn damaged(detail: &str) -> StoreError {
    StoreError::Damaged { what: INDEX.into(), detail: detail.into() }
}

const INDEX: &str = "the search index";

impl From<TantivyError> for StoreError {
    fn from(e: TantivyError) -> Self {
        if let TantivyError::IoError(source) = &e
            && source.kind() != std::io::ErrorKind::InvalidData
            && let Some(code) = source.raw_os_error()
        {
            let source = std::io::Error::from_raw_os_error(code);
            return Self::Io { attempt: "write the search index in", path: PathBuf::from("index"), source };
        }
        Self::Damaged { what: INDEX.into(), detail: e.to_string() }
    }
}

/// One bringing up to date.
struct Run<'a> {
    store: &'a Store,
    files: &'a Files,
    index: &'a SearchIndex,
    /// Contents that a later revision has replaced.
    replaced: HashMap<String, HashSet<i64>>,
    added: u64,
    row: u64,
}

/// Those that are shown, and what only the index needs.
const MESSAGE_COLUMNS: [&str; SHOWN.len() + 1] = {
    let mut columns = ["content"; SHOWN.len() + 1];
    let mut at = 0;
    while at < SHOWN.len() {
        columns[at] = SHOWN[at];
        at += 1;
    }
    columns
};
const CONTENT: usize = SHOWN.len();

const VERDICT_COLUMNS: [&str; 12] = [
    "message_id",
    "escrow",
    "escrow_score",
    "escrow_polarity",
    "agent",
    "deal",
    "kind",
    "role",
    "price_usd",
    "fee_percent_min",
    "fee_percent_max",
    "scam_report",
];

impl Run<'_> {
    /// Reads what later revisions have replaced; gives the messages of which the index has a replaced one.
    fn read_revisions(&mut self, known: Option<&Seen>) -> Result<HashSet<String>> {
        let (files, revisions) = known.map_or((0, 0), |seen| (seen.files, seen.revisions));
        let mut fresh: HashSet<(String, i64)> = HashSet::new();
        scan(&self.store.tables_dir(), &self.files.revisions, &["message_id", "content"], |number, batch| {
            let (ids, content) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
            for row in 0..batch.num_rows() {
                let (id, content) = (ids.value(row).to_owned(), content.value(row));
                if number >= revisions {
                    fresh.insert((id.clone(), content));
                }
                self.replaced.entry(id).or_default().insert(content);
            }
            Ok(())
        })?;
        if fresh.is_empty() || files == 0 {
            return Ok(HashSet::new());
        }
        // What is replaced within the new files never gets in; all else is in the index.
        let new = &self.files.messages[files..];
        scan(&self.store.tables_dir(), new, &["message_id", "content"], |_, batch| {
            let (ids, content) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
            for row in 0..batch.num_rows() {
                fresh.remove(&(ids.value(row).to_owned(), content.value(row)));
            }
            Ok(())
        })?;
        Ok(fresh.into_iter().map(|(id, _)| id).collect())
    }

    fn add_file(
        &mut self,
        number: usize,
        writer: &IndexWriter<TantivyDocument>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<()> {
        let file = &self.files.messages[number];
        let Some(verdicts) = self.files.verdicts.iter().find(|v| v.path == file.path) else {
            return Err(StoreError::Table("a batch has messages and no verdicts".into()));
        };
        // Verdicts and messages of a batch stand in the same order.
        let judged = self.verdicts(verdicts)?;
        let tables = self.store.tables_dir();
        let mut place = 0;
        scan(&tables, std::slice::from_ref(file), &MESSAGE_COLUMNS, |_, batch| {
            for row in 0..batch.num_rows() {
                let Some((id, verdict)) = judged.get(place) else {
                    return Err(StoreError::Table(format!("{} has more messages than verdicts", file.path)));
                };
                place += 1;
                self.row += 1;
                let entry = Entry { row: self.row, verdict: verdict.clone(), ..shown(batch, row) };
                if entry.message_id != *id {
                    return Err(StoreError::Table(format!("{} has messages and verdicts in other orders", file.path)));
                }
                let content = batch.column(CONTENT).as_primitive::<Int64Type>().value(row);
                if self.replaced.get(id).is_some_and(|old| old.contains(&content)) {
                    continue;
                }
                writer.add_document(self.index.fields().document(&entry))?;
                self.added += 1;
            }
            progress(batch.num_rows() as u64);
            Ok(())
        })
    }

    fn verdicts(&self, file: &TableFile) -> Result<Vec<(String, Judged)>> {
        let mut judged = Vec::with_capacity(file.rows.min(1 << 20) as usize);
        scan(&self.store.tables_dir(), std::slice::from_ref(file), &VERDICT_COLUMNS, |_, batch| {
            let yes = |column: usize, row: usize| batch.column(column).as_boolean().value(row);
            let number = |column: usize, row: usize| {
                let column = batch.column(column).as_primitive::<Float64Type>();
                column.is_valid(row).then(|| column.value(row))
            };
            for row in 0..batch.num_rows() {
                let verdict = Judged {
                    escrow: yes(1, row),
                    deal: yes(5, row),
                    scam: yes(11, row),
                    score: batch.column(2).as_primitive::<Float32Type>().value(row),
                    polarity: word(batch, 3, row),
                    agent: word(batch, 4, row),
                    kind: word(batch, 6, row),
                    role: word(batch, 7, row),
                    price: number(8, row),
                    fee: number(9, row).map(|min| (min, number(10, row).unwrap_or(min))),
                };
                judged.push((word(batch, 0, row).unwrap_or_default(), verdict));
            }
            Ok(())
        })?;
        Ok(judged)
    }
}

pub(crate) fn word(batch: &RecordBatch, column: usize, row: usize) -> Option<String> {
    let column = batch.column(column).as_string::<i32>();
    column.is_valid(row).then(|| column.value(row).to_owned())
}
