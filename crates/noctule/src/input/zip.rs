//! Zip archives: members read in place, by index, within limits; nothing is ever unpacked to a path.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use noctule_core::model::{Reason, Skip};
use zip::ZipArchive;

use super::ratio::{Complaint, Counted, Guarded, asked};
use super::whole_file;

const MAX_MEMBERS: u64 = 100_000;

pub struct Archive {
    zip: ZipArchive<BufReader<Counted<File>>>,
    taken: Arc<AtomicU64>,
}

/// What the archive says of a member; the name is for people and never a path.
pub struct MemberInfo {
    pub name: String,
    pub bytes: u64,
    pub folder: bool,
    pub encrypted: bool,
}

impl Archive {
    /// Reads the directory. An archive that claims more than it can hold is refused before anything is unpacked.
    pub fn open(mut file: File) -> Result<Self, Skip> {
        let length = file.metadata().map(|m| m.len()).unwrap_or(0);
        if let Some(members) = claimed_members(&mut file, length)
            && members > MAX_MEMBERS
        {
            return Err(whole_file(
                Reason::Bomb,
                format!("the archive has {members} members; the limit is {MAX_MEMBERS}"),
            ));
        }
        let (file, taken) = Counted::new(file);
        let mut zip = ZipArchive::new(BufReader::new(file))
            .map_err(|e| whole_file(Reason::Malformed, format!("the zip archive cannot be read ({e})")))?;
        // Members that share their bytes are how a small archive claims petabytes.
        let mut packed = 0u64;
        for index in 0..zip.len() {
            if let Ok(member) = zip.by_index_raw(index) {
                packed = packed.saturating_add(member.compressed_size());
            }
        }
        if packed > length {
            return Err(whole_file(Reason::Bomb, "members of the archive overlap each other".into()));
        }
        Ok(Self { zip, taken })
    }

    pub fn len(&self) -> usize {
        self.zip.len()
    }

    pub fn info(&mut self, index: usize) -> Result<MemberInfo, Skip> {
        let member = self
            .zip
            .by_index_raw(index)
            .map_err(|e| whole_file(Reason::Malformed, format!("member {} cannot be read ({e})", index + 1)))?;
        Ok(MemberInfo {
            name: String::from_utf8_lossy(member.name_raw()).into_owned(),
            bytes: member.size(),
            folder: member.is_dir(),
            encrypted: member.encrypted(),
        })
    }

    /// A member's content, ended early where it exceeds what its packed size allows.
    pub fn read(&mut self, index: usize) -> Result<MemberReader<impl Read>, Skip> {
        let before = self.taken.load(Ordering::Relaxed);
        let member = self
            .zip
            .by_index(index)
            .map_err(|e| whole_file(Reason::Malformed, format!("member {} cannot be unpacked ({e})", index + 1)))?;
        let complaint = Complaint::default();
        let guarded = Guarded::new(member, "the member", self.taken.clone(), before, complaint.clone());
        Ok(MemberReader { inner: guarded, complaint })
    }
}

pub struct MemberReader<R> {
    inner: R,
    complaint: Complaint,
}

impl<R> MemberReader<R> {
    /// What ended the member before its end.
    pub fn complaint(&self) -> Option<Skip> {
        asked(&self.complaint)
    }
}

impl<R: Read> Read for MemberReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(buffer)
    }
}

/// The number of members that the end record claims: the library reads them all into memory, so ask first.
fn claimed_members(file: &mut File, length: u64) -> Option<u64> {
    let tail_length = length.min((64 << 10) + 22 + 20);
    file.seek(SeekFrom::Start(length - tail_length)).ok()?;
    let mut tail = Vec::new();
    file.by_ref().take(tail_length).read_to_end(&mut tail).ok()?;
    let little = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |n, b| n << 8 | u64::from(*b));
    let end = (0..tail.len().saturating_sub(21)).rev().find(|i| tail[*i..].starts_with(b"PK\x05\x06"))?;
    let members = little(&tail[end + 10..end + 12]);
    let mut claimed = members;
    if members == 0xffff
        && let Some(locator) = end.checked_sub(20).filter(|i| tail[*i..].starts_with(b"PK\x06\x07"))
    {
        let mut record = [0; 40];
        file.seek(SeekFrom::Start(little(&tail[locator + 8..locator + 16]))).ok()?;
        file.read_exact(&mut record).ok()?;
        claimed = little(&record[32..40]);
    }
    file.seek(SeekFrom::Start(0)).ok()?;
    Some(claimed)
}
