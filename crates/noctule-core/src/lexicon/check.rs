//! Reads one file and refuses what cannot be meant; an error names the file, the entry and the problem.

use std::fmt;

use serde::Deserialize;

use super::pattern::{self, Pattern};
use super::{Cue, Entry, GOODS, Side, Strength, Topic};
use crate::model::Agent;

/// Largest `reach` an entry may ask for, in characters. Keeps the detectors linear.
pub(crate) const MOST_REACH: u32 = 80;
/// A lexicon of 100,000 entries has about 15 MB; more is a dump, not a lexicon.
pub const MOST_BYTES: usize = 64 << 20;

/// Words that say nothing alone, so that they cannot be sure terms.
const STOP_WORDS: &[&str] = &[
    "the",
    "and",
    "for",
    "with",
    "you",
    "are",
    "not",
    "this",
    "that",
    "from",
    "have",
    "your",
    "all",
    "can",
    "will",
    "one",
    "und",
    "der",
    "die",
    "das",
    "ist",
    "nicht",
    "los",
    "las",
    "que",
    "con",
    "por",
    "para",
    "una",
    "les",
    "des",
    "pour",
    "как",
    "что",
    "это",
    "для",
    "или",
    "все",
    "так",
    "где",
    "при",
    "без",
    "через",
    "yang",
    "dan",
    "dengan",
    "的",
    "了",
    "是",
    "在",
    "我",
    "不",
];

/// Why a lexicon file was refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LexiconError {
    pub file: String,
    /// The entry's id, or its number when it has none.
    pub entry: Option<String>,
    pub problem: String,
}

impl fmt::Display for LexiconError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.entry {
            Some(entry) => write!(f, "lexicon {}, entry \"{entry}\": {}", self.file, self.problem),
            None => write!(f, "lexicon {}: {}", self.file, self.problem),
        }
    }
}

impl std::error::Error for LexiconError {}

/// What a file says of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    pub file: String,
    pub topic: Topic,
    pub lang: String,
    /// What the words rest on, where that is little: no real messages in the language were known.
    pub evidence: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    topic: String,
    lang: String,
    /// What the words rest on, where that is little.
    evidence: Option<String>,
    #[serde(default)]
    entry: Vec<RawEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    id: String,
    /// Overrides the file's language, in files that collect several.
    lang: Option<String>,
    cue: String,
    strength: Option<String>,
    weight: Option<f32>,
    reach: Option<u32>,
    side: Option<String>,
    #[serde(default)]
    everywhere: bool,
    #[serde(default)]
    phrase: bool,
    #[serde(default)]
    only_for: Vec<String>,
    #[serde(default)]
    unless: Vec<String>,
    goods: Option<String>,
    agent: Option<String>,
    forms: Vec<String>,
    why: Option<String>,
    source: Option<String>,
}

/// An entry with what it searches for. `only_for` and `unless` are still words; the compiler turns them into groups.
pub(super) struct Checked {
    pub file: String,
    pub entry: Entry,
    pub only_for: Vec<String>,
    pub unless: Vec<String>,
    pub patterns: Vec<Pattern>,
}

/// Reads and checks one file: what its head says, and its entries.
pub(super) fn read(name: &str, text: &str) -> Result<(Head, Vec<Checked>), LexiconError> {
    let fail = |problem: String| LexiconError { file: name.to_owned(), entry: None, problem };
    if text.len() > MOST_BYTES {
        return Err(fail(format!("is larger than {MOST_BYTES} bytes")));
    }
    let file: File = toml::from_str(text).map_err(|error| fail(error.to_string().trim_end().replace('\n', " ")))?;
    let topic = match file.topic.as_str() {
        "escrow" => Topic::Escrow,
        "deal" => Topic::Deal,
        "scam" => Topic::Scam,
        other => return Err(fail(format!("topic \"{other}\" is none of escrow, deal, scam"))),
    };
    let mut out = Vec::with_capacity(file.entry.len());
    for (number, raw) in file.entry.into_iter().enumerate() {
        let id = if raw.id.trim().is_empty() { format!("number {}", number + 1) } else { raw.id.clone() };
        let checked = check(raw, topic, &file.lang).map_err(|problem| LexiconError {
            file: name.to_owned(),
            entry: Some(id),
            problem,
        })?;
        out.push(Checked { file: name.to_owned(), ..checked });
    }
    Ok((Head { file: name.to_owned(), topic, lang: file.lang, evidence: file.evidence }, out))
}

fn check(raw: RawEntry, topic: Topic, lang: &str) -> Result<Checked, String> {
    if raw.id.trim().is_empty() {
        return Err("has an empty id".into());
    }
    let Some(&(cue, word, cue_topic, default_weight)) = Cue::ALL.iter().find(|row| row.1 == raw.cue) else {
        return Err(format!("cue \"{}\" is not known", raw.cue));
    };
    if cue_topic != topic {
        return Err(format!("cue \"{word}\" belongs to another topic"));
    }
    let strength = match (cue, raw.strength.as_deref()) {
        (Cue::Term, Some("sure")) => Strength::Sure,
        (Cue::Term, Some("context")) => Strength::Context,
        (Cue::Term, Some("weak")) => Strength::Weak,
        (Cue::Term, Some(other)) => return Err(format!("strength \"{other}\" is none of sure, context, weak")),
        (Cue::Term, None) => return Err("a term needs a strength: sure, context or weak".into()),
        (_, Some(_)) => return Err("only terms have a strength".into()),
        (_, None) => Strength::Context,
    };
    let side = match raw.side.as_deref() {
        None => default_side(cue),
        Some("before") => Side::Before,
        Some("after") => Side::After,
        Some("around") => Side::Around,
        Some(other) => return Err(format!("side \"{other}\" is none of before, after, around")),
    };
    let reach = raw.reach.unwrap_or(default_reach(cue));
    if reach > MOST_REACH {
        return Err(format!("reach {reach} is more than {MOST_REACH} characters"));
    }
    let weight = raw.weight.unwrap_or(default_weight);
    if !(0.0..=10.0).contains(&weight) {
        return Err(format!("weight {weight} is not between 0 and 10"));
    }
    let goods = match &raw.goods {
        None => None,
        Some(goods) => {
            Some(*GOODS.iter().find(|g| *g == goods).ok_or_else(|| format!("goods \"{goods}\" is not a known kind"))?)
        }
    };
    if !raw.unless.is_empty() && (cue != Cue::Forbid || raw.everywhere) {
        return Err("only a forbid near its term has an unless".into());
    }
    if cue == Cue::Goods && goods.is_none() {
        return Err("needs its kind of goods".into());
    }
    let agent = match raw.agent.as_deref() {
        None => None,
        Some("human") => Some(Agent::Human),
        Some("automated") => Some(Agent::Automated),
        Some(other) => return Err(format!("agent \"{other}\" is none of human, automated")),
    };
    let why = match (raw.why, raw.source) {
        (Some(why), _) if !why.trim().is_empty() => why,
        (_, Some(source)) if !source.trim().is_empty() => source,
        _ => return Err("gives neither why nor source".into()),
    };
    let mut patterns = Vec::new();
    for form in &raw.forms {
        patterns.extend(pattern::expand(form)?);
    }
    if patterns.is_empty() {
        return Err("has no forms\nhint: forms = [\"word\", \"word(|s)\"]".into());
    }
    for pattern in &patterns {
        let mut chars = pattern.text.chars();
        let one = matches!((chars.next(), chars.next()), (Some(c), None) if c.is_alphabetic() && !says_much(c));
        if cue == Cue::Term && (one || STOP_WORDS.contains(&pattern.text.as_str())) {
            let what = if one { "a single letter" } else { "a stop word" };
            return Err(format!(
                "\"{}\" is {what}, which every text contains\nhint: write the phrase it stands in, such as \"via x\"",
                pattern.text
            ));
        }
        let short = pattern.text.is_ascii() && pattern.text.len() < 4;
        if strength == Strength::Sure && short {
            return Err(format!(
                "\"{}\" is too common to be a sure term\nhint: strength = \"context\" or \"weak\"",
                pattern.text
            ));
        }
    }
    patterns.sort();
    if let Some(pair) = patterns.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(format!("\"{}\" is listed twice\nhint: take one of them out", pair[0].text));
    }
    let entry = Entry {
        topic,
        lang: raw.lang.as_deref().unwrap_or(lang).into(),
        id: raw.id.into(),
        group: 0,
        cue,
        strength,
        weight,
        reach,
        side,
        everywhere: raw.everywhere,
        phrase: raw.phrase,
        only_for: Vec::new(),
        unless: Vec::new(),
        goods,
        agent,
        why: why.into(),
    };
    Ok(Checked { file: String::new(), entry, only_for: raw.only_for, unless: raw.unless, patterns })
}

/// Whether one character is a word: ideographs and syllables.
fn says_much(c: char) -> bool {
    pattern::unspaced(c) || matches!(c, '가'..='힣')
}

/// How far a cue may stand from its term when the entry does not say, in characters: about two words for a
/// negation, a short clause for the rest. A forbid lies over its term ("key escrow").
fn default_reach(cue: Cue) -> u32 {
    match cue {
        Cue::Forbid => 0,
        Cue::Refuse => 12,
        Cue::Support => 20,
        Cue::Affirm => 25,
        Cue::Automated | Cue::Human => 25,
        _ => 40,
    }
}

fn default_side(cue: Cue) -> Side {
    match cue {
        Cue::Refuse => Side::Before,
        _ => Side::Around,
    }
}
