//! Known vulnerabilities, from the committed copy of the RustSec database.
//!
//! Offline on purpose: the answer depends on this repository alone. `xtask/data/README.md` says how to renew the copy.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};
use rustsec::advisory::Informational;
use rustsec::report::{Report, Settings};
use rustsec::{Database, Lockfile};

use crate::Findings;
use crate::rules::Rules;

/// One advisory that matches a crate of the lock file.
struct Match {
    id: String,
    crate_name: String,
    /// `vulnerability`, `unmaintained`, `unsound`.
    kind: String,
    title: String,
}

pub(crate) fn check(root: &Path, rules: &Rules, today: &str, findings: &mut Findings) -> Result<()> {
    let folder = unpack(&root.join("xtask/data/advisory-db.tar.xz"))?;
    let matches = matches(&folder.0, &root.join("Cargo.lock"))?;
    judge(&matches, rules, today, findings);
    Ok(())
}

fn judge(matches: &[Match], rules: &Rules, today: &str, findings: &mut Findings) {
    for found in matches {
        let Match { id, crate_name, kind, title } = found;
        match rules.ignored.iter().find(|ignore| ignore.id == *id) {
            None => findings.error(format!("{id} ({kind}) in {crate_name}: {title}")),
            Some(ignore) if ignore.review.as_str() < today => {
                findings
                    .warn(format!("the exception for {id} in {crate_name} was to be reviewed by {}", ignore.review));
            }
            Some(ignore) => println!("advisories: {id} ({kind}) in {crate_name} is accepted: {}", ignore.reason),
        }
    }
    for ignore in &rules.ignored {
        if !matches.iter().any(|found| found.id == ignore.id) {
            findings.warn(format!("deny.toml accepts {}, which matches no crate any more", ignore.id));
        }
    }
}

fn matches(database: &Path, lockfile: &Path) -> Result<Vec<Match>> {
    let database = Database::open(database).map_err(|error| anyhow!("cannot read the advisory database: {error}"))?;
    let lockfile = Lockfile::load(lockfile).map_err(|error| anyhow!("cannot read Cargo.lock: {error}"))?;
    let settings = Settings {
        informational_warnings: vec![Informational::Unmaintained, Informational::Unsound],
        ..Settings::default()
    };
    let report = Report::generate(&database, &lockfile, &settings);
    let mut matches = Vec::new();
    for found in &report.vulnerabilities.list {
        matches.push(Match {
            id: found.advisory.id.to_string(),
            crate_name: format!("{} {}", found.package.name, found.package.version),
            kind: "vulnerability".into(),
            title: found.advisory.title.clone(),
        });
    }
    for (kind, warnings) in &report.warnings {
        for found in warnings {
            let Some(advisory) = &found.advisory else { continue };
            matches.push(Match {
                id: advisory.id.to_string(),
                crate_name: format!("{} {}", found.package.name, found.package.version),
                kind: format!("{kind:?}").to_lowercase(),
                title: advisory.title.clone(),
            });
        }
    }
    println!(
        "advisories: {} known, {} match {} crates",
        database.iter().count(),
        matches.len(),
        lockfile.packages.len()
    );
    Ok(matches)
}

/// A temporary folder, gone when dropped.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        // What is left in the temporary folder harms nobody.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn unpack(archive: &Path) -> Result<Folder> {
    let folder = Folder(std::env::temp_dir().join(format!("noctule-advisories-{}", std::process::id())));
    std::fs::create_dir_all(&folder.0).with_context(|| format!("cannot create {}", folder.0.display()))?;
    crate::output(Command::new("tar").arg("xJf").arg(archive).arg("-C").arg(&folder.0))
        .context("cannot unpack the advisories; hint: tar and xz-utils are needed")?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A lock file with a crate known to be vulnerable must be found: the check can fail.
    #[test]
    fn a_known_vulnerability_is_found() {
        let root = crate::root();
        let folder = unpack(&root.join("xtask/data/advisory-db.tar.xz")).expect("the archive unpacks");
        let lock = folder.0.join("Cargo.lock");
        std::fs::write(&lock, "version = 4\n\n[[package]]\nname = \"tar\"\nversion = \"0.4.30\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n")
            .expect("the folder is ours");
        let found = matches(&folder.0, &lock).expect("the lock file is valid");
        assert!(found.iter().any(|found| found.id == "RUSTSEC-2026-0067"), "tar 0.4.30 was not reported");
    }

    #[test]
    fn a_passed_review_date_warns_and_a_new_advisory_fails() {
        let rules: Rules = Rules::load(&crate::root().join("deny.toml")).expect("our own file");
        let known = rules.ignored.first().expect("the test needs one exception");
        let row = |id: &str| Match {
            id: id.into(),
            crate_name: "a 1.0.0".into(),
            kind: "vulnerability".into(),
            title: "boom".into(),
        };
        let mut before = Findings::default();
        judge(&[row(&known.id), row("RUSTSEC-1999-0001")], &rules, "2000-01-01", &mut before);
        assert_eq!(before.errors, ["RUSTSEC-1999-0001 (vulnerability) in a 1.0.0: boom"]);
        let mut after = Findings::default();
        judge(&[row(&known.id)], &rules, "2999-01-01", &mut after);
        assert!(after.warnings[0].contains("was to be reviewed by"));
    }
}
