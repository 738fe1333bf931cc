//! The free-hand SQL door: documented views, read-only, over one consistent state of the tables.
//!
//! This runs inside the guarded child process that the binary starts (address-space limit, time limit); the memory
//! pool here only makes ordinary large queries fail politely before that limit falls.

mod functions;
mod output;
mod place;
mod views;

use std::io::Write;

use datafusion::arrow::datatypes::Schema;
use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use futures::StreamExt;

pub use functions::FUNCTIONS;
pub(crate) use output::RowWriter;
use output::Sink;
pub use output::{Format, csv_line};
pub use views::VIEWS;

use crate::{Result, Store, StoreError};

/// What one query may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub memory_bytes: usize,
    pub threads: usize,
    /// No more rows than this.
    pub rows: Option<u64>,
}

/// Functions that make rows or strings out of nothing; a short query could fill any memory with them.
const FORBIDDEN_TABLE_FUNCTIONS: [&str; 2] = ["generate_series", "range"];
const FORBIDDEN_FUNCTIONS: [&str; 8] =
    ["repeat", "lpad", "rpad", "space", "array_repeat", "list_repeat", "array_resize", "list_resize"];
const FORBIDDEN_GENERATORS: [&str; 4] = ["generate_series", "range", "gen_series", "sequence"];

/// Runs one query and writes its rows. Returns the number of rows.
pub fn run(store: &Store, query: &str, limits: Limits, format: Format, out: &mut (dyn Write + Send)) -> Result<u64> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(limits.threads)
        .enable_all()
        .build()
        .map_err(StoreError::io("start the query engine for", store.dir()))?;
    runtime.block_on(run_query(store, query, limits, format, out))
}

async fn run_query(
    store: &Store,
    query: &str,
    limits: Limits,
    format: Format,
    out: &mut (dyn Write + Send),
) -> Result<u64> {
    let ctx = session(limits)?;
    functions::register(&ctx);
    views::register(store, &ctx).await?;
    let options = SQLOptions::new().with_allow_ddl(false).with_allow_dml(false).with_allow_statements(false);
    let wrong = |e| place::error(e, query);
    let mut frame = ctx.sql_with_options(query, options).await.map_err(wrong)?;
    if let Some(rows) = limits.rows {
        frame = frame.limit(0, Some(usize::try_from(rows).unwrap_or(usize::MAX))).map_err(wrong)?;
    }
    let schema: &Schema = frame.schema().as_arrow();
    let failed = |e| StoreError::io("write the result of the query on", store.dir())(e);
    let mut writer = Sink::new(format, schema, out)?;
    let mut stream = frame.execute_stream().await.map_err(wrong)?;
    let mut rows = 0;
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(wrong)?;
        rows += batch.num_rows() as u64;
        writer.write(&batch)?.map_err(failed)?;
    }
    writer.finish()?.map_err(failed)?;
    Ok(rows)
}

fn session(limits: Limits) -> Result<SessionContext> {
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_limit(limits.memory_bytes, 1.0)
        // Nothing of what people wrote is put into temporary files.
        .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(DiskManagerMode::Disabled))
        .build_arc()?;
    let mut config = SessionConfig::new().with_target_partitions(limits.threads).with_information_schema(false);
    // Wrong results were reported for pushed-down filters; correctness first.
    config.options_mut().execution.parquet.pushdown_filters = false;
    // So that an error can say where in the query it is.
    config.options_mut().sql_parser.collect_spans = true;
    // Results are text for people and files, not Arrow views.
    config.options_mut().execution.parquet.schema_force_view_types = false;
    let ctx = SessionContext::new_with_config_rt(config, runtime);
    for name in FORBIDDEN_TABLE_FUNCTIONS {
        ctx.deregister_udtf(name);
    }
    for name in FORBIDDEN_FUNCTIONS.into_iter().chain(FORBIDDEN_GENERATORS) {
        ctx.deregister_udf(name);
    }
    Ok(ctx)
}
