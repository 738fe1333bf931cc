//! What `study` and `analyze` share: which messages, which window, which events.

use std::path::PathBuf;

use anyhow::{Result, bail};
use noctule_core::detect::Detectors;
use noctule_core::model::Id;
use noctule_store::Store;
use noctule_store::analyze::{self, Day, Fact, Facts, Params, accuracy};
use noctule_store::evidence::CaptureId;
use noctule_store::load::{self, Loaded, Scope};

use super::Globals;
use super::events::EventFile;
use super::ingest::{Reading, read_into_store};
use crate::{pipeline, say};

/// Which messages, and over which time.
#[derive(clap::Args, Default)]
pub struct Question {
    /// Files and folders; without any, everything stored
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: Reading,
    /// First day of the window [default: the month of the first message]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub from: Option<Day>,
    /// Last day of the window [default: the end of the month of the last message]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub to: Option<Day>,
    /// CSV of date,name,url: what happened, tested before and after
    #[arg(long, value_name = "FILE.csv")]
    pub events: Option<PathBuf>,
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| format!("\"{text}\" is no day such as 2021-07-31"))
}

/// What was read for a question.
pub struct Corpus {
    /// The captures of the paths; `None` for everything stored.
    pub scope: Option<Vec<CaptureId>>,
    /// Paths that never became a capture.
    unread: u64,
    /// Something in this input was skipped, now or when it was first read.
    pub skipped: bool,
    pub params: Params,
    /// The file that `params.events` come from.
    pub events: Option<EventFile>,
}

impl Question {
    /// The built-in words and the user's.
    pub fn detectors(&self, globals: &Globals) -> Result<Detectors> {
        self.reading.words.detectors(globals)
    }

    /// Reads the paths into the store. What is wrong with the question itself is said before anything is read.
    pub fn read(&self, store: &Store, detectors: &Detectors, globals: &Globals) -> Result<Corpus> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from > to
        {
            bail!("the window ends before it begins\nhint: --from is the first day, --to the last");
        }
        let events = self.events.as_deref().map(EventFile::read).transpose()?;
        let params = Params {
            from: self.from,
            to: self.to,
            accuracy: Some(accuracy::measured()),
            events: events.as_ref().map(|file| file.events.clone()).unwrap_or_default(),
        };
        let mut corpus = Corpus { scope: None, unread: 0, skipped: false, params, events };
        let options = self.reading.options(globals)?;
        if self.paths.is_empty() {
            let stale = pipeline::judged_otherwise(store, detectors)?;
            if stale || !store.ledger()?.pending_captures()?.is_empty() {
                read_into_store(globals, detectors, &[], &options, &mut |_| {})?;
            }
            return Ok(corpus);
        }
        let outcome = read_into_store(globals, detectors, &self.paths, &options, &mut |_| {})?;
        corpus.skipped = outcome.anything_skipped();
        corpus.unread = outcome.path_skips.len() as u64;
        if outcome.scope.is_empty() {
            for (path, skip) in outcome.path_skips.iter().take(5) {
                say::note(false, &format!("\"{path}\": {} ({})", skip.detail, skip.reason.word()));
            }
            bail!("nothing here could be read\nhint: `noctule inspect PATH` says how each file looks to noctule");
        }
        corpus.scope = Some(outcome.scope);
        Ok(corpus)
    }
}

impl Corpus {
    /// The facts in scope, and the places of those that `keep` chooses.
    pub fn load(&mut self, store: &Store, detectors: &Detectors, keep: impl Fn(&Id, &Fact) -> bool) -> Result<Loaded> {
        let scope = self.scope.as_deref().map_or(Scope::Everything, Scope::Captures);
        let mut loaded = load::facts(store, scope, detectors.lexicons(), keep)?;
        loaded.facts.skipped += self.unread;
        if self.scope.is_none() {
            self.skipped = loaded.facts.skipped > 0;
        }
        Ok(loaded)
    }
}

/// No message at all, not even one that cannot be placed in time.
pub fn empty(facts: &Facts) -> bool {
    facts.rows.is_empty() && facts.undated + facts.implausible == 0
}

/// The counts of some captures over a window, as another study would have had them.
pub fn counts(
    store: &Store,
    scope: Option<&[CaptureId]>,
    detectors: &Detectors,
    window: Option<(Day, Day)>,
) -> Result<analyze::Counts> {
    let scope = scope.map_or(Scope::Everything, Scope::Captures);
    let facts = load::facts(store, scope, detectors.lexicons(), |_, _| false)?.facts;
    Ok(analyze::Counts::of(facts, window.map(|w| w.0), window.map(|w| w.1)))
}
