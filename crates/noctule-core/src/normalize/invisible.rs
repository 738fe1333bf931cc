//! Characters that a reader does not see, and how people are shown that they are there.
//!
//! Two uses: the shadow drops invisible characters so that `es\u{200d}crow` matches, and output for people shows
//! them as visible marks so that a text cannot move the cursor, reverse a line or hide a word.

use std::borrow::Cow;

/// Whether a character takes no place on the screen and joins no meaning: it is dropped before matching.
///
/// Sources: Unicode's `Default_Ignorable_Code_Point`, and the Braille blank, which spam uses as a filler.
pub fn invisible(c: char) -> bool {
    matches!(c as u32,
        0xAD | 0x34F | 0x61C | 0x115F..=0x1160 | 0x17B4..=0x17B5 | 0x180B..=0x180F
        | 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0x2800 | 0x3164
        | 0xFE00..=0xFE0F | 0xFEFF | 0xFFA0 | 0xFFF9..=0xFFFB | 0x1BCA0..=0x1BCA3
        | 0x1D173..=0x1D17A | 0xE0000..=0xE0FFF)
}

/// Whether a character could act on a terminal or hide from a reader: controls (but line break and tab),
/// bidirectional marks, line and paragraph separators, and everything invisible. Emoji sequences are
/// escaped as well: the joiner and the variation selector are bytes that promise nothing good in a log.
fn needs_a_mark(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        ' '..='~' => false,
        _ => c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || invisible(c),
    }
}

/// The text with every control, escape, bidirectional and invisible character shown as a visible mark:
/// `␛` for ASCII controls, `<U+202E>` for the rest. Line breaks and tabs stay; see [`visible_line`].
///
/// Borrows when there is nothing to show, which is nearly always.
pub fn visible(text: &str) -> Cow<'_, str> {
    show(text, needs_a_mark)
}

/// As [`visible`], for places where a text must stay on one line (logs, table cells): line breaks and tabs
/// are shown as well.
pub fn visible_line(text: &str) -> Cow<'_, str> {
    show(text, |c| matches!(c, '\n' | '\t') || needs_a_mark(c))
}

fn show(text: &str, marked: impl Fn(char) -> bool) -> Cow<'_, str> {
    let Some(first) = text.find(&marked) else {
        return Cow::Borrowed(text);
    };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first]);
    for c in text[first..].chars() {
        if marked(c) {
            push_mark(c, &mut out);
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn push_mark(c: char, out: &mut String) {
    use std::fmt::Write;
    match c as u32 {
        // Unicode has a picture for each ASCII control, in the same order.
        code @ 0..=0x1F => out.push(char::from_u32(0x2400 + code).expect("U+2400 to U+241F exist")),
        0x7F => out.push('\u{2421}'),
        code => write!(out, "<U+{code:04X}>").expect("a String takes everything"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_is_borrowed() {
        assert!(matches!(visible("Сделка через гаранта, 5%\n\tok"), Cow::Borrowed(_)));
    }

    #[test]
    fn escapes_and_bidi_are_shown() {
        assert_eq!(visible("\u{1b}[2J\u{202e}abc\u{7f}\r\u{85}"), "␛[2J<U+202E>abc␡␍<U+0085>");
        assert_eq!(visible("a\u{200b}b\u{ad}c\u{feff}"), "a<U+200B>b<U+00AD>c<U+FEFF>");
        assert_eq!(visible_line("a\nb\tc"), "a␊b␉c");
    }

    #[test]
    fn showing_twice_shows_the_same() {
        let once = visible("\u{1b}]0;x\u{7}\u{2066}").into_owned();
        assert_eq!(visible(&once), once);
    }
}
