//! `noctule study --compare OLD`: what changed since an earlier study, and which part of it comes from what.
//!
//! # How
//! From the old totals to the new ones in three steps, each of which counts again what is stored now, so that the
//! parts add up to the whole exactly:
//!
//! 1. `rules`: the captures of the old study in its window, with the verdicts stored now, against the old figures.
//!    When captures of the old study are not stored here any more, what they held is in this part too.
//! 2. `captures`: all captures of the new study, still in the old window: late messages among them.
//! 3. `window`: the same captures in the new window.
//!
//! # Where it is wrong
//! The order is a choice: what two causes do together goes to the later one. A unique count can fall when messages
//! arrive, because an earlier copy moves a text to another month or source.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use noctule_core::detect::Detectors;
use noctule_core::model::{Answer, Column, Kind, Part, Summary, Value};
use noctule_store::Store;
use noctule_store::analyze::words::{counted, thousands};
use noctule_store::analyze::{Counts, Day};
use noctule_store::evidence::CaptureId;
use serde_json::Value as Json;

use super::question::{self, Corpus};
use crate::report::{Manifest, SCHEMA};

/// A study of a hundred thousand sources has a file of some ten megabytes.
const MOST_BYTES: u64 = 512 << 20;

/// An earlier study.
pub struct Old {
    totals: Json,
    window: Option<(Day, Day)>,
    manifest: Manifest,
    /// Of its `study.json`.
    pub blake3: String,
}

impl Old {
    /// `path` is the study's folder or its `study.json`; `manifest.json` lies beside it.
    pub fn read(path: &Path) -> Result<Self> {
        let file = if path.is_dir() { path.join("study.json") } else { path.to_path_buf() };
        let bytes = bounded(&file)?;
        let study: Json = serde_json::from_slice(&bytes)
            .with_context(|| format!("\"{}\" is no study.json of an earlier study", file.display()))?;
        ensure!(
            study["schema"] == SCHEMA,
            "\"{}\" does not say that it is {SCHEMA}\nhint: name the folder that an earlier `noctule study --out` wrote",
            file.display()
        );
        let beside = file.with_file_name("manifest.json");
        let manifest = serde_json::from_slice(&bounded(&beside)?)
            .with_context(|| format!("\"{}\" is no manifest of an earlier study", beside.display()))?;
        let day = |name: &str| study["window"][name].as_str().and_then(Day::parse);
        Ok(Self {
            window: day("from").zip(day("to")),
            totals: study["totals"].clone(),
            manifest,
            blake3: blake3::hash(&bytes).to_hex().to_string(),
        })
    }

    fn total(&self, path: &[&str]) -> Option<i64> {
        path.iter().fold(&self.totals, |json, key| &json[*key]).as_i64()
    }
}

fn bounded(path: &PathBuf) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path).with_context(|| format!("cannot open \"{}\" to compare with", path.display()))?;
    file.take(MOST_BYTES + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read \"{}\"", path.display()))?;
    if bytes.len() as u64 > MOST_BYTES {
        bail!("\"{}\" is larger than any study", path.display());
    }
    Ok(bytes)
}

/// A total: its name in the rows, its place in `study.json`, and where it is counted now.
type Measure = (&'static str, &'static [&'static str], fn(&Counts) -> u64);

const MEASURES: [Measure; 9] = [
    ("messages", &["messages"], |c| c.total.messages),
    ("unique_texts", &["unique_texts"], |c| c.total.unique_texts),
    ("sources", &["sources"], |c| c.active_sources() as u64),
    ("escrow_raw", &["escrow_mentions", "raw"], |c| c.total.escrow.raw),
    ("escrow_unique", &["escrow_mentions", "unique"], |c| c.total.escrow.unique),
    ("escrow_fixed_panel", &["escrow_mentions", "fixed_panel"], |c| c.total.escrow.fixed_panel),
    ("deals_raw", &["deal_related", "raw"], |c| c.total.deals.raw),
    ("deals_unique", &["deal_related", "unique"], |c| c.total.deals.unique),
    ("deals_fixed_panel", &["deal_related", "fixed_panel"], |c| c.total.deals.fixed_panel),
];

/// The totals side by side, and what differs between the studies.
pub fn answers(
    store: &Store,
    corpus: &Corpus,
    detectors: &Detectors,
    new: &Counts,
    manifest: &Manifest,
    old: &Old,
) -> Result<[Answer; 2]> {
    let stored: HashSet<String> = store.ledger()?.captures()?.into_iter().map(|c| c.new.id.0).collect();
    let before: Vec<CaptureId> = old
        .manifest
        .inputs
        .iter()
        .filter(|input| stored.contains(&input.blake3))
        .map(|input| CaptureId(input.blake3.clone()))
        .collect();
    let rejudged = question::counts(store, Some(&before), detectors, old.window)?;
    let same_window = old.window == new.window.map(|w| (w.from, w.to));
    let more =
        if same_window { None } else { Some(question::counts(store, corpus.scope.as_deref(), detectors, old.window)?) };
    let all = more.as_ref().unwrap_or(new);
    let causes = causes(old, manifest, new, &rejudged, all, stored.len() as u64 > 0);
    Ok([totals(old, new, &rejudged, all, &causes), of_causes(causes)])
}

fn totals(old: &Old, new: &Counts, rejudged: &Counts, all: &Counts, causes: &[Cause]) -> Answer {
    let mut rows = Vec::new();
    for (name, path, now) in MEASURES {
        let count = |counts: &Counts| i64::try_from(now(counts)).unwrap_or(i64::MAX);
        let Some(was) = old.total(path) else { continue };
        let steps = [count(rejudged) - was, count(all) - count(rejudged), count(new) - count(all)];
        let mut row = vec![Value::text(name), Value::Integer(was), Value::Integer(count(new))];
        row.push(Value::Integer(count(new) - was));
        row.extend(steps.map(Value::Integer));
        rows.push(row);
    }
    let escrow = rows.iter().find(|row| row[0] == Value::text("escrow_unique"));
    let difference = escrow.map_or(0, |row| if let Value::Integer(n) = row[3] { n } else { 0 });
    let moved = rows.iter().any(|row| row[3] != Value::Integer(0));
    let title = match (difference, moved, causes.is_empty()) {
        (0, false, true) => "Nothing changed since the earlier study".into(),
        (0, false, false) => "The totals are those of the earlier study".into(),
        (0, true, _) => "The earlier study counted as many unique mentions, and other totals".into(),
        (n, ..) => format!(
            "{} {} than in the earlier study",
            counted(n.unsigned_abs(), "unique mention", "unique mentions"),
            if n > 0 { "more" } else { "fewer" }
        ),
    };
    Answer {
        name: "comparison",
        id: "Δ",
        title,
        question: "What changed since the earlier study?",
        summary: Summary {
            answer: vec![Part::Strong(signed(difference)), Part::Plain(" unique mentions".into())],
            ..Summary::default()
        },
        columns: vec![
            Column { name: "total", unit: "total", kind: Kind::Text },
            Column { name: "old", unit: "earlier study", kind: Kind::Count },
            Column { name: "new", unit: "this study", kind: Kind::Count },
            Column { name: "difference", unit: "difference", kind: Kind::Count },
            Column { name: "by_rules", unit: "by rules", kind: Kind::Count },
            Column { name: "by_captures", unit: "by captures", kind: Kind::Count },
            Column { name: "by_window", unit: "by the window", kind: Kind::Count },
        ],
        rows,
        charts: Vec::new(),
        method:
            "Counted again from what is stored now: first the captures of the earlier study in its window (by_rules: \
                 the same messages judged otherwise), then all captures of this study in the old window (by_captures), \
                 then in the new window (by_window); the three add up to the difference"
                .into(),
        caveats: vec![
            "What two causes do together goes to the later one in this order".into(),
            "A unique count can fall when messages arrive: an earlier copy moves a text to another month or source"
                .into(),
        ],
        query: "select capture_id, path, captured_at, messages from captures order by captured_at desc".into(),
    }
}

fn signed(n: i64) -> String {
    match n {
        0 => "0".into(),
        n if n > 0 => format!("+{}", thousands(n.unsigned_abs())),
        n => format!("−{}", thousands(n.unsigned_abs())),
    }
}

/// One thing that differs.
struct Cause {
    cause: &'static str,
    /// May name something from the old files.
    old: String,
    new: String,
}

fn causes(
    old: &Old,
    manifest: &Manifest,
    new: &Counts,
    rejudged: &Counts,
    all: &Counts,
    anything_stored: bool,
) -> Vec<Cause> {
    let mut causes = Vec::new();
    let mut differs = |cause, old: String, new: String| {
        if old != new {
            causes.push(Cause { cause, old, new });
        }
    };
    let hashes = |m: &Manifest| m.inputs.iter().map(|i| i.blake3.clone()).collect::<BTreeSet<_>>();
    let (was, is) = (hashes(&old.manifest), hashes(manifest));
    let captures = |n: usize| counted(n as u64, "capture", "captures");
    differs("new captures", captures(0), captures(is.difference(&was).count()));
    differs("captures left out", captures(was.difference(&is).count()), captures(0));
    let late = all.total.messages.saturating_sub(rejudged.total.messages);
    let messages = |n: u64| counted(n, "message", "messages");
    if anything_stored {
        differs("late messages: new ones inside the old window", messages(0), messages(late));
    }
    let rules = |m: &Manifest| m.rules.iter().map(|r| (r.name.clone(), r.version.clone())).collect::<BTreeMap<_, _>>();
    let (was, is) = (rules(&old.manifest), rules(manifest));
    for name in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        let version = |of: &BTreeMap<String, String>| of.get(name).cloned().unwrap_or_else(|| "none".into());
        differs("rules", format!("{name} {}", version(&was)), format!("{name} {}", version(&is)));
    }
    differs("noctule", old.manifest.noctule.clone(), manifest.noctule.clone());
    let days = |w: Option<(Day, Day)>| w.map_or_else(|| "none".into(), |(from, to)| format!("{from} to {to}"));
    differs("window", days(old.window), days(new.window.map(|w| (w.from, w.to))));
    let settings = |m: &Manifest| {
        let compared = |s: &&crate::report::Setting| !matches!(s.name.as_str(), "compare" | "from" | "to");
        m.settings.iter().filter(compared).map(|s| (s.name.clone(), s.value.clone())).collect::<BTreeMap<_, _>>()
    };
    let (was, is) = (settings(&old.manifest), settings(manifest));
    for name in was.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
        let value = |of: &BTreeMap<String, String>| of.get(name).cloned().unwrap_or_else(|| "none".into());
        differs("setting", format!("{name} {}", value(&was)), format!("{name} {}", value(&is)));
    }
    causes
}

fn of_causes(causes: Vec<Cause>) -> Answer {
    let row = |c: &Cause| vec![Value::text(c.cause), Value::text(&c.old), Value::text(&c.new)];
    Answer {
        name: "comparison_causes",
        id: "Δ",
        title: match causes.len() {
            0 => "Captures, rules, window and settings are those of the earlier study".into(),
            n => format!("{} since the earlier study", counted(n as u64, "thing differs", "things differ")),
        },
        question: "Why do the numbers differ from the earlier study?",
        summary: Summary {
            answer: vec![Part::Strong(thousands(causes.len() as u64)), Part::Plain(" differences".into())],
            ..Summary::default()
        },
        columns: vec![
            Column { name: "cause", unit: "what", kind: Kind::Text },
            Column { name: "old", unit: "earlier study", kind: Kind::Text },
            Column { name: "new", unit: "this study", kind: Kind::Text },
        ],
        rows: causes.iter().map(row).collect(),
        charts: Vec::new(),
        method: "Both manifests, compared: captures by the hash of their bytes, rules by their version, settings by \
                 their value"
            .into(),
        caveats: Vec::new(),
        query: "select capture_id, path, captured_at, messages from captures order by captured_at desc".into(),
    }
}
