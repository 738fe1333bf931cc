//! Reading formats: one file a format, one line in [`COLLECTORS`], one folder of fixtures.
//!
//! A collector pushes messages and skips into a sink, because a 5 GB export can only be streamed that way.
//! Left to others: opening and unpacking files (the binary), decoding to UTF-8 (`normalize::encoding`).

use std::io::BufRead;
use std::ops::ControlFlow;

use jiff::tz::TimeZone;

use crate::model::{RawMessage, Skip, SourceEvent};

/// The start of a file, already decoded to UTF-8: enough to recognize the format by content.
pub struct Head<'a> {
    /// As given by the user; a hint at most.
    pub path: &'a str,
    /// Up to 64 KiB; valid UTF-8 except for a character cut off at the end.
    pub bytes: &'a [u8],
    /// True when `bytes` is the whole file.
    pub whole: bool,
}

/// One file to read, as a stream of UTF-8.
pub struct Input<'a> {
    pub path: &'a str,
    pub reader: &'a mut dyn BufRead,
    /// Where a date without a zone is read.
    pub zone: &'a TimeZone,
    /// Columns for generic formats; `None` lets the collector guess.
    pub mapping: Option<&'a Mapping>,
}

/// Receives what a collector finds, in the order of the file.
pub trait Sink {
    /// `Break` asks the collector to stop here (a dry run has seen enough).
    fn message(&mut self, message: RawMessage) -> ControlFlow<()>;
    fn skip(&mut self, skip: Skip);
    fn event(&mut self, event: SourceEvent);
}

pub trait Collector: Sync {
    /// `telegram-json`
    fn name(&self) -> &'static str;
    /// One line for help and reference.
    fn about(&self) -> &'static str;
    /// Why this is the collector's format; `None` when it is not.
    fn recognizes(&self, head: &Head<'_>) -> Option<String>;
    /// Reads the whole input. Never fails: what cannot be read becomes a skip.
    fn read(&self, input: Input<'_>, sink: &mut dyn Sink);
}

mod mapping;

pub use mapping::Mapping;

/// Every collector, most specific first: the first that recognizes a head reads the file.
pub static COLLECTORS: &[&dyn Collector] = &[];
