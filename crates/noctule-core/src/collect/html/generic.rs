//! Threads of engines that have no collector of their own.
//!
//! # What it reads
//! Pages on which the same kind of block repeats beside each other, each with an author, a date and a text: threads of
//! small and home-made forums, comments below listings. The reason says how sure it is.
//!
//! # How
//! Dates are looked for first (`time`, or a short text with a telling class that reads as a date). Of the blocks
//! around them the kind that repeats most under one parent is taken. Author and text are the elements whose class,
//! `itemprop` or `rel` says so; without such a text element the largest part that holds neither date nor author. Four
//! of five blocks must be complete, or the page is not claimed.
//!
//! # Where it is wrong
//! - A thread with a single post is not recognized, nor is one whose posts are spread over several table rows.
//! - A list of articles with teasers looks like a thread. Lists whose texts are mostly links are told apart.
//! - Quotes are known by their element (`blockquote`) or class only.

use std::collections::HashMap;

use super::page::{Content, Page, Post, When, user_of_link};
use super::{Engine, machine_time, treat};
use crate::collect::dates::DayOrder;
use crate::collect::dates::local::{self, Clock, Local};
use crate::html::{self, Document, NodeId, Tag, Treat, url};
use crate::model::{Medium, Micros};

/// More dates than any page of a thread has.
const MAX_DATES: usize = 4000;
/// How far above its date a post's block may be.
const MAX_RISE: usize = 12;

pub struct Generic;

impl Engine for Generic {
    fn name(&self) -> &'static str {
        "generic-html"
    }

    fn about(&self) -> &'static str {
        "thread pages of unknown engines: repeated blocks with author, date and text"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        let doc = html::parse(head).ok()?;
        let found = blocks(&doc)?;
        Some(found.reason)
    }

    fn read(&self, page: &mut Page<'_>) {
        let Some(found) = blocks(page.doc) else { return };
        let root = page.root();
        page.title = page.line(root, &["h1", "title"]);
        page.thread_id = page.url.as_deref().and_then(|address| {
            let path = address.split_once("://")?.1.split_once('/')?.1.split(['?', '#']).next()?;
            path.split(['/', '-', '.'])
                .find_map(|part| url::leading_digits(part).filter(|id| id.len() == part.len()))
                .map(str::to_owned)
        });
        page.next_link(&["link[rel=next]", "a[rel=next]", "li.next a", "a.next"]);
        let name = page.line(root, &["title"]).unwrap_or_default().to_lowercase();
        if ["market", "маркет"].iter().any(|word| name.contains(word))
            && !name.contains("forum")
            && !name.contains("форум")
        {
            page.medium = Medium::Marketplace;
        }
        for block in found.blocks {
            let mut post = Post::new(block.node);
            post.id = id_of(page.doc, block.node);
            if let Some(author) = block.author {
                post.author.name = Some(page.doc.line(author));
                let link = page.own(author, "href").or_else(|| page.attribute(author, "a[href]", "href"));
                post.author.id = link.and_then(|href| user_of_link(&href));
            }
            post.posted = block.date.map_or(When::Missing, |date| page.time(date, ""));
            post.content = block.body.map_or(Content::Missing, Content::Node);
            page.posts.push(post);
        }
    }

    fn treat(&self, doc: &Document<'_>, node: NodeId) -> Treat {
        let class = doc.raw_attribute(node, "class").unwrap_or("");
        if class.contains("signature") || class.split_ascii_whitespace().any(|one| one == "sig") {
            return Treat::Drop;
        }
        treat::common(doc, node, true)
    }
}

struct Found {
    blocks: Vec<Block>,
    reason: String,
}

struct Block {
    node: NodeId,
    author: Option<NodeId>,
    date: Option<NodeId>,
    body: Option<NodeId>,
}

/// The posts of a page, if it is a thread.
fn blocks(doc: &Document<'_>) -> Option<Found> {
    let dates = dates(doc);
    let mut groups: HashMap<(NodeId, Tag, &str), Vec<NodeId>> = HashMap::new();
    for date in &dates {
        let mut at = *date;
        for _ in 0..MAX_RISE {
            let Some(parent) = doc.parent(at).filter(|parent| *parent != doc.root()) else { break };
            let class =
                doc.raw_attribute(at, "class").and_then(|class| class.split_ascii_whitespace().next()).unwrap_or("");
            let group = groups.entry((parent, doc.tag(at), class)).or_default();
            if group.last() != Some(&at) {
                group.push(at);
            }
            at = parent;
        }
    }
    // The most blocks; of as many the outermost, which lie first in the page.
    let ((_, tag, class), nodes) = groups
        .into_iter()
        .filter(|(_, nodes)| nodes.len() >= 2)
        .max_by_key(|((parent, ..), nodes)| (nodes.len(), std::cmp::Reverse(*parent)))?;
    let sizes = text_sizes(doc);
    let size = |node: NodeId| sizes[number(doc.end(node))] - sizes[number(node)];
    let mut next_date = dates.iter().copied().peekable();
    let all: Vec<Block> = nodes
        .iter()
        .map(|node| {
            while next_date.peek().is_some_and(|date| date < node) {
                next_date.next();
            }
            let date = next_date.peek().copied().filter(|date| doc.contains(*node, *date));
            let author = author(doc, *node, date);
            let body = body(doc, *node, author, date, &size);
            Block { node: *node, author, date, body }
        })
        .collect();
    let complete = all.iter().filter(|block| block.author.is_some() && block.body.is_some()).count();
    let share = complete * 100 / all.len();
    let bodies: Vec<NodeId> = all.iter().filter_map(|block| block.body).collect();
    let text: usize = bodies.iter().map(|body| size(*body)).sum();
    let linked: usize = bodies.iter().flat_map(|body| doc.outermost(*body, "a")).map(size).sum();
    let is_thread = complete >= 2 && share >= 80 && text >= 15 * bodies.len() && linked * 2 < text;
    let kind = format!("{tag:?}").to_lowercase();
    let kind = if class.is_empty() { kind } else { format!("{kind}.{class}") };
    is_thread.then(|| Found {
        reason: format!(
            "unknown engine: {} blocks of the same kind ({}), {share} % of them with author, date and text",
            all.len(),
            kind.chars().take(60).collect::<String>(),
        ),
        blocks: all,
    })
}

fn number(node: NodeId) -> usize {
    node.index()
}

/// How many bytes of text lie before each node.
fn text_sizes(doc: &Document<'_>) -> Vec<usize> {
    let mut sizes = vec![0];
    let mut sum = 0;
    sizes.extend(doc.descendants(doc.root()).map(|node| {
        let before = sum;
        let skipped = doc.parent(node).is_some_and(|parent| matches!(doc.tag(parent), Tag::Script | Tag::Style));
        sum += if skipped { 0 } else { doc.raw_text(node).trim().len() };
        before
    }));
    sizes.push(sum);
    sizes
}

/// What class, `itemprop` and `rel` of an element say.
fn says(doc: &Document<'_>, node: NodeId, words: &[&str]) -> bool {
    ["class", "itemprop", "rel", "id"].iter().any(|name| {
        doc.raw_attribute(node, name).is_some_and(|value| {
            value.len() < 300 && {
                let value = value.to_ascii_lowercase();
                words.iter().any(|word| value.contains(word))
            }
        })
    })
}

fn dates(doc: &Document<'_>) -> Vec<NodeId> {
    // Any time will do: only whether a text is a date matters here.
    let clock = Clock {
        zone: jiff::tz::TimeZone::UTC,
        zone_shown: false,
        now: Some(Micros::from_secs(1_700_000_000)),
        order: DayOrder::DayFirst,
    };
    let mut found: Vec<NodeId> = Vec::new();
    for node in doc.descendants(doc.root()) {
        let tag = doc.tag(node);
        if tag == Tag::Text || found.last().is_some_and(|last| doc.contains(*last, node)) {
            continue;
        }
        let is_date = if tag == Tag::Time || doc.raw_attribute(node, "data-time").is_some() {
            true
        } else if number(doc.end(node)) - number(node) <= 12
            && says(doc, node, &["date", "time", "posted", "when", "published", "created", "age"])
        {
            let line = doc.raw_attribute(node, "title").map_or_else(|| doc.line(node), str::to_owned);
            line.len() <= 80 && matches!(local::find(&line, &clock), Local::Found(_)) || machine_time(&line).is_some()
        } else {
            false
        };
        if is_date {
            found.push(node);
            if found.len() == MAX_DATES {
                break;
            }
        }
    }
    found
}

fn author(doc: &Document<'_>, block: NodeId, date: Option<NodeId>) -> Option<NodeId> {
    let fits = |node: &NodeId| {
        let small = number(doc.end(*node)) - number(*node) <= 10;
        let apart = date.is_none_or(|date| !doc.contains(*node, date) && !doc.contains(date, *node));
        small && apart && doc.tag(*node) != Tag::Text && doc.tag(*node) != Tag::Img
    };
    let names = |node: &NodeId| (1..=60).contains(&doc.line(*node).chars().count());
    let telling =
        ["username", "author", "nick", "poster", "user-name", "user_name", "creator", "handle", "vendor", "member"];
    doc.descendants(block)
        .find(|node| fits(node) && says(doc, *node, &telling) && names(node))
        .or_else(|| {
            doc.descendants(block).find(|node| fits(node) && says(doc, *node, &["user", "name"]) && names(node))
        })
        .or_else(|| {
            let profile = |node: &NodeId| {
                doc.tag(*node) == Tag::A
                    && doc.raw_attribute(*node, "href").is_some_and(|href| {
                        ["/user", "/u/", "/member", "/profile", "/vendor"].iter().any(|path| href.contains(path))
                    })
            };
            doc.descendants(block).find(|node| profile(node) && fits(node) && names(node))
        })
}

fn body(
    doc: &Document<'_>,
    block: NodeId,
    author: Option<NodeId>,
    date: Option<NodeId>,
    size: &dyn Fn(NodeId) -> usize,
) -> Option<NodeId> {
    let holds = |node: NodeId| {
        [author, date].into_iter().flatten().any(|other| doc.contains(node, other) || doc.contains(other, node))
    };
    let telling = ["content", "message", "body", "text", "comment", "post"];
    let candidates =
        || doc.descendants(block).filter(|node| doc.tag(*node) != Tag::Text && !holds(*node) && size(*node) > 0);
    // The first of the largest: an element around another one of the same size comes before it.
    let largest = |told: bool| {
        let mut best: Option<(usize, NodeId)> = None;
        for node in candidates() {
            if told && !says(doc, node, &telling) || says(doc, node, &["signature"]) {
                continue;
            }
            let size = size(node);
            if best.is_none_or(|(most, _)| size > most) {
                best = Some((size, node));
            }
        }
        best
    };
    largest(true).or_else(|| largest(false)).map(|(_, node)| node)
}

/// The number in a block's own `id`, its data, or an anchor inside of it.
fn id_of(doc: &Document<'_>, block: NodeId) -> Option<String> {
    let number = |value: &str| {
        let digits = value.bytes().rev().take_while(u8::is_ascii_digit).count();
        let prefix = value.len() - digits;
        ((1..=20).contains(&digits) && value[..prefix].bytes().all(|b| !b.is_ascii_digit()))
            .then(|| value[prefix..].to_owned())
    };
    for name in ["data-post-id", "data-pk", "data-comment-id", "data-pid", "data-id", "id"] {
        if let Some(id) = doc.raw_attribute(block, name).and_then(number) {
            return Some(id);
        }
    }
    doc.descendants(block).take(200).filter(|node| doc.tag(*node) == Tag::A).find_map(|node| {
        doc.raw_attribute(node, "id")
            .or_else(|| doc.raw_attribute(node, "name"))
            .and_then(number)
            .or_else(|| doc.raw_attribute(node, "href").and_then(|href| number(href.rsplit_once('#')?.1)))
    })
}
