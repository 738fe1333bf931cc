//! # What it answers
//! A12: are deals with an escrow agent dearer than deals without, within the same kind of goods too, and those of a
//! human agent dearer than those of an automated one?
//!
//! # How
//! Deal-related messages that name a price in dollars, or in a coin that is worth one. With an agent means that one is
//! mentioned and not refused. A cluster of near-duplicates counts once, with the price of its earliest such message.
//! The 95 % interval of a median lies between two order statistics and supposes no distribution (binomial with one
//! half; Thompson 1936); below six prices none can be had, and no median is told. Two medians are called different
//! only when their intervals leave each other out, which asks for more than a test at 5 % would.
//!
//! # Where it is wrong
//! The first price of a message counts, which of a price list is one of many, and of an offer by the piece the price
//! of one piece. Prices in other currencies are left out, so countries and media that use dollars weigh more. An asking
//! price is not what was paid. Kinds of goods differ in price and in their use of agents: compare within a kind.

use noctule_core::lexicon::GOODS;
use noctule_core::model::{Agent, Answer, Chart, Column, Kind, Part, Summary, Value, Whisker};
use noctule_core::stats::Interval;

use super::deals::{self, Tally, median_whisker, middle_cells, money, price_cell};
use super::facts::{DealFact, KINDS};
use super::words::{capital, counted, times};
use super::{ABOUT_FOLDING, Analysis, Counts, Params, in_window};

pub struct DealPrices;

impl Analysis for DealPrices {
    fn name(&self) -> &'static str {
        "deal_prices"
    }

    fn about(&self) -> &'static str {
        "prices of deals with an escrow agent against those without, by kind"
    }

    noctule_core::documented!();

    fn tells(&self, counts: &Counts) -> bool {
        !counts.deals.is_empty()
    }

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let prices = Prices::of(counts);
        Answer {
            name: self.name(),
            id: "A12",
            title: title(counts, &prices),
            question: "Are deals with an escrow agent dearer than deals without?",
            summary: summary(&prices),
            columns: vec![
                Column { name: "kind", unit: "kind of goods", kind: Kind::Text },
                Column { name: "group", unit: "deals", kind: Kind::Text },
                Column { name: "raw", unit: "prices, raw", kind: Kind::Count },
                Column { name: "unique", unit: "prices, unique", kind: Kind::Count },
                Column { name: "fixed_panel", unit: "prices, fixed panel", kind: Kind::Count },
                Column { name: "median", unit: "median, US dollars", kind: Kind::Number },
                Column { name: "low", unit: "median, 95% low", kind: Kind::Number },
                Column { name: "high", unit: "median, 95% high", kind: Kind::Number },
                Column { name: "lower_quarter", unit: "lower quarter", kind: Kind::Number },
                Column { name: "upper_quarter", unit: "upper quarter", kind: Kind::Number },
            ],
            rows: prices.rows(),
            charts: vec![chart(&prices)],
            method: "The first price in dollars of each deal-related message. With an agent: one is mentioned and not \
                     refused. The interval of a median lies between two order statistics; below six prices no median \
                     is told"
                .into(),
            caveats: vec![
                "Kinds of goods differ in price and in their use of agents, so the medians of all deals also compare \
                 what is traded; those within a kind do not"
                    .into(),
                "A price that is asked is not one that was paid, one piece is not a lot, and prices in other currencies \
                 are left out; the errors of the detector are not in the intervals"
                    .into(),
                ABOUT_FOLDING.into(),
            ],
            query: format!(
                "select m.posted_at, m.source_name, v.kind, v.escrow, v.price_usd, m.text from messages m join verdicts \
                 v on v.message_id = m.message_id where v.deal and v.price_usd is not null and {} order by \
                 v.price_usd desc",
                in_window(counts, "m.posted_at")
            ),
        }
    }
}

/// Prices with and without an agent.
#[derive(Clone, Default)]
struct Pair {
    with: Tally,
    without: Tally,
}

/// How two medians compare.
struct Compared {
    with: f64,
    without: f64,
    apart: bool,
}

impl Pair {
    fn compared(&self) -> Option<Compared> {
        let told = |tally: &Tally| tally.middle().and_then(|m| Some((m.median, m.interval?)));
        let ((with, a), (without, b)): ((f64, Interval), (f64, Interval)) = (told(&self.with)?, told(&self.without)?);
        Some(Compared { with, without, apart: deals::apart(a, b) })
    }
}

/// In how many kinds of goods the medians can be compared, and in how many they differ.
#[derive(Default)]
struct WithinKinds {
    all: u64,
    dearer: u64,
    cheaper: u64,
}

struct Prices {
    all: Pair,
    /// By position in [`KINDS`].
    kinds: Vec<Pair>,
    human: Tally,
    automated: Tally,
}

fn is_priced(deal: &DealFact) -> bool {
    deals::is_deal(deal) && deal.said.dollars().is_some()
}

impl Prices {
    fn of(counts: &Counts) -> Self {
        let mut prices = Self {
            all: Pair::default(),
            kinds: vec![Pair::default(); KINDS.len()],
            human: Tally::default(),
            automated: Tally::default(),
        };
        deals::each(counts, is_priced, |deal, unique| {
            let dollars = deal.said.dollars();
            let add = |tally: &mut Tally| tally.add(counts, deal, unique, dollars);
            let kind = usize::from(deal.said.kind).min(GOODS.len());
            for pair in [&mut prices.all, &mut prices.kinds[kind]] {
                add(if deals::with_agent(deal) { &mut pair.with } else { &mut pair.without });
            }
            match deal.said.agent {
                _ if !deals::with_agent(deal) => {}
                Agent::Human => add(&mut prices.human),
                Agent::Automated => add(&mut prices.automated),
                Agent::Unknown => {}
            }
        });
        prices
    }

    /// Positions of the kinds with a price, most unique prices first, other goods last.
    fn order(&self) -> Vec<usize> {
        let unique = |kind: usize| self.kinds[kind].with.ways.unique + self.kinds[kind].without.ways.unique;
        let raw = |kind: usize| self.kinds[kind].with.ways.raw + self.kinds[kind].without.ways.raw;
        let mut order: Vec<usize> = (0..KINDS.len()).filter(|&kind| raw(kind) > 0).collect();
        order.sort_by_key(|&kind| (kind == GOODS.len(), std::cmp::Reverse(unique(kind)), kind));
        order
    }

    fn within_kinds(&self) -> WithinKinds {
        let mut found = WithinKinds::default();
        // Other goods are no kind: what differs within them may be what they are.
        for compared in self.kinds[..GOODS.len()].iter().filter_map(Pair::compared) {
            found.all += 1;
            found.dearer += u64::from(compared.apart && compared.with > compared.without);
            found.cheaper += u64::from(compared.apart && compared.with < compared.without);
        }
        found
    }

    fn rows(&self) -> Vec<Vec<Value>> {
        if self.all.with.ways.raw + self.all.without.ways.raw == 0 {
            return Vec::new();
        }
        let mut rows = vec![
            row("all", "with an agent", &self.all.with),
            row("all", "without an agent", &self.all.without),
            row("all", "human agent", &self.human),
            row("all", "automated agent", &self.automated),
        ];
        for kind in self.order() {
            rows.push(row(KINDS[kind], "with an agent", &self.kinds[kind].with));
            rows.push(row(KINDS[kind], "without an agent", &self.kinds[kind].without));
        }
        rows
    }
}

fn row(kind: &str, group: &str, tally: &Tally) -> Vec<Value> {
    let mut row = vec![Value::text(kind), Value::text(group)];
    row.extend([tally.ways.raw, tally.ways.unique, tally.ways.fixed_panel].map(Value::count));
    row.extend(middle_cells(tally, price_cell));
    row
}

fn title(counts: &Counts, prices: &Prices) -> String {
    let total = prices.all.with.ways.unique + prices.all.without.ways.unique;
    let (one, many) = ("deal has a price in dollars", "deals have a price in dollars");
    if let Some(reason) = deals::too_few(counts, total, "No deal has a price in dollars", one, many) {
        return reason;
    }
    let Some(compared) = prices.all.compared() else {
        return format!(
            "Too few to compare: {} with an escrow agent, {} without",
            counted(prices.all.with.ways.unique, "price", "prices"),
            prices.all.without.ways.unique
        );
    };
    let (with, without) = (money(compared.with), money(compared.without));
    let said = if compared.apart {
        let ratio = times(compared.with / compared.without.max(0.01));
        let more = if compared.with > compared.without { "dearer" } else { "cheaper" };
        format!("Deals with an escrow agent are {more}: a median of {with} against {without} ({ratio})")
    } else {
        format!("Prices with and without an escrow agent cannot be told apart, with medians of {with} and {without}")
    };
    let kinds = prices.within_kinds();
    if kinds.all == 0 {
        return said;
    }
    let of = counted(kinds.all, "kind", "kinds");
    match (kinds.dearer, kinds.cheaper) {
        (0, 0) => format!("{said}; no difference within any of {of} of goods"),
        (dearer, cheaper) => format!("{said}; dearer within {dearer} and cheaper within {cheaper} of {of} of goods"),
    }
}

fn summary(prices: &Prices) -> Summary {
    let Some(compared) = prices.all.compared() else {
        return Summary { answer: vec![Part::Strong("Too few to tell".into())], ..Summary::default() };
    };
    let kinds = prices.within_kinds();
    let note = format!(
        "within {}: dearer with an agent in {}, cheaper in {}, not to be told in {}",
        counted(kinds.all, "kind of goods", "kinds of goods"),
        kinds.dearer,
        kinds.cheaper,
        kinds.all - kinds.dearer - kinds.cheaper
    );
    Summary {
        answer: vec![
            Part::Strong(money(compared.with)),
            Part::Plain(format!(" with an agent, {} without, in the middle", money(compared.without))),
        ],
        note: if kinds.all == 0 { Vec::new() } else { vec![Part::Plain(note)] },
        ..Summary::default()
    }
}

fn chart(prices: &Prices) -> Chart {
    let mut rows = Vec::new();
    // Cents say nothing here.
    let whole =
        |row: Whisker| Whisker { value: row.value.round(), low: row.low.round(), high: row.high.round(), ..row };
    let mut pair = |name: &str, pair: &Pair, strong: bool| {
        let name = capital(name);
        let with = median_whisker(format!("{name}, with an agent"), &pair.with, strong).map(whole);
        let without = median_whisker(format!("{name}, without"), &pair.without, false).map(whole);
        if let (Some(with), Some(without)) = (with, without) {
            rows.extend([with, without]);
        }
    };
    pair("all", &prices.all, true);
    for kind in prices.order() {
        pair(KINDS[kind], &prices.kinds[kind], false);
    }
    rows.extend(median_whisker("Human agent", &prices.human, false).map(whole));
    rows.extend(median_whisker("Automated agent", &prices.automated, false).map(whole));
    Chart::Whiskers { unit: "median price in US dollars, where 30 of each are there".into(), scale: Kind::Number, rows }
}
