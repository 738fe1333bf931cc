//! What every target checks: a collector never panics, keeps its limits, and says something of what it recognizes.

use jiff::tz::TimeZone;
use noctule_core::collect::{COLLECTORS, Collected, Collector, Head, Input, SAMPLE_BYTES};
use noctule_core::model::Micros;
use noctule_core::normalize::encoding::decode;

/// A text of one message may have so many bytes.
const MAX_TEXT: usize = 1 << 20;

/// Reads the bytes with every collector of a family.
pub fn collectors(bytes: &[u8], family: fn(&str) -> bool) {
    // Collectors are handed UTF-8; what is none was decoded before.
    let decoded;
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => {
            decoded = decode(bytes).0;
            &decoded
        }
    };
    let bytes = text.as_bytes();
    let head = Head { path: "input", bytes: &bytes[..bytes.len().min(SAMPLE_BYTES)], whole: bytes.len() < SAMPLE_BYTES };
    for collector in COLLECTORS.iter().filter(|collector| family(collector.name())) {
        let found = read(*collector, bytes);
        for message in found.messages() {
            assert!(message.text.len() <= MAX_TEXT, "{} passed its limit", collector.name());
            for quote in &message.quotes {
                assert!(message.text.get(quote.range()).is_some(), "{} quotes past its text", collector.name());
            }
        }
        if collector.recognizes(&head).is_some() {
            let said = found.messages().count() + found.skips().count();
            assert!(said > 0, "{} recognized it and says nothing", collector.name());
        }
    }
}

fn read(collector: &dyn Collector, mut bytes: &[u8]) -> Collected {
    let mut found = Collected::new();
    let captured_at = Some(Micros(1_634_245_620_000_000));
    let input = Input { path: "folder/input", reader: &mut bytes, zone: &TimeZone::UTC, mapping: None, captured_at };
    collector.read(input, &mut found);
    found
}
