//! `noctule eval`: how right the detectors are on labelled messages, per language, with every error.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use noctule_core::detect::evaluate::{Interval, Judged, LabelledRow, Line, Table, evaluate};
use noctule_core::detect::{Detectors, floor};
use noctule_core::lexicon::Cue;
use noctule_core::model::{Medium, RawMessage, Source, Verdict};
use noctule_core::normalize;

use super::lexicon::OwnWords;
use super::{Format, Globals, SKIPPED};
use crate::say;

/// Measure the detectors on labelled messages
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule eval labelled.jsonl
  noctule eval labelled/*.jsonl --errors        with every row judged otherwise than labelled
  noctule eval labelled.jsonl --format csv > accuracy.csv
  noctule eval labelled.jsonl --floor accuracy.csv     fails when anything became worse

Each line has at least `id`, `text` and one of `mentions_escrow_service`, `deal_related`, `is_scam_report`; it may
have `lang`, `source`, `set`, `poster_role`, `kind`, `price`, `escrow_fee`, `escrow_polarity`, `hard_negative`.
Brackets hold 95 % intervals from drawing the rows anew; \"keyword\" is what watching for words of escrow finds.")]
pub struct Args {
    /// JSONL of labelled messages, one file or several
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
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
    let detectors = args.words.detectors(globals)?;
    let (mut rows, mut bad) = (Vec::new(), 0u64);
    for path in &args.files {
        bad += read(path, &detectors, globals.quiet, &mut rows)?;
    }
    if rows.is_empty() {
        bail!("no labelled message\nhint: each line is an object with `id`, `text` and labels");
    }
    let table = evaluate(rows.iter().map(|r| Judged { row: &r.row, verdict: &r.verdict, keyword: r.keyword }));
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

/// Reads and judges the messages of a file; gives the number of lines that are none.
fn read(path: &Path, detectors: &Detectors, quiet: bool, rows: &mut Vec<Row>) -> Result<u64> {
    let file = File::open(path).with_context(|| format!("cannot open \"{}\"", path.display()))?;
    let source = Arc::new(Source { key: "eval".into(), name: String::new(), medium: Medium::Other, url: None });
    let mut bad = 0;
    for (number, line) in BufReader::new(file).split(b'\n').enumerate() {
        let line = line.with_context(|| format!("cannot read \"{}\"", path.display()))?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        if line.len() > LINE_BYTES {
            bail!("line {} of \"{}\" is longer than {LINE_BYTES} bytes", number + 1, path.display());
        }
        match serde_json::from_slice::<LabelledRow>(&line) {
            Ok(row) => {
                let message = normalize::clean(RawMessage::new(source.clone(), number as u64 + 1, row.text.clone()));
                let verdict = detectors.judge(&message);
                let keyword = has_keyword(detectors, &message.clean.shadow.text);
                rows.push(Row { row, verdict, keyword });
            }
            Err(e) => {
                bad += 1;
                say::note(quiet, &format!("line {} of \"{}\" skipped: {e}", number + 1, path.display()));
            }
        }
    }
    Ok(bad)
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

/// A labelled message with what was found in it.
struct Row {
    row: LabelledRow,
    verdict: Verdict,
    keyword: bool,
}

/// Whether a word that names escrow, in any sense, occurs.
fn has_keyword(detectors: &Detectors, shadow: &str) -> bool {
    let lexicons = detectors.lexicons();
    lexicons.find(shadow).iter().any(|hit| {
        let entry = lexicons.entry(hit);
        entry.cue == Cue::Term && !entry.phrase
    })
}

fn print(table: &Table, rows: &[Row], errors: bool, out: &mut dyn Write) -> Result<()> {
    writeln!(
        out,
        "{:<18} {:<28} {:>5}   {:<18} {:<18} {:<18} {:>4} {:>4} {:>4}",
        "question", "part", "rows", "precision", "recall", "F1", "hit", "over", "miss"
    )?;
    for line in &table.lines {
        print_line(&line.question, line, out)?;
    }
    for line in table.keyword.iter().filter(|line| line.counts.true_positive + line.counts.false_positive > 0) {
        print_line("escrow (keyword)", line, out)?;
    }
    for calibration in &table.calibration {
        writeln!(
            out,
            "calibration  {}: expected error {:.3} over {} rows",
            calibration.question, calibration.error, calibration.rows
        )?;
        for bin in &calibration.bins {
            writeln!(out, "    scored {:.2}: {:.2} labelled so, of {} rows", bin.score, bin.share, bin.rows)?;
        }
    }
    for trap in &table.traps {
        let kind = normalize::visible_line(&trap.kind);
        writeln!(out, "trap         {kind}: {} of {} taken for escrow", trap.found, trap.rows)?;
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
        if let Some(Row { row, verdict, .. }) = rows.iter().find(|row| row.row.id == miss.id) {
            let text: String = row.text.chars().take(300).collect();
            writeln!(out, "    {}", normalize::visible_line(&text))?;
            for why in &verdict.why {
                writeln!(out, "    · {}", normalize::visible_line(why))?;
            }
        }
    }
    Ok(())
}

fn print_line(question: &str, line: &Line, out: &mut dyn Write) -> Result<()> {
    let share = |share: Option<f64>, interval: Option<Interval>| match (share, interval) {
        (None, _) => "–".to_owned(),
        (Some(share), None) => format!("{share:.3}"),
        (Some(share), Some([low, high])) => format!("{share:.3} [{low:.2}, {high:.2}]"),
    };
    let (c, intervals) = (&line.counts, line.intervals.as_ref());
    writeln!(
        out,
        "{:<18} {:<28} {:>5}   {:<18} {:<18} {:<18} {:>4} {:>4} {:>4}",
        question,
        normalize::visible_line(&line.part),
        c.rows(),
        share(line.precision, intervals.and_then(|i| i.precision)),
        share(line.recall, intervals.and_then(|i| i.recall)),
        share(line.f1, intervals.and_then(|i| i.f1)),
        c.true_positive,
        c.false_positive,
        c.false_negative
    )?;
    Ok(())
}
