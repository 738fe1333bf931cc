//! `cargo xtask bench`: how fast, compared in the same run with tools that everybody has.
//!
//! Rounds are interleaved, so that a machine that slows down slows everything; the median counts. The wall time of
//! Noctule includes its start, that of DuckDB does not include Python's.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::{oracles, tools};

/// Fourteen words for the act in the five languages of the lexicons, as one regular expression.
const PATTERN: &str = "escrow|guarantor|middleman|intermediary|garant|гарант|посредник|эскроу|担保|中介|garante|depósito|Treuhänder|Treuhand";

/// (name in the table, at most this ratio to DuckDB, the aim).
const TARGETS: &[(&str, f64, f64)] =
    &[("noctule detect, JSONL", 3.0, 1.0), ("noctule study, exports", 8.0, 4.0), ("noctule study, JSONL", 8.0, 4.0)];

struct Runner {
    name: &'static str,
    rounds: usize,
    run: Box<dyn Fn() -> Result<Sample>>,
    samples: Vec<Sample>,
}

#[derive(Clone, Copy)]
struct Sample {
    secs: f64,
    peak_kib: u64,
}

pub(crate) fn run(words: &[String]) -> Result<bool> {
    tools::only(words, &["--collectors"], &["--messages"])?;
    if words.iter().any(|word| word == "--collectors") {
        return collectors().map(|()| true);
    }
    let messages = tools::number(words, "--messages", 1_000_000)?;
    println!("building the release (more than half an hour when cold)");
    tools::run(&mut tools::cargo(&["build", "--release", "--locked", "--workspace", "--bins"]))?;
    let noctule = tools::target().join("release/noctule");
    tools::need("time", "time")?;
    tools::need("rg", "ripgrep")?;
    let python = duckdb()?;
    let corpus = corpus(&noctule, messages)?;

    let mut runners = runners(&noctule, &python, &corpus);
    for round in 0..5 {
        for runner in runners.iter_mut().filter(|runner| round < runner.rounds) {
            let sample = (runner.run)().with_context(|| runner.name.to_string())?;
            println!("round {}: {}: {:.2} s, {} MiB", round + 1, runner.name, sample.secs, sample.peak_kib / 1024);
            runner.samples.push(sample);
        }
    }
    Ok(table(&runners, &corpus))
}

struct Corpus {
    /// Telegram exports, forums in JSONL, markets in CSV.
    collected: PathBuf,
    /// The same messages, a line each.
    jsonl: PathBuf,
    messages: u64,
}

/// Simulated once per number of messages, in both shapes; the same seed gives the same messages.
fn corpus(noctule: &Path, messages: u64) -> Result<Corpus> {
    let dir = tools::scratch("bench")?;
    let collected = dir.join(format!("collected-{messages}"));
    let lines = dir.join(format!("jsonl-{messages}"));
    let stamp = dir.join(format!("simulated-{messages}.stamp"));
    if !stamp.is_file() {
        println!("simulating {messages} messages");
        for (out, shape) in [(&collected, "collected"), (&lines, "jsonl")] {
            if out.exists() {
                std::fs::remove_dir_all(out).with_context(|| format!("cannot remove {}", out.display()))?;
            }
            let mut simulate = Command::new(noctule);
            simulate.args(["simulate", "--messages", &messages.to_string(), "--write", shape, "--quiet", "--out"]);
            tools::run(simulate.arg(out))?;
        }
        std::fs::write(&stamp, "").context("cannot write the stamp")?;
    }
    Ok(Corpus { collected, jsonl: lines.join("messages.jsonl"), messages })
}

/// A Python with DuckDB from PyPI, in a folder of its own.
fn duckdb() -> Result<PathBuf> {
    tools::need("python3", "python3-venv")?;
    let venv = tools::scratch("venv")?;
    let python = venv.join("bin/python");
    let ready = || {
        Command::new(&python).args(["-c", "import duckdb"]).stderr(Stdio::null()).status().is_ok_and(|s| s.success())
    };
    if !ready() {
        println!("installing DuckDB into {}", venv.display());
        tools::run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
        tools::run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "duckdb"]))?;
    }
    Ok(python)
}

fn runners(noctule: &Path, python: &Path, corpus: &Corpus) -> Vec<Runner> {
    let runner = |name, rounds, run| Runner { name, rounds, run, samples: Vec::new() };
    let (python, jsonl) = (python.to_path_buf(), corpus.jsonl.clone());
    let yardstick = move || {
        let mut command = Command::new(&python);
        command.arg(tools::root().join("xtask/bench.py")).arg(&jsonl).args([PATTERN, "2"]);
        let (mut sample, text) = timed(&command)?;
        let secs = text.split_whitespace().next().context("bench.py printed nothing")?;
        sample.secs = secs.parse().with_context(|| format!("bench.py printed {text:?}"))?;
        Ok(sample)
    };
    let jsonl = corpus.jsonl.clone();
    let ripgrep = move || {
        let mut command = Command::new("rg");
        Ok(timed(command.args(["--count", "--regexp", PATTERN]).arg(&jsonl))?.0)
    };
    let (binary, jsonl) = (noctule.to_path_buf(), corpus.jsonl.clone());
    let detect = move || {
        let mut command = Command::new(&binary);
        Ok(timed(command.arg("detect").arg(&jsonl))?.0)
    };
    let study = |input: PathBuf| {
        let binary = noctule.to_path_buf();
        move || {
            // A fresh data directory each time, or the second round would only find what it already has.
            let data = tools::fresh("bench-data")?;
            let out = tools::fresh("bench-study")?;
            let mut command = Command::new(&binary);
            command.arg("study").arg(&input).arg("--data-dir").arg(&data).arg("--out").arg(&out).arg("--quiet");
            Ok(timed(&command)?.0)
        }
    };
    vec![
        runner("DuckDB, 2 threads, JSONL", 5, Box::new(yardstick)),
        runner("ripgrep -c, JSONL", 5, Box::new(ripgrep)),
        runner("noctule detect, JSONL", 5, Box::new(detect)),
        runner("noctule study, exports", 3, Box::new(study(corpus.collected.clone()))),
        runner("noctule study, JSONL", 3, Box::new(study(corpus.jsonl.clone()))),
    ]
}

fn printed(command: &mut Command) -> Result<String> {
    let output = tools::capture(command)?;
    ensure!(output.status.success(), "ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

/// How fast each collector reads its own cases, a core, and beside it what others make of the same bytes: forumscraper
/// of saved pages.
fn collectors() -> Result<()> {
    let examples = ["build", "--release", "--locked", "-p", "noctule-core", "--example", "throughput"];
    tools::run(&mut tools::cargo(&examples))?;
    let ours = printed(&mut Command::new(tools::target().join("release/examples/throughput")))?;
    let mut theirs = HashMap::new();
    match oracles::page_reader() {
        Ok(python) => {
            let script = tools::root().join("crates/noctule-core/fixtures/collect/pages_oracle.py");
            let printed = printed(Command::new(python).arg("-B").arg(script).arg("--speed"))?;
            for line in printed.lines() {
                if let [format, case, speed] = line.split_whitespace().collect::<Vec<_>>()[..] {
                    theirs.insert((format.to_owned(), case.to_owned()), speed.parse::<f64>()?);
                }
            }
        }
        Err(error) => println!("NO FORUMSCRAPER, so no peer for saved pages: {error:#}"),
    }
    println!("\n| format | case | MB/s | forumscraper MB/s | times as fast |\n|---|---|---:|---:|---:|");
    for line in ours.lines().skip(1) {
        let [format, case, speed, ..] = line.split_whitespace().collect::<Vec<_>>()[..] else { continue };
        let speed: f64 = speed.parse()?;
        match theirs.get(&(format.to_owned(), case.to_owned())) {
            Some(other) => println!("| {format} | {case} | {speed:.0} | {other:.2} | {:.0} |", speed / other),
            None => println!("| {format} | {case} | {speed:.0} | | |"),
        }
    }
    Ok(())
}

/// Wall time, the peak of the largest process, and what was printed (`detect` prints hundreds of megabytes: dropped).
fn timed(command: &Command) -> Result<(Sample, String)> {
    let dir = tools::scratch("time")?;
    let (report, printed) = (dir.join("peak"), dir.join("printed"));
    let large = command.get_args().any(|word| word == "detect");
    let stdout = if large { Stdio::null() } else { std::fs::File::create(&printed)?.into() };
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-q", "-f", "%M", "-o"]).arg(&report).arg(command.get_program()).args(command.get_args());
    let start = Instant::now();
    let status = timed.stdin(Stdio::null()).stdout(stdout).status().context("cannot run /usr/bin/time")?;
    let secs = start.elapsed().as_secs_f64();
    ensure!(status.success(), "ended with {status}");
    let peak_kib = std::fs::read_to_string(&report)?.trim().parse().context("time wrote no number")?;
    Ok((Sample { secs, peak_kib }, if large { String::new() } else { std::fs::read_to_string(&printed)? }))
}

/// Prints the table in Markdown; true when every target is met.
fn table(runners: &[Runner], corpus: &Corpus) -> bool {
    let yardstick = median(&runners[0].samples);
    let bytes = tools::size_of(&corpus.jsonl);
    println!(
        "\n{} simulated messages, {:.1} MB of JSONL; median of the rounds.\n",
        corpus.messages,
        bytes as f64 / 1e6
    );
    println!("| what | rounds | seconds | messages a second | peak MiB | ratio to DuckDB | target |");
    println!("|---|---:|---:|---:|---:|---:|---|");
    let mut met = true;
    for runner in runners {
        let secs = median(&runner.samples);
        let ratio = secs / yardstick;
        let peak = runner.samples.iter().map(|sample| sample.peak_kib).max().unwrap_or(0) / 1024;
        let target = match TARGETS.iter().find(|(name, ..)| *name == runner.name) {
            None => String::new(),
            Some((_, most, aim)) => {
                met &= ratio <= *most;
                let word = if ratio > *most { "MISSED" } else { "met" };
                format!("at most {most}, aim {aim}: {word}")
            }
        };
        let rate = corpus.messages as f64 / secs;
        println!(
            "| {} | {} | {secs:.2} | {rate:.0} | {peak} | {ratio:.2} | {target} |",
            runner.name,
            runner.samples.len()
        );
    }
    met
}

fn median(samples: &[Sample]) -> f64 {
    let mut secs: Vec<f64> = samples.iter().map(|sample| sample.secs).collect();
    secs.sort_by(f64::total_cmp);
    secs[secs.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_expression_has_fourteen_words() {
        assert_eq!(PATTERN.split('|').count(), 14);
    }

    #[test]
    fn the_median_ignores_one_slow_round() {
        let samples = [1.0, 9.0, 2.0].map(|secs| Sample { secs, peak_kib: 0 });
        assert_eq!(median(&samples), 2.0);
    }
}
