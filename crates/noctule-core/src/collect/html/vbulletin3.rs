//! vBulletin 3 threads.
//!
//! # What it reads
//! Saved `showthread.php` pages of vBulletin 3.5 to 3.8.
//!
//! # How
//! Recognized by the generator "vBulletin 3" or `style#vbulletin_css`. A post is `table#postN`, its text
//! `div#post_message_N`, its date the first `td.thead`. A quote is an indented box with a small heading and a table; a
//! code box has the same heading and no table.
//!
//! # Where it is wrong
//! - Dates are words in the board's language; the zone is taken from "All times are GMT +3".
//! - Skins that replace the posts' tables by other elements are not read.

use super::page::{Content, Page, Post, When, digits_of, user_of_link};
use super::{Engine, treat};
use crate::html::{Document, NodeId, Tag, Treat, url};

pub struct VBulletin3;

impl Engine for VBulletin3 {
    fn name(&self) -> &'static str {
        "vbulletin3-html"
    }

    fn about(&self) -> &'static str {
        "saved thread pages of vBulletin 3"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        if head.contains("content=\"vBulletin 3") {
            Some("a page of vBulletin 3: its generator".into())
        } else if head.contains("id=\"vbulletin_css\"")
            || head.contains("vbulletin_global.js") && head.contains("vbulletin_menu.js")
        {
            Some("a page of vBulletin 3: its style sheet and scripts".into())
        } else {
            None
        }
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        page.title = page.line(root, &["td.navbar strong", ".navbar strong"]);
        let links = ["a[href*=printthread.php]", "a[href*='showthread.php?t=']"];
        page.thread_id = page
            .url
            .clone()
            .into_iter()
            .chain(links.iter().filter_map(|link| page.attribute(root, link, "href")))
            .find_map(|address| url::leading_digits(url::parameter(&address, "t")?).map(str::to_owned));
        page.next_link(&["link[rel=next]", "a[rel=next]"]);
        for node in page.doc.outermost(root, "table[id^=post]") {
            let Some(id) = digits_of(page.doc, node, "id", "post") else { continue };
            let mut post = Post::new(node);
            let author = page.first_of(node, &["a.bigusername", "[id^=postmenu_]"]);
            post.author.name = author.map(|author| page.line_without(author, "script"));
            post.author.id = author.and_then(|author| user_of_link(&page.own(author, "href")?));
            post.posted = page.find(node, "td.thead").map_or(When::Missing, |date| page.time(date, ""));
            post.edited = page
                .doc
                .find_all(node, "div.smallfont em")
                .into_iter()
                .find(|note| is_edit_note(&page.doc.line(*note)))
                .map_or(When::Missing, |note| page.time(note, "a"));
            post.content = page.find(node, &format!("#post_message_{id}")).map_or(Content::Missing, Content::Node);
            post.id = Some(id);
            page.posts.push(post);
        }
    }

    fn treat(&self, doc: &Document<'_>, node: NodeId) -> Treat {
        if doc.tag(node) == Tag::Div && doc.raw_attribute(node, "style").is_some_and(|style| style.contains("margin")) {
            let mut heading = false;
            let mut table = false;
            for child in doc.children(node).take(8) {
                heading |= doc.has_class(child, "smallfont");
                table |= doc.tag(child) == Tag::Table;
            }
            if heading && table {
                return Treat::Quote;
            }
        }
        // "Code:" above a code box.
        let code = doc.has_class(node, "smallfont")
            && doc.next_sibling(node).is_some_and(|next| {
                let next = if doc.tag(next) == Tag::Text { doc.next_sibling(next) } else { Some(next) };
                next.is_some_and(|next| doc.tag(next) == Tag::Pre)
            });
        if code { Treat::Drop } else { treat::common(doc, node, false) }
    }
}

fn is_edit_note(text: &str) -> bool {
    let text = text.to_lowercase();
    ["edit", "редакт", "змінено", "geändert", "modif", "düzenle"].iter().any(|word| text.contains(word))
}
