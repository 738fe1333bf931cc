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
    for format in [Format::Telegram, Format::Jsonl] {
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
    let totals = write(dir.path(), 1, Format::Telegram);
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
        let chat = written[source["key"].as_str().expect("a key")];
        let all = chat["messages"].as_array().expect("messages");
        let own: Vec<&Value> = all.iter().filter(|m| m["type"] == "message").collect();
        let rows = source["messages"].as_array().expect("rows");
        assert_eq!(own.len(), rows.len());
        for (message, row) in own.iter().zip(rows) {
            assert_eq!(message["id"], row[0]);
            let text = own_text(message);
            assert_eq!(text.is_empty(), row[6].is_null(), "{text}");
            let date = match message["date_unixtime"].as_str() {
                Some(unix) => {
                    let mut date = Vec::new();
                    super::calendar::push_date_time(&mut date, unix.parse().expect("a number"));
                    String::from_utf8(date).expect("ASCII")
                }
                None => message["date"].as_str().expect("a date").to_owned(),
            };
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
    write(dir.path(), 1, Format::Telegram);
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
