//! vBulletin 4 threads.
//!
//! # What it reads
//! Saved thread pages of vBulletin 4.x, both forms of its post box.
//!
//! # How
//! Recognized by `html#vbulletin_html` or its generator. A post is `li.postbit…#post_N`, its text `#post_message_N`.
//!
//! # Where it is wrong
//! - Dates are words in the board's language; the zone is taken from "All times are GMT +3".
//! - An indent is a block quote without a class there, and is the author's own text.

use super::page::{Content, Page, Post, When, digits_of, user_of_link};
use super::{Engine, treat};
use crate::html::{Document, NodeId, Treat, url};

pub struct VBulletin4;

impl Engine for VBulletin4 {
    fn name(&self) -> &'static str {
        "vbulletin4-html"
    }

    fn about(&self) -> &'static str {
        "saved thread pages of vBulletin 4"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        (head.contains("id=\"vbulletin_html\"") || head.contains("content=\"vBulletin 4"))
            .then(|| "a page of vBulletin 4: html#vbulletin_html or its generator".into())
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        page.title = page.line(root, &[".threadtitle a", ".threadtitle", "#pagetitle h1"]);
        let link = page.attribute(root, ".threadtitle a", "href");
        page.thread_id = page.url.clone().into_iter().chain(link).find_map(|address| thread_of(&address));
        page.next_link(&["link[rel=next]", ".prev_next a[rel=next]", "a[rel=next]"]);
        for node in page.doc.outermost(root, "li[id^=post_]") {
            let Some(id) = digits_of(page.doc, node, "id", "post_") else { continue };
            let mut post = Post::new(node);
            let author = page.first_of(node, &[".userinfo a.username", "a.username", ".username"]);
            post.author.name = author.map(|author| page.doc.line(author));
            post.author.id = author.and_then(|author| user_of_link(&page.own(author, "href")?));
            post.posted = page
                .first_of(node, &[".postdate .date", ".posthead .date", ".date"])
                .map_or(When::Missing, |date| page.time(date, ""));
            post.edited = page.find(node, ".lastedited").map_or(When::Missing, |note| page.time(note, "a"));
            let body = format!("#post_message_{id}");
            let body = page.find(node, &body);
            post.content = body
                .and_then(|body| page.first_of(body, &["blockquote.postcontent", "blockquote"]).or(Some(body)))
                .map_or(Content::Missing, Content::Node);
            post.id = Some(id);
            page.posts.push(post);
        }
    }

    fn treat(&self, doc: &Document<'_>, node: NodeId) -> Treat {
        treat::common(doc, node, false)
    }
}

/// `showthread.php?12-name`, `showthread.php?t=12`, `/threads/12-name`.
fn thread_of(address: &str) -> Option<String> {
    let id = url::parameter(address, "t")
        .or_else(|| address.split_once("showthread.php?").map(|(_, rest)| rest))
        .or_else(|| address.split_once("showthread.php/").map(|(_, rest)| rest))
        .or_else(|| address.split_once("threads/").map(|(_, rest)| rest))?;
    url::leading_digits(id).map(str::to_owned)
}
