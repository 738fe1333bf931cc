//! IPv6 addresses, blocks of addresses, numbers of autonomous systems. IPv4 is a name of four numbers (`domain`).

use std::net::Ipv6Addr;
use std::ops::Range;

/// Longest writing of an address: eight groups of four, or an IPv4 address at the end.
const MOST_IPV6: usize = 45;

/// Whether a group of an address may stand around a run of digits: colons beside it with more of an address behind.
pub(super) fn may_be_ipv6(bytes: &[u8], run: &Range<usize>) -> bool {
    let more = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(|b| b.is_ascii_hexdigit() || *b == b':');
    let (mut start, mut end) = (run.start, run.end);
    while end - run.end < 4 && bytes.get(end).is_some_and(u8::is_ascii_hexdigit) {
        end += 1;
    }
    if bytes.get(end) == Some(&b':') {
        return more(Some(end + 1));
    }
    while start > 0 && run.start - start < 4 && bytes[start - 1].is_ascii_hexdigit() {
        start -= 1;
    }
    start > 0 && bytes[start - 1] == b':' && more(start.checked_sub(2))
}

/// The IPv6 address around a digit at `at`: kind, value and place.
///
/// RFC 4291, in every form. A time (`10:20:30`) has too few groups, and a short form needs three groups or one of
/// three digits, since `1::2` is anything.
pub(super) fn ipv6(text: &str, at: usize) -> Option<(&'static str, String, Range<usize>)> {
    let bytes = text.as_bytes();
    let part = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b':';
    let mut start = at - bytes[..at].iter().rev().take(MOST_IPV6).take_while(|b| part(b)).count();
    let mut end = at + bytes[at..].iter().take(MOST_IPV6 + 1).take_while(|b| part(b) || **b == b'.').count();
    // The colon behind a word and at the end of a clause is not part of it: `ip:2001:db8::1:`.
    while bytes[start] == b':' && bytes.get(start + 1) != Some(&b':') {
        start += 1;
    }
    while end > start && (bytes[end - 1] == b'.' || bytes[end - 1] == b':' && bytes[end - 2] != b':') {
        end -= 1;
    }
    let written = text.get(start..end)?;
    if written.len() > MOST_IPV6 || written.bytes().filter(|b| *b == b':').count() < 2 {
        return None;
    }
    let before = start.checked_sub(1).map(|at| bytes[at]);
    let joined = start > 1 && bytes[start - 2].is_ascii_alphanumeric();
    if before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_' || matches!(b, b'.' | b'-') && joined)
        || bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
    {
        return None;
    }
    let address: Ipv6Addr = written.parse().ok()?;
    let groups = written.split(':').filter(|group| !group.is_empty());
    if written.contains("::") && written != "::1" && groups.clone().count() < 3 && !groups.clone().any(|g| g.len() > 2)
    {
        return None;
    }
    Some(match prefix(bytes, end, 128) {
        Some(length) => ("cidr", text[start..length].to_ascii_lowercase(), start..length),
        None => ("ipv6", address.to_string(), start..end),
    })
}

/// Where the length of a block behind an address ends: `/24`.
pub(super) fn prefix(bytes: &[u8], at: usize, most: u32) -> Option<usize> {
    if bytes.get(at) != Some(&b'/') {
        return None;
    }
    let digits = bytes[at + 1..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
    let end = at + 1 + digits;
    let length = bytes[at + 1..end].iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    let good = (1..=3).contains(&digits)
        && length <= most
        && (digits == 1 || bytes[at + 1] != b'0')
        && !bytes.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_'));
    good.then_some(end)
}

/// The number of an autonomous system (RFC 5396: `AS13335`), its digits at `digits`.
pub(super) fn asn(bytes: &[u8], digits: Range<usize>) -> Option<(String, Range<usize>)> {
    let before = &bytes[..digits.start];
    let before = before.strip_suffix(b" ").unwrap_or(before);
    let spaced = before.len() < digits.start;
    let ends = |name: &str| {
        before.len().checked_sub(name.len()).is_some_and(|at| before[at..].eq_ignore_ascii_case(name.as_bytes()))
    };
    // `as 2014` is too often a word; `asn 2014` is not.
    let name = if ends("asn") {
        "asn"
    } else if !spaced && ends("as") && (digits.len() > 2 || before.ends_with(b"AS")) {
        "as"
    } else {
        return None;
    };
    let start = before.len() - name.len();
    let number: u32 = std::str::from_utf8(&bytes[digits.clone()]).ok()?.parse().ok()?;
    let apart =
        super::finds::apart(start.checked_sub(1).map(|at| &bytes[at])) && super::finds::apart(bytes.get(digits.end));
    (apart && number > 0 && bytes[digits.start] != b'0').then(|| (format!("AS{number}"), start..digits.end))
}
