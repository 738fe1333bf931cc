//! Words to standard error. Text from outside is made visible here, so that no escape reaches the terminal.

#![expect(clippy::disallowed_macros, reason = "the one place that writes words, after making them visible")]

use std::process::ExitCode;

use noctule_core::normalize::{visible, visible_line};
use noctule_store::StoreError;

/// Exit status of a command that could not do its work.
const FAILED: u8 = 70;
/// Exit status when the data or the disk is at fault.
const NO_INPUT: u8 = 66;
const CANNOT_WRITE: u8 = 74;

/// A remark for the person, unless `--quiet`.
pub fn note(quiet: bool, text: &str) {
    if !quiet {
        eprintln!("{}", visible(text));
    }
}

/// What to do next.
pub fn hint(quiet: bool, text: &str) {
    note(quiet, &format!("hint: {text}"));
}

/// Prints an error with its causes and its hint; returns the exit status.
pub fn failure(error: &anyhow::Error) -> ExitCode {
    let store = error.chain().find_map(|cause| cause.downcast_ref::<StoreError>());
    // A closed pipe (`noctule … | head`) is the reader's choice and no failure.
    let pipe = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
            || matches!(cause.downcast_ref::<StoreError>(),
                Some(StoreError::Io { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe)
    };
    if error.chain().any(pipe) {
        return ExitCode::SUCCESS;
    }
    let mut text = String::new();
    for (i, cause) in error.chain().map(ToString::to_string).enumerate() {
        // Some libraries repeat the cause in their own message.
        if i == 0 {
            text = cause;
        } else if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    let (text, own_hint) = match text.split_once("\nhint: ") {
        Some((text, hint)) => (text.to_string(), Some(hint.to_string())),
        None => (text, None),
    };
    eprintln!("error: {}", visible_line(&text));
    if let Some(hint) = own_hint.or_else(|| store.and_then(StoreError::hint).map(str::to_string)) {
        eprintln!("hint: {}", visible_line(&hint));
    }
    ExitCode::from(match store {
        Some(StoreError::Missing { .. }) => NO_INPUT,
        Some(StoreError::Io { .. } | StoreError::Ledger(_)) => CANNOT_WRITE,
        _ => FAILED,
    })
}
