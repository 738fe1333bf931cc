//! One data directory: where everything lies, who may write, and how it is opened again after a crash.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use noctule_core::model::Id;

use crate::evidence::Evidence;
use crate::keys::{Key, Keys};
use crate::ledger::Ledger;
use crate::load;
use crate::tables::TABLES;
use crate::tables::delta_log::DeltaLog;
use crate::writer::Writer;
use crate::{Result, StoreError, durable};

/// The layout of a data directory. Opening parts of it is cheap; readers never block the writer.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
}

/// Held by the one writer until dropped.
#[derive(Debug)]
pub struct WriteLock {
    _file: File,
}

impl Store {
    /// A data directory, existing or not.
    pub fn at(dir: &Path) -> Self {
        Self { dir: dir.to_owned() }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn evidence(&self) -> Evidence {
        Evidence::new(self.dir.join("evidence"))
    }

    pub fn tables_dir(&self) -> PathBuf {
        self.dir.join("tables")
    }

    fn ledger_path(&self) -> PathBuf {
        self.dir.join("ledger.db")
    }

    pub(crate) fn keys_dir(&self) -> PathBuf {
        self.dir.join("keys")
    }

    fn exists(&self) -> bool {
        self.ledger_path().is_file()
    }

    /// Refuses when another process holds it: one writer per data directory.
    pub fn lock(&self) -> Result<WriteLock> {
        durable::create_dir(&self.dir)?;
        let path = self.dir.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(StoreError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(WriteLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked { dir: self.dir.clone() }),
            Err(TryLockError::Error(e)) => Err(StoreError::io("lock", &path)(e)),
        }
    }

    /// The ledger for reading.
    pub fn ledger(&self) -> Result<Ledger> {
        if !self.exists() {
            return Err(StoreError::Missing { dir: self.dir.clone() });
        }
        Ledger::open_read(&self.ledger_path())
    }

    /// The ledger for the writer, created when there is none.
    pub fn ledger_for_writing(&self, _lock: &WriteLock) -> Result<Ledger> {
        let ledger = Ledger::open_write(&self.ledger_path())?;
        // Every time: a run that was stopped may have made the file and not made its name durable.
        durable::sync_dir(&self.dir)?;
        Ok(ledger)
    }

    /// Ready to append: leftovers of a crash removed, table files checked, key index opened or built again.
    pub fn writer(&self, lock: &WriteLock) -> Result<Writer> {
        let ledger = self.ledger_for_writing(lock)?;
        self.evidence().remove_leftovers()?;
        if self.tables_are_older() {
            return Err(StoreError::Older { dir: self.dir.clone() });
        }
        for table in TABLES {
            let log = DeltaLog::new(&self.tables_dir(), table);
            let files = ledger.table_files(table.name)?;
            log.check_files(&files)?;
            log.remove_leftovers(&files)?;
        }
        let keys = match Keys::open(&self.keys_dir(), ledger.last_batch()?)? {
            Some(keys) => keys,
            None => self.rebuild_keys(&ledger)?,
        };
        Writer::new(ledger, self.tables_dir(), keys)
    }

    /// Makes the key index again from the tables.
    fn rebuild_keys(&self, ledger: &Ledger) -> Result<Keys> {
        let mut keys = Keys::create(&self.keys_dir())?;
        let last = ledger.last_batch()?;
        // One run over all batches: sorted in memory, 26 bytes a message.
        load::each_key(self, ledger, |message: Id, content, edited_secs, capture_no| {
            keys.insert(Key { message, edited_secs, content, capture_no });
        })?;
        if last > 0 {
            keys.flush_as(1, last)?;
        }
        Ok(keys)
    }

    /// Removes everything that can be made again. Captures become pending; the next ingest fills the tables.
    pub fn forget_tables(&self, lock: &WriteLock) -> Result<()> {
        let mut ledger = self.ledger_for_writing(lock)?;
        ledger.transaction(|l| l.forget_tables())?;
        for dir in [self.tables_dir(), self.keys_dir(), self.index_dir()] {
            if dir.is_dir() {
                std::fs::remove_dir_all(&dir).map_err(StoreError::io("remove", &dir))?;
            }
        }
        Ok(())
    }

    /// Whether tables were made before a column was added: they must be made again to be read or appended to.
    pub fn tables_are_older(&self) -> bool {
        TABLES.iter().any(|table| !DeltaLog::new(&self.tables_dir(), table).is_current())
    }

    /// The tables have the columns of today, every valid table file is there in its size, and the Delta logs name them; contents are `verify`'s.
    pub fn check_tables(&self, ledger: &Ledger) -> Result<()> {
        if self.tables_are_older() {
            return Err(StoreError::Older { dir: self.dir.clone() });
        }
        for table in TABLES {
            DeltaLog::new(&self.tables_dir(), table).check_files(&ledger.table_files(table.name)?)?;
        }
        Ok(())
    }
}
