//! End-to-end tests: each spawns the binary, none links the library.

mod analyze;
mod bad_input;
mod detect;
mod durable;
mod formats;
mod inspect;
mod report;
mod run;
mod simulate;
mod sql;
mod study;
