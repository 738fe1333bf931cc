//! # What it answers
//! A9: which words for an escrow agent are used, in which languages?
//!
//! # How
//! The first term of each message that mentions an agent, reduced to its entry in the lexicon, so that «гаранта» and
//! «гарантом» are one; beside it the language of the message. A cluster of near-duplicates counts with the word of
//! its earliest mention.
//!
//! # Where it is wrong
//! A message that uses two words counts for the first. Words that no lexicon has are in no count at all: this shows
//! which of the known words are used, never which are missing. The language of a short message is often unknown.

use std::collections::BTreeMap;

use noctule_core::model::{Answer, Bar, Chart, Column, Counting, Kind, Part, Summary, Value};

use super::words::{counted, percent};
use super::{ABOUT_FOLDING, Analysis, Counts, Params, TOO_FEW_FOR_A_SHARE, Ways, in_window, no_answer};

pub struct EscrowTerms;

impl Analysis for EscrowTerms {
    fn name(&self) -> &'static str {
        "escrow_terms"
    }

    fn about(&self) -> &'static str {
        "words for an escrow agent, by the language of the messages"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let terms = by_word(counts);
        let total = counts.total.escrow.unique;
        let row = |used: &Used| {
            let word = &counts.words[used.word];
            vec![
                named(&word.term),
                if word.term_lang.is_empty() { Value::Null } else { Value::text(&word.term_lang) },
                Value::text(&word.lang),
                Value::count(used.sources),
                Value::count(used.ways.raw),
                Value::count(used.ways.unique),
                Value::count(used.ways.fixed_panel),
                Value::share((total > 0).then(|| used.ways.unique as f64 / total as f64)),
            ]
        };
        Answer {
            name: self.name(),
            id: "A9",
            title: title(counts),
            question: "Which words for an escrow agent are used, in which languages?",
            summary: summary(counts),
            columns: vec![
                Column { name: "term", unit: "term", kind: Kind::Text },
                Column { name: "term_language", unit: "lexicon", kind: Kind::Text },
                Column { name: "language", unit: "language of messages", kind: Kind::Text },
                Column { name: "sources", unit: "sources", kind: Kind::Count },
                Column { name: "raw", unit: "mentions, raw", kind: Kind::Count },
                Column { name: "unique", unit: "mentions, unique", kind: Kind::Count },
                Column { name: "fixed_panel", unit: "mentions, fixed panel", kind: Kind::Count },
                Column { name: "share_unique", unit: "share of unique", kind: Kind::Share },
            ],
            rows: terms.iter().map(row).collect(),
            charts: vec![chart(counts)],
            method: "The first term of each message, reduced to its entry in the lexicon, beside the language of the \
                     message"
                .into(),
            caveats: vec![
                "A message that uses two words counts for the first".into(),
                "Words that no lexicon has are in no count; the table says nothing about them".into(),
                ABOUT_FOLDING.into(),
            ],
            query: format!(
                "select v.escrow_terms, v.lang, count(*) as mentions from verdicts v where v.escrow and {} \
                 group by v.escrow_terms, v.lang order by mentions desc",
                in_window(counts, "posted_at")
            ),
        }
    }
}

/// A term, null when it was not stored.
pub(super) fn named(term: &str) -> Value {
    if term.is_empty() { Value::Null } else { Value::text(term) }
}

/// A word and how often it is used.
struct Used {
    /// Position in [`Counts::words`].
    word: usize,
    sources: u64,
    ways: Ways,
}

/// The words, most unique mentions first.
fn by_word(counts: &Counts) -> Vec<Used> {
    let mut used: Vec<Used> = Vec::new();
    for run in counts.terms.chunk_by(|a, b| a.word == b.word) {
        let mut ways = Ways::default();
        for of in run {
            ways.raw += u64::from(of.raw);
            ways.unique += u64::from(of.unique);
            ways.fixed_panel += if counts.in_panel[of.source as usize] { u64::from(of.raw) } else { 0 };
        }
        used.push(Used { word: run[0].word as usize, sources: run.len() as u64, ways });
    }
    used.sort_by_key(|u| (std::cmp::Reverse((u.ways.unique, u.ways.raw)), u.word));
    used
}

/// The mentions of each term whatever the language of the messages, most unique first. Terms without a name are out.
fn by_term(counts: &Counts) -> Vec<((&str, &str), Ways)> {
    let mut terms: BTreeMap<(&str, &str), Ways> = BTreeMap::new();
    for used in by_word(counts) {
        let word = &counts.words[used.word];
        if !word.term.is_empty() {
            terms.entry((&word.term, &word.term_lang)).or_default().join(used.ways);
        }
    }
    let mut terms: Vec<_> = terms.into_iter().collect();
    terms.sort_by_key(|(name, ways)| (std::cmp::Reverse((ways.unique, ways.raw)), *name));
    terms
}

fn title(counts: &Counts) -> String {
    let total = counts.total.escrow.unique;
    if let Some(reason) = no_answer(counts, total) {
        return reason;
    }
    let terms = by_term(counts);
    let Some((_, first)) = terms.first() else {
        return "The words of the mentions were not stored".into();
    };
    if total < TOO_FEW_FOR_A_SHARE {
        return format!("{} are too few to compare words", counted(total, "mention", "mentions"));
    }
    let share = percent(first.unique as f64 / total as f64);
    match terms.len() {
        1 => "All mentions use one word".into(),
        n => format!("The most common of {n} words for an escrow agent makes {share} of the unique mentions"),
    }
}

fn summary(counts: &Counts) -> Summary {
    let total = counts.total.escrow;
    let terms = by_term(counts);
    let Some((name, first)) = terms.first().filter(|_| total.unique > 0) else {
        return Summary { answer: vec![Part::Strong("None".into())], ..Summary::default() };
    };
    let share = |part: u64, whole: u64| if whole == 0 { "none".into() } else { percent(part as f64 / whole as f64) };
    let mut note = Vec::new();
    for (i, (other, ways)) in terms.iter().skip(1).take(2).enumerate() {
        note.push(Part::Plain(if i == 0 { "then ".into() } else { ", ".into() }));
        note.push(Part::Foreign(other.0.into()));
        note.push(Part::Plain(format!(" {}", share(ways.unique, total.unique))));
    }
    Summary {
        answer: vec![
            Part::Foreign(name.0.into()),
            Part::Plain(" in ".into()),
            Part::Strong(share(first.unique, total.unique)),
            Part::Plain(" of the unique mentions".into()),
        ],
        note,
        course: Vec::new(),
        raw: share(first.raw, total.raw),
        fixed_panel: share(first.fixed_panel, total.fixed_panel),
    }
}

/// The twelve terms with most unique mentions.
fn chart(counts: &Counts) -> Chart {
    let bar = |((term, lang), ways): &((&str, &str), Ways)| Bar {
        label: if lang.is_empty() { (*term).to_string() } else { format!("{term} ({lang})") },
        values: vec![(Counting::Raw, ways.raw as f64), (Counting::Unique, ways.unique as f64)],
    };
    Chart::Bars {
        unit: "mentions of an escrow agent, the twelve most common words".into(),
        over_time: false,
        bars: by_term(counts).iter().take(12).map(bar).collect(),
    }
}
