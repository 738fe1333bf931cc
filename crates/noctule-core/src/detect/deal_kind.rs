//! What kind of goods a deal is about.
//!
//! # What it finds
//! One of the kinds in [`crate::lexicon::GOODS`] (`database`, `account`, `access`, …), or `other` for a deal whose
//! goods no word tells. Only deals have a kind.
//!
//! # How
//! Every word of an entry with `goods` votes with its weight, once; words in the first line count half more, since titles
//! name the goods. The kind with most votes wins, ties go to the one listed first.
//!
//! # Where it is wrong
//! Shops that sell everything get the kind they list most words of. Slang for drugs and cards changes by the month.

use super::Detector;
use super::scene::Scene;
use crate::lexicon::{Cue, GOODS};
use crate::model::Verdict;

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
        let first_line = scene.text.trim_start().find('\n').map_or(120, |end| end.min(120)) as u32;
        let mut votes = [0.0f32; GOODS.len()];
        let mut seen: Vec<(u32, &str)> = Vec::new();
        for hit in &scene.hits {
            let entry = scene.lexicons.entry(hit);
            let Some(goods) = entry.goods else { continue };
            let (start, end) = (hit.start as usize, hit.end as usize);
            // The same word again adds nothing; another word of the entry does.
            if seen.len() >= 200 || seen.contains(&(hit.entry, &scene.text[start..end])) {
                continue;
            }
            seen.push((hit.entry, &scene.text[start..end]));
            let place = GOODS.iter().position(|kind| *kind == goods).expect("goods are checked while loading");
            // Words of recruiting or exchange say how the deal goes more than what it is about.
            let says = if entry.cue == Cue::Goods { 1.0 } else { 0.5 };
            votes[place] += says * entry.weight * if hit.start < first_line { 1.5 } else { 1.0 };
        }
        let most = votes.iter().copied().fold(0.0, f32::max);
        let place = votes.iter().position(|vote| *vote == most && most > 0.0);
        verdict.deal.kind = Some(place.map_or("other", |place| GOODS[place]));
    }
}
