//! Text from outside, made harmless and honest: escaped, kept in its own direction, addresses defanged, characters
//! that hide or pretend shown as chips.
//!
//! Three forms: [`Foreign`] for a line, [`ForeignLabel`] for the text of a chart, [`Evidence`] for a whole message.

use unicode_width::UnicodeWidthChar;

use super::html::{Html, Shown};

/// Text from outside on one line: isolated, defanged, hidden characters as chips, cut after 120 letters.
pub struct Foreign<'a>(pub &'a str);

impl Shown for Foreign<'_> {
    fn show(&self, out: &mut Html) {
        out.put("<bdi>", &[]);
        letters(out, self.0, &[], 120);
        out.put("</bdi>", &[]);
    }
}

/// Text from outside for the inside of SVG `<text>`, which knows no chips: hidden characters become spaces.
pub struct ForeignLabel<'a>(pub &'a str, pub usize);

impl Shown for ForeignLabel<'_> {
    fn show(&self, out: &mut Html) {
        let defanged = defang(self.0);
        let mut stacked = 0;
        for letter in defanged.chars().take(self.1) {
            stacked = if stacks(letter) { stacked + 1 } else { 0 };
            if stacked > MOST_STACKED {
                continue;
            }
            out.escape(if hidden(letter).is_some() || letter.is_whitespace() { ' ' } else { letter });
        }
        if defanged.chars().nth(self.1).is_some() {
            out.escape('…');
        }
    }
}

/// Text from outside as evidence: terms in `<mark>`, secrets in a sunken box, line breaks kept by the style sheet.
pub struct Evidence<'a> {
    pub text: &'a str,
    /// Byte ranges of `text`; what does not fit is left out.
    pub spans: &'a [(usize, usize)],
}

/// How many terms of a quote are marked; each letter is compared with all of them.
const MOST_SPANS: usize = 200;
/// How many letters of a quote are shown.
const QUOTE_LETTERS: usize = 1_500;

impl Shown for Evidence<'_> {
    fn show(&self, out: &mut Html) {
        letters(out, self.text, self.spans, QUOTE_LETTERS);
    }
}

fn letters(out: &mut Html, text: &str, spans: &[(usize, usize)], limit: usize) {
    let end = text.char_indices().nth(limit).map_or(text.len(), |(at, _)| at);
    let mut pretenders = pretenders(&text[..end]).into_iter().peekable();
    let marked = |at: usize| spans.iter().take(MOST_SPANS).any(|(start, end)| (*start..*end).contains(&at));
    let (mut mark, mut mask) = (false, false);
    let mut stacked = 0;
    for (at, letter) in text[..end].char_indices() {
        // Accents piled on one letter would stand over the lines above: a few are spelling, the rest is counted.
        if stacks(letter) {
            stacked += 1;
            let more = text[at + letter.len_utf8()..end].chars().next().is_some_and(stacks);
            if stacked > MOST_STACKED && !more {
                let chip = format!("+{} accents", stacked - MOST_STACKED);
                out.put("<span class=\"chip\">{}</span>", &[&chip]);
            }
            if stacked > MOST_STACKED {
                continue;
            }
        } else {
            stacked = 0;
        }
        // Elements nest as mark > masked, so a change of the outer closes the inner first.
        if mask && (letter != '•' || marked(at) != mark) {
            out.put("</span>", &[]);
            mask = false;
        }
        if marked(at) != mark {
            mark = !mark;
            out.put(if mark { "<mark>" } else { "</mark>" }, &[]);
        }
        if letter == '•' && !mask {
            out.put("<span class=\"masked\">", &[]);
            mask = true;
        }
        let pretends = pretenders.next_if(|(place, _)| *place == at);
        match (hidden(letter), pretends) {
            (Some(name), _) => out.put("<span class=\"chip\">{}</span>", &[&name]),
            (None, Some((_, meant))) => {
                let (pair, code) = (format!("{letter}→{meant}"), format!("U+{:04X}", letter as u32));
                out.put("<span class=\"chip\" title=\"{} of another script\">{}</span>", &[&code, &pair]);
            }
            (None, None) => defanged_letter(text, at, letter, |c| out.escape(c)),
        }
    }
    if mask {
        out.put("</span>", &[]);
    }
    if mark {
        out.put("</mark>", &[]);
    }
    let rest = text[end..].chars().count();
    if rest > 0 {
        out.put(" <span class=\"quiet\">… {} more letters</span>", &[&rest]);
    }
}

/// Accents on one letter that are shown.
const MOST_STACKED: usize = 3;

/// Whether a character is drawn over the one before it.
fn stacks(letter: char) -> bool {
    letter >= '\u{300}' && letter != '\u{fe0f}' && letter.width() == Some(0) && hidden(letter).is_none()
}

/// The visible name of a character that would not be seen, or would move what is: controls, zero-width and
/// bidirectional marks, fillers, tags. Line feed and tab are seen, and so is the variation of an emoji.
pub fn hidden(letter: char) -> Option<String> {
    let name = match letter {
        '\n' | '\t' | ' '..='~' | '\u{fe0f}' => return None,
        '\u{00ad}' => "SHY",
        '\u{034f}' => "CGJ",
        '\u{061c}' => "ALM",
        '\u{200b}' => "ZWSP",
        '\u{200c}' => "ZWNJ",
        '\u{200d}' => "ZWJ",
        '\u{200e}' => "LRM",
        '\u{200f}' => "RLM",
        '\u{202a}' => "LRE",
        '\u{202b}' => "RLE",
        '\u{202c}' => "PDF",
        '\u{202d}' => "LRO",
        '\u{202e}' => "RLO",
        '\u{2060}' => "WJ",
        '\u{2066}' => "LRI",
        '\u{2067}' => "RLI",
        '\u{2068}' => "FSI",
        '\u{2069}' => "PDI",
        '\u{feff}' => "BOM",
        '\u{1b}' => "ESC",
        '\u{2028}' | '\u{2029}' => "",
        c if c.is_control() || noctule_core::normalize::invisible::invisible(c) => "",
        _ => return None,
    };
    Some(if name.is_empty() { format!("U+{:04X}", letter as u32) } else { name.into() })
}

/// Text in which no address is one: `hxxp`, `[.]`.
pub fn defang(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.char_indices().for_each(|(at, letter)| defanged_letter(text, at, letter, |c| out.push(c)));
    out
}

/// The letter at `at`, defanged: a dot between a letter or digit and a letter, and the `tt` of `http://`.
fn defanged_letter(text: &str, at: usize, letter: char, mut out: impl FnMut(char)) {
    let before = || text[..at].chars().next_back();
    let after = || text[at + letter.len_utf8()..].chars().next();
    match letter {
        '.' if before().is_some_and(char::is_alphanumeric) && after().is_some_and(char::is_alphanumeric) => {
            // 2.5 stays a number; 2.x, x.2 and 10.0.0.1 do not.
            let number = before().is_some_and(|c| c.is_ascii_digit()) && after().is_some_and(|c| c.is_ascii_digit());
            if number && !dotted_twice(text, at) {
                out('.');
            } else {
                "[.]".chars().for_each(out);
            }
        }
        't' | 'T' if scheme(text, at) => out('x'),
        letter => out(letter),
    }
}

/// Whether this dot is one of several in a run of digits and dots, as in an address.
fn dotted_twice(text: &str, at: usize) -> bool {
    let part = |c: &char| c.is_ascii_digit() || *c == '.';
    // An address has at most 15 characters.
    let left = text[..at].chars().rev().take(12).take_while(part).filter(|c| *c == '.').count();
    let right = text[at + 1..].chars().take(12).take_while(part).filter(|c| *c == '.').count();
    left + right > 1
}

/// Whether the `t` at this place is one of `http:` or `https:`.
fn scheme(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let starts = [at.checked_sub(1), at.checked_sub(2)];
    starts.into_iter().flatten().any(|start| {
        let word = &bytes[start..bytes.len().min(start + 6)];
        let is = |scheme: &[u8]| word.len() >= scheme.len() && word[..scheme.len()].eq_ignore_ascii_case(scheme);
        is(b"http:") || is(b"https:")
    })
}

/// Letters that look like a letter of another alphabet: Cyrillic or Greek, and the Latin one each is taken for.
const TWINS: [(char, char); 46] = [
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('к', 'k'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ѕ', 's'),
    ('ԁ', 'd'),
    ('һ', 'h'),
    ('ԛ', 'q'),
    ('ԝ', 'w'),
    ('ӏ', 'l'),
    ('А', 'A'),
    ('В', 'B'),
    ('Е', 'E'),
    ('К', 'K'),
    ('М', 'M'),
    ('Н', 'H'),
    ('О', 'O'),
    ('Р', 'P'),
    ('С', 'C'),
    ('Т', 'T'),
    ('У', 'Y'),
    ('Х', 'X'),
    ('І', 'I'),
    ('Ѕ', 'S'),
    ('α', 'a'),
    ('ο', 'o'),
    ('ρ', 'p'),
    ('ν', 'v'),
    ('ι', 'i'),
    ('υ', 'u'),
    ('Α', 'A'),
    ('Β', 'B'),
    ('Ε', 'E'),
    ('Η', 'H'),
    ('Ι', 'I'),
    ('Κ', 'K'),
    ('Μ', 'M'),
    ('Ν', 'N'),
    ('Ο', 'O'),
    ('Τ', 'T'),
];

/// Where a letter stands in a word of another alphabet and looks like one of its letters: its place, and the letter
/// it is taken for. The alphabet of a word is the one with more letters in it; of equals, Latin.
fn pretenders(text: &str) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    let mut word: Vec<(usize, char)> = Vec::new();
    for (at, letter) in text.char_indices().chain([(text.len(), ' ')]) {
        if letter.is_alphabetic() {
            word.push((at, letter));
            continue;
        }
        let other = |c: char| matches!(c, '\u{370}'..='\u{52f}');
        let latin = word.iter().filter(|(_, c)| c.is_ascii()).count();
        let others = word.iter().filter(|(_, c)| other(*c)).count();
        if latin > 0 && others > 0 {
            for (place, letter) in &word {
                let twin = |(there, here): &&(char, char)| {
                    if latin >= others { there == letter } else { here == letter && other(*there) }
                };
                if let Some((there, here)) = TWINS.iter().find(twin) {
                    found.push((*place, if latin >= others { *here } else { *there }));
                }
            }
        }
        word.clear();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &dyn Shown) -> String {
        let mut out = Html::new();
        out.put("{}", &[value]);
        out.as_str().into()
    }

    fn chip(name: &str) -> String {
        format!("<span class=\"chip\">{name}</span>")
    }

    #[test]
    fn every_form_escapes() {
        let payload = "<img src=x onerror=\"a('b')\">&amp;";
        let escaped = "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;";
        assert_eq!(shown(&Foreign(payload)), format!("<bdi>{escaped}</bdi>"));
        assert_eq!(shown(&ForeignLabel(payload, 200)), escaped);
        assert_eq!(shown(&Evidence { text: payload, spans: &[] }), escaped);
    }

    #[test]
    fn addresses_are_defanged() {
        for (text, safe) in [
            ("https://forum.example/a.b", "hxxps://forum[.]example/a[.]b"),
            ("HTTP://X.example", "HxxP://X[.]example"),
            ("t.me/channel", "t[.]me/channel"),
            ("5.5% or 2.50$. End.", "5.5% or 2.50$. End."),
            ("10.0.0.1", "10[.]0[.]0[.]1"),
            ("me@mail.example", "me@mail[.]example"),
            ("рынок.пример", "рынок[.]пример"),
        ] {
            assert_eq!(defang(text), safe, "{text}");
        }
    }

    #[test]
    fn hidden_characters_become_chips() {
        assert_eq!(shown(&Foreign("a\u{202e}b\u{1b}")), format!("<bdi>a{}b{}</bdi>", chip("RLO"), chip("ESC")));
        assert_eq!(shown(&Foreign("\u{2800}\u{e0041}")), format!("<bdi>{}{}</bdi>", chip("U+2800"), chip("U+E0041")));
    }

    #[test]
    fn look_alikes_say_what_they_pretend_to_be() {
        for (text, pairs) in [
            ("pаypal", vec!["а→a"]),
            ("гaрант", vec!["a→а"]),
            ("еsсrоw", vec!["е→e", "с→c", "о→o"]),
            ("гарант", vec![]),
            ("escrow", vec![]),
            ("escrowом", vec!["о→o"]),
            ("μg", vec![]),
        ] {
            let html = shown(&Foreign(text));
            let found: Vec<&str> = html.split("script\">").skip(1).filter_map(|s| s.split('<').next()).collect();
            assert_eq!(found, pairs, "{text}");
        }
    }

    #[test]
    fn marks_and_masks_nest_and_bad_spans_do_no_harm() {
        let text = "via гарант ••• ok";
        let html = shown(&Evidence { text, spans: &[(4, 20)] });
        let nested = "via <mark>гарант <span class=\"masked\">•</span></mark><span class=\"masked\">••</span> ok";
        assert_eq!(html, nested);
        let odd = shown(&Evidence { text, spans: &[(5, 6), (9, 2), (100, 900)] });
        assert!(odd.starts_with("via ") && odd.ends_with(" ok"));
    }

    #[test]
    fn towers_of_accents_are_counted() {
        let tower = format!("e{}!", "\u{301}".repeat(200));
        assert_eq!(
            shown(&Foreign(&tower)),
            format!(
                "<bdi>e{}{}</bdi>",
                "\u{301}".repeat(3),
                chip("+116 accents") + " <span class=\"quiet\">… 82 more letters</span>"
            )
        );
        let label = shown(&ForeignLabel(&tower, 300));
        assert_eq!(label, format!("e{}!", "\u{301}".repeat(3)));
        assert_eq!(shown(&Foreign("é நி")), "<bdi>é நி</bdi>");
    }

    #[test]
    fn long_texts_are_cut_and_say_so() {
        let html = shown(&Evidence { text: &"я".repeat(2_000), spans: &[] });
        assert!(html.ends_with("… 500 more letters</span>"));
    }
}
