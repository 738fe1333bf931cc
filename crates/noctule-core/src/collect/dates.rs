//! Reading the dates that people's tables and exports contain.
//!
//! A date with a zone, or a Unix time, is precise. A date without a zone is read in the zone the user gave and
//! marked imprecise, and so is a bare day. Where clocks were set forward, a time inside the gap is moved behind
//! it; where they were set back, the earlier of the two readings is taken. Neither is an error.
//!
//! Dates of forums, in the languages of their boards and relative to when a page was captured, are in [`local`]. Left
//! to others: the question whether a date is plausible.

pub mod local;
mod words;

use jiff::civil;
use jiff::tz::TimeZone;

use crate::model::{Micros, PostedAt};

/// Which number of `03/04/2021` is the day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum DayOrder {
    #[default]
    DayFirst,
    MonthFirst,
}

/// What the values of a column say about the order of day and month.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OrderFound {
    /// No value is written with slashes or dashes and the year last.
    NotNeeded,
    /// A value with a number above 12 decided.
    Decided(DayOrder),
    /// Every value can be read both ways.
    Ambiguous,
}

/// Finds out the order by the first value that can be read one way only.
pub fn day_order<'a>(values: impl Iterator<Item = &'a str>) -> OrderFound {
    let mut found = OrderFound::NotNeeded;
    for value in values {
        let tokens = Tokens::of(value.trim());
        if let [
            Token::Number(first),
            Token::Mark(mark @ (b'/' | b'-')),
            Token::Number(second),
            Token::Mark(again),
            Token::Number(_),
            ..,
        ] = tokens.as_slice()
            && mark == again
            && first.len() <= 2
        {
            match (number(first), number(second)) {
                (13..=31, 1..=12) => return OrderFound::Decided(DayOrder::DayFirst),
                (1..=12, 13..=31) => return OrderFound::Decided(DayOrder::MonthFirst),
                _ => found = OrderFound::Ambiguous,
            }
        }
    }
    found
}

/// Reads a date as written in a table: a Unix time in seconds, milliseconds, microseconds or nanoseconds (by its
/// size), RFC 3339, RFC 2822, `2021-10-14 21:07`, `14.10.2021 21:07`, `14 Oct 2021`, `Oct 14, 2021 9:07 PM`,
/// `20211014`. `None` when it is none of these or not in the calendar.
pub fn parse(text: &str, zone: &TimeZone, order: DayOrder) -> Option<PostedAt> {
    let text = text.trim();
    if text.is_empty() || text.len() > 64 {
        return None;
    }
    iso(text, zone).or_else(|| unix(text)).or_else(|| calendar(text, zone, order))
}

/// Reads `2023-01-31T12:34:56`, as Telegram Desktop writes it, and nothing else.
pub fn parse_local(text: &str, zone: &TimeZone) -> Option<PostedAt> {
    (text.len() == 19).then(|| iso(text, zone))?
}

/// The short way for the commonest form, `2021-10-14T21:07:00` with or without fraction and zone. `None` says only
/// that it is another form.
fn iso(text: &str, zone: &TimeZone) -> Option<PostedAt> {
    let (moment, rest) = text.as_bytes().split_at_checked(19)?;
    let mut fields = [0u32; 6];
    for (field, (start, length)) in fields.iter_mut().zip([(0, 4), (5, 2), (8, 2), (11, 2), (14, 2), (17, 2)]) {
        for digit in &moment[start..start + length] {
            if !digit.is_ascii_digit() {
                return None;
            }
            *field = *field * 10 + u32::from(digit - b'0');
        }
    }
    let [year, month, day, hour, minute, second] = fields;
    if [moment[4], moment[7], moment[13], moment[16]] != *b"--::" || !matches!(moment[10], b'T' | b' ') {
        return None;
    }
    let (nanos, rest) = match rest {
        [b'.', fraction @ ..] => {
            let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
            let micros = fraction_micros(std::str::from_utf8(&fraction[..digits]).ok()?);
            (micros as i32 * 1000, &fraction[digits..])
        }
        _ => (0, rest),
    };
    let date = civil::Date::new(year as i16, month as i8, day as i8).ok()?;
    let time = civil::Time::new(hour as i8, minute as i8, second as i8, nanos).ok()?;
    match rest {
        b"" => in_zone(date.to_datetime(time), zone),
        b"Z" | b"+00:00" => {
            let at = jiff::tz::Offset::UTC.to_timestamp(date.to_datetime(time)).ok()?;
            within_calendar(i128::from(at.as_microsecond()))
        }
        _ => None,
    }
}

/// A Unix time in whole seconds.
pub fn parse_unix_secs(text: &str) -> Option<PostedAt> {
    let secs: i64 = text.parse().ok()?;
    within_calendar(i128::from(secs) * 1_000_000)
}

fn unix(text: &str) -> Option<PostedAt> {
    if !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b'-' | b'+' | b'e' | b'E')) {
        return None;
    }
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (text, ""),
    };
    if let Ok(value) = whole.parse::<i64>()
        && fraction.bytes().all(|b| b.is_ascii_digit())
    {
        // Eight digits that are a day of our time are a day, not a second of August 1970; four are a year.
        if fraction.is_empty() && (text.len() == 4 || (text.len() == 8 && day_of_digits(text).is_some())) {
            return None;
        }
        let value = i128::from(value);
        return within_calendar(match value.unsigned_abs() {
            0..100_000_000_000 => {
                let micros = i128::from(fraction_micros(fraction));
                value * 1_000_000 + if whole.starts_with('-') { -micros } else { micros }
            }
            100_000_000_000..100_000_000_000_000 => value * 1000,
            100_000_000_000_000..100_000_000_000_000_000 => value,
            _ => value / 1000,
        });
    }
    // `1.634245627e9`, as some writers of data frames leave it.
    let value: f64 = text.contains(['e', 'E']).then(|| text.parse().ok())??;
    let secs = if value.abs() < 1e11 { value } else { value / 1000.0 };
    (secs.abs() < 1e12).then(|| within_calendar((secs * 1e6) as i128))?
}

/// The years 1 to 9999, so that every date we let in can be written as RFC 3339.
fn within_calendar(micros: i128) -> Option<PostedAt> {
    const FIRST: i128 = -62_135_596_800_000_000;
    const LAST: i128 = 253_402_300_799_999_999;
    let at = i64::try_from(micros).ok().filter(|_| (FIRST..=LAST).contains(&micros))?;
    Some(PostedAt { at: Micros(at), precise: true })
}

fn in_zone(time: civil::DateTime, zone: &TimeZone) -> Option<PostedAt> {
    let timestamp = zone.to_ambiguous_timestamp(time).compatible().ok()?;
    let found = within_calendar(i128::from(timestamp.as_microsecond()))?;
    Some(PostedAt { precise: false, ..found })
}

fn calendar(text: &str, zone: &TimeZone, order: DayOrder) -> Option<PostedAt> {
    if text.len() == 8
        && let Some(date) = day_of_digits(text)
    {
        return in_zone(date.at(0, 0, 0, 0), zone);
    }
    let tokens = Tokens::of(text);
    let mut rest = tokens.as_slice();
    if let [Token::Word(word), more @ ..] = rest
        && weekday(word)
    {
        rest = strip_marks(more);
    }
    let (date, mut rest) = read_date(rest, order)?;
    rest = strip_marks(rest);
    if let [Token::Word(word), more @ ..] = rest
        && ["t", "at", "в", "um", "à"].contains(&word.to_lowercase().as_str())
    {
        rest = more;
    }
    if rest.is_empty() {
        return in_zone(date.at(0, 0, 0, 0), zone);
    }
    let (time, rest) = read_time(rest)?;
    let moment = date.to_datetime(time);
    match read_offset(rest)? {
        None => in_zone(moment, zone),
        Some(offset_secs) => {
            let utc = TimeZone::UTC.to_ambiguous_timestamp(moment).compatible().ok()?;
            within_calendar(i128::from(utc.as_microsecond()) - i128::from(offset_secs) * 1_000_000)
        }
    }
}

fn read_date<'t, 'a>(tokens: &'t [Token<'a>], order: DayOrder) -> Option<(civil::Date, &'t [Token<'a>])> {
    use Token::{Mark, Number, Word};
    match tokens {
        [Number(a), Mark(mark @ (b'-' | b'/' | b'.')), Number(b), Mark(again), Number(c), rest @ ..]
            if mark == again =>
        {
            let (year, month, day) = match (a.len(), *mark, order) {
                (4, ..) => (a, b, c),
                (1 | 2, b'.', _) | (1 | 2, _, DayOrder::DayFirst) => (c, b, a),
                (1 | 2, _, DayOrder::MonthFirst) => (c, a, b),
                _ => return None,
            };
            // A value that contradicts the order of its column can still be read one way only.
            let (month, day) =
                if number(month) > 12 && *mark != b'.' && a.len() < 4 { (day, month) } else { (month, day) };
            Some((date(year, number(month), day)?, rest))
        }
        [Number(day), Word(name), rest @ ..] | [Number(day), Mark(b'-' | b'.'), Word(name), rest @ ..]
            if day.len() <= 2 =>
        {
            let (Number(year), rest) = strip_marks(rest).split_first()? else {
                return None;
            };
            Some((date(year, month_by_name(name)?, day)?, rest))
        }
        [Word(name), rest @ ..] => {
            let (Number(day), rest) = strip_marks(rest).split_first()? else {
                return None;
            };
            let rest = match rest {
                [Word("st" | "nd" | "rd" | "th"), rest @ ..] => rest,
                _ => rest,
            };
            let (Number(year), rest) = strip_marks(rest).split_first()? else {
                return None;
            };
            Some((date(year, month_by_name(name)?, day)?, rest))
        }
        _ => None,
    }
}

fn date(year: &str, month: u32, day: &str) -> Option<civil::Date> {
    let year = match year.len() {
        4 => number(year),
        2 => 2000 + number(year),
        _ => return None,
    };
    if day.len() > 2 {
        return None;
    }
    civil::Date::new(year as i16, i8::try_from(month).ok()?, number(day) as i8).ok()
}

fn day_of_digits(text: &str) -> Option<civil::Date> {
    if !text.bytes().all(|b| b.is_ascii_digit()) || !(1990..2100).contains(&number(&text[..4])) {
        return None;
    }
    date(&text[..4], number(&text[4..6]), &text[6..])
}

fn read_time<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<(civil::Time, &'t [Token<'a>])> {
    use Token::{Mark, Number, Word};
    let [Number(hour), Mark(b':'), Number(minute), rest @ ..] = tokens else {
        return None;
    };
    let (second, rest) = match rest {
        [Mark(b':'), Number(second), rest @ ..] => (*second, rest),
        _ => ("0", rest),
    };
    let (fraction, rest) = match rest {
        [Mark(b'.' | b','), Number(fraction), rest @ ..] => (*fraction, rest),
        _ => ("", rest),
    };
    if hour.len() > 2 || minute.len() > 2 || second.len() > 2 {
        return None;
    }
    let (hour, rest) = match (number(hour), rest) {
        (hour @ 1..=12, [Word(half), rest @ ..]) if half.eq_ignore_ascii_case("am") => (hour % 12, rest),
        (hour @ 1..=12, [Word(half), rest @ ..]) if half.eq_ignore_ascii_case("pm") => (hour % 12 + 12, rest),
        (hour, rest) => (hour, rest),
    };
    // A leap second is read as the second before it.
    let second = number(second).min(if second == "60" { 59 } else { u32::MAX });
    let nanos = fraction_micros(fraction) as i32 * 1000;
    let time = civil::Time::new(hour as i8, number(minute) as i8, i8::try_from(second).ok()?, nanos).ok()?;
    Some((time, rest))
}

/// The rest of a date: nothing, or an offset from UTC in seconds. `None` when it is something else.
fn read_offset(tokens: &[Token<'_>]) -> Option<Option<i64>> {
    use Token::{Mark, Number, Word};
    let digits = |text: &str| i64::from(number(text));
    match tokens {
        [] => Some(None),
        [Word(name)] => match name.to_ascii_uppercase().as_str() {
            "Z" | "UTC" | "GMT" => Some(Some(0)),
            "MSK" => Some(Some(3 * 3600)),
            _ => None,
        },
        [Word("UTC" | "GMT"), rest @ ..] if !rest.is_empty() => read_offset(rest),
        [Mark(sign @ (b'+' | b'-')), rest @ ..] => {
            let (hours, minutes) = match rest {
                [Number(both)] if both.len() == 4 => (digits(&both[..2]), digits(&both[2..])),
                [Number(hours)] if hours.len() <= 2 => (digits(hours), 0),
                [Number(hours), Mark(b':'), Number(minutes)] if hours.len() <= 2 && minutes.len() == 2 => {
                    (digits(hours), digits(minutes))
                }
                _ => return None,
            };
            let secs = hours * 3600 + minutes * 60;
            (secs <= 18 * 3600).then_some(Some(if *sign == b'-' { -secs } else { secs }))
        }
        _ => None,
    }
}

fn strip_marks<'t, 'a>(mut tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    while let [Token::Mark(b',' | b'.' | b'-'), rest @ ..] = tokens {
        tokens = rest;
    }
    tokens
}

fn weekday(word: &str) -> bool {
    let word = word.to_lowercase();
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().any(|day| word.starts_with(day))
        || ["пн", "вт", "ср", "чт", "пт", "сб", "вс"].contains(&word.as_str())
}

fn month_by_name(name: &str) -> Option<u32> {
    const MONTHS: [[&str; 2]; 12] = [
        ["jan", "янв"],
        ["feb", "фев"],
        ["mar", "мар"],
        ["apr", "апр"],
        ["may", "ма"],
        ["jun", "июн"],
        ["jul", "июл"],
        ["aug", "авг"],
        ["sep", "сен"],
        ["oct", "окт"],
        ["nov", "ноя"],
        ["dec", "дек"],
    ];
    let name = name.to_lowercase();
    let at = MONTHS.iter().position(|starts| starts.iter().any(|start| name.starts_with(start)))?;
    Some(at as u32 + 1)
}

/// At most nine digits count; longer numbers are in no date.
fn number(digits: &str) -> u32 {
    if digits.len() > 9 { u32::MAX } else { digits.parse().unwrap_or(u32::MAX) }
}

/// The digits behind a decimal point as microseconds; finer ones are cut.
fn fraction_micros(digits: &str) -> u32 {
    let mut micros = 0;
    for at in 0..6 {
        micros = micros * 10 + digits.as_bytes().get(at).map_or(0, |digit| u32::from(digit - b'0'));
    }
    micros
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Token<'a> {
    Number(&'a str),
    Word(&'a str),
    Mark(u8),
}

/// The numbers, words and marks of a text; white space only separates.
struct Tokens;

impl Tokens {
    fn of(text: &str) -> Vec<Token<'_>> {
        let mut tokens = Vec::new();
        let mut rest = text.get(..64).unwrap_or(text);
        while let Some(first) = rest.chars().next() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let length = if digits > 0 {
                tokens.push(Token::Number(&rest[..digits]));
                digits
            } else if first.is_alphabetic() {
                let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
                tokens.push(Token::Word(&rest[..letters]));
                letters
            } else {
                if !first.is_whitespace() {
                    // A letter outside ASCII that is no letter is a mark that no date has.
                    tokens.push(Token::Mark(u8::try_from(first).unwrap_or(0)));
                }
                first.len_utf8()
            };
            rest = &rest[length..];
        }
        tokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3339, and `~` before it when the date is imprecise.
    fn shown(found: Option<PostedAt>) -> String {
        found.map_or("none".into(), |found| {
            let at = jiff::Timestamp::from_microsecond(found.at.0).unwrap();
            format!("{}{at}", if found.precise { "" } else { "~" })
        })
    }

    fn utc(text: &str) -> String {
        shown(parse(text, &TimeZone::UTC, DayOrder::DayFirst))
    }

    #[test]
    fn the_same_moment_in_many_hands() {
        for text in [
            "2021-10-14T21:07:00Z",
            "2021-10-14 21:07:00+00:00",
            "2021-10-15T00:07:00+03:00",
            "2021-10-14 21:07 UTC",
            "2021-10-14T16:07:00-0500",
            "Thu, 14 Oct 2021 21:07:00 +0000",
            "1634245620",
            "1634245620.0",
            "1634245620000",
            "1634245620000000",
            "1.63424562e9",
            "15.10.2021 00:07 MSK",
        ] {
            assert_eq!(utc(text), "2021-10-14T21:07:00Z", "{text}");
        }
        for text in [
            "2021-10-14T21:07:00",
            "2021-10-14 21:07",
            "2021/10/14 21:07:00.000",
            "14.10.2021 21:07",
            "14.10.2021, 21:07:00",
            "14/10/2021 21:07",
            "10/14/2021 9:07 PM",
            "14-10-21 21:07",
            "Oct 14, 2021 9:07 pm",
            "14 октября 2021 в 21:07",
            "Thursday, October 14th, 2021 at 9:07 PM",
            "14-Oct-2021 21:07",
        ] {
            assert_eq!(utc(text), "~2021-10-14T21:07:00Z", "{text}");
        }
    }

    #[test]
    fn a_day_is_imprecise() {
        for text in ["2021-10-14", "14.10.2021", "20211014", "14 Oct 2021"] {
            assert_eq!(utc(text), "~2021-10-14T00:00:00Z", "{text}");
        }
    }

    #[test]
    fn fractions_are_kept_to_the_microsecond() {
        assert_eq!(utc("2021-10-14 21:07:00.1234567Z"), "2021-10-14T21:07:00.123456Z");
        assert_eq!(utc("1634245620.5"), "2021-10-14T21:07:00.5Z");
        assert_eq!(utc("-0.5"), "1969-12-31T23:59:59.5Z");
    }

    #[test]
    fn no_date() {
        for text in [
            "",
            "yesterday",
            "2021",
            "2021-13-01",
            "31.02.2021",
            "2021-10-14 25:00",
            "2021-10-14 21:07 XYZ",
            "14.10.2021 sold",
            "1e300",
            "99999999999999999999999",
            "١٤/١٠/٢٠٢١",
            "€€€€€€€€€€€€€€€€€€€€€€€",
            "12:30",
        ] {
            assert_eq!(utc(text), "none", "{text}");
        }
    }

    #[test]
    fn clocks_set_forward_and_back() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let berlin = |text| shown(parse(text, &zone, DayOrder::DayFirst));
        assert_eq!(berlin("2021-03-28 02:30"), "~2021-03-28T01:30:00Z");
        assert_eq!(berlin("2021-10-31 02:30"), "~2021-10-31T00:30:00Z");
        assert_eq!(shown(parse_local("2021-10-31T02:30:00", &zone)), "~2021-10-31T00:30:00Z");
    }

    #[test]
    fn the_first_unambiguous_value_decides_the_order() {
        use OrderFound::{Ambiguous, Decided, NotNeeded};
        assert_eq!(day_order(["03/04/2021", "14/10/2021"].into_iter()), Decided(DayOrder::DayFirst));
        assert_eq!(day_order(["03/04/2021", "10/14/2021"].into_iter()), Decided(DayOrder::MonthFirst));
        assert_eq!(day_order(["03/04/2021"].into_iter()), Ambiguous);
        assert_eq!(day_order(["03.04.2021", "2021-04-03"].into_iter()), NotNeeded);
        assert_eq!(shown(parse("03/04/2021", &TimeZone::UTC, DayOrder::MonthFirst)), "~2021-03-04T00:00:00Z");
    }
}
