//! From table files to plain values: what counting and the key index need, and no Arrow beyond this file.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

use datafusion::arrow::array::{Array, AsArray, BooleanArray, Float64Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{Float64Type, Int32Type, Int64Type, TimestampMicrosecondType};
use noctule_core::lexicon::Lexicons;
use noctule_core::model::{Agent, Id, Medium, Micros, Party, Payer, Polarity};

use crate::analyze::facts::{DEAL, DealFact, ESCROW, Mention, Said};
use crate::analyze::{self, Fact, Facts, SourceFact};
use crate::evidence::CaptureId;
use crate::ledger::{Ledger, TableFile};
use crate::tables::scan::{pick, scan};
use crate::terms::Spellings;
use crate::{Result, Store, StoreError, health};

/// Every stored revision, as the key index holds it.
pub(crate) fn each_key(store: &Store, ledger: &Ledger, mut each: impl FnMut(Id, u64, u32, u32)) -> Result<()> {
    let files = ledger.table_files("verdicts")?;
    let columns = ["message_id", "content", "edited_secs", "capture_no"];
    scan(&store.tables_dir(), &files, &columns, |_, batch| {
        let ids = batch.column(0).as_string::<i32>();
        let content = batch.column(1).as_primitive::<Int64Type>();
        let edited = batch.column(2).as_primitive::<Int64Type>();
        let capture = batch.column(3).as_primitive::<Int32Type>();
        for row in 0..batch.num_rows() {
            each(id(ids.value(row))?, content.value(row) as u64, edited.value(row) as u32, capture.value(row) as u32);
        }
        Ok(())
    })
}

/// The captures that an answer covers.
pub enum Scope<'a> {
    Everything,
    Captures(&'a [CaptureId]),
}

/// Where the texts behind facts lie, for quoting some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Position in the ledger's list of the table's files.
    file: u32,
    row: u32,
}

/// The facts in scope, and the places of those that `keep` chooses by their message id.
pub struct Loaded {
    pub facts: Facts,
    pub kept: Vec<(Id, Fact, Place)>,
}

/// Messages before this are a clock that was never set.
const PLAUSIBLE_FROM: i64 = 946_684_800;
/// A page that was just captured may show a date without a zone, which is read up to so much later than it was.
const ZONES_MICROS: i64 = 14 * 3600 * 1_000_000;

/// One revision of a message, as far as counting needs it.
struct Revision {
    message: Id,
    content: u64,
    edited_secs: u32,
    posted_at: Option<i64>,
    captured_at: i64,
    source: u32,
    cluster: u64,
    flags: u32,
    /// The word it used for escrow; 0 when it mentions none.
    word: u32,
    /// `None` when it says nothing of deals.
    said: Option<Said>,
    place: Place,
}

/// Reads the narrow `verdicts` table; texts are never touched. The latest revision within the scope counts.
/// `lexicons` tell to which entry a stored term belongs.
pub fn facts(
    store: &Store,
    scope: Scope<'_>,
    lexicons: &Lexicons,
    keep: impl Fn(&Id, &Fact) -> bool,
) -> Result<Loaded> {
    let ledger = store.ledger()?;
    ledger.snapshot(|ledger| {
        store.check_tables(ledger)?;
        Loader::new(store, ledger, scope)?.load(lexicons, keep)
    })
}

struct Loader<'a> {
    store: &'a Store,
    ledger: &'a Ledger,
    /// By capture number: its time, and whether it is in scope.
    captures: HashMap<i32, (i64, bool)>,
    everything: bool,
    sources: HashMap<String, u32>,
    source_facts: Vec<SourceFact>,
    used: Vec<bool>,
    skipped: u64,
    simulated: Option<analyze::Simulated>,
    spellings: Spellings,
    health: Vec<analyze::facts::Health>,
}

impl<'a> Loader<'a> {
    fn new(store: &'a Store, ledger: &'a Ledger, scope: Scope<'_>) -> Result<Self> {
        let chosen: Option<HashSet<&CaptureId>> = match scope {
            Scope::Everything => None,
            Scope::Captures(ids) => Some(ids.iter().collect()),
        };
        let (mut captures, mut skipped, mut simulated) = (HashMap::new(), 0, None);
        let all = ledger.captures()?;
        for capture in &all {
            let inside = chosen.as_ref().is_none_or(|c| c.contains(&capture.new.id));
            captures.insert(capture.no as i32, (capture.new.captured_at.0, inside));
            if inside {
                skipped += capture.skipped;
                if simulated.is_none() {
                    simulated = capture.new.simulated.as_deref().map(marker);
                }
            }
        }
        let mut sources = HashMap::new();
        let mut source_facts = Vec::new();
        for source in ledger.sources()? {
            sources.insert(source.source_id.clone(), source_facts.len() as u32);
            source_facts.push(SourceFact {
                medium: Medium::from_word(&source.medium).unwrap_or(Medium::Other),
                id: source.source_id,
                name: source.name,
            });
        }
        let in_scope = |number: i32| captures.get(&number).is_some_and(|(_, inside): &(i64, bool)| *inside);
        let health = health::gather(store, ledger, &all, in_scope)?;
        let used = vec![false; source_facts.len()];
        let everything = captures.values().all(|(_, inside)| *inside);
        let spellings = Spellings::new();
        Ok(Self {
            store,
            ledger,
            captures,
            everything,
            sources,
            source_facts,
            used,
            skipped,
            simulated,
            spellings,
            health,
        })
    }

    fn load(mut self, lexicons: &Lexicons, keep: impl Fn(&Id, &Fact) -> bool) -> Result<Loaded> {
        let replaced = self.replaced()?;
        let seen_again = if self.everything { HashSet::new() } else { self.sightings()? };
        let mut loaded = Loaded { facts: Facts::default(), kept: Vec::new() };
        let files = self.ledger.table_files("verdicts")?;
        let rows = files.iter().map(|f| f.rows as usize).sum();
        loaded.facts.rows.reserve_exact(rows);
        // Room that is never filled costs no memory, growing does: the old place stays until all is copied.
        loaded.facts.deals.reserve_exact(rows);
        // Only messages that were ever edited need comparing; all others go straight to the facts.
        let mut edited: HashMap<Id, Revision> = HashMap::new();
        let edited_ids: HashSet<Id> = replaced.iter().map(|(id, _)| *id).collect();
        self.each_revision(&files, |loader, revision| {
            let inside = loader.captures.get(&revision.1).is_some_and(|(_, inside)| *inside)
                || seen_again.contains(&(revision.0.message, revision.0.content));
            if !inside {
                return;
            }
            let revision = revision.0;
            if !edited_ids.contains(&revision.message) {
                loader.count(&mut loaded, &revision, &keep);
                return;
            }
            match edited.entry(revision.message) {
                Entry::Vacant(entry) => {
                    entry.insert(revision);
                }
                Entry::Occupied(mut entry) => {
                    let rank = |r: &Revision| (r.edited_secs, r.content);
                    if rank(entry.get()) < rank(&revision) {
                        entry.insert(revision);
                    }
                }
            }
        })?;
        let mut edited: Vec<Revision> = edited.into_values().collect();
        edited.sort_unstable_by_key(|r| r.message);
        for revision in &edited {
            self.count(&mut loaded, revision, &keep);
        }
        self.finish(&mut loaded, lexicons);
        Ok(loaded)
    }

    /// Adds a message to the facts, or to the count of those that cannot be placed in time.
    fn count(&mut self, loaded: &mut Loaded, revision: &Revision, keep: &impl Fn(&Id, &Fact) -> bool) {
        self.used[revision.source as usize] = true;
        let Some(posted_at) = revision.posted_at else {
            loaded.facts.undated += 1;
            return;
        };
        let secs = posted_at.div_euclid(1_000_000);
        if secs < PLAUSIBLE_FROM
            || posted_at > revision.captured_at.saturating_add(ZONES_MICROS)
            || secs > i64::from(u32::MAX)
        {
            loaded.facts.implausible += 1;
            return;
        }
        let fact = Fact::new(revision.cluster, secs as u32, revision.source, revision.flags);
        if keep(&revision.message, &fact) {
            loaded.kept.push((revision.message, fact, revision.place));
        }
        loaded.facts.rows.push(fact);
        if fact.has(ESCROW) {
            loaded.facts.mentions.push(Mention { fact, word: revision.word });
        }
        loaded.facts.deals.extend(revision.said.map(|said| DealFact { fact, said }));
    }

    /// Sources that only other captures know are left out, and the facts renumbered.
    fn finish(self, loaded: &mut Loaded, lexicons: &Lexicons) {
        let facts = &mut loaded.facts;
        let mut numbers = Vec::with_capacity(self.used.len());
        for (source, used) in self.source_facts.into_iter().zip(&self.used) {
            numbers.push(facts.sources.len() as u32);
            if *used {
                facts.sources.push(source);
            }
        }
        let renumber = |fact: &mut Fact| fact.set_source(numbers[fact.source() as usize]);
        if self.used.contains(&false) {
            facts.rows.iter_mut().for_each(renumber);
            facts.mentions.iter_mut().for_each(|mention| renumber(&mut mention.fact));
            facts.deals.iter_mut().for_each(|deal| renumber(&mut deal.fact));
            loaded.kept.iter_mut().for_each(|(_, fact, _)| renumber(fact));
        }
        facts.words = self.spellings.resolve(lexicons, &mut facts.mentions);
        facts.skipped = self.skipped;
        facts.simulated = self.simulated;
        facts.health = self.health;
    }

    fn each_revision(&mut self, files: &[TableFile], mut each: impl FnMut(&mut Self, (Revision, i32))) -> Result<()> {
        const COLUMNS: [&str; 21] = [
            "message_id",
            "content",
            "edited_secs",
            "posted_at",
            "source_id",
            "cluster_id",
            "escrow",
            "deal",
            "forwarded",
            "capture_no",
            "escrow_terms",
            "lang",
            // As `Sayings` takes them.
            "scam_report",
            "kind",
            "agent",
            "escrow_polarity",
            "price_usd",
            "fee_percent_min",
            "fee_percent_max",
            "fee_payer",
            "accused",
        ];
        let tables_dir = self.store.tables_dir();
        let (mut file, mut row) = (usize::MAX, 0u32);
        scan(&tables_dir, files, &COLUMNS, |number, batch| {
            if number != file {
                (file, row) = (number, 0);
            }
            let text = |i: usize| batch.column(i).as_string::<i32>();
            let flag = |i: usize| batch.column(i).as_boolean();
            let long = |i: usize| batch.column(i).as_primitive::<Int64Type>();
            let (ids, sources, clusters) = (text(0), text(4), text(5));
            let (content, edited) = (long(1), long(2));
            let posted = batch.column(3).as_primitive::<TimestampMicrosecondType>();
            let (escrow, deal, forwarded) = (flag(6), flag(7), flag(8));
            let captures = batch.column(9).as_primitive::<Int32Type>();
            let (terms, langs) = (text(10), text(11));
            let sayings = Sayings::of(batch, 12);
            for i in 0..batch.num_rows() {
                let mut flags = 0;
                let cluster = if clusters.is_null(i) {
                    0
                } else {
                    flags |= analyze::facts::TEXT;
                    id(clusters.value(i))?.0[..8].iter().fold(0, |n, b| n << 8 | u64::from(*b)).max(1)
                };
                for (set, flag) in
                    [(escrow.value(i), ESCROW), (deal.value(i), DEAL), (forwarded.value(i), analyze::facts::FORWARDED)]
                {
                    if set {
                        flags |= flag;
                    }
                }
                let source = *self
                    .sources
                    .get(sources.value(i))
                    .ok_or_else(|| StoreError::Table(format!("source {} is not in the ledger", sources.value(i))))?;
                let capture_no = captures.value(i);
                let word = if escrow.value(i) {
                    self.spellings.number(terms.is_valid(i).then(|| terms.value(i)), langs.value(i))
                } else {
                    0
                };
                let revision = Revision {
                    message: id(ids.value(i))?,
                    content: content.value(i) as u64,
                    edited_secs: edited.value(i) as u32,
                    posted_at: posted.is_valid(i).then(|| posted.value(i)),
                    captured_at: self.captures.get(&capture_no).map_or(i64::MAX, |(at, _)| *at),
                    source,
                    cluster,
                    flags,
                    word,
                    said: sayings.row(i, flags & (DEAL | ESCROW) != 0),
                    place: Place { file: number as u32, row },
                };
                each(self, (revision, capture_no));
                row += 1;
            }
            Ok(())
        })
    }

    /// Rows that an edit has replaced.
    fn replaced(&self) -> Result<Vec<(Id, u64)>> {
        let mut rows = Vec::new();
        let files = self.ledger.table_files("revisions")?;
        scan(&self.store.tables_dir(), &files, &["message_id", "content"], |_, batch| {
            let (ids, content) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
            for i in 0..batch.num_rows() {
                rows.push((id(ids.value(i))?, content.value(i) as u64));
            }
            Ok(())
        })?;
        Ok(rows)
    }

    /// Messages stored from another capture that a capture in scope holds too.
    fn sightings(&self) -> Result<HashSet<(Id, u64)>> {
        let mut seen = HashSet::new();
        let files = self.ledger.table_files("sightings")?;
        scan(&self.store.tables_dir(), &files, &["message_id", "content", "capture_no"], |_, batch| {
            let (ids, content) = (batch.column(0).as_string::<i32>(), batch.column(1).as_primitive::<Int64Type>());
            let captures = batch.column(2).as_primitive::<Int32Type>();
            for i in 0..batch.num_rows() {
                if self.captures.get(&captures.value(i)).is_some_and(|(_, inside)| *inside) {
                    seen.insert((id(ids.value(i))?, content.value(i) as u64));
                }
            }
            Ok(())
        })?;
        Ok(seen)
    }
}

/// The columns of a batch that say something of deals.
struct Sayings<'a> {
    scam: &'a BooleanArray,
    kind: &'a StringArray,
    agent: &'a StringArray,
    polarity: &'a StringArray,
    price: &'a Float64Array,
    fee_min: &'a Float64Array,
    fee_max: &'a Float64Array,
    payer: &'a StringArray,
    accused: &'a StringArray,
}

impl<'a> Sayings<'a> {
    /// They stand in this order from column `first` on.
    fn of(batch: &'a RecordBatch, first: usize) -> Self {
        let text = |i: usize| batch.column(first + i).as_string::<i32>();
        let number = |i: usize| batch.column(first + i).as_primitive::<Float64Type>();
        Self {
            scam: batch.column(first).as_boolean(),
            kind: text(1),
            agent: text(2),
            polarity: text(3),
            price: number(4),
            fee_min: number(5),
            fee_max: number(6),
            payer: text(7),
            accused: text(8),
        }
    }

    /// What a row says; `None` when it is `about` no deal and reports no scam.
    fn row(&self, row: usize, about: bool) -> Option<Said> {
        let scam = self.scam.value(row);
        if !about && !scam {
            return None;
        }
        let mut said = Said { scam, ..Said::default() };
        if self.kind.is_valid(row) {
            said.kind = Said::kind_of(self.kind.value(row));
        }
        said.agent = named(self.agent, row, &[Agent::Human, Agent::Automated], Agent::word).unwrap_or(Agent::Unknown);
        let polarities = [Polarity::Affirmed, Polarity::Refused, Polarity::Asked, Polarity::Reported];
        said.polarity = named(self.polarity, row, &polarities, Polarity::word);
        said.payer = named(self.payer, row, &[Payer::Buyer, Payer::Seller, Payer::Split], Payer::word);
        let parties = [Party::Seller, Party::Buyer, Party::Agent, Party::ThirdParty];
        said.accused = named(self.accused, row, &parties, Party::word);
        if self.price.is_valid(row) {
            said.set_dollars(self.price.value(row));
        }
        if self.fee_min.is_valid(row) && self.fee_max.is_valid(row) {
            said.set_fee(self.fee_min.value(row), self.fee_max.value(row));
        }
        Some(said)
    }
}

/// The value whose word stands in a row.
fn named<T: Copy>(column: &StringArray, row: usize, all: &[T], word: fn(T) -> &'static str) -> Option<T> {
    let text = column.is_valid(row).then(|| column.value(row))?;
    all.iter().copied().find(|value| word(*value) == text)
}

/// What the marker file of a simulated corpus says; a marker that does not read still marks.
fn marker(json: &str) -> analyze::Simulated {
    let value: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    analyze::Simulated {
        scenario: value["scenario"].as_str().unwrap_or("unknown").to_string(),
        seed: value["seed"].as_u64().unwrap_or_default(),
    }
}

/// A stored message, for quoting it as evidence.
#[derive(Clone, Debug)]
pub struct Quoted {
    pub message_id: String,
    pub text: String,
    pub lang: String,
    pub source_id: String,
    pub source_name: String,
    pub medium: String,
    pub author: Option<String>,
    pub posted_at: Option<Micros>,
    pub cluster_id: Option<String>,
    pub capture_id: String,
    pub place: u64,
}

/// The messages at these places, in the order given.
pub fn quote(store: &Store, places: &[Place]) -> Result<Vec<Quoted>> {
    const COLUMNS: [&str; 11] = [
        "message_id",
        "text",
        "lang",
        "source_id",
        "source_name",
        "medium",
        "author_name",
        "posted_at",
        "cluster_id",
        "capture_id",
        "place",
    ];
    let ledger = store.ledger()?;
    // Verdicts and messages of a batch stand in the same order, so a place in one is the place in the other.
    let verdicts = ledger.table_files("verdicts")?;
    let messages = ledger.table_files("messages")?;
    let mut quoted = vec![None; places.len()];
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|i| (places[*i].file, places[*i].row));
    for group in order.chunk_by(|a, b| places[*a].file == places[*b].file) {
        let file = places[group[0]].file as usize;
        let Some(file) = verdicts.get(file).and_then(|v| messages.iter().find(|m| m.path == v.path)) else {
            return Err(StoreError::Table("a batch has verdicts and no messages".into()));
        };
        let rows: Vec<u64> = group.iter().map(|i| u64::from(places[*i].row)).collect();
        let mut next = group.iter();
        for batch in pick(&store.tables_dir(), file, &COLUMNS, &rows)? {
            let text = |column: usize, row: usize| {
                let column = batch.column(column).as_string::<i32>();
                column.is_valid(row).then(|| column.value(row).to_string())
            };
            for row in 0..batch.num_rows() {
                let posted = batch.column(7).as_primitive::<TimestampMicrosecondType>();
                let Some(index) = next.next() else { break };
                quoted[*index] = Some(Quoted {
                    message_id: text(0, row).unwrap_or_default(),
                    text: text(1, row).unwrap_or_default(),
                    lang: text(2, row).unwrap_or_default(),
                    source_id: text(3, row).unwrap_or_default(),
                    source_name: text(4, row).unwrap_or_default(),
                    medium: text(5, row).unwrap_or_default(),
                    author: text(6, row),
                    posted_at: posted.is_valid(row).then(|| Micros(posted.value(row))),
                    cluster_id: text(8, row),
                    capture_id: text(9, row).unwrap_or_default(),
                    place: batch.column(10).as_primitive::<Int64Type>().value(row) as u64,
                });
            }
        }
    }
    Ok(quoted.into_iter().flatten().collect())
}

fn id(text: &str) -> Result<Id> {
    Id::parse(text).ok_or_else(|| StoreError::Table(format!("\"{text}\" is no id")))
}
