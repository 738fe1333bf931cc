//! `noctule verify`: looks for damage in evidence, ledger and tables.

use std::io::Write;
use std::process::ExitCode;

use anyhow::Result;
use noctule_core::normalize::visible_line;
use noctule_store::verify;

use super::{Globals, USAGE};
use crate::progress::Progress;
use crate::say;

/// Check that everything ever acknowledged is there and unchanged
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule verify
  noctule verify --data-dir /srv/noctule

Every byte of evidence, every ledger row, the audit log and every table file is read and compared with its hash.
What `rebuild` can mend is said; damaged evidence can only come from your own copies.")]
pub struct Args {}

pub fn run(_args: Args, globals: &Globals) -> Result<ExitCode> {
    let store = globals.store()?;
    let progress = Progress::new(globals.quiet);
    progress.expect_bytes(store.ledger()?.captures()?.iter().map(|c| c.new.bytes).sum());
    let mut last = 0;
    let result = verify::verify(&store, |bytes| {
        progress.read_bytes(bytes - last);
        last = bytes;
    });
    progress.finish();
    let report = result?;
    let mut out = std::io::stdout().lock();
    writeln!(
        out,
        "{} captures ({} bytes), {} table files, {} messages, {} audit entries (head {})",
        report.captures,
        report.evidence_bytes,
        report.table_files,
        report.messages,
        report.audit_entries,
        report.audit_head
    )?;
    if report.pending > 0 {
        writeln!(
            out,
            "{} captures are acknowledged and not yet in the tables; the next ingest goes on with them",
            report.pending
        )?;
    }
    for problem in &report.problems {
        writeln!(out, "damaged: {}", visible_line(&problem.what))?;
    }
    if report.problems.is_empty() {
        writeln!(out, "no damage found")?;
        return Ok(ExitCode::SUCCESS);
    }
    if report.problems.iter().all(|p| p.rebuildable) {
        say::hint(globals.quiet, "`noctule rebuild` makes all of this again from the evidence");
    } else {
        say::hint(globals.quiet, "bring the damaged evidence or ledger back from a copy; `rebuild` cannot make them");
    }
    Ok(ExitCode::from(USAGE + 1))
}
