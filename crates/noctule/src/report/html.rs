//! The one way to write HTML: a template of our own with holes, and values that escape themselves.
//!
//! [`Html::put`] takes its template as `&'static str`, so nothing from outside can be one, and fills each `{}` with a
//! [`Shown`] value. Text is escaped for elements and quoted attributes; only another [`Html`] goes in as it is.

use std::fmt::Write;

/// Escaped HTML or SVG.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Html(String);

/// A value that knows how to be HTML.
pub trait Shown {
    fn show(&self, out: &mut Html);
}

impl Html {
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends `template`, each `{}` replaced by the next of `values`. Braces that are not `{}` stand as they are.
    pub fn put(&mut self, template: &'static str, values: &[&dyn Shown]) {
        let mut values = values.iter();
        let mut parts = template.split("{}");
        self.0.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let value = values.next();
            debug_assert!(value.is_some(), "too few values for {template}");
            if let Some(value) = value {
                value.show(self);
            }
            self.0.push_str(part);
        }
        debug_assert!(values.next().is_none(), "too many values for {template}");
    }

    fn escape(&mut self, letter: char) {
        match letter {
            '&' => self.0.push_str("&amp;"),
            '<' => self.0.push_str("&lt;"),
            '>' => self.0.push_str("&gt;"),
            '"' => self.0.push_str("&quot;"),
            '\'' => self.0.push_str("&#39;"),
            letter => self.0.push(letter),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Shown for Html {
    fn show(&self, out: &mut Html) {
        out.0.push_str(&self.0);
    }
}

/// Our own words: escaped, with hidden characters left out.
impl Shown for &str {
    fn show(&self, out: &mut Html) {
        self.chars().filter(|c| hidden(*c).is_none()).for_each(|c| out.escape(c));
    }
}

impl Shown for String {
    fn show(&self, out: &mut Html) {
        self.as_str().show(out);
    }
}

/// A coordinate: one decimal, none when it is whole.
impl Shown for f64 {
    fn show(&self, out: &mut Html) {
        let tenths = (self * 10.0).round() as i64;
        let sign = if tenths < 0 { "-" } else { "" };
        let (whole, rest) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
        let _ = if rest == 0 { write!(out.0, "{sign}{whole}") } else { write!(out.0, "{sign}{whole}.{rest}") };
    }
}

impl Shown for usize {
    fn show(&self, out: &mut Html) {
        let _ = write!(out.0, "{self}");
    }
}

/// Text from outside on one line: isolated, defanged, hidden characters as chips, cut after 120 letters.
pub struct Foreign<'a>(pub &'a str);

impl Shown for Foreign<'_> {
    fn show(&self, out: &mut Html) {
        out.put("<bdi>", &[]);
        letters(out, self.0, &[], 120);
        out.put("</bdi>", &[]);
    }
}

/// Text from outside for the inside of SVG `<text>`, which knows no chips: hidden characters become `·`.
pub struct ForeignLabel<'a>(pub &'a str, pub usize);

impl Shown for ForeignLabel<'_> {
    fn show(&self, out: &mut Html) {
        let defanged = defang(self.0);
        for letter in defanged.chars().take(self.1) {
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
    /// Byte ranges of `text`, ascending; what does not fit is left out.
    pub spans: &'a [(usize, usize)],
}

/// How many letters of a quote are shown.
const QUOTE_LETTERS: usize = 1_500;

impl Shown for Evidence<'_> {
    fn show(&self, out: &mut Html) {
        letters(out, self.text, self.spans, QUOTE_LETTERS);
    }
}

fn letters(out: &mut Html, text: &str, spans: &[(usize, usize)], limit: usize) {
    let marked = |at: usize| spans.iter().any(|(start, end)| (*start..*end).contains(&at));
    let (mut mark, mut mask) = (false, false);
    let mut shown = 0;
    for (at, letter) in text.char_indices() {
        if shown == limit {
            break;
        }
        shown += 1;
        // Elements nest as mark > mask, so a change of the outer closes the inner first.
        if mask && (letter != '•' || marked(at) != mark) {
            out.put("</span>", &[]);
            mask = false;
        }
        if marked(at) != mark {
            mark = !mark;
            out.put(if mark { "<mark>" } else { "</mark>" }, &[]);
        }
        if letter == '•' && !mask {
            out.put("<span class=\"msk\">", &[]);
            mask = true;
        }
        match hidden(letter) {
            Some(name) => out.put("<span class=\"x\">{}</span>", &[&name]),
            None if look_alike(text, at, letter) => {
                out.put("<span class=\"x\" title=\"a letter of another script\">{}</span>", &[&String::from(letter)]);
            }
            None => defanged_letter(text, at, letter, |c| out.escape(c)),
        }
    }
    if mask {
        out.put("</span>", &[]);
    }
    if mark {
        out.put("</mark>", &[]);
    }
    let rest = text.chars().count() - shown;
    if rest > 0 {
        out.put(" <span class=\"dim\">… {} more letters</span>", &[&rest]);
    }
}

/// The visible name of a character that would not be seen, or would move what is: controls, zero-width and
/// bidirectional marks, tags. Line feed and tab are seen.
pub fn hidden(letter: char) -> Option<String> {
    let name = match letter {
        '\n' | '\t' => return None,
        '\u{00ad}' => "SHY",
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
        '\u{2028}' | '\u{2029}' | '\u{2061}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{fff9}'..='\u{fffb}' => "",
        '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{180e}' | '\u{e0000}'..='\u{e0fff}' => "",
        c if c.is_control() => "",
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

/// Whether a Cyrillic or Greek letter stands in a word of Latin letters, directly beside one.
fn look_alike(text: &str, at: usize, letter: char) -> bool {
    if !matches!(letter, '\u{370}'..='\u{3ff}' | '\u{400}'..='\u{52f}') {
        return false;
    }
    let latin = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
    let (before, after) = (text[..at].chars().next_back(), text[at + letter.len_utf8()..].chars().next());
    latin(before) || latin(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &dyn Shown) -> String {
        let mut out = Html::new();
        out.put("{}", &[value]);
        out.0
    }

    #[test]
    fn text_is_escaped_wherever_it_goes() {
        let payload = "<img src=x onerror=\"a('b')\">&amp;";
        let escaped = "&lt;img src=x onerror=&quot;a(&#39;b&#39;)&quot;&gt;&amp;amp;";
        assert_eq!(shown(&payload), escaped);
        assert_eq!(shown(&Foreign(payload)), format!("<bdi>{escaped}</bdi>"));
        assert_eq!(shown(&ForeignLabel(payload, 200)), escaped);
        assert_eq!(shown(&Evidence { text: payload, spans: &[] }), escaped);
    }

    #[test]
    fn templates_with_braces_in_values_are_not_templates() {
        let mut out = Html::new();
        out.put("<p>{}</p><p>{}</p>", &[&"{}", &"x"]);
        assert_eq!(out.as_str(), "<p>{}</p><p>x</p>");
    }

    #[test]
    fn coordinates() {
        assert_eq!(
            [1.0, 1.04, 1.05, -0.04, -2.25, 1e3].map(|x: f64| shown(&x)),
            ["1", "1", "1.1", "0", "-2.3", "1000"]
        );
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
    fn hidden_characters_and_look_alikes_become_chips() {
        let chip = |name: &str| format!("<span class=\"x\">{name}</span>");
        assert_eq!(shown(&Foreign("a\u{202e}b\u{1b}")), format!("<bdi>a{}b{}</bdi>", chip("RLO"), chip("ESC")));
        assert!(shown(&Foreign("pаypal")).contains("another script"));
        assert_eq!(shown(&Foreign("гарант")), "<bdi>гарант</bdi>");
    }

    #[test]
    fn marks_and_masks_nest_and_bad_spans_do_no_harm() {
        let text = "via гарант ••• ok";
        let html = shown(&Evidence { text, spans: &[(4, 20)] });
        assert_eq!(html, "via <mark>гарант <span class=\"msk\">•</span></mark><span class=\"msk\">••</span> ok");
        let odd = shown(&Evidence { text, spans: &[(5, 6), (9, 2), (100, 900)] });
        assert!(odd.starts_with("via ") && odd.ends_with(" ok"));
    }
}
