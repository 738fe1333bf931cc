//! Flarum discussions.
//!
//! # What it reads
//! Saved discussion pages of Flarum: the data that every page carries, or the plain part for browsers without scripts.
//!
//! # How
//! Recognized by `#flarum-content` or `flarum-loading`. The JSON of `script#flarum-json-payload` has number, author, date and
//! markup of every post. Without it, the plain articles have author and text only, neither number nor date.
//!
//! # Where it is wrong
//! - Flarum loads twenty posts with a page; the rest of a longer discussion is not in it.
//! - A page that is cut off before its data gives no posts.
//! - A page as a browser shows it after its scripts ran is read from the data it came with.

use serde_json::Value;

use super::page::{Content, Page, Post, When};
use super::{Engine, machine_time};

/// Larger data is not read as a value.
const MAX_DATA: usize = 2 << 20;

pub struct Flarum;

impl Engine for Flarum {
    fn name(&self) -> &'static str {
        "flarum-html"
    }

    fn about(&self) -> &'static str {
        "saved discussion pages of Flarum"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        ["flarum-content", "flarum-loading", "flarum-json-payload"]
            .iter()
            .find(|mark| head.contains(*mark))
            .map(|mark| format!("a page of Flarum: {mark}"))
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        page.title = page.line(root, &["#flarum-content h1", "noscript h1", "h1"]);
        page.next_link(&["link[rel=next]", "a[rel=next]"]);
        let script = page.find(root, "script#flarum-json-payload");
        let text = script.and_then(|script| page.doc.children(script).next()).map(|text| page.doc.raw_text(text));
        if let Some(data) =
            text.filter(|text| text.len() <= MAX_DATA).and_then(|text| serde_json::from_str::<Value>(text).ok())
        {
            from_data(page, &data["apiDocument"]);
            if !page.posts.is_empty() {
                return;
            }
        }
        // The data follows the plain part. While it may be missing only because the page is cut, the posts must not come
        // without their numbers: they would be other messages than those of the whole page.
        if !page.doc.is_ended() {
            return;
        }
        for node in page.doc.outermost(root, "article") {
            let Some(body) = page.first_of(node, &[".Post-body", ".PostBody"]) else { continue };
            let mut post = Post::new(node);
            post.author.name = page.line(node, &[".PostUser-name", ".PostUser"]);
            post.content = Content::Node(body);
            page.posts.push(post);
        }
    }
}

fn from_data(page: &mut Page<'_>, document: &Value) {
    let discussion = &document["data"];
    if discussion["type"] == "discussions" {
        page.thread_id = discussion["id"].as_str().map(str::to_owned);
        page.title = discussion["attributes"]["title"].as_str().map(str::to_owned).or(page.title.take());
    }
    let Some(included) = document["included"].as_array() else { return };
    let users: std::collections::HashMap<&str, &Value> = included
        .iter()
        .filter(|item| item["type"] == "users")
        .filter_map(|item| Some((item["id"].as_str()?, &item["attributes"])))
        .collect();
    let mut posts: Vec<&Value> = included
        .iter()
        .filter(|item| item["type"] == "posts" && item["attributes"]["contentType"] == "comment")
        .filter(|item| item["attributes"]["contentHtml"].is_string())
        .collect();
    posts.sort_by_key(|item| item["attributes"]["number"].as_u64());
    let node = page.root();
    for item in posts {
        let attributes = &item["attributes"];
        let mut post = Post::new(node);
        post.id = item["id"].as_str().map(str::to_owned);
        post.author.id = item["relationships"]["user"]["data"]["id"].as_str().map(str::to_owned);
        let user = post.author.id.as_deref().and_then(|id| users.get(id));
        post.author.name =
            user.and_then(|user| user["displayName"].as_str().or(user["username"].as_str())).map(str::to_owned);
        let time = |name: &str| attributes[name].as_str().and_then(machine_time).map_or(When::Missing, When::At);
        post.posted = time("createdAt");
        post.edited = time("editedAt");
        post.hidden = attributes["isHidden"].as_bool() == Some(true);
        let html = attributes["contentHtml"].as_str().unwrap_or_default();
        post.reply_to = mention(html);
        post.content = Content::Html(html.to_owned());
        page.posts.push(post);
    }
}

/// `<a class="PostMention" data-id="5">`: the post that is answered.
fn mention(html: &str) -> Option<String> {
    let doc = crate::html::parse(html).ok()?;
    let node = doc.find(doc.root(), "a.PostMention")?;
    doc.attribute(node, "data-id").map(|id| id.into_owned())
}
