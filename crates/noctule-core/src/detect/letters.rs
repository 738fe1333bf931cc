//! Whether a character is a letter, quickly: the tables of the standard library are compressed and cost hundreds of
//! instructions a character beyond ASCII.

/// The same as [`char::is_alphabetic`].
#[inline]
pub(super) fn is_letter(c: char) -> bool {
    match c {
        '\0'..='\x7F' => c.is_ascii_alphabetic(),
        'А'..='ҁ' | '\u{5D0}'..='\u{5EA}' | '\u{620}'..='\u{657}' | '\u{3041}'..='\u{3096}' => true,
        '\u{30A1}'..='\u{30FA}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '가'..='힣' => true,
        // Spaces, signs, currencies, arrows, marks of East Asia, emoji.
        '\u{A0}'..='\u{A9}' | '\u{AB}'..='\u{B4}' | '\u{2000}'..='\u{206F}' | '\u{20A0}'..='\u{20CF}' => false,
        '\u{2190}'..='\u{245F}' | '\u{2500}'..='\u{27FF}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => false,
        '\u{FF01}'..='\u{FF20}' | '\u{1F300}'..='\u{1FAFF}' => false,
        _ => c.is_alphabetic(),
    }
}

/// The same as [`char::is_alphanumeric`].
#[inline]
pub(super) fn is_letter_or_number(c: char) -> bool {
    match c {
        '\0'..='\x7F' => c.is_ascii_alphanumeric(),
        _ => is_letter(c) || c.is_numeric(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_as_in_the_standard_library() {
        for c in '\0'..=char::MAX {
            assert_eq!((is_letter(c), is_letter_or_number(c)), (c.is_alphabetic(), c.is_alphanumeric()), "{c:?}");
        }
    }
}
