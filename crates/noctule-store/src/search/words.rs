//! From text to the words that are indexed, the same way for messages, names and queries.
//!
//! The text is folded as the detectors fold it (case, accents, look-alikes within a word, spaced-out words). Scripts that
//! put no spaces between words are cut into overlapping pairs of signs and the single signs, at the same positions; so
//! whatever stands side by side is found. A word of nothing but letters that look alike in Latin and Cyrillic is written in
//! Latin: `сор` and `cop` are one word here, since nothing but a dictionary could tell them apart.

use noctule_core::model::Shadow;
use noctule_core::normalize::shadow_of;

/// Longer words are cut: no address, key or hash is longer, and a megabyte without a space is no word.
const MAX_CHARACTERS: usize = 128;

/// A word, where it stands among the others, and in the folded text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Word {
    pub text: String,
    pub position: usize,
    /// Byte offsets in the shadow.
    pub start: usize,
    pub end: usize,
    /// One sign of a script without spaces; the pair that begins with it stands at the same position.
    pub single: bool,
}

/// Whether a sign belongs to a script that is written without spaces, or whose words are glued to others.
pub(super) fn unspaced(c: char) -> bool {
    matches!(c as u32,
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF
        | 0x1100..=0x11FF | 0x3041..=0x309F | 0x30A1..=0x30FA | 0x30FC..=0x30FF | 0x3105..=0x318F
        | 0x31F0..=0x31FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7FB | 0xF900..=0xFAFF
        | 0x20000..=0x3FFFF)
}

/// Letters and digits, and the marks that spell words in Indic and Arabic scripts.
fn of_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    c.is_alphanumeric()
        || matches!(c as u32,
            0x0300..=0x036F | 0x0591..=0x05C7 | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670 | 0x06D6..=0x06ED
            | 0x0900..=0x0963 | 0x0971..=0x0DFF)
}

/// Calls `each` with every word of a folded text, in order.
pub(super) fn each_word(text: &str, mut each: impl FnMut(Word)) {
    let mut position = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((start, c)) = letters.next() {
        if unspaced(c) {
            let end = start + c.len_utf8();
            each(Word { text: c.into(), position, start, end, single: true });
            if let Some(&(_, next)) = letters.peek().filter(|(_, next)| unspaced(*next)) {
                let end = end + next.len_utf8();
                each(Word { text: text[start..end].into(), position, start, end, single: false });
            }
            position += 1;
        } else if of_word(c) {
            let mut end = start + c.len_utf8();
            while let Some(&(at, next)) = letters.peek().filter(|(_, next)| of_word(*next) && !unspaced(*next)) {
                end = at + next.len_utf8();
                letters.next();
            }
            each(Word { text: indexed(&text[start..end]), position, start, end, single: false });
            position += 1;
        }
    }
}

/// The words of a text that is not folded yet, and the way back to it.
pub(super) fn words_of(text: &str) -> (Vec<Word>, Shadow) {
    let shadow = shadow_of(text);
    let mut words = Vec::new();
    each_word(&shadow.text, |word| words.push(word));
    (words, shadow)
}

/// As the word stands in the index.
fn indexed(word: &str) -> String {
    let cut = match word.char_indices().nth(MAX_CHARACTERS) {
        Some((end, _)) => &word[..end],
        None => word,
    };
    ambiguous(cut).unwrap_or_else(|| cut.to_owned())
}

/// A word of look-alikes only, in Latin letters.
fn ambiguous(word: &str) -> Option<String> {
    // Nearly every word ends here at its first letter.
    let latin = |c: char| {
        Some(match c {
            'а' => 'a',
            'с' => 'c',
            'е' => 'e',
            'і' => 'i',
            'ј' => 'j',
            'о' => 'o',
            'р' => 'p',
            'ѕ' => 's',
            'х' => 'x',
            'у' => 'y',
            '0'..='9' => c,
            _ => return None,
        })
    };
    if word.is_ascii() {
        return None;
    }
    word.chars().map(latin).collect()
}

/// The other way of writing the start of a word: it may be ambiguous where the whole word is not.
pub(super) fn start_of_word(word: &str) -> Vec<String> {
    let mut ways = vec![word.to_owned()];
    ways.extend(ambiguous(word));
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(String, usize)> {
        words_of(text).0.into_iter().map(|word| (word.text, word.position)).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[(&str, usize)]) {
        let expected: Vec<(String, usize)> = expected.iter().map(|(word, at)| ((*word).to_owned(), *at)).collect();
        assert_eq!(words(text), expected);
    }

    #[test]
    fn words_are_folded_and_counted() {
        check("Escrow, please!", &[("escrow", 0), ("please", 1)]);
        check("t.me/Shop_1", &[("t", 0), ("me", 1), ("shop", 2), ("1", 3)]);
        check("ÉCOLE Straße", &[("ecole", 0), ("strasse", 1)]);
        check("Ещё ГАРАНТ", &[("еще", 0), ("гарант", 1)]);
    }

    #[test]
    fn look_alikes_are_one_word() {
        assert_eq!(words("еѕсrоw"), words("escrow"));
        assert_eq!(words("гaрaнт"), words("гарант"));
        // All letters have a twin: only the Latin way is kept.
        assert_eq!(words("сор"), words("cop"));
        assert_eq!(words("ХАОС 0"), words("XAOC 0"));
        assert_eq!(words("e s c r o w"), words("escrow"));
    }

    #[test]
    fn scripts_without_spaces_become_pairs() {
        check("担保交易", &[("担", 0), ("担保", 0), ("保", 1), ("保交", 1), ("交", 2), ("交易", 2), ("易", 3)]);
        check("用USDT担保", &[("用", 0), ("usdt", 1), ("担", 2), ("担保", 2), ("保", 3)]);
        check("거래", &[("거", 0), ("거래", 0), ("래", 1)]);
    }

    #[test]
    fn marks_do_not_cut_words() {
        assert_eq!(words("हिन्दी भाषा").len(), 2);
        assert_eq!(words("مُعَامَلَة").len(), 1);
    }

    #[test]
    fn a_text_without_spaces_is_cut_and_not_refused() {
        let long = "a".repeat(1 << 20);
        assert_eq!(words(&long).len(), 1);
        assert_eq!(words(&long)[0].0.len(), MAX_CHARACTERS);
        assert!(words("!!! ... ***").is_empty());
    }
}
