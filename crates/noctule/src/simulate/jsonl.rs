//! Writes the corpus as one `messages.jsonl`: `id, source, medium, date, author, text`, one message a line.
//!
//! Quotes are left out, because a bare text cannot say which part of it is somebody else's; service events too.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::calendar::push_date_time;
use super::post::{Output, Post, Service};
use super::telegram::push_number;
use super::world::Place;

pub struct Jsonl {
    file: BufWriter<File>,
    line: Vec<u8>,
}

impl Jsonl {
    pub fn create(dir: &Path) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 18, File::create(dir.join("messages.jsonl"))?);
        Ok(Self { file, line: Vec::with_capacity(1 << 14) })
    }
}

impl Output for Jsonl {
    fn open(&mut self, _: &Place) -> io::Result<()> {
        Ok(())
    }

    fn post(&mut self, place: &Place, post: &Post) -> io::Result<()> {
        let out = &mut self.line;
        out.extend_from_slice(b"{\"id\":\"");
        push_number(out, place.index as i64);
        out.push(b'/');
        push_number(out, post.id);
        out.extend_from_slice(b"\",\"source\":\"");
        out.extend_from_slice(if place.kind.is_board() { &place.name } else { &place.username }.as_bytes());
        out.extend_from_slice(b"\",\"medium\":\"");
        out.extend_from_slice(place.kind.medium().as_bytes());
        out.extend_from_slice(b"\",\"date\":\"");
        push_date_time(out, post.at);
        out.extend_from_slice(b"Z\",\"author\":");
        if post.author.deleted {
            out.extend_from_slice(b"null");
        } else {
            push_json_string(out, &post.author.shown);
        }
        out.extend_from_slice(b",\"text\":");
        push_json_string(out, &post.text[post.own()..]);
        out.extend_from_slice(b"}\n");
        self.file.write_all(out)?;
        out.clear();
        Ok(())
    }

    fn service(&mut self, _: &Place, _: &Service) -> io::Result<()> {
        Ok(())
    }

    fn close(&mut self, _: &Place) -> io::Result<()> {
        Ok(())
    }

    fn path(&self) -> &str {
        "messages.jsonl"
    }

    fn finish(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A JSON string proper.
pub fn push_json_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut from = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[from..at]);
        from = at + 1;
        match byte {
            b'\n' => out.extend_from_slice(b"\\n"),
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            control => out.extend_from_slice(format!("\\u{control:04x}").as_bytes()),
        }
    }
    out.extend_from_slice(&bytes[from..]);
    out.push(b'"');
}
