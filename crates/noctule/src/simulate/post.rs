//! One post as it goes to an output, and the outputs' common shape.

use std::io;

use super::phrases::Lang;
use super::world::Place;

/// Who is named as writer or as origin of a forward.
#[derive(Clone, Debug, Default)]
pub struct Name {
    pub account: u64,
    /// A channel, not a person.
    pub channel: bool,
    /// The name as shown; meaningless when `deleted`.
    pub shown: String,
    pub deleted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Media {
    None,
    Photo,
    Sticker,
    Voice,
}

/// A thread of a forum, or a listing of a marketplace.
#[derive(Clone, Debug, Default)]
pub struct Thread {
    pub id: u64,
    pub title: String,
}

#[derive(Debug)]
pub struct Post {
    /// Negative for messages that came along from a basic group.
    pub id: i64,
    /// Unix time.
    pub at: i64,
    pub edited_at: Option<i64>,
    pub author: Name,
    pub forwarded: Option<Name>,
    pub reply_to: Option<i64>,
    /// On boards only.
    pub thread: Thread,
    /// Which of the board's addresses the post was read at.
    pub site: usize,
    pub media: Media,
    /// The quote, if any, then the writer's own text.
    pub text: String,
    /// Bytes of `text` that are a quote (the line break behind it is not part of it).
    pub quote: usize,
    /// Bytes of `text` from the start of the own text on that are set in bold.
    pub bold: usize,
    pub lang: Lang,
}

impl Post {
    /// Where the writer's own text starts.
    pub fn own(&self) -> usize {
        if self.quote > 0 { self.quote + 1 } else { 0 }
    }
}

pub enum ServiceAction {
    CreateChannel { title: String },
    CreateGroup { title: String },
    EditTitle { title: String },
    MigrateTo,
    MigrateFrom { title: String },
    Pin { message: i64 },
    Join,
}

pub struct Service {
    pub id: i64,
    pub at: i64,
    pub actor: Name,
    pub action: ServiceAction,
}

/// A format to write the corpus in. Places come one after the other, each place's posts in order of time.
pub trait Output {
    fn open(&mut self, place: &Place) -> io::Result<()>;
    fn post(&mut self, place: &Place, post: &Post) -> io::Result<()>;
    fn service(&mut self, place: &Place, service: &Service) -> io::Result<()>;
    fn close(&mut self, place: &Place) -> io::Result<()>;
    /// Where the current place is written, relative to the corpus.
    fn path(&self) -> &str;
    fn finish(&mut self) -> io::Result<()>;
}
