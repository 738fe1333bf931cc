//! Bad input: a counted, listed skip or one clear error, exit status 2, and nothing lost.

use std::fs;
use std::path::Path;

use crate::run::{chat, message, noctule, number, rows, text};

fn reasons(data: &Path) -> Vec<(String, String)> {
    let field = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_string();
    rows(data, "select path, reason from skips order by path")
        .iter()
        .map(|row| (field(row, "path").rsplit('/').next().unwrap_or_default().to_string(), field(row, "reason")))
        .collect()
}

#[test]
fn each_bad_file_is_named_with_its_reason_and_good_ones_are_read() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (folder, data) = (dir.path().join("in"), dir.path().join("data"));
    fs::create_dir(&folder).expect("made");
    let good = chat(1, "good", &[message(1, 1_600_000_000, "one"), message(2, 1_600_000_060, "two")]);
    let cut = chat(2, "cut", &[message(1, 1_600_000_000, "kept"), message(2, 1_600_000_060, "lost")]);
    let files: [(&str, Vec<u8>); 6] = [
        ("binary.bin", (0..=255u8).cycle().take(5000).collect()),
        ("cut.json", cut.as_bytes()[..cut.len() - 40].to_vec()),
        ("empty.json", Vec::new()),
        ("good.json", good.into_bytes()),
        ("prose.txt", b"Dear diary, today nothing happened.".to_vec()),
        (
            "undated.json",
            chat(
                3,
                "u",
                &[message(1, 0, "x")
                    .replace("\"date_unixtime\": \"0\"", "\"date_unixtime\": \"soon\"")
                    .replace("2021-01-01T00:00:00", "never")],
            )
            .into_bytes(),
        ),
    ];
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("written");
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("/etc/hostname", folder.join("link.json")).expect("linked");
    let ran = noctule(&["ingest", text(&folder), "--data-dir", text(&data)]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("hint:"), "{}", ran.err);
    let found = reasons(&data);
    let has = |path: &str, reason: &str| found.iter().any(|(p, r)| p == path && r == reason);
    for (path, reason) in [
        ("binary.bin", "binary"),
        ("cut.json", "truncated"),
        ("empty.json", "empty"),
        ("link.json", "outside-link"),
        ("prose.txt", "unknown-format"),
        ("undated.json", "bad-date"),
    ] {
        assert!(has(path, reason), "{path} {reason}: {found:?}");
    }
    assert_eq!(number(&data, "select count(*) from messages where source_name = 'good'"), 2);
    assert_eq!(number(&data, "select count(*) from messages where source_name = 'cut'"), 1);
    // A message without a date is kept.
    assert_eq!(number(&data, "select count(*) from messages where posted_at is null"), 1);
    // A second run says the same and doubles nothing.
    let again = noctule(&["ingest", text(&folder), "--data-dir", text(&data)]);
    assert_eq!(again.code, 2);
    assert_eq!(reasons(&data), found);
}

#[test]
fn nothing_readable_is_an_error_with_a_hint() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("x.txt"), dir.path().join("data"));
    fs::write(&path, "prose").expect("written");
    for args in [["study", text(&path)], ["study", "/no/such/folder"]] {
        let ran = noctule(&[&args[..], &["--data-dir", text(&data), "--out", text(&dir.path().join("o"))]].concat());
        assert!(
            ran.code >= 64 && ran.err.contains("error: ") && ran.err.contains("hint: "),
            "{} {}",
            ran.code,
            ran.err
        );
    }
    let fresh = noctule(&["sql", "select 1", "--data-dir", text(&dir.path().join("none"))]);
    assert!(fresh.code >= 64 && fresh.err.contains("hint: "), "{}", fresh.err);
}

#[test]
fn no_control_byte_reaches_the_terminal() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let evil = "\u{1b}]0;owned\u{7}\u{202e}gnp.exe \u{9b}31m";
    let (path, data, out) =
        (dir.path().join(format!("a{}.json", evil.replace('/', ""))), dir.path().join("data"), dir.path().join("out"));
    fs::write(
        &path,
        chat(1, evil, &[message(1, 1_600_000_000, &format!("Сделка через гаранта {evil} <script>alert(1)</script>"))]),
    )
    .expect("written");
    let study = ["study", text(&path), "--data-dir", text(&data), "--out", text(&out)];
    let dry = ["ingest", text(&path), "--dry-run"];
    let sql = ["sql", "select * from messages", "--data-dir", text(&data)];
    for args in [&study[..], &dry[..], &sql[..]] {
        let ran = noctule(args);
        for stream in [&ran.out, &ran.err] {
            let bad = stream
                .chars()
                .find(|c| (c.is_control() && !matches!(c, '\n' | '\t')) || ('\u{202a}'..='\u{202e}').contains(c));
            assert_eq!(bad, None, "{args:?}: {stream:?}");
        }
    }
    let report = fs::read_to_string(out.join("report.html")).expect("a report");
    assert!(!report.contains("<script") && report.contains("&lt;script"), "the message is quoted, escaped");
}
