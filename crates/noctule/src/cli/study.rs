//! `noctule study`: from paths, or everything stored, to the report.

use std::cell::RefCell;
use std::collections::{BinaryHeap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use noctule_core::detect::Detectors;
use noctule_core::model::Id;
use noctule_core::normalize;
use noctule_store::Store;
use noctule_store::analyze::facts::ESCROW;
use noctule_store::analyze::{self, Fact};
use noctule_store::evidence::CaptureId;
use noctule_store::load::{self, Loaded, Place, Quoted};

use super::analyze::table as analyze_table;
use super::compare::{self, Old};
use super::question::{self, Corpus, Question};
use super::{Format, Globals, NOTHING, SKIPPED, lexicon};
use crate::report::{self, EvidenceQuote, Manifest, TermStyle};

/// Measure escrow agents: from exports to a report
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule study exports/                              read a folder and study exactly that
  noctule study                                       study everything read so far
  noctule study exports/ --from 2020-01-01 --to 2022-12-31 --out report
  noctule study exports/ --events takedowns.csv       test each event of a CSV of date,name,url
  noctule study exports/ --compare last-quarter/      and say what changed since, and why

Writes report.html (one file, no script, no outside request), study.json, answers/*.csv and manifest.json. The same
input gives the same bytes. What was read before is not read again.")]
pub struct Args {
    #[command(flatten)]
    question: Question,
    /// Folder of the report
    #[arg(long, value_name = "DIR", default_value = "noctule-study")]
    out: PathBuf,
    /// Say what changed since an earlier study and why: its folder or its study.json
    #[arg(long, value_name = "OLD")]
    compare: Option<PathBuf>,
}

impl Args {
    /// As `noctule demo` runs it.
    pub fn for_demo(corpus: &Path, out: &Path) -> Self {
        let question = Question { paths: vec![corpus.to_owned()], ..Question::default() };
        Self { question, out: out.to_owned(), compare: None }
    }
}

type Candidate = (Id, Fact, Place);

/// Messages quoted as evidence.
const QUOTES: usize = 12;
/// Candidates held while reading; more than quoted, because reposts of one text are quoted once.
const CANDIDATES: usize = 200;

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    let old = args.compare.as_deref().map(Old::read).transpose()?;
    let store = globals.store()?;
    let detectors = args.question.detectors(globals)?;
    let mut corpus = args.question.read(&store, &detectors, globals)?;
    let Loaded { facts, kept } = load(&store, &mut corpus, &detectors)?;
    let empty = question::empty(&facts);
    let mut study = analyze::run_all(facts, &corpus.params);
    let window = study.counts.window;
    let evidence = evidence(&store, &detectors, kept, |fact| window.is_some_and(|w| w.contains(fact.at)))?;
    let mut manifest = manifest(&store, &corpus, &detectors, globals)?;
    if let Some(old) = &old {
        manifest.settings.push(setting("compare", old.blake3.clone()));
        study.answers.extend(compare::answers(&store, &corpus, &detectors, &study.counts, &manifest, old)?);
    }
    report::write(&args.out, &study, &manifest, &evidence)
        .with_context(|| format!("cannot write the report into \"{}\"", args.out.display()))?;

    let mut out = std::io::stdout().lock();
    if globals.format == Some(Format::Json) {
        out.write_all(&std::fs::read(args.out.join("study.json"))?)?;
    } else {
        out.write_all(report::terminal(&study, &TermStyle::of_stdout()).as_bytes())?;
        for answer in study.answers.iter().filter(|a| a.name.starts_with("comparison")) {
            writeln!(out, "\n{}", analyze_table(answer).trim_end())?;
        }
        writeln!(
            out,
            "report            {}",
            normalize::visible_line(&args.out.join("report.html").to_string_lossy())
        )?;
    }
    Ok(if corpus.skipped {
        ExitCode::from(SKIPPED)
    } else if empty && args.question.paths.is_empty() {
        ExitCode::from(NOTHING)
    } else {
        ExitCode::SUCCESS
    })
}

/// The facts in scope, and a sample of mentions chosen by their ids, so that it is the same on every run.
fn load(store: &Store, corpus: &mut Corpus, detectors: &Detectors) -> Result<Loaded> {
    let lowest: RefCell<BinaryHeap<Id>> = RefCell::default();
    let keep = |id: &Id, fact: &Fact| {
        if !fact.has(ESCROW) {
            return false;
        }
        let mut lowest = lowest.borrow_mut();
        if lowest.len() == CANDIDATES {
            if lowest.peek().is_some_and(|highest| id >= highest) {
                return false;
            }
            lowest.pop();
        }
        lowest.push(*id);
        true
    };
    let mut loaded = corpus.load(store, detectors, keep)?;
    loaded.kept.sort_unstable_by_key(|(id, ..)| *id);
    loaded.kept.truncate(CANDIDATES);
    Ok(loaded)
}

fn evidence(
    store: &Store,
    detectors: &Detectors,
    candidates: Vec<Candidate>,
    inside: impl Fn(&Fact) -> bool,
) -> Result<Vec<EvidenceQuote>> {
    let mut clusters = HashSet::new();
    let places: Vec<Place> = candidates
        .into_iter()
        .filter(|(_, fact, _)| inside(fact) && clusters.insert(fact.cluster))
        .map(|(_, _, place)| place)
        .take(QUOTES)
        .collect();
    Ok(load::quote(store, &places)?.into_iter().map(|quoted| quote(detectors, quoted)).collect())
}

/// The stored text judged again, so that the report shows why it counted and where.
fn quote(detectors: &Detectors, quoted: Quoted) -> EvidenceQuote {
    let verdict = detectors.judge_text(&quoted.text, &normalize::clean_text(&quoted.text, &[]));
    EvidenceQuote {
        spans: verdict.escrow.spans.iter().map(|span| (span.start as usize, span.end as usize)).collect(),
        text: quoted.text,
        lang: quoted.lang,
        source: quoted.source_name,
        medium: quoted.medium,
        handle: quoted.author.unwrap_or_default(),
        at: quoted.posted_at.map(|at| at.to_string()).unwrap_or_default(),
        why: verdict.why,
        hash: quoted.capture_id,
        cluster: quoted.cluster_id.unwrap_or_default(),
        place: format!("message {}", quoted.place),
    }
}

fn setting(name: &str, value: String) -> report::Setting {
    report::Setting { name: name.into(), value }
}

fn manifest(store: &Store, corpus: &Corpus, detectors: &Detectors, globals: &Globals) -> Result<Manifest> {
    let chosen: Option<HashSet<&CaptureId>> = corpus.scope.as_deref().map(|ids| ids.iter().collect());
    let mut inputs: Vec<report::Input> = store
        .ledger()?
        .captures()?
        .into_iter()
        .filter(|capture| chosen.as_ref().is_none_or(|c| c.contains(&capture.new.id)))
        .map(|capture| report::Input {
            path: capture.new.path,
            format: capture.new.format,
            bytes: capture.new.bytes,
            blake3: capture.new.id.0,
        })
        .collect();
    // By content, so that the order of reading does not show.
    inputs.sort_by(|a, b| a.blake3.cmp(&b.blake3));
    let version = env!("CARGO_PKG_VERSION");
    let mut settings = vec![setting("zone", globals.zone.clone())];
    settings.extend(corpus.params.from.map(|day| setting("from", day.to_string())));
    settings.extend(corpus.params.to.map(|day| setting("to", day.to_string())));
    settings.extend(corpus.events.as_ref().map(|file| setting("events", file.blake3.clone())));
    Ok(Manifest {
        noctule: version.into(),
        command: "noctule study".into(),
        inputs,
        rules: lexicon::rules(detectors),
        settings,
        ..Manifest::default()
    })
}
