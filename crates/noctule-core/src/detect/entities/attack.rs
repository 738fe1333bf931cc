//! Ids of MITRE ATT&CK: techniques, tactics, software, groups, mitigations.

use std::ops::Range;

use super::finds::apart;

/// The id whose digits stand at `digits`. Letters in upper case, digits in the range that the catalog uses: a
/// `T1000` and an `S9999` are something else.
pub(super) fn id(bytes: &[u8], digits: Range<usize>) -> Option<Range<usize>> {
    if digits.len() != 4 {
        return None;
    }
    let number = bytes[digits.clone()].iter().fold(0u32, |number, digit| number * 10 + u32::from(digit - b'0'));
    let (letters, most) = match bytes[..digits.start] {
        [.., b'T', b'A'] => (2, (1, 120)),
        [.., b'T'] => (1, (1001, 1799)),
        [.., b'S'] => (1, (1, 1399)),
        [.., b'M'] => (1, (1001, 1099)),
        [.., b'G'] => (1, (1, 1199)),
        _ => return None,
    };
    let start = digits.start - letters;
    if !(most.0..=most.1).contains(&number) || !apart(start.checked_sub(1).map(|at| &bytes[at])) {
        return None;
    }
    let mut end = digits.end;
    // A sub-technique has three digits behind a dot.
    if letters == 1
        && bytes[start] == b'T'
        && let [b'.', one, two, three, rest @ ..] = &bytes[end..]
        && [one, two, three].iter().all(|b| b.is_ascii_digit())
        && apart(rest.first())
    {
        end += 4;
    }
    let hyphen = |at: Option<&u8>| at == Some(&b'-');
    let inside = hyphen(start.checked_sub(1).map(|at| &bytes[at])) || hyphen(bytes.get(end));
    (apart(bytes.get(end)) && !inside).then_some(start..end)
}
