//! The report of a study, opened in a real browser: Debian's Chromium, driven by playwright-core from npm.
//!
//! Three reports: of ordinary simulated messages, of exports whose names and texts are attacks, and of a single message.
//! Each is opened light and dark at three widths, and as it would be printed; `browser.mjs` says what must hold, and first proves on bad pages that it can fail.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::steps::Outcome;
use crate::tools;

const PLAYWRIGHT: &str = "playwright-core@1.64.1";

pub(crate) fn step() -> Result<Outcome> {
    if let Err(error) = tools::need("chromium", "chromium") {
        return Ok(Outcome::Skipped(format!("{error:#}")));
    }
    if !tools::exists("node") || !tools::exists("npm") {
        return Ok(Outcome::Skipped("node and npm are missing".into()));
    }
    let modules = playwright()?;
    let script = tools::root().join("xtask/browser.mjs");
    let shots = tools::fresh("browser")?;
    tools::run(Command::new("node").arg(&script).arg(&modules).arg("--self-test").arg(&shots))?;

    let noctule = tools::build()?;
    let reports =
        [("simulated", simulated(&noctule)?), ("hostile", hostile(&noctule)?), ("one message", single(&noctule)?)];
    for (name, report) in &reports {
        ensure!(report.is_file(), "the study wrote no {}", report.display());
        let dir = shots.join(name.replace(' ', "-"));
        tools::run(Command::new("node").arg(&script).arg(&modules).arg(report).arg(dir))?;
    }
    Ok(Outcome::Passed(format!("{} reports, pictures in {}", reports.len(), shots.display())))
}

fn simulated(noctule: &Path) -> Result<PathBuf> {
    let corpus = tools::fresh("browser-corpus")?;
    tools::run(Command::new(noctule).args(["simulate", "--messages", "20000", "--out"]).arg(&corpus))?;
    study(noctule, &corpus, "browser-simulated")
}

fn hostile(noctule: &Path) -> Result<PathBuf> {
    tools::need("python3", "python3")?;
    let corpus = tools::fresh("hostile-xss")?;
    tools::run(Command::new("python3").arg(tools::root().join("tests/hostile/make.py")).arg("xss").arg(&corpus))?;
    study(noctule, &corpus, "browser-hostile")
}

fn single(noctule: &Path) -> Result<PathBuf> {
    let corpus = tools::fresh("browser-one")?;
    let message = r#"{"text":"Deal through escrow, fee 5%","date":"2021-07-01T10:00:00Z","source":"one.example"}"#;
    std::fs::write(corpus.join("one.jsonl"), message)?;
    study(noctule, &corpus, "browser-single")
}

fn study(noctule: &Path, corpus: &Path, name: &str) -> Result<PathBuf> {
    let data = tools::fresh(&format!("{name}-data"))?;
    let out = tools::fresh(name)?;
    let mut command = Command::new(noctule);
    tools::run(command.arg("study").arg(corpus).arg("--data-dir").arg(&data).arg("--out").arg(&out).arg("--quiet"))?;
    Ok(out.join("report.html"))
}

/// The folder that holds `node_modules/playwright-core`, outside the clone. No install scripts: it brings no browser.
fn playwright() -> Result<PathBuf> {
    let dir = tools::scratch("playwright")?;
    let installed = dir.join("node_modules/playwright-core/package.json");
    let version = PLAYWRIGHT.rsplit('@').next().unwrap_or_default();
    let text = std::fs::read_to_string(&installed).unwrap_or_default();
    if !text.contains(&format!("\"version\": \"{version}\"")) {
        println!("installing {PLAYWRIGHT} into {}", dir.display());
        tools::run(
            Command::new("npm")
                .args([
                    "install",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--no-save",
                    "--loglevel=error",
                    "--prefix",
                ])
                .arg(&dir)
                .arg(PLAYWRIGHT),
        )?;
    }
    Ok(dir)
}
