//! The part of a stream that is in memory, and ways through what is too large or too broken to be read.

use std::borrow::Cow;
use std::io::{self, BufRead};

use super::{CLASS, CLOSE, Cursor, Fault, MAX_ELEMENT, OPEN, QUOTE, quote_or_escape};

/// How much is read at a time.
const CHUNK: usize = 256 << 10;

/// A line longer than this is not looked for.
const LONG_LINE: usize = 16 << 10;
/// After so many lines that are not one element each, lines are not looked for any more.
const ODD_LINES: u8 = 16;

/// The part of a stream that is in memory.
pub struct Window<'r> {
    reader: &'r mut dyn BufRead,
    bytes: Vec<u8>,
    /// The unread part of `bytes`.
    at: usize,
    end: usize,
    /// Bytes of the stream that were dropped from the front of `bytes`.
    dropped: u64,
    ended: bool,
    /// Why reading stopped, when it was not the end.
    pub error: Option<io::Error>,
    /// Line breaks before `counted`, a position in `bytes`; kept only when somebody asks for lines.
    lines: Option<u64>,
    counted: usize,
    /// Bytes looked at twice in order to recover from broken syntax.
    retried: u64,
    /// Lines that were not one element each.
    odd_lines: u8,
}

impl<'r> Window<'r> {
    pub fn new(reader: &'r mut dyn BufRead) -> Self {
        let mut window = Self {
            reader,
            bytes: vec![0; CHUNK],
            at: 0,
            end: 0,
            dropped: 0,
            ended: false,
            error: None,
            lines: None,
            counted: 0,
            retried: 0,
            odd_lines: 0,
        };
        if window.peek(3).starts_with(b"\xEF\xBB\xBF") {
            window.at = 3;
        }
        window
    }

    /// Counts lines from here on.
    pub fn counting_lines(mut self) -> Self {
        self.lines = Some(0);
        self.counted = self.at;
        self
    }

    /// The number of the line the next byte is on, counted from 1.
    pub fn line(&mut self) -> u64 {
        self.count_lines();
        self.lines.unwrap_or(0) + 1
    }

    fn count_lines(&mut self) {
        if let Some(lines) = &mut self.lines {
            *lines += memchr::memchr_iter(b'\n', &self.bytes[self.counted..self.at]).count() as u64;
            self.counted = self.at;
        }
    }

    /// The position of the next byte in the stream, counted from 0.
    pub fn offset(&self) -> u64 {
        self.dropped + self.at as u64
    }

    /// How far the stream has been read; its length once it has ended.
    pub fn length(&self) -> u64 {
        self.dropped + self.end as u64
    }

    /// What is in memory and not yet consumed.
    pub fn rest(&self) -> &[u8] {
        &self.bytes[self.at..self.end]
    }

    /// True when nothing follows [`rest`](Self::rest).
    pub fn ended(&self) -> bool {
        self.ended
    }

    pub fn consume(&mut self, length: usize) {
        self.at = (self.at + length).min(self.end);
    }

    /// Reads more, at least doubling what is held; false at the end of the stream or when the window is full.
    pub fn more(&mut self) -> bool {
        let held = self.end - self.at;
        if self.ended || held >= MAX_ELEMENT {
            return false;
        }
        self.count_lines();
        self.bytes.copy_within(self.at..self.end, 0);
        self.dropped += self.at as u64;
        (self.at, self.end, self.counted) = (0, held, 0);
        let room = (held * 2).clamp(CHUNK, MAX_ELEMENT);
        if self.bytes.len() < room {
            self.bytes.resize(room, 0);
        }
        let enough = (held * 2).clamp(held + 1, self.bytes.len());
        while self.end < enough && !self.ended {
            match self.reader.read(&mut self.bytes[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(length) => self.end += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.error = Some(error);
                    self.ended = true;
                }
            }
        }
        self.end > held
    }

    /// The next `length` bytes, fewer only at the end of the stream. Consumes nothing.
    pub fn peek(&mut self, length: usize) -> &[u8] {
        while self.end - self.at < length && self.more() {}
        let end = self.end.min(self.at + length);
        &self.bytes[self.at..end]
    }

    /// Reads one element with `read` and consumes it. On a fault nothing is consumed; `Incomplete` then means
    /// that the stream ended within the element.
    #[inline]
    pub fn take<T>(&mut self, mut read: impl FnMut(&mut Cursor<'_>) -> Result<T, Fault>) -> Result<T, Fault> {
        loop {
            let last = self.ended;
            let mut cursor = Cursor::new(&self.bytes[self.at..self.end], last);
            match read(&mut cursor) {
                Ok(value) => {
                    self.at += cursor.at;
                    return Ok(value);
                }
                Err(Fault::Incomplete) if self.more() => {}
                // The end of the stream was noticed only now: a number may end with it.
                Err(Fault::Incomplete) if self.ended && !last => {}
                Err(Fault::Incomplete) if !self.ended => return Err(Fault::TooLarge),
                Err(fault) => return Err(fault),
            }
        }
    }

    /// As [`take`](Self::take), for an element that lies on one line, which is then looked at once to be UTF-8 and
    /// not string by string. `None` when it cannot be read so, and must be taken.
    #[inline]
    pub fn take_line<T>(&mut self, read: impl FnOnce(&mut Cursor<'_>) -> Result<T, Fault>) -> Option<T> {
        if self.odd_lines == ODD_LINES {
            return None;
        }
        let rest = &self.bytes[self.at..self.end];
        let line = memchr::memchr(b'\n', &rest[..rest.len().min(LONG_LINE)])
            .and_then(|length| encoding_rs::UTF_8.decode_without_bom_handling_and_without_replacement(&rest[..length]));
        let Some(Cow::Borrowed(line)) = line else {
            self.odd_lines += u8::from(rest.len() >= LONG_LINE);
            return None;
        };
        let mut cursor = Cursor::of_text(line);
        let value = read(&mut cursor).ok();
        let length = cursor.at;
        // Several elements on a line would have it looked at several times.
        self.odd_lines += u8::from(value.is_none() || length < line.len() / 2);
        self.at += if value.is_some() { length } else { 0 };
        value
    }

    /// Reads one thing that is not JSON: `read` gets what is held and whether nothing follows it, and gives a value
    /// with its length. `Incomplete` asks for more, as in [`take`](Self::take).
    pub fn take_bytes<T>(
        &mut self,
        mut read: impl FnMut(&[u8], bool) -> Result<(T, usize), Fault>,
    ) -> Result<T, Fault> {
        loop {
            let last = self.ended;
            match read(&self.bytes[self.at..self.end], last) {
                Ok((value, length)) => {
                    self.consume(length);
                    return Ok(value);
                }
                Err(Fault::Incomplete) if self.more() => {}
                Err(Fault::Incomplete) if self.ended && !last => {}
                Err(Fault::Incomplete) if !self.ended => return Err(Fault::TooLarge),
                Err(fault) => return Err(fault),
            }
        }
    }

    /// Passes over one value of any size in constant memory, however deep.
    pub fn skip_value(&mut self) -> Result<(), Fault> {
        if !matches!(self.take(|cursor| cursor.peek())?, b'{' | b'[' | b'"') {
            return self.take(|cursor| cursor.skip());
        }
        let mut depth = 0u64;
        let mut quoted = false;
        loop {
            let mut at = self.at;
            while at < self.end {
                if quoted {
                    let Some(found) = quote_or_escape(&self.bytes[at..self.end]) else {
                        at = self.end;
                        break;
                    };
                    at += found;
                    if self.bytes[at] == b'\\' {
                        if at + 1 == self.end {
                            break; // The escaped byte has not been read yet.
                        }
                        at += 2;
                        continue;
                    }
                    quoted = false;
                } else {
                    match CLASS[self.bytes[at] as usize] {
                        QUOTE => quoted = true,
                        OPEN => depth += 1,
                        CLOSE => depth -= 1,
                        _ => {}
                    }
                }
                at += 1;
                if depth == 0 && !quoted {
                    self.at = at;
                    return Ok(());
                }
            }
            self.at = at;
            if !self.more() {
                self.at = self.end;
                return Err(Fault::Incomplete);
            }
        }
    }

    /// Passes over a broken element if its brackets balance and what follows looks right; otherwise consumes
    /// nothing and says false. Looking ahead is paid from a budget that grows with the stream, so that a file
    /// of broken elements still takes linear time.
    pub fn skip_balanced(&mut self, follows: impl Fn(u8) -> bool) -> bool {
        if self.retried > 4 * self.offset() + (1 << 20) {
            return false;
        }
        let before = self.at;
        let result = self.take(|cursor| {
            cursor.skip()?;
            match cursor.peek() {
                Ok(byte) if !follows(byte) => Err(Fault::Malformed("out of step")),
                Err(_) if !cursor.last => Err(Fault::Incomplete),
                _ => Ok(()),
            }
        });
        self.retried += match result {
            Ok(()) => self.at.saturating_sub(before) as u64,
            Err(_) => self.rest().len() as u64,
        };
        result.is_ok()
    }

    /// Consumes up to the first position for which `stop` says yes, trying only where `byte` stands. `stop` gets
    /// up to `ahead` bytes from there. False when the stream ends first.
    pub fn seek(&mut self, byte: u8, ahead: usize, stop: impl Fn(&[u8]) -> bool) -> bool {
        loop {
            match memchr::memchr(byte, self.rest()) {
                Some(found) => {
                    self.at += found;
                    if stop(self.peek(ahead)) {
                        return true;
                    }
                    self.at += 1;
                }
                None => {
                    self.at = self.end;
                    if !self.more() {
                        return false;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    #[test]
    fn the_streamed_skip_agrees_with_the_slice() {
        for json in [r#""a\"b" x"#, r#"{"a":"}"} x"#, "[[],{}] x", r#""\\" x"#] {
            let mut bytes = json.as_bytes();
            let mut reader = io::BufReader::with_capacity(1, &mut bytes);
            let mut window = Window::new(&mut reader);
            assert_eq!(window.skip_value(), Ok(()));
            assert_eq!(window.rest().first(), Some(&b' '), "{json}");
        }
    }

    #[test]
    fn a_window_does_not_outgrow_its_limit() {
        let json = format!("\"{}\" 7", "x".repeat(MAX_ELEMENT + 1));
        let mut bytes = json.as_bytes();
        let mut window = Window::new(&mut bytes);
        assert_eq!(window.take(|cursor| cursor.skip()), Err(Fault::TooLarge));
        assert_eq!(window.skip_value(), Ok(()));
        assert_eq!(window.take(|cursor| cursor.text().map(|t| t.map(Cow::into_owned))), Ok(Some("7".into())));
        assert!(window.bytes.len() <= MAX_ELEMENT);
    }
}
