//! The phrase books: what people in the simulated underground say, one file a language under `phrases/`.
//!
//! A book is a list of sections. `= name key=value …` opens one; every following line is one phrase; `#` is a
//! comment. A line may carry several grammatical forms, parted by ` | `. Inside a phrase:
//!
//! | written | means |
//! |---|---|
//! | `{cheap/at a good price/}` | one of these words, or nothing |
//! | `{n:10-99}` | a number in this range |
//! | `{goods}`, `{goods.2}` | a phrase of another section, in its first (second) form; the same one each time in a message |
//!
//! `goods` means the section `goods.<kind>` of the message's kind. Slots that no section fills are computed:
//! `price`, `contact`, `percent`, `count`, `wallet`, `site`, `channel`, `other` (somebody else's handle), `brand`; and in
//! the `stage.…` sections, of the deal that is spoken of, `amount`, `agent`, `seller`, `buyer`, `hours`.
//!
//! Three sections are no phrases. `names` lists names as shown. `units` has one line: the signs of a thousand, of a
//! million and of decimals. `money rate=N` lists ways to write a price in the money of the land, `¤` for the amount
//! and `~` for its thousands; `N` thousandths of it are a dollar.

use std::collections::HashMap;

/// One line a language: its name here and its book. The order is that of the numbers of persons, so append.
macro_rules! langs {
    ($($name:ident $code:literal),* $(,)?) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Lang { $($name),* }

        impl Lang {
            pub const ALL: [Self; LANGS] = [$(Self::$name),*];

            /// ISO 639-1.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            fn source(self) -> &'static str {
                match self { $(Self::$name => include_str!(concat!("phrases/", $code, ".txt"))),* }
            }
        }
    };
}

pub const LANGS: usize = 20;

langs! {
    En "en", Ru "ru", Zh "zh", Es "es", De "de", Uk "uk", Pt "pt", Fr "fr", It "it", Tr "tr", Ar "ar", Fa "fa",
    Pl "pl", Ro "ro", Id "id", Vi "vi", Ko "ko", Ja "ja", Hi "hi", Th "th",
}

impl Lang {
    /// Thousandths of all messages: most of what is known is Russian, English and Chinese.
    pub fn share(self) -> u32 {
        match self {
            Self::Ru => 400,
            Self::En => 280,
            Self::Zh => 170,
            Self::Es => 20,
            Self::Pt | Self::De => 16,
            Self::Uk => 14,
            Self::Fr | Self::Tr => 12,
            Self::It | Self::Id => 9,
            Self::Ar | Self::Fa | Self::Pl => 7,
            Self::Vi => 6,
            Self::Ro | Self::Ko | Self::Ja | Self::Hi | Self::Th => 3,
        }
    }

    /// Two neighboring letters can be exchanged by a slip of the finger and stay letters.
    pub fn slips(self) -> bool {
        !matches!(self, Self::Zh | Self::Ja | Self::Th | Self::Ko | Self::Hi | Self::Ar | Self::Fa)
    }
}

/// What is traded. The words go into the truth.
pub const KINDS: [&str; 11] = [
    "database",
    "account",
    "access",
    "card",
    "document",
    "malware",
    "service",
    "cash-out",
    "hire",
    "partnership",
    "exchange",
];

/// How a message's writer takes part in the deal. The words go into the truth.
pub const ROLES: [&str; 5] = ["seller", "buyer", "service", "hire", "exchange"];

pub const POLARITIES: [&str; 4] = ["affirmed", "refused", "asked", "reported"];

/// What is true of a message, known because we wrote it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Labels {
    /// Index into [`POLARITIES`]; `None` when no escrow agent is mentioned.
    pub escrow: Option<u8>,
    pub deal: bool,
    pub kind: Option<u8>,
    pub role: Option<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Slot {
    Goods,
    Price,
    Contact,
    Percent,
    Count,
    Wallet,
    Site,
    Channel,
    Other,
    Brand,
    /// Of a deal that runs through its stages: the price agreed, the parties, the hours to check.
    Amount,
    Agent,
    Seller,
    Buyer,
    Hours,
    List(u16),
}

#[derive(Debug)]
pub enum Segment {
    Text(Box<str>),
    Choice(Box<[Box<str>]>),
    Number(u32, u32),
    Slot(Slot, u8),
}

pub type Phrase = Box<[Segment]>;

#[derive(Debug)]
pub struct Section {
    pub labels: Labels,
    /// Of `money`: thousandths of a unit that a dollar buys.
    pub rate: u32,
    /// Line, then form.
    pub lines: Vec<Vec<Phrase>>,
}

pub struct Book {
    pub lang: Lang,
    sections: Vec<Section>,
    names: HashMap<Box<str>, u16>,
    goods: [Option<u16>; KINDS.len()],
}

impl Book {
    /// The compiled-in book of a language. Panics on a broken book, which the tests rule out.
    pub fn of(lang: Lang) -> Self {
        Self::parse(lang, lang.source()).unwrap_or_else(|message| panic!("phrases/{}.txt: {message}", lang.code()))
    }

    pub fn parse(lang: Lang, source: &str) -> Result<Self, String> {
        let mut names = HashMap::new();
        let mut headers: Vec<(Labels, u32)> = Vec::new();
        for (number, line) in source.lines().enumerate() {
            if let Some(header) = line.strip_prefix("= ") {
                let (name, labels, rate) = read_header(header).map_err(|e| format!("line {}: {e}", number + 1))?;
                if names.insert(name.into(), headers.len() as u16).is_some() {
                    return Err(format!("line {}: section {name} appears twice", number + 1));
                }
                headers.push((labels, rate));
            }
        }
        let mut sections: Vec<Section> =
            headers.into_iter().map(|(labels, rate)| Section { labels, rate, lines: Vec::new() }).collect();
        let mut open = None;
        for (number, line) in source.lines().enumerate() {
            if line.starts_with("= ") {
                open = Some(open.map_or(0, |n: usize| n + 1));
            } else if !line.trim().is_empty() && !line.starts_with('#') {
                let section = open.ok_or_else(|| format!("line {}: text before the first section", number + 1))?;
                let forms: Result<Vec<Phrase>, String> =
                    line.split(" | ").map(|form| read_phrase(form, &names)).collect();
                sections[section].lines.push(forms.map_err(|e| format!("line {}: {e}", number + 1))?);
            }
        }
        if let Some((name, _)) = names.iter().find(|(_, at)| sections[usize::from(**at)].lines.is_empty()) {
            return Err(format!("section {name} is empty"));
        }
        let goods = KINDS.map(|kind| names.get(format!("goods.{kind}").as_str()).copied());
        Ok(Self { lang, sections, names, goods })
    }

    /// The number of a section, to be looked up once and not for each message.
    pub fn find(&self, name: &str) -> Option<u16> {
        self.names.get(name).copied()
    }

    pub fn section(&self, number: u16) -> &Section {
        &self.sections[usize::from(number)]
    }

    pub fn goods(&self, kind: u8) -> Option<u16> {
        self.goods[usize::from(kind)]
    }
}

fn read_header(header: &str) -> Result<(&str, Labels, u32), String> {
    let mut words = header.split_whitespace();
    let name = words.next().ok_or("a section needs a name")?;
    let mut labels = Labels::default();
    let mut rate = 1000;
    let index = |list: &[&str], value: &str| {
        list.iter().position(|w| *w == value).map(|i| Some(i as u8)).ok_or(format!("unknown value {value}"))
    };
    for word in words {
        match word.split_once('=') {
            Some(("escrow", value)) => labels.escrow = index(&POLARITIES, value)?,
            Some(("kind", value)) => labels.kind = index(&KINDS, value)?,
            Some(("role", value)) => labels.role = index(&ROLES, value)?,
            Some(("deal", "1")) => labels.deal = true,
            Some(("rate", value)) => rate = value.parse().map_err(|_| format!("unknown value {value}"))?,
            _ => return Err(format!("unknown attribute {word}")),
        }
    }
    Ok((name, labels, rate))
}

fn read_phrase(text: &str, names: &HashMap<Box<str>, u16>) -> Result<Phrase, String> {
    let mut segments = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        if open > 0 {
            segments.push(Segment::Text(unescape(&rest[..open])));
        }
        let close = rest[open..].find('}').ok_or(format!("no closing brace in: {text}"))? + open;
        segments.push(read_braces(&rest[open + 1..close], names)?);
        rest = &rest[close + 1..];
    }
    if !rest.is_empty() {
        segments.push(Segment::Text(unescape(rest)));
    }
    Ok(segments.into())
}

/// `\n` in a book is a line break.
fn unescape(text: &str) -> Box<str> {
    text.replace("\\n", "\n").into()
}

fn read_braces(inner: &str, names: &HashMap<Box<str>, u16>) -> Result<Segment, String> {
    if inner.contains('/') {
        return Ok(Segment::Choice(inner.split('/').map(unescape).collect()));
    }
    if let Some(range) = inner.strip_prefix("n:") {
        let (low, high) = range.split_once('-').ok_or(format!("{inner} is no range"))?;
        let read = |s: &str| s.parse::<u32>().map_err(|_| format!("{inner} is no range"));
        let (low, high) = (read(low)?, read(high)?);
        return if low <= high { Ok(Segment::Number(low, high)) } else { Err(format!("{inner} is no range")) };
    }
    let (name, form) = match inner.rsplit_once('.') {
        Some((name, form)) if form.len() == 1 && form.as_bytes()[0].is_ascii_digit() => {
            (name, form.as_bytes()[0] - b'1')
        }
        _ => (inner, 0),
    };
    let slot = match name {
        "goods" => Slot::Goods,
        "price" => Slot::Price,
        "contact" => Slot::Contact,
        "percent" => Slot::Percent,
        "count" => Slot::Count,
        "wallet" => Slot::Wallet,
        "site" => Slot::Site,
        "channel" => Slot::Channel,
        "other" => Slot::Other,
        "brand" => Slot::Brand,
        "amount" => Slot::Amount,
        "agent" => Slot::Agent,
        "seller" => Slot::Seller,
        "buyer" => Slot::Buyer,
        "hours" => Slot::Hours,
        _ => Slot::List(*names.get(name).ok_or(format!("no section fills {{{name}}}"))?),
    };
    Ok(Segment::Slot(slot, form))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_book_parses_and_has_many_advert_skeletons() {
        for lang in Lang::ALL {
            let book = Book::parse(lang, lang.source()).unwrap_or_else(|e| panic!("{}: {e}", lang.code()));
            let skeletons: usize = book
                .names
                .iter()
                .filter(|(name, _)| name.starts_with("offer."))
                .map(|(_, at)| book.section(*at).lines.len())
                .sum();
            let least = if lang.share() >= 150 { 40 } else { 25 };
            assert!(skeletons >= least, "{}: {skeletons}", lang.code());
        }
    }

    /// So that a message means the same in every language, and no book forgets a section.
    #[test]
    fn every_book_has_the_sections_of_the_english_one_with_the_same_labels() {
        let english = Book::of(Lang::En);
        for lang in Lang::ALL {
            let book = Book::of(lang);
            // The names of lands in the news are the books' own affair: not every language needs them apart.
            for (name, at) in english.names.iter().filter(|(name, _)| &***name != "land") {
                let number = book.find(name).unwrap_or_else(|| panic!("{}: no section {name}", lang.code()));
                let (labels, wanted) = (book.section(number).labels, english.section(*at).labels);
                assert_eq!(labels, wanted, "{}: {name}", lang.code());
            }
        }
    }

    #[test]
    fn a_broken_book_says_where() {
        let error = |text| Book::parse(Lang::En, text).err().expect("must be refused");
        assert_eq!(error("= a\n{b}"), "line 2: no section fills {b}");
        assert_eq!(error("= a\n{x/y"), "line 2: no closing brace in: {x/y");
        assert_eq!(error("= a colour=red\nx"), "line 1: unknown attribute colour=red");
        assert_eq!(error("= a\nx\n= a\ny"), "line 3: section a appears twice");
        assert_eq!(error("= a\n"), "section a is empty");
    }
}
