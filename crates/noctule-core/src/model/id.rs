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
        let mut buffer = Vec::with_capacity(parts.iter().map(|p| p.len() + 8).sum());
        for part in parts {
            buffer.extend_from_slice(&(part.len() as u64).to_le_bytes());
            buffer.extend_from_slice(part);
        }
        let hash = xxh3_128(&buffer).to_be_bytes();
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
    fn other_text_is_no_id() {
        assert_eq!(Id::parse("0000000000000000"), None);
        assert_eq!(Id::parse("abc"), None);
    }
}
