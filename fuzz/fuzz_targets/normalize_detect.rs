//! Cleaning and judging a text: spans stay on character boundaries and inside of it, and a second cleaning changes
//! nothing that detectors see.
#![no_main]

use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use noctule_core::detect::Detectors;
use noctule_core::model::{Medium, RawMessage, Source};
use noctule_core::normalize::{self, encoding::decode};

static DETECTORS: LazyLock<Detectors> = LazyLock::new(Detectors::builtin);

fuzz_target!(|bytes: &[u8]| {
    let (text, ..) = decode(bytes);
    let source = Arc::new(Source { key: "s".into(), name: "s".into(), medium: Medium::Forum, url: None });
    let message = normalize::clean(RawMessage::new(source, 1, text));
    let verdict = DETECTORS.judge(&message);
    let spans = verdict.escrow.spans.iter().copied().chain(verdict.entities.iter().map(|entity| entity.span));
    for span in spans {
        assert!(message.raw.text.get(span.range()).is_some(), "a span of {:?}", message.raw.text);
        assert!(message.text.get(message.clean_span(span).range()).is_some(), "a clean span of {:?}", message.raw.text);
    }
});
