//! `noctule analyze`: one answer alone, in every format.

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::builder::{PossibleValue, PossibleValuesParser};
use noctule_core::model::{Answer, Kind, Value};
use noctule_core::normalize::visible_line;
use noctule_store::analyze::words::{percent, thousands, times};
use noctule_store::analyze::{ANALYSES, Counts};

use super::question::Question;
use super::{Format, Globals, SKIPPED};
use crate::report;

/// Answer one question of the study
#[derive(clap::Args)]
#[command(after_help = after_help())]
pub struct Args {
    /// The question
    #[arg(value_name = "NAME", value_parser = names(), hide_possible_values = true)]
    name: String,
    #[command(flatten)]
    question: Question,
}

fn names() -> PossibleValuesParser {
    PossibleValuesParser::new(ANALYSES.iter().map(|a| PossibleValue::new(a.name()).help(a.about())))
}

fn after_help() -> String {
    let list: String = ANALYSES.iter().map(|a| format!("  {:<27} {}\n", a.name(), a.about())).collect();
    format!(
        "Questions:\n{list}\n\
         Examples:\n  \
         noctule analyze escrow_mentions_by_month exports/\n  \
         noctule analyze change_points --from 2020-01-01 --to 2022-12-31 --format csv\n  \
         noctule analyze events --events takedowns.csv --format json"
    )
}

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let analysis =
        ANALYSES.iter().find(|a| a.name() == args.name).with_context(|| format!("no question \"{}\"", args.name))?;
    if analysis.name() == "events" && args.question.events.is_none() {
        anyhow::bail!("no events are given to test\nhint: --events FILE.csv with lines of date,name,url");
    }
    let store = globals.store()?;
    let detectors = args.question.detectors(globals)?;
    let mut corpus = args.question.read(&store, &detectors, globals)?;
    let facts = corpus.load(&store, &detectors, |_, _| false)?.facts;
    let counts = Counts::of(facts, corpus.params.from, corpus.params.to);
    let answer = analysis.run(&counts, &corpus.params);
    let mut out = std::io::stdout().lock();
    match globals.format.unwrap_or(Format::Table) {
        Format::Table => out.write_all(table(&answer).as_bytes())?,
        Format::Json => writeln!(out, "{}", serde_json::to_string_pretty(&report::answer_json(&answer))?)?,
        Format::Jsonl => {
            let names: Vec<&str> = answer.columns.iter().map(|c| c.name).collect();
            for row in report::answer_json(&answer)["rows"].as_array().into_iter().flatten() {
                let cells = row.as_array().into_iter().flatten().cloned();
                let object: serde_json::Map<_, _> = names.iter().map(ToString::to_string).zip(cells).collect();
                writeln!(out, "{}", serde_json::Value::Object(object))?;
            }
        }
        Format::Csv => out.write_all(report::answer_csv(&answer).as_bytes())?,
    }
    Ok(if corpus.skipped { ExitCode::from(SKIPPED) } else { ExitCode::SUCCESS })
}

/// The answer for a person: the sentence, the rows, how it was measured and where it may be wrong.
pub fn table(answer: &Answer) -> String {
    let mut out = format!("{}\n\n", visible_line(&answer.title));
    let mut lines: Vec<Vec<String>> = vec![answer.columns.iter().map(|c| c.name.to_string()).collect()];
    for row in &answer.rows {
        lines.push(row.iter().zip(&answer.columns).map(|(value, column)| cell(value, column.kind)).collect());
    }
    let width = |cell: &str| cell.chars().count();
    let widths: Vec<usize> = (0..answer.columns.len())
        .map(|i| lines.iter().map(|line| line.get(i).map_or(0, |cell| width(cell))).max().unwrap_or(0))
        .collect();
    for line in lines.iter().filter(|_| !answer.rows.is_empty()) {
        let mut text = String::new();
        for ((cell, column), widest) in line.iter().zip(&answer.columns).zip(&widths) {
            let padding = " ".repeat(widest - width(cell));
            let left = matches!(column.kind, Kind::Text | Kind::Period);
            text.push_str(&if left { format!("{cell}{padding}  ") } else { format!("{padding}{cell}  ") });
        }
        out.push_str(text.trim_end());
        out.push('\n');
    }
    if !answer.rows.is_empty() {
        out.push('\n');
    }
    out.push_str(&format!("{}.\n", visible_line(&answer.method)));
    for caveat in &answer.caveats {
        out.push_str(&format!("{}.\n", visible_line(caveat)));
    }
    out
}

fn cell(value: &Value, kind: Kind) -> String {
    match value {
        Value::Text(text) => visible_line(text).into_owned(),
        Value::Integer(n) if *n < 0 => format!("-{}", thousands(n.unsigned_abs())),
        Value::Integer(n) => thousands(n.unsigned_abs()),
        Value::Float(x) if kind == Kind::Share => percent(*x),
        Value::Float(x) if kind == Kind::Ratio => times(*x),
        Value::Float(x) => format!("{x}"),
        Value::Null => String::new(),
    }
}
