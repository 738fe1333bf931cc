//! Events a user named, as marks on the course over months: a letter on the axis, and what it stands for below.
//!
//! They are read from whatever answer has a column `date` and a column `event`, so that no analysis is named here.

use noctule_core::model::{Answer, Value};
use noctule_store::analyze::{Counts, Day, Study};

use super::foreign::Foreign;
use super::html::Html;

/// One event in the window.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    pub letter: char,
    pub date: Day,
    /// From the user's file.
    pub name: String,
    /// Where on a course over months: 0 is the middle of the first month, 1 that of the second.
    pub place: f64,
}

/// The events of a study inside its window, in order of time; letters end at Z.
pub fn of(study: &Study) -> Vec<Event> {
    let mut found: Vec<(Day, String)> = study.answers.iter().flat_map(dated).collect();
    found.sort();
    found.dedup();
    let inside = found.into_iter().filter_map(|(date, name)| Some((place(&study.counts, date)?, date, name)));
    inside.zip('A'..='Z').map(|((place, date, name), letter)| Event { letter, date, name, place }).collect()
}

fn dated(answer: &Answer) -> Vec<(Day, String)> {
    let column = |name: &str| answer.columns.iter().position(|column| column.name == name);
    let (Some(date), Some(event)) = (column("date"), column("event")) else {
        return Vec::new();
    };
    let pair = |row: &Vec<Value>| match (row.get(date)?, row.get(event)?) {
        (Value::Text(date), Value::Text(event)) => Some((Day::parse(date)?, event.clone())),
        _ => None,
    };
    answer.rows.iter().filter_map(pair).collect()
}

fn place(counts: &Counts, date: Day) -> Option<f64> {
    let month = counts.months.iter().position(|month| *month == date.month())?;
    let (first, last) = (counts.months[month].first().0, counts.months[month].last().0);
    let inside = f64::from(date.0 - first) / f64::from(last - first + 1);
    Some((month as f64 + inside - 0.5).clamp(0.0, (counts.months.len() - 1) as f64))
}

/// What the letters stand for.
pub fn list(events: &[Event]) -> Html {
    let mut out = Html::new();
    if events.is_empty() {
        return out;
    }
    out.put("<ul class=\"events\">", &[]);
    for event in events {
        out.put(
            "<li><b>{}</b> <span class=\"mono\">{}</span> {}</li>",
            &[&event.letter.to_string(), &event.date.to_string(), &Foreign(&event.name)],
        );
    }
    out.put("</ul>", &[]);
    out
}
