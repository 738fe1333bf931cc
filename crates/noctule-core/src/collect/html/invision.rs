//! Invision Community 4 and 5 topics.
//!
//! # What it reads
//! Saved topic pages of Invision Community (IP.Board 4, Invision 5).
//!
//! # How
//! Recognized by its scripts and classes. A post is `article#elComment_N`, its text `[data-role=commentContent]`, its
//! date the first `time[datetime]`, in UTC. Recommended posts above the first one repeat posts of the thread and are
//! passed over.
//!
//! # Where it is wrong
//! - IP.Board 3 and before are not read.
//! - The edit note's date counts only where it is a `time` element.

use super::Engine;
use super::page::{Content, Page, Post, When, digits_of, user_of_link};
use crate::html::url;

pub struct Invision;

impl Engine for Invision {
    fn name(&self) -> &'static str {
        "invision-html"
    }

    fn about(&self) -> &'static str {
        "saved topic pages of Invision Community 4 and 5"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        ["ipsSettings", "ipsApp", "ipsLayout_", "data-ips-hook", "Invision Community"]
            .iter()
            .find(|mark| head.contains(*mark))
            .map(|mark| format!("a page of Invision Community: {mark}"))
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        let title = ["h1.ipsType_pageTitle", "h1[data-ips-hook=title]", "h1.ipsPageHeader__title", "h1"];
        page.title =
            page.first_of(root, &title).map(|node| page.line_without(node, ".ipsBadge, .ipsTag, .ipsTag_prefix"));
        page.thread_id = page
            .url
            .as_deref()
            .and_then(|address| url::leading_digits(address.split_once("/topic/")?.1).map(str::to_owned));
        page.next_link(&["link[rel=next]", "li.ipsPagination_next a", "li.ipsPagination__next a"]);
        // The address of the last page is named "next", too, when there is no next page.
        if page.find(root, "li.ipsPagination_next.ipsPagination_inactive").is_some() {
            page.next = None;
        }
        for node in page.doc.outermost(root, "article[id^=elComment_]") {
            if page.doc.closest(node, "[data-role=recommendedComments]").is_some() {
                continue;
            }
            let mut post = Post::new(node);
            post.id = digits_of(page.doc, node, "id", "elComment_");
            let author = page.first_of(
                node,
                &[
                    "h3.cAuthorPane_author a",
                    ".cAuthorPane_author a",
                    ".cAuthorPane_author",
                    "a.ipsUsername",
                    ".ipsEntry__username",
                    ".ipsUsername",
                ],
            );
            post.author.name = author.map(|author| page.doc.line(author));
            post.author.id = author.and_then(|author| user_of_link(&page.own(author, "href")?));
            post.posted = page.find(node, "time[datetime]").map_or(When::Missing, |time| page.time(time, ""));
            post.edited = page
                .first_of(node, &["[data-excludequote] time", ".ipsComment_edited time", ".ipsEntry__edited time"])
                .map_or(When::Missing, |time| page.time(time, ""));
            post.content = page.first_of(node, &["[data-role=commentContent]"]).map_or(Content::Missing, Content::Node);
            page.posts.push(post);
        }
    }
}
