//! # What it answers
//! A5: how unevenly are the mentions spread over the sources?
//!
//! # How
//! The share of the largest 1, 3 and 10 sources, the Herfindahl and Hirschman index (sum of squared shares), its
//! inverse (as many equal sources would give the same index), and the Gini coefficient over the sources that have a
//! message in the window; each for raw and for unique mentions.
//!
//! # Where it is wrong
//! Sources that were not collected are missing from the denominator. Few sources look concentrated whatever they do.

use noctule_core::model::{Answer, Column, Kind, Part, Summary, Value};
use noctule_core::stats::concentration::{gini, hhi, top};

use super::words::counted;
use super::{Analysis, Counts, Params, TOO_FEW_FOR_A_SHARE, escrow_query, no_answer};

/// A name and the function of the amounts.
type Measure = (&'static str, fn(&[u64]) -> Option<f64>);

pub struct EscrowConcentration;

impl Analysis for EscrowConcentration {
    fn name(&self) -> &'static str {
        "escrow_concentration"
    }

    fn about(&self) -> &'static str {
        "how unevenly the mentions are spread over the sources"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let active = || counts.by_source.iter().filter(|s| s.messages > 0);
        let raw: Vec<u64> = active().map(|s| s.escrow.raw).collect();
        let unique: Vec<u64> = active().map(|s| s.escrow.unique).collect();
        let measures: [Measure; 6] = [
            ("top_1", |a| top(a, 1)),
            ("top_3", |a| top(a, 3)),
            ("top_10", |a| top(a, 10)),
            ("hhi", hhi),
            ("equal_sources", |a| hhi(a).map(|h| 1.0 / h)),
            ("gini", gini),
        ];
        let rows =
            measures.map(|(name, of)| vec![Value::text(name), Value::share(of(&raw)), Value::share(of(&unique))]);
        Answer {
            name: self.name(),
            id: "A5",
            title: title(counts, hhi(&raw), hhi(&unique)),
            question: "How unevenly are the mentions spread over the sources?",
            summary: summary(hhi(&raw), hhi(&unique)),
            columns: vec![
                Column { name: "measure", unit: "measure", kind: Kind::Text },
                Column { name: "raw", unit: "raw", kind: Kind::Number },
                Column { name: "unique", unit: "unique", kind: Kind::Number },
            ],
            rows: rows.into(),
            charts: Vec::new(),
            method:
                "top_n: the share of the n largest sources. hhi: the sum of squared shares. equal_sources: 1/hhi, how \
                     many sources of equal size would be as concentrated. gini: 0 even, 1 all in one; over all sources \
                     with a message in the window"
                    .into(),
            caveats: vec!["Few sources look concentrated whatever they do; sources not collected are missing".into()],
            query: escrow_query(counts),
        }
    }
}

/// How many sources of equal size a concentration is worth.
fn equal(hhi: f64) -> String {
    format!("{:.1}", 1.0 / hhi)
}

fn title(counts: &Counts, raw: Option<f64>, unique: Option<f64>) -> String {
    if let Some(reason) = no_answer(counts, counts.total.escrow.raw) {
        return reason;
    }
    let total = counts.total.escrow.unique;
    let with = counts.by_source.iter().filter(|s| s.escrow.unique > 0).count();
    match (counts.active_sources(), raw, unique) {
        (1, ..) => "The corpus has one source".into(),
        (active, ..) if with == 1 => format!("All unique mentions are in one of {active} sources"),
        _ if total < TOO_FEW_FOR_A_SHARE => {
            format!("{} are too few to tell how concentrated they are", counted(total, "mention", "mentions"))
        }
        (_, Some(_), Some(unique)) if 1.0 / unique >= EVEN * with as f64 => {
            format!("The unique mentions are spread almost evenly over {with} sources")
        }
        (_, Some(raw), Some(unique)) => format!(
            "The unique mentions of {with} sources are as concentrated as those of {} equal ones, with reposts of {}",
            equal(unique),
            equal(raw)
        ),
        _ => "No message mentions an escrow agent".into(),
    }
}

/// From this part of the sources on, the word is even: 9 equal ones of 10.
const EVEN: f64 = 0.9;

fn summary(raw: Option<f64>, unique: Option<f64>) -> Summary {
    let (Some(raw), Some(unique)) = (raw, unique) else {
        return Summary { answer: vec![Part::Strong("No mention".into())], ..Summary::default() };
    };
    Summary {
        answer: vec![Part::Plain("As ".into()), Part::Strong(equal(unique)), Part::Plain(" equal sources".into())],
        note: vec![Part::Plain(format!("sum of squared shares {unique:.3}; 1 would be one source"))],
        course: Vec::new(),
        raw: equal(raw),
        fixed_panel: String::new(),
    }
}
