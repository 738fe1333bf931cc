//! What queries mean, and where wrong ones are said to be wrong.

use super::*;

/// The query as it was understood, in full parentheses.
fn shown(query: &Query) -> String {
    let all = |parts: &[Query], sign: &str| format!("({})", parts.iter().map(shown).collect::<Vec<_>>().join(sign));
    match query {
        Query::All => "*".into(),
        Query::And(parts) => all(parts, " & "),
        Query::Or(parts) => all(parts, " | "),
        Query::Not(part) => format!("!{}", shown(part)),
        Query::Text(Words { text, kind, .. }) => match kind {
            Match::Exact => text.clone(),
            Match::Prefix => format!("{text}*"),
            Match::Fuzzy(n) => format!("{text}~{n}"),
            Match::Near(n) => format!("[{text}]~{n}"),
        },
        Query::Filter(filter) => format!("{filter:?}"),
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(parse(text).map(|query| shown(&query)), Ok(expected.into()), "{text}");
}

#[track_caller]
fn check_error(text: &str, column: usize, problem: &str) {
    let error = parse(text).map(|query| shown(&query)).expect_err(text);
    assert!(error.column == column && error.problem.contains(problem), "{text}: {error}");
}

#[test]
fn words_and_groups() {
    check("", "*");
    check("  ", "*");
    check("a b", "(a & b)");
    check("a AND b", "(a & b)");
    check("a OR b c", "(a | (b & c))");
    check("(a OR b) c", "((a | b) & c)");
    check("a -b NOT c", "(a & !b & !c)");
    check("-(a b)", "!(a & b)");
    check("a-b", "a-b");
    check("\"a b\"", "a b");
    check("«a b» \"OR\"", "(a b & OR)");
    check("ORDER", "ORDER");
    check("\"a b\"~5", "[a b]~5");
    check("esc* word~ word~2", "(esc* & word~1 & word~2)");
    check("担*", "担*");
    check("https://t.me/x", "https://t.me/x");
    check("a||b", "(a | b)");
}

#[test]
fn errors_name_the_column() {
    check_error("гарант (a", 8, "not closed");
    check_error("a )", 3, "no opening parenthesis");
    check_error("\"a", 1, "not closed");
    check_error("a OR", 3, "missing after OR");
    check_error("OR a", 1, "missing before OR");
    check_error("a AND", 3, "missing after AND");
    check_error("a -", 3, "missing after -");
    check_error("NOT", 1, "missing after NOT");
    check_error("a ()", 3, "nothing between");
    check_error("x* a", 1, "too many words");
    check_error("foo:bar", 1, "no field \"foo\"");
    check_error("lang: ru", 5, "missing after \"lang:\"");
    check_error(":a", 1, "no field before");
    check_error("price:abc", 7, "no number");
    check_error("price:5..1", 7, "more than");
    check_error("escrow:maybe", 8, "neither true nor false");
    check_error("date:2021-13", 6, "month");
    check_error("a~7", 1, "no number of letters");
    check_error(&"(".repeat(100), 33, "inside each other");
    check_error(&"a ".repeat(600), 1025, "parts");
    check_error(&"a".repeat(20_000), 1, "longer than");
}

#[test]
fn any_text_is_a_query_or_an_error() {
    // Every short text over the signs that mean something.
    let signs = ['a', ' ', '"', '(', ')', '-', ':', '*', '~', '1', '|', 'é', '担'];
    let mut texts = vec![String::new()];
    for _ in 0..4 {
        let longer: Vec<String> = texts.iter().flat_map(|text| signs.map(|sign| format!("{text}{sign}"))).collect();
        for text in &longer {
            let length = text.chars().count();
            if let Err(e) = parse(text) {
                assert!((1..=length + 1).contains(&e.column), "{text}: {e}");
            }
        }
        texts = longer;
    }
}
