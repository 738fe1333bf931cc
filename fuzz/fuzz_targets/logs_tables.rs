//! XML, logs, tables and lists.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| noctule_fuzz::collectors(bytes, |name| !name.contains("json") && !name.ends_with("-html") && name != "sql-dump"));
