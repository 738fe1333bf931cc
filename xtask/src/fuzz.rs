//! `cargo xtask fuzz`: every target of `fuzz/` for a minute, from the fixtures as seeds.
//!
//! Needs the nightly compiler and a C++ compiler; without them it says so and does nothing. Inputs that broke something
//! once are kept in `fuzz/corpus/<target>/`; the core's own tests read them too.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::tools;

/// Whether the fixtures of a format are seeds of a target.
type Family = fn(&str) -> bool;

const TARGETS: &[(&str, Family)] = &[
    ("json", |format| format.contains("json")),
    ("html", |format| format.ends_with("_html")),
    ("sql_dump", |format| format == "sql_dump"),
    ("logs_tables", |format| !format.contains("json") && !format.ends_with("_html") && format != "sql_dump"),
    ("normalize_detect", |_| true),
];

const PLATFORM: &str = "x86_64-unknown-linux-gnu";
/// What cargo-fuzz would pass: coverage for libFuzzer, and comparisons to learn from.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";

/// True when no target broke anything.
pub(crate) fn run(words: &[String]) -> Result<bool> {
    tools::only(words, &[], &["--seconds", "--target"])?;
    let seconds = tools::number(words, "--seconds", 60)?;
    let only = tools::option(words, "--target")?;
    if !tools::exists("rustup") || !nightly() || !tools::exists("c++") {
        println!(
            "NOT FUZZED: the nightly compiler or a C++ compiler is missing; hint: `rustup toolchain install nightly`"
        );
        return Ok(true);
    }
    let chosen: Vec<_> = TARGETS.iter().filter(|(name, _)| only.is_none_or(|only| only == *name)).collect();
    if chosen.is_empty() {
        let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        bail!("no target is called {:?}; there are {}", only.unwrap_or(""), names.join(", "));
    }
    let folder = tools::scratch("fuzz")?;
    build(&folder)?;
    let mut broken = Vec::new();
    for (name, family) in chosen {
        let corpus = seeds(&folder, name, *family)?;
        let found = folder.join("artifacts");
        std::fs::create_dir_all(&found).with_context(|| format!("cannot create {}", found.display()))?;
        println!("== {name}: {seconds} s");
        let status = Command::new(folder.join("target").join(PLATFORM).join("release").join(name))
            .arg(format!("-max_total_time={seconds}"))
            .args(["-timeout=5", "-rss_limit_mb=1024", "-max_len=65536", "-print_final_stats=1"])
            .arg(format!("-artifact_prefix={}/{name}-", found.display()))
            .arg(corpus)
            .status()
            .with_context(|| format!("cannot run the target {name}"))?;
        if !status.success() {
            broken.push(*name);
        }
    }
    match broken.as_slice() {
        [] => println!("fuzz: nothing broke"),
        broken => println!(
            "fuzz: {} broke; the inputs are in {}; keep them in fuzz/corpus/<target>/",
            broken.join(", "),
            folder.join("artifacts").display()
        ),
    }
    Ok(broken.is_empty())
}

fn nightly() -> bool {
    let listed = tools::capture(Command::new("rustup").args(["toolchain", "list"]));
    listed.is_ok_and(|listed| String::from_utf8_lossy(&listed.stdout).contains("nightly"))
}

fn build(folder: &Path) -> Result<()> {
    println!("building the targets with the nightly compiler");
    // `cargo xtask` runs under a pinned toolchain, which says so in these.
    let mut command = Command::new("rustup");
    command.args(["run", "nightly", "cargo", "build", "--release", "--target", PLATFORM]);
    command.current_dir(tools::root().join("fuzz"));
    command.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTC");
    tools::run(command.env("CARGO_TARGET_DIR", folder.join("target")).env("RUSTFLAGS", FLAGS))
}

/// The target's corpus, which grows from run to run: the fixtures, and what was kept.
fn seeds(folder: &Path, target: &str, family: Family) -> Result<PathBuf> {
    let corpus = folder.join("corpus").join(target);
    std::fs::create_dir_all(&corpus).with_context(|| format!("cannot create {}", corpus.display()))?;
    let fixtures = tools::root().join("crates/noctule-core/fixtures/collect");
    for format in entries(&fixtures)? {
        let name = file_name(&format);
        if !family(&name) {
            continue;
        }
        for case in entries(&format)? {
            for file in entries(&case)?.iter().filter(|file| file.file_stem().is_some_and(|stem| stem == "input")) {
                copy(file, &corpus.join(format!("{name}-{}", file_name(&case))))?;
            }
        }
    }
    let kept = tools::root().join("fuzz/corpus").join(target);
    for file in if kept.is_dir() { entries(&kept)? } else { Vec::new() } {
        copy(&file, &corpus.join(file_name(&file)))?;
    }
    Ok(corpus)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).map(|_| ()).with_context(|| format!("cannot copy {}", from.display()))
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
