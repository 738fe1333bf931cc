//! snscrape's JSON Lines of public Telegram channels.
//!
//! # What it reads
//! One post a line with `"_type": "snscrape.modules.telegram.TelegramPost"`: text, date, link of the post.
//!
//! # How
//! The source is the channel's username out of the post's link (`telegram:@name`), because the preview that snscrape
//! reads does not show the channel's number; the native id is the number of the post. Links in `outlinks` that the
//! text does not show are kept as hidden links.
//!
//! # Where it is wrong
//! - The same channel out of another export has another source key: its number is not known here.
//! - Posts without text (a photo alone) have `null` for their content and count as messages without text.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::json::{Node, Shape, Signs, Step, read_records};
use super::out::Out;
use super::sources::Sources;
use super::{Collector, Head, Input, Mapping, Sink};
use crate::model::{Medium, RawMessage, Reason, Source};

const TYPE: &str = "snscrape.modules.telegram.TelegramPost";

pub struct SnscrapeJson;

impl Collector for SnscrapeJson {
    fn name(&self) -> &'static str {
        "snscrape-json"
    }

    fn about(&self) -> &'static str {
        "posts of public Telegram channels as snscrape writes them, JSON Lines"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let signs = Signs::of(head, &[TYPE])?;
        (signs.is("_type", &[TYPE]) || signs.is("[]._type", &[TYPE])).then(|| format!("posts with the type {TYPE}"))
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Snscrape::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        read_records(input.reader, sink, |frame| {
            let array = frame.is_array();
            Snscrape { zone, array, sources: Sources::new() }
        });
    }
}

struct Snscrape<'a> {
    zone: &'a TimeZone,
    array: bool,
    sources: Sources<String>,
}

impl Shape for Snscrape<'_> {
    const KEYS: &'static [&'static str] = &["_type", "url", "date", "content", "outlinks"];
    const STARTS: &'static [&'static str] = &["_type"];
    const PLACE: &'static str = "post";

    fn step(&self, path: &str) -> Step {
        match path {
            "" if self.array => Step::Enter,
            "" | "[]" => Step::Record,
            _ => Step::Pass,
        }
    }

    fn record(&mut self, _path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        let shown = || format!("post {place}");
        if node.str("_type") != Some(TYPE) {
            out.skip(shown(), Reason::UnknownElement, "not a post of a Telegram channel");
            return ControlFlow::Continue(());
        }
        let Some((channel, number)) = node.str("url").and_then(post_of_url) else {
            out.skip(shown(), Reason::MissingField, "the link of the post does not name a channel and a number");
            return ControlFlow::Continue(());
        };
        let source = self.source(channel);
        let mut message = RawMessage::new(source, place, node.string("content").unwrap_or_default());
        message.native_id = Some(number.to_owned());
        message.posted_at = node.str("date").and_then(|date| dates::parse(date, self.zone, DayOrder::DayFirst));
        if message.posted_at.is_none() {
            out.bad_date(shown());
        }
        for link in node.items("outlinks").iter().filter_map(Node::as_str) {
            if !message.text.contains(link) && message.links.len() < 100 {
                message.links.push(link.to_owned());
            }
        }
        out.message(message)
    }
}

impl Snscrape<'_> {
    fn source(&mut self, channel: &str) -> Arc<Source> {
        if let Some(source) = self.sources.get(channel) {
            return source;
        }
        let source = Source {
            // Usernames do not differ in case alone.
            key: format!("telegram:@{}", channel.to_ascii_lowercase()),
            name: channel.to_owned(),
            medium: Medium::TelegramChannel,
            url: Some(format!("https://t.me/{channel}")),
        };
        self.sources.keep(channel.to_owned(), source)
    }
}

/// Channel and number of `https://t.me/s/name/123`, with or without the `s`.
fn post_of_url(url: &str) -> Option<(&str, &str)> {
    let path = url.split_once("://")?.1.split_once('/')?.1;
    let path = path.strip_prefix("s/").unwrap_or(path);
    let (channel, number) = path.split_once('/')?;
    let number = number.split(['?', '#']).next()?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    (digits && !channel.is_empty()).then_some((channel, number))
}
