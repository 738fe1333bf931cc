//! Reads `deny.toml`: which licenses, crates and advisories are allowed, and why.

use std::path::Path;

use anyhow::{Context, Result, bail};
use toml::{Table, Value};

/// Promise I5 of the design: the crates that the default binary is built of.
pub(crate) const MOST_CRATES: usize = 620;

pub(crate) struct Rules {
    /// SPDX identifiers, `Apache-2.0 WITH LLVM-exception` included as one.
    pub(crate) licenses: Vec<String>,
    /// (crate, license) allowed for that crate only.
    exceptions: Vec<(String, String)>,
    pub(crate) banned: Vec<Ban>,
    pub(crate) ignored: Vec<Ignore>,
}

pub(crate) struct Ban {
    pub(crate) name: String,
    pub(crate) reason: String,
}

/// An advisory that we live with until its review date.
#[derive(Debug)]
pub(crate) struct Ignore {
    pub(crate) id: String,
    pub(crate) reason: String,
    /// `2027-01-31`
    pub(crate) review: String,
}

impl Rules {
    pub(crate) fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("cannot use {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let file: Table = text.parse()?;
        let licenses = rows(&file, "licenses", "allow")?.iter().map(word).collect::<Result<_>>()?;
        let mut exceptions = Vec::new();
        for row in rows(&file, "licenses", "exceptions")? {
            for license in row.get("allow").and_then(Value::as_array).context("an exception without allow")? {
                exceptions.push((field(row, "crate")?, word(license)?));
            }
        }
        let mut banned = Vec::new();
        for row in rows(&file, "bans", "deny")? {
            banned.push(Ban { name: field(row, "crate")?, reason: field(row, "reason")? });
        }
        let mut ignored = Vec::new();
        for row in rows(&file, "advisories", "ignore")? {
            ignored.push(Ignore::parse(field(row, "id")?, field(row, "reason")?)?);
        }
        Ok(Self { licenses, exceptions, banned, ignored })
    }

    pub(crate) fn allows(&self, name: &str, license: &str) -> bool {
        self.licenses.iter().any(|allowed| allowed == license)
            || self.exceptions.iter().any(|(only, allowed)| only == name && allowed == license)
    }
}

impl Ignore {
    /// The reason must end in `review by YYYY-MM-DD`: an exception without an end is a decision nobody made.
    fn parse(id: String, reason: String) -> Result<Self> {
        let Some((_, date)) = reason.rsplit_once("review by ") else {
            bail!("{id}: the reason does not end in `review by YYYY-MM-DD`");
        };
        let shape = date.len() == 10
            && date.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        if !shape {
            bail!("{id}: {date:?} is no date like 2027-01-31");
        }
        let review = date.to_string();
        Ok(Self { id, reason, review })
    }
}

fn rows<'a>(file: &'a Table, section: &str, key: &str) -> Result<&'a [Value]> {
    let table = file.get(section).and_then(Value::as_table).with_context(|| format!("no [{section}]"))?;
    Ok(table.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice))
}

fn word(value: &Value) -> Result<String> {
    value.as_str().map(str::to_string).with_context(|| format!("{value} is not a string"))
}

fn field(row: &Value, key: &str) -> Result<String> {
    row.get(key).and_then(Value::as_str).map(str::to_string).with_context(|| format!("{row} has no {key}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
[licenses]
allow = ["MIT"]
exceptions = [{ crate = "odd", allow = ["MPL-2.0"] }]
[bans]
deny = [{ crate = "openssl", reason = "rustls is enough" }]
[advisories]
ignore = [{ id = "RUSTSEC-2026-0001", reason = "not reached; review by 2027-01-31" }]
"#;

    #[test]
    fn the_format_of_cargo_deny_is_read() {
        let rules = Rules::parse(FILE).expect("the sample is valid");
        assert!(rules.allows("any", "MIT"));
        assert!(rules.allows("odd", "MPL-2.0"));
        assert!(!rules.allows("any", "MPL-2.0"));
        assert_eq!(rules.banned[0].name, "openssl");
        assert_eq!(rules.ignored[0].review, "2027-01-31");
    }

    #[test]
    fn an_exception_needs_a_review_date() {
        assert!(Ignore::parse("A".into(), "because".into()).is_err());
        assert!(Ignore::parse("A".into(), "because; review by soon".into()).is_err());
    }
}
