//! Runs of letters, eight bytes at a time: nearly all of any text is words of small Latin or Cyrillic letters, and
//! to take a word in one or two steps is many times as quick as to take it letter by letter.
//!
//! The trainer of the language model includes this file too, because `language/letters.rs` needs it.

const ONES: u64 = 0x0101_0101_0101_0101;
const TOPS: u64 = 0x8080_8080_8080_8080;

/// The eight bytes from `at` on, the first of them lowest; zeros stand for what is behind the end.
#[inline(always)]
pub fn eight(bytes: &[u8], at: usize) -> u64 {
    if let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        return u64::from_le_bytes(*chunk);
    }
    // The last eight bytes of the text, less those before `at`.
    if let (Some(chunk), true) = (bytes.last_chunk(), at < bytes.len()) {
        return u64::from_le_bytes(*chunk) >> (8 * (at + 8 - bytes.len()));
    }
    bytes.get(at..).unwrap_or(&[]).iter().rev().fold(0, |all, byte| all << 8 | u64::from(*byte))
}

/// The top bit of each byte that is from `low` to `high`, both ASCII.
#[inline(always)]
const fn between(eight: u64, low: u8, high: u8) -> u64 {
    // Seven bits a byte cannot carry into the next one; what is not ASCII is taken out at the end.
    let seven = eight & !TOPS;
    let from_low = seven + (0x80 - low as u64) * ONES;
    let above_high = seven + (0x7F - high as u64) * ONES;
    from_low & !above_high & !eight & TOPS
}

/// How many of eight bytes are `a` to `z` before the first that is not.
#[inline(always)]
pub const fn small_latin(eight: u64) -> usize {
    first(between(eight, b'a', b'z'))
}

/// As [`small_latin`], in either case.
#[inline(always)]
pub const fn latin(eight: u64) -> usize {
    first(between(eight | (0x20 * ONES), b'a', b'z'))
}

/// As [`small_latin`], digits.
#[inline(always)]
pub const fn digits(eight: u64) -> usize {
    first(between(eight, b'0', b'9'))
}

/// As [`small_latin`], digits and small letters.
#[inline(always)]
pub const fn small_latin_or_digits(eight: u64) -> usize {
    first(between(eight, b'a', b'z') | between(eight, b'0', b'9'))
}

/// How many of eight ASCII bytes are `a` to `z` with neither a small letter nor a digit beside them; `before` and
/// `after` say whether one stands there.
#[inline(always)]
pub const fn single_small_latin(eight: u64, before: bool, after: bool) -> usize {
    let letters = between(eight, b'a', b'z');
    let both = letters | between(eight, b'0', b'9');
    let beside = both << 8 | both >> 8 | (before as u64) << 7 | (after as u64) << 63;
    // Seldom any.
    match letters & !beside {
        0 => 0,
        singles => singles.count_ones() as usize,
    }
}

#[inline(always)]
const fn first(tops: u64) -> usize {
    ((!tops & TOPS).trailing_zeros() / 8) as usize
}

/// How many of eight bytes stand before the first zero.
#[inline(always)]
pub const fn before_zero(eight: u64) -> usize {
    ((eight.wrapping_sub(ONES) & !eight & TOPS).trailing_zeros() / 8) as usize
}

/// The first `count` of eight bytes, fewer than eight; zeros for the others.
#[inline(always)]
pub const fn head(eight: u64, count: usize) -> u64 {
    eight & ((1 << (8 * count)) - 1)
}

/// The lowest bit of each pair of bytes.
const PAIRS: u64 = 0x0001_0001_0001_0001;

/// How many of the four letters are `а` to `я` before the first that is not.
#[inline(always)]
pub const fn small_cyrillic(eight: u64) -> usize {
    let (upper, odd) = cyrillic_parts(eight);
    // Nothing but the lower four bits of the second byte may differ: D0 B0 to D0 BF, and D1 80 to D1 8F.
    let wrong = (upper & (0xF0FF * PAIRS)) ^ (odd * 0x3001);
    (wrong.trailing_zeros() / 16) as usize
}

/// The numbers of four letters that are `а` to `я`, from 1 on, a byte each.
#[inline(always)]
pub const fn cyrillic_numbers(eight: u64) -> u32 {
    let (upper, odd) = cyrillic_parts(eight);
    let numbers = ((upper >> 8) & (0x000F * PAIRS)) + (odd << 4) + PAIRS;
    let halves = (numbers | numbers >> 8) & 0x0000_FFFF_0000_FFFF;
    (halves | halves >> 16) as u32
}

/// The difference to D0 B0 in each pair, and whether a pair starts with an odd byte.
#[inline(always)]
const fn cyrillic_parts(eight: u64) -> (u64, u64) {
    let upper = eight ^ (0xB0D0 * PAIRS);
    (upper, upper & PAIRS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bytes_are_those_from_a_place_on() {
        let text: Vec<u8> = (1..=20).collect();
        for length in 0..=text.len() {
            for at in 0..=length + 1 {
                let mut expected = [0; 8];
                let rest = text[..length].get(at..).unwrap_or(&[]);
                let rest = &rest[..rest.len().min(8)];
                expected[..rest.len()].copy_from_slice(rest);
                assert_eq!(eight(&text[..length], at).to_le_bytes(), expected, "{at} of {length}");
            }
        }
    }

    #[test]
    fn every_byte_and_pair_is_what_it_is_alone() {
        for byte in 0..=u8::MAX {
            for place in 0..8 {
                let mut bytes = *b"abcdefgh";
                bytes[place] = byte;
                let all = u64::from_le_bytes(bytes);
                let run = |is: fn(&u8) -> bool| bytes.iter().take_while(|byte| is(byte)).count();
                assert_eq!(small_latin(all), run(u8::is_ascii_lowercase), "{bytes:?}");
                assert_eq!(latin(all), run(u8::is_ascii_alphabetic), "{bytes:?}");
                assert_eq!(
                    small_latin_or_digits(all),
                    run(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
                    "{bytes:?}"
                );
            }
        }
        for pair in 0..=u16::MAX {
            for place in 0..4 {
                let mut bytes = *b"\xD0\xB0\xD1\x8F\xD0\xBF\xD1\x80";
                bytes[2 * place..2 * place + 2].copy_from_slice(&pair.to_le_bytes());
                let good = |pair: &&[u8]| matches!(**pair, [0xD0, 0xB0..=0xBF] | [0xD1, 0x80..=0x8F]);
                let run = bytes.chunks(2).take_while(good).count();
                assert_eq!(small_cyrillic(u64::from_le_bytes(bytes)), run, "{bytes:?}");
            }
        }
    }

    #[test]
    fn digits_end_where_others_begin() {
        assert_eq!(digits(u64::from_le_bytes(*b"0459:678")), 4);
        assert_eq!(digits(u64::from_le_bytes(*b"/1234567")), 0);
        assert_eq!(digits(u64::from_le_bytes(*b"01234567")), 8);
    }

    #[test]
    fn single_letters_have_no_neighbors() {
        let of = |text: &[u8; 8], before, after| single_small_latin(u64::from_le_bytes(*text), before, after);
        assert_eq!(of(b"a b c d ", false, false), 4);
        assert_eq!(of(b"a b c d ", true, true), 3);
        assert_eq!(of(b" a2 bc d", false, false), 1);
        assert_eq!(of(b" a2 bc d", false, true), 0);
        assert_eq!(of(b"1 2 -e- ", false, false), 1);
    }

    #[test]
    fn words_end_at_the_first_zero() {
        for zero in 0..8 {
            for after in [0, 1, 0x80, 0xFF] {
                let mut bytes = [1, 0x80, 0xFF, 0x81, 1, 0x7F, 2, 3];
                bytes[zero] = 0;
                bytes[zero + 1..].fill(after);
                let all = u64::from_le_bytes(bytes);
                assert_eq!(before_zero(all), zero, "{bytes:?}");
                bytes[zero..].fill(0);
                assert_eq!(head(all, zero).to_le_bytes(), bytes);
            }
        }
        assert_eq!(before_zero(u64::MAX), 8);
    }

    #[test]
    fn letters_have_their_numbers() {
        for (number, letters) in ('а'..='я').collect::<Vec<_>>().chunks(4).enumerate() {
            let text: String = letters.iter().collect();
            let first = 4 * number as u8 + 1;
            let expected = [first, first + 1, first + 2, first + 3];
            assert_eq!(cyrillic_numbers(eight(text.as_bytes(), 0)).to_le_bytes(), expected, "{text}");
        }
    }
}
