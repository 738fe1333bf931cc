//! What may be said of stolen credentials: which site is hit, where the login's mail lives, and what kind of password
//! it is. Nothing here keeps, returns or prints a letter of a password or of a login's local part.

/// A password as far as it may be known: its length in letters and the kinds of them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Secret {
    length: usize,
    lower: bool,
    upper: bool,
    digits: bool,
    marks: bool,
    other: bool,
}

impl Secret {
    pub fn of(password: &str) -> Self {
        let mut secret = Self::default();
        for letter in password.chars() {
            secret.length += 1;
            match letter {
                'a'..='z' => secret.lower = true,
                'A'..='Z' => secret.upper = true,
                '0'..='9' => secret.digits = true,
                '\0'..='\x7f' => secret.marks = true,
                _ => secret.other = true,
            }
        }
        secret
    }

    /// `9 letters (lower case, digits)`
    pub fn shown(self) -> String {
        if self.length == 0 {
            return "empty".to_owned();
        }
        let kinds = [
            (self.lower, "lower case"),
            (self.upper, "upper case"),
            (self.digits, "digits"),
            (self.marks, "marks"),
            (self.other, "other letters"),
        ];
        let kinds: Vec<_> = kinds.into_iter().filter(|(has, _)| *has).map(|(_, kind)| kind).collect();
        format!("{} long ({})", self.length, kinds.join(", "))
    }
}

/// A login with one `•` a letter; of a mail address the domain stays.
pub(super) fn masked_login(login: &str) -> String {
    let (local, domain) = match login.rsplit_once('@') {
        Some((local, domain)) if host(domain).is_some() && !local.is_empty() => (local, Some(domain)),
        _ => (login, None),
    };
    let mut masked = "•".repeat(local.chars().count().min(64));
    if let Some(domain) = domain {
        masked.push('@');
        masked.push_str(&domain.to_ascii_lowercase());
    }
    masked
}

/// A host name or address, in lower case; `None` when it is none.
pub(super) fn host(text: &str) -> Option<String> {
    let text = text.trim_end_matches('.');
    let labels: Vec<&str> = text.split('.').collect();
    let fits = |label: &&str| {
        !label.is_empty() && label.len() <= 63 && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    let ends =
        |last: &&str| last.chars().count() >= 2 && last.chars().all(char::is_alphabetic) || last.starts_with("xn--");
    let address = labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok());
    let named = labels.len() >= 2 && labels.last().is_some_and(ends);
    (text.len() <= 253 && labels.iter().all(fits) && (address || named)).then(|| text.to_lowercase())
}

/// The host of an address with a scheme, or of a bare one: `https://mail.example:8443/x` is `mail.example`. Of an
/// Android app it is the package, which looks like one.
pub(super) fn host_of_url(url: &str) -> Option<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit('@').next()?;
    host(authority.split(':').next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_leave_length_and_kind_only() {
        assert_eq!(Secret::of("Пароль1!").shown(), "8 long (digits, marks, other letters)");
        assert_eq!(Secret::of("abcDEF").shown(), "6 long (lower case, upper case)");
        assert_eq!(Secret::of("").shown(), "empty");
    }

    #[test]
    fn logins_keep_the_domain_of_their_mail() {
        assert_eq!(masked_login("ann.smith@Corp.Example"), "•••••••••@corp.example");
        assert_eq!(masked_login("+15550100"), "•••••••••");
        assert_eq!(masked_login("p@ss"), "••••");
    }

    #[test]
    fn hosts() {
        for (url, expected) in [
            ("https://Mail.Example:8443/x", Some("mail.example")),
            ("https://user:x@mail.example/", Some("mail.example")),
            ("android://aGFzaA==@com.example.app/", Some("com.example.app")),
            ("192.0.2.1", Some("192.0.2.1")),
            ("почта.рф", Some("почта.рф")),
            ("localhost", None),
            ("a b.example", None),
            ("1.5", None),
        ] {
            assert_eq!(host_of_url(url).as_deref(), expected, "{url}");
        }
    }
}
