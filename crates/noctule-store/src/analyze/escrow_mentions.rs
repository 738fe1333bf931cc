//! # What it answers
//! A1: how many messages mention an escrow agent, in the whole window and in each year?
//!
//! # How
//! Sums of the months (A3). A cluster of near-duplicates is counted once in the whole window, in the year of its
//! earliest mention, so that the years add up to the window.
//!
//! # Where it is wrong
//! A year that the window covers in part is not comparable with a whole one; the caveat names it.

use noctule_core::model::{Answer, Bar, Chart, Column, Counting, Kind, Part, Summary, Value};

use super::words::{counted, list, percent, thousands};
use super::{ABOUT_FOLDING, Analysis, Counts, Month, Params, Sums, escrow_query};

pub struct EscrowMentions;

impl Analysis for EscrowMentions {
    fn name(&self) -> &'static str {
        "escrow_mentions"
    }

    fn about(&self) -> &'static str {
        "messages that mention an escrow agent, in all and by year"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let years = counts.by_period(|month| month.year().to_string());
        let whole = counts.whole();
        let rows = std::iter::once((whole, counts.total)).chain(years.clone()).map(row).collect();
        let mut caveats = vec![ABOUT_FOLDING.into()];
        caveats.extend(partial_years(counts));
        Answer {
            name: self.name(),
            id: "A1",
            title: title(counts),
            question: "How many messages mention an escrow agent?",
            summary: summary(counts),
            columns: columns("period"),
            rows,
            charts: vec![bars("mentions of an escrow agent a year", &years)],
            method: "Messages of the window in which the detector finds a mention of the use of an escrow agent, \
                     whether wanted, refused, asked for or reported"
                .into(),
            caveats,
            query: escrow_query(counts),
        }
    }
}

/// The columns of mentions by period.
pub(super) fn columns(period: &'static str) -> Vec<Column> {
    vec![
        Column { name: period, unit: period, kind: Kind::Period },
        Column { name: "messages", unit: "messages", kind: Kind::Count },
        Column { name: "raw", unit: "mentions, raw", kind: Kind::Count },
        Column { name: "unique", unit: "mentions, unique", kind: Kind::Count },
        Column { name: "fixed_panel", unit: "mentions, fixed panel", kind: Kind::Count },
    ]
}

/// The row of one period.
pub(super) fn row((period, sums): (String, Sums)) -> Vec<Value> {
    vec![
        Value::text(period),
        Value::count(sums.messages),
        Value::count(sums.escrow.raw),
        Value::count(sums.escrow.unique),
        Value::count(sums.escrow.fixed_panel),
    ]
}

/// A group of three bars for each period.
pub(super) fn bars(unit: &str, periods: &[(String, Sums)]) -> Chart {
    let bar = |(label, sums): &(String, Sums)| Bar {
        label: label.clone(),
        values: vec![
            (Counting::Raw, sums.escrow.raw as f64),
            (Counting::Unique, sums.escrow.unique as f64),
            (Counting::FixedPanel, sums.escrow.fixed_panel as f64),
        ],
    };
    Chart::Bars { unit: unit.into(), over_time: true, bars: periods.iter().map(bar).collect() }
}

fn title(counts: &Counts) -> String {
    let escrow = counts.total.escrow;
    if let Some(reason) = super::no_answer(counts, escrow.raw).filter(|_| escrow.raw == 0) {
        return reason;
    }
    let texts = counted(escrow.unique, "different text mentions", "different texts mention");
    match escrow.raw - escrow.unique.min(escrow.raw) {
        0 => format!("{texts} an escrow agent; none is a repost"),
        _ => format!("{texts} an escrow agent, {} with reposts", thousands(escrow.raw)),
    }
}

fn summary(counts: &Counts) -> Summary {
    let escrow = counts.total.escrow;
    let note = match escrow.raw {
        0 => "no mention".into(),
        raw => format!(
            "{} raw, of which {} forwarded by the word of the source",
            thousands(raw),
            percent(counts.escrow_forwarded as f64 / raw as f64)
        ),
    };
    Summary {
        answer: vec![Part::Strong(thousands(escrow.unique)), Part::Plain(" unique".into())],
        note: vec![Part::Plain(note)],
        course: counts.by_month.iter().map(|sums| sums.escrow.unique as f64).collect(),
        raw: thousands(escrow.raw),
        fixed_panel: thousands(escrow.fixed_panel),
    }
}

/// A sentence that names the years that the window covers in part.
fn partial_years(counts: &Counts) -> Option<String> {
    let window = counts.window?;
    let partial = |year: &i32| !window.covers(Month::new(*year, 1)) || !window.covers(Month::new(*year, 12));
    let years = window.from.month().year()..=window.to.month().year();
    let names: Vec<String> = years.filter(partial).map(|year| year.to_string()).collect();
    match names.len() {
        0 => None,
        1 => Some(format!("The window covers {} only in part", names[0])),
        _ => Some(format!("The window covers {} only in part; do not compare them with whole years", list(&names))),
    }
}
