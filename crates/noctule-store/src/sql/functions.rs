//! The detectors as functions of SQL: what Noctule would say of any text, stored or written into the query.
//!
//! They judge with the built-in words. A text is judged as one without quotes: what a message quotes was taken out
//! before it was stored.

use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanBuilder, Float32Builder, StringBuilder};
use datafusion::arrow::datatypes::DataType;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{ColumnarValue, Volatility, create_udf};
use datafusion::prelude::SessionContext;
use datafusion::scalar::ScalarValue;
use noctule_core::detect::Detectors;
use noctule_core::model::{Polarity, Role, Verdict};
use noctule_core::normalize::{clean_text, language, shadow_of};

/// A function over one text: its name and what it says.
pub struct Function {
    pub name: &'static str,
    pub about: &'static str,
    answer: Answer,
}

/// What it gives; null stays null.
#[derive(Clone, Copy)]
enum Answer {
    Yes(fn(&Verdict) -> bool),
    Score(fn(&Verdict) -> f32),
    Word(fn(&Verdict) -> Option<&'static str>),
    Lang,
    Folded,
}

/// Every function, in the order of their names.
pub static FUNCTIONS: &[Function] = &[
    Function { name: "deal", about: "whether a text is about a deal", answer: Answer::Yes(|v| v.deal.related) },
    Function { name: "deal_kind", about: "kind of goods", answer: Answer::Word(|v| v.deal.kind) },
    Function { name: "deal_role", about: "seller, buyer, …", answer: Answer::Word(|v| v.deal.role.map(Role::word)) },
    Function { name: "deal_score", about: "how sure that is, 0 to 1", answer: Answer::Score(|v| v.deal.score) },
    Function {
        name: "escrow",
        about: "whether an escrow agent is mentioned",
        answer: Answer::Yes(|v| v.escrow.mentioned),
    },
    Function {
        name: "escrow_polarity",
        about: "affirmed, refused, asked or reported",
        answer: Answer::Word(|v| v.escrow.polarity.map(Polarity::word)),
    },
    Function { name: "escrow_score", about: "how sure that is, 0 to 1", answer: Answer::Score(|v| v.escrow.score) },
    Function {
        name: "folded",
        about: "the text in lower case, its look-alike letters unified",
        answer: Answer::Folded,
    },
    Function { name: "lang", about: "its language, `und` when it cannot be told", answer: Answer::Lang },
    Function { name: "scam_report", about: "whether it accuses of a scam", answer: Answer::Yes(|v| v.scam_report.is) },
];

pub(super) fn register(ctx: &SessionContext) {
    let detectors = Arc::new(Detectors::builtin());
    for function in FUNCTIONS {
        let (answer, detectors) = (function.answer, detectors.clone());
        let given = match answer {
            Answer::Yes(_) => DataType::Boolean,
            Answer::Score(_) => DataType::Float32,
            Answer::Word(_) | Answer::Lang | Answer::Folded => DataType::Utf8,
        };
        let run = move |values: &[ColumnarValue]| run(&detectors, answer, values);
        ctx.register_udf(create_udf(function.name, vec![DataType::Utf8], given, Volatility::Immutable, Arc::new(run)));
    }
}

fn run(detectors: &Detectors, answer: Answer, values: &[ColumnarValue]) -> Result<ColumnarValue, DataFusionError> {
    let [value] = values else {
        return Err(DataFusionError::Execution("the function takes one text".into()));
    };
    match value {
        ColumnarValue::Array(texts) => Ok(ColumnarValue::Array(each(detectors, answer, texts)?)),
        ColumnarValue::Scalar(text) => {
            let one = each(detectors, answer, &text.to_array()?)?;
            Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&one, 0)?))
        }
    }
}

fn each(detectors: &Detectors, answer: Answer, texts: &ArrayRef) -> Result<ArrayRef, DataFusionError> {
    let texts = texts
        .as_string_opt::<i32>()
        .ok_or_else(|| DataFusionError::Execution(format!("the function takes a text, not {}", texts.data_type())))?;
    let judged = |text: &str| detectors.judge_text(text, &clean_text(text, &[]));
    let rows = (0..texts.len()).map(|row| texts.is_valid(row).then(|| texts.value(row)));
    Ok(match answer {
        Answer::Yes(of) => {
            let mut out = BooleanBuilder::with_capacity(texts.len());
            rows.for_each(|text| out.append_option(text.map(|text| of(&judged(text)))));
            Arc::new(out.finish())
        }
        Answer::Score(of) => {
            let mut out = Float32Builder::with_capacity(texts.len());
            rows.for_each(|text| out.append_option(text.map(|text| of(&judged(text)))));
            Arc::new(out.finish())
        }
        Answer::Word(of) => words(rows.map(|text| text.and_then(|text| of(&judged(text))))),
        Answer::Lang => words(rows.map(|text| text.map(language::identify))),
        Answer::Folded => words(rows.map(|text| text.map(|text| shadow_of(text).text))),
    })
}

fn words(rows: impl Iterator<Item = Option<impl AsRef<str>>>) -> ArrayRef {
    let mut out = StringBuilder::new();
    rows.for_each(|word| out.append_option(word));
    Arc::new(out.finish())
}
