//! Appending to a Delta log, durably.
//!
//! Our tables are only ever appended to, by one writer, so a commit is one small JSON file. delta-rs writes the
//! same file but never syncs it (a power cut then leaves tables that do not open), so we write it and let delta-rs,
//! DuckDB, Spark and Polars read. `docs/decisions/0003-own-delta-commits.md` has the measurements.

use std::fs;
use std::path::{Path, PathBuf};

use noctule_core::model::Id;
use serde_json::json;

use super::TableDef;
use crate::ledger::TableFile;
use crate::{Result, StoreError, durable};

pub struct DeltaLog {
    dir: PathBuf,
    table: &'static TableDef,
}

impl DeltaLog {
    /// The log of a table's folder; nothing is read or written yet.
    pub fn new(tables: &Path, table: &'static TableDef) -> Self {
        Self { dir: tables.join(table.name), table }
    }

    pub fn table_dir(&self) -> &Path {
        &self.dir
    }

    fn log_dir(&self) -> PathBuf {
        self.dir.join("_delta_log")
    }

    /// The commit file of a version.
    pub fn commit_path(&self, version: i64) -> PathBuf {
        self.log_dir().join(format!("{version:020}.json"))
    }

    /// Makes the table exist: version 0, without a row.
    pub fn create(&self) -> Result<()> {
        let first = self.commit_path(0);
        if first.is_file() {
            return Ok(());
        }
        durable::create_dir(&self.log_dir())?;
        let id = Id::of(&[b"table", self.table.name.as_bytes()]).0;
        let hex = |range: std::ops::Range<usize>| id[range].iter().map(|b| format!("{b:02x}")).collect::<String>();
        // A name-based UUID: the same table has the same id everywhere, and a rebuild changes nothing.
        let uuid = format!("{}-{}-8{}-8{}-{}00", hex(0..4), hex(4..6), &hex(6..8)[1..], &hex(8..10)[1..], hex(0..5));
        let indexed: Vec<&str> = self.table.columns.iter().filter(|c| c.statistics).map(|c| c.name).collect();
        let protocol = json!({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}});
        let metadata = json!({"metaData": {
            "id": uuid,
            "name": self.table.name,
            "description": self.table.about,
            "format": {"provider": "parquet", "options": {}},
            "schemaString": self.table.delta_schema(),
            "partitionColumns": [],
            "configuration": {"delta.dataSkippingStatsColumns": indexed.join(",")},
        }});
        durable::write_file(&first, format!("{protocol}\n{metadata}\n").as_bytes())
    }

    /// The commit that adds one file. Durable when this returns, except for the name in the log's directory: the
    /// caller syncs directories once a batch.
    pub fn commit(&self, file: &TableFile, batch_no: i64) -> Result<()> {
        let statistics = json!({"numRecords": file.rows}).to_string();
        let add = json!({"add": {
            "path": file.path,
            "partitionValues": {},
            "size": file.bytes,
            "modificationTime": 0,
            "dataChange": true,
            "stats": statistics,
        }});
        let transaction = json!({"txn": {"appId": "noctule", "version": batch_no}});
        let info = json!({"commitInfo": {"operation": "WRITE", "operationParameters": {"mode": "Append"}, "engineInfo": "noctule", "isBlindAppend": true}});
        durable::write_file(&self.commit_path(file.version), format!("{info}\n{transaction}\n{add}\n").as_bytes())
    }

    /// Removes what is newer than the ledger: commits and data files of a batch that never became valid.
    pub fn remove_leftovers(&self, files: &[TableFile]) -> Result<usize> {
        let version = files.last().map_or(0, |f| f.version);
        let mut removed = 0;
        let mut remove = |path: &Path| -> Result<()> {
            removed += 1;
            fs::remove_file(path).map_err(StoreError::io("remove", path))
        };
        if let Ok(entries) = fs::read_dir(self.log_dir()) {
            for path in entries.flatten().map(|e| e.path()) {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let number = name.strip_suffix(".json").and_then(|n| n.parse::<i64>().ok());
                if number.is_some_and(|n| n > version) || name.ends_with(".tmp") {
                    remove(&path)?;
                }
            }
        }
        if let Ok(entries) = fs::read_dir(&self.dir) {
            for path in entries.flatten().map(|e| e.path()).filter(|p| p.is_file()) {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if !files.iter().any(|f| f.path == name) {
                    remove(&path)?;
                }
            }
        }
        Ok(removed)
    }

    /// Whether the table was made with the columns of today. One that is missing or does not read is left to
    /// [`Self::check_files`].
    pub fn is_current(&self) -> bool {
        let Ok(text) = fs::read_to_string(self.commit_path(0)) else { return true };
        // As values: the order of keys in the text means nothing.
        let value = |json: &str| serde_json::from_str::<serde_json::Value>(json).ok();
        let schema = |line| value(value(line)?["metaData"]["schemaString"].as_str()?);
        text.lines().find_map(schema).is_none_or(|schema| Some(schema) == value(&self.table.delta_schema()))
    }

    /// What of the valid files is missing, empty or of another size; cheap, done at every opening.
    pub fn check_files(&self, files: &[TableFile]) -> Result<()> {
        let damaged = |path: &Path, detail: &str| StoreError::Damaged {
            what: format!("\"{}\"", path.display()),
            detail: detail.to_string(),
        };
        let size = |path: &Path| fs::metadata(path).map(|m| m.len());
        if !files.is_empty() && size(&self.commit_path(0)).unwrap_or(0) == 0 {
            return Err(damaged(&self.commit_path(0), "the table's first commit is missing or empty"));
        }
        for file in files {
            let path = self.dir.join(&file.path);
            match size(&path) {
                Ok(bytes) if bytes == file.bytes => {}
                Ok(bytes) => return Err(damaged(&path, &format!("it has {bytes} bytes instead of {}", file.bytes))),
                Err(e) => return Err(damaged(&path, &format!("it cannot be opened ({e})"))),
            }
            let commit = self.commit_path(file.version);
            let text =
                fs::read_to_string(&commit).map_err(|e| damaged(&commit, &format!("it cannot be read ({e})")))?;
            let named = text.lines().any(|line| {
                serde_json::from_str::<serde_json::Value>(line)
                    .is_ok_and(|action| action["add"]["path"].as_str() == Some(&file.path))
            });
            if !named {
                return Err(damaged(&commit, "it does not add the file that the ledger names"));
            }
        }
        Ok(())
    }
}
