//! What the head of a JSON file shows: which paths of keys there are, and the first short values on them.

use std::borrow::Cow;

use super::{Cursor, Fault};
use crate::collect::Head;

/// Elements of a list, and documents one after the other, that are looked at.
const ELEMENTS: usize = 5;
/// Levels that are looked at.
const LEVELS: usize = 7;
/// Most paths that are kept.
const MAX_PATHS: usize = 4000;
/// Longest value that is kept.
const MAX_VALUE: usize = 100;

#[derive(Default)]
pub(in crate::collect) struct Signs {
    /// Path (`messages[].id`), first byte of the value, the value if it is plain and short.
    paths: Vec<(String, u8, String)>,
}

impl Signs {
    /// Looks at a head only if it is JSON and holds all these words; most files of other formats end here, cheaply.
    pub fn of(head: &Head<'_>, words: &[&str]) -> Option<Self> {
        Self::of_bytes(head.bytes, head.whole, words)
    }

    pub fn of_bytes(bytes: &[u8], whole: bool, words: &[&str]) -> Option<Self> {
        let bytes = crate::collect::without_mark(bytes);
        let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
        if !matches!(first, Some(b'{' | b'[')) {
            return None;
        }
        if !words.iter().all(|word| memchr::memmem::find(bytes, word.as_bytes()).is_some()) {
            return None;
        }
        let mut signs = Self::default();
        let mut cursor = Cursor::new(bytes, whole);
        let mut path = String::new();
        for _ in 0..ELEMENTS {
            // A head that is cut off ends in a fault; what was seen before it counts.
            if cursor.peek().is_err() || signs.look(&mut cursor, &mut path, 0).is_err() {
                break;
            }
            path.clear();
        }
        Some(signs)
    }

    fn look(&mut self, cursor: &mut Cursor<'_>, path: &mut String, level: usize) -> Result<(), Fault> {
        let length = path.len();
        let next = cursor.peek()?;
        match next {
            b'{' if level < LEVELS => {
                cursor.open_object()?;
                let mut first = true;
                while let Some(key) = cursor.next_key(first)? {
                    if !first || length > 0 {
                        path.truncate(length);
                    }
                    first = false;
                    if length > 0 {
                        path.push('.');
                    }
                    path.push_str(&key);
                    let next = cursor.peek()?;
                    let value = match next {
                        b'{' | b'[' => None,
                        // A long text that the head cuts off is there all the same.
                        _ => cursor.clone().text().ok().flatten().filter(|value| value.len() <= MAX_VALUE),
                    };
                    if self.paths.len() < MAX_PATHS {
                        let value = value.map(Cow::into_owned).unwrap_or_default();
                        self.paths.push((path.clone(), next, value));
                    }
                    self.look(cursor, path, level + 1)?;
                    path.truncate(length);
                }
            }
            b'[' if level < LEVELS => {
                cursor.open_array()?;
                path.push_str("[]");
                for at in 0.. {
                    if !cursor.next_element(at == 0)? {
                        break;
                    }
                    if at < ELEMENTS {
                        self.look(cursor, path, level + 1)?;
                    } else {
                        cursor.skip()?;
                    }
                }
                path.truncate(length);
            }
            _ => cursor.skip()?,
        }
        Ok(())
    }

    /// The paths that a format with these keys passes over; what lies below such a path is not listed.
    pub fn unread(&self, keys: &[&str]) -> Vec<String> {
        let known = |path: &str| keys.contains(&path.rsplit('.').next().unwrap_or(path).trim_end_matches("[]"));
        let below = |path: &str, parent: &str| {
            path.strip_prefix(parent).is_some_and(|rest| rest.starts_with('.') || rest.starts_with("[]"))
        };
        let mut unread: Vec<String> = Vec::new();
        for (path, next, _) in &self.paths {
            if known(path) || unread.iter().any(|parent| path == parent || below(path, parent)) {
                continue;
            }
            // What is no key of a record but has some of them in it is the frame around the records.
            let mut inside = self.paths.iter().filter(|(other, ..)| below(other, path) && known(other));
            let frame = matches!(next, b'{' | b'[') && inside.nth(1).is_some();
            if !frame {
                unread.push(path.clone());
            }
        }
        unread
    }

    /// True when there is a value on this path.
    pub fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|(other, ..)| other == path)
    }

    /// True when there is a path like that.
    pub fn any_path(&self, like: impl Fn(&str) -> bool) -> bool {
        self.paths.iter().any(|(path, ..)| like(path))
    }

    /// True when there is a list on this path.
    pub fn list(&self, path: &str) -> bool {
        self.paths.iter().any(|(other, next, _)| other == path && *next == b'[')
    }

    /// True when there is an object on this path.
    pub fn object(&self, path: &str) -> bool {
        self.paths.iter().any(|(other, next, _)| other == path && *next == b'{')
    }

    /// True when a short value on this path is like that.
    pub fn any(&self, path: &str, like: impl Fn(&str) -> bool) -> bool {
        self.paths.iter().any(|(other, _, value)| other == path && like(value))
    }

    /// True when a value on this path is one of these.
    pub fn is(&self, path: &str, values: &[&str]) -> bool {
        self.any(path, |value| values.contains(&value))
    }

    /// The first of these prefixes under which all the keys are found: where the records of a format are.
    pub fn under<'p>(&self, prefixes: &[&'p str], keys: &[&str]) -> Option<&'p str> {
        prefixes.iter().copied().find(|prefix| keys.iter().all(|key| self.has(&joined(prefix, key))))
    }
}

fn joined(prefix: &str, key: &str) -> String {
    if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") }
}
