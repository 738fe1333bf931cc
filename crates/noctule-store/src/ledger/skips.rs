//! What was left out, so that every run can say it again.

use noctule_core::model::{Reason, Skip};
use rusqlite::params;

use super::Ledger;
use crate::Result;
use crate::evidence::CaptureId;

/// As the `skips` view shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkipRow {
    pub capture_id: Option<String>,
    pub path: String,
    pub place: String,
    pub reason: String,
    pub detail: String,
}

impl Ledger {
    /// Replaces the skips of a capture; those beyond the caller's cap are already summed up in the last of them.
    pub fn set_capture_skips(&self, capture_no: i64, path: &str, skips: &[Skip]) -> Result<()> {
        self.db.execute("DELETE FROM skips WHERE capture_no = ?1", [capture_no])?;
        let mut insert = self.db.prepare_cached(
            "INSERT INTO skips (capture_no, path, place, reason, detail) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for skip in skips {
            insert.execute(params![capture_no, path, skip.place, skip.reason.word(), skip.detail])?;
        }
        Ok(())
    }

    /// Records what was said of a file that never became a capture; once, however often it is met.
    pub fn set_path_skip(&self, path: &str, skip: &Skip) -> Result<()> {
        self.db.execute(
            "DELETE FROM skips WHERE capture_no IS NULL AND path = ?1 AND place = ?2 AND reason = ?3",
            params![path, skip.place, skip.reason.word()],
        )?;
        self.db.execute(
            "INSERT INTO skips (capture_no, path, place, reason, detail) VALUES (NULL, ?1, ?2, ?3, ?4)",
            params![path, skip.place, skip.reason.word(), skip.detail],
        )?;
        Ok(())
    }

    /// What was said of members of an archive that never became captures.
    pub fn container_skips(&self, container: &CaptureId) -> Result<Vec<(String, Skip)>> {
        let mut statement = self.db.prepare(
            "SELECT s.path, s.place, s.reason, s.detail FROM skips s JOIN containers c \
             ON s.path = c.path OR substr(s.path, 1, length(c.path) + 2) = c.path || '!/' \
             WHERE c.container_id = ?1 AND s.capture_no IS NULL",
        )?;
        let rows = statement.query_map([&container.0], |row| {
            let word: String = row.get(2)?;
            let reason = Reason::ALL.into_iter().find(|r| r.word() == word).unwrap_or(Reason::Malformed);
            Ok((row.get(0)?, Skip { place: row.get(1)?, reason, detail: row.get(3)? }))
        })?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }

    pub fn skips(&self) -> Result<Vec<SkipRow>> {
        let mut statement = self.db.prepare(
            "SELECT c.capture_id, s.path, s.place, s.reason, s.detail FROM skips s \
             LEFT JOIN captures c USING (capture_no) ORDER BY s.skip_no",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(SkipRow {
                capture_id: row.get(0)?,
                path: row.get(1)?,
                place: row.get(2)?,
                reason: row.get(3)?,
                detail: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }
}
