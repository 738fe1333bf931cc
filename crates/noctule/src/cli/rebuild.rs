//! `noctule rebuild`: makes every table again from the evidence and the ledger.

use std::process::ExitCode;

use anyhow::Result;

use super::Globals;
use super::lexicon::OwnWords;
use crate::progress::Progress;
use crate::{pipeline, say};

/// Make all tables again from the evidence
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule rebuild          after damage to the tables, or to judge everything with newer rules
  noctule rebuild --lexicon words/          with own words too

Evidence and ledger are not touched. An interrupted rebuild goes on with the next command that writes.")]
pub struct Args {
    #[command(flatten)]
    words: OwnWords,
}

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let store = globals.store()?;
    store.ledger()?;
    let detectors = args.words.detectors(globals)?;
    let lock = store.lock()?;
    let progress = Progress::new(globals.quiet);
    store.forget_tables(&lock)?;
    let result = pipeline::rebuild(&store, &lock, &detectors, &progress);
    progress.finish();
    say::note(globals.quiet, &format!("{} captures read again", result?));
    Ok(ExitCode::SUCCESS)
}
