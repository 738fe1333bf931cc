//! The linear model: hashed n-grams of letter codes, one row of small weights a bucket, one lane a language.
//!
//! The answer is the lane with the largest sum. Weights are unsigned and at most [`MAX_WEIGHT`], so that
//! [`BLOCK`] rows can be added in bytes before the sums are widened: that is what makes it quick.

use super::letters::CODES;

/// Largest weight of the table.
pub const MAX_WEIGHT: u8 = 31;
/// Rows that fit into a byte sum.
const BLOCK: usize = 255 / MAX_WEIGHT as usize;

/// One alphabet's table: a language a lane, in the order of the weights; unused lanes are never the answer.
pub struct Alphabet {
    pub languages: &'static [&'static str],
    pub lanes: usize,
    pub buckets: usize,
    /// Letters with a code above this are also counted alone: one `ł` or `ї` says much in a short text.
    pub plain_codes: u8,
}

impl Alphabet {
    pub const fn bytes(&self) -> usize {
        self.lanes * self.buckets + self.lanes
    }
}

pub const LATIN: Alphabet = Alphabet {
    languages: &[
        "en", "es", "pt", "fr", "de", "it", "nl", "pl", "ro", "cs", "sk", "hu", "tr", "id", "vi", "sv", "da", "nb",
        "fi", "hr", "sl", "ca", "tl", "sw", "et", "lt", "lv", "sq", "eu", "af", "az", "uz", "so", "is", "hi",
    ],
    lanes: 40,
    buckets: 12_288,
    plain_codes: 26,
};

pub const CYRILLIC: Alphabet = Alphabet {
    languages: &["ru", "uk", "be", "bg", "sr", "mk", "kk", "mn"],
    lanes: 8,
    buckets: 6_144,
    plain_codes: 26,
};

pub const ARABIC: Alphabet = Alphabet { languages: &["ar", "fa", "ur"], lanes: 8, buckets: 2_048, plain_codes: 0x2B };

pub const DEVANAGARI: Alphabet =
    Alphabet { languages: &["hi", "mr", "ne"], lanes: 8, buckets: 2_048, plain_codes: 0xFF };

/// Calls `each` with the bucket of every n-gram of a code sequence that ends in `codes`; `before` stands before them.
#[inline(always)]
pub fn buckets(before: &[u8], codes: &[u8], buckets: usize, plain_codes: u8, mut each: impl FnMut(usize)) {
    let bucket = |key: u32| -> usize {
        // The upper half of a product with an odd constant spreads neighboring keys; scaling it needs no division.
        let hash = key.wrapping_mul(0x9E37_79B1);
        ((u64::from(hash) * buckets as u64) >> 32) as usize
    };
    let mut key = before.iter().rev().take(3).rev().fold(0, |key, code| (key << 8) | u32::from(*code));
    for &code in codes {
        key = (key << 8) | u32::from(code);
        // A window with a word boundary in its middle spans two words, which is mostly chance.
        // One letter three times over is a shout or a mask.
        if key & 0xFF00 == 0 || (key ^ (key >> 8)) & 0xFFFF == 0 {
            continue;
        }
        if code > plain_codes {
            each(bucket(u32::from(code) | 0xA500_0000));
        }
        each(bucket((key & 0xFF_FFFF) | 0x5A00_0000));
        if key & 0xFF_0000 != 0 {
            each(bucket(key));
        }
    }
}

/// Adds the weights of all n-grams that end in `codes`, at most [`CODES`] of them, to the sums of the lanes.
#[inline(always)]
fn add<const LANES: usize>(total: &mut [u16; LANES], table: &[u8], alphabet: &Alphabet, before: &[u8], codes: &[u8]) {
    // Gathered first and added after: two tight loops keep the sums in registers.
    let mut found = [0u16; 3 * CODES];
    let mut len = 0;
    buckets(before, codes, alphabet.buckets, alphabet.plain_codes, |bucket| {
        if let Some(slot) = found.get_mut(len) {
            *slot = bucket as u16;
            len += 1;
        }
    });
    let (table, _) = table.as_chunks::<LANES>();
    for few in found[..len].chunks(BLOCK) {
        let mut block = [0u8; LANES];
        for bucket in few {
            if let Some(row) = table.get(usize::from(*bucket)) {
                for lane in 0..LANES {
                    block[lane] = block[lane].wrapping_add(row[lane]);
                }
            }
        }
        for lane in 0..LANES {
            total[lane] += u16::from(block[lane]);
        }
    }
}

/// So many codes are asked first.
const FIRST_CODES: usize = 48;
/// The lead of a language over the next that the rest of the codes does not turn: of 200,000 messages not one.
const SURE: u16 = 100;

/// The best language of an alphabet; the last row of its table holds the priors.
#[inline(always)]
pub fn best<const LANES: usize>(table: &[u8], alphabet: &Alphabet, codes: &[u8]) -> &'static str {
    let priors = &table[LANES * alphabet.buckets..];
    let mut total = [0u16; LANES];
    let (first, rest) = codes.split_at(codes.len().min(FIRST_CODES));
    add(&mut total, table, alphabet, &[], first);
    let (language, lead) = leader(&total, priors, alphabet);
    if rest.is_empty() || lead >= SURE {
        return language;
    }
    add(&mut total, table, alphabet, first, rest);
    leader(&total, priors, alphabet).0
}

/// The language with the largest sum, the first of equals, and by how much it leads.
fn leader<const LANES: usize>(total: &[u16; LANES], priors: &[u8], alphabet: &Alphabet) -> (&'static str, u16) {
    let (mut best, mut second) = (("und", 0), 0);
    for ((language, sum), prior) in alphabet.languages.iter().zip(total).zip(priors) {
        let sum = sum + u16::from(*prior);
        if sum > best.1 {
            second = best.1;
            best = (language, sum);
        } else {
            second = second.max(sum);
        }
    }
    (best.0, best.1 - second)
}
