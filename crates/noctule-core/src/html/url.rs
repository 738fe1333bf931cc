//! Addresses, as far as reading pages needs them: host, parameters, and what a relative link leads to.

/// The host of an absolute address in lower case, without user, port and `www.`; `None` for a relative one.
pub fn host(url: &str) -> Option<String> {
    let (scheme, rest) = match url.strip_prefix("//") {
        Some(rest) => ("http", rest),
        None => url.split_once("://")?,
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let host = host.to_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host).trim_end_matches('.');
    let plausible = !host.is_empty() && host.len() <= 255 && !host.contains(|c: char| c.is_whitespace());
    plausible.then(|| host.to_owned())
}

/// Where a link leads. `None` for what leads nowhere outside of the page: scripts, data, fragments. Without a base a
/// relative link stays as it is.
pub fn resolve(base: Option<&str>, href: &str) -> Option<String> {
    let href = href.trim();
    if href.is_empty() || href.starts_with('#') || href.len() > 4096 {
        return None;
    }
    if let Some((scheme, _)) = href.split_once(':')
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
    {
        let inside = ["javascript", "data", "vbscript", "blob", "about", "file"];
        return (!inside.iter().any(|word| scheme.eq_ignore_ascii_case(word))).then(|| href.to_owned());
    }
    let Some(base) = base.filter(|base| host(base).is_some()) else {
        return Some(href.to_owned());
    };
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base.trim_start_matches('/')));
    if href.starts_with("//") {
        return Some(format!("{scheme}:{href}"));
    }
    let authority_length = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_length);
    let path = path.split(['?', '#']).next().unwrap_or("");
    let joined = if href.starts_with('/') {
        href.to_owned()
    } else if href.starts_with('?') {
        format!("{}{href}", if path.is_empty() { "/" } else { path })
    } else {
        let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
        format!("{folder}{href}")
    };
    Some(format!("{scheme}://{authority}{}", without_dots(&joined)))
}

/// Removes `.` and `..` from a path that starts with `/`.
fn without_dots(path: &str) -> String {
    let (path, tail) = path.split_at(path.find(['?', '#']).unwrap_or(path.len()));
    let mut parts: Vec<&str> = Vec::new();
    let mut folder = false;
    for part in path.split('/').skip(1) {
        folder = matches!(part, "." | "..");
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    format!("/{}{}{tail}", parts.join("/"), if folder && !parts.is_empty() { "/" } else { "" })
}

/// The value of a parameter in the query (`t` in `viewtopic.php?f=2&t=15#p3`), digits and letters as written.
pub fn parameter<'u>(url: &'u str, name: &str) -> Option<&'u str> {
    let (_, query) = url.split_once('?')?;
    query.split(['&', ';', '#', '?']).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// The digits right behind the last occurrence of `mark`: `5` in `/threads/name.5/` for `.`, where a `/`, the end or
/// another mark follows them.
pub fn digits_after<'u>(text: &'u str, mark: &str) -> Option<&'u str> {
    text.rmatch_indices(mark).find_map(|(at, _)| leading_digits(&text[at + mark.len()..]))
}

/// The digits at the start of a text, if there are any.
pub fn leading_digits(text: &str) -> Option<&str> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    (1..=20).contains(&length).then(|| &text[..length])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for (url, found) in [
            ("https://www.Forum.Example:443/x", Some("forum.example")),
            ("//cdn.example/y", Some("cdn.example")),
            ("http://user:pw@forum.example", Some("forum.example")),
            ("/threads/1", None),
            ("ftp://forum.example/", None),
            ("http:///x", None),
        ] {
            assert_eq!(host(url).as_deref(), found, "{url}");
        }
    }

    #[test]
    fn links_resolve() {
        let base = Some("https://forum.example/a/b/topic.php?t=1#p2");
        for (href, found) in [
            ("./c?x=1", Some("https://forum.example/a/b/c?x=1")),
            ("../c/", Some("https://forum.example/a/c/")),
            ("../../../..", Some("https://forum.example/")),
            ("/c", Some("https://forum.example/c")),
            ("?t=2", Some("https://forum.example/a/b/topic.php?t=2")),
            ("//other.example/c", Some("https://other.example/c")),
            ("HTTPS://x.example", Some("HTTPS://x.example")),
            ("tg://resolve?domain=a", Some("tg://resolve?domain=a")),
            ("mailto:a@b.example", Some("mailto:a@b.example")),
            ("JavaScript:alert(1)", None),
            ("data:text/html,x", None),
            ("#p5", None),
            (" ", None),
        ] {
            assert_eq!(resolve(base, href).as_deref(), found, "{href}");
        }
        assert_eq!(resolve(None, "topic.php?t=1").as_deref(), Some("topic.php?t=1"));
    }

    #[test]
    fn numbers_in_addresses() {
        assert_eq!(parameter("viewtopic.php?f=2&t=15#p3", "t"), Some("15"));
        assert_eq!(parameter("viewtopic.php?f=2&amp;t=15", "p"), None);
        assert_eq!(digits_after("/threads/name-1.2.55/page-2", "."), Some("55"));
        assert_eq!(digits_after("post-x", "post-"), None);
    }
}
