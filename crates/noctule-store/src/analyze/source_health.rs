//! # What it answers
//! Is every source still read as well as before, or has its markup drifted away from under its collector?
//!
//! # How
//! For each source: the share of messages without author and without date; for saved pages how many posts a page
//! gives (median), how many pages give none, and how many no engine's collector knew. Each share is compared with the
//! source's own history, over runs (a run is what was captured on one day, UTC) and, for authors, over months of
//! posting: at the one cut where the two sides differ most. Only a change for the worse is told.
//!
//! An alarm needs, so that chance does not ring it:
//! - 30 messages on each side, a share that rises by 20 points or more, and a difference of six standard errors of
//!   two proportions: of a thousand healthy sources with a hundred cuts each, less than one rings;
//! - for pages, five of the latest run and ten before; half the posts a page or fewer than before, where there were at
//!   least four; or 30 points more pages without a post;
//! - without any history: half of at least 30 messages without author or date; five pages and none with a post; or
//!   one page in five, and at least five, left to the generic collector while others were read by an engine's.
//!
//! # Where it is wrong
//! - Some sources have no authors by their nature (anonymous boards, leak sites): leak sites and pastes are not
//!   judged for authors, others ring once and may be ignored.
//! - A page that gives no post may be an index or a profile; many of them read like drift. Posts deleted by a forum
//!   look the same as posts no longer found.
//! - A page without new posts has no source of its own and is counted for the one that most pages of its folder
//!   belong to. A folder that mixes sites gives such pages to the largest.
//! - Everything captured on one day has no history by run. Messages are counted where they were first stored, every
//!   revision of them, inside and outside of the window.

use noctule_core::model::{Answer, Column, Kind, Medium, Micros, Part, Summary, Value};

use super::facts::{Health, HealthPart, Pages};
use super::words::{counted, list, percent, thousands};
use super::{Analysis, Counts, Params};

pub struct SourceHealth;

/// Messages on each side of a cut, and those of a share that stands alone.
const FEWEST: u64 = 30;
/// How far a share of messages must rise.
const RISE: f64 = 0.2;
/// How many standard errors.
const ERRORS: f64 = 6.0;
/// A share that is bad without any history.
const BAD: f64 = 0.5;
/// Pages of the latest run, and of all before.
const LATE_PAGES: usize = 5;
const EARLY_PAGES: usize = 10;
/// Posts a page below which half of them is nothing to tell.
const POSTS: f64 = 4.0;
/// How far the share of pages without a post must rise.
const EMPTY_RISE: f64 = 0.3;
/// The share of pages left to the generic collector.
const GENERIC: f64 = 0.2;

impl Analysis for SourceHealth {
    fn name(&self) -> &'static str {
        "source_health"
    }

    fn about(&self) -> &'static str {
        "how well each source is read: posts without author or date, pages without posts, sudden changes"
    }

    noctule_core::documented!();

    fn tells(&self, counts: &Counts) -> bool {
        counts.health.iter().any(|health| !findings(health, medium(counts, health)).is_empty())
    }

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let mut judged: Vec<(&Health, Vec<String>)> =
            counts.health.iter().map(|health| (health, findings(health, medium(counts, health)))).collect();
        judged.sort_by_key(|(health, found)| (found.is_empty(), std::cmp::Reverse(health.all.messages)));
        let row = |(health, found): &(&Health, Vec<String>)| {
            let pages = all_pages(health);
            let share = |part: u64| Value::share((health.all.messages > 0).then(|| rate(part, health.all.messages)));
            vec![
                Value::text(name(counts, health)),
                Value::text(&health.source_id),
                Value::text(medium(counts, health).word()),
                Value::count(health.all.messages),
                share(health.all.without_author),
                share(health.all.without_date),
                Value::count(pages.posts.len() as u64),
                median(&pages.posts).map_or(Value::Null, Value::ratio),
                Value::count(empty(&pages.posts)),
                Value::count(pages.generic),
                Value::text(found.join("; ")),
            ]
        };
        let bad: Vec<String> =
            judged.iter().filter(|(_, found)| !found.is_empty()).map(|(health, _)| name(counts, health)).collect();
        Answer {
            name: self.name(),
            id: "A6",
            title: title(&bad, judged.len()),
            question: "Is every source still read as well as before?",
            summary: summary(&bad, judged.first()),
            columns: vec![
                Column { name: "source", unit: "source", kind: Kind::Text },
                Column { name: "source_id", unit: "id", kind: Kind::Text },
                Column { name: "medium", unit: "medium", kind: Kind::Text },
                Column { name: "messages", unit: "messages", kind: Kind::Count },
                Column { name: "without_author", unit: "without author", kind: Kind::Share },
                Column { name: "without_date", unit: "without date", kind: Kind::Share },
                Column { name: "pages", unit: "pages", kind: Kind::Count },
                Column { name: "posts_per_page", unit: "posts a page", kind: Kind::Number },
                Column { name: "empty_pages", unit: "pages without a post", kind: Kind::Count },
                Column { name: "generic_pages", unit: "pages of no known engine", kind: Kind::Count },
                Column { name: "finding", unit: "what is wrong", kind: Kind::Text },
            ],
            rows: judged.iter().map(row).collect(),
            charts: Vec::new(),
            method: format!(
                "Each source against its own history, by run and by month of posting: a share that rises by {} or \
                 more and by {ERRORS} standard errors, with {FEWEST} messages on each side; half the posts a page",
                percent(RISE)
            ),
            caveats: vec![
                "Sources without authors by their nature ring too".into(),
                "Index pages and profiles give no posts and look like drift".into(),
                "What was read in one run has no history by run".into(),
            ],
            query: "select source_name, count(*) as messages, sum(case when author_id is null and author_name is null then 1 \
                    else 0 end) as without_author, sum(case when posted_at is null then 1 else 0 end) as without_date \
                    from messages group by source_name order by messages desc"
                .into(),
        }
    }
}

fn title(bad: &[String], all: usize) -> String {
    match bad {
        [] if all == 0 => "There is no source to judge".into(),
        [] => "Every source is read as well as before".into(),
        [one] => format!("One of {} may be read badly: {one}", counted(all as u64, "source", "sources")),
        _ => {
            let more = bad.len().saturating_sub(3);
            let mut named: Vec<String> = bad.iter().take(3).cloned().collect();
            if more > 0 {
                named.push(format!("{} more", thousands(more as u64)));
            }
            format!(
                "{} of {} may be read badly: {}",
                thousands(bad.len() as u64),
                counted(all as u64, "source", "sources"),
                list(&named)
            )
        }
    }
}

fn summary(bad: &[String], worst: Option<&(&Health, Vec<String>)>) -> Summary {
    let Some((_, found)) = worst.filter(|_| !bad.is_empty()) else {
        return Summary { answer: vec![Part::Strong("No sudden change".into())], ..Summary::default() };
    };
    Summary {
        answer: vec![Part::Strong(thousands(bad.len() as u64)), Part::Plain(" with something to look at".into())],
        note: vec![Part::Foreign(bad[0].clone()), Part::Plain(format!(": {}", found.join("; ")))],
        ..Summary::default()
    }
}

fn name(counts: &Counts, health: &Health) -> String {
    let fact = counts.sources.iter().find(|source| source.id == health.source_id);
    fact.map(|fact| fact.name.clone()).filter(|name| !name.is_empty()).unwrap_or_else(|| health.source_id.clone())
}

fn medium(counts: &Counts, health: &Health) -> Medium {
    counts.sources.iter().find(|source| source.id == health.source_id).map_or(Medium::Other, |source| source.medium)
}

fn rate(part: u64, all: u64) -> f64 {
    part as f64 / all as f64
}

/// What is wrong with a source, worst first.
fn findings(health: &Health, medium: Medium) -> Vec<String> {
    let mut found = Vec::new();
    let runs: Vec<(i64, HealthPart)> = health.runs.iter().map(|(at, (part, _))| (*at, *part)).collect();
    let run = |at: &i64| Micros(*at).to_string().chars().take(10).collect::<String>();
    pages(health, &run, &mut found);
    if !matches!(medium, Medium::LeakSite | Medium::Paste) {
        let months: Vec<_> = health.months.iter().map(|(month, part)| (*month, *part)).collect();
        let change = rise(&runs, |part| part.without_author)
            .map(|(at, before, after)| (format!("captured from {}", run(at)), before, after));
        let change = change.or_else(|| {
            rise(&months, |part| part.without_author)
                .map(|(month, before, after)| (format!("posted from {month}"), before, after))
        });
        tell("an author", change, health.all.without_author, health.all.messages, &mut found);
    }
    let change = rise(&runs, |part| part.without_date)
        .map(|(at, before, after)| (format!("captured from {}", run(at)), before, after));
    tell("a date", change, health.all.without_date, health.all.messages, &mut found);
    found
}

fn tell(what: &str, change: Option<(String, f64, f64)>, without: u64, all: u64, found: &mut Vec<String>) {
    if let Some((since, before, after)) = change {
        found.push(format!(
            "posts without {what} rose from {} to {} in what was {since}",
            percent(before),
            percent(after)
        ));
    } else if all >= FEWEST && rate(without, all) >= BAD {
        found.push(format!("{} of its posts are without {what}", percent(rate(without, all))));
    }
}

/// The cut at which a share rises most surely: what begins there, and the shares before and after.
fn rise<K>(parts: &[(K, HealthPart)], of: impl Fn(&HealthPart) -> u64) -> Option<(&K, f64, f64)> {
    let sum = |parts: &[(K, HealthPart)]| {
        parts.iter().fold((0, 0), |(n, all), (_, part)| (n + of(part), all + part.messages))
    };
    let (total, all) = sum(parts);
    let (mut before, mut before_all) = (0, 0);
    let mut best: Option<(f64, &K, f64, f64)> = None;
    for (at, (_, part)) in parts.iter().enumerate() {
        if at > 0 && before_all >= FEWEST && all - before_all >= FEWEST {
            let (low, high) = (rate(before, before_all), rate(total - before, all - before_all));
            let pooled = rate(total, all);
            let error = (pooled * (1.0 - pooled) * (1.0 / before_all as f64 + 1.0 / (all - before_all) as f64)).sqrt();
            let score = (high - low) / error;
            if high - low >= RISE && score >= ERRORS && best.as_ref().is_none_or(|best| score > best.0) {
                best = Some((score, &parts[at].0, low, high));
            }
        }
        before += of(part);
        before_all += part.messages;
    }
    best.map(|(_, at, low, high)| (at, low, high))
}

fn pages(health: &Health, run: &dyn Fn(&i64) -> String, found: &mut Vec<String>) {
    let all = all_pages(health);
    let with_pages: Vec<(&i64, &Pages)> =
        health.runs.iter().map(|(at, (_, pages))| (at, pages)).filter(|(_, pages)| !pages.posts.is_empty()).collect();
    if let [earlier @ .., (at, late)] = &with_pages[..] {
        let early: Vec<u32> = earlier.iter().flat_map(|(_, pages)| pages.posts.iter().copied()).collect();
        if early.len() >= EARLY_PAGES && late.posts.len() >= LATE_PAGES {
            let (before, after) =
                (rate(empty(&early), early.len() as u64), rate(empty(&late.posts), late.posts.len() as u64));
            let posts = |posts: &[u32]| median(&posts.iter().copied().filter(|n| *n > 0).collect::<Vec<_>>());
            if after - before >= EMPTY_RISE {
                let (before, after) = (percent(before), percent(after));
                found.push(format!("pages without a post rose from {before} to {after} in the run of {}", run(at)));
            } else if let (Some(before), Some(after)) = (posts(&early), posts(&late.posts))
                && before >= POSTS
                && after * 2.0 <= before
            {
                found.push(format!("posts a page fell from {before} to {after} in the run of {}", run(at)));
            }
            let generic: u64 = earlier.iter().map(|(_, pages)| pages.generic).sum();
            if generic == 0 && late.generic as usize * 2 >= late.posts.len() {
                found.push(format!(
                    "{} of {} pages of the run of {} are no longer known as those of its engine",
                    thousands(late.generic),
                    thousands(late.posts.len() as u64),
                    run(at)
                ));
                return;
            }
        }
    }
    let count = all.posts.len() as u64;
    if count >= LATE_PAGES as u64 && empty(&all.posts) == count {
        found.push(format!("none of its {} pages gives a post", thousands(count)));
    }
    if all.generic >= LATE_PAGES as u64 && all.generic < count && rate(all.generic, count) >= GENERIC {
        found.push(format!(
            "{} of its {} pages are of no known engine, the others are",
            thousands(all.generic),
            thousands(count)
        ));
    }
}

fn all_pages(health: &Health) -> Pages {
    let mut all = Pages::default();
    for (_, pages) in health.runs.values() {
        all.posts.extend(&pages.posts);
        all.generic += pages.generic;
    }
    all
}

fn empty(posts: &[u32]) -> u64 {
    posts.iter().filter(|n| **n == 0).count() as u64
}

fn median(posts: &[u32]) -> Option<f64> {
    let mut posts = posts.to_vec();
    posts.sort_unstable();
    let middle = posts.len() / 2;
    match posts.len() {
        0 => None,
        n if n % 2 == 1 => Some(f64::from(posts[middle])),
        _ => Some((f64::from(posts[middle - 1]) + f64::from(posts[middle])) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use noctule_core::stats::Random;

    use super::super::{Facts, Month, SourceFact};
    use super::*;

    const DAY: i64 = 86_400_000_000;

    fn part(messages: u64, without_author: u64, without_date: u64) -> HealthPart {
        HealthPart { messages, without_author, without_date }
    }

    fn of_runs(runs: &[(HealthPart, &[u32], u64)]) -> Health {
        let mut health = Health { source_id: "s".into(), ..Health::default() };
        for (day, (part, posts, generic)) in runs.iter().enumerate() {
            health.all.join(part);
            health.runs.insert(day as i64 * DAY, (*part, Pages { posts: posts.to_vec(), generic: *generic }));
        }
        health
    }

    #[track_caller]
    fn check(health: &Health, expected: &[&str]) {
        assert_eq!(findings(health, Medium::Forum), expected);
    }

    #[test]
    fn a_healthy_source_has_no_finding() {
        check(&of_runs(&[(part(500, 5, 0), &[20; 25], 0), (part(500, 8, 1), &[20; 25], 0)]), &[]);
        check(&Health::default(), &[]);
    }

    #[test]
    fn authors_and_dates_that_vanish_between_runs() {
        check(
            &of_runs(&[(part(200, 2, 0), &[], 0), (part(200, 120, 200), &[], 0)]),
            &[
                "posts without an author rose from 1.0% to 60.0% in what was captured from 1970-01-02",
                "posts without a date rose from 0% to 100% in what was captured from 1970-01-02",
            ],
        );
        // Better than before is no alarm, and a handful of messages prove nothing.
        check(&of_runs(&[(part(200, 90, 0), &[], 0), (part(200, 2, 0), &[], 0)]), &[]);
        check(&of_runs(&[(part(200, 2, 0), &[], 0), (part(20, 20, 0), &[], 0)]), &[]);
    }

    #[test]
    fn authors_that_vanish_from_a_month_on() {
        let mut health = of_runs(&[(part(400, 150, 0), &[], 0)]);
        for (month, without) in [(0, 0), (1, 2), (2, 68), (3, 80)] {
            health.months.insert(Month::new(2021, 1 + month), part(100, without, 0));
        }
        check(&health, &["posts without an author rose from 1.0% to 74.0% in what was posted from 2021-03"]);
    }

    #[test]
    fn what_is_bad_without_a_history() {
        check(&of_runs(&[(part(100, 90, 0), &[], 0)]), &["90.0% of its posts are without an author"]);
        assert_eq!(findings(&of_runs(&[(part(100, 90, 0), &[], 0)]), Medium::LeakSite), Vec::<String>::new());
        check(&of_runs(&[(part(0, 0, 0), &[0; 6], 0)]), &["none of its 6 pages gives a post"]);
        check(
            &of_runs(&[(part(300, 0, 0), &[10; 30], 9)]),
            &["9 of its 30 pages are of no known engine, the others are"],
        );
        // A forum that was always read by the generic collector is no drift.
        check(&of_runs(&[(part(300, 0, 0), &[10; 30], 30)]), &[]);
    }

    #[test]
    fn markup_that_drifts() {
        check(
            &of_runs(&[(part(240, 0, 0), &[20; 12], 0), (part(48, 0, 0), &[8; 6], 0)]),
            &["posts a page fell from 20 to 8 in the run of 1970-01-02"],
        );
        check(
            &of_runs(&[(part(240, 0, 0), &[20; 12], 0), (part(20, 0, 0), &[20, 0, 0, 0, 0, 0], 0)]),
            &["pages without a post rose from 0% to 83.3% in the run of 1970-01-02"],
        );
        check(
            &of_runs(&[(part(240, 0, 0), &[20; 12], 0), (part(120, 0, 0), &[20; 6], 6)]),
            &["6 of 6 pages of the run of 1970-01-02 are no longer known as those of its engine"],
        );
    }

    #[test]
    fn chance_rings_no_alarm() {
        let mut random = Random::new(7);
        let mut alarms = 0;
        for _ in 0..1_000 {
            let mut health = Health::default();
            let share = random.unit() * 0.45;
            for month in 0..36 {
                let messages = 5 + random.below(200);
                let without = (0..messages).filter(|_| random.unit() < share).count() as u64;
                health.months.insert(Month::new(2020, 1 + month), part(messages, without, 0));
            }
            alarms += usize::from(!findings(&health, Medium::Forum).is_empty());
        }
        assert_eq!(alarms, 0);
    }

    #[test]
    fn a_study_tells_it_only_when_something_is_wrong() {
        let facts = |health: Health| Facts {
            sources: vec![SourceFact { id: "s".into(), name: "Night Board".into(), medium: Medium::Forum }],
            health: vec![health],
            ..Facts::default()
        };
        let answers = |health: Health| super::super::run_all(facts(health), &Params::default()).answers;
        let told = answers(of_runs(&[(part(100, 90, 0), &[], 0)]));
        let told = told.iter().find(|answer| answer.name == "source_health").expect("an alarm");
        assert_eq!(told.title, "One of 1 source may be read badly: Night Board");
        assert!(answers(of_runs(&[(part(100, 0, 0), &[], 0)])).iter().all(|answer| answer.name != "source_health"));
        let counts = Counts::of(facts(of_runs(&[(part(100, 0, 0), &[], 0)])), None, None);
        let asked = SourceHealth.run(&counts, &Params::default());
        assert_eq!((asked.title.as_str(), asked.rows.len()), ("Every source is read as well as before", 1));
    }
}
