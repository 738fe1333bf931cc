//! Tar archives, read as a stream: ustar, GNU and pax, and the headers without a mark of before.
//!
//! Written here and not taken from a crate because only names, sizes and dates of regular files are wanted: the
//! crates' difficulty, and all their advisories, lie in writing links, devices and permissions to a disk.

use std::io::Read;

use anyhow::Result;
use noctule_core::model::{Micros, Reason, Skip};

use super::container::{Contents, MAX_NAME_BYTES, Member, Nest, Portion};
use super::ratio::Complaint;
use super::whole_file;

const BLOCK: usize = 512;
/// No file is larger; so that adding up sizes cannot overflow.
const MAX_SIZE: u64 = 1 << 60;
/// Longest record of extended headers that is looked at.
const MAX_EXTENDED: u64 = 1 << 20;

/// Whether a file starts with a tar header: its checksum says so, with and without a mark.
pub(super) fn begins(start: &[u8]) -> bool {
    start.first_chunk::<BLOCK>().is_some_and(|block| block[0] != 0 && is_header(block))
}

/// Reads all members; what ended the archive before its end comes back.
pub(super) fn read(reader: &mut (dyn Read + Send), nest: &Nest, contents: &mut dyn Contents) -> Result<Option<Skip>> {
    let mut at = 0u64;
    let mut said = Extended::default();
    loop {
        let mut block = [0; BLOCK];
        match fill(reader, &mut block)? {
            // An archive without its end mark lacks nothing.
            0 => return Ok(None),
            BLOCK => {}
            _ => return Ok(Some(cut(at))),
        }
        if block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        if !is_header(&block) {
            let skip = Skip {
                place: format!("byte {at}"),
                reason: Reason::Malformed,
                detail: "a header of the tar archive is broken; what follows was not read".into(),
            };
            return Ok(Some(skip));
        }
        let kind = block[156];
        let own_size = number(&block[124..136]);
        let size = said.size.filter(|_| !is_extended(kind)).or(own_size);
        let Some(size) = size.filter(|size| *size < MAX_SIZE) else {
            let skip = Skip {
                place: format!("byte {at}"),
                reason: Reason::Malformed,
                detail: "a size in the tar archive is no number; what follows was not read".into(),
            };
            return Ok(Some(skip));
        };
        at = at.saturating_add(BLOCK as u64).saturating_add(size.next_multiple_of(BLOCK as u64));
        let complaint = Complaint::default();
        let mut content = Portion::new(reader, size, complaint.clone());
        if is_extended(kind) {
            let mut bytes = Vec::new();
            content.by_ref().take(MAX_EXTENDED).read_to_end(&mut bytes)?;
            match kind {
                b'L' => said.name = Some(until_zero(&bytes)),
                b'x' => said.learn(&bytes),
                _ => {}
            }
        } else {
            if let Err(skip) = nest.count_member() {
                return Ok(Some(skip));
            }
            let said = std::mem::take(&mut said);
            let mut name = said.name.unwrap_or_else(|| header_name(&block));
            name.truncate(name.floor_char_boundary(MAX_NAME_BYTES));
            let modified = said.modified.or_else(|| number(&block[136..148]).and_then(seconds));
            let unread = |reason, detail: &str| Some(whole_file(reason, detail.into()));
            let skip = match kind {
                0 | b'0' | b'7' if said.sparse => unread(Reason::UnknownFormat, "a sparse file in a tar archive"),
                0 | b'0' | b'7' if name.ends_with('/') => None,
                0 | b'0' | b'7' => {
                    let member = Member {
                        name: name.clone(),
                        bytes: size,
                        captured_at: None,
                        modified,
                        charset: None,
                        reader: &mut content,
                        complaint: complaint.clone(),
                    };
                    contents.member(nest, member)?;
                    None
                }
                b'1' | b'2' => unread(Reason::NotAFile, "a link in an archive; links are not followed"),
                b'3' | b'4' | b'6' => unread(Reason::NotAFile, "a device or pipe in an archive"),
                b'S' => unread(Reason::UnknownFormat, "a sparse file in a tar archive"),
                // Folders, volume labels, and what only some systems know.
                _ => None,
            };
            if let Some(skip) = skip {
                contents.skip(Some(&name), skip);
            }
        }
        let padding = size.next_multiple_of(BLOCK as u64) - size;
        if !content.drain()? {
            return Ok(Some(cut(at)));
        }
        // The last padding may be missing.
        Portion::new(reader, padding, Complaint::default()).drain()?;
    }
}

fn cut(at: u64) -> Skip {
    Skip {
        place: format!("byte {at}"),
        reason: Reason::Truncated,
        detail: "the tar archive ends in the middle; what was before was kept".into(),
    }
}

/// What headers before a file say of it.
#[derive(Default)]
struct Extended {
    name: Option<String>,
    size: Option<u64>,
    modified: Option<Micros>,
    sparse: bool,
}

impl Extended {
    /// Records of pax: `27 path=export/result.json` and a line break, the number being the length of all of it.
    fn learn(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some(space) = rest.iter().take(20).position(|byte| *byte == b' ') {
            let length = std::str::from_utf8(&rest[..space]).ok().and_then(|text| text.parse::<usize>().ok());
            let Some(length) = length.filter(|length| (space + 2..=rest.len()).contains(length)) else {
                return;
            };
            let record = &rest[space + 1..length - 1];
            rest = &rest[length..];
            let Some(equals) = record.iter().position(|byte| *byte == b'=') else {
                continue;
            };
            let value = String::from_utf8_lossy(&record[equals + 1..]);
            match &record[..equals] {
                b"path" => self.name = Some(value.into_owned()),
                b"size" => self.size = value.parse().ok(),
                b"mtime" => {
                    self.modified = value.split('.').next().and_then(|secs| secs.parse().ok()).and_then(seconds);
                }
                key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
                _ => {}
            }
        }
    }
}

fn is_extended(kind: u8) -> bool {
    matches!(kind, b'L' | b'K' | b'x' | b'g' | b'X')
}

fn seconds(secs: u64) -> Option<Micros> {
    i64::try_from(secs).ok()?.checked_mul(1_000_000).map(Micros)
}

fn header_name(block: &[u8; BLOCK]) -> String {
    let name = until_zero(&block[..100]);
    // GNU uses the place of the prefix for something else.
    let prefix = if block[257..].starts_with(b"ustar\0") { until_zero(&block[345..500]) } else { String::new() };
    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
}

fn until_zero(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

/// Octal digits, or with the first bit set a binary number, as GNU writes what is larger.
fn number(field: &[u8]) -> Option<u64> {
    if field[0] & 0x80 != 0 {
        let first = u64::from(field[0] & 0x7f);
        return field[1..].iter().try_fold(first, |n, byte| n.checked_mul(256).map(|n| n | u64::from(*byte)));
    }
    let digits: Vec<u8> = field.iter().copied().filter(|byte| !matches!(byte, 0 | b' ')).collect();
    digits.iter().try_fold(0u64, |n, digit| {
        (b'0'..=b'7').contains(digit).then(|| n.checked_mul(8))?.map(|n| n + u64::from(digit - b'0'))
    })
}

fn is_header(block: &[u8; BLOCK]) -> bool {
    let Some(said) = number(&block[148..156]) else {
        return false;
    };
    let sum: u64 =
        block.iter().enumerate().map(|(i, b)| if (148..156).contains(&i) { 32 } else { u64::from(*b) }).sum();
    said == sum
}

/// Reads until the buffer is full or the stream ends.
fn fill(reader: &mut (dyn Read + Send), buffer: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// The header of a member, for the process that hands on what another archive holds.
pub(super) fn header(name: &str, size: u64, modified_secs: u64) -> Vec<u8> {
    let mut out = Vec::new();
    if name.len() > 100 || size >= 1 << 33 {
        let mut records = String::new();
        for (key, value) in [("path", name), ("size", &size.to_string())] {
            let rest = format!(" {key}={value}\n");
            // The length counts its own digits.
            let length = (1..).map(|digits| digits + rest.len()).find(|n| n.to_string().len() + rest.len() == *n);
            records.push_str(&format!("{}{rest}", length.expect("some number has as many digits as it counts")));
        }
        out.extend(block(b"pax", records.len() as u64, modified_secs, b'x'));
        out.extend_from_slice(records.as_bytes());
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    let short = &name.as_bytes()[..name.len().min(100)];
    out.extend(block(short, size.min((1 << 33) - 1), modified_secs, b'0'));
    out
}

fn block(name: &[u8], size: u64, modified_secs: u64, kind: u8) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    block[..name.len()].copy_from_slice(name);
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[136..148].copy_from_slice(format!("{:011o}\0", modified_secs.min((1 << 33) - 1)).as_bytes());
    block[148..156].fill(b' ');
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u64 = block.iter().map(|byte| u64::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

/// Bytes that fill the last block of a member.
pub(super) fn padding(size: u64) -> usize {
    (size.next_multiple_of(BLOCK as u64) - size) as usize
}
