//! Mentions counted by day, and by word and source.
//!
//! The words are those of `counts.rs`: a cluster of near-duplicates is one unique mention, on the day and with the
//! word of its earliest mention inside the window, so that the sums are those of every other analysis.

use super::counts::Ways;
use super::facts::{ESCROW, Fact, Mention};
use super::window::{Day, Window};

/// The mentions of one word in one source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OfTerm {
    /// Position in [`super::Counts::words`].
    pub word: u32,
    /// Position in [`super::Counts::sources`].
    pub source: u32,
    pub raw: u32,
    pub unique: u32,
}

/// One entry a day of the window. The rows lie in it, sorted.
pub(super) fn by_day(rows: &[Fact], window: Window, in_panel: &[bool]) -> Vec<Ways> {
    let mut days = vec![Ways::default(); (window.to.0 - window.from.0 + 1) as usize];
    let day = |row: &Fact| (Day::of(row.at).0 - window.from.0) as usize;
    for run in rows.chunk_by(|a, b| a.cluster == b.cluster) {
        let mut earliest = run[0].cluster != 0;
        for row in run.iter().filter(|row| row.has(ESCROW)) {
            let count = &mut days[day(row)];
            count.raw += 1;
            count.fixed_panel += u64::from(in_panel[row.source() as usize]);
            count.unique += u64::from(std::mem::take(&mut earliest));
        }
    }
    days
}

/// One entry a word and source, in that order. The mentions lie in the window; they are sorted here.
pub(super) fn by_term(mentions: &mut [Mention]) -> Vec<OfTerm> {
    mentions.sort_unstable();
    let mut counted: Vec<OfTerm> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for run in mentions.chunk_by(|a, b| a.fact.cluster == b.fact.cluster) {
        for (i, mention) in run.iter().enumerate() {
            let (word, source) = (mention.word, mention.fact.source());
            let place = *places.entry((word, source)).or_insert(counted.len());
            if place == counted.len() {
                counted.push(OfTerm { word, source, raw: 0, unique: 0 });
            }
            counted[place].raw += 1;
            counted[place].unique += u32::from(i == 0 && mention.fact.cluster != 0);
        }
    }
    counted.sort_unstable_by_key(|of| (of.word, of.source));
    counted
}
