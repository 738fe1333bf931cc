//! What was found so far: no two entities over each other, and not too many of them.

use std::ops::Range;

use super::MOST_ENTITIES;
use crate::model::{Entity, Span};

/// Collects the entities of one text.
pub(super) struct Finds<'o> {
    out: &'o mut Vec<Entity>,
    /// Where those of this text begin.
    from: usize,
}

impl<'o> Finds<'o> {
    pub(super) fn new(out: &'o mut Vec<Entity>, from: usize) -> Self {
        Self { out, from }
    }

    pub(super) fn full(&self) -> bool {
        self.out.len() - self.from >= MOST_ENTITIES
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
        self.out[self.from..].sort_by_key(|entity| entity.span.end);
    }
}

/// Whether one of some words (lower case, ASCII or not) stands alone in the `reach` bytes before `at`.
pub(super) fn word_before(text: &str, at: usize, reach: usize, words: &[&str]) -> bool {
    has_word(&text[text.ceil_char_boundary(at.saturating_sub(reach))..at], words)
}

/// Whether one of some words stands alone in the `reach` bytes from `at` on.
pub(super) fn word_behind(text: &str, at: usize, reach: usize, words: &[&str]) -> bool {
    has_word(&text[at..text.floor_char_boundary((at + reach).min(text.len()))], words)
}

fn has_word(text: &str, words: &[&str]) -> bool {
    let lower = text.to_lowercase();
    words.iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            // Between Chinese characters there is no space; around letters of other scripts there must be none.
            let ascii = word.is_ascii();
            let ends = |c: Option<char>| !c.is_some_and(|c| if ascii { c.is_ascii_alphanumeric() } else { false });
            ends(lower[..at].chars().next_back()) && ends(lower[at + word.len()..].chars().next())
        })
    })
}

/// Whether a word of ASCII can begin or end at a place with this byte on its other side.
pub(super) fn apart(byte: Option<&u8>) -> bool {
    !byte.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
}
