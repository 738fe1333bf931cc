//! A pull scanner for JSON that may be larger than memory, cut off, hostile, or not quite JSON.
//!
//! [`Window`] holds the part of the stream that is being looked at; [`Cursor`] reads values from a slice. A caller
//! asks the window to [`take`](Window::take) one element: the closure runs on what is in memory, and when the
//! element turns out to be cut off, the window at least doubles what it holds and runs the closure again. So
//! parsing is plain slice code, every byte is read about once, and memory is bounded by [`MAX_ELEMENT`].
//!
//! Beyond RFC 8259 it accepts what exports really contain: Telegram Desktop's `\x0B` escapes, lone surrogates
//! (as U+FFFD), raw control characters in strings, a byte order mark. It refuses nesting deeper than
//! [`MAX_DEPTH`]. Numbers keep their written form. Skipped values are checked for balance only.

use std::borrow::Cow;

mod node;
mod records;
mod signs;
mod window;

pub(super) use node::Node;
pub(super) use records::{Frame, Shape, Step, read_records};
pub(super) use signs::Signs;
pub use window::Window;

/// Most levels of nesting within one element.
pub const MAX_DEPTH: u32 = 128;
/// Most bytes of one text.
pub const MAX_TEXT: usize = 1 << 20;
/// Most bytes of one element in the file: a text of [`MAX_TEXT`] with every byte written as `\u00XX`, and room.
pub const MAX_ELEMENT: usize = 8 << 20;

/// Why an element could not be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The bytes end within the element: more are needed, or the input was cut off.
    Incomplete,
    /// Broken syntax, in words.
    Malformed(&'static str),
    TooDeep,
    TooLarge,
}

/// A value without parts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Scalar<'a> {
    Null,
    Bool(bool),
    /// As written.
    Number(&'a str),
    Text(Cow<'a, str>),
}

impl<'a> Scalar<'a> {
    /// The value as text; `None` for null.
    pub fn into_text(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Null => None,
            Self::Bool(true) => Some(Cow::Borrowed("true")),
            Self::Bool(false) => Some(Cow::Borrowed("false")),
            Self::Number(number) => Some(Cow::Borrowed(number)),
            Self::Text(text) => Some(text),
        }
    }
}

/// The place behind the comma before a key, and the key.
pub type PlacedKey<'a> = (usize, Cow<'a, [u8]>);

/// Reads values from a slice, front to back.
#[derive(Clone)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    /// The slice as text, when all of it was found to be UTF-8 before.
    text: Option<&'a str>,
    at: usize,
    /// True when nothing follows the slice, so that a number may end with it.
    last: bool,
    depth: u32,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8], last: bool) -> Self {
        Self { bytes, text: None, at: 0, last, depth: 0 }
    }

    /// Reads what was found to be UTF-8 before, so that no string in it need be looked at again.
    fn of_text(text: &'a str) -> Self {
        Self { text: Some(text), ..Self::new(text.as_bytes(), false) }
    }

    /// How many bytes were read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// The next byte that is not white space; it is not consumed.
    #[inline]
    pub fn peek(&mut self) -> Result<u8, Fault> {
        while let Some(&byte) = self.bytes.get(self.at) {
            if byte > b' ' || !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Ok(byte);
            }
            self.at += 1;
        }
        Err(Fault::Incomplete)
    }

    /// Enters an object.
    #[inline]
    pub fn open_object(&mut self) -> Result<(), Fault> {
        self.open(b'{', "an object was expected")
    }

    /// Enters an array.
    #[inline]
    pub fn open_array(&mut self) -> Result<(), Fault> {
        self.open(b'[', "an array was expected")
    }

    #[inline]
    fn open(&mut self, bracket: u8, otherwise: &'static str) -> Result<(), Fault> {
        if self.peek()? != bracket {
            return Err(Fault::Malformed(otherwise));
        }
        self.at += 1;
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(Fault::TooDeep) } else { Ok(()) }
    }

    #[inline]
    fn close(&mut self) {
        self.at += 1;
        self.depth = self.depth.saturating_sub(1);
    }

    /// The next key of the object we are in, with its colon; `None` when the object ends here.
    #[inline]
    pub fn next_key(&mut self, first: bool) -> Result<Option<Cow<'a, str>>, Fault> {
        if !self.key_follows(first)? {
            return Ok(None);
        }
        let key = self.string()?;
        self.colon()?;
        Ok(Some(key))
    }

    /// As [`Cursor::next_key`], as bytes of UTF-8: plain ASCII, as keys are, need not be checked to be text.
    #[inline]
    pub fn next_key_bytes(&mut self, first: bool) -> Result<Option<PlacedKey<'a>>, Fault> {
        let before = match self.peek()? {
            b',' => self.at + 1,
            _ => self.at,
        };
        if !self.key_follows(first)? {
            return Ok(None);
        }
        let start = self.at + 1;
        let end = start + quote_or_escape(&self.bytes[start..]).ok_or(Fault::Incomplete)?;
        let written = &self.bytes[start..end];
        let key = if self.bytes[end] == b'"' && written.is_ascii() {
            self.at = end + 1;
            Cow::Borrowed(written)
        } else {
            Cow::Owned(self.string()?.into_owned().into_bytes())
        };
        self.colon()?;
        Ok(Some((before, key)))
    }

    /// Whether a key is next; else the object ends here.
    #[inline]
    fn key_follows(&mut self, first: bool) -> Result<bool, Fault> {
        match self.peek()? {
            b'}' => {
                self.close();
                return Ok(false);
            }
            b',' if !first => {
                self.at += 1;
                self.peek()?;
            }
            _ if first => {}
            _ => {
                return Err(Fault::Malformed("a comma or the end of an object was expected"));
            }
        }
        if self.bytes[self.at] != b'"' {
            return Err(Fault::Malformed("a key was expected"));
        }
        Ok(true)
    }

    #[inline]
    fn colon(&mut self) -> Result<(), Fault> {
        if self.peek()? != b':' {
            return Err(Fault::Malformed("a colon was expected"));
        }
        self.at += 1;
        Ok(())
    }

    /// True when the array we are in has another element, which is next; false when it ends here.
    #[inline]
    pub fn next_element(&mut self, first: bool) -> Result<bool, Fault> {
        match self.peek()? {
            b']' => {
                self.close();
                Ok(false)
            }
            b',' if !first => {
                self.at += 1;
                match self.peek()? {
                    b']' | b',' => Err(Fault::Malformed("an element was expected")),
                    _ => Ok(true),
                }
            }
            _ if first => Ok(true),
            _ => Err(Fault::Malformed("a comma or the end of an array was expected")),
        }
    }

    /// A string, escapes resolved.
    #[inline]
    pub fn string(&mut self) -> Result<Cow<'a, str>, Fault> {
        if self.peek()? != b'"' {
            return Err(Fault::Malformed("a string was expected"));
        }
        let start = self.at + 1;
        let end = start + quote_or_escape(&self.bytes[start..]).ok_or(Fault::Incomplete)?;
        if self.bytes[end] == b'"' {
            self.at = end + 1;
            // Quotation marks are characters of their own, so that a text can be cut there.
            return Ok(match self.text.and_then(|text| text.get(start..end)) {
                Some(string) => Cow::Borrowed(string),
                None => utf8(&self.bytes[start..end]),
            });
        }
        self.string_with_escapes(start, end).map(Cow::Owned)
    }

    /// Passes over a key, if it and its colon are written exactly like this; `false` also at the end of the object.
    #[inline]
    pub fn key_as_before(&mut self, first: bool, written: &[u8]) -> Result<bool, Fault> {
        let start = match self.peek()? {
            b',' if !first => self.at + 1,
            b'"' if first => self.at,
            _ => return Ok(false),
        };
        let found = self.bytes[start..].starts_with(written);
        if found {
            self.at = start + written.len();
        }
        Ok(found)
    }

    /// What was read from `start` on.
    pub fn since(&self, start: usize) -> &'a [u8] {
        &self.bytes[start..self.at]
    }

    #[cold]
    fn string_with_escapes(&mut self, mut start: usize, mut end: usize) -> Result<String, Fault> {
        let bytes = self.bytes;
        let mut out = Vec::with_capacity(((end - start) * 2).max(240) + 16);
        loop {
            out.extend_from_slice(&bytes[start..end]);
            if out.len() > MAX_ELEMENT {
                return Err(Fault::TooLarge);
            }
            if bytes[end] == b'"' {
                self.at = end + 1;
                return Ok(utf8(&out).into_owned());
            }
            let (letter, length) = escape(&bytes[end..])?;
            match u8::try_from(letter) {
                Ok(byte) if byte.is_ascii() => out.push(byte),
                _ => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            }
            start = end + length;
            end = start + quote_or_escape(&bytes[start..]).ok_or(Fault::Incomplete)?;
        }
    }

    /// A string, number, boolean or null.
    #[inline]
    pub fn scalar(&mut self) -> Result<Scalar<'a>, Fault> {
        match self.peek()? {
            b'"' => self.string().map(Scalar::Text),
            b'{' | b'[' => Err(Fault::Malformed("a plain value was expected")),
            _ => self.word(),
        }
    }

    /// The text of a scalar; `None` for null and for values with parts, which are skipped.
    #[inline]
    pub fn text(&mut self) -> Result<Option<Cow<'a, str>>, Fault> {
        match self.peek()? {
            b'{' | b'[' => self.skip().map(|()| None),
            _ => self.scalar().map(Scalar::into_text),
        }
    }

    /// A number or a literal.
    fn word(&mut self) -> Result<Scalar<'a>, Fault> {
        let rest = &self.bytes[self.at..];
        let length = match rest.iter().position(|&byte| CLASS[byte as usize] != PLAIN) {
            Some(length) => length,
            None if self.last => rest.len(),
            None => return Err(Fault::Incomplete),
        };
        let word = &rest[..length];
        let value = match word {
            b"null" => Scalar::Null,
            b"true" => Scalar::Bool(true),
            b"false" => Scalar::Bool(false),
            // Python and JavaScript write these where a number is missing.
            b"NaN" | b"Infinity" | b"-Infinity" => Scalar::Null,
            [b'-' | b'0'..=b'9', more @ ..]
                if more.iter().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-')) =>
            {
                Scalar::Number(std::str::from_utf8(word).expect("only ASCII was let through"))
            }
            _ => return Err(Fault::Malformed("a value was expected")),
        };
        self.at += length;
        Ok(value)
    }

    /// Passes over one value of any kind.
    #[inline]
    pub fn skip(&mut self) -> Result<(), Fault> {
        match self.peek()? {
            b'"' => {
                self.at = string_end(self.bytes, self.at + 1)?;
                Ok(())
            }
            b'{' | b'[' => self.skip_nested(),
            _ => self.word().map(|_| ()),
        }
    }

    fn skip_nested(&mut self) -> Result<(), Fault> {
        let bytes = self.bytes;
        let mut at = self.at;
        // One bit a level: whether it is an object. 128 levels fit.
        let mut kinds = 0u128;
        let mut depth = 0;
        while let Some(&byte) = bytes.get(at) {
            at += 1;
            match CLASS[byte as usize] {
                QUOTE => at = string_end(bytes, at)?,
                OPEN => {
                    depth += 1;
                    if self.depth + depth > MAX_DEPTH {
                        return Err(Fault::TooDeep);
                    }
                    kinds = kinds << 1 | u128::from(byte == b'{');
                }
                CLOSE => {
                    if (kinds & 1 == 1) != (byte == b'}') {
                        return Err(Fault::Malformed("brackets do not match"));
                    }
                    kinds >>= 1;
                    depth -= 1;
                    if depth == 0 {
                        self.at = at;
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        Err(Fault::Incomplete)
    }
}

/// Classes of bytes outside strings.
const PLAIN: u8 = 0;
const SPACE: u8 = 1;
const QUOTE: u8 = 2;
const OPEN: u8 = 3;
const CLOSE: u8 = 4;
const POINT: u8 = 5;

static CLASS: [u8; 256] = {
    let mut class = [PLAIN; 256];
    class[b' ' as usize] = SPACE;
    class[b'\t' as usize] = SPACE;
    class[b'\n' as usize] = SPACE;
    class[b'\r' as usize] = SPACE;
    class[b'"' as usize] = QUOTE;
    class[b'{' as usize] = OPEN;
    class[b'[' as usize] = OPEN;
    class[b'}' as usize] = CLOSE;
    class[b']' as usize] = CLOSE;
    class[b',' as usize] = POINT;
    class[b':' as usize] = POINT;
    class
};

/// Bytes as text; what is no UTF-8 is replaced. Long texts go to `encoding_rs`, which checks them by vectors.
#[inline]
pub fn utf8(bytes: &[u8]) -> Cow<'_, str> {
    if bytes.len() < 64
        && let Ok(text) = std::str::from_utf8(bytes)
    {
        return Cow::Borrowed(text);
    }
    encoding_rs::UTF_8.decode_without_bom_handling(bytes).0
}

/// Where the first quotation mark or backslash is.
#[inline]
fn quote_or_escape(bytes: &[u8]) -> Option<usize> {
    // Most strings of an export are keys and short words, for which a call costs more than the search: the first
    // bytes are looked at eight at a time ("haszero" of Bit Twiddling Hacks, exact for the lowest match).
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & TOPS;
    let mut at = 0;
    while at < 24 {
        let Some(eight) = bytes[at..].first_chunk::<8>() else {
            break;
        };
        let word = u64::from_le_bytes(*eight);
        let found = zeros(word ^ (ONES * b'"' as u64)) | zeros(word ^ (ONES * b'\\' as u64));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr2(b'"', b'\\', &bytes[at..]).map(|found| at + found)
}

/// The position behind the string whose first letter is at `at`.
#[inline]
fn string_end(bytes: &[u8], mut at: usize) -> Result<usize, Fault> {
    loop {
        at += quote_or_escape(bytes.get(at..).ok_or(Fault::Incomplete)?).ok_or(Fault::Incomplete)?;
        if bytes[at] == b'"' {
            return Ok(at + 1);
        }
        at += 2;
    }
}

/// Reads one escape; gives the character and the length of its written form.
fn escape(bytes: &[u8]) -> Result<(char, usize), Fault> {
    let letter = match bytes.get(1).ok_or(Fault::Incomplete)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        // Telegram Desktop writes control bytes like this, although no JSON knows it.
        b'x' => return Ok((char::from(hex(bytes, 2, 2)? as u8), 4)),
        b'u' => return unicode_escape(bytes),
        _ => return Err(Fault::Malformed("an unknown escape in a string")),
    };
    Ok((letter, 2))
}

fn unicode_escape(bytes: &[u8]) -> Result<(char, usize), Fault> {
    let first = hex(bytes, 2, 4)?;
    if let Some(letter) = char::from_u32(first) {
        return Ok((letter, 6));
    }
    // A high surrogate wants a low one behind it; alone, either is no character.
    if first < 0xDC00
        && *bytes.get(6).ok_or(Fault::Incomplete)? == b'\\'
        && *bytes.get(7).ok_or(Fault::Incomplete)? == b'u'
    {
        let second = hex(bytes, 8, 4)?;
        if (0xDC00..0xE000).contains(&second) {
            let code = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            let letter = char::from_u32(code).expect("a pair of surrogates is a character");
            return Ok((letter, 12));
        }
    }
    Ok((char::REPLACEMENT_CHARACTER, 6))
}

fn hex(bytes: &[u8], start: usize, digits: usize) -> Result<u32, Fault> {
    let mut value = 0;
    for at in start..start + digits {
        let byte = *bytes.get(at).ok_or(Fault::Incomplete)?;
        let digit = char::from(byte).to_digit(16).ok_or(Fault::Malformed("an unknown escape in a string"))?;
        value = value << 4 | digit;
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(json: &str) -> Result<String, Fault> {
        Cursor::new(json.as_bytes(), true).string().map(Cow::into_owned)
    }

    #[test]
    fn escapes_of_telegram_desktop() {
        assert_eq!(string(r#""a\x0Bb""#), Ok("a\u{b}b".into()));
        assert_eq!(string(r#""a\\x0Bb""#), Ok("a\\x0Bb".into()));
        assert_eq!(string(r#""a\\\x0Bb""#), Ok("a\\\u{b}b".into()));
        assert_eq!(string(r#""\xZZ""#), Err(Fault::Malformed("an unknown escape in a string")));
    }

    #[test]
    fn surrogates() {
        assert_eq!(string(r#""\ud83e\udd87""#), Ok("🦇".into()));
        assert_eq!(string(r#""\ud83e""#), Ok("\u{fffd}".into()));
        assert_eq!(string(r#""\udd87!""#), Ok("\u{fffd}!".into()));
        assert_eq!(string(r#""\ud83eA""#), Ok("\u{fffd}A".into()));
        assert_eq!(string(r#""\ud83e\u0041""#), Ok("\u{fffd}A".into()));
    }

    #[test]
    fn invalid_utf8_is_replaced() {
        assert_eq!(Cursor::new(b"\"a\xff\\n\xfe\"", true).string().unwrap(), "a\u{fffd}\n\u{fffd}");
    }

    #[test]
    fn depth_limit_is_exact() {
        let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert_eq!(Cursor::new(nested(128).as_bytes(), true).skip(), Ok(()));
        assert_eq!(Cursor::new(nested(129).as_bytes(), true).skip(), Err(Fault::TooDeep));
    }

    #[test]
    fn every_cut_is_incomplete() {
        let json = br#"{"a":[1,{"b":"\u00e9\\"},null],"c":"\ud83e\udd87"}"#;
        for length in 0..json.len() {
            assert_eq!(Cursor::new(&json[..length], false).skip(), Err(Fault::Incomplete), "at {length}");
        }
        assert_eq!(Cursor::new(json, false).skip(), Ok(()));
    }
}
