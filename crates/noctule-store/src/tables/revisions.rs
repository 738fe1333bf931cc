//! `revisions`: which rows of `messages` an edit has replaced. Tables are only appended to; views leave these out.

use datafusion::arrow::array::{ArrayRef, Int64Builder, RecordBatch, StringBuilder};

use super::Kind::{Long, Text};
use super::{Column, TableDef, finished, required};
use crate::Result;
use crate::keys::Key;

pub static TABLE: TableDef = TableDef {
    name: "revisions",
    about: "Rows of `messages` and `verdicts` that a later edit has replaced.",
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[required("message_id", Text), required("content", Long)];

#[derive(Default)]
pub struct Builder {
    message_id: StringBuilder,
    content: Int64Builder,
}

impl Builder {
    pub fn push(&mut self, replaced: &Key) {
        self.message_id.append_value(super::ascii(&replaced.message.letters()));
        self.content.append_value(replaced.content as i64);
    }

    pub fn finish(&mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![finished(&mut self.message_id), finished(&mut self.content)];
        Ok(RecordBatch::try_new(TABLE.arrow_schema(), columns)?)
    }
}
