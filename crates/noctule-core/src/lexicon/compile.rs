//! All files together: one search for every text, and which entries a text belongs to.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::check::{self, Head, LexiconError};
use super::pattern::Pattern;
use super::search::{Search, Stand, joins};
use super::{BUILTIN, Entry};

/// Every entry, compiled. Building takes some milliseconds; share it by reference.
pub struct Lexicons {
    entries: Vec<Entry>,
    search: Search,
    /// By number of the search.
    texts: Vec<Text>,
    owners: Vec<u32>,
    version: String,
    files: Vec<(String, String)>,
    heads: Vec<Head>,
}

struct Text {
    owners: Range<u32>,
    /// Whether a word may go on before or behind.
    open_start: bool,
    open_end: bool,
}

/// One entry found in a shadow text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Hit {
    pub start: u32,
    pub end: u32,
    pub entry: u32,
}

impl Lexicons {
    /// The files compiled into the binary.
    pub fn builtin() -> Self {
        Self::load(BUILTIN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
            .expect("the built-in lexicons are checked by the tests")
    }

    /// The built-in files and others, each a name for error messages and its text. A file with the name of a
    /// built-in one takes its place.
    pub fn merge(extra: Vec<(String, String)>) -> Result<Self, LexiconError> {
        let mut files: BTreeMap<String, String> =
            BUILTIN.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        files.extend(extra);
        Self::load(files.into_iter().collect())
    }

    /// These files and no others.
    pub fn load(files: Vec<(String, String)>) -> Result<Self, LexiconError> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut patterns: Vec<(Pattern, u32)> = Vec::new();
        let mut heads = Vec::with_capacity(files.len());
        // The first entry of each file.
        let mut firsts: Vec<u32> = Vec::with_capacity(files.len());
        let mut groups: HashMap<Box<str>, u32, foldhash::fast::RandomState> = HashMap::default();
        let mut wanted: Vec<(usize, String, Vec<String>, Vec<String>)> = Vec::new();
        for (name, text) in &files {
            let (head, read) = check::read(name, text)?;
            heads.push(head);
            firsts.push(entries.len() as u32);
            for checked in read {
                let mut entry = checked.entry;
                let next = groups.len() as u32;
                entry.group = *groups.entry(entry.id.clone()).or_insert(next);
                patterns.extend(checked.patterns.into_iter().map(|pattern| (pattern, entries.len() as u32)));
                if !checked.only_for.is_empty() || !checked.unless.is_empty() {
                    wanted.push((entries.len(), checked.file, checked.only_for, checked.unless));
                }
                entries.push(entry);
            }
        }
        patterns.sort_unstable();
        if let Some((pattern, one, other)) = listed_twice(&patterns, &entries) {
            let file = |entry: u32| &files[firsts.partition_point(|first| *first <= entry) - 1].0;
            let [earlier, later] = [&entries[one as usize], &entries[other as usize]];
            return Err(LexiconError {
                file: file(other).clone(),
                entry: Some(later.id.to_string()),
                problem: format!(
                    "\"{}\" is already a {} in {}, entry \"{}\"\nhint: take it out of one of the two",
                    pattern.text,
                    later.cue.word(),
                    file(one),
                    earlier.id
                ),
            });
        }
        for (index, file, only_for, unless) in wanted {
            let fail =
                |problem| LexiconError { file: file.clone(), entry: Some(entries[index].id.to_string()), problem };
            let find = |ids: Vec<String>, says: &str| {
                ids.into_iter()
                    .map(|id| {
                        groups.get(id.as_str()).copied().ok_or_else(|| {
                            fail(format!("{says} \"{id}\", which no entry is called\nhint: this takes ids of entries"))
                        })
                    })
                    .collect::<Result<Vec<u32>, _>>()
            };
            let (only_for, unless) = (find(only_for, "is only for")?, find(unless, "holds unless")?);
            entries[index].only_for = only_for;
            entries[index].unless = unless;
        }
        Ok(Self { heads, ..Self::compile(entries, &patterns, files) })
    }

    /// `patterns` are sorted, each with an entry it belongs to.
    fn compile(entries: Vec<Entry>, patterns: &[(Pattern, u32)], files: Vec<(String, String)>) -> Self {
        let mut texts = Vec::with_capacity(patterns.len());
        let mut owners = Vec::with_capacity(patterns.len());
        for group in patterns.chunk_by(|a, b| a.0 == b.0) {
            let pattern = &group[0].0;
            let from = owners.len() as u32;
            owners.extend(group.iter().map(|(_, entry)| *entry));
            let first = pattern.text.chars().next().expect("a pattern is not empty");
            let last = pattern.text.chars().next_back().expect("a pattern is not empty");
            texts.push(Text {
                owners: from..owners.len() as u32,
                open_start: pattern.open_start || !joins(first),
                // Korean particles are written onto the noun.
                open_end: pattern.open_end || !joins(last) || matches!(last, '가'..='힣'),
            });
        }
        let words = patterns.chunk_by(|a, b| a.0 == b.0).map(|group| group[0].0.text.as_str());
        // Behind a sign anything may follow, so that a text ends with it in any case.
        let ends_word = |word: &str| word.chars().next_back().is_some_and(joins);
        let stand = |text: &Text, word: &str| match (text.open_start, text.open_end) {
            (true, _) => Stand::Anywhere,
            (false, true) if ends_word(word) => Stand::Begins,
            _ => Stand::Whole,
        };
        let search = Search::new(words.zip(&texts).map(|(word, text)| (word, stand(text, word))));
        let mut hasher = Xxh3::new();
        for (name, text) in &files {
            hasher.update(&xxh3_64(name.as_bytes()).to_le_bytes());
            hasher.update(&xxh3_64(text.as_bytes()).to_le_bytes());
        }
        let version = format!("{:016x}", hasher.digest());
        Self { entries, search, texts, owners, version, files, heads: Vec::new() }
    }

    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub fn entry(&self, hit: &Hit) -> &Entry {
        &self.entries[hit.entry as usize]
    }

    /// A hash over the names and texts of all files.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Name and text of every file, as loaded.
    pub fn files(&self) -> &[(String, String)] {
        &self.files
    }

    /// What every file says of itself.
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// Every entry in a shadow text, ordered by place.
    pub fn find(&self, shadow: &str) -> Vec<Hit> {
        let mut hits = Vec::with_capacity(16);
        self.search.find(shadow, |number, start, end| {
            let text = &self.texts[number as usize];
            if !text.open_end && !starts_free(&shadow[end..]) {
                return;
            }
            for owner in &self.owners[text.owners.start as usize..text.owners.end as usize] {
                hits.push(Hit { start: start as u32, end: end as u32, entry: *owner });
            }
        });
        if !hits.is_sorted() {
            hits.sort_unstable();
        }
        hits
    }
}

/// The first pattern, in the order of the files, that two entries list for the same topic, cue and side; with both.
fn listed_twice<'p>(patterns: &'p [(Pattern, u32)], entries: &[Entry]) -> Option<(&'p Pattern, u32, u32)> {
    let kind = |entry: u32| {
        let entry = &entries[entry as usize];
        (entry.topic, entry.cue, entry.side)
    };
    let twice = |group: &'p [(Pattern, u32)]| {
        let later = (1..group.len()).find_map(|place| {
            let earlier = group[..place].iter().find(|(_, earlier)| kind(*earlier) == kind(group[place].1))?;
            Some((earlier.1, group[place].1))
        });
        later.map(|(one, other)| (&group[0].0, one, other))
    };
    patterns.chunk_by(|a, b| a.0 == b.0).filter_map(twice).min_by_key(|(_, _, other)| *other)
}

fn starts_free(behind: &str) -> bool {
    match behind.as_bytes().first() {
        None => true,
        Some(byte) if byte.is_ascii() => !(byte.is_ascii_alphanumeric() || *byte == b'_'),
        Some(_) => !behind.chars().next().is_some_and(joins),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(text: &str) -> Result<Lexicons, LexiconError> {
        Lexicons::load(vec![("escrow/xx.toml".into(), format!("topic = \"escrow\"\nlang = \"xx\"\n{text}"))])
    }

    fn found(lexicons: &Lexicons, shadow: &str) -> Vec<String> {
        lexicons.find(shadow).iter().map(|hit| shadow[hit.start as usize..hit.end as usize].to_owned()).collect()
    }

    #[test]
    fn the_built_in_files_load() {
        assert!(Lexicons::builtin().entries().len() > 100);
    }

    #[test]
    fn every_language_with_few_examples_says_so() {
        let lexicons = Lexicons::builtin();
        for head in lexicons.heads() {
            let known = ["en", "ru", "zh"].contains(&head.lang.as_str());
            assert_eq!(known, head.evidence.is_none(), "{}", head.file);
        }
    }

    #[test]
    fn words_end_at_word_ends_except_in_scripts_without_spaces() {
        let lexicons =
            load("[[entry]]\nid='a'\ncue='term'\nstrength='sure'\nforms=['гарант(|а)', '担保', 'escrow~']\nwhy='x'")
                .unwrap();
        assert_eq!(found(&lexicons, "гарант, гарантия, через гаранта"), ["гарант", "гаранта"]);
        assert_eq!(found(&lexicons, "可走担保直押"), ["担保"]);
        assert_eq!(found(&lexicons, "escrowed, unescrow"), ["escrow"]);
    }

    #[test]
    fn errors_name_file_entry_and_problem() {
        let entry = |fields: &str| format!("[[entry]]\nid='x'\n{fields}");
        for (text, says) in [
            (entry("cue='term'\nstrength='sure'\nforms=['']\nwhy='x'"), "empty term"),
            (entry("cue='term'\nstrength='sure'\nforms=['the']\nwhy='x'"), "stop word"),
            (entry("cue='term'\nstrength='weak'\nforms=['в']\nwhy='x'"), "single letter"),
            (entry("cue='term'\nstrength='sure'\nforms=['mm']\nwhy='x'"), "too common"),
            (entry("cue='term'\nstrength='sure'\nforms=['escrow.*']\nwhy='x'"), "regular expression"),
            (entry("cue='support'\nunless=['x']\nforms=['via']\nwhy='x'"), "only a forbid"),
            (entry("cue='forbid'\nunless=['y']\nforms=['key']\nwhy='x'"), "which no entry is called"),
            (entry("cue='term'\nstrength='sure'\nforms=['escrow','Escrow']\nwhy='x'"), "twice"),
            (entry("cue='term'\nstrength='sure'\nforms=['esc(row']\nwhy='x'"), "does not close"),
            (entry("cue='term'\nforms=['escrow']\nwhy='x'"), "needs a strength"),
            (entry("cue='support'\nforms=['via']"), "neither why nor source"),
            (entry("cue='offer'\nforms=['sell']\nwhy='x'"), "another topic"),
            (entry("cue='support'\nonly_for=['nobody']\nforms=['via']\nwhy='x'"), "which no entry is called"),
            (
                entry("cue='support'\nforms=['via']\nwhy='x'") + "\n" + &entry("cue='support'\nforms=['via']\nwhy='x'"),
                "already a support",
            ),
        ] {
            let error = load(&text).err().unwrap_or_else(|| panic!("should be refused: {text}")).to_string();
            assert!(error.starts_with("lexicon escrow/xx.toml, entry \"x\": "), "{error}");
            assert!(error.contains(says), "{error} should say {says}");
        }
    }

    #[test]
    fn a_hundred_thousand_entries_are_not_too_many() {
        let mut text = String::from("topic = \"escrow\"\nlang = \"xx\"\n");
        for number in 0..100_000 {
            text += &format!(
                "[[entry]]\nid='word {number}'\ncue='term'\nstrength='context'\nforms=['agent{number}']\nwhy='x'\n"
            );
        }
        let mut merged = None;
        let took = crate::cpu_time::of(|| merged = Lexicons::merge(vec![("escrow/own.toml".into(), text)]).ok());
        let lexicons = merged.expect("all are good");
        assert!(lexicons.entries().len() > 100_000);
        assert!(found(&lexicons, "via agent99999").contains(&"agent99999".to_owned()));
        // Two seconds where the parser is optimized; quadratic work would take minutes.
        assert!(took.as_secs() < 90, "took {took:?}");
    }

    #[test]
    fn a_file_of_the_same_name_takes_the_place_of_a_built_in_one() {
        let one = Lexicons::builtin();
        let two = Lexicons::merge(vec![("scam/zh.toml".into(), "topic='scam'\nlang='zh'".into())]).unwrap();
        assert!(two.entries().len() < one.entries().len());
        assert_ne!(one.version(), two.version());
    }
}
