//! Rows of a query as a table for people, or as JSON, JSONL or CSV for programs.

use std::io::{self, Write};
use std::sync::Arc;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use datafusion::arrow::datatypes::{
    DataType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, Schema, TimeUnit,
    TimestampMicrosecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use datafusion::arrow::ipc::writer::FileWriter;
use datafusion::arrow::util::display::{ArrayFormatter, FormatOptions};
use datafusion::parquet::arrow::ArrowWriter;
use datafusion::parquet::basic::{Compression, ZstdLevel};
use datafusion::parquet::file::properties::WriterProperties;
use noctule_core::normalize::visible_line;
use serde_json::Value;

use crate::Result;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    Table,
    Json,
    Jsonl,
    Csv,
    /// Arrow IPC, the file form.
    Arrow,
    Parquet,
}

/// Where the rows of a query go.
pub(super) enum Sink<'a> {
    Rows(Box<RowWriter>, &'a mut (dyn Write + Send)),
    Arrow(Box<FileWriter<&'a mut (dyn Write + Send)>>),
    Parquet(Box<ArrowWriter<&'a mut (dyn Write + Send)>>),
}

impl<'a> Sink<'a> {
    pub(super) fn new(format: Format, schema: &Schema, out: &'a mut (dyn Write + Send)) -> Result<Self> {
        Ok(match format {
            Format::Arrow => Self::Arrow(Box::new(FileWriter::try_new(out, schema)?)),
            Format::Parquet => {
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(ZstdLevel::default()))
                    .set_created_by("noctule".into())
                    .build();
                let schema = Arc::new(schema.clone());
                Self::Parquet(Box::new(ArrowWriter::try_new(out, schema, Some(properties))?))
            }
            _ => Self::Rows(Box::new(RowWriter::new(format, schema)), out),
        })
    }

    /// The inner error is one of writing.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<io::Result<()>> {
        match self {
            Self::Rows(writer, out) => writer.write(batch, *out),
            Self::Arrow(writer) => Ok(Ok(writer.write(batch)?)),
            Self::Parquet(writer) => Ok(Ok(writer.write(batch)?)),
        }
    }

    pub(super) fn finish(self) -> Result<io::Result<()>> {
        match self {
            Self::Rows(mut writer, out) => Ok(writer.finish(out)),
            Self::Arrow(writer) => Ok(writer.into_inner()?.flush()),
            Self::Parquet(writer) => Ok(writer.into_inner()?.flush()),
        }
    }
}

/// A column of the table for people is cut at this many characters; programs get everything.
const CELL_CHARACTERS: usize = 80;

pub struct RowWriter {
    format: Format,
    names: Vec<String>,
    rows: u64,
    /// Held back for the table, whose widths are known only at the end.
    cells: Vec<Vec<String>>,
    numeric: Vec<bool>,
    cut: u64,
}

/// A table for people longer than this is of no use to them and would fill the memory.
const TABLE_ROWS: usize = 10_000;

impl RowWriter {
    pub fn new(format: Format, schema: &Schema) -> Self {
        Self {
            format,
            names: schema.fields().iter().map(|f| f.name().clone()).collect(),
            rows: 0,
            cells: Vec::new(),
            numeric: schema.fields().iter().map(|f| f.data_type().is_numeric()).collect(),
            cut: 0,
        }
    }

    pub fn write(&mut self, batch: &RecordBatch, out: &mut dyn Write) -> Result<io::Result<()>> {
        let columns = batch.columns().iter().map(values).collect::<Result<Vec<_>>>()?;
        Ok((0..batch.num_rows()).try_for_each(|row| {
            let values: Vec<&Value> = columns.iter().map(|column| &column[row]).collect();
            self.row(&values, out)
        }))
    }

    fn row(&mut self, values: &[&Value], out: &mut dyn Write) -> io::Result<()> {
        self.rows += 1;
        match self.format {
            Format::Table if self.cells.len() == TABLE_ROWS => self.cut += 1,
            Format::Table => self.cells.push(values.iter().map(|v| for_people(v)).collect()),
            Format::Json => {
                out.write_all(if self.rows == 1 { b"[\n" } else { b",\n" })?;
                self.object(values, out)?;
            }
            Format::Jsonl => {
                self.object(values, out)?;
                out.write_all(b"\n")?;
            }
            Format::Csv => {
                if self.rows == 1 {
                    self.csv_header(out)?;
                }
                csv_line(values.iter().map(|v| plain(v)), out)?;
            }
            // Columns are written as they are, see [`Sink`].
            Format::Arrow | Format::Parquet => {}
        }
        Ok(())
    }

    pub fn finish(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            Format::Table => self.table(out)?,
            Format::Json => out.write_all(if self.rows == 0 { b"[]\n" } else { b"\n]\n" })?,
            Format::Csv if self.rows == 0 => self.csv_header(out)?,
            Format::Jsonl | Format::Csv | Format::Arrow | Format::Parquet => {}
        }
        out.flush()
    }

    fn object(&self, values: &[&Value], out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{")?;
        for (i, (name, value)) in self.names.iter().zip(values).enumerate() {
            if i > 0 {
                out.write_all(b",")?;
            }
            serde_json::to_writer(&mut *out, name)?;
            out.write_all(b":")?;
            serde_json::to_writer(&mut *out, value)?;
        }
        out.write_all(b"}")
    }

    fn csv_header(&self, out: &mut dyn Write) -> io::Result<()> {
        csv_line(self.names.iter().cloned(), out)
    }

    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let width = |cell: &str| cell.chars().count();
        let widths: Vec<usize> = (0..self.names.len())
            .map(|i| self.cells.iter().map(|row| width(&row[i])).chain([width(&self.names[i])]).max().unwrap_or(0))
            .collect();
        let mut line = |cells: &[String]| -> io::Result<()> {
            let mut text = String::new();
            for (i, cell) in cells.iter().enumerate() {
                if i > 0 {
                    text.push_str("  ");
                }
                let padding = " ".repeat(widths[i] - width(cell));
                if self.numeric[i] {
                    text.push_str(&padding);
                    text.push_str(cell);
                } else {
                    text.push_str(cell);
                    text.push_str(&padding);
                }
            }
            writeln!(out, "{}", text.trim_end())
        };
        line(&self.names.iter().map(|n| visible_line(n).into_owned()).collect::<Vec<_>>())?;
        for row in &self.cells {
            line(row)?;
        }
        if self.cut > 0 {
            writeln!(out, "… and {} more rows; use --format csv or jsonl for all", self.cut)?;
        }
        Ok(())
    }
}

/// RFC 4180, with a `'` before what a spreadsheet would take for a formula.
pub fn csv_line(cells: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    for (i, cell) in cells.enumerate() {
        if i > 0 {
            out.write_all(b",")?;
        }
        let guarded = if formula(&cell) { format!("'{cell}") } else { cell };
        if guarded.contains([',', '"', '\n', '\r']) {
            write!(out, "\"{}\"", guarded.replace('"', "\"\""))?;
        } else {
            out.write_all(guarded.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}

/// Begins, perhaps after space and invisible characters, with a sign that starts a formula; a number does not count.
fn formula(cell: &str) -> bool {
    let unseen = |c: char| {
        (c.is_whitespace() && !matches!(c, '\t' | '\r'))
            || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let start = cell.trim_start_matches(unseen);
    start.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠', '−']) && cell.parse::<f64>().is_err()
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn for_people(value: &Value) -> String {
    let text = visible_line(&plain(value)).into_owned();
    match text.char_indices().nth(CELL_CHARACTERS) {
        Some((cut, _)) => format!("{}…", &text[..cut]),
        None => text,
    }
}

/// A column as JSON values: numbers as numbers, times as RFC 3339 in UTC, the rest as text.
fn values(column: &ArrayRef) -> Result<Vec<Value>> {
    macro_rules! numbers {
        ($kind:ty) => {
            column.as_primitive::<$kind>().iter().map(|v| v.map_or(Value::Null, Value::from)).collect()
        };
    }
    Ok(match column.data_type() {
        DataType::Boolean => column.as_boolean().iter().map(|v| v.map_or(Value::Null, Value::from)).collect(),
        DataType::Int8 => numbers!(Int8Type),
        DataType::Int16 => numbers!(Int16Type),
        DataType::Int32 => numbers!(Int32Type),
        DataType::Int64 => numbers!(Int64Type),
        DataType::UInt8 => numbers!(UInt8Type),
        DataType::UInt16 => numbers!(UInt16Type),
        DataType::UInt32 => numbers!(UInt32Type),
        DataType::UInt64 => numbers!(UInt64Type),
        // Through text, so that 0.9 does not become 0.8999999761581421.
        DataType::Float32 => column
            .as_primitive::<Float32Type>()
            .iter()
            .map(|v| v.and_then(|v| v.to_string().parse::<f64>().ok()).map_or(Value::Null, Value::from))
            .collect(),
        DataType::Float64 => numbers!(Float64Type),
        DataType::Timestamp(TimeUnit::Microsecond, _) => column
            .as_primitive::<TimestampMicrosecondType>()
            .iter()
            .map(|v| v.map_or(Value::Null, |micros| Value::from(noctule_core::model::Micros(micros).to_string())))
            .collect(),
        DataType::Utf8 => column.as_string::<i32>().iter().map(|v| v.map_or(Value::Null, Value::from)).collect(),
        _ => {
            let options = FormatOptions::default();
            let formatter = ArrayFormatter::try_new(column.as_ref(), &options)?;
            (0..column.len())
                .map(|i| if column.is_null(i) { Value::Null } else { Value::from(formatter.value(i).to_string()) })
                .collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_numbers_are_not() {
        let mut out = Vec::new();
        csv_line(["=1+1", "-5", "@x", " =a", "a,\"b\"", "＝x", "\u{200b}=1"].into_iter().map(String::from), &mut out)
            .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "'=1+1,-5,'@x,' =a,\"a,\"\"b\"\"\",'＝x,'\u{200b}=1\r\n");
    }
}
