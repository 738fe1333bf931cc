//! Which messages are already stored: sorted runs of fixed-size keys on disk, with a filter in memory.
//!
//! A cache of the tables: every batch adds a run named after it, runs of similar size are merged, and a run that is
//! torn, missing or ahead of the ledger makes the whole index be built again. Memory: up to 2.6 bytes a message.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use foldhash::fast::RandomState;
use noctule_core::model::Id;
use xxhash_rust::xxh3::Xxh3;

use crate::{Result, StoreError};

/// One stored revision of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub struct Key {
    pub message: Id,
    /// Seconds since 1970 of the edit; 0 for a message never edited. The highest revision counts.
    pub edited_secs: u32,
    /// Hash of what a revision can change; breaks ties, so that the order of arrival does not matter.
    pub content: u64,
    pub capture_no: u32,
}

const WIDTH: usize = 26;
/// Entries between two marks of a run's sparse index; one lookup reads this many.
const STRIDE: usize = 128;
const MAGIC: &[u8; 8] = b"NOCTKEY1";
/// So many runs of a size are merged into one: a key is written again each time the index has grown so many times.
const MERGED_RUNS: usize = 4;
/// Entries read and written at a time.
const BLOCK: usize = 4096;

impl Key {
    fn write(&self, out: &mut [u8; WIDTH]) {
        out[..10].copy_from_slice(&self.message.0);
        out[10..14].copy_from_slice(&self.edited_secs.to_be_bytes());
        out[14..22].copy_from_slice(&self.content.to_be_bytes());
        out[22..].copy_from_slice(&self.capture_no.to_be_bytes());
    }

    fn read(bytes: &[u8]) -> Self {
        let mut message = [0; 10];
        message.copy_from_slice(&bytes[..10]);
        let number = |range: std::ops::Range<usize>| bytes[range].iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
        Self {
            message: Id(message),
            edited_secs: number(10..14) as u32,
            content: number(14..22),
            capture_no: number(22..26) as u32,
        }
    }
}

struct Run {
    first_batch: i64,
    last_batch: i64,
    path: PathBuf,
    file: File,
    entries: u64,
    index: Index,
}

/// A Bloom filter: ten to twenty bits a key, six probes, one false answer in a hundred or fewer. All probes of a key
/// fall into one line of the processor's cache, which is what asking costs.
struct Filter {
    lines: Vec<[u64; 8]>,
}

impl Filter {
    fn new(keys: u64) -> Self {
        Self { lines: vec![[0; 8]; (keys as usize * 10 / 512).max(1).next_power_of_two()] }
    }

    /// The line of a key, and nine bits a probe.
    fn probes(&self, id: &Id) -> (usize, u64) {
        // Ids are hashes already: some of their bits choose the line, others the six bits in it.
        let number = |bytes: &[u8]| bytes.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
        (number(&id.0[..8]) as usize & (self.lines.len() - 1), number(&id.0[2..]) ^ number(&id.0[..8]) >> 10)
    }

    fn insert(&mut self, id: &Id) {
        let (line, mut bits) = self.probes(id);
        let line = &mut self.lines[line];
        for _ in 0..6 {
            line[(bits >> 6 & 7) as usize] |= 1 << (bits & 63);
            bits >>= 9;
        }
    }

    fn may_contain(&self, id: &Id) -> bool {
        let (line, bits) = self.probes(id);
        let line = &self.lines[line];
        (0..6).all(|probe| {
            let bits = bits >> (9 * probe);
            line[(bits >> 6 & 7) as usize] & 1 << (bits & 63) != 0
        })
    }
}

pub struct Keys {
    dir: PathBuf,
    /// Oldest first; their batches join without a gap.
    runs: Vec<Run>,
    recent: HashMap<Id, Key, RandomState>,
    /// Further revisions of messages in `recent`; rare.
    recent_more: Vec<Key>,
}

impl Keys {
    /// The index up to `last_batch`; `None` when it must be built again from the tables.
    pub fn open(dir: &Path, last_batch: i64) -> Result<Option<Self>> {
        let mut keys =
            Self { dir: dir.to_owned(), runs: Vec::new(), recent: HashMap::default(), recent_more: Vec::new() };
        let mut found: Vec<(i64, i64, PathBuf)> = Vec::new();
        if let Ok(entries) = fs::read_dir(dir) {
            for path in entries.flatten().map(|e| e.path()) {
                match batches_of(&path) {
                    Some((first, last)) if last <= last_batch => found.push((first, last, path)),
                    // Ahead of the ledger, or a leftover: what it says never happened.
                    _ => remove(&path)?,
                }
            }
        }
        // Of two runs that start together the longer one holds the merged content.
        found.sort_by_key(|(first, last, _)| (*first, -*last));
        let mut next = 1;
        for (first, last, path) in found {
            if last < next {
                remove(&path)?;
            } else if first != next {
                return Ok(None);
            } else {
                let Some(run) = Run::open(path, first, last)? else { return Ok(None) };
                next = last + 1;
                keys.runs.push(run);
            }
        }
        Ok((next == last_batch + 1).then_some(keys))
    }

    /// Whether the runs cover exactly the batches of the ledger, untorn; changes nothing.
    pub fn is_whole(dir: &Path, last_batch: i64) -> Result<bool> {
        let mut covered = Vec::new();
        for path in fs::read_dir(dir).map_err(StoreError::io("read", dir))?.flatten().map(|e| e.path()) {
            if let Some((first, last)) = batches_of(&path).filter(|(_, last)| *last <= last_batch) {
                if Run::open(path, first, last)?.is_none() {
                    return Ok(false);
                }
                covered.push((first, -last));
            }
        }
        covered.sort_unstable();
        let mut next = 1;
        for (first, last) in covered {
            if first <= next {
                next = next.max(1 - last);
            }
        }
        Ok(next == last_batch + 1)
    }

    /// An empty index, removing whatever is there.
    pub fn create(dir: &Path) -> Result<Self> {
        if dir.is_dir() {
            fs::remove_dir_all(dir).map_err(StoreError::io("remove", dir))?;
        }
        Ok(Self { dir: dir.to_owned(), runs: Vec::new(), recent: HashMap::default(), recent_more: Vec::new() })
    }

    /// All stored revisions of a message.
    pub fn get(&mut self, message: &Id, out: &mut Vec<Key>) -> Result<()> {
        out.clear();
        if let Some(key) = self.recent.get(message) {
            out.push(*key);
            out.extend(self.recent_more.iter().filter(|k| k.message == *message));
        }
        for run in &mut self.runs {
            if run.index.filter.may_contain(message) {
                run.find(message, out).map_err(StoreError::io("read", &run.path))?;
            }
        }
        Ok(())
    }

    pub fn insert(&mut self, key: Key) {
        if let Some(known) = self.recent.insert(key.message, key) {
            self.recent_more.push(known);
        }
    }

    /// Writes what was inserted since the last flush as the run of this batch.
    pub fn flush(&mut self, batch_no: i64) -> Result<()> {
        self.flush_as(batch_no, batch_no)?;
        self.merge()
    }

    /// As [`Keys::flush`], for a run that stands for several batches.
    pub fn flush_as(&mut self, first: i64, last: i64) -> Result<()> {
        let mut keys: Vec<Key> = self.recent.drain().map(|(_, key)| key).collect();
        keys.append(&mut self.recent_more);
        // Nearly all differ in their first bytes, and numbers are compared in a fraction of the time of keys.
        keys.sort_unstable_by(|a, b| start_of(&a.message.0).cmp(&start_of(&b.message.0)).then_with(|| a.cmp(b)));
        fs::create_dir_all(&self.dir).map_err(StoreError::io("create the directory", &self.dir))?;
        let path = self.dir.join(name(first, last));
        let mut writer = RunWriter::create(&path, keys.len() as u64)?;
        let mut entry = [0; WIDTH];
        for key in &keys {
            key.write(&mut entry);
            writer.push(&entry)?;
        }
        self.runs.push(writer.finish(first, last)?);
        Ok(())
    }

    /// Keeps the number of runs logarithmic: once enough runs at the end are no larger than the last one, counted in
    /// powers of four, they become one.
    fn merge(&mut self) -> Result<()> {
        let size = |run: &Run| run.entries.max(1).ilog(MERGED_RUNS as u64);
        while let Some(last) = self.runs.last().map(size) {
            let alike = self.runs.iter().rev().take_while(|run| size(run) <= last).count();
            if alike < MERGED_RUNS {
                break;
            }
            let merged = self.runs.split_off(self.runs.len() - alike);
            self.runs.push(self.merged(merged)?);
        }
        Ok(())
    }

    /// One run of neighboring ones, which are removed.
    fn merged(&self, mut runs: Vec<Run>) -> Result<Run> {
        let first = runs.first().expect("merged runs are several").first_batch;
        let last = runs.last().expect("merged runs are several").last_batch;
        let path = self.dir.join(name(first, last));
        let mut writer = RunWriter::create(&path, runs.iter().map(|run| run.entries).sum())?;
        let mut readers = runs.iter_mut().map(Run::read_all).collect::<Result<Vec<_>>>()?;
        // Entries are written so that their bytes stand in the order of their keys.
        loop {
            let heads = readers.iter().enumerate().filter_map(|(number, reader)| Some((reader.head?, number)));
            let Some((_, number)) = heads.min_by(|(a, _), (b, _)| start_of(a).cmp(&start_of(b)).then_with(|| a.cmp(b)))
            else {
                break;
            };
            if let Some(entry) = readers[number].take()? {
                writer.push(&entry)?;
            }
        }
        drop(readers);
        let merged = writer.finish(first, last)?;
        for run in runs {
            remove(&run.path)?;
        }
        Ok(merged)
    }
}

/// The first bytes of an id or entry as a number that stands in the same order.
fn start_of(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |start| u64::from_be_bytes(*start))
}

fn name(first: i64, last: i64) -> String {
    format!("run-{first}-{last}.keys")
}

fn batches_of(path: &Path) -> Option<(i64, i64)> {
    let name = path.file_name()?.to_str()?;
    let (first, last) = name.strip_prefix("run-")?.strip_suffix(".keys")?.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

fn remove(path: &Path) -> Result<()> {
    fs::remove_file(path).map_err(StoreError::io("remove", path))
}

/// Layout: magic, entries, then the number of entries and an xxh3 of all entries.
struct RunWriter {
    path: PathBuf,
    file: File,
    /// Entries not yet written.
    block: Vec<u8>,
    hash: Xxh3,
    entries: u64,
    index: Index,
}

/// What of a run is kept in memory.
struct Index {
    /// Every `STRIDE`-th message id.
    marks: Vec<Id>,
    filter: Filter,
}

impl Index {
    fn new(entries: u64) -> Self {
        Self { marks: Vec::with_capacity(entries as usize / STRIDE + 1), filter: Filter::new(entries) }
    }

    fn add(&mut self, number: u64, message: &Id) {
        self.filter.insert(message);
        if number.is_multiple_of(STRIDE as u64) {
            self.marks.push(*message);
        }
    }
}

impl RunWriter {
    /// For about so many entries.
    fn create(path: &Path, entries: u64) -> Result<Self> {
        let file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(path)
            .map_err(StoreError::io("create", path))?;
        (&file).write_all(MAGIC).map_err(StoreError::io("write", path))?;
        let block = Vec::with_capacity(BLOCK * WIDTH);
        Ok(Self { path: path.to_owned(), file, block, hash: Xxh3::new(), entries: 0, index: Index::new(entries) })
    }

    fn push(&mut self, entry: &[u8; WIDTH]) -> Result<()> {
        self.index.add(self.entries, &message_of(entry));
        self.entries += 1;
        self.block.extend_from_slice(entry);
        if self.block.len() + WIDTH > BLOCK * WIDTH {
            self.write_block().map_err(StoreError::io("write", &self.path))?;
        }
        Ok(())
    }

    fn write_block(&mut self) -> std::io::Result<()> {
        self.hash.update(&self.block);
        self.file.write_all(&self.block)?;
        self.block.clear();
        Ok(())
    }

    fn finish(mut self, first_batch: i64, last_batch: i64) -> Result<Run> {
        let mut finish = || -> std::io::Result<()> {
            self.write_block()?;
            self.block.extend_from_slice(&self.entries.to_be_bytes());
            self.block.extend_from_slice(&self.hash.digest().to_be_bytes());
            self.file.write_all(&self.block)
        };
        finish().map_err(StoreError::io("write", &self.path))?;
        let Self { path, file, entries, index, .. } = self;
        Ok(Run { first_batch, last_batch, path, file, entries, index })
    }
}

impl Run {
    /// Reads the run once: checks it and fills filter and marks. `None` when it is torn.
    fn open(path: PathBuf, first_batch: i64, last_batch: i64) -> Result<Option<Self>> {
        let failed = |attempt| StoreError::io(attempt, &path);
        let file = File::open(&path).map_err(failed("open"))?;
        let length = file.metadata().map_err(failed("read"))?.len();
        let body = length.saturating_sub(8 + 16);
        if length < 24 || body % WIDTH as u64 != 0 {
            return Ok(None);
        }
        let entries = body / WIDTH as u64;
        let mut magic = [0; 8];
        (&file).read_exact(&mut magic).map_err(failed("read"))?;
        let (mut hash, mut index) = (Xxh3::new(), Index::new(entries));
        let mut block = vec![0; BLOCK * WIDTH];
        let mut number = 0;
        while number < entries {
            let count = (entries - number).min(BLOCK as u64) as usize;
            let block = &mut block[..count * WIDTH];
            (&file).read_exact(block).map_err(failed("read"))?;
            hash.update(block);
            for entry in block.as_chunks::<WIDTH>().0 {
                index.add(number, &message_of(entry));
                number += 1;
            }
        }
        let mut footer = [0; 16];
        (&file).read_exact(&mut footer).map_err(failed("read"))?;
        let mut expected = [0; 16];
        expected[..8].copy_from_slice(&entries.to_be_bytes());
        expected[8..].copy_from_slice(&hash.digest().to_be_bytes());
        if magic != *MAGIC || footer != expected {
            return Ok(None);
        }
        Ok(Some(Self { first_batch, last_batch, path, file, entries, index }))
    }

    fn find(&mut self, message: &Id, out: &mut Vec<Key>) -> std::io::Result<()> {
        // Revisions of one message stand together; they may straddle blocks.
        let mut block = self.index.marks.partition_point(|mark| mark < message).saturating_sub(1);
        let mut bytes = [0; STRIDE * WIDTH];
        while block < self.index.marks.len() && self.index.marks[block] <= *message {
            let start = (block * STRIDE) as u64;
            let count = (self.entries - start).min(STRIDE as u64) as usize;
            self.file.seek(SeekFrom::Start(8 + start * WIDTH as u64))?;
            self.file.read_exact(&mut bytes[..count * WIDTH])?;
            out.extend(
                bytes[..count * WIDTH].chunks_exact(WIDTH).filter(|entry| entry[..10] == message.0).map(Key::read),
            );
            block += 1;
        }
        Ok(())
    }

    fn read_all(&mut self) -> Result<RunReader<'_>> {
        self.file.seek(SeekFrom::Start(8)).map_err(StoreError::io("read", &self.path))?;
        let (path, left, file) = (self.path.as_path(), self.entries, &self.file);
        let mut reader = RunReader { path, left, file, block: Vec::new(), at: 0, head: None };
        reader.take()?;
        Ok(reader)
    }
}

/// The entries of a run, in order.
struct RunReader<'a> {
    path: &'a Path,
    /// Entries not yet read from the file.
    left: u64,
    file: &'a File,
    block: Vec<u8>,
    at: usize,
    /// The next entry.
    head: Option<[u8; WIDTH]>,
}

impl RunReader<'_> {
    /// The next entry, behind which the reader moves on.
    fn take(&mut self) -> Result<Option<[u8; WIDTH]>> {
        if self.at == self.block.len() {
            let count = self.left.min(BLOCK as u64);
            self.left -= count;
            self.block.resize(count as usize * WIDTH, 0);
            self.file.read_exact(&mut self.block).map_err(StoreError::io("read", self.path))?;
            self.at = 0;
        }
        let next = self.block[self.at..].first_chunk().copied();
        self.at += if next.is_some() { WIDTH } else { 0 };
        Ok(std::mem::replace(&mut self.head, next))
    }
}

fn message_of(entry: &[u8; WIDTH]) -> Id {
    Id(*entry.first_chunk().expect("an entry begins with an id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: u64) -> Key {
        Key { message: Id::of(&[&n.to_le_bytes()]), edited_secs: 0, content: n, capture_no: 1 }
    }

    fn filled(dir: &Path, batches: i64) -> Keys {
        let mut keys = Keys::create(dir).unwrap();
        for batch in 1..=batches {
            for n in 0..500 {
                keys.insert(key(batch as u64 * 1000 + n));
            }
            keys.flush(batch).unwrap();
        }
        keys
    }

    #[test]
    fn every_key_is_found_again_after_opening() {
        let dir = tempfile::tempdir().unwrap();
        drop(filled(dir.path(), 9));
        let mut keys = Keys::open(dir.path(), 9).unwrap().unwrap();
        let mut out = Vec::new();
        for batch in 1..=9 {
            for n in 0..500 {
                keys.get(&key(batch * 1000 + n).message, &mut out).unwrap();
                assert_eq!(out, [key(batch * 1000 + n)]);
            }
        }
        keys.get(&key(77).message, &mut out).unwrap();
        assert_eq!(out, []);
    }

    #[test]
    fn runs_are_merged() {
        let dir = tempfile::tempdir().unwrap();
        let keys = filled(dir.path(), 64);
        assert!(keys.runs.len() <= 4, "{} runs", keys.runs.len());
        assert_eq!(keys.runs.iter().map(|r| r.entries).sum::<u64>(), 64 * 500);
    }

    #[test]
    fn runs_of_unequal_size_stay_few_and_complete() {
        let dir = tempfile::tempdir().unwrap();
        let mut keys = Keys::create(dir.path()).unwrap();
        let sizes: Vec<u64> = (1..=100).map(|batch| [3, 700, 40, 1, 9000 / batch][batch as usize % 5]).collect();
        for (batch, size) in sizes.iter().enumerate() {
            (0..*size).for_each(|n| keys.insert(key(batch as u64 * 10_000 + n)));
            keys.flush(batch as i64 + 1).unwrap();
            assert!(keys.runs.len() <= 12, "{} runs after batch {batch}", keys.runs.len());
        }
        let mut out = Vec::new();
        for (batch, size) in sizes.iter().enumerate() {
            for n in [0, size / 2, size - 1].map(|n| batch as u64 * 10_000 + n) {
                keys.get(&key(n).message, &mut out).unwrap();
                assert_eq!(out, [key(n)]);
            }
        }
        assert!(Keys::is_whole(dir.path(), sizes.len() as i64).unwrap());
    }

    #[test]
    fn revisions_of_one_message_are_all_kept() {
        let dir = tempfile::tempdir().unwrap();
        let mut keys = Keys::create(dir.path()).unwrap();
        let revisions: Vec<Key> = (0..300).map(|n| Key { edited_secs: n, ..key(1) }).collect();
        revisions.iter().for_each(|k| keys.insert(*k));
        keys.flush(1).unwrap();
        let mut out = Vec::new();
        keys.get(&key(1).message, &mut out).unwrap();
        assert_eq!(out, revisions);
    }

    #[test]
    fn a_run_ahead_of_the_ledger_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let mut keys = Keys::create(dir.path()).unwrap();
        for (batch, size) in [(1, 900), (2, 10)] {
            (0..size).for_each(|n| keys.insert(key(batch * 1000 + n)));
            keys.flush(batch as i64).unwrap();
        }
        let mut keys = Keys::open(dir.path(), 1).unwrap().unwrap();
        let mut out = Vec::new();
        keys.get(&key(2001).message, &mut out).unwrap();
        assert_eq!(out, []);
    }

    #[test]
    fn a_torn_run_asks_for_a_new_index() {
        let dir = tempfile::tempdir().unwrap();
        drop(filled(dir.path(), 1));
        let path = dir.path().join(name(1, 1));
        let whole = fs::read(&path).unwrap();
        for injury in [&whole[..whole.len() - 1], &whole[..0], &[whole.as_slice(), b"x"].concat()] {
            fs::write(&path, injury).unwrap();
            assert!(Keys::open(dir.path(), 1).unwrap().is_none());
        }
        let mut flipped = whole;
        flipped[100] ^= 1;
        fs::write(&path, flipped).unwrap();
        assert!(Keys::open(dir.path(), 1).unwrap().is_none());
    }
}
