//! The frame that all JSON formats have in common: a stream of documents with lists of records somewhere in them.
//!
//! A format says for each path what to do with the value there: enter it, take it as a record or as part of the
//! header, or pass over it. Records are read one at a time, so a document may be larger than memory. A broken record
//! is skipped and reading goes on behind it, if its brackets close or a following record can be told by its keys.

use std::io::BufRead;
use std::ops::ControlFlow;

use super::{Cursor, Fault, MAX_ELEMENT, Node, Window};
use crate::collect::out::Out;
use crate::collect::{SAMPLE_BYTES, Sink};
use crate::model::Reason;

/// What to do with a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::collect) enum Step {
    /// Look at what is in it, one by one.
    Enter,
    /// One message, person, or whatever the format lists.
    Record,
    /// Part of what is said of the whole; kept out of the count of places.
    Header,
    Pass,
}

/// One format.
pub(in crate::collect) trait Shape {
    /// The keys that are read in records and headers; all others are passed over.
    const KEYS: &'static [&'static str];
    /// Keys one of which a record starts with, to find the next one behind broken syntax.
    const STARTS: &'static [&'static str] = &[];
    /// What a place is called: `message 12`.
    const PLACE: &'static str = "message";

    /// What to do with the value on this path (`messages[]`; a document itself has the path ``).
    fn step(&self, path: &str) -> Step;
    fn header(&mut self, _path: &str, _node: &Node<'_>) {}
    fn record(&mut self, path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()>;
    /// The object on this path, which was entered, ends.
    fn leave(&mut self, _path: &str, _out: &mut Out<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
    /// A document that was entered, or the file, ends: what waited can go.
    fn end(&mut self, _out: &mut Out<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Levels that a format may enter.
const MAX_FRAME: u32 = 12;

/// What is known of a file before its records are read.
pub(in crate::collect) struct Frame<'a> {
    pub head: &'a [u8],
    pub whole: bool,
}

impl Frame<'_> {
    /// Whether the file is one array.
    pub fn is_array(&self) -> bool {
        self.head.trim_ascii_start().starts_with(b"[")
    }
}

/// Reads a whole file with the shape that `make` makes of its head.
pub(in crate::collect) fn read_records<S: Shape>(
    reader: &mut dyn BufRead,
    sink: &mut dyn Sink,
    make: impl FnOnce(&Frame<'_>) -> S,
) {
    let mut window = Window::new(reader);
    let head = window.peek(SAMPLE_BYTES);
    let whole = head.len() < SAMPLE_BYTES;
    let mut shape = make(&Frame { head, whole });
    let mut walker = Walker {
        window,
        shape: &mut shape,
        out: Out::new(sink),
        path: String::new(),
        level: 0,
        place: 0,
        out_of_step: false,
    };
    let flow = walker.documents();
    // After a sink that had enough nothing more may go out.
    if flow != ControlFlow::Break(Stop::Sink) {
        let _ = walker.shape.end(&mut walker.out);
    }
    walker.out.finish("no messages");
}

/// Why reading ends before the file does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stop {
    /// The sink had enough.
    Sink,
    /// The file is cut off or broken, and a skip says so.
    Fault,
}

type Flow<T = ()> = ControlFlow<Stop, T>;

struct Walker<'a, 's, 'r, S> {
    window: Window<'r>,
    shape: &'a mut S,
    out: Out<'s>,
    path: String,
    level: u32,
    /// Records so far.
    place: u64,
    /// Whether the window stands at a record without the comma that belongs before it.
    out_of_step: bool,
}

fn sink(flow: ControlFlow<()>) -> Flow {
    match flow {
        ControlFlow::Continue(()) => ControlFlow::Continue(()),
        ControlFlow::Break(()) => ControlFlow::Break(Stop::Sink),
    }
}

impl<S: Shape> Walker<'_, '_, '_, S> {
    fn documents(&mut self) -> Flow {
        loop {
            match self.window.take(|cursor| cursor.peek()) {
                Ok(b'{' | b'[') => {
                    self.path.clear();
                    self.level = 0;
                    self.out_of_step = false;
                    self.value()?;
                    if self.shape.step("") == Step::Enter {
                        sink(self.shape.end(&mut self.out))?;
                    }
                }
                Ok(_) => {
                    let place = format!("byte {}", self.window.offset());
                    self.out.skip(place, Reason::Malformed, "an object was expected between two documents");
                    if !self.next_line() {
                        return ControlFlow::Continue(());
                    }
                }
                Err(_) if self.window.error.is_some() => return self.stop(Fault::Incomplete),
                Err(_) => return ControlFlow::Continue(()),
            }
        }
    }

    fn value(&mut self) -> Flow {
        let next = match self.window.take(|cursor| cursor.peek()) {
            Ok(next) => next,
            Err(fault) => return self.stop(fault),
        };
        match (self.shape.step(&self.path), next) {
            (Step::Enter, b'{') if self.level < MAX_FRAME => self.object(),
            (Step::Enter, b'[') if self.level < MAX_FRAME => self.array(),
            (Step::Record, _) => self.element(true),
            (Step::Header, _) => self.element(false),
            _ => match self.window.skip_value() {
                Ok(()) => ControlFlow::Continue(()),
                Err(fault) => self.stop(fault),
            },
        }
    }

    fn object(&mut self) -> Flow {
        self.step(|cursor| cursor.open_object())?;
        self.level += 1;
        let length = self.path.len();
        let mut first = true;
        loop {
            let mut path = std::mem::take(&mut self.path);
            let more = self.step(|cursor| {
                let Some(key) = cursor.next_key(first)? else {
                    return Ok(false);
                };
                path.truncate(length);
                if length > 0 {
                    path.push('.');
                }
                path.push_str(&key);
                Ok(true)
            });
            self.path = path;
            if !more? {
                break;
            }
            first = false;
            self.value()?;
            self.path.truncate(length);
        }
        self.level -= 1;
        sink(self.shape.leave(&self.path, &mut self.out))
    }

    fn array(&mut self) -> Flow {
        self.step(|cursor| cursor.open_array())?;
        self.level += 1;
        let length = self.path.len();
        let mut first = true;
        loop {
            match self.window.take(|cursor| cursor.next_element(first)) {
                Ok(false) => break,
                Ok(true) => {
                    first = false;
                    self.path.push_str("[]");
                    self.value()?;
                    self.path.truncate(length);
                    first |= std::mem::take(&mut self.out_of_step);
                }
                Err(Fault::Malformed(what)) => {
                    let place = format!("after {} {}", S::PLACE, self.place);
                    self.out.skip(place, Reason::Malformed, what);
                    self.window.consume(1);
                    self.next_record()?;
                    self.out_of_step = false;
                    first = true;
                }
                Err(fault) => return self.stop(fault),
            }
        }
        self.level -= 1;
        ControlFlow::Continue(())
    }

    fn element(&mut self, record: bool) -> Flow {
        self.place += u64::from(record);
        let Self { window, shape, out, path, place, .. } = self;
        let result = window.take(|cursor| {
            let node = Node::read(cursor, S::KEYS)?;
            if record {
                return Ok(shape.record(path, &node, *place, out));
            }
            shape.header(path, &node);
            Ok(ControlFlow::Continue(()))
        });
        match result {
            Ok(flow) => sink(flow),
            Err(fault) => self.broken(fault),
        }
    }

    /// Says what is wrong with the value that starts here and passes over it.
    fn broken(&mut self, fault: Fault) -> Flow {
        let place = format!("{} {}", S::PLACE, self.place);
        match fault {
            Fault::Incomplete => return self.stop(fault),
            Fault::TooDeep => self.out.skip(place, Reason::TooDeep, "nested deeper than 128 levels"),
            Fault::TooLarge => {
                let detail = format!("one element may have {MAX_ELEMENT} bytes and 200,000 values");
                self.out.skip(place, Reason::TooLarge, detail);
            }
            Fault::Malformed(what) => {
                self.out.skip(place, Reason::Malformed, what);
                let (list, top) = (self.path.ends_with("[]"), self.path.is_empty());
                if self.window.skip_balanced(|next| match next {
                    b',' => !top,
                    b']' => list,
                    b'}' => !list && !top,
                    b'{' => top,
                    _ => false,
                }) {
                    return ControlFlow::Continue(());
                }
                self.window.consume(1);
                if top {
                    self.next_line();
                    return ControlFlow::Continue(());
                }
                if !list {
                    return self.stop(fault);
                }
                return self.next_record();
            }
        }
        match self.window.skip_value() {
            Ok(()) => ControlFlow::Continue(()),
            Err(fault) => self.stop(fault),
        }
    }

    /// Goes to what looks like the start of a record.
    fn next_record(&mut self) -> Flow {
        let starts = |bytes: &[u8]| S::STARTS.iter().any(|key| starts_with_key(bytes, key));
        if S::STARTS.is_empty() || !self.window.seek(b'{', 64, starts) {
            return self.stop(Fault::Incomplete);
        }
        self.out_of_step = true;
        ControlFlow::Continue(())
    }

    /// Goes to the next line that starts with a document; false at the end of the file.
    fn next_line(&mut self) -> bool {
        while self.window.seek(b'\n', 1, |_| true) {
            self.window.consume(1);
            if let Ok(b'{' | b'[') = self.window.take(|cursor| cursor.peek()) {
                return true;
            }
        }
        false
    }

    /// Reads a piece of the frame around the records; without it there is no going on.
    fn step<T>(&mut self, read: impl FnMut(&mut Cursor<'_>) -> Result<T, Fault>) -> Flow<T> {
        match self.window.take(read) {
            Ok(value) => ControlFlow::Continue(value),
            Err(fault) => self.stop(fault),
        }
    }

    /// Says why reading ends here.
    fn stop<T>(&mut self, fault: Fault) -> Flow<T> {
        let place = match self.place {
            0 => format!("byte {}", self.window.offset()),
            place => format!("{} {place}", S::PLACE),
        };
        let (reason, detail) = match (fault, &self.window.error) {
            (_, Some(error)) => (Reason::Unreadable, format!("reading stopped: {error}")),
            (Fault::Incomplete, None) => {
                let detail = format!("the file ends at byte {}, in or after this {}", self.window.length(), S::PLACE);
                (Reason::Truncated, detail)
            }
            (Fault::Malformed(what), None) => (Reason::Malformed, format!("{what}, at byte {}", self.window.offset())),
            (Fault::TooDeep, None) => (Reason::TooDeep, "nested deeper than 128 levels".into()),
            (Fault::TooLarge, None) => (Reason::TooLarge, format!("a value has more than {MAX_ELEMENT} bytes")),
        };
        self.out.skip(place, reason, detail);
        ControlFlow::Break(Stop::Fault)
    }
}

/// True for `{`, white space, `"key"`, white space, `:`.
fn starts_with_key(bytes: &[u8], key: &str) -> bool {
    let rest = bytes.strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    let rest = rest.and_then(|rest| rest.strip_prefix(b"\"")?.strip_prefix(key.as_bytes())?.strip_prefix(b"\""));
    rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b":"))
}
