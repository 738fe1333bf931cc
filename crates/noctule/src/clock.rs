//! The one place that reads the clock; everything else gets the time as an argument.

use noctule_core::model::Micros;

/// Now, in UTC.
pub fn now() -> Micros {
    Micros(jiff::Timestamp::now().as_microsecond())
}
