//! Answers as CSV (RFC 4180), safe to open in a spreadsheet.

use noctule_core::model::{Answer, Value};

/// One answer with its head line; lines end in CR LF.
pub fn answer(answer: &Answer) -> String {
    let mut out = String::new();
    let head: Vec<String> = answer.columns.iter().map(|c| c.name.to_string()).collect();
    line(&mut out, &head);
    for row in &answer.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        line(&mut out, &cells);
    }
    out
}

fn line(out: &mut String, cells: &[String]) {
    out.push_str(&cells.join(","));
    out.push_str("\r\n");
}

fn cell(value: &Value) -> String {
    match value {
        Value::Text(text) => quoted(&unformula(text)),
        Value::Integer(n) => n.to_string(),
        Value::Float(x) => x.to_string(),
        Value::Null => String::new(),
    }
}

/// The text with a `'` before it when a spreadsheet would take it for a formula: one that begins, after spaces and
/// invisible characters, with `= + - @`, their full-width forms, tab or carriage return.
pub fn unformula(text: &str) -> String {
    let first =
        text.chars().find(|c| matches!(c, '\t' | '\r') || !c.is_whitespace() && super::foreign::hidden(*c).is_none());
    match first {
        Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '−' | '\t' | '\r') => {
            format!("'{text}")
        }
        _ => text.to_string(),
    }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\r', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text() {
        for payload in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", "\u{200b}=1", "\u{a0}@x", "－1"]
        {
            assert_eq!(unformula(payload), format!("'{payload}"), "{payload:?}");
        }
        for text in ["", "a=1", "гарант", "5-10"] {
            assert_eq!(unformula(text), text);
        }
    }

    #[test]
    fn quoting() {
        assert_eq!(quoted("a,\"b\"\r\n"), "\"a,\"\"b\"\"\r\n\"");
        assert_eq!(cell(&Value::text("=HYPERLINK(\"x\",\"y\")")), "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"");
        assert_eq!([cell(&Value::Null), cell(&Value::Integer(-3)), cell(&Value::Float(0.25))], ["", "-3", "0.25"]);
    }
}
