//! Dates as forums write them, in the language of the board: "14 окт 2021, 21:07", "Heute um 12:01 Uhr", "5 minutes
//! ago", "昨天 10:15", "۲۲ مهر ۱۴۰۰".
//!
//! A forum's cell holds more than the date ("Posted:", "#3", "by bob"), so what is not understood is passed over: first
//! a time is looked for, then a date of numbers, then a month's name beside a number, then a word such as "yesterday".
//! A relative date counts back from when the page was captured, and is imprecise. Without that time there is no date.

use jiff::ToSpan;
use jiff::civil;
use jiff::tz::{Offset, TimeZone};

use super::words::{AGO, DAYS_AGO, DAYS_AGO_PAIRS, MONTHS, NOW, PERSIAN_MONTHS, SHORT_UNITS, UNITS, WEEKDAYS};
use super::{DayOrder, OrderFound, in_zone, within_calendar};
use crate::model::{Micros, PostedAt};

/// Longer texts are no date.
const MAX_CHARS: usize = 240;

/// How a board's dates are to be read.
#[derive(Clone, Debug)]
pub struct Clock {
    pub zone: TimeZone,
    /// The page itself says what its zone is.
    pub zone_shown: bool,
    /// When the page was made, or captured.
    pub now: Option<Micros>,
    pub order: DayOrder,
}

/// What a text says about a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Local {
    Found(PostedAt),
    /// Relative to a time that nobody told us.
    Relative,
    None,
}

impl Local {
    pub fn found(self) -> Option<PostedAt> {
        if let Self::Found(at) = self { Some(at) } else { None }
    }
}

/// Reads the first date in a text.
pub fn find(text: &str, clock: &Clock) -> Local {
    let text = plain(text);
    let tokens = tokens(&text);
    let time = read_time(&tokens);
    let used = |at: usize| time.as_ref().is_some_and(|time| time.range.contains(&at));
    let date = numeric_date(&tokens, clock.order, &used).or_else(|| named_date(&tokens, &used));
    let time_of_day = time.as_ref().map_or(civil::Time::midnight(), |time| time.at);
    if let Some(date) = date {
        let Some(day) = date.in_year_of(clock) else {
            return if clock.now.is_none() && date.year.is_none() { Local::Relative } else { Local::None };
        };
        return moment(day.to_datetime(time_of_day), time.as_ref(), &tokens, clock).map_or(Local::None, Local::Found);
    }
    relative(&text, &tokens, time_of_day, time.is_some(), clock)
}

/// Which number of `03/04/2021` is the day, by the first text that can be read one way only.
pub fn order<'a>(texts: impl Iterator<Item = &'a str>) -> OrderFound {
    let mut found = OrderFound::NotNeeded;
    let mut half_days = false;
    for text in texts {
        let text = plain(text);
        let tokens = tokens(&text);
        half_days |= tokens.iter().any(|token| matches!(token, Token::Word("am" | "pm")));
        for window in tokens.windows(5) {
            if let [
                Token::Number(a, 1..=2),
                Token::Mark(mark @ ('-' | '/')),
                Token::Number(b, 1..=2),
                Token::Mark(again),
                Token::Number(..),
            ] = window
                && mark == again
            {
                match (a, b) {
                    (13..=31, 1..=12) => return OrderFound::Decided(DayOrder::DayFirst),
                    (1..=12, 13..=31) => return OrderFound::Decided(DayOrder::MonthFirst),
                    _ => found = OrderFound::Ambiguous,
                }
            }
        }
    }
    // Who writes half days as a rule writes months first, too.
    if found == OrderFound::Ambiguous && half_days { OrderFound::Decided(DayOrder::MonthFirst) } else { found }
}

/// The offset from UTC that a note names: "All times are GMT +3", "UTC+03:00", "Часовой пояс: UTC - 5 часов".
pub fn offset_of_note(text: &str) -> Option<Offset> {
    let text = plain(text);
    let tokens = tokens(&text);
    let at = tokens.iter().position(|token| matches!(token, Token::Word("gmt" | "utc")))?;
    let secs = signed_offset(&tokens[at + 1..]).map_or(0, |(secs, _)| secs);
    Offset::from_seconds(i32::try_from(secs).ok()?).ok()
}

/// Lower case, digits of every script as ASCII, Arabic letters as Persian writes them left alone.
fn plain(text: &str) -> String {
    let digit = |c: char| match c {
        '٠'..='٩' => char::from(b'0' + (c as u32 - '٠' as u32) as u8),
        '۰'..='۹' => char::from(b'0' + (c as u32 - '۰' as u32) as u8),
        '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
        '：' => ':',
        '−' | '–' => '-',
        'ي' => 'ی',
        'ك' => 'ک',
        c => c,
    };
    text.chars()
        .take(MAX_CHARS)
        .flat_map(char::to_lowercase)
        // The dot that is left of a Turkish capital, and marks of direction.
        .filter(
            |c| !matches!(c, '\u{307}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'),
        )
        .map(digit)
        .collect()
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Token<'a> {
    /// Value and number of digits.
    Number(u32, usize),
    Word(&'a str),
    Mark(char),
}

fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let in_word =
            |c: char| c.is_alphabetic() || matches!(c, '\u{300}'..='\u{36F}' | '\u{200C}' | '\u{64B}'..='\u{65F}');
        let length = if digits > 0 {
            tokens.push(Token::Number(super::number(&rest[..digits]), digits));
            digits
        } else if in_word(first) {
            let letters = rest.find(|c: char| !in_word(c)).unwrap_or(rest.len());
            tokens.push(Token::Word(&rest[..letters]));
            letters
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Mark(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

struct Time {
    at: civil::Time,
    /// The tokens that are the time.
    range: std::ops::Range<usize>,
}

fn read_time(tokens: &[Token<'_>]) -> Option<Time> {
    use Token::{Mark, Number, Word};
    let after = |at: usize| tokens.get(at..).unwrap_or(&[]);
    for at in 0..tokens.len() {
        let (hour, minute, second, length) = match after(at) {
            [Number(hour, 1..=2), Mark(':'), Number(minute, 2), Mark(':'), Number(second, 2), ..] => {
                (*hour, *minute, *second, 5)
            }
            [Number(hour, 1..=2), Mark(':'), Number(minute, 2), ..]
            | [Number(hour, 1..=2), Word("h"), Number(minute, 2), ..] => (*hour, *minute, 0, 3),
            [Number(hour, 1..=2), Word("时" | "時" | "点" | "點"), Number(minute, 2), ..] => (*hour, *minute, 0, 3),
            // `8 a.m.`
            [Number(hour @ 1..=12, 1..=2), Word("am" | "pm"), ..]
            | [Number(hour @ 1..=12, 1..=2), Word("a" | "p"), Mark('.'), Word("m"), ..] => (*hour, 0, 0, 1),
            _ => continue,
        };
        // Half of a day, behind the time or before it.
        let (half, more) = match after(at + length) {
            [Word("am" | "öö" | "ص" | "sa"), ..] => (Some(0), 1),
            [Word("pm" | "ös" | "م" | "ch"), ..] => (Some(12), 1),
            [Word("a"), Mark('.'), Word("m"), ..] | [Word("ق"), Mark('.'), Word("ظ"), ..] => (Some(0), 3),
            [Word("p"), Mark('.'), Word("m"), ..] | [Word("ب"), Mark('.'), Word("ظ"), ..] => (Some(12), 3),
            _ => match at.checked_sub(1).map(|before| tokens[before]) {
                Some(Word(word)) if word.ends_with("上午") || word.ends_with("凌晨") => (Some(0), 0),
                Some(Word(word)) if word.ends_with("下午") || word.ends_with("晚上") => (Some(12), 0),
                _ => (None, 0),
            },
        };
        let hour = match half {
            Some(half) if hour <= 12 => hour % 12 + half,
            _ => hour,
        };
        let second = second.min(59);
        if let (Ok(hour), Ok(minute)) = (i8::try_from(hour), i8::try_from(minute))
            && let Ok(time) = civil::Time::new(hour, minute, second as i8, 0)
        {
            return Some(Time { at: time, range: at..at + length + more });
        }
    }
    None
}

#[derive(Clone, Copy, Debug)]
struct Day {
    year: Option<u32>,
    month: u32,
    day: u32,
    persian: bool,
}

impl Day {
    fn civil(self, year: u32) -> Option<civil::Date> {
        if self.persian || (1300..1500).contains(&year) {
            return persian_day(year, self.month, self.day);
        }
        let year = if year < 100 { 2000 + year } else { year };
        if !(1970..=9999).contains(&year) {
            return None;
        }
        civil::Date::new(year as i16, i8::try_from(self.month).ok()?, i8::try_from(self.day).ok()?).ok()
    }

    /// A date without a year is the last such day before the page was made.
    fn in_year_of(self, clock: &Clock) -> Option<civil::Date> {
        if let Some(year) = self.year {
            return self.civil(year);
        }
        let today = today(clock)?;
        let year = today.year() as u32;
        if self.persian {
            return [year - 621, year - 622].into_iter().filter_map(|year| self.civil(year)).find(|day| *day <= today);
        }
        let tomorrow = today.tomorrow().ok()?;
        [year, year - 1].into_iter().filter_map(|year| self.civil(year)).find(|day| *day <= tomorrow)
    }
}

fn today(clock: &Clock) -> Option<civil::Date> {
    Some(local_now(clock)?.date())
}

fn local_now(clock: &Clock) -> Option<civil::DateTime> {
    let now = jiff::Timestamp::from_microsecond(clock.now?.0).ok()?;
    Some(clock.zone.to_datetime(now))
}

fn numeric_date(tokens: &[Token<'_>], order: DayOrder, used: &dyn Fn(usize) -> bool) -> Option<Day> {
    use Token::{Mark, Number, Word};
    for (at, window) in tokens.windows(5).enumerate() {
        if used(at) || used(at + 4) {
            continue;
        }
        match *window {
            [Number(a, a_len), Mark(mark @ ('-' | '/' | '.')), Number(b, 1..=2), Mark(again), Number(c, c_len)]
                if mark == again =>
            {
                let (year, month, day) = match (a_len, c_len, mark, order) {
                    (4, 1..=2, ..) => (a, b, c),
                    (1..=2, 2 | 4, '.', _) | (1..=2, 2 | 4, _, DayOrder::DayFirst) => (c, b, a),
                    (1..=2, 2 | 4, _, DayOrder::MonthFirst) => (c, a, b),
                    _ => continue,
                };
                // What contradicts the order of the board can still be read one way only.
                let (month, day) = if month > 12 && mark != '.' && a_len < 4 { (day, month) } else { (month, day) };
                if (1..=12).contains(&month) && (1..=31).contains(&day) {
                    return Some(Day { year: Some(year), month, day, persian: false });
                }
            }
            [Number(year, 4), Word("年"), Number(month, 1..=2), Word("月"), Number(day, 1..=2)] => {
                return Some(Day { year: Some(year), month, day, persian: false });
            }
            _ => {}
        }
    }
    // `10月14日`, in the year of the page.
    tokens.windows(3).find_map(|window| match *window {
        [Number(month, 1..=2), Word("月"), Number(day, 1..=2)] => Some(Day { year: None, month, day, persian: false }),
        _ => None,
    })
}

/// A month's name beside the number of a day.
fn named_date(tokens: &[Token<'_>], used: &dyn Fn(usize) -> bool) -> Option<Day> {
    use Token::{Mark, Number, Word};
    // Between the parts of a date stand points, commas and words such as "of" and "de".
    let filler = |token: &Token<'_>| {
        matches!(
            token,
            Mark('.' | ',' | '-' | '/' | 'º' | '،' | '\'')
                | Word("de" | "del" | "of" | "st" | "nd" | "rd" | "th" | "г" | "năm" | "р" | "º" | "ª")
        )
    };
    let number_behind = |mut at: usize| {
        let limit = at + 3;
        while at < limit && tokens.get(at).is_some_and(filler) {
            at += 1;
        }
        match tokens.get(at) {
            Some(Number(value, digits)) if !used(at) => Some((at, *value, *digits)),
            _ => None,
        }
    };
    let number_before = |mut at: usize| {
        let limit = at.saturating_sub(2);
        while at > limit && tokens.get(at.wrapping_sub(1)).is_some_and(filler) {
            at -= 1;
        }
        match tokens.get(at.checked_sub(1)?) {
            Some(Number(value, digits)) if !used(at - 1) => Some((*value, *digits)),
            _ => None,
        }
    };
    for (at, token) in tokens.iter().enumerate() {
        let Word(word) = token else { continue };
        let (month, persian, behind) = if matches!(*word, "tháng" | "thg") {
            // Vietnamese months are numbers: `14 tháng 10 2021`.
            match number_behind(at + 1) {
                Some((next, month @ 1..=12, 1..=2)) => (month, false, next + 1),
                _ => continue,
            }
        } else if let Some(month) = by_prefix(MONTHS, word) {
            (month, false, at + 1)
        } else if let Some((_, month)) = PERSIAN_MONTHS.iter().find(|(name, _)| name == word) {
            (*month, true, at + 1)
        } else {
            continue;
        };
        let before = number_before(at);
        let after = number_behind(behind);
        match (before, after) {
            (Some((day @ 1..=31, 1..=2)), Some((_, year, 4))) => {
                return Some(Day { year: Some(year), month, day, persian });
            }
            (Some((year, 4)), Some((_, day @ 1..=31, 1..=2))) => {
                return Some(Day { year: Some(year), month, day, persian });
            }
            // `14-Oct-21`, but not `14 Oct 21:07`, whose 21 is used by the time.
            (Some((day @ 1..=31, 1..=2)), Some((_, year, 2))) => {
                return Some(Day { year: Some(year), month, day, persian });
            }
            (None | Some(_), Some((next, day @ 1..=31, 1..=2))) => {
                let year = number_behind(next + 1).filter(|(_, _, digits)| *digits == 4).map(|(_, year, _)| year);
                return Some(Day { year, month, day, persian });
            }
            (Some((day @ 1..=31, 1..=2)), None) => return Some(Day { year: None, month, day, persian }),
            _ => {}
        }
    }
    None
}

fn by_prefix<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table
        .iter()
        .find(|(prefix, _)| word.starts_with(prefix) && word.len() <= prefix.len() + 14)
        .map(|(_, value)| *value)
}

fn relative(text: &str, tokens: &[Token<'_>], time: civil::Time, has_time: bool, clock: &Clock) -> Local {
    use Token::{Number, Word};
    let count_back = |secs: i64| match clock.now {
        None => Local::Relative,
        Some(now) => within_calendar(i128::from(now.0) - i128::from(secs) * 1_000_000)
            .map_or(Local::None, |found| Local::Found(PostedAt { precise: false, ..found })),
    };
    let on_day = |day: Option<civil::Date>| match (clock.now, day) {
        (None, _) => Local::Relative,
        (_, None) => Local::None,
        (_, Some(day)) => in_zone(day.to_datetime(time), &clock.zone).map_or(Local::None, Local::Found),
    };
    let days_back = |days: i64| on_day(today(clock).and_then(|today| today.checked_sub(days.days()).ok()));
    let words = tokens.iter().filter_map(|token| if let Word(word) = token { Some(*word) } else { None });
    for pair in tokens.windows(2) {
        if let [Word(first), Word(second)] = pair
            && let Some((.., days)) = DAYS_AGO_PAIRS.iter().find(|(a, b, _)| a == first && b == second)
        {
            return days_back(*days);
        }
    }
    // The longest word that the text has counts: "позавчера" ends with "вчера", and is matched from its start.
    let day_word = |word: &str| {
        DAYS_AGO
            .iter()
            .find(|(name, _)| {
                word == *name || (!name.is_ascii() && name.chars().count() <= 2 && word.starts_with(name))
            })
            .map(|(_, days)| *days)
    };
    if let Some(days) = words.clone().find_map(day_word) {
        return days_back(days);
    }
    let ago = words.clone().any(|word| AGO.contains(&word) || word.ends_with('前')) || text.contains("il y a");
    if ago {
        for (at, token) in tokens.iter().enumerate() {
            let Word(word) = token else { continue };
            let number = at.checked_sub(1).and_then(|before| match tokens[before] {
                Number(value, 1..=4) => Some(i64::from(value)),
                _ => None,
            });
            let short = SHORT_UNITS.iter().find(|(name, _)| name == word).map(|(_, secs)| *secs);
            let unit = match short {
                // A single letter is a unit only right behind its number.
                Some(secs) => number.map(|_| secs),
                None if AGO.contains(word) => None,
                None => by_prefix(UNITS, word),
            };
            if let Some(secs) = unit {
                return count_back(number.unwrap_or(1) * secs);
            }
        }
    }
    if !has_time && !tokens.iter().any(|token| matches!(token, Number(..))) {
        let bare = text.trim().trim_end_matches('.');
        if NOW.contains(&bare) {
            return count_back(0);
        }
    }
    if has_time
        && let Some(day) = words
            .clone()
            .find_map(|word| WEEKDAYS.iter().rposition(|names| names.iter().any(|name| word.starts_with(name))))
    {
        let back = today(clock).map(|today| {
            let distance = (today.weekday().to_monday_zero_offset() as i64 - day as i64).rem_euclid(7);
            // Today is written as a time only, so the same weekday is a week ago.
            today.checked_sub((if distance == 0 { 7 } else { distance }).days()).ok()
        });
        return on_day(back.flatten());
    }
    Local::None
}

/// A local time becomes a point in time, by the offset written behind it or in the board's zone.
fn moment(at: civil::DateTime, time: Option<&Time>, tokens: &[Token<'_>], clock: &Clock) -> Option<PostedAt> {
    if let Some(time) = time
        && let Some(secs) = written_offset(tokens.get(time.range.end..).unwrap_or(&[]))
    {
        let utc = Offset::UTC.to_timestamp(at).ok()?;
        return within_calendar(i128::from(utc.as_microsecond()) - i128::from(secs) * 1_000_000);
    }
    let found = in_zone(at, &clock.zone)?;
    Some(PostedAt { precise: clock.zone_shown && time.is_some(), ..found })
}

fn written_offset(behind: &[Token<'_>]) -> Option<i64> {
    use Token::{Mark, Number, Word};
    match behind {
        [Word("utc" | "gmt" | "z"), rest @ ..] => Some(signed_offset(rest).map_or(0, |(secs, _)| secs)),
        [Word("msk" | "мск"), ..] => Some(3 * 3600),
        [Mark('+' | '-'), Number(_, 4), ..] | [Mark('+' | '-'), Number(_, 2), Mark(':'), Number(_, 2), ..] => {
            signed_offset(behind).map(|(secs, _)| secs)
        }
        [Mark('('), Word("utc" | "gmt"), more @ ..] => Some(signed_offset(more).map_or(0, |(secs, _)| secs)),
        _ => None,
    }
}

/// `+3`, `-0530`, `+ 03:00` in seconds, and how many tokens it takes.
fn signed_offset(tokens: &[Token<'_>]) -> Option<(i64, usize)> {
    use Token::{Mark, Number};
    let (sign, rest) = match tokens {
        [Mark('+'), rest @ ..] => (1, rest),
        [Mark('-'), rest @ ..] => (-1, rest),
        _ => return None,
    };
    let (hours, minutes, length) = match rest {
        [Number(hours, 1..=2), Mark(':'), Number(minutes, 2), ..] => (*hours, *minutes, 4),
        [Number(both, 4), ..] => (both / 100, both % 100, 2),
        [Number(hours, 1..=2), ..] => (*hours, 0, 2),
        _ => return None,
    };
    let secs = i64::from(hours) * 3600 + i64::from(minutes) * 60;
    (hours <= 15 && minutes < 60).then_some((sign * secs, length))
}

/// The day of the Persian calendar as one of ours; right from 1178 to 1633 of it.
fn persian_day(year: u32, month: u32, day: u32) -> Option<civil::Date> {
    if !(1178..=1633).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year, month, day) = (i64::from(year) + 1595, i64::from(month), i64::from(day));
    let months = if month < 7 { (month - 1) * 31 } else { (month - 7) * 30 + 186 };
    let days = -355_668 + 365 * year + year / 33 * 8 + (year % 33 + 3) / 4 + day + months;
    // `days` counts from the first day of the year 0, which is 719,528 days before 1970.
    civil::date(1970, 1, 1).checked_add((days - 719_528).days()).ok()
}

#[cfg(test)]
mod tests;
