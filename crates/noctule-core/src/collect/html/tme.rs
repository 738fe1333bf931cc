//! Previews of public Telegram channels, saved from `t.me/s/NAME`.
//!
//! # What it reads
//! The messages of one such page with text, date, forward, reply, signature and polls.
//!
//! # How
//! Recognized by `div.tgme_widget_message[data-post="name/123"]`. The preview shows no number of the channel, so the source
//! is known by its public name, in lower case.
//!
//! # Where it is wrong
//! - The same channel read from an export has another key, because only the export knows its number.
//! - That a message was edited is shown, but not when.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::page::Page;
use super::{Collector, Head, Input, Sink, html_head, machine_time, with_page};
use crate::collect::json::MAX_TEXT;
use crate::html::{self, Treat, url};
use crate::model::{Medium, RawMessage, Reason, Skip, Source, SourceEvent};

pub struct Tme;

impl Collector for Tme {
    fn name(&self) -> &'static str {
        "telegram-preview-html"
    }

    fn about(&self) -> &'static str {
        "saved previews of public Telegram channels (t.me/s/NAME)"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let text = html_head(head)?;
        (text.contains("tgme_widget_message") || text.contains("tgme_channel_info"))
            .then(|| "a preview of a Telegram channel: tgme_ classes".into())
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        with_page(input.reader, sink, |doc, source, sink| {
            let _ = read(&Page::new(doc, source, input.path, None), sink);
        });
    }
}

fn read(page: &Page<'_>, sink: &mut dyn Sink) -> ControlFlow<()> {
    let root = page.root();
    let messages = page.doc.outermost(root, ".tgme_widget_message[data-post]");
    let channel = page
        .line(root, &[".tgme_channel_info_header_username"])
        .map(|name| name.trim_start_matches('@').to_owned())
        .or_else(|| Some(page.own(*messages.first()?, "data-post")?.split('/').next()?.to_owned()));
    let (Some(channel), false) = (channel, messages.is_empty()) else {
        sink.skip(Skip { place: "page".into(), reason: Reason::Empty, detail: "no messages on this page".into() });
        return ControlFlow::Continue(());
    };
    let title = page.line(root, &[".tgme_channel_info_header_title", ".tgme_widget_message_owner_name"]);
    let source = Arc::new(Source {
        key: format!("telegram:@{}", channel.to_lowercase()),
        name: title.unwrap_or_else(|| channel.clone()),
        medium: Medium::TelegramChannel,
        url: Some(format!("https://t.me/{channel}")),
    });
    for (number, node) in messages.iter().enumerate() {
        let place = number as u64 + 1;
        if !page.doc.is_closed(*node) {
            let detail = "the page ends within this message".into();
            sink.skip(Skip { place: format!("message {place}"), reason: Reason::Truncated, detail });
            return ControlFlow::Continue(());
        }
        let text = page
            .first_of(*node, &[".js-message_text", "div.tgme_widget_message_bubble > div.tgme_widget_message_text"]);
        let body =
            text.map(|text| html::body(page.doc, text, Some("https://t.me/"), &|_, _| Treat::Take)).unwrap_or_default();
        if body.text.len() > MAX_TEXT {
            let detail = "the text of the message is larger than 1 MiB".into();
            sink.skip(Skip { place: format!("message {place}"), reason: Reason::TooLarge, detail });
            continue;
        }
        let mut message = RawMessage::new(Arc::clone(&source), place, body.text);
        message.links = body.links;
        for line in
            page.doc.find_all(*node, ".tgme_widget_message_poll_question, .tgme_widget_message_poll_option_text")
        {
            if !message.text.is_empty() {
                message.text.push('\n');
            }
            message.text.push_str(&page.doc.line(line));
        }
        message.native_id = page.own(*node, "data-post").and_then(|post| Some(post.rsplit_once('/')?.1.to_owned()));
        message.author.name =
            page.line(*node, &[".tgme_widget_message_from_author", ".tgme_widget_message_owner_name"]);
        message.forwarded_from = page.line(*node, &[".tgme_widget_message_forwarded_from_name"]);
        message.reply_to = page.attribute(*node, "a.tgme_widget_message_reply", "href").and_then(|href| {
            let id = href.split(['?', '#']).next()?.rsplit_once('/')?.1;
            url::leading_digits(id).map(str::to_owned)
        });
        let time = [".tgme_widget_message_date time", "time[datetime]"];
        message.posted_at = page.first_of(*node, &time).and_then(|time| machine_time(&page.own(time, "datetime")?));
        if message.posted_at.is_none() {
            let detail = "the date cannot be read; the message was kept without it".into();
            sink.skip(Skip { place: format!("message {place}"), reason: Reason::BadDate, detail });
        }
        // What was searched for without steps left is missing from the message; the caller says so.
        if page.doc.is_exhausted() {
            return ControlFlow::Continue(());
        }
        sink.message(message)?;
    }
    if page.doc.is_cut() {
        let detail = "the page ends before its end; the messages before were kept".into();
        sink.skip(Skip { place: "page".into(), reason: Reason::Truncated, detail });
    }
    // The preview pages backwards: the next page holds what is older.
    let older = page
        .attribute(root, "link[rel=prev]", "href")
        .or_else(|| page.attribute(root, "a.tme_messages_more[data-before]", "href"));
    if let Some(value) = older.and_then(|href| url::resolve(Some("https://t.me/"), &href)) {
        sink.event(SourceEvent { source_key: source.key.clone(), at: None, kind: "next-page", value });
    }
    ControlFlow::Continue(())
}
