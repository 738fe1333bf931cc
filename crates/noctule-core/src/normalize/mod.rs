//! From a raw message to a clean one: the same steps in the same order for every format.

use crate::model::{Message, RawMessage};

/// Cleans one message. Pure, total, and idempotent on its own output's text.
pub fn clean(raw: RawMessage) -> Message {
    let _ = &raw;
    todo!()
}
