//! The project's tasks: `cargo xtask demo | test | bench | torture | fuzz`. Nothing but cargo is needed to start.
//!
//! Each task is a file: it prints what it does and how long that takes, and fails with a hint. Left to others: what
//! is checked inside a crate (its own tests), licenses and advisories (`xtask-audit`).

mod bench;
mod browser;
mod corpus;
mod crash;
mod demo;
mod fuzz;
mod hostile;
mod oracles;
mod recipes;
mod steps;
mod test;
mod tidy;
mod tools;
mod torture;
mod train_language;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "The tasks of Noctule.

Usage: cargo xtask <TASK> [OPTIONS]

Tasks:
  demo                 build, simulate 150,000 messages, study them, show the summary
  test [--quick]       every check, in the order that fails soonest; --quick leaves out what needs the binary
  test --only WORD     only the steps whose name contains WORD
  bench [--messages N] release build; ratios against DuckDB on 1,000,000 messages
  bench --collectors   megabytes a second of each collector on its own cases, beside forumscraper
  torture [OPTIONS]    200 kills and 10 power cuts; --kills N, --cuts N, --every (each system call, not a sample)
  fuzz [--seconds N] [--target NAME]
                       every fuzz target for a minute; needs the nightly compiler
  tidy                 only the checks of the text of the repository
  train-language CRATES [OUT]
                       makes the language model from the unpacked lingua crates in a folder

Examples:
  cargo xtask demo
  cargo xtask test --quick
  cargo xtask test --only crash
  cargo xtask bench --messages 100000
  cargo xtask torture --kills 2000 --cuts 500

Everything is built into ~/.cache/noctule/target unless CARGO_TARGET_DIR says otherwise; corpora and data of a task lie in
its folder `xtask`, and can be deleted at any time.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// True when the task did what it should.
fn run(words: &[String]) -> Result<bool> {
    let (task, rest) = match words.split_first() {
        None => ("help", &[][..]),
        Some((task, rest)) => (task.as_str(), rest),
    };
    if rest.iter().any(|word| word == "--help" || word == "-h") {
        println!("{HELP}");
        return Ok(true);
    }
    match task {
        "demo" => demo::run(rest),
        "test" => test::run(rest),
        "bench" => bench::run(rest),
        "torture" => torture::run(rest),
        "fuzz" => fuzz::run(rest),
        "tidy" => tidy::run(rest),
        "train-language" => train_language::run(rest).map(|()| true),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(true)
        }
        other => bail!("no task is called {other:?}; hint: `cargo xtask help` lists them"),
    }
}
