//! `entities`: indicators and handles, one row each, with their place in the clean text.

use datafusion::arrow::array::{ArrayRef, Int32Builder, Int64Builder, RecordBatch, StringBuilder};

use super::Kind::{Int, Long, Text};
use super::{Column, TableDef, finished, required};
use crate::Result;
use crate::writer::Row;

pub static TABLE: TableDef = TableDef {
    name: "entities",
    about: "Indicators and handles found in messages, with byte offsets into `messages.text`.",
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    required("message_id", Text),
    required("kind", Text).repeated(),
    required("value", Text),
    required("start_byte", Int),
    required("end_byte", Int),
    required("content", Long),
];

#[derive(Default)]
pub struct Builder {
    message_id: StringBuilder,
    kind: StringBuilder,
    value: StringBuilder,
    start_byte: Int32Builder,
    end_byte: Int32Builder,
    content: Int64Builder,
}

impl Builder {
    pub fn push(&mut self, row: &Row<'_>) {
        for entity in &row.verdict.entities {
            let clean = |raw: u32| row.message.clean.clean_offset(raw) as i32;
            self.message_id.append_value(row.message_id);
            self.kind.append_value(entity.kind);
            self.value.append_value(&entity.value);
            self.start_byte.append_value(clean(entity.span.start));
            self.end_byte.append_value(clean(entity.span.end));
            self.content.append_value(row.message.content as i64);
        }
    }

    pub fn finish(&mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            finished(&mut self.message_id),
            finished(&mut self.kind),
            finished(&mut self.value),
            finished(&mut self.start_byte),
            finished(&mut self.end_byte),
            finished(&mut self.content),
        ];
        Ok(RecordBatch::try_new(TABLE.arrow_schema(), columns)?)
    }
}
