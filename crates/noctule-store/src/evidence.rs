//! Captures as received: zstd-compressed, named by the BLAKE3 of the bytes before compression, never changed.
//!
//! With `--reference` only path and hash are recorded; the bytes stay the user's own file.

use std::fs::{self, File};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use crate::{Result, StoreError, durable};

/// 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct CaptureId(pub String);

impl std::fmt::Display for CaptureId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known of a stream after it was read once.
#[derive(Clone, Debug)]
pub struct Received {
    pub id: CaptureId,
    /// Length as received.
    pub bytes: u64,
    /// Length as stored; 0 when nothing was stored.
    pub stored_bytes: u64,
}

/// The folder of captures.
#[derive(Clone, Debug)]
pub struct Evidence {
    dir: PathBuf,
}

/// The fastest level that still halves an export: captures are read again only by `rebuild` and by people.
const LEVEL: i32 = 1;

/// A capture is compressed in pieces of this size, each a zstd frame of its own, whatever the number of processors;
/// a reader of zstd takes frames that follow each other for one.
const PIECE_BYTES: usize = 2 << 20;
/// So many pieces are in memory at a time.
const MOST_PIECES: usize = 8;

#[derive(Default)]
struct Piece {
    bytes: Vec<u8>,
    frame: Vec<u8>,
}

impl Piece {
    /// Reads as much as there is, up to a full piece; false when the end was reached.
    fn read(&mut self, reader: &mut dyn Read, progress: &mut dyn FnMut(u64)) -> std::io::Result<bool> {
        self.bytes.clear();
        reader.take(PIECE_BYTES as u64).read_to_end(&mut self.bytes)?;
        progress(self.bytes.len() as u64);
        Ok(self.bytes.len() == PIECE_BYTES)
    }
}

fn compress(bytes: &[u8], frame: &mut Vec<u8>) -> std::io::Result<()> {
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    // Each frame carries a checksum, so that a read of damaged evidence fails instead of lying.
    compressor.include_checksum(true)?;
    frame.clear();
    frame.reserve(zstd::zstd_safe::compress_bound(bytes.len()));
    compressor.compress_to_buffer(bytes, frame)?;
    Ok(())
}

impl Evidence {
    pub fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// `evidence/ab/ab12….zst`
    pub fn path(&self, id: &CaptureId) -> PathBuf {
        let shard = id.0.get(..2).unwrap_or("00");
        self.dir.join(shard).join(format!("{}.zst", id.0))
    }

    pub fn contains(&self, id: &CaptureId) -> bool {
        self.path(id).is_file()
    }

    /// Hashes a stream without storing it.
    pub fn hash(reader: &mut dyn Read) -> std::io::Result<Received> {
        let mut hasher = blake3::Hasher::new();
        let bytes = std::io::copy(reader, &mut hasher)?;
        Ok(Received { id: CaptureId(hasher.finalize().to_hex().to_string()), bytes, stored_bytes: 0 })
    }

    /// Stores a stream. When this returns, the capture is durable. Storing the same bytes twice stores them once.
    ///
    /// `progress` is told how many bytes were read since the last call.
    pub fn store(&self, reader: &mut dyn Read, mut progress: impl FnMut(u64)) -> Result<Received> {
        durable::create_dir(&self.dir)?;
        // Captures may be received on several threads at a time.
        let thread: String =
            format!("{:?}", std::thread::current().id()).matches(|c: char| c.is_ascii_digit()).collect();
        let temporary = self.dir.join(format!("incoming-{}-{thread}.tmp", std::process::id()));
        let result = self.fill(&temporary, reader, &mut progress).and_then(|mut received| {
            let path = self.path(&received.id);
            let shard = path.parent().expect("an evidence path has a shard folder");
            durable::create_dir(shard)?;
            if path.is_file() {
                fs::remove_file(&temporary).map_err(StoreError::io("remove", &temporary))?;
                received.stored_bytes = fs::metadata(&path).map_err(StoreError::io("read", &path))?.len();
            } else {
                fs::rename(&temporary, &path).map_err(StoreError::io("name", &path))?;
                durable::sync_dir(shard)?;
            }
            Ok(received)
        });
        if result.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        result
    }

    fn fill(&self, temporary: &Path, reader: &mut dyn Read, progress: &mut dyn FnMut(u64)) -> Result<Received> {
        let failed = |attempt| StoreError::io(attempt, temporary);
        let mut file = File::create(temporary).map_err(failed("create"))?;
        let mut hasher = blake3::Hasher::new();
        let (mut bytes, mut stored_bytes) = (0, 0);
        let mut pieces = vec![Piece::default()];
        loop {
            let mut filled = 0;
            let mut more = true;
            while more && filled < pieces.len() {
                let reading = StoreError::io("read the input while storing", temporary);
                more = pieces[filled].read(reader, progress).map_err(reading)?;
                // An empty capture is one empty frame; otherwise the frames are the same on every machine.
                filled += usize::from(!pieces[filled].bytes.is_empty() || bytes == 0 && filled == 0);
            }
            let pieces_read = &mut pieces[..filled];
            // One thread compresses each piece but the first; this one hashes them all and compresses the first.
            std::thread::scope(|scope| {
                let Some((first, others)) = pieces_read.split_first_mut() else { return Ok(()) };
                let mut parts = vec![first.bytes.as_slice()];
                let mut threads = Vec::new();
                for Piece { bytes, frame } in others {
                    let bytes = bytes.as_slice();
                    parts.push(bytes);
                    threads.push(scope.spawn(move || compress(bytes, frame)));
                }
                for part in parts {
                    hasher.update(part);
                }
                compress(&first.bytes, &mut first.frame)?;
                let join = |thread: std::thread::ScopedJoinHandle<'_, std::io::Result<()>>| {
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                };
                threads.into_iter().try_for_each(join)
            })
            .map_err(failed("compress to"))?;
            for piece in pieces_read {
                file.write_all(&piece.frame).map_err(failed("write"))?;
                bytes += piece.bytes.len() as u64;
                stored_bytes += piece.frame.len() as u64;
            }
            if !more {
                break;
            }
            // Most captures are a single piece; only for the others are threads and memory spent.
            let processors = std::thread::available_parallelism().map_or(1, usize::from);
            pieces.resize_with((processors + 1).min(MOST_PIECES), Piece::default);
        }
        file.sync_all().map_err(failed("sync"))?;
        Ok(Received { id: CaptureId(hasher.finalize().to_hex().to_string()), bytes, stored_bytes })
    }

    /// The bytes as received.
    pub fn open(&self, id: &CaptureId) -> Result<impl Read + Send + use<>> {
        let path = self.path(id);
        let file = File::open(&path).map_err(StoreError::io("open the evidence", &path))?;
        zstd::Decoder::with_buffer(BufReader::with_capacity(256 << 10, file))
            .map_err(StoreError::io("decompress the evidence", &path))
    }

    /// As [`Evidence::open`], for a capture of which the ledger knows how long it is as stored. A file cut off between
    /// two frames would otherwise read as a shorter capture.
    pub fn open_whole(&self, id: &CaptureId, stored_bytes: u64) -> Result<impl Read + Send + use<>> {
        let path = self.path(id);
        let found = fs::metadata(&path).map_err(StoreError::io("open the evidence", &path))?.len();
        if found != stored_bytes {
            let detail = format!("it has {found} bytes instead of {stored_bytes}");
            return Err(StoreError::Damaged { what: format!("evidence {id}"), detail });
        }
        self.open(id)
    }

    /// Reads a stored capture and compares it with its name.
    pub fn check(&self, id: &CaptureId) -> Result<()> {
        let what = || format!("evidence {id}");
        let mut reader = self.open(id)?;
        let found = Self::hash(&mut reader)
            .map_err(|e| StoreError::Damaged { what: what(), detail: format!("it does not decompress ({e})") })?;
        if found.id == *id {
            Ok(())
        } else {
            Err(StoreError::Damaged { what: what(), detail: "its bytes no longer have its hash".into() })
        }
    }

    /// Removes what an interrupted run left behind; returns how many files.
    pub fn remove_leftovers(&self) -> Result<usize> {
        let mut removed = 0;
        let Ok(entries) = fs::read_dir(&self.dir) else { return Ok(0) };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with("incoming-") {
                fs::remove_file(entry.path()).map_err(StoreError::io("remove", &entry.path()))?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_of_any_length_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let evidence = Evidence::new(dir.path().join("evidence"));
        for length in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 4 * PIECE_BYTES, 9 * PIECE_BYTES + 7] {
            let bytes: Vec<u8> = (0..length).map(|n| (n / 3 % 251) as u8).collect();
            let mut told = 0;
            let received = evidence.store(&mut bytes.as_slice(), |n| told += n).unwrap();
            assert_eq!((received.bytes, told), (length as u64, length as u64));
            assert_eq!(received.id.0, blake3::hash(&bytes).to_hex().as_str());
            assert_eq!(received.stored_bytes, fs::metadata(evidence.path(&received.id)).unwrap().len());
            let mut read = Vec::new();
            evidence.open(&received.id).unwrap().read_to_end(&mut read).unwrap();
            assert!(read == bytes, "{length} bytes");
            evidence.check(&received.id).unwrap();
        }
    }

    #[test]
    fn a_cut_off_capture_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let evidence = Evidence::new(dir.path().join("evidence"));
        let bytes = vec![7; 3 * PIECE_BYTES];
        let id = evidence.store(&mut bytes.as_slice(), |_| ()).unwrap().id;
        let whole = fs::read(evidence.path(&id)).unwrap();
        // Also where one frame ends and the next begins.
        for length in [whole.len() - 1, whole.len() / 3 * 2, whole.len() / 3] {
            fs::write(evidence.path(&id), &whole[..length]).unwrap();
            assert!(matches!(evidence.check(&id), Err(StoreError::Damaged { .. })), "{length} bytes");
            assert!(matches!(evidence.open_whole(&id, whole.len() as u64), Err(StoreError::Damaged { .. })));
        }
    }
}
