//! # What it answers
//! A18: who is accused of scams, the seller, the buyer, the escrow agent or a third party, and when?
//!
//! # How
//! Messages that report that somebody was cheated in a deal, with the role of the accused as the words have it. A third
//! party is somebody with a look-alike account, a copied site or a false agent. A cluster of near-duplicates counts
//! once, in the month (UTC) and with the accused of its earliest report. Shares are of the reports that tell a role,
//! with Wilson's interval (1927); two roles are told apart only when their intervals leave each other out.
//!
//! # Where it is wrong
//! A report is an accusation, not a verdict, and accusing somebody is a weapon too. Several reports of one case in
//! other words count as several. Warnings and news read like reports. Whom a quarrel of many messages accuses is often
//! not told; those count as "not told". Who tells of a deal that went wrong with an agent in it is read as accusing the
//! agent unless the words accuse another, so that role is overstated. Boards where scams are reported weigh more than those where they happen.

use noctule_core::model::{Answer, Chart, Column, Counting, Kind, Line, Part, Party, Summary, Value};
use noctule_core::stats::wilson;

use super::deals::{self, share_whisker};
use super::facts::DealFact;
use super::words::{counted, percent, percent_range, thousands};
use super::{ABOUT_FOLDING, Analysis, Counts, Params, TOO_FEW, TOO_FEW_FOR_A_SHARE, Ways, in_window};

pub struct ScamReports;

impl Analysis for ScamReports {
    fn name(&self) -> &'static str {
        "scam_reports"
    }

    fn about(&self) -> &'static str {
        "reports of scams by who is accused, by month"
    }

    noctule_core::documented!();

    fn tells(&self, counts: &Counts) -> bool {
        !counts.deals.is_empty()
    }

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let months = by_month(counts);
        let all = sum(&months);
        let rows = counts
            .periods()
            .zip(std::iter::once(&all).chain(&months))
            .flat_map(|(period, reports)| rows(&period, reports));
        Answer {
            name: self.name(),
            id: "A18",
            title: title(counts, &all),
            question: "Who is accused of scams: seller, buyer, escrow agent or a third party?",
            summary: summary(&all, &months),
            columns: vec![
                Column { name: "period", unit: "period", kind: Kind::Period },
                Column { name: "accused", unit: "accused", kind: Kind::Text },
                Column { name: "raw", unit: "reports, raw", kind: Kind::Count },
                Column { name: "unique", unit: "reports, unique", kind: Kind::Count },
                Column { name: "fixed_panel", unit: "reports, fixed panel", kind: Kind::Count },
                Column { name: "share", unit: "share of unique that tell a role", kind: Kind::Share },
                Column { name: "low", unit: "95% low", kind: Kind::Share },
                Column { name: "high", unit: "95% high", kind: Kind::Share },
            ],
            rows: if all.every.raw == 0 { Vec::new() } else { rows.collect() },
            charts: charts(counts, &all, &months),
            method: "Messages that report a scam, by the role of whom they accuse. The share is of those that tell a \
                     role, with Wilson's interval; a period with fewer than 30 of them has none"
                .into(),
            caveats: vec![
                "A report is an accusation and no verdict, and one case told in several ways counts as several".into(),
                "A report that speaks of an escrow agent accuses him unless its words accuse another, so his share is \
                 overstated"
                    .into(),
                "Warnings and news read like reports, and the role of the accused is often not told; the errors of the \
                 detector are not in the intervals"
                    .into(),
                ABOUT_FOLDING.into(),
            ],
            query: format!(
                "select m.posted_at, m.source_name, v.accused, m.text from messages m join verdicts v on v.message_id = \
                 m.message_id where v.scam_report and {} order by m.posted_at",
                in_window(counts, "m.posted_at")
            ),
        }
    }
}

const PARTIES: [Party; 4] = [Party::Seller, Party::Buyer, Party::Agent, Party::ThirdParty];

/// For a sentence, in the order of [`PARTIES`].
const WORDS: [&str; PARTIES.len()] = ["the seller", "the buyer", "the escrow agent", "a third party"];

/// The reports of one period.
#[derive(Clone, Copy, Default)]
struct Reports {
    every: Ways,
    by_party: [Ways; PARTIES.len()],
}

impl Reports {
    /// How many unique reports tell a role.
    fn told(&self) -> u64 {
        self.by_party.iter().map(|ways| ways.unique).sum()
    }
}

fn by_month(counts: &Counts) -> Vec<Reports> {
    let mut months = vec![Reports::default(); counts.months.len()];
    deals::each(
        counts,
        |deal: &DealFact| deal.said.scam,
        |deal, unique| {
            let month = &mut months[deals::month(counts, deal)];
            deals::add(&mut month.every, counts, deal, unique);
            if let Some(party) = PARTIES.iter().position(|party| Some(*party) == deal.said.accused) {
                deals::add(&mut month.by_party[party], counts, deal, unique);
            }
        },
    );
    months
}

fn sum(months: &[Reports]) -> Reports {
    let mut all = Reports::default();
    for month in months {
        all.every.join(month.every);
        for (all, month) in all.by_party.iter_mut().zip(month.by_party) {
            all.join(month);
        }
    }
    all
}

/// All reports of a period, by each party, and those that tell none.
fn rows(period: &str, reports: &Reports) -> Vec<Vec<Value>> {
    let mut untold = reports.every;
    for ways in reports.by_party {
        untold.raw -= ways.raw;
        untold.unique -= ways.unique;
        untold.fixed_panel -= ways.fixed_panel;
    }
    let row = |name: &str, ways: Ways, whole: u64| {
        let mut row = vec![Value::text(period), Value::text(name)];
        row.extend([ways.raw, ways.unique, ways.fixed_panel].map(Value::count));
        row.extend(deals::share_cells(ways.unique, if whole < TOO_FEW_FOR_A_SHARE { 0 } else { whole }));
        row
    };
    let parties = PARTIES.iter().zip(reports.by_party).map(|(party, ways)| row(party.word(), ways, reports.told()));
    std::iter::once(row("all", reports.every, 0)).chain(parties).chain([row("not told", untold, 0)]).collect()
}

/// The parties by how often they are accused, with their counts.
fn order(all: &Reports) -> Vec<(&'static str, u64)> {
    let mut order: Vec<_> = WORDS.into_iter().zip(all.by_party.map(|ways| ways.unique)).collect();
    order.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    order
}

fn title(counts: &Counts, all: &Reports) -> String {
    let unique = all.every.unique;
    let (one, many) = ("message reports a scam", "messages report a scam");
    if let Some(reason) = deals::too_few(counts, unique, "No message reports a scam", one, many) {
        return reason;
    }
    let reports = counted(unique, "report of a scam", "reports of scams");
    if all.told() < TOO_FEW_FOR_A_SHARE {
        return format!("{} of {reports} tell who is accused, too few for shares", thousands(all.told()));
    }
    let order = order(all);
    let share = |n: u64| percent(n as f64 / all.told() as f64);
    let clear =
        wilson(order[0].1, all.told()).zip(wilson(order[1].1, all.told())).is_some_and(|(a, b)| deals::apart(a, b));
    if clear {
        format!(
            "{} is accused most, in {} of the reports that tell a role, before {} ({})",
            super::words::capital(order[0].0),
            share(order[0].1),
            order[1].0,
            share(order[1].1)
        )
    } else {
        format!("{reports}; {} and {} are accused about as often", super::words::capital(order[0].0), order[1].0)
    }
}

fn summary(all: &Reports, months: &[Reports]) -> Summary {
    let unique = all.every.unique;
    if unique < TOO_FEW {
        return Summary { answer: vec![Part::Strong("Too few to tell".into())], ..Summary::default() };
    }
    let first = order(all)[0];
    let note = match wilson(first.1, all.told()).filter(|_| all.told() >= TOO_FEW_FOR_A_SHARE) {
        Some(interval) => format!(
            "of the {} that tell a role {} accuse {} (95% interval {})",
            thousands(all.told()),
            percent(first.1 as f64 / all.told() as f64),
            first.0,
            percent_range(interval)
        ),
        None => format!("{} tell a role, too few for shares", thousands(all.told())),
    };
    Summary {
        answer: vec![Part::Strong(thousands(unique)), Part::Plain(" unique reports".into())],
        note: vec![Part::Plain(note)],
        course: months.iter().map(|month| month.every.unique as f64).collect(),
        raw: thousands(all.every.raw),
        fixed_panel: thousands(all.every.fixed_panel),
    }
}

fn charts(counts: &Counts, all: &Reports, months: &[Reports]) -> Vec<Chart> {
    let labels = ["Seller", "Buyer", "Escrow agent", "Third party"];
    let parties = labels.into_iter().zip(all.by_party);
    let shares = parties.filter_map(|(label, ways)| share_whisker(label, ways.unique, all.told(), false));
    let line = |counting, note: &str, way: fn(&Ways) -> u64| Line {
        counting,
        values: months.iter().map(|month| Some(way(&month.every) as f64)).collect(),
        band: Vec::new(),
        note: note.into(),
    };
    let mut lines = vec![
        line(Counting::Raw, "reposts included", |ways| ways.raw),
        line(Counting::Unique, "reposts folded", |ways| ways.unique),
    ];
    if counts.panel_sources() > 0 {
        let panel = counted(counts.panel_sources() as u64, "source", "sources");
        lines.push(line(Counting::FixedPanel, &panel, |ways| ways.fixed_panel));
    }
    vec![
        Chart::Whiskers {
            unit: "who is accused, of the unique reports that tell a role".into(),
            scale: Kind::Share,
            rows: shares.collect(),
        },
        Chart::Course {
            unit: "reports of scams a month".into(),
            scale: Kind::Count,
            months: counts.months.iter().map(ToString::to_string).collect(),
            lines,
            steps: Vec::new(),
        },
    ]
}
