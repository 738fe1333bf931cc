//! The guarded child that turns a table in Parquet or Arrow IPC on its standard input into JSON Lines. Started by
//! `input::columnar`, never by people.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use noctule_store::columnar;

/// What a table may need: one decompressed column chunk at a time, and the program itself.
const MEMORY_BYTES: u64 = 2 << 30;

pub fn run() -> Result<ExitCode> {
    super::sql::limit_memory(MEMORY_BYTES)?;
    limit_time()?;
    let file = input().context("standard input cannot be read")?;
    let mut out = BufWriter::with_capacity(256 << 10, std::io::stdout().lock());
    columnar::to_jsonl(file, &mut out)?;
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(unix)]
fn input() -> std::io::Result<File> {
    use std::os::fd::AsFd;
    Ok(File::from(std::io::stdin().as_fd().try_clone_to_owned()?))
}

#[cfg(windows)]
fn input() -> std::io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(std::io::stdin().as_handle().try_clone_to_owned()?))
}

/// Processor time: a reader of this process that is slow does not count.
#[cfg(unix)]
fn limit_time() -> Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    const SECS: u64 = 600;
    setrlimit(Resource::Cpu, Rlimit { current: Some(SECS), maximum: Some(SECS) }).context("cannot limit the time")
}

#[cfg(not(unix))]
fn limit_time() -> Result<()> {
    Ok(())
}
