//! What the index holds of a message, and under which names.
//!
//! Neither texts nor names are kept for showing: the tables have them, and `row` says where. So the index stays smaller
//! than the texts.

use tantivy::TantivyDocument;
use tantivy::schema::{FAST, Field, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions};
use xxhash_rust::xxh3::xxh3_64;

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
    pub source_id: Field,
    pub author: Field,
    pub author_id: Field,
    pub thread: Field,
    pub thread_id: Field,
    /// A hash of the message id.
    pub id: Field,
    pub medium: Field,
    pub lang: Field,
    pub kind: Field,
    pub role: Field,
    pub agent: Field,
    pub polarity: Field,
    /// [`ESCROW`], [`DEAL`], [`SCAM`] where they are true.
    pub flags: Field,
    pub score: Field,
    pub price: Field,
    pub fee_min: Field,
    pub fee_max: Field,
    pub posted_at: Field,
    pub row: Field,
}

pub(super) const ESCROW: &str = "escrow";
pub(super) const DEAL: &str = "deal";
pub(super) const SCAM: &str = "scam";

/// The names of fast columns, for those that read them.
pub(super) mod column {
    pub const ID: &str = "id";
    pub const SOURCE: &str = "source_id";
    pub const MEDIUM: &str = "medium";
    pub const LANG: &str = "lang";
    pub const KIND: &str = "kind";
    pub const ROLE: &str = "role";
    pub const POLARITY: &str = "polarity";
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
    let text = TextOptions::default().set_indexing_options(words(IndexRecordOption::WithFreqsAndPositions, true));
    let name = || TextOptions::default().set_indexing_options(words(IndexRecordOption::WithFreqsAndPositions, false));
    let id = || TextOptions::default().set_indexing_options(raw());
    let label = || id().set_fast("raw");
    let number = || NumericOptions::from(FAST);
    let fields = Fields {
        text: schema.add_text_field("text", text),
        source_id: schema.add_text_field(column::SOURCE, label()),
        author: schema.add_text_field("author", name()),
        author_id: schema.add_text_field("author_id", id()),
        thread: schema.add_text_field("thread", name()),
        thread_id: schema.add_text_field("thread_id", id()),
        id: schema.add_u64_field(column::ID, number()),
        medium: schema.add_text_field(column::MEDIUM, label()),
        lang: schema.add_text_field(column::LANG, label()),
        kind: schema.add_text_field(column::KIND, label()),
        role: schema.add_text_field(column::ROLE, label()),
        agent: schema.add_text_field("agent", id()),
        polarity: schema.add_text_field(column::POLARITY, label()),
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
        document.add_text(self.source_id, &entry.source_id);
        document.add_u64(self.id, id(&entry.message_id));
        document.add_text(self.medium, &entry.medium);
        document.add_text(self.lang, &entry.lang);
        for (field, value) in [
            (self.author, &entry.author_name),
            (self.author_id, &entry.author_id),
            (self.thread, &entry.thread_title),
            (self.thread_id, &entry.thread_id),
            (self.kind, &verdict.kind),
            (self.role, &verdict.role),
            (self.agent, &verdict.agent),
            (self.polarity, &verdict.polarity),
        ] {
            if let Some(value) = value {
                document.add_text(field, value);
            }
        }
        for (name, value) in [(ESCROW, verdict.escrow), (DEAL, verdict.deal), (SCAM, verdict.scam)] {
            if value {
                document.add_text(self.flags, name);
            }
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

/// The message id as the index knows it.
pub(crate) fn id(message_id: &str) -> u64 {
    xxh3_64(message_id.as_bytes())
}
