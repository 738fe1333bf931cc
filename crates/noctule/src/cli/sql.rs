//! `noctule sql`: free-hand queries over the documented views, in a guarded child process.

use std::io::Write;
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use noctule_store::sql::{self, Limits, VIEWS};

use super::{Format, Globals, NOTHING};
use crate::say;

/// Query the tables in SQL, read-only
#[derive(clap::Args)]
#[command(after_help = after_help())]
pub struct Args {
    /// The query
    #[arg(value_name = "QUERY", required_unless_present = "views")]
    query: Option<String>,
    /// List the views and their columns
    #[arg(long)]
    views: bool,
    /// Memory the query may use
    #[arg(long, value_name = "MIB", default_value_t = 1024, value_parser = clap::value_parser!(u64).range(64..=1_048_576))]
    memory_mib: u64,
    /// Time the query may take
    #[arg(long, value_name = "SECS", default_value_t = 60)]
    timeout_secs: u64,
}

fn after_help() -> String {
    let views: String = VIEWS.iter().map(|v| format!("  {:<10} {}\n", v.name, v.about)).collect();
    format!(
        "Views (--views lists their columns):\n{views}\n\
         Examples:\n  \
         noctule sql 'select * from skips'\n  \
         noctule sql \"select text from messages join verdicts using (message_id) where escrow limit 20\"\n  \
         noctule sql 'select * from sources order by messages desc' --format csv\n\n\
         Exit status 1 when there is no row."
    )
}

/// Set for the child: it is the one that runs the query.
const WORKER: &str = "NOCTULE_SQL_WORKER";
/// What the program itself needs beside the query: code, thread stacks, allocator slack.
const OWN_BYTES: u64 = 3 << 30;

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let Some(query) = &args.query else {
        for view in VIEWS {
            writeln!(out, "{}({})\n  {}", view.name, view.columns.join(", "), view.about)?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    drop(out);
    if std::env::var_os(WORKER).is_some() { work(query, &args, globals) } else { guard(&args) }
}

/// Starts the worker, waits, and ends it when its time is over.
fn guard(args: &Args) -> Result<ExitCode> {
    let program = std::env::current_exe().context("cannot find the program's own file to start the query's process")?;
    let mut child = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(WORKER, "1")
        .stdin(Stdio::null())
        .spawn()
        .context("cannot start the query's process")?;
    let deadline = Instant::now() + Duration::from_secs(args.timeout_secs);
    loop {
        if let Some(status) = child.try_wait().context("cannot wait for the query's process")? {
            return match status.code() {
                Some(code) => Ok(ExitCode::from(code as u8)),
                None => bail!(
                    "the query needed more than its {} MiB of memory\nhint: ask for less at a time, or raise --memory-mib",
                    args.memory_mib
                ),
            };
        }
        if Instant::now() >= deadline {
            let _ = child.kill();
            let _ = child.wait();
            bail!(
                "the query took longer than {} s\nhint: ask for less at a time, or raise --timeout-secs",
                args.timeout_secs
            );
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn work(query: &str, args: &Args, globals: &Globals) -> Result<ExitCode> {
    let memory = args.memory_mib << 20;
    limit_memory(memory + OWN_BYTES)?;
    let limits = Limits { memory_bytes: memory as usize, threads: 2 };
    let format = match globals.format.unwrap_or(Format::Table) {
        Format::Table => sql::Format::Table,
        Format::Json => sql::Format::Json,
        Format::Jsonl => sql::Format::Jsonl,
        Format::Csv => sql::Format::Csv,
    };
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let rows = sql::run(&globals.store()?, query, limits, format, &mut out)?;
    if rows == 0 {
        say::note(globals.quiet, "no rows");
        return Ok(ExitCode::from(NOTHING));
    }
    Ok(ExitCode::SUCCESS)
}

/// The memory pool of a query engine is no limit (one `generate_series` took 9.6 GB past a 64 MB pool); the kernel's is.
#[cfg(unix)]
pub(super) fn limit_memory(bytes: u64) -> Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |bytes| Rlimit { current: Some(bytes), maximum: Some(bytes) };
    setrlimit(Resource::As, limit(bytes)).context("cannot limit the query's memory")?;
    setrlimit(Resource::Core, limit(0)).context("cannot switch off core dumps of the query's process")?;
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn limit_memory(_bytes: u64) -> Result<()> {
    Ok(())
}
