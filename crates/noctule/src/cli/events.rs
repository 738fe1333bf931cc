//! `--events FILE.csv`: what happened and when, written down by the user as `date,name,url`.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use noctule_store::analyze::{Day, Event};

/// Somebody typed this file.
const MOST_BYTES: u64 = 1 << 20;
const MOST_EVENTS: usize = 1_000;
const MOST_NAME: usize = 300;

/// The events of a file, and its hash for the manifest.
pub struct EventFile {
    pub events: Vec<Event>,
    pub blake3: String,
}

impl EventFile {
    pub fn read(path: &Path) -> Result<Self> {
        let shown = path.display();
        let mut bytes = Vec::new();
        let file = File::open(path).with_context(|| format!("cannot open the events \"{shown}\""))?;
        file.take(MOST_BYTES + 1).read_to_end(&mut bytes).with_context(|| format!("cannot read \"{shown}\""))?;
        ensure!(bytes.len() as u64 <= MOST_BYTES, "the events \"{shown}\" are larger than one MiB");
        let text = std::str::from_utf8(&bytes).with_context(|| format!("the events \"{shown}\" are not UTF-8"))?;
        let events = parse(text).with_context(|| format!("cannot read the events \"{shown}\""))?;
        Ok(Self { events, blake3: blake3::hash(&bytes).to_hex().to_string() })
    }
}

/// Rows of `date,name,url` (RFC 4180) under a head line with these names in any order, or without one.
fn parse(text: &str) -> Result<Vec<Event>> {
    const HINT: &str = "hint: each line is date,name,url, such as 2021-03-04,Forum hacked,https://news.example/1";
    let mut columns = [Some(0), Some(1), Some(2)];
    let mut events = Vec::new();
    for (i, (line, cells)) in rows(text.trim_start_matches('\u{feff}'))?.into_iter().enumerate() {
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let head = |name: &str| cells.iter().position(|cell| cell.trim().eq_ignore_ascii_case(name));
        if i == 0 && head("date").is_some() {
            columns = ["date", "name", "url"].map(head);
            continue;
        }
        let cell = |column: usize| columns[column].and_then(|c| cells.get(c)).map_or("", |cell| cell.trim());
        let Some(date) = Day::parse(cell(0)) else {
            bail!("line {line}: \"{}\" is no day such as 2021-07-31\n{HINT}", shortened(cell(0)));
        };
        if cell(1).is_empty() {
            bail!("line {line}: the event has no name\n{HINT}");
        }
        events.push(Event { date, name: shortened(cell(1)), url: shortened(cell(2)) });
        ensure!(events.len() <= MOST_EVENTS, "line {line}: more than {MOST_EVENTS} events");
    }
    ensure!(!events.is_empty(), "there is no event in it\n{HINT}");
    Ok(events)
}

fn shortened(text: &str) -> String {
    text.chars().take(MOST_NAME).collect()
}

/// The rows with the number of their first line.
fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>> {
    let (mut rows, mut cells, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut line, mut first, mut quoted) = (1, 1, false);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            ',' if !quoted => cells.push(std::mem::take(&mut cell)),
            '\r' if !quoted && letters.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                cells.push(std::mem::take(&mut cell));
                rows.push((first, std::mem::take(&mut cells)));
                line += 1;
                first = line;
            }
            letter => {
                line += usize::from(letter == '\n');
                cell.push(letter);
            }
        }
    }
    ensure!(!quoted, "line {first}: a quotation mark does not close");
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        rows.push((first, cells));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<(String, String, String)> {
        let event = |e: &Event| (e.date.to_string(), e.name.clone(), e.url.clone());
        parse(text).expect("it reads").iter().map(event).collect()
    }

    #[test]
    fn with_and_without_a_head_line() {
        let one = [("2021-03-04".to_string(), "Forum hacked".to_string(), "https://news.example/1".to_string())];
        assert_eq!(names("2021-03-04,Forum hacked,https://news.example/1\n"), one);
        assert_eq!(names("\u{feff}URL, Date ,name\r\nhttps://news.example/1,2021-03-04,Forum hacked\r\n\r\n"), one);
        assert_eq!(
            names("date,name\n2021-03-04,\"a, \"\"b\"\"\nc\""),
            [("2021-03-04".into(), "a, \"b\"\nc".into(), String::new())]
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, says) in [
            ("", "no event"),
            ("date,name,url\n", "no event"),
            ("date,name\n04.03.2021,x\n", "line 2: \"04.03.2021\" is no day"),
            ("2021-02-30,x\n", "line 1"),
            ("2021-02-03,\n", "no name"),
            ("2021-02-03,\"x\n", "does not close"),
        ] {
            let error = format!("{:#}", parse(text).expect_err("it is malformed"));
            assert!(error.contains(says), "{text:?}: {error}");
        }
    }
}
