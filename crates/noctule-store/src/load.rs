//! From table files to plain values: what counting and the key index need, and no Arrow beyond this file.

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{Int32Type, Int64Type};
use noctule_core::model::Id;

use crate::ledger::Ledger;
use crate::tables::scan::scan;
use crate::{Result, Store, StoreError};

/// Every stored revision, as the key index holds it.
pub(crate) fn each_key(store: &Store, ledger: &Ledger, mut each: impl FnMut(Id, u64, u32, u32)) -> Result<()> {
    let files = ledger.table_files("verdicts")?;
    let columns = ["message_id", "content", "edited_secs", "capture_no"];
    scan(&store.tables_dir(), &files, &columns, |_, batch| {
        let ids = batch.column(0).as_string::<i32>();
        let content = batch.column(1).as_primitive::<Int64Type>();
        let edited = batch.column(2).as_primitive::<Int64Type>();
        let capture = batch.column(3).as_primitive::<Int32Type>();
        for row in 0..batch.num_rows() {
            each(id(ids.value(row))?, content.value(row) as u64, edited.value(row) as u32, capture.value(row) as u32);
        }
        Ok(())
    })
}

fn id(text: &str) -> Result<Id> {
    Id::parse(text).ok_or_else(|| StoreError::Table(format!("\"{text}\" is no id")))
}
