//! The commands: one file each, one variant here.

mod analyze;
mod compare;
mod demo;
mod detect;
mod eval;
mod events;
mod explain;
mod export;
mod generate;
mod ingest;
mod inspect;
mod lexicon;
mod question;
mod read_table;
mod rebuild;
mod search;
mod simulate;
mod sql;
mod study;
mod verify;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Parser, Subcommand, ValueEnum};
use noctule_store::Store;

/// Exit status of wrong usage, and the base of all harder failures.
pub const USAGE: u8 = 64;
/// Nothing found.
pub const NOTHING: u8 = 1;
/// Done, but something in this input was skipped, now or when it was first read.
pub const SKIPPED: u8 = 2;

/// Self-hosted monitor of the cybercriminal underground. It only listens.
#[derive(Parser)]
#[command(
    name = "noctule",
    version,
    about,
    max_term_width = 100,
    arg_required_else_help = true,
    after_help = "\
Start here:
  noctule study EXPORTS/              measure escrow agents in a folder of exports
  noctule search 'escrow btc'         find messages, with counts by kind and over time
  noctule sql 'select * from skips'   what was left out, and why
  noctule inspect FILE                why a file will not go in
  noctule demo                        the same on an invented corpus

Exit status: 0 done; 1 nothing found; 2 done, but something was skipped; 64 and up: an error."
)]
pub struct Cli {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

/// What every command understands.
#[derive(clap::Args, Clone)]
pub struct Globals {
    /// Where everything is kept [default: the platform's data folder]
    #[arg(long, global = true, value_name = "DIR", env = "NOCTULE_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Form of the data on standard output
    #[arg(long, global = true, value_enum)]
    format: Option<Format>,
    /// No words on standard error but errors
    #[arg(long, short, global = true)]
    quiet: bool,
    /// Where dates without a zone are read: Europe/Berlin, +03, UTC
    #[arg(long, global = true, value_name = "ZONE", default_value = "UTC")]
    zone: String,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
    Jsonl,
    Csv,
}

#[derive(Subcommand)]
enum Command {
    Study(study::Args),
    Analyze(analyze::Args),
    Ingest(ingest::Args),
    Inspect(inspect::Args),
    Detect(detect::Args),
    Search(search::Args),
    Sql(sql::Args),
    Export(export::Args),
    Eval(eval::Args),
    Explain(explain::Args),
    Simulate(simulate::Args),
    Verify(verify::Args),
    Rebuild(rebuild::Args),
    Demo(demo::Args),
    Generate(generate::Args),
    #[command(hide = true)]
    ReadTable,
}

impl Cli {
    pub fn run(self) -> Result<ExitCode> {
        let globals = self.globals;
        match self.command {
            Command::Study(args) => study::run(args, &globals),
            Command::Analyze(args) => analyze::run(args, &globals),
            Command::Ingest(args) => ingest::run(args, &globals),
            Command::Inspect(args) => inspect::run(args, &globals),
            Command::Detect(args) => detect::run(args, &globals),
            Command::Export(args) => export::run(args, &globals),
            Command::Search(args) => search::run(args, &globals),
            Command::Sql(args) => sql::run(args, &globals),
            Command::Eval(args) => eval::run(args, &globals),
            Command::Explain(args) => explain::run(args, &globals),
            Command::Simulate(args) => simulate::run(args, &globals),
            Command::Verify(args) => verify::run(args, &globals),
            Command::Rebuild(args) => rebuild::run(args, &globals),
            Command::Demo(args) => demo::run(args, &globals),
            Command::Generate(args) => generate::run(args, &globals),
            Command::ReadTable => read_table::run(),
        }
    }
}

impl Globals {
    /// The data directory, existing or not.
    fn store(&self) -> Result<Store> {
        match &self.data_dir {
            Some(dir) => Ok(Store::at(dir)),
            None => default_data_dir()
                .map(|dir| Store::at(&dir))
                .context("cannot tell the platform's data folder\nhint: name one with --data-dir"),
        }
    }
}

/// `$XDG_DATA_HOME/noctule` or `~/.local/share/noctule`; `%LOCALAPPDATA%\noctule`; `~/Library/Application Support/noctule`.
fn default_data_dir() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if cfg!(windows) {
        return folder("LOCALAPPDATA").map(|dir| dir.join("noctule"));
    }
    if cfg!(target_os = "macos") {
        return folder("HOME").map(|dir| dir.join("Library/Application Support/noctule"));
    }
    folder("XDG_DATA_HOME")
        .or_else(|| folder("HOME").map(|dir| dir.join(".local/share")))
        .map(|dir| dir.join("noctule"))
}
