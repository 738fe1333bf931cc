//! Mailboxes: each mail in its own encoding, and no attachment on the disk.

use std::fs;

use crate::archives::{gzip, unpacked, walk, zip};
use crate::run::{noctule, number, rows, text};

/// Two mails in raw bytes of different encodings, one with a picture.
fn mailbox() -> Vec<u8> {
    let mail = |id: u32, charset: &str, body: &[u8], more: &str| {
        let mut mail = format!(
            "From a@x.example Thu Oct 14 21:07:00 2021\nFrom: Ann <a@x.example>\nDate: Thu, 14 Oct 2021 21:0{id}:00 +0300\n\
             Subject: offer {id}\nMessage-ID: <{id}@x.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; \
             boundary=b\n\n--b\nContent-Type: text/plain; charset={charset}\nContent-Transfer-Encoding: 8bit\n\n"
        )
        .into_bytes();
        mail.extend_from_slice(body);
        mail.extend_from_slice(format!("\n{more}--b--\n\n").as_bytes());
        mail
    };
    let picture = "--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\nUElDVFVSRS1CWVRFUw==\n";
    // «гарант» in KOI8-R and in UTF-8.
    [mail(1, "koi8-r", b"\xc7\xc1\xd2\xc1\xce\xd4", picture), mail(2, "utf-8", "гарант".as_bytes(), "")].concat()
}

#[test]
fn a_mailbox_in_every_wrapping() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let mailbox = mailbox();
    for (name, bytes) in
        [("list.mbox", mailbox.clone()), ("list.gz", gzip(&mailbox)), ("mail.zip", zip(&[("list.mbox", &mailbox)]))]
    {
        let (path, data) = (dir.path().join(name), dir.path().join(format!("{name}.data")));
        fs::write(&path, bytes).expect("written");
        for round in 0..2 {
            let ran = noctule(&["ingest", text(&path), "--data-dir", text(&data)]);
            assert_eq!(ran.code, 0, "{name} {round}: {}", ran.err);
        }
        let found = rows(
            &data,
            "select text, author_id, author_name, thread_title, native_id, medium, posted_at from messages \
             order by native_id",
        );
        assert_eq!(found.len(), 2, "{name}");
        for (row, id) in found.iter().zip(1..) {
            assert_eq!(row["text"], "гарант", "{name}");
            assert_eq!((&row["author_id"], &row["author_name"]), (&"a@x.example".into(), &"Ann".into()));
            assert_eq!((&row["thread_title"], &row["medium"]), (&format!("offer {id}").into(), &"mail".into()));
            assert_eq!(row["posted_at"], format!("2021-10-14T18:0{id}:00Z"));
        }
        for path in walk(&data) {
            let stored = unpacked(&fs::read(&path).expect("a stored file"));
            assert!(!stored.windows(10).any(|bytes| bytes == b"UElDVFVSRS"), "{name}: {}", path.display());
        }
        assert_eq!(noctule(&["rebuild", "--data-dir", text(&data)]).code, 0);
        assert_eq!(number(&data, "select count(*) from messages where text = 'гарант'"), 2, "{name}");
    }
}

#[test]
fn hostile_mails_cost_a_skip() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let start = "From a@x.example Thu Oct 14 21:07:00 2021\nFrom: a@x.example\nDate: Thu, 14 Oct 2021 21:07:00 +0300\n";
    // Parts inside parts, a mail without an end, headers without an end, a hundred thousand boundaries.
    let deep: String =
        (0..20_000).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n")).collect();
    let large = format!("Subject: large\n\n{}", "x".repeat(17 << 20));
    let header = "X-Header: value\n".repeat(200_000);
    let parts = format!("Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(100_000));
    let good = format!("{start}Subject: good\nMessage-ID: <good@x.example>\n\nescrow accepted\n");
    let bytes = [&deep, &large, &header, &parts].map(|hostile| format!("{start}{hostile}\n\n")).concat() + &good;
    let (path, data) = (dir.path().join("hostile.mbox"), dir.path().join("data"));
    fs::write(&path, bytes).expect("written");
    let begun = std::time::Instant::now();
    let ran = noctule(&["ingest", text(&path), "--data-dir", text(&data)]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert_eq!(number(&data, "select count(*) from messages where native_id = 'good@x.example'"), 1);
    assert_eq!(number(&data, "select count(*) from skips where reason = 'too-large'"), 1);
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
