//! Items of AIL. Posts of forums and markets go out in the schema of its forum-extractor, a page a thread; everything
//! else as its chat feeders send it.
//!
//! `meta.noctule` names source and author as we know them, so that our own collector reads the same messages back; AIL passes
//! over keys that it does not know. Lost are what the tables do not hold either (quotes, hidden links) and whether a
//! date was given with its zone.

use std::io::Write;

use anyhow::Result;
use noctule_core::model::Micros;
use noctule_store::export::StoredMessage;
use noctule_store::ledger::SourceRow;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Writer;
use crate::report::base64;

/// Posts in one item: as many as a page of a forum has.
const POSTS: usize = 50;

/// Collects the posts of a thread that follow each other.
#[derive(Default)]
pub struct Ail {
    page: Option<Page>,
}

struct Page {
    source: SourceRow,
    thread_id: Option<String>,
    thread_title: Option<String>,
    posts: Vec<StoredMessage>,
}

impl Writer for Ail {
    fn message(&mut self, source: &SourceRow, message: StoredMessage, out: &mut dyn Write) -> Result<()> {
        // A forward has no place in the schema of forums.
        if !matches!(source.medium.as_str(), "forum" | "marketplace") || message.forwarded_from.is_some() {
            self.finish(out)?;
            let author = message.author_id.as_deref();
            return item(source, chat(source, &message), author, &message.text, seen(&message), out);
        }
        let fits = self.page.as_ref().is_some_and(|page| {
            page.source.source_id == source.source_id
                && page.thread_id == message.thread_id
                && page.thread_title == message.thread_title
                && page.posts.len() < POSTS
        });
        if !fits {
            self.finish(out)?;
        }
        let page = self.page.get_or_insert_with(|| Page {
            source: source.clone(),
            thread_id: message.thread_id.clone(),
            thread_title: message.thread_title.clone(),
            posts: Vec::new(),
        });
        page.posts.push(message);
        Ok(())
    }

    fn finish(&mut self, out: &mut dyn Write) -> Result<()> {
        let Some(page) = self.page.take() else { return Ok(()) };
        let at = page.posts.iter().find_map(seen);
        // The item's own text is what an analyst searches in AIL; the posts are in `meta`.
        let text = page.posts.iter().map(|post| post.text.as_str()).collect::<Vec<_>>().join("\n\n");
        item(&page.source, thread(&page), None, &text, at, out)
    }
}

/// When the message was collected, in seconds.
fn seen(message: &StoredMessage) -> Option<i64> {
    message.collected_at.map(Micros::secs)
}

fn item(
    source: &SourceRow,
    mut meta: Map<String, Value>,
    author_id: Option<&str>,
    text: &str,
    at: Option<i64>,
    out: &mut dyn Write,
) -> Result<()> {
    meta.insert(
        "noctule".into(),
        json!({"key": source.key, "name": source.name, "medium": source.medium, "url": source.url, "author_id": author_id}),
    );
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(text.as_bytes())?;
    let feeder = match source.medium.as_str() {
        "forum" | "marketplace" if meta.contains_key("extracted") => "forum-extractor".to_string(),
        "telegram-channel" | "telegram-group" => "ail_feeder_telegram".into(),
        medium => format!("ail_feeder_{medium}"),
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let item = json!({
        "data": base64(&gzip.finish()?),
        "data-sha256": hex(&Sha256::digest(text.as_bytes())),
        "meta": meta,
        "source": feeder,
        "source_uuid": uuid(&source.key),
        "default_encoding": "UTF-8",
        "timestamp": at,
    });
    serde_json::to_writer(&mut *out, &item)?;
    Ok(out.write_all(b"\n")?)
}

/// The same for a source wherever it is exported from: version 8 of RFC 9562, from the hash of its key.
fn uuid(key: &str) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&blake3::hash(key.as_bytes()).as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

fn chat(source: &SourceRow, message: &StoredMessage) -> Map<String, Value> {
    let telegram = source.key.strip_prefix("telegram:").filter(|_| source.medium.starts_with("telegram"));
    let id = telegram.map_or_else(|| json!(source.key), number);
    let kind = match source.medium.as_str() {
        "telegram-channel" => "channel",
        "telegram-group" => "group",
        medium => medium,
    };
    let mut meta = Map::new();
    let mut put = |key: &str, value: Value| meta.insert(key.to_owned(), value);
    put("id", message.native_id.as_deref().map_or(Value::Null, number));
    put("network", json!(if telegram.is_some() { "telegram" } else { kind }));
    put("chat", json!({"id": id, "name": source.name, "type": kind}));
    if message.thread_id.is_some() || message.thread_title.is_some() {
        meta["chat"]["subchannel"] = json!({"id": message.thread_id, "name": message.thread_title});
    }
    let mut put = |key: &str, value: Value| meta.insert(key.to_owned(), value);
    if let Some(at) = message.posted_at {
        put("date", moment(at));
    }
    if let Some(at) = message.edited_at {
        put("edit_date", moment(at));
    }
    if message.author_id.is_some() || message.author_name.is_some() {
        let id = message.author_id.as_deref().map(|id| if telegram.is_some() { peer(id) } else { json!(id) });
        put("sender", json!({"id": id, "firstname": message.author_name}));
    }
    if let Some(id) = &message.reply_to {
        put("reply_to", json!({"message_id": number(id)}));
    }
    if let Some(from) = &message.forwarded_from {
        put("forward", json!({"from_name": from}));
    }
    meta
}

/// `user5` as 5, `channel5` as -1000000000005, `chat5` as -5: the forms of the Bot API.
fn peer(id: &str) -> Value {
    let bare = |prefix: &str| id.strip_prefix(prefix).and_then(|id| id.parse::<i64>().ok()).filter(|id| *id > 0);
    if let Some(id) = bare("user") {
        json!(id)
    } else if let Some(id) = bare("channel").and_then(|id| 1_000_000_000_000i64.checked_add(id)) {
        json!(-id)
    } else if let Some(id) = bare("chat").filter(|id| *id < 1_000_000_000_000) {
        json!(-id)
    } else {
        json!(id)
    }
}

fn thread(page: &Page) -> Map<String, Value> {
    let posts: Vec<Value> = page
        .posts
        .iter()
        .map(|post| {
            let quoted: Vec<&String> = post.reply_to.iter().collect();
            json!({
                "post_id": post.native_id,
                "post_timestamp": post.posted_at.map(|at| at.to_string()),
                "post_edit_timestamp": post.edited_at.map(|at| at.to_string()),
                "post_state": "visible",
                "author": {"author_id": post.author_id, "author_username": post.author_name},
                "content": {"text": post.text, "urls": [], "images": [], "files": [], "quoted_posts": quoted},
            })
        })
        .collect();
    let thread = json!({"thread_id": page.thread_id, "thread_title": page.thread_title});
    let meta = json!({
        "status": "ok",
        "page_type": "thread",
        "forum_type": "unknown",
        "forum_id": page.source.key.strip_prefix("forum:").unwrap_or(&page.source.key),
        "extracted": {"thread": thread, "posts": posts},
    });
    if let Value::Object(meta) = meta { meta } else { Map::new() }
}

/// Whole digits without a leading zero as the number that AIL expects, anything else as text.
fn number(id: &str) -> Value {
    match id.parse::<i64>() {
        Ok(number) if number.to_string() == id => json!(number),
        _ => json!(id),
    }
}

/// With the seconds as a number that has a fraction only where there is one.
fn moment(at: Micros) -> Value {
    let fraction = at.0.rem_euclid(1_000_000);
    let timestamp = if fraction == 0 { json!(at.secs()) } else { json!(at.0 as f64 / 1e6) };
    json!({"timestamp": timestamp, "datetime": at.to_string(), "timezone": "UTC"})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_telegram_in_the_forms_of_the_bot_api() {
        let ids = ["user5", "channel5", "chat5", "5", "ann", "user05x"].map(peer);
        assert_eq!(
            ids,
            [json!(5), json!(-1_000_000_000_005i64), json!(-5), json!("5"), json!("ann"), json!("user05x")]
        );
    }

    #[test]
    fn a_uuid_is_one_and_stays_the_same() {
        let id = uuid("telegram:5");
        assert_eq!((id.len(), id.as_bytes()[14], id == uuid("telegram:5")), (36, b'8', true));
        assert_ne!(id, uuid("telegram:6"));
    }
}
