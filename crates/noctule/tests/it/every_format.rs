//! One folder with a sample of every format becomes one message table, and it is the expected one.
//!
//! The samples and what they hold are the fixtures of the collectors. What a message is in a table differs from what a
//! collector found in three ways: the same message of two samples is one, its latest revision counts, and quotes are
//! out of its text. So the table is compared message by message in everything else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::run::{noctule, rows, text};

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).expect("the fixtures are there").map(|entry| entry.expect("it is read").path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

/// What is compared of a message.
type Compared = Vec<(&'static str, String)>;

const COMPARED: [&str; 7] =
    ["author_id", "author_name", "posted_at", "thread_id", "thread_title", "reply_to", "forwarded_from"];

/// A row of the table, or an expected message, in the same words: its id within the source, and what is compared.
fn words(message: &Value) -> (String, Compared) {
    let word = |key: &str| message[key].as_str().unwrap_or_default().trim_start_matches('~').to_owned();
    let id = match word("native_id") {
        id if id.is_empty() => format!("at {} by {}", word("posted_at"), word("author_name")),
        id => id,
    };
    (id, COMPARED.iter().map(|key| (*key, word(key))).collect())
}

#[test]
fn a_folder_of_every_format_is_one_table() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../noctule-core/fixtures/collect");
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (corpus, data, out) = (dir.path().join("corpus"), dir.path().join("data"), dir.path().join("out"));
    // By the source's key and the id; two samples may have the same message.
    let mut expected: BTreeMap<(String, String), Vec<Compared>> = BTreeMap::new();
    // The table has the name and medium of a source, which samples of one source may give differently.
    let mut keys: BTreeMap<[String; 2], BTreeSet<String>> = BTreeMap::new();
    let mut formats = BTreeSet::new();
    for format in folders(&fixtures) {
        let name = format.file_name().expect("a folder has a name").to_string_lossy().replace('_', "-");
        for case in folders(&format) {
            let setup: toml::Table =
                fs::read_to_string(case.join("case.toml")).unwrap_or_default().parse().expect("case.toml is TOML");
            // Zone and columns are given for a whole run; those of one sample would be wrong for the others.
            if setup.contains_key("zone") || setup.contains_key("mapping") {
                continue;
            }
            let input = fs::read_dir(&case)
                .expect("the case is there")
                .map(|entry| entry.expect("it is read").path())
                .find(|path| path.file_stem().is_some_and(|stem| stem == "input"))
                .expect("a case has an input");
            // The fixtures are read from a folder of this name, and some formats call their source after it.
            let folder = corpus.join(&name).join(case.file_name().expect("a folder has a name")).join("folder");
            fs::create_dir_all(&folder).expect("made");
            let copy = folder.join(input.file_name().expect("a file has a name"));
            fs::copy(&input, &copy).expect("copied");
            if let Some(at) = setup.get("captured_at").and_then(toml::Value::as_str) {
                let at: jiff::Timestamp = at.parse().expect("the time is RFC 3339");
                let saved = SystemTime::UNIX_EPOCH + Duration::from_secs(at.as_second().unsigned_abs());
                let file = File::options().write(true).open(&copy).expect("opened");
                file.set_modified(saved).expect("the time is set");
            }
            formats.insert(name.clone());
            for line in fs::read_to_string(case.join("expected.jsonl")).expect("a case says what it holds").lines() {
                let found: Value = serde_json::from_str(line).expect("each line is JSON");
                let Some(source) = found["source"].as_array().filter(|_| found["place"].is_number()) else { continue };
                let [key, name, medium] = [0, 1, 2].map(|at| source[at].as_str().unwrap_or_default().to_owned());
                keys.entry([name, medium]).or_default().insert(key.clone());
                let (id, compared) = words(&found);
                expected.entry((key, id)).or_default().push(compared);
            }
        }
    }
    let ran = noctule(&["study", text(&corpus), "--data-dir", text(&data), "--out", text(&out), "--quiet"]);
    assert!(matches!(ran.code, 0 | 2), "{}", ran.err);

    let read: BTreeSet<String> = rows(&data, "select distinct format from captures")
        .iter()
        .map(|row| row["format"].as_str().expect("a word").to_owned())
        .collect();
    assert_eq!(read, formats);

    let table = rows(
        &data,
        "select source_name, medium, native_id, author_id, author_name, posted_at, thread_id, thread_title, reply_to, \
         forwarded_from from messages",
    );
    let mut problems = Vec::new();
    let mut met: BTreeSet<(String, String)> = BTreeSet::new();
    for message in &table {
        let source = ["source_name", "medium"].map(|key| message[key].as_str().unwrap_or_default().to_owned());
        let (id, compared) = words(message);
        let known = keys.get(&source).into_iter().flatten().map(|key| (key.clone(), id.clone()));
        match known.into_iter().find(|key| expected.get(key).is_some_and(|variants| variants.contains(&compared))) {
            Some(key) => _ = met.insert(key),
            None => problems.push(format!("nobody expects {message}")),
        }
    }
    problems.extend(
        expected.iter().filter(|(key, _)| !met.contains(*key)).map(|(key, v)| format!("missing: {key:?} {v:?}")),
    );
    assert!(
        problems.is_empty(),
        "{} problems, the first:\n{}",
        problems.len(),
        problems[..problems.len().min(20)].join("\n")
    );
    assert!(table.len() > 200, "{} messages", table.len());
}
