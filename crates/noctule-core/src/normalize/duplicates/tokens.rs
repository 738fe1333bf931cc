//! A shadow as a sequence of words, numbers, ideographs, contacts and addresses. What lies between them is
//! decoration and vanishes.

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
    pub(super) kind: Kind,
    pub(super) line: u32,
    /// A comma, colon or dash stands before it.
    pub(super) led: bool,
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(text.len() / 5 + 4);
    let mut line = 0;
    let mut at = 0;
    let mut led = false;
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        // Nearly every character is a space between words or the first letter of one.
        if *byte == b' ' {
            at += 1;
            continue;
        }
        let rest = &text[at..];
        if plain(*byte) || cyrillic(&bytes[at..]) {
            let (length, kind) = word(rest);
            if let Some(kind) = kind {
                tokens.push(Token { text: &rest[..length], kind, line, led });
                led = false;
            }
            at += length;
            continue;
        }
        let c = rest.chars().next().expect("there is a byte, so there is a character");
        let (length, kind) = match c {
            '\n' => {
                line += 1;
                (1, None)
            }
            '@' => (1 + name_length(&rest[1..]), Some(Kind::Handle)),
            '#' => (1 + rest[1..].find(|c| !word_char(c)).unwrap_or(rest.len() - 1), Some(Kind::Hashtag)),
            '$' | '%' | '€' | '£' | '¥' | '₽' | '₴' | '₸' | '₿' => {
                let run = rest.len() - rest.trim_start_matches(c).len();
                // A row of signs is decoration.
                (run, (run == c.len_utf8()).then_some(Kind::Sign))
            }
            _ if ideograph(c) => (c.len_utf8(), Some(Kind::Ideograph)),
            _ if word_char(c) => word(rest),
            _ => (c.len_utf8(), None),
        };
        if let Some(kind) = kind.filter(|kind| length > 1 || !matches!(kind, Kind::Handle | Kind::Hashtag)) {
            tokens.push(Token { text: &text[at..at + length], kind, line, led });
            led = false;
        } else {
            led = matches!(c, ',' | ':' | '-' | '–' | '—' | '，' | '：');
        }
        at += length;
    }
    tokens
}

/// Whether a byte is a letter or digit of a folded Latin word.
#[inline]
fn plain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9')
}

/// Whether the bytes start with one of `а` to `я`.
#[inline]
fn cyrillic(bytes: &[u8]) -> bool {
    matches!(bytes, [0xd0, 0xb0..=0xbf, ..] | [0xd1, 0x80..=0x8f, ..])
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
        _ => c.is_alphanumeric(),
    }
}

#[inline]
pub(super) fn ideograph(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{30FF}' | '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}')
}

/// The word, number or address at the start of `rest`.
fn word(rest: &str) -> (usize, Option<Kind>) {
    let bytes = rest.as_bytes();
    let mut digits = true;
    let mut length = 0;
    while let Some(byte) = bytes.get(length) {
        let next = || bytes.get(length + 1).copied().unwrap_or(0);
        length += match byte {
            b'0'..=b'9' => 1,
            b'a'..=b'z' => {
                digits = false;
                1
            }
            b'.' | b',' if digits && next().is_ascii_digit() => 1,
            b'_' if next().is_ascii_alphanumeric() => 1,
            b':' if rest[length..].starts_with("://") => {
                // A word of another script may be glued to the link; it ends where the scheme begins.
                return match rest[..length].char_indices().rfind(|(_, c)| !c.is_ascii_alphanumeric()) {
                    Some((last, c)) => (last + c.len_utf8(), Some(Kind::Word)),
                    None => link(rest),
                };
            }
            b'@' if length > 0 && next().is_ascii_alphanumeric() => {
                return (length + 1 + name_length(&rest[length + 1..]), Some(Kind::Address));
            }
            0..=0x7f => break,
            _ if cyrillic(&bytes[length..]) => {
                digits = false;
                2
            }
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
    let kind = if digits || amount(&rest[..length]) { Kind::Number } else { Kind::Word };
    (length, Some(kind))
}

/// Links to these are tags of a channel or group, not addresses of goods.
const CHANNEL_HOSTS: [&str; 7] =
    ["t.me/", "telegram.me/", "telegram.dog/", "discord.gg/", "discord.com/invite/", "chat.whatsapp.com/", "vk.me/"];

fn link(rest: &str) -> (usize, Option<Kind>) {
    let length = rest.bytes().take_while(u8::is_ascii_graphic).count();
    let link = rest[..length].trim_end_matches(['.', ',', ')', ']', '!', '?', ';', ':', '"', '\'', '*', '_', '~', '|']);
    let host = link.split_once("://").map_or(link, |(_, host)| host);
    let host = host.strip_prefix("www.").unwrap_or(host);
    let channel = link.starts_with("tg://") || CHANNEL_HOSTS.iter().any(|channel| host.starts_with(channel));
    // The scheme says nothing about where a link leads.
    (link.len().max(1), Some(if channel { Kind::Handle } else { Kind::Address }))
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
