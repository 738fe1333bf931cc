//! `sightings`: messages met again in another capture. They are stored once; a study of that capture still counts them.

use datafusion::arrow::array::{ArrayRef, Int32Builder, Int64Builder, RecordBatch, StringBuilder};

use super::Kind::{Int, Long, Text};
use super::{Column, TableDef, finished, required};
use crate::Result;
use crate::keys::Key;

pub static TABLE: TableDef = TableDef {
    name: "sightings",
    about: "Messages that another capture holds too; stored once in `messages`.",
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    required("message_id", Text),
    required("content", Long),
    required("capture_no", Int).repeated().with_statistics(),
];

#[derive(Default)]
pub struct Builder {
    message_id: StringBuilder,
    content: Int64Builder,
    capture_no: Int32Builder,
}

impl Builder {
    pub fn push(&mut self, seen: &Key) {
        self.message_id.append_value(super::ascii(&seen.message.letters()));
        self.content.append_value(seen.content as i64);
        self.capture_no.append_value(seen.capture_no as i32);
    }

    pub fn finish(&mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> =
            vec![finished(&mut self.message_id), finished(&mut self.content), finished(&mut self.capture_no)];
        Ok(RecordBatch::try_new(TABLE.arrow_schema(), columns)?)
    }
}
