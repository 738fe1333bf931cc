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
        "select * from stored_messages",
        "select * from ledger_captures",
        "select * from read_parquet('/etc/passwd')",
        "select * from read_csv('/etc/passwd')",
        "explain copy messages to 'x.csv'",
        "show tables",
        "show all",
        "update messages set text = ''",
        "delete from messages",
        "truncate messages",
        "prepare p as select 1",
        "begin",
        "load 'x'",
        "create function f() returns int return 1",
        "drop view messages",
        "alter table messages add column x int",
        "select * into x from messages",
        outside.as_str(),
    ];
    for query in refused {
        let ran = noctule(&["sql", query, "--data-dir", text(&data)]);
        assert!(ran.code >= 64, "{query} gave {} {}", ran.code, ran.out);
        assert!(ran.err.starts_with("error: "), "{query}: {}", ran.err);
    }
}

#[test]
fn errors_point_at_the_place_in_the_query() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("result.json"), dir.path().join("data"));
    fs::write(&path, chat(1, "x", &[message(1, 1_600_000_000, "hello")])).expect("written");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    for (query, said) in [
        ("select txt from messages", "at column 8: «txt from messages»"),
        ("select text\nfrom messages wher x", "line 2, column 20"),
        ("selec 1", "at column 1: «selec 1»"),
        ("select * from mesages", "mesages"),
    ] {
        let ran = noctule(&["sql", query, "--data-dir", text(&data)]);
        assert!(ran.code >= 64 && ran.err.contains(said), "{query}: {}", ran.err);
    }
}

#[test]
fn a_hungry_query_ends_within_its_memory_and_time() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("result.json"), dir.path().join("data"));
    let messages: Vec<String> = (0..2000).map(|n| message(n, 1_600_000_000, &"hello ".repeat(200))).collect();
    fs::write(&path, chat(1, "x", &messages)).expect("written");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    let many = format!("select * from messages where text in ({})", vec!["'x'"; 20_000].join(","));
    let deep = format!("select {}1{}", "(".repeat(3_000), ")".repeat(3_000));
    let or = format!("select count(*) from messages where {}", vec!["text = 'a'"; 3_000].join(" or "));
    let long = format!("select length('{}')", "x".repeat(100_000));
    let queries = [
        "with recursive t(n) as (select 1 union all select n + 1 from t) select sum(n) from t",
        "with recursive t(s) as (select text from messages union all select concat(s, s) from t) select max(s) from t",
        "select array_agg(a.text || b.text) from messages a cross join messages b",
        "select a.text from messages a cross join messages b order by a.text || b.text",
        "select string_agg(a.text, b.text) from messages a cross join messages b",
        "select replace(replace(replace(text, 'l', text), 'l', text), 'l', text) from messages",
        "select regexp_replace(text, '(.*)*(.*)*(.*)*', '\\1\\1') from messages",
        "select count(*) from messages where regexp_like(text, '(a{1000}){1000}')",
        many.as_str(),
        deep.as_str(),
        or.as_str(),
        long.as_str(),
    ];
    for query in queries {
        let started = std::time::Instant::now();
        let memory = ["--memory-mib", "64", "--timeout-secs", "5", "--format", "csv", "--limit", "5"];
        let mut args = vec!["sql", query, "--data-dir", text(&data)];
        args.extend(memory);
        let ran = noctule(&args);
        let start: String = query.chars().take(80).collect();
        assert!(started.elapsed().as_secs() < 60, "{start} took {:?}", started.elapsed());
        assert!(ran.code <= 1 || ran.err.contains("error: "), "{start}: {} {}", ran.code, ran.err);
    }
    assert_eq!(rows(&data, "select message_id from messages").len(), 2000);
}

#[test]
fn results_go_to_files_of_every_form() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("result.json"), dir.path().join("data"));
    let messages: Vec<String> =
        (1..=50).map(|n| message(n, 1_600_000_000 + n as i64, "Сделка через гаранта")).collect();
    fs::write(&path, chat(1, "x", &messages)).expect("written");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    let query = "select native_id, text, posted_at, source_name from messages order by posted_at";
    for name in ["out.parquet", "out.arrow"] {
        let out = dir.path().join(name);
        let ran = noctule(&["sql", query, "--out", text(&out), "--data-dir", text(&data)]);
        assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{name}: {}", ran.err);
        // Noctule reads both: the same messages come out of them.
        let again = dir.path().join(format!("{name}.data"));
        assert_eq!(noctule(&["ingest", text(&out), "--data-dir", text(&again)]).code, 0, "{name}");
        assert_eq!(rows(&again, "select text from messages").len(), 50, "{name}");
    }
    let out = dir.path().join("out.csv");
    let ran = noctule(&["sql", query, "--limit", "3", "--out", text(&out), "--data-dir", text(&data)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert_eq!(fs::read_to_string(&out).expect("written").lines().count(), 4);
    // A query that fails leaves the file that was there.
    let ran = noctule(&["sql", "select nothing", "--out", text(&out), "--data-dir", text(&data)]);
    assert!(ran.code >= 64, "{}", ran.err);
    assert_eq!(fs::read_to_string(&out).expect("still there").lines().count(), 4);
    assert!(!dir.path().join("out.csv.part").exists());
}

#[test]
fn detectors_are_functions() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("result.json"), dir.path().join("data"));
    let messages = [message(1, 1_600_000_000, "Сделка через гаранта, 5%"), message(2, 1_600_000_001, "good morning")];
    fs::write(&path, chat(1, "x", &messages)).expect("written");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    // What they say is what is stored.
    let query = "select count(*) as n from messages m join verdicts v using (message_id) where escrow(m.text) <> v.escrow \
        or escrow_score(m.text) <> v.escrow_score or deal_score(m.text) <> v.deal_score or lang(m.text) <> m.lang";
    assert_eq!(rows(&data, query)[0]["n"], 0);
    let row = &rows(
        &data,
        "select escrow('через гаранта') as a, lang('Сделка через гаранта') as b, folded('ЕsсRОW') as c, escrow(null) as d",
    )[0];
    assert_eq!(*row, serde_json::json!({"a": true, "b": "ru", "c": "escrow", "d": null}));
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
