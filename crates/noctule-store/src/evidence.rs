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
        let temporary = self.dir.join(format!("incoming-{}.tmp", std::process::id()));
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
        let file = File::create(temporary).map_err(failed("create"))?;
        let mut encoder = zstd::Encoder::new(file, LEVEL).map_err(failed("compress to"))?;
        // The frame carries a checksum, so that a read of damaged evidence fails instead of lying.
        encoder.include_checksum(true).map_err(failed("compress to"))?;
        let mut hasher = blake3::Hasher::new();
        let mut buffer = vec![0; 256 << 10];
        let mut bytes = 0;
        loop {
            let n = match reader.read(&mut buffer) {
                Ok(0) => break,
                Ok(n) => n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(e) => return Err(StoreError::io("read the input while storing", temporary)(e)),
            };
            hasher.update(&buffer[..n]);
            encoder.write_all(&buffer[..n]).map_err(failed("write"))?;
            bytes += n as u64;
            progress(n as u64);
        }
        let mut file = encoder.finish().map_err(failed("write"))?;
        file.flush().map_err(failed("write"))?;
        file.sync_all().map_err(failed("sync"))?;
        let stored_bytes = file.metadata().map_err(failed("read"))?.len();
        Ok(Received { id: CaptureId(hasher.finalize().to_hex().to_string()), bytes, stored_bytes })
    }

    /// The bytes as received.
    pub fn open(&self, id: &CaptureId) -> Result<impl Read + Send + use<>> {
        let path = self.path(id);
        let file = File::open(&path).map_err(StoreError::io("open the evidence", &path))?;
        zstd::Decoder::with_buffer(BufReader::with_capacity(256 << 10, file))
            .map_err(StoreError::io("decompress the evidence", &path))
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
