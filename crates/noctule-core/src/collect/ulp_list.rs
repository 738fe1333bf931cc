//! Lists of stolen credentials, one `url:login:password` a line: metadata only.
//!
//! # What it reads
//! Lines of a URL (or a host, or an Android package), a login and a password, divided by `:`, `|`, `;` or a tab, also
//! with the URL last. Of each line: the host, the domain of the login's mail, and the length and kinds of letters of
//! the password.
//!
//! # How
//! Line by line; the place is the line. While a line is read the password is measured and forgotten: no letter of it,
//! and none of a login's local part or of a URL's path, is copied anywhere. There is no keyed hash of the password,
//! because the key would have to come from outside and the reader has no place for one.
//!
//! # Where it is wrong
//! - The separator also occurs in URLs and passwords: the host is what follows the scheme, the login the first field
//!   behind the path, the password all the rest. A path with a separator shifts the fields; what is shown of a login
//!   then is still masked.
//! - A line without a login whose password looks like a mail address followed by the separator shows the domain in it.
//! - Nothing says when or from whom the credentials were taken: the file's name is all there is.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::credentials::{Secret, host_of_url, masked_login};
use super::lines::{Line, Lines, head_lines};
use super::out::Out;
use super::{Collector, Head, Input, Sink, file_stem};
use crate::model::{Medium, RawMessage, Reason, Source};

pub struct UlpList;

impl Collector for UlpList {
    fn name(&self) -> &'static str {
        "ulp-list"
    }

    fn about(&self) -> &'static str {
        "lists of stolen credentials (url:login:password), of which only metadata is read"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let lines = head_lines(head.bytes, head.whole, 60);
        let lines: Vec<_> = lines.iter().filter(|line| !line.trim().is_empty()).collect();
        let hits = lines.iter().filter(|line| Hit::of(line).is_some()).count();
        let enough = hits >= 2 && hits * 10 >= lines.len() * 7;
        enough.then(|| {
            format!(
                "a list of credentials: {hits} of the first {} lines are a URL, a login and a password",
                lines.len()
            )
        })
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let stem = file_stem(input.path).to_owned();
        let source = Arc::new(Source { key: format!("file:{stem}"), name: stem, medium: Medium::Other, url: None });
        let mut out = Out::new(sink);
        let mut lines = Lines::new(input.reader);
        let _ = read(&mut lines, &source, &mut out);
        out.finish("no lines");
    }
}

fn read(lines: &mut Lines<'_>, source: &Arc<Source>, out: &mut Out<'_>) -> ControlFlow<()> {
    loop {
        let number = lines.number + 1;
        let line = match lines.next() {
            Some(Line::Text(line)) => line,
            Some(Line::TooLong) => {
                out.skip(format!("line {number}"), Reason::TooLarge, "a line may have 1 MiB");
                continue;
            }
            None => break,
        };
        match Hit::of(line) {
            Some(hit) => {
                let text = format!("{}\nlogin: {}\npassword: {}", hit.host, hit.login, hit.password.shown());
                out.message(RawMessage::new(source.clone(), number, text))?;
            }
            None if line.trim().is_empty() => {}
            // No word of the line: it may hold a password all the same.
            None => out.skip(format!("line {number}"), Reason::UnknownElement, "not a URL, a login and a password"),
        }
    }
    if let Some(error) = lines.error() {
        out.skip(format!("line {}", lines.number), Reason::Unreadable, error);
    }
    ControlFlow::Continue(())
}

/// What may be said of one line.
struct Hit {
    host: String,
    /// Masked.
    login: String,
    password: Secret,
}

impl Hit {
    fn of(line: &str) -> Option<Self> {
        let line = line.trim();
        ['|', ';', '\t', ':'].into_iter().find_map(|separator| Self::with(line, separator))
    }

    fn with(line: &str, separator: char) -> Option<Self> {
        // `login:password:https://…`
        if let Some(at) = line.find("://")
            && let Some(start) = line[..at].rfind(separator)
        {
            let (login, password) = line[..start].split_once(separator)?;
            return Self::new(&line[start + separator.len_utf8()..], login, password);
        }
        let scheme = line.find("://").map_or(0, |at| at + 3);
        let rest = &line[scheme..];
        let authority = rest.find(['/', separator])?;
        // A port belongs to the host when a path or two more fields follow it.
        let mut end = scheme + authority;
        if separator == ':' && rest[authority..].starts_with(':') {
            let port = rest[authority + 1..].bytes().take_while(u8::is_ascii_digit).count();
            let behind = &rest[authority + 1 + port..];
            let fields = behind.matches(':').count();
            if port > 0 && port <= 5 && (behind.starts_with('/') || (behind.starts_with(':') && fields >= 2)) {
                end += 1 + port;
            }
        }
        let url_end = end + line[end..].find(separator)?;
        let (login, password) = line[url_end + separator.len_utf8()..].split_once(separator)?;
        Self::new(&line[..url_end], login, password)
    }

    fn new(url: &str, login: &str, password: &str) -> Option<Self> {
        let (url, login, password) = (url.trim(), login.trim(), password.trim());
        let named = !login.is_empty() && login.len() <= 256 && !password.is_empty();
        // Prose and rows of tables have spaces where these have none.
        if !named || login.contains(char::is_whitespace) || url.contains(char::is_whitespace) {
            return None;
        }
        Some(Self { host: host_of_url(url)?, login: masked_login(login), password: Secret::of(password) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_every_kind() {
        let shown =
            |line: &str| Hit::of(line).map(|hit| format!("{} {} {}", hit.host, hit.login, hit.password.shown()));
        let expected = Some("mail.example •••@corp.example 4 long (lower case)".to_owned());
        for line in [
            "https://mail.example/login:ann@corp.example:abcd",
            "https://mail.example:8443/login:ann@corp.example:abcd",
            "https://mail.example:8443:ann@corp.example:abcd",
            "mail.example:ann@corp.example:abcd",
            "https://mail.example/login|ann@corp.example|abcd",
            "https://mail.example/login;ann@corp.example;abcd",
            "ann@corp.example:abcd:https://mail.example/login",
        ] {
            assert_eq!(shown(line), expected, "{line}");
        }
        assert_eq!(
            shown("android://aGFzaA==@com.example.app/:ann:a:b|c"),
            Some("com.example.app ••• 5 long (lower case, marks)".to_owned())
        );
        for line in [
            "https://mail.example/login",
            "a:b:c",
            "see https://mail.example: it is a: b",
            "12:30:45",
            "https://mail.example::x",
        ] {
            assert_eq!(shown(line), None, "{line}");
        }
    }
}
