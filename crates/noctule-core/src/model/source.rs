//! Where messages come from: a channel, a forum, a market.

use super::{Id, Micros};

/// The kind of place, as in the `medium` column.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Medium {
    Forum,
    Marketplace,
    TelegramChannel,
    TelegramGroup,
    Discord,
    Matrix,
    Jabber,
    Irc,
    Paste,
    LeakSite,
    Mail,
    Other,
}

impl Medium {
    pub const ALL: [Self; 12] = [
        Self::Forum,
        Self::Marketplace,
        Self::TelegramChannel,
        Self::TelegramGroup,
        Self::Discord,
        Self::Matrix,
        Self::Jabber,
        Self::Irc,
        Self::Paste,
        Self::LeakSite,
        Self::Mail,
        Self::Other,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Forum => "forum",
            Self::Marketplace => "marketplace",
            Self::TelegramChannel => "telegram-channel",
            Self::TelegramGroup => "telegram-group",
            Self::Discord => "discord",
            Self::Matrix => "matrix",
            Self::Jabber => "jabber",
            Self::Irc => "irc",
            Self::Paste => "paste",
            Self::LeakSite => "leak-site",
            Self::Mail => "mail",
            Self::Other => "other",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.word() == word)
    }
}

/// One source. Two sources may share a name; they never share a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Source {
    /// Stable across captures: `telegram:1234567890`, `forum:forum.example`, `name:forum.example`.
    pub key: String,
    /// As the capture names it; empty when it does not.
    pub name: String,
    pub medium: Medium,
    pub url: Option<String>,
}

impl Source {
    pub fn id(&self) -> Id {
        Id::of(&[b"source", self.key.as_bytes()])
    }
}

/// What a service message says about a source: kept as an edge, never counted as a message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SourceEvent {
    pub source_key: String,
    pub at: Option<Micros>,
    /// `renamed`, `migrated-to`, `migrated-from`, `pinned`; of forums `hidden-text` and `next-page`.
    pub kind: &'static str,
    /// The new title, the other chat's key or title, the id of the pinned message or of the post that hides text
    /// from this reader, the address of the next page.
    pub value: String,
}
