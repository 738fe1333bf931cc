//! # What it answers
//! A4: what share of the deal-related messages mentions an escrow agent?
//!
//! # How
//! Messages that are both over messages that are deal-related. Unique: clusters with a message that is both over
//! clusters with a deal-related message, each in the month of its earliest deal-related message. The interval is
//! Wilson's (1927) of the unique share; where the detector's precision and recall are known it is the hull of that
//! and the interval of the corrected share (Rogan and Gladen 1978), so it covers both errors.
//!
//! # Where it is wrong
//! A lower bound: most parties settle the agent in private, which nobody outside can read. The errors of the
//! deal detector are not in the interval, only those of the escrow detector.

use noctule_core::model::{Answer, Chart, Column, Counting, Kind, Line, Part, Summary, Value, Whisker};
use noctule_core::stats::{Interval, corrected_share, share_interval};

use super::words::{counted, percent, percent_range, thousands};
use super::{ABOUT_FOLDING, Analysis, Counts, Params, Sums, TOO_FEW, TOO_FEW_FOR_A_SHARE, in_window};

pub struct EscrowShareOfDeals;

impl Analysis for EscrowShareOfDeals {
    fn name(&self) -> &'static str {
        "escrow_share_of_deals"
    }

    fn about(&self) -> &'static str {
        "share of deal-related messages that mention an escrow agent"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, params: &Params) -> Answer {
        let sums = std::iter::once(&counts.total).chain(&counts.by_month);
        let rows = counts.periods().zip(sums).map(|(period, sums)| row(period, sums, params));
        Answer {
            name: self.name(),
            id: "A4",
            title: title(counts),
            question: "What part of the messages about a deal mentions an escrow agent?",
            summary: summary(counts, params),
            columns: vec![
                Column { name: "period", unit: "period", kind: Kind::Period },
                Column { name: "deals", unit: "deals, unique", kind: Kind::Count },
                Column { name: "with_escrow", unit: "with escrow, unique", kind: Kind::Count },
                Column { name: "raw", unit: "share, raw", kind: Kind::Share },
                Column { name: "unique", unit: "share, unique", kind: Kind::Share },
                Column { name: "fixed_panel", unit: "share, fixed panel", kind: Kind::Share },
                Column { name: "low", unit: "95% low", kind: Kind::Share },
                Column { name: "high", unit: "95% high", kind: Kind::Share },
            ],
            rows: rows.collect(),
            charts: charts(counts, params),
            method: method(params),
            caveats: caveats(counts, params),
            query: format!(
                "select m.posted_at, m.source_name, m.text, v.escrow from messages m join verdicts v on \
                 v.message_id = m.message_id where v.deal and {} order by m.posted_at",
                in_window(counts, "m.posted_at")
            ),
        }
    }
}

/// Above this share a corpus was hardly collected without a look at the word.
const CHOSEN: f64 = 0.8;

fn caveats(counts: &Counts, params: &Params) -> Vec<String> {
    let mut caveats = vec![
        "A lower bound for deals: most parties settle the agent in private, which nobody outside can read".into(),
        "The interval does not hold the errors of telling deal-related messages from others".into(),
    ];
    if params.accuracy.is_some() {
        caveats.push(
            "The detector's errors were measured on messages its rules were written with; on a corpus of other sources \
             or languages they may be larger"
                .into(),
        );
    }
    let share = share(counts.total.both.unique, counts.total.deals.unique);
    if share.is_some_and(|s| s > CHOSEN) && counts.total.deals.unique >= TOO_FEW_FOR_A_SHARE {
        caveats.push(
            "So high a share speaks of a corpus that was searched for such words, and says nothing of other deals"
                .into(),
        );
    }
    caveats.push(ABOUT_FOLDING.into());
    caveats
}

/// A part of a whole; `None` when the whole is nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// The shares of some sums: raw, unique, fixed panel, and the interval of unique.
pub fn shares(sums: &Sums, params: &Params) -> ([Option<f64>; 3], Option<Interval>) {
    let shares = [
        share(sums.both.raw, sums.deals.raw),
        share(sums.both.unique, sums.deals.unique),
        share(sums.both.fixed_panel, sums.deals.fixed_panel),
    ];
    (shares, share_interval(sums.both.unique, sums.deals.unique, params.accuracy.as_ref()))
}

fn row(period: String, sums: &Sums, params: &Params) -> Vec<Value> {
    let ([raw, unique, panel], interval) = shares(sums, params);
    vec![
        Value::text(period),
        Value::count(sums.deals.unique),
        Value::count(sums.both.unique),
        Value::share(raw),
        Value::share(unique),
        Value::share(panel),
        Value::share(interval.map(|i| i.low)),
        Value::share(interval.map(|i| i.high)),
    ]
}

fn title(counts: &Counts) -> String {
    let (both, deals) = (counts.total.both.unique, counts.total.deals.unique);
    match (deals, share(both, deals)) {
        _ if counts.total.messages == 0 => "There is no message to count".into(),
        (_, None) => "No message is about a deal".into(),
        (..TOO_FEW, _) => {
            format!("Too few to tell: {}", counted(deals, "message is about a deal", "messages are about a deal"))
        }
        (..TOO_FEW_FOR_A_SHARE, _) => {
            format!("{} of {deals} messages about a deal mention an escrow agent, too few for a share", thousands(both))
        }
        (_, Some(0.0)) => format!("None of {} messages about a deal mentions an escrow agent", thousands(deals)),
        (_, Some(1.0)) => format!("All {} messages about a deal mention an escrow agent", thousands(deals)),
        (_, Some(share)) => {
            format!("{} of the different messages about a deal mention an escrow agent", percent(share))
        }
    }
}

fn summary(counts: &Counts, params: &Params) -> Summary {
    let ([raw, unique, panel], interval) = shares(&counts.total, params);
    let deals = counts.total.deals.unique;
    let course = counts.by_month.iter().map(|s| share(s.both.unique, s.deals.unique).unwrap_or(0.0)).collect();
    let (Some(unique), Some(interval)) = (unique.filter(|_| deals >= TOO_FEW_FOR_A_SHARE), interval) else {
        let answer = vec![
            Part::Strong(format!("{} of {deals}", counts.total.both.unique)),
            Part::Plain(" messages about a deal".into()),
        ];
        return Summary { answer, note: vec![Part::Plain("too few for a share".into())], ..Summary::default() };
    };
    let text = |share: Option<f64>| share.map_or_else(|| "none".into(), percent);
    Summary {
        answer: vec![Part::Strong(percent(unique)), Part::Plain(" of messages about a deal".into())],
        note: vec![Part::Plain(format!(
            "95% interval {}; a lower bound for deals, as most terms are settled in private",
            percent_range(interval)
        ))],
        course,
        raw: text(raw),
        fixed_panel: text(panel),
    }
}

fn charts(counts: &Counts, params: &Params) -> Vec<Chart> {
    // A month with few deals has no share worth a point.
    let told = |sums: &Sums| sums.deals.unique >= TOO_FEW_FOR_A_SHARE;
    let monthly = counts.by_month.iter().map(|s| shares(s, params).0[1].filter(|_| told(s)));
    let band = counts.by_month.iter().map(|s| shares(s, params).1.filter(|_| told(s)).map(|i| (i.low, i.high)));
    let line = Line {
        counting: Counting::Unique,
        values: monthly.collect(),
        band: band.collect(),
        note: "lower bound".into(),
    };
    let course = Chart::Course {
        unit: "share of unique deal-related messages that mention an escrow agent; band: 95% interval".into(),
        scale: Kind::Share,
        months: counts.months.iter().map(ToString::to_string).collect(),
        lines: vec![line],
        steps: Vec::new(),
    };
    let total = &counts.total;
    let ways = [
        ("Unique", total.both.unique, total.deals.unique, true),
        ("Raw", total.both.raw, total.deals.raw, false),
        ("Fixed panel", total.both.fixed_panel, total.deals.fixed_panel, false),
    ];
    let mut rows = Vec::new();
    for (label, both, deals, strong) in ways {
        let value = share(both, deals).filter(|_| deals >= TOO_FEW_FOR_A_SHARE);
        // Each with sampling error alone, so that the four can be compared; the first also joins the detector's.
        let accuracy = params.accuracy.as_ref().filter(|_| strong);
        if let (Some(value), Some(i)) = (value, share_interval(both, deals, accuracy)) {
            rows.push(Whisker { label: label.into(), value, low: i.low, high: i.high, strong });
        }
    }
    let corrected = params.accuracy.as_ref().and_then(|a| corrected_share(total.both.unique, total.deals.unique, a));
    if let Some((value, i)) = corrected.filter(|_| !rows.is_empty()) {
        rows.push(Whisker { label: "Unique, corrected".into(), value, low: i.low, high: i.high, strong: false });
    }
    vec![course, Chart::Whiskers { unit: "the same share, counted in several ways".into(), scale: Kind::Share, rows }]
}

fn method(params: &Params) -> String {
    let base = "Messages that are both deal-related and mention an escrow agent, over deal-related messages. ";
    match params.accuracy {
        None => {
            format!("{base}The interval is Wilson's: sampling error only, because the detector's own was not given")
        }
        Some(a) => format!(
            "{base}The interval joins sampling error with the escrow detector's precision {:.2} (of {} marked) and recall \
             {:.2} (of {} labeled messages)",
            a.precision,
            thousands(a.marked),
            a.recall,
            thousands(a.wanted)
        ),
    }
}
