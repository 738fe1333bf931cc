//! How fast each collector reads: every case of the fixtures, repeated to 32 MiB, is read by the collector that
//! recognizes it. `cargo run --release -p noctule-core --example throughput [FORMAT…]`
//!
//! The cases are small and full of special things, so real files are read faster rather than slower.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "an example measures and prints")]

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use jiff::tz::TimeZone;
use noctule_core::collect::{Head, Input, SAMPLE_BYTES, Sink, recognize};
use noctule_core::model::{RawMessage, Skip, SourceEvent};

const BYTES: usize = 32 << 20;

#[derive(Default)]
struct Count {
    messages: u64,
    skips: u64,
}

impl Sink for Count {
    fn message(&mut self, _message: RawMessage) -> ControlFlow<()> {
        self.messages += 1;
        ControlFlow::Continue(())
    }

    fn skip(&mut self, _skip: Skip) {
        self.skips += 1;
    }

    fn event(&mut self, _event: SourceEvent) {}
}

fn main() -> std::io::Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/collect");
    println!("{:<22} {:<24} {:>8} {:>10} {:>9}", "format", "case", "MB/s", "messages", "skips");
    for format in folders(&root)? {
        for case in folders(&format)? {
            let Some(input) = std::fs::read_dir(&case)?
                .flatten()
                .map(|entry| entry.path())
                .find(|path| path.file_stem().is_some_and(|stem| stem == "input"))
            else {
                continue;
            };
            let bytes = std::fs::read(&input)?;
            let head = Head {
                path: "input",
                bytes: &bytes[..bytes.len().min(SAMPLE_BYTES)],
                whole: bytes.len() <= SAMPLE_BYTES,
            };
            let Some((collector, _)) = recognize(&head) else {
                continue;
            };
            if !wanted.is_empty() && !wanted.iter().any(|name| name == collector.name()) {
                continue;
            }
            // A page is a document and read as often; everything else is one long stream.
            let repeated = BYTES / bytes.len().max(1) + 1;
            let page = collector.name().ends_with("-html");
            let (input, rounds) = if page { (bytes.clone(), repeated) } else { (bytes.repeat(repeated), 1) };
            let mut count = Count::default();
            let start = Instant::now();
            let zone = TimeZone::UTC;
            for _ in 0..rounds {
                collector.read(
                    Input { path: "input", reader: &mut &*input, zone: &zone, mapping: None, captured_at: None },
                    &mut count,
                );
            }
            let speed = (input.len() * rounds) as f64 / 1e6 / start.elapsed().as_secs_f64();
            let name = case.file_name().unwrap_or_default().to_string_lossy();
            let (messages, skips) = (count.messages, count.skips);
            println!("{:<22} {name:<24} {speed:>8.0} {messages:>10} {skips:>9}", collector.name());
        }
    }
    Ok(())
}

fn folders(path: &Path) -> std::io::Result<Vec<std::path::PathBuf>> {
    let mut folders: Vec<_> =
        std::fs::read_dir(path)?.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    Ok(folders)
}
