//! Writes forums as JSON Lines and marketplaces as tables, one file a board, with the columns that scrapers give them.
//!
//! Forums come in two dialects: one names its source in a column `forum`, the other has `source` and `medium`.
//! Marketplaces have a column `market` and dates without a zone.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::calendar::push_date_time;
use super::jsonl::push_json_string;
use super::post::{Output, Post, Service};
use super::telegram::push_number;
use super::world::{ChatKind, Place};

pub struct Boards {
    dir: PathBuf,
    file: Option<BufWriter<File>>,
    path: String,
    line: Vec<u8>,
}

const TABLE_HEAD: &[u8] = b"id,market,date,vendor_id,vendor,listing_id,title,text,url\r\n";

impl Boards {
    /// Boards in an existing folder.
    pub fn new(dir: &Path) -> Self {
        Self { dir: dir.to_owned(), file: None, path: String::new(), line: Vec::with_capacity(1 << 14) }
    }

    fn forum(&mut self, place: &Place, post: &Post) {
        let named = place.index % 2 == 1;
        let out = &mut self.line;
        out.extend_from_slice(b"{\"id\":");
        push_number(out, post.id);
        out.extend_from_slice(if named { b",\"forum\":\"" } else { b",\"source\":\"" });
        out.extend_from_slice(place.name.as_bytes());
        if !named {
            out.extend_from_slice(b"\",\"medium\":\"forum");
        }
        out.extend_from_slice(b"\",\"thread_id\":");
        push_number(out, post.thread.id as i64);
        out.extend_from_slice(b",\"thread_title\":");
        push_json_string(out, &post.thread.title);
        out.extend_from_slice(b",\"author_id\":");
        push_number(out, post.author.account as i64);
        out.extend_from_slice(b",\"author\":");
        push_json_string(out, &post.author.shown);
        out.extend_from_slice(b",\"date\":\"");
        push_date_time(out, post.at);
        out.extend_from_slice(b"Z\"");
        if let Some(at) = post.edited_at {
            out.extend_from_slice(b",\"edited_at\":\"");
            push_date_time(out, at);
            out.extend_from_slice(b"Z\"");
        }
        if let Some(id) = post.reply_to {
            out.extend_from_slice(b",\"reply_to\":");
            push_number(out, id);
        }
        out.extend_from_slice(b",\"text\":");
        push_json_string(out, &post.text[post.own()..]);
        out.extend_from_slice(b",\"url\":\"");
        push_url(out, place, post, "thread");
        out.extend_from_slice(b"\"}\n");
    }

    fn table(&mut self, place: &Place, post: &Post) {
        let out = &mut self.line;
        push_number(out, post.id);
        out.push(b',');
        out.extend_from_slice(place.name.as_bytes());
        out.push(b',');
        push_date_time(out, post.at);
        // 2021-10-14 21:07:00
        let at = out.len() - 9;
        out[at] = b' ';
        out.push(b',');
        push_number(out, post.author.account as i64);
        out.push(b',');
        push_cell(out, &post.author.shown);
        out.push(b',');
        push_number(out, post.thread.id as i64);
        out.push(b',');
        push_cell(out, &post.thread.title);
        out.push(b',');
        push_cell(out, &post.text[post.own()..]);
        out.push(b',');
        push_url(out, place, post, "listing");
        out.extend_from_slice(b"\r\n");
    }
}

fn push_url(out: &mut Vec<u8>, place: &Place, post: &Post, path: &str) {
    out.extend_from_slice(place.sites[post.site].as_bytes());
    out.push(b'/');
    out.extend_from_slice(path.as_bytes());
    out.push(b'/');
    push_number(out, post.thread.id as i64);
    out.push(b'#');
    push_number(out, post.id);
}

/// A cell as RFC 4180 has it.
fn push_cell(out: &mut Vec<u8>, text: &str) {
    if !text.bytes().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r')) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

impl Output for Boards {
    fn open(&mut self, place: &Place) -> io::Result<()> {
        let forum = place.kind == ChatKind::Forum;
        let (folder, ending) = if forum { ("forums", "jsonl") } else { ("markets", "csv") };
        self.path = format!("{folder}/{}.{ending}", place.name);
        fs::create_dir_all(self.dir.join(folder))?;
        let mut file = BufWriter::with_capacity(1 << 18, File::create(self.dir.join(&self.path))?);
        if !forum {
            file.write_all(TABLE_HEAD)?;
        }
        self.file = Some(file);
        Ok(())
    }

    fn post(&mut self, place: &Place, post: &Post) -> io::Result<()> {
        match place.kind {
            ChatKind::Forum => self.forum(place, post),
            _ => self.table(place, post),
        }
        self.file.as_mut().expect("a board is open").write_all(&self.line)?;
        self.line.clear();
        Ok(())
    }

    fn service(&mut self, _: &Place, _: &Service) -> io::Result<()> {
        Ok(())
    }

    fn close(&mut self, _: &Place) -> io::Result<()> {
        match self.file.take() {
            Some(mut file) => file.flush(),
            None => Ok(()),
        }
    }

    fn path(&self) -> &str {
        &self.path
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        let cell = |text: &str| {
            let mut out = Vec::new();
            push_cell(&mut out, text);
            String::from_utf8(out).expect("UTF-8")
        };
        assert_eq!(cell("база, 5\"\n"), "\"база, 5\"\"\n\"");
        assert_eq!(cell("plain"), "plain");
    }
}
