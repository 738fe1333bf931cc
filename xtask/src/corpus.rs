//! A corpus for the crash tests: many small Telegram exports, each with the same number of messages.
//!
//! Not from `noctule simulate`: a crash test must know how many captures and messages there are without asking the
//! program under test, and its texts must not compress so well that a small disk never fills.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::tools;

/// Messages in each export; the checker is told the same number.
pub(crate) const MESSAGES: usize = 40;

/// The folder of a corpus of `exports` captures, made when it is not there yet.
pub(crate) fn exports(exports: usize) -> Result<PathBuf> {
    let dir = tools::scratch("crash-corpus")?.join(exports.to_string());
    let done = dir.with_extension("done");
    if done.is_file() {
        return Ok(dir);
    }
    println!("writing {exports} exports of {MESSAGES} messages");
    for n in 0..exports {
        write_export(&dir, n)?;
    }
    std::fs::write(&done, "").with_context(|| format!("cannot write {}", done.display()))?;
    Ok(dir)
}

fn write_export(dir: &Path, n: usize) -> Result<()> {
    let folder = dir.join(format!("chat-{n:05}"));
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let path = folder.join("result.json");
    std::fs::write(&path, export(n)).with_context(|| format!("cannot write {}", path.display()))
}

/// One export as Telegram Desktop writes it (single chat, public channel).
fn export(n: usize) -> String {
    let id = 1_500_000_000 + n as u64;
    let mut json =
        format!("{{\n \"name\": \"Crash test {n}\",\n \"type\": \"public_channel\",\n \"id\": {id},\n \"messages\": [");
    for m in 1..=MESSAGES {
        // Noon of one day after the other from 2021-01-01, so that a corpus spans months.
        let day = (n * MESSAGES + m) % 700;
        let unix = 1_609_502_400 + day as u64 * 86_400 + m as u64;
        let text = text(n, m);
        let comma = if m == 1 { "" } else { "," };
        // Writing into a String cannot fail.
        let _ = write!(
            json,
            "{comma}\n  {{\n   \"id\": {m},\n   \"type\": \"message\",\n   \"date\": \"{date}\",\n   \"date_unixtime\": \
             \"{unix}\",\n   \"from\": \"Crash test {n}\",\n   \"from_id\": \"channel{id}\",\n   \"text\": \"{text}\",\n   \
             \"text_entities\": [\n    {{\n     \"type\": \"plain\",\n     \"text\": \"{text}\"\n    }}\n   ]\n  }}",
            date = date(unix),
        );
    }
    json.push_str("\n ]\n}\n");
    json
}

/// A text of its own: no two are near-duplicates, and words of random letters do not compress.
fn text(n: usize, m: usize) -> String {
    let mut state = (n as u64) << 20 | m as u64 | 1 << 60;
    let mut text = String::new();
    for word in 0..24 {
        if word > 0 {
            text.push(' ');
        }
        for _ in 0..7 {
            // xorshift64 (Marsaglia 2003).
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            text.push(char::from(b'a' + (state >> 32 & 0xff) as u8 % 26));
        }
    }
    if m.is_multiple_of(10) {
        text.push_str(", deal through escrow only, 5%");
    }
    text
}

/// Seconds since 1970 as `2021-01-01T12:00:00` in UTC, for the years 2021 and 2022.
fn date(unix: u64) -> String {
    let (days, secs) = (unix / 86_400 - 18_628, unix % 86_400);
    let (year, mut day) = if days < 365 { (2021, days) } else { (2022, days - 365) };
    let mut month = 0;
    for length in [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        month += 1;
        if day < length {
            break;
        }
        day -= length;
    }
    format!("{year}-{month:02}-{:02}T{:02}:{:02}:{:02}", day + 1, secs / 3600, secs / 60 % 60, secs % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_json_with_the_promised_number_of_messages() {
        let json: serde_json::Value = serde_json::from_str(&export(3)).expect("valid JSON");
        assert_eq!(json["messages"].as_array().map(Vec::len), Some(MESSAGES));
        assert_eq!(json["messages"][0]["date"], "2021-05-02T12:00:01");
    }

    #[test]
    fn days_become_dates() {
        assert_eq!(date(1_609_502_400), "2021-01-01T12:00:00");
        assert_eq!(date(1_640_995_200), "2022-01-01T00:00:00");
        assert_eq!(date(1_669_852_800), "2022-12-01T00:00:00");
    }

    #[test]
    fn texts_differ() {
        assert_ne!(text(1, 2), text(2, 1));
    }
}
