//! `noctule inspect`: for a person with a file that will not go in. What each file is taken for and why, its first
//! messages, every kind of skip with an example, what nobody reads of it, and what to do.
//!
//! `ingest --dry-run` is the same over the start of each file. Nothing is stored, and no data directory is needed.

mod dates;
mod hints;
mod look;
mod show;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};

use self::look::Looked;
use super::ingest::Reading;
use super::{Format, Globals, SKIPPED};
use crate::pipeline::Options;

/// Show how files would be read, and why
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule inspect dump.csv                                   what it is taken for, five messages, every kind of skip
  noctule inspect dump.csv --as csv --map text=body,date=ts  the same with the columns named
  noctule inspect exports/ --format jsonl | jq 'select(.hints != [])'

Reads each file to its end and stores nothing. Exit status 2 when something was skipped.")]
pub struct Args {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
}

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let options = args.reading.options(globals)?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut all = Vec::new();
    let skipped = match globals.format.unwrap_or(Format::Table) {
        Format::Table => look::each(&args.paths, &options, None, &mut |looked| show::table(looked, &mut out))?,
        Format::Jsonl => look::each(&args.paths, &options, None, &mut |looked| {
            serde_json::to_writer(&mut out, looked)?;
            Ok(out.write_all(b"\n")?)
        })?,
        Format::Json => {
            let skipped = look::each(&args.paths, &options, None, &mut |looked| {
                all.push(serde_json::to_value(looked)?);
                Ok(())
            })?;
            serde_json::to_writer_pretty(&mut out, &all)?;
            out.write_all(b"\n")?;
            skipped
        }
        Format::Csv => bail!("what was seen of a file is no table\nhint: use --format table, json or jsonl"),
    };
    out.flush()?;
    Ok(status(skipped))
}

/// Messages that a dry run reads of each file: enough to meet its quirks, quick on a 5 GB export.
const DRY_RUN: usize = 20_000;

/// `ingest --dry-run`.
pub fn dry_run(paths: &[PathBuf], options: &Options) -> Result<ExitCode> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut show = |looked: &Looked| show::table(looked, &mut out);
    let skipped = look::each(paths, options, Some(DRY_RUN), &mut show)?;
    out.flush()?;
    Ok(status(skipped))
}

fn status(skipped: bool) -> ExitCode {
    if skipped { ExitCode::from(SKIPPED) } else { ExitCode::SUCCESS }
}
