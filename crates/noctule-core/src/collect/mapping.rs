//! Which column of a generic table (JSONL, CSV) holds what: given by the user, or guessed with reasons.
//!
//! A name decides before a value does. Names are compared in lower case without `_`, `-`, dots and spaces; of a
//! nested name (`user.name`) the whole is tried first, then its last part. A column whose name says that it holds
//! a password, an address or a card is never taken.

use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::dates::{self, DayOrder, OrderFound};

mod names;
mod profiles;

pub(super) use profiles::Profile;

/// Column names by meaning; nested JSON keys are joined by dots (`user.name`).
///
/// What is `None` is guessed; an empty name (`author_id=`) says that the table has no such column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thread_title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarded_from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// The meanings, in the order in which they choose their columns.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    Text,
    Date,
    Id,
    AuthorId,
    AuthorName,
    Source,
    Medium,
    ThreadId,
    ThreadTitle,
    ReplyTo,
    ForwardedFrom,
    EditedAt,
    Url,
}

impl Field {
    pub const COUNT: usize = 13;
    pub const ALL: [Self; Self::COUNT] = [
        Self::Text,
        Self::Date,
        Self::Id,
        Self::AuthorId,
        Self::AuthorName,
        Self::Source,
        Self::Medium,
        Self::ThreadId,
        Self::ThreadTitle,
        Self::ReplyTo,
        Self::ForwardedFrom,
        Self::EditedAt,
        Self::Url,
    ];

    /// The key in a mapping.
    pub fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Date => "date",
            Self::Id => "id",
            Self::AuthorId => "author_id",
            Self::AuthorName => "author_name",
            Self::Source => "source",
            Self::Medium => "medium",
            Self::ThreadId => "thread_id",
            Self::ThreadTitle => "thread_title",
            Self::ReplyTo => "reply_to",
            Self::ForwardedFrom => "forwarded_from",
            Self::EditedAt => "edited_at",
            Self::Url => "url",
        }
    }
}

/// A guessed mapping and why.
#[derive(Clone, Default)]
pub struct Guess {
    pub mapping: Mapping,
    /// One line a column: `text = "message" (name)`.
    pub reasons: Vec<String>,
    pub day_order: DayOrder,
    /// Set when dates like `03/04/2021` can be read both ways.
    pub ambiguous_dates: bool,
    /// True when the text column was found by its name rather than by what is in it.
    pub text_by_name: bool,
    /// Set when the columns are those of a table that we know.
    pub(super) profile: Option<&'static Profile>,
}

/// What the start of a table holds.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    pub columns: Vec<String>,
    /// A row may be shorter than `columns`.
    pub rows: Vec<Vec<String>>,
}

impl Sample {
    /// The values of a column that are not empty.
    pub fn values(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows
            .iter()
            .filter_map(move |row| row.get(column))
            .map(|value| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// The number of the column of this name; without one, of a column that differs only in spelling.
    pub fn column(&self, name: &str) -> Option<usize> {
        let exact = self.columns.iter().position(|column| column == name);
        exact.or_else(|| self.columns.iter().position(|column| plain(column) == plain(name)))
    }
}

/// A mapping that cannot be read, in words for the user.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MappingError(String);

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MappingError {}

impl Mapping {
    /// Reads `text=Message_text,date=Timestamp`.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let mut mapping = Self::default();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let Some((key, column)) = pair.split_once('=') else {
                return Err(MappingError(format!(
                    "cannot read mapping {pair:?}: no equals sign\nhint: write field=column, for example text=message"
                )));
            };
            let key = key.trim();
            let Some(field) = Field::ALL.into_iter().find(|field| field.word() == key) else {
                return Err(MappingError(format!(
                    "cannot read mapping: no field is called {key:?}\nhint: the fields are {}",
                    Field::ALL.map(Field::word).join(", ")
                )));
            };
            if mapping.get(field).is_some() {
                return Err(MappingError(format!("cannot read mapping: {key:?} is given twice")));
            }
            *mapping.slot(field) = Some(column.trim().to_owned());
        }
        Ok(mapping)
    }

    /// Reads a profile as [`to_toml`](Self::to_toml) writes it.
    pub fn from_toml(text: &str) -> Result<Self, MappingError> {
        toml::from_str(text).map_err(|error| {
            MappingError(format!(
                "cannot read mapping: {}\nhint: the fields are {}",
                error.message(),
                Field::ALL.map(Field::word).join(", ")
            ))
        })
    }

    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a struct of strings is a TOML table")
    }

    pub fn get(&self, field: Field) -> Option<&str> {
        match field {
            Field::Text => self.text.as_deref(),
            Field::Date => self.date.as_deref(),
            Field::Id => self.id.as_deref(),
            Field::AuthorId => self.author_id.as_deref(),
            Field::AuthorName => self.author_name.as_deref(),
            Field::Source => self.source.as_deref(),
            Field::Medium => self.medium.as_deref(),
            Field::ThreadId => self.thread_id.as_deref(),
            Field::ThreadTitle => self.thread_title.as_deref(),
            Field::ReplyTo => self.reply_to.as_deref(),
            Field::ForwardedFrom => self.forwarded_from.as_deref(),
            Field::EditedAt => self.edited_at.as_deref(),
            Field::Url => self.url.as_deref(),
        }
    }

    pub(super) fn slot(&mut self, field: Field) -> &mut Option<String> {
        match field {
            Field::Text => &mut self.text,
            Field::Date => &mut self.date,
            Field::Id => &mut self.id,
            Field::AuthorId => &mut self.author_id,
            Field::AuthorName => &mut self.author_name,
            Field::Source => &mut self.source,
            Field::Medium => &mut self.medium,
            Field::ThreadId => &mut self.thread_id,
            Field::ThreadTitle => &mut self.thread_title,
            Field::ReplyTo => &mut self.reply_to,
            Field::ForwardedFrom => &mut self.forwarded_from,
            Field::EditedAt => &mut self.edited_at,
            Field::Url => &mut self.url,
        }
    }

    /// Completes what the user gave (if anything) from the start of the table.
    pub fn guess(given: Option<&Self>, sample: &Sample) -> Guess {
        let mut guess = Guess { mapping: given.cloned().unwrap_or_default(), ..Guess::default() };
        let mut taken = vec![false; sample.columns.len()];
        for field in Field::ALL {
            if let Some(name) = guess.mapping.get(field).filter(|name| !name.is_empty()) {
                guess.reasons.push(format!("{} = {name:?} (given)", field.word()));
                guess.text_by_name |= field == Field::Text;
                if let Some(column) = sample.column(name) {
                    taken[column] = true;
                    *guess.mapping.slot(field) = Some(sample.columns[column].clone());
                }
            }
        }
        for (column, name) in sample.columns.iter().enumerate() {
            // `fwd_from` that is null in one row and an object in another is not itself a value; and what is called
            // `_` (Telethon's name of a type) is a value of nobody.
            let parent = sample
                .columns
                .iter()
                .any(|other| other.strip_prefix(&**name).is_some_and(|rest| rest.starts_with('.')));
            taken[column] |= sensitive(name) || parent || name.ends_with("._");
        }
        guess.profile = profiles::find(sample);
        if let Some(profile) = guess.profile {
            for (column, name) in sample.columns.iter().enumerate() {
                taken[column] |= profile.never(name);
            }
            for field in Field::ALL.into_iter().filter(|field| guess.mapping.get(*field).is_none()).collect::<Vec<_>>()
            {
                if let Some(column) = profile.column(field, sample).filter(|column| !taken[*column]) {
                    guess.take(field, column, profile.name, sample, &mut taken);
                    guess.text_by_name |= field == Field::Text;
                }
            }
        }
        let missing = |guess: &Guess| {
            Field::ALL.into_iter().filter(|field| guess.mapping.get(*field).is_none()).collect::<Vec<_>>()
        };
        for field in missing(&guess) {
            if let Some(column) = by_name(field, sample, &taken) {
                guess.take(field, column, "name", sample, &mut taken);
                guess.text_by_name |= field == Field::Text;
            }
        }
        for field in missing(&guess) {
            let (found, reason) = match field {
                Field::Text => (longest_text(sample, &taken), "the longest texts"),
                Field::Date => (all_dates(sample, &taken), "its values are dates"),
                _ => continue,
            };
            if let Some(column) = found {
                guess.take(field, column, reason, sample, &mut taken);
            }
        }
        guess.find_day_order(sample);
        guess
    }
}

impl Guess {
    /// The columns that mean nothing to us, or that we never take.
    pub(super) fn unread(&self, sample: &Sample) -> Vec<String> {
        let taken = |name: &&String| Field::ALL.into_iter().any(|field| self.mapping.get(field) == Some(name.as_str()));
        sample.columns.iter().filter(|name| !taken(name)).cloned().collect()
    }

    fn take(&mut self, field: Field, column: usize, why: &str, sample: &Sample, taken: &mut [bool]) {
        let name = &sample.columns[column];
        taken[column] = true;
        self.reasons.push(format!("{} = {name:?} ({why})", field.word()));
        *self.mapping.slot(field) = Some(name.clone());
    }

    fn find_day_order(&mut self, sample: &Sample) {
        let Some(column) = self.mapping.date.as_deref().and_then(|name| sample.column(name)) else {
            return;
        };
        match dates::day_order(sample.values(column)) {
            OrderFound::NotNeeded => {}
            OrderFound::Decided(order) => {
                self.day_order = order;
                let words = if order == DayOrder::DayFirst { "day/month" } else { "month/day" };
                self.reasons.push(format!("dates are {words} (a value decides)"));
            }
            OrderFound::Ambiguous => {
                self.ambiguous_dates = true;
                self.reasons.push("dates are read as day/month (no value decides)".into());
            }
        }
    }
}

/// A name in lower case, without what separates its words.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | '.' | ' ' | '\u{a0}')).flat_map(char::to_lowercase).collect()
}

/// Columns that we never take: credentials, addresses, cards.
fn sensitive(name: &str) -> bool {
    const WORDS: [&str; 9] =
        ["password", "passwd", "пароль", "密码", "email", "cookie", "cardnumber", "ipaddress", "phone"];
    let name = plain(name);
    name == "ip" || name == "card" || name == "cvv" || WORDS.iter().any(|word| name.contains(word))
}

fn by_name(field: Field, sample: &Sample, taken: &[bool]) -> Option<usize> {
    let plain_names: Vec<String> = sample.columns.iter().map(|column| plain(column)).collect();
    for wanted in field.names() {
        if let Some(column) = plain_names.iter().position(|name| name == wanted)
            && !taken[column]
            && fits(field, sample, column)
        {
            return Some(column);
        }
    }
    for wanted in field.names() {
        for (column, name) in sample.columns.iter().enumerate() {
            let Some((parents, last)) = name.rsplit_once('.') else {
                continue;
            };
            // The message that is forwarded or answered has its own text, date and author: not ours.
            let parents = plain(parents);
            let other = ["fwd", "forward", "reply", "media", "quote"].iter().any(|word| parents.starts_with(word));
            let of_other = matches!(field, Field::ForwardedFrom | Field::ReplyTo);
            if !taken[column] && plain(last) == *wanted && other == of_other && fits(field, sample, column) {
                return Some(column);
            }
        }
    }
    None
}

/// Whether the values contradict the name. A column without values contradicts nothing.
fn fits(field: Field, sample: &Sample, column: usize) -> bool {
    let mut values = sample.values(column).take(50).peekable();
    if values.peek().is_none() {
        return true;
    }
    match field {
        // A column called `text` is the contract; others may hold a number that counts or names the message.
        Field::Text => plain(&sample.columns[column]) == "text" || values.any(|value| value.parse::<f64>().is_err()),
        Field::Date | Field::EditedAt => {
            values.any(|value| dates::parse(value, &TimeZone::UTC, DayOrder::DayFirst).is_some())
        }
        Field::Id | Field::AuthorId | Field::ThreadId => values.all(|value| value.len() <= 100),
        _ => true,
    }
}

/// Without a telling name: the column with the longest texts on average, if they look like sentences.
fn longest_text(sample: &Sample, taken: &[bool]) -> Option<usize> {
    let mut best = None;
    for column in (0..sample.columns.len()).filter(|column| !taken[*column]) {
        let (mut count, mut letters, mut sentences) = (0, 0, 0);
        for value in sample.values(column) {
            count += 1;
            letters += value.chars().count();
            let link = value.starts_with("http") && !value.contains(' ');
            let wide = value.chars().filter(|c| *c >= '\u{2E80}').count() >= 6;
            sentences += usize::from(!link && (wide || value.split_whitespace().count() >= 3));
        }
        let date = sample.values(column).take(5).all(|v| dates::parse(v, &TimeZone::UTC, DayOrder::DayFirst).is_some());
        if count >= 2 && !date && sentences * 2 >= count && letters >= count * 15 {
            let mean = letters / count;
            if best.is_none_or(|(most, _)| mean > most) {
                best = Some((mean, column));
            }
        }
    }
    best.map(|(_, column)| column)
}

/// Without a telling name: the first column of which four values in five are dates; numbers must be of our time.
fn all_dates(sample: &Sample, taken: &[bool]) -> Option<usize> {
    const FROM_2000_TO_2100: std::ops::Range<i64> = 946_684_800..4_102_444_800;
    (0..sample.columns.len()).filter(|column| !taken[*column]).find(|column| {
        let (mut count, mut good) = (0, 0);
        for value in sample.values(*column) {
            count += 1;
            let found = dates::parse(value, &TimeZone::UTC, DayOrder::DayFirst);
            good += usize::from(found.is_some_and(|found| FROM_2000_TO_2100.contains(&found.at.secs())));
        }
        count > 0 && good * 5 >= count * 4
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(columns: &str, rows: &[&str]) -> Sample {
        let cells = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
        Sample { columns: cells(columns), rows: rows.iter().map(|row| cells(row)).collect() }
    }

    fn reasons(columns: &str, rows: &[&str]) -> String {
        Mapping::guess(None, &sample(columns, rows)).reasons.join("; ")
    }

    #[test]
    fn names_of_telegram_dumps() {
        assert_eq!(
            reasons("Chat_name|message ID|Message_text|from_id|Timestamp", &["a|1|hello|user5|2021-10-14 21:07:00"]),
            "text = \"Message_text\" (name); date = \"Timestamp\" (name); id = \"message ID\" (name); \
             author_id = \"from_id\" (name); source = \"Chat_name\" (name)"
        );
        assert_eq!(
            reasons("id|message|fwd_from.date|date|from_id.user_id|fwd_from.from_name", &["1|hello|1|1634245620|5|x"]),
            "text = \"message\" (name); date = \"date\" (name); id = \"id\" (name); \
             author_id = \"from_id.user_id\" (name); forwarded_from = \"fwd_from.from_name\" (name)"
        );
    }

    #[test]
    fn names_in_other_languages() {
        assert_eq!(
            reasons("Дата|Автор|Текст сообщения", &["14.10.2021|x|продам"]),
            "text = \"Текст сообщения\" (name); date = \"Дата\" (name); author_name = \"Автор\" (name)"
        );
        assert_eq!(reasons("时间|内容", &["2021-10-14|出售"]), "text = \"内容\" (name); date = \"时间\" (name)");
    }

    #[test]
    fn values_decide_when_names_do_not() {
        let rows = ["7|2021-10-14|selling fresh access to a shop|x", "8|2021-10-15|who can vouch for this seller|y"];
        assert_eq!(reasons("a|b|c|d", &rows), "text = \"c\" (the longest texts); date = \"b\" (its values are dates)");
    }

    #[test]
    fn values_can_contradict_a_name() {
        let rows = ["17|hello there|1", "18|hello again|2"];
        assert_eq!(reasons("message|body|date_of", &rows), "text = \"body\" (name)");
    }

    #[test]
    fn credentials_are_never_taken() {
        let rows = ["correct horse battery staple|a", "hunter two is not a password|b"];
        assert_eq!(reasons("password|x", &rows), "");
    }

    #[test]
    fn given_fields_win_and_an_empty_one_is_off() {
        let given = Mapping::parse("text=Body, source=").unwrap();
        let guess = Mapping::guess(Some(&given), &sample("text|body|channel|id", &["a|b|c|1"]));
        assert_eq!(guess.mapping.text.as_deref(), Some("body"));
        assert_eq!(guess.mapping.source.as_deref(), Some(""));
        assert_eq!(guess.mapping.id.as_deref(), Some("id"));
    }

    #[test]
    fn a_profile_reads_back() {
        let mapping = Mapping::parse("text=Message_text,date=Timestamp,author_name=user.name").unwrap();
        assert_eq!(Mapping::from_toml(&mapping.to_toml()), Ok(mapping));
    }

    #[test]
    fn an_unknown_field_names_the_known_ones() {
        let error = Mapping::parse("txt=message").unwrap_err().to_string();
        assert!(error.contains("\"txt\"") && error.contains("author_name"), "{error}");
        let error = Mapping::from_toml("txt = \"message\"").unwrap_err().to_string();
        assert!(error.contains("txt") && error.contains("author_name"), "{error}");
        assert!(Mapping::parse("text").is_err() && Mapping::parse("id=a,id=b").is_err());
    }
}
