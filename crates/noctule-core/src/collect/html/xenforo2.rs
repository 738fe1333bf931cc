//! XenForo 2 threads.
//!
//! # What it reads
//! Saved thread pages of XenForo 2.0 to 2.3: posts, and the first post of articles. Author and number by the `data-`
//! attributes, Unix time of posts and edits, quotes with the post they are taken from.
//!
//! # How
//! Recognized by `html#XF`. A post is `article.message[data-content="post-N"]`, its text `div.bbWrapper` of the
//! message's body and not of its signature.
//!
//! # Where it is wrong
//! - Comments on profiles, resources and media are not read.
//! - A quote whose poster deleted its source has no edge.

use super::Engine;
use super::page::{Content, Page, Post, When, digits_of};
use crate::html::url;

pub struct XenForo2;

impl Engine for XenForo2 {
    fn name(&self) -> &'static str {
        "xenforo2-html"
    }

    fn about(&self) -> &'static str {
        "saved thread pages of XenForo 2"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        ["id=\"XF\"", "id='XF'", "id=XF "]
            .iter()
            .any(|mark| head.contains(mark))
            .then(|| "a page of XenForo 2: html#XF".into())
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        page.title = page.find(root, "h1.p-title-value").map(|node| page.line_without(node, ".label, .label-append"));
        page.thread_id = page
            .attribute(root, "html[data-content-key]", "data-content-key")
            .and_then(|key| key.strip_prefix("thread-").map(str::to_owned))
            .or_else(|| thread_of(page.url.as_deref()?));
        page.next_link(&["a.pageNav-jump--next", "link[rel=next]"]);
        for node in page.doc.outermost(
            root,
            "article.message[data-content^=post-], article.message--post, div.MessageCard[data-content^=post-]",
        ) {
            let mut post = Post::new(node);
            post.id = digits_of(page.doc, node, "data-content", "post-")
                .or_else(|| digits_of(page.doc, node, "id", "js-post-"));
            post.author.name = page
                .own(node, "data-author")
                .or_else(|| page.line(node, &[".message-name .username", ".message-name"]));
            post.author.id = page
                .first_of(node, &[".message-user [data-user-id]", ".message-name [data-user-id]", "[data-user-id]"])
                .and_then(|user| page.own(user, "data-user-id"))
                .filter(|id| id != "0");
            let time =
                [".message-attribution-main time", ".message-attribution time", ".message-date time", "time.u-dt"];
            post.posted = page.first_of(node, &time).map_or(When::Missing, |time| page.time(time, ""));
            post.edited = page.find(node, ".message-lastEdit time").map_or(When::Missing, |time| page.time(time, ""));
            let body = [".message-body .bbWrapper", ".message-content .bbWrapper", ".MessageCard__message .bbWrapper"];
            post.content = page.first_of(node, &body).map_or(Content::Missing, Content::Node);
            page.posts.push(post);
        }
    }
}

/// `/threads/name.12/`, `/threads/12/`.
fn thread_of(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("threads/")?;
    let name = rest.split(['/', '?', '#']).next()?;
    let id = name.rsplit_once('.').map_or(name, |(_, id)| id);
    url::leading_digits(id).map(str::to_owned)
}
