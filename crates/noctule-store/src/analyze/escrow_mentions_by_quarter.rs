//! # What it answers
//! A2: how many messages a quarter mention an escrow agent?
//!
//! # How
//! Sums of the months (A3); a cluster of near-duplicates is counted in the quarter of its earliest mention.
//!
//! # Where it is wrong
//! As A3; a quarter at the edge of the window may be covered in part.

use noctule_core::model::{Answer, Part, Summary};

use super::escrow_mentions::{bars, columns, row};
use super::escrow_mentions_by_month::told_apart;
use super::words::{percent, thousands};
use super::{ABOUT_FOLDING, Analysis, Counts, Month, Params, Sums, escrow_query, no_answer};

pub struct EscrowMentionsByQuarter;

impl Analysis for EscrowMentionsByQuarter {
    fn name(&self) -> &'static str {
        "escrow_mentions_by_quarter"
    }

    fn about(&self) -> &'static str {
        "messages that mention an escrow agent, by quarter"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let quarters = counts.by_period(quarter);
        Answer {
            name: self.name(),
            id: "A2",
            title: title(counts, &quarters),
            question: "How many messages a quarter mention an escrow agent?",
            summary: summary(&quarters),
            columns: columns("quarter"),
            rows: quarters.iter().cloned().map(row).collect(),
            charts: vec![bars("mentions of an escrow agent a quarter", &quarters)],
            method: "The months added up. A near-duplicate is counted in the quarter of its earliest mention".into(),
            caveats: vec!["A quarter at the edge of the window may be covered in part".into(), ABOUT_FOLDING.into()],
            query: escrow_query(counts),
        }
    }
}

/// `2021-Q3`.
pub(super) fn quarter(month: Month) -> String {
    format!("{:04}-Q{}", month.year(), month.quarter())
}

/// The quarter with the most unique mentions, the first of equals.
fn highest(quarters: &[(String, Sums)]) -> Option<&(String, Sums)> {
    quarters.iter().rev().max_by_key(|(_, sums)| sums.escrow.unique)
}

fn title(counts: &Counts, quarters: &[(String, Sums)]) -> String {
    let total = counts.total.escrow.unique;
    if let Some(reason) = no_answer(counts, total) {
        return reason;
    }
    let Some((name, sums)) = highest(quarters).filter(|_| quarters.len() > 1) else {
        return format!("{} mentions in one quarter", thousands(total));
    };
    let lowest = quarters.iter().map(|(_, sums)| sums.escrow.unique).min().unwrap_or(0);
    if !told_apart(sums.escrow.unique, lowest) {
        return "No quarter can be told from another".into();
    }
    let share = percent(sums.escrow.unique as f64 / total as f64);
    format!("{name} was the highest quarter, with {share} of the unique mentions")
}

fn summary(quarters: &[(String, Sums)]) -> Summary {
    let course = quarters.iter().map(|(_, sums)| sums.escrow.unique as f64).collect();
    let Some((name, sums)) = highest(quarters).filter(|(_, sums)| sums.escrow.unique > 0) else {
        return Summary { answer: vec![Part::Strong("None".into())], course, ..Summary::default() };
    };
    Summary {
        answer: vec![
            Part::Strong(thousands(sums.escrow.unique)),
            Part::Plain(format!(" unique in the highest quarter, {name}")),
        ],
        note: Vec::new(),
        course,
        raw: thousands(sums.escrow.raw),
        fixed_panel: thousands(sums.escrow.fixed_panel),
    }
}
