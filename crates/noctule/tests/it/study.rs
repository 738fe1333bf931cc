//! The study against the truth of the simulator.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::run::{chat, message, noctule, number, rows, text};

/// How far escrow mentions may be from the truth: measured, not wished for. The goal is 0.03 for raw and 0.05 for
/// unique; tighten these as the detectors improve, never loosen them.
const RAW_WITHIN: f64 = 0.03;
const UNIQUE_WITHIN: f64 = 0.05;

fn json(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).expect("the file is there")).expect("it is JSON")
}

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).expect("a folder").map(|e| e.expect("an entry").path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(dir).expect("inside").to_string_lossy().into_owned();
                found.push((name, fs::read(path).expect("a file")));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn own_words_count_and_stale_verdicts_do_not() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (input, data, words) = (dir.path().join("in.jsonl"), dir.path().join("data"), dir.path().join("words"));
    let line = r#"{"id":"1","source":"a","date":"2021-01-01T00:00:00Z","text":"Selling rdp via zorbak, 100$"}"#;
    fs::write(&input, format!("{line}\n")).expect("written");
    fs::create_dir(&words).expect("made");
    let lexicon = |form: &str| {
        let text = format!(
            "topic='escrow'\nlang='xx'\n[[entry]]\nid='zorbak'\ncue='term'\nstrength='sure'\nforms=['{form}']\nwhy='new'\n"
        );
        fs::write(words.join("own.toml"), text).expect("written");
    };
    let mentions = |more: &[&str]| {
        let out = dir.path().join("out");
        let mut args = vec!["study", "--data-dir", text(&data), "--out", text(&out)];
        args.extend(more);
        let ran = noctule(&args);
        assert_eq!(ran.code, 0, "{}", ran.err);
        (json(&out.join("study.json"))["totals"]["escrow_mentions"]["raw"].clone(), json(&out.join("manifest.json")))
    };
    assert_eq!(mentions(&[text(&input)]).0, 0);
    lexicon("zorbak");
    let (raw, manifest) = mentions(&["--lexicon", text(&words)]);
    assert_eq!(raw, 1);
    let rules = manifest["rules"].as_array().expect("a list");
    assert!(rules.iter().any(|rule| rule["name"] == "lexicon own/own.toml"));
    assert_eq!(number(&data, "select count(distinct detector_version) from verdicts"), 1);
    // Without the words, what they found is gone again.
    assert_eq!(mentions(&[]).0, 0);
    // In the data directory they count without being named.
    fs::rename(&words, data.join("lexicon")).expect("moved");
    assert_eq!(mentions(&[]).0, 1);
    fs::create_dir(&words).expect("made");
    lexicon("zor(bak");
    let ran = noctule(&["detect", text(&input), "--lexicon", text(&words)]);
    assert!(ran.code >= 64);
    for word in ["own.toml", "entry \"zorbak\"", "does not close", "hint: "] {
        assert!(ran.err.contains(word), "{word}: {}", ran.err);
    }
}

#[test]
fn a_simulated_corpus_gives_its_truth_and_the_same_bytes_again() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (corpus, data, data2) = (dir.path().join("corpus"), dir.path().join("data"), dir.path().join("data2"));
    let (first, second, third) = (dir.path().join("a"), dir.path().join("b"), dir.path().join("c"));
    let made = noctule(&["simulate", "--out", text(&corpus), "--messages", "20000", "--seed", "5"]);
    assert_eq!(made.code, 0, "{}", made.err);

    let study = |data: &Path, out: &Path| {
        let ran = noctule(&["study", text(&corpus), "--data-dir", text(data), "--out", text(out)]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran
    };
    study(&data, &first);
    let (found, truth) = (json(&first.join("study.json")), json(&corpus.join("truth.json")));
    for exact in ["messages", "sources"] {
        assert_eq!(found["totals"][exact], truth["totals"][exact], "{exact}");
    }
    let close = |path: &[&str], tolerance: f64| {
        let value = |from: &Value| {
            path.iter().fold(from["totals"].clone(), |v, key| v[key].clone()).as_f64().expect("a number")
        };
        let (found, truth) = (value(&found), value(&truth));
        assert!((found / truth - 1.0).abs() <= tolerance, "{path:?}: {found} found, {truth} true");
    };
    close(&["escrow_mentions", "raw"], RAW_WITHIN);
    close(&["escrow_mentions", "unique"], UNIQUE_WITHIN);

    // Each answer's query opens the messages behind it.
    for (name, answer) in found["answers"].as_object().expect("answers") {
        let query = answer["query"].as_str().expect("a query");
        assert!(!rows(&data, query).is_empty(), "{name}: {query}");
    }

    // Again, from what is stored: nothing is read twice, nothing changes.
    let again = study(&data, &second);
    assert!(again.err.contains("(0 new)"), "{}", again.err);
    assert_eq!(files(&first), files(&second));
    // And from nothing: the same bytes on another machine.
    study(&data2, &third);
    assert_eq!(files(&first), files(&third));
}

#[test]
fn a_path_is_studied_alone_and_no_path_means_everything() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let data = dir.path().join("data");
    let write = |name: &str, id: u64, range: std::ops::Range<u64>| {
        let path = dir.path().join(name);
        let messages: Vec<String> = range
            .map(|n| message(n, 1_600_000_000 + n as i64 * 60, &format!("Сделка через гаранта, лот {n}")))
            .collect();
        fs::write(&path, chat(id, name, &messages)).expect("written");
        path
    };
    // The second export overlaps the first by ten messages.
    let (a, b) = (write("a.json", 1, 0..30), write("b.json", 1, 20..40));
    let messages = |paths: &[&Path]| {
        let out = dir.path().join("out");
        let mut args = vec!["study"];
        args.extend(paths.iter().map(|p| text(p)));
        args.extend(["--data-dir", text(&data), "--out", text(&out)]);
        let ran = noctule(&args);
        assert_eq!(ran.code, 0, "{}", ran.err);
        json(&out.join("study.json"))["totals"]["messages"].as_i64()
    };
    assert_eq!(messages(&[&a]), Some(30));
    assert_eq!(messages(&[&b]), Some(20));
    assert_eq!(messages(&[]), Some(40));
    assert_eq!(messages(&[&a, &b]), Some(40));
    assert_eq!(number(&data, "select count(*) from messages"), 40);
}

#[test]
fn the_latest_revision_counts_whatever_came_first() {
    let edited = |secs: i64, body: &str| {
        message(7, 1_600_000_000, body).replace("\"from\"", &format!("\"edited_unixtime\": \"{secs}\", \"from\""))
    };
    let (old, new) =
        (chat(1, "x", &[edited(1_600_000_100, "first words")]), chat(1, "x", &[edited(1_600_000_200, "last words")]));
    for order in [[&old, &new], [&new, &old]] {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let data = dir.path().join("data");
        for (n, content) in order.iter().enumerate() {
            let path = dir.path().join(format!("{n}.json"));
            fs::write(&path, content).expect("written");
            assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
        }
        let texts: Vec<Value> =
            rows(&data, "select text from messages").into_iter().map(|row| row["text"].clone()).collect();
        assert_eq!(texts, ["last words"]);
        assert_eq!(number(&data, "select count(*) from verdicts"), 1);
    }
}

#[test]
fn small_and_odd_corpora_get_true_sentences() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let cases: [(&str, Vec<String>); 4] = [
        ("one", vec![message(1, 1_600_000_000, "Сделка через гаранта")]),
        (
            "no-escrow",
            (0..50).map(|n| message(n, 1_600_000_000 + n as i64 * 86_400, "good morning everyone here")).collect(),
        ),
        (
            "all-the-same",
            (0..50)
                .map(|n| message(n, 1_600_000_000 + n as i64 * 86_400, "Продам базу, работаю через гаранта форума"))
                .collect(),
        ),
        ("out-of-time", vec![message(1, 60, "in 1970"), message(2, 4_291_747_200, "in 2106")]),
    ];
    for (name, messages) in cases {
        let (path, data, out) =
            (dir.path().join(format!("{name}.json")), dir.path().join(format!("{name}.data")), dir.path().join(name));
        fs::write(&path, chat(1, name, &messages)).expect("written");
        let ran = noctule(&["study", text(&path), "--data-dir", text(&data), "--out", text(&out)]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        assert!(out.join("report.html").is_file(), "{name}");
        assert!(!ran.out.contains("NaN") && !ran.out.contains("inf"), "{name}: {}", ran.out);
    }
}
