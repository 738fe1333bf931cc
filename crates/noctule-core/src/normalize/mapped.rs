//! A text under construction that remembers where each of its characters came from.

use crate::model::Shadow;

/// Writes a shadow character by character and records a step wherever the distance to the source changes.
pub(super) struct Mapped {
    text: String,
    steps: Vec<(u32, u32)>,
    /// Source offset minus own offset, as of the last step.
    distance: i64,
}

impl Mapped {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), steps: Vec::new(), distance: 0 }
    }

    /// Adds a character that stands for the source from `source` on.
    #[inline]
    pub(super) fn push(&mut self, c: char, source: usize) {
        self.step(source);
        self.text.push(c);
    }

    /// Adds a piece that stands unchanged in the source from `source` on.
    pub(super) fn push_str(&mut self, piece: &str, source: usize) {
        if !piece.is_empty() {
            self.step(source);
            self.text.push_str(piece);
        }
    }

    #[inline]
    fn step(&mut self, source: usize) {
        let distance = source as i64 - self.text.len() as i64;
        if distance != self.distance {
            self.distance = distance;
            self.steps.push((self.text.len() as u32, source as u32));
        }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Takes the last character back if it is `expected`; for a mark that joins the letter before it.
    pub(super) fn replace_last(&mut self, expected: char, by: char) -> bool {
        debug_assert_eq!(expected.len_utf8(), by.len_utf8(), "a replacement must not move what follows");
        if !self.text.ends_with(expected) {
            return false;
        }
        self.text.pop();
        self.text.push(by);
        true
    }

    /// Makes all ASCII letters small, which moves nothing.
    pub(super) fn make_ascii_lowercase(&mut self) {
        self.text.make_ascii_lowercase();
    }

    /// The finished text; `source_len` is where its end maps to.
    pub(super) fn finish(mut self, source_len: usize) -> Shadow {
        self.step(source_len);
        Shadow { text: self.text, steps: self.steps }
    }
}

/// The characters of a shadow with their source offsets, in linear time.
pub(super) fn chars_with_source(shadow: &Shadow) -> impl Iterator<Item = (usize, char, usize)> + '_ {
    let mut next = 0;
    let mut distance = 0i64;
    shadow.text.char_indices().map(move |(at, c)| {
        while let Some(&(own, source)) = shadow.steps.get(next).filter(|step| step.0 as usize <= at) {
            distance = i64::from(source) - i64::from(own);
            next += 1;
        }
        (at, c, (at as i64 + distance) as usize)
    })
}
