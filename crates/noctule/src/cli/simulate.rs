//! `noctule simulate`: writes an invented corpus with its truth, or prints what settings of an escrow agent change.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::ValueEnum;

use super::{Format as Shape, Globals};
use crate::say;
use crate::simulate::escrow::experiment::{self, Measure, Outcome};
use crate::simulate::escrow::play::Cheat;
use crate::simulate::scenario::{SCENARIOS, Scenario};
use crate::simulate::{FEWEST_MESSAGES, Format, Plan, TruthDetail, simulate};

/// Write an invented corpus together with the truth about it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule simulate --out corpus
  noctule simulate --out big --messages 1000000 --seed 7
  noctule simulate --out bench --write jsonl --truth totals
  noctule simulate --out exit --scenario agent-exit
  noctule study corpus --events corpus/events.csv
  noctule simulate --report

The folder gets one Telegram Desktop export per channel or group, forums/*.jsonl, markets/*.csv, truth.json (what is \
true of every message, source, deal and party), events.csv, and noctule-simulated.json, by which every report knows \
that the corpus is invented. With --report nothing is written: deals are played under many settings of the escrow \
agent, and a table says how much is cheated and lost under each.")]
pub struct Args {
    /// Folder to write into; must be empty or new
    #[arg(long, value_name = "DIR", required_unless_present = "report", conflicts_with = "report")]
    out: Option<PathBuf>,
    /// Number of messages, service events not counted
    #[arg(long, value_name = "N", default_value_t = 150_000)]
    messages: u64,
    /// The same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// What happens in the simulated months
    #[arg(long, value_name = "NAME", default_value = SCENARIOS[0].name, value_parser = scenario, long_help = scenarios())]
    scenario: &'static Scenario,
    /// Number of channels, groups, forums and marketplaces [default: 60 for 150,000 messages, more for more]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(5..=5_000))]
    channels: Option<u32>,
    /// Files as they are collected, each in the form of its medium, or one messages.jsonl
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = FormatArg::Collected)]
    write: FormatArg,
    /// How much truth.json says [default: messages up to 1,000,000, else totals]
    #[arg(long, value_enum)]
    truth: Option<TruthArg>,
    /// Write into a folder that is not empty
    #[arg(long)]
    force: bool,
    /// Print how fee, deposit, time to check and signing of an escrow agent change cheating and losses
    #[arg(long)]
    report: bool,
    /// Deals that --report plays for each setting
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    deals: u32,
}

impl Args {
    /// The bundled corpus, as `noctule demo` makes it.
    pub fn for_demo(out: &std::path::Path) -> Self {
        Self {
            out: Some(out.to_owned()),
            messages: 150_000,
            seed: 1,
            scenario: SCENARIOS[0],
            channels: None,
            write: FormatArg::Collected,
            truth: None,
            force: false,
            report: false,
            deals: 20_000,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    /// Telegram Desktop exports; JSON Lines of forums, tables of marketplaces
    #[value(alias = "telegram")]
    Collected,
    /// One messages.jsonl with every source
    Jsonl,
}

#[derive(Clone, Copy, ValueEnum)]
enum TruthArg {
    /// A row for every message
    Messages,
    /// Months, changes and totals only
    Totals,
}

/// The list of scenarios for `--help`.
fn scenarios() -> String {
    let lines = SCENARIOS.iter().map(|s| format!("\n  {}: {}", s.name, s.about));
    format!("What happens in the simulated months:{}", lines.collect::<String>())
}

fn scenario(name: &str) -> Result<&'static Scenario, String> {
    Scenario::named(name).ok_or_else(|| {
        let known: Vec<&str> = SCENARIOS.iter().map(|s| s.name).collect();
        format!("no such scenario; known: {}", known.join(", "))
    })
}

pub fn run(args: Args, globals: &Globals) -> anyhow::Result<ExitCode> {
    if args.report {
        return report(args.deals, args.seed, globals);
    }
    let out = args.out.context("cannot simulate: no folder to write into\nhint: name one with --out")?;
    if args.messages < FEWEST_MESSAGES {
        bail!("cannot simulate {} messages\nhint: give --messages {FEWEST_MESSAGES} or more", args.messages);
    }
    let used = out.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if used && !args.force {
        bail!(
            "cannot simulate into \"{}\": the folder is not empty\nhint: name a new folder, or add --force",
            out.display()
        );
    }
    let truth = match args.truth {
        Some(TruthArg::Messages) => TruthDetail::Messages,
        Some(TruthArg::Totals) => TruthDetail::Totals,
        None if args.messages <= 1_000_000 => TruthDetail::Messages,
        None => TruthDetail::Totals,
    };
    let plan = Plan {
        out,
        seed: args.seed,
        scenario: args.scenario,
        messages: args.messages,
        channels: args.channels.map(|n| n as usize),
        format: match args.write {
            FormatArg::Collected => Format::Collected,
            FormatArg::Jsonl => Format::Jsonl,
        },
        truth,
    };
    let started = Instant::now();
    let totals = simulate(&plan).with_context(|| format!("cannot write the corpus to \"{}\"", plan.out.display()))?;
    let words = format!(
        "simulated {} messages from {} sources in {:.1} s (scenario {}, seed {})\n\
         {} distinct texts; {} deal-related; {} escrow mentions, {} of them unique, {} in the fixed panel\n\
         written to {}",
        totals.messages,
        totals.sources,
        started.elapsed().as_secs_f64(),
        plan.scenario.name,
        plan.seed,
        totals.unique_texts,
        totals.deal.raw,
        totals.escrow.raw,
        totals.escrow.unique,
        totals.escrow.fixed_panel,
        plan.out.display()
    );
    say::note(globals.quiet, &words);
    Ok(ExitCode::SUCCESS)
}

const CAVEAT: &str = "\
What this can say: under the rules written down in docs/concepts/simulate.md, which way each setting pushes, and which
one pushes hardest. What it cannot say: how often anybody cheats in reality. The propensities are invented; so the
levels are, and a real agent's numbers must come from observed deals. Intervals cover the chance of the draw only, not
the error of the model.";

/// Columns of the table, with the unit in the name.
const COLUMNS: [&str; 16] = [
    "fee_percent",
    "deposit_usd",
    "check_hours",
    "signing",
    "agent",
    "temptation",
    "use_agent",
    "cheated",
    "by_seller",
    "by_buyer",
    "by_agent",
    "by_impersonator",
    "by_fake_escrow",
    "lost",
    "lost_with_agent",
    "fees",
];

fn report(deals: u32, seed: u64, globals: &Globals) -> anyhow::Result<ExitCode> {
    let outcomes: Vec<Outcome> =
        experiment::settings().into_iter().map(|setting| experiment::run(setting, deals, seed)).collect();
    let mut out = std::io::stdout().lock();
    match globals.format.unwrap_or(Shape::Table) {
        Shape::Table => table(&mut out, &outcomes, deals, seed)?,
        Shape::Json => {
            let rows: Vec<serde_json::Value> = outcomes.iter().map(object).collect();
            let value = serde_json::json!({"deals": deals, "seed": seed, "caveat": CAVEAT, "rows": rows});
            writeln!(out, "{value:#}")?;
        }
        Shape::Jsonl => {
            for outcome in &outcomes {
                writeln!(out, "{}", object(outcome))?;
            }
        }
        Shape::Csv => csv(&mut out, &outcomes)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The setting of a row, as words.
fn setting(outcome: &Outcome) -> [String; 6] {
    let setting = &outcome.setting;
    [
        format!("{}", f64::from(setting.fee_per_mille) / 10.0),
        setting.bond_usd.to_string(),
        setting.check_hours.to_string(),
        if setting.two_of_three { "2 of 3" } else { "agent" }.to_owned(),
        if setting.automated { "program" } else { "human" }.to_owned(),
        format!("x{}", f64::from(setting.temptation) / 1000.0),
    ]
}

fn measures(outcome: &Outcome) -> [Measure; 10] {
    let [seller, buyer, agent, impersonator, site] = outcome.by_cheat;
    [
        outcome.used,
        outcome.cheated,
        seller,
        buyer,
        agent,
        impersonator,
        site,
        outcome.lost,
        outcome.lost_with_agent,
        outcome.fees,
    ]
}

fn table(out: &mut dyn Write, outcomes: &[Outcome], deals: u32, seed: u64) -> std::io::Result<()> {
    writeln!(
        out,
        "What an escrow agent's rules change: {deals} deals for each setting, seed {seed}; mean, and 95 % interval.\n\
         Of a thousand deals: how many use the agent, in how many somebody cheats, in how many the agent does.\n\
         Of a thousand dollars: what honest parties lose, in all deals and in deals through the agent, and the fees.\n"
    )?;
    writeln!(
        out,
        "{:>5} {:>8} {:>6} {:>7} {:>8} {:>6}  {:>9}  {:>17}  {:>17}  {:>19}  {:>19}  {:>6}",
        "fee %",
        "deposit",
        "check",
        "signing",
        "agent",
        "tempt.",
        "use agent",
        "cheated",
        "by agent",
        "lost",
        "lost with agent",
        "fees"
    )?;
    let grid = outcomes.len() - GRID.min(outcomes.len());
    for (at, outcome) in outcomes.iter().enumerate() {
        match at {
            0 => writeln!(out, "the usual rules")?,
            1 => writeln!(out, "one thing changed")?,
            at if at == grid => writeln!(out, "a grid of fee, deposit, time to check and signing")?,
            _ => {}
        }
        let [fee, deposit, check, signing, agent, temptation] = setting(outcome);
        writeln!(
            out,
            "{fee:>5} {deposit:>8} {check:>4} h {signing:>7} {agent:>8} {temptation:>6}  {:>9.0}  {:>17}  {:>17}  {:>19}  {:>19}  {:>6.1}",
            outcome.used.mean,
            interval(&outcome.cheated),
            interval(&outcome.by_cheat[Cheat::Agent as usize]),
            interval(&outcome.lost),
            interval(&outcome.lost_with_agent),
            outcome.fees.mean
        )?;
    }
    writeln!(out, "\n{}", findings(outcomes))?;
    writeln!(out, "\n{CAVEAT}")
}

/// The rows of the grid at the end of [`experiment::settings`].
const GRID: usize = 24;

/// Which single change lowers the losses most, and whether that is more than chance.
fn findings(outcomes: &[Outcome]) -> String {
    let Some((usual, changed)) = outcomes.split_first() else { return String::new() };
    let single = &changed[..changed.len().saturating_sub(GRID)];
    let rules = |o: &&Outcome| o.setting.temptation == usual.setting.temptation;
    let best = single.iter().filter(rules).min_by(|a, b| a.lost.mean.total_cmp(&b.lost.mean));
    let worst = single.iter().filter(rules).max_by(|a, b| a.lost.mean.total_cmp(&b.lost.mean));
    let (Some(best), Some(worst)) = (best, worst) else { return String::new() };
    let sure = |o: &Outcome| {
        if o.lost.high < usual.lost.low || o.lost.low > usual.lost.high { "" } else { " (the intervals overlap)" }
    };
    format!(
        "Of single changes the most is saved by {}: {:.1} lost of a thousand instead of {:.1}{}.\n\
         The most is lost by {}: {:.1}{}.",
        change(usual, best),
        best.lost.mean,
        usual.lost.mean,
        sure(best),
        change(usual, worst),
        worst.lost.mean,
        sure(worst)
    )
}

fn change(usual: &Outcome, other: &Outcome) -> String {
    let (from, to) = (setting(usual), setting(other));
    let differing = (0..from.len()).find(|at| from[*at] != to[*at]).unwrap_or(0);
    format!("{} {} instead of {}", COLUMNS[differing], to[differing], from[differing])
}

fn interval(measure: &Measure) -> String {
    format!("{:.1} [{:.1}, {:.1}]", measure.mean, measure.low, measure.high)
}

fn object(outcome: &Outcome) -> serde_json::Value {
    let words = setting(outcome).into_iter().map(serde_json::Value::from);
    let numbers = measures(outcome)
        .map(|m| serde_json::json!({"mean": round(m.mean), "low": round(m.low), "high": round(m.high)}));
    COLUMNS.iter().map(|c| (*c).to_owned()).zip(words.chain(numbers)).collect::<serde_json::Map<_, _>>().into()
}

fn csv(out: &mut dyn Write, outcomes: &[Outcome]) -> std::io::Result<()> {
    let mut head: Vec<String> = COLUMNS[..6].iter().map(|c| (*c).to_owned()).collect();
    for column in &COLUMNS[6..] {
        head.extend([(*column).to_owned(), format!("{column}_low"), format!("{column}_high")]);
    }
    writeln!(out, "{}", head.join(","))?;
    for outcome in outcomes {
        let mut cells: Vec<String> = setting(outcome).into();
        cells.extend(measures(outcome).iter().flat_map(|m| [m.mean, m.low, m.high]).map(|v| round(v).to_string()));
        writeln!(out, "{}", cells.join(","))?;
    }
    Ok(())
}

fn round(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}
