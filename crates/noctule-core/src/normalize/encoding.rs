//! Bytes of any encoding become UTF-8, in constant memory.
//!
//! Decided on the first 64 KiB: a byte order mark; UTF-16 without one, by its zero bytes; UTF-8 when nearly all of it
//! is; else what `chardetng` (the detector of Firefox) makes of it. Bytes that cannot be decoded become U+FFFD and are
//! counted.
//!
//! Where it is wrong: a file that is ASCII for its first 64 KiB and not UTF-8 later is read as UTF-8 with
//! replacements; short texts in old eight-bit encodings are guessed, and guessing errs.

use std::io::{self, BufRead, Read};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// How much of the input the decision is made on.
pub const HEAD_BYTES: usize = 64 * 1024;
const BUFFER_BYTES: usize = 64 * 1024;
const REPLACEMENT: &str = "\u{FFFD}";

/// A reader whose bytes are UTF-8 whatever comes in.
pub struct Utf8Reader<R> {
    inner: R,
    raw: Box<[u8]>,
    /// Unread part of `raw`.
    start: usize,
    end: usize,
    ended: bool,
    /// For UTF-8: how many bytes from `start` on are known to be valid.
    valid: usize,
    encoding: Option<&'static Encoding>,
    /// What the headers around the bytes say.
    declared: Option<&'static Encoding>,
    decoder: Option<Decoder>,
    decoded: Box<[u8]>,
    decoded_start: usize,
    decoded_end: usize,
    flushed: bool,
    replaced: u64,
}

impl<R: Read> Utf8Reader<R> {
    pub fn new(inner: R) -> Self {
        Self::declared(inner, None)
    }

    /// For bytes whose headers declare an encoding, which decides where the bytes themselves say too little.
    pub fn declared(inner: R, label: Option<&str>) -> Self {
        Self {
            inner,
            declared: label.and_then(|label| Encoding::for_label(label.as_bytes())),
            raw: vec![0; HEAD_BYTES.max(BUFFER_BYTES)].into_boxed_slice(),
            start: 0,
            end: 0,
            ended: false,
            valid: 0,
            encoding: None,
            decoder: None,
            decoded: Box::default(),
            decoded_start: 0,
            decoded_end: 0,
            flushed: false,
            replaced: 0,
        }
    }

    /// The name of the encoding (`UTF-8`, `windows-1251`); known after the first read, `UTF-8` before.
    pub fn encoding(&self) -> &'static str {
        self.encoding.unwrap_or(UTF_8).name()
    }

    /// How many undecodable sequences were replaced so far.
    pub fn replaced(&self) -> u64 {
        self.replaced
    }

    /// Reads more behind what is unread, moving that to the front first.
    fn refill(&mut self) -> io::Result<()> {
        self.raw.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        while !self.ended && self.end < self.raw.len() {
            match self.inner.read(&mut self.raw[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => {
                    self.end += count;
                    // The head must be whole to decide; later, what came is enough.
                    if self.encoding.is_some() {
                        break;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn decide(&mut self) -> io::Result<()> {
        self.refill()?;
        let head = &self.raw[..self.end];
        let (encoding, mark) = guess(head, self.ended, self.declared);
        self.start = mark;
        self.encoding = Some(encoding);
        if encoding != UTF_8 {
            self.decoder = Some(encoding.new_decoder_without_bom_handling());
            self.decoded = vec![0; BUFFER_BYTES].into_boxed_slice();
        } else {
            self.decoded = REPLACEMENT.as_bytes().into();
        }
        Ok(())
    }

    /// Makes at least one valid byte available, or reaches the end. UTF-8 is served from where it was read.
    fn fill_utf8(&mut self) -> io::Result<()> {
        while self.valid == 0 && self.decoded_start == self.decoded_end {
            // Up to three bytes of a cut sequence may wait for their end.
            if self.end - self.start < 4 {
                self.refill()?;
                if self.start == self.end {
                    return Ok(());
                }
            }
            let unread = &self.raw[self.start..self.end];
            self.valid = Encoding::utf8_valid_up_to(unread);
            if self.valid > 0 {
                break;
            }
            match std::str::from_utf8(&unread[..unread.len().min(4)]) {
                Ok(_) => {}
                Err(error) => match error.error_len() {
                    Some(bad) => self.replace(bad),
                    None if self.ended => self.replace(unread.len()),
                    None => self.refill()?,
                },
            }
        }
        Ok(())
    }

    fn replace(&mut self, bad: usize) {
        self.start += bad;
        self.replaced += 1;
        self.decoded_start = 0;
        self.decoded_end = self.decoded.len();
    }

    fn fill_decoded(&mut self) -> io::Result<()> {
        let Some(decoder) = self.decoder.as_mut() else {
            return Ok(());
        };
        while self.decoded_start == self.decoded_end && !self.flushed {
            if self.start == self.end && !self.ended {
                self.start = 0;
                self.end = 0;
                match self.inner.read(&mut self.raw) {
                    Ok(0) => self.ended = true,
                    Ok(count) => self.end = count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(error),
                }
            }
            let room = self.decoded.len() - REPLACEMENT.len();
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(
                &self.raw[self.start..self.end],
                &mut self.decoded[..room],
                self.ended,
            );
            self.start += read;
            self.decoded_start = 0;
            self.decoded_end = written;
            match result {
                DecoderResult::InputEmpty => self.flushed = self.ended,
                DecoderResult::OutputFull => {}
                DecoderResult::Malformed(..) => {
                    self.replaced += 1;
                    let end = written + REPLACEMENT.len();
                    self.decoded[written..end].copy_from_slice(REPLACEMENT.as_bytes());
                    self.decoded_end = end;
                }
            }
        }
        Ok(())
    }
}

impl<R: Read> BufRead for Utf8Reader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.encoding.is_none() {
            self.decide()?;
        }
        if self.decoder.is_some() {
            self.fill_decoded()?;
        } else {
            self.fill_utf8()?;
        }
        if self.decoded_start < self.decoded_end {
            return Ok(&self.decoded[self.decoded_start..self.decoded_end]);
        }
        Ok(&self.raw[self.start..self.start + self.valid])
    }

    fn consume(&mut self, amount: usize) {
        if self.decoded_start < self.decoded_end {
            self.decoded_start = self.decoded_end.min(self.decoded_start + amount);
        } else {
            let amount = amount.min(self.valid);
            self.start += amount;
            self.valid -= amount;
        }
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

/// Decodes bytes held whole, with the name of the encoding and how often something was replaced.
pub fn decode(bytes: &[u8]) -> (String, &'static str, u64) {
    let mut reader = Utf8Reader::new(bytes);
    let mut text = String::with_capacity(bytes.len());
    reader.read_to_string(&mut text).expect("the reader yields UTF-8 and memory does not fail to be read");
    (text, reader.encoding(), reader.replaced())
}

/// Whether the head of a file is no text: zero bytes that are not UTF-16, or many controls.
pub fn looks_binary(head: &[u8]) -> bool {
    let head = &head[..head.len().min(HEAD_BYTES)];
    if Encoding::for_bom(head).is_some() || utf16(head).is_some() {
        return false;
    }
    let zeros = memchr::memchr(0, head).is_some();
    let controls = head.iter().filter(|b| matches!(b, 0..=6 | 0xE..=0x1A | 0x1C..=0x1F)).count();
    zeros && controls * 500 > head.len() || controls * 20 > head.len()
}

/// The encoding of a head, and the length of its byte order mark.
fn guess(head: &[u8], whole: bool, declared: Option<&'static Encoding>) -> (&'static Encoding, usize) {
    if let Some(marked) = Encoding::for_bom(head) {
        return marked;
    }
    if let Some(encoding) = utf16(head) {
        return (encoding, 0);
    }
    if nearly_utf8(head, whole) {
        return (UTF_8, 0);
    }
    if let Some(declared) = declared
        && believed(declared, head)
    {
        return (declared, 0);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(head, whole);
    (detector.guess(None, Utf8Detection::Deny), 0)
}

/// With so many bytes beyond ASCII the detector knows better than a header.
const ENOUGH_TO_DETECT: usize = 400;

/// Whether a declared encoding is better than a guess. Servers declare Latin-1 when nobody told them anything; and
/// boards moved between Cyrillic encodings without telling theirs, which long texts show and short ones cannot.
fn believed(declared: &'static Encoding, head: &[u8]) -> bool {
    if declared == UTF_8 || declared == encoding_rs::WINDOWS_1252 || !declared.is_ascii_compatible() {
        return false;
    }
    let mut decoder = declared.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(decoder.max_utf8_buffer_length_without_replacement(head.len()).unwrap_or(0));
    // The head may end within a sequence, so this is not its last part.
    let (result, _) = decoder.decode_to_string_without_replacement(head, &mut text, false);
    let beyond_ascii = head.iter().filter(|byte| **byte >= 0x80).count();
    result == DecoderResult::InputEmpty && (!declared.is_single_byte() || beyond_ascii < ENOUGH_TO_DETECT)
}

/// UTF-16 without a mark: one byte of each pair is zero (or the Cyrillic block) nearly always, the other never.
fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    let pairs = head.len().min(4096) / 2;
    if pairs < 2 {
        return None;
    }
    let mut zero = [0, 0];
    let mut high = [0, 0];
    for pair in head[..pairs * 2].chunks_exact(2) {
        for side in 0..2 {
            zero[side] += usize::from(pair[side] == 0);
            high[side] += usize::from(matches!(pair[side], 0 | 4));
        }
    }
    let is_high = |side: usize| high[side] * 10 > pairs * 9 && zero[side] * 20 > pairs && zero[1 - side] * 50 < pairs;
    match (is_high(0), is_high(1)) {
        (true, false) => Some(UTF_16BE),
        (false, true) => Some(UTF_16LE),
        _ => None,
    }
}

/// Whether the bytes are UTF-8 but for a few: at least five good sequences for each bad one.
fn nearly_utf8(head: &[u8], whole: bool) -> bool {
    let (mut good, mut bad) = (0, 0);
    let mut rest = head;
    loop {
        match std::str::from_utf8(rest) {
            Ok(text) => {
                good += sequences(text);
                break;
            }
            Err(error) => {
                let (text, after) = rest.split_at(error.valid_up_to());
                good += sequences(std::str::from_utf8(text).unwrap_or(""));
                match error.error_len() {
                    Some(length) => {
                        bad += 1;
                        rest = &after[length..];
                    }
                    // The head ends within a sequence, which says nothing unless the file ends there, too.
                    None => {
                        bad += usize::from(whole);
                        break;
                    }
                }
            }
        }
    }
    bad == 0 || good >= bad * 5
}

/// The characters that are not ASCII.
fn sequences(text: &str) -> usize {
    text.bytes().filter(|b| *b >= 0xC0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUSSIAN: &str = "Продам доступ к панели управления магазином, оплата через гаранта, цена пятьсот долларов.\n";
    const CHINESE: &str = "出售数据库，支持担保交易，价格面议，长期合作，联系客服。质量保证，售后无忧。\n";

    #[track_caller]
    fn check(bytes: &[u8], text: &str, encoding: &str) {
        let (decoded, name, replaced) = decode(bytes);
        assert_eq!((decoded.as_str(), name, replaced), (text, encoding, 0));
    }

    fn utf16_bytes(text: &str, little: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn utf8_passes() {
        check(b"", "", "UTF-8");
        check("plain".as_bytes(), "plain", "UTF-8");
        check(RUSSIAN.as_bytes(), RUSSIAN, "UTF-8");
        check("\u{feff}plain".as_bytes(), "plain", "UTF-8");
    }

    #[test]
    fn old_encodings_are_guessed() {
        for (label, text) in [
            ("windows-1251", RUSSIAN),
            ("KOI8-R", RUSSIAN),
            ("GBK", CHINESE),
            ("Big5", "出售資料庫，支持擔保交易，價格面議，長期合作，聯繫客服。"),
            ("Shift_JIS", "これはテストです。データベースを販売しています。よろしくお願いします。"),
            ("EUC-KR", "데이터베이스를 판매합니다. 에스크로 가능합니다. 연락 주세요."),
            ("windows-1252", "Vendo acceso a la sesión, el precio mínimo será de cincuenta dólares, señor."),
        ] {
            let encoding = Encoding::for_label(label.as_bytes()).expect("a label of the standard");
            let bytes = encoding.encode(text).0;
            let (decoded, name, _) = decode(&bytes);
            assert_eq!(decoded, text, "{label} read as {name}");
        }
    }

    #[test]
    fn utf16_with_and_without_mark() {
        for little in [true, false] {
            let name = if little { "UTF-16LE" } else { "UTF-16BE" };
            check(&utf16_bytes("\u{feff}a гарант 担保", little), "a гарант 担保", name);
            check(&utf16_bytes("plain words", little), "plain words", name);
            check(&utf16_bytes(RUSSIAN, little), RUSSIAN, name);
        }
    }

    #[test]
    fn a_few_bad_bytes_do_not_change_the_encoding() {
        let mut bytes = RUSSIAN.as_bytes().to_vec();
        bytes.push(0xFF);
        bytes.extend_from_slice("ещё".as_bytes());
        bytes.push(0xD0);
        let (text, name, replaced) = decode(&bytes);
        assert_eq!((name, replaced), ("UTF-8", 2));
        assert_eq!(text, format!("{RUSSIAN}\u{FFFD}ещё\u{FFFD}"));
    }

    #[test]
    fn sequences_cut_by_reads_survive() {
        struct Drip<'b>(&'b [u8]);
        impl Read for Drip<'_> {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let count = self.0.len().min(out.len()).min(7);
                out[..count].copy_from_slice(&self.0[..count]);
                self.0 = &self.0[count..];
                Ok(count)
            }
        }
        let long = CHINESE.repeat(3000);
        for encoding in [UTF_8, encoding_rs::GBK] {
            let bytes = encoding.encode(&long).0;
            let mut text = String::new();
            Utf8Reader::new(Drip(&bytes)).read_to_string(&mut text).expect("memory reads");
            assert!(text == long, "{}", encoding.name());
        }
    }

    #[test]
    fn a_declared_encoding_decides_where_the_bytes_do_not() {
        let read = |bytes: &[u8], label| {
            let mut text = String::new();
            Utf8Reader::declared(bytes, Some(label)).read_to_string(&mut text).expect("memory reads");
            text
        };
        let koi8 = encoding_rs::KOI8_R.encode("цена 5").0;
        assert_eq!(read(&koi8, "koi8-r"), "цена 5");
        // A wrong declaration of much text, a server's default, and a label nobody knows are not believed.
        let long = RUSSIAN.repeat(10);
        let bytes = encoding_rs::WINDOWS_1251.encode(&long).0;
        for label in ["koi8-r", "iso-8859-1", "x-unknown", "utf-8"] {
            assert_eq!(read(&bytes, label), long, "{label}");
        }
        assert_eq!(read("цена".as_bytes(), "windows-1251"), "цена");
    }

    #[test]
    fn binary_is_told_from_text() {
        assert!(!looks_binary(RUSSIAN.as_bytes()));
        assert!(!looks_binary(&utf16_bytes(RUSSIAN, true)));
        assert!(!looks_binary(b"\x1b[0mcolored"));
        assert!(looks_binary(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0"));
    }
}
