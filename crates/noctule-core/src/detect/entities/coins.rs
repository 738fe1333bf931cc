//! Wallets whose addresses are checked in a way of their own: Bitcoin Cash, Solana, TON.

use std::ops::Range;

use super::address::{BECH32, base58};
use super::finds::{word_before, word_behind};
use crate::base64;

/// Bitcoin Cash: 160 bits with a code of 40 bits behind them, which covers the name of the network as well
/// (cashaddr specification). The prefix may be left out in writing.
pub(super) fn is_cashaddr(text: &str) -> bool {
    let mixed = text.bytes().any(|b| b.is_ascii_uppercase()) && text.bytes().any(|b| b.is_ascii_lowercase());
    if mixed || text.len() != 42 {
        return false;
    }
    let mut check = 1u64;
    let mut add = |value: u8| {
        let top = check >> 35;
        check = (check & 0x07_ffff_ffff) << 5 ^ u64::from(value);
        for (bit, generator) in
            [0x98_f2bc_8e61, 0x79_b76d_99e2, 0xf3_3e5f_b3c4, 0xae_2eab_e2a8, 0x1e_4f43_e470].into_iter().enumerate()
        {
            if top >> bit & 1 == 1 {
                check ^= generator;
            }
        }
    };
    b"bitcoincash".iter().for_each(|b| add(b & 0x1f));
    add(0);
    for c in text.bytes() {
        match BECH32.iter().position(|b| *b == c.to_ascii_lowercase()) {
            Some(value) => add(value as u8),
            None => return false,
        }
    }
    check == 1
}

/// Words by which 32 bytes in Base58 are an address of Solana.
const SOLANA: &[&str] = &["sol", "solana", "spl", "wallet", "phantom", "кошелек", "кошелёк", "钱包"];

/// Solana: a key in Base58. There is no checksum, so a word beside it must say what it is.
pub(super) fn is_solana(text: &str, start: usize, run: &str) -> bool {
    (32..=44).contains(&run.len())
        && base58::<32>(run).is_some()
        && (word_before(text, start, 40, SOLANA) || word_behind(text, start + run.len(), 24, SOLANA))
}

/// Characters of an address of TON.
const TON: usize = 48;

/// TON: tag, workchain, 256 bits and a CRC-16 in Base64 for URLs; main network, with its `Q` at `at`.
pub(super) fn ton(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let start = at.checked_sub(1)?;
    let inside = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if !matches!(bytes[start], b'E' | b'U')
        || inside(start.checked_sub(1).map(|at| &bytes[at]))
        || inside(bytes.get(start + TON))
    {
        return None;
    }
    let mut decoded = [0u8; 36];
    for (four, three) in bytes.get(start..start + TON)?.as_chunks::<4>().0.iter().zip(decoded.as_chunks_mut::<3>().0) {
        let mut bits = 0u32;
        for byte in four {
            bits = bits << 6 | u32::from(base64::six_bits(*byte)?);
        }
        three.copy_from_slice(&bits.to_be_bytes()[1..]);
    }
    // Bounceable or not; the chain of users or of masters.
    let good = matches!(decoded[0], 0x11 | 0x51) && matches!(decoded[1], 0x00 | 0xff);
    (good && crc_16(&decoded[..34]).to_be_bytes() == decoded[34..]).then_some(start..start + TON)
}

/// CRC-16/XMODEM.
fn crc_16(data: &[u8]) -> u16 {
    data.iter().fold(0, |mut check: u16, byte| {
        check ^= u16::from(*byte) << 8;
        for _ in 0..8 {
            check = if check & 0x8000 != 0 { check << 1 ^ 0x1021 } else { check << 1 };
        }
        check
    })
}
