//! # What it answers
//! A12: do automated escrow agents hold the small deals, and people the dear ones?
//!
//! # How
//! Deal-related messages that name a price in dollars and mention an escrow agent without refusing one. Automated is
//! what a bot or a site's system holds, human what a person does, by the words of the message; the share is of the
//! agents that can be told. A cluster of near-duplicates counts once, with its earliest such message. The interval is
//! Wilson's (1927). The classes are fixed, so that two studies can be compared.
//!
//! # Where it is wrong
//! Most messages name an agent and not what he is, and those that say it may be of another kind: bots are advertised
//! as bots, people seldom as people. The price is the one asked in the same message.

use noctule_core::model::{Agent, Answer, Chart, Column, Kind, Part, Summary, Value};
use noctule_core::stats::wilson;

use super::deals::{self, PRICES, share_whisker};
use super::words::{capital, counted, percent, percent_range};
use super::{ABOUT_FOLDING, Analysis, Counts, Params, TOO_FEW_FOR_A_SHARE, Ways, in_window};

pub struct AgentsByPrice;

impl Analysis for AgentsByPrice {
    fn name(&self) -> &'static str {
        "agents_by_price"
    }

    fn about(&self) -> &'static str {
        "human against automated escrow agents, by the price of the deal"
    }

    noctule_core::documented!();

    fn tells(&self, counts: &Counts) -> bool {
        !counts.deals.is_empty()
    }

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let classes = by_price(counts);
        let mut all = Class::default();
        classes.iter().for_each(|class| all.join(class));
        let names = std::iter::once("all").chain(PRICES.iter().map(|(name, _)| *name));
        let rows = names.zip(std::iter::once(&all).chain(&classes)).map(|(name, class)| row(name, class));
        Answer {
            name: self.name(),
            id: "A12",
            title: title(counts, &all, &classes),
            question: "Do automated agents hold the small deals, and people the dear ones?",
            summary: summary(&all, &classes),
            columns: vec![
                Column { name: "price", unit: "price of the deal", kind: Kind::Text },
                Column { name: "raw", unit: "deals with an agent, raw", kind: Kind::Count },
                Column { name: "unique", unit: "with an agent, unique", kind: Kind::Count },
                Column { name: "fixed_panel", unit: "with an agent, fixed panel", kind: Kind::Count },
                Column { name: "human", unit: "human, unique", kind: Kind::Count },
                Column { name: "automated", unit: "automated, unique", kind: Kind::Count },
                Column { name: "unknown", unit: "not told, unique", kind: Kind::Count },
                Column { name: "share_raw", unit: "automated of told, raw", kind: Kind::Share },
                Column { name: "share_automated", unit: "automated of told, unique", kind: Kind::Share },
                Column { name: "low", unit: "95% low", kind: Kind::Share },
                Column { name: "high", unit: "95% high", kind: Kind::Share },
            ],
            rows: if all.with.raw == 0 { Vec::new() } else { rows.collect() },
            charts: vec![chart(&all, &classes)],
            method: "Deals with a price in dollars and an escrow agent, by the price. The share is of the agents that \
                     the message tells, with Wilson's interval"
                .into(),
            caveats: vec![
                "Most messages do not tell what an agent is, and those that do may not be like the rest".into(),
                "The price is the first one asked in the same message; the errors of telling agents are not in the \
                 intervals"
                    .into(),
                ABOUT_FOLDING.into(),
            ],
            query: format!(
                "select m.posted_at, m.source_name, v.agent, v.price_usd, m.text from messages m join verdicts v on \
                 v.message_id = m.message_id where v.deal and v.escrow and v.escrow_polarity <> 'refused' and \
                 v.price_usd is not null and {} order by v.price_usd desc",
                in_window(counts, "m.posted_at")
            ),
        }
    }
}

/// Deals of one class of prices.
#[derive(Clone, Copy, Default)]
struct Class {
    with: Ways,
    human: Ways,
    automated: Ways,
}

impl Class {
    fn join(&mut self, other: &Self) {
        self.with.join(other.with);
        self.human.join(other.human);
        self.automated.join(other.automated);
    }

    /// Of how many unique deals the agent is told.
    fn told(&self) -> u64 {
        self.human.unique + self.automated.unique
    }
}

fn by_price(counts: &Counts) -> [Class; PRICES.len()] {
    let mut classes = [Class::default(); PRICES.len()];
    let chosen = |deal: &_| deals::is_deal(deal) && deals::with_agent(deal) && deal.said.dollars().is_some();
    deals::each(counts, chosen, |deal, unique| {
        let class = &mut classes[deals::price_class(deal.said.dollars().unwrap_or_default())];
        deals::add(&mut class.with, counts, deal, unique);
        match deal.said.agent {
            Agent::Human => deals::add(&mut class.human, counts, deal, unique),
            Agent::Automated => deals::add(&mut class.automated, counts, deal, unique),
            Agent::Unknown => {}
        }
    });
    classes
}

fn row(name: &str, class: &Class) -> Vec<Value> {
    let mut row = vec![Value::text(name)];
    row.extend([class.with.raw, class.with.unique, class.with.fixed_panel].map(Value::count));
    row.extend([class.human.unique, class.automated.unique, class.with.unique - class.told()].map(Value::count));
    let raw = class.human.raw + class.automated.raw;
    row.push(Value::share((raw > 0).then(|| class.automated.raw as f64 / raw as f64)));
    row.extend(deals::share_cells(class.automated.unique, class.told()));
    row
}

/// The lowest and the highest class with enough told agents, with their names.
fn ends(classes: &[Class]) -> Option<[(&'static str, &Class); 2]> {
    let told: Vec<_> = PRICES.iter().map(|(name, _)| *name).zip(classes).collect();
    let mut told = told.into_iter().filter(|(_, class)| class.told() >= TOO_FEW_FOR_A_SHARE);
    let first = told.next()?;
    Some([first, told.next_back()?])
}

fn share(class: &Class) -> String {
    percent(class.automated.unique as f64 / class.told().max(1) as f64)
}

fn title(counts: &Counts, all: &Class, classes: &[Class]) -> String {
    let (one, many) = ("deal with a price tells what its agent is", "deals with a price tell what their agent is");
    let none = "No deal with a price tells whether its agent is a person or a system";
    if let Some(reason) = deals::too_few(counts, all.told(), none, one, many) {
        return reason;
    }
    let Some([low, high]) = ends(classes) else {
        return format!("{} are too few to compare prices", counted(all.told(), "told agent", "told agents"));
    };
    let clear = wilson(low.1.automated.unique, low.1.told())
        .zip(wilson(high.1.automated.unique, high.1.told()))
        .is_some_and(|(a, b)| deals::apart(a, b));
    let of = |name: &str| if name.starts_with('$') { format!("of {name}") } else { name.to_string() };
    if clear {
        format!(
            "Automated agents hold {} of deals {} and {} of those {}, where the agent is told",
            share(low.1),
            of(low.0),
            share(high.1),
            of(high.0)
        )
    } else {
        format!("Small and dear deals cannot be told apart by their agents; {} of those told are automated", share(all))
    }
}

fn summary(all: &Class, classes: &[Class]) -> Summary {
    let Some(interval) = wilson(all.automated.unique, all.told()).filter(|_| all.told() >= TOO_FEW_FOR_A_SHARE) else {
        return Summary { answer: vec![Part::Strong("Too few to tell".into())], ..Summary::default() };
    };
    let parts: Vec<String> = PRICES
        .iter()
        .zip(classes)
        .filter(|(_, class)| class.told() >= TOO_FEW_FOR_A_SHARE)
        .map(|((name, _), class)| format!("{name} {}", share(class)))
        .collect();
    let way = |part: u64, whole: u64| if whole == 0 { "none".into() } else { percent(part as f64 / whole as f64) };
    Summary {
        answer: vec![Part::Strong(share(all)), Part::Plain(" of the agents told are automated".into())],
        note: vec![Part::Plain(format!("95% interval {}; {}", percent_range(interval), parts.join(", ")))],
        course: Vec::new(),
        raw: way(all.automated.raw, all.human.raw + all.automated.raw),
        fixed_panel: way(all.automated.fixed_panel, all.human.fixed_panel + all.automated.fixed_panel),
    }
}

fn chart(all: &Class, classes: &[Class]) -> Chart {
    let mut rows: Vec<_> = share_whisker("All prices", all.automated.unique, all.told(), true).into_iter().collect();
    let of = PRICES.iter().zip(classes);
    rows.extend(
        of.filter_map(|((name, _), class)| share_whisker(capital(name), class.automated.unique, class.told(), false)),
    );
    Chart::Whiskers {
        unit: "share of automated among the agents that are told, by the price of the deal".into(),
        scale: Kind::Share,
        rows,
    }
}
