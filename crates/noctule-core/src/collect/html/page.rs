//! A page, what it says of itself, and the posts that an engine finds in it.

use crate::html::{self, Document, NodeId, Tag, Treat, url};
use crate::model::{Author, Medium, Micros, PostedAt, Source};

use super::{machine_time, saved_date, unix_time};
use crate::collect::dates::DayOrder;
use crate::collect::dates::local::{self, Clock, offset_of_note};
use crate::collect::file_stem;

/// A time as found.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum When {
    #[default]
    Missing,
    At(PostedAt),
    /// In the words of the board, to be read with its zone and clock.
    Text(String),
}

/// Where a post's text is.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Content {
    #[default]
    Missing,
    Node(NodeId),
    /// Markup that the page carries as data.
    Html(String),
}

pub struct Post {
    /// The element that is the post; when it is not closed, the page is cut within it.
    pub node: NodeId,
    /// The bare number.
    pub id: Option<String>,
    pub author: Author,
    pub posted: When,
    pub edited: When,
    pub content: Content,
    pub reply_to: Option<String>,
    pub hidden: bool,
}

impl Post {
    pub fn new(node: NodeId) -> Self {
        Self {
            node,
            id: None,
            author: Author::default(),
            posted: When::Missing,
            edited: When::Missing,
            content: Content::Missing,
            reply_to: None,
            hidden: false,
        }
    }
}

pub struct Page<'a> {
    pub doc: &'a Document<'a>,
    /// The address that the page names as its own, if it is absolute.
    pub url: Option<String>,
    /// What relative links are relative to.
    pub base: Option<String>,
    /// Where it was saved from, by a browser's or crawler's note or the input's name.
    visited: Option<String>,
    stem: String,
    pub captured_at: Option<Micros>,
    pub posts: Vec<Post>,
    pub title: Option<String>,
    pub thread_id: Option<String>,
    /// The board's title, where the engine shows it.
    pub board: Option<String>,
    /// The board's clock, in its words.
    pub clock: Option<String>,
    pub next: Option<String>,
    pub medium: Medium,
}

impl<'a> Page<'a> {
    pub fn new(doc: &'a Document<'a>, source: &str, path: &str, captured_at: Option<Micros>) -> Self {
        let note = Note::of(source);
        let root = doc.root();
        let attribute = |selector: &str, name: &str| {
            doc.find(root, selector)
                .and_then(|node| doc.attribute(node, name))
                .map(|value| value.into_owned())
                .filter(|value| !value.is_empty())
        };
        let named = attribute("link[rel=canonical]", "href")
            .filter(|address| url::host(address).is_some())
            .or_else(|| attribute("meta[property=og:url]", "content").filter(|address| url::host(address).is_some()));
        let base = attribute("base[href]", "href").filter(|address| url::host(address).is_some());
        // Archives hand over a page under its address.
        let from_path = path
            .match_indices("!/")
            .map(|(at, _)| &path[at + 2..])
            .find(|address| url::host(address).is_some())
            .or_else(|| path.rfind("http").map(|at| &path[at..]).filter(|address| url::host(address).is_some()));
        let visited = from_path.map(str::to_owned).or(note.url);
        Self {
            doc,
            base: base.clone().or_else(|| named.clone()).or_else(|| visited.clone()),
            url: named.or(base),
            visited,
            stem: file_stem(path).to_owned(),
            captured_at: note.saved_at.or(captured_at),
            posts: Vec::new(),
            title: None,
            thread_id: None,
            board: None,
            clock: None,
            next: None,
            medium: Medium::Forum,
        }
    }

    pub fn root(&self) -> NodeId {
        self.doc.root()
    }

    pub fn find(&self, root: NodeId, selector: &str) -> Option<NodeId> {
        self.doc.find(root, selector)
    }

    /// The first of several selectors that finds something, in their order and not the page's.
    pub fn first_of(&self, root: NodeId, selectors: &[&str]) -> Option<NodeId> {
        selectors.iter().find_map(|selector| self.doc.find(root, selector))
    }

    /// The line of text in the first such element.
    pub fn line(&self, root: NodeId, selectors: &[&str]) -> Option<String> {
        let lines = selectors.iter().filter_map(|selector| self.doc.find(root, selector));
        lines.map(|node| self.doc.line(node)).find(|line| !line.is_empty())
    }

    pub fn attribute(&self, root: NodeId, selector: &str, name: &str) -> Option<String> {
        let node = self.doc.find(root, selector)?;
        self.own(node, name)
    }

    /// An attribute of the node itself.
    pub fn own(&self, node: NodeId, name: &str) -> Option<String> {
        Some(self.doc.attribute(node, name)?.into_owned()).filter(|value| !value.is_empty())
    }

    /// The text of an element without the parts that the selector describes, on one line.
    pub fn line_without(&self, node: NodeId, without: &str) -> String {
        let rule = |doc: &Document<'_>, node| if doc.matches(node, without) { Treat::Drop } else { Treat::Take };
        html::body(self.doc, node, None, &rule).text.replace('\n', " ")
    }

    /// A time in an element: by what it carries for machines, else its words. Names of days (`Yesterday`) often carry
    /// the day as their title, which is taken instead.
    pub fn time(&self, node: NodeId, without: &str) -> When {
        if let Some(at) = self.machine_time(node) {
            return When::At(at);
        }
        let inner = self.doc.find(node, "time[datetime], [data-time], [data-timestamp]");
        if let Some(at) =
            inner.filter(|inner| !self.is_inside(*inner, node, without)).and_then(|inner| self.machine_time(inner))
        {
            return When::At(at);
        }
        let mut text = String::new();
        let (mut at, end) = (node, self.doc.end(node));
        while at < end {
            let here = at;
            at = NodeId::following(at);
            if self.doc.tag(here) == Tag::Text {
                text.push_str(&self.doc.line(here));
                text.push(' ');
                continue;
            }
            if here != node && !without.is_empty() && self.doc.matches(here, without) {
                at = self.doc.end(here);
                continue;
            }
            if matches!(self.doc.tag(here), Tag::Span | Tag::Abbr | Tag::Time | Tag::A)
                && let Some(title) = self.own(here, "title").filter(|title| is_absolute(title))
            {
                text.push_str(&title);
                text.push(' ');
                at = self.doc.end(here);
            }
            if text.len() > 400 {
                break;
            }
        }
        let text = text.trim();
        if text.is_empty() { When::Missing } else { When::Text(text.to_owned()) }
    }

    fn is_inside(&self, inner: NodeId, outer: NodeId, without: &str) -> bool {
        !without.is_empty()
            && self.doc.closest(inner, without).is_some_and(|found| found != outer && self.doc.contains(outer, found))
    }

    fn machine_time(&self, node: NodeId) -> Option<PostedAt> {
        ["data-time", "data-timestamp"]
            .iter()
            .find_map(|name| unix_time(&self.own(node, name)?))
            .or_else(|| machine_time(&self.own(node, "datetime")?))
    }

    /// Sets the thread's number and the board's title by what is common, where the engine has not.
    pub fn next_link(&mut self, selectors: &[&str]) {
        let href = self.first_of(self.root(), selectors).and_then(|node| self.own(node, "href"));
        self.next = href.and_then(|href| url::resolve(self.base.as_deref(), &href));
    }

    /// What the page's `<title>` and meta elements call the board.
    fn board_name(&self) -> Option<String> {
        let root = self.root();
        if let Some(board) = self.board.clone().filter(|board| !board.is_empty()) {
            return Some(board);
        }
        for selector in ["meta[property=og:site_name]", "meta[name=application-name]"] {
            if let Some(name) = self.attribute(root, selector, "content") {
                return Some(name);
            }
        }
        let whole = self.line(root, &["title"])?;
        let thread = self.title.as_deref().unwrap_or("");
        let rest = whole.split_once(thread).filter(|_| !thread.is_empty());
        let rest = rest.map(|(before, after)| {
            let (before, after) = (between_marks(before), between_marks(after));
            if after.is_empty() { before } else { after }
        })?;
        (!rest.is_empty()).then_some(rest)
    }

    /// The board as a source.
    pub fn source(&self) -> Source {
        let own_host = self.url.as_deref().and_then(url::host);
        let name = self.board_name();
        let visited = self.visited.as_deref().and_then(url::host);
        let folded = name.as_ref().map(|name| name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase());
        let key = own_host.clone().or(folded).or_else(|| visited.clone()).unwrap_or_else(|| self.stem.clone());
        let host = own_host.or(visited);
        Source {
            key: format!("forum:{key}"),
            name: name.or_else(|| host.clone()).unwrap_or_else(|| self.stem.clone()),
            medium: self.medium,
            url: self.url.as_deref().or(self.visited.as_deref()).and_then(front_page),
        }
    }

    /// The zone that the page says its times are in. Text of posts says nothing about it.
    pub fn zone(&self) -> Option<jiff::tz::Offset> {
        let end = self.doc.end(self.root());
        let mut at = self.root();
        let mut posts = self.posts.iter().map(|post| post.node).peekable();
        while at < end {
            while posts.peek().is_some_and(|post| *post < at) {
                posts.next();
            }
            if posts.peek() == Some(&at) {
                at = self.doc.end(at);
                continue;
            }
            let text = self.doc.raw_text(at);
            if text.len() < 400
                && (text.contains("GMT") || text.contains("UTC"))
                && self
                    .doc
                    .parent(at)
                    .is_none_or(|parent| !matches!(self.doc.tag(parent), Tag::Script | Tag::Style | Tag::Option))
                && let Some(offset) = offset_of_note(text)
            {
                // phpBB 3.0: `UTC + 1 hour [ DST ]` is two hours.
                let summer = if text.contains("DST") { 3600 } else { 0 };
                return jiff::tz::Offset::from_seconds(offset.seconds() + summer).ok();
            }
            at = NodeId::following(at);
        }
        None
    }

    /// Why a page has no posts, for a person.
    pub fn why_empty(&self) -> &'static str {
        let root = self.root();
        let title = self.line(root, &["title"]).unwrap_or_default().to_lowercase();
        if super::challenge::is_challenge(&title) {
            "a page that checks for browsers, not a thread"
        } else if self.doc.is_cut() {
            "the page ends before its first post"
        } else if self.find(root, "input[type=password]").is_some() {
            "a login page, or a thread that asks to log in: no posts"
        } else if ["error", "ошибка", "not found", "fehler", "erreur"].iter().any(|word| title.contains(word)) {
            "an error page: no posts"
        } else {
            "no posts on this page"
        }
    }
}

/// Whether a title is a date that needs no other one.
fn is_absolute(title: &str) -> bool {
    let clock = Clock { zone: jiff::tz::TimeZone::UTC, zone_shown: false, now: None, order: DayOrder::DayFirst };
    title.len() <= 80 && local::find(title, &clock).found().is_some()
}

fn front_page(address: &str) -> Option<String> {
    url::host(address)?;
    let (scheme, rest) = address.split_once("://")?;
    Some(format!("{scheme}://{}/", rest.split(['/', '?', '#']).next()?))
}

/// What is left of a title between separators, without words for the kind and number of the page.
fn between_marks(text: &str) -> String {
    const NOISE: [&str; 8] =
        ["page", "страница", "стр", "сторінка", "seite", "view topic", "просмотр темы", "powered by"];
    let mut text = text.to_owned();
    for mark in [" - ", " | ", " — ", " – ", " » ", " :: ", " · "] {
        text = text.replace(mark, "\n");
    }
    let is_mark = |c: char| c.is_whitespace() || matches!(c, '-' | '|' | '—' | '–' | '»' | ':' | '·' | ',');
    let parts = text.split('\n').map(|part| part.trim_matches(is_mark));
    let mut names = parts.filter(|part| {
        let lower = part.to_lowercase();
        !part.is_empty() && !NOISE.iter().any(|noise| lower.starts_with(noise))
    });
    names.next().unwrap_or_default().to_owned()
}

/// Notes that browsers leave in pages they save.
#[derive(Default)]
struct Note {
    url: Option<String>,
    saved_at: Option<Micros>,
}

impl Note {
    fn of(source: &str) -> Self {
        let mut end = source.len().min(4096);
        while !source.is_char_boundary(end) {
            end -= 1;
        }
        let head = &source[..end];
        let word_behind = |mark: &str| {
            let (_, rest) = head.split_once(mark)?;
            let word = rest.split(|c: char| c.is_whitespace() || matches!(c, '<' | '"' | '\'')).next()?;
            Some(word.trim_end_matches("-->").to_owned())
        };
        if head.contains("Page saved with SingleFile") {
            let saved = head.split_once("saved date:").and_then(|(_, rest)| rest.lines().next());
            return Self { url: word_behind("url: "), saved_at: saved.and_then(saved_date) };
        }
        // `<!-- saved from url=(0032)https://forum.example/threads/1/ -->`, the number is the length.
        let url = word_behind("saved from url=(").and_then(|word| Some(word.split_once(')')?.1.to_owned()));
        Self { url, saved_at: None }
    }
}

/// The post that a quote is taken from, by its attributes or the first link in it that names a post.
pub fn quoted_post(doc: &Document<'_>, quote: NodeId) -> Option<String> {
    let own = |node, name| doc.raw_attribute(node, name);
    if let Some(id) = own(quote, "data-source").and_then(|source| source.strip_prefix("post:")) {
        return url::leading_digits(id.trim()).map(str::to_owned);
    }
    for name in ["data-ipsquote-contentcommentid", "data-post-id", "data-pid"] {
        if let Some(id) = own(quote, name).and_then(url::leading_digits) {
            return Some(id.to_owned());
        }
    }
    for node in doc.descendants(quote).take(400) {
        if doc.tag(node) != Tag::A {
            continue;
        }
        if let Some(id) = own(node, "data-post-id").and_then(url::leading_digits) {
            return Some(id.to_owned());
        }
        if let Some(id) = doc.attribute(node, "href").and_then(|href| post_of_link(&href)) {
            return Some(id);
        }
    }
    None
}

/// The number of the post that a link leads to.
pub fn post_of_link(href: &str) -> Option<String> {
    let found = ["#post-", "#post_", "#post", "#pid", "#msg", "#entry", "#findComment-", "#comment-", "#p"]
        .iter()
        .find_map(|mark| url::leading_digits(href.rsplit_once(mark)?.1))
        .or_else(|| {
            href.split_once("/goto/post?id=")
                .or_else(|| href.split_once("goto/post&id="))
                .and_then(|(_, id)| url::leading_digits(id))
        })
        .or_else(|| {
            ["pid", "p", "comment", "msg"].iter().find_map(|name| url::leading_digits(url::parameter(href, name)?))
        })
        .or_else(|| href.rsplit_once(".msg").and_then(|(_, id)| url::leading_digits(id)))
        .or_else(|| href.split_once("/post/").and_then(|(_, id)| url::leading_digits(id)))
        .or_else(|| href.split_once("/posts/").and_then(|(_, id)| url::leading_digits(id)));
    found.map(str::to_owned)
}

/// The digits at the end of an attribute such as `post-123`, behind exactly this prefix.
pub fn digits_of(doc: &Document<'_>, node: NodeId, attribute: &str, prefix: &str) -> Option<String> {
    let rest = doc.raw_attribute(node, attribute)?.trim().strip_prefix(prefix)?;
    (url::leading_digits(rest)?.len() == rest.len()).then(|| rest.to_owned())
}

/// A user's number in the link to the profile; 0 is a guest.
pub fn user_of_link(href: &str) -> Option<String> {
    let id = ["u", "uid", "userid", "member", "showuser"]
        .iter()
        .find_map(|name| url::leading_digits(url::parameter(href, name)?))
        .or_else(|| href.rsplit_once(";u=").and_then(|(_, id)| url::leading_digits(id)))
        .or_else(|| {
            // `/members/name.12/`, `/members/12-name`, `/profile/12-name/`, `member.php?12-name`.
            ["/members/", "members/", "/member/", "/profile/", "/user/", "/users/", "member.php?"].iter().find_map(
                |folder| {
                    let (_, rest) = href.split_once(folder)?;
                    let name = rest.split(['/', '?', '#', '&']).next()?;
                    url::leading_digits(name)
                        .filter(|digits| name.len() == digits.len() || name[digits.len()..].starts_with('-'))
                        .or_else(|| {
                            let (_, id) = name.rsplit_once('.')?;
                            url::leading_digits(id).filter(|digits| digits.len() == id.len())
                        })
                },
            )
        })?;
    (id.bytes().any(|b| b != b'0')).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn posts_behind_links() {
        for (href, id) in [
            ("/goto/post?id=77#post-77", Some("77")),
            ("./viewtopic.php?p=15#p15", Some("15")),
            ("showthread.php?p=31#post31", Some("31")),
            ("showthread.php?tid=4&pid=99#pid99", Some("99")),
            ("https://f.example/index.php?topic=1.msg8#msg8", Some("8")),
            ("/topic/5-x/?do=findComment&comment=12", Some("12")),
            ("/post/6", Some("6")),
            ("https://shop.example/item/5", None),
        ] {
            assert_eq!(post_of_link(href).as_deref(), id, "{href}");
        }
    }

    #[test]
    fn users_behind_links() {
        for (href, id) in [
            ("/members/bob.12/", Some("12")),
            ("/members/12-bob", Some("12")),
            ("member.php?action=profile&uid=7", Some("7")),
            ("./memberlist.php?mode=viewprofile&u=44&sid=a", Some("44")),
            ("index.php?action=profile;u=3", Some("3")),
            ("https://f.example/profile/9-bob/", Some("9")),
            ("member.php?5-bob&s=x", Some("5")),
            ("/members/bob/", None),
            ("/members/2cool/", None),
            ("member.php?u=0", None),
        ] {
            assert_eq!(user_of_link(href).as_deref(), id, "{href}");
        }
    }

    #[test]
    fn boards_in_titles() {
        for (rest, board) in [
            (" | Dark Board", "Dark Board"),
            (" - Page 2 - Dark Board", "Dark Board"),
            ("Dark Board - View topic - ", "Dark Board"),
            (" ", ""),
        ] {
            assert_eq!(between_marks(rest), board, "{rest}");
        }
    }

    #[test]
    fn notes_of_browsers() {
        let note = Note::of("<!DOCTYPE html>\n<!-- saved from url=(0030)https://forum.example/t/1/ -->\n<html>");
        assert_eq!(note.url.as_deref(), Some("https://forum.example/t/1/"));
        let note = Note::of(
            "<!DOCTYPE html><!--\n Page saved with SingleFile \n url: https://forum.example/t/1/ \n saved date: Thu Oct 14 2021 21:07:00 GMT+0300 (MSK)\n-->",
        );
        assert_eq!(note.url.as_deref(), Some("https://forum.example/t/1/"));
        assert_eq!(note.saved_at.map(|at| at.to_string()).as_deref(), Some("2021-10-14T18:07:00Z"));
    }
}
