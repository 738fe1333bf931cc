//! Bad files and bombs against the real binary: bounded memory and time, a listed skip for each, no escape on the
//! terminal, and the good file beside them is read all the same.
//!
//! The files are made by `tests/hostile/make.py` each time; none is committed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::steps::Outcome;
use crate::tools;

/// Promise C1: what a bomb may cost over a harmless file.
const MEMORY_OVER_KIB: u64 = 64 * 1024;
const TIME_OVER: Duration = Duration::from_secs(2);

/// Every kind of broken file in one folder, with one good export among them.
pub(crate) fn bad_files() -> Result<Outcome> {
    let noctule = tools::build()?;
    let dir = make("bad")?;
    let data = tools::fresh("bad-data")?;
    let ran = ingest(&noctule, &dir, &data)?;
    ensure!(ran.status == Some(2), "exit status {:?} instead of 2 (something was skipped): {}", ran.status, ran.stderr);
    no_controls(&ran)?;
    let skips = sql(&noctule, &data, "select path, place, reason from skips order by path, place")?;
    let expected = std::fs::read_to_string(dir.with_extension("expected")).context("make.py wrote no list")?;
    for line in expected.lines() {
        let (name, word) = line.split_once(' ').context("a line is `name reason`")?;
        // `*` stands for any reason: which one fits is the collector's business and tested there.
        let found = skips.lines().any(|row| {
            // The reason is the last column; a word in the name of the file proves nothing.
            row.contains(name) && (word == "*" || row.trim_end_matches('"').rsplit([',', '"']).next() == Some(word))
        });
        ensure!(found, "no skip with reason {word} for {name}; the skips are:\n{skips}");
    }
    let good = sql(&noctule, &data, "select count(*) as n from messages where source_name = 'Good neighbor'")?;
    ensure!(
        good.lines().last() == Some("3"),
        "the good export beside the bad files has {good:?} messages instead of 3"
    );
    let study = tools::fresh("bad-study")?;
    let ran = measured(
        Command::new(&noctule)
            .arg("study")
            .arg(&dir)
            .arg("--data-dir")
            .arg(&data)
            .arg("--out")
            .arg(&study)
            .arg("--quiet"),
    )?;
    ensure!(ran.status == Some(2), "study: exit status {:?} instead of 2: {}", ran.status, ran.stderr);
    no_controls(&ran)?;
    Ok(Outcome::Passed(format!("{} bad files, each with its skip", expected.lines().count())))
}

/// Files of a few kilobytes that would unpack to gigabytes.
pub(crate) fn bombs() -> Result<Outcome> {
    let noctule = tools::build()?;
    let dir = make("bombs")?;
    let mut names: Vec<PathBuf> = std::fs::read_dir(&dir)?.flatten().map(|entry| entry.path()).collect();
    names.sort();
    let calm = dir.join("0-harmless.json.gz");
    ensure!(names.contains(&calm), "make.py wrote no harmless file");
    let mut base: Option<Ran> = None;
    for path in &names {
        let data = tools::fresh("bomb-data")?;
        let ran = ingest(&noctule, path, &data)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("{name}: status {:?}, {:.2} s, {} MiB", ran.status, ran.cpu.as_secs_f64(), ran.peak_kib / 1024);
        let Some(base) = &base else {
            ensure!(ran.status == Some(0), "the harmless file is not read: {}", ran.stderr);
            base = Some(ran);
            continue;
        };
        ensure!(ran.status == Some(2), "{name}: exit status {:?} instead of 2: {}", ran.status, ran.stderr);
        ensure!(ran.cpu <= base.cpu + TIME_OVER, "{name}: {:?} instead of {:?} and two seconds", ran.cpu, base.cpu);
        ensure!(
            ran.peak_kib <= base.peak_kib + MEMORY_OVER_KIB,
            "{name}: {} MiB instead of {} and 64",
            ran.peak_kib / 1024,
            base.peak_kib / 1024
        );
        let skips = sql(&noctule, &data, "select reason from skips")?;
        // A size that lies is caught at its first byte too many, before there is anything to call a bomb.
        let words: &[&str] = if name.starts_with("lying") { &["malformed"] } else { &["bomb", "nested-too-deep"] };
        ensure!(
            words.iter().any(|word| skips.contains(word)),
            "{name}: no skip says {}, but {skips:?}",
            words.join(" or ")
        );
        let stored = tools::size_of(&data);
        let most = tools::size_of(path) + (64 << 20);
        ensure!(stored <= most, "{name}: {stored} bytes were stored");
    }
    Ok(Outcome::Passed(format!("{} bombs", names.len() - 1)))
}

/// One run of the binary and what it cost.
struct Ran {
    status: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
    /// Processor time: a busy machine makes nothing a bomb.
    cpu: Duration,
    /// Of the largest process.
    peak_kib: u64,
}

fn ingest(noctule: &Path, path: &Path, data: &Path) -> Result<Ran> {
    measured(Command::new(noctule).arg("ingest").arg(path).arg("--data-dir").arg(data))
}

fn measured(command: &mut Command) -> Result<Ran> {
    tools::need("time", "time")?;
    let report = tools::scratch("time")?.join("peak");
    let mut timed = Command::new("/usr/bin/time");
    timed.args(["-q", "-f", "%M %U %S", "-o"]).arg(&report).arg(command.get_program()).args(command.get_args());
    let output = tools::capture(&mut timed)?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(!stderr.contains("panicked at"), "a panic reached the user: {stderr}");
    let peak = std::fs::read_to_string(&report).context("time wrote no report")?;
    let figures: Vec<f64> = peak.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
    let [peak_kib, user, system] = figures[..] else { bail!("time wrote {peak:?}") };
    let cpu = Duration::from_secs_f64(user + system);
    Ok(Ran { status: output.status.code(), stdout: output.stdout, stderr, cpu, peak_kib: peak_kib as u64 })
}

fn sql(noctule: &Path, data: &Path, query: &str) -> Result<String> {
    let mut command = Command::new(noctule);
    let output = tools::capture(command.args(["sql", query, "--format", "csv", "--data-dir"]).arg(data))?;
    ensure!(
        matches!(output.status.code(), Some(0 | 1)),
        "sql ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Promise D4: neither stream carries a control or bidirectional character, whatever the files contain.
fn no_controls(ran: &Ran) -> Result<()> {
    for (stream, text) in [("stdout", String::from_utf8_lossy(&ran.stdout)), ("stderr", ran.stderr.as_str().into())] {
        ensure!(!text.contains('\u{fffd}'), "{stream} is no UTF-8");
        let bad = text.chars().find(|c| control(*c));
        ensure!(bad.is_none(), "{stream} carries {bad:?} from outside: {text:?}");
    }
    Ok(())
}

fn control(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn make(kind: &str) -> Result<PathBuf> {
    tools::need("python3", "python3")?;
    let dir = tools::fresh(&format!("hostile-{kind}"))?;
    tools::run(Command::new("python3").arg(tools::root().join("tests/hostile/make.py")).arg(kind).arg(&dir))?;
    Ok(dir)
}

#[cfg(test)]
mod tests {
    use super::control;

    #[test]
    fn escapes_and_direction_marks_are_controls() {
        assert!("\u{1b}\u{9b}\u{7f}\r\u{202e}\u{200b}\u{feff}".chars().all(control));
        assert!(!"a\n\tж中".chars().any(control));
    }
}
