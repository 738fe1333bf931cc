//! The corpus as a whole: reproducible, readable, and in agreement with its own truth.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::scenario::KNOWN_2020_2022;
use super::{Format, Plan, Totals, TruthDetail, simulate};

const MESSAGES: u64 = 12_000;

fn write(dir: &Path, seed: u64, format: Format) -> Totals {
    let plan = Plan {
        out: dir.to_owned(),
        seed,
        scenario: &KNOWN_2020_2022,
        messages: MESSAGES,
        channels: Some(24),
        format,
        truth: TruthDetail::Messages,
    };
    simulate(&plan).expect("the folder can be written")
}

/// Every file below a folder with its bytes, unpacked.
fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let mut bytes = fs::read(&path).expect("a file");
            if path.extension().is_some_and(|e| e == "gz") {
                let mut plain = Vec::new();
                #[expect(clippy::disallowed_types, reason = "a file that this test wrote")]
                flate2::read::MultiGzDecoder::new(&bytes[..]).read_to_end(&mut plain).expect("gzip");
                bytes = plain;
            }
            found.insert(path.strip_prefix(dir).expect("below").display().to_string(), bytes);
        }
    }
    found
}

/// Reads Telegram Desktop's dialect: `\x0B` becomes `\u000B`, unless the backslash is itself escaped.
fn tolerant(bytes: &[u8]) -> Value {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match (bytes[at], bytes.get(at + 1)) {
            (b'\\', Some(b'x')) => {
                plain.extend_from_slice(b"\\u00");
                at += 2;
            }
            (b'\\', Some(next)) => {
                plain.extend_from_slice(&[b'\\', *next]);
                at += 2;
            }
            (byte, _) => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    serde_json::from_slice(&plain).expect("JSON")
}

/// The chats of an export, whether it holds one or a whole account.
fn chats(export: &Value) -> Vec<&Value> {
    if export["chats"].is_null() {
        return vec![export];
    }
    let lists = ["chats", "left_chats"].map(|key| export[key]["list"].as_array().expect("a list"));
    lists.into_iter().flatten().collect()
}

/// A message as a source's file has it.
struct Row {
    id: Value,
    text: String,
    date: String,
}

fn read_chat(chat: &Value) -> Vec<Row> {
    let messages = chat["messages"].as_array().expect("messages").iter().filter(|m| m["type"] == "message");
    let read = |message: &Value| {
        let date = match message["date_unixtime"].as_str() {
            Some(unix) => {
                let mut date = Vec::new();
                super::calendar::push_date_time(&mut date, unix.parse().expect("a number"));
                String::from_utf8(date).expect("ASCII")
            }
            None => message["date"].as_str().expect("a date").to_owned(),
        };
        Row { id: message["id"].clone(), text: own_text(message), date }
    };
    messages.map(read).collect()
}

fn read_forum(bytes: &[u8]) -> Vec<Row> {
    let line = |line: &str| {
        let post: Value = serde_json::from_str(line).expect("a JSON object a line");
        assert!(post["thread_id"].is_u64() && !post["thread_title"].as_str().expect("a title").is_empty());
        let text = |key: &str| post[key].as_str().expect("a text").to_owned();
        Row { id: post["id"].clone(), text: text("text"), date: text("date") }
    };
    std::str::from_utf8(bytes).expect("UTF-8").lines().map(line).collect()
}

/// Reads a table as RFC 4180 has it.
fn read_market(bytes: &[u8]) -> Vec<Row> {
    let mut rows = vec![vec![String::new()]];
    let (mut quoted, mut chars) = (false, std::str::from_utf8(bytes).expect("UTF-8").chars().peekable());
    while let Some(c) = chars.next() {
        let row = rows.last_mut().expect("a row");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => row.last_mut().expect("a cell").extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => rows.push(vec![String::new()]),
            c => row.last_mut().expect("a cell").push(c),
        }
    }
    assert_eq!(rows.pop(), Some(vec![String::new()]), "the last line ends");
    let read = |row: Vec<String>| {
        assert_eq!(row.len(), 9, "{row:?}");
        Row { id: Value::from(row[0].parse::<i64>().expect("a number")), text: row[7].clone(), date: row[2].clone() }
    };
    rows.into_iter().skip(1).map(read).collect()
}

/// The writer's own words: the text without its quotes.
fn own_text(message: &Value) -> String {
    match &message["text"] {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter(|part| part["type"] != "blockquote")
            .map(|part| part.as_str().or(part["text"].as_str()).expect("text"))
            .collect(),
        other => panic!("text is {other}"),
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
    for format in [Format::Collected, Format::Jsonl] {
        let dirs = [1, 1, 2].map(|seed| {
            let dir = tempfile::tempdir().expect("a folder");
            write(dir.path(), seed, format);
            files(dir.path())
        });
        assert!(dirs[0] == dirs[1], "the same seed gave other bytes");
        let shared: Vec<&String> =
            dirs[0].iter().filter(|(path, bytes)| dirs[2].get(*path) == Some(bytes)).map(|(path, _)| path).collect();
        assert_eq!(shared, ["events.csv"]);
    }
}

#[test]
fn every_export_reads_back_and_agrees_with_the_truth() {
    let dir = tempfile::tempdir().expect("a folder");
    let totals = write(dir.path(), 1, Format::Collected);
    let files = files(dir.path());
    let exports: Vec<Value> =
        files.iter().filter(|(path, _)| path.contains("result.json")).map(|(_, bytes)| tolerant(bytes)).collect();
    let written: BTreeMap<String, &Value> =
        exports.iter().flat_map(chats).map(|chat| (format!("telegram:{}", chat["id"]), chat)).collect();
    let truth: Value = serde_json::from_slice(&files["truth.json"]).expect("truth is JSON proper");

    let mut messages = 0;
    let mut months: BTreeMap<String, [u64; 3]> = BTreeMap::new();
    let mut texts: BTreeMap<u64, (String, Value, Value)> = BTreeMap::new();
    for source in truth["sources"].as_array().expect("sources") {
        let file = || &files[source["path"].as_str().expect("a path")];
        let own = match source["medium"].as_str() {
            Some("forum") => read_forum(file()),
            Some("marketplace") => read_market(file()),
            _ => read_chat(written[source["key"].as_str().expect("a key")]),
        };
        let rows = source["messages"].as_array().expect("rows");
        assert_eq!(own.len(), rows.len());
        for (Row { id, text, date }, row) in own.into_iter().zip(rows) {
            assert_eq!(id, row[0]);
            assert_eq!(text.is_empty(), row[6].is_null(), "{text}");
            let count = months.entry(date[..7].to_owned()).or_default();
            count[0] += 1;
            count[1] += row[1].as_u64().expect("0 or 1");
            count[2] += row[3].as_u64().expect("0 or 1");
            messages += 1;
            if let Some(cluster) = row[6].as_u64() {
                let (_, escrow, deal) =
                    texts.entry(cluster).or_insert_with(|| (text.clone(), row[1].clone(), row[3].clone()));
                assert!(*escrow == row[1] && *deal == row[3], "one cluster, two truths: {text}");
            }
        }
    }
    assert_eq!(messages, MESSAGES);
    assert_eq!(totals.messages, MESSAGES);
    assert_eq!(totals.unique_texts, texts.len() as u64);
    assert_eq!(totals.escrow.raw, months.values().map(|c| c[1]).sum::<u64>());
    assert_eq!(totals.deal.raw, months.values().map(|c| c[2]).sum::<u64>());
    assert_eq!(totals.escrow.unique, texts.values().filter(|t| t.1 == 1).count() as u64);
    let rows = truth["months"]["rows"].as_array().expect("months");
    assert_eq!(rows.len(), 36);
    for row in rows {
        let count = months[row[0].as_str().expect("a month")];
        assert_eq!([&row[1], &row[2], &row[5]], [count[0], count[1], count[2]].map(Value::from).each_ref());
    }
}

#[test]
fn the_months_have_the_planted_shape() {
    let dir = tempfile::tempdir().expect("a folder");
    let totals = write(dir.path(), 3, Format::Jsonl);
    let truth: Value = serde_json::from_slice(&files(dir.path())["truth.json"]).expect("JSON");
    let rows = truth["change_points"]["rows"].as_array().expect("rows");
    assert_eq!(rows.len(), 9);
    for row in rows.iter().filter(|row| row[0] == "escrow_raw") {
        let (effect, planted) = (row[3].as_f64().expect("a ratio"), row[4].as_f64().expect("a ratio"));
        assert!((effect / planted - 1.0).abs() < 0.05, "{row}");
    }
    for row in rows.iter().filter(|row| row[0] == "escrow_unique") {
        let up = row[4].as_f64().expect("a ratio") > 1.0;
        let effect = row[3].as_f64().expect("a ratio");
        assert!(if up { effect > 1.2 } else { effect < 0.65 }, "{row}");
    }
    assert!(totals.escrow.fixed_panel < totals.escrow.raw && totals.escrow.fixed_panel > 0);
    assert!(totals.escrow.unique < totals.escrow.raw * 4 / 5);
}

#[test]
fn the_corpus_has_every_quirk_it_is_meant_to_test() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), 1, Format::Collected);
    let all: Vec<u8> =
        files(dir.path()).into_iter().filter(|f| f.0.contains("result.json")).flat_map(|f| f.1).collect();
    let all = String::from_utf8(all).expect("UTF-8");
    for quirk in [
        "\\x0B",
        "\"from\": null",
        "\"from_id\": \"user",
        "\"from_id\": 1",
        "\"type\": \"blockquote\"",
        "\"type\": \"mention\"",
        "\"type\": \"link\"",
        "\"type\": \"bold\"",
        "\"action\": \"edit_group_title\"",
        "\"action\": \"migrate_to_supergroup\"",
        "\"action\": \"migrate_from_group\"",
        "\"id\": -9999999",
        "\"forwarded_from\": ",
        "\"reply_to_message_id\": ",
        "\"edited_unixtime\": ",
        "\"text_entities\": []",
        "\"left_chats\": ",
        "\"media_type\": \"sticker\"",
        "\"action\": \"pin_message\"",
    ] {
        assert!(all.contains(quirk), "no {quirk}");
    }
}

/// One world of each scenario, with its truth.
fn truths() -> Vec<(&'static str, Value)> {
    let read = |scenario: &&'static super::scenario::Scenario| {
        let dir = tempfile::tempdir().expect("a folder");
        let plan = Plan {
            out: dir.path().to_owned(),
            seed: 2,
            scenario,
            messages: 24_000,
            channels: Some(60),
            format: Format::Jsonl,
            truth: TruthDetail::Totals,
        };
        simulate(&plan).expect("the folder can be written");
        let events = String::from_utf8(files(dir.path())["events.csv"].clone()).expect("UTF-8");
        assert_eq!(events.lines().count(), scenario.events.len() + 1);
        (scenario.name, serde_json::from_slice(&files(dir.path())["truth.json"]).expect("JSON"))
    };
    super::scenario::SCENARIOS.iter().map(read).collect()
}

#[test]
fn every_scenario_spans_the_media_and_has_its_story() {
    for (name, truth) in truths() {
        for row in truth["media"]["rows"].as_array().expect("media") {
            assert!(row[2].as_u64() > Some(500) && row[3].as_u64() > Some(20), "{name}: {row}");
        }
        let sources = truth["sources"].as_array().expect("sources");
        let any = |test: &dyn Fn(&Value) -> bool| sources.iter().any(test);
        assert!(any(&|s| s["silent_months"].as_u64() > Some(1)), "{name}: nobody is silent");
        // In a quiet world hardly anybody dies, so that nobody need come back.
        assert!(name == "quiet" || any(&|s| s["successor_of"].is_string()), "{name}: nobody comes back");
        for moved in ["renamed", "new-address", "group-to-supergroup"] {
            let moves = |s: &Value| s["moves"].as_array().is_some_and(|m| m.iter().any(|m| m[0] == moved));
            assert!(any(&moves), "{name}: nobody is {moved}");
        }
        assert_eq!(any(&|s| s["taken_down"] == true), name == "takedown", "{name}");
        let gone = |agent: &Value| agent["gone_at"].is_string();
        let left = truth["agents"].as_array().expect("agents").iter().filter(|a| gone(a)).count();
        assert_eq!(left, usize::from(name == "agent-exit"), "{name}");
        let changes = truth["change_points"]["rows"].as_array().expect("changes");
        assert_eq!(changes.is_empty(), name == "quiet");
        for row in changes.iter().filter(|row| row[0] == "escrow_raw") {
            let (effect, planted) = (row[3].as_f64().expect("a ratio"), row[4].as_f64().expect("a ratio"));
            assert!((effect / planted - 1.0).abs() < 0.06, "{name}: {row}");
        }
    }
}

#[test]
fn every_language_has_its_part() {
    let dir = tempfile::tempdir().expect("a folder");
    let plan = Plan {
        out: dir.path().to_owned(),
        seed: 1,
        scenario: &KNOWN_2020_2022,
        messages: 100_000,
        channels: None,
        format: Format::Jsonl,
        truth: TruthDetail::Totals,
    };
    simulate(&plan).expect("the folder can be written");
    let truth: Value = serde_json::from_slice(&files(dir.path())["truth.json"]).expect("JSON");
    let rows = truth["languages"]["rows"].as_array().expect("languages");
    assert_eq!(rows.len(), 20);
    let count = |row: &Value, column: usize| row[column].as_u64().expect("a number");
    let all: u64 = rows.iter().map(|row| count(row, 1)).sum();
    let large = ["ru", "en", "zh"];
    let small: u64 = rows.iter().filter(|row| !large.iter().any(|l| row[0] == *l)).map(|row| count(row, 1)).sum();
    assert!((8..=25).contains(&(small * 100 / all)), "{small} of {all}");
    assert!(rows.iter().all(|row| count(row, 1) > 20 && count(row, 3) > 0), "{rows:?}");
}

#[test]
fn the_truth_of_deals_and_parties_holds_together() {
    let dir = tempfile::tempdir().expect("a folder");
    write(dir.path(), 1, Format::Jsonl);
    let truth: Value = serde_json::from_slice(&files(dir.path())["truth.json"]).expect("JSON");
    let list = |key: &str| truth[key].as_array().expect("a list").clone();
    let parties: BTreeMap<u64, Value> =
        list("parties").into_iter().map(|p| (p["person"].as_u64().expect("a number"), p)).collect();
    let mut rows: BTreeMap<(String, i64), Value> = BTreeMap::new();
    for source in list("sources") {
        let key = source["key"].as_str().expect("a key").to_owned();
        for row in source["messages"].as_array().expect("rows") {
            rows.insert((key.clone(), row[0].as_i64().expect("an id")), row.clone());
        }
    }
    let mut told = 0;
    for deal in list("deals") {
        for party in ["seller", "buyer", "agent", "impersonator"] {
            if let Some(person) = deal[party].as_u64() {
                let roles = parties[&person]["roles"].as_array().expect("roles");
                assert!(roles.iter().any(|r| r == party), "{deal}");
            }
        }
        if let Some(gains) = deal["gains_usd"].as_object() {
            let sum: f64 = gains.values().map(|v| v.as_f64().expect("a number")).sum();
            // Only a thief's deposit brings money in from outside the deal.
            assert!(sum.abs() < 0.01 || deal["cheater"] == "agent", "{deal}");
        }
        let stages = deal["stages"].as_array().expect("stages");
        assert!(stages.windows(2).all(|pair| pair[0][1].as_str() <= pair[1][1].as_str()), "{deal}");
        for message in deal["messages"].as_array().expect("messages") {
            let key = (message[0].as_str().expect("a key").to_owned(), message[1].as_i64().expect("an id"));
            assert_eq!((&rows[&key][8], &rows[&key][9]), (&deal["id"], &message[2]));
            told += 1;
        }
    }
    assert_eq!(told, rows.values().filter(|row| !row[8].is_null()).count());
    assert!(told > 100, "{told}");
    let imitators = parties.values().filter(|p| p["imitates"].is_u64());
    for imitator in imitators {
        let original = &parties[&imitator["imitates"].as_u64().expect("a number")];
        assert_ne!(imitator["handles"][0]["handle"], original["handles"][0]["handle"]);
    }
}
