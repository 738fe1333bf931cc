//! Reading SQL dumps piece by piece: heads of statements, and rows of which only some columns are decoded.
//!
//! Everything here works on a slice and says `Incomplete` where the slice ends too early; the window then holds more.
//! A value of a column that nobody asked for is passed over without being copied anywhere.

use std::borrow::Cow;

use crate::collect::json::{Fault, MAX_TEXT, utf8};

/// How a dump writes its values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Dialect {
    /// Whether a backslash escapes inside quotation marks (MySQL) or is a letter (PostgreSQL, SQLite).
    pub backslash: bool,
}

/// What a statement is, after its head was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Statement {
    /// `INSERT INTO name (columns) VALUES`; rows follow. Without a list of columns the table's own count.
    Insert { table: String, columns: Option<Vec<String>> },
    /// `COPY name (columns) FROM stdin;` with its line break; lines follow.
    Copy { table: String, columns: Vec<String> },
    /// `CREATE TABLE name (…)`.
    Create { table: String, columns: Vec<String> },
    /// Anything else; nothing was consumed beyond its first word.
    Other,
}

/// Most columns of a table, and longest name.
const MAX_COLUMNS: usize = 500;
const MAX_NAME: usize = 128;

pub(super) struct Scanner<'a> {
    bytes: &'a [u8],
    pub at: usize,
    last: bool,
}

type Result<T> = std::result::Result<T, Fault>;

impl<'a> Scanner<'a> {
    pub fn new(bytes: &'a [u8], last: bool) -> Self {
        Self { bytes, at: 0, last }
    }

    fn byte(&self) -> Result<u8> {
        self.bytes.get(self.at).copied().ok_or(Fault::Incomplete)
    }

    /// Passes over white space and comments.
    pub fn blank(&mut self) -> Result<()> {
        loop {
            match self.byte()? {
                b' ' | b'\n' | b'\r' | b'\t' => self.at += 1,
                b'#' => self.line()?,
                b'-' if self.starts(b"--")? => self.line()?,
                b'/' if self.starts(b"/*")? => {
                    let rest = &self.bytes[self.at + 2..];
                    self.at += 2 + memchr::memmem::find(rest, b"*/").ok_or(Fault::Incomplete)? + 2;
                }
                _ => return Ok(()),
            }
        }
    }

    fn line(&mut self) -> Result<()> {
        match memchr::memchr(b'\n', &self.bytes[self.at..]) {
            Some(length) => self.at += length + 1,
            None if self.last => self.at = self.bytes.len(),
            None => return Err(Fault::Incomplete),
        }
        Ok(())
    }

    fn starts(&self, with: &[u8]) -> Result<bool> {
        let rest = &self.bytes[self.at..];
        if rest.len() < with.len() && with.starts_with(rest) && !self.last {
            return Err(Fault::Incomplete);
        }
        Ok(rest.starts_with(with))
    }

    /// A word of SQL in upper case; empty where none stands.
    fn word(&mut self) -> Result<String> {
        self.blank()?;
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take(MAX_NAME).position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'));
        let length = match length {
            Some(length) => length,
            None if rest.len() >= MAX_NAME => return Err(Fault::Malformed("a word of SQL was expected")),
            None if self.last => rest.len(),
            None => return Err(Fault::Incomplete),
        };
        self.at += length;
        Ok(utf8(&rest[..length]).to_ascii_uppercase())
    }

    /// A name, quoted or not, without its schema: `` `db`.`posts` `` is `posts`.
    fn name(&mut self) -> Result<String> {
        loop {
            self.blank()?;
            let name = match self.byte()? {
                quote @ (b'`' | b'"') => self.quoted_name(quote)?,
                b'[' => self.quoted_name(b']')?,
                _ => self.bare_name()?,
            };
            if name.is_empty() || name.len() > MAX_NAME {
                return Err(Fault::Malformed("a name was expected"));
            }
            if self.byte()? != b'.' {
                return Ok(name);
            }
            self.at += 1;
        }
    }

    fn quoted_name(&mut self, end: u8) -> Result<String> {
        let rest = &self.bytes[self.at + 1..];
        match memchr::memchr(end, &rest[..rest.len().min(MAX_NAME + 1)]) {
            Some(length) => {
                self.at += length + 2;
                Ok(utf8(&rest[..length]).into_owned())
            }
            None if rest.len() > MAX_NAME || self.last => Err(Fault::Malformed("a name was expected")),
            None => Err(Fault::Incomplete),
        }
    }

    fn bare_name(&mut self) -> Result<String> {
        let rest = &self.bytes[self.at..];
        let end = rest
            .iter()
            .take(MAX_NAME + 1)
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)));
        match end {
            Some(length) => {
                self.at += length;
                Ok(utf8(&rest[..length]).into_owned())
            }
            None if rest.len() > MAX_NAME || self.last => Err(Fault::Malformed("a name was expected")),
            None => Err(Fault::Incomplete),
        }
    }

    /// `(name, name)`
    fn names(&mut self) -> Result<Vec<String>> {
        self.mark(b'(')?;
        let mut names = Vec::new();
        loop {
            if names.len() >= MAX_COLUMNS {
                return Err(Fault::Malformed("a table has too many columns"));
            }
            names.push(self.name()?);
            self.blank()?;
            match self.byte()? {
                b',' => self.at += 1,
                b')' => {
                    self.at += 1;
                    return Ok(names);
                }
                _ => return Err(Fault::Malformed("a list of columns was expected")),
            }
        }
    }

    fn mark(&mut self, mark: u8) -> Result<()> {
        self.blank()?;
        if self.byte()? != mark {
            return Err(Fault::Malformed("a bracket was expected"));
        }
        self.at += 1;
        Ok(())
    }

    /// The head of the statement that starts here.
    pub fn statement(&mut self) -> Result<Statement> {
        let start = self.at;
        let found = match &*self.word()? {
            "INSERT" | "REPLACE" => self.insert(),
            "COPY" => self.copy(),
            "CREATE" => self.create(),
            _ => Ok(Statement::Other),
        };
        match found {
            // What looks like one of these and is not is passed over like any other.
            Err(Fault::Malformed(_)) | Ok(Statement::Other) => {
                self.at = start;
                Ok(Statement::Other)
            }
            found => found,
        }
    }

    fn insert(&mut self) -> Result<Statement> {
        loop {
            match &*self.word()? {
                "IGNORE" | "LOW_PRIORITY" | "DELAYED" | "HIGH_PRIORITY" | "OR" => {}
                "INTO" => break,
                _ => return Ok(Statement::Other),
            }
        }
        let table = self.name()?;
        self.blank()?;
        let columns = if self.byte()? == b'(' { Some(self.names()?) } else { None };
        match &*self.word()? {
            "VALUES" | "VALUE" => Ok(Statement::Insert { table, columns }),
            _ => Ok(Statement::Other),
        }
    }

    fn copy(&mut self) -> Result<Statement> {
        let table = self.name()?;
        let columns = self.names()?;
        if self.word()? != "FROM" || self.word()? != "STDIN" {
            return Ok(Statement::Other);
        }
        // `;` and the line break; options between them are not written by pg_dump.
        self.line()?;
        Ok(Statement::Copy { table, columns })
    }

    fn create(&mut self) -> Result<Statement> {
        let mut word = self.word()?;
        while matches!(&*word, "TEMPORARY" | "UNLOGGED" | "GLOBAL" | "LOCAL" | "TEMP") {
            word = self.word()?;
        }
        if word != "TABLE" {
            return Ok(Statement::Other);
        }
        let before = self.at;
        if self.word()? == "IF" {
            self.word()?;
            self.word()?;
        } else {
            self.at = before;
        }
        let table = self.name()?;
        self.mark(b'(')?;
        let mut columns = Vec::new();
        loop {
            self.blank()?;
            let quoted = matches!(self.byte()?, b'`' | b'"' | b'[');
            let name = self.name()?;
            let key = ["PRIMARY", "KEY", "UNIQUE", "INDEX", "CONSTRAINT", "FULLTEXT", "SPATIAL", "CHECK", "FOREIGN"];
            if quoted || !key.contains(&&*name.to_ascii_uppercase()) {
                columns.push(name);
            }
            if columns.len() > MAX_COLUMNS {
                return Err(Fault::Malformed("a table has too many columns"));
            }
            if self.definition_end()? == b')' {
                return Ok(Statement::Create { table, columns });
            }
        }
    }

    /// Passes over the rest of a column's definition; gives the `,` or `)` behind it.
    fn definition_end(&mut self) -> Result<u8> {
        let mut depth = 0u32;
        loop {
            let byte = self.byte()?;
            match byte {
                b'\'' => {
                    self.string(None, Dialect { backslash: true })?;
                    continue;
                }
                b'(' => depth += 1,
                b')' | b',' if depth == 0 => {
                    self.at += 1;
                    return Ok(byte);
                }
                b')' => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Passes over a statement that is of no interest; true when its `;` was found. The rest is consumed either way,
    /// so the caller can go on with more bytes: `quoted` carries what is open between calls.
    pub fn pass(&mut self, quoted: &mut Option<u8>, dialect: Dialect) -> bool {
        while let Some(&byte) = self.bytes.get(self.at) {
            match (byte, *quoted) {
                (b'\\', Some(b'\'' | b'"')) if dialect.backslash => {
                    if self.at + 1 >= self.bytes.len() && !self.last {
                        return false;
                    }
                    self.at += 2;
                    continue;
                }
                (_, Some(open)) if byte == open => *quoted = None,
                (b'\'' | b'"' | b'`', None) => *quoted = Some(byte),
                (b';', None) => {
                    self.at += 1;
                    return true;
                }
                _ => {}
            }
            self.at += 1;
        }
        self.at = self.bytes.len();
        false
    }

    /// What separates rows: true when another row follows, false when the statement ends.
    pub fn between_rows(&mut self, first: bool) -> Result<bool> {
        self.blank()?;
        match self.byte()? {
            b',' if !first => {
                self.at += 1;
                self.blank()?;
                Ok(self.byte()? == b'(')
            }
            b'(' => Ok(true),
            _ => Ok(false),
        }
    }

    /// One row `(value, value)`: of column `i` the value goes to slot `slots[i]`, if there is one.
    pub fn row(&mut self, slots: &[Option<u8>], values: &mut [Option<Cow<'a, str>>], dialect: Dialect) -> Result<()> {
        values.fill(None);
        self.mark(b'(')?;
        let mut column = 0;
        loop {
            let slot = slots.get(column).copied().flatten();
            let value = self.value(slot.is_some(), dialect)?;
            if let Some(slot) = slot {
                values[slot as usize] = value;
            }
            column += 1;
            self.blank()?;
            match self.byte()? {
                b',' => self.at += 1,
                b')' => {
                    self.at += 1;
                    return if column == slots.len() {
                        Ok(())
                    } else {
                        Err(Fault::Malformed("the row has more or fewer values than the table has columns"))
                    };
                }
                _ => return Err(Fault::Malformed("a comma or the end of a row was expected")),
            }
        }
    }

    /// One value; it is decoded only when `wanted`. NULL and binary values are `None`.
    fn value(&mut self, wanted: bool, dialect: Dialect) -> Result<Option<Cow<'a, str>>> {
        self.blank()?;
        let start = self.at;
        match self.byte()? {
            b'\'' => return self.string_value(wanted, dialect),
            // E'…' of PostgreSQL, N'…', X'…', _binary'…', _utf8mb4'…'.
            b'E' | b'e' if self.starts(b"E'")? || self.starts(b"e'")? => {
                self.at += 1;
                return self.string_value(wanted, Dialect { backslash: true });
            }
            b'N' | b'n' if self.starts(b"N'")? || self.starts(b"n'")? => {
                self.at += 1;
                return self.string_value(wanted, dialect);
            }
            b'X' | b'x' | b'B' | b'b' if self.bytes.get(self.at + 1) == Some(&b'\'') => {
                self.at += 1;
                self.string(None, dialect)?;
                return Ok(None);
            }
            _ => {}
        }
        // A number, a word, a call: up to the comma or bracket on this level.
        let mut depth = 0u32;
        loop {
            match self.byte()? {
                b'\'' => {
                    let binary = self.bytes[start..self.at].trim_ascii().eq_ignore_ascii_case(b"_binary");
                    if depth == 0 && !binary && self.bytes[start] == b'_' {
                        return self.string_value(wanted, dialect);
                    }
                    self.string(None, dialect)?;
                    continue;
                }
                b'(' => depth += 1,
                b',' | b')' if depth == 0 => break,
                b')' => depth -= 1,
                b';' => return Err(Fault::Malformed("a statement ends within a row")),
                _ => {}
            }
            self.at += 1;
        }
        let word = self.bytes[start..self.at].trim_ascii();
        if !wanted || word.eq_ignore_ascii_case(b"NULL") || word.starts_with(b"0x") || word.contains(&b'\'') {
            return Ok(None);
        }
        Ok(Some(utf8(word)))
    }

    fn string_value(&mut self, wanted: bool, dialect: Dialect) -> Result<Option<Cow<'a, str>>> {
        if !wanted {
            self.string(None, dialect)?;
            return Ok(None);
        }
        let start = self.at + 1;
        let mut copied = Vec::new();
        let plain = self.string(Some(&mut copied), dialect)?;
        if copied.len() > MAX_TEXT {
            return Err(Fault::TooLarge);
        }
        Ok(Some(if plain { utf8(&self.bytes[start..self.at - 1]) } else { utf8(&copied).into_owned().into() }))
    }

    /// Reads a string in single quotation marks, escapes resolved into `out`; true when there were none, and then
    /// nothing was written.
    fn string(&mut self, mut out: Option<&mut Vec<u8>>, dialect: Dialect) -> Result<bool> {
        let mut at = self.at + 1;
        let mut from = at;
        let mut plain = true;
        loop {
            let rest = self.bytes.get(at..).ok_or(Fault::Incomplete)?;
            let found =
                if dialect.backslash { memchr::memchr2(b'\'', b'\\', rest) } else { memchr::memchr(b'\'', rest) };
            at += found.ok_or(Fault::Incomplete)?;
            let letter = if self.bytes[at] == b'\\' {
                match *self.bytes.get(at + 1).ok_or(Fault::Incomplete)? {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'0' => 0,
                    b'b' => 8,
                    b'Z' => 26,
                    other => other,
                }
            } else {
                match self.bytes.get(at + 1) {
                    Some(b'\'') => b'\'',
                    None if !self.last => return Err(Fault::Incomplete),
                    _ => {
                        if let Some(out) = &mut out
                            && !plain
                        {
                            out.extend_from_slice(&self.bytes[from..at]);
                        }
                        self.at = at + 1;
                        return Ok(plain);
                    }
                }
            };
            if let Some(out) = &mut out {
                out.extend_from_slice(&self.bytes[from..at]);
                out.push(letter);
            }
            plain = false;
            at += 2;
            from = at;
        }
    }

    /// One line of a COPY block, with its line break; false for the `\.` that ends the block.
    pub fn copy_row(&mut self, slots: &[Option<u8>], values: &mut [Option<Cow<'a, str>>]) -> Result<bool> {
        values.fill(None);
        let rest = &self.bytes[self.at..];
        let length = match memchr::memchr(b'\n', rest) {
            Some(length) => length,
            None if self.last && rest == b"\\." => rest.len(),
            // A line that is cut off may end within any of its values.
            None => return Err(Fault::Incomplete),
        };
        self.at = (self.at + length + 1).min(self.bytes.len());
        let line = rest[..length].strip_suffix(b"\r").unwrap_or(&rest[..length]);
        if line == b"\\." {
            return Ok(false);
        }
        let mut column = 0;
        let mut start = 0;
        loop {
            let end = memchr::memchr(b'\t', &line[start..]).map_or(line.len(), |length| start + length);
            if let Some(slot) = slots.get(column).copied().flatten() {
                values[slot as usize] = copy_value(&line[start..end])?;
            }
            column += 1;
            if end == line.len() {
                break;
            }
            start = end + 1;
        }
        if column == slots.len() {
            return Ok(true);
        }
        Err(Fault::Malformed("the line has more or fewer values than the table has columns"))
    }
}

fn copy_value<'a>(value: &'a [u8]) -> Result<Option<Cow<'a, str>>> {
    if value == b"\\N" {
        return Ok(None);
    }
    if value.len() > MAX_TEXT {
        return Err(Fault::TooLarge);
    }
    if !value.contains(&b'\\') {
        return Ok(Some(utf8(value)));
    }
    let mut out = Vec::with_capacity(value.len());
    let mut bytes = value.iter().copied();
    while let Some(byte) = bytes.next() {
        out.push(match (byte, byte == b'\\') {
            (byte, false) => byte,
            _ => match bytes.next().unwrap_or(b'\\') {
                b'n' => b'\n',
                b'r' => b'\r',
                b't' => b'\t',
                b'b' => 8,
                b'f' => 12,
                b'v' => 11,
                other => other,
            },
        });
    }
    Ok(Some(utf8(&out).into_owned().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MYSQL: Dialect = Dialect { backslash: true };

    fn row(sql: &str, slots: &[Option<u8>], dialect: Dialect) -> Result<Vec<Option<String>>> {
        let mut values = vec![None; 3];
        Scanner::new(sql.as_bytes(), true).row(slots, &mut values, dialect)?;
        Ok(values.into_iter().map(|value| value.map(Cow::into_owned)).collect())
    }

    #[test]
    fn values_of_every_kind() {
        let all = [Some(0), Some(1), Some(2)];
        let text = |text: &str| Some(text.to_owned());
        assert_eq!(row(r"(1, 'it\'s', NULL)", &all, MYSQL), Ok(vec![text("1"), text("it's"), None]));
        assert_eq!(row(r"(-1.5,'a''b\nc\\', 0xAB)", &all, MYSQL), Ok(vec![text("-1.5"), text("a'b\nc\\"), None]));
        assert_eq!(
            row(r"('a\', E'b\n', f('x',1))", &all, Dialect { backslash: false }),
            Ok(vec![text("a\\"), text("b\n"), None])
        );
        assert_eq!(row("(_binary 'a,b', _utf8mb4'c', X'00')", &all, MYSQL), Ok(vec![None, text("c"), None]));
        assert_eq!(row("('кот', '', ')')", &all, MYSQL), Ok(vec![text("кот"), text(""), text(")")]));
    }

    #[test]
    fn unwanted_values_are_passed_over() {
        let found = row(r"('secret\'s', 'kept', 'secret')", &[None, Some(0), None], MYSQL).unwrap();
        assert_eq!(found, [Some("kept".to_owned()), None, None]);
    }

    #[test]
    fn the_number_of_values_must_agree() {
        assert!(matches!(row("(1,2)", &[Some(0)], MYSQL), Err(Fault::Malformed(_))));
        assert!(matches!(row("(1)", &[Some(0), None], MYSQL), Err(Fault::Malformed(_))));
    }

    #[test]
    fn every_cut_of_a_row_is_incomplete() {
        let sql = br"(1, 'a''b\'c', E'x', _binary 'y', 0x1F, NULL)";
        let mut values = vec![None; 6];
        for length in 0..sql.len() {
            let result = Scanner::new(&sql[..length], false).row(&[Some(0); 6], &mut values, MYSQL);
            assert_eq!(result, Err(Fault::Incomplete), "at {length}");
        }
    }

    #[test]
    fn heads_of_statements() {
        let read = |sql: &str| Scanner::new(sql.as_bytes(), true).statement().unwrap();
        assert_eq!(
            read("INSERT IGNORE INTO `db`.`x_posts` (`pid`, `message`) VALUES (1,'a');"),
            Statement::Insert { table: "x_posts".into(), columns: Some(vec!["pid".into(), "message".into()]) }
        );
        assert_eq!(
            read("COPY public.\"Post\" (\"IdPost\", \"Content\") FROM stdin;\n1\ta\n"),
            Statement::Copy { table: "Post".into(), columns: vec!["IdPost".into(), "Content".into()] }
        );
        assert_eq!(
            read(
                "CREATE TABLE IF NOT EXISTS `p` (\n `pid` int(10) NOT NULL COMMENT 'a, b)', `key` enum('a','b'),\n PRIMARY KEY (`pid`), KEY `x` (`key`)\n) ENGINE=x;"
            ),
            Statement::Create { table: "p".into(), columns: vec!["pid".into(), "key".into()] }
        );
        assert_eq!(read("INSERT INTO x SELECT 1;"), Statement::Other);
        assert_eq!(read("LOCK TABLES `x` WRITE;"), Statement::Other);
    }
}
