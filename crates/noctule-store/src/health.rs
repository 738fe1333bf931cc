//! How well the messages of each source were read: gathered from the `messages` table and the ledger's captures.
//!
//! Left to others: what is too bad or too sudden (`analyze/source_health.rs`).

use std::collections::{BTreeMap, HashMap};

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{Int32Type, TimestampMicrosecondType};

use crate::analyze::facts::{Health, HealthPart, Pages};
use crate::analyze::{Day, Month};
use crate::ledger::{Capture, Ledger};
use crate::tables::scan::scan;
use crate::{Result, Store};

/// Formats whose captures are pages of threads: what they hold can be compared from page to page.
fn is_page(format: &str) -> bool {
    format.ends_with("-html") && !matches!(format, "telegram-html" | "telegram-preview-html" | "challenge-html")
}

/// What is known of each source in the chosen captures, by source id. Every revision counts where it was first stored.
pub(crate) fn gather(
    store: &Store,
    ledger: &Ledger,
    captures: &[Capture],
    inside: impl Fn(i32) -> bool,
) -> Result<Vec<Health>> {
    let mut sources: HashMap<String, Health> = HashMap::new();
    let captured: HashMap<i32, i64> = captures.iter().map(|c| (c.no as i32, c.new.captured_at.0)).collect();
    let mut source_of: HashMap<i32, String> = HashMap::new();
    let files = ledger.table_files("messages")?;
    const COLUMNS: [&str; 5] = ["source_id", "author_id", "author_name", "posted_at", "capture_no"];
    // Rows of one source and capture most often follow each other: what they add up to is kept aside.
    let mut last: Option<(String, i32, Tally)> = None;
    scan(&store.tables_dir(), &files, &COLUMNS, |_, batch| {
        let ids = batch.column(0).as_string::<i32>();
        let (author_ids, author_names) = (batch.column(1), batch.column(2));
        let posted = batch.column(3).as_primitive::<TimestampMicrosecondType>();
        let numbers = batch.column(4).as_primitive::<Int32Type>();
        for row in 0..batch.num_rows() {
            let number = numbers.value(row);
            if !inside(number) {
                continue;
            }
            let id = ids.value(row);
            if last.as_ref().is_none_or(|(source, capture, _)| *capture != number || source != id) {
                if let Some((source, capture, tally)) = last.take() {
                    add(&mut sources, &source, captured.get(&capture).copied().unwrap_or(0), &tally);
                }
                source_of.entry(number).or_insert_with(|| id.to_owned());
                last = Some((id.to_owned(), number, Tally::default()));
            }
            if let Some((.., tally)) = &mut last {
                let nobody = author_ids.is_null(row) && author_names.is_null(row);
                tally.count(nobody, posted.is_valid(row).then(|| posted.value(row)));
            }
        }
        Ok(())
    })?;
    if let Some((source, capture, tally)) = last {
        add(&mut sources, &source, captured.get(&capture).copied().unwrap_or(0), &tally);
    }
    pages(captures, inside, &source_of, &mut sources);
    let mut health: Vec<Health> = sources.into_values().collect();
    health.sort_by(|a, b| a.source_id.cmp(&b.source_id));
    Ok(health)
}

/// Sums of one source in one capture.
#[derive(Default)]
struct Tally {
    part: HealthPart,
    months: BTreeMap<i32, HealthPart>,
    month: Option<(i64, i32)>,
}

impl Tally {
    fn count(&mut self, nobody: bool, posted_at: Option<i64>) {
        let one = HealthPart { messages: 1, without_author: nobody.into(), without_date: posted_at.is_none().into() };
        self.part.join(&one);
        let Some(secs) = posted_at.map(|at| at.div_euclid(1_000_000)) else { return };
        let day = secs.div_euclid(86_400);
        // Messages of one day lie side by side; a calendar for each would cost more than the rest.
        let month = match self.month {
            Some((known, month)) if known == day => month,
            _ => {
                let month = u32::try_from(secs).map_or(i32::MIN, |secs| Day::of(secs).month().0);
                self.month = Some((day, month));
                month
            }
        };
        if month != i32::MIN {
            self.months.entry(month).or_default().join(&one);
        }
    }
}

/// The midnight (UTC) before a capture: saved pages have each a time of their own, and what was captured on one day is
/// one run.
fn day_of(captured_at: i64) -> i64 {
    const DAY: i64 = 86_400_000_000;
    captured_at - captured_at.rem_euclid(DAY)
}

fn add(sources: &mut HashMap<String, Health>, source: &str, captured_at: i64, tally: &Tally) {
    let health = of(sources, source);
    health.all.join(&tally.part);
    health.runs.entry(day_of(captured_at)).or_default().0.join(&tally.part);
    for (month, part) in &tally.months {
        health.months.entry(Month(*month)).or_default().join(part);
    }
}

fn of<'a>(sources: &'a mut HashMap<String, Health>, source: &str) -> &'a mut Health {
    if !sources.contains_key(source) {
        sources.insert(source.to_owned(), Health { source_id: source.to_owned(), ..Health::default() });
    }
    sources.get_mut(source).expect("it was just put there")
}

/// Adds what the captures that are pages hold. A page without a new post has no source of its own: it belongs to the
/// source that most pages of its folder belong to.
fn pages(
    captures: &[Capture],
    inside: impl Fn(i32) -> bool,
    source_of: &HashMap<i32, String>,
    sources: &mut HashMap<String, Health>,
) {
    let folder = |capture: &Capture| {
        let path = &capture.new.path;
        path.rfind(['/', '\\']).map_or(String::new(), |at| path[..at].to_owned())
    };
    let page = |capture: &&Capture| is_page(&capture.new.format) && inside(capture.no as i32);
    let mut folders: HashMap<String, BTreeMap<&str, u64>> = HashMap::new();
    for capture in captures.iter().filter(page) {
        if let Some(source) = source_of.get(&(capture.no as i32)) {
            *folders.entry(folder(capture)).or_default().entry(source).or_default() += 1;
        }
    }
    for capture in captures.iter().filter(page) {
        let most = || {
            let sources = folders.get(&folder(capture))?;
            sources.iter().max_by_key(|(_, pages)| **pages).map(|(source, _)| (*source).to_owned())
        };
        let Some(source) = source_of.get(&(capture.no as i32)).cloned().or_else(most) else { continue };
        let health = of(sources, &source);
        let Pages { posts, generic } = &mut health.runs.entry(day_of(capture.new.captured_at.0)).or_default().1;
        posts.push(u32::try_from(capture.messages).unwrap_or(u32::MAX));
        *generic += u64::from(capture.new.format == "generic-html");
    }
}
