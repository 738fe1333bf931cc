//! A small pull reader for XML that comes from outside: feeds and chat archives.
//!
//! A document type is refused, so there is nothing to define entities with; the five of XML and numbers are resolved,
//! any other stays as written. Names lose their prefix. Memory is bounded: a tag by [`MAX_TAG`], a text by
//! [`MAX_TEXT`], depth by [`MAX_DEPTH`]. Documents may follow each other, as stanzas in an archive do.

use std::io::BufRead;

use super::fragment::unescape;
use super::json::{Fault, MAX_DEPTH, MAX_TEXT, Window, utf8};
use crate::model::Reason;

const DOCUMENT_TYPE: &str = "a document type is refused";

/// Longest tag with its attributes.
const MAX_TAG: usize = 64 << 10;

#[derive(Clone, PartialEq, Debug)]
pub(super) enum Event {
    Start(Tag),
    /// The end of an element; one that closes itself has one too.
    End(String),
    Text(String),
    Eof,
}

#[derive(Clone, PartialEq, Debug, Default)]
pub(super) struct Tag {
    /// Without prefix.
    pub name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

pub(super) struct Xml<'r> {
    pub window: Window<'r>,
    /// The elements that are open.
    open: Vec<String>,
    /// The name of an element that closes itself, until its end was told.
    empty: bool,
    /// Whether a break was recovered from: then an end with nothing open is passed over.
    loose: bool,
}

/// What `read` finds, before it is an event.
enum Piece {
    Nothing,
    Text(String),
    Start(Tag, bool),
    End(String),
}

impl<'r> Xml<'r> {
    pub fn new(reader: &'r mut dyn BufRead) -> Self {
        Self { window: Window::new(reader), open: Vec::new(), empty: false, loose: false }
    }

    /// How many elements are open.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    pub fn next(&mut self) -> Result<Event, Fault> {
        if std::mem::take(&mut self.empty) {
            return Ok(Event::End(self.open.pop().unwrap_or_default()));
        }
        loop {
            if self.window.peek(1).is_empty() {
                let ended = self.window.error.is_none() && self.open.is_empty();
                return if ended { Ok(Event::Eof) } else { Err(Fault::Incomplete) };
            }
            match self.window.take_bytes(piece)? {
                Piece::Nothing => {}
                Piece::Text(text) if text.trim().is_empty() => {}
                Piece::Text(text) => return Ok(Event::Text(text)),
                Piece::Start(tag, empty) => {
                    if self.open.len() >= MAX_DEPTH as usize {
                        return Err(Fault::TooDeep);
                    }
                    self.open.push(tag.name.clone());
                    self.empty = empty;
                    return Ok(Event::Start(tag));
                }
                Piece::End(name) => match self.open.last() {
                    Some(open) if *open == name => {
                        self.open.pop();
                        return Ok(Event::End(name));
                    }
                    // The end of what was open before the break.
                    None if self.loose => {}
                    _ => return Err(Fault::Malformed("an end tag does not match")),
                },
            }
        }
    }

    /// Says what a fault is, and whether reading can go on behind it.
    pub fn explain(&self, fault: Fault) -> (Reason, String, bool) {
        let (reason, detail) = match (fault, &self.window.error) {
            (_, Some(error)) => (Reason::Unreadable, format!("reading stopped: {error}")),
            (Fault::Incomplete, None) => {
                (Reason::Truncated, format!("the file ends at byte {}, within an element", self.window.length()))
            }
            (Fault::Malformed(what), None) => (Reason::Malformed, what.to_owned()),
            (Fault::TooDeep, None) => (Reason::TooDeep, format!("nested deeper than {MAX_DEPTH} levels")),
            (Fault::TooLarge, None) => (Reason::TooLarge, "a text may have 1 MiB, a tag 100 attributes".to_owned()),
        };
        (reason, detail, fault != Fault::Incomplete && fault != Fault::Malformed(DOCUMENT_TYPE))
    }

    /// After a fault: goes to the next element of one of these names and forgets what was open. False at the end.
    pub fn recover(&mut self, names: &[&str]) -> bool {
        self.open.clear();
        self.empty = false;
        self.loose = true;
        self.window.consume(1);
        self.window.seek(b'<', 64, |bytes| {
            names.iter().any(|name| {
                let rest = bytes.get(1..).and_then(|rest| rest.strip_prefix(name.as_bytes()));
                rest.is_some_and(|rest| rest.first().is_none_or(|next| !next.is_ascii_alphanumeric()))
            })
        })
    }
}

fn piece(bytes: &[u8], last: bool) -> Result<(Piece, usize), Fault> {
    if bytes.first() != Some(&b'<') {
        let length = match memchr::memchr(b'<', bytes) {
            Some(length) => length,
            None if last => bytes.len(),
            None => return Err(Fault::Incomplete),
        };
        return Ok((Piece::Text(text(&bytes[..length])?), length));
    }
    let marks: [(&[u8], &[u8]); 3] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];
    for (start, end) in marks {
        if bytes.len() < start.len() && start.starts_with(bytes) && !last {
            return Err(Fault::Incomplete);
        }
        if let Some(inside) = bytes.strip_prefix(start) {
            let length = memchr::memmem::find(inside, end).ok_or(Fault::Incomplete)?;
            let piece = if start == b"<![CDATA[" {
                if length > MAX_TEXT {
                    return Err(Fault::TooLarge);
                }
                Piece::Text(utf8(&inside[..length]).into_owned())
            } else {
                Piece::Nothing
            };
            return Ok((piece, start.len() + length + end.len()));
        }
    }
    if bytes.get(1) == Some(&b'!') {
        return Err(Fault::Malformed(DOCUMENT_TYPE));
    }
    let mut quote = None;
    for (at, &byte) in bytes.iter().enumerate().skip(1).take(MAX_TAG) {
        match (byte, quote) {
            (b'"' | b'\'', None) => quote = Some(byte),
            (_, Some(open)) if byte == open => quote = None,
            (b'<', _) => return Err(Fault::Malformed("a tag does not end")),
            (b'>', None) => return Ok((tag(&utf8(&bytes[1..at]))?, at + 1)),
            _ => {}
        }
    }
    Err(if bytes.len() > MAX_TAG { Fault::Malformed("a tag is too long") } else { Fault::Incomplete })
}

fn text(bytes: &[u8]) -> Result<String, Fault> {
    if bytes.len() > MAX_TEXT {
        return Err(Fault::TooLarge);
    }
    // Beside the five of XML this knows the names that feeds take from HTML; all of them are single letters.
    Ok(unescape(&utf8(bytes)).into_owned())
}

fn tag(inside: &str) -> Result<Piece, Fault> {
    if let Some(name) = inside.strip_prefix('/') {
        return Ok(Piece::End(local(name.trim()).to_owned()));
    }
    let (inside, empty) = match inside.strip_suffix('/') {
        Some(inside) => (inside, true),
        None => (inside, false),
    };
    let end = inside.find(char::is_whitespace).unwrap_or(inside.len());
    let name = local(&inside[..end]);
    if !name.starts_with(|first: char| first.is_alphabetic() || first == '_') {
        return Err(Fault::Malformed("a tag has no name"));
    }
    let mut tag = Tag { name: name.to_owned(), attributes: Vec::new() };
    let mut rest = inside[end..].trim_start();
    while !rest.is_empty() {
        let (name, value) = rest.split_once('=').ok_or(Fault::Malformed("an attribute has no value"))?;
        let value = value.trim_start();
        let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''));
        let quote = quote.ok_or(Fault::Malformed("the value of an attribute is not quoted"))?;
        let (value, after) =
            value[1..].split_once(quote).ok_or(Fault::Malformed("the value of an attribute does not end"))?;
        let name = local(name.trim()).to_owned();
        if tag.attributes.len() >= 100 {
            return Err(Fault::TooLarge);
        }
        // `xml:lang` and `lang` lose their difference; the first one stays.
        if tag.attribute(&name).is_none() {
            tag.attributes.push((name, unescape(value).into_owned()));
        }
        rest = after.trim_start();
    }
    Ok(Piece::Start(tag, empty))
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(xml: &str) -> String {
        let mut bytes = xml.as_bytes();
        let mut reader = std::io::BufReader::with_capacity(1, &mut bytes);
        let mut xml = Xml::new(&mut reader);
        let mut out = String::new();
        loop {
            match xml.next() {
                Ok(Event::Start(tag)) => out += &format!("<{}>", tag.name),
                Ok(Event::End(name)) => out += &format!("</{name}>"),
                Ok(Event::Text(text)) => out += &text,
                Ok(Event::Eof) => return out,
                Err(fault) => return format!("{out} {fault:?}"),
            }
        }
    }

    #[test]
    fn documents() {
        assert_eq!(
            events("<?xml version='1.0'?><a b='>'><!-- < --><x:c/>t&amp;&#1078;<![CDATA[<&]]></a>"),
            "<a><c></c>t&ж<&</a>"
        );
        assert_eq!(events("<a/><b>x</b>"), "<a></a><b>x</b>");
    }

    #[test]
    fn a_document_type_is_refused_and_entities_are_not_expanded() {
        assert_eq!(events("<!DOCTYPE a [<!ENTITY x 'boom'>]><a>&x;</a>"), " Malformed(\"a document type is refused\")");
        assert_eq!(events("<a>&x;&lol9;</a>"), "<a>&x;&lol9;</a>");
    }

    #[test]
    fn broken_documents() {
        assert_eq!(events("<a><b></a>"), "<a><b> Malformed(\"an end tag does not match\")");
        assert_eq!(events("<a>x"), "<a>x Incomplete");
        assert!(events(&"<a>".repeat(200)).ends_with(" TooDeep"));
        assert!(events(&format!("<a b='{}'>", "x".repeat(MAX_TAG))).ends_with("too long\")"));
    }
}
