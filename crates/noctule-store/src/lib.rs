//! Noctule's memory: evidence and ledger (the system of record), tables and answers (made from them).
//!
//! - [`evidence`] keeps each capture as received, named by its BLAKE3.
//! - [`ledger`] is the SQLite file that says what is captured and which table files are valid.
//! - [`keys`] tells whether a message is already stored.
//! - [`tables`] are Delta Lake tables; [`writer`] appends to them in durable batches.
//! - [`search`] finds messages by their words in an index that is a cache of the tables.
//! - [`sql`] is the read-only door for free-hand queries; [`analyze`] answers the study's questions.
//!
//! The only crate that knows Arrow, Delta, DataFusion, Tantivy and SQLite; none of their types leave it.
#![forbid(unsafe_code)]

pub mod analyze;
pub mod columnar;
pub mod durable;
mod error;
pub mod evidence;
pub mod export;
mod health;
mod index;
pub mod keys;
pub mod ledger;
pub mod load;
mod rows;
pub mod search;
pub mod sql;
mod store;
mod table_file;
pub mod tables;
mod terms;
pub mod verify;
pub mod writer;

pub use error::{Result, StoreError};
pub use index::Update;
pub use store::{Store, WriteLock};
