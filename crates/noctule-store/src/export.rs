//! Stored messages one after the other, for whoever hands them on: the latest revision of each, in the order in which
//! they were stored, in constant memory.
//!
//! Left to others: how they are written (the binary's `cli/export.rs`).

use std::collections::{HashMap, HashSet};

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{Int64Type, TimestampMicrosecondType};
use noctule_core::model::Micros;

use crate::ledger::SourceRow;
use crate::tables::scan::scan;
use crate::{Store, StoreError};

/// A stored message: the columns of the `messages` view.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StoredMessage {
    pub message_id: String,
    pub source_id: String,
    pub thread_id: Option<String>,
    pub thread_title: Option<String>,
    pub native_id: Option<String>,
    pub author_id: Option<String>,
    pub author_name: Option<String>,
    pub posted_at: Option<Micros>,
    pub edited_at: Option<Micros>,
    pub collected_at: Option<Micros>,
    pub text: String,
    pub lang: String,
    pub reply_to: Option<String>,
    pub forwarded_from: Option<String>,
    pub cluster_id: Option<String>,
    pub capture_id: String,
}

const COLUMNS: [&str; 19] = [
    "message_id",
    "source_id",
    "thread_id",
    "thread_title",
    "native_id",
    "author_id",
    "author_name",
    "posted_at",
    "edited_at",
    "collected_at",
    "text",
    "lang",
    "reply_to",
    "forwarded_from",
    "cluster_id",
    "capture_id",
    "content",
    "source_name",
    "medium",
];

/// Hands every message with its source to `each`, which ends it all with an error of its own.
pub fn each_message<E: From<StoreError>>(
    store: &Store,
    mut each: impl FnMut(&SourceRow, StoredMessage) -> Result<(), E>,
) -> Result<(), E> {
    let ledger = store.ledger()?;
    let (files, revisions, sources) = ledger.snapshot(|ledger| {
        store.check_tables(ledger)?;
        Ok((ledger.table_files("messages")?, ledger.table_files("revisions")?, ledger.sources()?))
    })?;
    let mut sources: HashMap<String, SourceRow> = sources.into_iter().map(|row| (row.source_id.clone(), row)).collect();
    let mut replaced: HashSet<(String, i64)> = HashSet::new();
    scan(&store.tables_dir(), &revisions, &["message_id", "content"], |_, batch| {
        let (ids, content) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
        replaced.extend((0..batch.num_rows()).map(|row| (ids.value(row).to_owned(), content.value(row))));
        Ok(())
    })?;
    let mut failed = None;
    let scanned = scan(&store.tables_dir(), &files, &COLUMNS, |_, batch| {
        for row in 0..batch.num_rows() {
            let message = message(batch, row);
            let content = batch.column(16).as_primitive::<Int64Type>().value(row);
            if !replaced.is_empty() && replaced.contains(&(message.message_id.clone(), content)) {
                continue;
            }
            let source = sources
                .get_mut(&message.source_id)
                .ok_or_else(|| StoreError::Table(format!("source {} is not in the ledger", message.source_id)))?;
            // The ledger has the last name; a message goes out under the one it was read with.
            for (column, known) in [(17, &mut source.name), (18, &mut source.medium)] {
                let read = batch.column(column).as_string::<i32>().value(row);
                if known != read {
                    read.clone_into(known);
                }
            }
            if let Err(error) = each(source, message) {
                failed = Some(error);
                return Err(StoreError::Table("stopped".into()));
            }
        }
        Ok(())
    });
    match failed {
        Some(error) => Err(error),
        None => Ok(scanned?),
    }
}

fn message(batch: &RecordBatch, row: usize) -> StoredMessage {
    let text = |column: usize| {
        let column = batch.column(column).as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let time = |column: usize| {
        let column = batch.column(column).as_primitive::<TimestampMicrosecondType>();
        column.is_valid(row).then(|| Micros(column.value(row)))
    };
    StoredMessage {
        message_id: text(0).unwrap_or_default(),
        source_id: text(1).unwrap_or_default(),
        thread_id: text(2),
        thread_title: text(3),
        native_id: text(4),
        author_id: text(5),
        author_name: text(6),
        posted_at: time(7),
        edited_at: time(8),
        collected_at: time(9),
        text: text(10).unwrap_or_default(),
        lang: text(11).unwrap_or_default(),
        reply_to: text(12),
        forwarded_from: text(13),
        cluster_id: text(14),
        capture_id: text(15).unwrap_or_default(),
    }
}
