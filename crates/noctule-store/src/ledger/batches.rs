//! Which table files are valid. A file that no row names is a leftover, whatever the Delta log says.

use rusqlite::{OptionalExtension, params};

use super::{Ledger, row_hash};
use crate::Result;

/// One file of one table, added by one commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFile {
    pub table: String,
    /// The Delta version whose commit added the file.
    pub version: i64,
    /// Relative to the table's folder.
    pub path: String,
    pub bytes: u64,
    pub rows: u64,
    pub blake3: String,
}

/// The files that one batch added.
#[derive(Clone, Debug)]
pub struct Batch {
    pub no: i64,
    pub messages: u64,
    pub files: Vec<TableFile>,
}

impl TableFile {
    fn hash(&self, batch_no: i64) -> String {
        row_hash(&[
            &self.table,
            &self.version.to_string(),
            &self.path,
            &self.bytes.to_string(),
            &self.rows.to_string(),
            &self.blake3,
            &batch_no.to_string(),
        ])
    }
}

impl Ledger {
    pub fn last_batch(&self) -> Result<i64> {
        Ok(self.db.query_row("SELECT coalesce(max(batch_no), 0) FROM batches", [], |row| row.get(0))?)
    }

    /// The batch's files are durable: from here on they count.
    pub fn add_batch(&self, batch: &Batch) -> Result<()> {
        self.db.execute(
            "INSERT INTO batches (batch_no, messages) VALUES (?1, ?2)",
            params![batch.no, batch.messages as i64],
        )?;
        let mut insert = self.db.prepare_cached(
            "INSERT INTO table_files (table_name, version, path, bytes, rows, blake3, batch_no, row_hash) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?;
        for file in &batch.files {
            insert.execute(params![
                file.table,
                file.version,
                file.path,
                file.bytes as i64,
                file.rows as i64,
                file.blake3,
                batch.no,
                file.hash(batch.no)
            ])?;
        }
        Ok(())
    }

    /// The newest valid version of a table; `None` before its first batch.
    pub fn table_version(&self, table: &str) -> Result<Option<i64>> {
        Ok(self
            .db
            .query_row("SELECT max(version) FROM table_files WHERE table_name = ?1", [table], |row| row.get(0))
            .optional()?
            .flatten())
    }

    /// All valid files of a table, oldest first.
    pub fn table_files(&self, table: &str) -> Result<Vec<TableFile>> {
        let mut statement = self.db.prepare(
            "SELECT table_name, version, path, bytes, rows, blake3, batch_no, row_hash FROM table_files \
             WHERE table_name = ?1 ORDER BY version",
        )?;
        let rows = statement.query_map([table], |row| {
            let file = TableFile {
                table: row.get(0)?,
                version: row.get(1)?,
                path: row.get(2)?,
                bytes: row.get::<_, i64>(3)?.max(0) as u64,
                rows: row.get::<_, i64>(4)?.max(0) as u64,
                blake3: row.get(5)?,
            };
            let intact = file.hash(row.get(6)?) == row.get::<_, String>(7)?;
            Ok((file, intact))
        })?;
        let mut files = Vec::new();
        for row in rows {
            let (file, intact) = row?;
            if !intact {
                return Err(self.damaged(format!("version {} of table {table}", file.version)));
            }
            files.push(file);
        }
        Ok(files)
    }

    /// Forgets every table row, so that `rebuild` can make them again; captures become pending.
    pub fn forget_tables(&self) -> Result<()> {
        self.db.execute_batch(
            "DELETE FROM table_files; DELETE FROM batches; DELETE FROM sources; DELETE FROM source_events; \
             DELETE FROM skips WHERE capture_no IS NOT NULL; \
             UPDATE captures SET state = 'acknowledged', messages = 0, duplicates = 0, skipped = 0;",
        )?;
        Ok(())
    }
}
