//! Numbers of accounts, of the makers of cards, and of telephones.

use std::ops::Range;

use super::finds::{apart, word_before};

/// Lengths of account numbers by country: SWIFT's IBAN registry.
const IBAN_LENGTHS: &str = "\
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 \
    DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 \
    GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 \
    LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 \
    PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 \
    SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30";

/// The account number whose check digits begin at `run`: ISO 13616, with single spaces as printed.
pub(super) fn iban(bytes: &[u8], run: Range<usize>) -> Option<(String, Range<usize>)> {
    let start = run.start.checked_sub(2)?;
    let country = &bytes[start..run.start];
    if run.len() < 2 || !country.iter().all(u8::is_ascii_uppercase) || !apart(start.checked_sub(1).map(|at| &bytes[at]))
    {
        return None;
    }
    let entry = IBAN_LENGTHS.split(' ').find(|entry| entry.as_bytes().starts_with(country))?;
    let length: usize = entry[country.len()..].parse().ok()?;
    let mut value = String::with_capacity(length);
    let mut at = start;
    while value.len() < length {
        match bytes.get(at) {
            Some(byte) if byte.is_ascii_alphanumeric() => value.push(byte.to_ascii_uppercase() as char),
            Some(b' ') if bytes[at - 1] != b' ' => {}
            _ => return None,
        }
        at += 1;
    }
    (apart(bytes.get(at)) && mod_97(&value) == 1).then_some((value, start..at))
}

/// The remainder of ISO 7064 MOD 97-10 with the first four characters at the end.
fn mod_97(iban: &str) -> u32 {
    iban[4..].bytes().chain(iban[..4].bytes()).fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte - b'A') + 10) % 97,
    })
}

/// Reads lists of the first digits of cards.
#[derive(Default)]
pub(super) struct Bins {
    /// The end of the last one.
    last: Option<usize>,
}

impl Bins {
    /// Whether six to eight digits are the first of a card: beside the word, or next in such a list.
    pub(super) fn reads(&mut self, text: &str, run: Range<usize>) -> bool {
        let bytes = text.as_bytes();
        // ISO 7812: banks and shops; a card beginning with 9, 8, 7, 1 or 0 is none of a payment network.
        let alone = apart(run.start.checked_sub(1).map(|at| &bytes[at])) && apart(bytes.get(run.end));
        if !alone || !(b'2'..=b'6').contains(&bytes[run.start]) {
            return false;
        }
        let listed = self.last.is_some_and(|last| {
            run.start - last <= 3
                && bytes[last..run.start].iter().all(|b| matches!(b, b' ' | b',' | b';' | b'/' | b'|' | b'\n'))
        });
        let named = listed || word_before(text, run.start, 16, &["bin", "bins", "бин", "бины", "卡头", "卡bin"]);
        if named {
            self.last = Some(run.end);
        }
        named
    }
}

/// Country codes of two digits; those of three begin as below. ITU-T E.164, list of assigned codes.
const TWO: &str = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98";
const THREE: &str = "21 22 23 24 25 26 29 35 37 38 42 50 59 67 68 69 80 85 87 88 96 97 99";

/// How many digits a number of this beginning has: the fewest and the most.
fn phone_length(digits: &[u8]) -> Option<(usize, usize)> {
    Some(match digits {
        [b'1' | b'7', ..] => (11, 11),
        [b'8', b'6', ..] => (12, 13),
        [b'3', b'8', b'0', ..] | [b'3', b'7', b'5', ..] | [b'9', b'9', b'8', ..] => (12, 12),
        [one, two, ..]
            if [TWO, THREE].iter().any(|codes| codes.split(' ').any(|code| code.as_bytes() == [*one, *two])) =>
        {
            (9, 14)
        }
        _ => return None,
    })
}

/// The telephone number whose first digit, behind a `+`, is at `start`; its value is E.164.
pub(super) fn phone(bytes: &[u8], start: usize) -> Option<(String, Range<usize>)> {
    let (_, most) = phone_length(&bytes[start..])?;
    if !apart(start.checked_sub(2).map(|at| &bytes[at])) {
        return None;
    }
    let mut value = String::from("+");
    let (mut at, mut end) = (start, start);
    let mut gap = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => {
                // A number as long as most are ends where a space is.
                if value.len() > most || gap > 0 && value.len() > 11 && bytes[at - gap] == b' ' {
                    break;
                }
                value.push(*byte as char);
                gap = 0;
                end = at + 1;
            }
            b' ' | b'-' | b'(' | b')' | b'.' if gap < 2 => gap += 1,
            _ => break,
        }
        at += 1;
    }
    let (fewest, most) = phone_length(&value.as_bytes()[1..])?;
    // Digits that go on, or a sign of money, make it an amount.
    let amount = bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'$' | b'%'));
    let sum = bytes[start..end].contains(&b'.') && bytes[start..end].iter().filter(|b| **b == b'.').count() < 2;
    ((fewest..=most).contains(&(value.len() - 1)) && !amount && !sum).then_some((value, start - 1..end))
}
