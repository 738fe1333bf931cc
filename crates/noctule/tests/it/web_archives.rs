//! WARC and WACZ: pages with their address and time, whatever is around them.

use std::fs;
use std::path::Path;

use crate::archives::{gzip, zip};
use crate::pages::page;
use crate::run::{noctule, number, rows, text};

fn record(kind: &str, uri: &str, date: &str, media_type: &str, content: &[u8]) -> Vec<u8> {
    let mut out = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-000000000001>\r\n\
         WARC-Target-URI: {uri}\r\nWARC-Date: {date}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        content.len()
    )
    .into_bytes();
    out.extend_from_slice(content);
    out.extend_from_slice(b"\r\n\r\n");
    out
}

fn response(uri: &str, date: &str, head: &str, body: &[u8]) -> Vec<u8> {
    let mut http = format!("HTTP/1.1 {head}\r\n\r\n").into_bytes();
    http.extend_from_slice(body);
    record("response", uri, date, "application/http; msgtype=response", &http)
}

fn chunked(bytes: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = bytes
        .chunks(100)
        .flat_map(|chunk| [format!("{:x}\r\n", chunk.len()).as_bytes(), chunk, b"\r\n"].concat())
        .collect();
    out.extend_from_slice(b"0\r\n\r\n");
    out
}

const DATE: &str = "2021-10-16T12:00:00Z";

/// One record of each kind; five pages.
fn records() -> Vec<Vec<u8>> {
    let html = "200 OK\r\nContent-Type: text/html; charset=UTF-8";
    let short = page(4, "Yesterday, 10:15 AM", "WORDS");
    let at = short.find("WORDS").expect("it is there");
    // «гарант» in KOI8-R: six letters that only the header can explain.
    let koi8 = [&short.as_bytes()[..at], b"\xc7\xc1\xd2\xc1\xce\xd4", &short.as_bytes()[at + 5..]].concat();
    vec![
        record("warcinfo", "", DATE, "application/warc-fields", b"software: invented\r\n"),
        record(
            "request",
            "https://raven.example/1",
            DATE,
            "application/http; msgtype=request",
            b"GET /1 HTTP/1.1\r\n\r\n",
        ),
        response("<https://raven.example/1>", DATE, html, page(1, "Yesterday, 10:15 AM", "plain").as_bytes()),
        response(
            "https://raven.example/2",
            DATE,
            &format!("{html}\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip"),
            &chunked(&gzip(page(2, "Yesterday, 10:15 AM", "packed").as_bytes())),
        ),
        response(
            "https://mirror.example/threads/http-proxies/3",
            "2021-10-17T12:00:00.123456Z",
            &format!("{html}\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip"),
            page(3, "Yesterday, 10:15 AM", "undone before").as_bytes(),
        ),
        response("https://raven.example/4", DATE, "200 OK\r\nContent-Type: text/html; charset=koi8-r", &koi8),
        record(
            "resource",
            "https://raven.example/5",
            DATE,
            "text/html",
            page(5, "Yesterday, 10:15 AM", "resource").as_bytes(),
        ),
        response(
            "https://raven.example/p.png",
            DATE,
            "200 OK\r\nContent-Type: image/png",
            b"\x89PNG\r\n\x1a\n a picture",
        ),
        response("https://raven.example/x.js", DATE, "200 OK\r\nContent-Type: application/javascript", b"x()"),
        response("https://raven.example/old", DATE, "301 Moved Permanently\r\nLocation: /1", b""),
        record(
            "revisit",
            "https://raven.example/1",
            DATE,
            "application/http; msgtype=response",
            b"HTTP/1.1 200 OK\r\n\r\n",
        ),
        record("metadata", "https://raven.example/1", DATE, "application/warc-fields", b"outlink: x\r\n"),
        record(
            "response",
            "dns:raven.example",
            DATE,
            "text/dns",
            b"20211016120000\r\nraven.example. 1 IN A 192.0.2.1\r\n",
        ),
    ]
}

fn ingest(dir: &Path, name: &str, bytes: &[u8]) -> (i32, std::path::PathBuf, String) {
    let (path, data) = (dir.join(name), dir.join(format!("{name}.data")));
    fs::write(&path, bytes).expect("written");
    let ran = noctule(&["ingest", text(&path), "--data-dir", text(&data)]);
    (ran.code, data, ran.err)
}

fn reasons(data: &Path) -> Vec<String> {
    let field = |row: &serde_json::Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    rows(data, "select path, place, reason from skips order by path, place")
        .iter()
        .map(|row| {
            let path = field(row, "path");
            format!(
                "{} {} {}",
                path.rsplit("data/").next().unwrap_or_default().rsplit('/').next().unwrap_or_default(),
                field(row, "place"),
                field(row, "reason")
            )
        })
        .collect()
}

#[test]
fn every_page_of_an_archive_is_read() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let records = records();
    let plain = records.concat();
    let members: Vec<u8> = records.iter().flat_map(|record| gzip(record)).collect();
    for (name, bytes) in [
        ("plain.warc", plain.clone()),
        ("records.warc.gz", members),
        ("old.warc", replaced(&plain, "WARC/1.1", "WARC/1.0")),
    ] {
        let (code, data, err) = ingest(dir.path(), name, &bytes);
        assert_eq!(code, 0, "{name}: {err} {:?}", reasons(&data));
        let found = rows(
            &data,
            "select m.native_id, m.text, m.posted_at, m.collected_at, s.url from messages m \
             join sources s using (source_id) order by m.native_id",
        );
        let texts: Vec<&str> = found.iter().filter_map(|row| row["text"].as_str()).collect();
        assert_eq!(texts, ["plain", "packed", "undone before", "гарант", "resource"], "{name}");
        for row in &found {
            let day = if row["native_id"] == "3" { 16 } else { 15 };
            assert_eq!(row["posted_at"], format!("2021-10-{day}T10:15:00Z"), "{name}");
        }
        assert_eq!(found[0]["url"], "https://raven.example/");
        assert_eq!(found[2]["url"], "https://mirror.example/");
        assert_eq!(found[2]["collected_at"], "2021-10-17T12:00:00.123456Z");
        assert!(err.contains("2 media and style files passed over") && err.contains("1 redirects"), "{name}: {err}");
        // Rebuilt from the evidence, the header's encoding is still known.
        assert_eq!(noctule(&["rebuild", "--data-dir", text(&data)]).code, 0);
        assert_eq!(number(&data, "select count(*) from messages where text = 'гарант'"), 1);
    }
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for at in 0..out.len().saturating_sub(from.len()) {
        if out[at..].starts_with(from.as_bytes()) {
            out[at..at + to.len()].copy_from_slice(to.as_bytes());
        }
    }
    out
}

#[test]
fn a_broken_record_costs_itself() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let one = response(
        "https://a.example/1",
        DATE,
        "200 OK\r\nContent-Type: text/html",
        page(1, "10-14-2021, 09:07 PM", "one").as_bytes(),
    );
    let two = response(
        "https://a.example/2",
        DATE,
        "200 OK\r\nContent-Type: text/html",
        page(2, "10-14-2021, 09:07 PM", "two").as_bytes(),
    );
    let count = "select count(*) from messages";
    // The end is missing.
    let cut = [&one[..], &two[..two.len() - 300]].concat();
    let (code, data, err) = ingest(dir.path(), "cut.warc", &cut);
    assert_eq!((code, number(&data, &format!("{count} where text = 'one'"))), (2, 1), "{err}");
    assert!(reasons(&data).contains(&"cut.warc record 2 truncated".to_owned()), "{:?}", reasons(&data));
    // So in gzip.
    let packed = [gzip(&one), gzip(&two)].concat();
    let (code, data, _) = ingest(dir.path(), "cut.warc.gz", &packed[..packed.len() - 100]);
    assert_eq!((code, number(&data, &format!("{count} where text = 'one'"))), (2, 1));
    assert!(reasons(&data).iter().any(|skip| skip.ends_with("truncated")), "{:?}", reasons(&data));
    // No length, a wrong length, noise between records, an answer that is none, an error page, an unknown coding.
    let no_length = b"WARC/1.0\r\nWARC-Type: response\r\n\r\n".to_vec();
    let noise = b"noise\nmore noise\n".repeat(1000);
    let none = record("response", "https://a.example/3", DATE, "application/http", b"not HTTP");
    let error = response("https://a.example/4", DATE, "500 No\r\nContent-Type: text/plain", b"no");
    let coding = response("https://a.example/5", DATE, "200 OK\r\nContent-Encoding: compress", b"x");
    let mixed = [&one[..], &no_length, &noise, &none, &error, &coding, &two].concat();
    let (code, data, err) = ingest(dir.path(), "mixed.warc", &mixed);
    assert_eq!((code, number(&data, count)), (2, 2), "{err}");
    assert_eq!(
        reasons(&data),
        ["mixed.warc record 2 malformed", "3 record 3 malformed", "4 whole file empty", "5 whole file unknown-format",]
    );
    // A length beyond everything ends the archive there.
    let head = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Type: application/http\r\nContent-Length: 99999999999999999\r\n\r\n";
    let (code, data, err) = ingest(dir.path(), "huge.warc", &[&one[..], head, &two].concat());
    assert_eq!((code, number(&data, count)), (2, 1), "{err}");
    assert!(reasons(&data).contains(&"huge.warc record 2 truncated".to_owned()), "{:?}", reasons(&data));
}

#[test]
fn a_bomb_in_a_body_ends_at_its_limit() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let lines = format!("{{\"text\":\"some words\"}}\n{}", format!("{}\n", " ".repeat(1_000_000)).repeat(80));
    let bomb = gzip(lines.as_bytes());
    let one = response("https://a.example/1", DATE, "200 OK\r\nContent-Encoding: gzip", &bomb);
    let two = response("https://a.example/2", DATE, "200 OK", page(2, "10-14-2021, 09:07 PM", "two").as_bytes());
    let (code, data, err) = ingest(dir.path(), "bomb.warc", &[one, two].concat());
    assert_eq!(code, 2, "{err}");
    assert!(reasons(&data).iter().any(|skip| skip.ends_with("bomb")), "{:?}", reasons(&data));
    assert_eq!(number(&data, "select count(*) from messages where text = 'two'"), 1);
}

#[test]
fn a_page_captured_twice_stays_in_the_study() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data, out) = (dir.path().join("twice.warc"), dir.path().join("data"), dir.path().join("out"));
    let html = "200 OK\r\nContent-Type: text/html";
    let one = |id: u32, date| {
        let page = page(id, "Yesterday, 10:15 AM", &format!("escrow accepted, offer {id}"));
        response("https://a.example/thread", date, html, page.as_bytes())
    };
    fs::write(&path, [one(1, DATE), one(2, "2021-11-16T12:00:00Z")].concat()).expect("written");
    let study = || {
        let ran = noctule(&["study", text(&path), "--data-dir", text(&data), "--out", text(&out)]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        ["study.json", "manifest.json", "report.html"].map(|name| fs::read(out.join(name)).expect("made"))
    };
    let first = study();
    assert!(first == study());
    let said: serde_json::Value = serde_json::from_slice(&first[0]).expect("JSON");
    assert_eq!(said["totals"]["messages"], 2);
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_wacz_is_held_to_its_digests() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let good: Vec<u8> = records().iter().flat_map(|record| gzip(record)).collect();
    let html = "200 OK\r\nContent-Type: text/html";
    let changed =
        gzip(&response("https://b.example/9", DATE, html, page(9, "Yesterday, 10:15 AM", "changed").as_bytes()));
    let pages = b"{\"format\":\"json-pages-1.0\"}\n{\"url\":\"https://raven.example/1\",\"text\":\"plain\"}\n";
    let package = format!(
        "{{\"profile\":\"data-package\",\"wacz_version\":\"1.1.1\",\"resources\":[\
         {{\"name\":\"a\",\"path\":\"archive/good.warc.gz\",\"hash\":\"sha256:{}\"}},\
         {{\"name\":\"b\",\"path\":\"archive/changed.warc.gz\",\"hash\":\"sha256:{}\"}},\
         {{\"name\":\"c\",\"path\":\"archive/gone.warc.gz\",\"hash\":\"sha256:{}\"}},\
         {{\"name\":\"p\",\"path\":\"pages/pages.jsonl\",\"hash\":\"sha256:{}\"}}]}}",
        sha256(&good),
        sha256(b"as it was"),
        sha256(b""),
        sha256(pages)
    );
    let digest = format!("{{\"path\":\"datapackage.json\",\"hash\":\"sha256:{}\"}}", sha256(package.as_bytes()));
    let members: [(&str, &[u8]); 6] = [
        ("archive/good.warc.gz", &good),
        ("archive/changed.warc.gz", &changed),
        ("indexes/index.cdx", b"example,raven)/1 20211016120000 {}\n"),
        ("pages/pages.jsonl", pages),
        ("datapackage.json", package.as_bytes()),
        ("datapackage-digest.json", digest.as_bytes()),
    ];
    let wacz = zip(&members);
    for (name, bytes) in [("a.wacz", wacz.clone()), ("outer.zip", zip(&[("a.wacz", &wacz)]))] {
        let (code, data, err) = ingest(dir.path(), name, &bytes);
        assert_eq!(code, 2, "{err}");
        assert_eq!(number(&data, "select count(*) from messages"), 5, "{name}: {err}");
        assert_eq!(
            reasons(&data),
            ["changed.warc.gz whole file wrong-digest", "gone.warc.gz whole file missing-field"],
            "{name}"
        );
    }
}
