//! Simple Machines Forum 2 topics.
//!
//! # What it reads
//! Saved topic pages of SMF 2.0 and 2.1.
//!
//! # How
//! Recognized by its script variables or its name. A post is `div.post_wrapper`, its number that of `#msg_N`, its text
//! `div.inner`; the date is "« Reply #3 on: DATE »" or, since 2.1, the text of the post's own link.
//!
//! # Where it is wrong
//! - Dates are words in the board's language, and no zone is shown.

use super::Engine;
use super::page::{Content, Page, Post, When, digits_of, user_of_link};
use crate::html::url;

pub struct Smf;

impl Engine for Smf {
    fn name(&self) -> &'static str {
        "smf2-html"
    }

    fn about(&self) -> &'static str {
        "saved topic pages of Simple Machines Forum 2"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        (is_smf(head)
            && ["smf_default_theme_url", "forumposts", "smf_member_id", "SMF 2."]
                .iter()
                .any(|mark| head.contains(mark)))
        .then(|| "a page of Simple Machines Forum 2: its script variables".into())
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        thread(page);
        for node in page.doc.outermost(root, "div.post_wrapper") {
            let Some(body) = page.first_of(node, &["div.inner[id^=msg_]", "div.inner", "div.post > div"]) else {
                continue;
            };
            let mut post = Post::new(node);
            post.id = digits_of(page.doc, body, "id", "msg_").or_else(|| page.own(body, "data-msgid"));
            let author =
                page.first_of(node, &[".poster h4 a[href*='u=']", ".poster h4 a[href*=profile]", ".poster h4"]);
            post.author.name = author.map(|author| page.doc.line(author));
            post.author.id = author.and_then(|author| user_of_link(&page.own(author, "href")?));
            let date = page.first_of(node, &[".postinfo a.smalltext", ".postinfo .smalltext", ".keyinfo .smalltext"]);
            post.posted = date.map_or(When::Missing, |date| page.time(date, ".page_number"));
            post.edited = page
                .first_of(node, &["[id^=modified_]", ".modified"])
                .map_or(When::Missing, |note| page.time(note, "a"));
            post.content = Content::Node(body);
            page.posts.push(post);
        }
    }
}

/// The variables that pages of every version set.
pub(super) fn is_smf(head: &str) -> bool {
    ["smf_scripturl", "smf_theme_url", "Powered by SMF", "Simple Machines"].iter().any(|mark| head.contains(mark))
}

/// Title, number and next page of the topic, of every version.
pub(super) fn thread(page: &mut Page<'_>) {
    let root = page.root();
    page.title = page.line(root, &[".display_title", "#display_head h2"]).or_else(|| {
        // "Topic: TITLE (Read 12 times)"
        let line = page.line(root, &["#top_subject"])?;
        let line = line.split_once(": ").map_or(line.as_str(), |(_, title)| title);
        Some(line.rsplit_once('(').map_or(line, |(title, _)| title).trim().to_owned())
    });
    let link = page.attribute(root, "a[href*='topic=']", "href");
    // Every link starts with the address that the board is set up with, which is the same on its mirrors.
    if page.url.is_none()
        && let Some(address) = link.clone().filter(|address| url::host(address).is_some())
    {
        page.base.get_or_insert_with(|| address.clone());
        page.url = Some(address);
    }
    page.thread_id = page
        .url
        .clone()
        .into_iter()
        .chain(link)
        .find_map(|address| url::leading_digits(address.split_once("topic=")?.1).map(str::to_owned));
    page.next = next(page);
    page.board = page.line(root, &["#header h1.forumtitle", "h1.forumtitle", ".forumtitle"]);
    page.clock = page.line(root, &["#smf_time", ".inline_user .time", "#user .time", "time.time"]);
}

/// The link behind the number of this page; `link[rel=next]` is the next topic.
fn next(page: &Page<'_>) -> Option<String> {
    let number = |node| page.doc.line(node).parse::<u32>().ok();
    page.doc.find_all(page.root(), "a.navPages, a.nav_page").into_iter().take(100).find_map(|link| {
        let siblings = page.doc.children(page.doc.parent(link)?).take(100);
        let mut current =
            siblings.filter(|node| page.doc.matches(*node, "strong, b, .current_page")).filter_map(number);
        let next = current.next()? + 1;
        (number(link)? == next).then(|| url::resolve(page.base.as_deref(), &page.own(link, "href")?))?
    })
}
