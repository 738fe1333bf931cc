//! What sections share: an answer's table, and sentences made of parts.

use noctule_core::model::{Answer, Kind, Part, Value};
use noctule_store::analyze::words::{percent, thousands, times};

use super::foreign::Foreign;
use super::html::Html;

/// The most rows of a table on the page; the CSV has them all.
const MOST_ROWS: usize = 400;

/// The answer's table, in a box of its own that scrolls when it is wide.
pub fn table(answer: &Answer, label: &str) -> Html {
    let mut out = Html::new();
    out.put("<div class=\"box\" role=\"region\" aria-label=\"Table: {}\" tabindex=\"0\"><table><thead><tr>", &[&label]);
    for column in &answer.columns {
        out.put("<th scope=\"col\"{}>{}</th>", &[&class(column.kind), &column.unit]);
    }
    out.put("</tr></thead><tbody>", &[]);
    for row in answer.rows.iter().take(MOST_ROWS) {
        out.put("<tr>", &[]);
        for (value, column) in row.iter().zip(&answer.columns) {
            out.put("<td{}>{}</td>", &[&class(column.kind), &cell(value, column.kind)]);
        }
        out.put("</tr>", &[]);
    }
    out.put("</tbody></table></div>", &[]);
    if answer.rows.len() > MOST_ROWS {
        let (shown, all) = (thousands(MOST_ROWS as u64), thousands(answer.rows.len() as u64));
        let file = format!("answers/{}.csv", answer.name);
        out.put("<p class=\"note\">The first {} of {} rows; <code>{}</code> has them all.</p>", &[&shown, &all, &file]);
    }
    out
}

/// Numbers stand right.
fn class(kind: Kind) -> Html {
    let mut out = Html::new();
    if !matches!(kind, Kind::Text | Kind::Period) {
        out.put(" class=\"num\"", &[]);
    }
    out
}

/// A cell. Words may come from outside, so they are shown as such.
fn cell(value: &Value, kind: Kind) -> Html {
    let mut out = Html::new();
    match value {
        Value::Text(text) if kind == Kind::Period => out.put("{}", &[text]),
        Value::Text(text) => out.put("{}", &[&Foreign(text)]),
        Value::Integer(n) => out.put("{}", &[&integer(*n)]),
        Value::Float(x) if kind == Kind::Share => out.put("{}", &[&percent(*x)]),
        Value::Float(x) if kind == Kind::Ratio => out.put("{}", &[&times(*x)]),
        Value::Float(x) => out.put("{}", &[&number(*x)]),
        Value::Null => out.put("<span class=\"quiet\">–</span>", &[]),
    }
    out
}

fn integer(n: i64) -> String {
    let sign = if n < 0 { "−" } else { "" };
    format!("{sign}{}", thousands(n.unsigned_abs()))
}

/// Three decimals below ten, one below a thousand, none above.
fn number(x: f64) -> String {
    let sign = if x < 0.0 { "−" } else { "" };
    match x.abs() {
        x if x < 10.0 => format!("{sign}{x:.3}"),
        x if x < 1_000.0 => format!("{sign}{x:.1}"),
        x => format!("{sign}{}", thousands(x.round() as u64)),
    }
}

/// A sentence of parts.
pub fn sentence(parts: &[Part]) -> Html {
    let mut out = Html::new();
    for part in parts {
        match part {
            Part::Plain(text) => out.put("{}", &[text]),
            Part::Strong(text) => out.put("<b>{}</b>", &[text]),
            Part::Foreign(text) => out.put("{}", &[&Foreign(text)]),
        }
    }
    out
}
