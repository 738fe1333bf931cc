//! The Delta tables: one file a table, one line in [`TABLES`].
//!
//! A table file says its columns once; the Arrow schema, the Delta schema and which columns may have file
//! statistics are derived from it. Text of people never has statistics: they would outlive an erasure.

pub(crate) mod delta_log;
pub mod entities;
pub mod messages;
pub mod revisions;
pub(crate) mod scan;
pub mod sightings;
pub mod verdicts;

use std::sync::Arc;

use datafusion::arrow::array::{ArrayBuilder, ArrayRef, BooleanBuilder, PrimitiveBuilder, StringBuilder};
use datafusion::arrow::datatypes::{ArrowPrimitiveType, DataType, Field, Schema, SchemaRef, TimeUnit};

/// Every table, in the order they are committed.
pub static TABLES: &[&TableDef] =
    &[&entities::TABLE, &messages::TABLE, &revisions::TABLE, &sightings::TABLE, &verdicts::TABLE];

pub struct TableDef {
    pub name: &'static str,
    pub about: &'static str,
    pub columns: &'static [Column],
}

pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub nullable: bool,
    /// Few distinct values: dictionary-encoded.
    pub repeated: bool,
    /// May carry minimum and maximum in the files: never for what people wrote or are called.
    pub statistics: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Int,
    Long,
    Float,
    Double,
    Boolean,
    Time,
}

/// A column that is always there.
const fn required(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, nullable: false, repeated: false, statistics: false }
}

/// A column that may be null.
const fn optional(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, nullable: true, repeated: false, statistics: false }
}

impl Column {
    const fn repeated(mut self) -> Self {
        self.repeated = true;
        self
    }

    const fn with_statistics(mut self) -> Self {
        self.statistics = true;
        self
    }
}

impl TableDef {
    pub(crate) fn arrow_schema(&self) -> SchemaRef {
        let fields: Vec<Field> = self.columns.iter().map(|c| Field::new(c.name, c.kind.arrow(), c.nullable)).collect();
        Arc::new(Schema::new(fields))
    }

    /// The schema as the Delta protocol writes it.
    pub(crate) fn delta_schema(&self) -> String {
        let fields: Vec<serde_json::Value> = self
            .columns
            .iter()
            .map(
                |c| serde_json::json!({"name": c.name, "type": c.kind.delta(), "nullable": c.nullable, "metadata": {}}),
            )
            .collect();
        serde_json::json!({"type": "struct", "fields": fields}).to_string()
    }
}

impl Kind {
    fn arrow(self) -> DataType {
        match self {
            Self::Text => DataType::Utf8,
            Self::Int => DataType::Int32,
            Self::Long => DataType::Int64,
            Self::Float => DataType::Float32,
            Self::Double => DataType::Float64,
            Self::Boolean => DataType::Boolean,
            Self::Time => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        }
    }

    fn delta(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Int => "integer",
            Self::Long => "long",
            Self::Float => "float",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Time => "timestamp",
        }
    }
}

/// A builder of a column, which starts again with the room that the last chunk needed.
trait ColumnBuilder {
    fn finished(&mut self) -> ArrayRef;
}

fn finished(builder: &mut impl ColumnBuilder) -> ArrayRef {
    builder.finished()
}

impl ColumnBuilder for StringBuilder {
    fn finished(&mut self) -> ArrayRef {
        let room = Self::with_capacity(room(self.len()), room(self.values_slice().len()));
        Arc::new(std::mem::replace(self, room).finish())
    }
}

impl ColumnBuilder for BooleanBuilder {
    fn finished(&mut self) -> ArrayRef {
        let room = Self::with_capacity(room(self.len()));
        Arc::new(std::mem::replace(self, room).finish())
    }
}

impl<T: ArrowPrimitiveType> ColumnBuilder for PrimitiveBuilder<T> {
    fn finished(&mut self) -> ArrayRef {
        let room = Self::with_capacity(room(self.len()));
        let column = std::mem::replace(self, room).finish();
        match T::DATA_TYPE {
            // All our times are UTC, and the schema says so.
            DataType::Timestamp(_, None) => Arc::new(column.with_data_type(Kind::Time.arrow())),
            _ => Arc::new(column),
        }
    }
}

/// A little more than the last chunk, so that a similar one fits; an exceptional one is not remembered for ever.
fn room(last: usize) -> usize {
    (last + last / 8).min(1 << 20)
}

/// Ids are made of ASCII letters and digits.
pub(crate) fn ascii(letters: &[u8; 16]) -> &str {
    std::str::from_utf8(letters).expect("base 32 is ASCII")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stand_in_alphabetical_order() {
        assert!(TABLES.is_sorted_by_key(|t| t.name));
    }
}
