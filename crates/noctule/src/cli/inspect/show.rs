//! What was seen of a file, for people. Text from outside is made visible.

use std::io::Write;

use anyhow::Result;
use noctule_core::normalize::{visible, visible_line};

use noctule_store::analyze::words::{counted, percent, thousands};

use super::look::{First, Looked};

pub fn table(looked: &Looked, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{}", visible_line(&looked.path))?;
    if let Some(kind) = looked.media {
        writeln!(out, "  passed over: a {kind}")?;
    }
    match (&looked.format, &looked.why) {
        (Some(format), Some(why)) => {
            let layers: String = looked.layers.iter().map(|layer| format!("{layer} of ")).collect();
            let encoding = looked.encoding.unwrap_or("UTF-8");
            writeln!(out, "  read as {layers}{format} in {encoding}: {}", visible_line(why))?;
            for other in looked.also.iter().take(3) {
                writeln!(out, "  next would be {}: {}", other.format, visible_line(&other.why))?;
            }
            looked.first.iter().try_for_each(|first| message(first, out))?;
            writeln!(out, "  {}", visible_line(&totals(looked)))?;
        }
        _ => {
            for skip in &looked.skips {
                writeln!(out, "  not read ({}): {}", skip.reason, visible_line(&skip.detail))?;
            }
        }
    }
    for skip in looked.skips.iter().filter(|_| looked.format.is_some()) {
        let example = format!("{}: {}", skip.place, skip.detail);
        writeln!(out, "  skipped {} ({}), for example {}", skip.count, skip.reason, visible_line(&example))?;
    }
    if !looked.unread.is_empty() {
        writeln!(out, "  nobody reads: {}", visible_line(&looked.unread.join(", ")))?;
    }
    for hint in &looked.hints {
        writeln!(out, "  hint: {}", visible_line(hint))?;
    }
    Ok(())
}

fn message(first: &First, out: &mut dyn Write) -> Result<()> {
    let at = match (&first.posted_at, &first.date_found) {
        (None, _) => "no date".to_string(),
        (Some(at), None) => at.clone(),
        (Some(at), Some(found)) => format!("{at} from \"{found}\""),
    };
    let at = if first.precise || first.posted_at.is_none() { at } else { format!("{at} (imprecise)") };
    let author = first.author.as_deref().unwrap_or("no author");
    let id = first.id.as_deref().unwrap_or("no id");
    let mut head = format!("{at} · {} · {author} · {id}", first.source);
    if let Some(thread) = &first.thread {
        head.push_str(&format!(" · in {thread}"));
    }
    writeln!(out, "    {}\n      {}", visible_line(&head), visible(&first.text).replace('\n', "\n      "))?;
    Ok(())
}

fn totals(looked: &Looked) -> String {
    let more = if looked.complete { "" } else { "at least " };
    let messages = counted(looked.messages, "message", "messages");
    let share = |part: u64, what: &str| match (part, looked.messages) {
        (_, 0) | (0, _) => None,
        (part, all) if part == all => Some(format!("none with {what}")),
        (part, all) => Some(format!("{} ({}) without {what}", percent(part as f64 / all as f64), thousands(part))),
    };
    let parts = [share(looked.without_author, "an author"), share(looked.without_date, "a date")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { format!("{more}{messages}") } else { format!("{more}{messages}; {}", parts.join(", ")) }
}
