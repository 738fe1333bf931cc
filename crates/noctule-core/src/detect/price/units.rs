//! Multipliers and currencies as people write them: the tables behind prices.

use super::super::letters::{is_letter, is_letter_or_number};
use crate::lexicon::unspaced;

/// The places of a table's marks by a byte at their start or end, in the table's order: most bytes begin none, and
/// that is then one look instead of a hundred comparisons.
struct Chains<const N: usize> {
    /// The first place, plus one, by byte.
    head: [u8; 256],
    /// The place after each, plus one.
    next: [u8; N],
}

const fn chains<const N: usize, T>(table: &[(&str, T)], by_last: bool) -> Chains<N> {
    assert!(N < 255 && table.len() == N, "places have to fit into a byte");
    let mut chains = Chains { head: [0; 256], next: [0; N] };
    let mut place = N;
    while place > 0 {
        place -= 1;
        let mark = table[place].0.as_bytes();
        let byte = if by_last { mark[mark.len() - 1] as usize } else { telling_byte(mark) as usize };
        chains.next[place] = chains.head[byte];
        chains.head[byte] = place as u8 + 1;
    }
    chains
}

impl<const N: usize> Chains<N> {
    fn of<'t, T>(&self, byte: u8, table: &'t [(&'static str, T)]) -> impl Iterator<Item = &'t (&'static str, T)> {
        let mut place = self.head[usize::from(byte)];
        std::iter::from_fn(move || {
            let here = usize::from(place.checked_sub(1)?);
            place = self.next[here];
            Some(&table[here])
        })
    }
}

/// The first byte, or the second of a longer character: all Cyrillic letters have one of two first bytes.
const fn telling_byte(bytes: &[u8]) -> u8 {
    match bytes {
        [] => 0,
        [first, second, ..] if !first.is_ascii() => *second,
        [first, ..] => *first,
    }
}

/// The power of ten a multiplier stands for, and where it ends.
pub(super) fn multiplier(text: &str, from: usize, chinese: bool) -> (i32, usize) {
    static BY_FIRST: Chains<{ MULTIPLIERS.len() }> = chains(MULTIPLIERS, false);
    const MULTIPLIERS: &[(&str, i32)] = &[
        ("kk", 6),
        ("кк", 6),
        ("k", 3),
        ("к", 3),
        ("т.р", 3),
        ("тыс", 3),
        ("тыщ", 3),
        ("т", 3),
        ("ribu", 3),
        ("rb", 3),
        ("thousand", 3),
        ("tsd", 3),
        ("mil", 3),
        ("grand", 3),
        ("mln", 6),
        ("млн", 6),
        ("лям", 6),
        ("million", 6),
        ("mio", 6),
        ("jt", 6),
        ("juta", 6),
        ("m", 6),
        ("м", 6),
        ("lakh", 5),
        ("万", 4),
        ("萬", 4),
        ("w", 4),
        ("千", 3),
        ("百", 2),
    ];
    let rest = &text[from..];
    let word = rest.strip_prefix(' ').unwrap_or(rest);
    let gap = word.len() < rest.len();
    for &(mark, zeros) in BY_FIRST.of(telling_byte(word.as_bytes()), MULTIPLIERS) {
        let Some(behind) = word.strip_prefix(mark) else { continue };
        let only_chinese = matches!(mark, "w" | "万" | "萬" | "千" | "百");
        let one_letter = mark.chars().count() == 1 && !only_chinese;
        if (only_chinese && !chinese) || (one_letter && gap && mark != "к" && mark != "т" && mark != "k") {
            continue;
        }
        // "rb" and "т.р" are multiplier and currency in one; the currency is read again behind the number.
        if mark == "т.р" || mark == "rb" || mark == "jt" || mark == "juta" || mark == "ribu" {
            return (zeros, from);
        }
        let ends = word_ends(behind) || currency_after(text, text.len() - behind.len(), chinese).is_some();
        if ends || mark == "тыс" || only_chinese {
            let behind = behind.strip_prefix('.').filter(|_| mark.len() > 2).unwrap_or(behind);
            let behind = behind.strip_prefix("яч").map_or(behind, |b| b.trim_start_matches(['а', 'и']));
            return (zeros, text.len() - behind.len());
        }
    }
    (0, from)
}

fn word_ends(behind: &str) -> bool {
    !behind.chars().next().is_some_and(|c| !unspaced(c) && is_letter_or_number(c))
}

/// Currencies behind a number, longest first where one begins with another.
const AFTER: &[(&str, &str)] = &[
    ("usdt", "USDT"),
    ("usdc", "USDC"),
    ("usd", "USD"),
    ("us$", "USD"),
    ("$", "USD"),
    ("＄", "USD"),
    ("dollars", "USD"),
    ("dollar", "USD"),
    ("bucks", "USD"),
    ("bucs", "USD"),
    ("долларов", "USD"),
    ("доллара", "USD"),
    ("долл", "USD"),
    ("дол", "USD"),
    ("баксов", "USD"),
    ("бакса", "USD"),
    ("бакс", "USD"),
    ("美元", "USD"),
    ("美金", "USD"),
    ("刀", "USD"),
    ("юсдт", "USDT"),
    ("teather", "USDT"),
    ("tether", "USDT"),
    ("€", "EUR"),
    ("euros", "EUR"),
    ("euro", "EUR"),
    ("eur", "EUR"),
    ("евро", "EUR"),
    ("欧元", "EUR"),
    ("£", "GBP"),
    ("gbp", "GBP"),
    ("pounds", "GBP"),
    ("quid", "GBP"),
    ("фунтов", "GBP"),
    ("₽", "RUB"),
    ("рублей", "RUB"),
    ("рубля", "RUB"),
    ("рубль", "RUB"),
    ("рубл", "RUB"),
    ("руб", "RUB"),
    ("rub", "RUB"),
    ("rur", "RUB"),
    ("т.р", "RUB"),
    ("тр", "RUB"),
    ("р", "RUB"),
    ("卢布", "RUB"),
    ("₴", "UAH"),
    ("гривен", "UAH"),
    ("гривень", "UAH"),
    ("грн", "UAH"),
    ("uah", "UAH"),
    ("₸", "KZT"),
    ("тенге", "KZT"),
    ("btc", "BTC"),
    ("bitcoins", "BTC"),
    ("bitcoin", "BTC"),
    ("биткоинов", "BTC"),
    ("биткоина", "BTC"),
    ("биткоин", "BTC"),
    ("битков", "BTC"),
    ("бтк", "BTC"),
    ("₿", "BTC"),
    ("比特币", "BTC"),
    ("mbtc", "mBTC"),
    ("eth", "ETH"),
    ("ether", "ETH"),
    ("ltc", "LTC"),
    ("xmr", "XMR"),
    ("monero", "XMR"),
    ("trx", "TRX"),
    ("bnb", "BNB"),
    ("sol", "SOL"),
    ("doge", "DOGE"),
    ("bch", "BCH"),
    ("ton", "TON"),
    ("元", "CNY"),
    ("人民币", "CNY"),
    ("块", "CNY"),
    ("rmb", "CNY"),
    ("cny", "CNY"),
    ("yuan", "CNY"),
    ("¥", "CNY"),
    ("￥", "CNY"),
    ("u", "USDT"),
    ("油", "USDT"),
    ("rupiah", "IDR"),
    ("ribu", "IDR"),
    ("rb", "IDR"),
    ("juta", "IDR"),
    ("jt", "IDR"),
    ("idr", "IDR"),
    ("inr", "INR"),
    ("₹", "INR"),
    ("rupees", "INR"),
    ("tl", "TRY"),
    ("₺", "TRY"),
    ("lira", "TRY"),
    ("reais", "BRL"),
    ("brl", "BRL"),
    ("₫", "VND"),
    ("vnd", "VND"),
    ("원", "KRW"),
    ("krw", "KRW"),
    ("円", "JPY"),
    ("jpy", "JPY"),
    ("บาท", "THB"),
    ("฿", "THB"),
    ("thb", "THB"),
    ("zl", "PLN"),
    ("pln", "PLN"),
    ("zł", "PLN"),
    ("aud", "AUD"),
    ("cad", "CAD"),
    ("chf", "CHF"),
    ("sgd", "SGD"),
    ("hkd", "HKD"),
    ("php", "PHP"),
    ("ngn", "NGN"),
    ("₦", "NGN"),
    ("etb", "ETB"),
    ("mxn", "MXN"),
    ("kč", "CZK"),
    ("lei", "RON"),
    ("ron", "RON"),
    ("تومان", "IRR"),
    ("دولار", "USD"),
    ("ريال", "SAR"),
];

static AFTER_BY_FIRST: Chains<{ AFTER.len() }> = chains(AFTER, false);

pub(super) fn currency_after(text: &str, from: usize, chinese: bool) -> Option<(&'static str, usize)> {
    let rest = text.get(from..)?;
    let word = rest.strip_prefix(' ').or_else(|| rest.strip_prefix('\u{a0}')).unwrap_or(rest);
    let word = word.strip_prefix('+').map_or(word, |w| w.strip_prefix(' ').unwrap_or(w));
    for &(mark, code) in AFTER_BY_FIRST.of(telling_byte(word.as_bytes()), AFTER) {
        let Some(behind) = word.strip_prefix(mark) else { continue };
        if matches!(mark, "u" | "刀" | "块" | "油") && !chinese {
            continue;
        }
        let letters = mark.chars().next_back().is_some_and(is_letter);
        if letters && !word_ends(behind) {
            continue;
        }
        // A symbol that belongs to the next number: "10 $20".
        if !letters && rest.len() != word.len() && behind.trim_start().starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        return Some((code, text.len() - behind.len()));
    }
    None
}

/// Currencies written before a number.
const BEFORE: &[(&str, &str)] = &[
    ("us$", "USD"),
    ("r$", "BRL"),
    ("a$", "AUD"),
    ("c$", "CAD"),
    ("s$", "SGD"),
    ("hk$", "HKD"),
    ("$", "USD"),
    ("＄", "USD"),
    ("usdt", "USDT"),
    ("usd", "USD"),
    ("€", "EUR"),
    ("eur", "EUR"),
    ("£", "GBP"),
    ("gbp", "GBP"),
    ("₽", "RUB"),
    ("₹", "INR"),
    ("rs.", "INR"),
    ("rs", "INR"),
    ("inr", "INR"),
    ("¥", "CNY"),
    ("￥", "CNY"),
    ("rmb", "CNY"),
    ("rp.", "IDR"),
    ("rp", "IDR"),
    ("idr", "IDR"),
    ("btc", "BTC"),
    ("₿", "BTC"),
    ("₺", "TRY"),
    ("₩", "KRW"),
    ("₦", "NGN"),
    ("฿", "THB"),
];

static BEFORE_BY_LAST: Chains<{ BEFORE.len() }> = chains(BEFORE, true);

pub(super) fn currency_before(text: &str, start: usize) -> Option<(&'static str, usize)> {
    let before = &text[..start];
    let before = before.strip_suffix([' ', '\u{a0}']).unwrap_or(before);
    let last = before.as_bytes().last()?;
    for &(mark, code) in BEFORE_BY_LAST.of(*last, BEFORE) {
        let Some(rest) = before.strip_suffix(mark) else { continue };
        let letters = mark.starts_with(is_letter);
        if letters && rest.chars().next_back().is_some_and(is_letter_or_number) {
            continue;
        }
        // "300$ 500" : the symbol belongs to the number before it.
        if !letters && before.len() != start && rest.ends_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        return Some((code, rest.len()));
    }
    None
}
