//! Discourse topics.
//!
//! # What it reads
//! Saved topic pages of Discourse: as a browser shows them, as crawlers get them, and the data that the page carries.
//!
//! # How
//! Recognized by the generator. In a browser's page a post is `article[data-post-id]`; in a crawler's `.crawler-post`. The
//! number of a post in its topic is not its id: where only the number is there, the native id is `topic/number`.
//!
//! # Where it is wrong
//! - The same post from a crawler's page and from the API is two messages, because the first has no id.
//! - A browser's page holds only the posts around where it was scrolled to.

use std::collections::HashMap;

use serde_json::Value;

use super::page::{Content, Page, Post, When};
use super::{Engine, machine_time};
use crate::html::url;

/// Larger data is not read as a value.
const MAX_DATA: usize = 2 << 20;

pub struct Discourse;

impl Engine for Discourse {
    fn name(&self) -> &'static str {
        "discourse-html"
    }

    fn about(&self) -> &'static str {
        "saved topic pages of Discourse"
    }

    crate::documented!();

    fn recognizes(&self, head: &str, _whole: bool) -> Option<String> {
        (head.contains("content=\"Discourse ")
            || head.contains("data-discourse-setup")
            || head.contains("class=\"crawler-post"))
        .then(|| "a page of Discourse: its generator".into())
    }

    fn read(&self, page: &mut Page<'_>) {
        let root = page.root();
        page.title = page.line(
            root,
            &["h1[data-topic-id]", "#topic-title h1 .fancy-title", "#topic-title h1", "h1.crawler-topic-title", "h1"],
        );
        page.thread_id = page.attribute(root, "h1[data-topic-id]", "data-topic-id").or_else(|| {
            // `/t/name/12`, `/t/12`, `/t/name/12/3`.
            let (_, rest) = page.url.as_deref()?.split_once("/t/")?;
            rest.split(['/', '?', '#'])
                .find_map(|part| url::leading_digits(part).filter(|id| id.len() == part.len()))
                .map(str::to_owned)
        });
        page.next_link(&["link[rel=next]", "a[rel=next]"]);
        let data = page.attribute(root, "#data-preloaded", "data-preloaded").and_then(|data| topic_of(&data));
        let numbered = |post: &Value| Some((post["post_number"].as_u64()?, post["id"].as_u64()?));
        let ids: HashMap<u64, u64> = data.iter().flatten().filter_map(numbered).collect();
        for node in page.doc.outermost(root, "article[data-post-id], .crawler-post, div[id^=post_][itemprop=comment]") {
            let mut post = Post::new(node);
            let number = page
                .own(node, "id")
                .and_then(|id| id.strip_prefix("post_").map(str::to_owned))
                .or_else(|| page.attribute(node, "meta[itemprop=position]", "content"))
                .or_else(|| page.attribute(node, "[itemprop=position]", "content"));
            post.id = page.own(node, "data-post-id").or_else(|| {
                let number = number.as_deref()?;
                let known = number.parse().ok().and_then(|number: u64| ids.get(&number));
                known.map(u64::to_string).or_else(|| Some(format!("{}/{number}", page.thread_id.as_deref()?)))
            });
            let author = page.first_of(
                node,
                &[".names [data-user-card]", "[data-user-card]", ".creator [itemprop=name]", ".creator a", ".username"],
            );
            post.author.name =
                author.and_then(|author| page.own(author, "data-user-card").or_else(|| Some(page.doc.line(author))));
            post.author.id = page.own(node, "data-user-id");
            let time = page.first_of(
                node,
                &[".post-date [data-time]", "time[itemprop=datePublished]", "time.post-time", "time[datetime]"],
            );
            post.posted = time.map_or(When::Missing, |time| page.time(time, ""));
            post.content = page
                .first_of(node, &[".cooked", "[itemprop=text]", "[itemprop=articleBody]", ".post"])
                .map_or(Content::Missing, Content::Node);
            page.posts.push(post);
        }
        if page.posts.is_empty()
            && let Some(posts) = data
        {
            let node = page.root();
            page.posts = posts.iter().filter_map(|post| of_data(post, node)).collect();
        }
    }
}

/// The posts in the page's own data: texts of JSON within JSON.
fn topic_of(data: &str) -> Option<Vec<Value>> {
    if data.len() > MAX_DATA {
        return None;
    }
    let all: Value = serde_json::from_str(data).ok()?;
    let (_, topic) = all.as_object()?.iter().find(|(key, _)| key.starts_with("topic_"))?;
    let topic: Value = serde_json::from_str(topic.as_str()?).ok()?;
    topic["post_stream"]["posts"].as_array().cloned()
}

fn of_data(post: &Value, node: crate::html::NodeId) -> Option<Post> {
    let mut found = Post::new(node);
    found.id = Some(post["id"].as_u64()?.to_string());
    found.author.name = post["username"].as_str().map(str::to_owned);
    found.author.id = post["user_id"].as_i64().map(|id| id.to_string());
    found.posted = post["created_at"].as_str().and_then(machine_time).map_or(When::Missing, When::At);
    found.hidden = post["hidden"].as_bool() == Some(true);
    found.content = Content::Html(post["cooked"].as_str()?.to_owned());
    Some(found)
}
