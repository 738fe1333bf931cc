//! `noctule simulate`: writes an invented corpus with its truth.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, bail};
use clap::ValueEnum;

use crate::simulate::scenario::{SCENARIOS, Scenario};
use crate::simulate::{FEWEST_MESSAGES, Format, Plan, TruthDetail, simulate};

/// Write an invented corpus together with the truth about it.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule simulate --out corpus
  noctule simulate --out big --messages 1000000 --seed 7
  noctule simulate --out bench --write jsonl --truth totals
  noctule study corpus --events corpus/events.csv

The folder gets one Telegram Desktop export per channel, truth.json (what is true of every message, month and \
source), events.csv, and noctule-simulated.json, by which every report knows that the corpus is invented.")]
pub struct Args {
    /// Folder to write into; must be empty or new
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Number of messages, service events not counted
    #[arg(long, value_name = "N", default_value_t = 150_000)]
    messages: u64,
    /// The same seed gives the same bytes
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// What happens in the simulated months
    #[arg(long, value_name = "NAME", default_value = SCENARIOS[0].name, value_parser = scenario, long_help = scenarios())]
    scenario: &'static Scenario,
    /// Number of channels and groups [default: 60 for 150,000 messages, more for more]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(5..=5_000))]
    channels: Option<u32>,
    /// Telegram exports, or one messages.jsonl
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = FormatArg::Telegram)]
    write: FormatArg,
    /// How much truth.json says [default: messages up to 1,000,000, else totals]
    #[arg(long, value_enum)]
    truth: Option<TruthArg>,
    /// Write into a folder that is not empty
    #[arg(long)]
    force: bool,
}

impl Args {
    /// The bundled corpus, as `noctule demo` makes it.
    pub fn for_demo(out: &std::path::Path) -> Self {
        Self {
            out: out.to_owned(),
            messages: 150_000,
            seed: 1,
            scenario: SCENARIOS[0],
            channels: None,
            write: FormatArg::Telegram,
            truth: None,
            force: false,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatArg {
    Telegram,
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

pub fn run(args: Args) -> anyhow::Result<ExitCode> {
    if args.messages < FEWEST_MESSAGES {
        bail!("cannot simulate {} messages\nhint: give --messages {FEWEST_MESSAGES} or more", args.messages);
    }
    let used = args.out.read_dir().is_ok_and(|mut entries| entries.next().is_some());
    if used && !args.force {
        bail!(
            "cannot simulate into \"{}\": the folder is not empty\nhint: name a new folder, or add --force",
            args.out.display()
        );
    }
    let truth = match args.truth {
        Some(TruthArg::Messages) => TruthDetail::Messages,
        Some(TruthArg::Totals) => TruthDetail::Totals,
        None if args.messages <= 1_000_000 => TruthDetail::Messages,
        None => TruthDetail::Totals,
    };
    let plan = Plan {
        out: args.out,
        seed: args.seed,
        scenario: args.scenario,
        messages: args.messages,
        channels: args.channels.map(|n| n as usize),
        format: match args.write {
            FormatArg::Telegram => Format::Telegram,
            FormatArg::Jsonl => Format::Jsonl,
        },
        truth,
    };
    let started = Instant::now();
    let totals = simulate(&plan).with_context(|| format!("cannot write the corpus to \"{}\"", plan.out.display()))?;
    writeln!(
        std::io::stderr(),
        "simulated {} messages from {} sources in {:.1} s (scenario {}, seed {})\n\
         {} distinct texts; {} deals; {} escrow mentions, {} of them unique, {} in the fixed panel\n\
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
    )?;
    Ok(ExitCode::SUCCESS)
}
