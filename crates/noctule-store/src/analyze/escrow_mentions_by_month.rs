//! # What it answers
//! A3: how many messages a month mention an escrow agent, and in which month most did?
//!
//! # How
//! For each month of the window (UTC): all messages, and the messages that mention an escrow agent, counted raw,
//! unique and for the fixed panel. The title compares the peak of the unique count with the first month, and only
//! when the two can be told apart: when the 95 % interval of their ratio, from counting noise and a monthly wobble
//! of 10 %, leaves out 1.
//!
//! # Where it is wrong
//! A month at the edge of the window that was captured only in part reads as a fall. A corpus that gained sources
//! grows without any growth in the underground: compare the fixed panel, whose sources were there all the time.

use noctule_core::model::{Answer, Chart, Column, Counting, Kind, Line, Part, Step, Summary, Value};
use noctule_core::stats::change_points;
use noctule_core::stats::shares::Z95;

use super::words::{thousands, times_in_words};
use super::{ABOUT_FOLDING, Analysis, Counts, Params, TOO_FEW, escrow_query, no_answer};

pub struct EscrowMentionsByMonth;

impl Analysis for EscrowMentionsByMonth {
    fn name(&self) -> &'static str {
        "escrow_mentions_by_month"
    }

    fn about(&self) -> &'static str {
        "messages that mention an escrow agent, by month"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        Answer {
            name: self.name(),
            id: "A3",
            title: title(counts),
            question: "How many messages a month mention an escrow agent, and when did the level change?",
            summary: summary(counts),
            columns: vec![
                Column { name: "month", unit: "month", kind: Kind::Period },
                Column { name: "messages", unit: "messages", kind: Kind::Count },
                Column { name: "raw", unit: "mentions, raw", kind: Kind::Count },
                Column { name: "unique", unit: "mentions, unique", kind: Kind::Count },
                Column { name: "fixed_panel", unit: "mentions, fixed panel", kind: Kind::Count },
            ],
            rows: rows(counts),
            charts: vec![chart(counts)],
            method: "Messages that mention an escrow agent, by month in UTC. Change points are those of the unique \
                     count: the cheapest partition of log counts at 3 ln n a cut; the bar above each is the 95% \
                     interval of its month, the dotted steps are the mean levels"
                .into(),
            caveats: vec![
                "Growth of the raw count can be growth of the collection; the fixed panel cannot, but it keeps \
                 long-lived sources, which are calmer than the rest"
                    .into(),
                ABOUT_FOLDING.into(),
            ],
            query: escrow_query(counts),
        }
    }
}

fn rows(counts: &Counts) -> Vec<Vec<Value>> {
    let row = |(month, sums): (&super::Month, &super::Sums)| {
        vec![
            Value::text(month.to_string()),
            Value::count(sums.messages),
            Value::count(sums.escrow.raw),
            Value::count(sums.escrow.unique),
            Value::count(sums.escrow.fixed_panel),
        ]
    };
    counts.months.iter().zip(&counts.by_month).map(row).collect()
}

/// The unique mentions of each month.
fn unique(counts: &Counts) -> Vec<u64> {
    counts.by_month.iter().map(|sums| sums.escrow.unique).collect()
}

/// The position of the highest month, the first of equals. `None` without months.
fn peak(series: &[u64]) -> Option<usize> {
    (0..series.len()).min_by_key(|&i| (std::cmp::Reverse(series[i]), i))
}

fn title(counts: &Counts) -> String {
    let series = unique(counts);
    if let Some(reason) = no_answer(counts, counts.total.escrow.unique) {
        return reason;
    }
    let Some(peak) = peak(&series) else {
        return "There is no month to count".into();
    };
    if series.len() == 1 {
        return format!("{} mentions in the one month of {}", thousands(series[0]), counts.months[0].words());
    }
    let (highest, first) = (series[peak], series[0]);
    let lowest_after = (peak..series.len()).min_by_key(|&i| (series[i], i)).unwrap_or(peak);
    if peak == 0 && told_apart(first, series[lowest_after]) {
        let ratio = series[lowest_after] as f64 / first as f64;
        let fell =
            if series[lowest_after] == 0 { "nothing".into() } else { format!("{} that level", times_in_words(ratio)) };
        let (high, low) = (counts.months[0].words(), counts.months[lowest_after].words());
        return format!("Mentions were highest at the start, in {high}, and fell to {fell} by {low}");
    }
    if !told_apart(highest, first) {
        return "No change can be told from month to month".into();
    }
    let when = counts.months[peak].words();
    if first < TOO_FEW {
        return format!("Mentions peaked in {when} at {} a month", thousands(highest));
    }
    let ratio = times_in_words(highest as f64 / first as f64);
    format!("Mentions peaked in {when} at {ratio} the level of {}", counts.months[0].words())
}

/// Whether two counts differ by more than counting noise and a wobble of 10 % explain.
pub(super) fn told_apart(a: u64, b: u64) -> bool {
    let (a, b) = (a as f64 + 0.5, b as f64 + 0.5);
    let deviation = (1.0 / a + 1.0 / b + 2.0 * 0.1 * 0.1).sqrt();
    (a / b).ln().abs() > Z95 * deviation
}

fn summary(counts: &Counts) -> Summary {
    let series = unique(counts);
    let course = series.iter().map(|&n| n as f64).collect();
    let Some(peak) = peak(&series).filter(|&p| series[p] > 0) else {
        return Summary { answer: vec![Part::Strong("None".into())], course, ..Summary::default() };
    };
    let last = series.len() - 1;
    Summary {
        answer: vec![
            Part::Strong(thousands(series[peak])),
            Part::Plain(format!(" unique in the highest month, {}", counts.months[peak].words())),
        ],
        note: vec![Part::Plain(format!("{} in {}", thousands(series[last]), counts.months[last].words()))],
        course,
        raw: thousands(counts.by_month[peak].escrow.raw),
        fixed_panel: thousands(counts.by_month[peak].escrow.fixed_panel),
    }
}

fn chart(counts: &Counts) -> Chart {
    let line = |counting, note: String, value: fn(&super::Sums) -> u64| Line {
        counting,
        values: counts.by_month.iter().map(|sums| Some(value(sums) as f64)).collect(),
        band: Vec::new(),
        note,
    };
    let panel = super::words::counted(counts.panel_sources() as u64, "source", "sources");
    let mut lines = vec![
        line(Counting::Raw, "reposts included".into(), |s| s.escrow.raw),
        line(Counting::Unique, "reposts folded".into(), |s| s.escrow.unique),
    ];
    if counts.panel_sources() > 0 {
        lines.push(line(Counting::FixedPanel, panel, |s| s.escrow.fixed_panel));
    }
    let steps = change_points(&unique(counts)).into_iter().map(|c| Step {
        at: c.at,
        earliest: c.earliest,
        latest: c.latest,
        effect: c.effect,
        before: (c.before.start, c.before.end, c.level_before),
        after: (c.after.start, c.after.end, c.level_after),
    });
    Chart::Course {
        unit: "mentions of an escrow agent a month".into(),
        scale: Kind::Count,
        months: counts.months.iter().map(ToString::to_string).collect(),
        lines,
        steps: steps.collect(),
    }
}
