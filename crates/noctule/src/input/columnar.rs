//! Tables in Parquet and Arrow IPC: read as JSON Lines that a guarded child process writes.
//!
//! Their readers need to jump about in the file, so its bytes are put into a temporary one first, which has no name any
//! more when the child gets it. What the child cannot do is told as the complaint of the stream.

use std::io::{self, Read, Seek, Write};
use std::process::{Child, ChildStdout, Command, Stdio};

use noctule_core::model::{Reason, Skip};

use super::layers::Layer;
use super::ratio::Complaint;
use super::whole_file;

/// A table larger than this is not spooled.
const MAX_BYTES: u64 = 4 << 30;

/// The kind of table that starts like this.
pub(super) fn layer(start: &[u8]) -> Option<Layer> {
    // A stream starts with a continuation mark, the length of the schema in 32 bits, and a flatbuffer.
    let stream = || {
        let length = start.get(4..8).and_then(|bytes| bytes.try_into().ok()).map(u32::from_le_bytes);
        start.starts_with(b"\xff\xff\xff\xff") && length.is_some_and(|n| (16..1 << 24).contains(&n) && n % 8 == 0)
    };
    if start.starts_with(b"PAR1") {
        Some(Layer::Parquet)
    } else if start.starts_with(b"ARROW1\0\0") || stream() {
        Some(Layer::Arrow)
    } else {
        None
    }
}

/// The rows of a table as a child process writes them.
pub(super) struct Rows {
    child: Child,
    out: ChildStdout,
    layer: Layer,
    complaint: Complaint,
    ended: bool,
}

impl Rows {
    pub(super) fn start(reader: impl Read, layer: Layer, complaint: Complaint) -> Result<Self, Skip> {
        let cannot = |what: &str, e: io::Error| whole_file(Reason::Unreadable, format!("{what} ({e})"));
        let mut spool = tempfile::tempfile().map_err(|e| cannot("no temporary file can be made for the table", e))?;
        let copied = io::copy(&mut reader.take(MAX_BYTES + 1), &mut spool)
            .and_then(|n| spool.flush().and_then(|()| spool.rewind()).map(|()| n))
            .map_err(|e| cannot("the table cannot be put into a temporary file", e))?;
        if copied > MAX_BYTES {
            return Err(whole_file(Reason::TooLarge, format!("a table may have {MAX_BYTES} bytes")));
        }
        let mut child = std::env::current_exe()
            .and_then(|program| {
                Command::new(program)
                    .arg("read-table")
                    .stdin(Stdio::from(spool))
                    .stdout(Stdio::piped())
                    // A panic of a foreign library is told as a skip, not on the terminal.
                    .stderr(Stdio::null())
                    .spawn()
            })
            .map_err(|e| cannot("the process that reads tables cannot be started", e))?;
        let out = child.stdout.take().expect("standard output is piped");
        Ok(Self { child, out, layer, complaint, ended: false })
    }

    fn end(&mut self) {
        self.ended = true;
        let detail = match self.child.wait() {
            Ok(status) if status.success() => return,
            Ok(status) if status.code().is_some() => {
                format!("the {} table is damaged, cut off, or of a kind that cannot be read", self.layer.word())
            }
            Ok(_) => format!("the {} table needs more memory or time than a table may", self.layer.word()),
            Err(e) => format!("the process that reads tables was lost ({e})"),
        };
        self.complaint.make(whole_file(Reason::Malformed, detail));
    }
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        let n = self.out.read(buffer)?;
        if n == 0 {
            self.end();
        }
        Ok(n)
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        if !self.ended {
            // Whoever read has seen enough.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}
