//! Answers of web servers as archives keep them: the status, the headers, and the body with its codings undone.
//!
//! Archives do not always keep what the headers say: some have undone chunks or codings and left the header. So each
//! is undone only when the bytes look like it.

use std::io::{self, BufRead, BufReader, Read};

use noctule_core::model::{Reason, Skip};

use super::headers::{Headers, read_line};
use super::ratio::{Complaint, Counted, Guarded};
use super::whole_file;

pub(super) struct Answer<R> {
    pub status: u16,
    pub headers: Headers,
    rest: BufReader<R>,
}

impl<'a, R: Read + Send + 'a> Answer<R> {
    /// Reads status and headers; `None` when there are none.
    pub(super) fn read(reader: R) -> io::Result<Option<Self>> {
        let mut rest = BufReader::with_capacity(16 << 10, reader);
        let mut line = Vec::new();
        read_line(&mut rest, &mut line, 4096)?;
        if !line.starts_with(b"HTTP/") || !line.ends_with(b"\n") {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        let Some(status) = text.split_ascii_whitespace().nth(1).and_then(|status| status.parse().ok()) else {
            return Ok(None);
        };
        Ok(Headers::read(&mut rest)?.map(|headers| Self { status, headers, rest }))
    }

    /// The body as the browser saw it.
    pub(super) fn body(self, complaint: Complaint) -> Result<Box<dyn Read + Send + 'a>, Skip> {
        let words = |name: &str| -> Vec<String> {
            let value = self.headers.get(name).unwrap_or("");
            value.split(',').map(|word| word.trim().to_ascii_lowercase()).filter(|word| !word.is_empty()).collect()
        };
        let transfer = words("transfer-encoding");
        let mut codings = words("content-encoding");
        codings.extend(transfer.iter().filter(|word| *word != "chunked").cloned());
        codings.retain(|word| word != "identity");
        let mut rest = self.rest;
        let mut reader: Box<dyn BufRead + Send + 'a> =
            if transfer.iter().any(|word| word == "chunked") && starts_chunk(rest.fill_buf().unwrap_or(&[])) {
                Box::new(BufReader::new(Chunks { inner: rest, state: State::Size, complaint: complaint.clone() }))
            } else {
                Box::new(rest)
            };
        if codings.len() > 2 {
            return Err(whole_file(Reason::NestedTooDeep, "more than two content codings inside each other".into()));
        }
        for coding in codings.iter().rev() {
            reader = decoded(coding, reader, &complaint)?;
        }
        Ok(reader)
    }
}

fn decoded<'a>(
    coding: &str,
    reader: Box<dyn BufRead + Send + 'a>,
    complaint: &Complaint,
) -> Result<Box<dyn BufRead + Send + 'a>, Skip> {
    let (counted, taken) = Counted::new(reader);
    let mut packed = BufReader::with_capacity(16 << 10, counted);
    let start = packed.fill_buf().unwrap_or(&[]);
    let first = [start.first().copied().unwrap_or(0), start.get(1).copied().unwrap_or(0)];
    #[expect(clippy::disallowed_types, reason = "counted by `Guarded` below")]
    let unpacked: Box<dyn Read + Send + 'a> = match coding {
        "gzip" | "x-gzip" if first == [0x1f, 0x8b] => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
        "gzip" | "x-gzip" => return Ok(Box::new(packed)),
        // The name stands for zlib, and many servers send the bare stream.
        "deflate" if first[0] & 0x0f == 8 && u16::from_be_bytes(first) % 31 == 0 => {
            Box::new(flate2::bufread::ZlibDecoder::new(packed))
        }
        "deflate" => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
        // Brotli has no mark; what is markup already was undone by the archive.
        "br" if matches!(first[0], b'<' | b'{' | b'[') && first[1].is_ascii_graphic() => return Ok(Box::new(packed)),
        "br" => Box::new(brotli_decompressor::Decompressor::new(packed, 16 << 10)),
        "zstd" if start.starts_with(b"\x28\xb5\x2f\xfd") => Box::new(
            zstd::Decoder::with_buffer(packed)
                .map_err(|e| whole_file(Reason::Malformed, format!("the zstd data is broken ({e})")))?,
        ),
        "zstd" => return Ok(Box::new(packed)),
        _ => {
            let detail = "its content coding is none of gzip, deflate, br and zstd";
            return Err(whole_file(Reason::UnknownFormat, detail.into()));
        }
    };
    let guarded = Guarded::new(unpacked, "the body", taken, 0, complaint.clone());
    Ok(Box::new(BufReader::with_capacity(16 << 10, guarded)))
}

/// Whether bytes begin with the size of a chunk: hexadecimal digits, perhaps an extension, a line break.
fn starts_chunk(bytes: &[u8]) -> bool {
    let digits = bytes.iter().take(17).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let rest = bytes.get(digits..).unwrap_or(&[]);
    let rest = &rest[rest.iter().take_while(|byte| **byte == b' ').count()..];
    (1..=16).contains(&digits) && (rest.starts_with(b"\r\n") || rest.starts_with(b"\n") || rest.starts_with(b";"))
}

enum State {
    Size,
    Within(u64),
    Ended,
}

/// Takes the sizes out of a body that was sent in chunks.
struct Chunks<R> {
    inner: R,
    state: State,
    complaint: Complaint,
}

impl<R> Chunks<R> {
    fn complain(&mut self, reason: Reason, detail: &str) {
        self.complaint.make(whole_file(reason, detail.into()));
        self.state = State::Ended;
    }
}

impl<R: BufRead> Read for Chunks<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.state {
                State::Ended => return Ok(0),
                State::Size => {
                    let mut line = Vec::new();
                    read_line(&mut self.inner, &mut line, 4096)?;
                    // The break behind the last chunk.
                    if matches!(&line[..], b"\r\n" | b"\n") {
                        line.clear();
                        read_line(&mut self.inner, &mut line, 4096)?;
                    }
                    if line.is_empty() {
                        self.complain(Reason::Truncated, "the body ends before its last chunk");
                        continue;
                    }
                    let text = String::from_utf8_lossy(&line);
                    let digits = text.split([';', '\r', '\n']).next().unwrap_or("").trim();
                    match u64::from_str_radix(digits, 16) {
                        Ok(0) => self.state = State::Ended,
                        Ok(size) => self.state = State::Within(size),
                        Err(_) => self.complain(Reason::Malformed, "the size of a chunk of the body is no number"),
                    }
                }
                State::Within(left) => {
                    let room = left.min(buffer.len() as u64) as usize;
                    let n = self.inner.read(&mut buffer[..room])?;
                    if n == 0 && room > 0 {
                        self.complain(Reason::Truncated, "the body ends within a chunk");
                        continue;
                    }
                    self.state = if left == n as u64 { State::Size } else { State::Within(left - n as u64) };
                    return Ok(n);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(answer: &[u8]) -> (Vec<u8>, Option<Reason>) {
        let complaint = Complaint::default();
        let answer = Answer::read(answer).unwrap().unwrap();
        let mut out = Vec::new();
        answer.body(complaint.clone()).unwrap().read_to_end(&mut out).unwrap();
        (out, complaint.asked().map(|skip| skip.reason))
    }

    #[test]
    fn chunks_are_undone_when_they_are_there() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let chunked = format!("{head}4\r\nabcd\r\n2;x=y\r\nef\r\n0\r\n\r\n");
        assert_eq!(body(chunked.as_bytes()), (b"abcdef".to_vec(), None));
        // The archive undid them and kept the header.
        assert_eq!(body(format!("{head}<html>").as_bytes()), (b"<html>".to_vec(), None));
        assert_eq!(body(format!("{head}4\r\nab").as_bytes()), (b"ab".to_vec(), Some(Reason::Truncated)));
        assert_eq!(body(format!("{head}1\r\na\r\nzz\r\n").as_bytes()), (b"a".to_vec(), Some(Reason::Malformed)));
        assert_eq!(body(format!("{head}1\r\na\r\n").as_bytes()), (b"a".to_vec(), Some(Reason::Truncated)));
    }

    #[test]
    fn codings_are_undone_when_they_are_there() {
        use std::io::Write;
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(b"page").unwrap();
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(b"page").unwrap();
        let mut bare = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        bare.write_all(b"page").unwrap();
        // "page" in brotli: one uncompressed block.
        let brotli = b"\x8b\x01\x80page\x03".to_vec();
        for (coding, packed) in [
            ("gzip", gzip.finish().unwrap()),
            ("deflate", zlib.finish().unwrap()),
            ("deflate", bare.finish().unwrap()),
            ("br", brotli),
            ("zstd", zstd::encode_all(&b"page"[..], 1).unwrap()),
            ("gzip", b"page".to_vec()),
            ("identity", b"page".to_vec()),
        ] {
            let mut answer = format!("HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\n\r\n").into_bytes();
            answer.extend(packed);
            assert_eq!(body(&answer), (b"page".to_vec(), None), "{coding}");
        }
    }
}
