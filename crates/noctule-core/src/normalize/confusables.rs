//! Letters that look like other letters: styled forms of one letter, accents, and look-alikes across scripts.
//!
//! Two kinds, folded at different places. A styled letter (`ｅ`, `𝐞`, `ⓔ`, `ᴇ`, `é`) means its plain letter wherever
//! it stands and is folded one character at a time. A look-alike (`а` for `a`) is folded only inside a word that
//! mixes scripts, because Russian `со` and English `co` are both words.
//!
//! Where it is wrong: a word of look-alikes only, all of one foreign script (`ехсеl` has its `l`, `оре` has not),
//! stays as it is; nothing but a dictionary can tell.

use std::sync::LazyLock;

use unicode_normalization::char::{canonical_combining_class, decompose_canonical, decompose_compatible};

/// What one character becomes in the shadow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Folded {
    One(char),
    /// `ß` becomes `ss`; the second letter is the same source character.
    Two(char, char),
    Three(char, char, char),
    /// An accent over the letter before it, which stays without.
    Accent(char),
    /// A mark that belongs to its letter (Arabic, Hindi, Thai): kept, a few in a row.
    Mark(char),
    Dropped,
}

use Folded::{Accent, Dropped, Mark, One, Three, Two};

/// Folds a character that is neither ASCII, nor of the main Cyrillic block, nor CJK: those are cheaper where they
/// are read.
pub(super) fn fold(c: char) -> Folded {
    match c as u32 {
        // Hebrew, Arabic, Devanagari, Thai: letters without case, asked before the tables that know all letters.
        0x5D0..=0x5EA | 0x620..=0x64A | 0x671..=0x6D3 | 0x904..=0x939 | 0xE01..=0xE30 => One(c),
        _ if super::invisible::invisible(c) => Dropped,
        0xA0 | 0x2000..=0x200A | 0x202F | 0x205F | 0x3000 => One(' '),
        0x80..=0x24F => LATIN[c as usize - 0x80],
        0x1E00..=0x1EFF => LATIN_ADDITIONAL[c as usize - 0x1E00],
        0x250..=0x2AF | 0x1D00..=0x1D2B | 0xA730..=0xA731 => One(small_capital(c)),
        // Accents anyone can stack on anything. Those of Hebrew, Arabic, Indic scripts and Thai spell words.
        0x300..=0x36F | 0x483..=0x487 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE20..=0xFE2F => {
            Accent(c)
        }
        0x370..=0x3FF => One(match lower(c) {
            'ς' => 'σ',
            other => other,
        }),
        0x400..=0x52F => cyrillic(c),
        0x2010..=0x2029 | 0x2030..=0x206F => One(c),
        // Modifier, superscript and letter-like letters, ligatures, Kangxi radicals, compatibility ideographs,
        // full-width and mathematical forms: what Unicode itself says they stand for.
        0x1D2C..=0x1DBF
        | 0x2070..=0x209C
        | 0x2100..=0x2115
        | 0x2117..=0x2121
        | 0x2123..=0x214F
        | 0x2F00..=0x2FDF
        | 0xF900..=0xFB06
        | 0xFF01..=0xFFEE
        | 0x1D400..=0x1D7FF
        | 0x1EE00..=0x1EEFF
        | 0x2F800..=0x2FA1F => compatible(c),
        code @ 0x249C..=0x24B5 => One(letter(code - 0x249C)),
        code @ 0x24B6..=0x24CF => One(letter(code - 0x24B6)),
        code @ 0x24D0..=0x24E9 => One(letter(code - 0x24D0)),
        code @ 0x1F110..=0x1F129 => One(letter(code - 0x1F110)),
        code @ 0x1F130..=0x1F149 => One(letter(code - 0x1F130)),
        code @ 0x1F150..=0x1F169 => One(letter(code - 0x1F150)),
        code @ 0x1F170..=0x1F189 => One(letter(code - 0x1F170)),
        0x590..=0x1CFF | 0x302A..=0x309A | 0xA66F..=0xABFF if unicode_normalization::char::is_combining_mark(c) => {
            Mark(c)
        }
        0x530..=0x1CFF
        | 0x2C00..=0x2DFF
        | 0xA640..=0xABFF
        | 0x10400..=0x10FFF
        | 0x118A0..=0x118DF
        | 0x1E900..=0x1E943 => One(lower(c)),
        _ => One(c),
    }
}

/// The letter of a regional indicator (`🇪`), whatever its neighbors.
pub(super) fn regional_letter(c: char) -> Option<char> {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}').then(|| letter(c as u32 - 0x1F1E6))
}

fn letter(index: u32) -> char {
    char::from(b'a' + index as u8)
}

/// Lower case where it is one character, as it is for every letter but `İ`.
fn lower(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

/// Cyrillic folds case and `ё`; `й` and `ї` are letters of their own, not accented ones.
fn cyrillic(c: char) -> Folded {
    match lower(c) {
        'ё' | 'ѐ' => One('е'),
        'ѝ' => One('и'),
        other => One(other),
    }
}

fn compatible(c: char) -> Folded {
    let mut parts = ['\0'; 3];
    let mut count = 0;
    let mut fits = true;
    decompose_compatible(c, |part| {
        if canonical_combining_class(part) == 0 || count == 0 {
            if count < 3 {
                parts[count] = part;
            }
            fits &= count < 3;
            count += 1;
        }
    });
    // `№` and `™` would become letters glued to the word beside them.
    if !fits || matches!(c, '№' | '™' | '℠' | '℡') {
        return One(c);
    }
    let parts = parts.map(|part| if part.is_ascii() { part.to_ascii_lowercase() } else { lower(part) });
    match count {
        1 if super::invisible::invisible(parts[0]) => Dropped,
        1 => match parts[0] {
            'ς' => One('σ'),
            'ё' => One('е'),
            '\u{3099}' | '\u{309A}' => Mark(parts[0]),
            'ı' => One('i'),
            'ȷ' => One('j'),
            other => One(other),
        },
        2 => Two(parts[0], parts[1]),
        3 => Three(parts[0], parts[1], parts[2]),
        _ => One(c),
    }
}

/// U+0080 to U+024F, folded once: a European text asks for each accented letter again and again.
static LATIN: LazyLock<Vec<Folded>> = LazyLock::new(|| (0x80..=0x24F).map(latin).collect());
static LATIN_ADDITIONAL: LazyLock<Vec<Folded>> = LazyLock::new(|| (0x1E00..=0x1EFF).map(latin).collect());

fn latin(code: u32) -> Folded {
    let c = char::from_u32(code).expect("the Latin blocks have no surrogates");
    match c {
        'ß' | 'ẞ' => return Two('s', 's'),
        'æ' | 'Æ' => return Two('a', 'e'),
        'œ' | 'Œ' => return Two('o', 'e'),
        'ĳ' | 'Ĳ' => return Two('i', 'j'),
        'ı' | 'İ' => return One('i'),
        'ø' | 'Ø' => return One('o'),
        'ł' | 'Ł' => return One('l'),
        'đ' | 'Đ' | 'ð' | 'Ð' => return One('d'),
        'ħ' | 'Ħ' => return One('h'),
        'ŧ' | 'Ŧ' => return One('t'),
        'ſ' => return One('s'),
        'ª' => return One('a'),
        'º' => return One('o'),
        _ if !c.is_alphabetic() => return One(c),
        _ => {}
    }
    let mut base = None;
    decompose_canonical(c, |part| base = base.or(Some(part)));
    One(lower(base.unwrap_or(c)))
}

/// Phonetic letters used as small capitals in names and headlines; others stay.
fn small_capital(c: char) -> char {
    const SMALL: [(char, char); 30] = [
        ('ᴀ', 'a'),
        ('ʙ', 'b'),
        ('ᴄ', 'c'),
        ('ᴅ', 'd'),
        ('ᴇ', 'e'),
        ('ɢ', 'g'),
        ('ʜ', 'h'),
        ('ɪ', 'i'),
        ('ᴊ', 'j'),
        ('ᴋ', 'k'),
        ('ʟ', 'l'),
        ('ᴍ', 'm'),
        ('ɴ', 'n'),
        ('ᴏ', 'o'),
        ('ᴘ', 'p'),
        ('ʀ', 'r'),
        ('ꜱ', 's'),
        ('ᴛ', 't'),
        ('ᴜ', 'u'),
        ('ᴠ', 'v'),
        ('ᴡ', 'w'),
        ('ʏ', 'y'),
        ('ᴢ', 'z'),
        ('ꜰ', 'f'),
        ('ɑ', 'a'),
        ('ɡ', 'g'),
        ('ɩ', 'i'),
        ('ʋ', 'v'),
        ('ɛ', 'e'),
        ('ɔ', 'o'),
    ];
    SMALL.iter().find(|(small, _)| *small == c).map_or(c, |(_, plain)| *plain)
}

/// The scripts whose letters are taken for one another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Script {
    Latin,
    Cyrillic,
    Greek,
}

impl Script {
    const ALL: [Script; 3] = [Script::Latin, Script::Cyrillic, Script::Greek];

    /// Of a folded letter.
    #[inline]
    pub(super) fn of(c: char) -> Option<Script> {
        match c as u32 {
            0x61..=0x7A | 0xDF..=0xF6 | 0xF8..=0x24F | 0x1E00..=0x1EFF => Some(Script::Latin),
            0x430..=0x52F => Some(Script::Cyrillic),
            0x391..=0x3FF => Some(Script::Greek),
            _ => None,
        }
    }
}

/// Lower-case Latin, Cyrillic, Greek letters that look alike in either case; `\0` where a script has none.
#[rustfmt::skip]
const ALIKE: [(char, char, char); 22] = [
    ('a', 'а', 'α'), ('b', 'в', 'β'), ('c', 'с', '\0'), ('e', 'е', 'ε'), ('h', 'н', '\0'), ('i', 'і', 'ι'),
    ('j', 'ј', '\0'), ('k', 'к', 'κ'), ('m', 'м', '\0'), ('o', 'о', 'ο'), ('p', 'р', 'ρ'), ('s', 'ѕ', '\0'),
    ('t', 'т', 'τ'), ('x', 'х', 'χ'), ('y', 'у', 'υ'), ('d', 'ԁ', '\0'), ('q', 'ԛ', '\0'), ('w', 'ԝ', 'ω'),
    ('h', 'һ', '\0'), ('n', '\0', 'η'), ('v', '\0', 'ν'), ('o', '\0', 'σ'),
];

/// Latin letters that stand in for Cyrillic ones only in a word already known to be Cyrillic.
const WEAKLY_ALIKE: [(char, char, char); 4] = [('r', 'г', '\0'), ('n', 'п', '\0'), ('u', 'и', '\0'), ('b', 'ь', '\0')];

fn written(row: &(char, char, char), script: Script) -> char {
    match script {
        Script::Latin => row.0,
        Script::Cyrillic => row.1,
        Script::Greek => row.2,
    }
}

/// The letter of script `to` that looks like `c`.
fn counterpart(c: char, to: Script, weak: bool) -> Option<char> {
    let from = Script::of(c)?;
    let weak = if weak { &WEAKLY_ALIKE[..] } else { &[] };
    // Nobody writes a word with Kurdish or Komi letters to hide Latin ones; only the other way round.
    let usual = |letter: char| !matches!(letter, '\0' | 'ԁ' | 'ԛ' | 'ԝ' | 'һ');
    ALIKE.iter().chain(weak).find(|row| written(row, from) == c && usual(written(row, to))).map(|row| written(row, to))
}

/// Whether a letter has a look-alike that is a usual letter elsewhere. `d`, `q`, `w` have theirs only in rare
/// Cyrillic alphabets, so they speak for Latin.
fn alike(c: char) -> bool {
    !matches!(c, 'd' | 'q' | 'w' | 'n' | 'v')
        && Script::ALL.iter().any(|to| Some(*to) != Script::of(c) && counterpart(c, *to, false).is_some())
}

/// The script of a word, `None` when it has letters of several or of none.
pub(super) fn pure_script(word: &[char]) -> Option<Script> {
    let mut found = None;
    for script in word.iter().filter_map(|c| Script::of(*c)) {
        match found {
            None => found = Some(script),
            Some(other) if other != script => return None,
            Some(_) => {}
        }
    }
    found
}

/// Writes a mixed word in one script: the one with more letters that are not look-alikes; else the one of the
/// words around it; else the one with more letters. A run of the other script is left alone when it holds a
/// letter that cannot be anything else, or is a known term (`usdtкошелек`, `btcобмен`): that is two words glued.
pub(super) fn unify(word: &mut [char], around: impl FnOnce() -> Option<Script>) {
    let mut letters = [0usize; 3];
    let mut certain = [0usize; 3];
    for &c in word.iter() {
        if let Some(script) = Script::of(c) {
            letters[script as usize] += 1;
            certain[script as usize] += usize::from(!alike(c));
        }
    }
    if letters.iter().filter(|count| **count > 0).count() < 2 {
        return;
    }
    let most = |counts: [usize; 3]| {
        let top = counts.into_iter().max().unwrap_or(0);
        let mut best = Script::ALL.into_iter().filter(|script| counts[*script as usize] == top);
        match (best.next(), best.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        }
    };
    let winner = most(certain)
        .or_else(|| around().filter(|script| letters[*script as usize] > 0))
        .or_else(|| most(letters))
        .unwrap_or(Script::Latin);
    let mut start = 0;
    while start < word.len() {
        let script = Script::of(word[start]);
        let run = word[start..].iter().take_while(|c| Script::of(**c) == script).count();
        let run = start..start + run;
        start = run.end;
        if script.is_none_or(|script| script == winner) {
            continue;
        }
        let converted: Option<Vec<char>> =
            word[run.clone()].iter().map(|c| counterpart(*c, winner, winner == Script::Cyrillic)).collect();
        let term =
            run.len() >= 3 && run.len() < 12 && super::terms::known(&word[run.clone()].iter().collect::<String>());
        if let Some(converted) = converted.filter(|_| !term) {
            word[run].copy_from_slice(&converted);
        }
    }
}

/// The word with digits that stand for letters replaced (`3scr0w` becomes `escrow`); `None` without such digits
/// or without a letter. `1` is read as `i`. A helper for lexicons: numbers must stay numbers everywhere else.
pub fn leet_fold(word: &str) -> Option<String> {
    let digit = |c: char| match c {
        '0' => Some('o'),
        '1' => Some('i'),
        '3' => Some('e'),
        '4' => Some('a'),
        '5' => Some('s'),
        '7' => Some('t'),
        _ => None,
    };
    if !word.chars().any(|c| digit(c).is_some()) || !word.chars().any(char::is_alphabetic) {
        return None;
    }
    Some(word.chars().map(|c| digit(c).unwrap_or(c)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_unify(word: &str, expected: &str) {
        let mut chars: Vec<char> = word.chars().collect();
        unify(&mut chars, || None);
        assert_eq!(chars.iter().collect::<String>(), expected);
    }

    #[test]
    fn a_mixed_word_takes_the_script_of_its_certain_letters() {
        check_unify("гaрaнт", "гарант");
        check_unify("еѕсrоw", "escrow");
        check_unify("εscrow", "escrow");
        check_unify("пpoдaм", "продам");
    }

    #[test]
    fn glued_words_stay() {
        check_unify("vpnсервис", "vpnсервис");
        check_unify("btcобмен", "btcобмен");
    }

    #[test]
    fn styled_letters_fold() {
        assert_eq!(fold('ｅ'), One('e'));
        assert_eq!(fold('𝐄'), One('e'));
        assert_eq!(fold('Ⓔ'), One('e'));
        assert_eq!(fold('ᴇ'), One('e'));
        assert_eq!(fold('É'), One('e'));
        assert_eq!(fold('ß'), Two('s', 's'));
        assert_eq!(fold('İ'), One('i'));
        assert_eq!(fold('Ё'), One('е'));
        assert_eq!(fold('€'), One('€'));
        assert_eq!(fold('Ǆ'), One('ǆ'));
    }

    #[test]
    fn leet() {
        assert_eq!(leet_fold("3scr0w").as_deref(), Some("escrow"));
        assert_eq!(leet_fold("500"), None);
        assert_eq!(leet_fold("escrow"), None);
    }
}
