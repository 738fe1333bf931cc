//! The language of a short text.
//!
//! *What it answers:* which language most of a message is written in, as a BCP 47 primary tag; `und` when there
//! is too little to tell.
//!
//! *How:* one pass over the head of the text counts letters by script and takes out what has no language: links,
//! handles, wallets, product names (`language/letters.rs`). The heaviest script wins, and scripts other than Latin
//! weigh more, because goods and services are named in Latin letters everywhere. Most scripts have one main
//! language; marker letters name a few more. Latin, Cyrillic, Arabic and Devanagari letters go through a linear
//! model over hashed three- and four-letter sequences (`language/ngrams.rs`, weights in `language.model`).
//! The work is bounded by a constant, and nothing is read at start; each thread keeps the sums of words it met
//! (`language/words.rs`).
//!
//! *Where it is wrong:* in one or two words; between close relatives (Danish and Norwegian, Czech and Slovak,
//! Croatian and Slovene) in short texts; Serbian and Bosnian in Latin letters are `hr`, Malay is `id`, Nynorsk
//! is `nb`. Japanese without a kana is `zh`. Russian in Latin letters is some Latin language. A text in two
//! languages has one answer. A language that is not listed gets its nearest relative, not `und`.

use std::cell::RefCell;

mod letters;
mod ngrams;
mod words;

use super::runs;
use letters::{ASIAN_CYRILLIC, Letters, Script, arabic_code, cyrillic_code};
use ngrams::{ARABIC, CYRILLIC, DEVANAGARI, LATIN};
use words::{Words, best};

static MODEL: &[u8] = include_bytes!("language.model");

const CYRILLIC_AT: usize = LATIN.bytes();
const ARABIC_AT: usize = CYRILLIC_AT + CYRILLIC.bytes();
const DEVANAGARI_AT: usize = ARABIC_AT + ARABIC.bytes();
thread_local! {
    /// Room for the letters of one text after the other.
    static LETTERS: RefCell<Letters> = const { RefCell::new(Letters::none()) };
    static LATIN_WORDS: RefCell<Words<{ LATIN.lanes }>> = const { RefCell::new(Words::new()) };
    static CYRILLIC_WORDS: RefCell<Words<{ CYRILLIC.lanes }>> = const { RefCell::new(Words::new()) };
    static ARABIC_WORDS: RefCell<Words<{ ARABIC.lanes }>> = const { RefCell::new(Words::new()) };
    static DEVANAGARI_WORDS: RefCell<Words<{ DEVANAGARI.lanes }>> = const { RefCell::new(Words::new()) };
}

const _: () = assert!(MODEL.len() == DEVANAGARI_AT + DEVANAGARI.bytes(), "the model was made for other tables");

/// Fewer letters than this, each counted with the weight of its script, cannot be told.
const ENOUGH: usize = 4;

/// How many Latin letters one letter of a script weighs. A Han character is about half a word, and Latin words
/// in a text of another script are mostly names.
const WEIGHTS: [(Script, usize, &str); 25] = [
    (Script::Latin, 1, "und"),
    (Script::Cyrillic, 2, "und"),
    (Script::Arabic, 3, "und"),
    (Script::Devanagari, 3, "und"),
    (Script::Hangul, 5, "ko"),
    (Script::Greek, 2, "el"),
    (Script::Hebrew, 3, "he"),
    (Script::Armenian, 2, "hy"),
    (Script::Georgian, 2, "ka"),
    (Script::Ethiopic, 4, "am"),
    (Script::Thai, 2, "th"),
    (Script::Lao, 2, "lo"),
    (Script::Khmer, 2, "km"),
    (Script::Burmese, 2, "my"),
    (Script::Tibetan, 2, "bo"),
    (Script::Bengali, 2, "bn"),
    (Script::Gurmukhi, 2, "pa"),
    (Script::Gujarati, 2, "gu"),
    (Script::Odia, 2, "or"),
    (Script::Tamil, 2, "ta"),
    (Script::Telugu, 2, "te"),
    (Script::Kannada, 2, "kn"),
    (Script::Malayalam, 2, "ml"),
    (Script::Sinhala, 2, "si"),
    (Script::Thaana, 2, "dv"),
];
/// The first of [`WEIGHTS`]: nearly no text has letters of any other.
const KEPT_AS_CODES: usize = 4;
const HAN_WEIGHT: usize = 6;
const KANA_WEIGHT: usize = 4;

/// The language of `text` as a BCP 47 primary tag, `und` when it has too few letters. Total, and bounded by the
/// first [`letters::HEAD_BYTES`] bytes.
pub fn identify(text: &str) -> &'static str {
    LETTERS.with_borrow_mut(|letters| {
        letters.fill(text);
        language_of(letters)
    })
}

fn language_of(letters: &Letters) -> &'static str {
    let mut heaviest = (Script::Latin, 0, "und");
    let asked = if letters.others { WEIGHTS.len() } else { KEPT_AS_CODES };
    for (script, weight, language) in &WEIGHTS[..asked] {
        let weight = weight * letters.count(*script);
        if weight > heaviest.1 {
            heaviest = (*script, weight, *language);
        }
    }
    let (han, kana) = (letters.count(Script::Han), letters.count(Script::Kana));
    let han_weight = HAN_WEIGHT * han + KANA_WEIGHT * kana;
    if han_weight >= heaviest.1.max(ENOUGH) {
        // A stray の decorates Chinese; Japanese has a kana for every second character or more.
        return if kana >= 2 && kana * 6 >= han || han == 0 { "ja" } else { "zh" };
    }
    if heaviest.1 < ENOUGH {
        return "und";
    }
    match heaviest.0 {
        Script::Latin => LATIN_WORDS.with_borrow_mut(|words| best(MODEL, &LATIN, letters.latin.as_slice(), words)),
        Script::Cyrillic => cyrillic(letters.cyrillic.as_slice()),
        Script::Arabic => arabic(letters.arabic.as_slice()),
        Script::Devanagari => devanagari(letters.devanagari.as_slice()),
        _ => heaviest.2,
    }
}

/// The model knows the larger languages; letters that only smaller ones write decide for these.
fn cyrillic(codes: &[u8]) -> &'static str {
    let language =
        CYRILLIC_WORDS.with_borrow_mut(|words| best(&MODEL[CYRILLIC_AT..ARABIC_AT], &CYRILLIC, codes, words));
    // South Slavic languages have no ы, э and ё, however much the rest of a short text looks like one.
    let russian = |code: &u8| matches!(*code, 28 | 30 | 34);
    if matches!(language, "bg" | "mk" | "sr") && codes.iter().any(russian) {
        return "ru";
    }
    if codes.iter().all(|code| *code < ASIAN_CYRILLIC) {
        return language;
    }
    let has = |marks: &[char]| codes.iter().any(|code| marks.iter().any(|mark| cyrillic_code(*mark as u32) == *code));
    if has(&['ҷ', 'ӣ', 'ӯ']) {
        "tg"
    } else if has(&['ҳ']) {
        "uz"
    } else if has(&['ң']) && !has(&['ә', 'ғ', 'қ', 'ұ', 'і']) {
        "ky"
    } else {
        language
    }
}

/// Pashto, Kurdish and Uyghur write a letter of their own in every second word.
fn arabic(codes: &[u8]) -> &'static str {
    let mut marks = [0usize; ARABIC_MARKS.len()];
    for code in codes {
        let mark = ARABIC_MARK_OF[usize::from(*code)];
        marks[usize::from(mark)] += 1;
    }
    for (mark, (language, _)) in ARABIC_MARKS.iter().enumerate().skip(1) {
        if marks[mark] > 0 && marks[mark] * LETTERS_A_MARK >= codes.len() {
            return language;
        }
    }
    ARABIC_WORDS.with_borrow_mut(|words| best(&MODEL[ARABIC_AT..DEVANAGARI_AT], &ARABIC, codes, words))
}

/// Letters and word boundaries for one marker letter at most.
const LETTERS_A_MARK: usize = 18;

/// The first entry stands for the letters of the languages that the model knows. Uyghur is asked before Kurdish,
/// whose ە and ۆ it shares.
const ARABIC_MARKS: [(&str, &[char]); 4] = [
    ("", &[]),
    ("ug", &['ۇ', 'ۈ', 'ۋ', 'ڭ']),
    ("ku", &['ڕ', 'ڵ', 'ێ', 'ۆ', 'ە', 'ڤ']),
    ("ps", &['ټ', 'ډ', 'ړ', 'ږ', 'ښ', 'ګ', 'ڼ', 'ۍ', 'ې', 'ځ', 'څ']),
];

static ARABIC_MARK_OF: [u8; 256] = {
    let mut table = [0; 256];
    let mut mark = 1;
    while mark < ARABIC_MARKS.len() {
        let letters = ARABIC_MARKS[mark].1;
        let mut i = 0;
        while i < letters.len() {
            if let Some(code) = arabic_code(letters[i] as u32) {
                table[code as usize] = mark as u8;
            }
            i += 1;
        }
        mark += 1;
    }
    table
};

/// Nepali has little to learn from, but writes its case endings and its `is` onto the word.
fn devanagari(codes: &[u8]) -> &'static str {
    let (mut words, mut endings) = (0, 0);
    for word in codes.split(|code| *code == 0).filter(|word| !word.is_empty()) {
        words += 1;
        let nepali = NEPALI_WORDS.contains(&word)
            || NEPALI_ENDINGS.iter().any(|ending| word.len() > ending.len() + 2 && word.ends_with(ending));
        endings += usize::from(nepali);
    }
    if endings > 0 && endings * 8 >= words {
        return "ne";
    }
    DEVANAGARI_WORDS.with_borrow_mut(|words| best(&MODEL[DEVANAGARI_AT..], &DEVANAGARI, codes, words))
}

/// छ, छु, छन्, हो, as codes: the code point less 0x900.
const NEPALI_WORDS: [&[u8]; 4] = [&[0x1B], &[0x1B, 0x41], &[0x1B, 0x28, 0x4D], &[0x39, 0x4B]];

/// -को, -लाई, -हरू, -हरु, -होस्, -न्छ, -न्छु: of words longer than these by more than two.
const NEPALI_ENDINGS: [&[u8]; 7] = [
    &[0x15, 0x4B],
    &[0x32, 0x3E, 0x08],
    &[0x39, 0x30, 0x42],
    &[0x39, 0x30, 0x41],
    &[0x39, 0x4B, 0x38, 0x4D],
    &[0x28, 0x4D, 0x1B],
    &[0x28, 0x4D, 0x1B, 0x41],
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(language: &str, texts: &[&str]) {
        for text in texts {
            assert_eq!(identify(text), language, "{text}");
        }
    }

    #[test]
    fn short_trade_messages() {
        check("en", &["WTS fullz USA hq, escrow ok", "selling fresh cvv and bank logs"]);
        check("ru", &["Куплю логи, работаю через гаранта dm @x", "продам базу", "ап темы"]);
        check("zh", &["出售数据库", "收料"]);
    }

    #[test]
    fn names_in_latin_letters_do_not_outweigh_the_language_around_them() {
        check("zh", &["sell 出售 database", "出Telegram老号USDT"]);
        check("ru", &["Продам PayPal, Netflix, Spotify, Amazon и другое"]);
        check("ar", &["بيع حسابات PayPal و Netflix"]);
    }

    #[test]
    fn links_handles_and_codes_have_no_language() {
        check(
            "und",
            &[
                "https://market.example/item?id=12",
                "@example_seller",
                "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
                "example.com",
                "user_name=admin",
            ],
        );
        check("ru", &["Пишите https://market.example/contact или @example_long_handle"]);
    }

    #[test]
    fn too_few_letters() {
        check("und", &["", " ", "+", "ok", "100% !!!", "✅🔥", "я", "\u{0301}\u{0301}"]);
    }

    #[test]
    fn look_alike_and_styled_letters() {
        check("ru", &["Ищy людeй для рaбoты, oплaтa cрaзy"]);
        check("en", &["𝗦𝗲𝗹𝗹𝗶𝗻𝗴 𝗳𝗿𝗲𝘀𝗵 𝗮𝗰𝗰𝗼𝘂𝗻𝘁𝘀", "Ｓｅｌｌｉｎｇ　ｔｈｅ　ｄａｔａｂａｓｅ"]);
    }

    #[test]
    fn marker_letters() {
        check("ru", &["Продавам посредник, ты один", "Это база"]);
        check("ku", &["ئەم فرۆشیارە ساختەچییە"]);
        check("ps", &["څوک پوهیږي چې کارتونه چیرته دي"]);
        check("ug", &["بۇ ساتقۇچى ئالدامچى، پۇل ئەۋەتمەڭلار"]);
        check("ky", &["Жаңы маалымат сатылат, баасы келишим менен"]);
        check("tg", &["Ҳисобҳо фурӯхта мешаванд, нархаш арзон аст, ҷавоб диҳед"]);
    }

    #[test]
    fn weights_stay_below_the_limit_that_byte_sums_rely_on() {
        for (at, alphabet) in
            [(0, &LATIN), (CYRILLIC_AT, &CYRILLIC), (ARABIC_AT, &ARABIC), (DEVANAGARI_AT, &DEVANAGARI)]
        {
            let rows = &MODEL[at..at + alphabet.lanes * alphabet.buckets];
            assert!(rows.iter().all(|weight| *weight <= ngrams::MAX_WEIGHT));
            assert!(alphabet.languages.len() <= alphabet.lanes);
            assert!(alphabet.buckets <= usize::from(u16::MAX));
        }
    }

    #[test]
    fn a_text_without_end_costs_no_more_than_its_head() {
        let long = "ж".repeat(5_000_000);
        let took = crate::cpu_time::of(|| (0..1000).for_each(|_| _ = std::hint::black_box(identify(&long))));
        // Microseconds each; reading all of it would take seconds each.
        assert!(took.as_secs() < 5, "{took:?}");
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_tag(text in "\\PC*") {
            let tag = identify(&text);
            proptest::prop_assert!(matches!(tag.len(), 2 | 3));
        }

        #[test]
        fn any_bytes_have_a_tag(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..6000)) {
            let tag = identify(&String::from_utf8_lossy(&bytes));
            proptest::prop_assert!(matches!(tag.len(), 2 | 3));
        }
    }
}
