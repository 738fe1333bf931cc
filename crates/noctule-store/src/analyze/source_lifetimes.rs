//! # What it answers
//! A6: how long do sources live, and how many of those active are new?
//!
//! # How
//! A source lives from the month of its first message to that of its last, both counted. It has ended when the last
//! three months of the window or more are silent; otherwise it is still there and its life is censored. Sources of
//! the window's first month began before anyone watched and have no known age: they are the old ones, counted apart.
//! The share that outlives each age is Kaplan and Meier's (1958) with Greenwood's variance on the log-log scale.
//!
//! # Where it is wrong
//! Silence and missing captures look the same, so a collection that was given up reads as a death. A source that
//! moved under a new key is one that ended and one that is new. A source added late to the collection looks new when
//! its history was not read.

use noctule_core::model::{Answer, Chart, Column, Kind, Part, Summary, Value, Whisker};
use noctule_core::stats::survival::{Life, Median, Survival, kaplan_meier, median};

use super::words::{counted, percent, percent_range, thousands};
use super::{Analysis, Counts, Params, in_window};

/// Silent for this many months at the end of the window: ended.
const SILENT_MONTHS: usize = 3;
/// Below this many new sources nothing is said of their lives.
const TOO_FEW_SOURCES: usize = 10;

pub struct SourceLifetimes;

impl Analysis for SourceLifetimes {
    fn name(&self) -> &'static str {
        "source_lifetimes"
    }

    fn about(&self) -> &'static str {
        "how long new sources live, with those still alive counted as such"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let sources = Sources::of(counts);
        let curve = kaplan_meier(&sources.new);
        let median = median(&curve);
        let row = |point: &Survival| {
            vec![
                Value::count(u64::from(point.time)),
                Value::count(point.at_risk),
                Value::count(point.ended),
                Value::share(Some(point.share)),
                Value::share(point.interval.map(|i| i.low)),
                Value::share(point.interval.map(|i| i.high)),
            ]
        };
        Answer {
            name: self.name(),
            id: "A6",
            title: title(counts, &sources, &curve, median),
            question: "How long do new sources live?",
            summary: summary(&sources, median),
            columns: vec![
                Column { name: "age_months", unit: "age in months", kind: Kind::Count },
                Column { name: "at_risk", unit: "watched to this age", kind: Kind::Count },
                Column { name: "ended", unit: "ended at it", kind: Kind::Count },
                Column { name: "share_alive", unit: "share that outlives it", kind: Kind::Share },
                Column { name: "low", unit: "95% low", kind: Kind::Share },
                Column { name: "high", unit: "95% high", kind: Kind::Share },
            ],
            rows: curve.iter().map(row).collect(),
            charts: vec![chart(&sources, &curve)],
            method: "Kaplan and Meier's curve of the sources first seen after the window's first month; a source has \
                     ended when the last three months of the window or more are silent, and is censored otherwise. The \
                     interval is Greenwood's on the log-log scale"
                .into(),
            caveats: vec![
                "Silence and missing captures look the same".into(),
                "A source that moved under another key counts as one that ended and one that is new".into(),
            ],
            query: format!(
                "select source_id, source_name, min(posted_at) as first_at, max(posted_at) as last_at, count(*) as messages \
                 from messages where {} group by source_id, source_name order by last_at",
                in_window(counts, "posted_at")
            ),
        }
    }
}

/// The active sources of a window by when they began.
struct Sources {
    new: Vec<Life>,
    /// Active in the first month.
    old: u64,
    /// Of those, active in the last three months too.
    old_alive: u64,
}

impl Sources {
    fn of(counts: &Counts) -> Self {
        let end = counts.months.len().saturating_sub(SILENT_MONTHS);
        let mut sources = Self { new: Vec::new(), old: 0, old_alive: 0 };
        for run in counts.cells.chunk_by(|a, b| a.source == b.source) {
            let (first, last) = (usize::from(run[0].month), usize::from(run[run.len() - 1].month));
            if first == 0 {
                sources.old += 1;
                sources.old_alive += u64::from(last >= end);
            } else {
                sources.new.push(Life { duration: (last - first + 1) as u32, ended: last < end });
            }
        }
        sources
    }

    fn ended(&self) -> u64 {
        self.new.iter().filter(|life| life.ended).count() as u64
    }
}

fn title(counts: &Counts, sources: &Sources, curve: &[Survival], median: Median) -> String {
    let new = sources.new.len();
    match (counts.active_sources(), new) {
        (0, _) => return "No source has a message to count".into(),
        (1, _) => return "The corpus has one source".into(),
        (_, 0) => return "No source began inside the window, so no life can be measured".into(),
        (_, 1..TOO_FEW_SOURCES) => {
            let began = counted(new as u64, "source began", "sources began");
            return format!("{began} inside the window, too few to tell how long sources live");
        }
        _ => {}
    }
    let months = |n: u32| counted(u64::from(n), "month", "months");
    match (median.time, curve.last()) {
        (Some(half), _) => format!("Half of the new sources fell silent within {}", months(half)),
        (None, Some(last)) => {
            format!("{} of the new sources were still active after {}", percent(last.share), months(last.time))
        }
        (None, None) => format!("None of the {new} new sources has fallen silent"),
    }
}

fn summary(sources: &Sources, median: Median) -> Summary {
    let new = sources.new.len() as u64;
    let old = format!(
        "{} of {} active in the first month were so in the last three",
        thousands(sources.old_alive),
        counted(sources.old, "source", "sources")
    );
    let ended = format!("{} of {} new ones ended", thousands(sources.ended()), thousands(new));
    let note = vec![Part::Plain(format!("{ended}; {old}"))];
    let answer = match median.time.filter(|_| sources.new.len() >= TOO_FEW_SOURCES) {
        None => vec![Part::Strong(thousands(new)), Part::Plain(" new, no median life can be told".into())],
        Some(half) => {
            let end = |at: Option<u32>| at.map_or_else(|| "more".into(), |months| months.to_string());
            vec![
                Part::Strong(counted(u64::from(half), "month", "months")),
                Part::Plain(format!(" is the median life; 95% interval {} to {}", end(median.low), end(median.high))),
            ]
        }
    };
    Summary { answer, note, ..Summary::default() }
}

/// The share alive at chosen ages.
fn chart(sources: &Sources, curve: &[Survival]) -> Chart {
    const AGES: [u32; 8] = [1, 2, 3, 6, 12, 18, 24, 36];
    let oldest = sources.new.iter().map(|life| life.duration).max().unwrap_or(0);
    let mut rows = Vec::new();
    for age in AGES.into_iter().filter(|age| *age <= oldest && sources.new.len() >= TOO_FEW_SOURCES) {
        // The curve is level between the ages at which something ended.
        let Some(point) = curve.iter().take_while(|point| point.time <= age).last() else { continue };
        let Some(interval) = point.interval else { continue };
        rows.push(Whisker {
            label: format!("beyond {}", counted(u64::from(age), "month", "months")),
            value: point.share,
            low: interval.low,
            high: interval.high,
            strong: false,
        });
    }
    let range = rows.last().map(|row| percent_range(noctule_core::stats::Interval { low: row.low, high: row.high }));
    let unit = match range {
        Some(_) => "share of new sources still active, with 95% intervals",
        None => "share of new sources still active",
    };
    Chart::Whiskers { unit: unit.into(), scale: Kind::Share, rows }
}
