//! One pass over everything that matches: the best or newest of it, how much there is, and of which kind.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use tantivy::collector::{Collector, SegmentCollector};
use tantivy::columnar::{Column, StrColumn};
use tantivy::{DocAddress, DocId, Score, SegmentOrdinal, SegmentReader};

use super::fields::column;

const DAY: i64 = 86_400_000_000;
/// Days are counted one by one from 1990 to 2100; before and after only a broken clock posts.
const FIRST_DAY: i64 = 7_305;
const LAST_DAY: i64 = 47_847;

/// What decides the order, the better the greater: the score (0 where time decides), then the time, then the place in the
/// tables, which no two messages share.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Key {
    pub score: f32,
    /// `i64::MIN` without a date.
    pub posted_at: i64,
    pub row: u64,
}

impl Eq for Key {}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.score.total_cmp(&other.score).then(self.posted_at.cmp(&other.posted_at)).then(self.row.cmp(&other.row))
    }
}

/// The facets, in the order of their names in results.
pub(super) const FACETS: [&str; 4] = [column::SOURCE, column::MEDIUM, column::LANG, column::KIND];

pub(super) struct Everything {
    pub limit: usize,
    pub after: Option<Key>,
    pub by_score: bool,
}

#[derive(Default)]
pub(super) struct Found {
    pub total: u64,
    /// Best first.
    pub top: Vec<(Key, DocAddress)>,
    pub facets: [HashMap<String, u64>; FACETS.len()],
    /// Messages by day since 1970.
    pub days: BTreeMap<i64, u64>,
    /// Without a date, or with one that cannot be.
    pub undated: u64,
}

/// The fruit of one segment. An error is kept until it can be told.
pub(super) type Fruit = tantivy::Result<Found>;

pub(super) struct Segment {
    ordinal: SegmentOrdinal,
    limit: usize,
    after: Option<Key>,
    by_score: bool,
    posted_at: Column<i64>,
    row: Column<u64>,
    labels: [Option<StrColumn>; FACETS.len()],
    counts: [Vec<u64>; FACETS.len()],
    days: Vec<u32>,
    undated: u64,
    total: u64,
    top: BinaryHeap<Reverse<(Key, DocAddress)>>,
}

impl Collector for Everything {
    type Fruit = Found;
    type Child = Segment;

    fn for_segment(&self, ordinal: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<Segment> {
        let columns = segment.fast_fields();
        let mut labels: [Option<StrColumn>; FACETS.len()] = Default::default();
        let mut counts: [Vec<u64>; FACETS.len()] = Default::default();
        for (i, name) in FACETS.into_iter().enumerate() {
            labels[i] = columns.str(name)?;
            counts[i] = vec![0; labels[i].as_ref().map_or(0, |label| label.dictionary().num_terms())];
        }
        Ok(Segment {
            ordinal,
            limit: self.limit,
            after: self.after,
            by_score: self.by_score,
            posted_at: columns.i64(column::POSTED_AT)?,
            row: columns.u64(column::ROW)?,
            labels,
            counts,
            days: vec![0; (LAST_DAY - FIRST_DAY) as usize],
            undated: 0,
            total: 0,
            top: BinaryHeap::with_capacity(self.limit.min(1024) + 1),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.by_score
    }

    fn merge_fruits(&self, fruits: Vec<Fruit>) -> tantivy::Result<Found> {
        let mut all = Found::default();
        for found in fruits {
            let found = found?;
            all.total += found.total;
            all.undated += found.undated;
            all.top.extend(found.top);
            for (all, counts) in all.facets.iter_mut().zip(found.facets) {
                for (value, count) in counts {
                    *all.entry(value).or_default() += count;
                }
            }
            for (day, count) in found.days {
                *all.days.entry(day).or_default() += count;
            }
        }
        all.top.sort_unstable_by_key(|hit| Reverse(hit.0));
        all.top.truncate(self.limit);
        Ok(all)
    }
}

impl SegmentCollector for Segment {
    type Fruit = Fruit;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.total += 1;
        for (label, counts) in self.labels.iter().zip(&mut self.counts) {
            if let Some(label) = label
                && let Some(ordinal) = label.ords().first(doc)
                && let Some(count) = counts.get_mut(ordinal as usize)
            {
                *count += 1;
            }
        }
        let posted_at = self.posted_at.first(doc);
        let day = posted_at.map(|at| at.div_euclid(DAY) - FIRST_DAY);
        match day.and_then(|day| usize::try_from(day).ok()).and_then(|day| self.days.get_mut(day)) {
            Some(count) => *count += 1,
            None => self.undated += 1,
        }
        let mut key =
            Key { score: if self.by_score { score } else { 0.0 }, posted_at: posted_at.unwrap_or(i64::MIN), row: 0 };
        // Nearly all are beaten before their place has to be read.
        let full = self.top.len() >= self.limit;
        if full
            && self
                .top
                .peek()
                .is_none_or(|Reverse((least, _))| (key.score, key.posted_at) < (least.score, least.posted_at))
        {
            return;
        }
        key.row = self.row.first(doc).unwrap_or_default();
        if self.after.is_some_and(|after| key >= after) {
            return;
        }
        self.top.push(Reverse((key, DocAddress::new(self.ordinal, doc))));
        if self.top.len() > self.limit {
            self.top.pop();
        }
    }

    fn harvest(self) -> Fruit {
        let mut found = Found { total: self.total, undated: self.undated, ..Found::default() };
        found.top = self.top.into_iter().map(|Reverse(hit)| hit).collect();
        for (i, (label, counts)) in self.labels.into_iter().zip(self.counts).enumerate() {
            let Some(label) = label else { continue };
            let mut value = String::new();
            for (ordinal, count) in counts.into_iter().enumerate().filter(|(_, count)| *count > 0) {
                value.clear();
                label.ord_to_str(ordinal as u64, &mut value)?;
                found.facets[i].insert(value.clone(), count);
            }
        }
        for (day, count) in self.days.into_iter().enumerate().filter(|(_, count)| *count > 0) {
            found.days.insert(day as i64 + FIRST_DAY, u64::from(count));
        }
        Ok(found)
    }
}
