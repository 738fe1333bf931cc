//! The statistics and the saved pages of the core against independent implementations, which come from PyPI into a
//! folder of the target.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::steps::Outcome;
use crate::tools;

/// What is installed; numpy comes with them. Exact versions, so that a run means the same next year.
const PACKAGES: &[&str] =
    &["lifelines==0.30.3", "ruptures==1.1.10", "scipy==1.17.1", "statsmodels==0.15.0", "numpy==2.4.6"];

pub(crate) fn step() -> Result<Outcome> {
    let python = python("oracles", PACKAGES)?;
    tools::run(&mut tools::cargo(&["build", "--quiet", "--locked", "-p", "noctule-core", "--example", "statistics"]))?;
    let program = tools::target().join("debug/examples/statistics");
    let script = tools::root().join("crates/noctule-core/fixtures/stats/oracles.py");
    tools::run(Command::new(python).arg(script).arg(program))?;
    Ok(Outcome::Passed(String::new()))
}

/// The pages of the fixtures as an independent reader of forum pages finds them; GPL, so it is only run, and never read
/// from.
const PAGE_PACKAGES: &[&str] = &["forumscraper==0.1.21", "reliq==0.0.48", "treerequests==0.0.16", "requests==2.34.2"];

pub(crate) fn pages() -> Result<Outcome> {
    let python = match page_reader() {
        Ok(python) => python,
        Err(error) => {
            println!("NO FORUMSCRAPER: the saved pages were NOT compared with an independent reader: {error:#}");
            return Ok(Outcome::Skipped("forumscraper could not be installed from PyPI".into()));
        }
    };
    let script = tools::root().join("crates/noctule-core/fixtures/collect/pages_oracle.py");
    tools::run(Command::new(python).arg("-B").arg(script))?;
    Ok(Outcome::Passed(String::new()))
}

/// An interpreter that has forumscraper.
pub(crate) fn page_reader() -> Result<PathBuf> {
    python("page-oracle", PAGE_PACKAGES)
}

/// An interpreter that has the packages.
pub(crate) fn python(name: &str, packages: &[&str]) -> Result<PathBuf> {
    tools::need("python3", "python3-venv")?;
    let folder = tools::scratch(name)?;
    let (python, marker) = (folder.join("venv/bin/python"), folder.join("installed"));
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("installing {} from PyPI into {}", packages.join(", "), folder.display());
    tools::run(Command::new("python3").args(["-m", "venv"]).arg(folder.join("venv")))
        .context("hint: install the package python3-venv")?;
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
    tools::run(install.stdout(Stdio::null()))?;
    std::fs::write(&marker, wanted).with_context(|| format!("cannot write {}", marker.display()))?;
    Ok(python)
}
