//! Days, months and the window of a study, all UTC.

use std::fmt;
use std::ops::RangeInclusive;

/// A day as a number: 0 is 1970-01-01.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Day(pub i32);

/// The first plausible day, 2000-01-01.
pub const FIRST_DAY: Day = Day(10_957);
/// The last day that a [`super::facts::Fact`] can hold, 2106-02-07 (until 06:28:15).
pub const LAST_DAY: Day = Day(49_710);

impl Day {
    pub fn of(secs: u32) -> Self {
        Self((secs / 86_400) as i32)
    }

    /// Reads `2021-07-31`; `None` for anything that is not a day of the calendar.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let number = |range: std::ops::Range<usize>| {
            let digits = &bytes[range];
            let all = digits.iter().all(u8::is_ascii_digit);
            all.then(|| digits.iter().fold(0, |n, d| n * 10 + i32::from(d - b'0')))
        };
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        if !(1..=12).contains(&month) {
            return None;
        }
        let month = Month::new(year, month);
        let read = Self(month.first().0 + day - 1);
        (day >= 1 && read <= month.last()).then_some(read)
    }

    /// Year, month and day of the Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms").
    pub fn civil(self) -> (i32, i32, i32) {
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted + 2) / 5 + 1;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        (year_of_era + era * 400 + i32::from(month <= 2), month, day)
    }

    pub fn month(self) -> Month {
        let (year, month, _) = self.civil();
        Month::new(year, month)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// A month, numbered from January of the year 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Month(pub i32);

impl Month {
    /// `month` from 1 to 12.
    pub fn new(year: i32, month: i32) -> Self {
        Self(year * 12 + month - 1)
    }

    pub fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// From 1 to 12.
    pub fn number(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }

    /// From 1 to 4.
    pub fn quarter(self) -> i32 {
        self.0.rem_euclid(12) / 3 + 1
    }

    pub fn first(self) -> Day {
        // The inverse of `Day::civil`, for the first of the month.
        let shifted_year = if self.number() <= 2 { self.year() - 1 } else { self.year() };
        let era = shifted_year.div_euclid(400);
        let year_of_era = shifted_year.rem_euclid(400);
        let day_of_year = (153 * ((self.number() + 9) % 12) + 2) / 5;
        Day(era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468)
    }

    pub fn last(self) -> Day {
        Day(Self(self.0 + 1).first().0 - 1)
    }

    /// `July 2021`.
    pub fn words(self) -> String {
        const NAMES: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        format!("{} {}", NAMES[self.0.rem_euclid(12) as usize], self.year())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

/// The days of a study, first and last included.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Window {
    pub from: Day,
    pub to: Day,
}

impl Window {
    /// What the user asked for, and for what they left open the whole months of the messages (seconds since 1970).
    /// `None` when neither says anything, or when the end is before the start.
    pub fn choose(from: Option<Day>, to: Option<Day>, messages: Option<RangeInclusive<u32>>) -> Option<Self> {
        let seen = messages.map(|m| (Day::of(*m.start()).month().first(), Day::of(*m.end()).month().last()));
        let from = from.or(seen.map(|s| s.0)).or(to.map(|t| t.month().first()))?.clamp(FIRST_DAY, LAST_DAY);
        let to = to.or(seen.map(|s| s.1)).or(Some(from.month().last()))?.clamp(FIRST_DAY, LAST_DAY);
        (from <= to).then_some(Self { from, to })
    }

    pub fn contains(&self, secs: u32) -> bool {
        (self.from..=self.to).contains(&Day::of(secs))
    }

    /// The months it touches, ascending.
    pub fn months(&self) -> Vec<Month> {
        (self.from.month().0..=self.to.month().0).map(Month).collect()
    }

    /// Whether `month` lies in it wholly.
    pub fn covers(&self, month: Month) -> bool {
        self.from <= month.first() && month.last() <= self.to
    }

    /// `January 2020 to December 2022`, or the days where it does not cover whole months.
    pub fn words(&self) -> String {
        let (first, last) = (self.from.month(), self.to.month());
        if !self.covers(first) || !self.covers(last) {
            format!("{} to {}", self.from, self.to)
        } else if first == last {
            first.words()
        } else {
            format!("{} to {}", first.words(), last.words())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_there_and_back() {
        for (text, number) in
            [("1970-01-01", 0), ("2000-01-01", FIRST_DAY.0), ("2020-02-29", 18_321), ("2106-02-07", LAST_DAY.0)]
        {
            assert_eq!(Day::parse(text), Some(Day(number)));
            assert_eq!(Day(number).to_string(), text);
        }
        for number in FIRST_DAY.0..=LAST_DAY.0 {
            assert_eq!(Day::parse(&Day(number).to_string()), Some(Day(number)));
        }
    }

    #[test]
    fn what_is_no_day() {
        for text in [
            "",
            "2021-02-29",
            "2021-13-01",
            "2021-00-10",
            "2021-01-00",
            "2021-1-1",
            "２021-01-1",
            "2021/01/01",
            "-021-01-01",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }

    #[test]
    fn months_begin_and_end() {
        let february = Month::new(2020, 2);
        assert_eq!(
            (february.first().to_string(), february.last().to_string()),
            ("2020-02-01".into(), "2020-02-29".into())
        );
        assert_eq!(
            (february.to_string(), february.words(), february.quarter()),
            ("2020-02".into(), "February 2020".into(), 1)
        );
        assert_eq!(Month::new(2021, 12).last(), Day::parse("2021-12-31").expect("a day"));
    }

    #[test]
    fn the_window_is_whole_months_unless_asked() {
        let day = |t| Day::parse(t);
        let seen = Some(18_321 * 86_400 + 5..=18_400 * 86_400);
        let open = Window::choose(None, None, seen.clone()).expect("there are messages");
        assert_eq!((open.from, open.to), (day("2020-02-01").unwrap_or(Day(0)), day("2020-05-31").unwrap_or(Day(0))));
        assert_eq!(open.months().len(), 4);
        let asked = Window::choose(day("2020-02-10"), day("2020-02-20"), seen).expect("asked for");
        assert_eq!((asked.months().len(), asked.words().as_str()), (1, "2020-02-10 to 2020-02-20"));
        assert_eq!(Window::choose(None, None, None), None);
        assert_eq!(Window::choose(day("2021-01-02"), day("2021-01-01"), None), None);
        assert_eq!(Window::choose(None, day("2021-01-15"), None).map(|w| w.from), day("2021-01-01"));
    }
}
