//! The audit log: a chain of hashes, so that an entry cannot be changed or left out unseen.
//!
//! Entries hold ids and hashes, never collected text, so that erasing a text never breaks the chain.

use noctule_core::model::Micros;
use rusqlite::{OptionalExtension, params};

use super::{Ledger, row_hash};
use crate::Result;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    pub no: i64,
    pub at: Micros,
    /// `capture`, `rebuild`, `study`
    pub act: String,
    /// An id or a hash.
    pub subject: String,
    pub previous: String,
    pub hash: String,
}

impl AuditEntry {
    fn expected_hash(&self) -> String {
        row_hash(&[&self.no.to_string(), &self.at.0.to_string(), &self.act, &self.subject, &self.previous])
    }
}

impl Ledger {
    pub fn audit(&self, at: Micros, act: &str, subject: &str) -> Result<()> {
        let last: Option<(i64, String)> = self
            .db
            .query_row("SELECT entry_no, hash FROM audit ORDER BY entry_no DESC LIMIT 1", [], |r| {
                Ok((r.get(0)?, r.get(1)?))
            })
            .optional()?;
        let (no, previous) = last.map_or((1, String::new()), |(no, hash)| (no + 1, hash));
        let mut entry = AuditEntry { no, at, act: act.into(), subject: subject.into(), previous, hash: String::new() };
        entry.hash = entry.expected_hash();
        self.db
            .prepare_cached(
                "INSERT INTO audit (entry_no, at, act, subject, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![entry.no, entry.at.0, entry.act, entry.subject, entry.previous, entry.hash])?;
        Ok(())
    }

    /// Walks the chain; an edit, a gap or a reordering is an error. Returns the number of entries and the last hash.
    pub fn check_audit(&self) -> Result<(u64, String)> {
        let mut statement =
            self.db.prepare("SELECT entry_no, at, act, subject, previous, hash FROM audit ORDER BY entry_no")?;
        let rows = statement.query_map([], |row| {
            Ok(AuditEntry {
                no: row.get(0)?,
                at: Micros(row.get(1)?),
                act: row.get(2)?,
                subject: row.get(3)?,
                previous: row.get(4)?,
                hash: row.get(5)?,
            })
        })?;
        let (mut count, mut head) = (0, String::new());
        for entry in rows {
            let entry = entry?;
            if entry.no != count as i64 + 1 || entry.previous != head || entry.hash != entry.expected_hash() {
                return Err(self.damaged(format!("audit entry {}", entry.no)));
            }
            count += 1;
            head = entry.hash;
        }
        Ok((count, head))
    }
}
