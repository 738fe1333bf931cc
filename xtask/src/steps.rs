//! Runs named steps one after the other and says how each went.
//!
//! A failed step does not stop the next: one run names everything that is wrong.

use std::time::{Duration, Instant};

use anyhow::Result;

/// How a step went, with a word for the table.
pub(crate) enum Outcome {
    Passed(String),
    /// Not run, and why. Steps that CI must run count as failed there.
    Skipped(String),
}

/// Which run a step belongs to. Quick steps need no binary and no query engine.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Always,
    QuickOnly,
    FullOnly,
}

pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) when: When,
    run: Box<dyn Fn() -> Result<Outcome>>,
}

impl Step {
    pub(crate) fn new(name: &'static str, when: When, run: impl Fn() -> Result<Outcome> + 'static) -> Self {
        Self { name, when, run: Box::new(run) }
    }
}

struct Row {
    name: &'static str,
    word: &'static str,
    time: Duration,
    note: String,
}

/// True when nothing failed. `must_run`: a skip counts as a failure.
pub(crate) fn run(steps: &[&Step], must_run: bool) -> bool {
    let mut rows = Vec::new();
    for (i, step) in steps.iter().enumerate() {
        println!("\n== {}/{} {}", i + 1, steps.len(), step.name);
        let start = Instant::now();
        let (word, note) = match (step.run)() {
            Ok(Outcome::Passed(note)) => ("passed", note),
            Ok(Outcome::Skipped(why)) if must_run => ("FAILED", format!("must run in CI, was skipped: {why}")),
            Ok(Outcome::Skipped(why)) => ("SKIPPED", why),
            Err(error) => ("FAILED", format!("{error:#}")),
        };
        let row = Row { name: step.name, word, time: start.elapsed(), note };
        println!("-- {}: {} in {:.1} s  {}", row.name, row.word, row.time.as_secs_f64(), row.note);
        rows.push(row);
    }
    summary(&rows);
    rows.iter().all(|row| row.word != "FAILED")
}

fn summary(rows: &[Row]) {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or(0);
    println!("\n{:width$}  {:>8}  result", "step", "seconds");
    for row in rows {
        let note = row.note.lines().next().unwrap_or("");
        println!("{:width$}  {:>8.1}  {:7}  {note}", row.name, row.time.as_secs_f64(), row.word);
    }
    let count = |word: &str| rows.iter().filter(|row| row.word == word).count();
    let total: f64 = rows.iter().map(|row| row.time.as_secs_f64()).sum();
    println!("{:width$}  {total:>8.1}\n", "all");
    match count("SKIPPED") {
        0 => println!("{} passed, {} failed", count("passed"), count("FAILED")),
        skipped => println!("{} passed, {} failed, {skipped} skipped", count("passed"), count("FAILED")),
    }
}
