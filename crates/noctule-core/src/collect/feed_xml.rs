//! RSS and Atom feeds of trackers and of leak sites.
//!
//! # What it reads
//! RSS 0.9 to 2.0 and Atom: title, text, link, id, author and date of each item.
//!
//! # How
//! Item by item. The text is the title and below it the content, which is HTML inside XML and becomes text; a content
//! that only repeats the title is dropped. The source is the feed (`feed:<link>`, else its title). Of an Atom entry
//! `published` counts, `updated` is the edit. After broken XML reading goes on with the next item. A document type is
//! refused and entities are not expanded.
//!
//! # Where it is wrong
//! - Every feed is taken for one of a leak site or its tracker: the medium is `leak-site`.
//! - A feed whose title and link follow its items names its items after the file.
//! - Quotes inside items are not told from the writer's words, except in block quotes.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::fragment::from_html;
use super::json::MAX_TEXT;
use super::out::Out;
use super::xml::{Event, Tag, Xml};
use super::{Collector, Head, Input, Sink, file_stem};
use crate::model::{Medium, PostedAt, RawMessage, Reason, Source};

pub struct FeedXml;

impl Collector for FeedXml {
    fn name(&self) -> &'static str {
        "feed-xml"
    }

    fn about(&self) -> &'static str {
        "RSS and Atom feeds, of leak sites and their trackers"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let bytes = super::without_mark(head.bytes);
        if bytes.trim_ascii_start().first() != Some(&b'<') {
            return None;
        }
        let start = &bytes[..bytes.len().min(4096)];
        let has = |mark: &str| memchr::memmem::find(start, mark.as_bytes()).is_some();
        if has("<rss") || has("<rdf:RDF") {
            Some("an RSS feed".into())
        } else if has("<feed") && has("http://www.w3.org/2005/Atom") {
            Some("an Atom feed".into())
        } else {
            None
        }
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let stem = file_stem(input.path).to_owned();
        let mut reader = Reader {
            xml: Xml::new(input.reader),
            out: Out::new(sink),
            zone: input.zone,
            stem,
            title: None,
            link: None,
            source: None,
            items: 0,
            item: None,
            field: None,
        };
        let _ = reader.run();
        reader.out.finish("no items in the feed");
    }
}

struct Reader<'s, 'r> {
    xml: Xml<'r>,
    out: Out<'s>,
    zone: &'s TimeZone,
    stem: String,
    /// Of the feed.
    title: Option<String>,
    link: Option<String>,
    source: Option<Arc<Source>>,
    items: u64,
    /// The item that is open, and its depth.
    item: Option<(usize, Item)>,
    /// The field that is open: its name, its depth, what it holds so far.
    field: Option<(String, usize, String)>,
}

#[derive(Default)]
struct Item {
    title: Option<String>,
    link: Option<String>,
    id: Option<String>,
    author: Option<String>,
    published: Option<String>,
    updated: Option<String>,
    summary: Option<String>,
    content: Option<String>,
}

impl Reader<'_, '_> {
    fn run(&mut self) -> ControlFlow<()> {
        loop {
            match self.xml.next() {
                Ok(Event::Eof) => return ControlFlow::Continue(()),
                Ok(Event::Start(tag)) => self.start(tag),
                Ok(Event::Text(text)) => {
                    if let Some((_, _, value)) = &mut self.field
                        && value.len() + text.len() <= MAX_TEXT
                    {
                        value.push_str(&text);
                    }
                }
                Ok(Event::End(_)) => self.end()?,
                Err(fault) => {
                    (self.item, self.field) = (None, None);
                    let (reason, detail, readable) = self.xml.explain(fault);
                    self.out.skip(format!("item {}", self.items), reason, detail);
                    if !readable || !self.xml.recover(&["item", "entry"]) {
                        return ControlFlow::Continue(());
                    }
                }
            }
        }
    }

    fn start(&mut self, tag: Tag) {
        let depth = self.xml.depth();
        if matches!(&*tag.name, "item" | "entry") && self.item.is_none() {
            self.items += 1;
            self.item = Some((depth, Item::default()));
            self.field = None;
            return;
        }
        // Atom writes links as attributes; the one without `rel` or with `alternate` is the page.
        if tag.name == "link"
            && let Some(href) = tag.attribute("href")
            && matches!(tag.attribute("rel"), None | Some("alternate"))
        {
            let slot = self.item.as_mut().map_or(&mut self.link, |(_, item)| &mut item.link);
            slot.get_or_insert_with(|| href.to_owned());
        }
        const FIELDS: [&str; 13] = [
            "title",
            "link",
            "guid",
            "id",
            "creator",
            "name",
            "pubDate",
            "date",
            "published",
            "updated",
            "description",
            "summary",
            "encoded",
        ];
        if self.field.is_none() && (FIELDS.contains(&&*tag.name) || tag.name == "content") {
            self.field = Some((tag.name, depth, String::new()));
        }
    }

    fn end(&mut self) -> ControlFlow<()> {
        let depth = self.xml.depth() + 1;
        if let Some((_, open, _)) = &self.field
            && *open == depth
            && let Some((name, _, value)) = self.field.take()
        {
            self.learn(&name, value.trim());
        }
        if self.item.as_ref().is_some_and(|(open, _)| *open == depth)
            && let Some((_, item)) = self.item.take()
        {
            return self.message(item);
        }
        ControlFlow::Continue(())
    }

    fn learn(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let Some((_, item)) = &mut self.item else {
            // An image of the feed repeats title and link; the first ones are the feed's.
            match name {
                "title" => self.title.get_or_insert_with(|| value.to_owned()),
                "link" | "id" => self.link.get_or_insert_with(|| value.to_owned()),
                _ => return,
            };
            return;
        };
        let slot = match name {
            "title" => &mut item.title,
            "link" => &mut item.link,
            "guid" | "id" => &mut item.id,
            "creator" | "name" => &mut item.author,
            "pubDate" | "date" | "published" => &mut item.published,
            "updated" => &mut item.updated,
            "description" | "summary" => &mut item.summary,
            _ => &mut item.content,
        };
        slot.get_or_insert_with(|| value.to_owned());
    }

    fn message(&mut self, item: Item) -> ControlFlow<()> {
        let place = format!("item {}", self.items);
        let title = item.title.map(|title| from_html(&title).text).unwrap_or_default();
        let mut body = from_html(item.content.as_deref().or(item.summary.as_deref()).unwrap_or_default());
        if title.is_empty() && body.text.is_empty() {
            self.out.skip(place, Reason::MissingField, "the item has neither a title nor a text");
            return ControlFlow::Continue(());
        }
        if !title.is_empty() && !body.text.starts_with(&title) {
            let shift = title.len() as u32 + 1;
            for quote in &mut body.quotes {
                (quote.start, quote.end) = (quote.start + shift, quote.end + shift);
            }
            body.text = if body.text.is_empty() { title } else { format!("{title}\n{}", body.text) };
        }
        let mut message = RawMessage::new(self.source(), self.items, String::new());
        body.put(&mut message);
        message.native_id = item.id;
        message.author.name = item.author;
        message.links.extend(item.link.filter(|link| !message.text.contains(link.as_str())));
        message.posted_at = item.published.as_deref().or(item.updated.as_deref()).and_then(|date| self.date(date));
        if message.posted_at.is_none() {
            self.out.bad_date(place);
        }
        let edited = item.updated.as_deref().and_then(|date| self.date(date)).map(|found| found.at);
        message.edited_at = edited.filter(|at| message.posted_at.is_some_and(|posted| posted.at != *at));
        self.out.message(message)
    }

    fn source(&mut self) -> Arc<Source> {
        if let Some(source) = &self.source {
            return source.clone();
        }
        let name = self.title.clone().unwrap_or_else(|| self.stem.clone());
        let key = match self.link.as_ref().or(self.title.as_ref()) {
            Some(key) => format!("feed:{key}"),
            None => format!("file:{}", self.stem),
        };
        let source = Arc::new(Source { key, name, medium: Medium::LeakSite, url: self.link.clone() });
        self.source = Some(source.clone());
        source
    }

    fn date(&self, date: &str) -> Option<PostedAt> {
        dates::parse(date, self.zone, DayOrder::DayFirst)
    }
}
