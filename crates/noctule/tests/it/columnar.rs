//! Tables in Parquet go in like any other: our own table is a table of another program to a second data directory.

use std::fs;
use std::path::{Path, PathBuf};

use crate::run::{chat, message, noctule, number, rows, text};

/// The one Parquet file of the messages in a data directory.
fn table(data: &Path) -> PathBuf {
    let entries = fs::read_dir(data.join("tables/messages")).expect("a table");
    let mut files: Vec<PathBuf> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "parquet"))
        .collect();
    assert_eq!(files.len(), 1, "one commit makes one file");
    files.pop().expect("just counted")
}

#[test]
fn a_parquet_table_is_read_and_a_damaged_one_is_a_skip() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (export, data) = (dir.path().join("result.json"), dir.path().join("data"));
    let texts: Vec<String> = (1..=400).map(|n| format!("Selling base {n}, escrow welcome, гарант")).collect();
    let messages: Vec<String> =
        (1..).zip(&texts).map(|(n, words)| message(n, 1_600_000_000 + n as i64, words)).collect();
    fs::write(&export, chat(1, "shop", &messages)).expect("written");
    assert_eq!(noctule(&["ingest", text(&export), "--data-dir", text(&data)]).code, 0);

    let (parquet, again) = (dir.path().join("dump.parquet"), dir.path().join("again"));
    fs::copy(table(&data), &parquet).expect("copied");
    let seen = noctule(&["inspect", text(&parquet)]);
    assert_eq!(seen.code, 0, "{}", seen.out);
    assert!(seen.out.contains("read as parquet of jsonl") && seen.out.contains("400 messages"), "{}", seen.out);
    let ran = noctule(&["ingest", text(&parquet), "--data-dir", text(&again)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let query = "select native_id, author_name, posted_at, text, source_name from messages order by posted_at";
    assert_eq!(rows(&data, query), rows(&again, query));

    let bytes = fs::read(&parquet).expect("just written");
    for (name, bytes) in [
        ("cut", &bytes[..bytes.len() / 2]),
        ("footer", b"PAR1 and no more PAR1"),
        ("arrow", b"ARROW1\0\0\xff\xff\xff\xff\0\0"),
    ] {
        let (path, data) = (dir.path().join(name), dir.path().join(format!("{name}.data")));
        fs::write(&path, bytes).expect("written");
        let ran = noctule(&["ingest", text(&path), "--data-dir", text(&data)]);
        assert_eq!(ran.code, 2, "{name}: {}", ran.err);
        assert_eq!(number(&data, "select count(*) from skips where reason in ('malformed', 'empty')"), 1, "{name}");
    }
}
