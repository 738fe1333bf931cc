//! Tables of other programs in Parquet or Arrow IPC, as JSON Lines: what a collector can read.
//!
//! Neither reader was written for hostile files, and a memory pool would not stop one: this runs inside the guarded
//! child process that the binary starts, with a limit on its memory and time.

use std::fs::File;
use std::io::{BufReader, Read, Seek, Write};

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::datatypes::Schema;
use datafusion::arrow::error::ArrowError;
use datafusion::arrow::ipc::reader::{FileReader, StreamReader};
use datafusion::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::sql::{Format, RowWriter};
use crate::{Result, StoreError};

/// Rows decoded at a time.
const BATCH_ROWS: usize = 1024;
/// What an Arrow IPC file begins with, before padding; a stream begins with a continuation mark.
const ARROW_FILE: &[u8] = b"ARROW1";
const PARQUET: &[u8] = b"PAR1";

/// Writes one JSON object a row. The file must be seekable and stand at its start.
pub fn to_jsonl(mut file: File, out: &mut dyn Write) -> Result<()> {
    let mut start = [0; 6];
    let unreadable = |e| StoreError::Damaged { what: "the table".into(), detail: format!("it cannot be read ({e})") };
    file.read_exact(&mut start).and_then(|()| file.rewind()).map_err(unreadable)?;
    if start.starts_with(PARQUET) {
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH_ROWS).build()?;
        let schema = datafusion::arrow::array::RecordBatchReader::schema(&reader);
        write(&schema, reader, out)
    } else if start == ARROW_FILE {
        let reader = FileReader::try_new(BufReader::new(file), None)?;
        let schema = reader.schema();
        write(&schema, reader, out)
    } else {
        let reader = StreamReader::try_new(BufReader::new(file), None)?;
        let schema = reader.schema();
        write(&schema, reader, out)
    }
}

fn write(
    schema: &Schema,
    batches: impl Iterator<Item = std::result::Result<RecordBatch, ArrowError>>,
    out: &mut dyn Write,
) -> Result<()> {
    let failed = |e: std::io::Error| StoreError::Table(format!("cannot write the rows: {e}"));
    let mut writer = RowWriter::new(Format::Jsonl, schema);
    for batch in batches {
        let batch = batch?;
        // A batch is as large as the file says; its rows go out a few at a time.
        for from in (0..batch.num_rows()).step_by(BATCH_ROWS) {
            let part = batch.slice(from, BATCH_ROWS.min(batch.num_rows() - from));
            writer.write(&part, out)?.map_err(failed)?;
        }
    }
    writer.finish(out).map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use datafusion::arrow::array::{ArrayRef, Int64Array, StringArray, TimestampMillisecondArray};
    use datafusion::arrow::ipc::writer::{FileWriter, StreamWriter};
    use datafusion::parquet::arrow::ArrowWriter;

    use super::*;

    fn table() -> RecordBatch {
        let at = TimestampMillisecondArray::from(vec![Some(1_634_245_620_000), None]).with_timezone("UTC");
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("message_id", Arc::new(Int64Array::from(vec![91, 92]))),
            ("posted", Arc::new(at)),
            ("text", Arc::new(StringArray::from(vec!["Сделка через гаранта", "\"quoted\"\nline"]))),
            ("channel", Arc::new(StringArray::from(vec![Some("shop"), None]))),
        ];
        RecordBatch::try_from_iter(columns).expect("columns of one length")
    }

    fn read(bytes: &[u8]) -> Result<String> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).and_then(|()| file.rewind()).expect("written");
        let mut out = Vec::new();
        to_jsonl(file, &mut out)?;
        Ok(String::from_utf8(out).expect("JSON is UTF-8"))
    }

    fn kinds() -> [Vec<u8>; 3] {
        let (table, mut file, mut stream, mut parquet) = (table(), Vec::new(), Vec::new(), Vec::new());
        let mut writer = FileWriter::try_new(&mut file, &table.schema()).expect("memory");
        writer.write(&table).and_then(|()| writer.finish()).expect("memory");
        let mut writer = StreamWriter::try_new(&mut stream, &table.schema()).expect("memory");
        writer.write(&table).and_then(|()| writer.finish()).expect("memory");
        let mut writer = ArrowWriter::try_new(&mut parquet, table.schema(), None).expect("memory");
        writer.write(&table).expect("memory");
        writer.close().expect("memory");
        [file, stream, parquet]
    }

    #[test]
    fn every_kind_gives_the_same_rows() {
        let expected = "{\"message_id\":91,\"posted\":\"2021-10-14T21:07:00Z\",\"text\":\"Сделка через гаранта\",\"channel\":\"shop\"}\n\
                        {\"message_id\":92,\"posted\":null,\"text\":\"\\\"quoted\\\"\\nline\",\"channel\":null}\n";
        for bytes in kinds() {
            assert_eq!(read(&bytes).expect("a table"), expected);
        }
    }

    #[test]
    fn a_cut_or_damaged_table_is_an_error() {
        let [file, _, parquet] = kinds();
        for bytes in [&file[..file.len() / 2], &parquet[..parquet.len() - 5], b"PAR1", b"ARROW1\0\0 and no table"] {
            assert!(read(bytes).is_err());
        }
    }
}
