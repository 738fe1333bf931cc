//! A chat of the export: who it is, and what waits until that is known.

use std::sync::Arc;

use crate::collect::telegram::bare_id;
use crate::model::{Medium, RawMessage, Source, SourceEvent};

/// Every type that Telegram Desktop writes.
pub(super) const CHAT_TYPES: [&str; 9] = [
    "saved_messages",
    "replies",
    "personal_chat",
    "bot_chat",
    "private_group",
    "private_supergroup",
    "public_supergroup",
    "private_channel",
    "public_channel",
];

/// Most bytes of text that wait for a chat's header, and most messages.
const MAX_WAITING_BYTES: usize = 16 << 20;
const MAX_WAITING: usize = 50_000;

pub(super) struct Chat {
    name: Option<String>,
    kind: Option<String>,
    id: Option<String>,
    /// The key of a chat without an id.
    fallback: String,
    source: Arc<Source>,
    started: bool,
    waiting: bool,
    /// Whether messages went out that the header could not reach any more.
    settled: bool,
    messages: Vec<RawMessage>,
    events: Vec<SourceEvent>,
    bytes: usize,
}

impl Chat {
    /// `number` counts the chats of a file.
    pub fn new(stem: &str, number: u64) -> Self {
        let fallback = if number == 1 { format!("file:{stem}") } else { format!("file:{stem}#{number}") };
        let source = Source { key: fallback.clone(), name: String::new(), medium: Medium::Other, url: None };
        Self {
            name: None,
            kind: None,
            id: None,
            fallback,
            source: Arc::new(source),
            started: false,
            waiting: false,
            settled: false,
            messages: Vec::new(),
            events: Vec::new(),
            bytes: 0,
        }
    }

    /// Takes a value of the header; false when it comes twice, or too late for messages that have gone out.
    pub fn learn(&mut self, key: &str, value: Option<String>) -> bool {
        let slot = match key {
            "name" => &mut self.name,
            "type" => &mut self.kind,
            _ => &mut self.id,
        };
        if slot.is_some() || self.settled {
            return false;
        }
        *slot = Some(value.unwrap_or_default());
        true
    }

    /// Called where the messages begin.
    pub fn start(&mut self) {
        self.started = true;
        let nameless = matches!(self.kind.as_deref(), Some("saved_messages" | "replies"));
        self.waiting = self.id.is_none() || self.kind.is_none() || (self.name.is_none() && !nameless);
        self.settled = !self.waiting;
        self.source = Arc::new(self.make_source());
    }

    pub fn started(&self) -> bool {
        self.started
    }

    /// True while messages must be kept because the header is not complete.
    pub fn waiting(&self) -> bool {
        self.waiting
    }

    pub fn source(&self) -> Arc<Source> {
        self.source.clone()
    }

    pub fn channel(&self) -> bool {
        self.source.medium == Medium::TelegramChannel
    }

    /// Keeps a message; false when no more may wait.
    pub fn keep(&mut self, message: RawMessage) -> bool {
        self.bytes += message.text.len() + message.links.iter().map(String::len).sum::<usize>();
        self.messages.push(message);
        self.messages.len() < MAX_WAITING && self.bytes < MAX_WAITING_BYTES
    }

    pub fn keep_event(&mut self, event: SourceEvent) {
        if self.events.len() < MAX_WAITING {
            self.events.push(event);
        }
    }

    /// Ends the waiting: gives back what was kept, with the source as far as it is known now.
    pub fn settle(&mut self) -> (Vec<RawMessage>, Vec<SourceEvent>) {
        if !self.waiting {
            return (Vec::new(), Vec::new());
        }
        self.waiting = false;
        self.settled = true;
        self.source = Arc::new(self.make_source());
        let (mut messages, mut events) = (std::mem::take(&mut self.messages), std::mem::take(&mut self.events));
        for message in &mut messages {
            message.source = self.source.clone();
            if self.channel() {
                message.quotes.clear();
            }
        }
        for event in &mut events {
            event.source_key.clone_from(&self.source.key);
        }
        (messages, events)
    }

    fn make_source(&self) -> Source {
        let medium = match self.kind.as_deref() {
            Some("private_channel" | "public_channel") => Medium::TelegramChannel,
            Some("private_group" | "private_supergroup" | "public_supergroup") => Medium::TelegramGroup,
            _ => Medium::Other,
        };
        let key = match self.id.as_deref().and_then(bare_id) {
            Some(id) => format!("telegram:{id}"),
            None => self.fallback.clone(),
        };
        Source { key, name: self.name.clone().unwrap_or_default(), medium, url: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_wait_ends() {
        let mut chat = Chat::new("result", 1);
        chat.learn("id", Some("7".into()));
        chat.start();
        let message = || RawMessage::new(chat_source(), 1, "x".repeat(1 << 20));
        assert!((0..15).all(|_| chat.keep(message())));
        assert!(!chat.keep(message()));
        assert_eq!(chat.settle().0[0].source.key, "telegram:7");
        assert!(!chat.learn("name", Some("late".into())));
    }

    fn chat_source() -> Arc<Source> {
        Chat::new("result", 1).source()
    }
}
