//! A simulated underground: a corpus in real formats together with the truth about it.
//!
//! What nobody can publish, a labelled archive of criminal channels, can be invented. One seed gives one world: places
//! that open and die, people with handles, campaigns of adverts posted again and again in disguise, talk, news, and
//! the words that look like escrow and are not. The truth is known because we wrote it, and is counted without the
//! product's own code.
//!
//! In reading order: [`scenario`] says what happens when; [`world`] makes the places and shares the messages out;
//! [`deals`] lets people trade through the agents of [`escrow`]; [`generate`] lets people write; [`compose`] makes
//! what they say from the [`phrases`] books and [`decorate`] what they do to it; [`post`] is the result, which
//! [`telegram`] and [`boards`], or [`jsonl`], write while [`truth`] counts.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

mod boards;
mod calendar;
mod canonical;
mod compose;
mod deals;
mod decorate;
pub mod escrow;
mod generate;
mod jsonl;
mod money;
mod people;
mod phrases;
mod post;
mod prices;
mod rng;
pub mod scenario;
mod telegram;
#[cfg(test)]
mod tests;
mod truth;
mod truth_deals;
mod world;

use compose::Composer;
use deals::Deals;
use generate::Generator;
use post::{Output, Post, Service};
use scenario::Scenario;
pub use truth::Totals;
use truth::{Heading, Truth};
use world::Place;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// As collected: one folder a chat, as Telegram Desktop exports it, one file a forum or marketplace.
    Collected,
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
        Format::Collected => (Box::new(Collected::new(&plan.out)), "collected"),
        Format::Jsonl => (Box::new(jsonl::Jsonl::create(&plan.out)?), "jsonl"),
    };
    let heading = Heading { seed: plan.seed, scenario, messages: plan.messages, format };
    let mut truth = Truth::create(&plan.out, &heading, places.len(), plan.truth == TruthDetail::Messages)?;
    let deals = Deals::new(plan.seed, scenario, plan.messages, &composer, &places);
    Generator::new(plan.seed, scenario, &composer, &places, &deals).run(&mut *output, &mut truth)?;
    let totals = truth.finish(scenario, &deals, &places)?;
    write_beside(&plan.out, plan, totals.messages)?;
    Ok(totals)
}

/// Each place in the form of its medium.
struct Collected {
    chats: telegram::TelegramExports,
    boards: boards::Boards,
    board: bool,
}

impl Collected {
    fn new(dir: &Path) -> Self {
        Self { chats: telegram::TelegramExports::new(dir), boards: boards::Boards::new(dir), board: false }
    }

    fn output(&mut self) -> &mut dyn Output {
        if self.board { &mut self.boards } else { &mut self.chats }
    }
}

impl Output for Collected {
    fn open(&mut self, place: &Place) -> io::Result<()> {
        self.board = place.kind.is_board();
        self.output().open(place)
    }

    fn post(&mut self, place: &Place, post: &Post) -> io::Result<()> {
        self.output().post(place, post)
    }

    fn service(&mut self, place: &Place, service: &Service) -> io::Result<()> {
        self.output().service(place, service)
    }

    fn close(&mut self, place: &Place) -> io::Result<()> {
        self.output().close(place)
    }

    fn path(&self) -> &str {
        if self.board { self.boards.path() } else { self.chats.path() }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.chats.finish()?;
        self.boards.finish()
    }
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
