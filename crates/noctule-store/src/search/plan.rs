//! From what is asked to what the index can answer.
//!
//! Conditions weigh nothing: a message has the same score with them and without.

use std::collections::HashMap;
use std::ops::Bound;

use tantivy::Term;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, EmptyQuery, ExistsQuery, FuzzyTermQuery, Occur, PhraseQuery,
    Query as Search, RangeQuery, TermQuery, TermSetQuery,
};
use tantivy::schema::{Field, IndexRecordOption};

use super::fields::{DEAL, ESCROW, Fields, SCAM, column, hundredths, id};
use super::grammar::{Filter, Flag, Label, Match, Name, Number, Query, QueryError, Range, Words};
use super::words::{Word, start_of_word, words_of};

/// Words in one quotation.
const MAX_PHRASE: usize = 64;

pub(crate) type Plan = Box<dyn Search>;

/// What a plan is made with.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub fields: &'a Fields,
    /// Names of the sources, by id.
    pub names: &'a HashMap<String, String>,
}

pub(super) fn plan(query: &Query, index: Known<'_>) -> Result<Plan, QueryError> {
    Ok(match query {
        Query::All => everything(),
        Query::Text(words) => text(index.fields.text, words)?,
        Query::Filter(filter) => weightless(condition(filter, index)?),
        Query::Not(_) => both(std::slice::from_ref(query), index)?,
        Query::And(parts) => both(parts, index)?,
        Query::Or(parts) => {
            let parts: Vec<Plan> = parts.iter().map(|part| plan(part, index)).collect::<Result<_, _>>()?;
            Box::new(BooleanQuery::union(parts))
        }
    })
}

fn everything() -> Plan {
    weightless(Box::new(AllQuery))
}

fn weightless(query: Plan) -> Plan {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

fn both(parts: &[Query], index: Known<'_>) -> Result<Plan, QueryError> {
    let mut clauses = Vec::with_capacity(parts.len() + 1);
    for part in parts {
        clauses.push(match part {
            Query::Not(excluded) => (Occur::MustNot, plan(excluded, index)?),
            other => (Occur::Must, plan(other, index)?),
        });
    }
    if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
        clauses.push((Occur::Must, everything()));
    }
    Ok(Box::new(BooleanQuery::new(clauses)))
}

/// Words of one field.
fn text(field: Field, words: &Words) -> Result<Plan, QueryError> {
    let found = terms(words)?;
    let term = |word: &Word| Term::from_field_text(field, &word.text);
    let last = found.last().ok_or_else(|| nothing(words))?;
    Ok(match words.kind {
        Match::Exact | Match::Near(_) => phrase(field, &found, if let Match::Near(n) = words.kind { n } else { 0 }),
        Match::Prefix => {
            let ways = start_of_word(&last.text).into_iter().map(|start| {
                let end = format!("{start}{}", char::MAX);
                let range = RangeQuery::new(
                    Bound::Included(Term::from_field_text(field, &start)),
                    Bound::Excluded(Term::from_field_text(field, &end)),
                );
                Box::new(range) as Plan
            });
            let prefix: Plan = Box::new(BooleanQuery::union(ways.collect()));
            with_others(field, &found, prefix)
        }
        Match::Fuzzy(distance) => {
            let fuzzy: Plan = Box::new(FuzzyTermQuery::new(term(last), distance, true));
            with_others(field, &found, fuzzy)
        }
    })
}

/// The terms of a query: pairs of signs where a script has no spaces, the sign alone only where it stands alone.
fn terms(words: &Words) -> Result<Vec<Word>, QueryError> {
    let (all, _) = words_of(&words.text);
    let mut found: Vec<Word> = Vec::with_capacity(all.len());
    for (i, word) in all.iter().enumerate() {
        let paired = |other: Option<&Word>| {
            other.is_some_and(|other| {
                !other.single && other.end > word.start && other.start <= word.start && other.end >= word.end
            })
        };
        // A pair comes right behind its first sign, and its second sign right behind the pair.
        let in_pair = word.single && (paired(all.get(i + 1)) || (i > 0 && paired(all.get(i - 1))));
        if !in_pair {
            found.push(word.clone());
        }
    }
    if found.len() > MAX_PHRASE {
        return Err(QueryError {
            column: words.column,
            problem: format!("a quotation has at most {MAX_PHRASE} words"),
            hint: None,
        });
    }
    Ok(found)
}

fn nothing(words: &Words) -> QueryError {
    QueryError {
        column: words.column,
        problem: format!("\"{}\" has no letter or digit to search for", words.text),
        hint: None,
    }
}

fn phrase(field: Field, words: &[Word], slop: u32) -> Plan {
    let term = |word: &Word| Term::from_field_text(field, &word.text);
    match words {
        [] => Box::new(EmptyQuery),
        [one] => Box::new(TermQuery::new(term(one), IndexRecordOption::WithFreqs)),
        many => {
            let first = many[0].position;
            let terms = many.iter().map(|word| (word.position - first, term(word))).collect();
            Box::new(PhraseQuery::new_with_offset_and_slop(terms, slop))
        }
    }
}

/// What is written as one word and is several, of which the last is searched in another way (`t.me/sho*`).
fn with_others(field: Field, words: &[Word], last: Plan) -> Plan {
    if words.len() < 2 {
        return last;
    }
    let others = phrase(field, &words[..words.len() - 1], 0);
    Box::new(BooleanQuery::intersection(vec![others, last]))
}

fn condition(filter: &Filter, index: Known<'_>) -> Result<Plan, QueryError> {
    let fields = index.fields;
    Ok(match filter {
        // Sources are few, and their names with the ledger.
        Filter::Named(Name::Source, words) => {
            let ids = index.names.iter().filter(|(id, name)| **id == words.text || is_named(words, name));
            Box::new(TermSetQuery::new(ids.map(|(id, _)| Term::from_field_text(fields.source_id, id))))
        }
        Filter::Named(name, words) => {
            let (field, ids) = match name {
                Name::Author => (fields.author, fields.author_id),
                Name::Source | Name::Thread => (fields.thread, fields.thread_id),
            };
            let exact = exactly(ids, &words.text);
            match text(field, words) {
                Ok(words) => Box::new(BooleanQuery::union(vec![words, exact])),
                Err(e) if words.text.is_empty() => return Err(e),
                // An id may be of signs that are no words.
                Err(_) => exact,
            }
        }
        Filter::Word(label, word) => {
            let field = match label {
                Label::Medium => fields.medium,
                Label::Lang => fields.lang,
                Label::Kind => fields.kind,
                Label::Role => fields.role,
                Label::Agent => fields.agent,
                Label::Polarity => fields.polarity,
            };
            exactly(field, word)
        }
        Filter::Flag(which, value) => {
            let yes = exactly(
                fields.flags,
                match which {
                    Flag::Escrow => ESCROW,
                    Flag::Deal => DEAL,
                    Flag::Scam => SCAM,
                },
            );
            if *value {
                yes
            } else {
                Box::new(BooleanQuery::new(vec![(Occur::Must, everything()), (Occur::MustNot, yes)]))
            }
        }
        Filter::Number(Number::Score, range) => Box::new(BooleanQuery::intersection(vec![
            numbers(fields.score, column::SCORE, *range),
            exactly(fields.flags, ESCROW),
        ])),
        Filter::Number(Number::Price, range) => numbers(fields.price, column::PRICE, *range),
        // A fee of 3 to 5 % overlaps the range when its upper end is not below it and its lower end not above.
        Filter::Number(Number::Fee, range) => Box::new(BooleanQuery::intersection(vec![
            numbers(fields.fee_max, "fee_max", Range { low: range.low, high: None }),
            numbers(fields.fee_min, "fee_min", Range { low: None, high: range.high }),
        ])),
        Filter::Date { from, until } => {
            let term = |at: i64| Term::from_field_i64(fields.posted_at, at);
            between(
                column::POSTED_AT,
                from.filter(|from| *from != i64::MIN).map_or(Bound::Unbounded, |from| Bound::Included(term(from))),
                until.map_or(Bound::Unbounded, |until| Bound::Excluded(term(until))),
            )
        }
        Filter::Id(message_id) => with_id(fields, message_id),
    })
}

/// Whether these words are in a name, one after the other unless they may be apart.
fn is_named(words: &Words, name: &str) -> bool {
    let (Ok(wanted), (has, _)) = (terms(words), words_of(name)) else { return false };
    let Some((last, before)) = wanted.split_last() else { return false };
    if matches!(words.kind, Match::Near(_)) {
        return wanted.iter().all(|word| has.iter().any(|other| other.text == word.text));
    }
    let ends = |other: &Word| match words.kind {
        Match::Prefix => start_of_word(&last.text).iter().any(|start| other.text.starts_with(start.as_str())),
        Match::Fuzzy(distance) => {
            super::snippet::near(&last.text.chars().collect::<Vec<_>>(), &other.text, usize::from(distance))
        }
        _ => other.text == last.text,
    };
    has.iter().filter(|other| ends(other)).any(|end| {
        before.iter().all(|word| {
            has.iter()
                .any(|other| other.text == word.text && other.position + last.position == end.position + word.position)
        })
    })
}

/// The message with this id.
pub(crate) fn with_id(fields: &Fields, message_id: &str) -> Plan {
    let term = Term::from_field_u64(fields.id, id(message_id));
    Box::new(RangeQuery::new(Bound::Included(term.clone()), Bound::Included(term)))
}

fn exactly(field: Field, word: &str) -> Plan {
    Box::new(TermQuery::new(Term::from_field_text(field, word), IndexRecordOption::Basic))
}

fn numbers(field: Field, name: &str, range: Range) -> Plan {
    let bound = |end: Option<(f64, bool)>| match end {
        None => Bound::Unbounded,
        Some((number, true)) => Bound::Included(Term::from_field_i64(field, hundredths(number))),
        Some((number, false)) => Bound::Excluded(Term::from_field_i64(field, hundredths(number))),
    };
    between(name, bound(range.low), bound(range.high))
}

fn between(name: &str, low: Bound<Term>, high: Bound<Term>) -> Plan {
    if matches!((&low, &high), (Bound::Unbounded, Bound::Unbounded)) {
        return Box::new(ExistsQuery::new(name.to_owned(), false));
    }
    Box::new(RangeQuery::new(low, high))
}
