//! Lines of a text file, in bounded memory, for the formats that are made of lines.

use std::io::BufRead;

use super::json::{MAX_TEXT, Window};

/// One line, or what stands in its place.
pub(super) enum Line<'a> {
    Text(&'a str),
    /// Longer than a text may be; it was passed over.
    TooLong,
}

pub(super) struct Lines<'r> {
    window: Window<'r>,
    buffer: String,
    /// The number of the last line, counted from 1.
    pub number: u64,
}

impl<'r> Lines<'r> {
    pub fn new(reader: &'r mut dyn BufRead) -> Self {
        Self { window: Window::new(reader), buffer: String::new(), number: 0 }
    }

    /// The start of the file; consumes nothing.
    pub fn peek(&mut self, length: usize) -> &[u8] {
        self.window.peek(length)
    }

    /// Why reading stopped before the end.
    pub fn error(&self) -> Option<String> {
        self.window.error.as_ref().map(|error| format!("reading stopped: {error}"))
    }

    /// The next line without its break; `None` at the end of the file.
    pub fn next(&mut self) -> Option<Line<'_>> {
        self.buffer.clear();
        let mut searched = 0;
        loop {
            if let Some(found) = memchr::memchr(b'\n', &self.window.rest()[searched..]) {
                let length = searched + found;
                self.number += 1;
                if length > MAX_TEXT {
                    self.window.consume(length + 1);
                    return Some(Line::TooLong);
                }
                return Some(self.take(length, 1));
            }
            searched = self.window.rest().len();
            if searched > MAX_TEXT {
                self.number += 1;
                self.window.seek(b'\n', 1, |_| true);
                self.window.consume(1);
                return Some(Line::TooLong);
            }
            if !self.window.more() {
                if searched == 0 {
                    return None;
                }
                self.number += 1;
                return Some(self.take(searched, 0));
            }
        }
    }

    fn take(&mut self, length: usize, ending: usize) -> Line<'_> {
        let line = &self.window.rest()[..length];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        self.buffer.push_str(&super::json::utf8(line));
        self.window.consume(length + ending);
        Line::Text(&self.buffer)
    }
}

/// The first lines of a head, without one that it cuts off.
pub(super) fn head_lines<'a>(bytes: &'a [u8], whole: bool, most: usize) -> Vec<std::borrow::Cow<'a, str>> {
    let bytes = super::without_mark(bytes);
    let mut lines: Vec<_> = bytes.split(|byte| *byte == b'\n').take(most + 1).collect();
    if lines.len() > most || !whole {
        lines.pop();
    }
    lines.into_iter().map(|line| super::json::utf8(line.strip_suffix(b"\r").unwrap_or(line))).collect()
}
