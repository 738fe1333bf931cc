//! One pass over the head of a text: which scripts its letters belong to, and the letters themselves as small codes.
//!
//! Links, handles, codes and product names written `LikeThis` say nothing about the language, so their Latin
//! letters are taken back when the token that holds them ends. This file knows no language; the trainer
//! includes it too, so that a model is made from exactly the codes it will later be asked about.

use super::runs;

/// No text is read further than this many bytes.
pub const HEAD_BYTES: usize = 4096;
/// Codes kept of one alphabet, word boundaries included.
pub const CODES: usize = 176;
/// As [`CODES`], of Latin letters: with forty languages each of them costs five times as much, and of 200,000 texts
/// the others would change the language of a handful.
pub const LATIN_CODES: usize = 96;

/// A writing system, as far as languages are told apart by it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum Script {
    Latin,
    Cyrillic,
    Arabic,
    Devanagari,
    Han,
    Kana,
    Hangul,
    Greek,
    Hebrew,
    Armenian,
    Georgian,
    Ethiopic,
    Thai,
    Lao,
    Khmer,
    Burmese,
    Tibetan,
    Bengali,
    Gurmukhi,
    Gujarati,
    Odia,
    Tamil,
    Telugu,
    Kannada,
    Malayalam,
    Sinhala,
    Thaana,
}

pub const SCRIPTS: usize = Script::Thaana as usize + 1;

/// Letters of one alphabet as codes; 0 is a word boundary, and the first and the last code are one.
pub struct Codes<const MOST: usize> {
    /// As long as a byte can count, so that a place that is a byte needs no check; `MOST` are used.
    buffer: [u8; 256],
    len: usize,
}

impl<const MOST: usize> Codes<MOST> {
    const fn new() -> Self {
        Codes { buffer: [0; 256], len: 1 }
    }

    /// Writes a code at `len` and returns the length with it. A boundary counts only after a letter, and the last
    /// place is kept for one; written in any case, so that there is no branch to guess wrong: nobody looks behind
    /// the length before the next code is written there.
    #[inline(always)]
    fn put(&mut self, len: usize, code: u8) -> usize {
        debug_assert!(
            (1..=MOST).contains(&len),
            "a boundary stands before the first letter, and nothing behind the last"
        );
        let before = self.buffer[usize::from(len as u8 - 1)];
        self.buffer[usize::from(len as u8)] = code;
        len + usize::from(((code | before) != 0) & (len + usize::from(code != 0) < MOST))
    }

    /// Writes the first `count` of some letters at `len`, as many as there is room for, and returns the length with
    /// them. The others are written as well, where nobody looks before the next code is written there.
    #[inline(always)]
    fn put_run<const LETTERS: usize>(&mut self, len: usize, letters: [u8; LETTERS], count: usize) -> usize {
        if let Some(place) = self.buffer.get_mut(len..).and_then(<[u8]>::first_chunk_mut) {
            *place = letters;
        }
        (len + count).min(MOST - 1)
    }

    /// Whether the alphabet has had its say.
    #[inline(always)]
    fn full(len: usize) -> bool {
        len + 1 >= MOST
    }

    fn push(&mut self, code: u8) {
        self.len = self.put(self.len, code);
    }

    fn end_word(&mut self) {
        self.len = self.put(self.len, 0);
    }

    fn letters(&self) -> u32 {
        if self.len <= 1 {
            return 0;
        }
        // At most MOST of them, so that a byte holds the sum and the loop is one of bytes.
        u32::from(self.as_slice().iter().map(|code| u8::from(*code != 0)).sum::<u8>())
    }

    pub fn as_slice(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

/// What one pass over a text found.
pub struct Letters {
    pub latin: Codes<LATIN_CODES>,
    pub cyrillic: Codes<CODES>,
    pub arabic: Codes<CODES>,
    pub devanagari: Codes<CODES>,
    pub counts: [u32; SCRIPTS],
    /// Whether a script other than these four and the main block of Han was met.
    pub others: bool,
}

impl Letters {
    pub fn count(&self, script: Script) -> usize {
        self.counts[script as usize] as usize
    }

    /// What is found in no text.
    #[inline]
    pub const fn none() -> Letters {
        Letters {
            latin: Codes::new(),
            cyrillic: Codes::new(),
            arabic: Codes::new(),
            devanagari: Codes::new(),
            counts: [0; SCRIPTS],
            others: false,
        }
    }

    /// Reads the head of `text`: at most [`HEAD_BYTES`], and less once an alphabet has had its say. What was
    /// found before goes, but a kilobyte is neither made nor moved.
    #[inline]
    pub fn fill(&mut self, text: &str) {
        let letters = self;
        letters.latin.len = 1;
        letters.cyrillic.len = 1;
        letters.arabic.len = 1;
        letters.devanagari.len = 1;
        letters.counts = [0; SCRIPTS];
        letters.others = false;
        // The state of the loop is in locals, not fields: registers, where a field would be stored and loaded
        // again for every letter.
        let mut latin = 1;
        let mut cyrillic = 1;
        let mut han = 0;
        let mut token = Token::start(latin);
        let head = &text[..text.floor_char_boundary(HEAD_BYTES)];
        let bytes = head.as_bytes();
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            // Most of any text is runs of small letters: these are taken a word at a time.
            if byte.is_ascii_lowercase() && !token.foreign {
                token.spoils |= LOWER | (((token.previous << 1) & LOWER) << TO_SPOILS);
                token.previous = LOWER;
                loop {
                    let eight = runs::eight(bytes, at);
                    let run = runs::small_latin(eight);
                    let codes = (eight & 0x1F1F_1F1F_1F1F_1F1F).to_le_bytes();
                    latin = letters.latin.put_run(latin, codes, run);
                    at += run;
                    if run < 8 {
                        break;
                    }
                }
                // The space behind it is taken at once, as below.
                if bytes.get(at) == Some(&b' ') {
                    at += 1;
                    latin = if token.taken_back() { token.latin } else { letters.latin.put(latin, 0) };
                    token = Token::start(latin);
                    if Codes::<LATIN_CODES>::full(latin) {
                        break;
                    }
                }
                continue;
            }
            if let Some(&[code, class]) = ASCII.get(usize::from(byte)) {
                at += 1;
                // `PayPal`, and `.com` after a letter: a name, not a word of any language.
                token.spoils |= class | (((token.previous << 1) & class & (LOWER | UPPER)) << TO_SPOILS);
                token.previous = class;
                latin = letters.latin.put(latin, code);
                if token.foreign {
                    cyrillic = letters.cyrillic.put(cyrillic, LOOK_ALIKES[usize::from(code)]);
                    // Most foreign tokens are Cyrillic; a boundary before the first letter is none.
                    if letters.arabic.len > 1 {
                        letters.arabic.end_word();
                    }
                    if letters.devanagari.len > 1 {
                        letters.devanagari.end_word();
                    }
                }
                if class & SPACE != 0 {
                    // Takes the Latin letters of a spoiled token back, and those inside Cyrillic words.
                    if token.taken_back() {
                        latin = token.latin;
                    }
                    token = Token::start(latin);
                    if Codes::<LATIN_CODES>::full(latin) {
                        break;
                    }
                }
                continue;
            }
            if matches!(byte, 0xD0..=0xD3) {
                token.previous = 0;
                token.spoils |= CYRILLIC_LETTER;
                token.foreign = true;
                let mut run = 0;
                loop {
                    let eight = runs::eight(bytes, at);
                    let four = runs::small_cyrillic(eight);
                    let codes = runs::cyrillic_numbers(eight).to_le_bytes();
                    cyrillic = letters.cyrillic.put_run(cyrillic, codes, four);
                    at += 2 * four;
                    run += four;
                    if four < 4 {
                        break;
                    }
                }
                if run == 0 {
                    let low = bytes.get(at + 1).copied().unwrap_or(0) & 0x3F;
                    cyrillic = letters.cyrillic.put(cyrillic, CYRILLIC[usize::from((byte & 3) << 6 | low)]);
                    at += 2;
                }
                if Codes::<CODES>::full(cyrillic) {
                    break;
                }
                // As below: the token is taken back, for it is Cyrillic.
                if bytes.get(at) == Some(&b' ') {
                    at += 1;
                    cyrillic = letters.cyrillic.put(cyrillic, 0);
                    if letters.arabic.len > 1 {
                        letters.arabic.end_word();
                    }
                    if letters.devanagari.len > 1 {
                        letters.devanagari.end_word();
                    }
                    latin = token.latin;
                    token = Token::start(latin);
                    if Codes::<LATIN_CODES>::full(latin) {
                        break;
                    }
                }
                continue;
            }
            let Some(c) = head.get(at..).and_then(|rest| rest.chars().next()) else { break };
            at += c.len_utf8();
            if ('\u{4E00}'..'\u{A000}').contains(&c) {
                token.previous = 0;
                latin = letters.latin.put(latin, 0);
                han += 1;
                if han >= ENOUGH_HAN {
                    break;
                }
            } else {
                token.previous = 0;
                match letters.rare(c) {
                    Rare::Latin(code) => latin = letters.latin.put(latin, code),
                    Rare::Foreign => token.foreign = true,
                    Rare::Mark => {}
                    Rare::Break => {
                        latin = letters.latin.put(latin, 0);
                        cyrillic = letters.cyrillic.put(cyrillic, 0);
                    }
                    Rare::Space => {
                        cyrillic = letters.cyrillic.put(cyrillic, 0);
                        if token.taken_back() {
                            latin = token.latin;
                        }
                        latin = letters.latin.put(latin, 0);
                        token = Token::start(latin);
                    }
                }
                if Codes::<CODES>::full(letters.arabic.len) || Codes::<CODES>::full(letters.devanagari.len) {
                    break;
                }
            }
        }
        if token.taken_back() {
            latin = token.latin;
        }
        letters.latin.len = letters.latin.put(latin, 0);
        letters.cyrillic.len = letters.cyrillic.put(cyrillic, 0);
        letters.arabic.end_word();
        letters.devanagari.end_word();
        letters.counts[Script::Han as usize] += han;
        for (script, count) in [
            (Script::Latin, letters.latin.letters()),
            (Script::Cyrillic, letters.cyrillic.letters()),
            (Script::Arabic, letters.arabic.letters()),
            (Script::Devanagari, letters.devanagari.letters()),
        ] {
            letters.counts[script as usize] += count;
        }
    }

    fn rare(&mut self, c: char) -> Rare {
        let cp = c as u32;
        let script = match cp {
            // Punctuation, arrows, shapes and emoji, asked first because they are by far the most.
            0x2010..=0x2BFF | 0x1_F000..=0x1_FBFF => return self.end_words(Rare::Break),
            0x00C0..=0x024F => return Rare::Latin(LATIN[(cp - 0xC0) as usize]),
            0x1E00..=0x1EFF => return Rare::Latin(additional_code(c)),
            // Styled letters of channel posts: mathematical alphanumerics and full-width forms.
            0x1_D400..=0x1_D6A3 => return Rare::Latin(((cp - 0x1_D400) % 26) as u8 + 1),
            0xFF21..=0xFF3A | 0xFF41..=0xFF5A => return Rare::Latin((cp & 0x1F) as u8),
            0x0620..=0x06FF => {
                if let Some(code) = arabic_code(cp) {
                    self.arabic.push(code);
                }
                return Rare::Foreign;
            }
            0x0901..=0x0963 | 0x0971..=0x097F => {
                self.devanagari.push((cp - 0x900) as u8);
                return Rare::Foreign;
            }
            0x3400..=0x4DBF | 0xF900..=0xFAFF | 0x3100..=0x312F | 0x2_0000..=0x3_FFFF => Script::Han,
            // Not the long-vowel mark and the middle dot, which Chinese decoration uses too.
            0x3041..=0x3096 | 0x30A1..=0x30FA | 0xFF66..=0xFF9D => Script::Kana,
            0xAC00..=0xD7A3 | 0x1100..=0x11FF | 0x3131..=0x318E => Script::Hangul,
            0x0750..=0x077F | 0xFB50..=0xFDFB | 0xFE70..=0xFEFC => Script::Arabic,
            0x0370..=0x03FF | 0x1F00..=0x1FFF => Script::Greek,
            0x05D0..=0x05F2 => Script::Hebrew,
            0x0531..=0x0587 => Script::Armenian,
            0x10A0..=0x10FF | 0x1C90..=0x1CBF => Script::Georgian,
            0x1200..=0x135A | 0x1380..=0x138F | 0x2D80..=0x2DDE => Script::Ethiopic,
            0x0E01..=0x0E3A | 0x0E40..=0x0E4E => Script::Thai,
            0x0E80..=0x0ECE | 0x0EDC..=0x0EDF => Script::Lao,
            0x1780..=0x17D3 => Script::Khmer,
            0x1000..=0x109F => Script::Burmese,
            0x0F40..=0x0FBC => Script::Tibetan,
            0x0780..=0x07B1 => Script::Thaana,
            0x0980..=0x09FF => Script::Bengali,
            0x0A00..=0x0A7F => Script::Gurmukhi,
            0x0A80..=0x0AFF => Script::Gujarati,
            0x0B00..=0x0B7F => Script::Odia,
            0x0B80..=0x0BFF => Script::Tamil,
            0x0C00..=0x0C7F => Script::Telugu,
            0x0C80..=0x0CFF => Script::Kannada,
            0x0D00..=0x0D7F => Script::Malayalam,
            0x0D80..=0x0DFF => Script::Sinhala,
            // Combining marks belong to the letter before them; joiners and variation selectors are invisible.
            0x0300..=0x036F | 0x00AD | 0x200B..=0x200F | 0xFE00..=0xFE0F => return Rare::Mark,
            0x3000..=0x303F | 0xFF00..=0xFF20 | 0x00A0 => return self.end_words(Rare::Space),
            _ => return self.end_words(Rare::Break),
        };
        self.counts[script as usize] += 1;
        self.others = true;
        Rare::Break
    }

    fn end_words(&mut self, by: Rare) -> Rare {
        self.arabic.end_word();
        self.devanagari.end_word();
        by
    }
}

/// What [`Letters::rare`] leaves to the loop.
enum Rare {
    Latin(u8),
    /// An Arabic or Devanagari letter, stored already.
    Foreign,
    /// Nothing: part of the letter before.
    Mark,
    Break,
    Space,
}

/// The run of characters between two spaces that is being read.
struct Token {
    /// Latin codes before it.
    latin: usize,
    /// The class of the character before, if that was ASCII.
    previous: u8,
    /// Classes met, and what makes it be taken back: [`SPOILS`].
    spoils: u8,
    /// Holds letters of another alphabet that is kept as codes.
    foreign: bool,
}

impl Token {
    #[inline(always)]
    fn start(latin: usize) -> Token {
        Token { latin, previous: SPACE, spoils: 0, foreign: false }
    }

    #[inline(always)]
    fn taken_back(&self) -> bool {
        self.spoils & SPOILS != 0
    }
}

/// So many Han characters need no further reading.
const ENOUGH_HAN: u32 = 80;

// Classes of ASCII, each a bit. A class after the one below it spoils the token: lower after dot, upper after lower.
const DOT: u8 = 1;
const LOWER: u8 = 2;
const UPPER: u8 = 4;
const SPACE: u8 = 8;
/// What makes a token a code, link or handle, or a word that is not Latin.
const SPOILS: u8 = 0b1111_0000;
const CYRILLIC_LETTER: u8 = 16;
const DIGIT_OR_SIGN: u8 = 32;
const TO_SPOILS: u8 = 5;

/// A letter's code, 1 to 26, else 0; and the class.
static ASCII: [[u8; 2]; 128] = {
    let mut table = [[0, 0]; 128];
    let mut i = 0;
    while i < 128 {
        let byte = i as u8;
        table[i] = match byte {
            b'a'..=b'z' => [byte - b'a' + 1, LOWER],
            b'A'..=b'Z' => [byte - b'A' + 1, UPPER],
            b' ' | b'\n' | b'\r' | b'\t' => [0, SPACE],
            b'.' => [0, DOT],
            b'0'..=b'9' | b'@' | b'_' | b'=' | b'{' | b'}' | b'<' | b'>' | b'\\' => [0, DIGIT_OR_SIGN],
            _ => [0, 0],
        };
        i += 1;
    }
    table
};

/// Cyrillic code of the letter a Latin one is mistaken for, by Latin code; 0 where there is none.
static LOOK_ALIKES: [u8; 27] = {
    let mut table = [0; 27];
    let pairs = [
        (b'a', 'а'),
        (b'b', 'в'),
        (b'c', 'с'),
        (b'e', 'е'),
        (b'h', 'н'),
        (b'i', 'і'),
        (b'j', 'ј'),
        (b'k', 'к'),
        (b'm', 'м'),
        (b'o', 'о'),
        (b'p', 'р'),
        (b's', 'ѕ'),
        (b't', 'т'),
        (b'u', 'и'),
        (b'x', 'х'),
        (b'y', 'у'),
    ];
    let mut i = 0;
    while i < pairs.len() {
        table[(pairs[i].0 - b'a') as usize + 1] = cyrillic_code(pairs[i].1 as u32);
        i += 1;
    }
    table
};

/// Codes from here are ghe with upturn (ґ) and the letters of Asian languages.
pub const ASIAN_CYRILLIC: u8 = 49;

/// 1 to 32 the letters а to я, 33 to 48 the block of ё, і, ў and their like, then the rest.
pub const fn cyrillic_code(cp: u32) -> u8 {
    match cp {
        0x0400..=0x040F => (cp - 0x0400) as u8 + 33,
        0x0410..=0x042F => (cp - 0x0410) as u8 + 1,
        0x0430..=0x044F => (cp - 0x0430) as u8 + 1,
        0x0450..=0x045F => (cp - 0x0450) as u8 + 33,
        0x0490..=0x04FF => ((cp - 0x0490) >> 1) as u8 + ASIAN_CYRILLIC,
        _ => 0,
    }
}

static CYRILLIC: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = cyrillic_code(0x0400 + i as u32);
        i += 1;
    }
    table
};

/// None for marks and the stretching line inside a word, 0 for digits and punctuation.
pub const fn arabic_code(cp: u32) -> Option<u8> {
    match cp {
        0x064B..=0x065F | 0x0640 | 0x0670 | 0x06D6..=0x06DC => None,
        0x0620..=0x064A | 0x0671..=0x06D3 | 0x06D5 => Some((cp - 0x0620) as u8 + 1),
        _ => Some(0),
    }
}

/// The Latin letters with marks that tell languages apart, each with its capital; codes from 27 in this order.
const MARKED: [[char; 2]; 78] = [
    ['à', 'À'],
    ['á', 'Á'],
    ['â', 'Â'],
    ['ã', 'Ã'],
    ['ä', 'Ä'],
    ['å', 'Å'],
    ['æ', 'Æ'],
    ['ç', 'Ç'],
    ['è', 'È'],
    ['é', 'É'],
    ['ê', 'Ê'],
    ['ë', 'Ë'],
    ['ì', 'Ì'],
    ['í', 'Í'],
    ['î', 'Î'],
    ['ï', 'Ï'],
    ['ð', 'Ð'],
    ['ñ', 'Ñ'],
    ['ò', 'Ò'],
    ['ó', 'Ó'],
    ['ô', 'Ô'],
    ['õ', 'Õ'],
    ['ö', 'Ö'],
    ['ø', 'Ø'],
    ['ù', 'Ù'],
    ['ú', 'Ú'],
    ['û', 'Û'],
    ['ü', 'Ü'],
    ['ý', 'Ý'],
    ['þ', 'Þ'],
    ['ß', 'ẞ'],
    ['ÿ', 'Ÿ'],
    ['ă', 'Ă'],
    ['ą', 'Ą'],
    ['ā', 'Ā'],
    ['ć', 'Ć'],
    ['č', 'Č'],
    ['ď', 'Ď'],
    ['đ', 'Đ'],
    ['ē', 'Ē'],
    ['ė', 'Ė'],
    ['ę', 'Ę'],
    ['ě', 'Ě'],
    ['ğ', 'Ğ'],
    ['ģ', 'Ģ'],
    ['ħ', 'Ħ'],
    ['ī', 'Ī'],
    ['į', 'Į'],
    ['ı', 'ı'],
    ['ķ', 'Ķ'],
    ['ļ', 'Ļ'],
    ['ł', 'Ł'],
    ['ľ', 'Ľ'],
    ['ĺ', 'Ĺ'],
    ['ń', 'Ń'],
    ['ņ', 'Ņ'],
    ['ň', 'Ň'],
    ['ő', 'Ő'],
    ['œ', 'Œ'],
    ['ŕ', 'Ŕ'],
    ['ř', 'Ř'],
    ['ś', 'Ś'],
    ['š', 'Š'],
    ['ş', 'Ş'],
    ['ţ', 'Ţ'],
    ['ť', 'Ť'],
    ['ū', 'Ū'],
    ['ů', 'Ů'],
    ['ű', 'Ű'],
    ['ų', 'Ų'],
    ['ź', 'Ź'],
    ['ż', 'Ż'],
    ['ž', 'Ž'],
    ['ə', 'Ə'],
    ['ơ', 'Ơ'],
    ['ư', 'Ư'],
    ['ĩ', 'Ĩ'],
    ['ũ', 'Ũ'],
];
/// Letters of the first Latin blocks that no language here uses.
const OTHER_LATIN: u8 = 27 + MARKED.len() as u8;
const CAPITAL_DOTTED_I: u8 = OTHER_LATIN + 1;
const VIETNAMESE: u8 = OTHER_LATIN + 2;

static LATIN: [u8; 0x190] = {
    let mut table = [OTHER_LATIN; 0x190];
    let mut i = 0;
    while i < MARKED.len() {
        let mut j = 0;
        while j < 2 {
            let cp = MARKED[i][j] as usize;
            if cp >= 0xC0 && cp < 0x250 {
                table[cp - 0xC0] = 27 + i as u8;
            }
            j += 1;
        }
        i += 1;
    }
    // Romanian is written with comma and with cedilla; × and ÷ are no letters.
    table['ș' as usize - 0xC0] = table['ş' as usize - 0xC0];
    table['Ș' as usize - 0xC0] = table['ş' as usize - 0xC0];
    table['ț' as usize - 0xC0] = table['ţ' as usize - 0xC0];
    table['Ț' as usize - 0xC0] = table['ţ' as usize - 0xC0];
    table['İ' as usize - 0xC0] = CAPITAL_DOTTED_I;
    table['×' as usize - 0xC0] = 0;
    table['÷' as usize - 0xC0] = 0;
    table
};

/// Latin Extended Additional: mostly Vietnamese, whose tones are folded onto the vowel.
fn additional_code(c: char) -> u8 {
    match c as u32 {
        0x1EA0..=0x1EB7 => VIETNAMESE,
        0x1EB8..=0x1EC7 => VIETNAMESE + 1,
        0x1EC8..=0x1ECB => VIETNAMESE + 2,
        0x1ECC..=0x1EE3 => VIETNAMESE + 3,
        0x1EE4..=0x1EF1 => VIETNAMESE + 4,
        0x1EF2..=0x1EF9 => VIETNAMESE + 5,
        0x1E9E => LATIN['ß' as usize - 0xC0],
        _ => OTHER_LATIN,
    }
}
