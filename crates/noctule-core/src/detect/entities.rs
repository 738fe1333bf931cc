//! Addresses of all sorts: where to write, where to pay, what is sold, what attacks.
//!
//! # What it finds
//! Places: `url` (refanged: `hxxp`, `[.]`; no user name or password), `domain` (public suffix list), `onion-service`
//! (v3, checksum verified), `onion-service-v2`, `i2p-service`, `ipv4`, `ipv6`, `cidr`, `asn`.
//!
//! People: `telegram-handle`, `telegram-invite`, `discord-handle`, `discord-invite`, `email`, `jabber`, `matrix-id`,
//! `tox`, `session-id`, `signal-link`, `wickr`, `phone`.
//!
//! Money: `btc-address`, `eth-address`, `tron-address`, `xmr-address`, `ltc-address`, `doge-address`, `bch-address`,
//! `dash-address`, `zec-address`, `sol-address`, `ton-address`, `transaction-id`, `iban`, `bin`.
//!
//! Traces: `md5`, `sha1`, `sha256`, `sha512`, `cve`, `attack-id`, `file-name`, `registry-key`, `yara-rule`, `tlp`,
//! `pgp-key`, `pgp-fingerprint`, `ssh-key`.
//!
//! Every value with a checksum is verified: Base58Check, Bech32 and Bech32m, cashaddr, EIP-55 where letters are
//! mixed, Monero's, TON's, Tox' and Tor's checksums, IBAN's remainder. What fails is not listed.
//!
//! # How
//! The clean text (quotes out, secrets masked) is cut at spaces and at characters no address has; a piece is looked
//! at only when it has a sign of one (`@`, `://`, `.onion`, `0x`, `cve-`, 26 letters and digits in a row). A second
//! look goes by dots between letters (also as `[.]`, `(dot)`), digits and a few rare signs. Nothing is listed within
//! something else: the host of a `url` is no `domain` besides.
//!
//! # Where it is wrong
//! An `@name` may be of another network than Telegram. Addresses broken over lines and domains in other scripts are
//! missed. A domain of two words whose suffix is a word too (`price.in`, `thanks.contact`) needs a port, a path or a
//! word like "site" beside it, one whose suffix ends files (`run.sh`) a `www.` or such a word; dots in braces are read
//! behind another dot only. Hashes, v2 onion names, Session ids and Ethereum addresses in one case have no checksum.
//! A Solana address has none either and counts only beside a word (`sol`, `wallet`); 64 digits are a transaction
//! beside such a word and a SHA-256 otherwise, 40 digits a fingerprint beside `pgp` or `fingerprint` and a SHA-1
//! otherwise. Litecoin addresses that begin with a 3 are Bitcoin's as well. Telephone numbers need their `+`, Wickr
//! names a `wickr:`, Discord names their four digits. Bitcoin's test networks are not listed.

mod account;
mod address;
mod artifact;
mod attack;
mod coins;
mod contact;
mod digest;
mod dotted;
mod finds;
mod hash;
mod link;
mod network;
mod survey;

use std::borrow::Cow;
use std::ops::Range;

use super::Detector;
use super::scene::Scene;
use crate::model::{Clean, Entity, Span, Verdict};
use crate::normalize::MASK;

pub(super) struct EntityDetector;

/// A message with more entities is a list; the rest adds nothing.
const MOST_ENTITIES: usize = 256;
/// Longest piece that is looked at.
const MOST_PIECE: usize = 2_048;

impl Detector for EntityDetector {
    fn name(&self) -> &'static str {
        "entities"
    }

    fn about(&self) -> &'static str {
        "links, handles, mail and wallet addresses, onion services, CVE numbers"
    }

    crate::documented!();

    fn scan(&self, scene: &Scene<'_>, verdict: &mut Verdict) {
        let from = verdict.entities.len();
        let text = &scene.clean.text;
        scan_text(text, &mut verdict.entities);
        let mut finds = finds::Finds::new(&mut verdict.entities, from);
        survey::scan(text, &mut finds);
        finds.finish();
        for entity in &mut verdict.entities[from..] {
            entity.span = raw_span(scene.clean, entity.span);
        }
    }
}

/// A place of the clean text in the raw text.
fn raw_span(clean: &Clean, span: Span) -> Span {
    let raw_offset = |own: u32| match clean.text_steps.partition_point(|step| step.1 <= own) {
        0 => own,
        n => {
            let (raw, from) = clean.text_steps[n - 1];
            raw + (own - from)
        }
    };
    // Every entity ends in ASCII, so the end is behind its last byte; a quote cut out there is not part of it.
    Span { start: raw_offset(span.start), end: raw_offset(span.end - 1) + 1 }
}

/// So many letters and digits in a row may be a wallet.
const LONG_RUN: usize = 26;

/// Cuts a text into pieces and looks at those with a sign of an address.
fn scan_text(text: &str, out: &mut Vec<Entity>) {
    let bytes = text.as_bytes();
    let mut mask = [0; 4];
    let mask = MASK.encode_utf8(&mut mask).as_bytes();
    // Pieces without a sign are skipped in great steps: to the next sign, or to the next place that a run cannot miss.
    let mut at = 0;
    let mut sign = next_sign(bytes, 0);
    let mut probe = LONG_RUN - 1;
    while out.len() < MOST_ENTITIES {
        while probe < bytes.len().min(sign) && !long_run_over(bytes, probe) {
            probe += LONG_RUN;
        }
        let found = probe.min(sign);
        if found >= bytes.len() {
            return;
        }
        let start = piece_start(bytes, at, found, mask);
        at = found;
        while at < bytes.len() {
            if in_piece(bytes[at]) {
                at += 1;
            } else if bytes[at] == mask[0] && bytes[at..].starts_with(mask) {
                // A masked password within a link does not end it.
                at += mask.len();
            } else {
                break;
            }
        }
        // A piece is ASCII and whole masks, so it begins and ends on character boundaries.
        if at - start >= 5 && at - start <= MOST_PIECE {
            Piece { text: &text[start..at], offset: start, whole: text }.scan(out);
        }
        if sign < at {
            sign = next_sign(bytes, at);
        }
        // The first place behind the piece at which every run of the length that begins there can be seen.
        probe = at + LONG_RUN - 1;
    }
}

/// The next sign from `from` on that may belong to an address, by the bytes beside it: what they rule out would be
/// ruled out in the end.
fn next_sign(bytes: &[u8], from: usize) -> usize {
    memchr::memchr3_iter(b'@', b'/', b'-', &bytes[from..])
        .map(|at| from + at)
        .find(|at| {
            let before = at.checked_sub(1).map_or(0, |before| bytes[before]);
            let behind = bytes.get(at + 1).copied().unwrap_or(0);
            match bytes[*at] {
                // Neither a name nor a host begins with another byte.
                b'@' => behind.is_ascii_alphanumeric() || behind == b'-',
                // `://`, `[:]//` and `t.me/`.
                b'/' => matches!(before, b':' | b']') && behind == b'/' || before.eq_ignore_ascii_case(&b'e'),
                // `cve-` and `-----BEGIN`.
                _ => before.eq_ignore_ascii_case(&b'e') && behind.is_ascii_digit() || before == b'-' && behind == b'B',
            }
        })
        .unwrap_or(bytes.len())
}

/// Whether a run of letters and digits around `place` is long.
fn long_run_over(bytes: &[u8], place: usize) -> bool {
    // Half of it lies on one side.
    const HALF: usize = LONG_RUN / 2;
    let in_run = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphanumeric);
    if !in_run(place) || !in_run(place + HALF) && !place.checked_sub(HALF).is_some_and(in_run) {
        return false;
    }
    let before = bytes[..=place].iter().rev().take(LONG_RUN).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    before == LONG_RUN
        || before > 0
            && bytes[place + 1..].iter().take(LONG_RUN - before).take_while(|byte| byte.is_ascii_alphanumeric()).count()
                + before
                == LONG_RUN
}

/// Where the piece around `place` begins, `from` at the earliest. A mask may be inside a piece but not begin it.
fn piece_start(bytes: &[u8], from: usize, place: usize, mask: &[u8]) -> usize {
    let (mut start, mut at) = (place, place);
    while at > from {
        if in_piece(bytes[at - 1]) {
            at -= 1;
            start = at;
        } else if bytes[from..at].ends_with(mask) {
            at -= mask.len();
        } else {
            break;
        }
    }
    start
}

/// Characters an address may have.
fn in_piece(byte: u8) -> bool {
    static TABLE: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = 0x21u8;
        while byte < 0x7F {
            table[byte as usize] = !matches!(
                byte,
                b'<' | b'>'
                    | b'"'
                    | b'\''
                    | b'('
                    | b')'
                    | b'{'
                    | b'}'
                    | b'|'
                    | b','
                    | b';'
                    | b'`'
                    | b'*'
                    | b'^'
                    | b'\\'
            );
            byte += 1;
        }
        table
    };
    TABLE[byte as usize]
}

struct Piece<'a> {
    text: &'a str,
    offset: usize,
    /// The text it is a piece of: words beside an address may say what it is.
    whole: &'a str,
}

impl Piece<'_> {
    fn scan(&self, out: &mut Vec<Entity>) {
        let mut push = |kind: &'static str, value: String, range: Range<usize>| {
            if out.len() < MOST_ENTITIES {
                out.push(Entity { kind, value, span: Span::new(self.offset + range.start, self.offset + range.end) });
            }
        };
        let has = Signs::of(self.text);
        if has.hyphen
            && self.text.ends_with("-----BEGIN")
            && let Some((range, name)) =
                artifact::pgp_block(self.whole, self.offset + self.text.len() - "-----BEGIN".len())
        {
            push("pgp-key", name.to_owned(), range.start - self.offset..range.end - self.offset);
            return;
        }
        if has.slash {
            if has.colon
                && let Some((value, range)) = url(self.text)
            {
                match telegram_link(&value).or_else(|| other_link(&value)) {
                    Some((kind, name)) => push(kind, name, range),
                    None => match onion_host(&value) {
                        Some(host) => {
                            let start = find_ignoring_case(self.text, &host).unwrap_or(range.start);
                            push("onion-service", host.clone(), start..start + host.len());
                            push("url", value, range);
                        }
                        None => push("url", value, range),
                    },
                }
                return;
            }
            if has.colon
                && let Some((kind, name, range)) = link::telegram(self.text)
            {
                push(kind, name, range);
                return;
            }
            // "t.me/name" and a bare onion host are addresses without a scheme.
            let trimmed = without_stops(self.text);
            if let Some(start) = find_ignoring_case(trimmed, "t.me/")
                .filter(|at| *at == 0 || !trimmed.as_bytes()[at - 1].is_ascii_alphanumeric())
                && let Some((kind, name)) = telegram_address(&trimmed[start..])
            {
                push(kind, name, start..trimmed.len());
                return;
            }
        }
        if has.dot {
            let trimmed = without_stops(self.text);
            if let Some(host) = onion_host(trimmed) {
                let start = find_ignoring_case(trimmed, &host).unwrap_or(0);
                push("onion-service", host.clone(), start..start + host.len());
                return;
            }
            if has.colon
                && has.at.is_some()
                && let Some((value, range)) = contact::matrix(self.text)
            {
                push("matrix-id", value, range);
                return;
            }
            if let Some((value, range)) = has.at.and_then(|at| email(self.text, at)) {
                push(mail_kind(self.whole, self.offset + range.start, &value), value, range);
                return;
            }
        }
        if let Some(first) = has.at {
            handles(self.text, first, |value, range| push("telegram-handle", value, range));
        }
        if self.text.len() < LONG_RUN && !has.hyphen {
            return;
        }
        words(self, |kind, range| {
            let value = &self.text[range.clone()];
            let value = if kind == "cve" { value.to_ascii_uppercase() } else { value.to_owned() };
            push(kind, value, range);
        });
    }
}

/// Which signs a piece has: most readings are ruled out by what it lacks.
struct Signs {
    slash: bool,
    colon: bool,
    dot: bool,
    hyphen: bool,
    /// The first `@`.
    at: Option<usize>,
}

impl Signs {
    fn of(piece: &str) -> Self {
        const SIGNS: [u8; 5] = *b"/:.-@";
        static BITS: [u8; 256] = {
            let mut bits = [0; 256];
            let mut sign = 0;
            while sign < SIGNS.len() {
                bits[SIGNS[sign] as usize] = 1 << sign;
                sign += 1;
            }
            bits
        };
        let all = piece.bytes().fold(0, |all, byte| all | BITS[usize::from(byte)]);
        let [slash, colon, dot, hyphen, at] = SIGNS.map(|sign| all & BITS[usize::from(sign)] != 0);
        let at = if at { memchr::memchr(b'@', piece.as_bytes()) } else { None };
        Self { slash, colon, dot, hyphen, at }
    }
}

/// A piece without the marks that end a sentence.
fn without_stops(piece: &str) -> &str {
    piece.trim_end_matches(['.', ':', '!', '?'])
}

/// A link in a piece, refanged, without credentials, and where it stands.
fn url(piece: &str) -> Option<(String, Range<usize>)> {
    let scheme_end = memchr::memchr_iter(b':', piece.as_bytes()).find(|at| piece[*at..].starts_with("://"))?;
    let before = &piece[..scheme_end];
    let scheme_start = before.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
    let named = |names: &[&str]| names.iter().any(|name| before[scheme_start..].eq_ignore_ascii_case(name));
    let scheme = if named(&["https", "hxxps"]) {
        "https"
    } else if named(&["http", "hxxp", "htxp"]) {
        "http"
    } else if named(&["ftp", "fxp"]) {
        "ftp"
    } else {
        return None;
    };
    let rest = &piece[scheme_end + 3..];
    let rest = rest.trim_end_matches(['.', ':', '!', '?', ']', '_', '~']);
    let end = scheme_end + 3 + rest.len();
    let rest = if memchr::memchr2(b'[', b']', rest.as_bytes()).is_some() {
        Cow::Owned(
            rest.replace("[.]", ".").replace("[:]", ":").replace("[dot]", ".").replace("[.", ".").replace(".]", "."),
        )
    } else {
        Cow::Borrowed(rest)
    };
    let host_end = rest.bytes().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(host_end);
    // Credentials before an @ are secrets.
    let host = memchr::memrchr(b'@', authority.as_bytes()).map_or(authority, |at| &authority[at + 1..]);
    let name = host.bytes().take_while(|b| *b != b':');
    // Labels between dots, at least two, none empty.
    let mut dots = 0;
    let mut last = b'.';
    for byte in name {
        match byte {
            b'.' if last == b'.' => return None,
            b'.' => dots += 1,
            b'-' | b'_' => {}
            byte if byte.is_ascii_alphanumeric() => {}
            _ => return None,
        }
        last = byte;
    }
    if dots == 0 || last == b'.' {
        return None;
    }
    let mut value = String::with_capacity(scheme.len() + 3 + host.len() + path.len());
    value.push_str(scheme);
    value.push_str("://");
    value.push_str(host);
    value.make_ascii_lowercase();
    value.push_str(path);
    Some((value, scheme_start..end))
}

/// The name or invitation in a link as [`url`] gives it.
fn telegram_link(url: &str) -> Option<(&'static str, String)> {
    telegram_address(&url[url.find(':')? + "://".len()..])
}

/// What other links name.
fn other_link(url: &str) -> Option<(&'static str, String)> {
    link::named(&url[url.find(':')? + "://".len()..]).map(|(kind, name, _)| (kind, name))
}

/// The name or invitation in an address without its scheme.
fn telegram_address(rest: &str) -> Option<(&'static str, String)> {
    let (host, path) = rest.split_once('/')?;
    if !["t.me", "telegram.me", "telegram.dog"].iter().any(|known| host.eq_ignore_ascii_case(known)) {
        return None;
    }
    let path = path.strip_prefix("s/").unwrap_or(path);
    if let Some(invite) = path.strip_prefix('+').or_else(|| path.strip_prefix("joinchat/")) {
        let length = invite.bytes().take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).count();
        return (length >= 8).then(|| ("telegram-invite", invite[..length].to_owned()));
    }
    let name = &path[..path.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()];
    handle(name).then(|| {
        let mut value = String::with_capacity(1 + name.len());
        value.push('@');
        value.push_str(name);
        value.make_ascii_lowercase();
        ("telegram-handle", value)
    })
}

/// Telegram's rule for names: 5 to 32 letters, digits and underscores, a letter first; sold short names have 4.
fn handle(name: &str) -> bool {
    let bytes = name.as_bytes();
    (4..=32).contains(&bytes.len()) && bytes[0].is_ascii_alphabetic() && bytes[bytes.len() - 1] != b'_'
}

/// Every `@name` that is not part of a mail address; `first` is the place of the first `@`.
fn handles(piece: &str, first: usize, mut found: impl FnMut(String, Range<usize>)) {
    let bytes = piece.as_bytes();
    for at in memchr::memchr_iter(b'@', &bytes[first..]).map(|at| first + at) {
        if at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'.' || !bytes[at - 1].is_ascii()) {
            continue;
        }
        let length = bytes[at + 1..].iter().take(40).take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        let end = at + 1 + length;
        // `name @host[.]com` is a mail address.
        if handle(&piece[at + 1..end]) && !piece[end..].starts_with("[.") {
            found(piece[at..end].to_ascii_lowercase(), at..end);
        }
    }
}

/// An address of the form `user@host` that begins at `start` is one of mail, or of Jabber.
fn mail_kind(text: &str, start: usize, address: &str) -> &'static str {
    if contact::is_jabber(text, start, address) { "jabber" } else { "email" }
}

/// A mail address with its sign at `at`: the part after it (`:password`) is left out.
fn email(piece: &str, at: usize) -> Option<(String, Range<usize>)> {
    let local_char = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+');
    let start = at - piece.as_bytes()[..at].iter().rev().take(64).take_while(|b| local_char(b)).count();
    if start == at {
        return None;
    }
    let length = piece.as_bytes()[at + 1..]
        .iter()
        .take(255)
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'))
        .count();
    let host = piece[at + 1..at + 1 + length].trim_end_matches(['.', '-']).as_bytes();
    let last = &host[memchr::memrchr(b'.', host)? + 1..];
    let good = host[0] != b'.'
        && host.windows(2).all(|two| two != b"..")
        && last.len() >= 2
        && last.iter().all(u8::is_ascii_alphabetic);
    let end = at + 1 + host.len();
    // The host goes on behind a dot in brackets: that is another reading's (`dotted`).
    let good = good && !matches!(piece.as_bytes().get(end), Some(b'['));
    good.then(|| (piece[start..end].to_ascii_lowercase(), start..end))
}

/// Characters of a v3 onion name.
const ONION_NAME: usize = 56;

/// The verified v3 onion host in a text, without sub-domains.
fn onion_host(text: &str) -> Option<String> {
    if text.len() < ONION_NAME + ".onion".len() {
        return None;
    }
    let dot = find_ignoring_case(text, ".onion")?;
    let behind = text.as_bytes().get(dot + 6);
    if behind.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'.') {
        return None;
    }
    let name = text.get(dot.checked_sub(ONION_NAME)?..dot)?.to_ascii_lowercase();
    address::is_onion_v3(&name).then(|| format!("{name}.onion"))
}

/// Wallet addresses, hashes and CVE numbers: runs of letters and digits, and `-` for the latter.
fn words(piece: &Piece<'_>, mut found: impl FnMut(&'static str, Range<usize>)) {
    let bytes = piece.text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let start = at;
        at += bytes[at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
        // The shortest number of a vulnerability; wallets are longer.
        if at - start < "cve-2000-0000".len() {
            continue;
        }
        let run = &piece.text[start..at];
        if let Some(length) = cve(run) {
            found("cve", start..start + length);
            continue;
        }
        let mut from = start;
        for part in run.split('-') {
            // The longest is SHA-512.
            if (LONG_RUN..=128).contains(&part.len())
                && let Some((kind, end)) = long_word(piece, from, part)
            {
                found(kind, from..end);
                // What a key of SSH goes on with is no word.
                at = at.max(end);
            }
            from += part.len() + 1;
        }
        // A key may be longer than a word of its letters.
        if run.len() > 128
            && let Some(key) = artifact::ssh_key(piece.text, start)
        {
            at = at.max(key.end);
            found("ssh-key", key);
        }
    }
}

/// What a long run of letters and digits at `start` of a piece is, and where it ends.
fn long_word(piece: &Piece<'_>, start: usize, run: &str) -> Option<(&'static str, usize)> {
    let end = start + run.len();
    let place = piece.offset + start;
    if let Some(kind) = address::wallet(run).or_else(|| hash::kind(piece.whole, place, run)) {
        return Some((kind, end));
    }
    if let Some(key) = artifact::ssh_key(piece.text, start) {
        return Some(("ssh-key", key.end));
    }
    coins::is_solana(piece.whole, place, run).then_some(("sol-address", end))
}

/// The length of a CVE number at the start of a run: `CVE-2021-44228`.
fn cve(run: &str) -> Option<usize> {
    if !run.get(..4)?.eq_ignore_ascii_case("cve-") {
        return None;
    }
    let year = run.get(4..8)?;
    let number = run.get(9..)?;
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let good = run.as_bytes()[8] == b'-'
        && year.bytes().all(|b| b.is_ascii_digit())
        && ("1999".."2100").contains(&year)
        && (4..=7).contains(&digits);
    good.then_some(9 + digits)
}

fn find_ignoring_case(text: &str, needle: &str) -> Option<usize> {
    let first = needle.as_bytes()[0];
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text.as_bytes()).find(|at| {
        text.as_bytes()[*at..].len() >= needle.len()
            && text.as_bytes()[*at..*at + needle.len()].eq_ignore_ascii_case(needle.as_bytes())
    })
}
