//! `cargo xtask test`: every check, in the order that fails soonest.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::steps::{self, Outcome, Step, When};
use crate::{browser, crash, hostile, oracles, recipes, tidy, tools};

fn steps() -> Vec<Step> {
    vec![
        Step::new("format", When::Always, format),
        Step::new("tidy", When::Always, tidy::step),
        Step::new("licenses and advisories", When::Always, audit),
        Step::new("core tests", When::QuickOnly, core_tests),
        Step::new("clippy", When::FullOnly, clippy),
        Step::new("unit and end-to-end tests", When::FullOnly, cargo_tests),
        Step::new("statistics against independent implementations", When::FullOnly, oracles::step),
        Step::new("saved pages against an independent reader", When::FullOnly, oracles::pages),
        Step::new("tables in other tools", When::FullOnly, recipes::step),
        Step::new("generated reference", When::FullOnly, reference),
        Step::new("eval floor", When::FullOnly, eval_floor),
        Step::new("report in a browser", When::FullOnly, browser::step),
        Step::new("bad files", When::FullOnly, hostile::bad_files),
        Step::new("bombs", When::FullOnly, hostile::bombs),
        Step::new("crash: random kills", When::FullOnly, || crash::random_kills(40)),
        Step::new("crash: exact system calls", When::FullOnly, || crash::exact_points(crash::Points::Sampled(3))),
        Step::new("crash: power cuts", When::FullOnly, || crash::power_cuts(2)),
        Step::new("crash: full disk", When::FullOnly, crash::full_disk),
    ]
}

pub(crate) fn run(words: &[String]) -> Result<bool> {
    tools::only(words, &["--quick"], &["--only"])?;
    let quick = words.iter().any(|word| word == "--quick");
    let other = if quick { When::FullOnly } else { When::QuickOnly };
    let only = tools::option(words, "--only")?.unwrap_or("");
    let steps = steps();
    let chosen: Vec<&Step> = steps.iter().filter(|step| step.when != other && step.name.contains(only)).collect();
    ensure!(!chosen.is_empty(), "no step's name contains {only:?}");
    if !quick && only.is_empty() {
        println!("Everything is built into {}; the first time takes 20 minutes or more.", tools::target().display());
    }
    Ok(steps::run(&chosen, tools::in_ci()))
}

fn format() -> Result<Outcome> {
    tools::run(&mut tools::cargo(&["fmt", "--all", "--check"]))?;
    Ok(Outcome::Passed(String::new()))
}

fn audit() -> Result<Outcome> {
    tools::run(&mut tools::cargo(&["run", "--quiet", "--locked", "--package", "xtask-audit"]))?;
    Ok(Outcome::Passed(String::new()))
}

fn core_tests() -> Result<Outcome> {
    cargo_test(&["test", "--locked", "--package", "noctule-core"])
}

fn clippy() -> Result<Outcome> {
    tools::run(&mut tools::cargo(&["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
    Ok(Outcome::Passed(String::new()))
}

fn cargo_tests() -> Result<Outcome> {
    cargo_test(&["test", "--locked", "--workspace"])
}

fn cargo_test(words: &[&str]) -> Result<Outcome> {
    let mut command = tools::cargo(words);
    if let Some(dir) = labelled() {
        command.env("NOCTULE_EVAL", dir);
    }
    tools::run(&mut command)?;
    Ok(Outcome::Passed(String::new()))
}

fn reference() -> Result<Outcome> {
    let noctule = tools::build()?;
    tools::run(Command::new(noctule).args(["generate", "reference", "--check"]).current_dir(tools::root()))?;
    Ok(Outcome::Passed(String::new()))
}

/// The tables beside the fixtures are what was measured last; `noctule eval` fails below them.
fn eval_floor() -> Result<Outcome> {
    let own = tools::root().join("crates/noctule-core/fixtures/eval");
    let mut sets: Vec<PathBuf> = std::fs::read_dir(&own)
        .context("cannot list the labelled messages of our own")?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    sets.sort();
    hold(&sets, &own.join("accuracy.csv"))?;
    let Some(dir) = labelled() else {
        // Loud, but no failure in CI either: the labelled messages cannot be published, and a fork has none.
        println!("NO LABELLED MESSAGES: precision and recall were NOT checked. Set NOCTULE_EVAL to their folder.");
        return Ok(Outcome::Passed("NOT CHECKED: no labelled messages, set NOCTULE_EVAL".into()));
    };
    hold(&[dir.join("dev.jsonl")], &tools::root().join("crates/noctule-core/accuracy.csv"))?;
    Ok(Outcome::Passed(String::new()))
}

fn hold(sets: &[PathBuf], table: &Path) -> Result<()> {
    let mut command = Command::new(tools::build()?);
    command.arg("eval").args(sets).arg("--data-dir").arg(tools::fresh("eval-data")?);
    tools::run(command.arg("--floor").arg(table))
}

/// The folder of labelled messages: `NOCTULE_EVAL`, else `shared/eval` beside the clone.
fn labelled() -> Option<PathBuf> {
    let dir = match std::env::var_os("NOCTULE_EVAL") {
        Some(dir) => tools::root().join(dir),
        None => tools::root().join("../shared/eval"),
    };
    dir.join("dev.jsonl").is_file().then_some(dir)
}
