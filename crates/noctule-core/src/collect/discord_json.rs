//! DiscordChatExporter's JSON export of a channel.
//!
//! # What it reads
//! `{guild, channel, dateRange, messages: […]}` of every version, whole or in parts: text, embeds, forwarded
//! messages, replies, edits; new channel names and pinned messages as events.
//!
//! # How
//! Message by message. The source is `discord:<channel id>`, named after server and channel; a thread belongs to the
//! source of its parent channel and keeps its own id and name as thread. Texts of embeds are added to the text line
//! by line, except of embeds that only preview a link of the message. A forwarded message is the text, and its
//! channel is where it was forwarded from. The author's name is the nickname where there is one.
//!
//! # Where it is wrong
//! - Older exports do not give the type of a reference; then only messages of type `Reply` have an edge.
//! - An embed without a link of its own that a bot derived from somebody else's words counts as the bot's words.
//! - Stickers, reactions and attachments are not read; a message of these alone has an empty text.

use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::dates::{self, DayOrder};
use super::json::{Node, Shape, Signs, Step, read_records};
use super::out::Out;
use super::{Collector, Head, Input, Mapping, Sink, file_stem};
use crate::model::{Medium, PostedAt, RawMessage, Reason, Source, SourceEvent};

pub struct DiscordJson;

impl Collector for DiscordJson {
    fn name(&self) -> &'static str {
        "discord-json"
    }

    fn about(&self) -> &'static str {
        "a Discord channel exported by DiscordChatExporter as JSON"
    }

    crate::documented!();

    fn recognizes(&self, head: &Head<'_>) -> Option<String> {
        let signs = Signs::of(head, &["\"guild\"", "\"channel\"", "\"dateRange\"", "\"messages\""])?;
        let found =
            signs.has("guild.id") && signs.has("channel.id") && signs.has("dateRange") && signs.list("messages");
        found.then(|| "a DiscordChatExporter export: a guild, a channel, a range of dates and messages".to_owned())
    }

    fn unread(&self, head: &Head<'_>, _mapping: Option<&Mapping>) -> Vec<String> {
        Signs::of(head, &[]).map_or_else(Vec::new, |signs| signs.unread(Discord::KEYS))
    }

    fn read(&self, input: Input<'_>, sink: &mut dyn Sink) {
        let zone = input.zone;
        let stem = file_stem(input.path).to_owned();
        read_records(input.reader, sink, |_| Discord {
            zone,
            guild: String::new(),
            source: Arc::new(Source { key: format!("file:{stem}"), name: stem, medium: Medium::Discord, url: None }),
            thread: None,
        });
    }
}

struct Discord<'a> {
    zone: &'a TimeZone,
    guild: String,
    source: Arc<Source>,
    /// Id and name, when the channel is a thread.
    thread: Option<(String, String)>,
}

impl Shape for Discord<'_> {
    const KEYS: &'static [&'static str] = &[
        "id",
        "type",
        "timestamp",
        "timestampEdited",
        "content",
        "author",
        "name",
        "nickname",
        "embeds",
        "title",
        "url",
        "description",
        "fields",
        "value",
        "reference",
        "messageId",
        "channelId",
        "forwardedMessage",
        "category",
        "categoryId",
        "isPinned",
    ];
    const STARTS: &'static [&'static str] = &["id"];

    fn step(&self, path: &str) -> Step {
        match path {
            "" | "messages" => Step::Enter,
            "guild" | "channel" => Step::Header,
            "messages[]" => Step::Record,
            _ => Step::Pass,
        }
    }

    fn header(&mut self, path: &str, node: &Node<'_>) {
        let name = node.string("name").unwrap_or_default();
        if path == "guild" {
            self.guild = name;
            return;
        }
        let Some(id) = node.string("id") else {
            return;
        };
        let kind = node.str("type").unwrap_or_default();
        let parent = node.string("categoryId").filter(|_| kind.contains("Thread"));
        let (id, name) = match parent {
            Some(parent) => {
                self.thread = Some((id, name));
                (parent, node.string("category").unwrap_or_default())
            }
            None => (id, name),
        };
        let name = if self.guild.is_empty() { name } else { format!("{} / {name}", self.guild) };
        self.source = Arc::new(Source { key: format!("discord:{id}"), name, medium: Medium::Discord, url: None });
    }

    fn record(&mut self, _path: &str, node: &Node<'_>, place: u64, out: &mut Out<'_>) -> ControlFlow<()> {
        let shown = || format!("message {place}");
        let kind = node.str("type").unwrap_or_default();
        // What Discord itself says in the channel is no message. Numbers are types that the exporter did not know.
        if !matches!(kind, "Default" | "Reply" | "ChatInputCommand" | "ContextMenuCommand" | "19" | "20" | "23") {
            match kind {
                "" => out.skip(shown(), Reason::MissingField, "the element has no type"),
                _ => self.event(kind, node, out),
            }
            return ControlFlow::Continue(());
        }
        let mut message = RawMessage::new(self.source.clone(), place, text(node));
        message.native_id = node.string("id");
        message.author.id = node.string("author.id");
        message.author.name = node.first(&["author.nickname", "author.name"]).map(str::to_owned);
        message.posted_at = node.str("timestamp").and_then(|date| self.date(date));
        if message.posted_at.is_none() {
            out.bad_date(shown());
        }
        message.edited_at = node.str("timestampEdited").and_then(|date| self.date(date)).map(|found| found.at);
        if let Some((id, title)) = &self.thread {
            message.thread_id = Some(id.clone());
            message.thread_title = Some(title.clone());
        }
        let forward = node.str("reference.type") == Some("Forward") || node.at("forwardedMessage").is_some();
        if forward {
            let channel = node.str("reference.channelId").map(|id| format!("discord:{id}"));
            message.forwarded_from = Some(channel.unwrap_or_default());
        } else if kind == "Reply" || kind == "19" {
            message.reply_to = node.string("reference.messageId");
        }
        out.message(message)
    }
}

impl Discord<'_> {
    fn date(&self, date: &str) -> Option<PostedAt> {
        dates::parse(date, self.zone, DayOrder::DayFirst)
    }

    fn event(&self, kind: &str, node: &Node<'_>, out: &mut Out<'_>) {
        let (kind, value) = match kind {
            "ChannelNameChange" => ("renamed", node.string("content").unwrap_or_default()),
            "ChannelPinnedMessage" => ("pinned", node.string("reference.messageId").unwrap_or_default()),
            _ => return,
        };
        let at = node.str("timestamp").and_then(|date| self.date(date)).map(|found| found.at);
        out.event(SourceEvent { source_key: self.source.key.clone(), at, kind, value });
    }
}

/// The message's own words, then those of a forwarded message and of embeds.
fn text(node: &Node<'_>) -> String {
    let mut text = node.string("content").unwrap_or_default();
    let own = text.len();
    let add = |line: Option<&str>, text: &mut String| {
        if let Some(line) = line {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
    };
    add(node.str("forwardedMessage.content"), &mut text);
    for embed in node.items("embeds").iter().take(20).chain(node.items("forwardedMessage.embeds").iter().take(20)) {
        if embed.str("url").is_some_and(|url| text[..own].contains(url)) {
            continue;
        }
        add(embed.str("title"), &mut text);
        add(embed.str("description"), &mut text);
        for field in embed.items("fields").iter().take(50) {
            add(field.str("name"), &mut text);
            add(field.str("value"), &mut text);
        }
    }
    text
}
