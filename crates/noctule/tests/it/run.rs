//! Running the binary and looking at what it did.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What a run printed, and how it ended.
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_noctule"));
    command.args(args).env_remove("NOCTULE_DATA_DIR").env("LC_ALL", "C.UTF-8").env("NO_COLOR", "1");
    command
}

fn finished(output: Output) -> Ran {
    let ran = Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout).expect("output is UTF-8"),
        err: String::from_utf8(output.stderr).expect("words are UTF-8"),
    };
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

/// Runs to the end.
pub fn noctule(args: &[&str]) -> Ran {
    finished(command(args).stdin(Stdio::null()).output().expect("the binary starts"))
}

/// Runs with this on standard input.
pub fn noctule_with(args: &[&str], input: &[u8]) -> Ran {
    let mut child = command(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut stdin = child.stdin.take().expect("it has a standard input");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("the binary ends");
    writer.join().expect("writing ends");
    finished(output)
}

/// Starts without waiting.
pub fn start(args: &[&str]) -> std::process::Child {
    command(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary starts")
}

/// The rows of a query, as JSON values.
pub fn rows(data: &Path, query: &str) -> Vec<serde_json::Value> {
    let ran = noctule(&["sql", query, "--format", "jsonl", "--data-dir", text(data)]);
    assert!(ran.code <= 1, "{query}: {}", ran.err);
    ran.out.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// The one number a query gives.
pub fn number(data: &Path, query: &str) -> i64 {
    let rows = rows(data, query);
    let row = rows.first().and_then(|row| row.as_object()).expect("one row");
    row.values().next().and_then(serde_json::Value::as_i64).expect("a number")
}

pub fn text(path: &Path) -> &str {
    path.to_str().expect("test paths are Unicode")
}

/// One chat as Telegram Desktop exports it.
pub fn chat(id: u64, name: &str, messages: &[String]) -> String {
    format!(
        "{{\n \"name\": {},\n \"type\": \"public_channel\",\n \"id\": {id},\n \"messages\": [\n{}\n ]\n}}",
        serde_json::Value::from(name),
        messages.join(",\n")
    )
}

/// One message of it.
pub fn message(id: u64, unixtime: i64, body: &str) -> String {
    format!(
        "  {{\"id\": {id}, \"type\": \"message\", \"date\": \"2021-01-01T00:00:00\", \"date_unixtime\": \"{unixtime}\", \
         \"from\": \"Seller\", \"from_id\": \"channel1\", \"text\": {}}}",
        serde_json::Value::from(body)
    )
}
