//! Messages for the unit tests of the detectors.

use std::sync::Arc;

use crate::model::{Medium, Message, RawMessage, Shadow, Source};

/// A message of a plain text, with a shadow that only lower-cases.
pub(super) fn message(text: &str) -> Message {
    let source = Source { key: "test".into(), name: String::new(), medium: Medium::Other, url: None };
    let mut shadow = Shadow::default();
    let mut distance = 0i64;
    for (at, c) in text.char_indices() {
        for lower in c.to_lowercase() {
            let now = at as i64 - shadow.text.len() as i64;
            if now != distance {
                distance = now;
                shadow.steps.push((shadow.text.len() as u32, at as u32));
            }
            shadow.text.push(if lower == 'ё' { 'е' } else { lower });
        }
    }
    Message {
        raw: RawMessage::new(Arc::new(source), 1, text.to_owned()),
        text: text.to_owned(),
        text_steps: Vec::new(),
        shadow,
        lang: "und",
        cluster: None,
        content: 0,
    }
}
