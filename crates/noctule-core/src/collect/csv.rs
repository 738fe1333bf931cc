//! Tables of separated values, whatever their columns are called.
//!
//! # What it reads
//! RFC 4180 with a header line: cells separated by comma, semicolon, tab or bar, quoted by `"` where they hold a
//! separator, a quotation mark (doubled) or a line break. Which column holds what is given by a mapping
//! (`text=Message_text,date=Timestamp`), known from the set of columns (posts of CrimeBB, both of its exports), or
//! guessed from names and values.
//!
//! # How
//! The separator is the one with which the first rows have the most cells in agreement with the header. A file
//! counts as a table only with a text column and at least one more that its name or values explain, so that prose
//! with commas is not one; a single column must be called like a text. A row whose quotation mark does not close
//! within 1 MiB is skipped up to its first line break.
//!
//! # Where it is wrong
//! - A table without a header line is not recognized.
//! - Quotation marks escaped by a backslash (MySQL) end the cell.
//! - A row with more cells than the header (an unquoted comma in the text) is skipped, not repaired; one with
//!   fewer is read as far as it goes.

use std::ops::ControlFlow;

use super::json::{MAX_TEXT, Window, utf8};
use super::mapping::{Field, Mapping};
use super::out::Out;
use super::table::{Cells, Origin, Rows};
use super::{Collector, Head, Input, SAMPLE_BYTES, Sample, Sink};
use crate::model::Reason;

const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// Rows that are looked at to guess separator and mapping.
const SAMPLE_ROWS: usize = 100;
/// Most bytes of a row as written.
const MAX_ROW: usize = MAX_TEXT;
/// Most columns of a header.
const MAX_COLUMNS: usize = 2000;

pub struct Csv;

impl Collector for Csv {
    fn name(&self) -> &'static str {
        "csv"
    }

    fn about(&self) -> &'static str {
        "tables separated by comma, semicolon, tab or bar, with any column names"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let (separator, sample) = sample(head.bytes, head.whole)?;
        let columns = &sample.columns;
        if columns.iter().any(|name| name.trim().is_empty() || name.len() > 64 || name.contains('\n')) {
            return None;
        }
        let guess = Mapping::guess(None, &sample);
        guess.mapping.text.as_ref()?;
        let agreeing = sample.rows.iter().filter(|row| row.len() == columns.len()).count();
        let explained = guess.reasons.iter().filter(|reason| reason.contains(" = ")).count();
        // Names that we know weigh more than rows that all have the same number of cells.
        let needed = if guess.text_by_name && explained >= 2 { 5 } else { 9 };
        let table = if columns.len() == 1 { guess.text_by_name } else { explained >= 2 };
        if !table || agreeing * 10 < sample.rows.len() * needed {
            return None;
        }
        let name = match separator {
            b',' => "commas",
            b';' => "semicolons",
            b'\t' => "tabs",
            _ => "bars",
        };
        let table = if columns.len() == 1 {
            "one column".to_owned()
        } else {
            format!("{} columns separated by {name}", columns.len())
        };
        Some(format!("{table}; {}", guess.reasons.join(", ")))
    }

    fn unread(&self, head: &Head<'_>, mapping: Option<&Mapping>) -> Vec<String> {
        let Some((_, sample)) = sample(head.bytes, head.whole) else {
            return Vec::new();
        };
        Mapping::guess(mapping, &sample).unread(&sample)
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let source = Origin { path: input.path, zone: input.zone, mapping: input.mapping };
        let mut window = Window::new(input.reader).counting_lines();
        let head = window.peek(SAMPLE_BYTES);
        let whole = head.len() < SAMPLE_BYTES;
        let Some((separator, sample)) = sample(head, whole) else {
            return Out::new(sink).finish("no header line");
        };
        let mut rows = Rows::new(&source, &sample, sink);
        let mut columns = [None; Field::COUNT];
        let mut missing = Vec::new();
        for field in Field::ALL {
            let Some(name) = rows.mapping().get(field) else {
                continue;
            };
            columns[field as usize] = sample.column(name);
            if columns[field as usize].is_none() {
                missing.push(format!("{} is said to be in column {name:?}, which is not there", field.word()));
            }
        }
        for detail in missing {
            rows.out.skip("line 1", Reason::MissingField, detail);
        }
        let mut reader = Reader { window, rows, separator, columns, width: sample.columns.len(), retried: 0 };
        // Whether the sink had enough or the file ended makes no difference here.
        let _ = reader.run();
        reader.rows.out.finish("no rows under the header");
    }
}

struct Reader<'s, 'r> {
    window: Window<'r>,
    rows: Rows<'s>,
    separator: u8,
    /// The column of each field.
    columns: [Option<usize>; Field::COUNT],
    width: usize,
    /// Bytes read again after a quotation mark that did not close.
    retried: u64,
}

impl Reader<'_, '_> {
    fn run(&mut self) -> ControlFlow<()> {
        let mut header = true;
        let mut row = Row::default();
        let mut place = 0;
        loop {
            if self.window.peek(1).is_empty() {
                if let Some(error) = &self.window.error {
                    let detail = format!("reading stopped: {error}");
                    let place = format!("line {}", self.window.line());
                    self.rows.out.skip(place, Reason::Unreadable, detail);
                }
                return ControlFlow::Break(());
            }
            // Files whose lines end with a carriage return alone have no line feeds to count.
            let line = self.window.line().max(place + 1);
            match self.next(&mut row) {
                // The header is the first row that is not blank.
                Outcome::Row if row.blank() => {}
                Outcome::Row if header => header = false,
                Outcome::Row => {
                    place = line;
                    self.row(&row, line)?;
                }
                Outcome::Unclosed => {
                    let detail = "the file ends within a quoted cell".to_owned();
                    self.rows.out.skip(format!("line {line}"), Reason::Truncated, detail);
                    return ControlFlow::Break(());
                }
                Outcome::TooLarge => {
                    let detail = format!("a row may have {MAX_ROW} bytes; a quotation mark may be missing");
                    self.rows.out.skip(format!("line {line}"), Reason::TooLarge, detail);
                    self.pass_line();
                }
            }
        }
    }

    /// Reads one row and consumes it, unless it is too large.
    fn next(&mut self, row: &mut Row) -> Outcome {
        loop {
            let rest = self.window.rest();
            let limited = &rest[..rest.len().min(MAX_ROW + 1)];
            let last = self.window.ended() && limited.len() == rest.len();
            match row.read(limited, self.separator, last) {
                Some(length) if length <= MAX_ROW => {
                    self.window.consume(length);
                    return Outcome::Row;
                }
                _ if limited.len() > MAX_ROW => return Outcome::TooLarge,
                _ if last => return Outcome::Unclosed,
                _ => {
                    self.window.more();
                }
            }
        }
    }

    /// Goes to the next line after a row that was too large. Going back to its start is paid from a budget that
    /// grows with the stream, so that a hostile file still takes linear time.
    fn pass_line(&mut self) {
        if self.retried > 4 * self.window.offset() + (8 << 20) {
            self.window.consume(MAX_ROW);
        }
        self.retried += MAX_ROW as u64;
        if self.window.seek(b'\n', 1, |_| true) {
            self.window.consume(1);
        }
    }

    fn row(&mut self, row: &Row, line: u64) -> ControlFlow<()> {
        let place = || format!("line {line}");
        let cells = row.trimmed(self.width);
        if cells > self.width {
            let detail = format!("the row has {cells} cells, the header {}", self.width);
            self.rows.out.skip(place(), Reason::Malformed, detail);
            return ControlFlow::Continue(());
        }
        let mut found = Cells::default();
        for (cell, column) in found.iter_mut().zip(self.columns) {
            *cell = column.and_then(|column| row.cell(column)).map(utf8);
        }
        if found[Field::Text as usize].is_none() {
            self.rows.out.skip(place(), Reason::MissingField, "the row ends before the text");
            return ControlFlow::Continue(());
        }
        self.rows.row(&mut found, line, place)
    }
}

enum Outcome {
    Row,
    /// A quoted cell does not end before the file does.
    Unclosed,
    TooLarge,
}

/// The cells of one row, one after the other.
#[derive(Default)]
struct Row {
    bytes: Vec<u8>,
    /// Where each cell ends in `bytes`.
    ends: Vec<usize>,
}

impl Row {
    /// Reads a row from the start of `input` and gives its length with the line break; `None` when `input` ends
    /// before the row does. `last` says that nothing follows `input`.
    fn read(&mut self, input: &[u8], separator: u8, last: bool) -> Option<usize> {
        self.bytes.clear();
        self.ends.clear();
        let mut at = 0;
        loop {
            if input.get(at) == Some(&b'"') {
                at = self.quoted(input, at + 1)?;
            }
            // The unquoted cell, or what a careless writer left behind the closing quotation mark.
            let length = memchr::memchr3(separator, b'\n', b'\r', &input[at..]);
            let end = at + length.unwrap_or(input.len() - at);
            self.bytes.extend_from_slice(&input[at..end]);
            self.ends.push(self.bytes.len());
            match input.get(end) {
                Some(b'\n') => return Some(end + 1),
                Some(b'\r') => match input.get(end + 1) {
                    Some(b'\n') => return Some(end + 2),
                    None if !last => return None,
                    _ => return Some(end + 1),
                },
                Some(_) => at = end + 1,
                None if last => return Some(end),
                None => return None,
            }
        }
    }

    /// Reads a quoted cell from behind its quotation mark to behind the closing one.
    fn quoted(&mut self, input: &[u8], mut at: usize) -> Option<usize> {
        loop {
            let end = at + memchr::memchr(b'"', &input[at..])?;
            self.bytes.extend_from_slice(&input[at..end]);
            if input.get(end + 1) != Some(&b'"') {
                return Some(end + 1);
            }
            self.bytes.push(b'"');
            at = end + 2;
        }
    }

    fn cell(&self, column: usize) -> Option<&[u8]> {
        let end = *self.ends.get(column)?;
        let start = if column == 0 { 0 } else { self.ends[column - 1] };
        Some(&self.bytes[start..end])
    }

    fn blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }

    /// The number of cells, without empty ones beyond the header's width (a separator at the line's end).
    fn trimmed(&self, width: usize) -> usize {
        let mut cells = self.ends.len();
        while cells > width && self.cell(cells - 1).is_some_and(|cell| cell.iter().all(u8::is_ascii_whitespace)) {
            cells -= 1;
        }
        cells
    }

    fn to_strings(&self) -> Vec<String> {
        (0..self.ends.len().min(MAX_COLUMNS))
            .filter_map(|column| self.cell(column))
            .map(|cell| utf8(cell).into_owned())
            .collect()
    }
}

/// The cells of the first line, where most of the rows agree with it.
pub(super) fn columns(head: &Head<'_>) -> Vec<String> {
    let Some((_, sample)) = sample(head.bytes, head.whole) else {
        return Vec::new();
    };
    let width = sample.columns.len();
    let agreeing = sample.rows.iter().filter(|row| row.len() == width).count();
    if width > 1 && agreeing > 0 && agreeing * 2 >= sample.rows.len() { sample.columns } else { Vec::new() }
}

/// The separator and the first rows; `None` when there is no header line.
fn sample(bytes: &[u8], whole: bool) -> Option<(u8, Sample)> {
    let bytes = super::without_mark(bytes);
    // A JSON text or a binary file is no table, whatever its commas look like.
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace())?;
    if matches!(first, b'{' | b'[' | b'<') || bytes.contains(&0) {
        return None;
    }
    let mut best: Option<(usize, u8, Sample)> = None;
    for separator in SEPARATORS {
        let Some(sample) = sample_with(bytes, whole, separator) else {
            continue;
        };
        let width = sample.columns.len();
        let agreeing = sample.rows.iter().filter(|row| row.len() == width).count();
        // Cells in agreement with the header; a single column agrees with everything and says nothing.
        let score = if width == 1 { 1 } else { width * (agreeing + 1) };
        if best.as_ref().is_none_or(|(most, ..)| score > *most) {
            best = Some((score, separator, sample));
        }
    }
    best.map(|(_, separator, sample)| (separator, sample))
}

fn sample_with(mut bytes: &[u8], whole: bool, separator: u8) -> Option<Sample> {
    let mut row = Row::default();
    let mut sample = Sample::default();
    while !bytes.is_empty() && sample.rows.len() < SAMPLE_ROWS {
        let Some(length) = row.read(bytes, separator, whole) else {
            break;
        };
        bytes = &bytes[length..];
        if row.blank() {
            continue;
        }
        if sample.columns.is_empty() {
            sample.columns = row.to_strings().into_iter().map(|name| name.trim().to_owned()).collect();
        } else {
            sample.rows.push(row.to_strings());
        }
    }
    (!sample.columns.is_empty()).then_some(sample)
}
