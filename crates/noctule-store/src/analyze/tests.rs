//! One small corpus by hand, degenerate corpora, and properties.

use noctule_core::model::{Medium, Value};
use noctule_core::stats::Random;

use super::facts::{DEAL, ESCROW, FORWARDED, TEXT};
use super::*;

fn source(id: &str, medium: Medium) -> SourceFact {
    SourceFact { id: id.into(), name: format!("name of {id}"), medium }
}

/// Seconds of noon on a day.
fn at(day: &str) -> u32 {
    Day::parse(day).expect("a day").0 as u32 * 86_400 + 43_200
}

/// Three months, three sources: a is there always, b reposts, c has one message.
pub(super) fn small() -> Facts {
    let both = TEXT | ESCROW | DEAL;
    Facts {
        sources: vec![
            source("a", Medium::Forum),
            source("b", Medium::TelegramChannel),
            source("c", Medium::TelegramGroup),
        ],
        rows: vec![
            // Cluster 10: a deal with escrow, first in a in January, reposted by b in January and March.
            Fact::new(10, at("2021-01-05"), 0, both),
            Fact::new(10, at("2021-01-07"), 1, both | FORWARDED),
            Fact::new(10, at("2021-03-07"), 1, both | FORWARDED),
            // Cluster 11: first without a mention, in c; the mention comes with the repost in March.
            Fact::new(11, at("2021-02-01"), 2, TEXT | DEAL),
            Fact::new(11, at("2021-03-02"), 0, both),
            // A deal without escrow, a mention without a deal, a photo, a text about the weather.
            Fact::new(12, at("2021-02-03"), 0, TEXT | DEAL),
            Fact::new(13, at("2021-03-31"), 0, TEXT | ESCROW),
            Fact::new(0, at("2021-02-10"), 0, 0),
            Fact::new(14, at("2021-02-11"), 0, TEXT),
        ],
        undated: 2,
        implausible: 1,
        skipped: 4,
        ..Facts::default()
    }
}

fn ways(raw: u64, unique: u64, fixed_panel: u64) -> Ways {
    Ways { raw, unique, fixed_panel }
}

#[test]
fn totals_by_hand() {
    let counts = Counts::of(small(), None, None);
    assert_eq!(counts.window.map(|w| w.words()).as_deref(), Some("January 2021 to March 2021"));
    assert_eq!((counts.total.messages, counts.total.unique_texts), (9, 5));
    assert_eq!((counts.active_sources(), counts.panel_sources()), (3, 1));
    assert_eq!(counts.total.escrow, ways(5, 3, 3));
    assert_eq!(counts.total.deals, ways(6, 3, 3));
    assert_eq!(counts.total.both, ways(4, 2, 2));
    assert_eq!(counts.escrow_forwarded, 2);
    let months: Vec<_> =
        counts.by_month.iter().map(|m| (m.messages, m.escrow, m.deals.unique, m.both.unique)).collect();
    assert_eq!(months, [(2, ways(2, 1, 1), 1, 1), (4, ways(0, 0, 0), 2, 1), (3, ways(3, 2, 2), 0, 0),]);
}

#[test]
fn the_window_decides_which_message_is_the_earliest() {
    let counts = Counts::of(small(), Day::parse("2021-01-06"), Day::parse("2021-03-31"));
    assert_eq!((counts.total.messages, counts.outside_window), (8, 1));
    // Cluster 10 is now first in b.
    assert_eq!(counts.by_source[1].escrow, ways(2, 1, 2 * u64::from(counts.in_panel[1])));
    assert_eq!(counts.panel_sources(), 0);
}

#[test]
fn the_answers_by_hand() {
    let study = run_all(small(), &Params::default());
    let answer = |name: &str| study.answers.iter().find(|a| a.name == name).expect("an analysis");
    let months = answer("escrow_mentions_by_month");
    let names: Vec<_> = months.columns.iter().map(|c| c.name).collect();
    assert_eq!(names, ["month", "messages", "raw", "unique", "fixed_panel"]);
    assert_eq!(
        months.rows[2],
        [Value::text("2021-03"), Value::Integer(3), Value::Integer(3), Value::Integer(2), Value::Integer(2)]
    );
    let names: Vec<_> = answer("change_points").columns.iter().map(|c| c.name).collect();
    assert_eq!(names, ["series", "month", "direction", "effect", "low", "high"]);
    assert_eq!(answer("escrow_mentions").title, "3 different texts mention an escrow agent, 5 with reposts");
    assert_eq!(months.title, "Too few mentions of an escrow agent to tell: 3 in 3 months");
}

#[test]
fn order_of_rows_and_sources_does_not_matter() {
    let mut random = Random::new(3);
    let expected = run_all(random_facts(4_000, 9), &Params::default());
    let mut facts = random_facts(4_000, 9);
    for i in (1..facts.rows.len()).rev() {
        facts.rows.swap(i, random.below(i as u64 + 1) as usize);
    }
    let sources = facts.sources.len() as u32;
    facts.sources.reverse();
    facts.rows.iter_mut().for_each(|row| row.set_source(sources - 1 - row.source()));
    assert_eq!(run_all(facts, &Params::default()), expected);
}

/// Messages of 20 sources over 36 months with a step in the middle; clusters of about two.
pub(super) fn random_facts(messages: usize, seed: u64) -> Facts {
    let mut random = Random::new(seed);
    let start = at("2020-01-01");
    let media = [Medium::Forum, Medium::TelegramChannel, Medium::TelegramGroup, Medium::Marketplace];
    let sources = (0..20).map(|i| source(&format!("s{i:02}"), media[i % 4])).collect();
    let row = |_| {
        let day = random.below(1_096) as u32;
        let late = day > 548;
        let mut flags = TEXT;
        let escrow = random.unit() < if late { 0.30 } else { 0.12 };
        flags |= if escrow { ESCROW } else { 0 };
        flags |= if random.unit() < 0.4 { DEAL } else { 0 };
        Fact::new(1 + random.below(messages as u64 / 2 + 1), start + day * 86_400, random.below(20) as u32, flags)
    };
    Facts { rows: (0..messages).map(row).collect(), sources, ..Facts::default() }
}

#[test]
fn a_planted_step_is_in_the_answers() {
    let study = run_all(random_facts(40_000, 1), &Params::default());
    let changes = study.answers.iter().find(|a| a.name == "change_points").expect("an analysis");
    assert_eq!(changes.rows.iter().filter(|r| r[0] == Value::text("escrow_raw")).count(), 1);
    assert_eq!(changes.rows[0][1..3], [Value::text("2021-07"), Value::text("up")]);
}

#[test]
fn sums_agree_whatever_the_corpus() {
    for seed in 0..20 {
        let facts = random_facts(500, seed);
        let (rows, clusters) = (facts.rows.clone(), {
            let mut all: Vec<u64> = facts.rows.iter().map(|r| r.cluster).collect();
            all.sort_unstable();
            all.dedup();
            all.len() as u64
        });
        let counts = Counts::of(facts, None, None);
        assert_eq!(counts.total.unique_texts, clusters);
        assert_eq!(counts.total.escrow.raw, rows.iter().filter(|r| r.has(ESCROW)).count() as u64);
        for sums in counts.by_month.iter().chain(&counts.by_source).chain([&counts.total]) {
            assert!(sums.both.unique <= sums.deals.unique && sums.both.raw <= sums.deals.raw);
            assert!(sums.escrow.unique <= sums.escrow.raw && sums.escrow.fixed_panel <= sums.escrow.raw);
        }
        let sum = |of: fn(&Sums) -> u64| counts.by_source.iter().map(of).sum::<u64>();
        assert_eq!(sum(|s| s.escrow.unique), counts.total.escrow.unique);
        assert_eq!(sum(|s| s.messages), counts.total.messages);
    }
}

/// Every answer says something, in rows as wide as its columns, with finite numbers.
fn check(facts: Facts, params: &Params) -> Study {
    let study = run_all(facts, params);
    for answer in &study.answers {
        assert!(
            !answer.title.is_empty() && !answer.title.contains("NaN") && !answer.title.contains("inf "),
            "{}",
            answer.title
        );
        for row in &answer.rows {
            assert_eq!(row.len(), answer.columns.len(), "{}", answer.name);
            assert!(row.iter().all(|v| !matches!(v, Value::Float(x) if !x.is_finite())), "{}", answer.name);
        }
    }
    study
}

#[test]
fn degenerate_corpora_give_true_sentences() {
    let title =
        |study: &Study, name: &str| study.answers.iter().find(|a| a.name == name).expect("an analysis").title.clone();
    let none = check(Facts::default(), &Params::default());
    assert_eq!(title(&none, "escrow_mentions"), "There is no message to count");
    assert_eq!(none.counts.window, None);

    let asked = Params { from: Day::parse("2019-01-01"), to: Day::parse("2019-12-31"), ..Params::default() };
    let empty = check(small(), &asked);
    assert_eq!(title(&empty, "escrow_mentions_by_month"), "No message lies in January 2019 to December 2019");
    assert_eq!((empty.counts.months.len(), empty.counts.outside_window), (12, 9));

    let one = Facts { rows: vec![small().rows[0]], ..small() };
    let one = check(one, &Params::default());
    assert_eq!(title(&one, "escrow_mentions"), "1 different text mentions an escrow agent; none is a repost");
    assert_eq!(title(&one, "escrow_share_of_deals"), "Too few to tell: 1 message is about a deal");
    assert_eq!(title(&one, "sources"), "The corpus has one source");

    let silent = Facts { rows: small().rows.into_iter().filter(|r| !r.has(ESCROW)).collect(), ..small() };
    assert_eq!(title(&check(silent, &Params::default()), "change_points"), "No message mentions an escrow agent");

    let rows = (0..500).map(|i| Fact::new(1, at("2021-01-01") + i * 86_400, i % 3, TEXT | ESCROW | DEAL)).collect();
    let copies = check(Facts { rows, ..small() }, &Params::default());
    assert_eq!(title(&copies, "escrow_mentions"), "1 different text mentions an escrow agent, 500 with reposts");

    let rows = (0..500).map(|i| Fact::new(u64::from(i) + 1, at("2021-01-01") + i, i % 3, TEXT | ESCROW)).collect();
    let month = check(Facts { rows, ..small() }, &Params::default());
    assert_eq!(title(&month, "change_points"), "One month is too few to tell a change of level; it takes at least six");

    let edges = Facts { rows: vec![Fact::new(1, 0, 0, TEXT), Fact::new(2, u32::MAX, 0, TEXT)], ..small() };
    let edges = check(edges, &Params::default());
    assert_eq!((edges.counts.implausible, edges.counts.total.messages), (2, 1));
}

/// A mention each day from 2020 on for 600 days, four a day from day 300 on, with two words.
fn doubling() -> Facts {
    let mut facts = Facts { sources: small().sources, ..Facts::default() };
    facts.words = vec![
        facts::Word { term: "гарант".into(), term_lang: "ru".into(), lang: "ru".into() },
        facts::Word { term: "escrow".into(), term_lang: "en".into(), lang: "en".into() },
    ];
    for day in 0..600u32 {
        for again in 0..if day < 300 { 1 } else { 4 } {
            let number = facts.rows.len() as u32;
            let fact =
                Fact::new(u64::from(number) + 1, at("2020-01-01") + day * 86_400 + again, number % 2, TEXT | ESCROW);
            facts.rows.push(fact);
            facts.mentions.push(facts::Mention { fact, word: u32::from(number.is_multiple_of(5)) });
        }
    }
    facts
}

#[test]
fn an_event_is_told_only_where_it_happened() {
    let event = |date: &str| Event { date: Day::parse(date).expect("a day"), name: date.into(), url: String::new() };
    // Day 300 is 27 October 2020; the others have nothing to do with it.
    let events = ["2020-10-27", "2020-06-01", "2021-04-01", "2020-01-10", "1999-01-01"].map(event).to_vec();
    let study = check(doubling(), &Params { events, ..Params::default() });
    let answer = study.answers.iter().find(|a| a.name == "events").expect("events were named");
    let finding = |date: &str| {
        let of = |row: &&Vec<Value>| row[0] == Value::text(date) && row[3] == Value::text("escrow_unique");
        let row = answer.rows.iter().find(of).expect("a row");
        row[4].clone()
    };
    assert_eq!(finding("2020-10-27"), Value::text("up"));
    assert_eq!(finding("2020-06-01"), Value::text("no change told"));
    assert_eq!(finding("2021-04-01"), Value::text("no change told"));
    assert_eq!(finding("2020-01-10"), Value::text("fewer than four weeks of messages on a side"));
    assert_eq!(finding("1999-01-01"), Value::text("outside the window"));
    assert_eq!(answer.title, "The level of mentions changed after 1 of 3 events tested");
    assert!(run_all(doubling(), &Params::default()).answers.iter().all(|a| a.name != "events"));
}

#[test]
fn the_words_add_up_to_the_mentions() {
    let study = check(doubling(), &Params::default());
    let sum = |name: &str, column: usize| {
        let answer = study.answers.iter().find(|a| a.name == name).expect("an analysis");
        let count = |row: &Vec<Value>| if let Value::Integer(n) = row[column] { n as u64 } else { 0 };
        answer.rows.iter().map(count).sum::<u64>()
    };
    let escrow = study.counts.total.escrow;
    assert_eq!((sum("escrow_terms", 4), sum("escrow_terms", 5)), (escrow.raw, escrow.unique));
    assert_eq!((sum("escrow_terms_by_source", 5), sum("escrow_terms_by_source", 6)), (escrow.raw, escrow.unique));
    let daily: Vec<u64> = [|w: &Ways| w.raw, |w: &Ways| w.unique, |w: &Ways| w.fixed_panel]
        .map(|of| study.counts.daily.iter().map(of).sum())
        .to_vec();
    assert_eq!(daily, [escrow.raw, escrow.unique, escrow.fixed_panel]);
    let terms = study.answers.iter().find(|a| a.name == "escrow_terms").expect("an analysis");
    assert_eq!(terms.title, "The most common of 2 words for an escrow agent makes 80.0% of the unique mentions");
}

#[test]
fn lifetimes_by_hand() {
    // Twelve months; an old source is always there. Of twelve new ones of February, six end after two months.
    let months = ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"];
    let mut facts = Facts::default();
    for number in 0..13u32 {
        facts.sources.push(source(&format!("s{number:02}"), Medium::Forum));
        for (i, month) in months.iter().enumerate() {
            let active = match number {
                0 => true,
                1..7 => (1..3).contains(&i),
                _ => i >= 1,
            };
            if active {
                facts.rows.push(Fact::new(
                    u64::from(number) * 100 + i as u64 + 1,
                    at(&format!("2021-{month}-05")),
                    number,
                    TEXT,
                ));
            }
        }
    }
    let study = check(facts, &Params::default());
    let lives = study.answers.iter().find(|a| a.name == "source_lifetimes").expect("an analysis");
    assert_eq!(lives.rows.len(), 1);
    assert_eq!(lives.rows[0][..4], [Value::Integer(2), Value::Integer(12), Value::Integer(6), Value::Float(0.5)]);
    assert_eq!(lives.title, "Half of the new sources fell silent within 2 months");
}

#[test]
fn a_corpus_of_mentions_alone_is_called_one() {
    let rows =
        (0..60).map(|i| Fact::new(i + 1, at("2021-01-01") + i as u32 * 86_400, (i % 3) as u32, TEXT | ESCROW | DEAL));
    let study = check(Facts { rows: rows.collect(), ..small() }, &Params::default());
    let answer = |name: &str| study.answers.iter().find(|a| a.name == name).expect("an analysis");
    assert_eq!(answer("escrow_share_of_deals").title, "All 60 messages about a deal mention an escrow agent");
    assert!(answer("escrow_share_of_deals").caveats.iter().any(|c| c.contains("searched for such words")));
    assert_eq!(answer("escrow_concentration").title, "The unique mentions are spread almost evenly over 3 sources");
}
