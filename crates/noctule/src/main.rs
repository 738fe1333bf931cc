//! Noctule talks here: the command line. Reading is `noctule-core`'s, remembering `noctule-store`'s.
#![forbid(unsafe_code)]

mod cli;
mod clock;
mod input;
mod pipeline;
mod progress;
mod report;
mod say;
mod simulate;
mod stages;

use std::process::ExitCode;

use clap::Parser;

/// Messages are made by one thread and freed by another, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if std::env::var_os(input::UNPACK_WORKER).is_some() {
        return input::unpack_worker();
    }
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let _ = e.print();
            return if e.use_stderr() { ExitCode::from(cli::USAGE) } else { ExitCode::SUCCESS };
        }
    };
    cli.run().unwrap_or_else(|e| say::failure(&e))
}
