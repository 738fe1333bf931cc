//! Zip archives: members read in place, by index, within limits; nothing is ever unpacked to a path.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use noctule_core::model::{Reason, Skip};
use zip::ZipArchive;

use super::whole_file;

const MAX_MEMBERS: u64 = 100_000;
/// A member held against this ratio once it is larger than the free size.
const MAX_RATIO: u64 = 100;
const FREE_BYTES: u64 = 64 << 20;

pub struct Archive {
    zip: ZipArchive<BufReader<File>>,
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
        Ok(Self { zip })
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
        let member = self
            .zip
            .by_index(index)
            .map_err(|e| whole_file(Reason::Malformed, format!("member {} cannot be unpacked ({e})", index + 1)))?;
        let allowed = FREE_BYTES.max(member.compressed_size().saturating_mul(MAX_RATIO));
        Ok(MemberReader { inner: member, read: 0, allowed, complaint: None })
    }
}

pub struct MemberReader<R> {
    inner: R,
    read: u64,
    allowed: u64,
    pub complaint: Option<Skip>,
}

impl<R: Read> Read for MemberReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.complaint.is_some() || buffer.is_empty() {
            return Ok(0);
        }
        let place = format!("byte {} unpacked", self.read);
        if self.read >= self.allowed {
            // At the limit only the end of the member is acceptable.
            let mut one = [0];
            if matches!(self.inner.read(&mut one), Ok(0)) {
                return Ok(0);
            }
            let detail = format!("the member unpacks to more than {MAX_RATIO} times its size");
            self.complaint = Some(Skip { place, reason: Reason::Bomb, detail });
            return Ok(0);
        }
        let room = (self.allowed - self.read).min(buffer.len() as u64) as usize;
        match self.inner.read(&mut buffer[..room]) {
            Ok(n) => {
                self.read += n as u64;
                Ok(n)
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => Err(e),
            Err(e) => {
                let detail = format!("the member is broken ({e})");
                self.complaint = Some(Skip { place, reason: Reason::Malformed, detail });
                Ok(0)
            }
        }
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
