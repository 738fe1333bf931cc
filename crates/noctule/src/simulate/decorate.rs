//! What people do to a text when they post it: emoji, capitals, look-alike letters, a channel tag, and the random
//! letters that are to fool duplicate filters. None of it makes another text, as `design.md` defines duplicates.

use super::phrases::Lang;
use super::rng::Rng;

const EMOJI: [&str; 14] = ["🔥", "💰", "✅", "⚡️", "🚀", "💎", "❗️", "🔝", "💵", "👑", "📌", "💳", "🛒", "⭐️"];
const RULES: [&str; 4] = ["━━━━━━━━━━", "➖➖➖➖➖➖", "==========", "● ● ● ● ●"];
const ARROWS: [&str; 5] = ["", "👉 ", "➡️ ", "📢 ", "🔔 "];
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Latin and Cyrillic letters that look alike.
const TWINS: [(char, char); 8] =
    [('a', 'а'), ('e', 'е'), ('o', 'о'), ('c', 'с'), ('p', 'р'), ('x', 'х'), ('y', 'у'), ('i', 'і')];

/// Appends the decorated core to `out`. `tag` is the channel's user name, where it signs its posts.
pub fn decorate(core: &str, lang: Lang, tag: Option<&str>, rng: &mut Rng, out: &mut String) {
    let affix = affix(rng);
    let affix_place = rng.below(100);
    let ruled = rng.chance(40);
    let glued = matches!(lang, Lang::Zh | Lang::Ja);
    if affix_place < 13 {
        out.push_str(affix.as_str());
        let starts_plain = core.starts_with(|c: char| c.is_ascii());
        out.push_str(if glued && !starts_plain { "" } else { " " });
    }
    if rng.chance(180) {
        for _ in 0..rng.between(1, 3) {
            out.push_str(rng.word(&EMOJI));
        }
        out.push(' ');
    }
    if ruled {
        out.push_str(rng.word(&RULES));
        out.push('\n');
    }
    let start = out.len();
    match rng.below(100) {
        0..=6 => capitals(core, lang, out),
        7..=15 => twins(core, rng, out),
        16..=18 => invisible(core, lang, rng, out),
        19..=30 => emoji_between_lines(core, rng, out),
        _ => out.push_str(core),
    }
    if rng.chance(60) && out[start..].ends_with(|c: char| c.is_alphabetic() && !c.is_ascii()) {
        out.push_str("!!!");
    }
    if ruled {
        out.push('\n');
        out.push_str(rng.word(&RULES));
    }
    if rng.chance(140) {
        out.push(' ');
        for _ in 0..rng.between(1, 4) {
            out.push_str(rng.word(&EMOJI));
        }
    }
    if (8..24).contains(&affix_place) {
        let ends_plain = out.ends_with(|c: char| c.is_ascii());
        out.push_str(if glued && !ends_plain { "" } else { [" ", "\n"][(affix_place % 2) as usize] });
        out.push_str(affix.as_str());
    }
    if let Some(tag) = tag {
        out.push_str(["\n", "\n\n"][rng.below(2) as usize]);
        out.push_str(rng.word(&ARROWS));
        out.push_str(["@", "t.me/", "https://t.me/"][rng.below(3) as usize]);
        out.push_str(tag);
    }
}

/// Two to four random letters and digits that say nothing: a letter first and a digit among them, or two letters
/// that make no word. A number alone could be a price; `mm`, `btc` or `jp` say something, and so do `x2` and `w2`.
fn affix(rng: &mut Rng) -> Affix {
    let mut bytes = [0; 4];
    let len = rng.between(2, 4) as usize;
    if len == 2 && rng.chance(500) {
        bytes[0] = *rng.pick(b"qz");
        bytes[1] = *rng.pick(b"bfgkvx");
    } else {
        bytes[0] = *rng.pick(b"jqz");
        for byte in &mut bytes[1..len] {
            *byte = *rng.pick(ALPHABET);
        }
        bytes[rng.between(1, len as u32 - 1) as usize] = *rng.pick(b"123456789");
    }
    Affix { bytes, len }
}

struct Affix {
    bytes: [u8; 4],
    len: usize,
}

impl Affix {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).expect("the alphabet is ASCII")
    }
}

/// Words that name somebody or something exactly: they are copied as they are.
fn is_exact(word: &str) -> bool {
    word.bytes().any(|b| matches!(b, b'@' | b'/' | b'_' | b'.' | b':') || b.is_ascii_digit())
}

fn by_word(core: &str, out: &mut String, mut change: impl FnMut(&str, &mut String)) {
    for word in core.split_inclusive(|c: char| c.is_whitespace()) {
        if is_exact(word) { out.push_str(word) } else { change(word, out) }
    }
}

fn capitals(core: &str, lang: Lang, out: &mut String) {
    by_word(core, out, |word, out| {
        // A sharp s has no simple capital; such a word stays as it is.
        if word.contains('ß') {
            out.push_str(word);
        } else if lang == Lang::Tr {
            // In Turkish the capital of i has a dot, and the small letter without one is another letter.
            out.extend(word.chars().flat_map(|c| if c == 'i' { 'İ' } else { c }.to_uppercase()));
        } else {
            out.extend(word.chars().flat_map(char::to_uppercase));
        }
    });
}

/// Replaces one letter in a few words by its twin of the other alphabet. Words that could be read in either alphabet
/// as a whole are left alone: there would be nothing mixed to recognize.
fn twins(core: &str, rng: &mut Rng, out: &mut String) {
    by_word(core, out, |word, out| {
        let firm = word.chars().filter(|c| c.is_alphabetic() && !TWINS.iter().any(|(l, k)| l == c || k == c)).count();
        if firm < 3 || !rng.chance(200) {
            out.push_str(word);
            return;
        }
        let mut done = false;
        for c in word.chars() {
            let twin = if done { None } else { TWINS.iter().find(|(l, k)| *l == c || *k == c) };
            out.push(match twin {
                Some((latin, cyrillic)) => {
                    done = true;
                    if *latin == c { *cyrillic } else { *latin }
                }
                None => c,
            });
        }
    });
}

fn invisible(core: &str, lang: Lang, rng: &mut Rng, out: &mut String) {
    // Joiners have a meaning in Persian and Hindi spelling.
    let joins = matches!(lang, Lang::Fa | Lang::Ar | Lang::Hi);
    let mark = *rng.pick(&['\u{200b}', if joins { '\u{2060}' } else { '\u{200d}' }, '\u{2060}', '\u{ad}']);
    by_word(core, out, |word, out| {
        let letters = word.chars().count();
        if letters < 4 || !rng.chance(150) {
            out.push_str(word);
            return;
        }
        for (index, c) in word.chars().enumerate() {
            if index == letters / 2 {
                out.push(mark);
            }
            out.push(c);
        }
    });
}

fn emoji_between_lines(core: &str, rng: &mut Rng, out: &mut String) {
    for line in core.split_inclusive('\n') {
        out.push_str(rng.word(&EMOJI));
        out.push(' ');
        out.push_str(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_and_whatever_is_named_exactly_stays_as_it_is() {
        let core = "Selling fresh база, 350 USD, 12000 lines\nproofs https://files.example/7, write @fox_base77";
        for seed in 0..2000 {
            let mut out = String::new();
            decorate(core, Lang::En, Some("own_channel"), &mut Rng::new(seed), &mut out);
            for exact in ["350", "12000", "https://files.example/7,", "@fox_base77", "own_channel"] {
                assert!(out.contains(exact), "{exact} is gone: {out}");
            }
        }
    }

    #[test]
    fn an_affix_is_no_number_and_no_word() {
        let mut rng = Rng::new(3);
        for _ in 0..5_000 {
            let affix = affix(&mut rng);
            let word = affix.as_str();
            assert!((2..=4).contains(&word.len()) && word.starts_with(['j', 'q', 'z']), "{word}");
            assert!(word.len() == 2 || word.bytes().any(|b| b.is_ascii_digit()), "{word}");
        }
    }

    #[test]
    fn a_twin_stands_only_in_words_that_stay_recognizable() {
        for seed in 0..500 {
            let mut out = String::new();
            twins("оно a cop гаранта middleman", &mut Rng::new(seed), &mut out);
            assert!(out.starts_with("оно a cop "), "{out}");
        }
    }
}
