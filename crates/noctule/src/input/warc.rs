//! WARC 1.0 and 1.1: what crawlers keep. Record by record, in constant memory; gzip around each record is a layer like
//! any other.
//!
//! A page is the body of a `response` to HTTP, or a `resource`. Its name is the address, its time that of the record.

use std::io::{BufRead, BufReader, Read};

use anyhow::Result;
use noctule_core::collect::dates;
use noctule_core::model::{Micros, Reason, Skip};

use super::container::{Contents, MAX_NAME_BYTES, Member, Nest, Passed, Portion};
use super::headers::{Headers, is_media, read_line};
use super::http::Answer;
use super::ratio::Complaint;
use super::whole_file;

/// Whether a file starts with a record.
pub(super) fn begins(start: &[u8]) -> bool {
    [b"WARC/1.0", b"WARC/1.1"].iter().any(|mark| {
        start.strip_prefix(&mark[..]).is_some_and(|rest| rest.starts_with(b"\r\n") || rest.starts_with(b"\n"))
    })
}

/// Reads all records; what ended the archive before its end comes back.
pub(super) fn read(reader: &mut (dyn Read + Send), nest: &Nest, contents: &mut dyn Contents) -> Result<Option<Skip>> {
    let mut reader = BufReader::with_capacity(64 << 10, reader);
    let mut number = 0u64;
    // Between records only empty lines are in order; what else is there is said once.
    let mut lost = false;
    loop {
        let mut line = Vec::new();
        if !read_line(&mut reader, &mut line, 8192)? {
            return Ok(None);
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if !line.starts_with(b"WARC/1.") {
            if !std::mem::replace(&mut lost, true) {
                let detail = "no record begins here; reading went on with the next one that does";
                contents.skip(None, behind(number, Reason::Malformed, detail));
            }
            continue;
        }
        (lost, number) = (false, number + 1);
        let Some(headers) = Headers::read(&mut reader)? else {
            return Ok(Some(at(number, Reason::Truncated, "the archive ends within the headers of this record")));
        };
        let Some(length) = headers.get("content-length").and_then(|length| length.parse().ok()) else {
            contents.skip(None, at(number, Reason::Malformed, "the record does not say how long it is"));
            lost = true;
            continue;
        };
        let complaint = Complaint::default();
        let mut content = Portion::new(&mut reader, length, complaint.clone());
        let record = Record { headers: &headers, length, number };
        let kept = record.read(&mut content, complaint, nest, contents)?;
        if let Err(skip) = kept {
            return Ok(Some(skip));
        }
        if !content.drain()? {
            return Ok(Some(at(number, Reason::Truncated, "the archive ends within this record")));
        }
    }
}

fn at(number: u64, reason: Reason, detail: &str) -> Skip {
    Skip { place: format!("record {number}"), reason, detail: detail.into() }
}

fn behind(number: u64, reason: Reason, detail: &str) -> Skip {
    Skip { place: format!("behind record {number}"), reason, detail: detail.into() }
}

struct Record<'a> {
    headers: &'a Headers,
    length: u64,
    number: u64,
}

impl Record<'_> {
    /// Hands on the page in a record, if there is one; an error when nothing more of the file is to be read.
    fn read(
        &self,
        content: &mut Portion<'_, impl BufRead + Send>,
        complaint: Complaint,
        nest: &Nest,
        contents: &mut dyn Contents,
    ) -> Result<Result<(), Skip>> {
        let kind = self.headers.get("warc-type").unwrap_or("").to_ascii_lowercase();
        let name = self.name();
        match kind.as_str() {
            "response" | "resource" => {}
            "revisit" => {
                contents.passed(&name, self.length, Passed::Known);
                return Ok(Ok(()));
            }
            "warcinfo" | "request" | "metadata" | "conversion" => {
                return Ok(Ok(()));
            }
            _ => {
                let detail = "a record of a kind that is none of WARC 1.0 and 1.1";
                contents.skip(Some(&name), at(self.number, Reason::UnknownElement, detail));
                return Ok(Ok(()));
            }
        }
        if let Err(skip) = nest.count_member() {
            return Ok(Err(skip));
        }
        let own_type = self.headers.media_type().unwrap_or_default();
        if kind == "resource" || !own_type.starts_with("application/http") {
            // Answers of other protocols, such as DNS, hold no page.
            if kind == "response" || own_type == "text/dns" {
                contents.passed(&name, self.length, Passed::Index);
            } else if is_media(&own_type) {
                contents.passed(&name, self.length, Passed::Media);
            } else {
                let charset = self.headers.parameter("charset");
                contents.member(nest, self.member(name, charset, content, complaint))?;
            }
            return Ok(Ok(()));
        }
        let Some(answer) = Answer::read(&mut *content)? else {
            let skip = complaint.asked().map_or_else(
                || at(self.number, Reason::Malformed, "the record is no answer of a web server"),
                |skip| Skip { place: format!("record {}", self.number), ..skip },
            );
            contents.skip(Some(&name), skip);
            return Ok(Ok(()));
        };
        let media_type = answer.headers.media_type().unwrap_or_default();
        match answer.status {
            300..=399 => contents.passed(&name, self.length, Passed::Redirect),
            _ if is_media(&media_type) => contents.passed(&name, self.length, Passed::Media),
            400..=599 if !media_type.contains("html") => {
                let detail = format!("the server answered with status {} and no page", answer.status);
                contents.skip(Some(&name), whole_file(Reason::Empty, detail));
            }
            _ => {
                let charset = answer.headers.parameter("charset");
                match answer.body(complaint.clone()) {
                    Ok(mut body) => contents.member(nest, self.member(name, charset, &mut *body, complaint))?,
                    Err(skip) => contents.skip(Some(&name), skip),
                }
            }
        }
        Ok(Ok(()))
    }

    fn member<'m>(
        &self,
        name: String,
        charset: Option<String>,
        reader: &'m mut (dyn Read + Send),
        complaint: Complaint,
    ) -> Member<'m> {
        let captured_at = self.captured_at();
        Member { name, bytes: self.length, captured_at, modified: None, charset, reader, complaint }
    }

    /// The address. Early writers put it between angle brackets.
    fn name(&self) -> String {
        let address = self.headers.get("warc-target-uri").unwrap_or("").trim_matches(['<', '>']);
        if address.is_empty() {
            return format!("record {}", self.number);
        }
        address[..address.floor_char_boundary(MAX_NAME_BYTES)].to_owned()
    }

    fn captured_at(&self) -> Option<Micros> {
        let date = self.headers.get("warc-date")?;
        dates::parse(date, &jiff::tz::TimeZone::UTC, dates::DayOrder::DayFirst).map(|found| found.at)
    }
}
