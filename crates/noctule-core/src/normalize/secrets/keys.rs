//! Keys and tokens of services, private key blocks, seed phrases of wallets.

use super::{add, begins, head};
use crate::model::Span;

/// A token known by its prefix: the prefix as written, the fewest and most characters after it.
/// Sources: the services' own pages on secret scanning.
const PREFIXES: &[(&str, usize, usize)] = &[
    ("AKIA", 16, 16),
    ("ASIA", 16, 16),
    ("ghp_", 36, 255),
    ("gho_", 36, 255),
    ("ghu_", 36, 255),
    ("ghs_", 36, 255),
    ("ghr_", 36, 255),
    ("github_pat_", 40, 255),
    ("glpat-", 20, 64),
    ("xox", 12, 255),
    ("AIza", 35, 35),
    ("sk_live_", 16, 255),
    ("rk_live_", 16, 255),
    ("sk_test_", 16, 255),
    ("sk-", 20, 255),
    ("npm_", 36, 36),
    ("hf_", 30, 64),
    ("dop_v1_", 64, 64),
    ("shpat_", 32, 32),
];

/// No token is longer.
const LONGEST: usize = 1024;

fn token_length(rest: &str) -> usize {
    rest.bytes().take(LONGEST + 1).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count()
}

fn mixes_letters_and_digits(token: &str) -> bool {
    token.bytes().any(|b| b.is_ascii_digit()) && token.bytes().any(|b| b.is_ascii_alphabetic())
}

pub(super) fn with_prefix(text: &str, start: usize, found: &mut Vec<Span>) {
    if !begins(text, start) {
        return;
    }
    let rest = &text[start..];
    if rest.starts_with("eyJ") || rest.starts_with("SG.") {
        // Three (two, when unsigned) parts of base 64, divided by dots.
        let mut length = 0;
        let mut parts = 0;
        while parts < 3 {
            let part = token_length(&rest[length..]);
            if part < 2 {
                break;
            }
            parts += 1;
            length += part;
            if parts == 3 || !rest[length..].starts_with('.') {
                break;
            }
            length += 1;
        }
        if parts >= 2 && length >= 30 {
            add(text, start, start + rest[..length].trim_end_matches('.').len(), found);
        }
        return;
    }
    let Some(&(prefix, fewest, most)) = PREFIXES.iter().find(|(prefix, ..)| rest.starts_with(prefix)) else {
        return;
    };
    let length = token_length(&rest[prefix.len()..]);
    let token = &rest[..prefix.len() + length];
    if (fewest..=most).contains(&length) && mixes_letters_and_digits(&token[prefix.len()..]) {
        add(text, start, start + token.len(), found);
    }
}

/// `api_key = …`, `token: …`, `Bearer …`: a long value of letters and digits that is not a wallet.
pub(super) fn after_name(text: &str, start: usize, end: usize, found: &mut Vec<Span>) {
    let word = end + text[end..].bytes().take(17).take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    if word - end > 16 {
        return;
    }
    let rest = text[word..].trim_start_matches(['"', '\'', '`', ' ']);
    let bearer = text[start..end].eq_ignore_ascii_case("bearer") && rest.len() < text.len() - word;
    let Some(value) = rest.strip_prefix([':', '=']).or_else(|| bearer.then_some(rest)) else {
        return;
    };
    let value = value.trim_start_matches([' ', '\t', '"', '\'', '`']);
    let at = text.len() - value.len();
    let length = value
        .bytes()
        .take(LONGEST + 1)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'/' | b'+' | b'='))
        .count();
    let value = &value[..length];
    let named_token = text[start..end].eq_ignore_ascii_case("token");
    if (16..=512).contains(&length)
        && mixes_letters_and_digits(value)
        && !(named_token && wallet(value))
        && !value.contains("://")
    {
        add(text, at, at + length, found);
    }
}

/// Whether a value after `token:` is rather the address of a coin's contract.
fn wallet(value: &str) -> bool {
    let hex = value.strip_prefix("0x").is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    let base58 = (26..=48).contains(&value.len())
        && value.bytes().all(|b| b.is_ascii_alphanumeric() && !matches!(b, b'0' | b'O' | b'I' | b'l'));
    hex || base58 || value.starts_with("EQ") || value.starts_with("UQ") || value.starts_with("bc1")
}

/// The body of a PEM or PGP private key, header and footer left readable. Returns where the block ends.
pub(super) fn private_block(text: &str, start: usize, found: &mut Vec<Span>) -> usize {
    let header = head(&text[start..], 128);
    let header = &header[..header.find('\n').unwrap_or(header.len())];
    let Some(named) = header.find("PRIVATE KEY").filter(|at| *at < 64) else {
        return start;
    };
    let Some(dashes) = header[named..].find("-----").map(|at| start + named + at + 5) else {
        return start;
    };
    let footer = text[dashes..].find("-----END").map(|at| dashes + at);
    let body_end = footer.unwrap_or(text.len());
    // Only what is base 64, so that header fields and marks of quotation stay. Without a footer words may follow.
    let shortest = if footer.is_some() { 1 } else { 16 };
    let mut at = dashes;
    for piece in text[dashes..body_end].split_inclusive(char::is_whitespace) {
        let bare = piece.trim_end();
        let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'\\');
        if bare.len() >= shortest && bare.bytes().all(base64) {
            add(text, at, at + bare.len(), found);
        }
        at += piece.len();
    }
    body_end
}

/// Twelve to twenty-four lower-case words after a word that announces them (BIP 39 lengths).
pub(super) fn seed_phrase(text: &str, end: usize, found: &mut Vec<Span>) {
    // Words of three letters at least that BIP 39 does not have, and running text does.
    const PROSE: &[&str] = &["the", "and", "for", "you", "your", "are", "with", "from", "have", "our", "not", "but"];
    let near = text[end..].char_indices().take(24).find(|(_, c)| matches!(c, ':' | '=' | '：' | '\n'));
    let Some((colon, mark)) = near else {
        return;
    };
    let list = &text[end + colon + mark.len_utf8()..];
    let list = list.trim_start_matches(['"', ' ', '\n', '\r', '\t']);
    let at = text.len() - list.len();
    // Twenty-four words of eight letters, divided by a few characters each.
    let list = head(list, 300);
    let mut words = 0;
    let mut length = 0;
    for word in list.split_inclusive([' ', '\n', ',']) {
        let bare = word.trim_end_matches([' ', '\n', '\r', ',', '"', '.']);
        if !(3..=8).contains(&bare.len()) || !bare.bytes().all(|b| b.is_ascii_lowercase()) || words == 24 {
            break;
        }
        if PROSE.contains(&bare) {
            return;
        }
        words += 1;
        length = bare.as_ptr() as usize - list.as_ptr() as usize + bare.len();
    }
    if matches!(words, 12 | 15 | 18 | 21 | 24) {
        add(text, at, at + length, found);
    }
}
