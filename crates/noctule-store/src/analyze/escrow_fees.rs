//! # What it answers
//! A11: what do escrow agents take, who pays it, and does it depend on the source and on the size of the deal?
//!
//! # How
//! Messages that mention an escrow agent, do not refuse one, and name a percentage as a fee. A range (`3-5%`) counts
//! as its middle. A cluster of near-duplicates counts once, with the fee of its earliest such message. Medians have a
//! 95 % interval between two order statistics, which supposes no distribution (binomial with one half; Thompson
//! 1936); below six fees no interval can be had, and no median is told. The shares of who pays, of sizes and of agents are of
//! those messages that say it, with Wilson's interval (1927). The size of a deal is the price in the same message.
//!
//! # Where it is wrong
//! Fees without a percentage ("10 $ a deal", "at least 50 $") are in no count, so small deals look cheaper than they
//! are. A table of rules by size of deal counts as its first percentage. A commission for other things, named beside
//! the agent, is taken for his. Rules stand on pages, so a fee is said by few messages and its median leans to those
//! who advertise.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use noctule_core::model::{Answer, Chart, Column, Kind, Part, Payer, Summary, Value};

use super::deals::{self, AGENTS, PRICES, Tally, median_whisker, share_whisker};
use super::facts::DealFact;
use super::words::{counted, percent, percent_range};
use super::{ABOUT_FOLDING, Analysis, Counts, Params, TOO_FEW_FOR_A_SHARE, Ways, in_window};

pub struct EscrowFees;

impl Analysis for EscrowFees {
    fn name(&self) -> &'static str {
        "escrow_fees"
    }

    fn about(&self) -> &'static str {
        "what escrow agents take: percent, who pays, by source and size of deal"
    }

    noctule_core::documented!();

    fn tells(&self, counts: &Counts) -> bool {
        !counts.deals.is_empty()
    }

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let fees = Fees::of(counts);
        Answer {
            name: self.name(),
            id: "A11",
            title: title(counts, &fees),
            question: "What do escrow agents take, and who pays it?",
            summary: summary(&fees),
            columns: vec![
                Column { name: "by", unit: "by", kind: Kind::Text },
                Column { name: "group", unit: "group", kind: Kind::Text },
                Column { name: "raw", unit: "fees, raw", kind: Kind::Count },
                Column { name: "unique", unit: "fees, unique", kind: Kind::Count },
                Column { name: "fixed_panel", unit: "fees, fixed panel", kind: Kind::Count },
                Column { name: "share", unit: "share of unique that say it", kind: Kind::Share },
                Column { name: "share_low", unit: "share, 95% low", kind: Kind::Share },
                Column { name: "share_high", unit: "share, 95% high", kind: Kind::Share },
                Column { name: "median", unit: "median fee", kind: Kind::Share },
                Column { name: "low", unit: "median, 95% low", kind: Kind::Share },
                Column { name: "high", unit: "median, 95% high", kind: Kind::Share },
                Column { name: "lower_quarter", unit: "lower quarter", kind: Kind::Share },
                Column { name: "upper_quarter", unit: "upper quarter", kind: Kind::Share },
                Column { name: "buyer", unit: "buyer pays", kind: Kind::Count },
                Column { name: "seller", unit: "seller pays", kind: Kind::Count },
                Column { name: "split", unit: "both pay", kind: Kind::Count },
            ],
            rows: fees.rows(),
            charts: charts(&fees),
            method: "The percentages that messages name as the fee of an escrow agent, a range as its middle. The \
                     interval of a median lies between two order statistics; that of a share is Wilson's, among the \
                     messages that say who pays, who the agent is, or what the deal costs. Below six fees no median is told"
                .into(),
            caveats: vec![
                "Flat and minimum fees are in no count, so small deals look cheaper than they are".into(),
                "A commission for something else that is named beside an agent is taken for his, and the errors of \
                 the detector are not in the intervals"
                    .into(),
                ABOUT_FOLDING.into(),
            ],
            query: format!(
                "select m.posted_at, m.source_name, v.fee_percent_min, v.fee_percent_max, v.fee_payer, m.text from \
                 messages m join verdicts v on v.message_id = m.message_id where v.escrow and \
                 v.escrow_polarity <> 'refused' and v.fee_percent_min is not null and {} order by m.posted_at",
                in_window(counts, "m.posted_at")
            ),
        }
    }
}

const PAYERS: [Payer; 3] = [Payer::Buyer, Payer::Seller, Payer::Split];

/// Fees of one group, and how many unique ones each payer pays.
#[derive(Clone, Default)]
struct Group {
    tally: Tally,
    payers: [u64; PAYERS.len()],
}

impl Group {
    fn add(&mut self, counts: &Counts, deal: &DealFact, unique: bool) {
        self.tally.add(counts, deal, unique, deal.said.fee());
        let payer = PAYERS.iter().position(|payer| Some(*payer) == deal.said.payer);
        if let Some(payer) = payer.filter(|_| unique) {
            self.payers[payer] += 1;
        }
    }

    fn unique(&self) -> u64 {
        self.tally.ways.unique
    }
}

struct Fees<'a> {
    counts: &'a Counts,
    all: Group,
    payers: Vec<Group>,
    prices: Vec<Group>,
    agents: Vec<Group>,
    /// By medium, only those that have a fee.
    media: BTreeMap<&'static str, Group>,
    /// By position in [`Counts::sources`], only those that have a fee.
    sources: BTreeMap<usize, Group>,
    /// By class of percentages, see [`CLASSES`].
    classes: [Ways; CLASSES.len()],
}

/// Classes of fees: a name, and what every fee of it is below, as a share. The known rules lie from 3 to 15 %.
const CLASSES: [(&str, f64); 9] = [
    ("below 1%", 0.01),
    ("1 to 2%", 0.02),
    ("2 to 3%", 0.03),
    ("3 to 5%", 0.05),
    ("5 to 7%", 0.07),
    ("7 to 10%", 0.10),
    ("10 to 15%", 0.15),
    ("15 to 20%", 0.20),
    ("20% and more", f64::INFINITY),
];

fn is_fee(deal: &DealFact) -> bool {
    deals::with_agent(deal) && deal.said.fee().is_some()
}

impl<'a> Fees<'a> {
    fn of(counts: &'a Counts) -> Self {
        let mut fees = Self {
            counts,
            all: Group::default(),
            payers: vec![Group::default(); PAYERS.len()],
            prices: vec![Group::default(); PRICES.len()],
            agents: vec![Group::default(); AGENTS.len()],
            media: BTreeMap::new(),
            sources: BTreeMap::new(),
            classes: Default::default(),
        };
        deals::each(counts, is_fee, |deal, unique| {
            let (said, source) = (&deal.said, deal.fact.source() as usize);
            let add = |group: &mut Group| group.add(counts, deal, unique);
            add(&mut fees.all);
            if let Some(payer) = PAYERS.iter().position(|payer| Some(*payer) == said.payer) {
                add(&mut fees.payers[payer]);
            }
            if let Some(dollars) = said.dollars() {
                add(&mut fees.prices[deals::price_class(dollars)]);
            }
            if let Some(agent) = AGENTS.iter().position(|agent| *agent == said.agent) {
                add(&mut fees.agents[agent]);
            }
            add(fees.media.entry(counts.sources[source].medium.word()).or_default());
            add(fees.sources.entry(source).or_default());
            let fee = said.fee().unwrap_or_default();
            let class = CLASSES.iter().position(|(_, below)| fee < *below).unwrap_or(CLASSES.len() - 1);
            deals::add(&mut fees.classes[class], counts, deal, unique);
        });
        fees
    }

    /// How many unique fees have a known payer.
    fn with_payer(&self) -> u64 {
        self.payers.iter().map(Group::unique).sum()
    }

    fn rows(&self) -> Vec<Vec<Value>> {
        if self.all.tally.ways.raw == 0 {
            return Vec::new();
        }
        let sum = |groups: &[Group]| groups.iter().map(Group::unique).sum::<u64>();
        let all = self.all.unique();
        let mut rows = vec![row("all", "all", &self.all, all)];
        let payers = PAYERS.iter().zip(&self.payers);
        rows.extend(payers.map(|(payer, group)| row("payer", payer.word(), group, self.with_payer())));
        let prices = PRICES.iter().zip(&self.prices);
        rows.extend(prices.map(|((name, _), group)| row("price", name, group, sum(&self.prices))));
        // The shares are of the agents that can be told.
        let told = sum(&self.agents[..2]);
        let agents = AGENTS.iter().zip(&self.agents).zip([told, told, 0]);
        rows.extend(agents.map(|((agent, group), whole)| row("agent", agent.word(), group, whole)));
        let mut media: Vec<(&&str, &Group)> = self.media.iter().collect();
        media.sort_by_key(|(name, group)| (Reverse(group.unique()), **name));
        rows.extend(media.into_iter().map(|(name, group)| row("medium", name, group, all)));
        let mut sources: Vec<(&usize, &Group)> = self.sources.iter().collect();
        sources.sort_by_key(|(source, group)| (Reverse(group.unique()), **source));
        let name = |source: usize| &self.counts.sources[source].name;
        rows.extend(sources.into_iter().map(|(source, group)| row("source", name(*source), group, all)));
        rows
    }
}

fn row(by: &str, name: &str, group: &Group, whole: u64) -> Vec<Value> {
    let mut row = vec![Value::text(by), Value::text(name)];
    let ways = &group.tally.ways;
    row.extend([ways.raw, ways.unique, ways.fixed_panel].map(Value::count));
    row.extend(deals::share_cells(ways.unique, whole));
    row.extend(deals::middle_cells(&group.tally, Value::share));
    row.extend(group.payers.map(Value::count));
    row
}

/// The part of the unique fees inside the 3 to 15 % that published rules of more than ten sites have.
fn usual(fees: &Fees<'_>) -> f64 {
    let inside = fees.all.tally.amounts.iter().filter(|fee| (0.03..=0.15).contains(*fee)).count();
    inside as f64 / fees.all.tally.amounts.len().max(1) as f64
}

fn title(counts: &Counts, fees: &Fees<'_>) -> String {
    let (one, many) = ("message names the fee of an agent", "messages name the fee of an agent");
    let none = "No message names the fee of an escrow agent in percent";
    if let Some(reason) = deals::too_few(counts, fees.all.unique(), none, one, many) {
        return reason;
    }
    let middle = fees.all.tally.middle();
    let Some((median, interval)) = middle.and_then(|m| Some((m.median, m.interval?))) else {
        return format!("Too few to tell: {}", counted(fees.all.unique(), one, many));
    };
    let said = format!("The median fee is {} (95% interval {})", percent(median), percent_range(interval));
    match told_payer(fees) {
        Some((payer, share)) => format!("{said}; where it is said, the {payer} in {share}"),
        None => said,
    }
}

/// Who pays most often, when that is more than another beyond doubt.
fn told_payer(fees: &Fees<'_>) -> Option<(&'static str, String)> {
    let whole = fees.with_payer();
    let mut payers: Vec<(&str, u64)> = ["buyer pays", "seller pays", "parties share it"]
        .into_iter()
        .zip(fees.payers.iter().map(Group::unique))
        .collect();
    payers.sort_by_key(|(_, n)| Reverse(*n));
    let interval = |n: u64| noctule_core::stats::wilson(n, whole);
    let clear = deals::apart(interval(payers[0].1)?, interval(payers[1].1)?) && whole >= TOO_FEW_FOR_A_SHARE;
    clear.then(|| (payers[0].0, percent(payers[0].1 as f64 / whole as f64)))
}

fn summary(fees: &Fees<'_>) -> Summary {
    let middle = fees.all.tally.middle();
    let Some((median, interval)) = middle.and_then(|m| Some((m.median, m.interval?))) else {
        return Summary { answer: vec![Part::Strong("Too few to tell".into())], ..Summary::default() };
    };
    let named = counted(fees.all.unique(), "fee", "fees");
    Summary {
        answer: vec![Part::Strong(percent(median)), Part::Plain(format!(" in the middle of {named}"))],
        note: vec![Part::Plain(format!(
            "95% interval {}; {} lie from 3 to 15%",
            percent_range(interval),
            percent(usual(fees))
        ))],
        ..Summary::default()
    }
}

fn charts(fees: &Fees<'_>) -> Vec<Chart> {
    let mut medians: Vec<_> = median_whisker("All fees", &fees.all.tally, true).into_iter().collect();
    let payers = ["Buyer pays", "Seller pays", "Both pay"].into_iter().zip(&fees.payers);
    let prices = PRICES.iter().map(|(name, _)| *name).zip(&fees.prices);
    let agents = ["Human agent", "Automated agent"].into_iter().zip(&fees.agents);
    let labeled = payers.clone().chain(prices).chain(agents);
    for (name, group) in labeled {
        let label = if name.contains('$') { format!("Deals {}", of_price(name)) } else { name.into() };
        medians.extend(median_whisker(label, &group.tally, false));
    }
    let whole = fees.with_payer();
    let shares = payers.filter_map(|(name, group)| share_whisker(name, group.unique(), whole, false));
    let classes = CLASSES.iter().zip(&fees.classes);
    vec![
        Chart::Whiskers { unit: "median fee of an escrow agent".into(), scale: Kind::Share, rows: medians },
        Chart::Bars {
            unit: "fees of escrow agents, by percentage".into(),
            over_time: false,
            bars: if fees.all.tally.ways.raw == 0 {
                Vec::new()
            } else {
                classes.map(|((name, _), ways)| deals::bar(*name, *ways)).collect()
            },
        },
        Chart::Whiskers {
            unit: "who pays the fee, of the unique messages that say it".into(),
            scale: Kind::Share,
            rows: shares.collect(),
        },
    ]
}

/// `under $100`, `of $100 to $999`.
fn of_price(class: &str) -> String {
    if class.starts_with('$') { format!("of {class}") } else { class.into() }
}
