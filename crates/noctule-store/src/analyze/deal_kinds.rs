//! # What it answers
//! A10: which kinds of deal are there, and which of them mention an escrow agent?
//!
//! # How
//! Each deal-related message has the kind of goods that the words in it say most of, `other` when none says any. A
//! cluster of near-duplicates counts once, with the kind of its earliest deal-related message; it is with an agent
//! when a deal-related message of it mentions one, so that the sums are those of the share of all deals. Deals whose
//! first mention refuses an agent are among them and counted apart. The interval is that of the share of all deals:
//! Wilson's (1927), joined with the escrow detector's measured errors. Kinds are named as different only when at
//! least 30 deals of each are there and their intervals leave each other out.
//!
//! # Where it is wrong
//! Words tell the kind, so a shop that sells everything has the kind it lists most words of, and slang that no
//! lexicon has is `other`. A deal-related message is an advert or a question more often than a deal that came about.
//! With twenty kinds the highest and the lowest are partly so by chance.

use noctule_core::lexicon::GOODS;
use noctule_core::model::{Answer, Chart, Column, Kind, Part, Summary, Value, Whisker};
use noctule_core::stats::{Interval, share_interval};

use super::deals::{self, add, apart, kind_words};
use super::facts::{DEAL, DealFact, ESCROW, KINDS};
use super::words::{capital, counted, percent, percent_range};
use super::{ABOUT_FOLDING, Analysis, Counts, Params, TOO_FEW, TOO_FEW_FOR_A_SHARE, Ways, in_window};

pub struct DealKinds;

impl Analysis for DealKinds {
    fn name(&self) -> &'static str {
        "deal_kinds"
    }

    fn about(&self) -> &'static str {
        "kinds of deal, with and without an escrow agent"
    }

    noctule_core::documented!();

    fn tells(&self, counts: &Counts) -> bool {
        !counts.deals.is_empty()
    }

    fn run(&self, counts: &Counts, params: &Params) -> Answer {
        let (all, kinds) = by_kind(counts);
        Answer {
            name: self.name(),
            id: "A10",
            title: title(counts, &all, &kinds, params),
            question: "Which kinds of deal are there, and which of them mention an escrow agent?",
            summary: summary(&all, &kinds, params),
            columns: vec![
                Column { name: "kind", unit: "kind of goods", kind: Kind::Text },
                Column { name: "sources", unit: "sources", kind: Kind::Count },
                Column { name: "raw", unit: "deals, raw", kind: Kind::Count },
                Column { name: "unique", unit: "deals, unique", kind: Kind::Count },
                Column { name: "fixed_panel", unit: "deals, fixed panel", kind: Kind::Count },
                Column { name: "share_unique", unit: "share of unique", kind: Kind::Share },
                Column { name: "with_escrow", unit: "with escrow, unique", kind: Kind::Count },
                Column { name: "refused", unit: "of these refusing it", kind: Kind::Count },
                Column { name: "escrow_raw", unit: "escrow share, raw", kind: Kind::Share },
                Column { name: "escrow_unique", unit: "escrow share, unique", kind: Kind::Share },
                Column { name: "low", unit: "95% low", kind: Kind::Share },
                Column { name: "high", unit: "95% high", kind: Kind::Share },
            ],
            rows: std::iter::once(&all).chain(&kinds).map(|of| row(of, all.deals.unique, params)).collect(),
            charts: charts(&all, &kinds, params),
            method: "The kind of goods by the words of each deal-related message; with escrow means that an agent is \
                     mentioned, also to refuse him. A near-duplicate counts once, with the kind of the earliest"
                .into(),
            caveats: vec![
                "A lower bound for every kind: most parties settle the agent in private".into(),
                "Words tell the kind, and errors of that are not in the intervals; what no word tells is \"other\""
                    .into(),
                "Adverts are counted, not deals that came about".into(),
                ABOUT_FOLDING.into(),
            ],
            query: format!(
                "select m.posted_at, m.source_name, v.kind, v.escrow, m.text from messages m join verdicts v on \
                 v.message_id = m.message_id where v.deal and {} order by v.kind, m.posted_at",
                in_window(counts, "m.posted_at")
            ),
        }
    }
}

/// The deals of a kind.
#[derive(Clone, Default)]
struct OfKind {
    /// Position in [`KINDS`]; `None` for all together.
    kind: Option<usize>,
    sources: u64,
    deals: Ways,
    with: Ways,
    refused: u64,
}

impl OfKind {
    fn share(&self) -> Option<f64> {
        (self.deals.unique > 0).then(|| self.with.unique as f64 / self.deals.unique as f64)
    }

    fn interval(&self, params: &Params) -> Option<Interval> {
        share_interval(self.with.unique, self.deals.unique, params.accuracy.as_ref())
    }

    /// Whether there are enough for a share.
    fn told(&self) -> bool {
        self.deals.unique >= TOO_FEW_FOR_A_SHARE
    }

    fn label(&self) -> &'static str {
        self.kind.map_or("all", |kind| KINDS[kind])
    }
}

/// All deals, and those of each kind that has any, most unique ones first.
fn by_kind(counts: &Counts) -> (OfKind, Vec<OfKind>) {
    let mut all = OfKind::default();
    let mut kinds: Vec<OfKind> =
        (0..KINDS.len()).map(|kind| OfKind { kind: Some(kind), ..OfKind::default() }).collect();
    let mut seen = vec![[false; KINDS.len()]; counts.sources.len()];
    let kind_of = |deal: &DealFact| usize::from(deal.said.kind).min(GOODS.len());
    for run in counts.deals.chunk_by(|a, b| a.fact.cluster == b.fact.cluster) {
        let mut rows = run.iter().filter(|deal| deals::is_deal(deal)).peekable();
        let Some(first) = rows.peek().map(|deal| kind_of(deal)) else { continue };
        let (mut mention, mut earliest) = (None, run[0].fact.cluster != 0);
        let unique = earliest;
        for deal in rows {
            let (kind, new) = (kind_of(deal), std::mem::take(&mut earliest));
            seen[deal.fact.source() as usize][kind] = true;
            add(&mut kinds[kind].deals, counts, deal, new);
            if deal.fact.has(DEAL | ESCROW) {
                add(&mut kinds[kind].with, counts, deal, false);
                mention = mention.or(Some(deal));
            }
        }
        if let Some(deal) = mention.filter(|_| unique) {
            kinds[first].with.unique += 1;
            kinds[first].refused += u64::from(!deals::with_agent(deal));
        }
    }
    for (kind, of) in kinds.iter_mut().enumerate() {
        of.sources = seen.iter().filter(|source| source[kind]).count() as u64;
        all.deals.join(of.deals);
        all.with.join(of.with);
        all.refused += of.refused;
    }
    all.sources = seen.iter().filter(|source| source.contains(&true)).count() as u64;
    kinds.retain(|of| of.deals.raw > 0);
    kinds.sort_by_key(|of| (std::cmp::Reverse((of.deals.unique, of.deals.raw)), of.kind));
    (all, kinds)
}

fn row(of: &OfKind, all: u64, params: &Params) -> Vec<Value> {
    let interval = of.interval(params);
    let share = |part: u64, whole: u64| Value::share((whole > 0).then(|| part as f64 / whole as f64));
    vec![
        Value::text(of.label()),
        Value::count(of.sources),
        Value::count(of.deals.raw),
        Value::count(of.deals.unique),
        Value::count(of.deals.fixed_panel),
        share(of.deals.unique, all),
        Value::count(of.with.unique),
        Value::count(of.refused),
        share(of.with.raw, of.deals.raw),
        Value::share(of.share()),
        Value::share(interval.map(|i| i.low)),
        Value::share(interval.map(|i| i.high)),
    ]
}

/// The named kinds with enough deals for a share, the highest share first.
fn told(kinds: &[OfKind]) -> Vec<&OfKind> {
    let mut told: Vec<&OfKind> = kinds.iter().filter(|k| k.told() && k.kind.is_some_and(|k| k < GOODS.len())).collect();
    told.sort_by(|a, b| {
        b.share().partial_cmp(&a.share()).unwrap_or(std::cmp::Ordering::Equal).then(a.kind.cmp(&b.kind))
    });
    told
}

fn words(of: &OfKind) -> String {
    kind_words(of.kind.unwrap_or(GOODS.len()))
}

fn title(counts: &Counts, all: &OfKind, kinds: &[OfKind], params: &Params) -> String {
    let total = all.deals.unique;
    let (one, many) = ("message is about a deal", "messages are about a deal");
    if let Some(reason) = deals::too_few(counts, total, "No message is about a deal", one, many) {
        return reason;
    }
    if total < TOO_FEW_FOR_A_SHARE {
        return format!("{} are too few to compare kinds", counted(total, "deal", "deals"));
    }
    let told = told(kinds);
    let Some(first) = kinds.iter().find(|k| k.kind.is_some_and(|k| k < GOODS.len())) else {
        return "No word tells the kind of any deal".into();
    };
    let share = percent(first.deals.unique as f64 / total as f64);
    let common = format!("{} are the most common kind ({share})", capital(&words(first)));
    let (Some(high), Some(low)) = (told.first(), told.last()) else { return common };
    match (high.interval(params), low.interval(params)) {
        (Some(a), Some(b)) if apart(a, b) => format!(
            "{common}; an escrow agent is mentioned most in {} ({}) and least in {} ({})",
            words(high),
            percent(high.share().unwrap_or_default()),
            words(low),
            percent(low.share().unwrap_or_default())
        ),
        _ if told.len() > 1 => format!("{common}; no kind mentions an escrow agent more than another beyond doubt"),
        _ => common,
    }
}

fn summary(all: &OfKind, kinds: &[OfKind], params: &Params) -> Summary {
    let told = told(kinds);
    let named = kinds.iter().find(|of| of.kind.is_some_and(|kind| kind < GOODS.len()));
    let Some(first) = named.or(kinds.first()).filter(|_| all.deals.unique >= TOO_FEW) else {
        return Summary { answer: vec![Part::Strong("Too few to tell".into())], ..Summary::default() };
    };
    let share = |part: u64, whole: u64| if whole == 0 { "none".into() } else { percent(part as f64 / whole as f64) };
    let note = match (told.first(), told.first().and_then(|of| of.interval(params))) {
        (Some(high), Some(interval)) => vec![Part::Plain(format!(
            "{} mention an agent most, {} (95% interval {})",
            words(high),
            percent(high.share().unwrap_or_default()),
            percent_range(interval)
        ))],
        _ => Vec::new(),
    };
    Summary {
        answer: vec![
            Part::Strong(share(first.deals.unique, all.deals.unique)),
            Part::Plain(format!(" {}", words(first))),
        ],
        note,
        course: Vec::new(),
        raw: share(first.deals.raw, all.deals.raw),
        fixed_panel: share(first.deals.fixed_panel, all.deals.fixed_panel),
    }
}

fn charts(all: &OfKind, kinds: &[OfKind], params: &Params) -> Vec<Chart> {
    let whisker = |of: &OfKind, label: &str, strong: bool| {
        let (value, interval) = (of.share()?, of.interval(params)?);
        of.told().then(|| Whisker { label: label.into(), value, low: interval.low, high: interval.high, strong })
    };
    let mut rows: Vec<Whisker> = whisker(all, "All deals", true).into_iter().collect();
    let other = kinds.iter().filter(|of| of.kind == Some(GOODS.len()));
    rows.extend(told(kinds).into_iter().chain(other).filter_map(|of| whisker(of, of.label(), false)));
    vec![
        Chart::Whiskers {
            unit: "share of unique deals that mention an escrow agent, by kind of goods".into(),
            scale: Kind::Share,
            rows,
        },
        Chart::Bars {
            unit: "messages about a deal, by kind of goods".into(),
            over_time: false,
            bars: kinds.iter().map(|of| deals::bar(of.label(), of.deals)).collect(),
        },
    ]
}
