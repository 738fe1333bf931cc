//! Database dumps.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| noctule_fuzz::collectors(bytes, |name| name == "sql-dump"));
