//! `noctule detect`: messages in, one verdict a line out; needs no data directory.

use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use noctule_core::collect::Collector;
use noctule_core::detect::Detectors;
use noctule_core::memo::Memo;
use noctule_core::model::{RawMessage, Span, Verdict};
use noctule_core::normalize;

use super::ingest::Reading;
use super::{Globals, SKIPPED};
use crate::input::{self, Recognized};
use crate::pipeline::{Ending, Gather};
use crate::stages::{self, Feed};
use crate::{pipeline, say};

/// Judge messages: one JSON object a line, in the order of the input
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule detect messages.jsonl > verdicts.jsonl
  echo '{\"text\":\"Сделка через гаранта, 5%\"}' | noctule detect -
  noctule detect export/result.json | jq 'select(.escrow.mentioned)'

Reads any known format, or JSONL with at least `text`. Spans are byte offsets into the UTF-8 of `text`.")]
pub struct Args {
    /// A file, or - for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    file: PathBuf,
    #[command(flatten)]
    reading: Reading,
}

const HEAD_BYTES: usize = 256 << 10;

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let options = args.reading.options(globals)?;
    let zone = pipeline::zone(&globals.zone)?;
    let mut reader: Box<dyn Read + Send> = if args.file.as_os_str() == "-" {
        Box::new(io::stdin())
    } else {
        Box::new(File::open(&args.file).with_context(|| format!("cannot open \"{}\"", args.file.display()))?)
    };
    let mut head = Vec::new();
    reader
        .by_ref()
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)
        .with_context(|| format!("cannot read \"{}\"", args.file.display()))?;
    if head.is_empty() {
        say::note(globals.quiet, "the input is empty");
        return Ok(ExitCode::SUCCESS);
    }
    let path = input::written(&args.file);
    let collector = match input::recognize(&path, &mut Cursor::new(&head), options.collector) {
        Recognized::Format { collector, reason, .. } => {
            say::note(globals.quiet, &format!("read as {}: {reason}", collector.name()));
            collector
        }
        Recognized::Archive(_) => bail!("\"{path}\" is an archive\nhint: `noctule ingest` reads archives"),
        Recognized::Media(kind) => bail!("\"{path}\" is a {kind}"),
        Recognized::Skip(skip) => bail!("cannot read \"{path}\" ({}): {}", skip.reason.word(), skip.detail),
    };
    let detectors = args.reading.words.detectors(globals)?;
    let mut out = io::BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let stream = Cursor::new(head).chain(reader);
    let read = |feed: &mut Feed<Vec<RawMessage>>| read_all(collector, &path, stream, &zone, &options, feed);
    let seen = Memo::default();
    let work = |chunk: Vec<RawMessage>| judge(&detectors, &seen, chunk);
    let ending = stages::run(stages::workers(), read, work, |lines: Vec<u8>| out.write_all(&lines))
        .and_then(|ending| out.flush().map(|()| ending))
        .context("cannot write the verdicts")?;
    for skip in &ending.skips {
        say::note(globals.quiet, &format!("skipped ({}) at {}: {}", skip.reason.word(), skip.place, skip.detail));
    }
    let more = ending.skipped - ending.skips.len() as u64;
    if more > 0 {
        say::note(globals.quiet, &format!("and {more} more skips"));
    }
    Ok(if ending.skipped > 0 { ExitCode::from(SKIPPED) } else { ExitCode::SUCCESS })
}

fn read_all(
    collector: &dyn Collector,
    path: &str,
    stream: impl Read + Send,
    zone: &jiff::tz::TimeZone,
    options: &pipeline::Options,
    feed: &mut Feed<Vec<RawMessage>>,
) -> Ending {
    let mut sink = Gather::new(feed, SKIPS_TOLD, |chunk| chunk);
    pipeline::read_capture(collector, path, stream, zone, options.mapping.as_ref(), Some(options.now), &mut sink);
    sink.end().0
}

/// Skips told one by one before the rest is only counted.
const SKIPS_TOLD: usize = 20;

fn judge(detectors: &Detectors, seen: &Memo<Arc<[u8]>>, chunk: Vec<RawMessage>) -> Vec<u8> {
    let mut lines = Vec::with_capacity(chunk.len() * 512);
    for raw in chunk {
        let mut json = Json { out: &mut lines };
        match &raw.native_id {
            Some(id) => json.text("{\"id\":", id),
            None => json.text("{\"id\":", &raw.place.to_string()),
        }
        let rest = || {
            let clean = normalize::clean_text(&raw.text, &raw.quotes);
            let verdict = detectors.judge_text(&raw.text, &clean);
            let mut rest = Vec::with_capacity(512);
            write_verdict(&raw.text, clean.lang, &verdict, &mut rest);
            Arc::from(rest)
        };
        // Marked quotes are not part of the text that is remembered.
        let rest = if raw.quotes.is_empty() { seen.get_or_make(&raw.text, rest) } else { rest() };
        lines.extend_from_slice(&rest);
    }
    lines
}

/// What follows the id, as the contract has it. Written by hand: a tree of values costs more than judging the message.
fn write_verdict(text: &str, lang: &'static str, verdict: &Verdict, out: &mut Vec<u8>) {
    let (escrow, deal, scam) = (&verdict.escrow, &verdict.deal, &verdict.scam_report);
    let mut json = Json { out };
    json.word(",\"lang\":", Some(lang));
    json.truth(",\"escrow\":{\"mentioned\":", escrow.mentioned);
    json.score(",\"score\":", escrow.score);
    json.word(",\"polarity\":", escrow.polarity.map(|p| p.word()));
    let terms = escrow.spans.iter().filter_map(|span| text.get(span.range()));
    json.list(",\"terms\":", terms, |json, term| json.text("", term));
    json.list(",\"spans\":", &escrow.spans, |json, span| json.span(*span));
    json.word(",\"agent\":", Some(escrow.agent.word()));
    json.truth("},\"deal\":{\"related\":", deal.related);
    json.score(",\"score\":", deal.score);
    json.word(",\"kind\":", deal.kind);
    json.word(",\"role\":", deal.role.map(|r| r.word()));
    json.list(",\"prices\":", &deal.prices, |json, price| {
        json.text("{\"amount\":", &price.amount);
        json.word(",\"currency\":", Some(price.currency));
        json.raw("}");
    });
    json.list(",\"fees\":", &deal.fees, |json, fee| {
        json.plain("{\"percent_min\":", fee.percent_min);
        json.plain(",\"percent_max\":", fee.percent_max);
        json.word(",\"payer\":", fee.payer.map(|p| p.word()));
        json.raw("}");
    });
    json.truth("},\"scam_report\":{\"is\":", scam.is);
    json.score(",\"score\":", scam.score);
    json.word(",\"accused\":", scam.accused.map(|a| a.word()));
    json.list("},\"entities\":", &verdict.entities, |json, entity| {
        json.word("{\"kind\":", Some(entity.kind));
        json.text(",\"value\":", &entity.value);
        json.raw(",\"span\":");
        json.span(entity.span);
        json.raw("}");
    });
    json.list(",\"why\":", &verdict.why, |json, why| json.text("", why));
    json.raw("}\n");
}

/// Appends JSON to memory, which cannot fail.
struct Json<'a> {
    out: &'a mut Vec<u8>,
}

impl Json<'_> {
    fn raw(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn plain(&mut self, before: &str, value: impl std::fmt::Display) {
        self.raw(before);
        let _ = write!(self.out, "{value}");
    }

    /// A score with two decimals, not with the digits that `f32` adds.
    fn score(&mut self, before: &str, score: f32) {
        if score == 0.0 {
            self.raw(before);
            return self.raw("0.0");
        }
        self.plain(before, (f64::from(score) * 100.0).round() / 100.0);
    }

    fn truth(&mut self, before: &str, value: bool) {
        self.raw(before);
        self.raw(if value { "true" } else { "false" });
    }

    fn text(&mut self, before: &str, text: &str) {
        self.raw(before);
        // Hardly a text has something to escape, and looking for it is a vector operation.
        if text.bytes().fold(false, |found, byte| found | (byte < 0x20) | (byte == b'"') | (byte == b'\\')) {
            let _ = serde_json::to_writer(&mut *self.out, text);
        } else {
            self.quoted(text);
        }
    }

    /// One of our own words, in which nothing needs an escape.
    fn word(&mut self, before: &str, word: Option<&'static str>) {
        self.raw(before);
        match word {
            Some(word) => self.quoted(word),
            None => self.raw("null"),
        }
    }

    fn quoted(&mut self, text: &str) {
        self.raw("\"");
        self.raw(text);
        self.raw("\"");
    }

    fn span(&mut self, span: Span) {
        self.raw("[");
        self.number(span.start);
        self.raw(",");
        self.number(span.end);
        self.raw("]");
    }

    /// Digits by hand: the machinery of `write!` costs several times as much, and a verdict has a dozen offsets.
    fn number(&mut self, mut number: u32) {
        let mut digits = [b'0'; 10];
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.out.extend_from_slice(&digits[first..]);
    }

    fn list<T>(&mut self, before: &str, items: impl IntoIterator<Item = T>, mut each: impl FnMut(&mut Self, T)) {
        self.raw(before);
        self.raw("[");
        for (i, item) in items.into_iter().enumerate() {
            if i > 0 {
                self.raw(",");
            }
            each(self, item);
        }
        self.raw("]");
    }
}
