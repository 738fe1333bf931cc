//! Noctule's reader: bytes in, findings out.
//!
//! The stages in reading order, each taking the value of the one before it:
//!
//! 1. [`collect`] recognizes a format by content and pushes [`model::RawMessage`]s and [`model::Skip`]s;
//! 2. [`normalize`] turns a raw message into a [`model::Message`]: quotes out, shadow text for matching,
//!    language, duplicate keys, masked secrets;
//! 3. [`detect`] turns a message into a [`model::Verdict`]: escrow, deal, prices, fees, entities, and why;
//! 4. [`stats`] turns numbers into numbers: change points and intervals.
//!
//! [`html`] reads pages for the first stage; [`memo`] remembers what the second and third made of a text.
//!
//! Everything here is sync and pure: no network, no files, no clock, no async, no Arrow. The same bytes give
//! the same findings on any machine, on any day.
#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests may look at a clock"))]

pub mod base64;
pub mod collect;
#[cfg(test)]
mod cpu_time;
pub mod detect;
pub mod html;
pub mod lexicon;
pub mod memo;
pub mod model;
pub mod normalize;
pub mod reference;
pub mod stats;
