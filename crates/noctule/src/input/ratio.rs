//! How much may come out of a decompressor for what went in: the one limit that all decompressors share.
//!
//! What went in is counted as it is read, not taken from the size of the file: ten gigabytes of blanks are then
//! refused after their first 48 MiB and not after a hundred times the size of the archive.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use noctule_core::model::{Reason, Skip};

/// A stream may unpack to this much whatever its ratio: small files compress well. Zstandard keeps what it gave, up to
/// its window of 128 MiB, so that this is memory as well; a bomb may cost 64 MiB with all there is around it.
pub(super) const FREE_BYTES: u64 = 48 << 20;
/// Above that, to at most this many times the bytes that went in. Real exports stay below forty.
pub(super) const MAX_RATIO: u64 = 100;

/// Counts the packed bytes as they are taken.
pub(super) struct Counted<R> {
    inner: R,
    taken: Arc<AtomicU64>,
}

impl<R> Counted<R> {
    pub(super) fn new(inner: R) -> (Self, Arc<AtomicU64>) {
        let taken = Arc::new(AtomicU64::new(0));
        (Self { inner, taken: taken.clone() }, taken)
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        self.taken.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

impl<R: io::Seek> io::Seek for Counted<R> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

/// What ended a stream before its end, shared with whoever gave the reader away. The first complaint counts.
#[derive(Clone, Default)]
pub struct Complaint(Arc<Mutex<Option<Skip>>>);

impl Complaint {
    pub fn asked(&self) -> Option<Skip> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn make(&self, skip: Skip) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(skip);
    }
}

/// Counts what comes out, and turns errors and excess into an early end with a complaint.
pub(super) struct Guarded<R> {
    inner: R,
    /// What is unpacked, as a person would call it: "the gzip data".
    what: &'static str,
    given: u64,
    taken: Arc<AtomicU64>,
    taken_before: u64,
    complaint: Complaint,
    ended: bool,
}

impl<R: Read> Guarded<R> {
    /// `taken` counts the packed bytes; those from before this call belong to something else.
    pub(super) fn new(inner: R, what: &'static str, taken: Arc<AtomicU64>, before: u64, complaint: Complaint) -> Self {
        Self { inner, what, given: 0, taken, taken_before: before, complaint, ended: false }
    }

    fn allowed(&self) -> u64 {
        let taken = self.taken.load(Ordering::Relaxed).saturating_sub(self.taken_before);
        FREE_BYTES.max(taken.saturating_mul(MAX_RATIO))
    }

    fn complain(&mut self, reason: Reason, detail: String) -> usize {
        let place = format!("byte {} unpacked", self.given);
        self.complaint.make(Skip { place, reason, detail });
        self.ended = true;
        0
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let allowed = self.allowed();
        if self.given >= allowed {
            // At the limit only the end is acceptable.
            let mut one = [0];
            if matches!(self.inner.read(&mut one), Ok(0)) {
                return Ok(0);
            }
            let detail = format!("{} unpacks to more than {MAX_RATIO} times its size", self.what);
            return Ok(self.complain(Reason::Bomb, detail));
        }
        let room = (allowed - self.given).min(buffer.len() as u64) as usize;
        match self.inner.read(&mut buffer[..room]) {
            Ok(n) => {
                self.given += n as u64;
                Ok(n)
            }
            Err(e) if e.kind() == io::ErrorKind::Interrupted => Err(e),
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                Ok(self.complain(Reason::Truncated, format!("{} ends in the middle", self.what)))
            }
            Err(e) => Ok(self.complain(Reason::Malformed, format!("{} is broken ({e})", self.what))),
        }
    }
}
