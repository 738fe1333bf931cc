//! One corpus in every wrapping gives the same messages; generic tables with guessed and given columns.

use std::fs;
use std::io::Write;

use crate::run::{chat, message, noctule, number, rows, text};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory")
}

#[test]
fn plain_gzip_zstd_and_zip_are_the_same_corpus() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let export = chat(1, "x", &[message(1, 1_600_000_000, "one"), message(2, 1_600_000_060, "two")]);
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in
        [("export/result.json", export.as_bytes()), ("export/photos/p.jpg", b"\xff\xd8\xff\xe0 a picture")]
    {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).expect("memory");
        archive.write_all(bytes).expect("memory");
    }
    let zipped = archive.finish().expect("memory").into_inner();
    let wrapped: [(&str, Vec<u8>); 4] = [
        ("result.json", export.clone().into_bytes()),
        ("result.json.gz", gzip(export.as_bytes())),
        ("result.json.zst", zstd::encode_all(export.as_bytes(), 1).expect("memory")),
        ("export.zip", zipped),
    ];
    let all = dir.path().join("all");
    for (name, bytes) in wrapped {
        let (path, data) = (dir.path().join(name), dir.path().join(format!("{name}.data")));
        fs::write(&path, bytes).expect("written");
        let ran = noctule(&["ingest", text(&path), "--data-dir", text(&data)]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.err);
        let texts = rows(&data, "select text from messages order by text");
        assert_eq!(texts.len(), 2, "{name}");
        // Into one data directory they are one corpus.
        assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&all)]).code, 0);
        assert_eq!(number(&all, "select count(*) from messages"), 2, "{name}");
        // Twice is once.
        let again = noctule(&["ingest", text(&path), "--data-dir", text(&all)]);
        assert!(again.err.contains("(0 new)"), "{name}: {}", again.err);
    }
}

#[test]
fn a_table_is_guessed_shown_and_kept_as_a_profile() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("dump.csv"), dir.path().join("data"));
    fs::write(&path, "Timestamp;Kanal;Nachricht\n2021-03-04 10:00:00;forum.example;Verkaufe Konto, Treuhand möglich\n2021-03-05 11:30:00;forum.example;zweite\n").expect("written");
    let shown = noctule(&["ingest", text(&path), "--dry-run", "--map", "text=Nachricht,date=Timestamp,source=Kanal"]);
    assert_eq!(shown.code, 0, "{}", shown.err);
    assert!(
        shown.out.contains("2021-03-04T10:00:00Z")
            && shown.out.contains("forum.example")
            && shown.out.contains("2 messages"),
        "{}",
        shown.out
    );

    let map = ["--map", "text=Nachricht,date=Timestamp,source=Kanal", "--save-map", "kanal"];
    let mut args = vec!["ingest", text(&path), "--data-dir", text(&data), "--zone", "Europe/Berlin"];
    args.extend(map);
    assert_eq!(noctule(&args).code, 0);
    // Read in the zone given: Berlin is an hour ahead in March.
    let row = &rows(&data, "select posted_at, source_name from messages order by posted_at")[0];
    assert_eq!(
        (row["posted_at"].as_str(), row["source_name"].as_str()),
        (Some("2021-03-04T09:00:00Z"), Some("forum.example"))
    );
    let again = noctule(&["ingest", text(&path), "--data-dir", text(&data), "--profile", "kanal"]);
    assert_eq!(again.code, 0, "{}", again.err);
    let unknown = noctule(&["ingest", text(&path), "--data-dir", text(&data), "--profile", "nope"]);
    assert!(unknown.code >= 64 && unknown.err.contains("hint:"), "{}", unknown.err);
}

#[test]
fn repetitions_without_ids_stay_and_a_second_reading_adds_none() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, longer, data) = (dir.path().join("a.jsonl"), dir.path().join("b.jsonl"), dir.path().join("data"));
    let line = "{\"text\":\"same words\",\"date\":\"2021-05-05T05:05:05Z\",\"channel\":\"c\"}\n";
    fs::write(&path, line.repeat(3)).expect("written");
    fs::write(&longer, line.repeat(4)).expect("written");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    assert_eq!(number(&data, "select count(*) from messages"), 3);
    // An overlapping dump: three of its four are known.
    assert_eq!(noctule(&["ingest", text(&longer), "--data-dir", text(&data)]).code, 0);
    assert_eq!(number(&data, "select count(*) from messages"), 4);
}
