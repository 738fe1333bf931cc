//! Chat archives as plain text, in the three shapes that leaks and export scripts have.
//!
//! # What it reads
//! `[2021-10-14 21:07:00] @ann:server.example: text` with a line of dashes between messages; `[14.10.21 21:07:00] ann:`
//! and a tab or spaces before the text, with free lines after it; `2021-10-14T21:07:00 ann -> bob` with the text on
//! the next lines and a blank line between messages.
//!
//! # How
//! A file has one shape, which its first lines decide. A line that does not start a message continues the one before.
//! Times have no zone: they are read in the user's zone and marked. The source is the file; with `->` the two partners
//! name the thread. The place is the line on which a message starts.
//!
//! # Where it is wrong
//! - A line of a message that itself looks like the start of one starts one.
//! - Both partners' files hold the same talk, which then counts twice in raw numbers.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::jabber_json::{bare, shown_name, talk};
use super::json::MAX_TEXT;
use super::lines::{Line, Lines, head_lines};
use super::out::Out;
use super::{Collector, Head, Input, SAMPLE_BYTES, Sink, file_stem};
use crate::model::{Medium, RawMessage, Reason, Source};

pub struct ChatLog;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Shape {
    Bracket,
    Arrow,
}

impl Collector for ChatLog {
    fn name(&self) -> &'static str {
        "chat-log"
    }

    fn about(&self) -> &'static str {
        "chat archives as plain text: [time] name: text, or time from -> to"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let shape = shape(head.bytes, head.whole)?;
        Some(match shape {
            Shape::Bracket => "a chat as text: lines start with [time] and a name".into(),
            Shape::Arrow => "a chat as text: lines with a time and from -> to".into(),
        })
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let stem = file_stem(input.path).to_owned();
        let mut lines = Lines::new(input.reader);
        let head = lines.peek(SAMPLE_BYTES);
        let shape = shape(head, head.len() < SAMPLE_BYTES).unwrap_or(Shape::Bracket);
        let matrix = head_lines(head, true, 20).iter().any(|line| line.contains("] @"));
        let medium = if matrix { Medium::Matrix } else { Medium::Jabber };
        let source = Arc::new(Source { key: format!("file:{stem}"), name: stem, medium, url: None });
        let mut reader = Reader { out: Out::new(sink), zone: input.zone, shape, source, open: None };
        let _ = reader.run(&mut lines);
        reader.out.finish("no messages");
    }
}

fn shape(bytes: &[u8], whole: bool) -> Option<Shape> {
    let lines = head_lines(bytes, whole, 60);
    let first = lines.iter().find(|line| !line.trim().is_empty())?;
    for shape in [Shape::Bracket, Shape::Arrow] {
        let starts = lines.iter().filter(|line| Start::of(line, shape).is_some()).count();
        if starts >= 2 && Start::of(first, shape).is_some() {
            return Some(shape);
        }
    }
    None
}

struct Start<'a> {
    date: &'a str,
    from: &'a str,
    to: Option<&'a str>,
    text: &'a str,
}

impl<'a> Start<'a> {
    fn of(line: &'a str, shape: Shape) -> Option<Self> {
        match shape {
            Shape::Bracket => {
                let (date, rest) = line.strip_prefix('[')?.split_once("] ")?;
                let digits = date.bytes().filter(u8::is_ascii_digit).count();
                if date.len() > 25 || digits < 10 || !date.contains(':') {
                    return None;
                }
                // A name of Matrix holds a colon of its own: `@ann:server.example: text`.
                let from_end = match rest.strip_prefix('@') {
                    Some(_) => rest.match_indices(':').nth(1)?.0,
                    None => rest.find(':')?,
                };
                let (from, text) = (&rest[..from_end], &rest[from_end + 1..]);
                let name = !from.is_empty() && from.len() <= 100 && !from.contains(['\t', '<', '>']);
                name.then(|| Self { date, from, to: None, text: text.trim_start_matches([' ', '\t']) })
            }
            Shape::Arrow => {
                let (from, to) = line.split_once(" -> ")?;
                let (date, from) = from.split_at_checked(19)?;
                let from = from.trim();
                let iso = date.as_bytes()[10] == b'T' && date.as_bytes()[4] == b'-';
                let named = !from.is_empty() && from.len() <= 200 && !to.trim().is_empty() && to.len() <= 200;
                (iso && named).then(|| Self { date, from, to: Some(to.trim()), text: "" })
            }
        }
    }
}

struct Reader<'s> {
    out: Out<'s>,
    zone: &'s TimeZone,
    shape: Shape,
    source: Arc<Source>,
    /// The message that further lines belong to.
    open: Option<RawMessage>,
}

impl Reader<'_> {
    fn run(&mut self, lines: &mut Lines<'_>) -> ControlFlow<()> {
        loop {
            let number = lines.number + 1;
            let line = match lines.next() {
                Some(Line::Text(line)) => line,
                Some(Line::TooLong) => {
                    self.out.skip(format!("line {number}"), Reason::TooLarge, "a line may have 1 MiB");
                    continue;
                }
                None => break,
            };
            let Some(start) = Start::of(line, self.shape) else {
                self.more(line, number);
                continue;
            };
            self.close()?;
            let mut message = RawMessage::new(self.source.clone(), number, start.text.to_owned());
            message.author.id = Some(bare(start.from).to_owned());
            let name = start.from.strip_prefix('@').and_then(|from| from.split(':').next());
            message.author.name = Some(name.unwrap_or(shown_name(start.from)).to_owned());
            message.thread_id = start.to.map(|to| talk(start.from, to));
            message.posted_at = dates::parse(start.date, self.zone, DayOrder::DayFirst);
            if message.posted_at.is_none() {
                self.out.bad_date(format!("line {number}"));
            }
            self.open = Some(message);
        }
        self.close()?;
        if let Some(error) = lines.error() {
            self.out.skip(format!("line {}", lines.number), Reason::Unreadable, error);
        }
        ControlFlow::Continue(())
    }

    fn more(&mut self, line: &str, number: u64) {
        let dashes = line.len() >= 20 && line.bytes().all(|byte| byte == b'-');
        match &mut self.open {
            _ if dashes => {}
            Some(message) if message.text.len() + line.len() < MAX_TEXT => {
                if !message.text.is_empty() {
                    message.text.push('\n');
                }
                message.text.push_str(line);
            }
            Some(_) => self.out.skip(format!("line {number}"), Reason::TooLarge, "a message may have 1 MiB"),
            None if line.trim().is_empty() => {}
            None => self.out.skip(format!("line {number}"), Reason::UnknownElement, "no message starts here"),
        }
    }

    fn close(&mut self) -> ControlFlow<()> {
        let Some(mut message) = self.open.take() else {
            return ControlFlow::Continue(());
        };
        message.text.truncate(message.text.trim_end().len());
        self.out.message(message)
    }
}
