//! Containers: files that hold other inputs. What is common to all kinds: who is told of the members, and the limits
//! that hold for a file however deeply it is nested.
//!
//! A container is read once, from front to back, in constant memory; a member is an input like any other. Names of
//! members are for people and never paths, so nothing an archive says can lead out of it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::Result;
use noctule_core::model::{Micros, Reason, Skip};

use super::layers::Unpacked;
pub use super::ratio::Complaint;
use super::ratio::MAX_RATIO;
use super::{mhtml, seven, tar, warc, whole_file, zip};

/// Containers inside each other: a WACZ in a zip holds WARC files.
const MAX_NESTED: usize = 3;
/// Members of one file, those of containers inside of it included.
pub(super) const MAX_MEMBERS: u64 = 100_000;
/// What all members of a file may unpack to whatever its size; above that the ratio decides.
const FREE_TOTAL_BYTES: u64 = 256 << 20;
/// A zip or 7z archive inside another container is first copied to where it can be read out of order.
const MAX_SPOOLED_BYTES: u64 = 1 << 30;
/// Longest name of a member that is kept.
pub(super) const MAX_NAME_BYTES: usize = 4096;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Zip,
    Tar,
    SevenZip,
    Warc,
    Mhtml,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Zip, Self::Tar, Self::SevenZip, Self::Warc, Self::Mhtml];

    pub fn word(self) -> &'static str {
        match self {
            Self::Zip => "zip",
            Self::Tar => "tar",
            Self::SevenZip => "7z",
            Self::Warc => "warc",
            Self::Mhtml => "mhtml",
        }
    }

    /// One line for help and reference.
    pub fn about(self) -> &'static str {
        match self {
            Self::Zip => {
                "zip archives; a WACZ (web archive with `datapackage.json`) is checked against its digests, and only \
                 its WARC files are read"
            }
            Self::Tar => "tar archives (ustar, GNU, pax), plain or in gzip, zstd or xz; links and devices are skips",
            Self::SevenZip => "7z archives (LZMA, LZMA2, PPMd, bzip2), in a process of their own with limits",
            Self::Warc => {
                "web archives, WARC 1.0 and 1.1: pages of `response` and `resource` records with their address and \
                 time of capture, chunks and codings (gzip, deflate, brotli, zstd) undone; `revisit` counts as known"
            }
            Self::Mhtml => "pages saved as one file (`.mht`, `.mhtml`): the page with its address and date",
        }
    }

    /// What the start of an unpacked input is.
    pub fn of(start: &[u8]) -> Option<Self> {
        if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
            Some(Self::Zip)
        } else if start.starts_with(b"7z\xbc\xaf\x27\x1c") {
            Some(Self::SevenZip)
        } else if warc::begins(start) {
            Some(Self::Warc)
        } else if tar::begins(start) {
            Some(Self::Tar)
        } else if mhtml::begins(start) {
            Some(Self::Mhtml)
        } else {
            None
        }
    }
}

/// One member, to be read before the next one comes.
pub struct Member<'a> {
    /// For people, and never a path. Of web archives the address.
    pub name: String,
    /// As the container says.
    pub bytes: u64,
    /// When it was captured, where the container says exactly that.
    pub captured_at: Option<Micros>,
    /// When it was last changed.
    pub modified: Option<Micros>,
    /// The encoding that its headers declare.
    pub charset: Option<String>,
    pub reader: &'a mut (dyn Read + Send),
    /// What ended the member before its end.
    pub complaint: Complaint,
}

/// Why a member is no input and no loss either.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Passed {
    /// Pictures and style sheets.
    Media,
    /// What belongs to a saved page.
    Asset,
    /// A record that says: the same as an earlier one.
    Known,
    /// An answer that leads elsewhere.
    Redirect,
    /// Records and files by which the container describes itself.
    Index,
}

/// Is told what is in a container, in its order.
pub trait Contents {
    fn member(&mut self, nest: &Nest, member: Member<'_>) -> Result<()>;
    fn passed(&mut self, name: &str, bytes: u64, what: Passed);
    /// A member that cannot be read, or with no name something about the container itself.
    fn skip(&mut self, name: Option<&str>, skip: Skip);
}

/// Where in a nest of containers we are, with the limits of the whole.
#[derive(Clone)]
pub struct Nest {
    limits: Arc<Limits>,
    depth: usize,
}

struct Limits {
    /// Size of the outermost file: what everything that comes out is held against.
    length: u64,
    given: AtomicU64,
    members: AtomicU64,
    spool: PathBuf,
}

impl Nest {
    /// For a file of this length; archives inside of it are copied to nameless files in `spool`.
    pub fn new(length: u64, spool: PathBuf) -> Self {
        let limits = Limits { length, given: AtomicU64::new(0), members: AtomicU64::new(0), spool };
        Self { limits: Arc::new(limits), depth: 1 }
    }

    /// For a container inside of this one.
    pub fn inner(&self) -> Result<Self, Skip> {
        if self.depth == MAX_NESTED {
            let detail =
                format!("more than {MAX_NESTED} archives inside each other; unpack the outer ones and give the folder");
            return Err(whole_file(Reason::NestedTooDeep, detail));
        }
        Ok(Self { limits: self.limits.clone(), depth: self.depth + 1 })
    }

    /// Counts a member; past the limit nothing more of the file is read.
    pub(super) fn count_member(&self) -> Result<(), Skip> {
        if self.limits.members.fetch_add(1, Ordering::Relaxed) >= MAX_MEMBERS {
            return Err(whole_file(
                Reason::Bomb,
                format!("the archive has more than {MAX_MEMBERS} members; the rest was not read"),
            ));
        }
        Ok(())
    }

    fn allowed(&self) -> u64 {
        FREE_TOTAL_BYTES.max(self.limits.length.saturating_mul(MAX_RATIO))
    }

    /// The member's reader, held to what is left for the whole file.
    pub fn held<'a>(&'a self, reader: &'a mut (dyn Read + Send), complaint: Complaint) -> Held<'a> {
        Held { reader, nest: self, complaint }
    }
}

/// Counts what comes out of all members of a file together.
pub struct Held<'a> {
    reader: &'a mut (dyn Read + Send),
    nest: &'a Nest,
    complaint: Complaint,
}

impl Read for Held<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = &self.nest.limits.given;
        if given.load(Ordering::Relaxed) >= self.nest.allowed() {
            let detail = format!("the members together unpack to more than {MAX_RATIO} times the size of the file");
            self.complaint.make(whole_file(Reason::Bomb, detail));
            return Ok(0);
        }
        let n = self.reader.read(buffer)?;
        given.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// What a container is read from.
pub enum Source<'a> {
    File(File),
    Stream(&'a mut (dyn Read + Send)),
}

/// Reads a container and tells `contents` of everything in it.
pub fn read(kind: Kind, source: Source<'_>, nest: &Nest, contents: &mut dyn Contents) -> Result<()> {
    match kind {
        Kind::Zip | Kind::SevenZip => {
            let file = match source {
                Source::File(file) => file,
                Source::Stream(reader) => match spooled(reader, &nest.limits.spool) {
                    Ok(file) => file,
                    Err(skip) => {
                        contents.skip(None, skip);
                        return Ok(());
                    }
                },
            };
            if kind == Kind::Zip { zip::read(file, nest, contents) } else { seven::read(file, nest, contents) }
        }
        Kind::Tar | Kind::Warc | Kind::Mhtml => {
            let mut file;
            let reader: &mut (dyn Read + Send) = match source {
                Source::File(given) => {
                    file = given;
                    &mut file
                }
                Source::Stream(reader) => reader,
            };
            let mut unpacked = match Unpacked::open(reader) {
                Ok(unpacked) => unpacked,
                Err(skip) => {
                    contents.skip(None, skip);
                    return Ok(());
                }
            };
            let complaint = unpacked.complaint_handle();
            let failed = Complaint::default();
            let mut stream = Soft { inner: &mut unpacked, complaint: failed.clone() };
            let ended = match kind {
                Kind::Tar => tar::read(&mut stream, nest, contents)?,
                Kind::Warc => warc::read(&mut stream, nest, contents)?,
                _ => mhtml::read(&mut stream, nest, contents)?,
            };
            // What broke the compression is the reason, not the archive that then seems cut.
            if let Some(skip) = complaint().or_else(|| failed.asked()).or(ended) {
                contents.skip(None, skip);
            }
            Ok(())
        }
    }
}

/// A stream on which an error is an early end with a complaint, so that what was read before it is kept.
struct Soft<R> {
    inner: R,
    complaint: Complaint,
}

impl<R: Read> Read for Soft<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer) {
            Err(e) if e.kind() != io::ErrorKind::Interrupted => {
                self.complaint.make(whole_file(Reason::Unreadable, format!("it cannot be read to its end ({e})")));
                Ok(0)
            }
            read => read,
        }
    }
}

/// Copies a member to a file without a name, which is gone when the program ends, however it ends.
fn spooled(reader: &mut (dyn Read + Send), folder: &std::path::Path) -> Result<File, Skip> {
    let failed = |e: io::Error| whole_file(Reason::Unreadable, format!("it cannot be copied out of its archive ({e})"));
    let mut file = tempfile::tempfile_in(folder).map_err(failed)?;
    let copied = io::copy(&mut reader.take(MAX_SPOOLED_BYTES + 1), &mut file).map_err(failed)?;
    if copied > MAX_SPOOLED_BYTES {
        let detail = "an archive of more than 1 GiB inside another; unpack the outer one and give its folder";
        return Err(whole_file(Reason::TooLarge, detail.into()));
    }
    file.flush().and_then(|()| file.seek(SeekFrom::Start(0))).map_err(failed)?;
    Ok(file)
}

/// Part of a stream with a known length. That the stream ends before it is a complaint.
pub(super) struct Portion<'a, R: ?Sized> {
    inner: &'a mut R,
    left: u64,
    complaint: Complaint,
}

impl<'a, R: Read + ?Sized> Portion<'a, R> {
    pub(super) fn new(inner: &'a mut R, length: u64, complaint: Complaint) -> Self {
        Self { inner, left: length, complaint }
    }

    /// Passes over what nobody read; false when the stream ends before.
    pub(super) fn drain(&mut self) -> io::Result<bool> {
        io::copy(self, &mut io::sink())?;
        Ok(self.left == 0)
    }
}

impl<R: Read + ?Sized> Read for Portion<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = self.left.min(buffer.len() as u64) as usize;
        if room == 0 {
            return Ok(0);
        }
        let n = self.inner.read(&mut buffer[..room])?;
        if n == 0 {
            let detail = format!("it ends {} bytes too early", self.left);
            self.complaint.make(whole_file(Reason::Truncated, detail));
        }
        self.left -= n as u64;
        Ok(n)
    }
}

/// A reader that remembers what was read while its content was looked at, so that it can be read again.
pub struct Looked<'a, R: ?Sized> {
    inner: &'a mut R,
    seen: Vec<u8>,
}

/// Content that shows nothing of itself in so many bytes is not looked at further.
const MAX_LOOKED_BYTES: usize = 8 << 20;

impl<'a, R: Read + ?Sized> Looked<'a, R> {
    pub fn new(inner: &'a mut R) -> Self {
        Self { inner, seen: Vec::new() }
    }

    /// What was read so far.
    pub fn seen(&self) -> &[u8] {
        &self.seen
    }

    /// The same from its start.
    pub fn again(self) -> io::Chain<io::Cursor<Vec<u8>>, &'a mut R> {
        io::Cursor::new(self.seen).chain(self.inner)
    }
}

impl<R: Read + ?Sized> Read for Looked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.seen.len() >= MAX_LOOKED_BYTES {
            return Err(io::Error::other("it packs too little into too many bytes"));
        }
        let n = self.inner.read(buffer)?;
        self.seen.extend_from_slice(&buffer[..n]);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::super::tar;
    use super::*;

    /// Reads every member to its end and counts what it is told.
    #[derive(Default)]
    struct Counting {
        members: usize,
        skips: usize,
        bytes: u64,
    }

    impl Contents for Counting {
        fn member(&mut self, nest: &Nest, member: Member<'_>) -> Result<()> {
            self.members += 1;
            self.bytes += io::copy(&mut nest.held(member.reader, member.complaint), &mut io::sink())?;
            Ok(())
        }

        fn passed(&mut self, _name: &str, _bytes: u64, _what: Passed) {}

        fn skip(&mut self, _name: Option<&str>, _skip: Skip) {
            self.skips += 1;
        }
    }

    fn samples() -> [(Kind, Vec<u8>); 4] {
        let mut tarred = Vec::new();
        for name in ["a.json".to_owned(), "long/".repeat(40)] {
            tarred.extend(tar::header(&name, 5, 1_634_245_620));
            tarred.extend_from_slice(b"words");
            tarred.resize(tarred.len() + tar::padding(5), 0);
        }
        let http = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        let warc = format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://a.example/\r\nContent-Type: \
             application/http\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
            http.len()
        );
        let mhtml = "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: \
                     text/html\r\nContent-Transfer-Encoding: base64\r\n\r\nd29yZHM=\r\n--b\r\n\r\nx\r\n--b--\r\n";
        let mut zip = ::zip::ZipWriter::new(io::Cursor::new(Vec::new()));
        zip.start_file("a.json", ::zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(b"words").unwrap();
        [
            (Kind::Tar, tarred),
            (Kind::Warc, warc.repeat(2).into_bytes()),
            (Kind::Mhtml, mhtml.as_bytes().to_vec()),
            (Kind::Zip, zip.finish().unwrap().into_inner()),
        ]
    }

    fn told(kind: Kind, bytes: &[u8]) -> Counting {
        let nest = Nest::new(bytes.len() as u64, std::env::temp_dir());
        let mut counting = Counting::default();
        read(kind, Source::Stream(&mut &*bytes), &nest, &mut counting).unwrap();
        counting
    }

    #[test]
    fn damage_and_cuts_never_panic_and_give_no_more_than_is_there() {
        for (kind, sample) in samples() {
            assert_eq!(Kind::of(&sample), Some(kind));
            let whole = told(kind, &sample);
            assert!(whole.members > 0 && whole.skips == 0 && whole.bytes >= 5, "{}", kind.word());
            for length in 0..sample.len() {
                let cut = told(kind, &sample[..length]);
                assert!(cut.members <= whole.members && cut.bytes <= sample.len() as u64, "{} {length}", kind.word());
            }
            for at in 0..sample.len() {
                for with in [0, 0xff, b'\n', b'9'] {
                    let mut damaged = sample.clone();
                    damaged[at] = with;
                    assert!(told(kind, &damaged).bytes <= 2 * sample.len() as u64, "{} {at}", kind.word());
                }
            }
        }
    }

    #[test]
    fn members_together_are_held_to_the_size_of_the_file() {
        let nest = Nest::new(1, std::env::temp_dir());
        let complaint = Complaint::default();
        let mut zeros = io::repeat(0);
        let given = io::copy(&mut nest.held(&mut zeros, complaint.clone()), &mut io::sink()).unwrap();
        assert!((FREE_TOTAL_BYTES..FREE_TOTAL_BYTES + (64 << 10)).contains(&given), "{given}");
        assert_eq!(complaint.asked().map(|skip| skip.reason), Some(Reason::Bomb));
    }
}
