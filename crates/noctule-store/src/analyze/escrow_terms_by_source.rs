//! # What it answers
//! A9: which words for an escrow agent does each source use?
//!
//! # How
//! As `escrow_terms`, one row a source and word, the words of a source by their unique mentions. A source is compared
//! with the whole when it has at least 30 unique mentions.
//!
//! # Where it is wrong
//! As `escrow_terms`. A source that only reposts has no unique mentions, and its words are those of others.

use std::collections::BTreeMap;

use noctule_core::model::{Answer, Column, Kind, Part, Summary, Value};

use super::escrow_terms::named;
use super::words::counted;
use super::{ABOUT_FOLDING, Analysis, Counts, Params, TOO_FEW_FOR_A_SHARE, Ways, in_window, no_answer};

pub struct EscrowTermsBySource;

impl Analysis for EscrowTermsBySource {
    fn name(&self) -> &'static str {
        "escrow_terms_by_source"
    }

    fn about(&self) -> &'static str {
        "words for an escrow agent, by source"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let sources = by_source(counts);
        let mut rows = Vec::new();
        for (source, terms) in &sources {
            let fact = &counts.sources[*source];
            let unique: u64 = terms.iter().map(|(_, ways)| ways.unique).sum();
            for ((term, lang), ways) in terms {
                rows.push(vec![
                    Value::text(&fact.name),
                    Value::text(&fact.id),
                    Value::text(fact.medium.word()),
                    named(term),
                    if lang.is_empty() { Value::Null } else { Value::text(*lang) },
                    Value::count(ways.raw),
                    Value::count(ways.unique),
                    Value::count(ways.fixed_panel),
                    Value::share((unique > 0).then(|| ways.unique as f64 / unique as f64)),
                ]);
            }
        }
        Answer {
            name: self.name(),
            id: "A9",
            title: title(counts, &sources),
            question: "Which words for an escrow agent does each source use?",
            summary: summary(&sources),
            columns: vec![
                Column { name: "source", unit: "source", kind: Kind::Text },
                Column { name: "source_id", unit: "id", kind: Kind::Text },
                Column { name: "medium", unit: "medium", kind: Kind::Text },
                Column { name: "term", unit: "term", kind: Kind::Text },
                Column { name: "term_language", unit: "lexicon", kind: Kind::Text },
                Column { name: "raw", unit: "mentions, raw", kind: Kind::Count },
                Column { name: "unique", unit: "mentions, unique", kind: Kind::Count },
                Column { name: "fixed_panel", unit: "mentions, fixed panel", kind: Kind::Count },
                Column { name: "share_of_source", unit: "share of the source's unique", kind: Kind::Share },
            ],
            rows,
            charts: Vec::new(),
            method: "The first term of each message, reduced to its entry in the lexicon. A near-duplicate counts for \
                     the source of its earliest mention"
                .into(),
            caveats: vec!["A message that uses two words counts for the first".into(), ABOUT_FOLDING.into()],
            query: format!(
                "select m.source_id, m.source_name, v.escrow_terms, count(*) as mentions from messages m join verdicts v \
                 on v.message_id = m.message_id where v.escrow and {} group by m.source_id, m.source_name, \
                 v.escrow_terms order by mentions desc",
                in_window(counts, "m.posted_at")
            ),
        }
    }
}

/// A term with the language of its lexicon.
type Term<'a> = (&'a str, &'a str);

/// The sources with a mention, most unique first, each with its terms in the same order.
fn by_source(counts: &Counts) -> Vec<(usize, Vec<(Term<'_>, Ways)>)> {
    let mut sources: BTreeMap<usize, BTreeMap<Term<'_>, Ways>> = BTreeMap::new();
    for of in &counts.terms {
        let word = &counts.words[of.word as usize];
        let panel = counts.in_panel[of.source as usize];
        let ways =
            Ways { raw: of.raw.into(), unique: of.unique.into(), fixed_panel: if panel { of.raw.into() } else { 0 } };
        sources.entry(of.source as usize).or_default().entry((&word.term, &word.term_lang)).or_default().join(ways);
    }
    let mut sources: Vec<_> = sources
        .into_iter()
        .map(|(source, terms)| {
            let mut terms: Vec<_> = terms.into_iter().collect();
            terms.sort_by_key(|(term, ways)| (std::cmp::Reverse((ways.unique, ways.raw)), *term));
            (source, terms)
        })
        .collect();
    let escrow = |source: usize| counts.by_source[source].escrow;
    sources.sort_by_key(|(s, _)| (std::cmp::Reverse((escrow(*s).unique, escrow(*s).raw)), *s));
    sources
}

/// How many sources have enough mentions to compare, and in how many another term leads than in the whole.
fn otherwise(sources: &[(usize, Vec<(Term<'_>, Ways)>)]) -> (u64, u64) {
    let mut whole: BTreeMap<Term<'_>, u64> = BTreeMap::new();
    for (term, ways) in sources.iter().flat_map(|(_, terms)| terms) {
        *whole.entry(*term).or_default() += ways.unique;
    }
    let most = whole.values().max().copied().unwrap_or(0);
    let enough = |terms: &[(Term<'_>, Ways)]| terms.iter().map(|(_, w)| w.unique).sum::<u64>() >= TOO_FEW_FOR_A_SHARE;
    let compared: Vec<_> = sources.iter().filter(|(_, terms)| enough(terms)).collect();
    let other = compared.iter().filter(|(_, terms)| whole.get(&terms[0].0).is_some_and(|n| *n < most)).count();
    (compared.len() as u64, other as u64)
}

fn title(counts: &Counts, sources: &[(usize, Vec<(Term<'_>, Ways)>)]) -> String {
    if let Some(reason) = no_answer(counts, counts.total.escrow.unique) {
        return reason;
    }
    match (counts.active_sources(), otherwise(sources)) {
        (1, _) => "The corpus has one source".into(),
        (_, (0 | 1, _)) => "Fewer than two sources have mentions enough to compare their words".into(),
        (_, (compared, 0)) => format!("The same word leads in all {compared} sources with at least 30 mentions"),
        (_, (compared, other)) => {
            format!("In {other} of {compared} sources with at least 30 mentions another word leads than in the whole")
        }
    }
}

fn summary(sources: &[(usize, Vec<(Term<'_>, Ways)>)]) -> Summary {
    let (compared, other) = otherwise(sources);
    Summary {
        answer: vec![
            Part::Strong(format!("{other} of {compared}")),
            Part::Plain(" sources lead with another word than the whole".into()),
        ],
        note: vec![Part::Plain(format!(
            "{} with a mention, {compared} of them with at least 30 unique",
            counted(sources.len() as u64, "source", "sources")
        ))],
        ..Summary::default()
    }
}
