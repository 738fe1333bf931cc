//! End-to-end tests: each spawns the binary, none links the library.

mod analyze;
mod archives;
mod bad_input;
mod columnar;
mod detect;
mod durable;
mod every_format;
mod export;
mod formats;
mod inspect;
mod mailboxes;
mod pages;
mod report;
mod run;
mod search;
mod simulate;
mod source_health;
mod sql;
mod study;
mod web_archives;
