//! Mail: mailboxes in one file, and single mails.
//!
//! # What it reads
//! mbox as mail programs and list archives write it (`From ` lines between mails, `>From ` in their text as mboxrd), and a
//! mail of its own (`.eml`). Of each mail: sender, date, subject as the thread's title, `Message-ID` as its id,
//! `In-Reply-To`, and its text: the plain part, else the HTML part.
//!
//! # How
//! Mail by mail; one may have 16 MiB. MIME is read by `mail-parser`, bytes in the encoding that each part declares. Lines
//! that begin with `>`, the line that names whom they are from, and what follows `Original Message` are quotes; what
//! follows a line of two dashes and a space is a signature and left out. The source is the mailing list (`List-Id`), else
//! the file. The thread is the first of `References`. The address is the author's id. Attachments are not read, and the
//! program drops them before a mailbox is stored.
//!
//! # Where it is wrong
//! - A line of a text that starts with `From ` and a time after an empty line divides a mail when the program that wrote
//!   the mailbox did not escape it.
//! - Only mboxrd's escaping is undone; older programs escaped `From ` and not `>From `, so a `>` of theirs may be lost.
//! - A subject in raw bytes without a declared encoding is read as UTF-8.

use std::io::{BufRead, ErrorKind};
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;
use mail_parser::{HeaderName, HeaderValue, Message, MessageParser, MessagePart, PartType};

use super::body::Body;
use super::dates::{self, DayOrder};
use super::fragment::from_html;
use super::json::MAX_TEXT;
use super::out::Out;
use super::sources::Sources;
use super::{Collector, Head, Input, Sink, file_stem};
use crate::model::{Medium, RawMessage, Reason, Source, Span};
use crate::normalize::encoding;

/// A larger mail is a skip.
const MAX_MAIL: usize = 16 << 20;
/// Parts of a mail that are looked at to find its text.
const MAX_PARTS: usize = 10_000;

pub struct Mbox;

impl Collector for Mbox {
    fn name(&self) -> &'static str {
        "mbox"
    }

    fn about(&self) -> &'static str {
        "mailboxes (mbox) and single mails (.eml); attachments are neither read nor stored"
    }

    crate::documented!();

    fn reads_bytes(&self) -> bool {
        true
    }

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let mut lines = super::lines::head_lines(head.bytes, head.whole, 200).into_iter().peekable();
        let mailbox = lines.next_if(|line| is_divider(line.as_bytes())).is_some();
        let mut seen = [false; 5];
        for line in lines {
            if line.is_empty() {
                break;
            }
            if line.starts_with([' ', '\t']) || (mailbox && line.starts_with('>')) {
                continue;
            }
            let (name, _) = line.split_once(':')?;
            let name = name.to_ascii_lowercase();
            if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c.is_control()) {
                return None;
            }
            for (seen, known) in seen.iter_mut().zip(["from", "date", "subject", "message-id", "received"]) {
                *seen |= name == known;
            }
        }
        let known = seen.iter().filter(|seen| **seen).count();
        match mailbox {
            true => (known >= 1).then(|| "a mailbox: a From line, then the headers of a mail".into()),
            false => (seen[0] && known >= 3).then(|| "a mail: its headers".into()),
        }
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let stem = file_stem(input.path).to_owned();
        let mut reader =
            Reader { out: Out::new(sink), zone: input.zone, stem, sources: Sources::new(), number: 0, mailbox: false };
        let _ = reader.run(input.reader);
        reader.out.finish("no mails");
    }
}

/// `From sender@host Thu Oct 14 21:07:00 2021`: the words, and a time somewhere behind them.
fn is_divider(line: &[u8]) -> bool {
    line.starts_with(b"From ")
        && line.len() < 1000
        && line.windows(5).any(|w| {
            w[2] == b':' && [0, 1, 3, 4].iter().all(|at| w[*at].is_ascii_digit() || (*at == 0 && w[0] == b' '))
        })
}

struct Reader<'s> {
    out: Out<'s>,
    zone: &'s TimeZone,
    stem: String,
    sources: Sources<String>,
    number: u64,
    /// Whether dividers were seen: then the text is escaped.
    mailbox: bool,
}

impl Reader<'_> {
    fn run(&mut self, reader: &mut dyn BufRead) -> ControlFlow<()> {
        let mut mail: Vec<u8> = Vec::new();
        let (mut started, mut too_large, mut after_blank) = (false, false, true);
        let mut line = Vec::new();
        loop {
            line.clear();
            match next_piece(reader, &mut line) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => {
                    self.out.skip(
                        format!("mail {}", self.number.max(1)),
                        Reason::Unreadable,
                        format!("reading stopped: {error}"),
                    );
                    break;
                }
            }
            if after_blank && is_divider(&line) {
                if started {
                    self.mail(&mail, too_large)?;
                }
                mail.clear();
                (started, too_large, after_blank, self.mailbox) = (true, false, false, true);
                continue;
            }
            // What stands before the first mail of a file is its own mail, if it has anything.
            started |= !line.iter().all(u8::is_ascii_whitespace);
            after_blank = matches!(&line[..], b"\n" | b"\r\n");
            if mail.len() + line.len() > MAX_MAIL {
                too_large = true;
            } else if started && !too_large {
                mail.extend_from_slice(&line);
            }
        }
        if started { self.mail(&mail, too_large) } else { ControlFlow::Continue(()) }
    }

    fn mail(&mut self, bytes: &[u8], too_large: bool) -> ControlFlow<()> {
        self.number += 1;
        let place = format!("mail {}", self.number);
        if too_large {
            self.out.skip(place, Reason::TooLarge, "a mail may have 16 MiB");
            return ControlFlow::Continue(());
        }
        if !has_whole_header(bytes) {
            self.out.skip(place, Reason::Truncated, "the file ends within the headers of this mail");
            return ControlFlow::Continue(());
        }
        let Some(mail) = MessageParser::default().parse(bytes).filter(|mail| !mail.parts[0].headers.is_empty()) else {
            self.out.skip(place, Reason::Malformed, "this is no mail: it has no headers");
            return ControlFlow::Continue(());
        };
        let body = self.body(&mail);
        let title = mail.subject().map(str::trim).filter(|title| !title.is_empty()).map(str::to_owned);
        let Some(body) = body.or_else(|| title.is_some().then(Body::default)) else {
            self.out.skip(place, Reason::MissingField, "the mail has neither a subject nor a text");
            return ControlFlow::Continue(());
        };
        let mut message = RawMessage::new(self.source(&mail), self.number, String::new());
        message.native_id = mail.message_id().map(id);
        message.reply_to = first_id(mail.in_reply_to(), false);
        message.thread_id = first_id(mail.references(), true)
            .or_else(|| message.reply_to.clone())
            .or_else(|| message.native_id.clone());
        message.thread_title = title;
        if let Some(sender) = mail.from().and_then(|from| from.first()) {
            message.author.id = sender.address().map(|address| address.trim().to_lowercase());
            message.author.name = sender.name.as_deref().map(|name| name.trim().to_owned());
        }
        let date = mail.header_raw(HeaderName::Date).map(str::trim);
        message.posted_at = date.and_then(|date| self.date(date));
        if message.posted_at.is_none() {
            self.out.bad_date(place);
        }
        let reply_to = message.reply_to.take();
        body.put(&mut message);
        message.reply_to = reply_to;
        self.out.message(message)
    }

    fn date(&self, text: &str) -> Option<crate::model::PostedAt> {
        // `Thu, 14 Oct 2021 21:07:00 +0300 (MSK)`: what is in parentheses is for people.
        let text = text.split('(').next().unwrap_or(text).trim();
        dates::parse(text, self.zone, DayOrder::DayFirst)
    }

    fn source(&mut self, mail: &Message<'_>) -> Arc<Source> {
        // `List-Id: The market list <market.lists.example>`
        let list = mail.header_raw(HeaderName::ListId).map(str::trim).filter(|list| list.len() <= 1000);
        let list = list.and_then(|list| match list.rsplit_once('<') {
            Some((name, id)) => Some((name.trim().trim_matches('"'), id.trim_end_matches('>').trim())),
            None => (!list.is_empty()).then_some(("", list)),
        });
        let (key, name) = match list.filter(|(_, id)| !id.is_empty()) {
            Some((name, id)) => (format!("mail:{}", id.to_lowercase()), if name.is_empty() { id } else { name }),
            None => (format!("file:{}", self.stem), self.stem.as_str()),
        };
        if let Some(source) = self.sources.get(&key) {
            return source;
        }
        let source = Source { key: key.clone(), name: name.to_owned(), medium: Medium::Mail, url: None };
        self.sources.keep(key, source)
    }

    /// The text: the plain parts, else the HTML parts. `None` when there is none.
    fn body(&self, mail: &Message<'_>) -> Option<Body> {
        let mut parts: Vec<&MessagePart<'_>> = mail.text_bodies().take(MAX_PARTS).collect();
        if parts.is_empty() {
            // A multipart that is never closed: its first text is the mail's.
            let is_text = |part: &&MessagePart<'_>| matches!(part.body, PartType::Text(_) | PartType::Html(_));
            parts.extend(mail.parts.iter().take(MAX_PARTS).find(is_text));
        }
        let mut body = Body::default();
        for part in &parts {
            match &part.body {
                PartType::Text(text) => {
                    let text = declared(mail, part).unwrap_or_else(|| text.as_ref().into());
                    plain(&text, self.mailbox, &mut body);
                }
                PartType::Html(html) => {
                    let html = declared(mail, part).unwrap_or_else(|| html.as_ref().into());
                    append(from_html(&html), &mut body);
                }
                _ => {}
            }
            if body.text.len() > MAX_TEXT {
                break;
            }
        }
        let body = body.finish();
        (!body.text.is_empty()).then_some(body)
    }
}

/// The text of a part that declares no encoding and is not UTF-8.
fn declared(mail: &Message<'_>, part: &MessagePart<'_>) -> Option<String> {
    use mail_parser::MimeHeaders;
    let text = part.text_contents()?;
    if !text.contains('\u{FFFD}') || part.content_type().is_some_and(|kind| kind.attribute("charset").is_some()) {
        return None;
    }
    if part.encoding != mail_parser::Encoding::None {
        return None;
    }
    let bytes = mail.raw_message().get(part.offset_body as usize..part.offset_end as usize)?;
    Some(encoding::decode(bytes).0)
}

/// The next line with its break, or a piece of one that is longer than any real one.
fn next_piece(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    const PIECE: usize = 1 << 20;
    while line.len() < PIECE {
        let available = match reader.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            break;
        }
        let found = memchr::memchr(b'\n', available);
        let length = found.map_or(available.len(), |at| at + 1).min(PIECE - line.len());
        line.extend_from_slice(&available[..length]);
        let ended = line.ends_with(b"\n");
        reader.consume(length);
        if ended {
            break;
        }
    }
    Ok(!line.is_empty())
}

fn has_whole_header(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\n")
        || bytes.starts_with(b"\r\n")
        || memchr::memmem::find(bytes, b"\n\n").is_some()
        || memchr::memmem::find(bytes, b"\n\r\n").is_some()
}

fn id(text: &str) -> String {
    text.trim().trim_start_matches('<').trim_end_matches('>').to_owned()
}

fn first_id(value: &HeaderValue<'_>, first: bool) -> Option<String> {
    let ids = value.as_text_list()?;
    if first { ids.first() } else { ids.last() }.map(|text| id(text)).filter(|id| !id.is_empty())
}

/// Reads a plain text: unescapes, marks what is quoted, leaves the signature out.
fn plain(text: &str, escaped: bool, body: &mut Body) {
    body.block();
    let mut quote: Option<usize> = None;
    // Where the last line of the writer's own begins, which may turn out to name whom the quote is from.
    let mut last_line = body.text.len();
    for line in text.lines() {
        let unescaped = match line.strip_prefix('>') {
            Some(rest) if escaped && rest.trim_start_matches('>').starts_with("From ") => rest,
            _ => line,
        };
        // A line that was only escaped is the writer's own.
        let quoted = unescaped.starts_with('>');
        if line == "-- " {
            break;
        }
        if quote.is_none() && is_original(line) {
            quote = Some(body.text.len());
            push_line(line, body);
            // All that follows is the other mail, whose lines have no mark.
            for line in text[line.as_ptr() as usize - text.as_ptr() as usize + line.len()..].lines().skip(1) {
                push_line(line, body);
            }
            break;
        }
        match (quoted, quote) {
            (true, None) => {
                let own = &body.text[last_line..];
                let names = own.len() <= 200
                    && own.trim_end().ends_with(':')
                    && own.contains(|c: char| c.is_ascii_digit() || c == '@' || c == '<');
                quote = Some(if names { last_line } else { body.text.len() });
            }
            (false, Some(start)) => {
                body.quotes.push(Span::new(start, body.text.len()));
                quote = None;
            }
            _ => {}
        }
        if !unescaped.trim().is_empty() {
            last_line = body.text.len();
        }
        push_line(unescaped, body);
    }
    if let Some(start) = quote.filter(|start| *start < body.text.len()) {
        body.quotes.push(Span::new(start, body.text.len()));
    }
}

fn push_line(line: &str, body: &mut Body) {
    // Nothing above the first letter is kept, so that quotes do not begin before the text.
    if !(body.text.is_empty() && line.trim().is_empty()) {
        body.text.push_str(line);
        body.text.push('\n');
    }
}

/// The line that some programs put above a mail they quote whole.
fn is_original(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("-----")
        && line.ends_with("-----")
        && [
            "Original Message",
            "Forwarded Message",
            "Ursprüngliche Nachricht",
            "Исходное сообщение",
            "Пересылаемое сообщение",
            "Message d'origine",
            "Mensaje original",
        ]
        .iter()
        .any(|words| line.contains(words))
}

/// Puts one text behind another.
fn append(more: Body, body: &mut Body) {
    body.block();
    let shift = body.text.len();
    body.text.push_str(&more.text);
    body.quotes.extend(
        more.quotes.iter().map(|quote| Span { start: quote.start + shift as u32, end: quote.end + shift as u32 }),
    );
    body.links.extend(more.links);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut body = Body::default();
        plain(text, true, &mut body);
        let body = body.finish();
        let mut out = body.text.clone();
        for quote in body.quotes.iter().rev() {
            out.replace_range(quote.range(), &format!("«{}»", body.text[quote.range()].trim_end()));
        }
        out
    }

    #[test]
    fn quotes_signatures_and_escapes() {
        assert_eq!(shown("one\r\n> two\r\n> three\r\nfour\r\n"), "one\n«> two\n> three»four");
        assert_eq!(shown("On 14 Oct 2021 ann wrote:\n\n> two\nfour\n"), "«On 14 Oct 2021 ann wrote:\n\n> two»four");
        assert_eq!(shown("The prices:\n> 5\n"), "The prices:\n«> 5»");
        assert_eq!(shown("text\n-- \nbest prices\n"), "text");
        assert_eq!(shown(">From here on\n>>From far\n"), "From here on\n«>From far»");
        assert_eq!(
            shown("yes\n-----Original Message-----\nFrom: ann\n\nold words\n"),
            "yes\n«-----Original Message-----\nFrom: ann\n\nold words»"
        );
    }

    #[test]
    fn dividers() {
        for (line, is) in [
            ("From ann@shop.example Thu Oct 14 21:07:00 2021", true),
            ("From MAILER-DAEMON Thu Oct 14  9:07:00 2021", true),
            ("From here on", false),
            ("From: ann 21:07", false),
        ] {
            assert_eq!(is_divider(line.as_bytes()), is, "{line}");
        }
    }
}
