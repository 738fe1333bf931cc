//! The ledger: one SQLite file that says what is captured, what was skipped, and which table files are valid.
//!
//! With `evidence/` it is the system of record: whatever it does not name did not happen. Write-ahead log,
//! `synchronous=FULL`, `secure_delete`; every row that a number rests on carries a hash, because SQLite's own
//! check does not see a flipped bit inside a value.

mod audit;
mod batches;
mod captures;
mod skips;
mod sources;

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

pub use audit::AuditEntry;
pub use batches::{Batch, TableFile};
pub use captures::{Capture, Member, NewCapture};
pub use skips::SkipRow;
pub use sources::SourceRow;

use crate::{Result, StoreError};

/// Raised when the meaning of a table changes; an older program refuses a newer ledger.
pub const SCHEMA: i64 = 1;

pub struct Ledger {
    db: Connection,
    path: PathBuf,
}

impl Ledger {
    /// Opens or creates the ledger for the one writer.
    pub fn open_write(path: &Path) -> Result<Self> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "secure_delete", "ON")?;
        db.busy_timeout(std::time::Duration::from_secs(30))?;
        let mut ledger = Self { db, path: path.to_owned() };
        ledger.prepare()?;
        Ok(ledger)
    }

    /// Opens an existing ledger for reading; a writer may be at work at the same time.
    pub fn open_read(path: &Path) -> Result<Self> {
        // Reading a write-ahead log needs its shared-memory file, so a plain read-only open would fail on a
        // ledger whose writer has ended; `query_only` forbids writes instead.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags)
            .or_else(|_| Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY))?;
        db.busy_timeout(std::time::Duration::from_secs(30))?;
        db.pragma_update(None, "query_only", "ON")?;
        let ledger = Self { db, path: path.to_owned() };
        if ledger.schema()? == 0 {
            // A writer was stopped, or is at work, between making the file and making its tables.
            return Err(StoreError::Missing { dir: path.parent().unwrap_or(path).to_owned() });
        }
        Ok(ledger)
    }

    fn prepare(&mut self) -> Result<()> {
        if self.schema()? == SCHEMA {
            return Ok(());
        }
        // All tables or none: a reader tells an unfinished ledger by its version.
        self.transaction(|ledger| {
            ledger.db.execute_batch(include_str!("schema.sql"))?;
            ledger.db.pragma_update(None, "user_version", SCHEMA)?;
            Ok(())
        })
    }

    /// The schema's version; 0 when it was never completed.
    fn schema(&self) -> Result<i64> {
        let found: i64 = self.db.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found > SCHEMA {
            return Err(StoreError::Newer { found, known: SCHEMA });
        }
        Ok(found)
    }

    /// Runs `work` in one transaction: all of it is durable afterwards, or none.
    pub fn transaction<T>(&mut self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        match work(self) {
            Ok(value) => match self.db.execute_batch("COMMIT") {
                Ok(()) => Ok(value),
                Err(e) => {
                    let _ = self.db.execute_batch("ROLLBACK");
                    Err(e.into())
                }
            },
            Err(e) => {
                let _ = self.db.execute_batch("ROLLBACK");
                Err(e)
            }
        }
    }

    /// One read transaction, so that several reads see the same state while a writer goes on.
    pub fn snapshot<T>(&self, work: impl FnOnce(&Self) -> Result<T>) -> Result<T> {
        self.db.execute_batch("BEGIN")?;
        let result = work(self);
        let _ = self.db.execute_batch("COMMIT");
        result
    }

    /// SQLite's own structural check; values are checked by their row hashes.
    pub fn check_structure(&self) -> Result<()> {
        let answer: String = self.db.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if answer == "ok" {
            Ok(())
        } else {
            Err(StoreError::Damaged { what: format!("\"{}\"", self.path.display()), detail: answer })
        }
    }

    /// A remembered setting of this data directory.
    pub fn setting(&self, name: &str) -> Result<Option<String>> {
        use rusqlite::OptionalExtension;
        Ok(self.db.query_row("SELECT value FROM settings WHERE name = ?1", [name], |row| row.get(0)).optional()?)
    }

    pub fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        self.db.execute("INSERT OR REPLACE INTO settings(name, value) VALUES (?1, ?2)", [name, value])?;
        Ok(())
    }

    fn damaged(&self, row: String) -> StoreError {
        StoreError::Damaged {
            what: format!("\"{}\"", self.path.display()),
            detail: format!("{row} no longer has its hash"),
        }
    }
}

/// The hash a ledger row carries: BLAKE3 over its values, each with its length, first 16 hexadecimal digits.
fn row_hash(values: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for value in values {
        hasher.update(&(value.len() as u64).to_le_bytes());
        hasher.update(value.as_bytes());
    }
    hasher.finalize().to_hex()[..16].to_string()
}
