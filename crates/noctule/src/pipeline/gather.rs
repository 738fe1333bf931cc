//! Gathers what a collector pushes into chunks for the workers, and keeps what is not a message within bounds.

use std::ops::ControlFlow;

use noctule_core::collect::Sink;
use noctule_core::model::{RawMessage, Skip, SourceEvent};

use crate::stages::Feed;

/// Small enough that what one stage leaves is still in the processor's cache when the next one takes it.
const CHUNK_MESSAGES: usize = 128;
const CHUNK_TEXT_BYTES: usize = 256 << 10;

/// What is known of an input once it is read, beside its messages.
#[derive(Default)]
pub struct Ending {
    /// All skips, also those of which only the number is kept.
    pub skipped: u64,
    pub skips: Vec<Skip>,
    pub events: Vec<SourceEvent>,
}

/// The sink between a collector and the workers; `piece` makes of a chunk what the workers take.
pub struct Gather<'a, P, F> {
    feed: &'a mut Feed<P>,
    piece: F,
    /// So many skips and events are kept one by one: a million of them are no reason to hold a million texts.
    kept: usize,
    chunk: Vec<RawMessage>,
    text_bytes: usize,
    ending: Ending,
    closed: bool,
}

impl<'a, P, F: Fn(Vec<RawMessage>) -> P> Gather<'a, P, F> {
    pub fn new(feed: &'a mut Feed<P>, kept: usize, piece: F) -> Self {
        Self { feed, piece, kept, chunk: Vec::new(), text_bytes: 0, ending: Ending::default(), closed: false }
    }

    fn send(&mut self) {
        if !self.chunk.is_empty() {
            let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK_MESSAGES));
            self.closed |= self.feed.send((self.piece)(chunk)).is_err();
            self.text_bytes = 0;
        }
    }

    /// Sends the rest. Breaks when nobody takes the chunks any more.
    pub fn end(mut self) -> (Ending, ControlFlow<()>) {
        self.send();
        (self.ending, if self.closed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    }
}

impl<P, F: Fn(Vec<RawMessage>) -> P> Sink for Gather<'_, P, F> {
    fn message(&mut self, message: RawMessage) -> ControlFlow<()> {
        self.text_bytes += message.text.len();
        self.chunk.push(message);
        if self.chunk.len() >= CHUNK_MESSAGES || self.text_bytes >= CHUNK_TEXT_BYTES {
            self.send();
        }
        if self.closed { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn skip(&mut self, skip: Skip) {
        self.ending.skipped += 1;
        if self.ending.skips.len() < self.kept {
            self.ending.skips.push(skip);
        }
    }

    fn event(&mut self, event: SourceEvent) {
        if self.ending.events.len() < self.kept {
            self.ending.events.push(event);
        }
    }
}
