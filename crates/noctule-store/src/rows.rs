//! Single messages out of the tables, by their row: what a search shows.
//!
//! Of each file only the pages are read and unpacked in which the rows lie; where the pages lie is remembered.

use std::collections::HashMap;
use std::fs::File;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::TimestampMicrosecondType;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use datafusion::parquet::file::metadata::PageIndexPolicy;

use crate::index::{damaged, word};
use crate::ledger::TableFile;
use crate::search::Rows;
use crate::search::fields::Entry;
use crate::tables::scan::selection;
use crate::{Result, StoreError};

/// The columns of a message that are shown, in the order of [`shown`].
pub(crate) const SHOWN: [&str; 12] = [
    "message_id",
    "text",
    "source_id",
    "source_name",
    "medium",
    "lang",
    "thread_id",
    "thread_title",
    "author_id",
    "author_name",
    "native_id",
    "posted_at",
];

/// The message in a row of a batch that begins with the columns [`SHOWN`]; its row and verdict are left open.
pub(crate) fn shown(batch: &RecordBatch, row: usize) -> Entry {
    let text = |column: usize| word(batch, column, row);
    let posted = batch.column(11).as_primitive::<TimestampMicrosecondType>();
    Entry {
        message_id: text(0).unwrap_or_default(),
        text: text(1).unwrap_or_default(),
        source_id: text(2).unwrap_or_default(),
        source_name: text(3).unwrap_or_default(),
        medium: text(4).unwrap_or_default(),
        lang: text(5).unwrap_or_default(),
        thread_id: text(6),
        thread_title: text(7),
        author_id: text(8),
        author_name: text(9),
        native_id: text(10),
        posted_at: posted.is_valid(row).then(|| posted.value(row)),
        ..Entry::default()
    }
}

/// Messages by their row: the rows of all files one after the other, counted from 1.
pub(crate) struct TableRows {
    tables_dir: PathBuf,
    /// Each with the number of rows before it.
    files: Vec<(u64, TableFile)>,
    /// Where the pages of a file lie, once it was read from.
    pages: Mutex<HashMap<usize, ArrowReaderMetadata>>,
}

impl TableRows {
    pub(crate) fn new(tables_dir: PathBuf, files: &[TableFile]) -> Self {
        let mut before = 0;
        let with_start = |file: &TableFile| {
            let start = before;
            before += file.rows;
            (start, file.clone())
        };
        Self { tables_dir, files: files.iter().map(with_start).collect(), pages: Mutex::default() }
    }

    /// Chosen rows (ascending, counted from 0) of one file.
    fn pick(&self, number: usize, file: &TableFile, rows: &[u64]) -> Result<Vec<Entry>> {
        let path = self.tables_dir.join(&file.table).join(&file.path);
        let handle = File::open(&path).map_err(StoreError::io("open", &path))?;
        let known = self.pages.lock().unwrap_or_else(PoisonError::into_inner).get(&number).cloned();
        let metadata = match known {
            Some(metadata) => metadata,
            None => {
                let options = ArrowReaderOptions::new().with_offset_index_policy(PageIndexPolicy::Optional);
                let metadata = ArrowReaderMetadata::load(&handle, options)?;
                self.pages.lock().unwrap_or_else(PoisonError::into_inner).insert(number, metadata.clone());
                metadata
            }
        };
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(handle, metadata);
        let mask = ProjectionMask::columns(builder.parquet_schema(), SHOWN);
        let reader =
            builder.with_projection(mask).with_row_selection(selection(rows)).with_batch_size(rows.len()).build()?;
        let mut entries = Vec::with_capacity(rows.len());
        for batch in reader {
            let batch = batch?;
            let order = SHOWN.iter().map(|name| batch.schema_ref().index_of(name));
            let batch = batch.project(&order.collect::<std::result::Result<Vec<_>, _>>()?)?;
            entries.extend((0..batch.num_rows()).map(|row| shown(&batch, row)));
        }
        if entries.len() != rows.len() {
            return Err(damaged("it names rows that the tables do not have"));
        }
        Ok(entries)
    }
}

impl Rows for TableRows {
    fn fetch(&self, rows: &[u64]) -> Result<Vec<Entry>> {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|i| rows[*i]);
        let mut entries = vec![Entry::default(); rows.len()];
        let file_of = |i: usize| self.files.partition_point(|(before, _)| *before < rows[i]);
        for group in order.chunk_by(|a, b| file_of(*a) == file_of(*b)) {
            let found = file_of(group[0]).checked_sub(1).and_then(|n| Some((n, self.files.get(n)?)));
            let (number, (before, file)) = found.ok_or_else(|| damaged("it names rows before the first"))?;
            let picked: Vec<u64> = group.iter().map(|i| rows[*i] - before - 1).collect();
            for (i, entry) in group.iter().zip(self.pick(number, file, &picked)?) {
                entries[*i] = Entry { row: rows[*i], ..entry };
            }
        }
        Ok(entries)
    }
}
