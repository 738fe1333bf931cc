//! From the words that a message used for escrow, as stored, to the entries of the lexicon they belong to.
//!
//! The `verdicts` table keeps the first term as written, so «гаранта» and «гарантом» are two; the lexicon knows that
//! both are «гарант». A term that the lexicon in use does not have stands for itself.

use std::collections::HashMap;

use noctule_core::lexicon::{Cue, Lexicons};
use noctule_core::normalize;

use crate::analyze::facts::{Mention, Word};

/// More spellings than any lexicon has; what comes after them is counted as one nameless term.
const MOST_SPELLINGS: usize = 100_000;

/// Numbers for pairs of term and language, in the order in which they are first seen.
pub(crate) struct Spellings {
    numbers: HashMap<String, u32>,
    words: Vec<(String, String)>,
    /// The pair as one key, kept to spare an allocation a message.
    key: String,
}

impl Spellings {
    pub(crate) fn new() -> Self {
        let nameless = (String::new(), String::new());
        Self { numbers: HashMap::new(), words: vec![nameless], key: String::new() }
    }

    /// `term` as stored; `None` when there was none to store.
    pub(crate) fn number(&mut self, term: Option<&str>, lang: &str) -> u32 {
        self.key.clear();
        self.key.push_str(term.unwrap_or_default());
        self.key.push('\n');
        self.key.push_str(lang);
        if let Some(number) = self.numbers.get(&self.key) {
            return *number;
        }
        if self.words.len() >= MOST_SPELLINGS {
            return 0;
        }
        let number = self.words.len() as u32;
        self.numbers.insert(self.key.clone(), number);
        self.words.push((term.unwrap_or_default().into(), lang.into()));
        number
    }

    /// The distinct words in alphabetical order, and the mentions renumbered to them.
    pub(crate) fn resolve(self, lexicons: &Lexicons, mentions: &mut [Mention]) -> Vec<Word> {
        let named: Vec<Word> = self.words.into_iter().map(|(term, lang)| word(lexicons, term, lang)).collect();
        let mut words = named.clone();
        words.sort_unstable();
        words.dedup();
        let numbers: Vec<u32> =
            named.iter().map(|word| words.binary_search(word).expect("it was sorted in") as u32).collect();
        for mention in mentions {
            mention.word = numbers[mention.word as usize];
        }
        words
    }
}

/// The entry that covers most of the term.
fn word(lexicons: &Lexicons, term: String, lang: String) -> Word {
    let shadow = normalize::shadow_of(&term);
    let hits = lexicons.find(&shadow.text);
    let terms = hits.iter().filter(|hit| lexicons.entry(hit).cue == Cue::Term);
    match terms.max_by_key(|hit| (hit.end - hit.start, !lexicons.entry(hit).phrase)).map(|hit| lexicons.entry(hit)) {
        Some(entry) => Word { term: entry.id.to_string(), term_lang: entry.lang.to_string(), lang },
        None => Word { term, term_lang: String::new(), lang },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analyze::Fact;

    #[test]
    fn inflected_terms_become_one_and_unknown_ones_stay() {
        let mut spellings = Spellings::new();
        let seen = [
            (Some("гаранта"), "ru"),
            (Some("гарантом"), "ru"),
            (Some("гаранта"), "uk"),
            (Some("zzqx"), "en"),
            (None, "en"),
        ];
        let mut mentions: Vec<Mention> = seen
            .iter()
            .map(|(term, lang)| Mention { fact: Fact::new(1, 1, 0, 0), word: spellings.number(*term, lang) })
            .collect();
        let words = spellings.resolve(&Lexicons::builtin(), &mut mentions);
        let found: Vec<_> = mentions
            .iter()
            .map(|m| &words[m.word as usize])
            .map(|w| (w.term.as_str(), w.term_lang.as_str(), w.lang.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("гарант", "ru", "ru"),
                ("гарант", "ru", "ru"),
                ("гарант", "ru", "uk"),
                ("zzqx", "", "en"),
                ("", "", "en")
            ]
        );
        assert!(words.is_sorted());
    }
}
