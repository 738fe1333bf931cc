//! For tests that guard against quadratic time: the processor time of this thread, which a busy machine does not
//! change. No test asserts a speed; the bounds are far above what linear work takes.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Processor time of the calling thread; where the system does not tell, the time since the first call.
pub(crate) fn now() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat")
        .ok()
        .and_then(|line| line.split_whitespace().next()?.parse().ok());
    match told {
        Some(nanos) => Duration::from_nanos(nanos),
        None => START.get_or_init(Instant::now).elapsed(),
    }
}

/// What `work` took of the processor.
pub(crate) fn of(work: impl FnOnce()) -> Duration {
    let start = now();
    work();
    now().saturating_sub(start)
}
