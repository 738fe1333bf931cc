//! One element as a small tree that holds only the keys a format reads.
//!
//! Everything else is passed over, so that neither memory nor any later stage sees what a collector did not ask for.

use std::borrow::Cow;

use super::{Cursor, Fault, MAX_TEXT};

/// Most values of one element.
const MAX_NODES: u32 = 200_000;

#[derive(Clone, PartialEq, Debug)]
pub(in crate::collect) enum Node<'a> {
    Null,
    Bool(bool),
    /// As written.
    Number(&'a str),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Vec<(Cow<'a, str>, Node<'a>)>),
}

impl<'a> Node<'a> {
    /// Reads one value; of objects, at every level, only the `keys`. One of them twice in an object is a fault.
    pub fn read(cursor: &mut Cursor<'a>, keys: &[&str]) -> Result<Self, Fault> {
        Self::read_counted(cursor, keys, &mut 0)
    }

    fn read_counted(cursor: &mut Cursor<'a>, keys: &[&str], count: &mut u32) -> Result<Self, Fault> {
        *count += 1;
        if *count > MAX_NODES {
            return Err(Fault::TooLarge);
        }
        match cursor.peek()? {
            b'{' => {
                cursor.open_object()?;
                let mut members: Vec<(Cow<'a, str>, Node<'a>)> = Vec::new();
                let mut first = true;
                while let Some(key) = cursor.next_key(first)? {
                    first = false;
                    if !keys.contains(&&*key) {
                        cursor.skip()?;
                        continue;
                    }
                    // Only known keys are kept, so there are few to compare with.
                    if members.iter().any(|(other, _)| *other == key) {
                        return Err(Fault::Malformed("a key occurs twice"));
                    }
                    members.push((key, Self::read_counted(cursor, keys, count)?));
                }
                Ok(Self::Object(members))
            }
            b'[' => {
                cursor.open_array()?;
                let mut items = Vec::new();
                while cursor.next_element(items.is_empty())? {
                    items.push(Self::read_counted(cursor, keys, count)?);
                }
                Ok(Self::List(items))
            }
            _ => Ok(match cursor.scalar()? {
                super::Scalar::Null => Self::Null,
                super::Scalar::Bool(value) => Self::Bool(value),
                super::Scalar::Number(number) => Self::Number(number),
                super::Scalar::Text(text) if text.len() > MAX_TEXT => return Err(Fault::TooLarge),
                super::Scalar::Text(text) => Self::Text(text),
            }),
        }
    }

    /// The value at a path of keys joined by dots; `None` when it is not there or null.
    pub fn at(&self, path: &str) -> Option<&Self> {
        let mut node = self;
        for key in path.split('.') {
            let Self::Object(members) = node else {
                return None;
            };
            node = &members.iter().find(|(name, _)| name == key)?.1;
        }
        Some(node).filter(|node| **node != Self::Null)
    }

    /// The text or number at a path; `None` when it is empty.
    pub fn str(&self, path: &str) -> Option<&str> {
        self.at(path)?.as_str()
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The same, to keep.
    pub fn string(&self, path: &str) -> Option<String> {
        self.str(path).map(str::to_owned)
    }

    /// The first of these paths that has a text or number.
    pub fn first(&self, paths: &[&str]) -> Option<&str> {
        paths.iter().find_map(|path| self.str(path))
    }

    /// True where `true` stands, or a number that is not 0.
    pub fn flag(&self, path: &str) -> bool {
        match self.at(path) {
            Some(Self::Bool(value)) => *value,
            Some(Self::Number(number)) => *number != "0",
            _ => false,
        }
    }

    /// The elements of the list at a path; none when it is no list.
    pub fn items(&self, path: &str) -> &[Self] {
        match self.at(path) {
            Some(Self::List(items)) => items,
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &[&str] = &["a", "b", "list"];

    fn read(json: &str) -> Result<Node<'_>, Fault> {
        Node::read(&mut Cursor::new(json.as_bytes(), true), KEYS)
    }

    #[test]
    fn only_known_keys_are_kept() {
        let node = read(r#"{"a":{"b":"x","password":"y"},"list":[1,"",null],"c":[{"a":2}]}"#).unwrap();
        assert_eq!(node.str("a.b"), Some("x"));
        assert_eq!(node.items("list").len(), 3);
        assert!(!format!("{node:?}").contains("password"));
        assert_eq!(node.at("c"), None);
    }

    #[test]
    fn a_known_key_twice_is_a_fault() {
        assert!(read(r#"{"c":1,"c":2}"#).is_ok());
        assert_eq!(read(r#"{"a":1,"a":2}"#), Err(Fault::Malformed("a key occurs twice")));
    }

    #[test]
    fn the_number_of_values_is_limited() {
        let list = |length: usize| format!("[{}1]", "1,".repeat(length - 1));
        assert!(read(&list(MAX_NODES as usize - 1)).is_ok());
        assert_eq!(read(&list(MAX_NODES as usize)), Err(Fault::TooLarge));
    }
}
