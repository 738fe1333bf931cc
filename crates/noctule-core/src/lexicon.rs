//! The words the detectors look for: data, one TOML file a topic and language, checked when it is loaded.
//!
//! A file says its `topic` (`escrow`, `deal` or `scam`) and `lang`, and lists entries:
//!
//! ```toml
//! [[entry]]
//! id = "гарант"                       # names the rule; cues of other files refer to it
//! cue = "term"                        # what the words do, see [`Cue`]
//! strength = "sure"                   # terms only: sure, context (one cue near it needed) or weak (two)
//! forms = ["гарант(|а|у|ом|е)"]       # (x|y) is one of; ~ at an end lets the word go on there
//! why = "the study's term list; inflections of the singular"
//! ```
//!
//! A forbid takes `unless = ["id", …]`: words of these entries in its line take it away. A file may say in `evidence`
//! what its words rest on when no real messages in its language were known.
//!
//! Matching happens on [`crate::model::Shadow`] text, so forms are folded in the same way while loading.
//! How a cue is weighed is the detector's business (`crate::detect`); this file only reads, checks and compiles.

mod check;
mod compile;
mod pattern;
mod search;
mod trie;
mod words;

pub use check::{Head, LexiconError, MOST_BYTES};
pub use compile::{Hit, Lexicons};
pub use pattern::fold;
pub(crate) use pattern::unspaced;

use crate::model::Agent;

/// A set of files that belong together.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
pub enum Topic {
    Escrow,
    Deal,
    Scam,
}

impl Topic {
    /// The word in the files.
    pub fn word(self) -> &'static str {
        match self {
            Topic::Escrow => "escrow",
            Topic::Deal => "deal",
            Topic::Scam => "scam",
        }
    }
}

/// What an entry's words do.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum Cue {
    /// Names escrow or an escrow agent.
    Term,
    /// Near a term: makes it count.
    Support,
    /// Over or near a term (or anywhere, with `everywhere`): another sense of the word.
    Forbid,
    /// Near a term: escrow is refused.
    Refuse,
    /// Near a term: not refused, whatever else stands there ("no problem with", «без … не работаю»).
    Affirm,
    /// Near a term: a question.
    Ask,
    /// Near a term: something that happened with an agent is told.
    Report,
    /// Near a term: software holds the money.
    Automated,
    /// Near a term: a person holds the money.
    Human,
    /// A fee or commission; its percentages are fees.
    Fee,
    /// A percentage of something else: discount, purity, profit.
    NotFee,
    BuyerPays,
    SellerPays,
    SplitPays,
    /// Something is sold.
    Offer,
    /// Something is wanted.
    Seek,
    /// Work is offered.
    Service,
    /// People are wanted for work.
    Hire,
    /// Money or coins are changed.
    Exchange,
    /// Where to write.
    Contact,
    /// Conditions of a deal: warranty, prepayment, minimum order, delivery.
    Terms,
    /// Amounts of goods, stock.
    Quantity,
    /// Names goods; `goods` says of which kind.
    Goods,
    /// The words beside a price.
    PriceWord,
    News,
    /// Given away.
    Free,
    Gambling,
    Extortion,
    /// Advert or paperwork of a lawful firm.
    Firm,
    /// Small talk, thanks, help wanted.
    Chat,
    /// Somebody was cheated.
    Cheated,
    /// Warnings about scams in general: an advert's "scammers keep away".
    Warning,
    AccusedSeller,
    AccusedBuyer,
    AccusedAgent,
    AccusedThird,
}

impl Cue {
    /// Every cue with its word in the files, the topic it belongs to and its points when an entry names none.
    pub(crate) const ALL: [(Cue, &'static str, Topic, f32); 36] = [
        (Cue::Term, "term", Topic::Escrow, 0.0),
        (Cue::Support, "support", Topic::Escrow, 1.0),
        (Cue::Forbid, "forbid", Topic::Escrow, 2.0),
        (Cue::Refuse, "refuse", Topic::Escrow, 1.0),
        (Cue::Affirm, "affirm", Topic::Escrow, 1.0),
        (Cue::Ask, "ask", Topic::Escrow, 1.0),
        (Cue::Report, "report", Topic::Escrow, 1.0),
        (Cue::Automated, "automated", Topic::Escrow, 1.0),
        (Cue::Human, "human", Topic::Escrow, 1.0),
        (Cue::Fee, "fee", Topic::Escrow, 1.0),
        (Cue::NotFee, "not-fee", Topic::Escrow, 1.0),
        (Cue::BuyerPays, "buyer-pays", Topic::Escrow, 1.0),
        (Cue::SellerPays, "seller-pays", Topic::Escrow, 1.0),
        (Cue::SplitPays, "split-pays", Topic::Escrow, 1.0),
        (Cue::Offer, "offer", Topic::Deal, 1.6),
        (Cue::Seek, "seek", Topic::Deal, 1.6),
        (Cue::Service, "service", Topic::Deal, 1.2),
        (Cue::Hire, "hire", Topic::Deal, 1.4),
        (Cue::Exchange, "exchange", Topic::Deal, 1.2),
        (Cue::Contact, "contact", Topic::Deal, 0.8),
        (Cue::Terms, "terms", Topic::Deal, 0.8),
        (Cue::Quantity, "quantity", Topic::Deal, 0.5),
        (Cue::Goods, "goods", Topic::Deal, 0.6),
        (Cue::PriceWord, "price-word", Topic::Deal, 0.8),
        (Cue::News, "news", Topic::Deal, 1.2),
        (Cue::Free, "free", Topic::Deal, 1.2),
        (Cue::Gambling, "gambling", Topic::Deal, 1.6),
        (Cue::Extortion, "extortion", Topic::Deal, 2.0),
        (Cue::Firm, "firm", Topic::Deal, 1.5),
        (Cue::Chat, "chat", Topic::Deal, 1.0),
        (Cue::Cheated, "cheated", Topic::Scam, 2.5),
        (Cue::Warning, "warning", Topic::Scam, 2.5),
        (Cue::AccusedSeller, "accused-seller", Topic::Scam, 0.6),
        (Cue::AccusedBuyer, "accused-buyer", Topic::Scam, 0.6),
        (Cue::AccusedAgent, "accused-agent", Topic::Scam, 0.6),
        (Cue::AccusedThird, "accused-third-party", Topic::Scam, 0.6),
    ];

    /// This cue's bit in a set of cues.
    pub(crate) fn bit(self) -> u64 {
        1 << self as u8
    }

    fn row(self) -> &'static (Cue, &'static str, Topic, f32) {
        &Self::ALL[self as usize]
    }

    /// The word in the files.
    pub fn word(self) -> &'static str {
        self.row().1
    }
}

/// How much a term says on its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Strength {
    /// Enough alone.
    Sure,
    /// Needs a cue near it, or a deal around it.
    Context,
    /// Has other meanings most of the time: needs two.
    Weak,
}

/// Where a cue stands, seen from the term.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Side {
    Before,
    After,
    Around,
}

/// The kinds of goods, in the order that breaks ties.
pub const GOODS: [&str; 22] = [
    "access",
    "database",
    "card",
    "logs",
    "account",
    "malware",
    "exploit",
    "drugs",
    "counterfeit",
    "documents",
    "laundering",
    "cash-out",
    "traffic",
    "hosting",
    "phishing",
    "lookup",
    "hiring",
    "weapons",
    "tutorial",
    "advertising",
    "software",
    "service",
];

/// One entry after checking.
#[derive(Clone, Debug)]
pub struct Entry {
    pub topic: Topic,
    pub lang: Box<str>,
    pub id: Box<str>,
    /// The same number for the same `id`, in whatever file.
    pub group: u32,
    pub cue: Cue,
    pub strength: Strength,
    /// Points added (or taken, for the negative cues).
    pub weight: f32,
    /// Largest distance from the term, in characters.
    pub reach: u32,
    pub side: Side,
    /// A forbid or support that counts from anywhere in the message.
    pub everywhere: bool,
    /// Terms only: the forms are formulas around a term, whose place is reported instead of theirs.
    pub phrase: bool,
    /// Groups of the terms this cue speaks of; empty for all.
    pub only_for: Vec<u32>,
    /// A forbid near its term: groups whose words in the same line take it away («no middleman, payment first»
    /// refuses an agent, «no middleman, factory price» a reseller).
    pub unless: Vec<u32>,
    /// Kind of goods, one of [`GOODS`].
    pub goods: Option<&'static str>,
    /// Terms only: who holds the money, when the word itself says so.
    pub agent: Option<Agent>,
    pub why: Box<str>,
}

impl Entry {
    /// Whether this cue speaks of a term.
    pub(crate) fn speaks_of(&self, term: &Entry) -> bool {
        self.only_for.is_empty() || self.only_for.contains(&term.group)
    }
}

macro_rules! builtin {
    ($($name:literal),* $(,)?) => {
        /// The files compiled into the binary: name and text.
        pub const BUILTIN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../lexicon/", $name)))),*];
    };
}

// One line a file. A new language of a topic is a file and a line here.
builtin![
    "deal/ar.toml",
    "deal/de.toml",
    "deal/en.toml",
    "deal/es.toml",
    "deal/fa.toml",
    "deal/fr.toml",
    "deal/hi.toml",
    "deal/id.toml",
    "deal/it.toml",
    "deal/ja.toml",
    "deal/ko.toml",
    "deal/more.toml",
    "deal/pl.toml",
    "deal/pt.toml",
    "deal/ro.toml",
    "deal/ru.toml",
    "deal/th.toml",
    "deal/tr.toml",
    "deal/uk.toml",
    "deal/vi.toml",
    "deal/zh.toml",
    "escrow/ar.toml",
    "escrow/de.toml",
    "escrow/en.toml",
    "escrow/es.toml",
    "escrow/fa.toml",
    "escrow/fr.toml",
    "escrow/hi.toml",
    "escrow/id.toml",
    "escrow/it.toml",
    "escrow/ja.toml",
    "escrow/ko.toml",
    "escrow/more.toml",
    "escrow/pl.toml",
    "escrow/pt.toml",
    "escrow/ro.toml",
    "escrow/ru.toml",
    "escrow/th.toml",
    "escrow/tr.toml",
    "escrow/uk.toml",
    "escrow/vi.toml",
    "escrow/zh.toml",
    "scam/ar.toml",
    "scam/de.toml",
    "scam/en.toml",
    "scam/es.toml",
    "scam/fa.toml",
    "scam/fr.toml",
    "scam/id.toml",
    "scam/it.toml",
    "scam/ja.toml",
    "scam/ko.toml",
    "scam/pl.toml",
    "scam/pt.toml",
    "scam/ru.toml",
    "scam/tr.toml",
    "scam/uk.toml",
    "scam/vi.toml",
    "scam/zh.toml",
];
