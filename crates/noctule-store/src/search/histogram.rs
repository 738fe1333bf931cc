//! Messages over time, in as many bars as a person can read.

use std::collections::BTreeMap;

use super::dates::date;

/// Bars from the first message to the last, the empty ones between them too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Histogram {
    pub unit: Unit,
    pub bars: Vec<Bar>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    Day,
    Month,
    Year,
}

impl Unit {
    pub fn word(self) -> &'static str {
        match self {
            Unit::Day => "day",
            Unit::Month => "month",
            Unit::Year => "year",
        }
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bar {
    /// The period, as `date:` takes it: `2021-07`.
    pub period: String,
    pub count: u64,
}

/// More days than this are shown by month, more months by year.
const MOST_DAYS: i64 = 62;
const MOST_MONTHS: i64 = 120;

impl Histogram {
    pub(super) fn of(counts: &BTreeMap<i64, u64>) -> Self {
        let (Some(first), Some(last)) = (counts.keys().next(), counts.keys().next_back()) else {
            return Self { unit: Unit::Day, bars: Vec::new() };
        };
        let month = |day: i64| {
            let (year, month, _) = date(day);
            year * 12 + month - 1
        };
        let (unit, place): (Unit, fn(i64) -> i64) = if last - first < MOST_DAYS {
            (Unit::Day, |day| day)
        } else if month(*last) - month(*first) < MOST_MONTHS {
            (Unit::Month, |day| date(day).0 * 12 + date(day).1 - 1)
        } else {
            (Unit::Year, |day| date(day).0)
        };
        let (first, last) = (place(*first), place(*last));
        let mut bars: Vec<Bar> = (first..=last).map(|place| Bar { period: period(unit, place), count: 0 }).collect();
        for (day, count) in counts {
            if let Some(bar) = bars.get_mut((place(*day) - first) as usize) {
                bar.count += count;
            }
        }
        Self { unit, bars }
    }
}

fn period(unit: Unit, place: i64) -> String {
    match unit {
        Unit::Day => {
            let (year, month, day) = date(place);
            format!("{year:04}-{month:02}-{day:02}")
        }
        Unit::Month => format!("{:04}-{:02}", place.div_euclid(12), place.rem_euclid(12) + 1),
        Unit::Year => format!("{place:04}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::dates::days;
    use super::*;

    fn of(dates: &[(i64, i64, i64)]) -> Histogram {
        let mut counts = BTreeMap::new();
        for (year, month, day) in dates {
            *counts.entry(days(*year, *month, *day)).or_default() += 1;
        }
        Histogram::of(&counts)
    }

    #[test]
    fn bars_are_days_months_or_years_and_none_is_missing() {
        let short = of(&[(2021, 7, 30), (2021, 8, 2), (2021, 8, 2)]);
        let bars: Vec<(&str, u64)> = short.bars.iter().map(|b| (b.period.as_str(), b.count)).collect();
        assert_eq!(bars, [("2021-07-30", 1), ("2021-07-31", 0), ("2021-08-01", 0), ("2021-08-02", 2)]);
        let long = of(&[(2020, 11, 3), (2021, 2, 28)]);
        let bars: Vec<&str> = long.bars.iter().map(|b| b.period.as_str()).collect();
        assert_eq!((long.unit, bars), (Unit::Month, vec!["2020-11", "2020-12", "2021-01", "2021-02"]));
        assert_eq!(of(&[(1999, 1, 1), (2024, 1, 1)]).bars.len(), 26);
        assert!(of(&[]).bars.is_empty());
    }
}
