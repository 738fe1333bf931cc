//! `cargo xtask demo`: from a fresh clone to a study on the screen.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

use crate::tools;

pub(crate) fn run(words: &[String]) -> Result<bool> {
    tools::only(words, &["--fresh"], &[])?;
    let start = Instant::now();
    println!("1/3  building Noctule (the first time 12 minutes or more on two cores, later seconds)");
    let noctule = tools::build()?;
    println!("     built, {:.0} s\n", start.elapsed().as_secs_f64());

    let corpus = tools::scratch("demo")?.join("corpus");
    let stamp = corpus.with_extension("stamp");
    let wanted = stamp_of(&noctule)?;
    let kept = !words.iter().any(|word| word == "--fresh")
        && std::fs::read_to_string(&stamp).is_ok_and(|text| text == wanted)
        && corpus.is_dir();
    if kept {
        println!("2/3  the simulated corpus is there already: {}\n", corpus.display());
    } else {
        println!("2/3  simulating 150,000 messages of 2020-2022 as Telegram exports: {}", corpus.display());
        if corpus.exists() {
            std::fs::remove_dir_all(&corpus).with_context(|| format!("cannot empty {}", corpus.display()))?;
        }
        let at = Instant::now();
        tools::run(Command::new(&noctule).arg("simulate").arg("--out").arg(&corpus))?;
        // The stamp is written last: a corpus cut off in the middle is made again.
        std::fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
        println!("     simulated, {:.0} s\n", at.elapsed().as_secs_f64());
    }

    println!("3/3  studying it in a fresh data directory");
    let data = tools::fresh("demo-data")?;
    let out = tools::fresh("demo-study")?;
    let mut study = Command::new(&noctule);
    study.arg("study").arg(&corpus).arg("--data-dir").arg(&data).arg("--out").arg(&out);
    tools::run(&mut study)?;
    let report = out.join("report.html");
    ensure!(report.is_file(), "the study wrote no {}", report.display());
    println!("\nThe data are simulated. The report: {}", report.display());
    println!("Done in {:.0} s.", start.elapsed().as_secs_f64());
    Ok(true)
}

/// What the corpus depends on: the simulator's own code, so the binary's version and the seed it would use.
fn stamp_of(noctule: &std::path::Path) -> Result<String> {
    let version = tools::capture(Command::new(noctule).arg("--version"))?;
    ensure!(version.status.success(), "noctule --version ended with {}", version.status);
    Ok(format!("{} default seed, default scenario\n", String::from_utf8_lossy(&version.stdout).trim()))
}
