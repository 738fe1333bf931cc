//! Simple Machines Forum 1 topics.
//!
//! # What it reads
//! Saved topic pages of SMF 1.0 and 1.1.
//!
//! # How
//! Recognized as SMF without the marks of version 2. The page is tables: a post is the row that holds `#subject_N` and a
//! cell over two rows with the author; its text is `div.post`.
//!
//! # Where it is wrong
//! - Dates are words in the board's language, and no zone is shown.

use super::Engine;
use super::page::{Content, Page, Post, When, digits_of, user_of_link};
use super::smf::{is_smf, thread};
use crate::html::{NodeId, Tag};

/// A row of a post has no more parts; looking at more would make hostile rows slow.
const MAX_CELLS: usize = 32;

pub struct Smf1;

impl Engine for Smf1 {
    fn name(&self) -> &'static str {
        "smf1-html"
    }

    fn about(&self) -> &'static str {
        "saved topic pages of Simple Machines Forum 1"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        is_smf(head).then(|| "a page of Simple Machines Forum without the marks of version 2".into())
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        thread(page);
        let mut last = None;
        for subject in page.doc.find_all(root, "[id^=subject_]") {
            let Some(id) = digits_of(page.doc, subject, "id", "subject_") else { continue };
            let Some(node) = row_of(page, subject).filter(|row| last != Some(*row)) else { continue };
            last = Some(node);
            let mut post = Post::new(node);
            let cell =
                page.doc.children(node).take(MAX_CELLS).find(|cell| page.doc.raw_attribute(*cell, "rowspan").is_some());
            let author = cell.and_then(|cell| page.first_of(cell, &["b a[href*='u=']", "b a", "b"]));
            post.author.name = author.map(|author| page.doc.line(author));
            post.author.id = author.and_then(|author| user_of_link(&page.own(author, "href")?));
            let date = page.doc.find_all(node, ".smalltext").into_iter().find(|text| *text > subject);
            post.posted = date.map_or(When::Missing, |date| page.time(date, ""));
            // The note stands in the row below, inside of the same table.
            let table = page.doc.closest(node, "table").unwrap_or(node);
            post.edited =
                page.find(table, &format!("#modified_{id}")).map_or(When::Missing, |note| page.time(note, "a"));
            post.content = page.find(node, "div.post").map_or(Content::Missing, Content::Node);
            post.id = Some(id);
            page.posts.push(post);
        }
    }
}

/// The innermost row around with a cell of its own that spans rows.
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
