//! Every word and rule that counted in a verdict, with its points: the long form of [`crate::model::Verdict::why`].

use serde::Serialize;

use super::scene::{Hit, Scene};
use super::{DETECTORS, Detectors, nothing};
use crate::model::{Clean, Span, Verdict};

/// What spoke for or against a finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// Added to the finding's points; 0.0 for what decides otherwise than by points.
    pub points: f32,
    /// Where it stands in the raw text, if it stands somewhere.
    pub span: Option<Span>,
    pub says: String,
}

/// What one detector made of a text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    pub detector: &'static str,
    pub reasons: Vec<Reason>,
}

/// A word of a lexicon in a text.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Word {
    pub span: Span,
    pub text: String,
    /// The entry that has it: id, language, topic, what its words do.
    pub entry: String,
    pub lang: String,
    pub topic: &'static str,
    pub cue: &'static str,
    pub weight: f32,
    /// Why the entry is in the lexicon.
    pub why: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    pub words: Vec<Word>,
    /// Of the detectors that had a reason, in the order in which they ran.
    pub parts: Vec<Part>,
    pub verdict: Verdict,
}

/// Takes notes while a detector judges. Judging takes none, and its notes cost nothing.
pub(super) trait Notes {
    /// `says` is made only when somebody listens.
    fn note(&mut self, points: f32, place: Option<Hit>, says: impl FnOnce() -> String);
}

/// Nobody listens.
pub(super) struct Silent;

impl Notes for Silent {
    #[inline]
    fn note(&mut self, _: f32, _: Option<Hit>, _: impl FnOnce() -> String) {}
}

/// Keeps what is noted.
pub(super) struct Listening<'s, 'a> {
    scene: &'s Scene<'a>,
    pub reasons: Vec<Reason>,
}

impl<'s, 'a> Listening<'s, 'a> {
    pub fn new(scene: &'s Scene<'a>) -> Self {
        Self { scene, reasons: Vec::new() }
    }
}

impl Notes for Listening<'_, '_> {
    fn note(&mut self, points: f32, place: Option<Hit>, says: impl FnOnce() -> String) {
        if self.reasons.len() >= MOST_REASONS {
            return;
        }
        let span = place.map(|hit| self.scene.raw_span(hit.start, hit.end));
        self.reasons.push(Reason { points, span, says: says() });
    }
}

/// Nobody reads more; a text may repeat a term a thousand times.
const MOST_REASONS: usize = 200;
/// As many words are listed.
const MOST_WORDS: usize = 500;

impl Detectors {
    /// Judges a text and says what counted. Slower than judging; the verdict is the same.
    pub fn explain(&self, raw: &str, clean: &Clean) -> Explanation {
        let scene = Scene::new(raw, clean, self.lexicons());
        let words = scene.hits.iter().take(MOST_WORDS).map(|hit| {
            let entry = scene.lexicons.entry(hit);
            Word {
                span: scene.raw_span(hit.start, hit.end),
                text: scene.words(hit.start, hit.end).to_owned(),
                entry: entry.id.to_string(),
                lang: entry.lang.to_string(),
                topic: entry.topic.word(),
                cue: entry.cue.word(),
                weight: entry.weight,
                why: entry.why.to_string(),
            }
        });
        let words = words.collect();
        let mut verdict = nothing();
        let mut parts = Vec::new();
        for detector in DETECTORS {
            // Before the detector's own part is written: reasons are those it judged by.
            let reasons = detector.explain(&scene, &verdict);
            detector.scan(&scene, &mut verdict);
            if !reasons.is_empty() {
                parts.push(Part { detector: detector.name(), reasons });
            }
        }
        Explanation { words, parts, verdict }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::testing::message;

    #[test]
    fn the_verdict_is_the_one_of_judging_and_its_points_add_up() {
        let detectors = Detectors::builtin();
        for text in [
            "Продам базу 10к строк, 200$. Сделка через гаранта, комиссия 5%, пишите @example_handle",
            "WTB RDP access, middleman accepted, no time wasters",
            "гарантия на окна 5 лет",
            "он кинул меня на 500$ и пропал, гарант молчит",
            "",
        ] {
            let message = message(text);
            let explained = detectors.explain(text, &message.clean);
            assert_eq!(explained.verdict, detectors.judge(&message), "{text}");
            let sum = |name: &str| {
                let part = explained.parts.iter().find(|part| part.detector == name)?;
                Some(part.reasons.iter().map(|reason| reason.points).sum::<f32>())
            };
            if let Some(points) = sum("deal_related") {
                let score = super::super::score(points);
                assert!((score - explained.verdict.deal.score).abs() < 0.011, "{text}: {points} {explained:?}");
            }
            if let Some(points) = sum("scam_report") {
                let score = super::super::score(points);
                assert!((score - explained.verdict.scam_report.score).abs() < 0.011, "{text}: {points}");
            }
        }
        let one = "Сделка через гаранта";
        let explained = detectors.explain(one, &message(one).clean);
        assert!(explained.words.iter().any(|word| word.text == "гаранта" && word.cue == "term"));
        let escrow = explained.parts.iter().find(|part| part.detector == "escrow_mention").expect("a term is there");
        assert!(escrow.reasons.iter().any(|reason| reason.points == 3.0), "{escrow:?}");
    }
}
