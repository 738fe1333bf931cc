//! What a message says: one file a finding, one line in the list of detectors, one `.md` of cases.
//!
//! One pass over the shadow text finds every word of every lexicon (the scene); each detector then looks at the
//! words that concern it and writes its part of the verdict. A message without such words costs that one pass.

mod deal_kind;
mod deal_related;
mod entities;
mod escrow_mention;
pub mod evaluate;
mod explain;
mod fee;
pub mod floor;
mod letters;
mod price;
mod scam_report;
mod scene;
#[cfg(test)]
mod testing;

pub use explain::{Explanation, Part, Reason, Word};
pub use scene::Scene;

use crate::lexicon::Lexicons;
use crate::model::{Agent, Clean, Deal, Escrow, Message, ScamReport, Verdict};

/// Raised when a rule changes without its data, so that manifests can tell two binaries apart.
const CODE_VERSION: u32 = 2;

/// Finds one thing.
pub trait Detector: Sync {
    /// The name of its file and of its `.md` of cases.
    fn name(&self) -> &'static str;
    /// One line for help texts.
    fn about(&self) -> &'static str;
    /// The text at the top of its file ([`crate::documented`]), which is its reference page.
    fn reference(&self) -> &'static str;
    /// Writes what it finds into its part of the verdict. Parts of detectors earlier in the list are filled in.
    fn scan(&self, scene: &Scene<'_>, verdict: &mut Verdict);
    /// What [`scan`](Self::scan) goes by, with points, for a person; the verdict is as `scan` gets it.
    fn explain(&self, _scene: &Scene<'_>, _verdict: &Verdict) -> Vec<Reason> {
        Vec::new()
    }
}

/// Every detector, in the order in which they need each other.
pub const DETECTORS: &[&dyn Detector] = &[
    &price::PriceDetector,
    &entities::EntityDetector,
    &escrow_mention::EscrowDetector, // asks the deal's points for terms that need context
    &fee::FeeDetector,               // a percentage near an escrow term is a fee
    &scam_report::ScamReportDetector,
    &deal_related::DealDetector, // sums prices, contacts, escrow
    &deal_kind::KindDetector,    // only of deals
];

/// All detectors with their compiled lexicons. Building takes milliseconds; share it by reference.
pub struct Detectors {
    lexicons: Lexicons,
    version: String,
}

impl Detectors {
    /// With the lexicons compiled into the binary.
    pub fn builtin() -> Self {
        Self::with(Lexicons::builtin())
    }

    /// With other lexicons, for instance [`Lexicons::merge`]d ones.
    pub fn with(lexicons: Lexicons) -> Self {
        let version = format!("{CODE_VERSION}-{}", lexicons.version());
        Self { lexicons, version }
    }

    /// Names the rules: the version of the code and a hash over every lexicon. Goes into manifests.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn lexicons(&self) -> &Lexicons {
        &self.lexicons
    }

    /// Everything the detectors find in a message.
    pub fn judge(&self, message: &Message) -> Verdict {
        self.judge_text(&message.raw.text, &message.clean)
    }

    /// Everything the detectors find in a text, given as it came and cleaned.
    pub fn judge_text(&self, raw: &str, clean: &Clean) -> Verdict {
        let scene = Scene::new(raw, clean, &self.lexicons);
        let mut verdict = nothing();
        for detector in DETECTORS {
            detector.scan(&scene, &mut verdict);
        }
        verdict
    }
}

/// The verdict on a message that says nothing.
fn nothing() -> Verdict {
    Verdict {
        escrow: Escrow { mentioned: false, score: 0.0, polarity: None, spans: Vec::new(), agent: Agent::Unknown },
        deal: Deal { related: false, score: 0.0, kind: None, role: None, prices: Vec::new(), fees: Vec::new() },
        scam_report: ScamReport { is: false, score: 0.0, accused: None },
        entities: Vec::new(),
        why: Vec::new(),
    }
}

/// Points to a score between 0 and 1; 0.5 at no points.
fn score(points: f32) -> f32 {
    let score = 1.0 / (1.0 + (-points).exp());
    (score * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Polarity, Span};

    #[test]
    fn the_example_of_the_contract() {
        let verdict = Detectors::builtin().judge(&testing::message("Сделка через гаранта, 5%"));
        assert!(verdict.escrow.mentioned);
        assert_eq!(verdict.escrow.polarity, Some(Polarity::Affirmed));
        assert_eq!(verdict.escrow.spans, [Span { start: 24, end: 38 }]);
        assert!(verdict.deal.related);
        assert_eq!(verdict.deal.fees.len(), 1);
        assert_eq!((verdict.deal.fees[0].percent_min, verdict.deal.fees[0].percent_max), (5.0, 5.0));
        assert!(!verdict.why.is_empty());
    }

    #[test]
    fn an_empty_text_says_nothing() {
        assert_eq!(Detectors::builtin().judge(&testing::message("")), nothing());
    }

    #[test]
    fn a_long_hostile_text_takes_linear_time() {
        let detectors = Detectors::builtin();
        for unit in [
            "escrow no ",
            "担保",
            "5%-",
            "1,1",
            "@a.",
            "гарант? ",
            "$1k",
            "http://a@",
            "1.1-",
            "((((",
            "x@y.zz:",
            "1:",
            "a.",
            "a[.]",
            "a (at) ",
            "{",
            "rule {",
            "12AB ",
            "\\",
            "+1 ",
            "AS1",
            "DE89",
            "a#1234",
            "wickr: ",
            "EQ",
        ] {
            let mut cost = Vec::new();
            for size in [40_000, 320_000] {
                let message = testing::message(&unit.repeat(size / unit.len()));
                cost.push(crate::cpu_time::of(|| drop(detectors.judge(&message))).as_secs_f64());
            }
            // Eight times the text; quadratic would be 64 times the cost.
            assert!(cost[1] < cost[0] * 30.0 + 0.05, "{unit:?}: {cost:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn nothing_panics_and_spans_are_in_the_text(
            parts in prop::collection::vec(prop_oneof![
                any::<String>(),
                "[a-zа-я0-9@.,:/%$€₽ \n-]{0,40}",
                "[a-fA-TxQ0-9@.:/+#{}()\\[\\]\\\\ -]{0,60}",
                Just("через гаранта ".to_owned()), Just("no escrow".to_owned()), Just("可走担保".to_owned()),
                Just("$1,500-2k ".to_owned()), Just("5–10% fee ".to_owned()), Just("а\u{301}é\u{200b}".to_owned()),
            ], 0..8)
        ) {
            thread_local!(static DETECTORS: Detectors = Detectors::builtin());
            let message = testing::message(&parts.concat());
            let verdict = DETECTORS.with(|d| d.judge(&message));
            let spans = verdict.escrow.spans.iter()
                .chain(verdict.deal.prices.iter().map(|p| &p.span))
                .chain(verdict.deal.fees.iter().map(|f| &f.span))
                .chain(verdict.entities.iter().map(|e| &e.span));
            for span in spans {
                prop_assert!(message.raw.text.get(span.range()).is_some_and(|s| !s.is_empty()));
            }
        }
    }
}
