//! A message with every lexicon word found in it: what all detectors look at.

use super::deal_related::Sums;
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
    /// The points of the words found, by cue.
    pub(super) sums: Sums,
}

/// A set of cues.
pub const fn set(cues: &[Cue]) -> u64 {
    let mut set = 0;
    let mut at = 0;
    while at < cues.len() {
        set |= 1 << cues[at] as u8;
        at += 1;
    }
    set
}

impl<'a> Scene<'a> {
    pub fn new(raw: &'a str, clean: &'a Clean, lexicons: &'a Lexicons) -> Self {
        let text = clean.shadow.text.as_str();
        let hits = lexicons.find(text);
        let mut scene = Self { raw, clean, lexicons, text, hits, cues: 0, sums: Sums::NONE };
        if !scene.hits.is_empty() {
            scene.cues = scene.hits.iter().fold(0, |cues, hit| cues | lexicons.entry(hit).cue.bit());
            scene.sums = Sums::of(&scene);
        }
        scene
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

    /// The words of a [`set`] of cues within reach of a place, by the entries' own reach and side. Words beyond the
    /// end of the sentence are not near.
    pub fn near(&self, place: Hit, cues: u64) -> impl Iterator<Item = (Hit, &'a Entry)> {
        let first = self.hits.partition_point(|hit| hit.start + MOST_REACH_BYTES < place.start);
        self.hits[first..]
            .iter()
            .take_while(move |hit| hit.start <= place.end + MOST_REACH_BYTES)
            .map(|hit| (*hit, self.lexicons.entry(hit)))
            .filter(move |(_, entry)| cues & entry.cue.bit() != 0)
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
        let (from, to, other_side) = if hit.end <= place.start {
            (hit.end as usize, place.start as usize, Side::After)
        } else if hit.start >= place.end {
            (place.end as usize, hit.start as usize, Side::Before)
        } else {
            return true;
        };
        let reach = reach as usize;
        // Four bytes are the longest character, so a longer gap need not be counted.
        if side == other_side || to - from > 4 * reach {
            return false;
        }
        let gap = &self.text[from..to];
        (gap.len() <= reach || gap.chars().count() <= reach) && !ends_sentence(gap)
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
        ["«", self.words(hit.start, hit.end), "» (", &entry.id, ", ", &entry.lang, "): ", says].concat()
    }
}

/// Whether a gap between two words ends a sentence or line. A full stop only counts before a space, so that
/// `escrow.example` stays whole.
pub fn ends_sentence(gap: &str) -> bool {
    let bytes = gap.as_bytes();
    bytes.iter().enumerate().any(|(at, byte)| match byte {
        b'\n' | b'!' | b'?' => true,
        b'.' => gap[at + 1..].chars().next().is_none_or(char::is_whitespace),
        // First bytes of the marks of other scripts.
        0xE3 => bytes[at..].starts_with("。".as_bytes()),
        0xEF => bytes[at..].starts_with("！".as_bytes()) || bytes[at..].starts_with("？".as_bytes()),
        0xD8 => bytes[at..].starts_with("؟".as_bytes()),
        _ => false,
    })
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

/// The words of a scene that were looked at, at most `N`: a text may repeat one a thousand times.
pub(super) struct Seen<const N: usize> {
    /// Numbers of hits.
    hits: [u32; N],
    count: usize,
    /// One bit for each entry seen, shared by many: what is not in it was not seen.
    entries: u64,
}

impl<const N: usize> Seen<N> {
    pub fn new() -> Self {
        Self { hits: [0; N], count: 0, entries: 0 }
    }

    pub fn is_full(&self) -> bool {
        self.count == N
    }

    /// Adds a hit and says whether another word of its entry was seen; `None` when the very word was. Must not be
    /// full.
    #[inline]
    pub fn add(&mut self, scene: &Scene<'_>, number: usize, hit: &Hit) -> Option<bool> {
        let bit = 1 << (hit.entry % 64);
        let again = self.entries & bit != 0 && self.again(scene, hit)?;
        self.entries |= bit;
        self.hits[self.count] = number as u32;
        self.count += 1;
        Some(again)
    }
    /// Whether another word of a hit's entry was seen; `None` when the very word was.
    fn again(&self, scene: &Scene<'_>, hit: &Hit) -> Option<bool> {
        let word = |hit: &Hit| &scene.text.as_bytes()[hit.start as usize..hit.end as usize];
        let mut again = false;
        for before in self.hits[..self.count].iter().map(|number| &scene.hits[*number as usize]) {
            if before.entry == hit.entry {
                if word(before) == word(hit) {
                    return None;
                }
                again = true;
            }
        }
        Some(again)
    }
}
