//! vBulletin 5 threads.
//!
//! # What it reads
//! Saved thread pages of vBulletin 5: the posts of a conversation.
//!
//! # How
//! Recognized by its generator or the classes of its posts. A post is `li.b-post[data-node-id]`, its text
//! `.js-post__content-text`, its date `time[itemprop=dateCreated]`.
//!
//! # Where it is wrong
//! - Comments below posts are not read.
//! - The machine-readable date is in the board's zone and does not say which.

use super::page::{Content, Page, Post, When, user_of_link};
use super::{Engine, treat};
use crate::html::{Document, NodeId, Treat, url};

pub struct VBulletin5;

impl Engine for VBulletin5 {
    fn name(&self) -> &'static str {
        "vbulletin5-html"
    }

    fn about(&self) -> &'static str {
        "saved thread pages of vBulletin 5"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        (head.contains("content=\"vBulletin 5") || head.contains("b-post__") || head.contains("id=\"vb-page-body\""))
            .then(|| "a page of vBulletin 5: its generator or the classes of its posts".into())
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        page.title = page.line(root, &["h1.main-title", ".b-post__title"]);
        page.thread_id = page
            .attribute(
                root,
                "[data-channel-id][data-node-id].conversation-content, .conversation-content[data-node-id]",
                "data-node-id",
            )
            .or_else(|| {
                let name = page.url.as_deref()?.split(['?', '#']).next()?.rsplit('/').find(|part| !part.is_empty())?;
                url::leading_digits(name).map(str::to_owned)
            });
        page.next_link(&["link[rel=next]", "a.js-pagenav-next-button", "a[rel=next]"]);
        for node in page.doc.outermost(root, "li.b-post[data-node-id], .conversation-list > li[data-node-id]") {
            let mut post = Post::new(node);
            post.id = page.own(node, "data-node-id");
            let author = page.first_of(node, &[".author a", "[itemprop=author] a", ".author", "[data-vbnamecard]"]);
            post.author.name = author.map(|author| page.doc.line(author));
            post.author.id = author.and_then(|author| {
                page.own(author, "data-vbnamecard").or_else(|| user_of_link(&page.own(author, "href")?))
            });
            let time = page.first_of(node, &["time[itemprop=dateCreated]", ".b-post__timestamp time", "time"]);
            post.posted = time.map_or(When::Missing, |time| match page.own(time, "datetime") {
                // A date without zone is for the board's clock.
                Some(date) if !date.ends_with('Z') && !date.get(19..).is_some_and(|zone| zone.contains(['+', '-'])) => {
                    When::Text(date.replace('T', " "))
                }
                _ => page.time(time, ""),
            });
            post.edited = page.find(node, ".b-post__edit").map_or(When::Missing, |note| page.time(note, "a"));
            post.content = page
                .first_of(node, &[".js-post__content-text", "[itemprop=text]"])
                .map_or(Content::Missing, Content::Node);
            page.posts.push(post);
        }
    }

    fn treat(&self, doc: &Document<'_>, node: NodeId) -> Treat {
        treat::common(doc, node, false)
    }
}
