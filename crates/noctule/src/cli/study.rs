//! `noctule study`: from paths, or everything stored, to the report.

use std::cell::RefCell;
use std::collections::{BinaryHeap, HashSet};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use noctule_core::detect::Detectors;
use noctule_core::model::{Id, Medium, RawMessage, Source};
use noctule_core::normalize;
use noctule_store::Store;
use noctule_store::analyze::facts::ESCROW;
use noctule_store::analyze::{self, Day, Fact, Params};
use noctule_store::evidence::CaptureId;
use noctule_store::load::{self, Place, Quoted, Scope};

use super::ingest::{Reading, read_into_store};
use super::{Format, Globals, NOTHING, SKIPPED, lexicon};
use crate::report::{self, EvidenceQuote, Manifest, TermStyle};
use crate::{pipeline, say};

/// Measure escrow agents: from exports to a report
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  noctule study exports/                              read a folder and study exactly that
  noctule study                                       study everything read so far
  noctule study exports/ --from 2020-01-01 --to 2022-12-31 --out report

Writes report.html (one file, no script, no outside request), study.json, answers/*.csv and manifest.json. The same
input gives the same bytes. What was read before is not read again.")]
pub struct Args {
    /// Files and folders; without any, everything stored
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    reading: Reading,
    /// First day of the window [default: the month of the first message]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    from: Option<Day>,
    /// Last day of the window [default: the end of the month of the last message]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    to: Option<Day>,
    /// Folder of the report
    #[arg(long, value_name = "DIR", default_value = "noctule-study")]
    out: PathBuf,
}

impl Args {
    /// As `noctule demo` runs it.
    pub fn for_demo(corpus: &Path, out: &Path) -> Self {
        Self { paths: vec![corpus.to_owned()], reading: Reading::default(), from: None, to: None, out: out.to_owned() }
    }
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| format!("\"{text}\" is no day such as 2021-07-31"))
}

/// Messages quoted as evidence.
const QUOTES: usize = 12;
/// Candidates held while reading; more than quoted, because reposts of one text are quoted once.
const CANDIDATES: usize = 200;

pub fn run(args: Args, globals: &Globals) -> Result<ExitCode> {
    if let (Some(from), Some(to)) = (args.from, args.to)
        && from > to
    {
        bail!("the window ends before it begins\nhint: --from is the first day, --to the last");
    }
    let detectors = args.reading.words.detectors(globals)?;
    let store = globals.store()?;
    let mut scope = None;
    let mut skipped = false;
    let mut unread = 0;
    if args.paths.is_empty() {
        store.ledger()?;
        let stale = pipeline::judged_otherwise(&store, &detectors)?;
        if stale || !store.ledger()?.pending_captures()?.is_empty() {
            read_into_store(globals, &detectors, &[], &args.reading.options(globals)?, &mut |_| {})?;
        }
    } else {
        let outcome = read_into_store(globals, &detectors, &args.paths, &args.reading.options(globals)?, &mut |_| {})?;
        skipped = outcome.anything_skipped();
        unread = outcome.path_skips.len() as u64;
        if outcome.scope.is_empty() {
            for (path, skip) in outcome.path_skips.iter().take(5) {
                say::note(false, &format!("\"{path}\": {} ({})", skip.detail, skip.reason.word()));
            }
            bail!(
                "nothing here could be read\nhint: `noctule ingest PATH --dry-run` says how each file looks to noctule"
            );
        }
        scope = Some(outcome.scope);
    }
    let (loaded, candidates) = facts(&store, scope.as_deref())?;
    let mut facts = loaded;
    facts.skipped += unread;
    if scope.is_none() {
        skipped = facts.skipped > 0;
    }
    let empty = facts.rows.is_empty() && facts.undated + facts.implausible == 0;
    let params = Params { from: args.from, to: args.to, ..Params::default() };
    let study = analyze::run_all(facts, &params);
    let window = study.counts.window;
    let evidence = evidence(&store, &detectors, candidates, |fact| window.is_some_and(|w| w.contains(fact.at)))?;
    let manifest = manifest(&store, &detectors, scope.as_deref(), &args, globals)?;
    report::write(&args.out, &study, &manifest, &evidence)
        .with_context(|| format!("cannot write the report into \"{}\"", args.out.display()))?;

    let mut out = std::io::stdout().lock();
    if globals.format == Some(Format::Json) {
        out.write_all(&std::fs::read(args.out.join("study.json"))?)?;
    } else {
        let color = out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
        let style = TermStyle { color, utf8: unicode(), width: 100 };
        out.write_all(report::terminal(&study, &style).as_bytes())?;
        writeln!(
            out,
            "report            {}",
            normalize::visible_line(&args.out.join("report.html").to_string_lossy())
        )?;
    }
    Ok(if skipped {
        ExitCode::from(SKIPPED)
    } else if empty && args.paths.is_empty() {
        ExitCode::from(NOTHING)
    } else {
        ExitCode::SUCCESS
    })
}

/// Whether the terminal's locale says UTF-8.
fn unicode() -> bool {
    ["LC_ALL", "LC_CTYPE", "LANG"].iter().filter_map(std::env::var_os).find(|value| !value.is_empty()).is_none_or(
        |value| {
            let value = value.to_string_lossy().to_ascii_lowercase();
            value.contains("utf-8") || value.contains("utf8")
        },
    )
}

type Candidate = (Id, Fact, Place);

/// The facts in scope, and a sample of mentions chosen by their ids, so that it is the same on every run.
fn facts(store: &Store, scope: Option<&[CaptureId]>) -> Result<(analyze::Facts, Vec<Candidate>)> {
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
    let scope = scope.map_or(Scope::Everything, Scope::Captures);
    let mut loaded = load::facts(store, scope, keep)?;
    loaded.kept.sort_unstable_by_key(|(id, ..)| *id);
    loaded.kept.truncate(CANDIDATES);
    Ok((loaded.facts, loaded.kept))
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
    let source = Arc::new(Source { key: quoted.source_id, name: String::new(), medium: Medium::Other, url: None });
    let message = normalize::clean(RawMessage::new(source, quoted.place, quoted.text));
    let verdict = detectors.judge(&message);
    EvidenceQuote {
        spans: verdict.escrow.spans.iter().map(|span| (span.start as usize, span.end as usize)).collect(),
        text: message.raw.text,
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

fn manifest(
    store: &Store,
    detectors: &Detectors,
    scope: Option<&[CaptureId]>,
    args: &Args,
    globals: &Globals,
) -> Result<Manifest> {
    let chosen: Option<HashSet<&CaptureId>> = scope.map(|ids| ids.iter().collect());
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
    let setting = |name: &str, value: String| report::Setting { name: name.into(), value };
    let mut settings = vec![setting("zone", globals.zone.clone())];
    settings.extend(args.from.map(|day| setting("from", day.to_string())));
    settings.extend(args.to.map(|day| setting("to", day.to_string())));
    Ok(Manifest {
        noctule: version.into(),
        command: "noctule study".into(),
        inputs,
        rules: lexicon::rules(detectors),
        settings,
        ..Manifest::default()
    })
}
