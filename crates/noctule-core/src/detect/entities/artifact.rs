//! Marks of keys, rules, registries and reports.

use std::ops::Range;

use super::finds::apart;

type Found = Option<(&'static str, String, Range<usize>)>;

/// Groups of a fingerprint as OpenPGP programs print it.
const GROUPS: usize = 10;

/// A fingerprint in ten groups of four hexadecimal digits with spaces between; `run` is in one of them.
pub(super) fn fingerprint(bytes: &[u8], run: Range<usize>) -> Option<(String, Range<usize>)> {
    let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    let group = |start: usize| (start..start + 4).all(hex) && !hex(start + 4);
    let mut start = run.start;
    while start > 0 && run.start - start < 4 && hex(start - 1) {
        start -= 1;
    }
    if !group(start) {
        return None;
    }
    // Groups of letters only may stand before the first with a digit.
    for _ in 0..GROUPS {
        let spaces = bytes[..start].iter().rev().take(3).take_while(|b| **b == b' ').count();
        match start.checked_sub(4 + spaces) {
            Some(before) if (1..=2).contains(&spaces) && group(before) => start = before,
            _ => break,
        }
    }
    let mut value = String::with_capacity(4 * GROUPS);
    let mut at = start;
    for number in 0..GROUPS {
        if number > 0 {
            let spaces = bytes[at..].iter().take(3).take_while(|b| **b == b' ').count();
            if !(1..=2).contains(&spaces) {
                return None;
            }
            at += spaces;
        }
        if !group(at) {
            return None;
        }
        value.extend(bytes[at..at + 4].iter().map(|b| b.to_ascii_uppercase() as char));
        at += 4;
    }
    let further = bytes.get(at) == Some(&b' ') && group(at + 1);
    let letters = value.bytes().any(|b| b.is_ascii_alphabetic());
    let good = letters && !further && apart(start.checked_sub(1).map(|at| &bytes[at])) && apart(bytes.get(at));
    good.then_some((value, start..at))
}

/// The head of an armored block (RFC 9580) that begins at `at`: what the block is, and where its first line stands.
pub(super) fn pgp_block(text: &str, at: usize) -> Option<(Range<usize>, &'static str)> {
    let rest = text.get(at..)?.strip_prefix("-----BEGIN PGP ")?;
    let start = text.len() - rest.len();
    let name = ["PUBLIC KEY BLOCK", "PRIVATE KEY BLOCK", "SIGNATURE", "SIGNED MESSAGE", "MESSAGE"]
        .into_iter()
        .find(|name| rest.strip_prefix(name).is_some_and(|rest| rest.starts_with("-----")))?;
    Some((at..start + name.len() + "-----".len(), name))
}

/// The public key of SSH that begins a run of letters and digits at `start`: its type is its own first part
/// (RFC 4253, "Public Key Algorithms"), so no word beside it is needed.
pub(super) fn ssh_key(text: &str, start: usize) -> Option<Range<usize>> {
    const BEGINNINGS: [&str; 4] =
        ["AAAAB3NzaC1yc2E", "AAAAC3NzaC1lZDI1NTE5", "AAAAE2VjZHNhLXNoYTItbmlzdH", "AAAAB3NzaC1kc3M"];
    let rest = &text[start..];
    if !BEGINNINGS.iter().any(|beginning| rest.starts_with(beginning)) {
        return None;
    }
    let length =
        rest.bytes().take(2_048).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=')).count();
    (length >= 68).then_some(start..start + length)
}

/// A mark of the Traffic Light Protocol, its colon at `at`.
pub(super) fn tlp(text: &str, at: usize) -> Found {
    let bytes = text.as_bytes();
    let start = at.checked_sub(3)?;
    if !bytes[start..at].eq_ignore_ascii_case(b"tlp") || !apart(start.checked_sub(1).map(|at| &bytes[at])) {
        return None;
    }
    let color = at + 1 + usize::from(bytes.get(at + 1) == Some(&b' '));
    ["AMBER+STRICT", "AMBER", "RED", "GREEN", "CLEAR", "WHITE"].into_iter().find_map(|name| {
        let end = color + name.len();
        let written = bytes.get(color..end)?;
        (written.eq_ignore_ascii_case(name.as_bytes()) && apart(bytes.get(end)))
            .then(|| ("tlp", format!("TLP:{name}"), start..end))
    })
}

const HIVES: [&str; 12] = [
    "HKEY_LOCAL_MACHINE",
    "HKEY_CURRENT_USER",
    "HKEY_CLASSES_ROOT",
    "HKEY_CURRENT_CONFIG",
    "HKEY_USERS",
    "HKLM:",
    "HKCU:",
    "HKLM",
    "HKCU",
    "HKCR",
    "HKCC",
    "HKU",
];

/// A key of Windows' registry, the first backslash at `at`.
pub(super) fn registry_key(text: &str, at: usize) -> Found {
    let bytes = text.as_bytes();
    // `<HKCU>\\Software` in reports.
    let marked = bytes[..at].ends_with(b">");
    let named = at - usize::from(marked);
    let hive = HIVES.iter().find(|hive| {
        named.checked_sub(hive.len()).is_some_and(|from| bytes[from..named].eq_ignore_ascii_case(hive.as_bytes()))
    })?;
    let start = (named - hive.len()).checked_sub(usize::from(marked))?;
    if marked && bytes[start] != b'<' || !apart(start.checked_sub(1).map(|at| &bytes[at])) {
        return None;
    }
    let part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b'{' | b'}' | b'\\' | b'*');
    let mut end = at;
    // `<USER SID>` stands for one part. A space is inside of a name when a backslash follows before anything that no name has.
    while end - at < 512 {
        end += bytes[end..].iter().take(512).take_while(|b| part(b)).count();
        let name = bytes[end..].iter().take(40).take_while(|b| part(b) && **b != b'\\' || **b == b' ').count();
        let placeholder = bytes[end..].iter().take(40).position(|b| *b == b'>').map_or(0, |close| close + 1);
        if bytes.get(end) == Some(&b'<') && bytes.get(end + placeholder) == Some(&b'\\') && text.is_char_boundary(end) {
            end += placeholder;
            continue;
        }
        // Two spaces or another hive end it.
        if matches!(bytes[end..], [b' ', b' ', ..] | [b' ', b'H', b'K', ..]) {
            break;
        }
        if bytes.get(end) != Some(&b' ') || bytes.get(end + name) != Some(&b'\\') {
            break;
        }
        end += name;
    }
    while matches!(bytes[end - 1], b'.' | b'\\' | b'-') && end > at + 1 {
        end -= 1;
    }
    let value = || format!("{}{}", &text[named - hive.len()..named], &text[at..end]);
    (end > at + 1).then(|| ("registry-key", value(), start..end))
}

/// No rule is longer that is read here.
const MOST_RULE: usize = 4_096;

/// The rule of YARA around a part of it (`condition:`) with its colon at `at`.
pub(super) fn yara(text: &str, at: usize) -> Found {
    let bytes = text.as_bytes();
    let part = ["condition", "strings", "meta"].iter().find(|part| bytes[..at].ends_with(part.as_bytes()))?;
    let start = at - part.len();
    let brace = bytes[start.saturating_sub(40)..start].iter().rposition(|b| !b.is_ascii_whitespace())?;
    let brace = start.saturating_sub(40) + brace;
    (bytes[brace] == b'{').then(|| yara_rule(text, brace)).flatten()
}

/// A rule of YARA, its brace at `at`: `rule name : tags {`.
fn yara_rule(text: &str, at: usize) -> Found {
    let bytes = text.as_bytes();
    let from = at.saturating_sub(200);
    let head = &bytes[from..at];
    let word = head.windows(5).rposition(|five| &five[..4] == b"rule" && five[4].is_ascii_whitespace())?;
    if !apart(word.checked_sub(1).map(|at| &head[at])) {
        return None;
    }
    let identifier = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    let start = word + 5 + head[word + 5..].iter().take_while(|b| b.is_ascii_whitespace()).count();
    let end = start + head[start..].iter().take_while(|b| identifier(b)).count();
    let mut tags = head[end..].iter().filter(|b| !b.is_ascii_whitespace());
    let tagged = match tags.next() {
        None => true,
        Some(b':') => tags.all(identifier),
        Some(_) => false,
    };
    if end == start || !tagged {
        return None;
    }
    let closed = bytes[at..].iter().take(MOST_RULE).any(|b| *b == b'}');
    let value = || text[from + start..from + end].to_owned();
    closed.then(|| ("yara-rule", value(), from + word..from + end))
}
