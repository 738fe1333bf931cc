//! Telegram Desktop's HTML export (`messages.html`, `messages2.html`, …).
//!
//! # What it reads
//! One file of the export of one chat: texts, authors, replies, forwards, polls, signatures, pinned messages and new
//! titles. Each file of a chain is read by itself.
//!
//! # How
//! Recognized by `div.page_header` and `div.message#messageN`. A message that is joined to the one before it has its
//! author, and a joined forward after a forward its origin. The date is in a title, since 2021 with its zone. A file
//! whose messages all have the chat's own name as author is a channel's.
//!
//! # Where it is wrong
//! - The export in HTML has no ids of users and of the chat: the source is known by its title only, and people with the
//!   same name are the same author. The JSON export is better in every way.
//! - Service messages are sentences in the language of the program; titles are read from English ones only.
//! - The first message of a later file may be joined to one of the file before; its author is then missing.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::page::{Page, digits_of};
use super::{Collector, DayOrder, Head, Input, Sink, html_head, with_page};
use crate::collect::dates::local::{self, Clock};
use crate::collect::json::MAX_TEXT;
use crate::html::{self, NodeId, Tag, Treat, url};
use crate::model::{Medium, PostedAt, RawMessage, Reason, Skip, Source, SourceEvent, Span};

pub struct TelegramHtml;

impl Collector for TelegramHtml {
    fn name(&self) -> &'static str {
        "telegram-html"
    }

    fn about(&self) -> &'static str {
        "Telegram Desktop export in HTML (messages.html), each file by itself"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let text = html_head(head)?;
        (text.contains("class=\"page_header") && text.contains("id=\"message"))
            .then(|| "a Telegram Desktop export in HTML: div.page_header and div.message".into())
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let clock = Clock { zone: input.zone.clone(), zone_shown: false, now: None, order: DayOrder::DayFirst };
        with_page(input.reader, sink, |doc, source, sink| {
            let page = Page::new(doc, source, input.path, None);
            let _ = read(&page, &clock, sink);
        });
    }
}

fn read(page: &Page<'_>, clock: &Clock, sink: &mut dyn Sink) -> ControlFlow<()> {
    let root = page.root();
    let title = page.line(root, &["div.page_header div.text.bold", "div.page_header .text"]).unwrap_or_default();
    let messages = page.doc.outermost(root, "div.message[id^=message]");
    let authors = page.doc.find_all(root, "div.message > div.body > div.from_name");
    let channel =
        !title.is_empty() && authors.iter().all(|author| name_of(page, *author) == title) && !authors.is_empty();
    let source = Arc::new(Source {
        key: format!("telegram-title:{title}"),
        name: title,
        medium: if channel { Medium::TelegramChannel } else { Medium::TelegramGroup },
        url: None,
    });
    let mut author: Option<String> = None;
    let mut origin: Option<String> = None;
    let mut found = false;
    for (number, node) in messages.iter().enumerate() {
        let place = number as u64 + 1;
        if !page.doc.is_closed(*node) {
            let detail = "the file ends within this message".into();
            sink.skip(Skip { place: format!("message {place}"), reason: Reason::Truncated, detail });
            return ControlFlow::Continue(());
        }
        if page.doc.has_class(*node, "service") {
            if let Some(event) = service(page, *node, &source.key) {
                sink.event(event);
            }
            continue;
        }
        let Some(body) = page.find(*node, "div.body") else {
            found = true;
            let detail = "the message has no body".into();
            sink.skip(Skip { place: format!("message {place}"), reason: Reason::MissingField, detail });
            continue;
        };
        let own = page.doc.children(body).find(|child| page.doc.has_class(*child, "from_name"));
        if let Some(own) = own {
            author = Some(name_of(page, own)).filter(|name| !name.is_empty());
        } else if !page.doc.has_class(*node, "joined") {
            author = None;
        }
        let forwarded = page.doc.children(body).find(|child| page.doc.matches(*child, ".forwarded.body"));
        origin = match forwarded {
            None => None,
            Some(forwarded) => page
                .find(forwarded, "div.from_name")
                .map(|name| name_of(page, name))
                .or(origin.take())
                .or(Some(String::new())),
        };
        let mut message = text_of(page, forwarded.unwrap_or(body), &source, place, channel);
        if message.text.len() > MAX_TEXT {
            let detail = "the text of the message is larger than 1 MiB".into();
            sink.skip(Skip { place: format!("message {place}"), reason: Reason::TooLarge, detail });
            continue;
        }
        message.native_id = digits_of(page.doc, *node, "id", "message");
        message.author.name = page
            .doc
            .children(body)
            .find(|child| page.doc.has_class(*child, "signature"))
            .map(|signature| page.doc.line(signature))
            .or_else(|| author.clone());
        message.forwarded_from = origin.clone();
        message.reply_to = page
            .attribute(body, "div.reply_to a[href]", "href")
            .and_then(|href| url::leading_digits(href.rsplit_once("#go_to_message")?.1).map(str::to_owned));
        message.posted_at = date(page, body, clock);
        if message.posted_at.is_none() {
            let detail = "the date cannot be read; the message was kept without it".into();
            sink.skip(Skip { place: format!("message {place}"), reason: Reason::BadDate, detail });
        }
        // What was searched for without steps left is missing from the message; the caller says so.
        if page.doc.is_exhausted() {
            return ControlFlow::Continue(());
        }
        found = true;
        sink.message(message)?;
    }
    if !found {
        sink.skip(Skip { place: "file".into(), reason: Reason::Empty, detail: "no messages".into() });
    } else if page.doc.is_cut() {
        let detail = "the file ends before its end; the messages before were kept".into();
        sink.skip(Skip { place: "file".into(), reason: Reason::Truncated, detail });
    }
    let last = messages.last().copied().unwrap_or(root);
    let next = page.doc.find_all(root, "a.pagination[href]").into_iter().rfind(|link| *link > last);
    if let Some(value) = next.and_then(|link| page.own(link, "href")) {
        sink.event(SourceEvent { source_key: source.key.clone(), at: None, kind: "next-page", value });
    }
    ControlFlow::Continue(())
}

/// A name without the date of a forward and the bot through which it was sent.
fn name_of(page: &Page<'_>, node: NodeId) -> String {
    let line = page.line_without(node, "span.details, .date");
    line.split_once(" via @").map_or(line.as_str(), |(name, _)| name).trim().to_owned()
}

fn date(page: &Page<'_>, body: NodeId, clock: &Clock) -> Option<PostedAt> {
    let node = page.doc.children(body).find(|child| page.doc.has_class(*child, "date"))?;
    local::find(&page.own(node, "title")?, clock).found()
}

fn text_of(page: &Page<'_>, body: NodeId, source: &Arc<Source>, place: u64, channel: bool) -> RawMessage {
    let node = page.doc.children(body).find(|child| page.doc.has_class(*child, "text"));
    let found = node.map(|node| {
        html::body(page.doc, node, None, &|doc, node| match doc.tag(node) {
            Tag::Blockquote => Treat::Quote,
            _ => Treat::Take,
        })
    });
    let found = found.unwrap_or_default();
    let quotes = if channel { Vec::new() } else { leading(&found.text, &found.quotes) };
    let mut message = RawMessage::new(Arc::clone(source), place, found.text);
    message.quotes = quotes;
    message.links = found.links;
    if let Some(poll) = page.find(body, ".media_poll") {
        let lines = page.doc.find_all(poll, ".question, .answer");
        for line in lines.iter().map(|line| page.line_without(*line, ".details")) {
            if !message.text.is_empty() {
                message.text.push('\n');
            }
            message.text.push_str(line.trim_start_matches("- ").trim());
        }
    }
    message
}

/// Block quotes at the start, if words of the author's own follow: as in the JSON export.
fn leading(text: &str, quotes: &[Span]) -> Vec<Span> {
    let mut end = 0;
    let mut kept = Vec::new();
    for quote in quotes {
        if !text[end..quote.start as usize].trim().is_empty() {
            break;
        }
        end = quote.end as usize;
        kept.push(*quote);
    }
    if text[end..].trim().is_empty() { Vec::new() } else { kept }
}

/// Pinned messages by their link, new titles by the English sentence.
fn service(page: &Page<'_>, node: NodeId, source_key: &str) -> Option<SourceEvent> {
    let event = |kind, value: String| Some(SourceEvent { source_key: source_key.to_owned(), at: None, kind, value });
    if let Some(href) = page.attribute(node, "div.body a[href*=go_to_message]", "href") {
        return event("pinned", url::leading_digits(href.rsplit_once("go_to_message")?.1)?.to_owned());
    }
    let line = page.line(node, &["div.body"])?;
    let (_, title) = line.split_once(" title to ")?;
    event("renamed", title.trim_matches(['«', '»', '"', '“', '”', '&']).trim().to_owned())
}
