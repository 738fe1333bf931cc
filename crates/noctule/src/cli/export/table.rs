//! Messages as rows with the columns of the `messages` view: CSV for spreadsheets, JSON Lines for programs.

use std::io::Write;

use anyhow::Result;
use noctule_core::model::Micros;
use noctule_store::export::StoredMessage;
use noctule_store::ledger::SourceRow;
use noctule_store::sql::csv_line;
use serde_json::{Map, Value};

use super::Writer;

/// Every column with its value; `None` is null.
fn cells(source: &SourceRow, message: StoredMessage) -> [(&'static str, Option<String>); 18] {
    let time = |at: Option<Micros>| at.map(|at| at.to_string());
    [
        ("message_id", Some(message.message_id)),
        ("source_id", Some(message.source_id)),
        ("source_name", Some(source.name.clone())),
        ("medium", Some(source.medium.clone())),
        ("thread_id", message.thread_id),
        ("thread_title", message.thread_title),
        ("native_id", message.native_id),
        ("author_id", message.author_id),
        ("author_name", message.author_name),
        ("posted_at", time(message.posted_at)),
        ("edited_at", time(message.edited_at)),
        ("collected_at", time(message.collected_at)),
        ("text", Some(message.text)),
        ("lang", Some(message.lang)),
        ("reply_to", message.reply_to),
        ("forwarded_from", message.forwarded_from),
        ("cluster_id", message.cluster_id),
        ("capture_id", Some(message.capture_id)),
    ]
}

#[derive(Default)]
pub struct Csv {
    headed: bool,
}

impl Writer for Csv {
    fn message(&mut self, source: &SourceRow, message: StoredMessage, out: &mut dyn Write) -> Result<()> {
        let cells = cells(source, message);
        if !self.headed {
            self.headed = true;
            csv_line(cells.iter().map(|(name, _)| (*name).to_string()), out)?;
        }
        Ok(csv_line(cells.into_iter().map(|(_, value)| value.unwrap_or_default()), out)?)
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<()> {
        if !self.headed {
            let none = SourceRow {
                source_id: String::new(),
                key: String::new(),
                name: String::new(),
                medium: String::new(),
                url: None,
            };
            let names = cells(&none, StoredMessage::default()).map(|(name, _)| name.to_string());
            csv_line(names.into_iter(), out)?;
        }
        Ok(())
    }
}

pub struct Jsonl;

impl Writer for Jsonl {
    fn message(&mut self, source: &SourceRow, message: StoredMessage, out: &mut dyn Write) -> Result<()> {
        let value = |value: Option<String>| value.map_or(Value::Null, Value::String);
        let object: Map<String, Value> =
            cells(source, message).into_iter().map(|(name, cell)| (name.to_owned(), value(cell))).collect();
        serde_json::to_writer(&mut *out, &object)?;
        Ok(out.write_all(b"\n")?)
    }

    fn finish(&mut self, _out: &mut dyn Write) -> Result<()> {
        Ok(())
    }
}
