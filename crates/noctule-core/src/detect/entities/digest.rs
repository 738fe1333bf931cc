//! The hashes that addresses carry as checksums: Keccak-256, SHA3-256 and SHA-256.
//!
//! Used to tell an address from a typing error, never for security, so plain and short code is enough here and
//! spares three crates.

use std::sync::LazyLock;

/// Keccak with Ethereum's and Monero's padding.
pub(super) fn keccak_256(data: &[u8]) -> [u8; 32] {
    sponge(data, 0x01)
}

/// FIPS 202.
pub(super) fn sha3_256(data: &[u8]) -> [u8; 32] {
    sponge(data, 0x06)
}

const RATE: usize = 136;

fn sponge(data: &[u8], padding: u8) -> [u8; 32] {
    let mut padded = data.to_vec();
    padded.push(padding);
    padded.resize(padded.len().next_multiple_of(RATE), 0);
    *padded.last_mut().expect("one block at least") |= 0x80;
    let mut state = [0u64; 25];
    for block in padded.chunks_exact(RATE) {
        for (lane, bytes) in state.iter_mut().zip(block.chunks_exact(8)) {
            *lane ^= u64::from_le_bytes(bytes.try_into().expect("eight bytes"));
        }
        permute(&mut state);
    }
    let mut out = [0; 32];
    for (bytes, lane) in out.chunks_exact_mut(8).zip(state) {
        bytes.copy_from_slice(&lane.to_le_bytes());
    }
    out
}

/// Keccak-f[1600]; names as in FIPS 202, section 3.2.
fn permute(state: &mut [u64; 25]) {
    const ROTATIONS: [u32; 24] =
        [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
    const LANES: [usize; 24] = [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];
    let mut register = 1u8;
    for _ in 0..24 {
        // θ
        let parity: [u64; 5] = std::array::from_fn(|x| (x..25).step_by(5).fold(0, |all, at| all ^ state[at]));
        let change: [u64; 5] = std::array::from_fn(|x| parity[(x + 4) % 5] ^ parity[(x + 1) % 5].rotate_left(1));
        for row in state.chunks_exact_mut(5) {
            for (lane, change) in row.iter_mut().zip(change) {
                *lane ^= change;
            }
        }
        // ρ and π
        let mut moved = state[1];
        for (lane, rotation) in LANES.into_iter().zip(ROTATIONS) {
            moved = std::mem::replace(&mut state[lane], moved.rotate_left(rotation));
        }
        // χ
        for row in state.chunks_exact_mut(5) {
            let old = [row[0], row[1], row[2], row[3], row[4]];
            for at in 0..5 {
                row[at] = old[at] ^ (!old[(at + 1) % 5] & old[(at + 2) % 5]);
            }
        }
        // ι: the round constant's bits come from a shift register.
        for bit in 0..7 {
            if register & 1 == 1 {
                state[0] ^= 1 << ((1u32 << bit) - 1);
            }
            register = register << 1 ^ if register & 0x80 != 0 { 0x71 } else { 0 };
        }
    }
}

/// FIPS 180-4.
pub(super) fn sha_256(data: &[u8]) -> [u8; 32] {
    let (mut state, constants) = *CONSTANTS;
    let mut padded = data.to_vec();
    padded.push(0x80);
    padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
    padded.extend_from_slice(&(data.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        let mut words = [0u32; 64];
        for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
            *word = u32::from_be_bytes(bytes.try_into().expect("four bytes"));
        }
        for at in 16..64 {
            let (a, b) = (words[at - 15], words[at - 2]);
            let small0 = a.rotate_right(7) ^ a.rotate_right(18) ^ a >> 3;
            let small1 = b.rotate_right(17) ^ b.rotate_right(19) ^ b >> 10;
            words[at] = words[at - 16].wrapping_add(small0).wrapping_add(words[at - 7]).wrapping_add(small1);
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
        for at in 0..64 {
            let big1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = (e & f) ^ (!e & g);
            let one = h.wrapping_add(big1).wrapping_add(choice).wrapping_add(constants[at]).wrapping_add(words[at]);
            let big0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let two = big0.wrapping_add((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(one), c, b, a, one.wrapping_add(two));
        }
        for (word, add) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *word = word.wrapping_add(add);
        }
    }
    let mut out = [0; 32];
    for (bytes, word) in out.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
    out
}

static CONSTANTS: LazyLock<([u32; 8], [u32; 64])> = LazyLock::new(constants);

/// The first 32 bits of the fractional parts of the square roots of 8 primes and cube roots of 64 primes, computed
/// with whole numbers.
fn constants() -> ([u32; 8], [u32; 64]) {
    let mut first = [0; 8];
    let mut round = [0; 64];
    let primes = (2u128..).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0));
    for (at, prime) in primes.take(64).enumerate() {
        if at < 8 {
            first[at] = root(prime << 64, 2) as u32;
        }
        round[at] = root(prime << 96, 3) as u32;
    }
    (first, round)
}

/// The whole part of a root, by bisection.
fn root(of: u128, power: u32) -> u128 {
    let (mut low, mut high) = (0u128, 1 << 40);
    while high - low > 1 {
        let middle = (low + high) / 2;
        if middle.checked_pow(power).is_some_and(|value| value <= of) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn published_digests_of_nothing_and_abc() {
        assert_eq!(hex(&keccak_256(b"")), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
        assert_eq!(hex(&sha3_256(b"abc")), "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
        assert_eq!(hex(&sha_256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
