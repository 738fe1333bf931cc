//! XMB threads.
//!
//! # What it reads
//! Saved `viewthread.php` pages of XMB 1.9.
//!
//! # How
//! Recognized by links to `viewthread.php?tid=` beside its name. The page is one table: a post begins with the row that
//! has `a[name=pidN]` and a cell over several rows with the author; the date stands in the other cell, the text in
//! the row below.
//!
//! # Where it is wrong
//! - Dates are words in the board's language; authors have no number there.

use super::Engine;
use super::page::{Content, Page, Post, When, digits_of};
use crate::html::{NodeId, Tag, url};

/// A row of a post has no more parts; looking at more would make hostile rows slow.
const MAX_CELLS: usize = 32;

pub struct Xmb;

impl Engine for Xmb {
    fn name(&self) -> &'static str {
        "xmb-html"
    }

    fn about(&self) -> &'static str {
        "saved thread pages of XMB"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        (head.contains("viewthread.php?tid=") && (head.contains("XMB") || head.contains("xmb")))
            .then(|| "a page of XMB: its name and links to viewthread.php".into())
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        page.title = page
            .line(root, &["td.nav", ".nav"])
            .map(|line| line.rsplit_once('»').map_or(line.as_str(), |(_, title)| title).trim().to_owned());
        let link = page.attribute(root, "a[href*='viewthread.php?tid=']", "href");
        page.thread_id = page
            .url
            .clone()
            .into_iter()
            .chain(link)
            .find_map(|address| url::leading_digits(url::parameter(&address, "tid")?).map(str::to_owned));
        page.next_link(&["link[rel=next]", "a[rel=next]"]);
        let mut last = None;
        for anchor in page.doc.find_all(root, "a[name^=pid]") {
            let Some(id) = digits_of(page.doc, anchor, "name", "pid") else { continue };
            let Some(row) = row_of(page, anchor).filter(|row| last != Some(*row)) else { continue };
            last = Some(row);
            let spans = |cell: &NodeId| page.doc.raw_attribute(*cell, "rowspan").is_some();
            let cells: Vec<NodeId> =
                page.doc.children(row).take(MAX_CELLS).filter(|node| page.doc.tag(*node) == Tag::Td).collect();
            let mut post = Post::new(row);
            post.id = Some(id);
            if let Some(cell) = cells.iter().find(|cell| spans(cell)) {
                post.author.name = page.line(*cell, &["font.mediumtxt", ".mediumtxt", "strong", "b"]);
            }
            let date = cells.iter().find(|cell| !spans(cell));
            post.posted = date.map_or(When::Missing, |cell| {
                let small =
                    page.first_of(*cell, &["td.smalltxt", "div.smalltext", ".smalltxt", ".smalltext"]).unwrap_or(*cell);
                page.time(small, "")
            });
            let mut below = page.doc.next_sibling(row);
            while let Some(next) = below.filter(|next| page.doc.tag(*next) == Tag::Text) {
                below = page.doc.next_sibling(next);
            }
            let body = below
                .and_then(|below| page.doc.children(below).take(MAX_CELLS).find(|cell| page.doc.tag(*cell) == Tag::Td));
            if let Some(body) = body {
                // A post is whole when its text is.
                post.node = body;
                post.content = Content::Node(page.first_of(body, &["font.mediumtxt", "div.mediumtxt"]).unwrap_or(body));
            }
            page.posts.push(post);
        }
    }
}

fn row_of(page: &Page<'_>, inner: NodeId) -> Option<NodeId> {
    let mut at = page.doc.parent(inner);
    while let Some(node) = at {
        if page.doc.tag(node) == Tag::Tr
            && page.doc.children(node).take(MAX_CELLS).any(|cell| page.doc.raw_attribute(cell, "rowspan").is_some())
        {
            return Some(node);
        }
        at = page.doc.parent(node);
    }
    None
}
