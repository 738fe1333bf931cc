//! Percentages that somebody takes for holding or moving the money of a deal.
//!
//! # What it finds
//! `комиссия гаранта 5%`, `escrow fee 3-5 %, buyer pays`, `担保费3%`: the percentage or range, and who pays it when
//! that is said. Published rules of escrow services lie between 3 and 15 %.
//!
//! # How
//! Every percent sign or word with a number before it is looked at. It is a fee when a fee word (`cue = "fee"`) or a
//! counted escrow term stands within 40 characters of it, in the same sentence and nearer than any word that makes it
//! something else (`cue = "not-fee"`: discount, purity, profit).
//!
//! # Where it is wrong
//! A percentage alone, with the fee named a sentence before, is missed. So are flat fees ("10 $ a deal") and fees
//! in words ("five percent"). A share of the loot beside an escrow term is taken for the fee.

use std::ops::Range;

use super::Detector;
use super::price::number_before;
use super::scene::{self, Hit, Scene};
use crate::lexicon::Cue;
use crate::model::{Fee, Payer, Verdict};

pub(super) struct FeeDetector;

/// A fee above this is something else: profit shares and discounts mostly.
const MOST_PERCENT: f64 = 50.0;

impl Detector for FeeDetector {
    fn name(&self) -> &'static str {
        "fee"
    }

    fn about(&self) -> &'static str {
        "percentages taken for escrow or commission, and who pays them"
    }

    crate::documented!();

    fn scan(&self, scene: &Scene<'_>, verdict: &mut Verdict) {
        if !scene.has(&[Cue::Fee]) && !verdict.escrow.mentioned {
            return;
        }
        let mut last_end = 0;
        for sign in percent_signs(scene.text) {
            let Some(percent) = percent_before(scene.text, sign.start) else { continue };
            let place = Hit { start: percent.start as u32, end: sign.end as u32, entry: 0 };
            let Some(word) = fee_word(scene, place) else { continue };
            // "3% - 5%" is one range; its first number was read as a fee already.
            if last_end > place.start {
                verdict.deal.fees.pop();
                verdict.why.pop();
            }
            last_end = place.end;
            verdict.deal.fees.push(Fee {
                percent_min: percent.min,
                percent_max: percent.max,
                payer: payer(scene, place),
                span: scene.raw_span(place.start, place.end),
            });
            let entry = scene.lexicons.entry(&word);
            let says = format!("«{}» beside it is a fee", scene.words(place.start, place.end));
            verdict.why.push(scene.because(&word, entry, &says));
        }
    }
}

/// The places of percent signs and words.
fn percent_signs(text: &str) -> impl Iterator<Item = Range<usize>> {
    const SIGNS: [&str; 6] = ["%", "％", "percent", "pct", "процент", "prozent"];
    // First bytes of the signs; the Cyrillic letter's is told apart by its second.
    let begins = |at: usize, byte: u8| match byte {
        b'%' | b'p' | 0xEF => true,
        0xD0 => text.as_bytes().get(at + 1) == Some(&0xBF),
        _ => false,
    };
    text.bytes().enumerate().filter(move |(at, byte)| begins(*at, *byte)).filter_map(move |(at, _)| {
        let sign = SIGNS.iter().find(|sign| text[at..].starts_with(**sign))?;
        Some(at..at + sign.len())
    })
}

struct Percent {
    start: usize,
    min: f64,
    max: f64,
}

/// Reads `5`, `5,5`, `3-15`, `3% – 15` or `3 to 15` backwards from a percent sign.
fn percent_before(text: &str, sign: usize) -> Option<Percent> {
    let last = number_before(text, sign)?;
    let max = last.value();
    let (mut start, mut min) = (last.start, max);
    if let Some(first) = range_start(text, last.start)
        && first.value() < max
    {
        (start, min) = (first.start, first.value());
    }
    (min >= 0.0 && max > 0.0 && max <= MOST_PERCENT).then_some(Percent { start, min, max })
}

fn range_start(text: &str, end: usize) -> Option<super::price::Number<'_>> {
    let before = text[..end].trim_end();
    let before =
        ["-", "–", "—", "~", "to", "до", "bis", "至", "到"].iter().find_map(|dash| before.strip_suffix(dash))?;
    let before = before.trim_end();
    let before = before.strip_suffix(['%', '％']).unwrap_or(before);
    number_before(text, before.len())
}

/// The nearest word that makes a percentage a fee, unless one that makes it something else is nearer.
fn fee_word(scene: &Scene<'_>, place: Hit) -> Option<Hit> {
    let mut nearest: Option<(usize, Hit, bool)> = None;
    const CUES: u64 = scene::set(&[Cue::Fee, Cue::Term, Cue::NotFee]);
    for (hit, entry) in scene.near(place, CUES) {
        let is_fee = match entry.cue {
            Cue::Fee | Cue::Term => true,
            Cue::NotFee => false,
            _ => continue,
        };
        let distance = scene.between(place, hit).len();
        // On a tie the word against it wins: "10% off", "10% fee off".
        if nearest.is_none_or(|(best, _, best_is_fee)| distance < best || (distance == best && best_is_fee)) {
            nearest = Some((distance, hit, is_fee));
        }
    }
    nearest.filter(|(_, _, is_fee)| *is_fee).map(|(_, hit, _)| hit)
}

/// Who pays, when words near the percentage say so.
fn payer(scene: &Scene<'_>, place: Hit) -> Option<Payer> {
    const CUES: u64 = scene::set(&[Cue::SplitPays, Cue::BuyerPays, Cue::SellerPays]);
    let mut found = None;
    for (_, entry) in scene.near(place, CUES) {
        match entry.cue {
            Cue::SplitPays => return Some(Payer::Split),
            Cue::BuyerPays => found = Some(Payer::Buyer),
            Cue::SellerPays => found = Some(Payer::Seller),
            _ => {}
        }
    }
    found
}
