//! The dates of the first messages as the file has them. Collectors give the time they understood and forget its
//! letters; so everything at the start of the file that reads as one of these times is looked for again.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use noctule_core::collect::dates::local::{self, Clock};
use noctule_core::collect::dates::{self, DayOrder};
use noctule_core::model::Micros;

/// Longer pieces of a file are no date.
const LONGEST: usize = 60;

/// For each time the shortest piece of the text that means it.
pub fn find(text: &[u8], wanted: &[Micros], zone: &TimeZone, now: Micros) -> BTreeMap<Micros, String> {
    let mut found: BTreeMap<Micros, String> = BTreeMap::new();
    if wanted.is_empty() {
        return found;
    }
    let text = String::from_utf8_lossy(text);
    let clocks = clocks(&text, zone, now);
    for piece in pieces(&text) {
        let known = [DayOrder::DayFirst, DayOrder::MonthFirst].into_iter().filter_map(|o| dates::parse(piece, zone, o));
        let on_page = clocks.iter().filter_map(|clock| local::find(piece, clock).found());
        for at in known.chain(on_page).map(|posted| posted.at).filter(|at| wanted.contains(at)) {
            let shorter = found.get(&at).is_none_or(|old| piece.len() < old.len());
            // A Unix time is what programs write beside the date that people read.
            let number = piece.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            let old_number = found.get(&at).is_some_and(|old| old.bytes().all(|byte| byte.is_ascii_digit()));
            if !found.contains_key(&at) || old_number || (shorter && !number) {
                found.insert(at, piece.to_owned());
            }
        }
    }
    found
}

/// How dates of people may be meant: in the zone given, and in the one that the page names.
fn clocks(text: &str, zone: &TimeZone, now: Micros) -> Vec<Clock> {
    let note = ["GMT", "UTC"].into_iter().find_map(|word| {
        let (before, after) = text.split_once(word)?;
        let line = before.len() - before.rfind(['<', '>', '\n']).map_or(before.len(), |at| before.len() - at - 1);
        let after = after.split(['<', '\n']).next().unwrap_or("");
        local::offset_of_note(&format!("{}{word}{after}", &before[line..]))
    });
    let zones = [Some(zone.clone()), note.map(TimeZone::fixed)];
    let clock = |(zone, order): (TimeZone, DayOrder)| Clock { zone, zone_shown: false, now: Some(now), order };
    let orders = [DayOrder::DayFirst, DayOrder::MonthFirst];
    zones.into_iter().flatten().flat_map(|zone| orders.map(|order| (zone.clone(), order))).map(clock).collect()
}

/// What stands between the marks of HTML, JSON, logs and tables; coarse pieces before fine ones.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let coarse = text.split(['<', '>', '"', '\n', '\t', '|', ';']);
    let fine = text.split(['<', '>', '"', '\n', '\t', '|', ';', ',', '[', ']', '(', ')', '{', '}', '\'', '=']);
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|number| number.len() >= 9);
    let likely = |piece: &&str| {
        (4..=LONGEST).contains(&piece.len()) && piece.bytes().any(|byte| byte.is_ascii_digit() || byte >= 0x80)
    };
    coarse.chain(fine).chain(numbers).map(str::trim).filter(likely)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, at: &str) -> Option<String> {
        let at = Micros(at.parse::<jiff::Timestamp>().expect("a time").as_microsecond());
        find(text.as_bytes(), &[at], &TimeZone::UTC, Micros(at.0 + 1)).remove(&at)
    }

    #[test]
    fn dates_are_found_in_every_kind_of_file() {
        let at = "2021-10-14T21:07:00Z";
        for (text, piece) in [
            ("id;date;text\n1;14.10.2021 21:07;a\n", "14.10.2021 21:07"),
            ("{\"date\": \"2021-10-14T21:07:00+00:00\", \"text\": \"a\"}", "2021-10-14T21:07:00+00:00"),
            ("{\"ts\": 1634245620, \"text\": \"a\"}", "1634245620"),
            ("<p>14 Oct 2021, 21:07</p>", "14 Oct 2021, 21:07"),
            ("[2021-10-14 21:07:00] bob: a", "2021-10-14 21:07:00"),
            ("<i>15.10.2021 00:07</i> All times are GMT +3", "15.10.2021 00:07"),
        ] {
            assert_eq!(found(text, at).as_deref(), Some(piece), "{text}");
        }
        assert_eq!(found("no date at all, 17 pieces", at), None);
    }

    #[test]
    fn what_people_read_goes_before_what_programs_read() {
        let text = "{\"date\": \"2021-10-14T21:07:00\", \"date_unixtime\": \"1634245620\"}";
        assert_eq!(found(text, "2021-10-14T21:07:00Z").as_deref(), Some("2021-10-14T21:07:00"));
    }
}
