//! All messages in scope, each in 16 bytes: what the counting analyses need and nothing else.
//!
//! Left to others: filling this from the tables (the loader), and counting it (`counts.rs`).

use std::collections::BTreeMap;

use noctule_core::model::Medium;

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
