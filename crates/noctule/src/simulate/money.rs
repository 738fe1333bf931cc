//! Prices, fees and counts as they are written in a language.

use super::people;
use super::phrases::{Book, Lang, Segment};
use super::prices;
use super::rng::Rng;

/// Writes a price in one of the ways of the language, and gives its currency.
pub fn push_price(out: &mut String, book: &Book, money: u16, dollars: u32, rng: &mut Rng) -> &'static str {
    let number = |out: &mut String| people::push_number(out, u64::from(dollars));
    match rng.below(10) {
        0 | 1 => {
            number(out);
            out.push_str(" usdt");
            "USDT"
        }
        2 if dollars >= 400 => {
            // A coin at thirty thousand dollars, to four places.
            let parts = u64::from(dollars) * 10_000 / 30_000;
            people::push_number(out, parts / 10_000);
            out.push('.');
            out.push_str(["", "0", "00", "000"][(4 - (parts % 10_000).to_string().len()).min(3)]);
            people::push_number(out, parts % 10_000);
            out.push_str(" BTC");
            "BTC"
        }
        3 | 4 => {
            number(out);
            out.push('$');
            "USD"
        }
        5 if dollars >= 1000 => {
            out.push('$');
            people::push_number(out, u64::from(dollars / 1000));
            out.push(',');
            let rest = dollars % 1000;
            out.push_str(if rest < 10 {
                "00"
            } else if rest < 100 {
                "0"
            } else {
                ""
            });
            people::push_number(out, u64::from(rest));
            "USD"
        }
        6..=8 => {
            let section = book.section(money);
            let amount = prices::round(
                (u64::from(dollars) * u64::from(section.rate) / 1000).min(u64::from(u32::MAX / 8)) as u32,
            );
            for segment in &rng.pick(&section.lines)[0] {
                let Segment::Text(text) = segment else { continue };
                for c in text.chars() {
                    match c {
                        '¤' => people::push_number(out, u64::from(amount)),
                        '~' => people::push_number(out, u64::from((amount + 500) / 1000).max(1)),
                        c => out.push(c),
                    }
                }
            }
            "local"
        }
        _ => {
            out.push('$');
            number(out);
            "USD"
        }
    }
}

/// The signs of a book's `units`: thousand, million, decimals.
pub fn units(book: &Book, section: u16) -> [Box<str>; 3] {
    let forms = &book.section(section).lines[0];
    std::array::from_fn(|form| match forms.get(form).map(|phrase| &phrase[..]) {
        Some([Segment::Text(text)]) => text.clone(),
        _ => ["k", "M", "."][form].into(),
    })
}

/// A fee between 3 and 15 percent, as published rules have it.
pub fn push_percent(out: &mut String, lang: Lang, rng: &mut Rng) {
    let low = rng.between(3, 12);
    out.push_str(if lang == Lang::Tr { "%" } else { "" });
    people::push_number(out, u64::from(low));
    if rng.chance(200) {
        out.push('-');
        people::push_number(out, u64::from(rng.between(low + 1, 15)));
    }
    out.push_str(if lang == Lang::Tr { "" } else { "%" });
}

pub fn push_count(out: &mut String, lang: Lang, units: &[Box<str>; 3], rng: &mut Rng) {
    let value = u64::from(rng.between(11, 99));
    match rng.below(3) {
        0 => {
            people::push_number(out, value);
            out.push_str(["00", "000"][rng.below(2) as usize]);
        }
        1 => {
            people::push_number(out, value * if lang == Lang::Zh { 5 } else { 10 });
            out.push_str(&units[0]);
        }
        _ => {
            people::push_number(out, value / 10);
            out.push_str(&units[2]);
            people::push_number(out, value % 10);
            out.push_str(&units[1]);
        }
    }
}
