//! What survives kills and injuries. The long forms are in `cargo xtask torture`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::run::{chat, message, noctule, number, start, text};

fn corpus(dir: &Path, files: u64, messages: u64) -> PathBuf {
    let folder = dir.join("corpus");
    fs::create_dir(&folder).expect("made");
    for file in 0..files {
        let messages: Vec<String> =
            (0..messages).map(|n| message(n, 1_600_000_000 + n as i64, &format!("offer {file} {n}"))).collect();
        fs::write(folder.join(format!("{file:03}.json")), chat(file + 1, &format!("c{file}"), &messages))
            .expect("written");
    }
    folder
}

fn damaged(data: &Path) -> bool {
    noctule(&["verify", "--data-dir", text(data)]).code >= 64
}

#[test]
fn a_killed_ingest_goes_on_and_ends_complete() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (folder, data) = (corpus(dir.path(), 40, 200), dir.path().join("data"));
    let args = ["ingest", text(&folder), "--data-dir", text(&data), "--batch-messages", "500"];
    let mut killed = 0;
    for delay in [40, 80, 120, 160] {
        let mut child = start(&args);
        std::thread::sleep(Duration::from_millis(delay));
        killed += u32::from(child.try_wait().expect("it can be asked").is_none());
        let _ = child.kill();
        child.wait().expect("it ends");
    }
    assert!(killed > 0, "no kill hit a running ingest");
    assert_eq!(noctule(&args).code, 0);
    assert_eq!(number(&data, "select count(*) from messages"), 8000);
    assert_eq!(number(&data, "select count(distinct message_id) from messages"), 8000);
    assert!(!damaged(&data));
}

#[test]
fn a_second_writer_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (folder, data) = (corpus(dir.path(), 1, 10), dir.path().join("data"));
    fs::create_dir_all(&data).expect("made");
    let lock = fs::File::create(data.join("lock")).expect("made");
    lock.lock().expect("locked");
    let ran = noctule(&["ingest", text(&folder), "--data-dir", text(&data)]);
    assert!(
        ran.code >= 64 && ran.err.contains("another process is writing") && ran.err.contains("hint:"),
        "{}",
        ran.err
    );
    drop(lock);
    assert_eq!(noctule(&["ingest", text(&folder), "--data-dir", text(&data)]).code, 0);
}

fn find(dir: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in fs::read_dir(dir).expect("a folder").map(|e| e.expect("an entry").path()) {
        if path.is_dir() {
            found.extend(find(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn injuries_to_the_tables_are_found_at_opening_and_mended_by_rebuild() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (folder, data) = (corpus(dir.path(), 3, 300), dir.path().join("data"));
    assert_eq!(noctule(&["ingest", text(&folder), "--data-dir", text(&data)]).code, 0);
    let query = "select count(*), count(distinct text), min(posted_at), sum(deal_score) from messages join verdicts using (message_id)";
    let ask = || noctule(&["sql", query, "--data-dir", text(&data), "--format", "csv"]);
    let before = ask().out;
    type Injury = fn(&Path);
    let injuries: [(&str, Injury); 6] = [
        (".parquet", |p| fs::remove_file(p).expect("removed")),
        (".parquet", |p| fs::write(p, b"").expect("written")),
        (".parquet", |p| fs::write(p, &fs::read(p).expect("read")[..200]).expect("written")),
        ("1.json", |p| fs::write(p, b"").expect("written")),
        ("1.json", |p| fs::remove_file(p).expect("removed")),
        ("0.json", |p| fs::remove_file(p).expect("removed")),
    ];
    for (n, (ending, injure)) in injuries.into_iter().enumerate() {
        for victim in find(&data.join("tables"), ending) {
            if !victim.to_string_lossy().contains("messages") {
                continue;
            }
            injure(&victim);
            let ran = ask();
            assert!(ran.code >= 64, "injury {n} to {}: answered {}", victim.display(), ran.out);
            assert!(ran.err.contains("rebuild"), "{}", ran.err);
            assert!(damaged(&data));
            assert_eq!(noctule(&["rebuild", "--data-dir", text(&data)]).code, 0);
            assert_eq!(ask().out, before);
        }
    }
    assert!(!damaged(&data));
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (folder, data) = (corpus(dir.path(), 1, 200), dir.path().join("data"));
    assert_eq!(noctule(&["ingest", text(&folder), "--data-dir", text(&data)]).code, 0);
    let mut tried = 0;
    for ending in [".parquet", ".zst"] {
        for victim in find(&data, ending) {
            let whole = fs::read(&victim).expect("read");
            for part in 1..4 {
                let mut flipped = whole.clone();
                flipped[whole.len() * part / 4] ^= 1 << part;
                fs::write(&victim, &flipped).expect("written");
                assert!(damaged(&data), "{} at {part}/4", victim.display());
                tried += 1;
            }
            fs::write(&victim, &whole).expect("written");
        }
    }
    assert!(tried >= 9);
    assert!(!damaged(&data));
}

#[test]
fn a_ledger_that_was_never_completed_is_no_data_and_in_nobodys_way() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (folder, data) = (corpus(dir.path(), 2, 5), dir.path().join("data"));
    fs::create_dir(&data).expect("made");
    fs::write(data.join("ledger.db"), "").expect("written");
    let ran = noctule(&["sql", "select count(*) from messages", "--data-dir", text(&data)]);
    assert_eq!(ran.code, 66, "{}", ran.err);
    assert_eq!(noctule(&["ingest", text(&folder), "--data-dir", text(&data)]).code, 0);
    assert_eq!(number(&data, "select count(*) from messages"), 10);
}
