//! NodeBB topics.
//!
//! # What it reads
//! Saved topic pages of NodeBB 1 to 4 in its standard themes.
//!
//! # How
//! Recognized by `component="…"` attributes. A post is `[component=post][data-pid]` with user, name and Unix time in
//! its attributes, its text `[component="post/content"]`. The API's JSON is another format.
//!
//! # Where it is wrong
//! - Only the posts that the page had loaded when it was saved are in it.

use super::page::{Content, Page, Post, When};
use super::{Engine, machine_time};

pub struct NodeBb;

impl Engine for NodeBb {
    fn name(&self) -> &'static str {
        "nodebb-html"
    }

    fn about(&self) -> &'static str {
        "saved topic pages of NodeBB"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        let marks = ["component=\"post\"", "component=\"topic", "component=\"post/"];
        (marks.iter().any(|mark| head.contains(mark)) || head.contains("component=\"") && head.contains("NodeBB"))
            .then(|| "a page of NodeBB: its component attributes".into())
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        page.title = page.line(root, &["[component=topic/title]", "h1"]);
        page.thread_id = page.attribute(root, "[component=topic][data-tid]", "data-tid").or_else(|| {
            let (_, rest) = page.url.as_deref()?.split_once("/topic/")?;
            crate::html::url::leading_digits(rest).map(str::to_owned)
        });
        page.next_link(&["link[rel=next]", "a[rel=next]"]);
        for node in page.doc.outermost(root, "[component=post][data-pid]") {
            let mut post = Post::new(node);
            post.id = page.own(node, "data-pid");
            post.author.name = page.own(node, "data-username").or_else(|| page.line(node, &["[itemprop=author]"]));
            post.author.id = page.own(node, "data-uid").filter(|id| id != "0");
            post.posted = page.own(node, "data-timestamp").and_then(|time| machine_time(&time)).map_or_else(
                || page.find(node, ".timeago").map_or(When::Missing, |time| page.time(time, "")),
                When::At,
            );
            post.edited = page
                .first_of(
                    node,
                    &[
                        "[component=post/editor] [title]",
                        "[component=post/edit-indicator] [title]",
                        "[component=post/edit-indicator]",
                    ],
                )
                .and_then(|note| page.own(note, "title").or_else(|| page.own(note, "datetime")))
                .and_then(|time| machine_time(&time))
                .map_or(When::Missing, When::At);
            post.reply_to = page.attribute(node, "[component=post/parent]", "data-topid");
            post.hidden = page.doc.has_class(node, "deleted");
            post.content = page.find(node, "[component=post/content]").map_or(Content::Missing, Content::Node);
            page.posts.push(post);
        }
    }
}
