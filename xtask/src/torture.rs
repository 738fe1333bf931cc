//! `cargo xtask torture`: the crash tests in their long form.

use std::process::Command;

use anyhow::Result;

use crate::steps::{self, Outcome, Step, When};
use crate::{crash, tools};

pub(crate) fn run(words: &[String]) -> Result<bool> {
    tools::only(words, &["--every"], &["--kills", "--cuts"])?;
    let kills = tools::number(words, "--kills", 200)?;
    let cuts = tools::number(words, "--cuts", 10)?;
    let points =
        if words.iter().any(|word| word == "--every") { crash::Points::Every } else { crash::Points::Sampled(12) };
    println!("{kills} kills, exact system calls, {cuts} power cuts: a cut takes about 12 s, a kill a few seconds.");
    let steps = [
        Step::new("the scripts find known faults", When::Always, self_test),
        Step::new("crash: random kills", When::Always, move || crash::random_kills(kills)),
        Step::new("crash: exact system calls", When::Always, move || crash::exact_points(points)),
        Step::new("crash: power cuts", When::Always, move || crash::power_cuts(cuts)),
        Step::new("crash: full disk", When::Always, crash::full_disk),
    ];
    Ok(steps::run(&steps.iter().collect::<Vec<_>>(), true))
}

/// Both scripts run against stores that are broken on purpose: a test that cannot fail proves nothing.
fn self_test() -> Result<Outcome> {
    let scripts = tools::root().join("reliability");
    tools::run(Command::new("python3").arg(scripts.join("kill_test.py")).arg("--self-test"))?;
    if tools::is_root() {
        tools::run(Command::new("python3").arg(scripts.join("power_cut.py")).arg("--self-test"))?;
    }
    Ok(Outcome::Passed(String::new()))
}
