//! The text that detectors match on. See [`Shadow`] for what it promises.
//!
//! One pass folds characters; ASCII, Cyrillic and CJK are decided in a comparison or two. The pass also notices
//! whether letters were spaced out (`e s c r o w`) or scripts mixed within a word. Only then, seldom, a second
//! pass collapses the former and a third unifies the latter.

use crate::model::{Shadow, Span};

use super::confusables::{Folded, Script, fold, pure_script, regional_letter, unify};
use super::invisible::invisible;
use super::mapped::{Mapped, chars_with_source};
use super::runs;

/// So many single letters in a row, divided by the same character, are one word spaced out.
const SPACED_LETTERS: usize = 5;
/// So many marks stay on one letter. Vietnamese and Arabic need two, Hindi and Thai three.
const MARKS_KEPT: u32 = 4;
/// How far a word of unclear script looks for its neighbor.
const NEIGHBOR_CHARS: usize = 64;

impl Shadow {
    /// The raw span of a shadow span. Invisible characters right after the match are left out.
    pub fn raw_span(&self, span: Span, raw: &str) -> Span {
        let start = self.raw_offset(span.start);
        let end = self.raw_offset(span.end).max(start);
        let found = raw.get(start as usize..end as usize).unwrap_or("");
        Span { start, end: start + found.trim_end_matches(invisible).len() as u32 }
    }
}

/// The shadow of `text`; `quotes` are ascending, disjoint and on character boundaries.
pub(super) fn shadow(text: &str, quotes: &[Span]) -> Shadow {
    if quotes.is_empty() && text.is_ascii() {
        let lower = Shadow { text: text.to_ascii_lowercase(), steps: Vec::new() };
        if single_letters(lower.text.as_bytes()) < SPACED_LETTERS {
            return lower;
        }
        let mut words = Words::default();
        words.ascii(lower.text.as_bytes(), 0);
        words.end();
        return if words.spaced { collapse(&lower) } else { lower };
    }
    let mut out = Mapped::with_capacity(text.len() + 8);
    let mut words = Words::default();
    let mut at = 0;
    for quote in quotes {
        fold_piece(text, at..quote.start as usize, &mut out, &mut words);
        out.push('\n', quote.start as usize);
        words.end();
        at = quote.end as usize;
    }
    fold_piece(text, at..text.len(), &mut out, &mut words);
    words.end();
    out.make_ascii_lowercase();
    let mut shadow = out.finish(text.len());
    if words.spaced {
        shadow = collapse(&shadow);
    }
    if words.mixed {
        shadow = unify_words(&shadow);
    }
    shadow
}

/// What the first pass notices about words.
#[derive(Default)]
struct Words {
    scripts: u8,
    letters: u32,
    singles: usize,
    spaced: bool,
    mixed: bool,
    /// Scripts of the current run of single letters: spaced out, they will make one word.
    run_scripts: u8,
}

impl Words {
    #[inline]
    fn letter(&mut self, script: u8) {
        self.letters += 1;
        self.scripts |= script;
    }

    /// Letters of one script one after the other.
    #[inline]
    fn letters(&mut self, count: usize, script: u8) {
        self.letters += count as u32;
        self.scripts |= if count > 0 { script } else { 0 };
    }

    #[inline]
    fn digit(&mut self) {
        self.letters += 2;
    }

    /// ASCII characters one after the other; letters count as of `script`.
    fn ascii(&mut self, text: &[u8], script: u8) {
        for byte in text {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' => self.letter(script),
                b'0'..=b'9' => self.digit(),
                _ => self.end(),
            }
        }
    }

    /// Ends the word. Without branches: how long a word is, no processor can guess.
    #[inline]
    fn end(&mut self) {
        let single = self.letters == 1;
        self.singles = if single { self.singles + 1 } else { 0 };
        self.run_scripts = if single { self.run_scripts | self.scripts } else { 0 };
        let spaced = self.singles >= SPACED_LETTERS;
        // Single letters mix scripts only once they are enough to make one word.
        let together = if spaced { self.run_scripts } else { self.scripts };
        self.spaced |= spaced;
        self.mixed |= mixes(together);
        self.letters = 0;
        self.scripts = 0;
    }
}

/// How many letters of an ASCII text in small letters have neither a letter nor a digit beside them.
fn single_letters(text: &[u8]) -> usize {
    let mut singles = 0;
    let mut before = false;
    for at in (0..text.len()).step_by(8) {
        let eight = runs::eight(text, at);
        let after = text.get(at + 8).is_some_and(u8::is_ascii_alphanumeric);
        singles += runs::single_small_latin(eight, before, after);
        before = text.get(at + 7).is_some_and(u8::is_ascii_alphanumeric);
    }
    singles
}

const LATIN: u8 = 1;
const CYRILLIC: u8 = 2;
const GREEK: u8 = 4;

#[inline]
fn mixes(scripts: u8) -> bool {
    scripts & scripts.wrapping_sub(1) != 0
}

fn fold_piece(text: &str, range: std::ops::Range<usize>, out: &mut Mapped, words: &mut Words) {
    let piece = &text[range.clone()];
    let bytes = piece.as_bytes();
    let mut marks = 0;
    let mut at = 0;
    // What stays as it is waits from here on, and is copied in one piece when something changes.
    let mut kept = 0;
    while let Some(&byte) = bytes.get(at) {
        let source = range.start + at;
        match byte {
            // Capitals wait as well: they become small all at once, when the text is complete.
            b'a'..=b'z' | b'A'..=b'Z' => {
                loop {
                    let run = runs::latin(runs::eight(bytes, at));
                    words.letters(run, LATIN);
                    at += run;
                    if run < 8 {
                        break;
                    }
                }
                if bytes.get(at) == Some(&b' ') {
                    words.end();
                    at += 1;
                }
                marks = 0;
                continue;
            }
            b'0'..=b'9' => {
                words.digit();
                at += 1;
                marks = 0;
                continue;
            }
            0..0x80 => {
                words.end();
                at += 1;
                marks = 0;
                continue;
            }
            0xD0 | 0xD1 => {
                let start = at;
                loop {
                    let run = runs::small_cyrillic(runs::eight(bytes, at));
                    words.letters(run, CYRILLIC);
                    at += 2 * run;
                    if run < 4 {
                        break;
                    }
                }
                if at > start {
                    if bytes.get(at) == Some(&b' ') {
                        words.end();
                        at += 1;
                    }
                    marks = 0;
                    continue;
                }
                if let Some(&[0xD0, low @ 0x90..=0xAF]) = bytes.get(at..at + 2) {
                    out.push_str(&piece[kept..at], range.start + kept);
                    words.letter(CYRILLIC);
                    out.push(char::from_u32(0x430 + u32::from(low - 0x90)).expect("Cyrillic has no gap here"), source);
                    at += 2;
                    kept = at;
                    marks = 0;
                    continue;
                }
            }
            // Ideographs from U+4000 on, see below.
            0xE4..=0xE9 => {
                words.letter(0);
                at += 3;
                marks = 0;
                continue;
            }
            // U+1F300 to U+1FAFF, see below.
            0xF0 if matches!(bytes.get(at..at + 3), Some([_, 0x9F, 0x8C..=0xAB])) => {
                words.end();
                at += 4;
                marks = 0;
                continue;
            }
            _ => {}
        }
        let mut chars = piece[at..].chars();
        let Some(c) = chars.next() else { break };
        let here = at;
        let rest = chars.as_str();
        at = piece.len() - rest.len();
        match c {
            // Kana, ideographs and Hangul syllables have no case and no accents that are written apart.
            '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' | '\u{3400}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => {
                words.letter(0);
                marks = 0;
                continue;
            }
            // Punctuation, arrows, shapes, emoji: what is left of them after their letters and numbers.
            '\u{2010}'..='\u{2027}'
            | '\u{2190}'..='\u{244A}'
            | '\u{2500}'..='\u{2775}'
            | '\u{2794}'..='\u{27FF}'
            | '\u{1F300}'..='\u{1FAFF}' => {
                words.end();
                marks = 0;
                continue;
            }
            // With the emoji selector it is a sign (parking, a blood group), not a letter.
            '\u{1F170}'..='\u{1F189}' if rest.starts_with('\u{FE0F}') => {
                words.end();
                marks = 0;
                continue;
            }
            _ => {
                out.push_str(&piece[kept..here], range.start + kept);
                kept = at;
            }
        }
        match c {
            '\u{FE00}'..='\u{FE0F}' => continue,
            '\u{1F1E6}'..='\u{1F1FF}' => {
                let run = regional_run(&piece[here..]);
                let letters = run.len() % 2 == 1 || !run.chunks(2).all(is_flag);
                for (index, &c) in run.iter().enumerate() {
                    let source = source + index * c.len_utf8();
                    match regional_letter(c).filter(|_| letters) {
                        Some(letter) => {
                            words.letter(LATIN);
                            out.push(letter, source);
                        }
                        None => {
                            words.end();
                            out.push(c, source);
                        }
                    }
                }
                at = here + run.iter().map(|c| c.len_utf8()).sum::<usize>();
                kept = at;
            }
            _ => {
                match fold(c) {
                    Folded::One(one) => push(one, source, out, words),
                    Folded::Two(one, two) => {
                        push(one, source, out, words);
                        push(two, source, out, words);
                    }
                    Folded::Three(one, two, three) => {
                        push(one, source, out, words);
                        push(two, source, out, words);
                        push(three, source, out, words);
                    }
                    // Cyrillic letters that are written with a mark of their own.
                    Folded::Accent('\u{306}') if marks == 0 => {
                        let _ = out.replace_last('и', 'й') || out.replace_last('у', 'ў');
                    }
                    Folded::Accent('\u{308}') if marks == 0 => {
                        let _ = out.replace_last('і', 'ї');
                    }
                    Folded::Mark(mark) if marks < MARKS_KEPT => {
                        out.push(mark, source);
                        marks += 1;
                        continue;
                    }
                    Folded::Accent(_) | Folded::Mark(_) => {
                        marks += 1;
                        continue;
                    }
                    Folded::Dropped => continue,
                }
            }
        }
        marks = 0;
    }
    out.push_str(&piece[kept..], range.start + kept);
}

fn push(c: char, source: usize, out: &mut Mapped, words: &mut Words) {
    match Script::of(c) {
        Some(Script::Latin) => words.letter(LATIN),
        Some(Script::Cyrillic) => words.letter(CYRILLIC),
        Some(Script::Greek) => words.letter(GREEK),
        None => match letter_or_sign(c) {
            Some(true) => words.letter(0),
            Some(false) => words.end(),
            None if c.is_alphabetic() => words.letter(0),
            None if c.is_numeric() => words.digit(),
            None => words.end(),
        },
    }
    out.push(c, source);
}

/// The regional indicators at the start of `text`.
fn regional_run(text: &str) -> Vec<char> {
    text.chars().take_while(|c| regional_letter(*c).is_some()).collect()
}

/// Whether two regional indicators are a country's flag (ISO 3166-1, and `EU`, `UN`, `XK`).
fn is_flag(pair: &[char]) -> bool {
    const COUNTRIES: &str = "adaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjblbmbnbobqbrbsbtbvbwbybzcacccdcfcgchcick\
        clcmcncocrcucvcwcxcyczdedjdkdmdodzeceeegeheresetfifjfkfmfofrgagbgdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhnhrhthu\
        idieiliminioiqirisitjejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlulvlymamcmdmemfmgmhmkmlmmmnmompmqmrmsmtmumv\
        mwmxmymznanancnenfngninlnonpnrnunzompapepfpgphpkplpmpnprpsptpwpyqarerorsrurwsasbscsdsesgshsisjskslsmsnsosrssst\
        svsxsysztctdtftgthtjtktltmtntotrtttvtwtzuaugumusuyuzvavcvevgvivnvuwfwsyeytzazmzweuunxk";
    let [Some(one), Some(two)] = [pair.first(), pair.get(1)].map(|c| c.and_then(|c| regional_letter(*c))) else {
        return false;
    };
    COUNTRIES.as_bytes().chunks(2).any(|code| code == [one as u8, two as u8])
}

/// Joins letters that were spaced out: `g.a.r.a.n.t` becomes `garant`.
fn collapse(shadow: &Shadow) -> Shadow {
    let source_end = shadow.raw_offset(shadow.text.len() as u32) as usize;
    let chars: Vec<(char, usize)> = chars_with_source(shadow).map(|(_, c, source)| (c, source)).collect();
    let mut out = Mapped::with_capacity(shadow.text.len());
    let mut at = 0;
    let mut in_word = false;
    while at < chars.len() {
        let letters = if in_word { 0 } else { spaced_run(&chars[at..]) };
        if letters >= SPACED_LETTERS {
            for index in 0..letters {
                let (c, source) = chars[at + 2 * index];
                out.push(c, source);
            }
            at += 2 * letters - 1;
        } else {
            // The letters of a run too short are tried again from its second; a run is at most four then.
            let (c, source) = chars[at];
            in_word = alphanumeric(c);
            out.push(c, source);
            at += 1;
        }
    }
    out.finish(source_end)
}

/// How many single letters stand at the start, each divided from the next by the same character.
fn spaced_run(chars: &[(char, usize)]) -> usize {
    let Some(&(separator, _)) = chars.get(1) else {
        return 0;
    };
    if alphanumeric(separator) || matches!(separator, '\n' | '\r') || is_mark(separator) {
        return 0;
    }
    let mut letters = 0;
    let mut at = 0;
    while let Some(&(c, _)) = chars.get(at) {
        let next = chars.get(at + 1).map(|next| next.0);
        if !c.is_alphabetic() || next.is_some_and(|next| alphanumeric(next) || is_mark(next)) {
            break;
        }
        letters += 1;
        at += 2;
        if next != Some(separator) {
            break;
        }
    }
    letters
}

/// Whether a common character is a letter, or else neither letter nor number; `None` for all others. The tables of the
/// standard library are compressed and cost hundreds of instructions a character.
fn letter_or_sign(c: char) -> Option<bool> {
    match c {
        'А'..='џ' | '\u{5D0}'..='\u{5EA}' | '\u{620}'..='\u{64A}' | '\u{671}'..='\u{6D3}' => Some(true),
        '\u{904}'..='\u{939}' | '\u{E01}'..='\u{E3A}' | '\u{3041}'..='\u{3096}' | '\u{30A1}'..='\u{30FA}' => Some(true),
        '\u{4E00}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' => Some(true),
        '\u{A1}'..='\u{A9}' | '\u{AB}'..='\u{B1}' | '\u{BB}' | '\u{BF}' | '\u{2013}'..='\u{203A}' => Some(false),
        '\u{20A0}'..='\u{20CF}' | '\u{2190}'..='\u{245F}' | '\u{2500}'..='\u{2775}' | '\u{3001}'..='\u{3004}' => {
            Some(false)
        }
        '\u{3008}'..='\u{3020}' | '\u{FF01}'..='\u{FF0F}' | '\u{1F300}'..='\u{1FAFF}' => Some(false),
        _ => None,
    }
}

/// As [`char::is_alphanumeric`].
pub(super) fn alphanumeric(c: char) -> bool {
    match c {
        '\0'..='\x7F' => c.is_ascii_alphanumeric(),
        _ => letter_or_sign(c).unwrap_or_else(|| c.is_alphanumeric()),
    }
}

fn is_mark(c: char) -> bool {
    !c.is_ascii() && unicode_normalization::char::is_combining_mark(c)
}

/// Writes each word that mixes scripts in one of them.
fn unify_words(shadow: &Shadow) -> Shadow {
    let source_end = shadow.raw_offset(shadow.text.len() as u32) as usize;
    let text = shadow.text.as_str();
    let mut pieces = Pieces { shadow, next: 0, distance: 0, out: Mapped::with_capacity(text.len()) };
    let mut before = None;
    // What stays as it is waits from here on.
    let mut kept = 0;
    let mut at = 0;
    while at < text.len() {
        let (end, script) = word_end(text, at);
        match script {
            WordScript::None => {}
            WordScript::One(script) => before = Some(script),
            WordScript::Several => {
                let mut word: Vec<char> = text[at..end].chars().collect();
                unify(&mut word, || before.or_else(|| script_after(&text[end..])));
                before = pure_script(&word).or(before);
                pieces.push(kept..at);
                pieces.push_instead(at..end, &word);
                kept = end;
            }
        }
        // And the character that ends it.
        at = end + text[end..].chars().next().map_or(0, char::len_utf8);
    }
    pieces.push(kept..text.len());
    pieces.out.finish(source_end)
}

enum WordScript {
    None,
    One(Script),
    Several,
}

/// Where the word at a place ends, and its scripts.
fn word_end(text: &str, start: usize) -> (usize, WordScript) {
    let bytes = text.as_bytes();
    let mut at = start;
    let mut found = WordScript::None;
    let mut meet = |script: Script| match found {
        WordScript::None => found = WordScript::One(script),
        WordScript::One(one) if one != script => found = WordScript::Several,
        _ => {}
    };
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'a'..=b'z' => {
                meet(Script::Latin);
                at += runs::small_latin(runs::eight(bytes, at));
                continue;
            }
            0..0x80 if byte.is_ascii_alphanumeric() => {
                at += 1;
                continue;
            }
            0..0x80 => break,
            0xD0 | 0xD1 => {
                let run = runs::small_cyrillic(runs::eight(bytes, at));
                if run > 0 {
                    meet(Script::Cyrillic);
                    at += 2 * run;
                    continue;
                }
            }
            _ => {}
        }
        let Some(c) = text[at..].chars().next().filter(|c| alphanumeric(*c)) else { break };
        if let Some(script) = Script::of(c) {
            meet(script);
        }
        at += c.len_utf8();
    }
    (at, found)
}

/// Pieces of a shadow on their way into another one.
struct Pieces<'s> {
    shadow: &'s Shadow,
    /// The first step of the shadow that is not behind.
    next: usize,
    distance: i64,
    out: Mapped,
}

impl Pieces<'_> {
    /// As they are: in one piece from step to step.
    fn push(&mut self, range: std::ops::Range<usize>) {
        let mut at = range.start;
        while at < range.end {
            let source = self.source(at);
            let next = self.shadow.steps.get(self.next).map_or(range.end, |step| range.end.min(step.0 as usize));
            self.out.push_str(&self.shadow.text[at..next], source);
            at = next;
        }
    }

    /// Other characters instead, one for one.
    fn push_instead(&mut self, range: std::ops::Range<usize>, instead: &[char]) {
        for ((at, _), c) in self.shadow.text[range.clone()].char_indices().zip(instead) {
            let source = self.source(range.start + at);
            self.out.push(*c, source);
        }
    }

    /// The source offset of a place that is not before the last one asked for.
    fn source(&mut self, at: usize) -> usize {
        while let Some(&(own, source)) = self.shadow.steps.get(self.next).filter(|step| step.0 as usize <= at) {
            self.distance = i64::from(source) - i64::from(own);
            self.next += 1;
        }
        (at as i64 + self.distance) as usize
    }
}

/// The script of the first word of one script among the next few.
fn script_after(text: &str) -> Option<Script> {
    let near: Vec<char> = text.chars().take(NEIGHBOR_CHARS).collect();
    near.split(|c| !alphanumeric(*c)).find_map(pure_script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(shadow(text, &[]).text, expected);
    }

    #[test]
    fn case_and_accents_of_latin_letters_go() {
        check("ESCROW Accepted", "escrow accepted");
        check("Café Straße İstanbul", "cafe strasse istanbul");
        check("cafe\u{301}", "cafe");
    }

    #[test]
    fn cyrillic_letters_of_their_own_stay() {
        check("Ёлка Йод", "елка йод");
        check("и\u{306}од і\u{308}жак е\u{308}лка", "йод їжак елка");
    }

    #[test]
    fn styled_and_hidden_letters_are_plain() {
        check("ＥＳＣＲＯＷ 𝐞𝐬𝐜𝐫𝐨𝐰 ⓔⓢⓒⓡⓞⓦ 🅴🆂🅲🆁🅾🆆 ᴇꜱᴄʀᴏᴡ", "escrow escrow escrow escrow escrow");
        check("es\u{200d}cr\u{ad}o\u{202e}w\u{fe0f}", "escrow");
        check("⾦⾊", "金色");
        check("🅿\u{fe0f}парковка", "🅿парковка");
    }

    #[test]
    fn regional_letters_spell_and_flags_stay_flags() {
        check("🇪\u{200b}🇸🇨🇷🇴🇼", "escrow");
        check("🇪 🇸 🇨 🇷 🇴 🇼", "escrow");
        check("🇺🇸🇬🇧 accounts", "🇺🇸🇬🇧 accounts");
    }

    #[test]
    fn spaced_letters_join() {
        check("e s c r o w", "escrow");
        check("работаю через г-а-р-а-н-т, ок", "работаю через гарант, ок");
        check("g.a.r.a.n.t", "garant");
        check("e s c r o w accepted", "escrow accepted");
        check("e ѕ с r o w", "escrow");
        check("i.e. a b c", "i.e. a b c");
        check("1 2 3 4 5 6", "1 2 3 4 5 6");
    }

    #[test]
    fn only_mixed_words_change_script() {
        check("Гaрaнт сo скидкой", "гарант со скидкой");
        check("еscrow со", "escrow со");
        check("оплата btc", "оплата btc");
        check("3D печать 4к", "3d печать 4к");
    }

    #[test]
    fn offsets_point_at_the_raw_text() {
        let raw = "Straße 🔥 г\u{200d}арант\u{200d}!";
        let shadow = shadow(raw, &[]);
        let at = shadow.text.find("гарант").expect("the word is in the shadow");
        let span = shadow.raw_span(Span::new(at, at + "гарант".len()), raw);
        assert_eq!(&raw[span.range()], "г\u{200d}арант");
    }

    #[test]
    fn a_quote_is_a_line_break() {
        let raw = "before QUOTE after";
        let shadow = shadow(raw, &[Span::new(7, 12)]);
        assert_eq!(shadow.text, "before \n after");
        assert_eq!(shadow.raw_offset(8), 12);
    }

    #[test]
    fn common_letters_and_signs_are_what_the_standard_library_says() {
        for c in '\0'..=char::MAX {
            match letter_or_sign(c) {
                Some(true) => assert!(c.is_alphabetic(), "{c:?}"),
                Some(false) => assert!(!c.is_alphanumeric(), "{c:?}"),
                None => {}
            }
            assert_eq!(alphanumeric(c), c.is_alphanumeric(), "{c:?}");
        }
    }

    #[test]
    fn marks_of_other_scripts_stay_a_few_of_them() {
        check("สวัสดี नमस्ते", "สวัสดี नमस्ते");
        check(&format!("ก{}", "\u{e31}".repeat(1000)), &format!("ก{}", "\u{e31}".repeat(MARKS_KEPT as usize)));
        check(&format!("a{}", "\u{301}".repeat(1000)), "a");
    }
}
