//! Checksums of wallet addresses and onion services.

use super::coins::is_cashaddr;
use super::digest::{keccak_256, sha_256, sha3_256};

/// The kind of wallet address, when the checksum holds.
pub(super) fn wallet(text: &str) -> Option<&'static str> {
    let version = || base58_check(text).map(|payload| payload[0]);
    let begins = |prefix: &str| text.len() >= prefix.len() && text[..prefix.len()].eq_ignore_ascii_case(prefix);
    match text.as_bytes()[0] {
        b'0' if text.len() == 42 && begins("0x") => is_ethereum(text).then_some("eth-address"),
        b'b' | b'B' if begins("bc1") => is_segwit(text, b"bc").then_some("btc-address"),
        b'l' | b'L' if begins("ltc1") => is_segwit(text, b"ltc").then_some("ltc-address"),
        b'q' | b'Q' | b'p' | b'P' if text.len() == 42 => is_cashaddr(text).then_some("bch-address"),
        b'4' | b'8' if text.len() == 95 => is_monero(text).then_some("xmr-address"),
        b't' if text.len() == 35 => is_zcash(text).then_some("zec-address"),
        // One format, told apart by its first byte. Litecoin's old addresses with a 3 are Bitcoin's as well.
        b'1' | b'3' | b'L' | b'M' | b'D' | b'A' | b'9' | b'X' | b'7' | b'T' if text.len() <= 35 => match version()? {
            0x00 | 0x05 => Some("btc-address"),
            0x30 | 0x32 => Some("ltc-address"),
            0x1e | 0x16 => Some("doge-address"),
            0x4c | 0x10 => Some("dash-address"),
            0x41 => Some("tron-address"),
            _ => None,
        },
        _ => None,
    }
}

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

fn base58_digit(byte: u8) -> Option<u32> {
    static DIGITS: [u8; 256] = {
        let mut digits = [u8::MAX; 256];
        let mut at = 0;
        while at < BASE58.len() {
            digits[BASE58[at] as usize] = at as u8;
            at += 1;
        }
        digits
    };
    Some(u32::from(DIGITS[usize::from(byte)])).filter(|digit| *digit < 58)
}

/// Decodes Base58 of so many bytes.
pub(super) fn base58<const BYTES: usize>(text: &str) -> Option<[u8; BYTES]> {
    let mut bytes = [0u8; BYTES];
    for c in text.bytes() {
        let mut carry = base58_digit(c)?;
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry != 0 {
            return None;
        }
    }
    // A leading 1 is a leading zero byte; anything else is another writing of the number.
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let ones = text.bytes().take_while(|b| *b == b'1').count();
    (zeros == ones).then_some(bytes)
}

/// Whether the last four bytes are the checksum of the others.
fn base58_sum(bytes: &[u8]) -> bool {
    let (payload, checksum) = bytes.split_at(bytes.len() - 4);
    sha_256(&sha_256(payload))[..4] == *checksum
}

/// Decodes Base58Check of a version byte and 20 bytes: Bitcoin's addresses and those that follow it.
fn base58_check(text: &str) -> Option<[u8; 25]> {
    base58(text).filter(|bytes| base58_sum(bytes))
}

/// Zcash's transparent addresses: two bytes of version (`t1`, `t3`) and 20 bytes.
fn is_zcash(text: &str) -> bool {
    base58::<26>(text).is_some_and(|bytes| matches!(bytes[..2], [0x1c, 0xb8 | 0xbd]) && base58_sum(&bytes))
}

/// The alphabet of Bech32, which cashaddr shares.
pub(super) const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// BIP 173 and BIP 350: Bech32 for version 0, Bech32m for later ones; `network` is the part before the 1.
fn is_segwit(text: &str, network: &[u8]) -> bool {
    let mixed = text.bytes().any(|b| b.is_ascii_uppercase()) && text.bytes().any(|b| b.is_ascii_lowercase());
    if mixed || text.len() > 90 {
        return false;
    }
    let high = network.iter().map(|b| b >> 5);
    let mut values: Vec<u8> = high.chain([0]).chain(network.iter().map(|b| b & 0x1f)).collect();
    for c in text.bytes().skip(network.len() + 1) {
        match BECH32.iter().position(|b| *b == c.to_ascii_lowercase()) {
            Some(value) => values.push(value as u8),
            None => return false,
        }
    }
    let mut check = 1u32;
    for value in &values {
        let top = check >> 25;
        check = (check & 0x1ff_ffff) << 5 ^ u32::from(*value);
        for (bit, generator) in
            [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3].into_iter().enumerate()
        {
            if top >> bit & 1 == 1 {
                check ^= generator;
            }
        }
    }
    // The version, the program in groups of five bits, and six characters of checksum.
    let [version, program @ .., _, _, _, _, _, _] = &values[2 * network.len() + 1..] else { return false };
    let (bytes, left) = (program.len() * 5 / 8, program.len() * 5 % 8);
    let padded = left < 5 && program.last().is_none_or(|last| last & ((1 << left) - 1) == 0);
    padded
        && match version {
            0 => check == 1 && matches!(bytes, 20 | 32),
            1..=16 => check == 0x2bc8_30a3 && (2..=40).contains(&bytes),
            _ => false,
        }
}

/// Hexadecimal; where letters are mixed, EIP-55's checksum in their case must hold.
fn is_ethereum(text: &str) -> bool {
    let hex = &text[2..];
    if !hex.bytes().all(|b| b.is_ascii_hexdigit()) {
        return false;
    }
    let upper = hex.bytes().any(|b| b.is_ascii_uppercase());
    let lower = hex.bytes().any(|b| b.is_ascii_lowercase());
    if !(upper && lower) {
        return true;
    }
    let digest = keccak_256(hex.to_ascii_lowercase().as_bytes());
    hex.bytes().enumerate().all(|(at, b)| {
        let nibble = digest[at / 2] >> (if at % 2 == 0 { 4 } else { 0 }) & 0xf;
        b.is_ascii_digit() || b.is_ascii_uppercase() == (nibble >= 8)
    })
}

/// Monero: blocks of eight bytes in Base58, network byte 18 (standard) or 42 (sub-address), Keccak checksum.
fn is_monero(text: &str) -> bool {
    let mut bytes = Vec::with_capacity(69);
    for block in text.as_bytes().chunks(11) {
        let size = if block.len() == 11 { 8 } else { 5 };
        let mut number = 0u128;
        for c in block {
            let Some(digit) = base58_digit(*c) else { return false };
            number = number * 58 + u128::from(digit);
        }
        if number >> (8 * size) != 0 {
            return false;
        }
        bytes.extend_from_slice(&number.to_be_bytes()[16 - size..]);
    }
    let (payload, checksum) = bytes.split_at(65);
    matches!(payload[0], 18 | 42) && keccak_256(payload)[..4] == *checksum
}

/// Tor's rend-spec-v3: 56 characters of Base32 hold a key, two bytes of checksum and the version 3.
pub(super) fn is_onion_v3(name: &str) -> bool {
    if name.len() != 56 {
        return false;
    }
    let mut bytes = Vec::with_capacity(35);
    let (mut bits, mut held) = (0u32, 0);
    for c in name.bytes() {
        let value = match c {
            b'a'..=b'z' => c - b'a',
            b'2'..=b'7' => c - b'2' + 26,
            _ => return false,
        };
        bits = bits << 5 | u32::from(value);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    let mut checked = b".onion checksum".to_vec();
    checked.extend_from_slice(&bytes[..32]);
    checked.push(3);
    bytes[34] == 3 && sha3_256(&checked)[..2] == bytes[32..34]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_examples_hold_and_one_changed_letter_does_not() {
        for (kind, text) in [
            // The genesis block's address; BIP 173 and BIP 350 vectors; EIP-55's first example.
            ("btc-address", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"),
            ("btc-address", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG"),
            ("btc-address", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
            ("btc-address", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"),
            ("eth-address", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
            // Monero's own donation address; Tron's zero-key example.
            (
                "xmr-address",
                "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
            ),
        ] {
            assert_eq!(wallet(text), Some(kind), "{text}");
            let mut changed = text.to_owned();
            let last = changed.pop().expect("not empty");
            changed.push(if last == '4' { '5' } else { '4' });
            if !text.starts_with("0x") {
                assert_eq!(wallet(&changed), None, "{changed}");
            }
        }
        assert_eq!(wallet("0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), None);
    }

    #[test]
    fn tors_own_onion_holds() {
        // Tor Project's own service, as printed in its documentation.
        assert!(is_onion_v3("2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid"));
        assert!(!is_onion_v3("2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wie"));
    }
}
