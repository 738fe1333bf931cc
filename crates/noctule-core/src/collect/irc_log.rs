//! Logs of IRC clients and bouncers.
//!
//! # What it reads
//! weechat (`2021-10-14 21:07:00<TAB>nick<TAB>text`), irssi (`21:07 <@nick> text`, with `--- Log opened` and `--- Day
//! changed` lines), ZNC and EnergyMech (`[21:07:00] <nick> text`), eggdrop (`[21:07] --- Thu Oct 14 2021`), and logs
//! with the whole date in brackets. Words and actions (`* nick waves`) are messages; joins, parts and modes are not.
//!
//! # How
//! Line by line; the place is the line. The day comes from the line itself, else from the last line that named one,
//! else from the file's name (`2021-10-14.log`, `#chan_20211014.log`). Times have no zone: they are read in the user's
//! zone and marked. Marks of rank before a nick (`@`, `+`) are dropped. The source is the file.
//!
//! # Where it is wrong
//! - Without any day, neither in lines nor in the name, messages have no date; one skip says so for the file.
//! - A clock that runs past midnight without a line that says so stays on the old day, except where it jumps back by
//!   more than twelve hours: then the next day begins.
//! - Rooms of a bouncer that share one file cannot be told apart.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::civil;
use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::lines::{Line, Lines, head_lines};
use super::out::Out;
use super::{Collector, Head, Input, Sink, file_stem};
use crate::model::{Medium, RawMessage, Reason, Source};

pub struct IrcLog;

impl Collector for IrcLog {
    fn name(&self) -> &'static str {
        "irc-log"
    }

    fn about(&self) -> &'static str {
        "IRC logs of weechat, irssi, ZNC, EnergyMech and eggdrop"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let lines = head_lines(head.bytes, head.whole, 60);
        let (mut told, mut said, mut total) = (0, 0, 0);
        for line in lines.iter().filter(|line| !line.trim().is_empty()) {
            total += 1;
            match Entry::of(line) {
                Entry::Said { .. } => said += 1,
                Entry::Day(_) | Entry::Event => told += 1,
                Entry::Other => {}
            }
        }
        // Other logs have times in brackets too; it is the nick that makes it IRC.
        let enough = said + told >= 2 && (said + told) * 10 >= total * 8 && (said > 0 || told >= 3);
        enough.then(|| format!("an IRC log: {} of the first {total} lines are words or events", said + told))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let stem = file_stem(input.path).to_owned();
        let mut reader = Reader {
            out: Out::new(sink),
            zone: input.zone,
            day: day_in_name(&stem),
            clock: None,
            undated: false,
            source: Arc::new(Source { key: format!("file:{stem}"), name: stem, medium: Medium::Irc, url: None }),
        };
        let mut lines = Lines::new(input.reader);
        let _ = reader.run(&mut lines);
        reader.out.finish("no words, only events");
    }
}

struct Reader<'s> {
    out: Out<'s>,
    zone: &'s TimeZone,
    /// The day that lines without one belong to.
    day: Option<civil::Date>,
    /// The last clock time on that day, in seconds.
    clock: Option<i32>,
    /// Whether it was said that there is no day.
    undated: bool,
    source: Arc<Source>,
}

impl Reader<'_> {
    fn run(&mut self, lines: &mut Lines<'_>) -> ControlFlow<()> {
        loop {
            let number = lines.number + 1;
            let place = || format!("line {number}");
            let line = match lines.next() {
                Some(Line::Text(line)) => line,
                Some(Line::TooLong) => {
                    self.out.skip(place(), Reason::TooLarge, "a line may have 1 MiB");
                    continue;
                }
                None => break,
            };
            match Entry::of(line) {
                Entry::Day(day) => (self.day, self.clock) = (Some(day), None),
                Entry::Event => {}
                Entry::Other if line.trim().is_empty() => {}
                Entry::Other => self.out.skip(place(), Reason::UnknownElement, "neither words nor an event of IRC"),
                Entry::Said { stamp, nick, text } => {
                    let mut message = RawMessage::new(self.source.clone(), number, text.to_owned());
                    message.author.name = Some(nick.to_owned());
                    message.posted_at = match stamp {
                        Stamp::Full(date) => dates::parse(date, self.zone, DayOrder::DayFirst),
                        Stamp::Clock(clock) => self.at(clock),
                    };
                    if message.posted_at.is_none() && !self.undated {
                        self.undated = true;
                        self.out.skip(place(), Reason::BadDate, "no line and no file name says which day this is");
                    }
                    self.out.message(message)?;
                }
            }
        }
        if let Some(error) = lines.error() {
            self.out.skip(format!("line {}", lines.number), Reason::Unreadable, error);
        }
        ControlFlow::Continue(())
    }

    fn at(&mut self, clock: &str) -> Option<crate::model::PostedAt> {
        let mut day = self.day?;
        let secs = secs_of(clock)?;
        if self.clock.is_some_and(|last| secs + 12 * 3600 < last) {
            day = day.tomorrow().ok()?;
            self.day = Some(day);
        }
        self.clock = Some(secs);
        dates::parse(&format!("{day} {clock}"), self.zone, DayOrder::DayFirst)
    }
}

fn secs_of(clock: &str) -> Option<i32> {
    let mut parts = clock.split(':').map(|part| part.parse::<i32>().ok());
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    Some(hour * 3600 + minute * 60 + second)
}

#[derive(PartialEq, Debug)]
enum Stamp<'a> {
    Full(&'a str),
    Clock(&'a str),
}

#[derive(PartialEq, Debug)]
enum Entry<'a> {
    Said {
        stamp: Stamp<'a>,
        nick: &'a str,
        text: &'a str,
    },
    /// A line that only names a day.
    Day(civil::Date),
    /// Joins, modes, topics.
    Event,
    Other,
}

impl<'a> Entry<'a> {
    fn of(line: &'a str) -> Self {
        if let Some(rest) = line.strip_prefix("--- ") {
            return day_line(rest).map_or(Self::Event, Self::Day);
        }
        let Some((stamp, rest)) = stamp(line) else {
            return Self::Other;
        };
        // weechat: columns divided by tabs.
        if let Some(columns) = rest.strip_prefix('\t') {
            let Some((nick, text)) = columns.split_once('\t') else {
                return Self::Other;
            };
            return match nick.trim() {
                "-->" | "<--" | "--" | "=!=" | "" => Self::Event,
                "*" => said(stamp, text),
                nick => Self::Said { stamp, nick: bare_nick(nick), text },
            };
        }
        let rest = rest.trim_start_matches(' ');
        if let Some(inside) = rest.strip_prefix('<')
            && let Some((nick, text)) = inside.split_once('>')
            && is_nick(bare_nick(nick))
        {
            return Self::Said { stamp, nick: bare_nick(nick), text: text.strip_prefix(' ').unwrap_or(text) };
        }
        if let Some(day) = rest.strip_prefix("--- ").and_then(day_line) {
            return Self::Day(day);
        }
        if rest.starts_with("-!-") || rest.starts_with("***") || rest.starts_with("-->") || rest.starts_with("<--") {
            return Self::Event;
        }
        match rest.strip_prefix("* ") {
            Some(action) => said(stamp, action),
            // A notice `-nick- text` is a program's more often than a person's.
            None if rest.starts_with('-') && rest[1..].contains("- ") => Self::Event,
            None => Self::Other,
        }
    }
}

/// `nick waves`
fn said<'a>(stamp: Stamp<'a>, action: &'a str) -> Entry<'a> {
    match action.split_once(' ') {
        Some((nick, text)) if is_nick(nick) => Entry::Said { stamp, nick, text },
        _ => Entry::Event,
    }
}

fn bare_nick(nick: &str) -> &str {
    nick.trim().trim_start_matches(['@', '+', '%', '&', '~', '!'])
}

fn is_nick(nick: &str) -> bool {
    !nick.is_empty() && nick.len() <= 64 && !nick.contains(char::is_whitespace)
}

/// The time at the start of a line, and what follows.
fn stamp(line: &str) -> Option<(Stamp<'_>, &str)> {
    if let Some(inside) = line.strip_prefix('[') {
        let (time, rest) = inside.split_once(']')?;
        return Some((stamp_of(time)?, rest));
    }
    let bytes = line.as_bytes();
    for length in [19, 16, 8, 5] {
        if bytes.get(length).is_some_and(|next| matches!(next, b' ' | b'\t'))
            && line.is_char_boundary(length)
            && let Some(stamp) = stamp_of(&line[..length])
        {
            return Some((stamp, &line[length..]));
        }
    }
    None
}

fn stamp_of(time: &str) -> Option<Stamp<'_>> {
    let digits_at = |places: &[usize]| places.iter().all(|at| time.as_bytes()[*at].is_ascii_digit());
    let marks = |places: &[(usize, u8)]| places.iter().all(|(at, mark)| time.as_bytes()[*at] == *mark);
    let clock = match time.len() {
        5 => digits_at(&[0, 1, 3, 4]) && marks(&[(2, b':')]),
        8 => digits_at(&[0, 1, 3, 4, 6, 7]) && marks(&[(2, b':'), (5, b':')]),
        _ => false,
    };
    if clock {
        return Some(Stamp::Clock(time));
    }
    let full = (16..=25).contains(&time.len())
        && digits_at(&[0, 1, 2, 3, 5, 6, 8, 9])
        && marks(&[(4, b'-'), (7, b'-')])
        && matches!(time.as_bytes()[10], b' ' | b'T');
    full.then_some(Stamp::Full(time))
}

/// The day in `Log opened Thu Oct 14 21:07:00 2021` and `Day changed Fri Oct 15 2021`.
fn day_line(text: &str) -> Option<civil::Date> {
    let text = text.strip_prefix("Log opened ").or(text.strip_prefix("Day changed ")).unwrap_or(text);
    let mut words = text.split_whitespace();
    let (weekday, month, day) = (words.next()?, words.next()?, words.next()?);
    if weekday.len() > 4 {
        return None;
    }
    let year = words.find(|word| word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()))?;
    let found = dates::parse(&format!("{day} {month} {year}"), &TimeZone::UTC, DayOrder::DayFirst)?;
    day_of(found)
}

fn day_of(found: crate::model::PostedAt) -> Option<civil::Date> {
    let at = jiff::Timestamp::from_microsecond(found.at.0).ok()?;
    Some(at.to_zoned(TimeZone::UTC).date())
}

/// The day in `2021-10-14`, `#chan_20211014`, `chan.2021-10-14`.
fn day_in_name(stem: &str) -> Option<civil::Date> {
    let bytes = stem.as_bytes();
    for length in [10, 8] {
        for (at, window) in bytes.windows(length).enumerate() {
            let shape = window.iter().enumerate().all(|(at, byte)| {
                if length == 10 && (at == 4 || at == 7) { *byte == b'-' } else { byte.is_ascii_digit() }
            });
            let alone = |at: Option<&u8>| at.is_none_or(|byte| !byte.is_ascii_digit());
            if shape && alone(at.checked_sub(1).and_then(|at| bytes.get(at))) && alone(bytes.get(at + length)) {
                let found = dates::parse(&stem[at..at + length], &TimeZone::UTC, DayOrder::DayFirst)?;
                return day_of(found);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_file_names() {
        for (name, day) in [
            ("2021-10-14", Some("2021-10-14")),
            ("#market_20211014", Some("2021-10-14")),
            ("irc.net.#market.2021-10-14", Some("2021-10-14")),
            ("12345678901", None),
            ("2021-13-14", None),
            ("log", None),
        ] {
            assert_eq!(day_in_name(name).map(|day| day.to_string()).as_deref(), day, "{name}");
        }
    }

    #[test]
    fn lines_of_each_client() {
        let words = |line: &str| match Entry::of(line) {
            Entry::Said { nick, text, .. } => format!("{nick}: {text}"),
            other => format!("{other:?}"),
        };
        for (line, expected) in [
            ("2021-10-14 21:07:00\t@ann\tescrow?", "ann: escrow?"),
            ("2021-10-14 21:07:00\t-->\tbob has joined", "Event"),
            ("2021-10-14 21:07:00\t *\tann waves", "ann: waves"),
            ("21:07 <@ann> escrow?", "ann: escrow?"),
            ("21:07 < ann> ", "ann: "),
            ("21:07 -!- bob [b@x.example] has joined #x", "Event"),
            ("21:07  * ann waves", "ann: waves"),
            ("[21:07:00] <ann> a <b> c", "ann: a <b> c"),
            ("[21:07:00] *** Joins: bob", "Event"),
            ("[2021-10-14 21:07:00] <ann> x", "ann: x"),
            ("--- Day changed Fri Oct 15 2021", "Day(2021-10-15)"),
            ("[00:00] --- Fri Oct 15 2021", "Day(2021-10-15)"),
            ("--- Log opened Thu Oct 14 21:07:00 2021", "Day(2021-10-14)"),
            ("--- Log closed", "Event"),
            ("21:07 prose", "Other"),
            ("я:21", "Other"),
        ] {
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
