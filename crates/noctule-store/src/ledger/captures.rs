//! Captures and the archives they came in.

use noctule_core::model::Micros;
use rusqlite::{OptionalExtension, Row, params};

use super::{Ledger, row_hash};
use crate::Result;
use crate::evidence::CaptureId;

/// What is recorded when a capture is acknowledged.
#[derive(Clone, Debug)]
pub struct NewCapture {
    pub id: CaptureId,
    /// As the user gave it; members of archives as `archive.zip!/member.json`.
    pub path: String,
    pub bytes: u64,
    pub stored_bytes: u64,
    /// The user's own file, when the bytes were not copied.
    pub reference: Option<String>,
    pub format: String,
    pub encoding: String,
    /// Where its dates without a zone are read.
    pub zone: String,
    /// The column mapping used, as TOML.
    pub mapping: Option<String>,
    pub captured_at: Micros,
    /// Name and version of the program and collector.
    pub program: String,
    /// The marker of the simulated corpus that it belongs to, as JSON.
    pub simulated: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Capture {
    pub no: i64,
    pub new: NewCapture,
    pub materialized: bool,
    pub messages: u64,
    pub duplicates: u64,
    pub skipped: u64,
    row_hash: String,
}

impl NewCapture {
    fn hash(&self) -> String {
        row_hash(&[
            &self.id.0,
            &self.path,
            &self.bytes.to_string(),
            self.reference.as_deref().unwrap_or(""),
            &self.format,
            &self.encoding,
            &self.zone,
            self.mapping.as_deref().unwrap_or(""),
            &self.captured_at.0.to_string(),
            &self.program,
        ])
    }
}

/// A member of an archive; `capture_id` is `None` for media and for what was not recognized.
#[derive(Clone, Debug)]
pub struct Member {
    pub path: String,
    pub bytes: u64,
    pub capture_id: Option<CaptureId>,
}

const COLUMNS: &str = "capture_no, capture_id, path, bytes, stored_bytes, reference, format, encoding, zone, mapping, \
    captured_at, program, simulated, row_hash, state, messages, duplicates, skipped";

impl Ledger {
    /// Acknowledges a capture; returns its number. The caller commits.
    pub fn add_capture(&self, capture: &NewCapture) -> Result<i64> {
        self.db.execute(
            "INSERT INTO captures (capture_id, path, bytes, stored_bytes, reference, format, encoding, zone, mapping, \
             captured_at, program, simulated, row_hash, state) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, 'acknowledged')",
            params![
                capture.id.0,
                capture.path,
                capture.bytes as i64,
                capture.stored_bytes as i64,
                capture.reference,
                capture.format,
                capture.encoding,
                capture.zone,
                capture.mapping,
                capture.captured_at.0,
                capture.program,
                capture.simulated,
                capture.hash(),
            ],
        )?;
        Ok(self.db.last_insert_rowid())
    }

    pub fn capture(&self, id: &CaptureId) -> Result<Option<Capture>> {
        let sql = format!("SELECT {COLUMNS} FROM captures WHERE capture_id = ?1");
        Ok(self.db.query_row(&sql, [&id.0], read).optional()?)
    }

    /// Whether a capture of this path and size is recorded: then its bytes are probably known too.
    pub fn knows_path(&self, path: &str, bytes: u64) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM captures WHERE path = ?1 AND bytes = ?2)";
        Ok(self.db.query_row(sql, params![path, bytes as i64], |row| row.get(0))?)
    }

    /// All captures in the order of their acknowledgement.
    pub fn captures(&self) -> Result<Vec<Capture>> {
        let mut statement = self.db.prepare(&format!("SELECT {COLUMNS} FROM captures ORDER BY capture_no"))?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// Acknowledged but not yet in the tables: what an interrupted run left to do.
    pub fn pending_captures(&self) -> Result<Vec<Capture>> {
        let sql = format!("SELECT {COLUMNS} FROM captures WHERE state = 'acknowledged' ORDER BY capture_no");
        let mut statement = self.db.prepare(&sql)?;
        let rows = statement.query_map([], read)?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    /// Marks a capture as wholly in the tables.
    pub fn materialized(&self, no: i64, messages: u64, duplicates: u64, skipped: u64) -> Result<()> {
        self.db.execute(
            "UPDATE captures SET state = 'materialized', messages = ?2, duplicates = ?3, skipped = ?4 WHERE capture_no = ?1",
            params![no, messages as i64, duplicates as i64, skipped as i64],
        )?;
        Ok(())
    }

    pub fn add_container(
        &self,
        id: &CaptureId,
        path: &str,
        bytes: u64,
        format: &str,
        at: Micros,
        members: &[Member],
    ) -> Result<()> {
        self.db.execute(
            "INSERT OR IGNORE INTO containers (container_id, path, bytes, format, captured_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id.0, path, bytes as i64, format, at.0],
        )?;
        let mut insert = self
            .db
            .prepare("INSERT OR IGNORE INTO members (container_id, path, bytes, capture_id) VALUES (?1, ?2, ?3, ?4)")?;
        for member in members {
            let capture = member.capture_id.as_ref().map(|c| c.0.as_str());
            insert.execute(params![id.0, member.path, member.bytes as i64, capture])?;
        }
        Ok(())
    }

    /// The captures that came out of an archive already known by its hash; `None` for an unknown archive.
    pub fn container_captures(&self, id: &CaptureId) -> Result<Option<Vec<CaptureId>>> {
        let known: Option<i64> =
            self.db.query_row("SELECT 1 FROM containers WHERE container_id = ?1", [&id.0], |r| r.get(0)).optional()?;
        if known.is_none() {
            return Ok(None);
        }
        let mut statement = self.db.prepare(
            "SELECT capture_id FROM members WHERE container_id = ?1 AND capture_id IS NOT NULL ORDER BY path",
        )?;
        let rows = statement.query_map([&id.0], |row| Ok(CaptureId(row.get(0)?)))?;
        Ok(Some(rows.collect::<std::result::Result<_, _>>()?))
    }

    /// Every capture row still has its hash.
    pub fn check_captures(&self) -> Result<()> {
        for capture in self.captures()? {
            if capture.row_hash != capture.new.hash() {
                return Err(self.damaged(format!("capture {}", capture.no)));
            }
        }
        Ok(())
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Capture> {
    let unsigned = |i: usize| -> rusqlite::Result<u64> { Ok(row.get::<_, i64>(i)?.max(0) as u64) };
    Ok(Capture {
        no: row.get(0)?,
        new: NewCapture {
            id: CaptureId(row.get(1)?),
            path: row.get(2)?,
            bytes: unsigned(3)?,
            stored_bytes: unsigned(4)?,
            reference: row.get(5)?,
            format: row.get(6)?,
            encoding: row.get(7)?,
            zone: row.get(8)?,
            mapping: row.get(9)?,
            captured_at: Micros(row.get(10)?),
            program: row.get(11)?,
            simulated: row.get(12)?,
        },
        row_hash: row.get(13)?,
        materialized: row.get::<_, String>(14)? == "materialized",
        messages: unsigned(15)?,
        duplicates: unsigned(16)?,
        skipped: unsigned(17)?,
    })
}
