//! Looks for damage: everything that was ever acknowledged is there, unchanged, and the tables say what the ledger says.

use std::fs::File;
use std::path::Path;

use crate::evidence::{CaptureId, Evidence};
use crate::keys::Keys;
use crate::ledger::Ledger;
use crate::tables::delta_log::DeltaLog;
use crate::tables::{TABLES, scan};
use crate::{Result, Store, StoreError};

/// What was looked at and what was wrong with it.
#[derive(Debug, Default)]
pub struct Report {
    pub captures: u64,
    pub evidence_bytes: u64,
    pub table_files: u64,
    pub messages: u64,
    pub audit_entries: u64,
    /// Hash of the newest audit entry: written down elsewhere, it shows a later cut-off of the log.
    pub audit_head: String,
    /// Captures whose messages are not in the tables yet; no damage, the next ingest goes on with them.
    pub pending: u64,
    pub problems: Vec<Problem>,
}

#[derive(Debug)]
pub struct Problem {
    pub what: String,
    /// True when `rebuild` mends it: the evidence and the ledger are whole.
    pub rebuildable: bool,
}

/// Reads everything. `progress` is told the bytes of evidence read so far.
pub fn verify(store: &Store, mut progress: impl FnMut(u64)) -> Result<Report> {
    let ledger = store.ledger()?;
    let mut report = Report::default();
    let note = |result: Result<()>, rebuildable: bool, problems: &mut Vec<Problem>| {
        if let Err(e) = result {
            problems.push(Problem { what: e.to_string(), rebuildable });
        }
    };
    note(ledger.check_structure(), false, &mut report.problems);
    note(ledger.check_captures(), false, &mut report.problems);
    match ledger.check_audit() {
        Ok((entries, head)) => (report.audit_entries, report.audit_head) = (entries, head),
        Err(e) => report.problems.push(Problem { what: e.to_string(), rebuildable: false }),
    }
    let evidence = store.evidence();
    for capture in ledger.captures()? {
        report.captures += 1;
        report.pending += u64::from(!capture.materialized);
        let checked = match &capture.new.reference {
            Some(path) => check_reference(Path::new(path), &capture.new.id),
            None => evidence.check(&capture.new.id),
        };
        note(checked, false, &mut report.problems);
        report.evidence_bytes += capture.new.bytes;
        progress(report.evidence_bytes);
    }
    for table in TABLES {
        let files = match ledger.table_files(table.name) {
            Ok(files) => files,
            Err(e) => {
                report.problems.push(Problem { what: e.to_string(), rebuildable: true });
                continue;
            }
        };
        let log = DeltaLog::new(&store.tables_dir(), table);
        note(log.check_files(&files), true, &mut report.problems);
        for file in &files {
            report.table_files += 1;
            note(check_hash(&log.table_dir().join(&file.path), &file.blake3), true, &mut report.problems);
        }
        if table.name == "messages" && report.problems.is_empty() {
            let counted = scan::scan(&store.tables_dir(), &files, &["capture_no"], |_, batch| {
                report.messages += batch.num_rows() as u64;
                Ok(())
            });
            note(counted, true, &mut report.problems);
        }
    }
    note(check_keys(store, &ledger), true, &mut report.problems);
    Ok(report)
}

fn check_reference(path: &Path, id: &CaptureId) -> Result<()> {
    let mut file = File::open(path).map_err(StoreError::io("open the referenced file", path))?;
    let found = Evidence::hash(&mut file).map_err(StoreError::io("read the referenced file", path))?;
    if found.id == *id {
        return Ok(());
    }
    Err(StoreError::Damaged {
        what: format!("\"{}\"", path.display()),
        detail: "it has changed since it was captured".into(),
    })
}

fn check_hash(path: &Path, expected: &str) -> Result<()> {
    let mut file = File::open(path).map_err(StoreError::io("open", path))?;
    let found = Evidence::hash(&mut file).map_err(StoreError::io("read", path))?;
    if found.id.0 == expected {
        return Ok(());
    }
    Err(StoreError::Damaged {
        what: format!("\"{}\"", path.display()),
        detail: "its bytes no longer have their hash".into(),
    })
}

/// The key index is a cache: a missing one is no damage, and a torn one is made again at the next writing.
fn check_keys(store: &Store, ledger: &Ledger) -> Result<()> {
    let dir = store.keys_dir();
    if dir.is_dir() && !Keys::is_whole(&dir, ledger.last_batch()?)? {
        return Err(StoreError::Damaged {
            what: format!("\"{}\"", dir.display()),
            detail: "a run of the key index is torn or missing; the next ingest makes it again".into(),
        });
    }
    Ok(())
}
