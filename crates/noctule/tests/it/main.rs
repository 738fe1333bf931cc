//! End-to-end tests: each spawns the binary, none links the library.

mod analyze;
mod archives;
mod bad_input;
mod detect;
mod durable;
mod formats;
mod mailboxes;
mod pages;
mod report;
mod run;
mod simulate;
mod sql;
mod study;
mod web_archives;
