//! Runs of hexadecimal digits: hashes of files, ids of transactions, fingerprints, ids of Tox and Session.

use super::finds::{word_before, word_behind};

/// Words that make 64 digits the id of a transaction and not the hash of a file.
const TRANSACTION: &[&str] =
    &["tx", "txid", "tx_id", "txhash", "transaction", "transactions", "транзакция", "транзакции", "交易"];
/// Words that make 40 digits the fingerprint of a key and not the hash of a file.
const FINGERPRINT: &[&str] = &["fingerprint", "pgp", "gpg", "openpgp", "отпечаток", "指纹"];
/// How far such a word may be, in bytes.
const REACH: usize = 40;

/// What a run of letters and digits at `start` is, by its length and the words around.
pub(super) fn kind(text: &str, start: usize, run: &str) -> Option<&'static str> {
    let named = |words| word_before(text, start, REACH, words) || word_behind(text, start + run.len(), 16, words);
    let bytes = run.as_bytes();
    // 0x and 64 digits are how Ethereum writes a hash of anything; what is written in chats is a transaction.
    if let [b'0', b'x' | b'X', digits @ ..] = bytes {
        return (digits.len() == 64 && is_hash(digits)).then_some("transaction-id");
    }
    if !matches!(bytes.len(), 32 | 40 | 64 | 66 | 76 | 128) || !is_hash(bytes) {
        return None;
    }
    match bytes.len() {
        32 => Some("md5"),
        40 if named(FINGERPRINT) => Some("pgp-fingerprint"),
        40 => Some("sha1"),
        64 if named(TRANSACTION) => Some("transaction-id"),
        64 => Some("sha256"),
        // A Session id is the key of Curve25519 behind the byte 05.
        66 => bytes.starts_with(b"05").then_some("session-id"),
        76 => is_tox(bytes).then_some("tox"),
        _ => Some("sha512"),
    }
}

/// Hexadecimal digits, letters and numbers among them: a long number is no hash, nor is `aaaa…`.
fn is_hash(digits: &[u8]) -> bool {
    let [mut upper, mut lower, mut number] = [false; 3];
    for byte in digits {
        match byte {
            b'0'..=b'9' => number = true,
            b'a'..=b'f' => lower = true,
            b'A'..=b'F' => upper = true,
            _ => return false,
        }
    }
    number && (upper || lower)
}

/// Tox: 32 bytes of key, 4 of nospam, and 2 that make the exclusive or of all pairs nothing.
fn is_tox(digits: &[u8]) -> bool {
    let mut sum = [0u8; 2];
    for (at, pair) in digits.as_chunks::<2>().0.iter().enumerate() {
        let value = |byte: u8| (byte as char).to_digit(16).unwrap_or(0) as u8;
        sum[at % 2] ^= value(pair[0]) << 4 | value(pair[1]);
    }
    sum == [0, 0]
}
