//! Where else to write: names of Discord, Jabber, Matrix and Wickr.

use std::ops::Range;

use super::finds::{apart, word_before};

/// Words before a `#` and a number that count things and name nobody.
const COUNTED: &[&str] = &[
    "bug", "bundle", "case", "channel", "color", "card", "deal", "id", "invoice", "issue", "item", "lot", "no",
    "number", "offer", "order", "pack", "part", "post", "pr", "proof", "room", "step", "ticket", "trade", "vouch",
    "win",
];

/// A name of Discord before 2023, its four digits behind a `#` at `run`.
pub(super) fn discord_name(bytes: &[u8], run: Range<usize>) -> Option<Range<usize>> {
    let sign = run.start - 1;
    let name = bytes[..sign]
        .iter()
        .rev()
        .take(33)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        .count();
    let start = sign - name;
    let named = &bytes[start..sign];
    let good = run.len() == 4
        && (2..=32).contains(&name)
        && apart(bytes.get(run.end))
        && named.iter().any(u8::is_ascii_alphabetic)
        && !matches!(start.checked_sub(1).map(|at| bytes[at]), Some(b'@' | b'/' | b'#' | b'-' | b'='))
        && !COUNTED.iter().any(|word| named.eq_ignore_ascii_case(word.as_bytes()));
    good.then_some(start..run.end)
}

/// Hosts of Jabber servers known from adverts and words in the names of others.
const JABBER_HOSTS: &[&str] = &[
    "404.city",
    "5222.de",
    "blah.im",
    "conversations.im",
    "creep.im",
    "default.rs",
    "draugr.de",
    "exploit.im",
    "hot-chilli.net",
    "jabb.im",
    "jabb3r.org",
    "jix.im",
    "sj.ms",
    "thesecure.biz",
    "xabber.org",
    "yax.im",
];
const JABBER_WORDS: &[&str] =
    &["jabber", "xmpp", "jid", "jab", "jb", "otr", "omemo", "жаба", "жабе", "жабу", "джаббер", "джабер", "жаббер"];

/// Whether an address of the form `user@host`, which begins at `start`, is one of Jabber.
pub(super) fn is_jabber(text: &str, start: usize, address: &str) -> bool {
    let host = address.rsplit('@').next().unwrap_or_default();
    JABBER_HOSTS.contains(&host)
        || host.contains("jabber")
        || host.contains("xmpp")
        || word_before(text, start, 20, JABBER_WORDS)
}

/// A Matrix id in a piece: `@user:server` (Matrix specification, "User identifiers").
pub(super) fn matrix(piece: &str) -> Option<(String, Range<usize>)> {
    let at = piece.find('@')?;
    let bytes = piece.as_bytes();
    if !apart(at.checked_sub(1).map(|at| &bytes[at])) {
        return None;
    }
    let local = bytes[at + 1..]
        .iter()
        .take(255)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'=' | b'-' | b'/' | b'+'))
        .count();
    let colon = at + 1 + local;
    if local == 0 || bytes.get(colon) != Some(&b':') {
        return None;
    }
    let host = bytes[colon + 1..]
        .iter()
        .take(253)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        .count();
    let host = piece[colon + 1..colon + 1 + host].trim_end_matches(['.', '-']);
    let last = host.rsplit('.').next()?;
    let good = host.contains('.')
        && !host.starts_with('.')
        && !host.contains("..")
        && last.len() >= 2
        && last.bytes().all(|b| b.is_ascii_alphabetic());
    let end = colon + 1 + host.len();
    good.then(|| (piece[at..end].to_ascii_lowercase(), at..end))
}

/// The name of Wickr behind `wickr:` with its colon at `at`.
pub(super) fn wickr(text: &str, at: usize) -> Option<(&'static str, String, Range<usize>)> {
    let before = text.as_bytes()[..at].trim_ascii_end();
    let before = before.strip_suffix(b" me").or_else(|| before.strip_suffix(b" Me")).unwrap_or(before);
    let word = before.len().checked_sub(5)?;
    if !before[word..].eq_ignore_ascii_case(b"wickr") || !apart(word.checked_sub(1).map(|at| &before[at])) {
        return None;
    }
    let bytes = text.as_bytes();
    let start = at + 1 + bytes[at + 1..].iter().take(3).take_while(|b| **b == b' ' || **b == b'@').count();
    let length = bytes[start..]
        .iter()
        .take(33)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        .count();
    let name = text[start..start + length].trim_end_matches(['.', '-']);
    (3..=32).contains(&name.len()).then(|| ("wickr", name.to_ascii_lowercase(), start..start + name.len()))
}
