//! Reading chosen columns of a table's valid files, oldest first, in constant memory.

use std::fs::File;
use std::path::Path;

use datafusion::arrow::array::RecordBatch;
use datafusion::parquet::arrow::ProjectionMask;
use datafusion::parquet::arrow::arrow_reader::{ParquetRecordBatchReaderBuilder, RowSelection, RowSelector};

use crate::ledger::TableFile;
use crate::{Result, StoreError};

const BATCH_ROWS: usize = 8192;

/// Calls `each(file number, batch)` with the columns in the order asked for.
pub fn scan(
    tables_dir: &Path,
    files: &[TableFile],
    columns: &[&str],
    mut each: impl FnMut(usize, &RecordBatch) -> Result<()>,
) -> Result<()> {
    for (number, file) in files.iter().enumerate() {
        let builder = open(tables_dir, file)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build()?;
        let mut rows = 0;
        for batch in reader {
            let batch = batch?;
            rows += batch.num_rows() as u64;
            each(number, &ordered(&batch, columns)?)?;
        }
        if rows != file.rows {
            return Err(StoreError::Damaged {
                what: format!("\"{}\"", tables_dir.join(&file.table).join(&file.path).display()),
                detail: format!("it has {rows} rows, the ledger says {}", file.rows),
            });
        }
    }
    Ok(())
}

/// What a reader of Parquet wants to be told of chosen rows (ascending).
pub(crate) fn selection(rows: &[u64]) -> RowSelection {
    let mut selectors = Vec::with_capacity(rows.len() * 2);
    let mut next = 0;
    for row in rows {
        if *row > next {
            selectors.push(RowSelector::skip((row - next) as usize));
        }
        selectors.push(RowSelector::select(1));
        next = row + 1;
    }
    selectors.into()
}

/// Chosen rows (ascending) of one file.
pub fn pick(tables_dir: &Path, file: &TableFile, columns: &[&str], rows: &[u64]) -> Result<Vec<RecordBatch>> {
    let builder = open(tables_dir, file)?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
    let reader = builder.with_projection(mask).with_row_selection(selection(rows)).build()?;
    reader.map(|batch| ordered(&batch?, columns)).collect()
}

fn open(tables_dir: &Path, file: &TableFile) -> Result<ParquetRecordBatchReaderBuilder<File>> {
    let path = tables_dir.join(&file.table).join(&file.path);
    let handle = File::open(&path).map_err(StoreError::io("open", &path))?;
    ParquetRecordBatchReaderBuilder::try_new(handle)
        .map_err(|e| StoreError::Damaged { what: format!("\"{}\"", path.display()), detail: e.to_string() })
}

fn ordered(batch: &RecordBatch, columns: &[&str]) -> Result<RecordBatch> {
    let indices =
        columns.iter().map(|name| batch.schema_ref().index_of(name)).collect::<std::result::Result<Vec<_>, _>>()?;
    Ok(batch.project(&indices)?)
}
