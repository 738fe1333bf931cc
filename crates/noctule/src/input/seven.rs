//! 7z archives, unpacked in a process of their own under limits of memory and processor time.
//!
//! Their directory and their filters let a small file ask for any amount of memory, in a parser that is not ours. The
//! process gets the archive as its standard input and writes a tar of the members to its standard output: it opens
//! nothing, and when it dies, one archive is a skip.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anyhow::{Context, Result};
use noctule_core::model::{Reason, Skip};

use super::container::{Contents, MAX_MEMBERS, Nest};
use super::ratio::{Complaint, Guarded};
use super::{tar, whole_file};

/// Set for the process that unpacks.
pub const WORKER: &str = "NOCTULE_UNPACK_WORKER";
/// What directory and dictionary may need; 7-Zip's highest level takes 64 MiB, its largest sensible ones 256.
const MEMORY_KIB: usize = 512 << 10;
/// The kernel's limit: the same, and what the program itself maps.
#[cfg(unix)]
const PROCESS_BYTES: u64 = 2 << 30;
/// A megabyte of a 7z archive takes well under a second.
const SECS_BASE: u64 = 60;

/// The words that the process ends with, and the reason they stand for.
const ENDINGS: [(u8, Reason, &str); 3] = [
    (10, Reason::Malformed, "the 7z archive is broken, or packed in a way that is not known"),
    (11, Reason::Encrypted, "the archive is encrypted"),
    (12, Reason::Bomb, "unpacking the 7z archive takes more memory than the limit allows"),
];

/// Reads all members.
pub(super) fn read(mut file: File, nest: &Nest, contents: &mut dyn Contents) -> Result<()> {
    let length = file.seek(io::SeekFrom::End(0)).and_then(|length| file.rewind().map(|()| length)).unwrap_or(0);
    let program = std::env::current_exe().context("cannot find the program's own file to unpack a 7z archive")?;
    let child = Command::new(program)
        .env(WORKER, (SECS_BASE + (length >> 20)).to_string())
        .stdin(Stdio::from(file))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start the process that unpacks 7z archives")?;
    let mut child = Reaped(child);
    let stdout = child.0.stdout.take().context("the process has an output")?;
    let complaint = Complaint::default();
    let taken = Arc::new(AtomicU64::new(length));
    let mut stream = Guarded::new(stdout, "the 7z archive", taken, 0, complaint.clone());
    let ended = tar::read(&mut stream, nest, contents)?;
    drop(stream);
    let skip = match complaint.asked() {
        // It was not listened to any more.
        Some(skip) => Some(skip),
        None => child.ending()?.or(ended),
    };
    if let Some(skip) = skip {
        contents.skip(None, skip);
    }
    Ok(())
}

/// A process that does not outlive its reader.
struct Reaped(Child);

impl Reaped {
    fn ending(&mut self) -> Result<Option<Skip>> {
        let status = self.0.wait().context("cannot wait for the process that unpacks 7z archives")?;
        if status.success() {
            return Ok(None);
        }
        let known = ENDINGS.iter().find(|(code, ..)| status.code() == Some(i32::from(*code)));
        let (reason, detail) = known.map_or(
            (Reason::Bomb, "unpacking the 7z archive took more memory or time than its limit, and was ended"),
            |(_, reason, detail)| (*reason, *detail),
        );
        Ok(Some(whole_file(reason, detail.into())))
    }
}

impl Drop for Reaped {
    fn drop(&mut self) {
        // Both fail when it has ended already, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The process that unpacks: from standard input to standard output.
pub fn work() -> ExitCode {
    let secs = std::env::var(WORKER).ok().and_then(|secs| secs.parse().ok()).unwrap_or(SECS_BASE);
    if limit(secs).is_err() {
        return ExitCode::FAILURE;
    }
    match unpack() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => ExitCode::from(code(&error)),
    }
}

fn code(error: &sevenz_rust2::Error) -> u8 {
    use sevenz_rust2::Error;
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => 11,
        // Without a password the method of encryption is an unknown one.
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") => 11,
        Error::MaxMemLimited { .. } => 12,
        Error::Io(e, _) if e.kind() == io::ErrorKind::OutOfMemory => 12,
        _ => 10,
    }
}

fn unpack() -> Result<(), sevenz_rust2::Error> {
    use sevenz_rust2::{ArchiveReader, Password};
    let input = stdin_file()?;
    let mut archive = ArchiveReader::new_with_memory_limit(input, Password::empty(), MEMORY_KIB)?;
    archive.set_thread_count(1);
    let mut out = BufWriter::with_capacity(256 << 10, io::stdout().lock());
    let mut members = 0;
    archive.for_each_entries(|entry, content| {
        if entry.is_directory() {
            return Ok(true);
        }
        members += 1;
        if members > MAX_MEMBERS + 1 {
            return Ok(false);
        }
        let secs = entry.last_modified_date();
        let secs =
            std::time::SystemTime::from(secs).duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let size = if entry.has_stream() { entry.size() } else { 0 };
        let name: String = entry.name().chars().take(super::container::MAX_NAME_BYTES).collect();
        out.write_all(&tar::header(&name, size, secs))?;
        let copied = io::copy(&mut content.take(size), &mut out)?;
        if copied < size {
            return Err(sevenz_rust2::Error::Other("a member is shorter than it says".into()));
        }
        out.write_all(&vec![0; tar::padding(size)])?;
        Ok(true)
    })?;
    out.write_all(&[0; 1024])?;
    out.flush()?;
    Ok(())
}

/// The standard input as a file that can be read out of order, which it is.
#[cfg(unix)]
fn stdin_file() -> io::Result<File> {
    use std::os::fd::AsFd;
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

#[cfg(windows)]
fn stdin_file() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    Ok(File::from(io::stdin().as_handle().try_clone_to_owned()?))
}

#[cfg(unix)]
fn limit(secs: u64) -> io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |most| Rlimit { current: Some(most), maximum: Some(most) };
    setrlimit(Resource::As, limit(PROCESS_BYTES))?;
    setrlimit(Resource::Cpu, limit(secs))?;
    setrlimit(Resource::Core, limit(0))?;
    // It writes to a pipe and to nothing else.
    setrlimit(Resource::Fsize, limit(0))?;
    Ok(())
}

#[cfg(not(unix))]
fn limit(_secs: u64) -> io::Result<()> {
    Ok(())
}
