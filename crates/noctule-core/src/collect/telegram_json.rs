//! Telegram Desktop's JSON export (`result.json`).
//!
//! # What it reads
//! The export of one chat, or of a whole account with its chats and left chats, of every age since 2018: with and
//! without `text_entities` and Unix times, with bare numbers for authors. Texts, the targets of hidden links and of
//! mentions without a handle (as `tg://user?id=…`), questions and answers of polls, replies, forwards, edits;
//! of service messages new titles, migrations and pinned messages. Profile, contacts and sessions are passed over
//! without being kept in memory.
//!
//! # How
//! Message by message, in the order of the file; the place of a message is its running number in it. The source
//! is `telegram:<id>`, the id in its bare form. `text` is read, `text_entities` only where there is no `text`.
//! A Unix time is preferred; the local time beside it, which says nothing of its zone, is read in the user's zone
//! and marked. A broken message is skipped: behind it reading goes on where its brackets close, else at the next
//! thing that looks like the start of a message. In a channel the author is the signature, else the channel.
//!
//! A leading block quote in a group or a private chat, with words of the sender's own behind it, is marked as a
//! quote. A forward whose origin is hidden has an empty `forwarded_from`. A reply to a message in another chat
//! names it as `channel123/45`.
//!
//! # Where it is wrong
//! - In channels a block quote is decoration and counts as the author's own words, also when it is a real quote.
//!   So does a block quote at the end of a message, and a message that is nothing else.
//! - Telegram writes a chat's name, type and id before its messages. In a file that was reordered (`jq -S`) they
//!   may follow: up to 16 MiB of messages wait for them; of a longer chat the messages keep what was known, and a
//!   skip says so.
//! - When `text` and `text_entities` disagree (they never should), `text` wins.
//! - Telegram does not export the id of the other chat of a migration, only its title, and often not even that.
//! - A key that is not read may occur twice unnoticed; one that is makes the message a skip.

mod chat;
mod message;

use std::ops::ControlFlow;

use jiff::tz::TimeZone;

use self::chat::{CHAT_TYPES, Chat};
use self::message::{Element, Kind};
use super::json::{Cursor, Fault, MAX_ELEMENT, MAX_TEXT, Window};
use super::{Collector, Head, Input, Sink, file_stem};
use crate::model::{Reason, Skip};

pub struct TelegramJson;

impl Collector for TelegramJson {
    fn name(&self) -> &'static str {
        "telegram-json"
    }

    fn about(&self) -> &'static str {
        "Telegram Desktop export in JSON (result.json), one chat or a whole account"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let bytes = super::without_mark(head.bytes);
        let mut signs = Signs::default();
        // A head that is cut off ends in a fault; what was seen before it counts.
        let _ = signs.look(&mut Cursor::new(bytes, head.whole));
        signs.reason()
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let mut reader = Reader {
            window: Window::new(input.reader),
            sink,
            zone: input.zone,
            stem: file_stem(input.path).to_owned(),
            place: 0,
            chats: 0,
            found: 0,
        };
        // Whether the sink had enough or the file ended makes no difference here.
        let _ = reader.document();
        if reader.found == 0 {
            reader.skip("file".into(), Reason::Empty, "no messages".into());
        }
    }
}

/// What the head of a file shows of the format.
#[derive(Default)]
struct Signs {
    chat_type: bool,
    messages: bool,
    /// The first elements of `messages` look as they should.
    elements: bool,
    account: bool,
}

impl Signs {
    fn reason(&self) -> Option<String> {
        if self.account {
            Some("a Telegram Desktop export of an account".into())
        } else if self.elements {
            Some("a Telegram Desktop export of one chat: numbered messages with a type".into())
        } else if self.messages && self.chat_type {
            Some("a Telegram Desktop export of one chat: its type and messages".into())
        } else {
            None
        }
    }

    fn look(&mut self, cursor: &mut Cursor<'_>) -> Result<(), Fault> {
        cursor.open_object()?;
        let mut first = true;
        while let Some(key) = cursor.next_key(first)? {
            first = false;
            match (&*key, cursor.peek()?) {
                ("type", b'"') => self.chat_type |= CHAT_TYPES.contains(&&*cursor.string()?),
                ("messages", b'[') => {
                    let mut inside = cursor.clone();
                    self.messages = inside.open_array().is_ok() && matches!(inside.peek(), Ok(b'{' | b']') | Err(_));
                    self.elements |= elements(cursor)?;
                }
                ("chats" | "left_chats", b'{') => {
                    self.account |= chat_list(&mut cursor.clone());
                    cursor.skip()?;
                }
                ("personal_information", b'{') => {
                    self.account |= person(&mut cursor.clone());
                    cursor.skip()?;
                }
                _ => cursor.skip()?,
            }
        }
        Ok(())
    }
}

/// True when an element among the first five has a whole number as id and one of the three types.
fn elements(cursor: &mut Cursor<'_>) -> Result<bool, Fault> {
    cursor.open_array()?;
    for at in 0..5 {
        if !cursor.next_element(at == 0)? {
            return Ok(false);
        }
        let mut inside = cursor.clone();
        if element(&mut inside) {
            // The rest of the array is of no interest.
            return Ok(true);
        }
        cursor.skip()?;
    }
    Ok(false)
}

fn element(cursor: &mut Cursor<'_>) -> bool {
    let (mut id, mut kind) = (false, false);
    let _ = (|| -> Result<(), Fault> {
        cursor.open_object()?;
        let mut first = true;
        while let Some(key) = cursor.next_key(first)? {
            first = false;
            match (&*key, cursor.peek()?) {
                ("id", b'0'..=b'9' | b'-') => {
                    cursor.skip()?;
                    id = true;
                }
                ("type", b'"') => kind = matches!(&*cursor.string()?, "message" | "service" | "unsupported"),
                _ => cursor.skip()?,
            }
        }
        Ok(())
    })();
    id && kind
}

/// True for `{"about": …, "list": [{… "type": <a chat type> or "messages": […`.
fn chat_list(cursor: &mut Cursor<'_>) -> bool {
    let mut found = false;
    let _ = (|| -> Result<(), Fault> {
        cursor.open_object()?;
        let mut first = true;
        while let Some(key) = cursor.next_key(first)? {
            first = false;
            if key != "list" || cursor.peek()? != b'[' {
                cursor.skip()?;
                continue;
            }
            cursor.open_array()?;
            let mut first = true;
            while cursor.next_element(first)? {
                first = false;
                let mut signs = Signs::default();
                let result = signs.look(cursor);
                found |= signs.elements || signs.chat_type;
                result?;
            }
        }
        Ok(())
    })();
    found
}

/// True for the keys that Telegram Desktop writes of the account's owner.
fn person(cursor: &mut Cursor<'_>) -> bool {
    let mut seen = 0;
    let _ = (|| -> Result<(), Fault> {
        cursor.open_object()?;
        let mut first = true;
        while let Some(key) = cursor.next_key(first)? {
            first = false;
            seen += u32::from(matches!(&*key, "user_id" | "first_name" | "phone_number"));
            cursor.skip()?;
        }
        Ok(())
    })();
    seen >= 2
}

/// The state of reading one file.
struct Reader<'s, 'r> {
    window: Window<'r>,
    sink: &'s mut dyn Sink,
    zone: &'s TimeZone,
    stem: String,
    /// Elements of `messages` so far, in the whole file.
    place: u64,
    /// Chats so far.
    chats: u64,
    /// Messages, skips and events so far.
    found: u64,
}

/// How a list of messages ended.
enum End {
    Closed,
    /// After broken syntax, at the start of the next chat's object.
    NextChat,
}

impl Reader<'_, '_> {
    /// The object at the top: a chat itself, or an account with lists of chats.
    fn document(&mut self) -> ControlFlow<()> {
        self.chat(true)?;
        if self.window.error.is_some() {
            return self.fault(Fault::Incomplete);
        }
        // Two exports in one file (`cat a b`) are read one after the other.
        while let Ok(b'{') = self.window.take(|cursor| cursor.peek()) {
            self.chat(true)?;
        }
        if self.window.take(|cursor| cursor.peek()).is_ok() {
            let place = format!("byte {}", self.window.offset());
            self.skip(place, Reason::Malformed, "something follows the end of the export".into());
        }
        ControlFlow::Continue(())
    }

    /// One chat; at the top of the file perhaps an account.
    fn chat(&mut self, top: bool) -> ControlFlow<()> {
        self.step(|cursor| cursor.open_object())?;
        self.chats += 1;
        let mut chat = Chat::new(&self.stem, self.chats);
        let result = self.chat_body(&mut chat, top);
        let flushed = self.flush(&mut chat);
        result?;
        flushed
    }

    fn chat_body(&mut self, chat: &mut Chat, top: bool) -> ControlFlow<()> {
        let mut first = true;
        while let Some(key) = self.step(|cursor| Ok(cursor.next_key(first)?.map(|key| key.into_owned())))? {
            first = false;
            match &*key {
                "name" | "type" | "id" => {
                    let value = self.step(|cursor| Ok(cursor.text()?.map(|text| text.into_owned())))?;
                    if !chat.learn(&key, value) {
                        let place = format!("after message {}", self.place);
                        let detail = format!("{key:?} of the chat comes too late or twice and was not used");
                        self.skip(place, Reason::Malformed, detail);
                    }
                }
                "messages" if self.next_is(b'[') && !chat.started() => {
                    chat.start();
                    if let End::NextChat = self.messages(chat)? {
                        return ControlFlow::Continue(());
                    }
                }
                "chats" | "left_chats" if top && self.next_is(b'{') => {
                    self.chats -= 1;
                    self.chat_list()?;
                    self.chats += 1;
                }
                "messages" => {
                    let place = format!("byte {}", self.window.offset());
                    self.skip(place, Reason::Malformed, "\"messages\" occurs twice in a chat, or is no list".into());
                    self.pass()?;
                }
                _ => self.pass()?,
            }
        }
        ControlFlow::Continue(())
    }

    /// `{"about": …, "list": [chat, …]}`
    fn chat_list(&mut self) -> ControlFlow<()> {
        self.step(|cursor| cursor.open_object())?;
        let mut first = true;
        while let Some(key) = self.step(|cursor| Ok(cursor.next_key(first)?.map(|key| key.into_owned())))? {
            first = false;
            if key != "list" || !self.next_is(b'[') {
                self.pass()?;
                continue;
            }
            self.step(|cursor| cursor.open_array())?;
            let mut first = true;
            while self.step(|cursor| cursor.next_element(first))? {
                first = false;
                if self.next_is(b'{') {
                    // A chat that ended in broken syntax leaves the window at the start of the next one.
                    while {
                        self.chat(false)?;
                        self.next_is(b'{')
                    } {}
                } else {
                    let place = format!("byte {}", self.window.offset());
                    self.skip(place, Reason::UnknownElement, "not a chat".into());
                    self.pass()?;
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn messages(&mut self, chat: &mut Chat) -> ControlFlow<(), End> {
        if let ControlFlow::Break(()) = self.step(|cursor| cursor.open_array()) {
            return ControlFlow::Break(());
        }
        let mut first = true;
        loop {
            let zone = self.zone;
            let mut element = Element::default();
            let result = self.window.take(|cursor| {
                if !cursor.next_element(first)? {
                    return Ok(false);
                }
                element = Element::default();
                element.read(cursor)?;
                Ok(true)
            });
            match result {
                Ok(false) => return ControlFlow::Continue(End::Closed),
                Ok(true) => {
                    first = false;
                    self.place += 1;
                    self.element(element, zone, chat)?;
                }
                Err(fault) => {
                    // Was it the element, or what stands between two?
                    let between = self.window.take(|cursor| cursor.next_element(first));
                    self.place += 1;
                    match (between, fault) {
                        (Ok(_), fault) => {
                            first = false;
                            if let Some(end) = self.broken(fault, &mut first)? {
                                return ControlFlow::Continue(end);
                            }
                        }
                        (Err(Fault::Malformed(what)), _) => {
                            first = true;
                            self.place -= 1;
                            let place = format!("after message {}", self.place);
                            self.skip(place, Reason::Malformed, what.into());
                            if !self.window.seek(b'{', 1, |_| true) {
                                return self.fault(Fault::Incomplete);
                            }
                        }
                        (Err(fault), _) => {
                            self.place -= 1;
                            return self.fault(fault);
                        }
                    }
                }
            }
        }
    }

    /// Says what is wrong with the element that starts here and passes over it.
    fn broken(&mut self, fault: Fault, first: &mut bool) -> ControlFlow<(), Option<End>> {
        match fault {
            Fault::Incomplete => return self.fault(fault),
            Fault::TooDeep => self.skip_message(Reason::TooDeep, "nested deeper than 128 levels".into()),
            Fault::TooLarge => {
                let detail = format!("a message may have {MAX_ELEMENT} bytes, its text {MAX_TEXT}");
                self.skip_message(Reason::TooLarge, detail);
            }
            Fault::Malformed(what) => {
                self.skip_message(Reason::Malformed, what.into());
                if self.window.skip_balanced(|next| matches!(next, b',' | b']')) {
                    return ControlFlow::Continue(None);
                }
                self.window.consume(1);
                let found = self
                    .window
                    .seek(b'{', 64, |bytes| starts_with_key(bytes, b"\"id\"") || starts_with_key(bytes, b"\"name\""));
                if !found {
                    return self.fault(Fault::Incomplete);
                }
                if starts_with_key(self.window.peek(64), b"\"name\"") {
                    return ControlFlow::Continue(Some(End::NextChat));
                }
                *first = true;
                return ControlFlow::Continue(None);
            }
        }
        match self.window.skip_value() {
            Ok(()) => ControlFlow::Continue(None),
            Err(_) => self.fault(Fault::Incomplete),
        }
    }

    fn element(&mut self, element: Element, zone: &TimeZone, chat: &mut Chat) -> ControlFlow<()> {
        match element.kind {
            Kind::Message => {
                let place = self.place;
                let (message, bad_date) = element.into_message(chat.source(), chat.channel(), place, zone);
                if let Some(detail) = bad_date {
                    self.skip_message(Reason::BadDate, detail);
                }
                self.found += 1;
                if chat.waiting() {
                    if chat.keep(message) {
                        return ControlFlow::Continue(());
                    }
                    return self.flush(chat);
                }
                self.sink.message(message)
            }
            Kind::Service => {
                if let Some(event) = element.into_event(&chat.source().key, zone) {
                    self.found += 1;
                    if chat.waiting() {
                        chat.keep_event(event);
                    } else {
                        self.sink.event(event);
                    }
                }
                ControlFlow::Continue(())
            }
            Kind::Unsupported => {
                self.skip_message(Reason::UnknownElement, "a message that the exporting Telegram did not know".into());
                ControlFlow::Continue(())
            }
            Kind::Unknown => {
                self.skip_message(Reason::UnknownElement, "neither a message nor a service event".into());
                ControlFlow::Continue(())
            }
            Kind::Missing => {
                self.skip_message(Reason::MissingField, "the element has no type".into());
                ControlFlow::Continue(())
            }
        }
    }

    /// Gives what waited for the chat's header to the sink.
    fn flush(&mut self, chat: &mut Chat) -> ControlFlow<()> {
        let (messages, events) = chat.settle();
        for event in events {
            self.sink.event(event);
        }
        for message in messages {
            self.sink.message(message)?;
        }
        ControlFlow::Continue(())
    }

    fn next_is(&mut self, byte: u8) -> bool {
        self.window.take(|cursor| cursor.peek()) == Ok(byte)
    }

    /// Passes over a value that is of no interest.
    fn pass(&mut self) -> ControlFlow<()> {
        match self.window.skip_value() {
            Ok(()) => ControlFlow::Continue(()),
            Err(fault) => self.fault(fault),
        }
    }

    /// Reads a piece of the frame around the messages; without it there is no going on.
    fn step<T>(&mut self, read: impl FnMut(&mut Cursor<'_>) -> Result<T, Fault>) -> ControlFlow<(), T> {
        match self.window.take(read) {
            Ok(value) => ControlFlow::Continue(value),
            Err(fault) => self.fault(fault),
        }
    }

    /// Says why reading ends here.
    fn fault<T>(&mut self, fault: Fault) -> ControlFlow<(), T> {
        let place = match self.place {
            0 => format!("byte {}", self.window.offset()),
            place => format!("message {place}"),
        };
        let (reason, detail) = match (fault, &self.window.error) {
            (_, Some(error)) => (Reason::Unreadable, format!("reading stopped: {error}")),
            (Fault::Incomplete, None) => {
                (Reason::Truncated, format!("the file ends at byte {}, in or after this message", self.window.length()))
            }
            (Fault::Malformed(what), None) => (Reason::Malformed, format!("{what}, at byte {}", self.window.offset())),
            (Fault::TooDeep, None) => (Reason::TooDeep, "nested deeper than 128 levels".into()),
            (Fault::TooLarge, None) => (Reason::TooLarge, format!("a value has more than {MAX_ELEMENT} bytes")),
        };
        self.skip(place, reason, detail);
        ControlFlow::Break(())
    }

    fn skip_message(&mut self, reason: Reason, detail: String) {
        self.skip(format!("message {}", self.place), reason, detail);
    }

    fn skip(&mut self, place: String, reason: Reason, detail: String) {
        self.found += 1;
        self.sink.skip(Skip { place, reason, detail });
    }
}

/// True for `{`, white space, `key`, white space, `:`.
fn starts_with_key(bytes: &[u8], key: &[u8]) -> bool {
    let Some(rest) = bytes.strip_prefix(b"{") else {
        return false;
    };
    let Some(rest) = rest.trim_ascii_start().strip_prefix(key) else {
        return false;
    };
    rest.trim_ascii_start().starts_with(b":")
}
