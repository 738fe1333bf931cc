//! Which texts are the same, for the truth: the definition of `design.md` in its simplest form, possible because the
//! undecorated text is known.

use super::compose::Core;
use super::rng::{derive, mix};

/// Letters below which texts fold only when identical.
const FOLDS_FROM_LETTERS: u32 = 20;
/// Letters from which a text is decorated: so many that a prefix or suffix cannot carry a short text over the limit.
const DECORATED_FROM_LETTERS: u32 = 34;

/// Numbers the core's cluster. This is the definition of `design.md` in its simplest form, possible because the core
/// is known: letters and digits in lower case, links left out; or the very bytes when there are fewer than 20 letters.
pub fn key(core: &mut Core) {
    let text = core.text.as_str();
    let mut hash = 0u64;
    let mut letters = 0u32;
    let mut own_letters = 0u32;
    let mut in_handle = false;
    let mut in_link = false;
    let (mut last_digit, mut gap) = (false, false);
    for (at, c) in text.char_indices() {
        in_link = !c.is_whitespace() && (in_link || (c == 'h' && text[at..].starts_with("https://")));
        if in_link {
            continue;
        }
        match fold(c) {
            Folded::Letter(letter) => {
                (last_digit, gap) = (false, false);
                letters += 1;
                own_letters += u32::from(!in_handle);
                hash = step(hash, u64::from(u32::from(letter)));
            }
            Folded::Digit => {
                // Two numbers beside each other are not one number.
                if last_digit && gap {
                    hash = step(hash, 0x20);
                }
                (last_digit, gap) = (true, false);
                hash = step(hash, u64::from(u32::from(c)));
            }
            Folded::Nothing => {
                gap = true;
                in_handle = c == '@' || (in_handle && c == '_');
            }
        }
    }
    core.has_letters = letters > 0;
    core.decorable = own_letters >= DECORATED_FROM_LETTERS;
    if letters < FOLDS_FROM_LETTERS {
        hash = text.bytes().fold(0x5348_4f52_5431, |hash, byte| step(hash, u64::from(byte)));
    }
    core.cluster = mix(derive(&[hash, u64::from(letters)])) >> 11;
}

pub fn step(hash: u64, value: u64) -> u64 {
    (hash.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95)
}

enum Folded {
    /// A letter, in lower case.
    Letter(char),
    /// A digit, or a sign that belongs to a number.
    Digit,
    Nothing,
}

/// Lower case and kind of a character; the common alphabets without a look into the Unicode tables.
fn fold(c: char) -> Folded {
    match c {
        'a'..='z' | 'а'..='я' | 'ё' | '\u{4e00}'..='\u{9fff}' => Folded::Letter(c),
        'A'..='Z' => Folded::Letter(c.to_ascii_lowercase()),
        'А'..='Я' => Folded::Letter(char::from_u32(u32::from(c) + 32).unwrap_or(c)),
        // Another currency is another price.
        '0'..='9' | '$' | '%' | '£' | '¥' | '\u{20a0}'..='\u{20cf}' => Folded::Digit,
        _ if c.is_ascii() => Folded::Nothing,
        _ if c.is_alphabetic() => Folded::Letter(c.to_lowercase().next().unwrap_or(c)),
        _ if c.is_numeric() => Folded::Digit,
        _ => Folded::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_signs_do_not_make_a_cluster_but_currency_does() {
        let cluster = |text: &str| {
            let mut core = Core { text: text.to_owned(), ..Core::default() };
            key(&mut core);
            core.cluster
        };
        let base = "Selling fresh logs from Germany for 50$";
        assert_eq!(cluster(base), cluster("SELLING fresh logs — from Germany! for 50$"));
        assert_ne!(cluster(base), cluster("Selling fresh logs from Germany for 60$"));
        assert_ne!(cluster(base), cluster("Selling fresh logs from Germany for 50€"));
        let pair = "Selling fresh logs from Germany";
        assert_ne!(cluster(&format!("{pair} 5, 50 pcs")), cluster(&format!("{pair} 55, 0 pcs")));
        assert_ne!(cluster("ok"), cluster("OK"), "short texts fold only when identical");
    }
}
