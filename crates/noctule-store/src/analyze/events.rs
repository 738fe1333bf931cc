//! # What it answers
//! A8: did the level of mentions change when something happened (a forum hacked, a takedown, a payment stop)?
//!
//! # How
//! For each event of the user's list, up to 13 whole weeks before its day against up to 13 from it on, inside the days
//! that have messages: the ratio of the mean weekly mentions with an interval that knows the counts' overdispersion
//! (`noctule_core::stats::before_after`), for each way of counting. The chances are corrected for the number of events
//! after Holm (1979). Then the same ratio is taken at every other week of the window at which the event is not within
//! reach: `other_weeks` is the part of them, the event's own counted in, that moved at least as much. A change is
//! told when the corrected chance is below 5 % and, where at least ten other weeks can be compared, at most one in
//! ten of them moved as much; so a trend or a restless series does not pass for the work of an event.
//!
//! # Where it is wrong
//! After is not because of. Two events within 13 weeks of each other share weeks, and their effects cannot be told
//! apart. An effect that builds up over months, or lasts a week, is missed. Events chosen after a look at the curve
//! are found, whatever they are.

use noctule_core::model::{Answer, Chart, Column, Kind, Part, Summary, Value, Whisker};
use noctule_core::stats::before_after::{Effect, before_after, holm};

use super::words::{counted, list, percent, thousands, times, times_in_words};
use super::{Analysis, Counts, Day, Params, TOO_FEW_FOR_A_SHARE, Ways, escrow_query, no_answer};

/// Something that happened.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Event {
    pub date: Day,
    /// From the user's file.
    pub name: String,
    pub url: String,
}

/// The most weeks on each side: a quarter.
const WEEKS: i32 = 13;
/// The fewest weeks on each side that a test is worth.
const FEWEST_WEEKS: i32 = 4;
/// The fewest other weeks that say anything.
const FEWEST_OTHERS: usize = 10;
/// The part of the other weeks that may have moved as much.
const RARE: f64 = 0.10;

/// A name in the rows and the daily count behind it.
type Series = (&'static str, fn(&Ways) -> u64);

const SERIES: [Series; 3] =
    [("escrow_raw", |w| w.raw), ("escrow_unique", |w| w.unique), ("escrow_fixed_panel", |w| w.fixed_panel)];

pub struct Events;

impl Analysis for Events {
    fn name(&self) -> &'static str {
        "events"
    }

    fn about(&self) -> &'static str {
        "the level of mentions before and after events that you name with --events"
    }

    noctule_core::documented!();

    fn applies(&self, params: &Params) -> bool {
        !params.events.is_empty()
    }

    fn run(&self, counts: &Counts, params: &Params) -> Answer {
        let mut events = params.events.clone();
        events.sort();
        let tested = SERIES.map(|(name, of)| (name, test(counts, &events, of)));
        let mut rows = Vec::new();
        for (i, event) in events.iter().enumerate() {
            for (series, results) in &tested {
                rows.push(row(event, series, &results[i]));
            }
        }
        let unique = &tested[1].1;
        let mut caveats = vec![
            "After is not because of: something else may have happened in the same weeks".into(),
            "An event chosen after a look at the curve is found, whatever it was".into(),
        ];
        caveats.extend(close_events(&events));
        Answer {
            name: self.name(),
            id: "A8",
            title: title(counts, &events, unique),
            question: "Did the level of mentions change with the events named?",
            summary: summary(&events, unique),
            columns: columns(),
            rows,
            charts: vec![chart(&events, unique)],
            method: "Up to 13 weeks before the day against up to 13 from it on: the ratio of mean weekly mentions, a \
                     quasi-Poisson interval, chances after Holm for the number of events. other_weeks is the part of all \
                     other weeks of the window at which the same ratio is at least as far from 1; a change is told when the \
                     corrected chance is below 5% and that part at most 10%"
                .into(),
            caveats,
            query: escrow_query(counts),
        }
    }
}

/// Why an event has no figures, or what the figures say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Finding {
    Outside,
    TooClose,
    TooFew,
    NotTold,
    /// Surely different, and so are many other weeks.
    Restless,
    Up,
    Down,
}

impl Finding {
    fn word(self) -> &'static str {
        match self {
            Self::Outside => "outside the window",
            Self::TooClose => "fewer than four weeks of messages on a side",
            Self::TooFew => "too few mentions",
            Self::NotTold => "no change told",
            Self::Restless => "no more than at other weeks",
            Self::Up => "up",
            Self::Down => "down",
        }
    }
}

/// An event tested, or not.
struct Tested {
    finding: Finding,
    weeks: (i32, i32),
    /// Mean mentions a week.
    before: f64,
    after: f64,
    effect: Option<Effect>,
    corrected: Option<f64>,
    other_weeks: Option<f64>,
}

/// Tests every event on one series; the corrected chances need all of them.
fn test(counts: &Counts, events: &[Event], of: fn(&Ways) -> u64) -> Vec<Tested> {
    let daily: Vec<u64> = counts.daily.iter().map(of).collect();
    let mut tested: Vec<Tested> = events.iter().map(|event| one(counts, &daily, event.date)).collect();
    let chances: Vec<f64> = tested.iter().filter_map(|t| t.effect.map(|e| e.p)).collect();
    let mut corrected = holm(&chances).into_iter();
    for test in &mut tested {
        let Some(effect) = test.effect else { continue };
        test.corrected = corrected.next();
        let sure = test.corrected.is_some_and(|p| p < 0.05);
        let rare = test.other_weeks.is_none_or(|share| share <= RARE);
        test.finding = match (sure, rare) {
            (false, _) => Finding::NotTold,
            (true, false) => Finding::Restless,
            (true, true) if effect.ratio > 1.0 => Finding::Up,
            (true, true) => Finding::Down,
        };
    }
    tested
}

fn one(counts: &Counts, daily: &[u64], date: Day) -> Tested {
    let none = |finding| Tested {
        finding,
        weeks: (0, 0),
        before: 0.0,
        after: 0.0,
        effect: None,
        corrected: None,
        other_weeks: None,
    };
    let (Some(window), Some((first, last))) = (counts.window, counts.seen) else {
        return none(Finding::Outside);
    };
    if !(window.from..=window.to).contains(&date) {
        return none(Finding::Outside);
    }
    // Days as positions in `daily`; before the first and after the last message nobody was watching.
    let (from, to, at) = (first.0 - window.from.0, last.0 - window.from.0 + 1, date.0 - window.from.0);
    let weeks = (((at - from) / 7).min(WEEKS), ((to - at) / 7).min(WEEKS));
    if weeks.0 < FEWEST_WEEKS || weeks.1 < FEWEST_WEEKS {
        return none(Finding::TooClose);
    }
    let week = |start: i32| daily[start as usize..start as usize + 7].iter().sum::<u64>();
    let sides = |at: i32| -> (Vec<u64>, Vec<u64>) {
        ((1..=weeks.0).rev().map(|k| week(at - 7 * k)).collect(), (0..weeks.1).map(|k| week(at + 7 * k)).collect())
    };
    let (before, after) = sides(at);
    let sum = before.iter().chain(&after).sum::<u64>();
    let mean = |counts: &[u64]| counts.iter().sum::<u64>() as f64 / counts.len() as f64;
    let effect = before_after(&before, &after).filter(|_| sum >= TOO_FEW_FOR_A_SHARE);
    let figures = Tested { weeks, before: mean(&before), after: mean(&after), ..none(Finding::TooFew) };
    let Some(effect) = effect else { return figures };
    // The same weeks' length at every other week whose weeks the event does not part.
    let (mut others, mut as_much) = (0usize, 0usize);
    let steps = (from - at) / 7..=(to - at) / 7;
    for other in steps.filter(|k| k.abs() >= WEEKS).map(|k| at + 7 * k) {
        if other - 7 * weeks.0 < from || other + 7 * weeks.1 > to {
            continue;
        }
        let (before, after) = sides(other);
        let moved = before_after(&before, &after).map_or(0.0, |e| e.ratio.ln().abs());
        others += 1;
        as_much += usize::from(moved >= effect.ratio.ln().abs());
    }
    let other_weeks = (others >= FEWEST_OTHERS).then(|| (1 + as_much) as f64 / (1 + others) as f64);
    Tested { finding: Finding::NotTold, effect: Some(effect), other_weeks, ..figures }
}

fn columns() -> Vec<Column> {
    vec![
        Column { name: "date", unit: "date", kind: Kind::Period },
        Column { name: "event", unit: "event", kind: Kind::Text },
        Column { name: "url", unit: "source of the event", kind: Kind::Text },
        Column { name: "series", unit: "series", kind: Kind::Text },
        Column { name: "finding", unit: "finding", kind: Kind::Text },
        Column { name: "weeks_before", unit: "weeks before", kind: Kind::Count },
        Column { name: "weeks_after", unit: "weeks after", kind: Kind::Count },
        Column { name: "before", unit: "mentions a week before", kind: Kind::Number },
        Column { name: "after", unit: "mentions a week after", kind: Kind::Number },
        Column { name: "effect", unit: "level after / before", kind: Kind::Ratio },
        Column { name: "low", unit: "95% low", kind: Kind::Ratio },
        Column { name: "high", unit: "95% high", kind: Kind::Ratio },
        Column { name: "dispersion", unit: "times Poisson's variance", kind: Kind::Number },
        Column { name: "p", unit: "chance", kind: Kind::Number },
        Column { name: "p_holm", unit: "chance, corrected", kind: Kind::Number },
        Column { name: "other_weeks", unit: "other weeks that moved as much", kind: Kind::Share },
    ]
}

fn row(event: &Event, series: &str, tested: &Tested) -> Vec<Value> {
    let counted = tested.weeks.0 > 0;
    let number = |n: i32| if counted { Value::Integer(i64::from(n)) } else { Value::Null };
    let mean = |x: f64| if counted { Value::ratio(x) } else { Value::Null };
    let of = |x: Option<f64>| x.map_or(Value::Null, Value::ratio);
    let effect = tested.effect;
    vec![
        Value::text(event.date.to_string()),
        Value::text(&event.name),
        if event.url.is_empty() { Value::Null } else { Value::text(&event.url) },
        Value::text(series),
        Value::text(tested.finding.word()),
        number(tested.weeks.0),
        number(tested.weeks.1),
        mean(tested.before),
        mean(tested.after),
        of(effect.map(|e| e.ratio)),
        of(effect.map(|e| e.low)),
        of(effect.map(|e| e.high)),
        of(effect.map(|e| e.dispersion)),
        Value::share(effect.map(|e| e.p)),
        Value::share(tested.corrected),
        Value::share(tested.other_weeks),
    ]
}

/// A sentence on events that share weeks.
fn close_events(events: &[Event]) -> Option<String> {
    let close = |pair: &[Event]| pair[1].date.0 - pair[0].date.0 < 7 * WEEKS;
    let pairs: Vec<String> = events
        .windows(2)
        .filter(|pair| close(pair))
        .map(|pair| format!("{} and {}", pair[0].date, pair[1].date))
        .take(5)
        .collect();
    (!pairs.is_empty()).then(|| {
        format!("The events of {} are within 13 weeks of each other: their effects cannot be told apart", list(&pairs))
    })
}

fn title(counts: &Counts, events: &[Event], unique: &[Tested]) -> String {
    if let Some(reason) = no_answer(counts, counts.total.escrow.unique) {
        return reason;
    }
    let measured: Vec<(&Event, &Tested)> = events.iter().zip(unique).filter(|(_, t)| t.effect.is_some()).collect();
    let told: Vec<&(&Event, &Tested)> =
        measured.iter().filter(|(_, t)| matches!(t.finding, Finding::Up | Finding::Down)).collect();
    match (events, measured.as_slice(), told.as_slice()) {
        ([], ..) => "No event was named".into(),
        ([event], [], _) => format!("The event of {} cannot be tested: {}", event.date, unique[0].finding.word()),
        (_, [], _) if unique.iter().all(|t| t.finding == Finding::Outside) => {
            format!("All {} events lie outside the window", thousands(events.len() as u64))
        }
        (_, [], _) => format!("None of {} events has enough weeks or mentions around it to test", events.len()),
        ([event], _, []) => format!("No change of level can be told after the event of {}", event.date),
        (_, _, []) => {
            let events = counted(measured.len() as u64, "event", "events");
            format!("No change of level can be told after {}", events.replacen("1 event", "the one event tested", 1))
        }
        ([event], _, [(_, test)]) => {
            let effect = test.effect.map_or(1.0, |e| e.ratio);
            let verb = if effect > 1.0 { "rose" } else { "fell" };
            format!("Mentions {verb} to {} their level after the event of {}", times_in_words(effect), event.date)
        }
        _ => format!("The level of mentions changed after {} of {} events tested", told.len(), measured.len()),
    }
}

fn summary(events: &[Event], unique: &[Tested]) -> Summary {
    let largest = events
        .iter()
        .zip(unique)
        .filter(|(_, t)| matches!(t.finding, Finding::Up | Finding::Down))
        .filter_map(|(event, t)| t.effect.map(|effect| (event, effect)))
        .max_by(|a, b| a.1.ratio.ln().abs().total_cmp(&b.1.ratio.ln().abs()));
    let measured = unique.iter().filter(|t| t.effect.is_some()).count();
    let tested = format!("{measured} of {} tested", counted(events.len() as u64, "event", "events"));
    let Some((event, effect)) = largest else {
        return Summary {
            answer: vec![Part::Strong("No change".into()), Part::Plain(" of level can be told".into())],
            note: vec![Part::Plain(tested)],
            ..Summary::default()
        };
    };
    Summary {
        answer: vec![
            Part::Strong(times(effect.ratio)),
            Part::Plain(format!(" after {}, {} to {}", event.date, times(effect.low), times(effect.high))),
        ],
        note: vec![Part::Foreign(event.name.clone()), Part::Plain(format!("; {tested}"))],
        ..Summary::default()
    }
}

fn chart(events: &[Event], unique: &[Tested]) -> Chart {
    let whisker = |(event, tested): (&Event, &Tested)| {
        let effect = tested.effect?;
        let told = matches!(tested.finding, Finding::Up | Finding::Down);
        let label = event.date.to_string();
        Some(Whisker { label, value: effect.ratio, low: effect.low, high: effect.high, strong: told })
    };
    Chart::Whiskers {
        unit: format!(
            "level after over level before, unique mentions, by day of the event; bold: a change told ({} of other weeks at most moved as much)",
            percent(RARE)
        ),
        scale: Kind::Ratio,
        rows: events.iter().zip(unique).filter_map(whisker).collect(),
    }
}
