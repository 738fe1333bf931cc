//! What to do about a file: one sentence each, with the command where there is one.

use noctule_core::collect::{Head, column_names};
use noctule_core::model::{Reason, Skip};

use super::look::{Looked, decoded};

/// Columns named in a hint.
const NAMED: usize = 12;

/// Files that are no text, and how their content gets in.
const KNOWN: &[(&[u8], usize, &str)] = &[
    (b"%PDF-", 0, "it is a PDF; save its text with `pdftotext FILE`"),
    (b"SQLite format 3\0", 0, "it is an SQLite database; write it out with `sqlite3 FILE .dump > FILE.sql`"),
    (b"Rar!\x1a\x07", 0, "it is a RAR archive; unpack it and give the folder"),
    (b"7z\xbc\xaf\x27\x1c", 0, "it is a 7z archive; unpack it and give the folder"),
    (b"BZh", 0, "it is packed with bzip2; unpack it with `bunzip2 FILE`"),
    (b"\xfd7zXZ\0", 0, "it is packed with xz; unpack it with `unxz FILE`"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "it is an old Office document; save it as CSV or text"),
    (b"PGDMP", 0, "it is a PostgreSQL archive; write it out with `pg_restore -f FILE.sql FILE`"),
    (b"!BDN", 0, "it is an Outlook archive; write it out with `readpst FILE`"),
    (b"\x7fELF", 0, "it is a program"),
    (b"MZ", 0, "it is a program"),
];

/// For a file that is not read.
pub fn not_read(path: &str, skip: &Skip, start: &[u8]) -> Vec<String> {
    let mut hints = Vec::new();
    match skip.reason {
        Reason::Binary | Reason::UnknownFormat => {
            let known = KNOWN.iter().find(|(magic, at, _)| start.get(*at..).is_some_and(|s| s.starts_with(magic)));
            if let Some((.., hint)) = known {
                hints.push((*hint).to_string());
            } else if skip.reason == Reason::Binary {
                hints.push(
                    "if it is text in UTF-16 without a mark: `iconv -f UTF-16LE -t UTF-8 FILE > FILE.txt`".into(),
                );
            } else {
                hints.push(unknown(path, start));
            }
        }
        Reason::Encrypted => hints.push("unpack the archive with its password and give the folder".into()),
        Reason::NestedTooDeep => hints.push("unpack the outer archive and give its folder".into()),
        Reason::Unreadable => hints.push("check that the file is there and that you may read it".into()),
        Reason::OutsideLink => hints.push("give the link's target as a path of its own".into()),
        Reason::Bomb => hints.push("if you trust it, unpack it yourself and give the folder".into()),
        _ => {}
    }
    hints
}

/// Text that no collector knows: what shape it has, and how to name its columns.
fn unknown(path: &str, start: &[u8]) -> String {
    let (text, whole) = decoded(start);
    let names = column_names(&Head { path, bytes: &text, whole });
    let first = text.iter().find(|byte| !byte.is_ascii_whitespace());
    let format = if matches!(first, Some(b'{' | b'[')) { "jsonl" } else { "csv" };
    match (names.as_slice(), first) {
        ([], Some(b'<')) => "it is a page or XML of no known kind; if it has posts, please report its engine".into(),
        ([], Some(b'{' | b'[')) => {
            "it is JSON of no known shape; make it one object a line, for example with `jq -c '.items[]'`".into()
        }
        ([], _) => {
            "it is text without a known shape; make a table of it with a header line, or one JSON object a line".into()
        }
        (names, _) => format!(
            "it looks like a table with the columns {}; say which is what: `noctule inspect FILE --as {format} --map \
             'text={}'`, then keep that with --save-map",
            listed(names),
            names.last().map_or("…", String::as_str)
        ),
    }
}

/// For a file that is read.
pub fn read(looked: &Looked, columns: Vec<String>) -> Vec<String> {
    let mut hints = Vec::new();
    let table = matches!(looked.format, Some("csv" | "jsonl"));
    let mostly = |part: u64| looked.messages > 0 && part * 2 >= looked.messages;
    if looked.messages == 0 && looked.format.is_some() {
        hints.push("nothing was read; if the format is another, name it with --as".into());
    }
    let taken = |field: &str| looked.why.as_ref().is_some_and(|why| why.contains(&format!("{field} = ")));
    if table && mostly(looked.without_date) {
        hints.push(if taken("date") {
            "the column taken for the date is mostly empty; another is named with --map date=…".into()
        } else {
            format!("no column was taken for the date; of {} name it with --map date=…", listed(&columns))
        });
    }
    if table && mostly(looked.without_author) && !taken("author_id") && !taken("author_name") {
        hints.push(format!(
            "no column was taken for the author; of {} name it with --map author_name=…",
            listed(&columns)
        ));
    }
    if mostly(looked.imprecise_dates) {
        hints.push("the dates name no zone or only a day; if they are local times, say where with --zone".into());
    }
    for skip in &looked.skips {
        match skip.reason {
            "bad-encoding" => hints.push(format!(
                "it was taken for {}; if letters look wrong, recode it with `iconv -f ENCODING -t UTF-8`",
                looked.encoding.unwrap_or("UTF-8")
            )),
            "truncated" => hints.push("the file is cut off; fetch or export it again".into()),
            "bad-date" if table => hints.push("some dates cannot be read; is it the right column? --map date=…".into()),
            "malformed" if looked.format == Some("csv") => {
                hints.push(
                    "rows with too many cells have separators outside of quotation marks; export it again".into(),
                );
            }
            "collector-failed" => hints.push("please report this file's shape; it is a defect of noctule".into()),
            _ => {}
        }
    }
    hints
}

fn listed(names: &[String]) -> String {
    let more = if names.len() > NAMED { ", …" } else { "" };
    format!("{}{more}", names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", "))
}
