//! Checks of the text of the repository itself: sizes, paths, order, headings, links.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::steps::Outcome;
use crate::tools;

/// Tracked files may be this large; larger ones are generated instead.
const MOST_BYTES: u64 = 1_000_000;
/// Past this many lines a source file usually has two subjects.
const MOST_LINES: usize = 700;
/// Files that may be larger, each with a reason beside it: none.
const LARGE: &[&str] = &[];

/// Folders whose files open with these headings; they become reference pages.
const HEADINGS: &[(&str, &str)] = &[
    ("crates/noctule-core/src/collect/", "What it reads"),
    ("crates/noctule-core/src/detect/", "What it finds"),
    ("crates/noctule-store/src/analyze/", "What it answers"),
];

pub(crate) fn run(words: &[String]) -> Result<bool> {
    tools::only(words, &[], &[])?;
    let problems = problems()?;
    for problem in &problems {
        println!("{problem}");
    }
    println!("tidy: {} problems", problems.len());
    Ok(problems.is_empty())
}

pub(crate) fn step() -> Result<Outcome> {
    let problems = problems()?;
    ensure!(problems.is_empty(), "{} problems:\n{}", problems.len(), problems.join("\n"));
    Ok(Outcome::Passed(String::new()))
}

fn problems() -> Result<Vec<String>> {
    let root = tools::root();
    let output = tools::capture(
        Command::new("git").args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).current_dir(&root),
    )?;
    ensure!(output.status.success(), "git ls-files ended with {}", output.status);
    let mut problems = Vec::new();
    for name in output.stdout.split(|byte| *byte == 0).filter(|name| !name.is_empty()) {
        let name = String::from_utf8_lossy(name).into_owned();
        let path = root.join(&name);
        // A file deleted but not yet committed is nobody's problem.
        let Ok(meta) = std::fs::symlink_metadata(&path) else { continue };
        if meta.len() > MOST_BYTES && !LARGE.contains(&name.as_str()) {
            problems.push(format!("{name}: {} bytes; generate it instead", meta.len()));
        }
        if !meta.is_file() {
            continue;
        }
        let bytes = std::fs::read(&path).with_context(|| format!("cannot read {name}"))?;
        if let Ok(text) = std::str::from_utf8(&bytes) {
            check(&name, text, &root, &mut problems);
        }
    }
    Ok(problems)
}

/// Everything that is wrong with one text file.
fn check(name: &str, text: &str, root: &Path, problems: &mut Vec<String>) {
    if name == "Cargo.lock" {
        return;
    }
    machine_paths(name, text, problems);
    sorted(name, text, problems);
    if name.ends_with(".rs") {
        rust(name, text, problems);
    }
    if name.ends_with(".md") && !name.contains("/fixtures/") {
        links(name, text, root, problems);
    }
}

/// Paths that exist on one machine only. Put together here so that this file does not find itself.
fn machine_paths(name: &str, text: &str, problems: &mut Vec<String>) {
    let paths = [["/wo", "rk/"], ["/ro", "ot/"], ["/fa", "rm/"]].map(|halves| halves.concat());
    for (number, line) in text.lines().enumerate() {
        if paths.iter().any(|path| line.contains(path.as_str())) {
            problems.push(format!("{name}:{}: a path of one machine: {}", number + 1, line.trim()));
        }
    }
}

/// Lines between a comment that ends in `tidy: sorted` and one that ends in `tidy: end` ascend.
fn sorted(name: &str, text: &str, problems: &mut Vec<String>) {
    let mut last: Option<&str> = None;
    let mut inside = false;
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.ends_with("tidy: sorted") || line.ends_with("tidy: end") {
            // In prose about the marks they stand in backticks and do not end the line.
            inside = line.ends_with("tidy: sorted");
            last = None;
        } else if inside && !line.is_empty() && !line.starts_with("//") && !line.starts_with('#') {
            if last.is_some_and(|last| last > line) {
                problems.push(format!("{name}:{}: not in order: {line}", number + 1));
            }
            last = Some(line);
        }
    }
    if inside {
        problems.push(format!("{name}: a sorted list does not end"));
    }
}

fn rust(name: &str, text: &str, problems: &mut Vec<String>) {
    let lines = text.lines().count();
    if lines > MOST_LINES {
        problems.push(format!("{name}: {lines} lines; past {MOST_LINES} a file usually has two subjects"));
    }
    let first = text.lines().find(|line| !line.is_empty() && !line.starts_with("#!["));
    if !first.is_some_and(|line| line.starts_with("//!")) {
        problems
            .push(format!("{name}: does not open with `//!`: what is this file for, what does it leave to others?"));
    }
    let Some((_, heading)) = HEADINGS.iter().find(|(folder, _)| is_entry(name, folder)) else { return };
    // Files that help their neighbors say so by having none of the headings and not being `pub`.
    let headings = [heading, "How", "Where it is wrong"];
    let found = headings.map(|heading| text.lines().any(|line| line == format!("//! # {heading}")));
    if found.contains(&true) && found.contains(&false) {
        problems.push(format!("{name}: needs all three of `//! # {heading}`, `//! # How`, `//! # Where it is wrong`"));
    }
}

/// A file directly in the folder, `mod.rs` excepted.
fn is_entry(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| !rest.contains('/') && rest != "mod.rs")
}

/// Files that a document names exist: relative links, and paths in backticks that begin with a folder of ours.
fn links(name: &str, text: &str, root: &Path, problems: &mut Vec<String>) {
    let here = root.join(name).parent().map(PathBuf::from).unwrap_or_default();
    for (number, line) in text.lines().enumerate() {
        for target in between(line, "](", ")") {
            let file = target.split('#').next().unwrap_or("");
            if !file.is_empty() && !file.contains("://") && !file.starts_with("mailto:") && !here.join(file).exists() {
                problems.push(format!("{name}:{}: links to {file}, which does not exist", number + 1));
            }
        }
        for path in between(line, "`", "`") {
            let ours = ["crates/", "xtask/", "docs/", "reliability/", "tests/"].iter().any(|dir| path.starts_with(dir));
            // `<name>` stands for something, and a space or a star is a command or a pattern.
            if ours && !path.contains(['<', ' ', '*', '{', '…']) && !root.join(path).exists() {
                problems.push(format!("{name}:{}: names `{path}`, which does not exist", number + 1));
            }
        }
    }
}

/// The texts between each `open` and the `close` after it.
fn between<'a>(line: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once(open) {
        let Some((inside, after)) = after.split_once(close) else { break };
        found.push(inside);
        rest = after;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems_of(name: &str, text: &str) -> Vec<String> {
        let mut problems = Vec::new();
        check(name, text, Path::new("."), &mut problems);
        problems
    }

    #[test]
    fn a_list_out_of_order_is_named() {
        assert!(problems_of("a.toml", "# tidy: sorted\na\nb\n# tidy: end\nA\n").is_empty());
        assert_eq!(problems_of("a.toml", "# tidy: sorted\nb\na\n# tidy: end\n"), ["a.toml:3: not in order: a"]);
        assert_eq!(problems_of("a.toml", "# tidy: sorted\nb\n"), ["a.toml: a sorted list does not end"]);
    }

    #[test]
    fn a_path_of_one_machine_is_named() {
        let text = format!("cd {}house\n", ["/wo", "rk/"].concat());
        assert_eq!(problems_of("a.sh", &text).len(), 1);
    }

    #[test]
    fn a_source_file_says_what_it_is_for() {
        assert_eq!(problems_of("a.rs", "fn main() {}\n").len(), 1);
        assert!(problems_of("a.rs", "#![forbid(unsafe_code)]\n//! For this.\n").is_empty());
    }

    #[test]
    fn a_detector_has_three_headings() {
        let name = "crates/noctule-core/src/detect/fee.rs";
        assert_eq!(problems_of(name, "//! Fees.\n//! # How\n").len(), 1);
        assert!(problems_of(name, "//! # What it finds\n//! # How\n//! # Where it is wrong\n").is_empty());
        assert!(problems_of(name, "//! Helps its neighbors.\n").is_empty());
    }

    #[test]
    fn a_dead_link_is_named() {
        assert_eq!(problems_of("a.md", "see [b](nowhere.md) and `crates/nothing.rs`\n").len(), 2);
        assert!(problems_of("a.md", "see [b](https://noctule.example) and `crates/<name>`\n").is_empty());
    }
}
