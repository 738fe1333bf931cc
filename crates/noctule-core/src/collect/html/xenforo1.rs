//! XenForo 1 threads.
//!
//! # What it reads
//! Saved thread pages of XenForo 1.x with author, number, date, edit and quotes.
//!
//! # How
//! Recognized by `html#XenForo`. A post is `li.message#post-N[data-author]`, its text `blockquote.messageText`. Recent
//! dates carry a Unix time, older ones only words in the language and zone of the board.
//!
//! # Where it is wrong
//! - The zone of older dates is rarely shown; then it is the zone that was given for the input.

use super::Engine;
use super::page::{Content, Page, Post, When, digits_of, user_of_link};
use crate::html::url;

pub struct XenForo1;

impl Engine for XenForo1 {
    fn name(&self) -> &'static str {
        "xenforo1-html"
    }

    fn about(&self) -> &'static str {
        "saved thread pages of XenForo 1"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        ["id=\"XenForo\"", "id='XenForo'"]
            .iter()
            .any(|mark| head.contains(mark))
            .then(|| "a page of XenForo 1: html#XenForo".into())
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        page.title = page.find(root, ".titleBar h1, h1").map(|node| page.line_without(node, ".prefix"));
        page.thread_id = page.url.as_deref().and_then(|address| {
            let name = address.split_once("threads/")?.1.split(['/', '?', '#']).next()?;
            url::leading_digits(name.rsplit_once('.').map_or(name, |(_, id)| id)).map(str::to_owned)
        });
        page.next_link(&["link[rel=next]", ".PageNav a.text"]);
        for node in page.doc.outermost(root, "li.message[id^=post-]") {
            let mut post = Post::new(node);
            post.id = digits_of(page.doc, node, "id", "post-");
            post.author.name = page.own(node, "data-author").or_else(|| page.line(node, &["a.username", ".username"]));
            post.author.id = page.attribute(node, "a.username", "href").and_then(|href| user_of_link(&href));
            let date = [".messageMeta .DateTime", ".messageDetails .DateTime", ".datePermalink .DateTime", ".DateTime"];
            post.posted = page.first_of(node, &date).map_or(When::Missing, |date| page.time(date, ""));
            post.edited = page.find(node, ".editDate .DateTime").map_or(When::Missing, |date| page.time(date, ""));
            post.content = page
                .first_of(node, &["blockquote.messageText", ".messageText"])
                .map_or(Content::Missing, Content::Node);
            page.posts.push(post);
        }
    }
}
