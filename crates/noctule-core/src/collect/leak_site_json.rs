//! Feeds of what extortionists publish on their leak sites.
//!
//! # What it reads
//! ransomwatch's `posts.json`, RansomLook's posts and groups, ransomware.live's victims (version 1 and 2): arrays,
//! JSON Lines, lists by group, and the group's own answer `[group, posts]`.
//!
//! # How
//! Victim by victim: the text is the title, the domain where it is given apart, and the description, a line each;
//! the author and the source (`leak-site:<group>`) is the group; the time is when the post was published, else
//! found. The link of the claim is kept. Times without zone are read in the user's zone and marked.
//!
//! # Where it is wrong
//! - RansomLook cuts titles to 90 letters, so the same post from two trackers may differ.
//! - The trackers' dates are when they saw a post first, often days after it was there.
//! - Screenshots, magnet links, and what a tracker adds from elsewhere (press, infostealer figures) are not read.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::json::{Node, Shape, Signs, Step, read_records};
use super::out::Out;
use super::sources::Sources;
use super::{Collector, Head, Input, Mapping, Sink, file_stem};
use crate::model::{Medium, RawMessage, Reason, Source};

pub struct LeakSiteJson;

impl Collector for LeakSiteJson {
    fn name(&self) -> &'static str {
        "leak-site-json"
    }

    fn about(&self) -> &'static str {
        "victims on ransomware leak sites: ransomwatch, RansomLook, ransomware.live"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let prefixes = ["[]", "", "[][]", "posts[]", "victims[]", "data[]"];
        if let Some(signs) = Signs::of(head, &["\"post_title\"", "\"discovered\""])
            && signs.under(&prefixes, &["post_title", "discovered"]).is_some()
        {
            return Some("posts of leak sites: post_title and discovered".into());
        }
        if let Some(signs) = Signs::of(head, &["\"victim\"", "\"discovered\"", "\"group\""])
            && signs.under(&prefixes, &["victim", "group", "discovered"]).is_some()
        {
            return Some("victims of ransomware.live: victim, group and discovered".into());
        }
        let signs = Signs::of(head, &["\"post_title\"", "\"group_name\""])?;
        signs.under(&prefixes, &["post_title", "group_name"])?;
        Some("posts of leak sites: post_title and group_name".into())
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(LeakSite::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        let stem = file_stem(input.path).to_owned();
        read_records(input.reader, sink, |frame| {
            let signs = Signs::of_bytes(frame.head, frame.whole, &[]).unwrap_or_default();
            let lines = signs.has("post_title") || signs.has("victim");
            let group = signs.has("[][].post_title");
            LeakSite { zone, stem, lines, group, sources: Sources::new() }
        });
    }
}

struct LeakSite<'a> {
    zone: &'a TimeZone,
    stem: String,
    /// Whether each document is a post.
    lines: bool,
    /// Whether this is RansomLook's `[group, posts]`.
    group: bool,
    sources: Sources<String>,
}

impl Shape for LeakSite<'_> {
    const KEYS: &'static [&'static str] = &[
        "post_title",
        "group_name",
        "discovered",
        "published",
        "description",
        "link",
        "post_url",
        "website",
        "victim",
        "group",
        "domain",
        "attackdate",
        "claim_url",
        "country",
        "activity",
    ];
    const STARTS: &'static [&'static str] =
        &["post_title", "group_name", "activity", "victim", "group", "discovered", "country", "description"];
    const PLACE: &'static str = "post";

    fn step(&self, path: &str) -> Step {
        match path {
            "" if self.lines => Step::Record,
            "[]" if self.group => Step::Enter,
            "[][]" if self.group => Step::Record,
            "" | "posts" | "victims" | "data" => Step::Enter,
            "[]" | "posts[]" | "victims[]" | "data[]" => Step::Record,
            _ => Step::Pass,
        }
    }

    fn record(&mut self, _path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        let shown = format!("post {place}");
        let Some(title) = node.first(&["victim", "post_title"]) else {
            out.skip(shown, Reason::MissingField, "the element names no victim");
            return ControlFlow::Continue(());
        };
        let group = node.first(&["group", "group_name"]);
        let source = self.source(group);
        let mut text = title.to_owned();
        for line in [node.first(&["domain", "website"]), node.str("description")].into_iter().flatten() {
            if !text.contains(line) {
                text.push('\n');
                text.push_str(line);
            }
        }
        let mut message = RawMessage::new(source, place, text);
        message.author.name = group.map(str::to_owned);
        message.links.extend(node.first(&["claim_url", "post_url", "link"]).map(str::to_owned));
        let date = ["published", "attackdate", "discovered"]
            .iter()
            .find_map(|key| dates::parse(node.str(key)?, self.zone, DayOrder::DayFirst));
        message.posted_at = date;
        if date.is_none() {
            out.bad_date(shown);
        }
        out.message(message)
    }
}

impl LeakSite<'_> {
    fn source(&mut self, group: Option<&str>) -> Arc<Source> {
        // RansomLook's answer for one group does not repeat its name.
        let group = group.unwrap_or(&self.stem);
        if let Some(source) = self.sources.get(group) {
            return source;
        }
        let key = format!("leak-site:{}", group.to_lowercase());
        self.sources.keep(group.to_owned(), Source { key, name: group.to_owned(), medium: Medium::LeakSite, url: None })
    }
}
