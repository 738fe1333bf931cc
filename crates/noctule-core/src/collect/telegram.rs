//! What the formats of Telegram have in common: forms of ids, and which quotes are not the author's words.

use crate::model::Span;

/// The bare id of a chat in any of its forms: `-1001234567890` and `1234567890` are the same channel, `-42` and
/// `42` the same group. The Bot API's form is minus a million million minus the id, so `-1000123456789` is the
/// channel 123456789.
pub(super) fn bare_id(id: &str) -> Option<u64> {
    let id: i64 = id.trim().parse().ok()?;
    let positive = id.unsigned_abs();
    match id {
        0 => None,
        1.. => Some(positive),
        _ => Some(positive.checked_sub(1_000_000_000_000).filter(|bare| *bare > 0).unwrap_or(positive)),
    }
}

/// `user123`, `channel123` or `chat123`; old exports write a user's bare number, other programs a chat's negative one.
pub(super) fn author_id(id: String) -> String {
    match id.parse::<i64>() {
        Err(_) => id,
        Ok(number) if number >= 0 => format!("user{number}"),
        Ok(number) => {
            let prefix = if number < -1_000_000_000_000 { "channel" } else { "chat" };
            format!("{prefix}{}", bare_id(&id).unwrap_or(number.unsigned_abs()))
        }
    }
}

/// The block quotes at the start of a text, if the author's own words follow them. `quotes` is ascending.
pub(super) fn leading_quotes(text: &str, quotes: &[Span]) -> Vec<Span> {
    let mut leading = Vec::new();
    let mut end = 0;
    for quote in quotes {
        if (quote.start as usize) < end || !text[end..quote.start as usize].trim().is_empty() {
            break;
        }
        end = quote.end as usize;
        if quote.start < quote.end {
            leading.push(*quote);
        }
    }
    if text[end..].trim().is_empty() { Vec::new() } else { leading }
}

/// The byte offset in `text` of an offset in UTF-16 units, as Telegram counts; `None` beyond the end or within a
/// character.
pub(super) fn from_utf16(text: &str, offset: u64) -> Option<usize> {
    let mut units = 0;
    for (at, letter) in text.char_indices() {
        if units >= offset {
            return (units == offset).then_some(at);
        }
        units += letter.len_utf16() as u64;
    }
    (units == offset).then_some(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_chat_id() {
        for (written, bare) in [
            ("1234567890", Some(1234567890)),
            ("-1001234567890", Some(1234567890)),
            ("-1000123456789", Some(123456789)),
            ("-42", Some(42)),
            ("-100", Some(100)),
            ("0", None),
            ("channel", None),
        ] {
            assert_eq!(bare_id(written), bare, "{written}");
        }
    }

    #[test]
    fn offsets_in_utf16() {
        let text = "a🦇я.";
        let found: Vec<_> = (0..7).map(|offset| from_utf16(text, offset)).collect();
        assert_eq!(found, [Some(0), Some(1), None, Some(5), Some(7), Some(8), None]);
    }
}
