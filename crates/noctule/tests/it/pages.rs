//! Saved pages, whole folders of them and as one file, and the time that their dates count from.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use crate::archives::zip;
use crate::run::{noctule, number, rows, text};

/// A thread of a MyBB board with one post, whose date is relative.
pub fn page(id: u32, date: &str, words: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title>Thread</title><script>var my_post_key = \"x\"; MyBB.init();</script></head>\
         <body><div id=\"container\"><div class=\"navigation\"><span class=\"active\">Thread</span></div><div id=\"posts\">\
         <div class=\"post classic\" id=\"post_{id}\"><div class=\"post_author\"><div class=\"author_information\"><strong>\
         <span class=\"largetext\"><a href=\"member.php?action=profile&amp;uid=51\">corvid</a></span></strong></div></div>\
         <div class=\"post_content\"><div class=\"post_head\"><span class=\"post_date\">{date}</span></div>\
         <div class=\"post_body\" id=\"pid_{id}\">{words}</div></div></div></div>\
         <div id=\"footer\">Powered By <a href=\"https://mybb.com\">MyBB</a></div></div></body></html>"
    )
}

#[test]
fn a_saved_page_is_read_and_its_folder_is_not() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (folder, data, out) = (dir.path().join("in"), dir.path().join("data"), dir.path().join("out"));
    fs::create_dir_all(folder.join("Thread_files/frames")).expect("made");
    fs::create_dir_all(folder.join("backup_files")).expect("made");
    let saved = folder.join("Thread.html");
    fs::write(&saved, page(801, "Yesterday, 10:15 AM", "escrow accepted")).expect("written");
    for (name, bytes) in [
        ("Thread_files/frames/ad.html", &b"<html><body>buy</body></html>"[..]),
        ("Thread_files/x.bin", b"\0\x01\x02"),
        ("Thread_files/a.css", b"x"),
        ("backup_files/a.jsonl", b"{\"text\":\"no asset\",\"date\":\"2021-01-01T00:00:00Z\"}\n"),
    ] {
        fs::write(folder.join(name), bytes).expect("written");
    }
    // 2021-10-16 12:00 UTC.
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_634_385_600);
    File::options().write(true).open(&saved).and_then(|file| file.set_modified(at)).expect("a date can be set");
    let study = ["study", text(&folder), "--data-dir", text(&data), "--out", text(&out)];
    let ran = noctule(&study);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("3 files that belong to saved pages passed over"), "{}", ran.err);
    let found = rows(&data, "select text, posted_at, collected_at from messages order by text");
    assert_eq!(found.len(), 2);
    assert_eq!(found[0]["posted_at"], "2021-10-15T10:15:00Z");
    assert_eq!(found[0]["collected_at"], "2021-10-16T12:00:00Z");
    assert_eq!(number(&data, "select count(*) from captures where captured_at = timestamp '2021-10-16T12:00:00Z'"), 1);
    // Another date of the file changes nothing any more, and a second study is the same to the byte.
    let first = [fs::read(out.join("study.json")), fs::read(out.join("manifest.json"))].map(|read| read.expect("made"));
    File::options().write(true).open(&saved).and_then(|file| file.set_modified(SystemTime::now())).expect("set");
    assert_eq!(noctule(&study).code, 0);
    let second =
        [fs::read(out.join("study.json")), fs::read(out.join("manifest.json"))].map(|read| read.expect("made"));
    assert!(first == second);
    assert_eq!(noctule(&["rebuild", "--data-dir", text(&data)]).code, 0);
    assert_eq!(rows(&data, "select text, posted_at, collected_at from messages order by text"), found);
}

#[test]
fn a_file_without_a_believable_date_counts_from_now() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("page.html"), dir.path().join("data"));
    fs::write(&path, page(801, "Yesterday, 10:15 AM", "escrow accepted")).expect("written");
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(315_532_800);
    File::options().write(true).open(&path).and_then(|file| file.set_modified(at)).expect("a date can be set");
    assert_eq!(noctule(&["ingest", text(&path), "--data-dir", text(&data)]).code, 0);
    assert_eq!(number(&data, "select count(*) from messages where posted_at > now() - interval '3 days'"), 1);
}

#[test]
fn the_same_in_a_zip() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let (path, data) = (dir.path().join("pages.zip"), dir.path().join("data"));
    let page = page(801, "10-14-2021, 09:07 PM", "escrow accepted");
    let zipped = zip(&[
        ("a/Thread_files/frame.html", b"<html><body>buy</body></html>"),
        ("a/Thread_files/x.js", b"x"),
        ("a/Thread.html", page.as_bytes()),
    ]);
    fs::write(&path, zipped).expect("written");
    let ran = noctule(&["ingest", text(&path), "--data-dir", text(&data)]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.err.contains("2 files that belong to saved pages passed over"), "{}", ran.err);
    assert_eq!(number(&data, "select count(*) from messages"), 1);
}

/// A page as Chromium saves it, with a picture and a frame.
fn mhtml(body: &str, coding: &str, charset: &str) -> String {
    format!(
        "From: <Saved by Blink>\r\nSnapshot-Content-Location: https://raven.example/showthread.php?tid=66\r\n\
         Subject: Thread\r\nDate: Sat, 16 Oct 2021 12:00:00 -0000\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n\tboundary=\"----b--x----\"\r\n\r\n\r\n\
         ------b--x----\r\nContent-Type: text/html{charset}\r\nContent-ID: <frame-1@mhtml.blink>\r\n\
         Content-Transfer-Encoding: {coding}\r\nContent-Location: https://raven.example/showthread.php?tid=66\r\n\r\n\
         {body}\r\n------b--x----\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Location: https://raven.example/x.png\r\n\r\niVBORw0KGgo=\r\n\
         ------b--x----\r\nContent-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         <html>an advertisement</html>\r\n------b--x------\r\n"
    )
}

#[test]
fn a_page_saved_as_one_file() {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let page = page(801, "Yesterday, 10:15 AM", "гарант, цена = 5");
    let encode = |byte: &u8| match byte {
        b'=' | 0x80.. => format!("={byte:02X}"),
        byte => char::from(*byte).to_string(),
    };
    let quoted: Vec<String> = page.as_bytes().iter().map(encode).collect();
    let quoted: String = quoted.chunks(20).map(|line| format!("{}=\r\n", line.concat())).collect();
    let koi8: String =
        "\u{7}\u{1}\u{12}\u{1}\u{e}\u{14}".chars().map(|c| format!("={:02X}", c as u32 + 0xC0)).collect();
    let short = page.replace("гарант, цена = 5", &koi8).replace('=', "=3D").replace("=3DC", "=C").replace("=3DD", "=D");
    let cut = mhtml(&quoted, "quoted-printable", "");
    for (name, bytes, code, words) in [
        ("quoted", mhtml(&quoted, "quoted-printable", ""), 0, "гарант, цена = 5"),
        ("plain", mhtml(&page, "8bit", "; charset=utf-8"), 0, "гарант, цена = 5"),
        ("koi8", mhtml(&short, "quoted-printable", "; charset=\"koi8-r\""), 0, "гарант"),
        ("cut", cut[..cut.len() - 120].to_owned(), 2, "гарант, цена = 5"),
    ] {
        let (path, data) = (dir.path().join(format!("{name}.mht")), dir.path().join(format!("{name}.data")));
        fs::write(&path, bytes).expect("written");
        let ran = noctule(&["ingest", text(&path), "--data-dir", text(&data)]);
        assert_eq!(ran.code, code, "{name}: {}", ran.err);
        let found = rows(
            &data,
            "select m.text, m.posted_at, s.url, c.path, c.captured_at from messages m \
             join sources s using (source_id) join captures c using (capture_id)",
        );
        assert_eq!(found.len(), 1, "{name}: {}", ran.err);
        assert_eq!(found[0]["text"], words, "{name}");
        assert_eq!(found[0]["posted_at"], "2021-10-15T10:15:00Z", "{name}");
        assert_eq!(found[0]["captured_at"], "2021-10-16T12:00:00Z", "{name}");
        assert_eq!(found[0]["url"], "https://raven.example/", "{name}");
        let path = found[0]["path"].as_str().unwrap_or_default();
        assert!(path.ends_with("mht!/https://raven.example/showthread.php?tid=66"), "{path}");
    }
}
