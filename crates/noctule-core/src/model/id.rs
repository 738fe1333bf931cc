//! Ids derived from content, so that the same message has the same id on every machine.

use std::fmt;

use xxhash_rust::xxh3::xxh3_128;

/// 80 bits of a hash, written as 16 letters of lower-case base 32 (RFC 4648 alphabet, no padding).
///
/// Eighty bits: among ten million ids the chance of one collision is 4e-11.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Id(pub [u8; 10]);

impl Id {
    /// The id of a sequence of parts. Each part is preceded by its length, so `["ab","c"]` differs from `["a","bc"]`.
    pub fn of(parts: &[&[u8]]) -> Self {
        let length = parts.iter().map(|p| p.len() + 8).sum();
        // Most are keys and numbers; for them the stack is room enough.
        let (mut short, mut long) = ([0; 192], Vec::new());
        let buffer = match short.get_mut(..length) {
            Some(buffer) => buffer,
            None => {
                long.resize(length, 0);
                long.as_mut_slice()
            }
        };
        let mut rest = &mut *buffer;
        for part in parts {
            for bytes in [(part.len() as u64).to_le_bytes().as_slice(), part] {
                let (place, after) = std::mem::take(&mut rest).split_at_mut(bytes.len());
                place.copy_from_slice(bytes);
                rest = after;
            }
        }
        let hash = xxh3_128(buffer).to_be_bytes();
        let mut id = [0; 10];
        id.copy_from_slice(&hash[..10]);
        Self(id)
    }

    /// The written form: 16 ASCII letters and digits.
    pub fn letters(&self) -> [u8; 16] {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        let mut out = [0; 16];
        for half in 0..2 {
            let mut bits = 0u64;
            for byte in &self.0[half * 5..half * 5 + 5] {
                bits = bits << 8 | u64::from(*byte);
            }
            for (i, letter) in out[half * 8..half * 8 + 8].iter_mut().enumerate() {
                *letter = ALPHABET[(bits >> (35 - 5 * i) & 31) as usize];
            }
        }
        out
    }

    /// Reads the written form back; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
        let mut id = [0; 10];
        for half in 0..2 {
            let mut bits = 0u64;
            for letter in &bytes[half * 8..half * 8 + 8] {
                let value = match letter {
                    b'a'..=b'z' => letter - b'a',
                    b'2'..=b'7' => letter - b'2' + 26,
                    _ => return None,
                };
                bits = bits << 5 | u64::from(value);
            }
            id[half * 5..half * 5 + 5].copy_from_slice(&bits.to_be_bytes()[3..]);
        }
        Some(Self(id))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.letters()).expect("base 32 is ASCII"))
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_form_reads_back() {
        let id = Id::of(&[b"telegram:1", b"42"]);
        assert_eq!(Id::parse(&id.to_string()), Some(id));
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(Id::of(&[b"ab", b"c"]), Id::of(&[b"a", b"bc"]));
    }

    #[test]
    fn long_parts_are_hashed_as_short_ones_are() {
        let long = "x".repeat(400);
        let by_hand = |parts: &[&[u8]]| {
            let bytes: Vec<u8> = parts.iter().flat_map(|p| [&(p.len() as u64).to_le_bytes(), *p].concat()).collect();
            xxh3_128(&bytes).to_be_bytes()[..10].to_vec()
        };
        for length in [0, 1, 167, 168, 169, 400] {
            let parts: [&[u8]; 2] = [b"identical", &long.as_bytes()[..length]];
            assert_eq!(Id::of(&parts).0.to_vec(), by_hand(&parts), "{length} bytes");
        }
    }

    #[test]
    fn other_text_is_no_id() {
        assert_eq!(Id::parse("0000000000000000"), None);
        assert_eq!(Id::parse("abc"), None);
    }
}
