//! Whether a message is about a deal, and which side its writer is on.
//!
//! # What it finds
//! The writer offers, seeks, negotiates, reports on or sets terms for a concrete trade, hire or partnership. News,
//! free leaks, gambling adverts, extortion talk and small talk are not deals; a lawful firm's advert is not either.
//!
//! # How
//! A sum of points that can be read: words of each cue (offer, seek, price word, contact, terms, goods …) up to a
//! limit a cue, amounts of money, a handle or link to write to, and an escrow mention; minus words of news,
//! giveaways, gambling, extortion, firms and small talk. More than no points: a deal. The role is the strongest of
//! offer, seek, service, hire and exchange.
//!
//! # Where it is wrong
//! Bare listings ("Office 2010") without price or contact; negotiations that only name a number; adverts of lawful
//! firms written like a private sale.

use super::explain::{Listening, Notes, Reason};
use super::scene::{Scene, Seen};
use super::{Detector, score};
use crate::lexicon::Cue;
use crate::model::{Agent, Polarity, Role, Verdict};

pub(super) struct DealDetector;

/// What a message must gather before it counts as a deal.
const BIAS: f32 = -2.2;

/// Cues that speak for a deal, with the most points all their words may add.
const FOR: [(Cue, f32); 10] = [
    (Cue::Offer, 2.6),
    (Cue::Seek, 2.6),
    (Cue::Service, 2.2),
    (Cue::Hire, 2.2),
    (Cue::Exchange, 2.6),
    (Cue::Contact, 1.2),
    (Cue::Terms, 1.8),
    (Cue::Quantity, 0.8),
    (Cue::Goods, 1.6),
    (Cue::PriceWord, 1.2),
];

/// Cues that speak against one.
const AGAINST: [(Cue, f32); 6] = [
    (Cue::News, 3.0),
    (Cue::Free, 2.4),
    (Cue::Gambling, 3.5),
    (Cue::Extortion, 5.0),
    (Cue::Firm, 3.5),
    (Cue::Chat, 3.0),
];

impl Detector for DealDetector {
    fn name(&self) -> &'static str {
        "deal_related"
    }

    fn about(&self) -> &'static str {
        "the writer offers, seeks, negotiates or sets terms for a trade, hire or partnership"
    }

    crate::documented!();

    fn scan(&self, scene: &Scene<'_>, verdict: &mut Verdict) {
        if scene.hits.is_empty() && verdict.deal.prices.is_empty() {
            return;
        }
        let sums = &scene.sums;
        let points = sums.points(scene, verdict) + sums.escrow_points(scene, verdict) + scam_points(verdict);
        verdict.deal.score = score(points);
        if points <= 0.0 {
            return;
        }
        verdict.deal.related = true;
        verdict.deal.role = sums.role(scene, verdict);
        verdict.why.push(sums.why(verdict));
    }

    fn explain(&self, scene: &Scene<'_>, verdict: &Verdict) -> Vec<Reason> {
        if scene.hits.is_empty() && verdict.deal.prices.is_empty() {
            return Vec::new();
        }
        let sums = &scene.sums;
        let mut notes = Listening::new(scene);
        notes.note(BIAS, None, || "what a message must gather before it is a deal".into());
        for (list, sign) in [(&FOR[..], 1.0), (&AGAINST[..], -1.0)] {
            for (cue, most) in list.iter().filter(|(cue, _)| sums.get(*cue) > 0.0) {
                let first = scene.of(*cue).next().map(|(hit, _)| *hit);
                let words = scene.of(*cue).count();
                notes.note(sign * sums.get(*cue).min(*most), first, || {
                    format!(
                        "{}: {words} word{}, {most:.1} points at most",
                        cue.word(),
                        if words == 1 { "" } else { "s" }
                    )
                });
            }
        }
        let mut add = |points: f32, says: &str| {
            if points != 0.0 {
                notes.note(points, None, || says.into());
            }
        };
        add(price_points(verdict), "amounts of money");
        add(fee_points(verdict), "a fee");
        add(contact_points(verdict), "a way to reach the writer");
        add(length_points(scene), "a long text is an article more often than an advert");
        add(sums.escrow_points(scene, verdict), "escrow is spoken of");
        add(scam_points(verdict), "somebody was cheated, in a deal that is");
        notes.reasons
    }
}

/// Who was cheated tells of a deal.
fn scam_points(verdict: &Verdict) -> f32 {
    if verdict.scam_report.is { 1.4 } else { 0.0 }
}

/// Whether a wallet is named.
fn paid_to(verdict: &Verdict) -> bool {
    verdict.entities.iter().any(|entity| entity.kind.ends_with("-address"))
}

fn price_points(verdict: &Verdict) -> f32 {
    match verdict.deal.prices.len() {
        0 => 0.0,
        1 => 1.0,
        _ => 1.5,
    }
}

fn fee_points(verdict: &Verdict) -> f32 {
    if verdict.deal.fees.is_empty() { 0.0 } else { 0.8 }
}

fn contact_points(verdict: &Verdict) -> f32 {
    if verdict.entities.iter().any(|e| REACHED_BY.contains(&e.kind)) { 0.7 } else { 0.0 }
}

/// Long prose is an article more often than an advert.
fn length_points(scene: &Scene<'_>) -> f32 {
    if scene.text.len() > 4_000 { -0.5 } else { 0.0 }
}

/// The points a message gathers without its escrow mention: what a doubtful escrow term leans on.
pub(super) fn points_without_escrow(scene: &Scene<'_>, verdict: &Verdict) -> f32 {
    scene.sums.points(scene, verdict)
}

/// Kinds of entities by which a writer is reached or paid. A bare link is in every piece of news.
const REACHED_BY: [&str; 6] = ["telegram-handle", "telegram-invite", "jabber", "email", "tox", "session-id"];

/// What further words of an entry add, as a share of the first.
const AGAIN: f32 = 0.3;

/// What a word of another language counts in an English text, as a share: it is a false friend more often than not
/// ("nur", "tengo" and "prezzo" are not, "will", "son" and "pour" are). English words count in texts of all languages.
const FALSE_FRIEND: f32 = 0.4;

/// So many different words are looked at.
const MOST_WORDS: usize = 200;

/// Points by cue, each entry counted in full once.
pub(super) struct Sums([f32; Cue::ALL.len()]);

impl Sums {
    pub(super) const NONE: Self = Self([0.0; Cue::ALL.len()]);

    pub(super) fn of(scene: &Scene<'_>) -> Self {
        let mut sums = [0.0; Cue::ALL.len()];
        // Price lists repeat a word hundreds of times; it counts once, and the check stays short.
        let mut seen = Seen::<MOST_WORDS>::new();
        let english = scene.clean.lang == "en";
        for (number, hit) in scene.hits.iter().enumerate() {
            if seen.is_full() {
                break;
            }
            let Some(again) = seen.add(scene, number, hit) else { continue };
            let entry = scene.lexicons.entry(hit);
            // Two words of one entry often are one phrase ("cc fullz", "for sale" in "up for sale").
            let mut points = entry.weight * if again { AGAIN } else { 1.0 };
            let word = || &scene.text.as_bytes()[hit.start as usize..hit.end as usize];
            if english && entry.lang.as_ref() != "en" && word().is_ascii() {
                points *= FALSE_FRIEND;
            }
            sums[entry.cue as usize] += points;
        }
        Self(sums)
    }

    fn get(&self, cue: Cue) -> f32 {
        self.0[cue as usize]
    }

    fn points(&self, scene: &Scene<'_>, verdict: &Verdict) -> f32 {
        let mut points = BIAS;
        points += FOR.iter().map(|(cue, most)| self.get(*cue).min(*most)).sum::<f32>();
        points -= AGAINST.iter().map(|(cue, most)| self.get(*cue).min(*most)).sum::<f32>();
        points += price_points(verdict);
        points += fee_points(verdict);
        points += contact_points(verdict);
        points += length_points(scene);
        points
    }

    /// Whoever speaks of escrow speaks of deals, unless the rest is another field altogether. Talk of escrow in
    /// general, without anything that is traded, asked or paid, is not enough.
    fn escrow_points(&self, scene: &Scene<'_>, verdict: &Verdict) -> f32 {
        let trade = scene.has(&[Cue::Support])
            || FOR.iter().any(|(cue, _)| self.get(*cue) > 0.0)
            || price_points(verdict) + fee_points(verdict) + contact_points(verdict) > 0.0;
        match (verdict.escrow.polarity, trade) {
            _ if !verdict.escrow.mentioned => 0.0,
            // What a market does with the money it holds is said of a deal.
            (_, false) if verdict.escrow.agent == Agent::Automated => 2.4,
            (_, false) => 1.8,
            (Some(Polarity::Asked), true) => 2.2,
            (_, true) => 3.0,
        }
    }

    fn role(&self, scene: &Scene<'_>, verdict: &Verdict) -> Option<Role> {
        let sides = [
            (Cue::Seek, Role::Buyer),
            (Cue::Offer, Role::Seller),
            (Cue::Hire, Role::Hire),
            (Cue::Service, Role::Service),
            (Cue::Exchange, Role::Exchange),
        ];
        // "Looking for partners" seeks people, not goods: recruiting outweighs the words of demand it comes with.
        let side = |cue: Cue| self.get(cue) * if cue == Cue::Hire { 1.3 } else { 1.0 };
        let best = sides.iter().map(|(cue, _)| side(*cue)).fold(0.0, f32::max);
        if best > 0.0 {
            // Of equals the one named first in the text: "selling X, buying Y" is a seller's advert.
            return scene
                .hits
                .iter()
                .map(|hit| scene.lexicons.entry(hit).cue)
                .find_map(|cue| sides.iter().find(|(named, _)| *named == cue && side(cue) == best))
                .map(|(_, role)| *role);
        }
        // Three amounts are a price list.
        let priced = verdict.deal.prices.len() >= 3
            || !verdict.deal.prices.is_empty()
                && (self.get(Cue::Contact) > 0.0 || contact_points(verdict) > 0.0 || paid_to(verdict));
        priced.then_some(Role::Seller)
    }

    /// What counted, in words.
    fn why(&self, verdict: &Verdict) -> String {
        // As long as most; no list of pieces that is joined in the end, since every deal has such a sentence.
        let mut why = String::with_capacity(96);
        let mut add = |spite: &str, word: &str| {
            why.push_str(if why.is_empty() { "a deal: " } else { ", " });
            why.push_str(spite);
            why.push_str(word);
        };
        for (cue, _) in FOR.iter().filter(|(cue, _)| self.get(*cue) > 0.0) {
            add("", cue.word());
        }
        if !verdict.deal.prices.is_empty() {
            add("", "amount of money");
        }
        if verdict.escrow.mentioned {
            add("", "escrow");
        }
        for (cue, _) in AGAINST.iter().filter(|(cue, _)| self.get(*cue) > 0.0) {
            add("in spite of ", cue.word());
        }
        why
    }
}
