//! `noctule sql`: free-hand queries over the documented views, in a guarded child process.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use noctule_store::sql::{self, FUNCTIONS, Limits, VIEWS};

use super::{Format, Globals, NOTHING};
use crate::say;

/// Query the tables in SQL, read-only
#[derive(clap::Args)]
#[command(after_help = after_help())]
pub struct Args {
    /// The query
    #[arg(value_name = "QUERY", required_unless_present = "views")]
    query: Option<String>,
    /// List the views, their columns, and the detectors' functions
    #[arg(long)]
    views: bool,
    /// At most so many rows
    #[arg(long, value_name = "ROWS")]
    limit: Option<u64>,
    /// Write here instead of to standard output; .parquet, .arrow, .csv, .json and .jsonl choose the form
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
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
         noctule sql 'select * from sources order by messages desc' --format csv\n  \
         noctule sql 'select * from messages join verdicts using (message_id)' --out corpus.parquet\n  \
         noctule sql \"select escrow_score('сделка через гаранта'), lang('сделка через гаранта')\"\n\n\
         Reads only, in a process of its own with limits on memory and time. Exit status 1 when there is no row."
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
        writeln!(out, "\nFunctions over a text, judged with the built-in words:")?;
        for function in FUNCTIONS {
            writeln!(out, "{}(text)\n  {}", function.name, function.about)?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    drop(out);
    if std::env::var_os(WORKER).is_some() {
        return work(query, &args, globals);
    }
    match &args.out {
        None => guard(&args, Stdio::inherit()),
        Some(path) => to_file(&args, path),
    }
}

/// Under another name first, so that nobody finds half a file. The worker gets it open and names no file itself.
fn to_file(args: &Args, path: &Path) -> Result<ExitCode> {
    let mut name = path.file_name().context("--out names no file")?.to_os_string();
    name.push(".part");
    let part = path.with_file_name(name);
    let cannot = || format!("cannot write \"{}\"", path.display());
    let file = File::create(&part).with_context(cannot)?;
    let kept = file.try_clone().with_context(cannot)?;
    let whole = guard(args, Stdio::from(file)).and_then(|code| {
        if code == ExitCode::SUCCESS || code == ExitCode::from(NOTHING) {
            kept.sync_all().and_then(|()| std::fs::rename(&part, path)).with_context(cannot)?;
        }
        Ok(code)
    });
    let _ = std::fs::remove_file(&part);
    whole
}

/// Starts the worker, waits, and ends it when its time is over.
fn guard(args: &Args, out: Stdio) -> Result<ExitCode> {
    let program = std::env::current_exe().context("cannot find the program's own file to start the query's process")?;
    let mut child = Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(WORKER, "1")
        .stdin(Stdio::null())
        .stdout(out)
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
    let limits = Limits { memory_bytes: memory as usize, threads: 2, rows: args.limit };
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let rows = sql::run(&globals.store()?, query, limits, form(args, globals), &mut out)?;
    if rows == 0 {
        say::note(globals.quiet, "no rows");
        return Ok(ExitCode::from(NOTHING));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the file is called, unless `--format` says otherwise; a table in a file would only be in the way.
fn form(args: &Args, globals: &Globals) -> sql::Format {
    let named = args.out.as_deref().and_then(Path::extension).and_then(|e| e.to_str()).map(str::to_ascii_lowercase);
    match (globals.format, named.as_deref()) {
        (Some(Format::Table), _) => sql::Format::Table,
        (Some(Format::Json), _) => sql::Format::Json,
        (Some(Format::Jsonl), _) => sql::Format::Jsonl,
        (Some(Format::Csv), _) => sql::Format::Csv,
        (None, Some("parquet")) => sql::Format::Parquet,
        (None, Some("arrow" | "feather" | "ipc")) => sql::Format::Arrow,
        (None, Some("json")) => sql::Format::Json,
        (None, Some("jsonl" | "ndjson")) => sql::Format::Jsonl,
        (None, Some("csv")) => sql::Format::Csv,
        (None, _) => sql::Format::Table,
    }
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
