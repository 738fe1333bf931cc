//! `noctule export`: stored messages for other programs. One form a file; what is stored is not changed.
//!
//! Text goes out as the `messages` view has it: quotes taken out, secrets masked.

mod ail;
mod table;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::ValueEnum;
use noctule_store::export::{StoredMessage, each_message};
use noctule_store::ledger::SourceRow;

use super::{Globals, NOTHING};
use crate::say;

/// Write what is stored for other programs
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule export --to csv --out messages.csv
  noctule export --to jsonl | jq -c 'select(.medium == \"forum\")'
  noctule export --to ail | while read -r item; do
    curl -H \"Authorization: $KEY\" -H 'Content-Type: application/json' -d \"$item\" $AIL/api/v1/import/json/item; done

The latest revision of every message, secrets masked. Exit status 1 when there is none.")]
pub struct Args {
    /// Form of the output
    #[arg(long, value_enum, value_name = "FORM")]
    to: To,
    /// Write here instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum To {
    /// Items of AIL, one a line: chats as its feeders send them, forums as its forum-extractor does
    Ail,
    /// The columns of the messages view, for spreadsheets: formulas are disarmed
    Csv,
    /// The same, one JSON object a line
    Jsonl,
}

/// One form.
trait Writer {
    fn message(&mut self, source: &SourceRow, message: StoredMessage, out: &mut dyn Write) -> Result<()>;
    fn finish(&mut self, out: &mut dyn Write) -> Result<()>;
}

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let written = match &args.out {
        None => write(args.to, globals, &mut BufWriter::new(std::io::stdout().lock()))?,
        Some(path) => to_file(args.to, globals, path)?,
    };
    if written == 0 {
        say::note(globals.quiet, "there is no message to export");
        return Ok(ExitCode::from(NOTHING));
    }
    Ok(ExitCode::SUCCESS)
}

/// Under another name first, so that nobody finds half a file.
fn to_file(to: To, globals: &Globals, path: &Path) -> Result<u64> {
    let mut name = path.file_name().context("--out names no file")?.to_os_string();
    name.push(".part");
    let part = path.with_file_name(name);
    let cannot = || format!("cannot write \"{}\"", path.display());
    let mut out = BufWriter::new(File::create(&part).with_context(cannot)?);
    let written = write(to, globals, &mut out);
    let whole = written.and_then(|n| {
        out.flush().and_then(|()| out.get_ref().sync_all()).with_context(cannot)?;
        std::fs::rename(&part, path).with_context(cannot)?;
        Ok(n)
    });
    if whole.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    whole
}

/// Returns the number of messages.
fn write(to: To, globals: &Globals, out: &mut dyn Write) -> Result<u64> {
    let mut writer: Box<dyn Writer> = match to {
        To::Ail => Box::new(ail::Ail::default()),
        To::Csv => Box::new(table::Csv::default()),
        To::Jsonl => Box::new(table::Jsonl),
    };
    let mut messages = 0;
    each_message(&globals.store()?, |source, message| {
        messages += 1;
        writer.message(source, message, out)
    })?;
    writer.finish(out)?;
    out.flush()?;
    Ok(messages)
}
