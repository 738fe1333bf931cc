//! The cases of `fixtures/analyze/`: what messages say, line by line, and the answer that must come of it.
//!
//! A line of `facts.tsv` is `texts` different messages that say the same, one a day from `day` on; each is posted again
//! `reposts` times by the source `mirror`. A price of `100..200` is spread evenly over them. `expected.tsv` holds the
//! title and the rows; `UPDATE_EXPECT=1` writes it.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use noctule_core::model::{Agent, Medium, Party, Payer, Polarity, Value};
use noctule_core::stats::Random;

use super::facts::{DEAL, ESCROW, KINDS, Said, TEXT};
use super::*;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/analyze")
}

/// The value whose word it is; a word that is none fails the test.
fn named<T: Copy>(text: &str, all: &[T], word: fn(T) -> &'static str) -> Option<T> {
    let found = all.iter().copied().find(|value| word(*value) == text);
    assert!(found.is_some() || text.is_empty(), "unknown word {text:?}");
    found
}

fn facts(text: &str) -> Facts {
    let mut facts = Facts::default();
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().expect("a head line").split('\t').collect();
    let mut cluster = 0;
    for line in lines {
        let cells: HashMap<&str, &str> = head.iter().copied().zip(line.split('\t')).collect();
        let get = |name: &str| cells.get(name).copied().unwrap_or_default();
        let (name, medium) = get("source").split_once('/').expect("name/medium");
        let mut source = |name: &str, medium: &str| {
            let medium = Medium::from_word(medium).expect("a medium");
            let place = facts.sources.iter().position(|s| s.id == name).unwrap_or(facts.sources.len());
            if place == facts.sources.len() {
                facts.sources.push(SourceFact { id: name.into(), name: name.into(), medium });
            }
            place as u32
        };
        let (own, mirror) = (source(name, medium), source("mirror", "telegram-channel"));
        let mut flags = TEXT;
        for (name, flag) in [("deal", DEAL), ("escrow", ESCROW)] {
            flags |= if get(name) == "x" { flag } else { 0 };
        }
        let agent = named(get("agent"), &[Agent::Human, Agent::Automated, Agent::Unknown], Agent::word);
        let mut said = Said { agent: agent.unwrap_or(Agent::Unknown), ..Said::default() };
        said.kind = Said::kind_of(get("kind"));
        let polarities = [Polarity::Affirmed, Polarity::Refused, Polarity::Asked, Polarity::Reported];
        said.polarity = named(get("polarity"), &polarities, Polarity::word);
        said.payer = named(get("payer"), &[Payer::Buyer, Payer::Seller, Payer::Split], Payer::word);
        let parties = [Party::Seller, Party::Buyer, Party::Agent, Party::ThirdParty];
        said.accused = named(get("accused"), &parties, Party::word);
        said.scam = get("scam") == "x";
        if let Some((low, high)) = get("fee").split_once('-') {
            said.set_fee(low.parse().expect("a percentage"), high.parse().expect("a percentage"));
        }
        let texts: u32 = get("texts").parse().expect("a number");
        let reposts: u32 = get("reposts").parse().expect("a number");
        for text in 0..texts {
            if let Some((low, high)) = get("price").split_once("..") {
                let (low, high): (f64, f64) = (low.parse().expect("a price"), high.parse().expect("a price"));
                said.set_dollars(low + (high - low) * f64::from(text) / f64::from(texts.max(2) - 1));
            }
            cluster += 1;
            let day = Day::parse(get("day")).expect("a day").0 as u32 + text;
            for again in 0..=reposts {
                let (at, source) = (day * 86_400 + again, if again == 0 { own } else { mirror });
                let fact = Fact::new(cluster, at, source, flags);
                facts.rows.push(fact);
                if flags & (DEAL | ESCROW) != 0 || said.scam {
                    facts.deals.push(DealFact { fact, said });
                }
            }
        }
    }
    facts
}

fn expected(answer: &Answer) -> String {
    let cell = |value: &Value| match value {
        Value::Text(text) => text.clone(),
        Value::Integer(n) => n.to_string(),
        Value::Float(x) => x.to_string(),
        Value::Null => String::new(),
    };
    let names: Vec<&str> = answer.columns.iter().map(|column| column.name).collect();
    let mut lines = vec![answer.title.clone(), names.join("\t")];
    lines.extend(answer.rows.iter().map(|row| row.iter().map(cell).collect::<Vec<_>>().join("\t")));
    lines.join("\n") + "\n"
}

#[test]
fn every_case_is_answered_as_expected() {
    let mut cases = 0;
    for analysis in ANALYSES {
        let Ok(folders) = fs::read_dir(folder().join(analysis.name())) else { continue };
        for case in folders.flatten().map(|entry| entry.path()) {
            let text = fs::read_to_string(case.join("facts.tsv")).expect("a case has facts");
            let answer = analysis.run(&Counts::of(facts(&text), None, None), &Params::default());
            let (actual, path) = (expected(&answer), case.join("expected.tsv"));
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                fs::write(&path, &actual).expect("the fixtures can be written");
            }
            let wanted = fs::read_to_string(&path).unwrap_or_default();
            assert_eq!(actual, wanted, "{}", path.display());
            cases += 1;
        }
    }
    assert!(cases >= 6, "{cases} cases");
}

/// Messages of 8 sources over a year that say anything about deals, in clusters of about two.
fn random(messages: usize, seed: u64) -> Facts {
    let mut random = Random::new(seed);
    let mut facts = tests::random_facts(messages, seed);
    for row in &facts.rows {
        let one_of = |n: u64, random: &mut Random| random.below(n) as usize;
        let mut said = Said { kind: one_of(KINDS.len() as u64, &mut random) as u8, ..Said::default() };
        said.scam = random.unit() < 0.1;
        if row.has(ESCROW) {
            said.agent = [Agent::Human, Agent::Automated, Agent::Unknown][one_of(3, &mut random)];
            let polarities = [Polarity::Affirmed, Polarity::Refused, Polarity::Asked, Polarity::Reported];
            said.polarity = Some(polarities[one_of(4, &mut random)]);
            said.payer = [None, Some(Payer::Buyer), Some(Payer::Seller), Some(Payer::Split)][one_of(4, &mut random)];
            if random.unit() < 0.5 {
                let percent = random.unit() * 20.0;
                said.set_fee(percent, percent + 1.0);
            }
        }
        if said.scam {
            said.accused = [None, Some(Party::Seller), Some(Party::Buyer), Some(Party::Agent)][one_of(4, &mut random)];
        }
        if random.unit() < 0.6 {
            said.set_dollars((6.0 + 2.0 * random.normal()).exp());
        }
        if row.has(DEAL) || row.has(ESCROW) || said.scam {
            facts.deals.push(DealFact { fact: *row, said });
        }
    }
    facts
}

/// The integers of a column, of the rows that `of` chooses.
fn column(answer: &Answer, name: &str, of: impl Fn(&[Value]) -> bool) -> u64 {
    let place = answer.columns.iter().position(|column| column.name == name).expect("a column");
    let number = |row: &Vec<Value>| if let Value::Integer(n) = row[place] { n as u64 } else { 0 };
    answer.rows.iter().filter(|row| of(row)).map(number).sum()
}

#[test]
fn the_parts_add_up_to_the_totals_whatever_the_corpus() {
    for seed in 0..8 {
        let facts = random(900, seed);
        let given = facts.deals.clone();
        let counts = Counts::of(facts, None, None);
        let answer = |name: &str| {
            let analysis = ANALYSES.iter().find(|a| a.name() == name).expect("an analysis");
            analysis.run(&counts, &Params::default())
        };
        let is = |text: &'static str| move |row: &[Value]| row[0] == Value::text(text);
        let not = |text: &'static str| move |row: &[Value]| row[0] != Value::text(text);

        // The kinds make the deals of every other analysis.
        let kinds = answer("deal_kinds");
        let (deals, both) = (counts.total.deals, counts.total.both);
        for (name, total) in [
            ("raw", deals.raw),
            ("unique", deals.unique),
            ("fixed_panel", deals.fixed_panel),
            ("with_escrow", both.unique),
        ] {
            assert_eq!(column(&kinds, name, is("all")), total, "{name}");
            assert_eq!(column(&kinds, name, not("all")), total, "{name}");
        }

        let fees = answer("escrow_fees");
        let with_fee =
            |d: &&DealFact| d.fact.has(ESCROW) && d.said.polarity != Some(Polarity::Refused) && d.said.fee().is_some();
        let raw = given.iter().filter(with_fee).count() as u64;
        for by in ["all", "agent", "medium", "source"] {
            assert_eq!(column(&fees, "raw", is(by)), raw, "{by}");
        }

        // A cluster is in a class of prices once at most, so the classes make all.
        let (prices, agents) = (answer("deal_prices"), answer("agents_by_price"));
        let group = |kind: &'static str, group: &'static str| {
            column(&prices, "unique", move |row| row[0] == Value::text(kind) && row[1] == Value::text(group))
        };
        let mut clusters: Vec<u64> =
            given.iter().filter(|d| d.fact.has(DEAL) && d.said.dollars().is_some()).map(|d| d.fact.cluster).collect();
        clusters.sort_unstable();
        clusters.dedup();
        assert_eq!(group("all", "with an agent") + group("all", "without an agent"), clusters.len() as u64);
        for name in ["human", "automated", "unknown"] {
            assert_eq!(column(&agents, name, is("all")), column(&agents, name, not("all")), "{name}");
        }

        let window = counts.window.map(|w| format!("{} to {}", w.from, w.to)).expect("a window");
        let first = |row: &[Value]| row[0] == Value::text(window.as_str());
        let reports = answer("scam_reports");
        let scams = given.iter().filter(|d| d.said.scam).count() as u64;
        assert_eq!(column(&reports, "raw", |row| first(row) && row[1] == Value::text("all")), scams);
        assert_eq!(column(&reports, "raw", |row| !first(row) && row[1] != Value::text("all")), scams);
        let over_time = answer("agents_over_time");
        for name in ["human_raw", "automated", "unknown"] {
            assert_eq!(column(&over_time, name, first), column(&over_time, name, |row| !first(row)), "{name}");
        }
    }
}

#[test]
fn the_order_of_messages_does_not_matter() {
    let expected = run_all(random(900, 3), &Params::default());
    let mut facts = random(900, 3);
    facts.deals.reverse();
    let sources = facts.sources.len() as u32;
    facts.sources.reverse();
    facts.rows.iter_mut().for_each(|row| row.set_source(sources - 1 - row.source()));
    facts.deals.iter_mut().for_each(|deal| deal.fact.set_source(sources - 1 - deal.fact.source()));
    assert_eq!(run_all(facts, &Params::default()), expected);
}

#[test]
fn nothing_about_deals_is_said_in_words() {
    for analysis in ANALYSES.iter().filter(|a| ["A10", "A11", "A12", "A13", "A18"].contains(&id(**a))) {
        let empty = analysis.run(&Counts::of(Facts::default(), None, None), &Params::default());
        assert_eq!(empty.title, "There is no message to count", "{}", analysis.name());
        let silent = Facts {
            rows: vec![Fact::new(1, 1_600_000_000, 0, TEXT)],
            sources: tests::small().sources,
            ..Facts::default()
        };
        let counts = Counts::of(silent, None, None);
        let answer = analysis.run(&counts, &Params::default());
        assert!(answer.title.starts_with("No "), "{}: {}", analysis.name(), answer.title);
        assert!(!analysis.tells(&counts), "{}", analysis.name());
    }
}

fn id(analysis: &dyn Analysis) -> &'static str {
    analysis.run(&Counts::of(Facts::default(), None, None), &Params::default()).id
}
