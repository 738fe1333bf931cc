//! Where an indicator may stand: dots between letters, brackets that stand for one, digits, and a few rare signs.
//!
//! Each is found by a pass that skips what cannot be one many bytes at a time, so a text without them costs little.

use super::finds::Finds;
use super::{account, artifact, attack, coins, contact, dotted, network};

pub(super) fn scan(text: &str, finds: &mut Finds<'_>) {
    // Numbers go first: an address of version 6 may end in one of version 4.
    digits(text, finds);
    rare(text, finds);
    dots(text, finds);
}

fn dots(text: &str, finds: &mut Finds<'_>) {
    let bytes = text.as_bytes();
    let mut from = 0;
    for at in memchr::memchr3_iter(b'.', b'[', b'(', bytes) {
        if at < from || at == 0 || finds.full() {
            continue;
        }
        let behind = bytes.get(at + 1).copied().unwrap_or(0);
        let before = bytes[at - 1];
        let possible = match bytes[at] {
            b'.' => {
                (before.is_ascii_alphanumeric() || matches!(before, b'\\' | b'-' | b'_'))
                    && (behind.is_ascii_alphanumeric() || matches!(behind, b']' | b')' | b'}' | b'\\' | b'_'))
            }
            _ => matches!(behind, b'.' | b'@' | b'd' | b'D' | b'a' | b'A' | b' ' | b'[' | b'('),
        };
        if possible {
            from = dotted::scan(text, from, at, finds);
        }
    }
}

fn digits(text: &str, finds: &mut Finds<'_>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut bins = account::Bins::default();
    while let Some(start) = next_digit(bytes, at) {
        let end = start + bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count();
        at = end;
        let before = start.checked_sub(1).map_or(0, |at| bytes[at]);
        let behind = bytes.get(end).copied().unwrap_or(0);
        let run = start..end;
        if network::may_be_ipv6(bytes, &run)
            && let Some((kind, value, range)) = network::ipv6(text, run.start)
        {
            at = range.end;
            finds.add(kind, value, range);
            continue;
        }
        match before {
            b'A'..=b'Z' | b's' | b'n' => {
                if let Some(range) = attack::id(bytes, run.clone()) {
                    finds.add("attack-id", &text[range.clone()], range);
                } else if let Some((value, range)) = network::asn(bytes, run.clone()) {
                    finds.add("asn", value, range);
                } else if let Some((value, range)) = account::iban(bytes, run.clone()) {
                    at = range.end;
                    finds.add("iban", value, range);
                }
            }
            b'+' => {
                if let Some((value, range)) = account::phone(bytes, start) {
                    at = range.end;
                    finds.add("phone", value, range);
                }
            }
            b'#' => {
                if let Some(range) = contact::discord_name(bytes, run.clone()) {
                    finds.add("discord-handle", &text[range.clone()], range);
                }
            }
            b' ' if before_is_asn(bytes, start) => {
                if let Some((value, range)) = network::asn(bytes, run.clone()) {
                    finds.add("asn", value, range);
                }
            }
            _ => {}
        }
        if (6..=8).contains(&run.len()) && bins.reads(text, run.clone()) {
            finds.add("bin", &text[run.clone()], run);
        } else if run.len() <= 4
            && (behind == b' ' || behind.is_ascii_hexdigit() || before.is_ascii_hexdigit())
            && let Some((value, range)) = artifact::fingerprint(bytes, run)
        {
            at = range.end;
            finds.add("pgp-fingerprint", value, range);
        }
    }
}

fn before_is_asn(bytes: &[u8], start: usize) -> bool {
    start >= 4 && bytes[start - 4..start - 1].eq_ignore_ascii_case(b"asn")
}

/// The place of the next ASCII digit.
fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let (words, rest) = bytes[from..].as_chunks::<8>();
    for (n, word) in words.iter().enumerate() {
        let digits = digits_of(u64::from_le_bytes(*word));
        if digits != 0 {
            return Some(from + 8 * n + digits.trailing_zeros() as usize / 8);
        }
    }
    rest.iter().position(u8::is_ascii_digit).map(|at| bytes.len() - rest.len() + at)
}

/// The highest bit of each of eight bytes that is an ASCII digit.
fn digits_of(word: u64) -> u64 {
    const ALL: u64 = 0x0101_0101_0101_0101;
    let low = word & (0x7F * ALL);
    (low + (0x80 - 0x30) * ALL) & !(low + (0x80 - 0x3A) * ALL) & !word & (0x80 * ALL)
}

fn rare(text: &str, finds: &mut Finds<'_>) {
    let bytes = text.as_bytes();
    for at in memchr::memchr3_iter(b':', b'\\', b'Q', bytes) {
        if finds.full() {
            return;
        }
        let before = at.checked_sub(1).map_or(0, |at| bytes[at]);
        let found = match (bytes[at], before) {
            (b':', b'P' | b'p') => artifact::tlp(text, at),
            (b':', b'r' | b'R' | b'e' | b'E' | b' ') => contact::wickr(text, at),
            (b':', b'n' | b's' | b'a') => artifact::yara(text, at),
            (b':', _) => None,
            (b'\\', _) => artifact::registry_key(text, at),
            _ => coins::ton(bytes, at).map(|range| ("ton-address", text[range.clone()].to_owned(), range)),
        };
        if let Some((kind, value, range)) = found {
            finds.add(kind, value, range);
        }
    }
}
