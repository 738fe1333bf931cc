//! Months and civil dates in UTC. Small enough to own, so that a date costs nanoseconds.
//!
//! The day arithmetic is Howard Hinnant's `days_from_civil` and `civil_from_days`.

pub const DAY_SECS: i64 = 86_400;

/// A calendar month; ordered by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Month {
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
}

impl Month {
    pub fn plus(self, months: usize) -> Self {
        let index = self.year * 12 + self.month as i32 - 1 + months as i32;
        Self { year: index.div_euclid(12), month: index.rem_euclid(12) as u32 + 1 }
    }

    /// Months from `self` to `other`; negative when `other` is earlier.
    pub fn until(self, other: Self) -> i32 {
        (other.year - self.year) * 12 + other.month as i32 - self.month as i32
    }

    /// Unix time of the first second.
    pub fn start(self) -> i64 {
        days_from_civil(self.year, self.month, 1) * DAY_SECS
    }

    pub fn secs(self) -> i64 {
        self.plus(1).start() - self.start()
    }

    /// `2021-07`
    pub fn word(self) -> String {
        format!("{:04}-{:02}", self.year, self.month)
    }
}

pub fn days_from_civil(year: i32, month: u32, day: u32) -> i64 {
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let shifted = (i64::from(month) + 9) % 12;
    let of_year = (153 * shifted + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month, day of a number of days since 1970-01-01.
pub fn civil_from_days(days: i64) -> (i32, u32, u32) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = (of_year - (153 * shifted + 2) / 5 + 1) as u32;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
    ((year_of_era + era * 400 + i64::from(month <= 2)) as i32, month, day)
}

/// Appends `2021-07-14T21:07:00` for a Unix time, read in UTC.
pub fn push_date_time(out: &mut Vec<u8>, unix: i64) {
    let (year, month, day) = civil_from_days(unix.div_euclid(DAY_SECS));
    let secs = unix.rem_euclid(DAY_SECS) as u32;
    let mut text = *b"0000-00-00T00:00:00";
    for (at, width, value) in [
        (0, 4, year as u32),
        (5, 2, month),
        (8, 2, day),
        (11, 2, secs / 3600),
        (14, 2, secs / 60 % 60),
        (17, 2, secs % 60),
    ] {
        let mut value = value;
        for place in (at..at + width).rev() {
            text[place] = b'0' + (value % 10) as u8;
            value /= 10;
        }
    }
    out.extend_from_slice(&text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(unix: i64) -> String {
        let mut out = Vec::new();
        push_date_time(&mut out, unix);
        String::from_utf8(out).expect("digits")
    }

    #[test]
    fn known_instants() {
        assert_eq!(written(0), "1970-01-01T00:00:00");
        assert_eq!(written(1_634_245_620), "2021-10-14T21:07:00");
        assert_eq!(written(1_582_934_400), "2020-02-29T00:00:00");
    }

    #[test]
    fn days_and_civil_dates_agree() {
        for days in -800_000..800_000 {
            let (y, m, d) = civil_from_days(days);
            assert_eq!(days_from_civil(y, m, d), days);
        }
    }

    #[test]
    fn months_follow_each_other() {
        let month = Month { year: 2020, month: 1 };
        assert_eq!(month.plus(35).word(), "2022-12");
        assert_eq!(month.until(month.plus(35)), 35);
        assert_eq!(month.plus(1).secs(), 29 * DAY_SECS);
    }
}
