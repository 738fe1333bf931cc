//! Messages about deals, chosen and counted: raw, unique and for the fixed panel, with their prices or fees.
//!
//! The words are those of `counts.rs`: of a cluster of near-duplicates the earliest chosen message inside the window
//! counts as unique, with what it says. Left to others: which messages to choose and how to group them.

use noctule_core::lexicon::GOODS;
use noctule_core::model::{Agent, Bar, Counting, Polarity, Value, Whisker};
use noctule_core::stats::{Interval, Middle, middle, wilson};

use super::facts::{DEAL, DealFact, ESCROW, KINDS};
use super::words::{counted, thousands};
use super::{Counts, Day, TOO_FEW, TOO_FEW_FOR_A_SHARE, Ways, no_answer};

/// Classes of prices in dollars: a name and what every price of it is below.
pub const PRICES: [(&str, f64); 4] = [
    ("under $100", 100.0),
    ("$100 to $999", 1_000.0),
    ("$1,000 to $9,999", 10_000.0),
    ("$10,000 and more", f64::INFINITY),
];

/// The class of a price.
pub fn price_class(dollars: f64) -> usize {
    PRICES.iter().position(|(_, below)| dollars < *below).unwrap_or(PRICES.len() - 1)
}

/// Whether the message is about a deal.
pub fn is_deal(deal: &DealFact) -> bool {
    deal.fact.has(DEAL)
}

/// Whether the message mentions an escrow agent and does not refuse one.
pub fn with_agent(deal: &DealFact) -> bool {
    deal.fact.has(ESCROW) && deal.said.polarity != Some(Polarity::Refused)
}

/// Calls `each` for all chosen messages, with whether the message is the one of its cluster that counts as unique.
pub fn each(counts: &Counts, chosen: impl Fn(&DealFact) -> bool, mut each: impl FnMut(&DealFact, bool)) {
    for run in counts.deals.chunk_by(|a, b| a.fact.cluster == b.fact.cluster) {
        let mut earliest = run[0].fact.cluster != 0;
        for deal in run.iter().filter(|deal| chosen(deal)) {
            each(deal, std::mem::take(&mut earliest));
        }
    }
}

/// The position in [`Counts::months`] of the month of a message in the window.
pub fn month(counts: &Counts, deal: &DealFact) -> usize {
    let first = counts.months.first().map_or(0, |month| month.0);
    (Day::of(deal.fact.at).month().0 - first) as usize
}

/// Some messages, and an amount that the unique ones of them name.
#[derive(Clone, Default)]
pub struct Tally {
    pub ways: Ways,
    pub amounts: Vec<f64>,
}

impl Tally {
    /// Counts a message; `amount` is the price or fee it names.
    pub fn add(&mut self, counts: &Counts, deal: &DealFact, unique: bool, amount: Option<f64>) {
        add(&mut self.ways, counts, deal, unique);
        self.amounts.extend(amount.filter(|_| unique));
    }

    pub fn middle(&self) -> Option<Middle> {
        middle(&mut self.amounts.clone())
    }
}

/// Counts a message.
pub fn add(ways: &mut Ways, counts: &Counts, deal: &DealFact, unique: bool) {
    ways.add(1, u32::from(unique), counts.in_panel[deal.fact.source() as usize]);
}

/// The cells of median, interval and quarters, each through `show`; null where too few are there to tell.
pub fn middle_cells(tally: &Tally, show: impl Fn(Option<f64>) -> Value) -> [Value; 5] {
    let told = tally.middle().filter(|m| m.interval.is_some());
    let of = |value: fn(&Middle) -> f64| show(told.as_ref().map(value));
    let interval = told.as_ref().and_then(|m| m.interval);
    [
        of(|m| m.median),
        show(interval.map(|i| i.low)),
        show(interval.map(|i| i.high)),
        of(|m| m.lower_quarter),
        of(|m| m.upper_quarter),
    ]
}

/// The median with its interval for a chart; `None` below 30, where it would be too wide to look at.
pub fn median_whisker(label: impl Into<String>, tally: &Tally, strong: bool) -> Option<Whisker> {
    let told = tally.middle().filter(|_| tally.amounts.len() as u64 >= TOO_FEW_FOR_A_SHARE)?;
    let interval = told.interval?;
    Some(Whisker { label: label.into(), value: told.median, low: interval.low, high: interval.high, strong })
}

/// A share with Wilson's interval for a chart; `None` below 30.
pub fn share_whisker(label: impl Into<String>, part: u64, whole: u64, strong: bool) -> Option<Whisker> {
    let interval = wilson(part, whole).filter(|_| whole >= TOO_FEW_FOR_A_SHARE)?;
    let value = part as f64 / whole as f64;
    Some(Whisker { label: label.into(), value, low: interval.low, high: interval.high, strong })
}

/// The cells of a share and Wilson's interval.
pub fn share_cells(part: u64, whole: u64) -> [Value; 3] {
    let interval = wilson(part, whole);
    [
        Value::share((whole > 0).then(|| part as f64 / whole as f64)),
        Value::share(interval.map(|i| i.low)),
        Value::share(interval.map(|i| i.high)),
    ]
}

/// A price in dollars, to the cent below ten dollars.
pub fn price_cell(dollars: Option<f64>) -> Value {
    match dollars {
        Some(dollars) if dollars < 10.0 => Value::ratio((dollars * 100.0).round() / 100.0),
        Some(dollars) => Value::count(dollars.round() as u64),
        None => Value::Null,
    }
}

/// `$1,250`, `$0.05`.
pub fn money(dollars: f64) -> String {
    if dollars < 10.0 && dollars.fract() != 0.0 {
        format!("${dollars:.2}")
    } else {
        format!("${}", thousands(dollars.round() as u64))
    }
}

/// Raw beside unique, for a chart of bars.
pub fn bar(label: impl Into<String>, ways: Ways) -> Bar {
    Bar { label: label.into(), values: vec![(Counting::Raw, ways.raw as f64), (Counting::Unique, ways.unique as f64)] }
}

/// `database deals`, `deals in other goods`.
pub fn kind_words(kind: usize) -> String {
    if kind >= GOODS.len() { "deals in other goods".into() } else { format!("{} deals", KINDS[kind]) }
}

/// Whether two intervals have no value in common.
pub fn apart(a: Interval, b: Interval) -> bool {
    a.high < b.low || b.high < a.low
}

/// Who holds the money, in the order of tables.
pub const AGENTS: [Agent; 3] = [Agent::Human, Agent::Automated, Agent::Unknown];

/// Why there is no answer: no message at all, `none` of those asked about, or too few of them (`one`, `many`).
pub fn too_few(counts: &Counts, unique: u64, none: &str, one: &str, many: &str) -> Option<String> {
    match unique {
        _ if counts.total.messages == 0 => no_answer(counts, 0),
        0 => Some(none.into()),
        1..TOO_FEW => Some(format!("Too few to tell: {}", counted(unique, one, many))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_prices() {
        assert_eq!([0.5, 99.99, 100.0, 9_999.0, 10_000.0, 1e9].map(price_class), [0, 0, 1, 2, 3, 3]);
        assert_eq!([0.05, 5.0, 1_250.4].map(money), ["$0.05", "$5", "$1,250"]);
    }

    #[test]
    fn a_million_deals_need_32_megabytes() {
        assert_eq!(size_of::<DealFact>(), 32);
    }

    #[test]
    fn no_median_of_few() {
        let tally = Tally { amounts: vec![1.0; 5], ..Tally::default() };
        assert_eq!(middle_cells(&tally, price_cell), [Value::Null, Value::Null, Value::Null, Value::Null, Value::Null]);
        let tally = Tally { amounts: vec![20.0; 6], ..Tally::default() };
        assert_eq!(middle_cells(&tally, price_cell)[0], Value::Integer(20));
        assert!(median_whisker("x", &tally, false).is_none());
    }
}
