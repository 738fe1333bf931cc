//! Finds every text of the lexicons at every place of a shadow text where it may begin.
//!
//! Three kinds of texts: those that begin and end with a word or sign ([`Words`]), those that begin a word which may go
//! on, and those that may begin anywhere (both a [`Trie`]). The message is cut into tokens once.

use super::pattern::unspaced;
use super::trie::Trie;
use super::words::{Token, Words};

/// How a text may stand in a message.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// From the start of a word to the end of a word or sign.
    Whole,
    /// From the start of a word to anywhere.
    Begins,
    Anywhere,
}

pub(super) struct Search {
    whole: Words,
    begins: Trie,
    /// Of the first four bytes of each text in `begins`: a bit for their hash.
    prefixes: Box<[u64; PREFIX_BITS / 64]>,
    /// A text in `begins` is shorter than four bytes, so that `prefixes` says nothing.
    short: bool,
    anywhere: Trie,
    /// A text in `anywhere` begins with a letter that joins a word.
    inside: bool,
}

const PREFIX_BITS: usize = 4096;

impl Search {
    /// `texts` are sorted; their numbers are their places.
    pub(super) fn new<'t>(texts: impl Iterator<Item = (&'t str, Stand)>) -> Self {
        let (mut whole, mut begins, mut anywhere) = (Vec::new(), Vec::new(), Vec::new());
        for (number, (text, stand)) in texts.enumerate() {
            match stand {
                Stand::Whole => whole.push((number as u32, text)),
                Stand::Begins => begins.push((text.as_bytes(), number as u32)),
                Stand::Anywhere => anywhere.push((text.as_bytes(), number as u32)),
            }
        }
        let mut prefixes = Box::new([0; PREFIX_BITS / 64]);
        for bit in begins.iter().filter_map(|(text, _)| prefix(text)) {
            prefixes[bit / 64] |= 1 << (bit % 64);
        }
        let first = |text: &[u8]| std::str::from_utf8(text).ok().and_then(|text| text.chars().next());
        Self {
            whole: Words::new(&whole, cut),
            short: begins.iter().any(|(text, _)| text.len() < 4),
            begins: Trie::new(&begins),
            prefixes,
            inside: anywhere.iter().any(|(text, _)| first(text).is_some_and(joins)),
            anywhere: Trie::new(&anywhere),
        }
    }

    /// Calls `found` with number, start and end of every text, by start.
    pub(super) fn find(&self, text: &str, mut found: impl FnMut(u32, usize, usize)) {
        let bytes = text.as_bytes();
        let mut tokens = Vec::with_capacity(bytes.len() / 4 + 4);
        cut(text, &mut tokens);
        let mut rest = &tokens[..];
        while let Some((token, behind)) = rest.split_first() {
            rest = behind;
            let (start, end) = (token.start as usize, token.end as usize);
            if token.is_word() {
                self.whole.find(bytes, *token, rest, |number, end| found(number, start, end));
                if self.may_begin(&bytes[start..]) {
                    self.begins.walk(bytes, start, |number, end| found(number, start, end));
                }
                if self.inside {
                    for (at, _) in text[start..end].char_indices() {
                        self.anywhere.walk(bytes, start + at, |number, end| found(number, start + at, end));
                    }
                }
            } else if self.anywhere.begins(bytes[start]) {
                self.anywhere.walk(bytes, start, |number, end| found(number, start, end));
            }
        }
    }

    #[inline]
    fn may_begin(&self, text: &[u8]) -> bool {
        self.short || prefix(text).is_some_and(|bit| self.prefixes[bit / 64] >> (bit % 64) & 1 == 1)
    }
}

/// The bit of the first four bytes.
#[inline]
fn prefix(text: &[u8]) -> Option<usize> {
    let four = u32::from_le_bytes(*text.first_chunk()?);
    Some((four.wrapping_mul(0x9E37_79B1) >> 20) as usize)
}

/// Cuts a text into words and single other characters.
fn cut(text: &str, tokens: &mut Vec<Token>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let spaced = bytes[at] == b' ' && bytes.get(at + 1).is_some_and(|next| *next != b' ');
        let start = at + usize::from(spaced);
        at = word_end(text, start);
        if at > start {
            tokens.push(Token::word(bytes, start, at, spaced));
            continue;
        }
        at += match LEADS[usize::from(bytes[at])] {
            Lead::Letter | Lead::Sign => 1,
            Lead::Alphabet => 2,
            Lead::Unspaced | Lead::Hangul => 3,
            Lead::Other => text[at..].chars().next().expect("at is before a character").len_utf8(),
        };
        tokens.push(Token::sign(bytes, start, at, spaced));
    }
}

/// Where the word that begins at `at` ends; `at` itself if none begins there.
#[inline]
fn word_end(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(at) {
        match LEADS[usize::from(byte)] {
            Lead::Letter => at += 1,
            Lead::Alphabet if matches!(byte, 0xD0 | 0xD1) || joins_by_two(byte, bytes[at + 1]) => at += 2,
            Lead::Hangul => at += 3,
            Lead::Other => match text[at..].chars().next() {
                Some(c) if byte != 0xF0 && joins(c) => at += c.len_utf8(),
                _ => return at,
            },
            Lead::Sign | Lead::Alphabet | Lead::Unspaced => return at,
        }
    }
    at
}

/// Whether a character of two bytes joins a word: Latin with marks, Greek, Cyrillic, Hebrew, Arabic are letters all,
/// but for some signs.
#[inline]
fn joins_by_two(first: u8, second: u8) -> bool {
    !matches!((first, second), (0xC3, 0x97 | 0xB7) | (0xD8, 0x8C | 0x9B | 0x9F) | (0xDB, 0x94))
}

/// Whether a letter joins the letters beside it to one word.
pub(super) fn joins(c: char) -> bool {
    matches!(c, 'a'..='z' | 'а'..='я' | '0'..='9' | '_' | '가'..='힣') || (c.is_alphanumeric() && !unspaced(c))
}

/// What the first byte of a character says about it.
#[derive(Clone, Copy)]
enum Lead {
    /// An ASCII letter, digit or underscore.
    Letter,
    /// Other ASCII.
    Sign,
    /// Two bytes.
    Alphabet,
    /// Punctuation and symbols, kana, Han: three bytes that do not join a word.
    Unspaced,
    Hangul,
    Other,
}

static LEADS: [Lead; 256] = {
    let mut leads = [Lead::Other; 256];
    let mut byte = 0;
    while byte < 256 {
        leads[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => Lead::Letter,
            0..=0x7F => Lead::Sign,
            0xC3..=0xDF => Lead::Alphabet,
            0xE2..=0xE9 => Lead::Unspaced,
            0xEA..=0xED => Lead::Hangul,
            _ => Lead::Other,
        };
        byte += 1;
    }
    leads
};
