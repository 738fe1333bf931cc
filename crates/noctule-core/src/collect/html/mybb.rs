//! MyBB 1.8 threads.
//!
//! # What it reads
//! Saved `showthread.php` pages of MyBB 1.6 and 1.8 and of the many forums that changed its look.
//!
//! # How
//! Recognized by its scripts or its name. A post is `div.post#post_N`, its text `div.post_body#pid_N`. For "5 hours ago"
//! and "Yesterday" the day stands in the title of the word.
//!
//! # Where it is wrong
//! - Dates are words; MyBB writes the month first unless told otherwise, and shows no zone. The order is taken from
//!   the first date on the page that can be read one way only, else from whether half days are written.
//! - Without a canonical address and a title the mirrors of a board are different boards.

use super::page::{Content, Page, Post, When, digits_of, user_of_link};
use super::{Engine, treat};
use crate::html::{Document, NodeId, Treat, url};

pub struct MyBb;

impl Engine for MyBb {
    fn name(&self) -> &'static str {
        "mybb-html"
    }

    fn about(&self) -> &'static str {
        "saved thread pages of MyBB 1.6 and 1.8"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        ["my_post_key", "Powered By MyBB", "Powered by MyBB", "MyBB.", "class=\"post_body", "jscripts/thread.js"]
            .iter()
            .find(|mark| head.contains(*mark))
            .map(|mark| format!("a page of MyBB: {mark}"))
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        page.title = page
            .line(root, &[".navigation span.active", ".breadcrumb .active", "h1.thread-title", "td.thead strong"])
            .or_else(|| page.line(root, &["title"]));
        let link = page
            .first_of(root, &["a[href*='printthread.php?tid=']", "a[href*='newreply.php?tid=']", "a[href*='tid=']"]);
        let link = link.and_then(|node| page.own(node, "href"));
        page.thread_id = page
            .url
            .clone()
            .into_iter()
            .chain(link)
            .find_map(|address| url::leading_digits(url::parameter(&address, "tid")?).map(str::to_owned))
            .or_else(|| page.attribute(root, "input[name=tid]", "value"));
        page.next_link(&["link[rel=next]", "a.pagination_next"]);
        page.board = page.line(root, &["#bridge a.navigation-first", ".navigation > a"]);
        page.clock = page.line(root, &["#current_time", "#footer .lower .wrapper #current_time"]);
        for node in page.doc.outermost(root, "[id^=post_]") {
            let Some(id) = digits_of(page.doc, node, "id", "post_") else { continue };
            let mut post = Post::new(node);
            let author = page.first_of(
                node,
                &[
                    ".author_information .largetext a[href*=profile]",
                    ".author_information .largetext a",
                    ".author_information .largetext",
                    ".post_author a[href*=profile]",
                    ".author a",
                ],
            );
            post.author.name = author.map(|author| page.doc.line(author));
            post.author.id = author.and_then(|author| user_of_link(&page.own(author, "href")?));
            post.posted = page
                .first_of(node, &[".post_date", ".post-date"])
                .map_or(When::Missing, |date| page.time(date, ".post_edit, .edited_post"));
            post.edited =
                page.first_of(node, &[".edited_post", ".post_edit"]).map_or(When::Missing, |note| page.time(note, "a"));
            let body = page.find(node, &format!("#pid_{id}")).or_else(|| page.find(node, ".post_body"));
            post.content = body.map_or(Content::Missing, Content::Node);
            post.id = Some(id);
            page.posts.push(post);
        }
    }

    fn treat(&self, doc: &Document<'_>, node: NodeId) -> Treat {
        treat::common(doc, node, true)
    }
}
