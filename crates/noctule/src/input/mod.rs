//! From paths to readable inputs: walking folders, looking into archives, unpacking under limits.
//!
//! Nothing here knows a format; nothing is ever written to a path that an archive names.

pub mod columnar;
pub mod container;
mod headers;
mod http;
mod layers;
mod mailbox;
mod mhtml;
mod pages;
mod ratio;
mod seven;
mod tar;
mod wacz;
mod walk;
mod warc;
mod zip;

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use noctule_core::collect::{self, Collector, Head};
use noctule_core::model::{Micros, Reason, Skip};
use noctule_core::normalize::Utf8Reader;
use noctule_core::normalize::encoding::looks_binary;

pub use container::{Kind, Nest};
pub use layers::{Layer, Unpacked};
pub use mailbox::{WithoutMedia, holds_media};
pub use pages::Assets;
pub use seven::{WORKER as UNPACK_WORKER, work as unpack_worker};
pub use walk::{Found, SIMULATED_EXTRAS, is_static, walk};

/// The start of an input that a collector gets to see.
const HEAD_BYTES: usize = 64 << 10;

/// What an input turned out to be.
pub enum Recognized {
    Format {
        collector: &'static dyn Collector,
        reason: String,
        encoding: &'static str,
        layers: Vec<Layer>,
    },
    /// A container: its members are inputs of their own.
    Archive(Kind),
    /// A picture, film or sound: named, not kept, no loss.
    Media(&'static str),
    /// Looked at and not understood.
    Skip(Skip),
}

/// Names that are never given to media on purpose.
const DATA_NAMES: [&str; 6] = [".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".txt"];

/// Decides by content what a stream is. Reads at most a few hundred kilobytes of it.
///
/// `forced` names the collector when the user knows better than the content shows.
pub fn recognize(path: &str, reader: &mut (dyn Read + Send), forced: Option<&'static dyn Collector>) -> Recognized {
    recognize_as(path, reader, forced, None)
}

/// The same, when the headers around an input declare its encoding.
pub fn recognize_as(
    path: &str,
    reader: &mut (dyn Read + Send),
    forced: Option<&'static dyn Collector>,
    charset: Option<&str>,
) -> Recognized {
    let mut start = Vec::with_capacity(HEAD_BYTES);
    if let Err(e) = Read::take(&mut *reader, HEAD_BYTES as u64).read_to_end(&mut start) {
        return Recognized::Skip(whole_file(Reason::Unreadable, format!("it cannot be read ({e})")));
    }
    if start.is_empty() {
        return Recognized::Skip(whole_file(Reason::Empty, "it has no content".into()));
    }
    if let Some(kind) = media(&start) {
        // A name that promises messages and holds a picture is a loss somebody must hear of.
        if DATA_NAMES.iter().any(|end| path.to_ascii_lowercase().ends_with(end)) {
            return Recognized::Skip(whole_file(Reason::Binary, format!("it is a {kind}, whatever its name says")));
        }
        return Recognized::Media(kind);
    }
    if let Some(kind) = Kind::of(&start) {
        return Recognized::Archive(kind);
    }
    let again = Cursor::new(start).chain(reader);
    let mut unpacked = match Unpacked::open(again) {
        Ok(unpacked) => unpacked,
        Err(skip) => return Recognized::Skip(skip),
    };
    let mut head = Vec::with_capacity(HEAD_BYTES);
    // A broken archive still shows its start; reading it will say where it ends.
    let _ = unpacked.by_ref().take(HEAD_BYTES as u64).read_to_end(&mut head);
    let layers = unpacked.layers().to_vec();
    if head.is_empty() {
        return Recognized::Skip(match unpacked.complaint() {
            Some(skip) => skip,
            None => whole_file(Reason::Empty, "it unpacks to nothing".into()),
        });
    }
    if let Some(kind) = Kind::of(&head) {
        return match kind {
            Kind::Zip | Kind::SevenZip => {
                let detail = format!("a {} archive that was compressed once more; unpack it first", kind.word());
                Recognized::Skip(whole_file(Reason::NestedTooDeep, detail))
            }
            _ => Recognized::Archive(kind),
        };
    }
    if head.starts_with(b"Rar!\x1a\x07") {
        let detail = "a RAR archive; unpack it and give its folder".to_string();
        return Recognized::Skip(whole_file(Reason::UnknownFormat, detail));
    }
    let whole = head.len() < HEAD_BYTES;
    if looks_binary(&head) {
        return Recognized::Skip(whole_file(Reason::Binary, "its bytes are not text".into()));
    }
    let mut text = Vec::with_capacity(head.len());
    let mut decoder = Utf8Reader::declared(Cursor::new(head), charset);
    let read = decoder.read_to_end(&mut text);
    let encoding = decoder.encoding();
    if read.is_err() {
        return Recognized::Skip(whole_file(Reason::Binary, "its bytes are not text in any known encoding".into()));
    }
    let forced = forced.map(|collector| (collector, "as you said".to_string()));
    match forced.or_else(|| collect::recognize(&Head { path, bytes: &text, whole })) {
        Some((collector, reason)) => Recognized::Format { collector, reason, encoding, layers },
        None => Recognized::Skip(whole_file(
            Reason::UnknownFormat,
            format!("no collector knows this content; known formats: {}", known_formats()),
        )),
    }
}

/// The collector of that name.
pub fn collector(name: &str) -> Option<&'static dyn Collector> {
    collect::COLLECTORS.iter().copied().find(|c| c.name() == name)
}

pub fn known_formats() -> String {
    collect::COLLECTORS.iter().map(|c| c.name()).collect::<Vec<_>>().join(", ")
}

/// A skip that stands for the whole file.
pub fn whole_file(reason: Reason, detail: String) -> Skip {
    Skip { place: "whole file".into(), reason, detail }
}

/// Opens a regular file for reading.
pub fn open(path: &Path) -> Result<File, Skip> {
    File::open(path).map_err(|e| whole_file(Reason::Unreadable, format!("it cannot be opened ({e})")))
}

/// How a path is written down: as given, with what is not Unicode replaced.
pub fn written(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// One thing to read: a file, or a member of an archive.
#[derive(Clone, Debug)]
pub struct Item {
    /// As the user gave it; members as `archive.zip!/member`.
    pub shown: String,
    pub file: PathBuf,
    pub bytes: u64,
    /// When the file was last changed: of a saved page when it was saved.
    pub modified: Option<Micros>,
    /// The marker of the folder, when `simulate` made it.
    pub simulated: Option<String>,
}

/// Pictures, films, sounds, fonts and style sheets by their first bytes or nature; `None` for all else.
fn media(start: &[u8]) -> Option<&'static str> {
    const MAGIC: &[(&[u8], usize, &str)] = &[
        (b"\xff\xd8\xff", 0, "picture"),
        (b"\x89PNG\r\n\x1a\n", 0, "picture"),
        (b"GIF8", 0, "picture"),
        (b"WEBP", 8, "picture"),
        (b"ftyp", 4, "film"),
        (b"\x1aE\xdf\xa3", 0, "film"),
        (b"AVI ", 8, "film"),
        (b"OggS", 0, "sound"),
        (b"ID3", 0, "sound"),
        (b"fLaC", 0, "sound"),
        (b"WAVE", 8, "sound"),
        (b"\xff\xfb", 0, "sound"),
        (b"wOF2", 0, "font"),
        (b"wOFF", 0, "font"),
    ];
    MAGIC
        .iter()
        .find(|(magic, at, _)| start.get(*at..).is_some_and(|rest| rest.starts_with(magic)))
        .map(|(_, _, kind)| *kind)
}
