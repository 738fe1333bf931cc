//! phpBB 3 topics.
//!
//! # What it reads
//! Saved topic pages in phpBB's standard style (prosilver) and its descendants, 3.0 to 3.3.
//!
//! # How
//! Recognized by `body#phpbb`, or by its name beside `viewtopic`. A post is `div.post#pN`, its text `div.content`. Since
//! 3.2 the time stands in `<time datetime>`; before, the date is what follows `»` in the author's line, in the
//! language of the board and in the zone of its "All times are UTC+03:00".
//!
//! # Where it is wrong
//! - The old style subsilver2 is not read.
//! - The zone is the one at the time of the capture; of a board with summer time half of the year is an hour off.

use super::Engine;
use super::page::{Content, Page, Post, When, digits_of, user_of_link};
use crate::html::url;

pub struct PhpBb;

impl Engine for PhpBb {
    fn name(&self) -> &'static str {
        "phpbb3-html"
    }

    fn about(&self) -> &'static str {
        "saved topic pages of phpBB 3"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        if head.contains("id=\"phpbb\"") || head.contains("id='phpbb'") {
            Some("a page of phpBB 3: body#phpbb".into())
        } else if head.contains("phpBB") && head.contains("viewtopic.php") {
            Some("a page of phpBB: its name and links to viewtopic.php".into())
        } else {
            None
        }
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        let heading = page.first_of(
            root,
            &["h2.topic-title a", "h2.topic-title", "#page-body h2 a", "h1.topic-title", "h2 a[href*=viewtopic]"],
        );
        page.title = heading.map(|node| page.doc.line(node));
        let link = heading.and_then(|node| page.own(node, "href"));
        page.thread_id = [page.url.clone(), link]
            .into_iter()
            .flatten()
            .find_map(|address| url::leading_digits(url::parameter(&address, "t")?).map(str::to_owned));
        page.next_link(&[
            "link[rel=next]",
            ".pagination a[rel=next]",
            ".pagination .arrow.next a",
            ".pagination li.next a",
        ]);
        page.board = page.line(root, &["#site-description h1", ".site-description h1", "#site-description p.sitename"]);
        for node in page.doc.outermost(root, "div.post[id^=p]") {
            let Some(id) = digits_of(page.doc, node, "id", "p") else { continue };
            if page.doc.closest(node, "#topicreview").is_some() {
                continue;
            }
            let mut post = Post::new(node);
            post.id = Some(id);
            let author = [
                "p.author a.username",
                "p.author a.username-coloured",
                ".postprofile a.username",
                ".postprofile a.username-coloured",
                "p.author .username",
                "p.author .username-coloured",
                ".postprofile dt a[href*=viewprofile]",
                ".postprofile .username",
                "p.author strong a",
                "p.author strong",
            ];
            let author = page.first_of(node, &author);
            post.author.name = author.map(|author| page.doc.line(author));
            post.author.id = author.and_then(|author| user_of_link(&page.own(author, "href")?));
            post.posted = page.find(node, "p.author time").map_or_else(
                || {
                    let line = page.line(node, &["p.author"]).unwrap_or_default();
                    let date = line.rsplit_once('»').map_or(line.as_str(), |(_, date)| date).trim();
                    if date.is_empty() { When::Missing } else { When::Text(date.to_owned()) }
                },
                |time| page.time(time, ""),
            );
            // "Last edited by NAME on DATE, edited 2 times in total."
            post.edited = page.find(node, "div.notice").map_or(When::Missing, |notice| page.time(notice, "a, em"));
            post.content = page.first_of(node, &["div.content"]).map_or(Content::Missing, Content::Node);
            page.posts.push(post);
        }
    }
}
