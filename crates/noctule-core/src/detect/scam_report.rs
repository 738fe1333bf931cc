//! Reports that somebody was cheated in a deal.
//!
//! # What it finds
//! Accusations and arbitration: "he took my money and blocked me", «кинул на 500$», 骗子跑路了. And whom they
//! accuse: the seller, the buyer, the escrow agent, or a third party with a look-alike account.
//!
//! # How
//! Words of `lexicon/scam` add points; an advert's own "scammers keep away" takes them. The accused is the party
//! whose words count most; a report near an escrow term accuses the agent.
//!
//! # Where it is wrong
//! General warnings and news about fraud read like reports. Who accuses whom is not resolved in long threads.

use super::explain::{Listening, Notes, Reason, Silent};
use super::scene::Scene;
use super::{Detector, score};
use crate::lexicon::Cue;
use crate::model::{Party, Polarity, Verdict};

pub(super) struct ScamReportDetector;

const BIAS: f32 = -2.0;

impl Detector for ScamReportDetector {
    fn name(&self) -> &'static str {
        "scam_report"
    }

    fn about(&self) -> &'static str {
        "somebody is accused of cheating in a deal, and who"
    }

    crate::documented!();

    fn scan(&self, scene: &Scene<'_>, verdict: &mut Verdict) {
        let reported = verdict.escrow.polarity == Some(Polarity::Reported);
        // Told of an agent are vouches and news too: it takes a word of cheating.
        if !scene.has(&[Cue::Cheated]) {
            return;
        }
        let sum = |cue: Cue| sum(scene, cue);
        let points = points(scene, reported, &mut Silent);
        verdict.scam_report.score = score(points);
        if points <= 0.0 {
            return;
        }
        verdict.scam_report.is = true;
        let parties = [
            (Party::Agent, sum(Cue::AccusedAgent) + if reported { 1.0 } else { 0.0 }),
            (Party::ThirdParty, sum(Cue::AccusedThird)),
            (Party::Seller, sum(Cue::AccusedSeller)),
            (Party::Buyer, sum(Cue::AccusedBuyer)),
        ];
        let most = parties.iter().map(|(_, points)| *points).fold(0.0, f32::max);
        verdict.scam_report.accused =
            parties.iter().find(|(_, points)| *points == most && most > 0.0).map(|(party, _)| *party);
        if let Some((hit, entry)) = scene.of(Cue::Cheated).next() {
            verdict.why.push(scene.because(hit, entry, "somebody was cheated"));
        }
    }

    fn explain(&self, scene: &Scene<'_>, verdict: &Verdict) -> Vec<Reason> {
        let mut notes = Listening::new(scene);
        if scene.has(&[Cue::Cheated]) {
            points(scene, verdict.escrow.polarity == Some(Polarity::Reported), &mut notes);
        }
        notes.reasons
    }
}

/// What speaks for a report and against one. `reported`: something that happened with an agent is told.
fn points(scene: &Scene<'_>, reported: bool, notes: &mut impl Notes) -> f32 {
    let first = |cue: Cue| scene.of(cue).next().map(|(hit, _)| *hit);
    let mut points = 0.0;
    let mut add = |more: f32, cues: &[Cue], says: &str| {
        points += more;
        if more != 0.0 {
            notes.note(more, cues.iter().find_map(|cue| first(*cue)), || says.into());
        }
    };
    add(BIAS, &[], "what a message must gather before it is a report");
    add(sum(scene, Cue::Cheated).min(5.0), &[Cue::Cheated], "words of being cheated, 5.0 points at most");
    add(if reported { 2.5 } else { 0.0 }, &[], "something that happened with an agent is told");
    add(-sum(scene, Cue::Warning).min(5.0), &[Cue::Warning], "a warning in general, as adverts have it");
    // An advert speaks of scammers to keep them away; whoever offers something rarely complains.
    let advert = (sum(scene, Cue::Offer) + sum(scene, Cue::Service)).min(1.0);
    add(-advert, &[Cue::Offer, Cue::Service], "an advert; whoever offers rarely complains");
    points
}

/// The points of a cue's words, each entry counted once.
fn sum(scene: &Scene<'_>, cue: Cue) -> f32 {
    let mut seen: Vec<u32> = Vec::new();
    let mut sum = 0.0f32;
    for (hit, entry) in scene.of(cue) {
        if seen.len() < 50 && !seen.contains(&hit.entry) {
            seen.push(hit.entry);
            sum += entry.weight;
        }
    }
    sum
}
