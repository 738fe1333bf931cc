//! Searching: a query in the language of [`grammar`], answered with the best or newest messages, counts by kind, and a
//! histogram over time. The index behind it is kept by `index.rs`.
//!
//! For the command line and the web application alike; nothing of Tantivy leaves this folder and `index.rs`.

mod analyzer;
mod collect;
mod dates;
pub(crate) mod fields;
pub mod grammar;
mod histogram;
pub(crate) mod plan;
mod snippet;
mod words;

use std::collections::HashMap;
use std::path::Path;

use noctule_core::model::Micros;
use tantivy::directory::MmapDirectory;
use tantivy::{DocAddress, Index, IndexReader, ReloadPolicy};

use collect::{Everything, Found, Key};
use fields::{Entry, Fields, column};
pub use grammar::{Query, QueryError};
pub use histogram::{Bar, Histogram, Unit};
pub use snippet::{Part, Snippet};

use crate::{Result, StoreError};

/// An open index, perhaps not up to date.
pub(crate) struct SearchIndex {
    index: Index,
    fields: Fields,
}

impl SearchIndex {
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let (schema, fields) = fields::schema();
        let directory = MmapDirectory::open(dir).map_err(tantivy::TantivyError::from)?;
        let index = Index::builder().schema(schema).open_or_create(directory)?;
        index.tokenizers().register(analyzer::ANALYZER, analyzer::Analyzer::default());
        Ok(Self { index, fields })
    }

    pub(crate) fn tantivy(&self) -> &Index {
        &self.index
    }

    pub(crate) fn fields(&self) -> &Fields {
        &self.fields
    }

    /// What the last commit carries.
    pub(crate) fn payload(&self) -> Result<Option<String>> {
        Ok(self.index.load_metas()?.payload)
    }

    pub(crate) fn searcher(self, names: &HashMap<String, String>, rows: Box<dyn Rows>) -> Result<Searcher> {
        let reader = self.index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Searcher { reader, fields: self.fields, names: names.clone(), rows })
    }
}

/// Where messages are read from once they are found.
pub(crate) trait Rows: Send + Sync {
    /// The messages of these rows, in this order.
    fn fetch(&self, rows: &[u64]) -> Result<Vec<Entry>>;
}

/// Answers queries over one state of the index. Cheap to share between threads.
pub struct Searcher {
    reader: IndexReader,
    fields: Fields,
    /// Names of sources by id.
    names: HashMap<String, String>,
    rows: Box<dyn Rows>,
}

/// What decides the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sort {
    /// How well the words fit (BM25), then the newest; without words, the newest.
    #[default]
    Best,
    Newest,
}

#[derive(Clone, Debug)]
pub struct Request<'a> {
    pub query: &'a Query,
    /// A page behind another has the order of that one.
    pub sort: Sort,
    /// Messages on a page.
    pub limit: usize,
    /// Where the page before this one ended.
    pub after: Option<Cursor>,
    /// Characters of the text in a snippet.
    pub snippet: usize,
}

/// A place in the order of what was found. The page behind it stays the same while messages are added in front of it; with
/// [`Sort::Best`] only while the index does, since rare words count more than common ones.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Cursor {
    sort: Sort,
    key: Key,
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Key { score, posted_at, row } = self.key;
        match self.sort {
            Sort::Best => write!(f, "b{:x}.{:x}.{row:x}", score.to_bits(), posted_at as u64),
            Sort::Newest => write!(f, "n{:x}.{row:x}", posted_at as u64),
        }
    }
}

impl Cursor {
    /// Reads the written form back; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = |part: &str| {
            let digits = part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            u64::from_str_radix(part, 16).ok().filter(|_| digits)
        };
        let numbers = |text: &str| text.split('.').map(hex).collect::<Option<Vec<u64>>>();
        let (sort, score, posted_at, row) = if let Some(rest) = text.strip_prefix('b') {
            let [score, posted_at, row] = numbers(rest)?[..] else { return None };
            (Sort::Best, f32::from_bits(u32::try_from(score).ok()?), posted_at, row)
        } else {
            let [posted_at, row] = numbers(text.strip_prefix('n')?)?[..] else { return None };
            (Sort::Newest, 0.0, posted_at, row)
        };
        score.is_finite().then_some(Self { sort, key: Key { score, posted_at: posted_at as i64, row } })
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Page {
    /// All that match, on this page or not.
    pub total: u64,
    pub hits: Vec<Hit>,
    pub facets: Vec<Facet>,
    pub histogram: Histogram,
    /// Messages without a date, or with one that cannot be.
    pub undated: u64,
    /// Where the next page begins, when there is one.
    pub next: Option<Cursor>,
}

/// How often each value of a column occurs in what was found, the most frequent first.
#[derive(Clone, Debug)]
pub struct Facet {
    /// `source`, `medium`, `lang` or `kind`: the field to narrow the search with.
    pub field: &'static str,
    pub values: Vec<FacetValue>,
}

#[derive(Clone, Debug)]
pub struct FacetValue {
    /// As the field takes it.
    pub value: String,
    /// As a person reads it: sources by their name.
    pub name: String,
    pub count: u64,
}

/// A message that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    pub message_id: String,
    pub source_id: String,
    pub source_name: String,
    pub medium: String,
    pub lang: String,
    pub thread_id: Option<String>,
    pub thread_title: Option<String>,
    pub author_id: Option<String>,
    pub author_name: Option<String>,
    pub native_id: Option<String>,
    pub posted_at: Option<Micros>,
    pub kind: Option<String>,
    pub role: Option<String>,
    pub escrow_polarity: Option<String>,
    pub escrow_score: f64,
    pub price_usd: Option<f64>,
    /// How well it fits; 0 where the order is by time.
    pub score: f32,
    pub text: String,
    pub snippet: Snippet,
}

/// Hits on one page.
pub const MAX_LIMIT: usize = 10_000;

impl Searcher {
    /// Messages in the index.
    pub fn messages(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    /// The outer error is the index's, the inner one the query's.
    pub fn search(&self, request: &Request<'_>) -> Result<std::result::Result<Page, QueryError>> {
        crate::index::caught(|| self.answer(request))
    }

    fn answer(&self, request: &Request<'_>) -> Result<std::result::Result<Page, QueryError>> {
        let plan = match plan::plan(request.query, plan::Known { fields: &self.fields, names: &self.names }) {
            Ok(plan) => plan,
            Err(e) => return Ok(Err(e)),
        };
        let limit = request.limit.min(MAX_LIMIT);
        let sort = request.after.map_or(request.sort, |cursor| cursor.sort);
        let collector = Everything {
            // One more, to know whether there is a next page.
            limit: limit + 1,
            after: request.after.map(|cursor| cursor.key),
            by_score: sort == Sort::Best && request.query.ranks(),
        };
        let searcher = self.reader.searcher();
        let mut found = searcher.search(&*plan, &collector)?;
        let more = found.top.len() > limit;
        found.top.truncate(limit);
        let marker = snippet::Marker::new(request.query);
        let rows: Vec<u64> = found.top.iter().map(|(key, _)| key.row).collect();
        let entries = self.rows.fetch(&rows)?;
        let hits = found
            .top
            .iter()
            .zip(entries)
            .map(|((key, address), entry)| self.hit(&searcher, *key, *address, entry, &marker, request.snippet))
            .collect::<Result<Vec<_>>>()?;
        Ok(Ok(Page {
            total: found.total,
            hits,
            facets: self.facets(&mut found),
            histogram: Histogram::of(&found.days),
            undated: found.undated,
            next: found.top.last().filter(|_| more).map(|(key, _)| Cursor { sort, key: *key }),
        }))
    }

    fn facets(&self, found: &mut Found) -> Vec<Facet> {
        let fields = ["source", "medium", "lang", "kind"];
        fields
            .into_iter()
            .zip(&mut found.facets)
            .map(|(field, counts)| {
                let mut values: Vec<FacetValue> = counts
                    .drain()
                    .map(|(value, count)| {
                        let name = self.names.get(&value).filter(|_| field == "source").unwrap_or(&value).clone();
                        FacetValue { value, name, count }
                    })
                    .collect();
                values.sort_by(|a, b| {
                    b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)).then_with(|| a.value.cmp(&b.value))
                });
                Facet { field, values }
            })
            .collect()
    }

    fn hit(
        &self,
        searcher: &tantivy::Searcher,
        key: Key,
        address: DocAddress,
        entry: Entry,
        marker: &snippet::Marker,
        characters: usize,
    ) -> Result<Hit> {
        let columns = searcher.segment_reader(address.segment_ord).fast_fields();
        if columns.u64(column::ID)?.first(address.doc_id) != Some(fields::id(&entry.message_id)) {
            return Err(crate::index::damaged("it names other messages than the tables have"));
        }
        let number = |name: &str| -> Result<Option<f64>> {
            Ok(columns.i64(name)?.first(address.doc_id).map(|hundredths| hundredths as f64 / 100.0))
        };
        let label = |name: &str| -> Result<Option<String>> {
            let Some(column) = columns.str(name)? else { return Ok(None) };
            let Some(ordinal) = column.ords().first(address.doc_id) else { return Ok(None) };
            let mut text = String::new();
            column.ord_to_str(ordinal, &mut text).map_err(tantivy::TantivyError::from)?;
            Ok(Some(text))
        };
        Ok(Hit {
            kind: label(column::KIND)?,
            role: label(column::ROLE)?,
            escrow_polarity: label(column::POLARITY)?,
            escrow_score: number(column::SCORE)?.unwrap_or_default(),
            price_usd: number(column::PRICE)?,
            score: key.score,
            snippet: marker.snippet(&entry.text, characters),
            message_id: entry.message_id,
            source_id: entry.source_id,
            source_name: entry.source_name,
            medium: entry.medium,
            lang: entry.lang,
            thread_id: entry.thread_id,
            thread_title: entry.thread_title,
            author_id: entry.author_id,
            author_name: entry.author_name,
            native_id: entry.native_id,
            posted_at: entry.posted_at.map(Micros),
            text: entry.text,
        })
    }
}

impl From<QueryError> for StoreError {
    fn from(e: QueryError) -> Self {
        let hint = e.hint.as_ref().map_or(String::new(), |hint| format!("\nhint: {hint}"));
        Self::Query(format!("{e}{hint}"))
    }
}

#[cfg(test)]
mod tests;
