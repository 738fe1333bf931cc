//! Crash tests: kill -9 at random times and at exact system calls, power cuts, a disk that fills up.
//!
//! The work is done by the scripts in `reliability/`; this file gives them a writer (`noctule ingest --acknowledge`), a
//! checker and a corpus that lasts long enough. Every test asserts that its fault fired, else it does not count.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};

use crate::steps::Outcome;
use crate::{corpus, tools};

/// Exit status of the scripts when the fault never fired.
const VOID: i32 = 2;

/// The calls at which a store can be torn.
const CALLS: &[&str] = &["fsync", "fdatasync", "rename", "linkat", "write", "pwrite64"];

/// Exports of the corpus on which the writer's pace is measured: more than its first group.
const PACE_EXPORTS: usize = 600;

#[derive(Clone, Copy)]
pub(crate) enum Points {
    Every,
    /// About so many of each call, spread over the run.
    Sampled(u64),
}

/// Promise A1: random kills of one growing store.
pub(crate) fn random_kills(kills: u64) -> Result<Outcome> {
    needs(&[])?;
    let setup = Setup::new()?;
    let pace = setup.pace(&corpus::exports(PACE_EXPORTS)?)?;
    // Kills between half the time to the first acknowledgement and somewhat past it meet a store that is empty, in the
    // middle of a commit, and between two.
    let (low, high) = (pace.first_s * 0.5, pace.first_s * 1.5 + 0.15);
    let past_first = (high - pace.first_s).powi(2) / (2.0 * (high - low));
    let mut exports = pace.exports_for(kills as f64 * past_first * 2.0);
    for _ in 0..5 {
        let dir = corpus::exports(exports)?;
        let mut command = setup.script("kill_test.py", &dir, exports);
        command.args(["--kills", &kills.to_string()]);
        command.args(["--min-ms", &format!("{:.0}", low * 1e3), "--max-ms", &format!("{:.0}", high * 1e3)]);
        // The last run reads what is left, which may be nearly everything.
        command.args(["--limit-s", &format!("{:.0}", 120.0 + 4.0 * exports as f64 / pace.rate)]);
        let (status, text) = setup.run(&mut command)?;
        match status {
            0 => {
                ensure!(!text.contains(" acknowledged=0 "), "nothing was ever acknowledged before a kill");
                return Ok(Outcome::Passed(last_line(&text)));
            }
            VOID => exports *= 2,
            _ => bail!("kill_test.py: {}", first_failure(&text)),
        }
    }
    bail!("the writer was always done before the last kill, even with {exports} exports")
}

/// Promise A1: kills at the first, second, third … call of each kind.
pub(crate) fn exact_points(points: Points) -> Result<Outcome> {
    if let Some(why) = needs(&[("strace", "strace")])? {
        return Ok(Outcome::Skipped(why));
    }
    let setup = Setup::new()?;
    let exports = 12;
    let dir = corpus::exports(exports)?;
    let counts = setup.count_calls(&dir)?;
    let mut notes = Vec::new();
    for call in CALLS {
        let Some(count) = counts.get(*call) else {
            println!("{call}: not used by the writer");
            continue;
        };
        let step = match points {
            Points::Every => 1,
            Points::Sampled(wanted) => count.div_ceil(wanted).max(1),
        };
        let mut command = setup.script("kill_test.py", &dir, exports);
        command.args(["--at", call, "--step", &step.to_string()]);
        let (status, text) = setup.run(&mut command)?;
        // A call that exists only on some runs may never be hit; that another was is checked below.
        ensure!(status == 0 || status == VOID, "kill_test.py --at {call}: {}", first_failure(&text));
        if status == 0 {
            notes.push(format!("{call} every {step} of {count}"));
        }
    }
    ensure!(!notes.is_empty(), "no system call was ever hit");
    Ok(Outcome::Passed(notes.join(", ")))
}

/// Promise A2: a file system cut off without flushing.
pub(crate) fn power_cuts(cuts: u64) -> Result<Outcome> {
    if !tools::is_root() {
        return Ok(Outcome::Skipped("needs root and loop devices".into()));
    }
    if let Some(why) = needs(&[("mkfs.ext4", "e2fsprogs"), ("losetup", "mount")])? {
        return Ok(Outcome::Skipped(why));
    }
    let setup = Setup::new()?;
    let pace = setup.pace(&corpus::exports(PACE_EXPORTS)?)?;
    let (mut low, mut high) = (pace.first_s + 0.5, pace.first_s + 4.0);
    // The image lies in memory, where an fsync costs less than on the disk that the pace was measured on.
    let mut exports = pace.exports_for(high * 4.0);
    for _ in 0..8 {
        let dir = corpus::exports(exports)?;
        let mut command = setup.script("power_cut.py", &dir, exports);
        command.args(["--trials", &cuts.to_string(), "--size", "2G"]);
        command.args(["--min-s", &format!("{low:.1}"), "--max-s", &format!("{high:.1}")]);
        let (status, text) = setup.run(&mut command)?;
        match status {
            0 => return Ok(Outcome::Passed(last_line(&text))),
            VOID if text.contains("set-up failed") => {
                return Ok(Outcome::Skipped(format!("loop devices do not work: {}", last_line(&text))));
            }
            VOID if text.contains("writer ended by itself") => exports *= 2,
            // More exports make the first group larger, and with it the time until anything is acknowledged.
            VOID if text.contains("nothing acknowledged") => (low, high) = (low + 2.0, high + 4.0),
            _ => bail!("power_cut.py: {}", first_failure(&text)),
        }
    }
    bail!("no cut between {low:.1} and {high:.1} s met a writer at work, with {exports} exports")
}

/// Promise A3: a disk that fills up, and goes on when there is space again.
pub(crate) fn full_disk() -> Result<Outcome> {
    if !tools::is_root() {
        return Ok(Outcome::Skipped("needs root to mount a small tmpfs".into()));
    }
    needs(&[])?;
    let setup = Setup::new()?;
    let exports = PACE_EXPORTS;
    let dir = corpus::exports(exports)?;
    let mut full = 0;
    for megabytes in [1, 2, 4] {
        let disk = SmallDisk::mount(megabytes)?;
        let data = disk.0.join("data");
        let ran = setup.ingest(&dir, &data)?;
        let errors = String::from_utf8_lossy(&ran.stderr).into_owned();
        let acknowledged: Vec<String> = String::from_utf8_lossy(&ran.stdout).lines().map(str::to_string).collect();
        let status = ran.status.code().context("the writer was killed by a signal on a full disk")?;
        ensure!(status != 101 && !errors.contains("panicked at"), "{megabytes} MB: the writer panicked: {errors}");
        if status == 0 {
            println!("{megabytes} MB: everything fits");
            continue;
        }
        full += 1;
        disk.grow()?;
        let found = setup.check(&data)?;
        let lost = acknowledged.iter().filter(|id| !found.contains_key(*id)).count();
        ensure!(lost == 0, "{megabytes} MB: {lost} of {} acknowledged captures are lost", acknowledged.len());
        let again = setup.ingest(&dir, &data)?;
        ensure!(again.status.success(), "{megabytes} MB: with space again: {}", String::from_utf8_lossy(&again.stderr));
        let found = setup.check(&data)?;
        ensure!(found.len() == exports, "{megabytes} MB: {} of {exports} captures at the end", found.len());
        ensure!(found.values().all(|times| *times == 1), "{megabytes} MB: a capture is there twice");
        println!(
            "{megabytes} MB: full after {} acknowledged, status {status}, complete afterwards",
            acknowledged.len()
        );
    }
    ensure!(full > 0, "no disk was ever full: the test did not test");
    Ok(Outcome::Passed(format!("{full} disks filled up")))
}

/// The binary, and how it is called as a writer and as a checker.
struct Setup {
    noctule: PathBuf,
    scripts: PathBuf,
}

/// How fast the writer gets through a corpus, undisturbed.
struct Pace {
    /// Until the first acknowledgement, in seconds.
    first_s: f64,
    /// Acknowledged captures a second after that.
    rate: f64,
}

impl Pace {
    /// How many exports keep the writer busy for so many seconds; bounded, so that a wrong guess fills no disk.
    fn exports_for(&self, secs: f64) -> usize {
        ((self.rate * secs) as usize).clamp(PACE_EXPORTS, 10_000)
    }
}

impl Setup {
    fn new() -> Result<Self> {
        Ok(Self { noctule: tools::build()?, scripts: tools::root().join("reliability") })
    }

    fn ingest(&self, corpus: &Path, data: &Path) -> Result<std::process::Output> {
        tools::capture(self.writer(corpus, data).env("RUST_BACKTRACE", "1"))
    }

    fn writer(&self, corpus: &Path, data: &Path) -> Command {
        let mut command = Command::new(&self.noctule);
        command.arg("ingest").arg(corpus).arg("--data-dir").arg(data).args(["--acknowledge", "--quiet"]);
        command
    }

    /// Every capture that the checker finds, and how often.
    fn check(&self, data: &Path) -> Result<BTreeMap<String, usize>> {
        let mut command = Command::new("python3");
        command.arg(self.scripts.join("check.py")).arg(&self.noctule).arg(data);
        let output = tools::capture(command.args(["--messages", &corpus::MESSAGES.to_string()]))?;
        ensure!(output.status.success(), "check.py: {}", String::from_utf8_lossy(&output.stderr).trim());
        let mut found = BTreeMap::new();
        for id in String::from_utf8_lossy(&output.stdout).lines() {
            *found.entry(id.to_string()).or_default() += 1;
        }
        Ok(found)
    }

    fn script(&self, name: &str, corpus: &Path, exports: usize) -> Command {
        let quoted = |path: &Path| format!("'{}'", path.display().to_string().replace('\'', r"'\''"));
        let noctule = quoted(&self.noctule);
        let mut command = Command::new("python3");
        command.arg(self.scripts.join(name));
        command
            .arg("--writer")
            .arg(format!("{noctule} ingest {} --data-dir {{dir}} --acknowledge --quiet", quoted(corpus)));
        let repair = if name == "power_cut.py" { " --repair" } else { "" };
        command.arg("--checker").arg(format!(
            "python3 {} {noctule} {{dir}} --messages {}{repair}",
            quoted(&self.scripts.join("check.py")),
            corpus::MESSAGES
        ));
        if name == "kill_test.py" {
            command.args(["--expect", &exports.to_string(), "--limit-s", "300"]);
        }
        command
    }

    fn run(&self, command: &mut Command) -> Result<(i32, String)> {
        let output = tools::capture(command)?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        print!("{text}");
        Ok((output.status.code().context("the script was killed")?, text))
    }

    fn pace(&self, corpus: &Path) -> Result<Pace> {
        use std::io::BufRead as _;
        let data = tools::fresh("crash-pace")?;
        let start = Instant::now();
        let mut child = self
            .writer(corpus, &data)
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", self.noctule.display()))?;
        let mut lines = std::io::BufReader::new(child.stdout.take().context("stdout is piped")?).lines();
        let first = lines.next().transpose()?;
        let first_s = start.elapsed().as_secs_f64();
        let acknowledged = usize::from(first.is_some()) + lines.count();
        let status = child.wait()?;
        ensure!(status.success(), "the writer, undisturbed, ended with {status}");
        ensure!(
            acknowledged > 0,
            "the writer acknowledged nothing; hint: `ingest --acknowledge` prints each capture's id"
        );
        let total = start.elapsed().as_secs_f64();
        println!("undisturbed: {acknowledged} acknowledged in {total:.1} s, the first after {first_s:.2} s");
        let rest = (total - first_s).max(0.05);
        Ok(Pace { first_s, rate: acknowledged as f64 / rest })
    }

    /// How often the busiest thread of one run makes each call; strace counts per thread too.
    fn count_calls(&self, corpus: &Path) -> Result<BTreeMap<String, u64>> {
        let dir = tools::fresh("crash-count")?;
        let trace = dir.join("trace");
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-o"]).arg(&trace).arg("-e").arg(format!("trace={}", CALLS.join(",")));
        command.arg(&self.noctule).arg("ingest").arg(corpus).arg("--data-dir").arg(dir.join("data"));
        command.args(["--acknowledge", "--quiet"]);
        let output = tools::capture(&mut command)?;
        ensure!(output.status.success(), "strace: {}", String::from_utf8_lossy(&output.stderr).trim());
        let text = std::fs::read(&trace).with_context(|| format!("cannot read {}", trace.display()))?;
        Ok(busiest(&String::from_utf8_lossy(&text)))
    }
}

/// From lines like `4242 fsync(7) = 0`: for each call the largest count of one thread.
fn busiest(trace: &str) -> BTreeMap<String, u64> {
    let mut by_thread: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for line in trace.lines() {
        let Some((thread, rest)) = line.split_once(char::is_whitespace) else { continue };
        let Some((call, _)) = rest.trim_start().split_once('(') else { continue };
        if CALLS.contains(&call) {
            *by_thread.entry((thread, call)).or_default() += 1;
        }
    }
    let mut counts = BTreeMap::new();
    for ((_, call), count) in by_thread {
        let largest = counts.entry(call.to_string()).or_insert(0);
        *largest = count.max(*largest);
    }
    counts
}

/// A tmpfs of a few megabytes, gone when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(megabytes: u32) -> Result<Self> {
        let dir = tools::fresh(&format!("small-disk-{megabytes}"))?;
        tools::run(
            Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "noctule-test"]).arg(&dir),
        )?;
        Ok(Self(dir))
    }

    fn grow(&self) -> Result<()> {
        tools::run(Command::new("mount").args(["-o", "remount,size=2g"]).arg(&self.0))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // A child that still closes its files makes the first try fail; the lazy one always works.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// What is missing on a user's machine, as a reason to skip; as root it is installed.
fn needs(programs: &[(&str, &str)]) -> Result<Option<String>> {
    tools::need("python3", "python3")?;
    for (program, package) in programs {
        if let Err(error) = tools::need(program, package) {
            return Ok(Some(format!("{error:#}")));
        }
    }
    Ok(None)
}

fn last_line(text: &str) -> String {
    text.trim_end().lines().last().unwrap_or("").to_string()
}

fn first_failure(text: &str) -> String {
    text.lines().find(|line| line.contains("FAIL")).map_or_else(|| last_line(text), str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_busiest_thread_counts() {
        let trace = "10 fsync(3) = 0\n11 fsync(4) = 0\n11 fsync(4) = 0\n11 <... fsync resumed>) = 0\n10 rename(\"a\", \"b\") = 0\n";
        let counts = busiest(trace);
        assert_eq!(counts.get("fsync"), Some(&2));
        assert_eq!(counts.get("rename"), Some(&1));
        assert_eq!(counts.get("write"), None);
    }
}
