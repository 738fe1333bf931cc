//! `messages`: what was posted, one row a revision.

use super::Kind::{Boolean, Int, Long, Text, Time};
use super::{Column, TableDef, finished, optional, required};
use crate::Result;
use crate::writer::Row;
use datafusion::arrow::array::{
    ArrayRef, Int32Builder, Int64Builder, RecordBatch, StringBuilder, TimestampMicrosecondBuilder,
};

pub static TABLE: TableDef = TableDef {
    name: "messages",
    about: "What was posted, one row a revision; quotes taken out, secrets masked.",
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    required("message_id", Text),
    required("source_id", Text).repeated(),
    required("source_name", Text).repeated(),
    required("medium", Text).repeated(),
    optional("thread_id", Text).repeated(),
    optional("thread_title", Text).repeated(),
    optional("native_id", Text),
    optional("author_id", Text).repeated(),
    optional("author_name", Text).repeated(),
    optional("posted_at", Time).with_statistics(),
    optional("edited_at", Time),
    required("collected_at", Time).repeated(),
    required("text", Text),
    required("lang", Text).repeated(),
    optional("reply_to", Text),
    optional("forwarded_from", Text).repeated(),
    optional("cluster_id", Text),
    required("capture_id", Text).repeated(),
    required("posted_at_precise", Boolean).repeated(),
    required("place", Long),
    required("capture_no", Int).repeated().with_statistics(),
    required("content", Long),
];

#[derive(Default)]
pub struct Builder {
    message_id: StringBuilder,
    source_id: StringBuilder,
    source_name: StringBuilder,
    medium: StringBuilder,
    thread_id: StringBuilder,
    thread_title: StringBuilder,
    native_id: StringBuilder,
    author_id: StringBuilder,
    author_name: StringBuilder,
    posted_at: TimestampMicrosecondBuilder,
    edited_at: TimestampMicrosecondBuilder,
    collected_at: TimestampMicrosecondBuilder,
    text: StringBuilder,
    lang: StringBuilder,
    reply_to: StringBuilder,
    forwarded_from: StringBuilder,
    cluster_id: StringBuilder,
    capture_id: StringBuilder,
    precise: datafusion::arrow::array::BooleanBuilder,
    place: Int64Builder,
    capture_no: Int32Builder,
    content: Int64Builder,
}

impl Builder {
    pub fn push(&mut self, row: &Row<'_>) {
        let (message, raw) = (row.message, &row.message.raw);
        self.message_id.append_value(row.message_id);
        self.source_id.append_value(row.source_id);
        self.source_name.append_value(&raw.source.name);
        self.medium.append_value(raw.source.medium.word());
        self.thread_id.append_option(raw.thread_id.as_deref());
        self.thread_title.append_option(raw.thread_title.as_deref());
        self.native_id.append_option(raw.native_id.as_deref());
        self.author_id.append_option(raw.author.id.as_deref());
        self.author_name.append_option(raw.author.name.as_deref());
        self.posted_at.append_option(raw.posted_at.map(|p| p.at.0));
        self.edited_at.append_option(raw.edited_at.map(|t| t.0));
        self.collected_at.append_value(row.capture.captured_at.0);
        self.text.append_value(&message.clean.text);
        self.lang.append_value(message.clean.lang);
        self.reply_to.append_option(raw.reply_to.as_deref());
        self.forwarded_from.append_option(raw.forwarded_from.as_deref());
        self.cluster_id.append_option(row.cluster_id);
        self.capture_id.append_value(&row.capture.id.0);
        self.precise.append_value(raw.posted_at.is_some_and(|p| p.precise));
        self.place.append_value(raw.place as i64);
        self.capture_no.append_value(row.capture.no as i32);
        self.content.append_value(message.content as i64);
    }

    pub fn finish(&mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![
            finished(&mut self.message_id),
            finished(&mut self.source_id),
            finished(&mut self.source_name),
            finished(&mut self.medium),
            finished(&mut self.thread_id),
            finished(&mut self.thread_title),
            finished(&mut self.native_id),
            finished(&mut self.author_id),
            finished(&mut self.author_name),
            finished(&mut self.posted_at),
            finished(&mut self.edited_at),
            finished(&mut self.collected_at),
            finished(&mut self.text),
            finished(&mut self.lang),
            finished(&mut self.reply_to),
            finished(&mut self.forwarded_from),
            finished(&mut self.cluster_id),
            finished(&mut self.capture_id),
            finished(&mut self.precise),
            finished(&mut self.place),
            finished(&mut self.capture_no),
            finished(&mut self.content),
        ];
        Ok(RecordBatch::try_new(TABLE.arrow_schema(), columns)?)
    }
}
