//! What was found so far: no two entities over each other, and not too many of them.

use std::ops::Range;

use super::MOST_ENTITIES;
use crate::model::{Entity, Span};

/// Collects the entities of one text.
pub(super) struct Finds<'o> {
    out: &'o mut Vec<Entity>,
    /// Where those of this text begin.
    from: usize,
    /// How many there were at first, in order.
    known: usize,
}

impl<'o> Finds<'o> {
    pub(super) fn new(out: &'o mut Vec<Entity>, from: usize) -> Self {
        let known = out.len();
        Self { out, from, known }
    }

    pub(super) fn full(&self) -> bool {
        self.out.len() - self.from >= MOST_ENTITIES
    }

    /// Where an entity ends that stands over a place.
    pub(super) fn over(&self, place: usize) -> Option<usize> {
        self.out[self.from..]
            .iter()
            .map(|e| e.span.range())
            .filter(|range| range.contains(&place))
            .map(|range| range.end)
            .max()
    }

    /// Adds an entity unless a part of its place is another's: the families ask in the order of how sure they are.
    pub(super) fn add(&mut self, kind: &'static str, value: impl Into<String>, range: Range<usize>) {
        let span = Span::new(range.start, range.end);
        if !self.full() && !self.out[self.from..].iter().any(|e| e.span.start < span.end && span.start < e.span.end) {
            self.out.push(Entity { kind, value: value.into(), span });
        }
    }

    /// Puts them in the order of the text; what is inside of another comes first.
    pub(super) fn finish(self) {
        if self.out.len() > self.known {
            self.out[self.from..].sort_by_key(|entity| entity.span.end);
        }
    }
}

/// Whether one of some words (in lower case) stands in the `reach` bytes before `at`.
pub(super) fn word_before(text: &str, at: usize, reach: usize, words: &[&str]) -> bool {
    has_word(&text[text.ceil_char_boundary(at.saturating_sub(reach))..at], words)
}

/// Whether one of some words stands in the `reach` bytes from `at` on.
pub(super) fn word_behind(text: &str, at: usize, reach: usize, words: &[&str]) -> bool {
    has_word(&text[at..text.floor_char_boundary((at + reach).min(text.len()))], words)
}

fn has_word(text: &str, words: &[&str]) -> bool {
    // A word with a dot or a hyphen beside it is a part of a host.
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'@');
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|b| part(b)).count();
        let word = bytes[at..at + length].trim_ascii_end();
        let word = word.strip_suffix(b".").unwrap_or(word);
        if !word.is_empty() && words.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes())) {
            return true;
        }
        at += length + 1;
    }
    // Between Chinese characters there is no space, and endings follow Russian words.
    if text.is_ascii() {
        return false;
    }
    let lower = text.to_lowercase();
    words.iter().any(|word| !word.is_ascii() && lower.contains(word))
}

/// Whether a word of ASCII can begin or end at a place with this byte on its other side.
pub(super) fn apart(byte: Option<&u8>) -> bool {
    !byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
}
