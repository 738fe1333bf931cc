//! The linear model: hashed n-grams of letter codes, one row of small weights a bucket, one lane a language.
//!
//! The answer is the lane with the largest sum; `words.rs` asks for it. Weights are unsigned and at most
//! [`MAX_WEIGHT`], so that [`BLOCK`] rows can be added in bytes before the sums are widened: that is what makes it
//! quick.

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

/// Calls `each` with the bucket of every window of a code sequence that ends in `codes`, and whether the window is an
/// n-gram and counts: a branch less for those who need none. `before` stands before the codes.
#[inline(always)]
pub fn buckets(before: &[u8], codes: &[u8], buckets: usize, plain_codes: u8, mut each: impl FnMut(usize, bool)) {
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
        let counts = (key & 0xFF00 != 0) & ((key ^ (key >> 8)) & 0xFFFF != 0);
        if code > plain_codes {
            each(bucket(u32::from(code) | 0xA500_0000), counts);
        }
        each(bucket((key & 0xFF_FFFF) | 0x5A00_0000), counts);
        each(bucket(key), counts & (key & 0xFF_0000 != 0));
    }
}

/// Codes whose n-grams are gathered before their rows are added: two tight loops keep the sums in registers.
const GATHERED: usize = 24;

/// Adds the weights of all n-grams that end in `codes` to the sums of the lanes.
#[inline(never)]
pub fn add<const LANES: usize>(
    total: &mut [u16; LANES],
    table: &[u8],
    alphabet: &Alphabet,
    before: &[u8],
    codes: &[u8],
) {
    let (table, _) = table.as_chunks::<LANES>();
    let mut before = before;
    let mut found = [0u16; 3 * GATHERED];
    for codes in codes.chunks(GATHERED) {
        let mut len = 0;
        buckets(before, codes, alphabet.buckets, alphabet.plain_codes, |bucket, counts| {
            if let Some(slot) = found.get_mut(len) {
                *slot = bucket as u16;
                len += usize::from(counts);
            }
        });
        before = codes;
        let (blocks, rest) = found[..len].as_chunks::<BLOCK>();
        for block in blocks {
            add_block(total, table, block);
        }
        add_block(total, table, rest);
    }
}

/// Adds up to [`BLOCK`] rows.
#[inline(always)]
fn add_block<const LANES: usize>(total: &mut [u16; LANES], table: &[[u8; LANES]], buckets: &[u16]) {
    let mut block = [0u8; LANES];
    for bucket in buckets {
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

/// The language with the largest sum, the first of equals, and by how much it leads.
pub fn leader<const LANES: usize>(total: &[u16; LANES], priors: &[u8], alphabet: &Alphabet) -> (&'static str, u16) {
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
