//! Archives inside each other: the same messages as without them, and hostile ones cost a skip and nothing else.

use std::fs;
use std::io::Write;
use std::path::Path;

use crate::run::{chat, message, noctule, number, rows, text};

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory")
}

pub fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        archive.start_file(*name, zip::write::SimpleFileOptions::default()).expect("memory");
        archive.write_all(bytes).expect("memory");
    }
    archive.finish().expect("memory").into_inner()
}

/// One header and its content, as `tar` writes them.
fn tar_member(name: &str, kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..107].copy_from_slice(b"0000644");
    block[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
    block[136..147].copy_from_slice(format!("{:011o}", 1_634_245_620).as_bytes());
    block[148..156].fill(b' ');
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    let mut out = block.to_vec();
    out.extend_from_slice(bytes);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

pub fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out: Vec<u8> = members.iter().flat_map(|(name, bytes)| tar_member(name, b'0', bytes)).collect();
    out.resize(out.len() + 1024, 0);
    out
}

fn export() -> String {
    chat(1, "x", &[message(1, 1_600_000_000, "one"), message(2, 1_600_000_060, "two")])
}

/// Ingests one file into a fresh data directory.
fn ingest(dir: &Path, name: &str, bytes: &[u8]) -> (i32, std::path::PathBuf, String) {
    let (path, data) = (dir.join(name), dir.join(format!("{name}.data")));
    fs::write(&path, bytes).expect("written");
    let ran = noctule(&["ingest", text(&path), "--data-dir", text(&data)]);
    (ran.code, data, ran.err)
}

fn skips(data: &Path) -> Vec<String> {
    rows(data, "select path, reason from skips order by path")
        .iter()
        .map(|row| {
            let path = row["path"].as_str().expect("a path").rsplit('/').next().unwrap_or_default().to_owned();
            format!("{path} {}", row["reason"].as_str().expect("a reason"))
        })
        .collect()
}

#[test]
fn every_archive_gives_the_same_messages() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let export = export();
    let members: [(&str, &[u8]); 3] = [
        ("export/photos/p.jpg", b"\xff\xd8\xff\xe0 a picture"),
        ("export/result.json", export.as_bytes()),
        ("export/style.css", b"body { }"),
    ];
    let tarred = tar(&members);
    // Named as nothing: the content decides.
    let wrapped: [(&str, Vec<u8>); 9] = [
        ("a", tarred.clone()),
        ("b", gzip(&tarred)),
        ("c", zstd::encode_all(&tarred[..], 1).expect("memory")),
        // `tar c export | xz`, with the same members.
        ("d", include_bytes!("../data/export.tar.xz").to_vec()),
        ("e", tar(&[("inner.tar.gz", &gzip(&tarred))])),
        ("f", zip(&[("inner.tgz", &gzip(&tarred))])),
        ("g", tar(&[("inner.zip", &zip(&members))])),
        // Written by py7zr with LZMA2 and with PPMd.
        ("h", include_bytes!("../data/export.7z").to_vec()),
        ("i", zip(&[("inner.7z", include_bytes!("../data/export-ppmd.7z"))])),
    ];
    for (name, bytes) in wrapped {
        let (code, data, err) = ingest(dir.path(), name, &bytes);
        assert_eq!(code, 0, "{name}: {err} {:?}", skips(&data));
        let texts = rows(&data, "select text from messages order by text");
        assert_eq!(texts.len(), 2, "{name}: {err}");
        assert!(err.contains("2 media and style files passed over"), "{name}: {err}");
        let again = noctule(&["ingest", text(&dir.path().join(name)), "--data-dir", text(&data)]);
        assert!(again.code == 0 && again.err.contains("1 captures (0 new)"), "{name}: {}", again.err);
        // No picture is stored, under whatever name.
        for path in walk(&data) {
            let stored = fs::read(&path).expect("a stored file");
            let plain = unpacked(&stored);
            assert!(!plain.windows(9).any(|bytes| bytes == b"a picture"), "{name}: {}", path.display());
        }
        assert_eq!(noctule(&["verify", "--data-dir", text(&data)]).code, 0, "{name}");
    }
}

/// What a file of the evidence holds.
#[expect(clippy::disallowed_methods, reason = "the test stored it")]
pub fn unpacked(stored: &[u8]) -> Vec<u8> {
    zstd::decode_all(stored).unwrap_or_else(|_| stored.to_vec())
}

pub fn walk(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a folder").flatten() {
        if entry.path().is_dir() { found.extend(walk(&entry.path())) } else { found.push(entry.path()) }
    }
    found
}

#[test]
fn archives_nest_to_a_limit() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let export = export();
    let mut bytes = tar(&[("result.json", export.as_bytes())]);
    for depth in 2..=4 {
        bytes = if depth % 2 == 0 { zip(&[("inner", &bytes)]) } else { tar(&[("inner", &bytes)]) };
        let (code, data, err) = ingest(dir.path(), &format!("deep{depth}"), &bytes);
        if depth <= 3 {
            assert_eq!((code, number(&data, "select count(*) from messages")), (0, 2), "{depth}: {err}");
        } else {
            assert_eq!(code, 2, "{err}");
            assert_eq!(skips(&data), ["inner nested-too-deep"]);
        }
    }
}

#[test]
fn a_hostile_tar_costs_a_skip() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (good, export) = (export(), export());
    let second = chat(2, "y", &[message(1, 1_600_000_000, "three")]);
    // Names that lead elsewhere, links and devices: read where it is content, written nowhere.
    let mut odd = Vec::new();
    odd.extend(tar_member("../../../escape.json", b'0', good.as_bytes()));
    odd.extend(tar_member("/absolute.json", b'0', second.as_bytes()));
    odd.extend(tar_member("link.json", b'2', b""));
    odd.extend(tar_member("hard.json", b'1', b""));
    odd.extend(tar_member("device", b'3', b""));
    odd.extend(tar_member("folder/", b'5', b""));
    let (code, data, err) = ingest(dir.path(), "odd", &odd);
    assert_eq!((code, number(&data, "select count(*) from messages")), (2, 3), "{err}");
    assert_eq!(skips(&data), ["device not-a-file", "hard.json not-a-file", "link.json not-a-file"]);
    assert!(!dir.path().join("escape.json").exists() && !Path::new("/absolute.json").exists());

    // Cut within a member: what was complete before is kept, and so is the part that reads.
    let whole = tar(&[("first.json", second.as_bytes()), ("result.json", export.as_bytes())]);
    let (code, data, err) = ingest(dir.path(), "cut", &whole[..whole.len() - 1024 - 512 - 60]);
    assert_eq!(code, 2, "{err}");
    assert_eq!(number(&data, "select count(*) from messages where text = 'three'"), 1);
    assert!(skips(&data).contains(&"cut truncated".to_owned()), "{:?}", skips(&data));
    // The same in gzip: the compression is named as what ends early.
    let packed = gzip(&whole);
    let (code, data, _) = ingest(dir.path(), "cut.gz", &packed[..packed.len() - 30]);
    assert_eq!(code, 2);
    assert!(skips(&data).contains(&"cut.gz truncated".to_owned()), "{:?}", skips(&data));

    // A broken header, a size that is none, a size beyond everything.
    for (name, at, with) in [("sum", 10, &b"zzz"[..]), ("size", 124, b"99999999999"), ("huge", 124, b"\x80\xff\xff")] {
        let mut bytes = tar_member("first.json", b'0', second.as_bytes());
        let start = bytes.len();
        bytes.extend(tar_member("result.json", b'0', export.as_bytes()));
        bytes[start + at..start + at + with.len()].copy_from_slice(with);
        if name != "sum" {
            bytes[start + 148..start + 156].fill(b' ');
            let sum: u32 = bytes[start..start + 512].iter().map(|byte| u32::from(*byte)).sum();
            bytes[start + 148..start + 155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        }
        let (code, data, err) = ingest(dir.path(), name, &bytes);
        assert_eq!((code, number(&data, "select count(*) from messages")), (2, 1), "{name}: {err}");
        assert_eq!(skips(&data), [format!("{name} malformed")], "{name}");
    }
}

#[test]
fn a_hundred_thousand_members_are_the_limit() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let picture = tar_member("p.gif", b'0', b"GIF89a");
    let mut bytes = tar_member("result.json", b'0', export().as_bytes());
    for _ in 0..100_000 {
        bytes.extend_from_slice(&picture);
    }
    let begun = std::time::Instant::now();
    let (code, data, err) = ingest(dir.path(), "many", &zstd::encode_all(&bytes[..], 1).expect("memory"));
    assert_eq!((code, number(&data, "select count(*) from messages")), (2, 2), "{err}");
    assert_eq!(skips(&data), ["many bomb"]);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}

#[test]
fn bombs_end_at_their_limit() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    // Each member stays within what one may unpack to; together they do not.
    let lines = format!("{{\"text\":\"some words\"}}\n{}", format!("{}\n", " ".repeat(1_000_000)).repeat(40));
    let mut archive = tar_member("first.json", b'0', export().as_bytes());
    for n in 0..10 {
        archive.extend(tar_member(&format!("{n}.jsonl"), b'0', lines.as_bytes()));
    }
    let packed = zstd::encode_all(&archive[..], 3).expect("memory");
    assert!(packed.len() < 200_000, "{}", packed.len());
    let (code, data, err) = ingest(dir.path(), "bomb", &packed);
    assert_eq!(code, 2, "{err}");
    assert!(skips(&data).iter().any(|skip| skip.ends_with(" bomb")), "{:?}", skips(&data));
    assert_eq!(number(&data, "select count(*) from messages where source_name = 'x'"), 2);
    let mut xz = include_bytes!("../data/export.tar.xz").to_vec();
    xz.truncate(xz.len() / 2);
    let (code, data, _) = ingest(dir.path(), "cut.xz", &xz);
    assert_eq!(code, 2);
    assert_eq!(skips(&data), ["cut.xz truncated"]);
}

#[test]
fn a_7z_that_does_not_unpack_is_a_skip() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let good = include_bytes!("../data/export.7z").to_vec();
    let encrypted = include_bytes!("../data/encrypted.7z").to_vec();
    for (name, bytes, reason) in [
        ("cut.7z", good[..good.len() - 20].to_vec(), "malformed"),
        ("noise.7z", [&good[..6], &[0xff; 200][..]].concat(), "malformed"),
        ("encrypted.7z", encrypted, "encrypted"),
    ] {
        let (code, data, err) = ingest(dir.path(), name, &bytes);
        assert_eq!(code, 2, "{name}: {err}");
        assert_eq!(skips(&data), [format!("{name} {reason}")]);
    }
    // Damage in the data is found by its checksum; what it hit is not believed to be whole.
    let mut damaged = good;
    damaged[60] ^= 0x40;
    let (code, data, err) = ingest(dir.path(), "damaged.7z", &damaged);
    assert_eq!(code, 2, "{err}");
    assert!(skips(&data).iter().any(|skip| skip.starts_with("damaged.7z ")), "{:?}", skips(&data));
}
