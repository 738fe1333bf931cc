//! Messages for the unit tests of the detectors.

use std::sync::Arc;

use crate::model::{Medium, Message, RawMessage, Source};
use crate::normalize::clean;

/// A cleaned message of a plain text.
pub(super) fn message(text: &str) -> Message {
    let source = Source { key: "test".into(), name: String::new(), medium: Medium::Other, url: None };
    clean(RawMessage::new(Arc::new(source), 1, text.to_owned()))
}
