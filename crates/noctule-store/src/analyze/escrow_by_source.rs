//! # What it answers
//! A5: in which sources are escrow agents mentioned?
//!
//! # How
//! Every source with a message in the window, most unique mentions first. A cluster of near-duplicates counts for
//! the source of its earliest mention, so a source that only reposts has raw mentions and no unique ones.
//!
//! # Where it is wrong
//! The earliest mention in the corpus need not be the earliest there was: an origin that was not collected gives its
//! mentions to whoever copied it first.

use noctule_core::model::{Answer, Bar, Chart, Column, Counting, Kind, Part, Summary, Value};
use noctule_core::stats::concentration::top;

use super::words::{counted, percent, thousands};
use super::{ABOUT_FOLDING, Analysis, Counts, Params, TOO_FEW_FOR_A_SHARE, in_window, no_answer};

pub struct EscrowBySource;

impl Analysis for EscrowBySource {
    fn name(&self) -> &'static str {
        "escrow_by_source"
    }

    fn about(&self) -> &'static str {
        "mentions of an escrow agent by source"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let order = order(counts);
        let total = counts.total.escrow.unique;
        let row = |&source: &usize| {
            let (fact, sums) = (&counts.sources[source], &counts.by_source[source]);
            vec![
                Value::text(&fact.name),
                Value::text(&fact.id),
                Value::text(fact.medium.word()),
                Value::count(sums.messages),
                Value::count(sums.escrow.raw),
                Value::count(sums.escrow.unique),
                Value::count(sums.escrow.fixed_panel),
                Value::share((total > 0).then(|| sums.escrow.unique as f64 / total as f64)),
            ]
        };
        Answer {
            name: self.name(),
            id: "A5",
            title: title(counts),
            question: "Do a few sources make the number?",
            summary: summary(counts),
            columns: vec![
                Column { name: "source", unit: "source", kind: Kind::Text },
                Column { name: "source_id", unit: "id", kind: Kind::Text },
                Column { name: "medium", unit: "medium", kind: Kind::Text },
                Column { name: "messages", unit: "messages", kind: Kind::Count },
                Column { name: "raw", unit: "mentions, raw", kind: Kind::Count },
                Column { name: "unique", unit: "mentions, unique", kind: Kind::Count },
                Column { name: "fixed_panel", unit: "mentions, fixed panel", kind: Kind::Count },
                Column { name: "share_unique", unit: "share of unique", kind: Kind::Share },
            ],
            rows: order.iter().map(row).collect(),
            charts: vec![chart(counts, &order)],
            method: "A near-duplicate counts for the source of its earliest mention, so a source that only reposts \
                     has raw mentions and no unique ones"
                .into(),
            caveats: vec![
                "An origin that was not collected gives its mentions to whoever copied it first".into(),
                ABOUT_FOLDING.into(),
            ],
            query: format!(
                "select m.source_id, m.source_name, count(*) as mentions from messages m join verdicts v on \
                 v.message_id = m.message_id where v.escrow and {} group by m.source_id, m.source_name \
                 order by mentions desc",
                in_window(counts, "m.posted_at")
            ),
        }
    }
}

/// The sources with a message in the window: most unique mentions first, then most raw, then by id.
fn order(counts: &Counts) -> Vec<usize> {
    let mut order: Vec<usize> = (0..counts.sources.len()).filter(|&s| counts.by_source[s].messages > 0).collect();
    order.sort_by_key(|&s| {
        let escrow = counts.by_source[s].escrow;
        (std::cmp::Reverse(escrow.unique), std::cmp::Reverse(escrow.raw), s)
    });
    order
}

/// The share of the three largest, raw and unique.
fn top_three(counts: &Counts) -> Option<(f64, f64)> {
    let raw: Vec<u64> = counts.by_source.iter().map(|s| s.escrow.raw).collect();
    let unique: Vec<u64> = counts.by_source.iter().map(|s| s.escrow.unique).collect();
    Some((top(&raw, 3)?, top(&unique, 3)?))
}

fn title(counts: &Counts) -> String {
    let total = counts.total.escrow.unique;
    if let Some(reason) = no_answer(counts, total) {
        return reason;
    }
    let with = counts.by_source.iter().filter(|s| s.escrow.raw > 0).count() as u64;
    match (top_three(counts), counts.active_sources()) {
        (_, 1) => "The corpus has one source".into(),
        (Some((raw, unique)), 4..) if total >= TOO_FEW_FOR_A_SHARE => {
            format!(
                "The top three sources hold {} of all mentions and {} of the unique ones",
                percent(raw),
                percent(unique)
            )
        }
        (_, active) => {
            format!("{} of {} mention an escrow agent", thousands(with), counted(active as u64, "source", "sources"))
        }
    }
}

fn summary(counts: &Counts) -> Summary {
    let Some((raw, unique)) = top_three(counts) else {
        return Summary { answer: vec![Part::Strong("No mention".into())], ..Summary::default() };
    };
    let active = counts.active_sources() as u64;
    let with = counts.by_source.iter().filter(|s| s.escrow.raw > 0).count() as u64;
    Summary {
        answer: vec![
            Part::Plain("The top three hold ".into()),
            Part::Strong(percent(unique)),
            Part::Plain(" of the unique mentions".into()),
        ],
        note: vec![Part::Plain(format!(
            "{} of {} have a mention",
            thousands(with),
            counted(active, "source", "sources")
        ))],
        course: Vec::new(),
        raw: percent(raw),
        fixed_panel: String::new(),
    }
}

/// The twelve sources with most unique mentions.
fn chart(counts: &Counts, order: &[usize]) -> Chart {
    let bar = |&source: &usize| {
        let escrow = counts.by_source[source].escrow;
        let label = Some(&counts.sources[source]).map(|s| if s.name.is_empty() { &s.id } else { &s.name });
        Bar {
            label: label.cloned().unwrap_or_default(),
            values: vec![(Counting::Raw, escrow.raw as f64), (Counting::Unique, escrow.unique as f64)],
        }
    };
    let shown = order.iter().filter(|&&s| counts.by_source[s].escrow.raw > 0).take(12);
    Chart::Bars {
        unit: "mentions of an escrow agent, the twelve largest sources".into(),
        over_time: false,
        bars: shown.map(bar).collect(),
    }
}
