//! `export`: what goes out reads back as the same messages; formulas are disarmed; nothing is said by the exit status.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{noctule, rows, text};

/// Without an id of the source's own, a message's id is a hash of what was found, links included; those are not stored.
const EVERYTHING: &str = "select case when native_id is null then null else message_id end as message_id, source_id, source_name, medium, thread_id, thread_title, native_id, author_id, \
    author_name, posted_at, edited_at, text, lang, reply_to, forwarded_from, cluster_id from messages \
    order by source_id, native_id, posted_at, text";

const FORMATS: &[&str] = &[
    "telegram_json/account",
    "telethon_json",
    "discord_json/channel",
    "matrix_json",
    "rocketchat_json",
    "jabber_xml",
    "irc_log",
    "xenforo2_html/thread",
    "mybb_html/thread",
    "phpbb3_html",
    "sql_dump/engines",
    "leak_site_json",
    "csv/telegram-dump",
];

/// A data directory with these cases of the collectors.
fn read_in(dir: &Path, cases: &[&str]) -> PathBuf {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../noctule-core/fixtures/collect");
    let data = dir.join("data");
    let mut inputs: Vec<PathBuf> = Vec::new();
    for case in cases {
        gather(&fixtures.join(case), &mut inputs);
    }
    let mut args = vec!["ingest", "--data-dir", text(&data), "--quiet"];
    args.extend(inputs.iter().map(|path| text(path)));
    let ran = noctule(&args);
    assert!(matches!(ran.code, 0 | 2), "{}", ran.err);
    data
}

fn gather(path: &Path, inputs: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            gather(&entry.path(), inputs);
        } else if entry.path().file_stem().is_some_and(|stem| stem == "input") {
            inputs.push(entry.path());
        }
    }
    inputs.sort();
}

#[test]
fn what_goes_to_ail_reads_back_as_the_same_messages() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = read_in(dir.path(), FORMATS);
    let (out, again) = (dir.path().join("items.jsonl"), dir.path().join("again"));
    assert_eq!(noctule(&["export", "--to", "ail", "--out", text(&out), "--data-dir", text(&data)]).code, 0);
    let items = fs::read_to_string(&out).expect("written");
    for feeder in ["\"forum-extractor\"", "\"ail_feeder_telegram\"", "\"ail_feeder_discord\""] {
        assert!(items.contains(feeder), "no item of {feeder}");
    }
    for line in items.lines() {
        let item: Value = serde_json::from_str(line).expect("an item a line");
        assert!(item["data-sha256"].as_str().is_some_and(|hash| hash.len() == 64), "{item}");
    }
    let ran = noctule(&["ingest", text(&out), "--data-dir", text(&again)]);
    assert!(ran.err.contains("ail-json"), "{}", ran.err);
    let (before, after) = (rows(&data, EVERYTHING), rows(&again, EVERYTHING));
    assert!(before.len() > 40, "only {} messages", before.len());
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
    assert_eq!(before.len(), after.len());
}

#[test]
fn json_lines_read_back_and_csv_carries_no_formula() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    // Sources of one name become one, so each of these has its own.
    let data = read_in(dir.path(), &["telegram_json/account", "discord_json/channel", "xenforo2_html/thread"]);
    let texts = |data: &Path| -> Vec<Value> { rows(data, "select text from messages order by text") };
    let (out, again) = (dir.path().join("messages.jsonl"), dir.path().join("again"));
    assert_eq!(noctule(&["export", "--to", "jsonl", "--out", text(&out), "--data-dir", text(&data)]).code, 0);
    let ran = noctule(&["ingest", text(&out), "--data-dir", text(&again)]);
    assert!(ran.err.contains("read as jsonl"), "{}", ran.err);
    let (before, after) = (texts(&data), texts(&again));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(before, after);
    }
    assert_eq!(before.len(), after.len());

    let evil = dir.path().join("evil.jsonl");
    fs::write(&evil, "{\"text\":\"=HYPERLINK(\\\"x\\\")\",\"author\":\"@SUM(A1)\",\"source\":\"\u{200b}=1+1\",\"date\":\"2021-10-14\"}\n")
        .expect("written");
    let other = dir.path().join("other");
    assert_eq!(noctule(&["ingest", text(&evil), "--data-dir", text(&other)]).code, 0);
    let ran = noctule(&["export", "--to", "csv", "--data-dir", text(&other)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("\"'=HYPERLINK(\"\"x\"\")\"") && ran.out.contains(",'@SUM(A1),"), "{}", ran.out);
    assert!(ran.out.contains(",'\u{200b}=1+1,"), "{}", ran.out);
}

#[test]
fn an_empty_store_exports_nothing_and_says_so() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("undated.txt"), dir.path().join("data"));
    fs::write(&path, "Dear diary").expect("written");
    noctule(&["ingest", text(&path), "--data-dir", text(&data)]);
    let ran = noctule(&["export", "--to", "csv", "--data-dir", text(&data)]);
    assert_eq!((ran.code, ran.out.lines().count()), (1, 1), "{}", ran.err);
    assert_eq!(noctule(&["export", "--to", "ail", "--data-dir", text(&data)]).code, 1);
    let nowhere = noctule(&["export", "--to", "ail", "--data-dir", text(&dir.path().join("none"))]);
    assert!(nowhere.code >= 64, "{}", nowhere.err);
}
