//! The views others rely on, and what a query may not do.

use std::fs;

use crate::run::{chat, message, noctule, rows, text};

/// The contract of the design, word for word.
const CONTRACT: [(&str, &str); 7] = [
    (
        "messages",
        "message_id, source_id, source_name, medium, thread_id, thread_title, native_id, author_id, author_name, posted_at, edited_at, collected_at, text, lang, reply_to, forwarded_from, cluster_id, capture_id",
    ),
    (
        "verdicts",
        "message_id, escrow, escrow_score, escrow_polarity, agent, deal, deal_score, kind, role, price_usd, fee_percent_min, fee_percent_max, scam_report, detector_version",
    ),
    ("entities", "message_id, kind, value, start_byte, end_byte"),
    ("sources", "source_id, name, medium, url, first_at, last_at, messages"),
    ("skips", "capture_id, path, place, reason"),
    ("captures", "capture_id, path, bytes, format, captured_at"),
    ("clusters", "cluster_id, first_message_id, messages, sources, first_at, last_at"),
];

#[test]
fn views_have_the_columns_of_the_design() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("result.json"), dir.path().join("data"));
    let body = "Продам базу, пароль: Xk82hd7!qq — гарант, t.me/example_shop";
    fs::write(&path, chat(1_500_000_001, "Shop \u{1b}[31m", &[message(90121, 1_634_245_620, body)])).expect("written");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    for (view, columns) in CONTRACT {
        let ran = noctule(&["sql", &format!("select {columns} from {view} limit 1"), "--data-dir", text(&data)]);
        assert!(ran.code <= 1, "{view}: {}", ran.err);
    }
    let row = &rows(&data, "select * from messages")[0];
    assert_eq!(row["native_id"], "90121");
    assert_eq!(row["posted_at"], "2021-10-14T21:07:00Z");
    assert_eq!(row["medium"], "telegram-channel");
    let stored = row["text"].as_str().expect("a text");
    assert!(!stored.contains("Xk82hd7") && stored.contains('•'), "{stored}");
    // Entities point into the clean text.
    for entity in rows(&data, "select * from entities") {
        let place = |name: &str| entity[name].as_u64().expect("an offset") as usize;
        assert!(stored.get(place("start_byte")..place("end_byte")).is_some(), "{entity}");
    }
    // Programs get the name as it is, people see the escape.
    assert_eq!(row["source_name"], "Shop \u{1b}[31m");
    let shown = noctule(&["sql", "select name from sources", "--data-dir", text(&data)]);
    assert!(!shown.out.contains('\u{1b}'), "{:?}", shown.out);
}

#[test]
fn a_query_changes_nothing_and_sees_nothing_else() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("result.json"), dir.path().join("data"));
    fs::write(&path, chat(1, "x", &[message(1, 1_600_000_000, "hello")])).expect("written");
    fs::write(dir.path().join("other.csv"), "a\n1\n").expect("written");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    let outside = format!("select * from '{}'", text(&dir.path().join("other.csv")));
    let refused = [
        "create table t as select 1",
        "drop table messages",
        "insert into messages select * from messages",
        "copy messages to 'x.csv'",
        "set datafusion.execution.batch_size = 1",
        "create external table t stored as csv location '/etc/passwd'",
        "select * from information_schema.tables",
        "select * from generate_series(1, 10)",
        "select generate_series(1, 10)",
        "select repeat('x', 1000000000)",
        "select 1; select 2",
        outside.as_str(),
    ];
    for query in refused {
        let ran = noctule(&["sql", query, "--data-dir", text(&data)]);
        assert!(ran.code >= 64, "{query} gave {} {}", ran.code, ran.out);
        assert!(ran.err.starts_with("error: "), "{query}: {}", ran.err);
    }
}

#[test]
fn a_query_without_end_is_ended() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("result.json"), dir.path().join("data"));
    let messages: Vec<String> = (0..500).map(|n| message(n, 1_600_000_000, "hello")).collect();
    fs::write(&path, chat(1, "x", &messages)).expect("written");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    let query = "select sum(a.deal_score * b.deal_score * c.deal_score * d.deal_score) from verdicts a cross join verdicts b cross join verdicts c cross join verdicts d";
    let ran = noctule(&["sql", query, "--data-dir", text(&data), "--timeout-secs", "2"]);
    assert!(
        ran.code >= 64 && ran.err.contains("longer than 2 s") && ran.err.contains("hint:"),
        "{} {}",
        ran.code,
        ran.err
    );
}

#[test]
fn forms_for_programs_parse() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("result.json"), dir.path().join("data"));
    fs::write(&path, chat(1, "=cmd", &[message(1, 1_600_000_000, "a \"quoted\", text\nwith lines")])).expect("written");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    let query = "select source_name, text, edited_at from messages";
    let form = |format: &str| noctule(&["sql", query, "--format", format, "--data-dir", text(&data)]).out;
    let row = serde_json::json!({"source_name": "=cmd", "text": "a \"quoted\", text\nwith lines", "edited_at": null});
    assert_eq!(serde_json::from_str::<serde_json::Value>(&form("json")).expect("JSON"), serde_json::json!([row]));
    assert_eq!(serde_json::from_str::<serde_json::Value>(form("jsonl").trim()).expect("JSON"), row);
    assert_eq!(form("csv"), "source_name,text,edited_at\r\n'=cmd,\"a \"\"quoted\"\", text\nwith lines\",\r\n");
    let nothing = noctule(&["sql", "select * from messages where false", "--data-dir", text(&data)]);
    assert_eq!(nothing.code, 1);
}
