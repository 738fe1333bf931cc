//! The simulator from outside: what it writes is read in the medium it was made for, and its report says what it must.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use crate::run::{noctule, rows, text};

#[test]
fn every_medium_is_read_as_what_it_is() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (corpus, data) = (dir.path().join("corpus"), dir.path().join("data"));
    let made = noctule(&["simulate", "--out", text(&corpus), "--messages", "12000", "--scenario", "takedown"]);
    assert_eq!(made.code, 0, "{}", made.err);
    let read = noctule(&["ingest", text(&corpus), "--data-dir", text(&data)]);
    assert_eq!(read.code, 0, "nothing is skipped: {}", read.err);
    let truth: Value =
        serde_json::from_str(&fs::read_to_string(corpus.join("truth.json")).expect("the truth")).expect("JSON");
    let wanted: BTreeMap<&str, (u64, u64)> = truth["media"]["rows"]
        .as_array()
        .expect("media")
        .iter()
        .map(|row| (row[0].as_str().expect("a medium"), (row[1].as_u64().unwrap_or(0), row[2].as_u64().unwrap_or(0))))
        .collect();
    let query = "select medium, count(*) as sources, sum(messages) as messages from sources group by medium";
    let found = rows(&data, query);
    assert_eq!(found.len(), 4);
    for row in &found {
        let medium = row["medium"].as_str().expect("a medium");
        let counts = (row["sources"].as_u64().unwrap_or(0), row["messages"].as_u64().unwrap_or(0));
        assert_eq!(counts, wanted[medium], "{medium}");
    }
    let threads = rows(&data, "select count(distinct thread_id) as n from messages where medium = 'forum'");
    assert!(threads[0]["n"].as_u64() > Some(20), "{threads:?}");
}

#[test]
fn the_report_is_the_same_each_time_and_names_its_limits() {
    let report = |format: &str| noctule(&["simulate", "--report", "--deals", "2000", "--format", format]);
    let (one, other) = (report("table"), report("table"));
    assert_eq!(one.code, 0, "{}", one.err);
    assert_eq!(one.out, other.out);
    assert!(one.out.contains("What it cannot say"), "{}", one.out);
    let rows: Vec<Value> =
        report("jsonl").out.lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect();
    assert_eq!(rows.len(), report("csv").out.lines().count() - 1);
    for row in &rows {
        let lost = &row["lost"];
        assert!(lost["low"].as_f64() <= lost["mean"].as_f64() && lost["mean"].as_f64() <= lost["high"].as_f64());
    }
    // The first row is the usual setting; those without a deposit lose more.
    let bare = rows.iter().find(|r| r["deposit_usd"] == "0" && r["signing"] == "agent").expect("a row");
    assert!(bare["lost_with_agent"]["mean"].as_f64() > rows[0]["lost_with_agent"]["mean"].as_f64());
}

#[test]
fn wrong_usage_is_told() {
    let nowhere = noctule(&["simulate"]);
    assert_eq!(nowhere.code, 64, "{}", nowhere.err);
    let unknown = noctule(&["simulate", "--out", "nowhere", "--scenario", "boring"]);
    assert!(unknown.code == 64 && unknown.err.contains("agent-exit"), "{}", unknown.err);
    let both = noctule(&["simulate", "--report", "--out", "nowhere"]);
    assert_eq!(both.code, 64, "{}", both.err);
}
