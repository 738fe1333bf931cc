//! How fast pages are read, a core: `cargo run --release -p noctule-core --example page_speed -- FILE…`.
//!
//! Prints for each file the collector, the messages, and megabytes a second of reading the tree alone and of the whole
//! way from bytes to messages.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a measurement needs files, a clock and a terminal"
)]

use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use noctule_core::collect::{Collected, Head, Input, SAMPLE_BYTES, recognize};
use noctule_core::html;

fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).expect("the file can be read");
        let head =
            Head { path: &path, bytes: &bytes[..bytes.len().min(SAMPLE_BYTES)], whole: bytes.len() <= SAMPLE_BYTES };
        let Some((collector, _)) = recognize(&head) else {
            println!("{path}: not recognized");
            continue;
        };
        let text = std::str::from_utf8(&bytes).expect("the file is UTF-8");
        let tree = rate(bytes.len(), || {
            std::hint::black_box(html::parse(text).is_ok());
        });
        let mut messages = 0;
        let whole = rate(bytes.len(), || {
            let mut found = Collected::new();
            let reader = &mut &bytes[..];
            let input = Input { path: &path, reader, zone: &TimeZone::UTC, mapping: None, captured_at: None };
            collector.read(input, &mut found);
            messages = found.messages().count();
        });
        let recognizing = rate(bytes.len(), || {
            std::hint::black_box(recognize(&head).is_some());
        });
        println!(
            "{path}: {}, {messages} messages, {} bytes; tree {tree:.0} MB/s, messages {whole:.0} MB/s, recognizing {recognizing:.0} MB/s",
            collector.name(),
            bytes.len()
        );
    }
}

fn rate(bytes: usize, mut once: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut rounds = 0;
    while start.elapsed() < Duration::from_millis(700) {
        once();
        rounds += 1;
    }
    bytes as f64 * f64::from(rounds) / start.elapsed().as_secs_f64() / 1e6
}
