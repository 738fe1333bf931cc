//! What the corpus says: one analysis a file, each from [`Counts`] to an [`Answer`].
//!
//! To add one, copy `escrow_mentions_by_month.rs`, put a line into [`ANALYSES`] (in the order of the report) and a
//! case into `fixtures/analyze/`. Left to others: filling [`facts::Facts`] from the tables, and showing answers.

pub mod accuracy;
pub mod counts;
pub mod events;
pub mod facts;
pub mod mentions;
pub mod window;
pub mod words;

mod agents_by_price;
mod agents_over_time;
mod change_points;
mod deal_kinds;
mod deal_prices;
mod deals;
mod escrow_by_medium;
mod escrow_by_source;
mod escrow_concentration;
mod escrow_fees;
mod escrow_mentions;
mod escrow_mentions_by_month;
mod escrow_mentions_by_quarter;
mod escrow_share_of_deals;
mod escrow_terms;
mod escrow_terms_by_source;
mod scam_reports;
mod source_health;
mod source_lifetimes;
mod sources;

use noctule_core::model::Answer;
use noctule_core::stats::Accuracy;

pub use counts::{Counts, Sums, Ways};
pub use escrow_share_of_deals::shares;
pub use events::Event;
pub use facts::{DealFact, Fact, Facts, Simulated, SourceFact};
pub use window::{Day, Month, Window};

/// Below this many messages nothing but "too few to tell" is said of a course or a share.
pub const TOO_FEW: u64 = 5;
/// Below this many messages a share is not worth a figure.
pub const TOO_FEW_FOR_A_SHARE: u64 = 30;

/// What the user may set.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Params {
    pub from: Option<Day>,
    pub to: Option<Day>,
    /// How well the escrow detector did on labeled messages; it widens the intervals of shares.
    pub accuracy: Option<Accuracy>,
    /// What happened, for the test before and after; in any order.
    pub events: Vec<Event>,
}

/// One question.
pub trait Analysis: Sync {
    /// As in `noctule analyze NAME`, `answers/NAME.csv` and `study.json`.
    fn name(&self) -> &'static str;
    /// One line for a list.
    fn about(&self) -> &'static str;
    /// The text at the top of its file ([`noctule_core::documented`]), which is its reference page.
    fn reference(&self) -> &'static str;
    /// Whether the user gave what the question needs.
    fn applies(&self, _params: &Params) -> bool {
        true
    }
    /// Whether a study has something to say here. Asked for by name, the question is answered all the same.
    fn tells(&self, _counts: &Counts) -> bool {
        true
    }
    fn run(&self, counts: &Counts, params: &Params) -> Answer;
}

/// All analyses, in the order of the report.
pub static ANALYSES: &[&dyn Analysis] = &[
    &escrow_mentions_by_month::EscrowMentionsByMonth,
    &change_points::ChangePoints,
    &escrow_mentions::EscrowMentions,
    &escrow_mentions_by_quarter::EscrowMentionsByQuarter,
    &escrow_share_of_deals::EscrowShareOfDeals,
    &escrow_by_medium::EscrowByMedium,
    &escrow_by_source::EscrowBySource,
    &escrow_concentration::EscrowConcentration,
    &sources::Sources,
    &source_lifetimes::SourceLifetimes,
    &source_health::SourceHealth,
    &escrow_terms::EscrowTerms,
    &escrow_terms_by_source::EscrowTermsBySource,
    &deal_kinds::DealKinds,
    &deal_prices::DealPrices,
    &escrow_fees::EscrowFees,
    &agents_by_price::AgentsByPrice,
    &agents_over_time::AgentsOverTime,
    &scam_reports::ScamReports,
    &events::Events,
];

/// The counts and every answer.
#[derive(Clone, PartialEq, Debug)]
pub struct Study {
    pub counts: Counts,
    /// In the order of [`ANALYSES`], without those that do not apply or have nothing to tell.
    pub answers: Vec<Answer>,
    pub params: Params,
}

/// Counts the facts once and answers every question.
pub fn run_all(facts: Facts, params: &Params) -> Study {
    let counts = Counts::of(facts, params.from, params.to);
    let asked = ANALYSES.iter().filter(|analysis| analysis.applies(params) && analysis.tells(&counts));
    let answers = asked.map(|analysis| analysis.run(&counts, params)).collect();
    Study { counts, answers, params: params.clone() }
}

/// The condition that selects the window. `column` is `posted_at`, with its table where a join has two of the name.
fn in_window(counts: &Counts, column: &str) -> String {
    match counts.window {
        Some(window) => {
            let after = Day(window.to.0 + 1);
            format!("{column} >= '{}' and {column} < '{after}'", window.from)
        }
        None => format!("{column} is not null"),
    }
}

/// The query that opens the messages that mention escrow.
fn escrow_query(counts: &Counts) -> String {
    format!(
        "select m.posted_at, m.source_name, m.text from messages m join verdicts v on v.message_id = m.message_id \
         where v.escrow and {} order by m.posted_at",
        in_window(counts, "m.posted_at")
    )
}

/// What holds for every count of unique texts.
const ABOUT_FOLDING: &str = "Unique folds near-duplicates; two deals advertised in the same words are folded too, \
     and a text rewritten by more than its decoration is not";

/// Why there is no answer, when there is none: nothing in the window, no mention, or too few.
fn no_answer(counts: &Counts, subject: u64) -> Option<String> {
    if counts.total.messages == 0 {
        let outside = counts.outside_window;
        return Some(match (counts.window, outside) {
            (Some(window), 1..) => format!("No message lies in {}", window.words()),
            _ => "There is no message to count".into(),
        });
    }
    match subject {
        0 => Some("No message mentions an escrow agent".into()),
        1..TOO_FEW => Some(format!(
            "Too few mentions of an escrow agent to tell: {} in {}",
            words::thousands(subject),
            words::counted(counts.months.len() as u64, "month", "months")
        )),
        _ => None,
    }
}

#[cfg(test)]
mod cases;
#[cfg(test)]
mod tests;
