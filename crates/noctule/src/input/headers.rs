//! Header blocks as WARC, HTTP and mail write them: `Name: value` lines up to an empty one.

use std::io::{self, BufRead};

/// Longest block that is read.
const MAX_BLOCK: usize = 256 << 10;

#[derive(Default, Debug)]
pub(super) struct Headers(Vec<(String, String)>);

impl Headers {
    /// Reads up to and with the empty line; `None` when the stream ends before, or the block is too long.
    pub(super) fn read(reader: &mut dyn BufRead) -> io::Result<Option<Self>> {
        let mut headers: Vec<(String, String)> = Vec::new();
        let mut left = MAX_BLOCK;
        loop {
            let mut line = Vec::new();
            if !read_line(reader, &mut line, left)? || !line.ends_with(b"\n") {
                return Ok(None);
            }
            left -= line.len();
            let text = String::from_utf8_lossy(&line);
            let text = text.trim_end_matches(['\r', '\n']);
            if text.is_empty() {
                return Ok(Some(Self(headers)));
            }
            if text.starts_with([' ', '\t']) {
                if let Some((_, value)) = headers.last_mut() {
                    value.push(' ');
                    value.push_str(text.trim());
                }
            } else if let Some((name, value)) = text.split_once(':') {
                headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
    }

    /// The first value; the name in lower case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The media type in lower case, without parameters.
    pub(super) fn media_type(&self) -> Option<String> {
        let value = self.get("content-type")?;
        Some(value.split(';').next().unwrap_or("").trim().to_ascii_lowercase())
    }

    /// A parameter of the content type, unquoted.
    pub(super) fn parameter(&self, wanted: &str) -> Option<String> {
        let value = self.get("content-type")?;
        value.split(';').skip(1).find_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim().trim_matches(['"', '\'']).to_owned())
        })
    }
}

/// Hands out what is ready and was not yet given, as far as the buffer takes it.
pub(super) fn hand_out(ready: &[u8], given: &mut usize, buffer: &mut [u8]) -> usize {
    let rest = &ready[*given..];
    let n = buffer.len().min(rest.len());
    buffer[..n].copy_from_slice(&rest[..n]);
    *given += n;
    n
}

/// Reads a line with its break; false at the end. Of a longer line only so much is read, without a break at its end.
pub(super) fn read_line(reader: &mut dyn BufRead, line: &mut Vec<u8>, most: usize) -> io::Result<bool> {
    let start = line.len();
    while line.len() - start < most {
        let available = match reader.fill_buf() {
            Ok(available) => available,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if available.is_empty() {
            break;
        }
        let room = available.len().min(most - (line.len() - start));
        let found = memchr(&available[..room]);
        let length = found.map_or(room, |at| at + 1);
        line.extend_from_slice(&available[..length]);
        reader.consume(length);
        if found.is_some() {
            break;
        }
    }
    Ok(line.len() > start)
}

fn memchr(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|byte| *byte == b'\n')
}

/// Whether a media type is one that never holds messages: pictures, films, sounds, fonts, styles, scripts.
pub(super) fn is_media(media_type: &str) -> bool {
    ["image/", "video/", "audio/", "font/"].iter().any(|start| media_type.starts_with(start))
        || ["javascript", "ecmascript", "/css", "font-woff", "/wasm", "x-shockwave-flash", "ms-fontobject"]
            .iter()
            .any(|mark| media_type.contains(mark))
}
