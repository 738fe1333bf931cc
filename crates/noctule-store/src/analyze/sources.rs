//! # What it answers
//! A6: how many sources are there, how many are active each month, new, last seen, with gaps?
//!
//! # How
//! A source is active in a month with at least one message. It is new in the month of its first message inside the
//! window and last seen in the month of its last; between the two, months without a message are gaps. In the first
//! month all sources are new and in the last all are last seen, which says nothing: these are shown and not judged.
//!
//! # Where it is wrong
//! Silence and missing captures look the same. A source that moved under a new key is one that ended and one that
//! is new.

use noctule_core::model::{Answer, Chart, Column, Counting, Kind, Line, Part, Summary, Value};

use super::words::{counted, thousands};
use super::{Analysis, Counts, Params, in_window};

pub struct Sources;

impl Analysis for Sources {
    fn name(&self) -> &'static str {
        "sources"
    }

    fn about(&self) -> &'static str {
        "sources active by month, new, last seen, and gaps"
    }

    noctule_core::documented!();

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let months = by_month(counts);
        let row = |(i, m): (usize, &Activity)| {
            let month = Value::text(counts.months[i].to_string());
            let numbers = [m.active, m.new, m.last, m.silent].map(Value::count);
            std::iter::once(month).chain(numbers).collect()
        };
        Answer {
            name: self.name(),
            id: "A6",
            title: title(counts, &months),
            question: "How many sources are alive, and since when?",
            summary: summary(counts, &months),
            columns: vec![
                Column { name: "month", unit: "month", kind: Kind::Period },
                Column { name: "active", unit: "active", kind: Kind::Count },
                Column { name: "new", unit: "first seen", kind: Kind::Count },
                Column { name: "last_seen", unit: "last seen", kind: Kind::Count },
                Column { name: "silent", unit: "in a gap", kind: Kind::Count },
            ],
            rows: months.iter().enumerate().map(row).collect(),
            charts: vec![chart(counts, &months)],
            method:
                "A source is active in a month with at least one message; a gap is a month without one between its \
                     first and its last inside the window"
                    .into(),
            caveats: vec![
                "Silence and missing captures look the same".into(),
                "In the first month every active source is new, in the last every one is last seen".into(),
            ],
            query: format!(
                "select source_id, source_name, min(posted_at) as first_at, max(posted_at) as last_at, count(*) as messages \
                 from messages where {} group by source_id, source_name order by first_at",
                in_window(counts, "posted_at")
            ),
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Activity {
    active: u64,
    new: u64,
    last: u64,
    silent: u64,
}

fn by_month(counts: &Counts) -> Vec<Activity> {
    let mut months = vec![Activity::default(); counts.months.len()];
    for run in counts.cells.chunk_by(|a, b| a.source == b.source) {
        let (first, last) = (usize::from(run[0].month), usize::from(run[run.len() - 1].month));
        months[first].new += 1;
        months[last].last += 1;
        // Every month between is a gap until a cell says otherwise.
        months[first..=last].iter_mut().for_each(|m| m.silent += 1);
        for cell in run {
            months[usize::from(cell.month)].active += 1;
            months[usize::from(cell.month)].silent -= 1;
        }
    }
    months
}

fn title(counts: &Counts, months: &[Activity]) -> String {
    let (panel, active) = (counts.panel_sources() as u64, counts.active_sources() as u64);
    match (active, months.len()) {
        (0, _) => "No source has a message to count".into(),
        (1, _) => "The corpus has one source".into(),
        (_, 1) => format!("{} in the one month", counted(active, "source", "sources")),
        _ => format!("{} of {} were active in every month", thousands(panel), counted(active, "source", "sources")),
    }
}

fn summary(counts: &Counts, months: &[Activity]) -> Summary {
    let active = counts.active_sources() as u64;
    let most = months.iter().map(|m| m.active).max().unwrap_or(0);
    Summary {
        answer: vec![
            Part::Strong(thousands(active)),
            Part::Plain(format!(
                " {}, at most {} in one month",
                if active == 1 { "source" } else { "sources" },
                thousands(most)
            )),
        ],
        note: vec![Part::Plain(format!(
            "{} active in every month: the fixed panel",
            thousands(counts.panel_sources() as u64)
        ))],
        course: months.iter().map(|m| m.active as f64).collect(),
        raw: String::new(),
        fixed_panel: thousands(counts.panel_sources() as u64),
    }
}

fn chart(counts: &Counts, months: &[Activity]) -> Chart {
    let line = Line {
        counting: Counting::Unique,
        values: months.iter().map(|m| Some(m.active as f64)).collect(),
        band: Vec::new(),
        note: "active sources".into(),
    };
    Chart::Course {
        unit: "sources with a message in the month".into(),
        scale: Kind::Count,
        months: counts.months.iter().map(ToString::to_string).collect(),
        lines: vec![line],
        steps: Vec::new(),
    }
}
