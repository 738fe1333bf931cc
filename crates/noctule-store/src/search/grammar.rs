//! The language of searching, for the command line and the web application alike.
//!
//! # What can be asked
//!
//! | written | finds messages |
//! |---|---|
//! | `escrow btc` | with both words; case, accents and look-alike letters do not matter |
//! | `"escrow service"` | with these words one after the other |
//! | `escrow OR guarantor` | with at least one of them |
//! | `-scam`, `NOT scam` | without the word |
//! | `(fullz OR cvv) escrow` | parentheses group; `OR` binds weaker than words side by side |
//! | `esc*` | with a word that begins so, at least two letters |
//! | `guarantor~1`, `guarantor~2` | with a word that is one or two letters different |
//! | `"escrow btc"~5` | with the words in any order, moved by five words in all |
//! | `担保` | with these signs side by side: Chinese, Japanese, Korean and Thai are found inside of longer words |
//!
//! Fields narrow the search and never change the order of what is found:
//!
//! | written | finds messages |
//! |---|---|
//! | `source:"Dark Market"` | of sources with these words in their present name, or of this source id |
//! | `medium:forum` | of this medium, such as `telegram-channel`, `marketplace` |
//! | `lang:ru` | in this language |
//! | `author:vendor99` | by authors with these words in their name, or of this author id |
//! | `thread:"selling access"` | in threads with these words in their title, or of this thread id |
//! | `kind:database`, `role:seller` | of this kind of goods, of this role in the deal |
//! | `escrow:true`, `deal:false`, `scam:true` | that do, or do not, mention an escrow agent, deal, accuse |
//! | `agent:human`, `polarity:refused` | by the kind of escrow agent, and how it is spoken of |
//! | `score:>0.9` | by the score of the escrow mention, 0 to 1 |
//! | `price:>1000`, `price:100..500` | by price in US dollars |
//! | `fee:3..15` | whose escrow fee in percent lies in the range, or overlaps it |
//! | `date:2021-07..2021-12` | posted from the start of the first to the end of the last: years, months or days, UTC |
//! | `id:abcdefgh234567ij` | with this message id |
//!
//! Ranges are `A..B` with both ends in them, `A..`, `..B`, `>A`, `>=A`, `<A`, `<=A`; `price:*` is any price at all. Several
//! values of a field: `lang:(ru OR en)`.
//!
//! # How
//!
//! Words side by side must all be there. Words are folded as the detectors fold them, so `гарант` finds `гapaнт` written
//! with Latin letters. What looks like one word and is several (`t.me/shop`) is a phrase. There are no stop words and no
//! stemming: `escrows` is another word than `escrow`, `escrow*` finds both. Quotation marks take their special signs away:
//! `"OR"` is the word. An address such as `https://…` is not taken for a field; any other word before a colon is, and an
//! unknown one is an error.
//!
//! # Where it is wrong
//!
//! - Words of prefix and fuzzy searches count alike for the order, however rare they are.
//! - A word of nothing but letters that look alike in Latin and Cyrillic is one word in both: `сор` finds `cop`.
//! - Every word that was asked for is marked in what is shown, also where it is not part of the phrase that was found.
//! - `~` counts letters, also in scripts where one letter is a syllable.
//! - Thai, Lao, Khmer and Burmese are cut into pairs of signs like Chinese, so a word is also found across the border of
//!   two others.

use std::fmt;

/// The text above, for the reference page and for whoever asks the program.
pub const REFERENCE: &str = {
    const SOURCE: &str = include_str!("grammar.rs");
    const LENGTH: usize = noctule_core::reference::head_length(SOURCE);
    const HEAD: [u8; LENGTH] = noctule_core::reference::head(SOURCE);
    match std::str::from_utf8(&HEAD) {
        Ok(head) => head,
        Err(_) => "",
    }
};

/// What is asked for.
#[derive(Clone, PartialEq, Debug)]
pub enum Query {
    /// Everything; of a query without words.
    All,
    And(Vec<Query>),
    Or(Vec<Query>),
    Not(Box<Query>),
    /// Words of the text.
    Text(Words),
    /// A condition that does not count for the order.
    Filter(Filter),
}

/// Words as written, between quotation marks or not.
#[derive(Clone, PartialEq, Debug)]
pub struct Words {
    pub text: String,
    pub kind: Match,
    /// Where they stand in the query.
    pub column: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Match {
    /// The words one after the other.
    Exact,
    Prefix,
    /// So many letters may differ.
    Fuzzy(u8),
    /// The words may be moved so far in all.
    Near(u32),
}

#[derive(Clone, PartialEq, Debug)]
pub enum Filter {
    /// Words of a name, or an id.
    Named(Name, Words),
    /// One word of a closed list.
    Word(Label, String),
    Flag(Flag, bool),
    Number(Number, Range),
    /// Microseconds; `until` is not in it.
    Date {
        from: Option<i64>,
        until: Option<i64>,
    },
    Id(String),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Name {
    Source,
    Author,
    Thread,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Label {
    Medium,
    Lang,
    Kind,
    Role,
    Agent,
    Polarity,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Flag {
    Escrow,
    Deal,
    Scam,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Number {
    Score,
    Price,
    Fee,
}

/// Two ends, each with whether it is in the range; without ends, any number.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Range {
    pub low: Option<(f64, bool)>,
    pub high: Option<(f64, bool)>,
}

/// What is wrong with a query. Columns count characters from 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct QueryError {
    pub column: usize,
    pub problem: String,
    pub hint: Option<String>,
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "column {}: {}", self.column, self.problem)
    }
}

/// A query longer than this is no question of a person.
const MAX_BYTES: usize = 16 << 10;
/// Words, fields and parentheses.
const MAX_PARTS: usize = 512;
const MAX_DEPTH: usize = 32;
/// Letters before the star of a prefix: fewer would be half of all words.
const SHORTEST_PREFIX: usize = 2;
const WIDEST_NEAR: u32 = 100;

/// The fields, as they are written.
const FIELDS: [&str; 17] = [
    "agent", "author", "date", "deal", "escrow", "fee", "id", "kind", "lang", "medium", "polarity", "price", "role",
    "scam", "score", "source", "thread",
];

/// Reads a query. Total: any text gives a query or an error that says where.
pub fn parse(text: &str) -> Result<Query, QueryError> {
    if text.len() > MAX_BYTES {
        return Err(error(1, format!("the query is longer than {MAX_BYTES} bytes"), None));
    }
    let mut parser = Parser { rest: text.chars().collect(), at: 0, depth: 0, parts: 0 };
    let query = parser.either(None)?;
    if parser.peek().is_some() {
        // Only a closing parenthesis ends an expression early.
        return Err(error(parser.column(), "there is no opening parenthesis for this one", None));
    }
    Ok(query.unwrap_or(Query::All))
}

impl Query {
    /// Whether it asks for words of the text, so that some matches are better than others.
    pub fn ranks(&self) -> bool {
        match self {
            Query::All | Query::Filter(_) | Query::Not(_) => false,
            Query::Text(_) => true,
            Query::And(parts) | Query::Or(parts) => parts.iter().any(Query::ranks),
        }
    }

    /// The words to show as found: all that are asked for, and none that are excluded.
    pub fn wanted(&self) -> Vec<&Words> {
        match self {
            Query::Text(words) => vec![words],
            Query::And(parts) | Query::Or(parts) => parts.iter().flat_map(Query::wanted).collect(),
            Query::All | Query::Filter(_) | Query::Not(_) => Vec::new(),
        }
    }
}

struct Parser {
    rest: Vec<char>,
    at: usize,
    depth: usize,
    parts: usize,
}

/// One word or quotation as it stands.
struct Token {
    text: String,
    quoted: bool,
    column: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.rest.get(self.at).copied()
    }

    /// Of the next character.
    fn column(&self) -> usize {
        self.at + 1
    }

    fn skip_space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Whether this word stands here alone; if so it is passed.
    fn keyword(&mut self, word: &str) -> bool {
        let end = self.at + word.len();
        let here = self.rest.get(self.at..end).is_some_and(|letters| letters.iter().copied().eq(word.chars()));
        let alone = self.rest.get(end).is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')' | '"'));
        if here && alone {
            self.at = end;
        }
        here && alone
    }

    /// Expressions with `OR` between them. Inside of `field:( … )` every word is a value of the field.
    fn either(&mut self, field: Option<&Token>) -> Result<Option<Query>, QueryError> {
        let mut choices = Vec::new();
        let mut dangling = None;
        loop {
            let all = self.all(field)?;
            let column = self.column();
            match (all, dangling) {
                (Some(query), _) => choices.push(query),
                (None, Some(column)) => {
                    return Err(error(column, "something is missing after OR", Some("to search for the word: \"OR\"")));
                }
                (None, None) if self.keyword("OR") => {
                    return Err(error(
                        column,
                        "something is missing before OR",
                        Some("to search for the word: \"OR\""),
                    ));
                }
                (None, None) => return Ok(None),
            }
            self.skip_space();
            let column = self.column();
            if !self.keyword("OR") && !self.bar() {
                break;
            }
            dangling = Some(column);
        }
        Ok(Some(one_or(choices, Query::Or)))
    }

    /// `|` and `||` are OR, too.
    fn bar(&mut self) -> bool {
        let start = self.at;
        while self.peek() == Some('|') {
            self.at += 1;
        }
        self.at > start
    }

    /// Expressions side by side, with or without `AND`.
    fn all(&mut self, field: Option<&Token>) -> Result<Option<Query>, QueryError> {
        let mut parts = Vec::new();
        loop {
            self.skip_space();
            let column = self.column();
            if self.keyword("AND") {
                if parts.is_empty() {
                    return Err(error(
                        column,
                        "something is missing before AND",
                        Some("to search for the word: \"AND\""),
                    ));
                }
                self.skip_space();
                let more = self.peek().is_some_and(|c| c != ')') && !self.at_or();
                if !more {
                    return Err(error(
                        column,
                        "something is missing after AND",
                        Some("to search for the word: \"AND\""),
                    ));
                }
                continue;
            }
            if self.peek().is_none_or(|c| matches!(c, ')' | '|')) || self.at_or() {
                break;
            }
            parts.push(self.one(field)?);
        }
        Ok(if parts.is_empty() { None } else { Some(one_or(parts, Query::And)) })
    }

    fn at_or(&mut self) -> bool {
        let at = self.at;
        let or = self.keyword("OR");
        self.at = at;
        or
    }

    /// A word, a quotation, a field, or something in parentheses, perhaps negated.
    fn one(&mut self, field: Option<&Token>) -> Result<Query, QueryError> {
        let column = self.column();
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(error(column, format!("the query has more than {MAX_PARTS} parts"), None));
        }
        let dash = self.peek() == Some('-');
        if dash || self.keyword("NOT") {
            self.at += usize::from(dash);
            if !dash {
                self.skip_space();
            }
            if self.peek().is_none_or(|c| c == ')' || c.is_whitespace()) {
                let sign = if dash { "-" } else { "NOT" };
                return Err(error(column, format!("something is missing after {sign}"), None));
            }
            return Ok(Query::Not(Box::new(self.nested(column, |parser| parser.one(field))?)));
        }
        match self.peek() {
            Some('(') => self.group(field),
            _ => self.leaf(field),
        }
    }

    fn nested<T>(
        &mut self,
        column: usize,
        read: impl FnOnce(&mut Self) -> Result<T, QueryError>,
    ) -> Result<T, QueryError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(error(column, format!("more than {MAX_DEPTH} parentheses inside each other"), None));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn group(&mut self, field: Option<&Token>) -> Result<Query, QueryError> {
        let column = self.column();
        self.at += 1;
        let inside = self.nested(column, |parser| parser.either(field))?;
        if self.peek() != Some(')') {
            return Err(error(column, "this parenthesis is not closed", None));
        }
        self.at += 1;
        inside.ok_or_else(|| error(column, "there is nothing between these parentheses", None))
    }

    fn leaf(&mut self, field: Option<&Token>) -> Result<Query, QueryError> {
        let token = self.token()?;
        if let Some(field) = field {
            return self.value(field, token);
        }
        if !token.quoted && self.peek() == Some(':') {
            let address = self.rest.get(self.at + 1..self.at + 3).is_some_and(|next| next == ['/', '/']);
            if !address {
                return self.field(token);
            }
            // The rest of an address belongs to its word.
            self.at += 1;
            let rest = self.token()?;
            return self.words(Token { text: format!("{}:{}", token.text, rest.text), ..token }).map(Query::Text);
        }
        self.words(token).map(Query::Text)
    }

    /// Up to the next space, parenthesis, colon or quotation mark; or all of a quotation.
    fn token(&mut self) -> Result<Token, QueryError> {
        let column = self.column();
        if matches!(self.peek(), Some('"' | '«' | '“' | '„')) {
            self.at += 1;
            let start = self.at;
            let close = |c: &char| matches!(c, '"' | '»' | '”');
            let Some(length) = self.rest[start..].iter().position(close) else {
                return Err(error(column, "this quotation mark is not closed", None));
            };
            self.at = start + length + 1;
            return Ok(Token { text: self.rest[start..start + length].iter().collect(), quoted: true, column });
        }
        let start = self.at;
        let ends = |c: char| c.is_whitespace() || matches!(c, '(' | ')' | ':' | '"' | '|');
        while self.peek().is_some_and(|c| !ends(c)) {
            self.at += 1;
        }
        if self.at == start {
            // A colon without a field before it; everything else that ends a word was seen before.
            return Err(error(column, "there is no field before this colon", Some("fields are written field:value")));
        }
        Ok(Token { text: self.rest[start..self.at].iter().collect(), quoted: false, column })
    }

    /// Words of the text with what stands behind them: `*`, `~1`, `~5`.
    fn words(&mut self, token: Token) -> Result<Words, QueryError> {
        let Token { mut text, quoted, column } = token;
        if quoted {
            let kind = match self.slop(column)? {
                Some(distance) => Match::Near(distance),
                None => Match::Exact,
            };
            return Ok(Words { text, kind, column });
        }
        if let Some(start) = text.strip_suffix('*') {
            let letters = start.chars().filter(|c| c.is_alphanumeric()).count();
            if letters < SHORTEST_PREFIX && !start.chars().any(super::words::unspaced) {
                let hint = Some("write at least two letters before *");
                return Err(error(column, format!("\"{text}\" is the start of too many words"), hint));
            }
            text = start.to_owned();
            return Ok(Words { text, kind: Match::Prefix, column });
        }
        if let Some((word, distance)) = text.split_once('~').filter(|(word, _)| !word.is_empty()) {
            let distance = match distance {
                "" | "1" => 1,
                "2" => 2,
                _ => {
                    let hint = Some("word~1 or word~2; nearness is \"two words\"~5");
                    return Err(error(column, format!("\"~{distance}\" is no number of letters"), hint));
                }
            };
            return Ok(Words { text: word.to_owned(), kind: Match::Fuzzy(distance), column });
        }
        Ok(Words { text, kind: Match::Exact, column })
    }

    /// `~5` right behind a quotation.
    fn slop(&mut self, column: usize) -> Result<Option<u32>, QueryError> {
        if self.peek() != Some('~') {
            return Ok(None);
        }
        self.at += 1;
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        let digits: String = self.rest[start..self.at].iter().collect();
        match digits.parse::<u32>() {
            Ok(distance) if distance <= WIDEST_NEAR => Ok(Some(distance)),
            _ => Err(error(
                column.max(start),
                format!("a number of words up to {WIDEST_NEAR} is missing after ~"),
                Some("\"escrow btc\"~5"),
            )),
        }
    }

    /// Stands on the colon.
    fn field(&mut self, name: Token) -> Result<Query, QueryError> {
        let colon = self.column();
        self.at += 1;
        if !FIELDS.contains(&name.text.as_str()) {
            let hint = format!("fields are {}; for the words themselves: \"{}: …\"", FIELDS.join(", "), name.text);
            return Err(error(name.column, format!("there is no field \"{}\"", name.text), Some(&hint)));
        }
        match self.peek() {
            Some('(') => self.group(Some(&name)),
            Some(c) if !c.is_whitespace() && c != ')' => {
                let token = self.token()?;
                self.value(&name, token)
            }
            _ => Err(error(colon, format!("a value is missing after \"{}:\"", name.text), None)),
        }
    }

    fn value(&mut self, field: &Token, token: Token) -> Result<Query, QueryError> {
        let word = || token.text.to_lowercase();
        let flag = |flag| match word().as_str() {
            "true" | "yes" | "1" => Ok(Filter::Flag(flag, true)),
            "false" | "no" | "0" => Ok(Filter::Flag(flag, false)),
            _ => Err(error(token.column, format!("\"{}\" is neither true nor false", token.text), None)),
        };
        Ok(Query::Filter(match field.text.as_str() {
            "source" => Filter::Named(Name::Source, self.words(token)?),
            "author" => Filter::Named(Name::Author, self.words(token)?),
            "thread" => Filter::Named(Name::Thread, self.words(token)?),
            "medium" => Filter::Word(Label::Medium, word()),
            "lang" => Filter::Word(Label::Lang, word()),
            "kind" => Filter::Word(Label::Kind, word()),
            "role" => Filter::Word(Label::Role, word()),
            "agent" => Filter::Word(Label::Agent, word()),
            "polarity" => Filter::Word(Label::Polarity, word()),
            "escrow" => flag(Flag::Escrow)?,
            "deal" => flag(Flag::Deal)?,
            "scam" => flag(Flag::Scam)?,
            "score" => Filter::Number(Number::Score, numbers(&token)?),
            "price" => Filter::Number(Number::Price, numbers(&token)?),
            "fee" => Filter::Number(Number::Fee, numbers(&token)?),
            "date" => super::dates::dates(&token.text).map_err(|problem| {
                error(token.column, problem, Some("date:2021, date:2021-07, date:2021-07-14, date:2021-07..2021-12"))
            })?,
            _ => Filter::Id(word()),
        }))
    }
}

/// How a range is written: which ends it has.
pub(super) enum Ends<'a> {
    Any,
    One(&'a str),
    Above(&'a str, bool),
    Below(&'a str, bool),
    Between(Option<&'a str>, Option<&'a str>),
}

pub(super) fn ends(text: &str) -> Ends<'_> {
    if text == "*" {
        return Ends::Any;
    }
    for (sign, inside) in [(">=", true), (">", false)] {
        if let Some(end) = text.strip_prefix(sign) {
            return Ends::Above(end, inside);
        }
    }
    for (sign, inside) in [("<=", true), ("<", false)] {
        if let Some(end) = text.strip_prefix(sign) {
            return Ends::Below(end, inside);
        }
    }
    match text.split_once("..") {
        Some((low, high)) => Ends::Between(Some(low).filter(|l| !l.is_empty()), Some(high).filter(|h| !h.is_empty())),
        None => Ends::One(text),
    }
}

fn numbers(token: &Token) -> Result<Range, QueryError> {
    let number = |text: &str| match text.trim_end_matches('%').trim_start_matches('$').parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(number),
        _ => Err(error(
            token.column,
            format!("\"{text}\" is no number"),
            Some("ranges are 100..500, >1000, >=3, <0.5, or * for any"),
        )),
    };
    let end = |text: Option<&str>| text.map(|text| Ok((number(text)?, true))).transpose();
    Ok(match ends(&token.text) {
        Ends::Any => Range::default(),
        Ends::One(text) => {
            let number = number(text)?;
            Range { low: Some((number, true)), high: Some((number, true)) }
        }
        Ends::Above(text, inside) => Range { low: Some((number(text)?, inside)), high: None },
        Ends::Below(text, inside) => Range { low: None, high: Some((number(text)?, inside)) },
        Ends::Between(low, high) => {
            let range = Range { low: end(low)?, high: end(high)? };
            if let (Some((low, _)), Some((high, _))) = (range.low, range.high)
                && low > high
            {
                return Err(error(token.column, format!("{low} is more than {high}"), None));
            }
            range
        }
    })
}

fn one_or(mut parts: Vec<Query>, many: fn(Vec<Query>) -> Query) -> Query {
    if parts.len() == 1 { parts.pop().unwrap_or(Query::All) } else { many(parts) }
}

fn error(column: usize, problem: impl Into<String>, hint: Option<&str>) -> QueryError {
    QueryError { column, problem: problem.into(), hint: hint.map(str::to_owned) }
}

#[cfg(test)]
mod tests;
