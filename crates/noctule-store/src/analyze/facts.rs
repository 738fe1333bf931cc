//! All messages in scope, each in 16 bytes: what the counting analyses need and nothing else. Those about deals say
//! more, in 16 bytes more.
//!
//! Left to others: filling this from the tables (the loader), and counting it (`counts.rs`).

use std::collections::BTreeMap;

use noctule_core::lexicon::GOODS;
use noctule_core::model::{Agent, Medium, Party, Payer, Polarity};

use super::Month;

/// The message mentions an escrow agent.
pub const ESCROW: u32 = 1 << 31;
/// The message is about a deal.
pub const DEAL: u32 = 1 << 30;
/// The message has a text.
pub const TEXT: u32 = 1 << 29;
/// The message is a forward of another.
pub const FORWARDED: u32 = 1 << 28;
/// The most sources that fit beside the flags.
pub const MAX_SOURCES: usize = 1 << 28;

/// One message with a plausible date.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fact {
    /// A hash of the cluster of near-duplicates; 0 for a message without text.
    pub cluster: u64,
    /// Seconds since 1970 in UTC, so up to 2106.
    pub at: u32,
    /// Position in [`Facts::sources`], with the flags in the four high bits.
    source_and_flags: u32,
}

impl Fact {
    /// `source` is a position below [`MAX_SOURCES`]; `flags` a union of the constants above.
    pub fn new(cluster: u64, at: u32, source: u32, flags: u32) -> Self {
        debug_assert!((source as usize) < MAX_SOURCES);
        Self { cluster, at, source_and_flags: source & (MAX_SOURCES as u32 - 1) | flags }
    }

    pub fn source(&self) -> u32 {
        self.source_and_flags & (MAX_SOURCES as u32 - 1)
    }

    /// Whether all of `flags` are set.
    pub fn has(&self, flags: u32) -> bool {
        self.source_and_flags & flags == flags
    }

    pub(crate) fn set_source(&mut self, source: u32) {
        *self = Self::new(self.cluster, self.at, source, self.source_and_flags & !(MAX_SOURCES as u32 - 1));
    }
}

/// The word that a message used for escrow; one for each fact with [`ESCROW`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Mention {
    pub fact: Fact,
    /// Position in [`Facts::words`].
    pub word: u32,
}

/// A message that is about a deal, mentions an escrow agent or reports a scam, with what it says of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DealFact {
    pub fact: Fact,
    pub said: Said,
}

/// What a message says of a deal, as far as it is counted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Said {
    /// In cents; [`u32::MAX`] when no price in dollars is named.
    pub(crate) price: u32,
    /// In hundredths of a percent; [`u16::MAX`] when no fee is named.
    pub(crate) fee_min: u16,
    pub(crate) fee_max: u16,
    /// Position in [`KINDS`]; only that of a deal means anything.
    pub kind: u8,
    /// Unknown without an escrow agent too.
    pub agent: Agent,
    /// `None` without an escrow agent.
    pub polarity: Option<Polarity>,
    pub payer: Option<Payer>,
    pub scam: bool,
    pub accused: Option<Party>,
}

/// The kinds of goods, by number; the last stands for all others.
pub const KINDS: [&str; GOODS.len() + 1] = {
    let mut kinds = ["other"; GOODS.len() + 1];
    let mut i = 0;
    while i < GOODS.len() {
        kinds[i] = GOODS[i];
        i += 1;
    }
    kinds
};

impl Default for Said {
    fn default() -> Self {
        Self {
            price: u32::MAX,
            fee_min: u16::MAX,
            fee_max: u16::MAX,
            kind: GOODS.len() as u8,
            agent: Agent::Unknown,
            polarity: None,
            payer: None,
            scam: false,
            accused: None,
        }
    }
}

impl Said {
    /// The number of a kind of goods by its word; what is not known is another.
    pub fn kind_of(word: &str) -> u8 {
        KINDS.iter().position(|kind| *kind == word).unwrap_or(GOODS.len()) as u8
    }

    /// Remembers a price to the cent. Less than half a cent is none; more than 42 million dollars count as so much.
    pub fn set_dollars(&mut self, dollars: f64) {
        let cents = (dollars * 100.0).round();
        self.price = if cents >= 1.0 { cents.min(f64::from(u32::MAX - 1)) as u32 } else { u32::MAX };
    }

    pub fn dollars(&self) -> Option<f64> {
        (self.price != u32::MAX).then(|| f64::from(self.price) / 100.0)
    }

    /// Remembers a fee in percent, to the hundredth; below 0 and above 100 is none.
    pub fn set_fee(&mut self, percent_min: f64, percent_max: f64) {
        if 0.0 <= percent_min && percent_min <= percent_max && percent_max <= 100.0 {
            self.fee_min = (percent_min * 100.0).round() as u16;
            self.fee_max = (percent_max * 100.0).round() as u16;
        }
    }

    /// The middle of the fee named, as a share of 1.
    pub fn fee(&self) -> Option<f64> {
        (self.fee_min != u16::MAX).then(|| (f64::from(self.fee_min) + f64::from(self.fee_max)) / 2e4)
    }
}

/// A word for escrow in messages of one language.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Word {
    /// The lexicon's entry, or the word as written where no entry has it (then from outside); empty when unknown.
    pub term: String,
    /// The language of the lexicon that has the entry; empty when none has.
    pub term_lang: String,
    /// The language of the messages, BCP 47, `und` when unknown.
    pub lang: String,
}

/// One source of the corpus.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceFact {
    /// The written id; distinct even where names are equal.
    pub id: String,
    /// From outside.
    pub name: String,
    pub medium: Medium,
}

/// How well some messages of a source were read.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct HealthPart {
    pub messages: u64,
    pub without_author: u64,
    pub without_date: u64,
}

impl HealthPart {
    pub fn join(&mut self, other: &Self) {
        self.messages += other.messages;
        self.without_author += other.without_author;
        self.without_date += other.without_date;
    }
}

/// The saved pages of a source in one run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pages {
    /// How many posts each of them gave.
    pub posts: Vec<u32>,
    /// Pages that no engine's collector knew.
    pub generic: u64,
}

/// How well a source was read, over its own history.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Health {
    pub source_id: String,
    pub all: HealthPart,
    /// By the time of the run that captured them, in microseconds.
    pub runs: BTreeMap<i64, (HealthPart, Pages)>,
    /// By the month in which they were posted; messages without a date are in none.
    pub months: BTreeMap<Month, HealthPart>,
}

/// Where a simulated corpus comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Simulated {
    pub scenario: String,
    pub seed: u64,
}

/// Everything in scope. The order of rows and of sources does not matter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Facts {
    pub sources: Vec<SourceFact>,
    pub rows: Vec<Fact>,
    pub mentions: Vec<Mention>,
    pub deals: Vec<DealFact>,
    pub words: Vec<Word>,
    /// Messages without a date; they are not among the rows.
    pub undated: u64,
    /// Messages dated before 2000 or after their capture; they are not among the rows.
    pub implausible: u64,
    /// What could not be read, by the skips of the captures in scope.
    pub skipped: u64,
    /// What was read after a repair (an encoding, a date).
    pub repaired: u64,
    pub simulated: Option<Simulated>,
    /// How well each source was read.
    pub health: Vec<Health>,
}
