//! A message with every lexicon word found in it: what all detectors look at.

use crate::lexicon::{Cue, Entry, Lexicons, Side};
use crate::model::{Clean, Span};

pub use crate::lexicon::Hit;

/// No cue reaches farther than this many bytes: the largest reach in characters, four bytes each, and a word.
const MOST_REACH_BYTES: u32 = 4 * 80 + 120;

/// A message, its shadow text, and the words found in it.
pub struct Scene<'a> {
    /// The text as it came; spans of findings point into it.
    pub raw: &'a str,
    pub clean: &'a Clean,
    pub lexicons: &'a Lexicons,
    /// The shadow text; all offsets of hits are in it.
    pub text: &'a str,
    /// Ordered by place.
    pub hits: Vec<Hit>,
    /// A set of [`Cue`]s.
    cues: u64,
}

impl<'a> Scene<'a> {
    pub fn new(raw: &'a str, clean: &'a Clean, lexicons: &'a Lexicons) -> Self {
        let text = clean.shadow.text.as_str();
        let hits = lexicons.find(text);
        let cues = hits.iter().fold(0, |cues, hit| cues | lexicons.entry(hit).cue.bit());
        Self { raw, clean, lexicons, text, hits, cues }
    }

    /// Whether any word of these cues occurs.
    pub fn has(&self, cues: &[Cue]) -> bool {
        cues.iter().any(|cue| self.cues & cue.bit() != 0)
    }

    /// The hits with one cue, ordered by place.
    pub fn of(&self, cue: Cue) -> impl Iterator<Item = (&Hit, &Entry)> {
        let wanted = self.has(&[cue]);
        self.hits
            .iter()
            .take(if wanted { usize::MAX } else { 0 })
            .map(|hit| (hit, self.lexicons.entry(hit)))
            .filter(move |(_, entry)| entry.cue == cue)
    }

    /// The words within reach of a place, with the distance in characters (0 when they overlap), by the entries'
    /// own reach and side. Words beyond the end of the sentence are not near.
    pub fn near(&self, place: Hit) -> impl Iterator<Item = (Hit, &'a Entry)> {
        let first = self.hits.partition_point(|hit| hit.start + MOST_REACH_BYTES < place.start);
        self.hits[first..]
            .iter()
            .take_while(move |hit| hit.start <= place.end + MOST_REACH_BYTES)
            .map(|hit| (*hit, self.lexicons.entry(hit)))
            .filter(move |(hit, entry)| self.within(place, *hit, entry.reach, entry.side))
    }

    /// The words within some characters of a place, whatever reach they have themselves, in its sentence.
    pub fn around(&self, place: Hit, characters: u32) -> impl Iterator<Item = Hit> {
        let first = self.hits.partition_point(|hit| hit.start + MOST_REACH_BYTES < place.start);
        self.hits[first..]
            .iter()
            .take_while(move |hit| hit.start <= place.end + MOST_REACH_BYTES)
            .copied()
            .filter(move |hit| self.within(place, *hit, characters, Side::Around))
    }

    fn within(&self, place: Hit, hit: Hit, reach: u32, side: Side) -> bool {
        let (gap, before) = if hit.end <= place.start {
            (&self.text[hit.end as usize..place.start as usize], true)
        } else if hit.start >= place.end {
            (&self.text[place.end as usize..hit.start as usize], false)
        } else {
            return true;
        };
        if (before && side == Side::After) || (!before && side == Side::Before) {
            return false;
        }
        // Four bytes are the longest character, so a longer gap need not be counted.
        gap.len() <= 4 * reach as usize && gap.chars().count() <= reach as usize && !ends_sentence(gap)
    }

    /// The text between two places of the shadow; empty when they overlap.
    pub fn between(&self, a: Hit, b: Hit) -> &'a str {
        let (from, to) = if a.end <= b.start { (a.end, b.start) } else { (b.end, a.start) };
        if from < to { &self.text[from as usize..to as usize] } else { "" }
    }

    /// A place of the shadow as written, for a person.
    pub fn words(&self, start: u32, end: u32) -> &'a str {
        let span = self.raw_span(start, end);
        self.raw.get(span.range()).unwrap_or_default()
    }

    /// A place of the shadow in the raw text. Never empty and never inside a character, whatever the map says.
    pub fn raw_span(&self, start: u32, end: u32) -> Span {
        let raw = self.raw;
        let shadow = &self.clean.shadow;
        let span = shadow.raw_span(Span { start, end }, raw);
        if raw.get(span.range()).is_some_and(|found| !found.is_empty()) {
            return span;
        }
        // One character can be two in the shadow (ß), and a word may begin or end between them.
        let from = raw.floor_char_boundary(shadow.raw_offset(start) as usize);
        let last = self.text[..end as usize].chars().next_back().map_or(0, char::len_utf8) as u32;
        let last = raw.floor_char_boundary(shadow.raw_offset(end - last) as usize).max(from);
        let length = raw[last..].chars().next().map_or(0, char::len_utf8);
        Span::new(from, last + length)
    }

    /// One sentence on a rule, for [`crate::model::Verdict::why`].
    pub fn because(&self, hit: &Hit, entry: &Entry, says: &str) -> String {
        format!("«{}» ({}, {}): {says}", self.words(hit.start, hit.end), entry.id, entry.lang)
    }
}

/// Whether a gap between two words ends a sentence or line. A full stop only counts before a space, so that
/// `escrow.example` stays whole.
pub fn ends_sentence(gap: &str) -> bool {
    let mut chars = gap.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' | '!' | '?' | '。' | '！' | '？' | '؟' => return true,
            '.' if chars.peek().is_none_or(|next| next.is_whitespace()) => return true,
            _ => {}
        }
    }
    false
}

/// Whether a gap ends a clause: a negation does not look past a comma.
pub fn ends_clause(gap: &str) -> bool {
    ends_sentence(gap) || gap.contains([',', ';', '，', '；', '、', '|', '✅', '➡', '•', '(', ')'])
}

/// Whether a text is Chinese: a good part of it are Han characters, told by their first bytes.
pub fn chinese(text: &str) -> bool {
    let head = &text.as_bytes()[..text.len().min(1_200)];
    // In bytes, so that it is a vector operation.
    let leads = |chunk: &[u8]| usize::from(chunk.iter().map(|b| u8::from((0xE4..=0xE9).contains(b))).sum::<u8>());
    head.chunks(128).map(leads).sum::<usize>() * 12 > head.len()
}
