//! The places messages came from, and what service messages said of them.

use noctule_core::model::{Source, SourceEvent};
use rusqlite::params;

use super::Ledger;
use crate::Result;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRow {
    pub source_id: String,
    /// What the id is made of: `telegram:1234567890`.
    pub key: String,
    pub name: String,
    pub medium: String,
    pub url: Option<String>,
}

impl Ledger {
    /// Records a source. A later capture may give it a name or address where an earlier one had none, or a new name.
    pub fn upsert_source(&self, source: &Source) -> Result<()> {
        self.db
            .prepare_cached(
                "INSERT INTO sources (source_id, key, name, medium, url) VALUES (?1, ?2, ?3, ?4, ?5) \
                 ON CONFLICT (source_id) DO UPDATE SET \
                   name = CASE WHEN excluded.name <> '' THEN excluded.name ELSE sources.name END, \
                   url = coalesce(excluded.url, sources.url)",
            )?
            .execute(params![source.id().to_string(), source.key, source.name, source.medium.word(), source.url])?;
        Ok(())
    }

    pub fn add_source_event(&self, capture_no: i64, event: &SourceEvent) -> Result<()> {
        let id = noctule_core::model::Id::of(&[b"source", event.source_key.as_bytes()]).to_string();
        self.db
            .prepare_cached(
                "INSERT OR IGNORE INTO source_events (source_id, at, kind, value, capture_no) VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![id, event.at.map(|t| t.0), event.kind, event.value, capture_no])?;
        Ok(())
    }

    pub fn sources(&self) -> Result<Vec<SourceRow>> {
        let mut statement =
            self.db.prepare("SELECT source_id, key, name, medium, url FROM sources ORDER BY source_id")?;
        let rows = statement.query_map([], |row| {
            Ok(SourceRow {
                source_id: row.get(0)?,
                key: row.get(1)?,
                name: row.get(2)?,
                medium: row.get(3)?,
                url: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<std::result::Result<_, _>>()?)
    }
}
