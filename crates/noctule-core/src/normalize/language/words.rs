//! The answer of the model, a word at a time.
//!
//! No n-gram reaches over a word boundary, so the sums of a word are the same wherever it stands; and most of any
//! text is words that were met before. Each thread keeps the sums of some of them: a table of fixed size in which a
//! word has one place and drives out the one before it. The answer is the same with any table, also with none.

use super::super::runs;
use super::ngrams::{Alphabet, add, leader};

/// So many codes are asked first.
const FIRST_CODES: usize = 48;
/// The lead of a language over the next that the rest of the codes does not turn: of 200,000 messages not one.
const SURE: u16 = 100;
/// Words whose sums a thread keeps, of each alphabet: a quarter of a megabyte for the Latin ones.
const KEPT: usize = 1 << KEPT_BITS;
const KEPT_BITS: u32 = 11;

/// The sums of some words.
pub struct Words<const LANES: usize> {
    /// Empty until the first word.
    kept: Vec<([u64; 2], [u16; LANES])>,
}

impl<const LANES: usize> Words<LANES> {
    pub const fn new() -> Self {
        Words { kept: Vec::new() }
    }
}

/// The best language of an alphabet; the last row of its table holds the priors.
#[inline(always)]
pub fn best<const LANES: usize>(
    table: &[u8],
    alphabet: &Alphabet,
    codes: &[u8],
    words: &mut Words<LANES>,
) -> &'static str {
    if words.kept.is_empty() {
        words.kept.resize(KEPT, ([0; 2], [0; LANES]));
    }
    let priors = &table[LANES * alphabet.buckets..];
    let mut total = [0u16; LANES];
    let (first, rest) = codes.split_at(codes.len().min(FIRST_CODES));
    let whole = words.add(&mut total, table, alphabet, first);
    // What is left is a word that goes on in the rest.
    add(&mut total, table, alphabet, &first[..whole], &first[whole..]);
    let (language, lead) = leader(&total, priors, alphabet);
    if rest.is_empty() || lead >= SURE {
        return language;
    }
    let goes_on = if whole < first.len() { rest.iter().take_while(|code| **code != 0).count() + 1 } else { 0 };
    let (end, rest) = rest.split_at(goes_on.min(rest.len()));
    add(&mut total, table, alphabet, first, end);
    let whole = words.add(&mut total, table, alphabet, rest);
    add(&mut total, table, alphabet, &[], &rest[whole..]);
    leader(&total, priors, alphabet).0
}

impl<const LANES: usize> Words<LANES> {
    /// Adds the sums of the words at the start of `codes`, each with the boundary that ends it, and returns how many
    /// codes these are. What follows has no end.
    #[inline(always)]
    fn add(&mut self, total: &mut [u16; LANES], table: &[u8], alphabet: &Alphabet, codes: &[u8]) -> usize {
        let mut at = 0;
        while at < codes.len() {
            let (low, high) = (runs::eight(codes, at), runs::eight(codes, at + 8));
            let (word, letters) = match runs::before_zero(low) {
                8 => match runs::before_zero(high) {
                    // Long words are seldom words.
                    8 => {
                        let Some(letters) = codes[at..].iter().position(|code| *code == 0) else { return at };
                        add(total, table, alphabet, &[], &codes[at..=at + letters]);
                        at += letters + 1;
                        continue;
                    }
                    more => ([low, runs::head(high, more)], 8 + more),
                },
                few => ([runs::head(low, few), 0], few),
            };
            // Behind the last code there are zeros as well.
            let Some(codes_of_word) = codes.get(at..=at + letters) else { return at };
            at += letters + 1;
            let place = (word[0] ^ word[1].rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - KEPT_BITS);
            let Some(kept) = self.kept.get_mut(place as usize) else { break };
            if kept.0 != word {
                *kept = (word, [0; LANES]);
                add(&mut kept.1, table, alphabet, &[], codes_of_word);
            }
            add_sums(total, &kept.1);
        }
        at
    }
}

/// Apart from the loop that asks for it, so that the sums are not torn into single registers there.
#[inline(never)]
fn add_sums<const LANES: usize>(total: &mut [u16; LANES], sums: &[u16; LANES]) {
    for lane in 0..LANES {
        total[lane] += sums[lane];
    }
}
