//! What JSONL and CSV have in common: a row of cells becomes a message.
//!
//! Left to others: cutting the file into rows (`jsonl`, `csv`) and finding out which column is what (`mapping`).

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::json::MAX_TEXT;
use super::mapping::{Field, Guess, Mapping, plain};
use super::out::Out;
use super::sources::Sources;
use super::{Sample, Sink, dates, file_stem};
use crate::model::{Medium, PostedAt, RawMessage, Reason, Skip, Source};

/// The cells of one row by meaning, in the order of [`Field::ALL`].
pub(super) type Cells<'a> = [Option<Cow<'a, str>>; Field::COUNT];

/// What a table is made of besides its bytes.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub path: &'a str,
    pub zone: &'a TimeZone,
    pub mapping: Option<&'a Mapping>,
}

/// Where the readers of rows put what they found: the end that JSONL and CSV have in common.
pub(super) struct Rows<'a> {
    table: Table<'a>,
    pub out: Out<'a>,
}

impl<'a> Rows<'a> {
    /// Guesses the columns from the first rows, and says what the user should know about it.
    pub fn new(source: &Origin<'a>, sample: &Sample, sink: &'a mut dyn Sink) -> Self {
        let table = Table::new(source, sample);
        // Remarks are not counted: a table with nothing but a remark is still an empty one.
        if let Some(skip) = table.remarks() {
            sink.skip(skip);
        }
        Self { table, out: Out::new(sink) }
    }

    pub fn mapping(&self) -> &Mapping {
        &self.table.mapping
    }

    /// Makes a message of a row and hands it on; a row without one becomes a skip, whose place `shown` writes.
    pub fn row(&mut self, cells: &mut Cells<'_>, place: u64, shown: impl Fn() -> String) -> ControlFlow<()> {
        match self.table.message(cells, place, shown) {
            Ok((message, remark)) => {
                if let Some(Skip { place, reason, detail }) = remark {
                    self.out.skip(place, reason, detail);
                }
                self.out.message(message)
            }
            Err(Skip { place, reason, detail }) => {
                self.out.skip(place, reason, detail);
                ControlFlow::Continue(())
            }
        }
    }
}

/// Turns the rows of one file into messages.
struct Table<'a> {
    mapping: Mapping,
    guess: Guess,
    zone: &'a TimeZone,
    medium: Medium,
    sources: Sources<String>,
    without_source: Arc<Source>,
    /// The source of the row before.
    last: Option<Arc<Source>>,
}

impl<'a> Table<'a> {
    fn new(source: &Origin<'a>, sample: &Sample) -> Self {
        let guess = Mapping::guess(source.mapping, sample);
        let mut mapping = guess.mapping.clone();
        for field in Field::ALL {
            if mapping.get(field) == Some("") {
                *mapping.slot(field) = None;
            }
        }
        let medium = guess.profile.map_or_else(|| medium_of_columns(&mapping, sample), |profile| profile.medium);
        let stem = file_stem(source.path);
        let without_source = Arc::new(Source { key: format!("file:{stem}"), name: stem.to_owned(), medium, url: None });
        Self { mapping, guess, zone: source.zone, medium, sources: Sources::new(), without_source, last: None }
    }

    /// What the user should know about how the whole table is read.
    fn remarks(&self) -> Option<Skip> {
        let column = self.mapping.date.as_deref().filter(|_| self.guess.ambiguous_dates)?;
        Some(Skip {
            place: format!("column {column:?}"),
            reason: Reason::BadDate,
            detail: "no date at the start says whether the day or the month comes first; read as day/month".into(),
        })
    }

    /// Makes a message of a row. `Err` when the row holds none; a date that cannot be read is told beside it.
    fn message(
        &mut self,
        cells: &mut Cells<'_>,
        place: u64,
        shown: impl Fn() -> String,
    ) -> Result<(RawMessage, Option<Skip>), Skip> {
        let mut take = |field: Field| cells[field as usize].take();
        let mut short = |field: Field| take(field).map(trimmed).filter(|cell| !void(cell));
        let date = short(Field::Date);
        let edited = short(Field::EditedAt);
        let source = short(Field::Source);
        let medium = short(Field::Medium);
        let id = short(Field::Id);
        let author_id = short(Field::AuthorId);
        let author_name = short(Field::AuthorName);
        let thread_id = short(Field::ThreadId);
        let thread_title = short(Field::ThreadTitle);
        let reply_to = short(Field::ReplyTo);
        let forwarded_from = short(Field::ForwardedFrom);
        let text = take(Field::Text).unwrap_or_default().into_owned();
        if text.len() > MAX_TEXT {
            let detail = format!("the text has {} bytes, more than {MAX_TEXT}", text.len());
            return Err(Skip { place: shown(), reason: Reason::TooLarge, detail });
        }
        let source = self.source(source, medium.as_deref());
        let mut message = RawMessage::new(source, place, text);
        message.native_id = id.map(bare_number).map(Cow::into_owned);
        message.author.id = author_id.map(bare_number).map(Cow::into_owned);
        message.author.name = author_name.map(Cow::into_owned);
        message.thread_id = thread_id.map(bare_number).map(Cow::into_owned);
        message.thread_title = thread_title.map(Cow::into_owned);
        message.reply_to = reply_to.map(bare_number).map(Cow::into_owned).and_then(cited);
        message.forwarded_from = forwarded_from.map(Cow::into_owned);
        message.edited_at = edited.and_then(|edited| self.date(&edited)).map(|edited| edited.at);
        let mut skip = None;
        if let Some(date) = date {
            message.posted_at = self.date(&date);
            if message.posted_at.is_none() {
                let detail = "the date cannot be read; the message was kept without it".into();
                skip = Some(Skip { place: shown(), reason: Reason::BadDate, detail });
            }
        }
        Ok((message, skip))
    }

    fn date(&self, text: &str) -> Option<PostedAt> {
        dates::parse(text, self.zone, self.guess.day_order)
    }

    fn source(&mut self, name: Option<Cow<'_, str>>, medium: Option<&str>) -> Arc<Source> {
        let medium = medium.and_then(medium_by_word).unwrap_or(self.medium);
        let prefix = self.guess.profile.map_or("", |profile| profile.source_prefix);
        let Some(name) = name.map(bare_number).map(|name| numbered(prefix, name)) else {
            if medium == self.without_source.medium {
                return self.without_source.clone();
            }
            return Arc::new(Source { medium, ..Source::clone(&self.without_source) });
        };
        // Messages of one source stand side by side as a rule.
        if let Some(last) = &self.last
            && last.name == name
            && last.medium == medium
        {
            return last.clone();
        }
        let source = self.sources.get(name.as_ref()).filter(|source| source.medium == medium).unwrap_or_else(|| {
            let name = name.into_owned();
            let source = Source { key: format!("name:{name}"), name: name.clone(), medium, url: None };
            self.sources.keep(name, source)
        });
        self.last = Some(source.clone());
        source
    }
}

/// A source's name; a bare number is put behind what the profile calls such a source.
fn numbered<'c>(prefix: &str, name: Cow<'c, str>) -> Cow<'c, str> {
    let bare = !prefix.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
    if bare { format!("{prefix}{name}").into() } else { name }
}

/// A cell without white space at its ends.
fn trimmed(cell: Cow<'_, str>) -> Cow<'_, str> {
    // Nearly every cell begins and ends with a letter or digit: two looks instead of decoding from both ends.
    if let ([first, ..], [.., last]) = (cell.as_bytes(), cell.as_bytes())
        && first.is_ascii_graphic()
        && last.is_ascii_graphic()
    {
        return cell;
    }
    match cell {
        Cow::Borrowed(cell) => Cow::Borrowed(cell.trim()),
        Cow::Owned(cell) => Cow::Owned(cell.trim().to_owned()),
    }
}

/// How programs write that there is nothing.
fn void(cell: &str) -> bool {
    matches!(cell, "" | "null" | "NULL" | "None" | "NaN" | "nan" | "NaT" | "\\N")
}

/// `6405055011.0`, as data frames write a whole number in a column with gaps, is `6405055011`.
fn bare_number(cell: Cow<'_, str>) -> Cow<'_, str> {
    if !cell.ends_with('0') {
        return cell;
    }
    match cell.split_once('.') {
        Some((whole, zeros))
            if !zeros.is_empty()
                && zeros.bytes().all(|b| b == b'0')
                && whole.strip_prefix('-').unwrap_or(whole).bytes().all(|b| b.is_ascii_digit())
                && whole.ends_with(|c: char| c.is_ascii_digit()) =>
        {
            Cow::Owned(whole.to_owned())
        }
        _ => cell,
    }
}

/// The first of a list as databases write it (`{91,92}`, `[91]`); minus one is how CrimeBB writes that there is none.
fn cited(cell: String) -> Option<String> {
    let inside = cell.trim_start_matches(['{', '[']).trim_end_matches(['}', ']']);
    let first = inside.split(',').next().unwrap_or("").trim();
    match first {
        "" | "-1" => None,
        first if first.len() == cell.len() => Some(cell),
        first => Some(first.to_owned()),
    }
}

/// Our words, and the words that platforms use for themselves.
fn medium_by_word(word: &str) -> Option<Medium> {
    if let Some(medium) = Medium::from_word(word) {
        return Some(medium);
    }
    let word = word.trim().to_lowercase();
    if let Some(medium) = Medium::from_word(&word) {
        return Some(medium);
    }
    Some(match plain(&word).as_str() {
        "telegram" | "tg" | "channel" | "telegramchannel" | "publicchannel" | "privatechannel" | "broadcast" => {
            Medium::TelegramChannel
        }
        "group" | "supergroup" | "telegramgroup" | "telegramchat" | "publicsupergroup" | "privatesupergroup"
        | "privategroup" | "gigagroup" | "megagroup" => Medium::TelegramGroup,
        "forum" | "forums" | "board" | "darkwebforum" => Medium::Forum,
        "market" | "markets" | "marketplace" | "darknetmarket" | "shop" => Medium::Marketplace,
        "discord" => Medium::Discord,
        "matrix" => Medium::Matrix,
        "jabber" | "xmpp" => Medium::Jabber,
        "irc" => Medium::Irc,
        "paste" | "pastebin" => Medium::Paste,
        "leaksite" | "ransomware" => Medium::LeakSite,
        "mail" | "email" | "maillist" => Medium::Mail,
        _ => return None,
    })
}

fn medium_by_url(url: &str) -> Option<Medium> {
    let host = url.split_once("://").map_or(url, |(_, rest)| rest).split('/').next()?;
    matches!(host, "t.me" | "telegram.me").then_some(Medium::TelegramChannel)
}

/// What the names of the columns, and the first link, say about the medium of the whole table.
fn medium_of_columns(mapping: &Mapping, sample: &Sample) -> Medium {
    let names: Vec<String> = sample.columns.iter().map(|name| plain(name)).collect();
    let any = |starts: &[&str]| names.iter().any(|name| starts.iter().any(|start| name.starts_with(start)));
    let source = mapping.source.as_deref().and_then(|name| name.rsplit('.').next()).map(plain).unwrap_or_default();
    let url =
        mapping.url.as_deref().and_then(|name| sample.column(name)).and_then(|column| sample.values(column).next());
    let telegram = any(&["telegram", "peerid", "fwdfrom", "fromid", "viabot", "groupedid"]);
    if any(&["guild"]) || source.starts_with("discord") {
        Medium::Discord
    } else if source.starts_with("forum") || any(&["forum"]) {
        Medium::Forum
    } else if source.starts_with("market") {
        Medium::Marketplace
    } else if source.starts_with("channel") || source.starts_with("канал") || source.starts_with("频道") {
        Medium::TelegramChannel
    } else if telegram && (source.starts_with("chat") || source.starts_with("group")) {
        Medium::TelegramGroup
    } else if let Some(medium) = url.and_then(medium_by_url) {
        medium
    } else {
        Medium::Other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_were_floats() {
        for (cell, bare) in [
            ("6405055011.0", "6405055011"),
            ("-12.00", "-12"),
            ("1.5", "1.5"),
            (".0", ".0"),
            ("v1.0", "v1.0"),
            ("5.", "5."),
        ] {
            assert_eq!(bare_number(cell.into()), bare);
        }
    }

    #[test]
    fn words_for_a_medium() {
        assert_eq!(medium_by_word("leak-site"), Some(Medium::LeakSite));
        assert_eq!(medium_by_word(" Telegram "), Some(Medium::TelegramChannel));
        assert_eq!(medium_by_word("public_supergroup"), Some(Medium::TelegramGroup));
        assert_eq!(medium_by_word("en"), None);
        assert_eq!(medium_by_url("https://t.me/example/5"), Some(Medium::TelegramChannel));
        assert_eq!(medium_by_url("https://not-t.me/example/5"), None);
    }
}
