//! Where a collector puts what it finds: counted, so that a file which gave nothing gets a skip that says so.

use std::ops::ControlFlow;

use super::Sink;
use super::json::MAX_TEXT;
use crate::model::{RawMessage, Reason, Skip, SourceEvent};

pub(super) struct Out<'s> {
    sink: &'s mut dyn Sink,
    /// Messages, skips and events so far.
    found: u64,
}

impl<'s> Out<'s> {
    pub fn new(sink: &'s mut dyn Sink) -> Self {
        Self { sink, found: 0 }
    }

    /// Hands on a message; one whose parts together make too long a text becomes a skip.
    pub fn message(&mut self, message: RawMessage) -> ControlFlow<()> {
        if message.text.len() > MAX_TEXT {
            let detail = format!("the text has {} bytes, more than {MAX_TEXT}", message.text.len());
            self.skip(format!("message {}", message.place), Reason::TooLarge, detail);
            return ControlFlow::Continue(());
        }
        self.found += 1;
        self.sink.message(message)
    }

    pub fn skip(&mut self, place: impl Into<String>, reason: Reason, detail: impl Into<String>) {
        self.found += 1;
        self.sink.skip(Skip { place: place.into(), reason, detail: detail.into() });
    }

    pub fn event(&mut self, event: SourceEvent) {
        self.sink.event(event);
    }

    /// What is said of every message whose date cannot be read.
    pub fn bad_date(&mut self, place: impl Into<String>) {
        self.skip(place, Reason::BadDate, "the date cannot be read; the message was kept without it");
    }

    /// Ends the file: without anything found, a skip says what there is none of.
    pub fn finish(&mut self, none: &str) {
        if self.found == 0 {
            self.skip("file", Reason::Empty, none);
        }
    }
}

/// Most bytes of text that wait for what stands behind them in the file, and most messages.
const MAX_WAITING_BYTES: usize = 16 << 20;
const MAX_WAITING: usize = 50_000;

/// Messages that wait for a title or for names that may follow them in the file.
#[derive(Default)]
pub(super) struct Waiting {
    messages: Vec<RawMessage>,
    bytes: usize,
}

impl Waiting {
    pub fn push(&mut self, message: RawMessage) {
        self.bytes += message.text.len() + message.links.iter().map(String::len).sum::<usize>();
        self.messages.push(message);
    }

    /// True when no more may wait.
    pub fn full(&self) -> bool {
        self.messages.len() >= MAX_WAITING || self.bytes >= MAX_WAITING_BYTES
    }

    pub fn take(&mut self) -> Vec<RawMessage> {
        self.bytes = 0;
        std::mem::take(&mut self.messages)
    }
}
