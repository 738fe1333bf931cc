//! Checksums of wallet addresses and onion services.

use super::digest::{keccak_256, sha_256, sha3_256};

/// The kind of wallet address, when the checksum holds.
pub(super) fn wallet(text: &str) -> Option<&'static str> {
    match text.as_bytes()[0] {
        b'1' | b'3' if text.len() <= 35 => {
            base58_check(text).filter(|payload| matches!(payload[0], 0x00 | 0x05)).map(|_| "btc-address")
        }
        b'b' | b'B' if text.len() >= 42 && text[..3].eq_ignore_ascii_case("bc1") => {
            is_segwit(text).then_some("btc-address")
        }
        b'0' if text.len() == 42 && text[..2].eq_ignore_ascii_case("0x") => is_ethereum(text).then_some("eth-address"),
        b'T' if text.len() == 34 => base58_check(text).filter(|payload| payload[0] == 0x41).map(|_| "tron-address"),
        b'4' | b'8' if text.len() == 95 => is_monero(text).then_some("xmr-address"),
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

/// Decodes Base58Check of a version byte and 20 bytes: Bitcoin's and Tron's addresses.
fn base58_check(text: &str) -> Option<[u8; 21]> {
    let mut bytes = [0u8; 25];
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
    if zeros != ones {
        return None;
    }
    let (payload, checksum) = bytes.split_at(21);
    let digest = sha_256(&sha_256(payload));
    (digest[..4] == *checksum).then(|| payload.try_into().expect("21 bytes were split off"))
}

/// BIP 173 and BIP 350: Bech32 for version 0, Bech32m for later ones.
fn is_segwit(text: &str) -> bool {
    const CHARSET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let mixed = text.bytes().any(|b| b.is_ascii_uppercase()) && text.bytes().any(|b| b.is_ascii_lowercase());
    if mixed || text.len() > 90 {
        return false;
    }
    let lower = text.to_ascii_lowercase();
    let mut values: Vec<u8> = vec![3, 3, 0, 2, 3]; // the prefix "bc", expanded
    for c in lower.bytes().skip(3) {
        match CHARSET.iter().position(|b| *b == c) {
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
    match values[5] {
        0 => check == 1 && matches!(text.len(), 42 | 62),
        1..=16 => check == 0x2bc8_30a3,
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
