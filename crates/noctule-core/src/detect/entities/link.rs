//! Links that are a name: invitations to Discord, links of Signal.

use std::ops::Range;

/// What an address without its scheme names (`discord.gg/abc`).
pub(super) fn named(rest: &str) -> Option<(&'static str, String, usize)> {
    let slash = rest.find('/')?;
    let (host, path) = (&rest[..slash], &rest[slash + 1..]);
    let is = |known: &[&str]| known.iter().any(|known| host.eq_ignore_ascii_case(known));
    let code = |path: &str, fewest: usize| {
        let length = path.bytes().take(65).take_while(|b| b.is_ascii_alphanumeric() || *b == b'-').count();
        (fewest..=64).contains(&length).then_some(length)
    };
    if is(&["discord.gg", "www.discord.gg"]) {
        let length = code(path, 2)?;
        return Some(("discord-invite", path[..length].to_owned(), slash + 1 + length));
    }
    if is(&["discord.com", "discordapp.com", "www.discord.com"]) {
        let path = path.strip_prefix("invite/")?;
        let length = code(path, 2)?;
        return Some(("discord-invite", path[..length].to_owned(), slash + 1 + "invite/".len() + length));
    }
    if is(&["signal.me", "signal.group"]) {
        let mark = path.strip_prefix('#')?;
        let length = mark
            .bytes()
            .take(200)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'+' | b'-' | b'_' | b'='))
            .count();
        return (length >= 8).then(|| {
            let end = slash + 2 + length;
            ("signal-link", format!("{}/#{}", host.to_ascii_lowercase(), &mark[..length]), end)
        });
    }
    None
}

/// Whether a label is one of a host that [`named`] knows.
pub(super) fn is_name(label: &[u8]) -> bool {
    ["discord", "discordapp", "signal"].iter().any(|name| label.eq_ignore_ascii_case(name.as_bytes()))
}

/// The same for a host in a text, at `host`, with `value` for what it is when refanged.
pub(super) fn without_scheme(text: &str, host: &Range<usize>, value: &str) -> Option<(&'static str, String, usize)> {
    let behind = &text[host.end..];
    let reach = behind.floor_char_boundary(behind.len().min(256));
    let (kind, name, end) = named(&format!("{value}{}", &behind[..reach]))?;
    Some((kind, name, host.end + end - value.len()))
}

/// The name in `tg://resolve?domain=name` or the invitation in `tg://join?invite=code`.
pub(super) fn telegram(piece: &str) -> Option<(&'static str, String, Range<usize>)> {
    let start = piece.find("tg://").or_else(|| piece.find("TG://"))?;
    if start > 0 && piece.as_bytes()[start - 1].is_ascii_alphanumeric() {
        return None;
    }
    let rest = &piece[start + "tg://".len()..];
    for (path, kind) in [("resolve?domain=", "telegram-handle"), ("join?invite=", "telegram-invite")] {
        let Some(name) = rest.strip_prefix(path) else { continue };
        let length =
            name.bytes().take(40).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')).count();
        let end = start + "tg://".len() + path.len() + length;
        let name = &name[..length];
        return match kind {
            "telegram-handle" if super::handle(name) => {
                Some((kind, format!("@{}", name.to_ascii_lowercase()), start..end))
            }
            "telegram-invite" if length >= 8 => Some((kind, name.to_owned(), start..end)),
            _ => None,
        };
    }
    None
}
