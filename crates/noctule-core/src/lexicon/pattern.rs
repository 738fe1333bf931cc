//! From the written form of an entry to the texts that are searched for.

use crate::normalize::shadow_of;

/// The most texts one form may stand for.
const MOST_FORMS: usize = 2_000;

const CHOICE: &str = "\nhint: (a|b) is one of; brackets cannot be searched for";

/// Signs that stand in regular expressions and in no word.
const REGULAR: [&str; 11] = ["\\", "(?", ".*", ".+", ")*", ")+", ")?", "[a-", "[0-", "[^", "{1,"];

/// One text to search for, folded, and whether a word may go on before or behind it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(super) struct Pattern {
    pub text: String,
    pub open_start: bool,
    pub open_end: bool,
}

/// Expands `(a|b)` groups and the `~` marks of one form.
pub(super) fn expand(form: &str) -> Result<Vec<Pattern>, String> {
    // Each of the signs has one of these bytes, and hardly a form has: eleven searches a form were a tenth of loading.
    let suspect = form.bytes().any(|byte| matches!(byte, b'\\' | b'?' | b'*' | b'+' | b'[' | b'{'));
    if let Some(sign) = REGULAR.iter().find(|sign| suspect && form.contains(**sign)) {
        return Err(format!(
            "\"{form}\" has \"{sign}\" of a regular expression, which would be searched for as written\nhint: a form is plain text; (a|b) is one of, ~ at an end lets the word go on"
        ));
    }
    let (open_start, rest) = strip(form.strip_prefix('~'), form);
    let (open_end, rest) = strip(rest.strip_suffix('~'), rest);
    let (texts, behind) = alternatives(rest, 0).map_err(|problem| format!("\"{form}\" {problem}{CHOICE}"))?;
    if !behind.is_empty() {
        return Err(format!("\"{form}\" closes a ( that is not open{CHOICE}"));
    }
    let mut patterns = Vec::with_capacity(texts.len());
    for text in texts {
        let text = fold(&text);
        if text.is_empty() {
            return Err(format!("\"{form}\" is an empty term"));
        }
        if text.len() > 120 {
            return Err(format!("\"{form}\" is longer than 120 bytes"));
        }
        patterns.push(Pattern { text, open_start, open_end });
    }
    patterns.sort();
    patterns.dedup();
    Ok(patterns)
}

/// The texts a piece of a form stands for, up to an unopened `)` or `|`, and what follows it.
fn alternatives(mut rest: &str, depth: usize) -> Result<(Vec<String>, &str), String> {
    if depth > 4 {
        return Err("is nested too deep".into());
    }
    let mut texts = vec![String::new()];
    loop {
        let plain = rest.find(['(', ')', '|']).unwrap_or(rest.len());
        texts.iter_mut().for_each(|text| text.push_str(&rest[..plain]));
        rest = &rest[plain..];
        if !rest.starts_with('(') {
            return Ok((texts, rest));
        }
        let mut choices = Vec::new();
        loop {
            let (more, behind) = alternatives(&rest[1..], depth + 1)?;
            choices.extend(more);
            rest = behind;
            if !rest.starts_with('|') {
                break;
            }
        }
        rest = rest.strip_prefix(')').ok_or("opens a ( and does not close it")?;
        if texts.len() * choices.len() > MOST_FORMS {
            return Err(format!("stands for more than {MOST_FORMS} texts"));
        }
        texts =
            texts.iter().flat_map(|text| choices.iter().map(move |choice| [text.as_str(), choice].concat())).collect();
    }
}

fn strip<'a>(stripped: Option<&'a str>, whole: &'a str) -> (bool, &'a str) {
    match stripped {
        Some(rest) => (true, rest),
        None => (false, whole),
    }
}

/// Folds a form as the shadow text is folded, with single spaces.
pub fn fold(form: &str) -> String {
    let shadow = shadow_of(form).text;
    let bytes = shadow.as_bytes();
    // Nearly all forms are written with single spaces. The white space beyond ASCII begins with one of four bytes.
    let odd = |byte: &u8| matches!(byte, b'\t'..=b'\r' | 0x1C..=0x1F | 0xC2 | 0xE1..=0xE3);
    let spaces =
        bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ') || bytes.windows(2).any(|two| two == b"  ");
    if !spaces && !bytes.iter().any(odd) {
        return shadow;
    }
    shadow.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a letter belongs to a script that writes words without spaces.
pub(crate) fn unspaced(c: char) -> bool {
    matches!(c as u32,
        0x0E00..=0x0EFF | 0x1780..=0x17FF | 0x1000..=0x109F   // Thai, Lao, Khmer, Burmese
        | 0x2E80..=0x2FDF | 0x3005..=0x30FF | 0x31F0..=0x31FF // radicals, kana
        | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(form: &str) -> Vec<String> {
        expand(form).expect("a good form").into_iter().map(|p| p.text).collect()
    }

    #[test]
    fn groups_multiply() {
        assert_eq!(texts("(a|b)c(|d)"), ["ac", "acd", "bc", "bcd"]);
    }

    #[test]
    fn forms_are_folded_like_the_shadow() {
        assert_eq!(texts("Kaução"), ["kaucao"]);
        assert_eq!(texts("счёт"), ["счет"]);
        assert_eq!(texts("гарантий"), ["гарантий"]);
    }

    #[test]
    fn broken_forms_are_named() {
        for bad in ["a(b", "a)b", "a|b", "(a(b)", "", "  ", "(a|)~"] {
            assert!(expand(bad).is_err(), "{bad:?} should not load");
        }
    }
}
