//! Reading HTML: a tolerant tokenizer, a bounded tree, selectors, and text as a reader sees it.
//!
//! Written for saved pages of forums: it is not a browser's parser. It knows void and raw-text elements, the end tags
//! that may be left out, and what an end tag without a start does; it does not move misplaced content out of tables
//! and does not reopen formatting elements. So elements lie in the order of the file, and a subtree is one range of
//! numbers: everything here is linear in the size of the page.
//!
//! Limits ([`MAX_BYTES`], [`MAX_DEPTH`], [`MAX_NODES`], [`MAX_ATTRIBUTES`] and a budget of steps) fall at the same
//! place on every machine. A page beyond one of them is refused as a whole; nothing is ever cut silently.

mod entities;
mod entity_names;
mod select;
mod tags;
#[cfg(test)]
mod tests;
mod text;
mod tree;
pub mod url;

pub use entities::{Place, decode};
pub use tags::Tag;
pub use text::{Body, Treat, body};
pub use tree::{Document, Limit, MAX_ATTRIBUTES, MAX_BYTES, MAX_DEPTH, MAX_NODES, NodeId, parse};
