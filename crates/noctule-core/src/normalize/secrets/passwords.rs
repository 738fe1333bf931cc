//! Passwords: after a word that says so, and in lists of address and password.

use super::{MASK, add, begins, head};
use crate::model::Span;

const LONGEST: usize = 128;

/// What stands after `password:` when no password does, and the names of columns in format lines.
const NOT_A_PASSWORD: &[&str] = &[
    "ask",
    "none",
    "no",
    "yes",
    "not",
    "need",
    "needed",
    "required",
    "protected",
    "here",
    "below",
    "above",
    "dm",
    "pm",
    "in",
    "on",
    "at",
    "the",
    "a",
    "is",
    "are",
    "to",
    "for",
    "of",
    "and",
    "or",
    "with",
    "by",
    "via",
    "see",
    "same",
    "available",
    "included",
    "reset",
    "change",
    "changed",
    "available.",
    "n/a",
    "null",
    "nil",
    "true",
    "false",
    "hash",
    "hashed",
    "plain",
    "plaintext",
    "encrypted",
    "email",
    "mail",
    "login",
    "user",
    "username",
    "phone",
    "ip",
    "name",
    "url",
    "number",
    "date",
    "country",
    "cookies",
    "cookie",
    "token",
    "key",
    "password",
    "pass",
    "string",
    "contact",
    "telegram",
    "private",
    "free",
    "each",
    "md5",
    "sha1",
    "sha256",
    "bcrypt",
    "2fa",
    "нет",
    "нету",
    "есть",
    "в",
    "на",
    "по",
    "у",
    "от",
    "из",
    "для",
    "и",
    "не",
    "лс",
    "тут",
    "ниже",
    "выше",
    "почта",
    "логин",
    "телефон",
    "имя",
    "страна",
    "да",
    "пишите",
    "личку",
    "любой",
    "无",
    "没有",
    "no.",
    "sin",
    "keine",
    "siehe",
    "aucun",
];

/// Looks for a password after a keyword that spans `start..end`.
pub(super) fn after_keyword(text: &str, start: usize, end: usize, found: &mut Vec<Span>) {
    let before = text[..start].chars().next_back();
    // `bypass`, `compass`; but `mypassword` and `db_pass` are names of fields.
    let word_end = end
        + head(&text[end..], 32).find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(32.min(text.len() - end));
    if word_end - end > 24 || before == Some(MASK) {
        return;
    }
    let word = &text[start..word_end];
    if before.is_some_and(char::is_alphanumeric) && word.len() <= 4 {
        return;
    }
    if ["passport", "passenger", "passes", "passiv", "passion", "passed", "passing", "passage"]
        .iter()
        .any(|other| word.get(..other.len()).is_some_and(|w| w.eq_ignore_ascii_case(other)))
    {
        return;
    }
    let rest = text[word_end..].trim_start_matches(['"', '\'', '`', '*', ')', ']']);
    let quoted_name = rest.len() < text.len() - word_end;
    let mut after = rest.trim_start_matches([' ', '\t', '\u{a0}']);
    let mut sure = false;
    if let Some(value) = after.strip_prefix("=>").or_else(|| after.strip_prefix([':', '=', '：'])) {
        after = value;
        sure = true;
    } else if let Some(value) =
        ["- ", "– ", "— ", "-> ", "is ", "ist ", "es "].iter().find_map(|s| after.strip_prefix(s))
    {
        after = value;
    } else if quoted_name || after.len() == rest.len() {
        return;
    }
    // `mail:pass:country` names columns, it does not fill them.
    let column = matches!(before, Some(':' | '|' | ';' | '/' | '+' | '&'));
    let value = after.trim_start_matches([' ', '\t', '\u{a0}']);
    let line = value.trim_start_matches(['\r', '\n']);
    // The value may stand on the next line, not after an empty one.
    let value = if value.len() - line.len() <= 2 && sure { line.trim_start_matches([' ', '\t']) } else { value };
    let value = value.trim_start_matches(['"', '\'', '`', '*']);
    let at = text.len() - value.len();
    let token = token(value);
    if plausible(token, &value[token.len()..], sure && !column) {
        add(text, at, at + token.len(), found);
    }
}

/// The value at the start of `rest`: to white space or a closing quote; an ASCII value ends before other scripts.
fn token(rest: &str) -> &str {
    let rest = head(rest, LONGEST + 4);
    let ascii = rest.starts_with(|c: char| c.is_ascii());
    let end = rest
        .find(|c: char| c.is_whitespace() || matches!(c, '"' | '`' | '，' | '。') || ascii && !c.is_ascii())
        .unwrap_or(rest.len());
    rest[..end].trim_end_matches(['\'', ',', ';', '.', ')', '}', '*', ']'])
}

fn plausible(token: &str, after: &str, sure: bool) -> bool {
    let lower = token.to_lowercase();
    let bare = lower.trim_end_matches(['!', '?', ':']);
    // What touches a mask is the rest of something that was judged as a whole.
    if after.starts_with(MASK) || token.contains("-----") {
        return false;
    }
    if token.len() < 3 || token.len() > LONGEST || token.starts_with(['<', '[', '(', '@', '{', '/', ':']) {
        return false;
    }
    if NOT_A_PASSWORD.contains(&bare)
        || lower.contains("://")
        || lower.starts_with("t.me/")
        || lower.starts_with("www.")
    {
        return false;
    }
    let digit = token.contains(|c: char| c.is_ascii_digit());
    let letter = token.contains(char::is_alphabetic);
    if !sure {
        return digit && letter && token.chars().count() >= 5;
    }
    if digit
        || token
            .chars()
            .skip(1)
            .any(|c| matches!(c, '!' | '@' | '#' | '$' | '%' | '^' | '&' | '*' | '_' | '+' | '=') || c.is_uppercase())
    {
        return true;
    }
    // A plain word is a password when nothing but the next field follows.
    let next = after.trim_start_matches(['"', '\'', '`', '*', ',', ';', '}', ' ', '\t']);
    let next_word = next.find(|c: char| !c.is_alphanumeric() && c != '_').map(|end| &next[end..]);
    letter
        && token.chars().count() >= 4
        && (next.is_empty()
            || next.starts_with(['\n', '\r', '|'])
            || next_word.is_some_and(|rest| rest.starts_with([':', '='])))
}

/// Ports that follow a chat or mail address.
const PORTS: &[&str] =
    &["22", "25", "80", "110", "143", "443", "465", "587", "993", "995", "3389", "5222", "5223", "5269", "8080"];

/// Lines of stolen logins: `mail:password`, `url:user:password`, `ip:port:user:password`.
pub(super) fn combinations(text: &str, found: &mut Vec<Span>) {
    let bytes = text.as_bytes();
    let mut done = 0;
    // A login has an address of mail or two colons; everything happens within one token.
    for sign in memchr::memchr2_iter(b'@', b':', bytes) {
        if sign < done {
            continue;
        }
        let hopeless = if bytes[sign] == b'@' {
            // A handle. Were it before a link, the link's colon would be looked at.
            sign == 0 || !in_mail_name(bytes[sign - 1])
        } else {
            // The only colon of its token, since it is the first one and the last byte.
            bytes.get(sign + 1).is_none_or(u8::is_ascii_whitespace)
        };
        if hopeless {
            continue;
        }
        // A token is looked at once.
        let start = bytes[done..sign].iter().rposition(|b| b.is_ascii_whitespace()).map_or(done, |at| done + at + 1);
        let end = bytes[sign..].iter().position(u8::is_ascii_whitespace).map_or(text.len(), |at| sign + at);
        done = end;
        in_token(text, start, end, found);
    }
}

fn in_mail_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'%')
}

fn in_token(text: &str, start: usize, end: usize, found: &mut Vec<Span>) {
    let whole = &text[start..end];
    let address = memchr::memchr(b'@', whole.as_bytes());
    if address.is_none() && memchr::memchr_iter(b':', whole.as_bytes()).nth(1).is_none() {
        return;
    }
    // Part of it was masked before; what is left says no longer what it was.
    if whole.contains(MASK) {
        return;
    }
    if let Some(value) = address.and_then(|at| after_address(whole, at)) {
        let value = &whole[value..];
        if login_value(value) {
            add(text, end - value.len(), end - value.len() + value_end(value), found);
        }
        return;
    }
    let body = whole.find("://").map_or(0, |at| at + 3);
    let fields: Vec<&str> = whole[body..].splitn(4, ':').collect();
    let host = fields[0].split('/').next().unwrap_or("");
    let dotted = host.contains('.')
        && host.len() > 3
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    if !dotted {
        return;
    }
    let number = |field: &str| field.bytes().take_while(u8::is_ascii_digit).count();
    let port = fields.get(1).is_some_and(|field| {
        (1..=5).contains(&number(field)) && matches!(field.as_bytes().get(number(field)), None | Some(b'/'))
    });
    let user = if port { 2 } else { 1 };
    let (Some(name), Some(password)) = (fields.get(user), fields.get(user + 1)) else {
        return;
    };
    if name.is_empty() || name.contains('/') || !login_value(password) || password.starts_with("//") {
        return;
    }
    let at = start + body + fields[..=user].iter().map(|field| field.len() + 1).sum::<usize>();
    add(text, at, at + value_end(&text[at..end]), found);
}

/// Where the value after a mail address, whose sign is `at`, and its separator begins.
fn after_address(token: &str, at: usize) -> Option<usize> {
    let bytes = token.as_bytes();
    let name = bytes[..at].iter().rev().take_while(|b| in_mail_name(**b)).count();
    let domain = bytes[at + 1..].iter().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')).count();
    let after = at + 1 + domain;
    let dotted = token[at + 1..after]
        .rsplit_once('.')
        .is_some_and(|(_, tld)| tld.len() > 1 && tld.bytes().all(|b| b.is_ascii_alphabetic()));
    (name > 0 && dotted && matches!(bytes.get(after), Some(b':' | b'|' | b';')) && begins(token, at - name))
        .then_some(after + 1)
}

fn login_value(value: &str) -> bool {
    let value = &value[..value_end(value)];
    value.len() >= 4
        && value.len() <= LONGEST
        && value.is_ascii()
        && !value.ends_with(':')
        && !value.starts_with(['@', '/', '<', '['])
        && !value.contains("://")
        && !PORTS.contains(&value)
        && !NOT_A_PASSWORD.contains(&value.to_ascii_lowercase().as_str())
        && after_mail(value).is_none()
}

/// A value that is itself an address belongs to a list of addresses.
fn after_mail(value: &str) -> Option<()> {
    let (name, domain) = value.split_once('@')?;
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    let (_, tld) = domain.rsplit_once('.')?;
    (plain(name) && plain(domain) && tld.len() > 1 && tld.bytes().all(|b| b.is_ascii_alphabetic())).then_some(())
}

/// A password runs to the end of the token or to the next column.
fn value_end(value: &str) -> usize {
    value.find('|').unwrap_or(value.len())
}
