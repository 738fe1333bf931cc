//! Saved pages of forums: what all engines share. One engine a file, each tells where its landmarks are.
//!
//! The page is read whole, within the limits of [`crate::html`]. The source is the board: by the host that the page
//! itself names as its address (mirrors name the same), else by the board's title, else by the address it was saved
//! from. A post that is cut off at the end of the file is a skip, and so is a page without posts.

mod challenge;
mod discourse;
mod flarum;
mod generic;
mod invision;
mod mybb;
mod nodebb;
mod page;
mod phpbb;
mod smf;
mod smf1;
mod telegram;
mod tme;
mod treat;
mod vbulletin3;
mod vbulletin4;
mod vbulletin5;
mod xenforo1;
mod xenforo2;
mod xmb;

use std::collections::HashSet;
use std::io::{BufRead, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

use self::page::{Content, Page, Post, When};
use super::dates::local::{Clock, Local};
use super::dates::{self, DayOrder, OrderFound};
use super::json::MAX_TEXT;
use super::{Collector, Head, Input, Sink};
use crate::html::{self, Body, Document, MAX_BYTES, NodeId, Treat};
use crate::model::{Micros, PostedAt, RawMessage, Reason, Skip, SourceEvent};

pub(super) use self::challenge::Challenge;
pub(super) use self::telegram::TelegramHtml;
pub(super) use self::tme::Tme;

/// The engines, most certain first.
pub(super) static XENFORO2: Forum<xenforo2::XenForo2> = Forum(xenforo2::XenForo2);
pub(super) static XENFORO1: Forum<xenforo1::XenForo1> = Forum(xenforo1::XenForo1);
pub(super) static INVISION: Forum<invision::Invision> = Forum(invision::Invision);
pub(super) static VBULLETIN5: Forum<vbulletin5::VBulletin5> = Forum(vbulletin5::VBulletin5);
pub(super) static VBULLETIN4: Forum<vbulletin4::VBulletin4> = Forum(vbulletin4::VBulletin4);
pub(super) static VBULLETIN3: Forum<vbulletin3::VBulletin3> = Forum(vbulletin3::VBulletin3);
pub(super) static DISCOURSE: Forum<discourse::Discourse> = Forum(discourse::Discourse);
pub(super) static FLARUM: Forum<flarum::Flarum> = Forum(flarum::Flarum);
pub(super) static NODEBB: Forum<nodebb::NodeBb> = Forum(nodebb::NodeBb);
pub(super) static MYBB: Forum<mybb::MyBb> = Forum(mybb::MyBb);
pub(super) static SMF: Forum<smf::Smf> = Forum(smf::Smf);
pub(super) static SMF1: Forum<smf1::Smf1> = Forum(smf1::Smf1);
pub(super) static PHPBB: Forum<phpbb::PhpBb> = Forum(phpbb::PhpBb);
pub(super) static XMB: Forum<xmb::Xmb> = Forum(xmb::Xmb);
pub(super) static GENERIC: Forum<generic::Generic> = Forum(generic::Generic);

/// An engine's landmarks.
pub(super) trait Engine: Sync {
    fn name(&self) -> &'static str;
    fn about(&self) -> &'static str;
    fn reference(&self) -> &'static str;
    /// Why the start of a page is this engine's.
    fn recognizes(&self, head: &str, whole: bool) -> Option<String>;
    /// Finds the posts, and what the page says of the thread.
    fn read(&self, page: &mut Page<'_>);
    /// What an element inside of a post's body is.
    fn treat(&self, doc: &Document<'_>, node: NodeId) -> Treat {
        treat::common(doc, node, true)
    }
}

/// An engine as a collector.
pub(super) struct Forum<E>(E);

impl<E: Engine> Collector for Forum<E> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn about(&self) -> &'static str {
        self.0.about()
    }

    fn reference(&self) -> &'static str {
        self.0.reference()
    }

    fn counts_from_capture(&self) -> bool {
        true
    }

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        self.0.recognizes(html_head(head)?, head.whole)
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        with_page(input.reader, sink, |doc, source, sink| {
            let mut page = Page::new(doc, source, input.path, input.captured_at);
            self.0.read(&mut page);
            // Whether the sink had enough or the page ended makes no difference here.
            let _ = emit(&self.0, &page, input.zone, sink);
        });
    }
}

/// The start of a file as text, if it is a page at all.
fn html_head<'h>(head: &Head<'h>) -> Option<&'h str> {
    let bytes = crate::collect::without_mark(head.bytes);
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?,
    };
    let start = text.trim_start();
    if !start.starts_with('<') {
        return None;
    }
    let mut end = start.len().min(8192);
    while !start.is_char_boundary(end) {
        end -= 1;
    }
    let first = start[..end].to_ascii_lowercase();
    ["<html", "<!doctype html", "<head", "<body", "<div", "<article", "<table", "<ul", "<ol"]
        .iter()
        .any(|tag| first.contains(tag))
        .then_some(text)
}

/// Reads and parses a whole page, and hands it on; what stands against it becomes a skip.
fn with_page(reader: &mut dyn BufRead, sink: &mut dyn Sink, then: impl FnOnce(&Document<'_>, &str, &mut dyn Sink)) {
    let mut bytes = Vec::new();
    let mut skip = |reason, detail: String| sink.skip(Skip { place: "page".into(), reason, detail });
    if let Err(error) = reader.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes) {
        return skip(Reason::Unreadable, format!("it cannot be read to its end ({error})"));
    }
    if bytes.len() > MAX_BYTES {
        return skip(Reason::TooLarge, html::Limit::Bytes.words());
    }
    let text = String::from_utf8_lossy(crate::collect::without_mark(&bytes));
    match html::parse(&text) {
        Err(limit) => {
            let reason = if limit == html::Limit::Depth { Reason::TooDeep } else { Reason::TooLarge };
            skip(reason, limit.words());
        }
        Ok(doc) => {
            then(&doc, &text, sink);
            if doc.is_exhausted() {
                sink.skip(Skip { place: "page".into(), reason: Reason::TooLarge, detail: html::Limit::Steps.words() });
            }
        }
    }
}

/// Turns the posts that an engine found into messages.
fn emit(engine: &dyn Engine, page: &Page<'_>, zone: &jiff::tz::TimeZone, sink: &mut dyn Sink) -> ControlFlow<()> {
    let skip = |sink: &mut dyn Sink, place: String, reason, detail: &str| {
        sink.skip(Skip { place, reason, detail: detail.into() });
    };
    // What was searched for without steps left is missing from the posts; the caller says so.
    if page.doc.is_exhausted() {
        return ControlFlow::Continue(());
    }
    if page.posts.is_empty() {
        skip(sink, "page".into(), Reason::Empty, page.why_empty());
        return ControlFlow::Continue(());
    }
    let source = Arc::new(page.source());
    let clock = clock(page, zone);
    let thread_title = page.title.clone().filter(|title| !title.is_empty());
    let mut seen: HashSet<&str> = HashSet::new();
    let mut read_to = page.root();
    for (number, post) in page.posts.iter().enumerate() {
        let place = number as u64 + 1;
        if let Some(id) = post.id.as_deref() {
            // Pages repeat posts: the first one pinned, recommended ones.
            if !seen.insert(id) {
                continue;
            }
        }
        if !page.doc.is_closed(post.node) {
            skip(sink, format!("post {place}"), Reason::Truncated, "the page ends within this post");
            continue;
        }
        let found = match &post.content {
            Content::Missing => {
                skip(sink, format!("post {place}"), Reason::MissingField, "the post has no body");
                continue;
            }
            Content::Node(node) => {
                // A body inside of the last one was read with it.
                if *node < read_to {
                    continue;
                }
                read_to = page.doc.end(*node);
                let body = html::body(page.doc, *node, page.base.as_deref(), &|doc, node| engine.treat(doc, node));
                let reply = body.quoted.iter().find_map(|quote| page::quoted_post(page.doc, *quote));
                Some((body, reply))
            }
            Content::Html(inner) => html::parse(inner).ok().map(|doc| {
                let body = html::body(&doc, doc.root(), page.base.as_deref(), &|doc, node| engine.treat(doc, node));
                let reply = body.quoted.iter().find_map(|quote| page::quoted_post(&doc, *quote));
                (body, reply)
            }),
        };
        let Some((body, quoted)) = found.filter(|(body, _)| body.text.len() <= MAX_TEXT) else {
            skip(sink, format!("post {place}"), Reason::TooLarge, "the text of the post is larger than 1 MiB");
            continue;
        };
        let (posted_at, bad_date) = resolve(&post.posted, &clock);
        if let Some(detail) = bad_date {
            skip(sink, format!("post {place}"), Reason::BadDate, detail);
        }
        if (body.hidden || post.hidden)
            && let Some(id) = &post.id
        {
            sink.event(SourceEvent {
                source_key: source.key.clone(),
                at: posted_at.map(|posted| posted.at),
                kind: "hidden-text",
                value: id.clone(),
            });
        }
        let edited_at = resolve(&post.edited, &clock).0.map(|edited| edited.at);
        let reply_to = post.reply_to.clone().or(quoted).filter(|id| Some(id) != post.id.as_ref());
        let message = message(&source, place, post, body, page, thread_title.clone());
        sink.message(RawMessage { posted_at, edited_at, reply_to, ..message })?;
    }
    if page.doc.is_cut() && page.posts.iter().all(|post| page.doc.is_closed(post.node)) {
        skip(sink, "page".into(), Reason::Truncated, "the page ends before its end; the posts before were kept");
    }
    if let Some(next) = &page.next {
        sink.event(SourceEvent { source_key: source.key.clone(), at: None, kind: "next-page", value: next.clone() });
    }
    ControlFlow::Continue(())
}

fn message(
    source: &Arc<crate::model::Source>,
    place: u64,
    post: &Post,
    body: Body,
    page: &Page<'_>,
    thread_title: Option<String>,
) -> RawMessage {
    let mut message = RawMessage::new(Arc::clone(source), place, body.text);
    message.quotes = body.quotes;
    message.links = body.links;
    message.native_id = post.id.clone();
    message.author = post.author.clone();
    message.author.name = message.author.name.take().map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    message.thread_id = page.thread_id.clone();
    message.thread_title = thread_title;
    message
}

/// How the dates of this page are to be read.
fn clock(page: &Page<'_>, zone: &jiff::tz::TimeZone) -> Clock {
    let shown = page.zone();
    let texts = || {
        page.posts.iter().flat_map(|post| [&post.posted, &post.edited]).filter_map(|when| match when {
            When::Text(text) => Some(text.as_str()),
            _ => None,
        })
    };
    let order = match dates::local::order(texts().chain(page.clock.as_deref())) {
        OrderFound::Decided(order) => order,
        OrderFound::NotNeeded | OrderFound::Ambiguous => DayOrder::DayFirst,
    };
    let mut clock = Clock {
        zone_shown: shown.is_some(),
        zone: shown.map_or_else(|| zone.clone(), jiff::tz::TimeZone::fixed),
        now: None,
        order,
    };
    // The page's own clock is nearer to the truth than the time of the file.
    let own = page.clock.as_deref().and_then(|text| dates::local::find(text, &clock).found());
    clock.now = own.map(|own| own.at).or(page.captured_at);
    clock
}

/// The date, and what is wrong with it.
fn resolve(when: &When, clock: &Clock) -> (Option<PostedAt>, Option<&'static str>) {
    match when {
        When::Missing => (None, None),
        When::At(at) => (Some(*at), None),
        When::Text(text) => match dates::local::find(text, clock) {
            Local::Found(at) => (Some(at), None),
            Local::Relative => (None, Some("the date is relative, and the time of the capture is not known")),
            Local::None => (None, Some("the date cannot be read; the message was kept without it")),
        },
    }
}

/// A time that was written for machines: ISO 8601 or a Unix time.
fn machine_time(text: &str) -> Option<PostedAt> {
    dates::parse(text, &jiff::tz::TimeZone::UTC, DayOrder::DayFirst)
}

/// Milliseconds or seconds since 1970.
fn unix_time(text: &str) -> Option<PostedAt> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| machine_time(text))?
}

/// When a page says of itself that it was saved: SingleFile's `saved date: Thu Oct 14 2021 21:07:00 GMT+0300`.
fn saved_date(text: &str) -> Option<Micros> {
    let clock = Clock { zone: jiff::tz::TimeZone::UTC, zone_shown: true, now: None, order: DayOrder::DayFirst };
    Some(dates::local::find(text, &clock).found()?.at)
}
