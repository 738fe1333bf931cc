//! Facts counted: by month, by source and in all, each raw, unique and for the fixed panel.
//!
//! ## How it counts
//! The rows are sorted by cluster and time, so that a cluster is a run whose first row is its earliest message; one
//! pass then fills a cell for each source and month that has a message. Everything else is a sum of cells. Ten
//! million rows are sorted in place: no second copy of them is made.
//!
//! ## What the words mean (see `design.md`, section 6)
//! *Raw* counts every message. *Unique* counts a cluster once, in the month and source of its earliest matching
//! message inside the window: of its earliest mention for escrow, of its earliest deal-related message for deals.
//! *Fixed panel* counts raw messages of sources with at least one message in every month of the window.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::facts::{DEAL, DealFact, ESCROW, FORWARDED, Fact, Facts, Health, Simulated, SourceFact, Word};
use super::mentions::{self, OfTerm};
use super::window::{Day, FIRST_DAY, Month, Window};

/// One figure counted in the three ways.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Ways {
    pub raw: u64,
    pub unique: u64,
    pub fixed_panel: u64,
}

impl Ways {
    pub(super) fn add(&mut self, raw: u32, unique: u32, in_panel: bool) {
        self.raw += u64::from(raw);
        self.unique += u64::from(unique);
        self.fixed_panel += if in_panel { u64::from(raw) } else { 0 };
    }

    pub(super) fn join(&mut self, other: Self) {
        self.raw += other.raw;
        self.unique += other.unique;
        self.fixed_panel += other.fixed_panel;
    }
}

/// What one source posted in one month.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Cell {
    /// Position in [`Counts::sources`].
    pub source: u32,
    /// Position in [`Counts::months`].
    pub month: u16,
    pub messages: u32,
    /// Clusters whose earliest message is here.
    pub unique_texts: u32,
    pub escrow_raw: u32,
    pub escrow_unique: u32,
    pub deals_raw: u32,
    pub deals_unique: u32,
    /// Messages with both.
    pub both_raw: u32,
    /// Clusters whose earliest deal-related message is here and that mention escrow in a deal-related message.
    /// Counted where the deal is, so that it never exceeds `deals_unique`.
    pub both_unique: u32,
}

/// Sums over some sources and months.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    pub messages: u64,
    pub unique_texts: u64,
    pub escrow: Ways,
    pub deals: Ways,
    /// Deal-related messages that mention escrow.
    pub both: Ways,
}

impl Sums {
    fn add(&mut self, cell: &Cell, in_panel: bool) {
        self.messages += u64::from(cell.messages);
        self.unique_texts += u64::from(cell.unique_texts);
        self.escrow.add(cell.escrow_raw, cell.escrow_unique, in_panel);
        self.deals.add(cell.deals_raw, cell.deals_unique, in_panel);
        self.both.add(cell.both_raw, cell.both_unique, in_panel);
    }

    pub fn join(&mut self, other: &Self) {
        self.messages += other.messages;
        self.unique_texts += other.unique_texts;
        self.escrow.join(other.escrow);
        self.deals.join(other.deals);
        self.both.join(other.both);
    }
}

/// Everything the counting analyses read.
#[derive(Clone, PartialEq, Debug)]
pub struct Counts {
    /// `None` when there is no message and no window was asked for.
    pub window: Option<Window>,
    /// The months of the window, ascending.
    pub months: Vec<Month>,
    pub by_month: Vec<Sums>,
    pub total: Sums,
    /// All sources in scope, by id; those without a message in the window too.
    pub sources: Vec<SourceFact>,
    pub by_source: Vec<Sums>,
    /// Whether a source has a message in every month.
    pub in_panel: Vec<bool>,
    /// By source, then month.
    pub cells: Vec<Cell>,
    /// The first and last day of the window with a message.
    pub seen: Option<(Day, Day)>,
    /// Mentions of escrow on each day of the window.
    pub daily: Vec<Ways>,
    pub words: Vec<Word>,
    /// Mentions by word and source, in that order.
    pub terms: Vec<OfTerm>,
    /// What messages in the window say of deals, by cluster and then time.
    pub deals: Vec<DealFact>,
    /// Mentions of escrow that are forwards by the word of the source.
    pub escrow_forwarded: u64,
    /// Messages with a plausible date outside the window.
    pub outside_window: u64,
    pub undated: u64,
    pub implausible: u64,
    pub skipped: u64,
    pub repaired: u64,
    pub simulated: Option<Simulated>,
    /// How well each source was read, whatever the window.
    pub health: Vec<Health>,
}

impl Counts {
    /// What the row over the whole window is called.
    pub fn whole(&self) -> String {
        self.window.map_or("no window".into(), |window| format!("{} to {}", window.from, window.to))
    }

    /// What the rows of a table by month are called: the whole window, then each month.
    pub fn periods(&self) -> impl Iterator<Item = String> {
        std::iter::once(self.whole()).chain(self.months.iter().map(ToString::to_string))
    }

    /// Counts what lies in the window; `from` and `to` as asked for.
    pub fn of(mut facts: Facts, from: Option<Day>, to: Option<Day>) -> Self {
        order_sources(&mut facts);
        let before = facts.rows.len();
        facts.rows.retain(|row| Day::of(row.at) >= FIRST_DAY);
        let implausible = facts.implausible + (before - facts.rows.len()) as u64;
        let earliest = facts.rows.iter().map(|r| r.at).min();
        let latest = facts.rows.iter().map(|r| r.at).max();
        let window = Window::choose(from, to, earliest.zip(latest).map(|(a, b)| a..=b));
        let plausible = facts.rows.len();
        facts.rows.retain(|row| window.is_some_and(|w| w.contains(row.at)));
        let outside_window = (plausible - facts.rows.len()) as u64;
        let ends = (facts.rows.iter().map(|r| r.at).min(), facts.rows.iter().map(|r| r.at).max());
        let seen = ends.0.zip(ends.1).map(|(first, last)| (Day::of(first), Day::of(last)));
        facts.rows.sort_unstable();

        let months = window.map(|w| w.months()).unwrap_or_default();
        let mut grid = Grid::new(window);
        for run in facts.rows.chunk_by(|a, b| a.cluster == b.cluster) {
            grid.count(run);
        }
        facts.mentions.retain(|mention| window.is_some_and(|w| w.contains(mention.fact.at)));
        let terms = mentions::by_term(&mut facts.mentions);
        facts.deals.retain(|deal| window.is_some_and(|w| w.contains(deal.fact.at)));
        facts.deals.sort_unstable();
        let escrow_forwarded = facts.rows.iter().filter(|r| r.has(ESCROW | FORWARDED)).count() as u64;
        let cells = grid.into_cells();
        let sources = facts.sources;
        let mut active = vec![0usize; sources.len()];
        cells.iter().for_each(|cell| active[cell.source as usize] += 1);
        let in_panel: Vec<bool> = active.iter().map(|&n| n > 0 && n == months.len()).collect();

        let daily = window.map_or_else(Vec::new, |window| mentions::by_day(&facts.rows, window, &in_panel));

        let mut by_month = vec![Sums::default(); months.len()];
        let mut by_source = vec![Sums::default(); sources.len()];
        let mut total = Sums::default();
        for cell in &cells {
            let panel = in_panel[cell.source as usize];
            by_month[usize::from(cell.month)].add(cell, panel);
            by_source[cell.source as usize].add(cell, panel);
            total.add(cell, panel);
        }
        Self {
            window,
            months,
            by_month,
            total,
            sources,
            by_source,
            in_panel,
            cells,
            seen,
            daily,
            words: facts.words,
            terms,
            deals: facts.deals,
            escrow_forwarded,
            outside_window,
            undated: facts.undated,
            implausible,
            skipped: facts.skipped,
            repaired: facts.repaired,
            simulated: facts.simulated,
            health: facts.health,
        }
    }

    /// How many sources have a message in the window.
    pub fn active_sources(&self) -> usize {
        self.by_source.iter().filter(|s| s.messages > 0).count()
    }

    /// How many sources are in the fixed panel.
    pub fn panel_sources(&self) -> usize {
        self.in_panel.iter().filter(|&&p| p).count()
    }

    /// The months joined into longer periods, in order: `name` says which period a month belongs to.
    pub fn by_period(&self, name: impl Fn(Month) -> String) -> Vec<(String, Sums)> {
        let mut periods: Vec<(String, Sums)> = Vec::new();
        for (month, sums) in self.months.iter().zip(&self.by_month) {
            let name = name(*month);
            match periods.last_mut() {
                Some((last, joined)) if *last == name => joined.join(sums),
                _ => periods.push((name, *sums)),
            }
        }
        periods
    }
}

/// Sorts the sources by id, so that a tie between two messages of the same second does not depend on their order.
fn order_sources(facts: &mut Facts) {
    if facts.sources.is_sorted_by(|a, b| a.id <= b.id) {
        return;
    }
    let mut order: Vec<u32> = (0..facts.sources.len() as u32).collect();
    order.sort_by(|&a, &b| facts.sources[a as usize].id.cmp(&facts.sources[b as usize].id));
    let mut place = vec![0; order.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old as usize] = new as u32;
    }
    facts.sources = order.iter().map(|&old| facts.sources[old as usize].clone()).collect();
    let mentions = facts.mentions.iter_mut().map(|mention| &mut mention.fact);
    let deals = facts.deals.iter_mut().map(|deal| &mut deal.fact);
    for row in facts.rows.iter_mut().chain(mentions).chain(deals) {
        row.set_source(place[row.source() as usize]);
    }
}

/// The cells that have a message.
struct Grid {
    cells: Vec<Cell>,
    /// Position in `cells` of each source and month.
    places: HashMap<u64, u32, BuildHasherDefault<KeyHasher>>,
    /// The position of the month of each day of the window, from `first_day`: reckoning it for each message took long.
    month_of_day: Vec<u16>,
    first_day: Day,
}

/// Mixes one small number. The keys are positions, which nobody outside can choose to collide, and ten million of
/// them are looked up: a keyed hash took most of the time.
#[derive(Default)]
struct KeyHasher(u64);

impl Hasher for KeyHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, key: u64) {
        let mixed = (self.0 ^ key).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

impl Grid {
    fn new(window: Option<Window>) -> Self {
        let first_day = window.map_or(FIRST_DAY, |w| w.from);
        let days = window.map(|w| w.from.0..=w.to.0).into_iter().flatten();
        let first = first_day.month().0;
        let month_of_day = days.map(|day| (Day(day).month().0 - first) as u16).collect();
        Self { cells: Vec::new(), places: HashMap::default(), month_of_day, first_day }
    }

    /// The month of a row, which lies in the window.
    fn month(&self, row: &Fact) -> u16 {
        self.month_of_day[(Day::of(row.at).0 - self.first_day.0) as usize]
    }

    fn place(&mut self, row: &Fact) -> usize {
        let (source, month) = (row.source(), self.month(row));
        let next = self.cells.len() as u32;
        let place = *self.places.entry(u64::from(source) << 16 | u64::from(month)).or_insert(next);
        if place == next {
            self.cells.push(Cell { source, month, ..Cell::default() });
        }
        place as usize
    }

    /// Counts the messages of one cluster, earliest first; cluster 0 holds what has no text.
    fn count(&mut self, run: &[Fact]) {
        // Where the earliest message, mention and deal are.
        let (mut text, mut escrow, mut deal, mut both) = (None, None, None, false);
        for row in run {
            let place = self.place(row);
            let cell = &mut self.cells[place];
            cell.messages += 1;
            text.get_or_insert(place);
            if row.has(ESCROW) {
                cell.escrow_raw += 1;
                escrow.get_or_insert(place);
            }
            if row.has(DEAL) {
                cell.deals_raw += 1;
                deal.get_or_insert(place);
            }
            if row.has(ESCROW | DEAL) {
                cell.both_raw += 1;
                both = true;
            }
        }
        if run[0].cluster == 0 {
            return;
        }
        if let Some(place) = text {
            self.cells[place].unique_texts += 1;
        }
        if let Some(place) = escrow {
            self.cells[place].escrow_unique += 1;
        }
        if let Some(place) = deal {
            self.cells[place].deals_unique += 1;
            self.cells[place].both_unique += u32::from(both);
        }
    }

    fn into_cells(mut self) -> Vec<Cell> {
        self.cells.sort_unstable_by_key(|cell| (cell.source, cell.month));
        self.cells
    }
}
