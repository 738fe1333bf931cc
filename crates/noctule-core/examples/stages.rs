//! Where the time goes: nanoseconds a message in each stage, over JSONL with a `text` in every line.
//!
//!     cargo run --release -p noctule-core --example stages -- messages.jsonl
//!
//! With `once` behind the file everything runs once, for tools that count instructions (`valgrind --tool=callgrind`);
//! with `whole` only the cleaning does, cluster and content included.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    reason = "a tool for developers: opens a file, times, prints"
)]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use noctule_core::collect::{COLLECTORS, Input, Sink};
use noctule_core::detect::{DETECTORS, Detectors, Scene};
use noctule_core::memo::Memo;
use noctule_core::model::{Medium, Message, RawMessage, Skip, Source, SourceEvent, Verdict};
use noctule_core::normalize;

/// What `noctule detect` does between its file and its output, on one thread.
struct Judge<'a> {
    detectors: &'a Detectors,
    seen: Memo<Arc<Verdict>>,
}

impl Sink for Judge<'_> {
    fn message(&mut self, raw: RawMessage) -> ControlFlow<()> {
        let judge = || Arc::new(self.detectors.judge_text(&raw.text, &normalize::clean_text(&raw.text, &raw.quotes)));
        drop(black_box(self.seen.get_or_make(&raw.text, judge)));
        ControlFlow::Continue(())
    }

    fn skip(&mut self, _: Skip) {}

    fn event(&mut self, _: SourceEvent) {}
}

fn once(path: &str) {
    let detectors = Detectors::builtin();
    let file = std::fs::File::open(path).expect("the file can be read");
    let collector = COLLECTORS.iter().find(|collector| collector.name() == "jsonl").expect("there is one");
    let reader = &mut normalize::Utf8Reader::new(file);
    let input = Input { path, reader, zone: &jiff::tz::TimeZone::UTC, mapping: None, captured_at: None };
    collector.read(input, &mut Judge { detectors: &detectors, seen: Memo::default() });
}

/// The cleaning of every text, as `noctule study` needs it.
fn whole(texts: &[String]) {
    let source = Arc::new(Source { key: "stages".into(), name: String::new(), medium: Medium::Other, url: None });
    for text in texts {
        drop(black_box(normalize::clean(RawMessage::new(source.clone(), 1, text.clone()))));
    }
}

fn main() {
    let path = std::env::args().nth(1).expect("usage: stages FILE.jsonl [once|whole]");
    let mode = std::env::args().nth(2);
    if mode.as_deref() == Some("once") {
        return once(&path);
    }
    let text = std::fs::read_to_string(path).expect("the file can be read");
    let texts: Vec<String> = text
        .lines()
        .filter_map(|line| {
            serde_json::from_str::<serde_json::Value>(line).ok()?.get("text")?.as_str().map(str::to_owned)
        })
        .collect();
    if mode.as_deref() == Some("whole") {
        return whole(&texts);
    }
    let bytes: usize = texts.iter().map(String::len).sum();
    println!("{} texts, {} bytes each", texts.len(), bytes / texts.len().max(1));
    let detectors = Detectors::builtin();
    let per = |name: &str, work: &mut dyn FnMut()| {
        work();
        let start = Instant::now();
        work();
        println!("{name:24} {:7.0} ns", start.elapsed().as_nanos() as f64 / texts.len().max(1) as f64);
    };
    let source = Arc::new(Source { key: "stages".into(), name: String::new(), medium: Medium::Other, url: None });
    let raws = || texts.iter().map(|text| RawMessage::new(source.clone(), 1, text.clone()));
    per("clone", &mut || raws().for_each(|raw| drop(black_box(raw))));
    per("clean", &mut || raws().for_each(|raw| drop(black_box(normalize::clean(raw)))));
    per("  secrets", &mut || texts.iter().for_each(|text| drop(black_box(normalize::secrets::find(text)))));
    per("  shadow", &mut || texts.iter().for_each(|text| drop(black_box(normalize::shadow_of(text)))));
    per("  language", &mut || texts.iter().for_each(|text| _ = black_box(normalize::language::identify(text))));
    per("one by one", &mut || {
        raws().for_each(|raw| drop(black_box(detectors.judge(&normalize::clean(raw)))));
    });
    let messages: Vec<Message> = raws().map(normalize::clean).collect();
    per("  cluster", &mut || {
        messages
            .iter()
            .for_each(|m| _ = black_box(normalize::duplicates::cluster(&m.clean.text, &m.clean.shadow.text)));
    });
    per("  content", &mut || {
        messages.iter().for_each(|m| _ = black_box(normalize::duplicates::content(&m.raw, &m.clean.text)));
    });
    per("judge", &mut || messages.iter().for_each(|m| drop(black_box(detectors.judge(m)))));
    per("  words", &mut || {
        messages.iter().for_each(|m| drop(black_box(detectors.lexicons().find(&m.clean.shadow.text))));
    });
    let scenes: Vec<Scene<'_>> =
        messages.iter().map(|m| Scene::new(&m.raw.text, &m.clean, detectors.lexicons())).collect();
    let mut verdicts: Vec<Verdict> = messages.iter().map(|m| detectors.judge(m)).collect();
    for detector in DETECTORS {
        per(&format!("  {}", detector.name()), &mut || {
            for (scene, verdict) in scenes.iter().zip(&mut verdicts) {
                verdict.why.clear();
                verdict.entities.clear();
                verdict.deal.prices.clear();
                verdict.deal.fees.clear();
                verdict.escrow.spans.clear();
                detector.scan(scene, verdict);
            }
        });
    }
}
