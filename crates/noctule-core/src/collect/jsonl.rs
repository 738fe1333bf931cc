//! JSON Lines and arrays of objects, whatever their keys are called.
//!
//! # What it reads
//! One JSON object a line, an array of objects, or objects one after the other over several lines: dumps of
//! scrapers and scripts, and Noctule's own exchange form (a `text`, and whatever else there is). Which key holds
//! what is given by a mapping (`text=body,date=created`) or guessed from names and values; keys of nested objects
//! are joined by dots (`user.name`).
//!
//! # How
//! The first 64 KiB are read twice, once to guess the mapping. Then object by object: only the mapped keys are
//! decoded, everything else is passed over. A list of plain values becomes lines of one text. The place of a
//! message is the line its object starts on (of a second object on the same line, the next number), in an array
//! the number of the element. After a broken object reading goes on with the next line that starts with one.
//!
//! # Where it is wrong
//! - A guess is a guess: a dry run shows it with its reasons, and a mapping overrides it.
//! - Messages inside a larger object (`{"messages": […]}`) are no table; such formats need their own collector.
//! - Values inside a list of objects are not read.
//! - A key that is not mapped may occur twice unnoticed; one that is makes the object a skip.

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::json::{Cursor, Fault, MAX_ELEMENT, MAX_TEXT, Window};
use super::mapping::{Field, Mapping};
use super::table::{Cells, Origin, Rows};
use super::{Collector, Head, Input, SAMPLE_BYTES, Sample, Sink};
use crate::model::Reason;

/// Rows that are looked at to guess the mapping.
const SAMPLE_ROWS: usize = 100;

pub struct Jsonl;

impl Collector for Jsonl {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn about(&self) -> &'static str {
        "JSON Lines, or an array of JSON objects, with any keys"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let (sample, container) = sample(head.bytes, head.whole);
        // One object that holds a list of objects is a document of some other format.
        if sample.rows.is_empty() || (container && sample.rows.len() == 1) {
            return None;
        }
        let guess = Mapping::guess(None, &sample);
        guess.mapping.text.as_ref()?;
        Some(format!("JSON objects; {}", guess.reasons.join(", ")))
    }

    fn unread(&self, head: &Head<'_>, mapping: Option<&Mapping>) -> Vec<String> {
        let (sample, _) = sample(head.bytes, head.whole);
        Mapping::guess(mapping, &sample).unread(&sample)
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let source = Origin { path: input.path, zone: input.zone, mapping: input.mapping };
        let mut window = Window::new(input.reader).counting_lines();
        let (sample, _) = sample(window.peek(SAMPLE_BYTES), false);
        let rows = Rows::new(&source, &sample, sink);
        let path_of = |field: Field| Some((rows.mapping().get(field)?.to_owned(), field as usize));
        let paths = Field::ALL.into_iter().filter_map(path_of).collect();
        let mut reader = Reader { window, rows, paths, order: Vec::new(), array: false, elements: 0, place: 0 };
        // Whether the sink had enough or the file ended makes no difference here.
        let _ = reader.run();
        reader.rows.out.finish("no objects");
    }
}

struct Reader<'s, 'r> {
    window: Window<'r>,
    rows: Rows<'s>,
    /// The mapped paths of keys, and the cell that each fills.
    paths: Vec<(String, usize)>,
    /// The keys of the object before.
    order: Vec<Known>,
    /// Whether the objects are elements of one array.
    array: bool,
    elements: u64,
    /// Of the last object.
    place: u64,
}

impl Reader<'_, '_> {
    fn run(&mut self) -> ControlFlow<()> {
        if let Ok(b'[') = self.window.take(|cursor| cursor.peek()) {
            self.window.consume(1);
            self.array = true;
        }
        loop {
            match self.window.take(|cursor| cursor.peek()) {
                Ok(b'{') => self.row()?,
                Ok(b',') if self.array => self.window.consume(1),
                Ok(b']') if self.array => return ControlFlow::Break(()),
                Ok(_) => self.stray()?,
                Err(_) => return self.end(),
            }
        }
    }

    fn row(&mut self) -> ControlFlow<()> {
        self.elements += 1;
        let line = if self.array { self.elements } else { self.window.line() };
        self.place = line.max(self.place + 1);
        let Self { window, rows, paths, order, array, place, .. } = self;
        // The row is made within: what its cells borrow from the window is copied only where it is kept.
        let mut read = |cursor: &mut Cursor<'_>| {
            let mut cells = Cells::default();
            row(cursor, paths, order, &mut cells)?;
            Ok(rows.row(&mut cells, *place, || shown(*array, *place)))
        };
        let result = match window.take_line(&mut read) {
            Some(flow) => Ok(flow),
            None => window.take(read),
        };
        match result {
            Ok(flow) => flow,
            Err(Fault::Incomplete) => self.end_within(Reason::Truncated, "the file ends within this object"),
            Err(fault) => self.broken(fault),
        }
    }

    /// Says what is wrong with the object that starts here and passes over it.
    fn broken(&mut self, fault: Fault) -> ControlFlow<()> {
        let shown = self.shown();
        match fault {
            Fault::Malformed(what) => {
                self.rows.out.skip(shown, Reason::Malformed, what);
                let array = self.array;
                if !self.window.skip_balanced(|next| if array { matches!(next, b',' | b']') } else { next == b'{' }) {
                    self.window.consume(1);
                    self.next_line();
                }
                return ControlFlow::Continue(());
            }
            Fault::TooDeep => self.rows.out.skip(shown, Reason::TooDeep, "nested deeper than 128 levels"),
            Fault::TooLarge | Fault::Incomplete => {
                let detail = format!("an object may have {MAX_ELEMENT} bytes, its text {MAX_TEXT}");
                self.rows.out.skip(shown, Reason::TooLarge, detail);
            }
        }
        match self.window.skip_value() {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => self.end_within(Reason::Truncated, "the file ends within this object"),
        }
    }

    /// Something between the objects that is none: one skip for everything up to the next object.
    fn stray(&mut self) -> ControlFlow<()> {
        self.elements += 1;
        let line = self.window.line();
        self.place = if self.array { self.elements } else { line }.max(self.place + 1);
        let shown = self.shown();
        if self.window.take(|cursor| cursor.skip()).is_ok() {
            self.rows.out.skip(shown, Reason::UnknownElement, "not an object");
            return ControlFlow::Continue(());
        }
        self.window.consume(1);
        self.next_line();
        let detail = match self.window.line() - line {
            0 | 1 => "an object was expected".to_owned(),
            lines => format!("an object was expected; {lines} lines were passed over"),
        };
        self.rows.out.skip(shown, Reason::Malformed, detail);
        ControlFlow::Continue(())
    }

    /// Goes to the next line that starts with an object.
    fn next_line(&mut self) {
        while self.window.seek(b'\n', 1, |_| true) {
            self.window.consume(1);
            if let Ok(b'{') = self.window.take(|cursor| cursor.peek()) {
                return;
            }
        }
    }

    fn end(&mut self) -> ControlFlow<()> {
        if self.array || self.window.error.is_some() {
            return self.end_within(Reason::Truncated, "the file ends after this object");
        }
        ControlFlow::Break(())
    }

    fn end_within(&mut self, reason: Reason, detail: &str) -> ControlFlow<()> {
        let (reason, detail) = match &self.window.error {
            Some(error) => (Reason::Unreadable, format!("reading stopped: {error}")),
            None => (reason, format!("{detail}, at byte {}", self.window.length())),
        };
        let shown = self.shown();
        self.rows.out.skip(shown, reason, detail);
        ControlFlow::Break(())
    }

    fn shown(&self) -> String {
        shown(self.array, self.place)
    }
}

/// The place of an object, for a person.
fn shown(array: bool, place: u64) -> String {
    format!("{} {place}", if array { "element" } else { "line" })
}

/// What a path of keys means for us.
#[derive(Clone, Copy)]
enum Path {
    Cell(usize),
    /// Something below it is mapped.
    Parent,
    Unread,
}

fn wanted(paths: &[(String, usize)], path: &[u8]) -> Path {
    if let Some((_, cell)) = paths.iter().find(|(name, _)| name.as_bytes() == path) {
        return Path::Cell(*cell);
    }
    let below = |name: &str| name.as_bytes().strip_prefix(path).is_some_and(|rest| rest.starts_with(b"."));
    if paths.iter().any(|(name, _)| below(name)) { Path::Parent } else { Path::Unread }
}

/// A key as the object before has it, with its quotation marks and colon, and what it means.
struct Known {
    written: Vec<u8>,
    path: Path,
}

/// Reads a row into cells. The objects of a file have the same keys in the same order as a rule: a key that is
/// written as in the object before need not be looked up.
fn row<'a>(
    cursor: &mut Cursor<'a>,
    paths: &[(String, usize)],
    order: &mut Vec<Known>,
    cells: &mut Cells<'a>,
) -> Result<(), Fault> {
    cursor.open_object()?;
    let mut prefix = Vec::new();
    for place in 0.. {
        let first = place == 0;
        if let Some(known) = order.get(place)
            && cursor.key_as_before(first, &known.written)?
        {
            if let Path::Unread = known.path {
                cursor.skip()?;
            } else {
                let name = known.written.split(|byte| *byte == b'"').nth(1).unwrap_or_default();
                value(cursor, known.path, name, &mut prefix, paths, cells)?;
            }
            continue;
        }
        let Some((start, key)) = cursor.next_key_bytes(first)? else { break };
        let path = wanted(paths, &key);
        // A key with an escape would have to be resolved each time.
        let written = cursor.since(start);
        if !written.contains(&b'\\') && written.len() <= LONG_KEY {
            let known = Known { written: written.to_owned(), path };
            // After a key that is not remembered there is a gap.
            if place == order.len() {
                order.push(known);
            } else if let Some(other) = order.get_mut(place) {
                *other = known;
            }
        }
        value(cursor, path, &key, &mut prefix, paths, cells)?;
    }
    Ok(())
}

/// Longer keys are not remembered.
const LONG_KEY: usize = 64;

/// Reads the value of a key into its cell; `prefix` is the path to its object with a dot at its end, if any.
fn value<'a>(
    cursor: &mut Cursor<'a>,
    path: Path,
    name: &[u8],
    prefix: &mut Vec<u8>,
    paths: &[(String, usize)],
    cells: &mut Cells<'a>,
) -> Result<(), Fault> {
    match (path, cursor.peek()?) {
        (Path::Unread, _) => cursor.skip(),
        (_, b'{') => {
            let length = prefix.len();
            prefix.extend_from_slice(name);
            prefix.push(b'.');
            object(cursor, prefix, paths, cells)?;
            prefix.truncate(length);
            Ok(())
        }
        (Path::Parent, _) => cursor.skip(),
        (Path::Cell(cell), next) => {
            if cells[cell].is_some() {
                return Err(Fault::Malformed("a key occurs twice"));
            }
            cells[cell] = if next == b'[' { list(cursor)?.map(Cow::Owned) } else { cursor.text()? };
            Ok(())
        }
    }
}

/// Reads an object below a row into cells; `prefix` is the path to it with a dot at its end.
fn object<'a>(
    cursor: &mut Cursor<'a>,
    prefix: &mut Vec<u8>,
    paths: &[(String, usize)],
    cells: &mut Cells<'a>,
) -> Result<(), Fault> {
    cursor.open_object()?;
    let mut first = true;
    while let Some((_, key)) = cursor.next_key_bytes(first)? {
        first = false;
        let length = prefix.len();
        prefix.extend_from_slice(&key);
        let path = wanted(paths, prefix);
        prefix.truncate(length);
        value(cursor, path, &key, prefix, paths, cells)?;
    }
    Ok(())
}

/// The plain values of a list, a line each.
fn list(cursor: &mut Cursor<'_>) -> Result<Option<String>, Fault> {
    cursor.open_array()?;
    let mut lines: Option<String> = None;
    let mut first = true;
    while cursor.next_element(first)? {
        first = false;
        if let Some(text) = cursor.text()? {
            match &mut lines {
                None => lines = Some(text.into_owned()),
                Some(lines) => {
                    lines.push('\n');
                    lines.push_str(&text);
                }
            }
        }
    }
    Ok(lines)
}

/// The keys of the first objects.
pub(super) fn columns(head: &Head<'_>) -> Vec<String> {
    sample(head.bytes, head.whole).0.columns
}

/// The first rows with all their paths, and whether one holds a list of objects. A row that is cut off counts
/// as far as it goes only when there is no other.
fn sample(bytes: &[u8], whole: bool) -> (Sample, bool) {
    let mut sample = Sample::default();
    let mut container = false;
    let mut cursor = Cursor::new(super::without_mark(bytes), whole);
    if cursor.peek() == Ok(b'[') && cursor.open_array().is_err() {
        return (sample, false);
    }
    while sample.rows.len() < SAMPLE_ROWS {
        match cursor.peek() {
            Ok(b',') => match cursor.next_element(false) {
                Ok(true) => continue,
                _ => break,
            },
            Ok(b'{') => {}
            _ => break,
        }
        let mut row = vec![String::new(); sample.columns.len()];
        let result = sample_object(&mut cursor, &mut String::new(), &mut sample.columns, &mut row, &mut container);
        if result.is_ok() || (sample.rows.is_empty() && !sample.columns.is_empty()) {
            sample.rows.push(row);
        }
        if result.is_err() {
            break;
        }
    }
    (sample, container)
}

/// Columns beyond this number are not looked at.
const MAX_COLUMNS: usize = 500;

fn sample_object(
    cursor: &mut Cursor<'_>,
    prefix: &mut String,
    columns: &mut Vec<String>,
    row: &mut Vec<String>,
    container: &mut bool,
) -> Result<(), Fault> {
    cursor.open_object()?;
    let mut first = true;
    while let Some(key) = cursor.next_key(first)? {
        first = false;
        let length = prefix.len();
        prefix.push_str(&key);
        let value = match cursor.peek()? {
            b'{' => {
                prefix.push('.');
                sample_object(cursor, prefix, columns, row, container)?;
                prefix.truncate(length);
                continue;
            }
            b'[' => {
                let mut inside = cursor.clone();
                *container |= inside.open_array().is_ok() && inside.peek() == Ok(b'{');
                list(cursor)
            }
            _ => cursor.text().map(|text| text.map(Cow::into_owned)),
        };
        // A value that is cut off still shows the name of its column.
        let column = columns.iter().position(|column| column == prefix).unwrap_or(columns.len());
        if column == columns.len() && column < MAX_COLUMNS {
            columns.push(prefix.clone());
        }
        let value = value?.unwrap_or_default();
        if column < MAX_COLUMNS {
            row.resize(row.len().max(column + 1), String::new());
            row[column] = value;
        }
        prefix.truncate(length);
    }
    Ok(())
}
