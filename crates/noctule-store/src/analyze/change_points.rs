//! # What it answers
//! A2, A3: in which months did the level of escrow mentions change, and by what ratio?
//!
//! # How
//! `noctule_core::stats::change_points` on each monthly series (raw, unique, fixed panel): the cheapest partition of
//! log counts, with the ratio of the mean level after to the mean level before and its 95 % interval.
//!
//! # Where it is wrong
//! See there: changes within three months of an edge or of each other cannot be told, and a slow rise shows as one
//! or two steps. A change says when, never why.

use noctule_core::model::{Answer, Chart, Column, Kind, Part, Summary, Value, Whisker};
use noctule_core::stats::{self, ChangePoint};

use super::words::{counted, list, times};
use super::{Analysis, Counts, Month, Params, Sums, escrow_query, no_answer};

/// A name in the contract and the monthly count behind it.
type Series = (&'static str, fn(&Sums) -> u64);

pub struct ChangePoints;

impl Analysis for ChangePoints {
    fn name(&self) -> &'static str {
        "change_points"
    }

    fn about(&self) -> &'static str {
        "months in which the level of escrow mentions changed, with the ratio"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let series: [Series; 3] = [
            ("escrow_raw", |s| s.escrow.raw),
            ("escrow_unique", |s| s.escrow.unique),
            ("escrow_fixed_panel", |s| s.escrow.fixed_panel),
        ];
        let found = series.map(|(name, value)| {
            let monthly: Vec<u64> = counts.by_month.iter().map(value).collect();
            (name, stats::change_points(&monthly))
        });
        let rows = found.iter().flat_map(|(name, changes)| changes.iter().map(|c| row(name, c, &counts.months)));
        let [raw, unique, panel] = found.each_ref().map(|(_, changes)| changes.as_slice());
        Answer {
            name: self.name(),
            id: "A3",
            title: title(counts, unique),
            question: "When did the level of mentions change, and by how much?",
            summary: summary(counts, unique, raw, panel),
            columns: vec![
                Column { name: "series", unit: "series", kind: Kind::Text },
                Column { name: "month", unit: "month", kind: Kind::Period },
                Column { name: "direction", unit: "direction", kind: Kind::Text },
                Column { name: "effect", unit: "level after / before", kind: Kind::Ratio },
                Column { name: "low", unit: "95% low", kind: Kind::Ratio },
                Column { name: "high", unit: "95% high", kind: Kind::Ratio },
            ],
            rows: rows.collect(),
            charts: vec![chart(counts, unique)],
            method: "The cheapest partition of log counts into levels (and, over a year and a half or more, steady \
                     trends) at 3 ln n a cut; the ratio is that of mean counts, its interval the delta method with \
                     overdispersion"
                .into(),
            caveats: vec![
                "A change within three months of the window's edge or of another change cannot be told".into(),
                "A date is not a cause".into(),
            ],
            query: escrow_query(counts),
        }
    }
}

fn direction(change: &ChangePoint) -> &'static str {
    if change.effect > 1.0 { "up" } else { "down" }
}

fn row(series: &str, change: &ChangePoint, months: &[Month]) -> Vec<Value> {
    vec![
        Value::text(series),
        Value::text(months[change.at].to_string()),
        Value::text(direction(change)),
        Value::ratio(change.effect),
        Value::ratio(change.low),
        Value::ratio(change.high),
    ]
}

/// The three largest changes, in order of time.
fn largest(changes: &[ChangePoint]) -> Vec<&ChangePoint> {
    let mut sorted: Vec<&ChangePoint> = changes.iter().collect();
    sorted.sort_by(|a, b| b.effect.ln().abs().total_cmp(&a.effect.ln().abs()).then(a.at.cmp(&b.at)));
    sorted.truncate(3);
    sorted.sort_by_key(|change| change.at);
    sorted
}

fn title(counts: &Counts, unique: &[ChangePoint]) -> String {
    if let Some(reason) = no_answer(counts, counts.total.escrow.unique) {
        return reason;
    }
    let months = counts.months.len();
    if months < 2 * stats::change_points::MIN_SEGMENT {
        let months = counted(months as u64, "month", "months");
        return format!("{months} are too few to tell a change of level; it takes at least six").replacen(
            "1 month are",
            "One month is",
            1,
        );
    }
    if unique.is_empty() {
        return "No change of level can be told".into();
    }
    let verb = |c: &ChangePoint| {
        let verb = if c.effect > 1.0 { "rose" } else { "fell" };
        format!("{verb} {} in {}", times(c.effect), counts.months[c.at].words())
    };
    let shown: Vec<String> = largest(unique).into_iter().map(verb).collect();
    let more = match unique.len() - shown.len() {
        0 => String::new(),
        n => format!(", and {} more", counted(n as u64, "change", "changes")),
    };
    format!("Mentions {}{more}", list(&shown))
}

fn summary(counts: &Counts, unique: &[ChangePoint], raw: &[ChangePoint], panel: &[ChangePoint]) -> Summary {
    let course = counts.by_month.iter().map(|s| s.escrow.unique as f64).collect();
    let same = |others: &[ChangePoint]| match (unique, others) {
        ([], []) => String::from("none"),
        (a, b) if a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.at.abs_diff(b.at) <= 1) => "same".into(),
        (_, b) => counted(b.len() as u64, "change", "changes"),
    };
    let (raw, fixed_panel) = (same(raw), same(panel));
    if unique.is_empty() {
        let answer = vec![Part::Strong("No change".into()), Part::Plain(" of level can be told".into())];
        return Summary { answer, note: Vec::new(), course, raw, fixed_panel };
    }
    let mut answer = Vec::new();
    let mut note = Vec::new();
    let shown = largest(unique);
    for (i, change) in shown.iter().enumerate() {
        let word = match (i, direction(change)) {
            (0, "up") => "Up ",
            (0, _) => "Down ",
            (_, "up") => ", up ",
            _ => ", down ",
        };
        answer.push(Part::Plain(word.into()));
        answer.push(Part::Strong(times(change.effect)));
        answer.push(Part::Plain(format!(" in {}", counts.months[change.at].words())));
        note.push(format!("{}–{}", times(change.low), &times(change.high)[2..]));
    }
    let note = format!("95% intervals {}", list(&note));
    Summary { answer, note: vec![Part::Plain(note)], course, raw, fixed_panel }
}

fn chart(counts: &Counts, unique: &[ChangePoint]) -> Chart {
    let whisker = |c: &ChangePoint| Whisker {
        label: format!("{} {}", if c.effect > 1.0 { "▲" } else { "▼" }, counts.months[c.at]),
        value: c.effect,
        low: c.low,
        high: c.high,
        strong: true,
    };
    Chart::Whiskers {
        unit: "level after over level before, unique mentions".into(),
        scale: Kind::Ratio,
        rows: unique.iter().map(whisker).collect(),
    }
}
