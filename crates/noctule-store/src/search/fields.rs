//! What the index holds of a message, and under which names.

use tantivy::TantivyDocument;
use tantivy::schema::{FAST, Field, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions};

use super::analyzer::ANALYZER;

/// A message with its verdict, as it goes into the index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    /// Its place among all stored revisions; grows, and stays the same while the tables stand.
    pub row: u64,
    pub message_id: String,
    pub text: String,
    pub source_id: String,
    pub source_name: String,
    pub medium: String,
    pub lang: String,
    pub thread_id: Option<String>,
    pub thread_title: Option<String>,
    pub author_id: Option<String>,
    pub author_name: Option<String>,
    pub native_id: Option<String>,
    pub posted_at: Option<i64>,
    pub verdict: Judged,
}

/// What of a verdict can be searched.
#[derive(Clone, Debug, Default)]
pub(crate) struct Judged {
    pub escrow: bool,
    pub deal: bool,
    pub scam: bool,
    pub score: f32,
    pub polarity: Option<String>,
    pub agent: Option<String>,
    pub kind: Option<String>,
    pub role: Option<String>,
    pub price: Option<f64>,
    pub fee: Option<(f64, f64)>,
}

/// Numbers are kept in hundredths, which is as exact as they are written.
pub(super) fn hundredths(number: f64) -> i64 {
    (number * 100.0).round().clamp(-9e17, 9e17) as i64
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Fields {
    pub text: Field,
    pub source: Field,
    pub source_id: Field,
    pub author: Field,
    pub author_id: Field,
    pub thread: Field,
    pub thread_id: Field,
    pub message_id: Field,
    pub native_id: Field,
    pub medium: Field,
    pub lang: Field,
    pub kind: Field,
    pub role: Field,
    pub agent: Field,
    pub polarity: Field,
    /// `escrow`, `deal` and `scam`, each as `yes` or `no` behind its name.
    pub flags: Field,
    pub score: Field,
    pub price: Field,
    pub fee_min: Field,
    pub fee_max: Field,
    pub posted_at: Field,
    pub row: Field,
}

/// The names of fast columns, for those that read them.
pub(super) mod column {
    pub const SOURCE: &str = "source_id";
    pub const MEDIUM: &str = "medium";
    pub const LANG: &str = "lang";
    pub const KIND: &str = "kind";
    pub const POSTED_AT: &str = "posted_at";
    pub const ROW: &str = "row";
    pub const SCORE: &str = "score";
    pub const PRICE: &str = "price";
}

pub(super) fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let words = |option: IndexRecordOption, norms: bool| {
        TextFieldIndexing::default().set_tokenizer(ANALYZER).set_index_option(option).set_fieldnorms(norms)
    };
    let raw = || {
        TextFieldIndexing::default()
            .set_tokenizer("raw")
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false)
    };
    let text =
        TextOptions::default().set_indexing_options(words(IndexRecordOption::WithFreqsAndPositions, true)).set_stored();
    let name = || TextOptions::default().set_indexing_options(words(IndexRecordOption::WithFreqsAndPositions, false));
    let id = || TextOptions::default().set_indexing_options(raw());
    let label = || id().set_fast("raw");
    let stored_label = || label().set_stored();
    let number = || NumericOptions::from(FAST);
    let fields = Fields {
        text: schema.add_text_field("text", text),
        source: schema.add_text_field("source", name().set_stored()),
        source_id: schema.add_text_field(column::SOURCE, stored_label()),
        author: schema.add_text_field("author", name().set_stored()),
        author_id: schema.add_text_field("author_id", id().set_stored()),
        thread: schema.add_text_field("thread", name().set_stored()),
        thread_id: schema.add_text_field("thread_id", id().set_stored()),
        message_id: schema.add_text_field("message_id", id().set_stored()),
        native_id: schema.add_text_field("native_id", STORED),
        medium: schema.add_text_field(column::MEDIUM, stored_label()),
        lang: schema.add_text_field(column::LANG, stored_label()),
        kind: schema.add_text_field(column::KIND, stored_label()),
        role: schema.add_text_field("role", id().set_stored()),
        agent: schema.add_text_field("agent", id()),
        polarity: schema.add_text_field("polarity", id().set_stored()),
        flags: schema.add_text_field("flags", id()),
        score: schema.add_i64_field(column::SCORE, number()),
        price: schema.add_i64_field(column::PRICE, number()),
        fee_min: schema.add_i64_field("fee_min", number()),
        fee_max: schema.add_i64_field("fee_max", number()),
        posted_at: schema.add_i64_field(column::POSTED_AT, number()),
        row: schema.add_u64_field(column::ROW, number()),
    };
    (schema.build(), fields)
}

impl Fields {
    pub(crate) fn document(&self, entry: &Entry) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        let verdict = &entry.verdict;
        document.add_text(self.text, &entry.text);
        document.add_text(self.source, &entry.source_name);
        document.add_text(self.source_id, &entry.source_id);
        document.add_text(self.message_id, &entry.message_id);
        document.add_text(self.medium, &entry.medium);
        document.add_text(self.lang, &entry.lang);
        for (field, value) in [
            (self.author, &entry.author_name),
            (self.author_id, &entry.author_id),
            (self.thread, &entry.thread_title),
            (self.thread_id, &entry.thread_id),
            (self.native_id, &entry.native_id),
            (self.kind, &verdict.kind),
            (self.role, &verdict.role),
            (self.agent, &verdict.agent),
            (self.polarity, &verdict.polarity),
        ] {
            if let Some(value) = value {
                document.add_text(field, value);
            }
        }
        for (name, value) in [("escrow", verdict.escrow), ("deal", verdict.deal), ("scam", verdict.scam)] {
            document.add_text(self.flags, flag(name, value));
        }
        document.add_i64(self.score, hundredths(f64::from(verdict.score)));
        if let Some(price) = verdict.price {
            document.add_i64(self.price, hundredths(price));
        }
        if let Some((min, max)) = verdict.fee {
            document.add_i64(self.fee_min, hundredths(min));
            document.add_i64(self.fee_max, hundredths(max));
        }
        if let Some(at) = entry.posted_at {
            document.add_i64(self.posted_at, at);
        }
        document.add_u64(self.row, entry.row);
        document
    }
}

/// A yes or no, as the index holds it.
pub(super) fn flag(name: &str, value: bool) -> String {
    format!("{name}-{}", if value { "yes" } else { "no" })
}
