//! Unpacking gzip, zstd and xz around a single stream, within limits.
//!
//! Everything a decompressor yields is held to the [ratio](super::ratio).

use std::io::{self, BufRead, BufReader, Read};

use noctule_core::model::{Reason, Skip};

use super::ratio::{Complaint, Counted, Guarded};
use super::{columnar, whole_file};

/// What unpacking xz may allocate: a little more than its highest level needs (a dictionary of 64 MiB).
const XZ_MEMORY_KIB: u32 = 72 << 10;
/// Layers inside each other.
const MAX_LAYERS: usize = 2;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Layer {
    Gzip,
    Zstd,
    Xz,
    /// Tables, turned into JSON Lines.
    Parquet,
    Arrow,
}

impl Layer {
    pub fn word(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
            Self::Parquet => "parquet",
            Self::Arrow => "arrow",
        }
    }

    fn data(self) -> &'static str {
        match self {
            Self::Gzip => "the gzip data",
            Self::Zstd => "the zstd data",
            Self::Xz => "the xz data",
            Self::Parquet | Self::Arrow => "the table",
        }
    }

    fn of(start: &[u8]) -> Option<Self> {
        if start.starts_with(b"\x1f\x8b\x08") {
            Some(Self::Gzip)
        } else if start.starts_with(b"\x28\xb5\x2f\xfd") {
            Some(Self::Zstd)
        } else if start.starts_with(b"\xfd7zXZ\0") {
            Some(Self::Xz)
        } else {
            columnar::layer(start)
        }
    }
}

/// A stream with its compression taken off. What goes wrong ends the stream and is told by [`Unpacked::complaint`].
pub struct Unpacked<'a> {
    reader: Box<dyn BufRead + Send + 'a>,
    layers: Vec<Layer>,
    complaint: Complaint,
}

impl<'a> Unpacked<'a> {
    pub fn open(reader: impl Read + Send + 'a) -> Result<Self, Skip> {
        // Layers inside each other are all held against the outermost: a hundred times a hundred would be too much.
        let (reader, taken) = Counted::new(reader);
        let mut reader: Box<dyn BufRead + Send + 'a> = Box::new(BufReader::with_capacity(256 << 10, reader));
        let mut layers = Vec::new();
        let complaint = Complaint::default();
        let unreadable = |e: io::Error| whole_file(Reason::Unreadable, format!("it cannot be read ({e})"));
        while let Some(layer) = Layer::of(reader.fill_buf().map_err(unreadable)?) {
            if layers.len() == MAX_LAYERS {
                return Err(whole_file(
                    Reason::NestedTooDeep,
                    format!("more than {MAX_LAYERS} compressions inside each other"),
                ));
            }
            layers.push(layer);
            let unpacked: Box<dyn Read + Send + 'a> = match layer {
                // Exports are often several gzip members one after the other.
                #[expect(clippy::disallowed_types, reason = "counted by `Guarded` below")]
                Layer::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(reader)),
                Layer::Zstd => Box::new(zstd::Decoder::with_buffer(reader).map_err(unreadable)?),
                #[expect(clippy::disallowed_types, reason = "counted by `Guarded` below")]
                Layer::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(reader, true, XZ_MEMORY_KIB)),
                Layer::Parquet | Layer::Arrow => Box::new(columnar::Rows::start(reader, layer, complaint.clone())?),
            };
            let guarded = Guarded::new(unpacked, layer.data(), taken.clone(), 0, complaint.clone());
            reader = Box::new(BufReader::with_capacity(256 << 10, guarded));
        }
        Ok(Self { reader, layers, complaint })
    }

    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// What ended the stream before its end.
    pub fn complaint(&self) -> Option<Skip> {
        self.complaint.asked()
    }

    /// A handle to ask for the complaint after the reader was given away.
    pub fn complaint_handle(&self) -> impl Fn() -> Option<Skip> + use<> {
        let complaint = self.complaint.clone();
        move || complaint.asked()
    }
}

impl Read for Unpacked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

#[cfg(test)]
#[allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "tests unpack what they packed")]
mod tests {
    use std::io::Write;

    use super::super::ratio::FREE_BYTES;
    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn read(packed: &[u8]) -> (Vec<u8>, Option<Reason>) {
        let mut unpacked = Unpacked::open(packed).unwrap();
        let mut out = Vec::new();
        unpacked.read_to_end(&mut out).unwrap();
        (out, unpacked.complaint().map(|s| s.reason))
    }

    #[test]
    fn plain_gzip_and_zstd_give_the_same() {
        let text = b"{\"text\":\"hello\"}\n".repeat(100);
        assert_eq!(read(&text), (text.clone(), None));
        assert_eq!(read(&gzip(&text)), (text.clone(), None));
        assert_eq!(read(&zstd::encode_all(&text[..], 1).unwrap()), (text.clone(), None));
        assert_eq!(read(&gzip(&gzip(&text))), (text, None));
    }

    #[test]
    fn several_members_are_one_stream() {
        assert_eq!(read(&[gzip(b"one\n"), gzip(b"two\n")].concat()), (b"one\ntwo\n".to_vec(), None));
    }

    #[test]
    fn a_cut_file_keeps_what_was_before_the_cut() {
        let text: Vec<u8> = (0..50_000u32).flat_map(|n| n.to_string().into_bytes()).collect();
        let packed = gzip(&text);
        let (out, reason) = read(&packed[..packed.len() / 2]);
        assert!(!out.is_empty() && text.starts_with(&out));
        assert_eq!(reason, Some(Reason::Truncated));
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let packed = zstd::encode_all(&vec![0; 2 * FREE_BYTES as usize][..], 1).unwrap();
        let (out, reason) = read(&packed);
        assert_eq!((out.len() as u64, reason), (FREE_BYTES, Some(Reason::Bomb)));
    }

    #[test]
    fn three_layers_are_too_many() {
        let packed = gzip(&gzip(&gzip(b"x")));
        assert_eq!(Unpacked::open(&packed[..]).err().map(|s| s.reason), Some(Reason::NestedTooDeep));
    }
}
