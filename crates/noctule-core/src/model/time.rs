//! Points in time, always UTC.

/// Microseconds since 1970-01-01T00:00:00Z; may be negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Micros(pub i64);

impl Micros {
    /// From whole seconds; saturates far outside any calendar.
    pub fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Whole seconds, rounded towards the past.
    pub fn secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }
}

/// RFC 3339 in UTC: `2021-10-14T21:07:00Z`, with a fraction only where there is one.
impl std::fmt::Display for Micros {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(time) => write!(f, "{time}"),
            // Outside the years -9999 to 9999 there is no written date.
            Err(_) => write!(f, "{}us", self.0),
        }
    }
}

/// When a message was posted, and whether the source said so with a zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PostedAt {
    pub at: Micros,
    /// False when the source gave a local time and the user's `--zone` filled in, or only a day.
    pub precise: bool,
}
