//! Secrets made of digits: card numbers, identity numbers, and the tokens of Telegram bots, which begin with digits.

use super::{MASK, add};
use crate::model::Span;

/// Fewest digits that can make a card.
const FEWEST: usize = 13;

pub(super) fn cards_and_bots(text: &str, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    // Every card as printed, every bot and every identity has a group of four digits, which no probe of this step
    // can miss. Digits in smaller groups before it are a price or the number of the line.
    let mut probe = LEAST_GROUP - 1;
    while let Some(byte) = bytes.get(probe) {
        if !byte.is_ascii_digit() {
            probe += LEAST_GROUP;
            continue;
        }
        let before = bytes[..probe].iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let end = digits_end(bytes, probe);
        let start = probe - before;
        let end = if end - start < LEAST_GROUP { end } else { in_groups(text, (start, end), found) };
        // Neither `end` nor what is before it begins a group.
        probe = end + LEAST_GROUP;
    }
}

/// The first group of a card as printed has four digits; everything else has more.
const LEAST_GROUP: usize = 4;

/// Most groups of a card.
const MOST_GROUPS: usize = 5;

/// Looks at groups of digits with one space or hyphen between them, from `first` on; returns where they end. A card
/// may be any few of them in a row: a price often stands before it.
fn in_groups(text: &str, first: (usize, usize), found: &mut Vec<Span>) -> usize {
    let bytes = text.as_bytes();
    let mut groups = [first; MOST_GROUPS];
    let mut known = 1;
    let mut last = first;
    while known > 0 {
        while known < MOST_GROUPS
            && let Some(next) = next_group(bytes, last.1)
        {
            groups[known] = next;
            known += 1;
            last = next;
        }
        let mut done = 1;
        if matches!(groups[0].1 - groups[0].0, LEAST_GROUP | FEWEST..=19) {
            match (1..=known).rev().find(|count| card(text, &groups[..*count], found)) {
                Some(taken) => done = taken,
                None => chinese_identity(text, groups[0], found),
            }
        }
        groups.copy_within(done..known, 0);
        known -= done;
        if known == 0
            && let Some(next) = next_group(bytes, last.1)
        {
            groups[0] = next;
            known = 1;
            last = next;
        }
    }
    if (8..=10).contains(&(last.1 - last.0)) {
        bot_token(text, last.0, last.1, found);
    }
    last.1
}

/// The group of digits that goes on behind another one.
fn next_group(bytes: &[u8], end: usize) -> Option<(usize, usize)> {
    let joined = matches!(bytes.get(end), Some(b' ' | b'-')) && bytes.get(end + 1).is_some_and(u8::is_ascii_digit);
    joined.then(|| (end + 1, digits_end(bytes, end + 1)))
}

fn digits_end(bytes: &[u8], start: usize) -> usize {
    start + bytes[start..].iter().take_while(|b| b.is_ascii_digit()).count()
}

/// Whether the groups are a card's number; if so, its middle is added, and its security code.
fn card(text: &str, groups: &[(usize, usize)], found: &mut Vec<Span>) -> bool {
    let lengths = groups.iter().map(|(start, end)| end - start);
    let shape = match groups {
        [_] => lengths.clone().all(|length| (FEWEST..=19).contains(&length)),
        _ => SHAPES.iter().any(|shape| lengths.clone().eq(shape.iter().copied())),
    };
    let (start, end) = (groups[0].0, groups[groups.len() - 1].1);
    if !shape || !stands_alone(text, start, end) {
        return false;
    }
    let digits = digits(text, start, end);
    if !issuer(&digits) || !luhn(&digits) {
        return false;
    }
    add(text, digits[6].1, digits[digits.len() - 4].1, found);
    security_code(text, end, found);
    true
}

/// How cards are printed in groups.
const SHAPES: [&[usize]; 4] = [&[4, 4, 4, 4], &[4, 4, 4, 4, 3], &[4, 6, 5], &[4, 6, 4]];

/// The digits between two offsets with their places.
fn digits(text: &str, start: usize, end: usize) -> Vec<(u8, usize)> {
    (start..)
        .zip(text[start..end].bytes())
        .filter(|(_, byte)| byte.is_ascii_digit())
        .map(|(at, byte)| (byte - b'0', at))
        .collect()
}

fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    // An ideograph or a Cyrillic word may touch a number; a Latin letter makes it part of an address or a hash.
    !before.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '/' | MASK))
        && !after.is_some_and(|c| c.is_ascii_alphabetic() && c != 'X' && c != 'x' || c == '_' || c == MASK)
}

/// Ranges of the card networks by length (ISO/IEC 7812 registrations as published by the networks).
fn issuer(digits: &[(u8, usize)]) -> bool {
    let first = digits[..4].iter().fold(0u32, |number, (digit, _)| number * 10 + u32::from(*digit));
    match digits.len() {
        16 => {
            matches!(first, 4000..=4999 | 5100..=5599 | 2221..=2720 | 2200..=2204 | 6011 | 6440..=6599 | 3528..=3589 | 6200..=6299 | 5018 | 5020 | 5038 | 6304 | 6759..=6763)
        }
        15 => matches!(first, 3400..=3499 | 3700..=3799),
        14 => matches!(first, 3000..=3059 | 3600..=3699 | 3800..=3999),
        17..=19 => matches!(first, 6200..=6299),
        _ => false,
    }
}

fn luhn(digits: &[(u8, usize)]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, (digit, _))| match (place % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// The three or four digits after a card's date: `…|12|26|123`.
fn security_code(text: &str, end: usize, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut at = end;
    let mut fields = Vec::new();
    while fields.len() < 3 {
        let Some(b'|' | b'/' | b':' | b';' | b' ') = bytes.get(at) else {
            break;
        };
        let digits = bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if !(1..=4).contains(&digits) {
            break;
        }
        fields.push((at + 1, digits));
        at += 1 + digits;
    }
    // Month, year, code; or month and year in one, then the code.
    if let [(_, 1..=2), (_, 2 | 4), (start, length @ 3..=4)] | [(_, 4), (start, length @ 3..=4)] = fields[..] {
        add(text, start, start + length, found);
    }
}

/// Eighteen characters with region, birthday and check digit (GB 11643-1999). The last four stay.
fn chinese_identity(text: &str, (start, end): (usize, usize), found: &mut Vec<Span>) {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if !matches!(end - start, 17 | 18) || !stands_alone(text, start, end) {
        return;
    }
    let digits = digits(text, start, end);
    let check = match digits.get(17) {
        Some((digit, _)) => u32::from(*digit),
        None if matches!(text.as_bytes().get(end), Some(b'X' | b'x')) => 10,
        None => return,
    };
    let number =
        |range: std::ops::Range<usize>| digits[range].iter().fold(0u32, |sum, (digit, _)| sum * 10 + u32::from(*digit));
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|((digit, _), weight)| u32::from(*digit) * weight).sum();
    let expected = (12 - sum % 11) % 11;
    let birthday = (1900..2100).contains(&number(6..10))
        && (1..=12).contains(&number(10..12))
        && (1..=31).contains(&number(12..14));
    if check == expected && birthday && digits[0].0 > 0 {
        add(text, digits[0].1, digits[14].1, found);
    }
}

/// A bot's number, a colon, and 35 characters.
fn bot_token(text: &str, start: usize, end: usize, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    if bytes.get(end) != Some(&b':')
        || text[..start].chars().next_back().is_some_and(|c| c.is_ascii_alphanumeric() && c != 't')
    {
        return;
    }
    let length =
        bytes[end + 1..].iter().take(36).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
    if length == 35 {
        add(text, end + 1, end + 1 + length, found);
    }
}

/// A number of nine digits or more right after `SSN`, `паспорт` and the like; the last two stay.
pub(super) fn after_identity_word(text: &str, end: usize, found: &mut Vec<Span>) {
    let near = text[end..].char_indices().take(16).find(|(_, c)| c.is_ascii_digit() || *c == '\n');
    let Some((offset, _)) = near.filter(|(_, c)| *c != '\n') else {
        return;
    };
    let start = end + offset;
    let mut digits = Vec::new();
    for (at, byte) in (start..).zip(text[start..].bytes()) {
        match byte {
            b'0'..=b'9' => digits.push(at),
            b' ' | b'-' if text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_digit) => {}
            _ => break,
        }
        if digits.len() > 11 {
            return;
        }
    }
    if (9..=11).contains(&digits.len()) {
        add(text, start, digits[digits.len() - 2], found);
    }
}
