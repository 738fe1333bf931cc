//! Amounts of money.
//!
//! # What it finds
//! `$750`, `750 usd`, `5к$`, `от 100 т.р.`, `0.05 btc`, `两千U`, `3.5w u`, `1 500 руб`, `1.500,00 €`, `rp 50.000`:
//! a decimal amount and an ISO 4217 or coin code. Both ends of a range are amounts.
//!
//! # How
//! Each number is read with its thousands separators and multiplier; the currency stands before it or behind it.
//! A number without a currency is no price. `u` counts as USDT, `w` and 万 as ten thousand, only beside Chinese.
//!
//! # Where it is wrong
//! A balance, a limit or a salary with a currency is an amount like any other. `1.500 $` is read as 1500, as most of
//! the world writes it. Amounts in words ("five hundred") are missed, Chinese ones up to 万 are read.

mod units;

use std::borrow::Cow;

use units::{currency_after, currency_before, multiplier};

use super::Detector;
use super::letters::is_letter;
use super::scene::{self, Scene};
use crate::lexicon::unspaced;
use crate::model::{Price, Verdict};

pub(super) struct PriceDetector;

/// More amounts than this are a price list; the rest adds nothing.
const MOST_PRICES: usize = 64;

impl Detector for PriceDetector {
    fn name(&self) -> &'static str {
        "price"
    }

    fn about(&self) -> &'static str {
        "amounts of money with their currency"
    }

    crate::documented!();

    fn scan(&self, scene: &Scene<'_>, verdict: &mut Verdict) {
        let text = scene.text;
        let bytes = text.as_bytes();
        let mut chinese = None;
        let mut pending: Option<Amount<'_>> = None;
        let mut at = 0;
        while verdict.deal.prices.len() < MOST_PRICES {
            let Some(next) = next_number(bytes, at) else { return };
            at = next;
            let byte = bytes[at];
            let amount = if byte.is_ascii_digit() {
                let number = number_at(text, at);
                at = number.end.max(at + 1);
                if !stands_alone(text, number.start) {
                    continue;
                }
                let chinese = *chinese.get_or_insert_with(|| scene::chinese(text));
                Amount::read(text, number, chinese)
            } else {
                match begins_chinese_number(bytes, at).then(|| chinese_number(text, at)).flatten() {
                    Some((value, end)) => {
                        let number = Number { start: at, end, digits: value.to_string().into(), decimals: 0 };
                        at = end;
                        Amount::read(text, number, true).filter(|amount| amount.currency.is_some())
                    }
                    None => {
                        at += 3;
                        continue;
                    }
                }
            };
            let Some(amount) = amount else {
                pending = None;
                continue;
            };
            at = at.max(amount.end);
            if let Some(currency) = amount.currency {
                if let Some(first) = pending.take()
                    && is_range(&text[first.end..amount.start])
                {
                    verdict.deal.prices.push(first.price(scene, currency));
                }
                verdict.deal.prices.push(amount.price(scene, currency));
            } else {
                pending = Some(amount);
            }
        }
    }
}

/// The place of the next ASCII digit or first byte of what may be a Chinese numeral.
fn next_number(bytes: &[u8], from: usize) -> Option<usize> {
    let (words, rest) = bytes[from..].as_chunks::<8>();
    for (n, word) in words.iter().enumerate() {
        let begins = begins_number(u64::from_le_bytes(*word));
        if begins != 0 {
            return Some(from + 8 * n + begins.trailing_zeros() as usize / 8);
        }
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let begins = begins_number(u64::from_le_bytes(last));
    (begins != 0).then(|| bytes.len() - rest.len() + begins.trailing_zeros() as usize / 8)
}

/// The highest bit of each of eight bytes that is an ASCII digit or `0xE4` to `0xE9`.
fn begins_number(word: u64) -> u64 {
    const ALL: u64 = 0x0101_0101_0101_0101;
    let low = word & (0x7F * ALL);
    // Adding what is missing to 0x80 sets the highest bit of bytes that reach a limit, and carries into none.
    let between = |from: u64, to: u64| (low + (0x80 - from) * ALL) & !(low + (0x80 - to) * ALL);
    let digit = between(0x30, 0x3A) & !word;
    let numeral = between(0x64, 0x6A) & word;
    (digit | numeral) & (0x80 * ALL)
}

/// Whether a Chinese numeral stands at `at`.
fn begins_chinese_number(bytes: &[u8], at: usize) -> bool {
    // The characters that `chinese_number` reads, of three bytes each.
    matches!(
        bytes[at..],
        [0xE4, 0xB8, 0x80 | 0x83 | 0x87 | 0x89 | 0xA4, ..]
            | [0xE4, 0xB9, 0x9D, ..]
            | [0xE4, 0xBA, 0x8C | 0x94, ..]
            | [0xE5, 0x85, 0xAB | 0xAD, ..]
            | [0xE5, 0x8D, 0x81 | 0x83, ..]
            | [0xE5, 0x9B, 0x9B, ..]
            | [0xE7, 0x99, 0xBE, ..]
            | [0xE9, 0x9B, 0xB6, ..]
    )
}

/// A number as written: digits without separators, and how many of them are decimals.
pub(super) struct Number<'t> {
    pub start: usize,
    pub end: usize,
    /// Borrowed from the text unless there are separators in it.
    digits: Cow<'t, str>,
    decimals: usize,
}

impl Number<'_> {
    pub fn value(&self) -> f64 {
        decimal(&self.digits, self.decimals as i32).parse().unwrap_or(0.0)
    }
}

/// Longest number that is read; longer runs of digits are phone numbers, hashes, spam.
const MOST_DIGITS: usize = 24;

/// Reads a number from its first digit on. Separators are told apart by what follows: three digits, or others.
fn number_at(text: &str, start: usize) -> Number<'_> {
    let bytes = text.as_bytes();
    let digits_from = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = start + digits_from(start);
    let mut digits = Cow::Borrowed(&text[start..end]);
    if !matches!(bytes.get(end), Some(b',' | b'.' | b' ' | b'\'' | 0xC2)) {
        return Number { start, end, digits, decimals: 0 };
    }
    let mut decimals = 0;
    let leading = digits.len();
    let grouped = leading <= 3 && digits != "0";
    let mut separator = None;
    while digits.len() <= MOST_DIGITS && end < bytes.len() {
        let (mark, width) = match bytes[end] {
            mark @ (b',' | b'.' | b' ' | b'\'') => (mark, 1),
            0xC2 if bytes.get(end + 1) == Some(&0xA0) => (b' ', 2),
            _ => break,
        };
        let run = digits_from(end + width);
        let thousands = run == 3 && grouped && decimals == 0 && separator.is_none_or(|s| s == mark);
        // "1.500" is one and a half thousand; "1.50" and "0.500" have decimals.
        if thousands {
            separator = Some(mark);
        } else if matches!(mark, b',' | b'.') && (1..=8).contains(&run) && decimals == 0 && separator != Some(mark) {
            decimals = run;
        } else {
            break;
        }
        digits.to_mut().push_str(&text[end + width..end + width + run]);
        end += width + run;
        if decimals > 0 {
            break;
        }
    }
    Number { start, end, digits, decimals }
}

/// Reads a number backwards from its end, spaces before `end` left out: for percentages.
pub(super) fn number_before(text: &str, end: usize) -> Option<Number<'_>> {
    let end = text[..end].trim_end_matches([' ', '\u{a0}']).len();
    let bytes = text.as_bytes();
    let mut start = end;
    let mut decimals = None;
    while start > 0 && end - start < MOST_DIGITS {
        match bytes[start - 1] {
            b'0'..=b'9' => start -= 1,
            b',' | b'.' if decimals.is_none() && start < end && start > 1 && bytes[start - 2].is_ascii_digit() => {
                decimals = Some(end - start);
                start -= 1;
            }
            _ => break,
        }
    }
    let digits: String = text[start..end].chars().filter(char::is_ascii_digit).collect();
    (!digits.is_empty()).then(|| Number { start, end, digits: digits.into(), decimals: decimals.unwrap_or(0) })
}

/// A number with its multiplier and, when there is one, its currency.
struct Amount<'t> {
    start: usize,
    end: usize,
    digits: Cow<'t, str>,
    /// Decimals less the zeros of the multiplier; below zero means zeros to append.
    decimals: i32,
    currency: Option<&'static str>,
}

impl<'t> Amount<'t> {
    /// `None` for a percentage.
    fn read(text: &str, number: Number<'t>, chinese: bool) -> Option<Self> {
        let (zeros, after_multiplier) = multiplier(text, number.end, chinese);
        let mut end = after_multiplier;
        let mut start = number.start;
        let mut currency = None;
        if let Some((code, to)) = currency_after(text, end, chinese) {
            (currency, end) = (Some(code), to);
        } else if let Some((code, from)) = currency_before(text, number.start) {
            (currency, start) = (Some(code), from);
        }
        // A letter or digit is most of what follows, and cheap to tell.
        let percent = |behind: &str| {
            !behind.starts_with(|c: char| c.is_ascii_alphanumeric()) && behind.trim_start().starts_with(['%', '％'])
        };
        if currency.is_none() && percent(&text[end..]) {
            return None;
        }
        Some(Self { start, end, digits: number.digits, decimals: number.decimals as i32 - zeros, currency })
    }

    fn price(&self, scene: &Scene<'_>, currency: &'static str) -> Price {
        Price {
            amount: decimal(&self.digits, self.decimals),
            currency,
            span: scene.raw_span(self.start as u32, self.end as u32),
        }
    }
}

/// Writes digits with so many decimals, without superfluous zeros.
fn decimal(digits: &str, decimals: i32) -> String {
    let digits = digits.trim_start_matches('0');
    let zeros = decimals.unsigned_abs() as usize;
    let mut out = String::with_capacity(digits.len() + zeros + 2);
    if digits.is_empty() {
        out.push('0');
    } else if decimals <= 0 {
        out.push_str(digits);
        out.extend(std::iter::repeat_n('0', zeros));
    } else {
        let (whole, part) = digits.split_at(digits.len().saturating_sub(zeros));
        out.push_str(if whole.is_empty() { "0" } else { whole });
        out.push('.');
        out.extend(std::iter::repeat_n('0', zeros - part.len()));
        out.push_str(part);
        out.truncate(out.trim_end_matches('0').trim_end_matches('.').len());
    }
    out
}

/// A number that goes on from a word, a version, a date or a handle is none ("v1.5", "2021-10", "@x7").
fn stands_alone(text: &str, start: usize) -> bool {
    let Some(last) = start.checked_sub(1).map(|last| text.as_bytes()[last]) else { return true };
    // "usd500", "btc0.1": letters are allowed when they are a currency.
    match last {
        b'_' | b'@' | b'#' | b'/' | b'.' | b',' => false,
        b'a'..=b'z' | b'A'..=b'Z' => currency_before(text, start).is_some(),
        0..0x80 => true,
        _ => match text[..start].chars().next_back() {
            Some(c) if !unspaced(c) && is_letter(c) => currency_before(text, start).is_some(),
            _ => true,
        },
    }
}

fn is_range(gap: &str) -> bool {
    matches!(gap.trim(), "-" | "–" | "—" | "~" | "/" | "to" | "до" | "bis" | "到" | "至")
}

/// Reads 两千, 五百, 三万五: a number in Chinese numerals of at most eight characters.
fn chinese_number(text: &str, start: usize) -> Option<(u64, usize)> {
    let (mut total, mut section, mut digit) = (0u64, 0u64, 0u64);
    let mut end = start;
    let mut last_unit = 1;
    for (at, c) in text[start..].char_indices().take(8) {
        let value = match c {
            '零' => 0,
            '一' => 1,
            '二' | '两' => 2,
            '三' => 3,
            '四' => 4,
            '五' => 5,
            '六' => 6,
            '七' => 7,
            '八' => 8,
            '九' => 9,
            '十' | '百' | '千' | '万' => {
                let unit = match c {
                    '十' => 10,
                    '百' => 100,
                    '千' => 1_000,
                    _ => 10_000,
                };
                last_unit = unit;
                if unit == 10_000 {
                    total += (section + digit).max(1) * unit;
                    section = 0;
                } else {
                    section += digit.max(1) * unit;
                }
                digit = 0;
                end = start + at + c.len_utf8();
                continue;
            }
            _ => break,
        };
        digit = value;
        end = start + at + c.len_utf8();
    }
    if end == start {
        return None;
    }
    // "三万五" is 35,000: a digit behind a unit counts tenths of it.
    let value = total + section + if last_unit > 1 { digit * (last_unit / 10).max(1) } else { digit };
    Some((value, end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_digits() {
        for (digits, decimals, written) in [
            ("750", 0, "750"),
            ("77", -2, "7700"),
            ("005", 2, "0.05"),
            ("150", 2, "1.5"),
            ("0", 0, "0"),
            ("1500", 2, "15"),
        ] {
            assert_eq!(decimal(digits, decimals), written);
        }
    }

    #[test]
    fn chinese_numerals() {
        for (text, value) in [("两千u", 2000), ("五百", 500), ("三万五", 35_000), ("十五", 15), ("一千二", 1200)]
        {
            assert_eq!(chinese_number(text, 0).map(|n| n.0), Some(value), "{text}");
        }
    }
}
