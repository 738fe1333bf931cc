//! Mailboxes before they are stored: without the attachments, of which the headers stay.
//!
//! Pictures and files that people sent each other must not come to lie on this disk. Line by line, in constant memory;
//! what no header calls a picture or file is text and stays.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read};

use noctule_core::collect::Collector;

use super::headers::{hand_out, read_line};

/// Whether captures of this format hold pictures and files that are not to be stored.
pub fn holds_media(collector: &dyn Collector) -> bool {
    collector.name() == "mbox"
}

/// Lines longer than this are taken in pieces.
const PIECE: usize = 64 << 10;
/// Boundaries that are remembered; a mail with more parts inside each other keeps what the others divide.
const MAX_BOUNDARIES: usize = 64;

pub struct WithoutMedia<R> {
    inner: BufReader<R>,
    boundaries: VecDeque<Vec<u8>>,
    in_headers: bool,
    /// Whether the part whose headers are read is a file or picture.
    media: bool,
    dropping: bool,
    /// Whether the next piece begins a line, and whether the line before was empty.
    at_start: bool,
    after_blank: bool,
    out: Vec<u8>,
    given: usize,
}

impl<R: Read> WithoutMedia<R> {
    pub fn new(inner: R) -> Self {
        Self {
            inner: BufReader::with_capacity(PIECE, inner),
            boundaries: VecDeque::new(),
            in_headers: true,
            media: false,
            dropping: false,
            at_start: true,
            after_blank: true,
            out: Vec::new(),
            given: 0,
        }
    }

    /// Whether the piece stays.
    fn stays(&mut self, piece: &[u8]) -> bool {
        let begins = std::mem::replace(&mut self.at_start, piece.ends_with(b"\n"));
        if !begins {
            return !self.dropping;
        }
        let blank = piece.iter().all(u8::is_ascii_whitespace);
        let after_blank = std::mem::replace(&mut self.after_blank, blank);
        if after_blank && piece.starts_with(b"From ") {
            self.boundaries.clear();
            (self.in_headers, self.media, self.dropping) = (true, false, false);
            return true;
        }
        if self.in_headers {
            if blank {
                (self.in_headers, self.dropping) = (false, self.media);
            } else {
                self.header(piece);
            }
            return true;
        }
        if let Some(rest) = piece.strip_prefix(b"--") {
            let rest = rest.trim_ascii_end();
            if self.boundaries.iter().any(|boundary| rest == &boundary[..]) {
                (self.in_headers, self.media, self.dropping) = (true, false, false);
                return true;
            }
            if rest.strip_suffix(b"--").is_some_and(|rest| self.boundaries.iter().any(|boundary| rest == &boundary[..]))
            {
                self.dropping = false;
                return true;
            }
        }
        !self.dropping
    }

    fn header(&mut self, line: &[u8]) {
        let lower = line.to_ascii_lowercase();
        if let Some(kind) = lower.strip_prefix(b"content-type:") {
            let kind = kind.trim_ascii_start();
            let text = [&b"text/"[..], b"multipart/", b"message/"].iter().any(|start| kind.starts_with(start));
            self.media |= !text && !kind.is_empty();
        }
        if lower.starts_with(b"content-disposition:") && lower.windows(10).any(|word| word == b"attachment") {
            self.media = true;
        }
        if let Some(at) = lower.windows(9).position(|word| word == b"boundary=") {
            let value = line[at + 9..].trim_ascii();
            let end = match value.strip_prefix(b"\"") {
                Some(quoted) => quoted.iter().position(|byte| *byte == b'"').map(|end| &quoted[..end]),
                None => value.split(|byte| matches!(byte, b';' | b' ' | b'\t')).next(),
            };
            if let Some(boundary) = end.filter(|boundary| !boundary.is_empty()) {
                if self.boundaries.len() == MAX_BOUNDARIES {
                    self.boundaries.pop_front();
                }
                self.boundaries.push_back(boundary.to_vec());
            }
        }
    }
}

impl<R: Read> Read for WithoutMedia<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.given == self.out.len() {
            let mut piece = std::mem::take(&mut self.out);
            piece.clear();
            self.given = 0;
            if !read_line(&mut self.inner as &mut dyn BufRead, &mut piece, PIECE)? {
                return Ok(0);
            }
            if self.stays(&piece) {
                self.out = piece;
            }
        }
        Ok(hand_out(&self.out, &mut self.given, buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_go_and_everything_else_stays() {
        let mail = |attached: &str, second: &str| {
            format!(
                "From a@x.example Thu Oct 14 21:07:00 2021\nFrom: a@x.example\nContent-Type: multipart/mixed;\n\t\
                 boundary=\"b 1\"\n\npreamble\n--b 1\nContent-Type: text/plain\n\nwords\n-- \nsign\n--b 1\nContent-Type: \
                 image/png\nContent-Transfer-Encoding: base64\n\n{attached}--b 1\nContent-Type: text/plain\n\
                 Content-Disposition: attachment; filename=x.txt\n\n{second}--b 1--\nepilogue\n\n\
                 From b@x.example Thu Oct 14 21:08:00 2021\nFrom: b@x.example\nContent-Type: application/pdf\n\n{second}"
            )
        };
        let mut out = String::new();
        WithoutMedia::new(mail("iVBORw0KGgo=\nxxxx\n", "a file\n").as_bytes()).read_to_string(&mut out).unwrap();
        assert_eq!(out, mail("", ""));
    }
}
