//! `noctule explain`: every word and rule that counted when a text was judged.

use std::io::{Read, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use noctule_core::detect::{Explanation, Reason};
use noctule_core::model::{Medium, RawMessage, Source, Span};
use noctule_core::normalize::{self, visible_line};
use serde_json::json;

use super::lexicon::OwnWords;
use super::{Format, Globals};

/// Show every word and rule that counted when a text is judged
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule explain 'Сделка через гаранта, 5%'
  noctule explain - < message.txt
  noctule explain 'MM accepted' --lexicon my-words/      with words of your own
  noctule sql \"select text from messages where message_id = '…'\" --format csv | tail -1 | noctule explain -

Points add up to a score between 0 and 1, which is 0.50 at none; above it, the answer is yes.")]
pub struct Args {
    /// The text, or - for standard input
    #[arg(value_name = "TEXT")]
    text: String,
    #[command(flatten)]
    words: OwnWords,
}

/// A message is no longer than this.
const MOST_BYTES: u64 = 1 << 20;

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let text = if args.text == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().take(MOST_BYTES + 1).read_to_end(&mut bytes).context("cannot read standard input")?;
        if bytes.len() as u64 > MOST_BYTES {
            bail!("the text is longer than {MOST_BYTES} bytes\nhint: `noctule detect` judges files of messages");
        }
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        args.text
    };
    let detectors = args.words.detectors(globals)?;
    let source = Arc::new(Source { key: "explain".into(), name: String::new(), medium: Medium::Other, url: None });
    let message = normalize::clean(RawMessage::new(source, 1, text));
    let explained = detectors.explain(&message.raw.text, &message.clean);
    let mut out = std::io::stdout().lock();
    match globals.format.unwrap_or(Format::Table) {
        Format::Table => table(&message.raw.text, message.clean.lang, &explained, &mut out)?,
        Format::Json => writeln!(out, "{:#}", object(message.clean.lang, &explained))?,
        Format::Jsonl => writeln!(out, "{}", object(message.clean.lang, &explained))?,
        Format::Csv => bail!("an explanation is no table\nhint: use --format table, json or jsonl"),
    }
    Ok(ExitCode::SUCCESS)
}

fn object(lang: &str, explained: &Explanation) -> serde_json::Value {
    let verdict = &explained.verdict;
    json!({
        "lang": lang,
        "escrow": {
            "mentioned": verdict.escrow.mentioned,
            "score": rounded(verdict.escrow.score),
            "polarity": verdict.escrow.polarity.map(|polarity| polarity.word()),
            "agent": verdict.escrow.agent.word(),
        },
        "deal": {
            "related": verdict.deal.related,
            "score": rounded(verdict.deal.score),
            "kind": verdict.deal.kind,
            "role": verdict.deal.role.map(|role| role.word()),
        },
        "scam_report": { "is": verdict.scam_report.is, "score": rounded(verdict.scam_report.score) },
        "words": explained.words,
        "parts": explained.parts,
    })
}

fn rounded(score: f32) -> f64 {
    (f64::from(score) * 100.0).round() / 100.0
}

fn table(text: &str, lang: &str, explained: &Explanation, out: &mut dyn Write) -> Result<()> {
    let verdict = &explained.verdict;
    let yes = |is: bool| if is { "yes" } else { "no" };
    writeln!(out, "language     {lang}")?;
    write!(out, "escrow       {}, score {:.2}", yes(verdict.escrow.mentioned), verdict.escrow.score)?;
    if let Some(polarity) = verdict.escrow.polarity {
        write!(out, ", {}, agent {}", polarity.word(), verdict.escrow.agent.word())?;
    }
    write!(out, "\ndeal         {}, score {:.2}", yes(verdict.deal.related), verdict.deal.score)?;
    for word in [verdict.deal.kind, verdict.deal.role.map(|role| role.word())].into_iter().flatten() {
        write!(out, ", {word}")?;
    }
    write!(out, "\nscam report  {}, score {:.2}", yes(verdict.scam_report.is), verdict.scam_report.score)?;
    if let Some(accused) = verdict.scam_report.accused {
        write!(out, ", accused: {}", accused.word())?;
    }
    writeln!(out)?;
    for part in &explained.parts {
        writeln!(out, "\n{}", part.detector)?;
        for Reason { points, span, says } in &part.reasons {
            let points = if *points == 0.0 { String::new() } else { format!("{points:+.2}") };
            let place = span.and_then(|span: Span| text.get(span.range()));
            let place = place.map_or(String::new(), |place| format!("«{}» ", visible_line(place)));
            writeln!(out, "  {points:>6}  {place}{}", visible_line(says))?;
        }
    }
    if explained.words.is_empty() {
        writeln!(out, "\nno word of a lexicon")?;
        return Ok(());
    }
    writeln!(out, "\nwords of the lexicons")?;
    for word in &explained.words {
        writeln!(
            out,
            "  «{}»  {} {}, {}, entry {}: {}",
            visible_line(&word.text),
            word.topic,
            word.cue,
            word.lang,
            visible_line(&word.entry),
            visible_line(&word.why)
        )?;
    }
    Ok(())
}
