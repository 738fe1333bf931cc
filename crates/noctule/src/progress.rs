//! Progress of long work: a bar on a terminal, silence elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Shared by the threads of a run.
pub struct Progress {
    bar: ProgressBar,
    messages: AtomicU64,
    /// Why each format was recognized, the first time it was met.
    recognized: Mutex<BTreeMap<&'static str, String>>,
}

impl Progress {
    /// A bar when standard error is a terminal and `quiet` is not asked for.
    pub fn new(quiet: bool) -> Self {
        let bar = if quiet || !std::io::stderr().is_terminal() { ProgressBar::hidden() } else { ProgressBar::new(0) };
        let template = "reading  {bar:16}  {percent:>3}%  {bytes} of {total_bytes}  {msg}  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏░"));
        }
        bar.enable_steady_tick(Duration::from_millis(200));
        Self { bar, messages: AtomicU64::new(0), recognized: Mutex::default() }
    }

    pub fn expect_bytes(&self, bytes: u64) {
        self.bar.inc_length(bytes);
    }

    pub fn read_bytes(&self, bytes: u64) {
        self.bar.inc(bytes);
    }

    /// Storing is the smaller part of the work and not shown of its own; it keeps the bar alive.
    pub fn stored_bytes(&self, _bytes: u64) {
        self.bar.tick();
    }

    pub fn messages(&self, count: u64) {
        let messages = self.messages.fetch_add(count, Ordering::Relaxed) + count;
        if !self.bar.is_hidden() {
            let rate = messages as f64 / self.bar.elapsed().as_secs_f64().max(0.001);
            self.bar.set_message(format!("{rate:.0} msg/s"));
        }
    }

    pub fn file(&self, _path: &str) {}

    /// The first file of a format says aloud what it was taken for.
    pub fn recognized(&self, path: &str, format: &'static str, reason: &str) {
        let mut recognized = self.recognized.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        recognized.entry(format).or_insert_with(|| format!("\"{path}\": {reason}"));
    }

    /// The formats met, each with one file and the reason.
    pub fn recognized_formats(&self) -> Vec<(&'static str, String)> {
        let recognized = self.recognized.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        recognized.iter().map(|(format, reason)| (*format, reason.clone())).collect()
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
