//! `--dry-run`: what a file would be read as, its first messages, and every kind of skip with an example.

use std::collections::BTreeMap;
use std::io::{Seek, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use noctule_core::collect::Sink;
use noctule_core::model::{RawMessage, Reason, Skip, SourceEvent};
use noctule_core::normalize::{visible, visible_line};

use super::{Globals, SKIPPED};
use crate::input::{self, Found, Recognized};
use crate::pipeline::{self, Options};

/// Messages shown of each file.
const SHOWN: usize = 5;
/// Messages read of each file: enough to meet its quirks, quick on a 5 GB export.
const READ: usize = 20_000;

pub fn run(paths: &[PathBuf], options: &Options, globals: &Globals) -> Result<ExitCode> {
    let zone = pipeline::zone(&globals.zone)?;
    let mut out = std::io::stdout().lock();
    let mut skipped = false;
    let walk = input::walk(paths);
    for found in walk.found {
        let item = match found {
            Found::File(item) => item,
            Found::Skip { path, skip } => {
                skipped = true;
                writeln!(
                    out,
                    "{}\n  not read ({}): {}",
                    visible_line(&path),
                    skip.reason.word(),
                    visible_line(&skip.detail)
                )?;
                continue;
            }
        };
        writeln!(out, "{}", visible_line(&item.shown))?;
        let mut file = match input::open(&item.file) {
            Ok(file) => file,
            Err(skip) => {
                skipped = true;
                writeln!(out, "  not read ({}): {}", skip.reason.word(), visible_line(&skip.detail))?;
                continue;
            }
        };
        match input::recognize(&item.shown, &mut file, options.collector) {
            Recognized::Media(kind) => writeln!(out, "  passed over: a {kind}")?,
            Recognized::Archive(kind) => {
                writeln!(out, "  a {} archive; its members are read one by one when ingested", kind.word())?;
            }
            Recognized::Skip(skip) => {
                skipped = true;
                writeln!(out, "  not read ({}): {}", skip.reason.word(), visible_line(&skip.detail))?;
            }
            Recognized::Format { collector, reason, encoding, layers } => {
                let layers: String = layers.iter().map(|l| format!("{} of ", l.word())).collect();
                writeln!(out, "  read as {}{} in {encoding}: {}", layers, collector.name(), visible_line(&reason))?;
                file.rewind()?;
                let mut preview = Preview::default();
                let mapping = options.mapping.as_ref();
                let saved = item.modified.filter(|_| collector.counts_from_capture());
                let captured_at = Some(saved.unwrap_or(options.now));
                pipeline::read_capture(collector, &item.shown, file, &zone, mapping, captured_at, &mut preview);
                skipped |= !preview.skips.is_empty();
                preview.print(&mut out)?;
            }
        }
    }
    if walk.assets > 0 {
        writeln!(out, "{} files that belong to saved pages passed over", walk.assets)?;
    }
    Ok(if skipped { ExitCode::from(SKIPPED) } else { ExitCode::SUCCESS })
}

#[derive(Default)]
struct Preview {
    first: Vec<RawMessage>,
    messages: usize,
    skips: BTreeMap<Reason, (u64, Skip)>,
}

impl Sink for Preview {
    fn message(&mut self, message: RawMessage) -> ControlFlow<()> {
        if self.first.len() < SHOWN {
            self.first.push(message);
        }
        self.messages += 1;
        if self.messages < READ { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn skip(&mut self, skip: Skip) {
        self.skips.entry(skip.reason).or_insert_with(|| (0, skip)).0 += 1;
    }

    fn event(&mut self, _event: SourceEvent) {}
}

impl Preview {
    fn print(&self, out: &mut dyn Write) -> Result<()> {
        for message in &self.first {
            let at = message.posted_at.map_or("no date".into(), |p| p.at.to_string());
            let author = message.author.name.as_deref().or(message.author.id.as_deref()).unwrap_or("no author");
            let id = message.native_id.as_deref().unwrap_or("no id");
            let head = format!("{at} · {} · {author} · {id}", message.source.name);
            let text: String = message.text.chars().take(200).collect();
            writeln!(out, "    {}\n      {}", visible_line(&head), visible(&text).replace('\n', "\n      "))?;
        }
        let more = if self.messages >= READ { "at least " } else { "" };
        writeln!(out, "  {more}{} messages", self.messages)?;
        for (reason, (count, example)) in &self.skips {
            let example = format!("{}: {}", example.place, example.detail);
            writeln!(out, "  skipped {count} ({}), for example {}", reason.word(), visible_line(&example))?;
        }
        Ok(())
    }
}
