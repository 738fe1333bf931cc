//! A message as found, and the same message cleaned.

use std::sync::Arc;

use super::{Id, Micros, PostedAt, Source};

/// A byte range in a UTF-8 text; always on character boundaries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord, Hash)]
pub struct Span {
    pub start: u32,
    pub end: u32,
}

/// As in the output: `[start, end]`.
impl serde::Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [self.start, self.end].serialize(serializer)
    }
}

impl Span {
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: start as u32, end: end as u32 }
    }

    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Who posted, as far as the source says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Author {
    /// The stable id where the source has one (`user123`).
    pub id: Option<String>,
    /// The name as shown.
    pub name: Option<String>,
}

/// A message as a collector found it. Text is valid UTF-8 and otherwise untouched.
#[derive(Clone, PartialEq, Debug)]
pub struct RawMessage {
    pub source: Arc<Source>,
    /// The source's own bare id (`90121`); `None` when the format has none.
    pub native_id: Option<String>,
    pub author: Author,
    pub posted_at: Option<PostedAt>,
    pub edited_at: Option<Micros>,
    /// The whole text, quotes included. Empty for a photo without caption.
    pub text: String,
    /// Parts of `text` that quote somebody else, ascending, not overlapping.
    pub quotes: Vec<Span>,
    /// Targets of links whose text hides them (`text_link`), in order.
    pub links: Vec<String>,
    pub thread_id: Option<String>,
    pub thread_title: Option<String>,
    pub reply_to: Option<String>,
    pub forwarded_from: Option<String>,
    /// Position within the capture, counted from 1: the evidence's address (message or line number).
    pub place: u64,
}

impl RawMessage {
    /// A message with only a source, a place and a text; collectors fill in the rest.
    pub fn new(source: Arc<Source>, place: u64, text: String) -> Self {
        Self {
            source,
            native_id: None,
            author: Author::default(),
            posted_at: None,
            edited_at: None,
            text,
            quotes: Vec::new(),
            links: Vec::new(),
            thread_id: None,
            thread_title: None,
            reply_to: None,
            forwarded_from: None,
            place,
        }
    }
}

/// The text that detectors match on: lower case, look-alike letters of mixed words unified, accents of Latin
/// letters and invisible characters gone, quotes replaced by one line break. Offsets map back to the raw text.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Shadow {
    pub text: String,
    /// Where the distance between shadow and raw offset changes: (shadow offset, raw offset), ascending.
    /// Before the first entry the offsets are equal.
    pub steps: Vec<(u32, u32)>,
}

impl Shadow {
    /// The raw offset of a shadow offset (both in bytes).
    pub fn raw_offset(&self, offset: u32) -> u32 {
        match self.steps.partition_point(|step| step.0 <= offset) {
            0 => offset,
            n => {
                let (shadow, raw) = self.steps[n - 1];
                raw + (offset - shadow)
            }
        }
    }
}

/// A message cleaned and keyed, ready for the detectors.
#[derive(Clone, PartialEq, Debug)]
pub struct Message {
    pub raw: RawMessage,
    /// Shared by all messages of the same text.
    pub clean: Arc<Clean>,
    /// Hash of everything a revision can change: text, author, edges.
    pub content: u64,
}

/// A text after cleaning: all that follows from the text and its quotes alone, whoever wrote it, wherever.
#[derive(Clone, PartialEq, Debug)]
pub struct Clean {
    /// What a reader sees: quotes out, secrets masked, letters as written. Stored as `text`.
    pub text: String,
    /// (raw offset, clean offset) where their distance changes, as in [`Shadow::steps`].
    pub text_steps: Vec<(u32, u32)>,
    pub shadow: Shadow,
    /// BCP 47 primary tag (`ru`), `und` when it cannot be told.
    pub lang: &'static str,
    /// Key of the cluster of near-duplicates; `None` without text.
    pub cluster: Option<Id>,
}

impl Clean {
    /// The offset in the clean text of a raw offset (both in bytes). What was cut maps to where it stood.
    pub fn clean_offset(&self, raw: u32) -> u32 {
        let next = self.text_steps.partition_point(|step| step.0 <= raw);
        let mapped = match next {
            0 => raw,
            n => self.text_steps[n - 1].1 + (raw - self.text_steps[n - 1].0),
        };
        let limit = self.text_steps.get(next).map_or(self.text.len() as u32, |step| step.1);
        mapped.min(limit)
    }

    /// The span in the clean text of a raw span.
    pub fn clean_span(&self, raw: Span) -> Span {
        Span { start: self.clean_offset(raw.start), end: self.clean_offset(raw.end) }
    }
}
