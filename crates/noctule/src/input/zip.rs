//! Zip archives: members read in place, by index, within limits; nothing is ever unpacked to a path.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use noctule_core::collect::dates;
use noctule_core::model::{Micros, Reason, Skip};
use zip::ZipArchive;

use super::container::{Contents, MAX_MEMBERS, MAX_NAME_BYTES, Member, Nest, Passed};
use super::pages::Assets;
use super::ratio::{Complaint, Counted, Guarded};
use super::{wacz, whole_file};

/// Reads all members in place. Of a web archive in a zip (WACZ) only the WARC files are read, and those only when
/// they have the digests that it states.
pub(super) fn read(file: File, nest: &Nest, contents: &mut dyn Contents) -> Result<()> {
    let (mut zip, taken) = match open(file) {
        Ok(opened) => opened,
        Err(skip) => {
            contents.skip(None, skip);
            return Ok(());
        }
    };
    let mut assets = Assets::default();
    for index in 0..zip.len() {
        if let Ok(member) = zip.by_index_raw(index) {
            assets.learn(&String::from_utf8_lossy(member.name_raw()));
        }
    }
    let stated = wacz::Digests::of(&mut zip);
    if let Some(stated) = &stated {
        stated.missing(&zip, contents);
    }
    for index in 0..zip.len() {
        if let Err(skip) = nest.count_member() {
            contents.skip(None, skip);
            break;
        }
        let (name, bytes, encrypted, modified) = match zip.by_index_raw(index) {
            Ok(member) if member.is_dir() => continue,
            Ok(member) => {
                let mut name = String::from_utf8_lossy(member.name_raw()).into_owned();
                name.truncate(name.floor_char_boundary(MAX_NAME_BYTES));
                (name, member.size(), member.encrypted(), modified(&member))
            }
            Err(e) => {
                let detail = format!("member {} cannot be read ({e})", index + 1);
                contents.skip(None, whole_file(Reason::Malformed, detail));
                continue;
            }
        };
        if assets.has(&name) {
            contents.passed(&name, bytes, Passed::Asset);
            continue;
        }
        if encrypted {
            contents.skip(Some(&name), whole_file(Reason::Encrypted, "the member is encrypted".into()));
            continue;
        }
        match stated.as_ref().map(|stated| stated.check(&mut zip, index, &name)) {
            None | Some(Ok(wacz::Part::Archive)) => {}
            Some(Ok(wacz::Part::Index)) => {
                contents.passed(&name, bytes, Passed::Index);
                continue;
            }
            Some(Err(skip)) => {
                contents.skip(Some(&name), skip);
                continue;
            }
        }
        let before = taken.load(Ordering::Relaxed);
        let member = match zip.by_index(index) {
            Ok(member) => member,
            Err(e) => {
                let detail = format!("member {} cannot be unpacked ({e})", index + 1);
                contents.skip(Some(&name), whole_file(Reason::Malformed, detail));
                continue;
            }
        };
        let complaint = Complaint::default();
        let mut reader = Guarded::new(member, "the member", taken.clone(), before, complaint.clone());
        let member = Member { name, bytes, captured_at: None, modified, charset: None, reader: &mut reader, complaint };
        contents.member(nest, member)?;
    }
    Ok(())
}

pub(super) type Zip = ZipArchive<BufReader<Counted<File>>>;

/// Reads the directory. An archive that claims more than it can hold is refused before anything is unpacked.
fn open(mut file: File) -> Result<(Zip, Arc<AtomicU64>), Skip> {
    let length = file.metadata().map(|m| m.len()).unwrap_or(0);
    if let Some(members) = claimed_members(&mut file, length)
        && members > MAX_MEMBERS
    {
        let detail = format!("the archive has {members} members; the limit is {MAX_MEMBERS}");
        return Err(whole_file(Reason::Bomb, detail));
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
    Ok((zip, taken))
}

/// When a member was last changed: in Unix time where the archive has that. The old field has no zone and is right
/// within a day, which decides nothing here that an hour would.
fn modified<R: Read>(member: &zip::read::ZipFile<'_, R>) -> Option<Micros> {
    let unix = member.extra_data_fields().find_map(|field| match field {
        zip::ExtraField::ExtendedTimestamp(times) => times.mod_time(),
        _ => None,
    });
    if let Some(secs) = unix {
        return Some(Micros(i64::from(secs) * 1_000_000));
    }
    let old = member.last_modified()?;
    let text = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        old.year(),
        old.month(),
        old.day(),
        old.hour(),
        old.minute(),
        old.second()
    );
    dates::parse(&text, &jiff::tz::TimeZone::UTC, dates::DayOrder::DayFirst).map(|found| found.at)
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
