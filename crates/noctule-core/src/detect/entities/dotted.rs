//! Names and numbers between dots, as written or defanged: domains, IPv4, onion services of the second version, I2P,
//! files, mail addresses.

use std::ops::Range;

use super::finds::{Finds, apart, word_before};
use super::{link, network};

/// Most labels that are looked at, and most bytes of one: names of hosts have fewer (RFC 1035).
const MOST_LABELS: usize = 16;
const MOST_LABEL: usize = 63;

/// A dot at the start of `rest`, as written: its length and whether it was defanged for sure (`[.]`, `(dot)`). Half a
/// bracket, several or a backslash may be a dot, and may be of the sentence around.
fn dot(rest: &[u8]) -> Option<(usize, bool)> {
    let space = usize::from(rest.first() == Some(&b' '));
    let first = *rest.get(space)?;
    if matches!(first, b'[' | b'(' | b'{')
        && let Some(length) = bracketed(&rest[space..], first, DOT)
    {
        let end = space + length;
        return Some((end + usize::from(rest.get(end) == Some(&b' ')), true));
    }
    if space == 1 {
        return None;
    }
    let count = |rest: &[u8], marks: &[u8]| rest.iter().take(MOST_MARKS).take_while(|b| marks.contains(b)).count();
    let before = count(rest, br"[({\");
    if rest.get(before) != Some(&b'.') {
        return None;
    }
    Some((before + 1 + count(&rest[before + 1..], br"])}\"), false))
}

/// Most brackets and backslashes on one side of a dot.
const MOST_MARKS: usize = 9;

const DOT: &[&str] = &[".", "dot"];
const AT: &[&str] = &["@", "at"];

/// The length of a word in brackets.
fn bracketed(rest: &[u8], bracket: u8, words: &[&str]) -> Option<usize> {
    let close = match bracket {
        b'[' => b']',
        b'(' => b')',
        _ => b'}',
    };
    // `[ . ]` as well.
    let space = |at: usize| usize::from(rest.get(at) == Some(&b' '));
    let start = 1 + space(1);
    let word = words
        .iter()
        .find(|w| rest.get(start..start + w.len()).is_some_and(|r| r.eq_ignore_ascii_case(w.as_bytes())))?;
    let end = start + word.len() + space(start + word.len());
    (rest.get(end) == Some(&close)).then_some(end + 1)
}

fn in_label(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// Labels and the dots between them.
struct Name<'t> {
    bytes: &'t [u8],
    labels: [(usize, usize); MOST_LABELS],
    count: usize,
    defanged: bool,
}

impl<'t> Name<'t> {
    /// The name that begins at `start`; it ends before the first dot with no label behind it.
    fn read(bytes: &'t [u8], start: usize) -> Self {
        let mut name = Self { bytes, labels: [(0, 0); MOST_LABELS], count: 0, defanged: false };
        let mut at = start;
        let mut defanged = false;
        while name.count < MOST_LABELS {
            let length = bytes[at..].iter().take(MOST_LABEL + 1).take_while(|b| in_label(b)).count();
            if length == 0 {
                break;
            }
            name.defanged |= defanged;
            name.labels[name.count] = (at, at + length);
            name.count += 1;
            let Some((dot, written)) = dot(&bytes[at + length..]) else { break };
            (at, defanged) = (at + length + dot, written);
        }
        name
    }

    fn labels(&self) -> impl DoubleEndedIterator<Item = &'t [u8]> + Clone + '_ {
        self.labels[..self.count].iter().map(|(start, end)| &self.bytes[*start..*end])
    }

    fn range(&self) -> Range<usize> {
        self.labels[0].0..self.labels[self.count - 1].1
    }

    fn last(&self) -> &'t [u8] {
        let (start, end) = self.labels[self.count - 1];
        &self.bytes[start..end]
    }

    /// The name in lower case, with plain dots.
    fn value(&self) -> String {
        let mut value = String::with_capacity(self.range().len());
        for (number, label) in self.labels().enumerate() {
            if number > 0 {
                value.push('.');
            }
            value.extend(label.iter().map(|b| b.to_ascii_lowercase() as char));
        }
        value
    }

    /// Whether this can be the name of a host: RFC 1123 labels, the last no number.
    fn host(&self) -> bool {
        let last = self.last();
        self.count >= 2
            && self.range().len() <= 253 + 8 * self.count
            && self.labels().all(|l| l.len() <= MOST_LABEL && l[0] != b'-' && l[l.len() - 1] != b'-')
            && last.len() >= 2
            && (last.iter().all(u8::is_ascii_alphabetic) || last.get(..4).is_some_and(|l| l.eq_ignore_ascii_case(b"xn--")))
            // Underscores stand in names of services only, before the domain.
            && self.labels().rev().take(2).all(|l| !l.contains(&b'_'))
    }
}

/// Looks at the dot, or the bracket that may stand for one, at `at`; nothing before `from` is part of the name.
/// Returns where the next look begins.
pub(super) fn scan(text: &str, from: usize, at: usize, finds: &mut Finds<'_>) -> usize {
    let bytes = text.as_bytes();
    if let Some(end) = finds.over(at) {
        return end;
    }
    let mut end = at;
    if end > from && bytes[end] != b'.' && bytes[end - 1] == b' ' {
        end -= 1;
    } else {
        end -= bytes[from..end].iter().rev().take(MOST_MARKS).take_while(|b| **b == b'\\').count();
    }
    let start = end - bytes[from..end].iter().rev().take(MOST_LABEL + 1).take_while(|b| in_label(b)).count();
    if start == end {
        return at + 1;
    }
    if bytes[at] != b'.'
        && let Some(end) = mail(text, from, start, at, finds)
    {
        return end;
    }
    let name = Name::read(bytes, start);
    if name.count < 2 {
        return at + 1;
    }
    let range = name.range();
    let before = start.checked_sub(1).map(|at| bytes[at]);
    // A defanged host of a mail address, maybe with spaces around its sign; the plain ones are found as they are.
    let sign = if before == Some(b' ') { start.checked_sub(2) } else { start.checked_sub(1) };
    if let Some(sign) = sign.filter(|at| bytes[*at] == b'@' && (before == Some(b'@') || name.defanged)) {
        if name.defanged && name.host() {
            let end = sign - usize::from(sign > from && bytes[sign - 1] == b' ');
            let local = local_start(bytes, from, end);
            if local < end {
                let value = format!("{}@{}", text[local..end].to_ascii_lowercase(), name.value());
                finds.add(super::mail_kind(text, local, &value), value, local..range.end);
            }
        }
        return range.end;
    }
    if name.count == 4 && name.labels().all(|l| l.iter().all(u8::is_ascii_digit)) {
        ipv4(text, &name, before, finds);
        return range.end;
    }
    if let Some((kind, value)) = hidden(&name) {
        finds.add(kind, value, range.clone());
    } else if !name.defanged && is_file(&name) {
        finds.add("file-name", &text[range.clone()], range.clone());
    } else if bytes.get(range.end) == Some(&b'/')
        && name.labels().rev().nth(1).is_some_and(link::is_name)
        && let Some((kind, value, end)) = link::without_scheme(text, &range, &name.value())
    {
        finds.add(kind, value, start..end);
        return end;
    } else if name.host() && is_domain(text, &name, before) {
        finds.add("domain", name.value(), range.clone());
    }
    range.end
}

/// Four numbers up to 255 without leading zeros, or a block of such addresses.
fn ipv4(text: &str, name: &Name<'_>, before: Option<u8>, finds: &mut Finds<'_>) {
    let bytes = text.as_bytes();
    let range = name.range();
    let good = name.labels().all(|label| {
        label.len() <= 3
            && (label.len() == 1 || label[0] != b'0')
            && label.iter().fold(0u32, |number, digit| number * 10 + u32::from(digit - b'0')) <= 255
    });
    // `Chrome/120.0.0.0` and `version 1.2.3.4` are versions, `+1.2.3.4` and `=1.2.3.4` may be addresses.
    let version = match before {
        Some(b'/') => start_of_path(bytes, range.start - 1),
        Some(b'.') => start_of_path(bytes, range.start - 1),
        Some(b'-') => true,
        _ => false,
    };
    if !good || version || word_before(text, range.start, 12, &["version", "ver", "v", "версия", "build"]) {
        return;
    }
    // A further dot and number make it another thing.
    if matches!(bytes[range.end..], [b'.', b'0'..=b'9', ..]) {
        return;
    }
    match network::prefix(bytes, range.end, 32) {
        Some(end) => finds.add("cidr", format!("{}{}", name.value(), &text[range.end..end]), range.start..end),
        None => finds.add("ipv4", name.value(), range),
    }
}

/// Whether the slash or dot at `at` stands behind a letter or digit, not behind another one.
fn start_of_path(bytes: &[u8], at: usize) -> bool {
    at > 0 && bytes[at - 1].is_ascii_alphanumeric()
}

/// Hosts of hidden networks: Tor's second version (80 bits of Base32, no checksum) and I2P.
fn hidden(name: &Name<'_>) -> Option<(&'static str, String)> {
    let base32 = |label: &[u8]| label.iter().all(|b| matches!(b, b'a'..=b'z' | b'A'..=b'Z' | b'2'..=b'7'));
    let label = name.labels().rev().nth(1)?;
    if name.last().eq_ignore_ascii_case(b"onion") {
        let value = || format!("{}.onion", String::from_utf8_lossy(label).to_ascii_lowercase());
        return (label.len() == 16 && base32(label)).then(|| ("onion-service-v2", value()));
    }
    if !name.last().eq_ignore_ascii_case(b"i2p") {
        return None;
    }
    // `b32.i2p` names a destination by its hash (52 characters; more when it is encrypted), others are of an address book.
    let good = match label.eq_ignore_ascii_case(b"b32") {
        true => name.labels().rev().nth(2).is_some_and(|hash| base32(hash) && (hash.len() == 52 || hash.len() >= 56)),
        false => name.labels().all(|l| !l.contains(&b'_') && l[0] != b'-'),
    };
    good.then(|| ("i2p-service", name.value()))
}

/// Ends of files that run when opened, or hold what does.
const RUNNING: &[&str] = &["exe", "dll", "ps1", "vbs", "js", "jar", "apk", "bat", "scr", "lnk", "iso"];
/// Programs and libraries that are called as their file would be.
const LIBRARIES: &[&str] = &[
    "angular", "backbone", "chart", "d3", "discord", "ember", "express", "moment", "nest", "next", "node", "nuxt",
    "react", "socket", "three", "vue", "web3", "ethers",
];

fn is_file(name: &Name<'_>) -> bool {
    let lower = |label: &[u8], words: &[&str]| words.iter().any(|word| label.eq_ignore_ascii_case(word.as_bytes()));
    let first = name.labels().next().unwrap_or_default();
    lower(name.last(), RUNNING)
        && !(name.last().eq_ignore_ascii_case(b"js") && name.count == 2 && lower(first, LIBRARIES))
}

/// Suffixes that are words, so that a full stop without a space behind it makes a domain of a sentence.
const WORDS: &[&str] = &[
    "ac", "ad", "ag", "ai", "al", "am", "an", "ar", "as", "at", "be", "by", "can", "co", "do", "es", "fm", "gay", "go",
    "he", "hm", "ht", "id", "ie", "il", "im", "in", "is", "it", "la", "le", "lo", "ma", "me", "mu", "my", "na", "ne",
    "no", "nu", "om", "pa", "pm", "re", "sa", "se", "so", "st", "su", "ta", "to", "tv", "us", "va", "ve", "vi", "ws",
    "ya", "yt",
];
/// Suffixes that are also ends of files or members of programs.
const FILES: &[&str] = &[
    "app", "cab", "cat", "cc", "gz", "in", "md", "ml", "mo", "mov", "pl", "ps", "py", "rs", "sh", "so", "zip", "name",
    "prof",
];
/// Long suffixes in which the underground's domains are; the others are words more often than not.
const NAMES: &[&str] = &[
    "biz", "blog", "bond", "bot", "buzz", "cfd", "click", "cloud", "club", "com", "cyou", "dev", "digital", "edu",
    "finance", "fun", "gov", "guru", "host", "icu", "info", "int", "ink", "lol", "live", "market", "media", "mil",
    "mobi", "monster", "net", "network", "online", "org", "page", "press", "pro", "pub", "quest", "rest", "sbs",
    "shop", "site", "space", "store", "tech", "tel", "top", "vip", "website", "wiki", "wtf", "xxx", "xyz", "zone",
];
/// Words that announce a domain.
const ANNOUNCES: &[&str] = &[
    "site",
    "website",
    "domain",
    "domains",
    "host",
    "hosts",
    "url",
    "link",
    "links",
    "mirror",
    "mirrors",
    "www",
    "http",
    "https",
    "сайт",
    "сайта",
    "сайте",
    "домен",
    "зеркало",
    "ссылка",
    "网址",
    "域名",
    "官网",
    "网站",
];

/// Whether the suffix is one of the public list, and the name more than two words with a full stop between them.
fn is_domain(text: &str, name: &Name<'_>, before: Option<u8>) -> bool {
    if name.defanged {
        return true;
    }
    let bytes = text.as_bytes();
    let range = name.range();
    let behind = bytes.get(range.end);
    // A part of a path, a call, an assignment, the local part of a mail address, the rest of a broken name.
    let within = match before {
        Some(b'/') => start_of_path(bytes, range.start - 1),
        Some(b'.' | b'\\' | b'$' | b'#' | b'&') => true,
        _ => false,
    };
    if within || matches!(behind, Some(b'(' | b'=' | b'@' | b'\\')) {
        return false;
    }
    let last = name.last();
    // `Thanks.Contact` and `thanks.IT` are ends and beginnings of sentences.
    let upper = last.iter().filter(|b| b.is_ascii_uppercase()).count();
    if upper != 0 && (upper != last.len() || name.labels().any(|l| l.iter().any(u8::is_ascii_lowercase))) {
        return false;
    }
    let value = name.value();
    let Some(registered) = psl::domain(value.as_bytes()) else { return false };
    let suffix = registered.suffix();
    // Private suffixes (`github.io`) stand under public ones.
    // Hidden services are on the list as well; without their checksum they are nothing.
    if !suffix.is_known() || matches!(suffix.as_bytes(), b"onion" | b"i2p") {
        return false;
    }
    let suffix = std::str::from_utf8(suffix.as_bytes()).unwrap_or_default();
    let last = suffix.rsplit('.').next().unwrap_or_default();
    let announced =
        || value.starts_with("www.") || before == Some(b'/') || word_before(text, range.start, 20, ANNOUNCES);
    if FILES.contains(&last) && name.count == 2 {
        return announced();
    }
    let addressed = || matches!(bytes[range.end..], [b'/', ..] | [b':', b'0'..=b'9', ..]);
    let own = &registered.as_bytes()[..registered.as_bytes().len() - suffix.len() - 1];
    if own.iter().all(u8::is_ascii_digit) || own.len() == 1 {
        return matches!(last, "com" | "net" | "org") || addressed() || announced();
    }
    let coined = || own.iter().any(|b| b.is_ascii_digit() || *b == b'-') || name.count > 2;
    if NAMES.contains(&last) || suffix.contains('.') {
        return true;
    }
    (last.len() == 2 && !WORDS.contains(&last)) || last.starts_with("xn--") || coined() || addressed() || announced()
}

fn local_char(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+')
}

/// Where the local part of a mail address that ends at `end` begins.
fn local_start(bytes: &[u8], from: usize, end: usize) -> usize {
    end - bytes[from..end].iter().rev().take(64).take_while(|b| local_char(b)).count()
}

/// A mail address whose sign is written in brackets at `at`: `a[at]b[.]example`, `a (at) b (dot) example`.
fn mail(text: &str, from: usize, label: usize, at: usize, finds: &mut Finds<'_>) -> Option<usize> {
    let bytes = text.as_bytes();
    let sign = bracketed(&bytes[at..], bytes[at], AT)?;
    let local_end = at - usize::from(bytes[at - 1] == b' ');
    let start = local_start(bytes, from, local_end);
    let host = at + sign + usize::from(bytes.get(at + sign) == Some(&b' '));
    let name = Name::read(bytes, host);
    if start == local_end
        || start > label
        || !apart(start.checked_sub(1).map(|at| &bytes[at]))
        || name.count < 2
        || !name.host()
    {
        return None;
    }
    let value = format!("{}@{}", text[start..local_end].to_ascii_lowercase(), name.value());
    let end = name.range().end;
    finds.add(super::mail_kind(text, start, &value), value, start..end);
    Some(end)
}
