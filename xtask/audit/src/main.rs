//! Licenses, bans and security advisories, checked offline against `deny.toml`.
//!
//! A crate of its own because `rustsec` costs more to compile than the rest of `xtask` together; `cargo xtask test`
//! runs it. `deny.toml` keeps the format of cargo-deny, so that whoever has that tool may use it; the review date of
//! an exception stands at the end of its reason.

mod advisories;
mod graph;
mod rules;
mod spdx;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

/// What the checks found: errors fail the run, warnings are only printed.
#[derive(Default)]
struct Findings {
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    fn error(&mut self, text: impl Into<String>) {
        self.errors.push(text.into());
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.warnings.push(text.into());
    }
}

fn main() -> ExitCode {
    if std::env::args().len() > 1 {
        println!("Checks licenses, bans, sources and advisories of every crate in Cargo.lock against deny.toml.");
        println!("\nExample: cargo run --package xtask-audit");
        return ExitCode::SUCCESS;
    }
    match audit() {
        Ok(findings) => {
            for text in &findings.warnings {
                println!("warning: {text}");
            }
            for text in &findings.errors {
                println!("error: {text}");
            }
            println!("audit: {} errors, {} warnings", findings.errors.len(), findings.warnings.len());
            if findings.errors.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            println!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn audit() -> Result<Findings> {
    let root = root();
    let rules = rules::Rules::load(&root.join("deny.toml"))?;
    let graph = graph::Graph::load(&root)?;
    let today = today();
    let mut findings = Findings::default();
    licenses(&rules, &graph, &mut findings);
    bans(&rules, &graph, &mut findings);
    graph.direction(&mut findings);
    advisories::check(&root, &rules, &today, &mut findings)?;
    Ok(findings)
}

fn licenses(rules: &rules::Rules, graph: &graph::Graph, findings: &mut Findings) {
    let mut used = std::collections::BTreeSet::new();
    for package in &graph.packages {
        if package.workspace {
            continue;
        }
        let name = format!("{} {}", package.name, package.version);
        let Some(license) = &package.license else {
            findings.error(format!("{name} declares no license"));
            continue;
        };
        match spdx::satisfied(license, &|word| rules.allows(&package.name, word)) {
            Ok(Some(words)) => used.extend(words),
            Ok(None) => findings.error(format!("{name} is licensed {license:?}, which deny.toml does not allow")),
            Err(why) => findings.error(format!("{name} has an unreadable license {license:?}: {why}")),
        }
    }
    for license in &rules.licenses {
        if !used.contains(license) {
            findings.warn(format!("deny.toml allows {license}, which no crate needs any more"));
        }
    }
    println!("licenses: {} crates, {} licenses in use", graph.packages.len(), used.len());
}

fn bans(rules: &rules::Rules, graph: &graph::Graph, findings: &mut Findings) {
    for ban in &rules.banned {
        for package in graph.packages.iter().filter(|package| package.name == ban.name) {
            findings.error(format!("{} {} is banned: {}", package.name, package.version, ban.reason));
        }
    }
    for package in &graph.packages {
        if !package.workspace && !package.from_registry {
            findings
                .error(format!("{} {} comes from neither crates.io nor this workspace", package.name, package.version));
        }
    }
    let count = graph.shipped;
    println!(
        "bans: {} rules; the binary is built of {count} crates, at most {} allowed",
        rules.banned.len(),
        rules::MOST_CRATES
    );
    if count > rules::MOST_CRATES {
        findings.error(format!("the binary is built of {count} crates, more than {}", rules::MOST_CRATES));
    }
}

/// The repository: two folders above this crate, asked at run time so that a cached binary serves any clone.
fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    match manifest.as_deref().and_then(Path::parent).and_then(Path::parent) {
        Some(root) => root.to_path_buf(),
        None => PathBuf::from("."),
    }
}

/// Today in UTC as `2026-11-25`.
fn today() -> String {
    let secs = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |time| time.as_secs());
    civil((secs / 86_400) as i64)
}

/// Days since 1970-01-01 as a date (Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`).
fn civil(days: i64) -> String {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Runs a program and returns its standard output.
fn output(command: &mut std::process::Command) -> Result<Vec<u8>> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    anyhow::ensure!(output.status.success(), "{command:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        assert_eq!(civil(0), "1970-01-01");
        assert_eq!(civil(19_782), "2024-02-29");
        assert_eq!(civil(20_782), "2026-11-25");
    }
}
