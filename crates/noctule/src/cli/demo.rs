//! `noctule demo`: the study of an invented corpus, to see what one gets.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;

use super::{Globals, simulate, study};
use crate::say;

/// Study an invented corpus of 150,000 messages
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule demo
  noctule demo --out /tmp/demo

Makes the corpus, reads it into a data directory of its own and writes the report beside it. Every number in it is
invented, and every page says so.")]
pub struct Args {
    /// Folder for the corpus, the data and the report; made anew
    #[arg(long, value_name = "DIR", default_value = "noctule-demo")]
    out: PathBuf,
}

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let corpus = args.out.join("corpus");
    if !corpus.join("noctule-simulated.json").is_file() {
        say::note(globals.quiet, "making the corpus …");
        simulate::run(simulate::Args::for_demo(&corpus), globals)?;
    }
    let globals = Globals { data_dir: Some(args.out.join("data")), ..globals.clone() };
    study::run(study::Args::for_demo(&corpus, &args.out.join("report")), &globals)
}
