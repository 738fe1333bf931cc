//! Character references: `&amp;`, `&#1075;`, `&#x433;`, as browsers read them, broken ones included.

use std::borrow::Cow;

use super::entity_names::{NAMED, WITHOUT_SEMICOLON};

/// Longer names and numbers are in no table; looking no further keeps the time linear.
const MAX_NAME: usize = 40;

/// Where a reference stands: in an attribute `&copy=1` is a parameter and not a sign.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Place {
    Text,
    Attribute,
}

/// The text with its references decoded.
pub fn decode(raw: &str, place: Place) -> Cow<'_, str> {
    let Some(mut at) = memchr::memchr(b'&', raw.as_bytes()) else {
        return Cow::Borrowed(raw);
    };
    let mut out = String::with_capacity(raw.len());
    out.push_str(&raw[..at]);
    while at < raw.len() {
        let rest = &raw[at..];
        match reference(rest, place) {
            Some((decoded, length)) => {
                out.push(decoded);
                at += length;
            }
            None => {
                out.push('&');
                at += 1;
            }
        }
        let next = memchr::memchr(b'&', &raw.as_bytes()[at..]).map_or(raw.len(), |found| at + found);
        out.push_str(&raw[at..next]);
        at = next;
    }
    Cow::Owned(out)
}

/// The character that `text`, which starts with `&`, stands for, and how many bytes name it.
pub fn reference(text: &str, place: Place) -> Option<(char, usize)> {
    let bytes = text.as_bytes();
    if bytes.get(1) == Some(&b'#') {
        return numeric(bytes);
    }
    let name = bytes[1..].iter().take(MAX_NAME).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    if name == 0 {
        return None;
    }
    let word = &text[1..=name];
    let after = bytes.get(1 + name);
    if after == Some(&b';')
        && let Some(found) = named(word)
    {
        return Some((found, name + 2));
    }
    // The longest name that may stand without a semicolon; `&notit` is `¬it`.
    let longest = (2..=name.min(6)).rev().find(|&length| WITHOUT_SEMICOLON.binary_search(&&word[..length]).is_ok())?;
    let follows = bytes.get(1 + longest).copied().unwrap_or(b' ');
    if place == Place::Attribute && (follows == b'=' || follows.is_ascii_alphanumeric()) {
        return None;
    }
    Some((named(&word[..longest])?, longest + 1))
}

fn named(word: &str) -> Option<char> {
    let at = NAMED.binary_search_by(|(name, _)| (*name).cmp(word)).ok()?;
    char::from_u32(NAMED[at].1)
}

/// A number out of range or of no character is U+FFFD; 128 to 159 mean what they mean in windows-1252.
fn numeric(bytes: &[u8]) -> Option<(char, usize)> {
    let hexadecimal = matches!(bytes.get(2), Some(b'x' | b'X'));
    let (start, radix) = if hexadecimal { (3, 16) } else { (2, 10) };
    let mut value = 0u32;
    let mut at = start;
    while let Some(digit) = bytes.get(at).and_then(|byte| char::from(*byte).to_digit(radix)) {
        // Saturated well above the last code point, however many digits follow.
        value = (value * radix + digit).min(0x20_0000);
        at += 1;
    }
    if at == start {
        return None;
    }
    let length = at + usize::from(bytes.get(at) == Some(&b';'));
    let value = match value {
        0x80..=0x9F => WINDOWS_1252[value as usize - 0x80],
        _ => value,
    };
    Some((char::from_u32(value).filter(|c| *c != '\0').unwrap_or('\u{FFFD}'), length))
}

#[rustfmt::skip]
static WINDOWS_1252: [u32; 32] = [
    0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F,
    0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_in_text() {
        for (raw, decoded) in [
            ("a &amp; b", "a & b"),
            ("&lt;b&gt; &quot;x&quot; &apos;y&apos;", "<b> \"x\" 'y'"),
            ("user&commat;mail&period;example", "user@mail.example"),
            ("&#1075;&#x430;&#X440;", "гар"),
            ("&#1075&#1072", "га"),
            ("&#147;q&#148;", "“q”"),
            ("&#0; &#xD800; &#x110000; &#99999999999999999999;", "\u{FFFD} \u{FFFD} \u{FFFD} \u{FFFD}"),
            ("&copy 2021 &notit; &nosuch; &; &# &#x", "© 2021 ¬it; &nosuch; &; &# &#x"),
            ("&Acy;&bcy;", "Аб"),
            ("&&amp;&", "&&&"),
        ] {
            assert_eq!(decode(raw, Place::Text), decoded, "{raw}");
        }
    }

    #[test]
    fn parameters_in_attributes() {
        assert_eq!(decode("?a=1&copy=2&amp;lt=3&reg;", Place::Attribute), "?a=1&copy=2&lt=3®");
        assert_eq!(decode("?a=1&copy=2", Place::Text), "?a=1©=2");
    }

    #[test]
    fn the_tables_are_sorted() {
        assert!(NAMED.is_sorted_by(|a, b| a.0 < b.0));
        assert!(WITHOUT_SEMICOLON.is_sorted());
        assert!(WITHOUT_SEMICOLON.iter().all(|name| named(name).is_some()));
    }
}
