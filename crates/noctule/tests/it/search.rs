//! `search`: what is found, how it is shown, and an index that is always as new as the tables.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{Ran, chat, message, noctule, rows, start, text};

/// Three chats as one would meet them.
fn ingested(dir: &Path) -> PathBuf {
    let data = dir.join("data");
    let base = 1_625_097_600; // 2021-07-01
    let day = 86_400;
    let shop = [
        message(1, base, "Selling fullz, escrow accepted, $1500"),
        message(2, base + 40 * day, "Сделка через гаранта, 5%"),
        message(3, base + 80 * day, "escrow \u{1b}[31mred\u{1b}[0m \u{202e}txt btc, the seller pays the escrow"),
        message(4, base + 81 * day, "nothing of that kind"),
    ];
    let other = [message(1, base + 400 * day, "可走担保交易"), message(2, base + 430 * day, "гapaнт работает 24/7")];
    for (name, id, title, messages) in [("a", 1, "Dark \u{1b}[2JMarket", &shop[..]), ("b", 2, "担保群", &other[..])]
    {
        fs::write(dir.join(name).with_extension("json"), chat(id, title, messages)).expect("written");
    }
    let ran = noctule(&["ingest", text(&dir.join("a.json")), text(&dir.join("b.json")), "--data-dir", text(&data)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    data
}

fn search(data: &Path, args: &[&str]) -> Ran {
    let mut all = vec!["search"];
    all.extend(args);
    all.extend(["--data-dir", text(data)]);
    noctule(&all)
}

fn json(data: &Path, query: &str) -> Value {
    let ran = search(data, &[query, "--format", "json"]);
    assert!(ran.code <= 1, "{query}: {}", ran.err);
    serde_json::from_str(&ran.out).expect("JSON")
}

fn texts(data: &Path, query: &str) -> Vec<String> {
    let hits = json(data, query)["hits"].as_array().cloned().unwrap_or_default();
    hits.iter().map(|hit| hit["text"].as_str().expect("a text").to_owned()).collect()
}

#[test]
fn messages_are_found_and_shown_harmlessly() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = ingested(dir.path());
    let ran = search(&data, &["escrow"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("indexed 6 messages"), "{}", ran.err);
    assert!(ran.out.starts_with("2 messages\n"), "{}", ran.out);
    assert!(ran.out.contains("⟦escrow⟧") && ran.out.contains("2021-07-01"), "{}", ran.out);
    assert!(ran.out.contains("2021-07  1  █") && ran.out.contains("2021-08  0\n"), "{}", ran.out);
    let unseen = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
    assert!(!ran.out.contains(unseen) && ran.out.contains("␛[31m") && ran.out.contains("<U+202E>"), "{:?}", ran.out);
    // Programs get the text as it is.
    assert!(texts(&data, "btc").concat().contains('\u{1b}'));

    let again = search(&data, &["escrow", "--quiet"]);
    assert_eq!((again.out, again.err.as_str()), (ran.out, ""));
    let nothing = search(&data, &["zebra"]);
    assert_eq!((nothing.code, nothing.out.as_str()), (1, ""), "{}", nothing.err);
    assert!(nothing.err.contains("nothing found"));
}

#[test]
fn the_forms_for_programs_agree() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = ingested(dir.path());
    let whole = json(&data, "escrow OR гарант*");
    assert_eq!(whole["total"], 4);
    assert_eq!(whole["facets"]["medium"][0]["value"], "telegram-channel");
    assert_eq!(whole["facets"]["source"].as_array().map(Vec::len), Some(2));
    assert_eq!(whole["histogram"]["unit"], "month");
    let counts: u64 =
        whole["histogram"]["bars"].as_array().into_iter().flatten().filter_map(|b| b["count"].as_u64()).sum();
    assert_eq!(counts, 4);
    let lines = search(&data, &["escrow OR гарант*", "--format", "jsonl"]).out;
    let ids: Vec<Value> =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["message_id"].clone()).collect();
    let of_json: Vec<Value> =
        whole["hits"].as_array().into_iter().flatten().map(|hit| hit["message_id"].clone()).collect();
    assert_eq!(ids, of_json);
    let csv = search(&data, &["escrow OR гарант*", "--format", "csv"]).out;
    assert!(
        csv.starts_with("message_id,source_id,source_name,") && csv.matches("telegram-channel").count() == 4,
        "{csv}"
    );

    // Every message is in the tables, with the same words.
    for hit in whole["hits"].as_array().into_iter().flatten() {
        let id = hit["message_id"].as_str().expect("an id");
        let stored =
            rows(&data, &format!("select text, posted_at, source_name from messages where message_id = '{id}'"));
        for column in ["text", "posted_at", "source_name"] {
            assert_eq!(stored[0][column], hit[column], "{column}");
        }
    }
}

#[test]
fn pages_end_where_the_next_begins() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = ingested(dir.path());
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut args = vec!["", "--sort", "newest", "--limit", "2", "--format", "json"];
        if let Some(after) = &after {
            args.extend(["--after", after]);
        }
        let page: Value = serde_json::from_str(&search(&data, &args).out).expect("JSON");
        found.extend(page["hits"].as_array().into_iter().flatten().map(|hit| hit["posted_at"].to_string()));
        after = page["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), 6);
    assert!(found.is_sorted_by(|a, b| a >= b), "{found:?}");
    let wrong = search(&data, &["x", "--after", "nonsense"]);
    assert!(wrong.code >= 64 && wrong.err.contains("no cursor"), "{}", wrong.err);
}

#[test]
fn a_wrong_query_says_where() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = ingested(dir.path());
    for (query, said) in [
        ("escrow (btc", "column 8: this parenthesis is not closed"),
        ("lnag:ru", "column 1: there is no field \"lnag\""),
        ("a price:abc", "column 9: \"abc\" is no number"),
        ("escrow ...", "column 8: \"...\" has no letter or digit"),
    ] {
        let ran = search(&data, &[query]);
        assert!(ran.code >= 64 && ran.out.is_empty(), "{query}: {}", ran.out);
        assert!(ran.err.contains(said), "{query}: {}", ran.err);
    }
    let long = "(".repeat(100_000);
    let ran = search(&data, &[&long]);
    assert!(ran.code >= 64 && ran.err.contains("longer than"), "{}", &ran.err[ran.err.len().saturating_sub(200)..]);
    let help = search(&data, &["--grammar"]);
    assert!(help.out.contains("# What can be asked") && help.out.contains("price:>1000"), "{}", help.out);
}

#[test]
fn the_index_follows_the_tables() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = ingested(dir.path());
    assert_eq!(texts(&data, "escrow").len(), 2);
    // More messages, and an edit of one that is in the index.
    let path = dir.path().join("c.json");
    let edited = "  {\"id\": 1, \"type\": \"message\", \"date\": \"2021-07-01T00:00:00\", \"date_unixtime\": \"1625097600\", \
        \"edited\": \"2021-07-02T00:00:00\", \"edited_unixtime\": \"1625184000\", \"from\": \"Seller\", \
        \"from_id\": \"channel1\", \"text\": \"Selling logs, guarantor accepted\"}";
    let more = [edited.to_owned(), message(9, 1_640_000_000, "a new escrow offer")];
    fs::write(&path, chat(1, "Dark Market", &more)).expect("written");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    let ran = search(&data, &["fullz"]);
    assert!(ran.err.contains("added to the index: 2 messages"), "{}", ran.err);
    assert_eq!(ran.code, 1, "the old text is found: {}", ran.out);
    assert_eq!(texts(&data, "guarantor"), ["Selling logs, guarantor accepted"]);
    assert_eq!(texts(&data, "escrow").len(), 2);
    let stored = rows(&data, "select message_id from messages").len();
    assert_eq!(json(&data, "")["total"], stored);

    // An index that is torn, foreign or gone is made again.
    let index = data.join("index");
    let all = || fs::read_dir(&index).expect("an index").flatten().map(|e| e.path()).collect::<Vec<_>>();
    let before = texts(&data, "escrow");
    fs::write(index.join("meta.json"), "{").expect("written");
    assert_eq!(texts(&data, "escrow"), before);
    for path in all().iter().filter(|p| p.extension().is_some_and(|e| matches!(e.to_str(), Some("store" | "term")))) {
        fs::write(path, "torn").expect("written");
    }
    assert_eq!(texts(&data, "escrow"), before);
    for path in all().iter().filter(|p| p.extension().is_some_and(|e| e == "idx")) {
        fs::remove_file(path).expect("removed");
    }
    assert_eq!(texts(&data, "escrow"), before);
    fs::remove_dir_all(&index).expect("removed");
    assert_eq!(texts(&data, "escrow"), before);

    // Rebuilt tables are other files with the same messages.
    assert_eq!(noctule(&["rebuild", "--data-dir", text(&data)]).code, 0);
    assert_eq!(texts(&data, "escrow"), before);
}

#[test]
fn a_search_that_is_killed_leaves_an_index_or_none() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = dir.path().join("data");
    let path = dir.path().join("a.json");
    let messages: Vec<String> =
        (1..=3000).map(|n| message(n, 1_600_000_000 + n as i64, &format!("escrow number {n} of many"))).collect();
    fs::write(&path, chat(1, "x", &messages)).expect("written");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    for millis in [20, 60, 120, 250, 500] {
        let mut child = start(&["search", "escrow", "--data-dir", text(&data)]);
        std::thread::sleep(std::time::Duration::from_millis(millis));
        let _ = child.kill();
        child.wait().expect("it ends");
    }
    assert_eq!(json(&data, "escrow")["total"], 3000);
    assert_eq!(rows(&data, "select message_id from messages").len(), 3000);
}

#[test]
fn without_data_there_is_a_clear_answer() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let ran = search(&dir.path().join("none"), &["escrow"]);
    assert!(ran.code >= 64 && ran.err.contains("hint: start with"), "{} {}", ran.code, ran.err);
    assert!(!dir.path().join("none").exists(), "searching makes no data directory");
}
