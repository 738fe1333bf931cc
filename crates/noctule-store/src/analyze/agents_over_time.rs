//! # What it answers
//! A13: do automated escrow agents take over from human ones?
//!
//! # How
//! Messages that mention an escrow agent and do not refuse one, by month (UTC) and by what the words say the agent is: a
//! person (human), or a bot or a site's system (automated). A cluster of near-duplicates counts once, with its
//! earliest such message. The share is of the agents that can be told, with Wilson's interval (1927). The title
//! compares the first half of the months with the second, and names a change only when the two intervals leave each
//! other out.
//!
//! # Where it is wrong
//! Most messages name an agent and not what he is. Bots are advertised as bots, people seldom as people, so the level
//! says less than its course; and the course follows which sources were collected, for which the fixed panel is the
//! check. Half against half misses what rose and fell again: look at the months.

use noctule_core::model::{Agent, Answer, Chart, Column, Counting, Kind, Layer, Line, Part, Summary, Value};
use noctule_core::stats::{Interval, wilson};

use super::deals;
use super::escrow_mentions_by_quarter::quarter;
use super::words::{counted, percent, percent_range};
use super::{ABOUT_FOLDING, Analysis, Counts, Params, TOO_FEW_FOR_A_SHARE, Ways, in_window};

pub struct AgentsOverTime;

impl Analysis for AgentsOverTime {
    fn name(&self) -> &'static str {
        "agents_over_time"
    }

    fn about(&self) -> &'static str {
        "human against automated escrow agents, by month"
    }

    noctule_core::documented!();

    fn tells(&self, counts: &Counts) -> bool {
        !counts.deals.is_empty()
    }

    fn run(&self, counts: &Counts, _params: &Params) -> Answer {
        let months = by_month(counts);
        let all = sum(&months);
        let rows = counts.periods().zip(std::iter::once(&all).chain(&months)).map(|(period, told)| row(period, told));
        Answer {
            name: self.name(),
            id: "A13",
            title: title(counts, &all, &months),
            question: "Do automated escrow agents take over from human ones?",
            summary: summary(&all, &months),
            columns: vec![
                Column { name: "period", unit: "period", kind: Kind::Period },
                Column { name: "human_raw", unit: "human, raw", kind: Kind::Count },
                Column { name: "automated_raw", unit: "automated, raw", kind: Kind::Count },
                Column { name: "human", unit: "human, unique", kind: Kind::Count },
                Column { name: "automated", unit: "automated, unique", kind: Kind::Count },
                Column { name: "unknown", unit: "not told, unique", kind: Kind::Count },
                Column { name: "share_raw", unit: "automated of told, raw", kind: Kind::Share },
                Column { name: "share_fixed_panel", unit: "automated of told, fixed panel", kind: Kind::Share },
                Column { name: "share_automated", unit: "automated of told, unique", kind: Kind::Share },
                Column { name: "low", unit: "95% low", kind: Kind::Share },
                Column { name: "high", unit: "95% high", kind: Kind::Share },
            ],
            rows: rows.collect(),
            charts: charts(counts, &months),
            method:
                "Mentions of an escrow agent that do not refuse one, by what the words say the agent is. The share \
                     is of those that say it, with Wilson's interval; no share is drawn for a month with fewer than 30"
                    .into(),
            caveats: vec![
                "Most messages do not tell what an agent is. Bots are advertised as bots and people seldom as people, \
                 so the course says more than the level"
                    .into(),
                "New sources can look like a new habit; compare the fixed panel. The errors of telling agents are not \
                 in the intervals"
                    .into(),
                ABOUT_FOLDING.into(),
            ],
            query: format!(
                "select m.posted_at, m.source_name, v.agent, m.text from messages m join verdicts v on v.message_id = \
                 m.message_id where v.escrow and v.escrow_polarity <> 'refused' and v.agent <> 'unknown' and {} \
                 order by m.posted_at",
                in_window(counts, "m.posted_at")
            ),
        }
    }
}

/// The agents of one period.
#[derive(Clone, Copy, Default)]
struct Agents {
    human: Ways,
    automated: Ways,
    unknown: Ways,
}

impl Agents {
    fn told(&self) -> u64 {
        self.human.unique + self.automated.unique
    }

    fn interval(&self) -> Option<Interval> {
        wilson(self.automated.unique, self.told())
    }

    /// The automated ones of those told, in one way of counting.
    fn share(&self, way: fn(&Ways) -> u64) -> Option<f64> {
        let whole = way(&self.human) + way(&self.automated);
        (whole > 0).then(|| way(&self.automated) as f64 / whole as f64)
    }
}

fn by_month(counts: &Counts) -> Vec<Agents> {
    let mut months = vec![Agents::default(); counts.months.len()];
    deals::each(counts, deals::with_agent, |deal, unique| {
        let month = &mut months[deals::month(counts, deal)];
        let ways = match deal.said.agent {
            Agent::Human => &mut month.human,
            Agent::Automated => &mut month.automated,
            Agent::Unknown => &mut month.unknown,
        };
        deals::add(ways, counts, deal, unique);
    });
    months
}

fn sum(months: &[Agents]) -> Agents {
    let mut all = Agents::default();
    for month in months {
        all.human.join(month.human);
        all.automated.join(month.automated);
        all.unknown.join(month.unknown);
    }
    all
}

fn row(period: String, agents: &Agents) -> Vec<Value> {
    let mut row = vec![Value::text(period)];
    row.extend([agents.human.raw, agents.automated.raw].map(Value::count));
    row.extend([agents.human.unique, agents.automated.unique, agents.unknown.unique].map(Value::count));
    row.push(Value::share(agents.share(|ways| ways.raw)));
    row.push(Value::share(agents.share(|ways| ways.fixed_panel)));
    row.extend(deals::share_cells(agents.automated.unique, agents.told()));
    row
}

fn title(counts: &Counts, all: &Agents, months: &[Agents]) -> String {
    let (one, many) = ("mention tells what its agent is", "mentions tell what their agent is");
    let none = "No mention tells whether its agent is a person or a system";
    if let Some(reason) = deals::too_few(counts, all.told(), none, one, many) {
        return reason;
    }
    if all.told() < TOO_FEW_FOR_A_SHARE {
        return format!(
            "{} are too few for a share of automated ones",
            counted(all.told(), "told agent", "told agents")
        );
    }
    let share = |agents: &Agents| percent(agents.share(|ways| ways.unique).unwrap_or_default());
    let (first, second) = months.split_at(months.len() / 2);
    let halves = [sum(first), sum(second)];
    if halves.iter().all(|half| half.told() >= TOO_FEW_FOR_A_SHARE)
        && let [Some(a), Some(b)] = [halves[0].interval(), halves[1].interval()]
        && deals::apart(a, b)
    {
        let verb = if b.low > a.high { "rose" } else { "fell" };
        let since = counts.months[first.len()].words();
        return format!(
            "Automated agents {verb} from {} of those told to {} from {since} on",
            share(&halves[0]),
            share(&halves[1])
        );
    }
    format!("{} of the agents told are automated, and no change of it can be told", share(all))
}

fn summary(all: &Agents, months: &[Agents]) -> Summary {
    let Some(interval) = all.interval().filter(|_| all.told() >= TOO_FEW_FOR_A_SHARE) else {
        return Summary { answer: vec![Part::Strong("Too few to tell".into())], ..Summary::default() };
    };
    let text = |share: Option<f64>| share.map_or_else(|| "none".into(), percent);
    let every = all.told() + all.unknown.unique;
    // A sparkline needs a point in every month.
    let full = months.iter().all(|month| month.told() >= TOO_FEW_FOR_A_SHARE);
    let course = months.iter().filter(|_| full).filter_map(|month| month.share(|ways| ways.unique));
    Summary {
        answer: vec![
            Part::Strong(text(all.share(|ways| ways.unique))),
            Part::Plain(" of the agents told are automated".into()),
        ],
        note: vec![Part::Plain(format!(
            "95% interval {}; {} of the mentions tell what the agent is",
            percent_range(interval),
            percent(all.told() as f64 / every as f64)
        ))],
        course: course.collect(),
        raw: text(all.share(|ways| ways.raw)),
        fixed_panel: text(all.share(|ways| ways.fixed_panel)),
    }
}

fn charts(counts: &Counts, months: &[Agents]) -> Vec<Chart> {
    let told = |agents: &Agents| agents.told() >= TOO_FEW_FOR_A_SHARE;
    let line = Line {
        counting: Counting::Unique,
        values: months.iter().map(|m| m.share(|ways| ways.unique).filter(|_| told(m))).collect(),
        band: months.iter().map(|m| m.interval().filter(|_| told(m)).map(|i| (i.low, i.high))).collect(),
        note: "automated".into(),
    };
    let course = Chart::Course {
        unit: "share of automated among the agents that are told, unique; band: 95% interval".into(),
        scale: Kind::Share,
        months: counts.months.iter().map(ToString::to_string).collect(),
        lines: vec![line],
        steps: Vec::new(),
    };
    vec![course, stack(counts, months)]
}

/// What is told of agents at all, by quarter.
fn stack(counts: &Counts, months: &[Agents]) -> Chart {
    let mut periods: Vec<(String, Agents)> = Vec::new();
    for (month, agents) in counts.months.iter().zip(months) {
        let name = quarter(*month);
        match periods.last_mut() {
            Some((last, joined)) if *last == name => *joined = sum(&[*joined, *agents]),
            _ => periods.push((name, *agents)),
        }
    }
    let layer = |label: &str, category: u8, part: fn(&Agents) -> u64| {
        let share = |(_, agents): &(String, Agents)| {
            let whole = agents.told() + agents.unknown.unique;
            (whole >= TOO_FEW_FOR_A_SHARE).then(|| part(agents) as f64 / whole as f64)
        };
        Layer { label: label.into(), category, shares: periods.iter().map(share).collect() }
    };
    Chart::Stack {
        unit: "unique mentions of an escrow agent by what he is said to be, by quarter".into(),
        layers: vec![
            layer("Human", 1, |agents| agents.human.unique),
            layer("Automated", 2, |agents| agents.automated.unique),
            layer("Not told", 8, |agents| agents.unknown.unique),
        ],
        periods: periods.into_iter().map(|(name, _)| name).collect(),
    }
}
