//! How well the detectors agree with labelled messages: numbers in, a table out.
//!
//! Precision, recall and F1 of each question with bootstrap intervals, for all rows and by language, source and set;
//! whether the scores are probabilities; what the plain keyword would have said; the confusion by kind of trap and of
//! polarities; and the ids of every row that was judged otherwise than labelled. Reading the rows and printing the
//! table is the caller's work.

mod calibration;
mod intervals;

use std::collections::BTreeMap;

pub use calibration::{Bin, Calibration};
pub use intervals::{Interval, Intervals};

use serde::{Deserialize, Serialize};

use crate::model::{Polarity, Verdict};

/// A labelled message. Fields that are missing or null in the file are `None`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct LabelledRow {
    pub id: String,
    /// The part of the collection: `term`, `no_term`, `site_copy`.
    pub set: String,
    pub source: String,
    /// Which part of a set was looked at while words were added (`a`) and which was not (`b`).
    pub half: String,
    pub lang: String,
    pub text: String,
    pub mentions_escrow_service: Option<bool>,
    pub escrow_polarity: Option<String>,
    pub deal_related: Option<bool>,
    pub poster_role: Option<String>,
    pub traded: Option<String>,
    /// Kind of goods, in the words of [`crate::lexicon::GOODS`].
    pub kind: Option<String>,
    pub price: Option<String>,
    pub escrow_fee: Option<String>,
    pub ordinary_commerce: Option<bool>,
    pub extortion: Option<bool>,
    pub is_scam_report: Option<bool>,
    pub hard_negative: Option<String>,
    pub confidence: Option<String>,
}

/// How often a yes or no agreed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub true_positive: u32,
    pub false_positive: u32,
    pub false_negative: u32,
    pub true_negative: u32,
}

impl Counts {
    fn add(&mut self, labelled: bool, found: bool) {
        match (labelled, found) {
            (true, true) => self.true_positive += 1,
            (false, true) => self.false_positive += 1,
            (true, false) => self.false_negative += 1,
            (false, false) => self.true_negative += 1,
        }
    }

    /// Share of what was found that is labelled so; `None` when nothing was found.
    pub fn precision(&self) -> Option<f64> {
        share(self.true_positive, self.true_positive + self.false_positive)
    }

    /// Share of what is labelled so that was found; `None` when nothing is labelled so.
    pub fn recall(&self) -> Option<f64> {
        share(self.true_positive, self.true_positive + self.false_negative)
    }

    /// The harmonic mean of both; `None` when there was neither a label nor a finding.
    pub fn f1(&self) -> Option<f64> {
        share(2 * self.true_positive, 2 * self.true_positive + self.false_positive + self.false_negative)
    }

    pub fn rows(&self) -> u32 {
        self.true_positive + self.false_positive + self.false_negative + self.true_negative
    }
}

fn share(part: u32, of: u32) -> Option<f64> {
    (of > 0).then(|| f64::from(part) / f64::from(of))
}

/// One question over one part of the rows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// `escrow`, `deal`, `scam_report`, `price`, `fee`, `role:seller`, `side:supply`, `kind:drugs`, …
    pub question: String,
    /// `all` (but the set `site_copy`), `set:term`, `lang:ru`, `source:…`
    pub part: String,
    pub counts: Counts,
    pub precision: Option<f64>,
    pub recall: Option<f64>,
    pub f1: Option<f64>,
    /// 95 %, by drawing the rows anew; `None` where that says nothing.
    pub intervals: Option<Intervals>,
}

impl Line {
    fn new(question: String, part: String, counts: Counts) -> Self {
        Self {
            precision: counts.precision(),
            recall: counts.recall(),
            f1: counts.f1(),
            intervals: Intervals::of(&counts),
            question,
            part,
            counts,
        }
    }
}

/// What became of the rows that are traps of one kind: no escrow, but words of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Trap {
    pub kind: String,
    pub rows: u32,
    /// Taken for escrow all the same.
    pub found: u32,
}

/// A row with what was found in it.
#[derive(Clone, Copy)]
pub struct Judged<'a> {
    pub row: &'a LabelledRow,
    pub verdict: &'a Verdict,
    /// Whether any word of escrow occurs at all: what watching for keywords would report.
    pub keyword: bool,
}

/// A row that was judged otherwise than labelled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Miss {
    pub question: String,
    pub id: String,
    pub set: String,
    pub lang: String,
    /// True: found, but not labelled so.
    pub found: bool,
    /// The kind of trap the labels name for the row.
    pub hard_negative: Option<String>,
}

/// Everything that was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Table {
    pub rows: u32,
    pub lines: Vec<Line>,
    /// The question `escrow`, answered by the plain keyword, in the same parts.
    pub keyword: Vec<Line>,
    pub calibration: Vec<Calibration>,
    pub traps: Vec<Trap>,
    /// (labelled, found, how often), over rows that are labelled and found as mentions and have a labelled polarity.
    pub polarity: Vec<(String, String, u32)>,
    pub misses: Vec<Miss>,
}

impl Table {
    /// The line for a question and part.
    pub fn line(&self, question: &str, part: &str) -> Option<&Line> {
        self.lines.iter().find(|line| line.question == question && line.part == part)
    }
}

/// Set of interface texts, which are reported apart: nobody posts them.
const APART: &str = "site_copy";

/// Compares labels with verdicts.
pub fn evaluate<'a>(rows: impl IntoIterator<Item = Judged<'a>>) -> Table {
    let mut table = Table::default();
    let mut counts: BTreeMap<(String, String), Counts> = BTreeMap::new();
    let mut keyword: BTreeMap<String, Counts> = BTreeMap::new();
    let mut traps: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    let mut polarity: BTreeMap<(String, String), u32> = BTreeMap::new();
    let (mut escrow_scores, mut deal_scores) = (Vec::new(), Vec::new());
    for Judged { row, verdict, keyword: word } in rows {
        table.rows += 1;
        let parts = parts(row);
        for (question, labelled, found) in questions(row, verdict) {
            for part in &parts {
                counts.entry((question.clone(), part.clone())).or_default().add(labelled, found);
            }
            if labelled != found {
                table.misses.push(Miss {
                    question,
                    id: row.id.clone(),
                    set: row.set.clone(),
                    lang: row.lang.clone(),
                    found,
                    hard_negative: row.hard_negative.clone(),
                });
            }
        }
        if let Some(labelled) = row.mentions_escrow_service {
            for part in parts {
                keyword.entry(part).or_default().add(labelled, word);
            }
            if let (false, Some(kind)) = (labelled, &row.hard_negative) {
                let trap = traps.entry(kind.clone()).or_default();
                trap.0 += 1;
                trap.1 += u32::from(verdict.escrow.mentioned);
            }
        }
        if row.set != APART {
            escrow_scores.extend(row.mentions_escrow_service.map(|labelled| (verdict.escrow.score, labelled)));
            deal_scores.extend(row.deal_related.map(|labelled| (verdict.deal.score, labelled)));
        }
        if let (Some(true), Some(labelled), Some(found)) =
            (row.mentions_escrow_service, row.escrow_polarity.as_deref(), verdict.escrow.polarity)
        {
            *polarity.entry((polarity_word(labelled).to_owned(), found.word().to_owned())).or_default() += 1;
        }
    }
    table.lines = counts.into_iter().map(|((question, part), counts)| Line::new(question, part, counts)).collect();
    table.keyword = keyword.into_iter().map(|(part, counts)| Line::new("escrow".into(), part, counts)).collect();
    table.calibration = [("escrow", escrow_scores), ("deal", deal_scores)]
        .into_iter()
        .filter_map(|(question, scores)| Calibration::of(question, &scores))
        .collect();
    table.traps = traps.into_iter().map(|(kind, (rows, found))| Trap { kind, rows, found }).collect();
    table.polarity = polarity.into_iter().map(|((labelled, found), n)| (labelled, found, n)).collect();
    table
}

/// The parts of the table a row counts in.
fn parts(row: &LabelledRow) -> Vec<String> {
    let mut parts = vec![format!("set:{}", row.set)];
    if row.set != APART {
        parts.push("all".into());
        parts.push(format!("lang:{}", row.lang));
        if !row.half.is_empty() {
            parts.push(format!("half:{}", row.half.replace([',', '"', '\n', '\r'], " ")));
        }
        if !row.source.is_empty() {
            // The table is CSV.
            parts.push(format!("source:{}", row.source.replace([',', '"', '\n', '\r'], " ")));
        }
    }
    parts
}

/// The questions a row has labels for: question, labelled, found.
fn questions(row: &LabelledRow, verdict: &Verdict) -> Vec<(String, bool, bool)> {
    let deal = &verdict.deal;
    let mut questions: Vec<(String, bool, bool)> = [
        ("escrow", row.mentions_escrow_service, verdict.escrow.mentioned),
        ("deal", row.deal_related, deal.related),
        ("scam_report", row.is_scam_report, verdict.scam_report.is),
    ]
    .into_iter()
    .filter_map(|(question, labelled, found)| Some((question.to_owned(), labelled?, found)))
    .collect();
    // Of a deal a missing price is a label too.
    if row.deal_related == Some(true) {
        questions.push(("price".into(), row.price.is_some(), !deal.prices.is_empty()));
        questions.push(("fee".into(), row.escrow_fee.is_some(), !deal.fees.is_empty()));
    }
    let mut class = |question: &str, labelled: &str, found: Option<&str>| {
        questions.push((format!("{question}:{labelled}"), true, found == Some(labelled)));
        if let Some(found) = found.filter(|found| *found != labelled) {
            questions.push((format!("{question}:{found}"), false, true));
        }
    };
    if let Some(labelled) = row.poster_role.as_deref().and_then(role_word) {
        let found = deal.role.map(|role| role.word());
        class("role", labelled, found);
        // Many labels know no more than two sides: who has goods or work to give, and who wants them.
        class("side", side(labelled), found.map(side));
    }
    if let Some(labelled) = &row.kind {
        class("kind", labelled, deal.kind);
    }
    questions
}

/// The side of a trade that a role is on.
fn side(role: &str) -> &'static str {
    if matches!(role, "buyer" | "hire") { "demand" } else { "supply" }
}

/// Our word for a labelled role, where we have one.
fn role_word(labelled: &str) -> Option<&'static str> {
    Some(match labelled {
        "seller" => "seller",
        "buyer" => "buyer",
        "service" | "escrow_agent" => "service",
        "hire" | "recruiter" => "hire",
        "exchange" | "exchanger" => "exchange",
        _ => return None,
    })
}

/// The labels are free text ("refuses escrow", "no escrow to some regions").
fn polarity_word(labelled: &str) -> &str {
    let starts = |words: &[&str]| words.iter().any(|word| labelled.starts_with(word));
    if starts(&["affirm", "offer", "accept"]) {
        Polarity::Affirmed.word()
    } else if starts(&["refus", "no ", "not ", "reject"]) {
        Polarity::Refused.word()
    } else if starts(&["ask", "question", "request", "seek"]) {
        Polarity::Asked.word()
    } else if starts(&["report", "complain", "accus"]) {
        Polarity::Reported.word()
    } else {
        labelled
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Detectors;
    use crate::detect::testing::message;

    fn row(id: &str, set: &str, text: &str, escrow: bool) -> LabelledRow {
        LabelledRow {
            id: id.into(),
            set: set.into(),
            lang: "ru".into(),
            text: text.into(),
            mentions_escrow_service: Some(escrow),
            escrow_polarity: escrow.then(|| "refuses escrow".into()),
            ..LabelledRow::default()
        }
    }

    #[test]
    fn counts_misses_and_polarities() {
        let detectors = Detectors::builtin();
        let rows = [
            row("1", "term", "работаю без гаранта", true),
            row("2", "term", "гарантия на окна", false),
            row("3", "term", "работаю через гаранта", false),
            row("4", "site_copy", "гарантия", true),
        ];
        let verdicts: Vec<_> = rows.iter().map(|row| detectors.judge(&message(&row.text))).collect();
        let judged = |(row, verdict)| Judged { row, verdict, keyword: true };
        let table = evaluate(rows.iter().zip(&verdicts).map(judged));
        let all = table.line("escrow", "all").expect("three rows have a label");
        assert_eq!(all.counts, Counts { true_positive: 1, false_positive: 1, false_negative: 0, true_negative: 1 });
        assert_eq!((all.precision, all.recall), (Some(0.5), Some(1.0)));
        assert_eq!(table.line("escrow", "set:site_copy").map(|l| l.counts.false_negative), Some(1));
        assert_eq!(table.polarity, [("refused".to_owned(), "refused".to_owned(), 1)]);
        let keyword = table.keyword.iter().find(|line| line.part == "all").expect("three rows have a label");
        assert_eq!(keyword.counts, Counts { true_positive: 1, false_positive: 2, false_negative: 0, true_negative: 0 });
        assert_eq!(table.misses.iter().map(|m| m.id.as_str()).collect::<Vec<_>>(), ["3", "4"]);
    }

    #[test]
    fn a_wrong_class_is_a_miss_of_one_and_too_much_of_another() {
        let detectors = Detectors::builtin();
        let row = LabelledRow {
            deal_related: Some(true),
            poster_role: Some("buyer".into()),
            price: Some("$5".into()),
            hard_negative: Some("guarantee_warranty".into()),
            mentions_escrow_service: Some(false),
            ..row("1", "term", "продам базу, цена 5$", false)
        };
        let verdict = detectors.judge(&message(&row.text));
        let table = evaluate([Judged { row: &row, verdict: &verdict, keyword: false }]);
        let counts = |question: &str| table.line(question, "all").map(|line| line.counts).expect("it was asked");
        assert_eq!(counts("role:buyer").false_negative, 1);
        assert_eq!(counts("role:seller").false_positive, 1);
        assert_eq!(counts("price").true_positive, 1);
        assert_eq!(counts("fee").true_negative, 1);
        assert_eq!(table.traps, [Trap { kind: "guarantee_warranty".into(), rows: 1, found: 0 }]);
    }

    #[test]
    fn rows_with_missing_fields_are_read() {
        let row: LabelledRow =
            serde_json::from_str(r#"{"id":"A","text":"x","escrow_polarity":null,"new_field":1}"#).unwrap();
        assert_eq!(row.mentions_escrow_service, None);
    }
}
