//! `noctule ingest`: reads exports into the data directory, durably.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use noctule_core::collect::{Collector, Mapping};
use noctule_core::detect::Detectors;
use noctule_store::writer::FinishedCapture;

use super::lexicon::OwnWords;
use super::{Globals, SKIPPED, inspect};
use crate::pipeline::{self, Options, Outcome};
use crate::progress::Progress;
use crate::{clock, input, say};

/// Read exports into the data directory, durably
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule ingest exports/                       everything in a folder, archives included
  noctule ingest dump.csv --dry-run             how it would be read: five messages, every kind of skip
  noctule ingest dump.csv --map text=Message,date=Timestamp,source=Channel --save-map mydump
  noctule ingest other.csv --profile mydump --zone Europe/Moscow

Reading the same thing twice changes nothing. An interrupted run goes on where it stopped.")]
pub struct Args {
    /// Files and folders
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// Show how each file would be read, and store nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the id of each capture as soon as all its messages are durable
    #[arg(long)]
    acknowledge: bool,
    /// Commit after this many messages: sooner durable, and slower
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    batch_messages: Option<u32>,
}

/// How to read files; shared by the commands that take paths.
#[derive(clap::Args, Clone, Default)]
pub struct Reading {
    /// Columns of a generic table: text=…,date=…,source=…
    #[arg(long, value_name = "COLUMNS", conflicts_with = "profile")]
    map: Option<String>,
    /// Keep the columns of --map under a name
    #[arg(long, value_name = "NAME", requires = "map")]
    save_map: Option<String>,
    /// Use columns kept under a name
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Read as this format whatever the content looks like
    #[arg(long = "as", value_name = "FORMAT")]
    collector: Option<String>,
    /// Record path and hash only; the bytes stay where they are
    #[arg(long)]
    reference: bool,
    #[command(flatten)]
    pub words: OwnWords,
}

impl Reading {
    pub fn options(&self, globals: &Globals) -> Result<Options> {
        pipeline::zone(&globals.zone)?;
        let mapping = match (&self.map, &self.profile) {
            (Some(columns), _) => Some(Mapping::parse(columns).map_err(|e| anyhow::anyhow!("{e}"))?),
            (None, Some(name)) => Some(load_profile(globals, name)?),
            (None, None) => None,
        };
        if let (Some(mapping), Some(name)) = (&mapping, &self.save_map) {
            save_profile(globals, name, mapping)?;
        }
        Ok(Options {
            zone: globals.zone.clone(),
            mapping,
            collector: self.collector.as_deref().map(named_collector).transpose()?,
            reference: self.reference,
            batch_messages: None,
            now: clock::now(),
        })
    }
}

pub fn named_collector(name: &str) -> Result<&'static dyn Collector> {
    input::collector(name)
        .with_context(|| format!("unknown format \"{name}\"\nhint: known formats: {}", input::known_formats()))
}

fn profile_path(globals: &Globals, name: &str) -> Result<PathBuf> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
        bail!("\"{name}\" cannot name a profile\nhint: use letters, digits, - and _");
    }
    Ok(globals.store()?.dir().join("profiles").join(format!("{name}.toml")))
}

fn load_profile(globals: &Globals, name: &str) -> Result<Mapping> {
    let path = profile_path(globals, name)?;
    let text = std::fs::read_to_string(&path).with_context(|| {
        format!("cannot read the profile \"{}\"\nhint: make one with --map … --save-map {name}", path.display())
    })?;
    Mapping::from_toml(&text).map_err(|e| anyhow::anyhow!("the profile \"{}\" is broken: {e}", path.display()))
}

fn save_profile(globals: &Globals, name: &str, mapping: &Mapping) -> Result<()> {
    let path = profile_path(globals, name)?;
    noctule_store::durable::create_dir(path.parent().context("a profile lies in a folder")?)?;
    noctule_store::durable::write_file(&path, mapping.to_toml().as_bytes())?;
    say::note(globals.quiet, &format!("columns kept as profile \"{name}\""));
    Ok(())
}

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let mut options = args.reading.options(globals)?;
    options.batch_messages = args.batch_messages.map(|n| n as usize);
    if args.dry_run {
        return inspect::dry_run(&args.paths, &options);
    }
    let detectors = args.reading.words.detectors(globals)?;
    let mut out = std::io::stdout().lock();
    let mut print_failed = None;
    let mut done = |finished: &FinishedCapture| {
        if args.acknowledge
            && let Err(e) = writeln!(out, "{}", finished.capture.id).and_then(|()| out.flush())
        {
            print_failed.get_or_insert(e);
        }
    };
    let outcome = read_into_store(globals, &detectors, &args.paths, &options, &mut done)?;
    if let Some(e) = print_failed {
        return Err(e).context("cannot print");
    }
    Ok(if outcome.anything_skipped() { ExitCode::from(SKIPPED) } else { ExitCode::SUCCESS })
}

/// Ingests, and tells the person what was met.
pub fn read_into_store(
    globals: &Globals,
    detectors: &Detectors,
    paths: &[PathBuf],
    options: &Options,
    done: &mut dyn FnMut(&FinishedCapture),
) -> Result<Outcome> {
    let store = globals.store()?;
    let lock = store.lock()?;
    let progress = Progress::new(globals.quiet);
    let result = pipeline::ingest(&store, &lock, detectors, paths, options, &progress, done);
    progress.finish();
    let outcome = result?;
    for (format, example) in progress.recognized_formats() {
        say::note(globals.quiet, &format!("read as {format}: {example}"));
    }
    if outcome.judged_anew {
        say::note(globals.quiet, "the rules or words have changed; everything stored was judged anew");
    } else if outcome.resumed > 0 {
        say::note(globals.quiet, &format!("went on with {} captures of an interrupted run", outcome.resumed));
    }
    say::note(globals.quiet, &pipeline::describe(&outcome));
    if outcome.duplicates > 0 {
        say::note(globals.quiet, &format!("{} messages were stored already", outcome.duplicates));
    }
    let skips = outcome.skipped + outcome.path_skips.len() as u64;
    if skips > 0 {
        say::hint(
            globals.quiet,
            &format!(
                "{skips} {} skipped or repaired; list with `noctule sql 'select * from skips'`",
                if skips == 1 { "thing was" } else { "things were" }
            ),
        );
    }
    Ok(outcome)
}
