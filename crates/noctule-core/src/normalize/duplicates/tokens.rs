//! A shadow as a sequence of words, numbers, ideographs, contacts and addresses. What lies between them is
//! decoration and vanishes.

use super::super::runs;
use super::super::shadow::alphanumeric;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Word,
    /// Digits with what separates them, or digits with a unit (`10k`).
    Number,
    /// A currency or percent sign.
    Sign,
    /// One ideograph or kana.
    Ideograph,
    /// `@name`, a link to a channel or an invitation.
    Handle,
    Hashtag,
    /// An address of a site or a mailbox.
    Address,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) text: &'t str,
    /// Where it starts in the shadow.
    pub(super) start: usize,
    pub(super) kind: Kind,
    pub(super) line: u32,
    /// A comma, colon or dash stands before it.
    pub(super) led: bool,
}

/// Adds the tokens of a shadow.
pub(super) fn tokens<'t>(text: &'t str, tokens: &mut Vec<Token<'t>>) {
    tokens.reserve(text.len() / 5 + 4);
    let mut line = 0;
    let mut at = 0;
    let mut led = false;
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        // What nearly every character is, is told by its first byte.
        // Asked in the order of their number: a table of jumps is what a processor guesses wrong.
        let byte = *byte;
        if byte == b' ' {
            at += 1;
            continue;
        }
        let word_starts = byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, 0xD0 | 0xD1);
        if !word_starts {
            if byte < 0x80 && !matches!(byte, b'@' | b'#' | b'$' | b'%') {
                at += 1;
                line += u32::from(byte == b'\n');
                led = matches!(byte, b',' | b':' | b'-');
                continue;
            }
            // U+1F300 to U+1FAFF: emoji.
            if let Some([0xF0, 0x9F, 0x8C..=0xAB]) = bytes.get(at..at + 3) {
                at += 4;
                led = false;
                continue;
            }
        }
        let rest = &text[at..];
        if word_starts {
            let (length, kind) = word(rest);
            if length > 0 {
                tokens.push(Token { text: &rest[..length], start: at, kind, line, led });
                led = false;
                at += length;
                // Nearly always a space is next.
                at += usize::from(bytes.get(at) == Some(&b' '));
                continue;
            }
        }
        let c = rest.chars().next().expect("there is a byte, so there is a character");
        let (length, kind) = match c {
            '@' => (1 + name_length(&rest[1..]), Some(Kind::Handle)),
            '#' => (1 + rest[1..].find(|c| !word_char(c)).unwrap_or(rest.len() - 1), Some(Kind::Hashtag)),
            '$' | '%' | '€' | '£' | '¥' | '₽' | '₴' | '₸' | '₿' => {
                let run = rest.len() - rest.trim_start_matches(c).len();
                // A row of signs is decoration.
                (run, (run == c.len_utf8()).then_some(Kind::Sign))
            }
            _ if ideograph(c) => (c.len_utf8(), Some(Kind::Ideograph)),
            _ if word_char(c) => other_word(rest),
            _ => (c.len_utf8(), None),
        };
        if let Some(kind) = kind.filter(|kind| length > 1 || !matches!(kind, Kind::Handle | Kind::Hashtag)) {
            tokens.push(Token { text: &text[at..at + length], start: at, kind, line, led });
            led = false;
        } else {
            led = matches!(c, '–' | '—' | '，' | '：');
        }
        at += length;
    }
}

/// An empty list in the memory of another one, whose tokens may be of another text.
pub(super) fn emptied<'t>(mut tokens: Vec<Token<'_>>) -> Vec<Token<'t>> {
    tokens.clear();
    tokens.into_iter().map(|_| unreachable!("the list is empty")).collect()
}

#[inline]
fn word_char(c: char) -> bool {
    match c {
        'a'..='z' | '0'..='9' | 'а'..='я' => true,
        '\0'..='\x7f' => false,
        _ if ideograph(c) => false,
        // Numbers in circles and the like are bullets.
        '\u{2460}'..='\u{24FF}' | '\u{2776}'..='\u{2793}' | '\u{3220}'..='\u{32FF}' => false,
        '\u{2000}'..='\u{2BFF}' | '\u{1F000}'..='\u{1FAFF}' => false,
        _ => alphanumeric(c),
    }
}

#[inline]
pub(super) fn ideograph(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// As [`word`], of letters that are seldom.
#[inline(never)]
fn other_word(rest: &str) -> (usize, Option<Kind>) {
    let (length, kind) = word(rest);
    (length, Some(kind))
}

/// The word, number or address at the start of `rest`, and its length; zero when no letter or digit stands there.
#[inline(always)]
fn word(rest: &str) -> (usize, Kind) {
    let bytes = rest.as_bytes();
    let number = bytes.first().is_some_and(u8::is_ascii_digit);
    let mut digits = number;
    let mut length = 0;
    while let Some(byte) = bytes.get(length).filter(|byte| **byte != b' ') {
        // A word of small letters or digits is taken in a step or two.
        let eight = runs::eight(bytes, length);
        if *byte < 0x80 {
            let run = runs::small_latin_or_digits(eight);
            if run > 0 {
                if digits {
                    digits = runs::digits(eight) >= run;
                }
                length += run;
                continue;
            }
        } else {
            let letters = runs::small_cyrillic(eight);
            if letters > 0 {
                digits = false;
                length += 2 * letters;
                continue;
            }
        }
        let next = || bytes.get(length + 1).copied().unwrap_or(0);
        length += match byte {
            b'.' | b',' if digits && next().is_ascii_digit() => 1,
            b'_' if next().is_ascii_alphanumeric() => 1,
            b':' if rest[length..].starts_with("://") => {
                // A word of another script may be glued to the link; it ends where the scheme begins.
                return match rest[..length].char_indices().rfind(|(_, c)| !c.is_ascii_alphanumeric()) {
                    Some((last, c)) => (last + c.len_utf8(), Kind::Word),
                    None => link(rest),
                };
            }
            b'@' if length > 0 && next().is_ascii_alphanumeric() => {
                return (length + 1 + name_length(&rest[length + 1..]), Kind::Address);
            }
            0..=0x7f => break,
            _ => match rest[length..].chars().next().filter(|c| word_char(*c)) {
                Some(c) => {
                    digits = false;
                    c.len_utf8()
                }
                None => break,
            },
        };
    }
    // A host is followed by a dot; asking that first spares most words the comparison.
    if bytes.get(length) == Some(&b'.')
        && (CHANNEL_HOSTS.iter().any(|host| rest.starts_with(host)) || rest.starts_with("www."))
    {
        return link(rest);
    }
    let kind = if digits || number && amount(&rest[..length]) { Kind::Number } else { Kind::Word };
    (length, kind)
}

/// Links to these are tags of a channel or group, not addresses of goods.
const CHANNEL_HOSTS: [&str; 7] =
    ["t.me/", "telegram.me/", "telegram.dog/", "discord.gg/", "discord.com/invite/", "chat.whatsapp.com/", "vk.me/"];

#[cold]
fn link(rest: &str) -> (usize, Kind) {
    let length = rest.bytes().take_while(u8::is_ascii_graphic).count();
    let link = rest[..length].trim_end_matches(['.', ',', ')', ']', '!', '?', ';', ':', '"', '\'', '*', '_', '~', '|']);
    let host = link.split_once("://").map_or(link, |(_, host)| host);
    let host = host.strip_prefix("www.").unwrap_or(host);
    let channel = link.starts_with("tg://") || CHANNEL_HOSTS.iter().any(|channel| host.starts_with(channel));
    // The scheme says nothing about where a link leads.
    (link.len().max(1), if channel { Kind::Handle } else { Kind::Address })
}

/// The length of a handle or domain: ASCII letters, digits, and `_.-` between them.
fn name_length(rest: &str) -> usize {
    let name = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-')).count();
    rest[..name].trim_end_matches(['.', '-']).len()
}

/// `10k`, `2gb`, `7w`: a number with a unit.
fn amount(word: &str) -> bool {
    const UNITS: [&str; 56] = [
        "k", "kk", "m", "b", "w", "u", "g", "gb", "mb", "tb", "kg", "mg", "ml", "h", "d", "y", "x", "usd", "usdt",
        "eur", "rub", "btc", "eth", "ltc", "xmr", "trx", "ton", "rmb", "cny", "pcs", "st", "nd", "rd", "th", "к", "кк",
        "р", "руб", "т", "тр", "гб", "шт", "ч", "uah", "kb", "mo", "min", "hr", "hrs", "yr", "yrs", "mm", "cm", "km",
        "мб", "тб",
    ];
    let unit = word.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | ','));
    unit.len() < word.len() && UNITS.contains(&unit)
}
