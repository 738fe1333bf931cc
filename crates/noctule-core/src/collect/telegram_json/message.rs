//! One element of `messages`: read as it stands, then made a message or an event.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::collect::dates;
use crate::collect::json::{Cursor, Fault, MAX_TEXT};
use crate::collect::telegram::{author_id, leading_quotes};
use crate::model::{PostedAt, RawMessage, Source, SourceEvent, Span};

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) enum Kind {
    Message,
    Service,
    Unsupported,
    /// A type that is none of these, or no object at all.
    Unknown,
    #[default]
    Missing,
}

/// The values of an element that we use.
#[derive(Default)]
pub(super) struct Element {
    pub kind: Kind,
    id: Option<String>,
    date: Option<String>,
    date_unixtime: Option<String>,
    edited: Option<String>,
    edited_unixtime: Option<String>,
    from: Option<String>,
    from_id: Option<String>,
    signature: Option<String>,
    /// `Some("")` for null: forwarded from somebody unknown.
    forwarded_from: Option<String>,
    forwarded_from_id: Option<String>,
    saved_from: Option<String>,
    reply_to: Option<String>,
    reply_peer: Option<String>,
    text: Rich,
    /// From `text_entities`, while there is no `text`.
    entities: Rich,
    poll: Option<String>,
    action: Option<String>,
    title: Option<String>,
    pinned: Option<String>,
}

/// A text with what its parts say.
#[derive(Default)]
struct Rich {
    text: String,
    links: Vec<String>,
    block_quotes: Vec<Span>,
}

impl Element {
    /// Reads the element the cursor stands before.
    pub fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        if cursor.peek()? != b'{' {
            self.kind = Kind::Unknown;
            return cursor.skip();
        }
        cursor.open_object()?;
        let mut seen = 0u32;
        let mut first = true;
        while let Some(key) = cursor.next_key(first)? {
            first = false;
            let number = match &*key {
                "id" => owned(&mut self.id, cursor, 0)?,
                "type" => {
                    self.kind = kind(cursor)?;
                    1
                }
                "date" => owned(&mut self.date, cursor, 2)?,
                "date_unixtime" => owned(&mut self.date_unixtime, cursor, 3)?,
                "edited" => owned(&mut self.edited, cursor, 4)?,
                "edited_unixtime" => owned(&mut self.edited_unixtime, cursor, 5)?,
                "from" => owned(&mut self.from, cursor, 6)?,
                "from_id" => owned(&mut self.from_id, cursor, 7)?,
                "author" => owned(&mut self.signature, cursor, 8)?,
                "forwarded_from" => {
                    self.forwarded_from = Some(cursor.text()?.map(Cow::into_owned).unwrap_or_default());
                    9
                }
                "forwarded_from_id" => owned(&mut self.forwarded_from_id, cursor, 10)?,
                "saved_from" => owned(&mut self.saved_from, cursor, 11)?,
                "reply_to_message_id" => owned(&mut self.reply_to, cursor, 12)?,
                "reply_to_peer_id" => owned(&mut self.reply_peer, cursor, 13)?,
                "text" => {
                    self.text.read(cursor)?;
                    14
                }
                "text_entities" => {
                    // They repeat `text` part by part, so they are read only where there is none.
                    if self.text.text.is_empty() {
                        self.entities.read(cursor)?;
                    } else {
                        cursor.skip()?;
                    }
                    15
                }
                "poll" => {
                    self.poll = poll(cursor)?;
                    16
                }
                "action" => owned(&mut self.action, cursor, 17)?,
                "title" => owned(&mut self.title, cursor, 18)?,
                "message_id" => owned(&mut self.pinned, cursor, 19)?,
                _ => {
                    cursor.skip()?;
                    continue;
                }
            };
            if seen & 1 << number != 0 {
                return Err(Fault::Malformed("a key occurs twice"));
            }
            seen |= 1 << number;
        }
        Ok(())
    }

    /// The message, and what is wrong with its date.
    pub fn into_message(
        self,
        source: Arc<Source>,
        channel: bool,
        place: u64,
        zone: &TimeZone,
    ) -> (RawMessage, Option<String>) {
        let rich = if self.text.text.is_empty() { self.entities } else { self.text };
        let quotes = if channel { Vec::new() } else { leading_quotes(&rich.text, &rich.block_quotes) };
        let mut message = RawMessage::new(source, place, rich.text);
        message.quotes = quotes;
        message.links = rich.links;
        if let Some(poll) = self.poll {
            if !message.text.is_empty() {
                message.text.push('\n');
            }
            message.text.push_str(&poll);
        }
        message.native_id = self.id;
        message.author.id = self.from_id.map(author_id);
        message.author.name = self.signature.or(self.from).filter(|name| !name.is_empty());
        message.forwarded_from = match (self.forwarded_from, self.forwarded_from_id) {
            (Some(name), Some(id)) if name.is_empty() => Some(author_id(id)),
            (None, Some(id)) => Some(author_id(id)),
            (Some(name), _) => Some(name),
            (None, None) => self.saved_from.filter(|name| !name.is_empty()),
        };
        message.reply_to = match (self.reply_to, self.reply_peer) {
            (Some(id), Some(peer)) => Some(format!("{peer}/{id}")),
            (id, _) => id,
        };
        message.edited_at = moment(self.edited_unixtime.as_deref(), self.edited.as_deref(), zone)
            .map(|found| found.at)
            // Exports of 2018 to 2020 write the beginning of 1970, in local time, for "never edited".
            .filter(|at| at.secs().abs() > 86_400);
        message.posted_at = moment(self.date_unixtime.as_deref(), self.date.as_deref(), zone);
        let bad_date = match (&message.posted_at, &self.date, &self.date_unixtime) {
            (Some(_), ..) => None,
            (None, None, None) => Some("the message has no date; it was kept without".to_owned()),
            (None, ..) => Some("the date cannot be read; the message was kept without it".to_owned()),
        };
        (message, bad_date)
    }

    /// What a service message says of the chat; `None` for the many that say nothing we keep.
    pub fn into_event(self, source_key: &str, zone: &TimeZone) -> Option<SourceEvent> {
        let (kind, value) = match self.action.as_deref()? {
            "edit_group_title" | "edit_channel_title" | "edit_chat_title" => ("renamed", self.title?),
            "migrate_to_supergroup" => ("migrated-to", self.title.unwrap_or_default()),
            "migrate_from_group" => ("migrated-from", self.title.unwrap_or_default()),
            "pin_message" => ("pinned", self.pinned?),
            _ => return None,
        };
        let at = moment(self.date_unixtime.as_deref(), self.date.as_deref(), zone).map(|found| found.at);
        Some(SourceEvent { source_key: source_key.to_owned(), at, kind, value })
    }
}

/// Reads a value into its slot; gives `number` back, the key's bit among those seen.
#[inline]
fn owned(slot: &mut Option<String>, cursor: &mut Cursor<'_>, number: u32) -> Result<u32, Fault> {
    let text = cursor.text()?;
    if text.as_ref().is_some_and(|text| text.len() > MAX_TEXT) {
        return Err(Fault::TooLarge);
    }
    *slot = text.map(Cow::into_owned);
    Ok(number)
}

fn kind(cursor: &mut Cursor<'_>) -> Result<Kind, Fault> {
    Ok(match cursor.text()?.as_deref() {
        Some("message") => Kind::Message,
        Some("service") => Kind::Service,
        Some("unsupported") => Kind::Unsupported,
        Some(_) => Kind::Unknown,
        None => Kind::Missing,
    })
}

/// The Unix time if it can be read, else the local time.
fn moment(unix: Option<&str>, local: Option<&str>, zone: &TimeZone) -> Option<PostedAt> {
    unix.and_then(dates::parse_unix_secs).or_else(|| dates::parse_local(local?, zone))
}

/// The question and the answers of a poll, a line each: they are the author's words.
fn poll(cursor: &mut Cursor<'_>) -> Result<Option<String>, Fault> {
    if cursor.peek()? != b'{' {
        cursor.skip()?;
        return Ok(None);
    }
    cursor.open_object()?;
    let mut question = Rich::default();
    let mut answers: Vec<String> = Vec::new();
    let mut first = true;
    while let Some(key) = cursor.next_key(first)? {
        first = false;
        match (&*key, cursor.peek()?) {
            ("question", _) => question.read(cursor)?,
            ("answers", b'[') => {
                cursor.open_array()?;
                let mut first = true;
                while cursor.next_element(first)? {
                    first = false;
                    let mut answer = Rich::default();
                    answer.part(cursor)?;
                    answers.push(answer.text);
                }
            }
            _ => cursor.skip()?,
        }
    }
    let mut text = question.text;
    for answer in answers.iter().filter(|answer| !answer.is_empty()) {
        text.push('\n');
        text.push_str(answer);
    }
    if text.len() > MAX_TEXT { Err(Fault::TooLarge) } else { Ok(Some(text).filter(|text| !text.is_empty())) }
}

impl Rich {
    /// Reads a string, or a list of strings and objects.
    fn read(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        *self = Self::default();
        if cursor.peek()? != b'[' {
            return self.part(cursor);
        }
        cursor.open_array()?;
        let mut first = true;
        while cursor.next_element(first)? {
            first = false;
            self.part(cursor)?;
        }
        Ok(())
    }

    /// Appends one part.
    fn part(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        match cursor.peek()? {
            b'{' => self.object(cursor),
            b'[' => cursor.skip(),
            _ => match cursor.text()? {
                Some(text) => self.push(text),
                None => Ok(()),
            },
        }
    }

    fn object(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        cursor.open_object()?;
        let (mut kind, mut text, mut target) = (None, None, None);
        let mut first = true;
        while let Some(key) = cursor.next_key(first)? {
            first = false;
            match &*key {
                "type" => kind = cursor.text()?,
                "text" => text = cursor.text()?,
                "href" | "user_id" => target = cursor.text()?,
                _ => cursor.skip()?,
            }
        }
        let start = self.text.len();
        if let Some(text) = text {
            self.push(text)?;
        }
        match (kind.as_deref(), target) {
            (Some("text_link"), Some(href)) => self.links.push(href.into_owned()),
            // Telegram's own form of a link to somebody without a handle.
            (Some("mention_name"), Some(id)) => self.links.push(format!("tg://user?id={id}")),
            (Some("blockquote"), _) => self.block_quotes.push(Span::new(start, self.text.len())),
            _ => {}
        }
        Ok(())
    }

    fn push(&mut self, text: Cow<'_, str>) -> Result<(), Fault> {
        if self.text.len() + text.len() > MAX_TEXT {
            return Err(Fault::TooLarge);
        }
        if self.text.is_empty() {
            self.text = text.into_owned();
        } else {
            self.text.push_str(&text);
        }
        Ok(())
    }
}
