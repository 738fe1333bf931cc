//! Parts of the page: data tables, sentences with a strong figure, evidence quotes.

use noctule_core::model::{Answer, Kind, Part, Value};
use noctule_store::analyze::words::{percent, thousands};

use super::EvidenceQuote;
use super::html::{Evidence, Foreign, Html, defang, hidden};

/// The most rows of a table on the page; the CSV has them all.
const MOST_ROWS: usize = 400;

/// The answer's table.
pub fn table(answer: &Answer) -> Html {
    let mut out = Html::new();
    out.put("<table><thead><tr>", &[]);
    for column in &answer.columns {
        let class = if numeric(column.kind) { "r" } else { "" };
        out.put("<th scope=\"col\" class=\"{}\">{}</th>", &[&class, &column.unit]);
    }
    out.put("</tr></thead><tbody>", &[]);
    for row in answer.rows.iter().take(MOST_ROWS) {
        out.put("<tr>", &[]);
        for (value, column) in row.iter().zip(&answer.columns) {
            let class = if numeric(column.kind) { "r" } else { "" };
            out.put("<td class=\"{}\">{}</td>", &[&class, &cell(value, column.kind)]);
        }
        out.put("</tr>", &[]);
    }
    out.put("</tbody></table>", &[]);
    if answer.rows.len() > MOST_ROWS {
        let (shown, all) = (thousands(MOST_ROWS as u64), thousands(answer.rows.len() as u64));
        let file = format!("answers/{}.csv", answer.name);
        out.put("<p class=\"note\">The first {} of {} rows; all are in <code>{}</code>.</p>", &[&shown, &all, &file]);
    }
    out
}

fn numeric(kind: Kind) -> bool {
    !matches!(kind, Kind::Text | Kind::Period)
}

/// A cell. Words may come from outside, so they are shown as such.
fn cell(value: &Value, kind: Kind) -> Html {
    let mut out = Html::new();
    match value {
        Value::Text(text) if kind == Kind::Period => out.put("{}", &[text]),
        Value::Text(text) => out.put("{}", &[&Foreign(text)]),
        Value::Integer(n) => out.put("{}", &[&integer(*n)]),
        Value::Float(x) if kind == Kind::Share => out.put("{}", &[&percent(*x)]),
        Value::Float(x) if kind == Kind::Ratio => out.put("{}", &[&noctule_store::analyze::words::times(*x)]),
        Value::Float(x) => out.put("{}", &[&format!("{x:.3}")]),
        Value::Null => out.put("<span class=\"dim\">none</span>", &[]),
    }
    out
}

fn integer(n: i64) -> String {
    let sign = if n < 0 { "−" } else { "" };
    format!("{sign}{}", thousands(n.unsigned_abs()))
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

/// One message as evidence.
pub fn quote(quote: &EvidenceQuote) -> Html {
    let mut out = Html::new();
    out.put(
        "<article class=\"ev\"><header><span class=\"lg\" title=\"{}\">{}</span>{}<span>{}</span>",
        &[&language(&quote.lang), &code(&quote.lang), &Foreign(&quote.source), &code(&quote.medium)],
    );
    if !quote.handle.is_empty() {
        out.put("{}", &[&Foreign(&quote.handle)]);
    }
    if quote.at.is_empty() {
        out.put("<span class=\"dim\">no date</span>", &[]);
    } else {
        out.put("<time class=\"m\">{}</time>", &[&time(&quote.at)]);
    }
    out.put(
        "</header><blockquote dir=\"auto\"{}>{}</blockquote>",
        &[&lang(&quote.lang), &Evidence { text: &quote.text, spans: &quote.spans }],
    );
    if !quote.why.is_empty() {
        out.put("<ul>", &[]);
        for why in &quote.why {
            out.put("<li>{}</li>", &[&Foreign(why)]);
        }
        out.put("</ul>", &[]);
    }
    let hash: String = code(&quote.hash).chars().take(16).collect();
    out.put(
        "<footer><span>capture <span class=\"m\">b3:{}</span></span><span>{}</span><span>cluster <span class=\"m\">{}</span></span></footer></article>",
        &[&hash, &Foreign(&quote.place), &code(&quote.cluster)],
    );
    out
}

/// The `lang` attribute, where the language is known.
fn lang(tag: &str) -> Html {
    let mut out = Html::new();
    let plain = tag.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if plain && !tag.is_empty() && tag != "und" {
        out.put(" lang=\"{}\"", &[&code(tag)]);
    }
    out
}

/// An id or tag: at most 64 visible characters, defanged.
fn code(text: &str) -> String {
    let visible: String = text.chars().filter(|c| hidden(*c).is_none()).take(64).collect();
    defang(&visible)
}

/// `2021-10-14T21:07:00Z` as `2021-10-14 21:07Z`.
fn time(at: &str) -> String {
    match (at.get(..10), at.get(11..16)) {
        (Some(day), Some(minute)) if at.ends_with('Z') => format!("{day} {minute}Z"),
        _ => code(at),
    }
}

/// The language's name, for the title of its code.
fn language(tag: &str) -> &'static str {
    match tag {
        "ar" => "Arabic",
        "de" => "German",
        "en" => "English",
        "es" => "Spanish",
        "fa" => "Persian",
        "fr" => "French",
        "hi" => "Hindi",
        "id" => "Indonesian",
        "it" => "Italian",
        "ja" => "Japanese",
        "ko" => "Korean",
        "pl" => "Polish",
        "pt" => "Portuguese",
        "ro" => "Romanian",
        "ru" => "Russian",
        "th" => "Thai",
        "tr" => "Turkish",
        "uk" => "Ukrainian",
        "vi" => "Vietnamese",
        "zh" => "Chinese",
        _ => "language not told",
    }
}
