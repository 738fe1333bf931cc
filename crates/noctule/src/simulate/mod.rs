//! A simulated underground: a corpus in real formats together with the truth about it.
//!
//! What nobody can publish, a labelled archive of criminal channels, can be invented. One seed gives one world: places
//! that open and die, people with handles, campaigns of adverts posted again and again in disguise, talk, news, and
//! the words that look like escrow and are not. The truth is known because we wrote it, and is counted without the
//! product's own code.
//!
//! In reading order: [`scenario`] says what happens when; [`world`] makes the places and shares the messages out;
//! [`generate`] lets people write; [`compose`] makes what they say from the [`phrases`] books and [`decorate`] what
//! they do to it; [`post`] is the result, which [`telegram`] or [`jsonl`] writes while [`truth`] counts.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

mod calendar;
mod compose;
mod decorate;
mod generate;
mod jsonl;
mod people;
mod phrases;
mod post;
mod rng;
pub mod scenario;
mod telegram;
#[cfg(test)]
mod tests;
mod truth;
mod world;

use compose::Composer;
use generate::Generator;
use post::Output;
use scenario::Scenario;
pub use truth::Totals;
use truth::{Heading, Truth};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// One folder a chat, as Telegram Desktop exports it.
    Telegram,
    /// One `messages.jsonl`.
    Jsonl,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TruthDetail {
    /// A row for every message.
    Messages,
    /// Months, changes and totals only.
    Totals,
}

pub struct Plan {
    pub out: PathBuf,
    pub seed: u64,
    pub scenario: &'static Scenario,
    pub messages: u64,
    /// `None`: as many as the number of messages suggests.
    pub channels: Option<usize>,
    pub format: Format,
    pub truth: TruthDetail,
}

/// The fewest messages that a world can be made of.
pub const FEWEST_MESSAGES: u64 = 1_000;

/// Files beside the exports: they describe the corpus and are no input.
pub const BESIDE: [&str; 3] = ["noctule-simulated.json", "truth.json", "events.csv"];

/// Writes the corpus, its truth, its events and its marker into `plan.out`, which is made if need be.
/// Deterministic: the same plan gives the same bytes.
pub fn simulate(plan: &Plan) -> io::Result<Totals> {
    fs::create_dir_all(&plan.out)?;
    let scenario = plan.scenario;
    // Every place says something in each of its months, so few messages allow few places.
    let most = (plan.messages / (scenario.months() as u64 * 2)).max(5) as usize;
    let count = plan.channels.unwrap_or_else(|| world::default_places(plan.messages)).clamp(5, most.max(5));
    let population = 150 + (plan.messages / 400).min(200_000) as u32;
    let composer = Composer::new(plan.seed, population);
    let places = world::build(plan.seed, scenario, plan.messages, count, &composer);
    let (mut output, format): (Box<dyn Output>, _) = match plan.format {
        Format::Telegram => (Box::new(telegram::TelegramExports::new(&plan.out)), "telegram"),
        Format::Jsonl => (Box::new(jsonl::Jsonl::create(&plan.out)?), "jsonl"),
    };
    let heading = Heading { seed: plan.seed, scenario, messages: plan.messages, format };
    let mut truth = Truth::create(&plan.out, &heading, places.len(), plan.truth == TruthDetail::Messages)?;
    Generator::new(plan.seed, scenario, &composer, &places).run(&mut *output, &mut truth)?;
    let totals = truth.finish(scenario)?;
    write_beside(&plan.out, plan, totals.messages)?;
    Ok(totals)
}

fn write_beside(dir: &Path, plan: &Plan, messages: u64) -> io::Result<()> {
    let mut events = String::from("date,name,url\n");
    for event in plan.scenario.events {
        events.push_str(&format!("{},\"{}\",{}\n", event.date, event.name, event.url));
    }
    fs::write(dir.join("events.csv"), events)?;
    let marker = serde_json::json!({
        "schema": "noctule.simulated/1",
        "seed": plan.seed,
        "scenario": plan.scenario.name,
        "messages": messages,
        "beside": BESIDE,
    });
    fs::write(dir.join("noctule-simulated.json"), format!("{marker:#}\n"))
}
