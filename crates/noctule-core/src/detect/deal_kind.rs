//! What kind of goods a deal is about.
//!
//! # What it finds
//! One of the kinds in [`crate::lexicon::GOODS`] (`database`, `account`, `access`, …), or `other` for a deal whose
//! goods no word tells. Only deals have a kind.
//!
//! # How
//! Every word of an entry with `goods` votes with its weight, once; words in the first line count half more, since titles
//! name the goods. The kind with most votes wins, ties go to the one listed first. Where no word tells what the writer
//! wants, who lists goods is taken to sell them.
//!
//! # Where it is wrong
//! Shops that sell everything get the kind they list most words of. Slang for drugs and cards changes by the month.

use super::Detector;
use super::scene::{Scene, Seen};
use crate::lexicon::{Cue, GOODS};
use crate::model::{Role, Verdict};

pub(super) struct KindDetector;

impl Detector for KindDetector {
    fn name(&self) -> &'static str {
        "deal_kind"
    }

    fn about(&self) -> &'static str {
        "the kind of goods a deal is about"
    }

    crate::documented!();

    fn scan(&self, scene: &Scene<'_>, verdict: &mut Verdict) {
        if !verdict.deal.related {
            return;
        }
        let mut first_line = None;
        let mut votes = [0.0f32; GOODS.len()];
        let mut seen = Seen::<200>::new();
        for (number, hit) in scene.hits.iter().enumerate() {
            let entry = scene.lexicons.entry(hit);
            let Some(goods) = entry.goods else { continue };
            // The same word again adds nothing; another word of the entry does.
            if seen.is_full() || seen.add(scene, number, hit).is_none() {
                continue;
            }
            let place = GOODS.iter().position(|kind| *kind == goods).expect("goods are checked while loading");
            // Words of recruiting or exchange say how the deal goes more than what it is about.
            let says = if entry.cue == Cue::Goods { 1.0 } else { 0.5 };
            votes[place] += says
                * entry.weight
                * if hit.start < *first_line.get_or_insert_with(|| first_line_end(scene.text)) { 1.5 } else { 1.0 };
        }
        if first_line.is_none() {
            verdict.deal.kind = Some("other");
            return;
        }
        let most = votes.iter().fold(0.0, |most, vote| if *vote > most { *vote } else { most });
        let place = votes.iter().position(|vote| *vote == most && most > 0.0);
        verdict.deal.kind = Some(place.map_or("other", |place| GOODS[place]));
        // A report of a deal has no offer.
        if verdict.deal.role.is_none() && !verdict.scam_report.is {
            verdict.deal.role = place.map(|place| role_of_listing(GOODS[place]));
        }
    }
}

/// Who lists goods without a verb ("CC fullz, fresh, 20$") sells them, or does the work.
fn role_of_listing(kind: &str) -> Role {
    match kind {
        "hiring" => Role::Hire,
        "laundering" | "cash-out" | "lookup" | "service" | "advertising" => Role::Service,
        _ => Role::Seller,
    }
}

/// Where the first line ends, at most so many bytes on that it can be a title.
fn first_line_end(text: &str) -> u32 {
    const LONGEST: usize = 120;
    let text = text.trim_start().as_bytes();
    memchr::memchr(b'\n', &text[..text.len().min(LONGEST)]).unwrap_or(LONGEST) as u32
}
