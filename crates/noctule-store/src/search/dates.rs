//! Years, months and days of a query, as microseconds, UTC; and the other way round for the histogram.

use super::grammar::{Ends, Filter, ends};
use crate::analyze::{Day, Month};

const DAY: i64 = 86_400_000_000;

/// Both ends of a period; the second is the first moment after it.
pub(super) fn dates(text: &str) -> Result<Filter, String> {
    let (from, until) = match ends(text) {
        Ends::Any => (Some(i64::MIN), None),
        Ends::One(one) => period(one).map(|(from, until)| (Some(from), Some(until)))?,
        Ends::Above(one, true) => (Some(period(one)?.0), None),
        Ends::Above(one, false) => (Some(period(one)?.1), None),
        Ends::Below(one, true) => (None, Some(period(one)?.1)),
        Ends::Below(one, false) => (None, Some(period(one)?.0)),
        Ends::Between(low, high) => {
            (low.map(period).transpose()?.map(|(from, _)| from), high.map(period).transpose()?.map(|(_, until)| until))
        }
    };
    if let (Some(from), Some(until)) = (from, until)
        && from >= until
    {
        return Err(format!("\"{text}\" ends before it begins"));
    }
    Ok(Filter::Date { from, until })
}

/// A year, month or day.
fn period(text: &str) -> Result<(i64, i64), String> {
    let wrong = || format!("\"{text}\" is no year, month or day");
    let parts: Vec<&str> = text.split('-').collect();
    let number = |text: &str, digits: usize| -> Result<i64, String> {
        if text.len() == digits && text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
            .ok_or_else(wrong)
    };
    let (year, month, day) = match parts[..] {
        [year] => (number(year, 4)?, None, None),
        [year, month] => (number(year, 4)?, Some(number(month, 2)?), None),
        [year, month, day] => (number(year, 4)?, Some(number(month, 2)?), Some(number(day, 2)?)),
        _ => return Err(wrong()),
    };
    let start = |year: i64, month: i64| days(year, month, 1) * DAY;
    let Some(month) = month else {
        return Ok((start(year, 1), start(year + 1, 1)));
    };
    if !(1..=12).contains(&month) {
        return Err(format!("\"{text}\" has no month from 01 to 12"));
    }
    let next = if month == 12 { start(year + 1, 1) } else { start(year, month + 1) };
    let Some(day) = day else {
        return Ok((start(year, month), next));
    };
    let from = start(year, month) + (day - 1) * DAY;
    if day < 1 || from >= next {
        return Err(format!("\"{text}\" is no day of that month"));
    }
    Ok((from, from + DAY))
}

/// Days since 1970-01-01 of a date of the Gregorian calendar; years as far as dates are written.
pub(super) fn days(year: i64, month: i64, day: i64) -> i64 {
    i64::from(Month::new(year as i32, month as i32).first().0) + day - 1
}

/// The date of a day.
pub(super) fn date(days: i64) -> (i64, i64, i64) {
    let (year, month, day) = Day(days as i32).civil();
    (year.into(), month.into(), day.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_other_backwards() {
        assert_eq!((days(1970, 1, 1), days(2000, 2, 29), days(2021, 12, 31)), (0, 11_016, 18_992));
        for day in (-200_000..200_000).step_by(97) {
            let (year, month, date) = date(day);
            assert_eq!(days(year, month, date), day);
        }
    }

    #[test]
    fn periods_have_both_ends_in_them() {
        let range = |text: &str| match dates(text) {
            Ok(Filter::Date { from, until }) => Ok((from.map(|t| t / DAY), until.map(|t| t / DAY))),
            Ok(_) => unreachable!("only dates are read here"),
            Err(e) => Err(e),
        };
        let day = |y, m, d| Some(days(y, m, d));
        assert_eq!(range("2021"), Ok((day(2021, 1, 1), day(2022, 1, 1))));
        assert_eq!(range("2021-07..2021-12"), Ok((day(2021, 7, 1), day(2022, 1, 1))));
        assert_eq!(range("2021-02-28.."), Ok((day(2021, 2, 28), None)));
        assert_eq!(range(">2021-12"), Ok((day(2022, 1, 1), None)));
        assert_eq!(range("<=2021-12-31"), Ok((None, day(2022, 1, 1))));
        for wrong in
            ["", "x", "2021-13", "2021-02-30", "2021-7", "21", "2021-1-1", "2022..2021", "2021-01-01-01", "+021"]
        {
            let _ = range(wrong).expect_err(wrong);
        }
    }
}
