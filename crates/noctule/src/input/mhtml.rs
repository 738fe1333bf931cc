//! MHTML: a page and what it shows, saved by a browser as one mail-like file. Line by line, in constant memory.

use std::io::{self, BufRead, BufReader, Read};

use anyhow::Result;
use noctule_core::base64;
use noctule_core::collect::dates;
use noctule_core::model::{Micros, Reason, Skip};

use super::container::{Contents, MAX_NAME_BYTES, Member, Nest, Passed};
use super::headers::{Headers, hand_out, is_media, read_line};
use super::ratio::Complaint;
use super::whole_file;

/// Lines longer than this are taken in pieces.
const PIECE: usize = 64 << 10;

/// Whether a file starts like a saved page: related parts, and none of the headers that a mail gets on its way.
pub(super) fn begins(start: &[u8]) -> bool {
    let Ok(Some(headers)) = Headers::read(&mut &start[..start.len().min(16 << 10)]) else {
        return false;
    };
    headers.get("mime-version").is_some()
        && headers.media_type().as_deref() == Some("multipart/related")
        && headers.parameter("boundary").is_some()
        && ["to", "received", "delivered-to", "return-path", "message-id"]
            .iter()
            .all(|name| headers.get(name).is_none())
}

/// Reads the page; what ended the file before its end comes back.
pub(super) fn read(reader: &mut (dyn Read + Send), nest: &Nest, contents: &mut dyn Contents) -> Result<Option<Skip>> {
    let mut reader = BufReader::with_capacity(PIECE, reader);
    let cut = || whole_file(Reason::Truncated, "the saved page ends before its last part".into());
    let Some(whole) = Headers::read(&mut reader)? else {
        return Ok(Some(cut()));
    };
    let boundary = format!("--{}", whole.parameter("boundary").unwrap_or_default()).into_bytes();
    let saved_at = whole.get("date").and_then(date);
    let location = whole.get("snapshot-content-location").or(whole.get("content-location")).map(str::to_owned);
    let mut lines = Lines { reader: &mut reader, boundary: &boundary, at_start: true, ended: End::Not };
    lines.pass_over()?;
    let mut found = false;
    loop {
        match lines.ended {
            End::Part => {}
            End::Last => break,
            End::Not => return Ok(Some(cut())),
        }
        lines.ended = End::Not;
        let Some(part) = Headers::read(&mut lines.reader)? else {
            return Ok(Some(cut()));
        };
        lines.at_start = true;
        if let Err(skip) = nest.count_member() {
            return Ok(Some(skip));
        }
        let media_type = part.media_type().unwrap_or_default();
        let name = part.get("content-location").map(str::to_owned).or_else(|| location.clone());
        let mut name = name.unwrap_or_else(|| "page".into());
        name.truncate(name.floor_char_boundary(MAX_NAME_BYTES));
        if found || !matches!(media_type.as_str(), "text/html" | "application/xhtml+xml") {
            let what = if is_media(&media_type) { Passed::Media } else { Passed::Asset };
            contents.passed(&name, 0, what);
            lines.pass_over()?;
            continue;
        }
        found = true;
        let complaint = Complaint::default();
        let coding = Coding::of(part.get("content-transfer-encoding").unwrap_or(""));
        let mut body = Body { lines: &mut lines, coding, out: Vec::new(), given: 0, complaint: complaint.clone() };
        let member = Member {
            name,
            bytes: 0,
            captured_at: saved_at,
            modified: None,
            charset: part.parameter("charset"),
            reader: &mut body,
            complaint,
        };
        contents.member(nest, member)?;
        lines.pass_over()?;
    }
    Ok((!found).then(|| whole_file(Reason::Empty, "the saved page has no part that is a page".into())))
}

fn date(text: &str) -> Option<Micros> {
    dates::parse(text, &jiff::tz::TimeZone::UTC, dates::DayOrder::DayFirst).map(|found| found.at)
}

#[derive(PartialEq)]
enum End {
    Not,
    /// A boundary: another part follows.
    Part,
    /// The last boundary.
    Last,
}

/// The lines of one part.
struct Lines<'a, R> {
    reader: &'a mut R,
    boundary: &'a [u8],
    /// Whether the next piece begins a line.
    at_start: bool,
    ended: End,
}

impl<R: BufRead> Lines<'_, R> {
    /// The next piece, at most one line with its break; false at the end of the part or file.
    fn next(&mut self, piece: &mut Vec<u8>) -> io::Result<bool> {
        piece.clear();
        if self.ended != End::Not || !read_line(&mut self.reader, piece, PIECE)? {
            return Ok(false);
        }
        if self.at_start
            && let Some(rest) = piece.strip_prefix(self.boundary)
        {
            let rest = rest.trim_ascii_end();
            self.ended = match rest {
                b"" => End::Part,
                b"--" => End::Last,
                _ => End::Not,
            };
            if self.ended != End::Not {
                return Ok(false);
            }
        }
        self.at_start = piece.ends_with(b"\n");
        Ok(true)
    }

    fn pass_over(&mut self) -> io::Result<()> {
        let mut piece = Vec::new();
        while self.next(&mut piece)? {}
        Ok(())
    }
}

enum Coding {
    Plain,
    QuotedPrintable,
    /// With what is left of four letters.
    Base64(u32, u8),
}

impl Coding {
    fn of(name: &str) -> Self {
        match name.trim().to_ascii_lowercase().as_str() {
            "quoted-printable" => Self::QuotedPrintable,
            "base64" => Self::Base64(0, 0),
            _ => Self::Plain,
        }
    }

    fn decode(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Plain => out.extend_from_slice(piece),
            Self::QuotedPrintable => quoted_printable(piece, out),
            Self::Base64(bits, count) => {
                for byte in piece {
                    if *byte == b'=' {
                        (*bits, *count) = (0, 0);
                    }
                    let Some(value) = base64::six_bits(*byte) else { continue };
                    *bits = *bits << 6 | u32::from(value);
                    *count += 6;
                    if *count >= 8 {
                        *count -= 8;
                        out.push((*bits >> *count) as u8);
                        *bits &= (1 << *count) - 1;
                    }
                }
            }
        }
    }
}

fn quoted_printable(piece: &[u8], out: &mut Vec<u8>) {
    let broken = piece.ends_with(b"\n");
    let line = piece.strip_suffix(b"\n").unwrap_or(piece);
    let line = line.strip_suffix(b"\r").unwrap_or(line).trim_ascii_end();
    let mut rest = line;
    while let Some(at) = rest.iter().position(|byte| *byte == b'=') {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        let digit = |at: usize| rest.get(at).and_then(|byte| char::from(*byte).to_digit(16));
        match (digit(0), digit(1)) {
            (Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                rest = &rest[2..];
            }
            // The line goes on in the next.
            _ if rest.is_empty() => return,
            _ => out.push(b'='),
        }
    }
    out.extend_from_slice(rest);
    if broken {
        out.push(b'\n');
    }
}

struct Body<'a, 'l, R> {
    lines: &'a mut Lines<'l, R>,
    coding: Coding,
    out: Vec<u8>,
    given: usize,
    complaint: Complaint,
}

impl<R: BufRead> Read for Body<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut piece = Vec::new();
        while self.given == self.out.len() {
            self.out.clear();
            self.given = 0;
            if !self.lines.next(&mut piece)? {
                if self.lines.ended == End::Not {
                    let detail = "the saved page ends within this part";
                    self.complaint.make(whole_file(Reason::Truncated, detail.into()));
                }
                return Ok(0);
            }
            self.coding.decode(&piece, &mut self.out);
        }
        Ok(hand_out(&self.out, &mut self.given, buffer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(coding: &str, pieces: &[&str]) -> String {
        let mut coding = Coding::of(coding);
        let mut out = Vec::new();
        pieces.iter().for_each(|piece| coding.decode(piece.as_bytes(), &mut out));
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn transfer_codings() {
        assert_eq!(decoded("Quoted-Printable", &["=D0=B6 a=\r\n", "b  \r\n", "c=3Dd =zz\n"]), "ж ab\nc=d =zz\n");
        assert_eq!(decoded("base64", &["aGVs\r\n", "bG8gd", "29ybGQ=\r\n"]), "hello world");
        assert_eq!(decoded("8bit", &["a\r\n", "b"]), "a\r\nb");
    }

    #[test]
    fn a_mail_is_no_saved_page() {
        let head = "MIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=\"text/html\"; boundary=\"x\"\r\n";
        assert!(begins(format!("From: <Saved by Blink>\r\n{head}\r\n--x\r\n").as_bytes()));
        assert!(!begins(format!("To: a@b.example\r\n{head}\r\n--x\r\n").as_bytes()));
        assert!(!begins(b"MIME-Version: 1.0\r\n\r\n"));
    }
}
