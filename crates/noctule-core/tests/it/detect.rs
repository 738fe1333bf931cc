//! Runs `fixtures/detect/<detector>.md`: each heading is a case, its fenced text a message, the line behind the
//! fence what the detector must find. `UPDATE_EXPECT=1` rewrites these lines; read the diff as if someone else had
//! made it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use noctule_core::detect::{DETECTORS, Detectors};
use noctule_core::model::{Medium, RawMessage, Source, Verdict};
use noctule_core::normalize::clean;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/detect")
}

fn judge(detectors: &Detectors, text: &str) -> Verdict {
    let source = Source { key: "fixture".into(), name: String::new(), medium: Medium::Other, url: None };
    detectors.judge(&clean(RawMessage::new(Arc::new(source), 1, text.to_owned())))
}

/// What a detector found, in the words of the fixtures.
fn found(detector: &str, text: &str, verdict: &Verdict) -> String {
    let joined = |parts: Vec<String>| if parts.is_empty() { "nothing".to_owned() } else { parts.join("; ") };
    match detector {
        "escrow_mention" => match verdict.escrow.polarity {
            Some(polarity) => {
                let terms: Vec<_> =
                    verdict.escrow.spans.iter().map(|span| format!("«{}»", &text[span.range()])).collect();
                format!("{}, {}, agent {}", polarity.word(), terms.join(" "), verdict.escrow.agent.word())
            }
            None => "not mentioned".to_owned(),
        },
        "deal_related" => match (verdict.deal.related, verdict.deal.role) {
            (true, Some(role)) => format!("deal, {}", role.word()),
            (true, None) => "deal".to_owned(),
            (false, _) => "no deal".to_owned(),
        },
        "deal_kind" => verdict.deal.kind.unwrap_or("no deal").to_owned(),
        "price" => joined(
            verdict
                .deal
                .prices
                .iter()
                .map(|p| format!("{} {} «{}»", p.amount, p.currency, &text[p.span.range()]))
                .collect(),
        ),
        "fee" => joined(
            verdict
                .deal
                .fees
                .iter()
                .map(|fee| {
                    let percent = if fee.percent_min == fee.percent_max {
                        format!("{} %", fee.percent_max)
                    } else {
                        format!("{} to {} %", fee.percent_min, fee.percent_max)
                    };
                    let payer = fee.payer.map_or(String::new(), |payer| format!(", {} pays", payer.word()));
                    format!("{percent}{payer} «{}»", &text[fee.span.range()])
                })
                .collect(),
        ),
        "scam_report" => match (verdict.scam_report.is, verdict.scam_report.accused) {
            (true, Some(party)) => format!("report, accused: {}", party.word()),
            (true, None) => "report".to_owned(),
            (false, _) => "no report".to_owned(),
        },
        "entities" => joined(
            verdict.entities.iter().map(|e| format!("{} {} «{}»", e.kind, e.value, &text[e.span.range()])).collect(),
        ),
        other => panic!("tests/it/detect.rs does not know how to write what \"{other}\" found"),
    }
}

/// One case: the line of its heading, its text, and the lines of the file that hold the expectation.
struct Case {
    line: usize,
    heading: String,
    text: String,
    expected: String,
    expected_at: std::ops::Range<usize>,
}

fn cases(file: &str, lines: &[&str]) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        let Some(heading) = lines[at].strip_prefix("## ") else {
            at += 1;
            continue;
        };
        let line = at + 1;
        let open = (at..lines.len())
            .find(|i| lines[*i].starts_with("```"))
            .unwrap_or_else(|| panic!("{file}:{line}: no text"));
        let close = (open + 1..lines.len())
            .find(|i| lines[*i] == "```")
            .unwrap_or_else(|| panic!("{file}:{line}: text has no end"));
        let until = (close..lines.len()).find(|i| lines[*i].starts_with('#')).unwrap_or(lines.len());
        let text: Vec<_> = lines[open + 1..close].to_vec();
        let expected = lines[close + 1..until]
            .iter()
            .map(|l| l.trim().trim_start_matches("→ "))
            .filter(|l| !l.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        cases.push(Case {
            line,
            heading: heading.to_owned(),
            text: text.join("\n"),
            expected,
            expected_at: close + 1..until,
        });
        at = until;
    }
    cases
}

#[test]
fn every_case_of_every_detector() {
    let detectors = Detectors::builtin();
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let mut failures = Vec::new();
    for detector in DETECTORS {
        let path = folder().join(format!("{}.md", detector.name()));
        let file = path.file_name().expect("a file").to_string_lossy().into_owned();
        let whole = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {file}: {error}"));
        let lines: Vec<&str> = whole.lines().collect();
        let mut out = String::new();
        let mut copied = 0;
        let cases = cases(&file, &lines);
        assert!(!cases.is_empty(), "{file} has no cases");
        for case in cases {
            let verdict = judge(&detectors, &case.text);
            let now = found(detector.name(), &case.text, &verdict);
            if now != case.expected {
                failures.push(format!(
                    "{file}:{}: {}\n  expected {}\n  found    {now}\n  because  {:?}",
                    case.line, case.heading, case.expected, verdict.why
                ));
            }
            for line in &lines[copied..case.expected_at.start] {
                out.push_str(line);
                out.push('\n');
            }
            out.push_str(&format!("\n→ {now}\n\n"));
            copied = case.expected_at.end;
        }
        for line in &lines[copied..] {
            out.push_str(line);
            out.push('\n');
        }
        if update {
            std::fs::write(&path, out.trim_end().to_owned() + "\n")
                .unwrap_or_else(|error| panic!("cannot write {file}: {error}"));
        }
    }
    assert!(update || failures.is_empty(), "{} cases differ:\n{}", failures.len(), failures.join("\n"));
}

/// Every main language keeps so many cases of escrow, hard negatives included.
#[test]
fn the_main_languages_have_their_cases() {
    let whole = std::fs::read_to_string(folder().join("escrow_mention.md")).expect("the cases are in the repository");
    for (lang, at_least) in [("en", 40), ("ru", 40), ("zh", 40), ("de", 20), ("es", 20)] {
        let count = whole.lines().filter(|line| *line == format!("```{lang}")).count();
        assert!(count >= at_least, "{lang} has {count} cases, of {at_least}");
    }
}
