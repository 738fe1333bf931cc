//! `noctule eval`: how right the detectors are on labelled messages, per language, with every error.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use noctule_core::detect::evaluate::{LabelledRow, Table, evaluate};
use noctule_core::detect::floor;
use noctule_core::model::{Medium, RawMessage, Source};
use noctule_core::normalize;

use super::lexicon::OwnWords;
use super::{Format, Globals, SKIPPED};
use crate::say;

/// Measure the detectors on labelled messages
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule eval labelled.jsonl
  noctule eval labelled.jsonl --errors          with every row judged otherwise than labelled
  noctule eval labelled.jsonl --format csv > accuracy.csv
  noctule eval labelled.jsonl --floor accuracy.csv     fails when anything became worse

Each line has at least `id`, `text` and one of `mentions_escrow_service`, `deal_related`, `is_scam_report`.")]
pub struct Args {
    /// JSONL of labelled messages
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// List every row judged otherwise than labelled
    #[arg(long)]
    errors: bool,
    /// A table from `--format csv`: an error when a part of it is judged worse now
    #[arg(long, value_name = "TABLE")]
    floor: Option<PathBuf>,
    #[command(flatten)]
    words: OwnWords,
}

/// A labelled message is read by people; longer lines are no such thing.
const LINE_BYTES: usize = 4 << 20;

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let file = File::open(&args.file).with_context(|| format!("cannot open \"{}\"", args.file.display()))?;
    let detectors = args.words.detectors(globals)?;
    let source = Arc::new(Source { key: "eval".into(), name: String::new(), medium: Medium::Other, url: None });
    let (mut rows, mut bad) = (Vec::new(), 0u64);
    for (number, line) in BufReader::new(file).split(b'\n').enumerate() {
        let line = line.with_context(|| format!("cannot read \"{}\"", args.file.display()))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if line.len() > LINE_BYTES {
            bail!("line {} is longer than {LINE_BYTES} bytes", number + 1);
        }
        match serde_json::from_slice::<LabelledRow>(&line) {
            Ok(row) => {
                let message = normalize::clean(RawMessage::new(source.clone(), number as u64 + 1, row.text.clone()));
                let verdict = detectors.judge(&message);
                rows.push((row, verdict, message.clean.lang));
            }
            Err(e) => {
                bad += 1;
                say::note(globals.quiet, &format!("line {} skipped: {e}", number + 1));
            }
        }
    }
    if rows.is_empty() {
        bail!(
            "\"{}\" has no labelled message\nhint: each line is an object with `id`, `text` and labels",
            args.file.display()
        );
    }
    let table = evaluate(rows.iter().map(|(row, verdict, _)| (row, verdict)));
    let mut out = std::io::stdout().lock();
    match globals.format {
        Some(Format::Json) => writeln!(out, "{}", serde_json::to_string_pretty(&table)?)?,
        Some(Format::Csv) => {
            writeln!(out, "{}", floor::COLUMNS)?;
            table.lines.iter().try_for_each(|line| writeln!(out, "{}", floor::row(line)))?;
        }
        _ => print(&table, &rows, args.errors, &mut out)?,
    }
    if let Some(path) = &args.floor {
        hold(&table, path, globals.quiet)?;
    }
    Ok(if bad > 0 { ExitCode::from(SKIPPED) } else { ExitCode::SUCCESS })
}

/// An error when something is below the committed table.
fn hold(table: &Table, path: &Path, quiet: bool) -> Result<()> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot open \"{}\"", path.display()))?;
    let held = floor::hold(table, &text)
        .map_err(|e| anyhow::anyhow!("\"{}\" is no table of accuracy: {e}", path.display()))?;
    if !held.worse.is_empty() {
        bail!("below the table \"{}\":\n  {}", path.display(), held.worse.join("\n  "));
    }
    say::note(quiet, &format!("{} parts held to the table, {} of them better than it", held.held, held.better));
    Ok(())
}

type Judged = (LabelledRow, noctule_core::model::Verdict, &'static str);

fn print(table: &Table, rows: &[Judged], errors: bool, out: &mut dyn Write) -> Result<()> {
    let percent = |share: Option<f64>| share.map_or("–".to_string(), |s| format!("{s:.3}"));
    writeln!(
        out,
        "{:<12} {:<16} {:>5} {:>6} {:>6} {:>6}   {:>4} {:>4} {:>4}",
        "question", "part", "rows", "P", "R", "F1", "hit", "over", "miss"
    )?;
    for line in &table.lines {
        let c = &line.counts;
        writeln!(
            out,
            "{:<12} {:<16} {:>5} {:>6} {:>6} {:>6}   {:>4} {:>4} {:>4}",
            line.question,
            line.part,
            c.rows(),
            percent(line.precision),
            percent(line.recall),
            percent(line.f1),
            c.true_positive,
            c.false_positive,
            c.false_negative
        )?;
    }
    for (labelled, found, n) in &table.polarity {
        writeln!(out, "polarity     labelled {labelled}, found {found}: {n}")?;
    }
    if !errors {
        writeln!(out, "{} rows judged otherwise than labelled; --errors lists them", table.misses.len())?;
        return Ok(());
    }
    for miss in &table.misses {
        let trap = miss.hard_negative.as_deref().map(|h| format!(" ({h})")).unwrap_or_default();
        let what = if miss.found { "found, not labelled" } else { "labelled, not found" };
        writeln!(
            out,
            "{} {} {} {}: {what}{}",
            miss.question,
            miss.set,
            miss.lang,
            miss.id,
            normalize::visible_line(&trap)
        )?;
        if let Some((row, verdict, _)) = rows.iter().find(|(row, ..)| row.id == miss.id) {
            let text: String = row.text.chars().take(300).collect();
            writeln!(out, "    {}", normalize::visible_line(&text))?;
            for why in &verdict.why {
                writeln!(out, "    · {}", normalize::visible_line(why))?;
            }
        }
    }
    Ok(())
}
