//! `inspect`: what a person sees of a file that goes in, of one that does not, and of one inside an archive.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::Value;

use crate::run::{chat, message, noctule, text};

/// What is said of each file, and the exit status. No data directory is made.
fn inspect(dir: &Path, more: &[&str]) -> (Vec<Value>, i32) {
    let home = dir.with_extension("home");
    let mut args = vec!["inspect", text(dir), "--format", "jsonl", "--data-dir", text(&home)];
    args.extend(more);
    let ran = noctule(&args);
    assert!(!home.exists(), "inspect stores nothing");
    (ran.out.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect(), ran.code)
}

fn names(values: &Value) -> Vec<&str> {
    values.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn a_table_says_what_its_columns_are_and_what_nobody_reads() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path().join("in");
    fs::create_dir(&folder).expect("made");
    let rows = "Posted;Channel;Message;views\n14.10.2021 21:07;shop;Selling access, escrow ok;17\nsoon;shop;second;3\n;shop;third;\n";
    fs::write(folder.join("dump.csv"), rows).expect("written");
    let (seen, code) = inspect(&folder, &["--zone", "+03"]);
    let [file] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((code, file["format"].as_str(), file["messages"].as_u64()), (2, Some("csv"), Some(3)));
    assert!(file["why"].as_str().is_some_and(|why| why.contains("text = \"Message\"")), "{file}");
    assert_eq!(names(&file["unread"]), ["views"]);
    assert_eq!((file["without_author"].as_u64(), file["without_date"].as_u64()), (Some(3), Some(2)));
    let first = &file["first"][0];
    assert_eq!(first["date_found"], "14.10.2021 21:07");
    assert_eq!((first["posted_at"].as_str(), first["precise"].as_bool()), (Some("2021-10-14T18:07:00Z"), Some(false)));
    assert_eq!((first["source"].as_str(), first["text"].as_str()), (Some("shop"), Some("Selling access, escrow ok")));
    assert_eq!(
        (file["skips"][0]["reason"].as_str(), file["skips"][0]["place"].as_str()),
        (Some("bad-date"), Some("line 3"))
    );
    assert!(names(&file["hints"]).iter().any(|hint| hint.contains("--map author_name=")), "{file}");
}

#[test]
fn json_keys_that_nobody_reads_are_listed() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path().join("in");
    fs::create_dir(&folder).expect("made");
    let line = "{\"_\":\"Message\",\"id\":1,\"peer_id\":{\"_\":\"PeerChannel\",\"channel_id\":5},\"date\":\"2021-10-14T21:07:00+00:00\",\
                \"message\":\"a\",\"views\":3,\"oddity\":{\"id\":5,\"deep\":1}}\n";
    fs::write(folder.join("dump.jsonl"), line).expect("written");
    let (seen, code) = inspect(&folder, &[]);
    assert_eq!((code, seen[0]["format"].as_str()), (0, Some("telethon-json")), "{seen:?}");
    let unread = names(&seen[0]["unread"]);
    assert!(unread.contains(&"oddity") && !unread.contains(&"message"), "{unread:?}");
    assert!(!seen[0]["also"].as_array().expect("a list").is_empty(), "JSON Lines would have taken it too: {seen:?}");
}

#[test]
fn a_file_that_will_not_go_in_gets_a_reason_and_a_hint() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let folder = dir.path().join("in");
    fs::create_dir(&folder).expect("made");
    for (name, bytes) in [
        ("a.csv", &b"k1;k2;k3\n1;2;3\n4;5;6\n"[..]),
        ("b.db", b"SQLite format 3\0\x10\0\x01\x01\0\x40\x20\x20\0\0\0\0"),
        ("c.txt", b"Dear diary, today nothing happened."),
    ] {
        fs::write(folder.join(name), bytes).expect("written");
    }
    let (seen, code) = inspect(&folder, &[]);
    assert_eq!((code, seen.len()), (2, 3));
    for (file, (reason, hint)) in seen.iter().zip([
        ("unknown-format", "columns k1, k2, k3"),
        ("binary", "sqlite3 FILE .dump"),
        ("unknown-format", "a header line"),
    ]) {
        assert_eq!((file["format"].is_null(), file["skips"][0]["reason"].as_str()), (true, Some(reason)), "{file}");
        assert!(names(&file["hints"]).iter().any(|text| text.contains(hint)), "{file}");
    }
    // What the hint says works.
    let (seen, code) = inspect(&folder.join("a.csv"), &["--as", "csv", "--map", "text=k3"]);
    assert_eq!((code, seen[0]["messages"].as_u64(), seen[0]["first"][0]["text"].as_str()), (0, Some(2), Some("3")));
}

#[test]
fn members_of_an_archive_are_looked_at_one_by_one() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("export.zip");
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let export = chat(1, "x", &[message(1, 1_600_000_000, "one"), message(2, 1_600_000_060, "two")]);
    for (name, bytes) in [("result.json", export.as_bytes()), ("p.jpg", b"\xff\xd8\xff\xe0 a picture"), ("e.json", b"")]
    {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("memory");
        archive.write_all(bytes).expect("memory");
    }
    fs::write(&path, archive.finish().expect("memory").into_inner()).expect("written");
    let (seen, code) = inspect(&path, &[]);
    assert_eq!((code, seen.len()), (2, 3), "{seen:?}");
    assert_eq!((seen[0]["format"].as_str(), seen[0]["messages"].as_u64()), (Some("telegram-json"), Some(2)));
    assert_eq!((seen[1]["media"].as_str(), seen[2]["skips"][0]["reason"].as_str()), (Some("picture"), Some("empty")));
    assert!(seen[0]["path"].as_str().is_some_and(|path| path.ends_with("export.zip!/result.json")));
}

#[test]
fn people_see_no_control_character() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join("a\u{1b}[31m.csv");
    fs::write(&path, "text,author,da\u{202e}te,x\u{7}y\nhello \u{1b}]0;owned,b\u{9b}31m,2021-10-14,1\n")
        .expect("written");
    let ran = noctule(&["inspect", text(&path)]);
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
    let bad = ran.out.chars().find(|c| (c.is_control() && *c != '\n') || ('\u{202a}'..='\u{202e}').contains(c));
    assert!(bad.is_none() && ran.out.contains("1 message"), "{:?}", ran.out);
}
