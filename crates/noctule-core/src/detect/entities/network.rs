//! IPv6 addresses, blocks of addresses, numbers of autonomous systems. IPv4 is a name of four numbers (`domain`).

use std::net::Ipv6Addr;
use std::ops::Range;

/// Longest writing of an address: eight groups of four, or an IPv4 address at the end.
const MOST_IPV6: usize = 45;

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
    if before.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
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
    // `AS 13335` is too often a word; `ASN 13335` is not.
    let name: &[u8] = if before.ends_with(b"ASN") {
        b"ASN"
    } else if !spaced && before.ends_with(b"AS") {
        b"AS"
    } else {
        return None;
    };
    let start = before.len() - name.len();
    let number: u32 = std::str::from_utf8(&bytes[digits.clone()]).ok()?.parse().ok()?;
    let apart =
        super::finds::apart(start.checked_sub(1).map(|at| &bytes[at])) && super::finds::apart(bytes.get(digits.end));
    (apart && number > 0 && bytes[digits.start] != b'0').then(|| (format!("AS{number}"), start..digits.end))
}
