//! What must hold for every text, checked on many random ones.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::model::{Medium, RawMessage, Source, Span};

fn raw(text: &str, quotes: &[Span]) -> RawMessage {
    let source = Source { key: "name:test".into(), name: "test".into(), medium: Medium::Other, url: None };
    let mut raw = RawMessage::new(Arc::new(source), 1, text.to_owned());
    raw.quotes = quotes.to_vec();
    raw
}

fn cleaned(text: &str) -> Message {
    clean(raw(text, &[]))
}

/// Pieces that the steps care about, glued at random: random characters alone would hardly ever reach them.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("гарант"),
        Just("гaрaнт"),
        Just("escrow"),
        Just("е s c r o w"),
        Just("г-а-р-а-н-т"),
        Just("担保"),
        Just("Straße É ﬁ İ"),
        Just("ＥＳＣ"),
        Just("𝐞𝐬𝐜"),
        Just("🇪🇸🇨"),
        Just("🇺🇸"),
        Just("\u{200d}"),
        Just("\u{301}"),
        Just("\u{306}"),
        Just("и"),
        Just("สวัสดี"),
        Just("> "),
        Just(">> "),
        Just(">"),
        Just("\n"),
        Just(" "),
        Just("\t"),
        Just("wrote:\n"),
        Just("password: "),
        Just("hunter2"),
        Just("pass="),
        Just("bob@mail.example:"),
        Just("qwerty1"),
        Just("4111111111111111"),
        Just("|12|26|123"),
        Just("https://a.example/l:"),
        Just("ghp_abcdefghijklmnopqrstuvwxyz0123456789"),
        Just("-----BEGIN PRIVATE KEY-----\n"),
        Just("abc==\n"),
        Just("-----END PRIVATE KEY-----"),
        Just("•"),
        Just(":"),
        Just("|"),
        Just(";"),
        Just("token: "),
        Just("ssn "),
        Just("123-45-6789"),
        Just("\r"),
        Just("is "),
        Just("\""),
        Just("пароль "),
        Just("- "),
        Just("密码："),
        Just("."),
        Just(","),
        Just("123456789:AAabcdefghijklmnopqrstuvwxyz0123456"),
    ];
    let piece =
        prop_oneof![8 => piece.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from), 1 => "\\PC{0,6}"];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn spans() -> impl Strategy<Value = Vec<Span>> {
    prop::collection::vec((0u32..80, 0u32..80).prop_map(|(start, end)| Span { start, end }), 0..3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cleaning_a_clean_text_changes_nothing(text in text(), quotes in spans()) {
        let once = clean(raw(&text, &quotes)).clean.text.clone();
        prop_assert_eq!(&cleaned(&once).clean.text, &once);
    }

    #[test]
    fn shadow_offsets_map_to_character_boundaries_in_order(text in text(), quotes in spans()) {
        let message = clean(raw(&text, &quotes));
        let shadow = &message.clean.shadow;
        let mut before = 0;
        for at in (0..=shadow.text.len()).filter(|at| shadow.text.is_char_boundary(*at)) {
            let offset = shadow.raw_offset(at as u32);
            prop_assert!(text.is_char_boundary(offset as usize), "{at} maps to {offset}");
            prop_assert!(offset >= before, "{at} maps to {offset} after {before}");
            before = offset;
        }
    }

    #[test]
    fn raw_offsets_map_to_clean_boundaries_in_order(text in text(), quotes in spans()) {
        let message = clean(raw(&text, &quotes));
        let mut before = 0;
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let offset = message.clean.clean_offset(at as u32);
            prop_assert!(message.clean.text.is_char_boundary(offset as usize), "{at} maps to {offset}");
            prop_assert!(offset >= before, "{at} maps to {offset} after {before}");
            before = offset;
        }
    }

    #[test]
    fn what_is_kept_is_found_again(text in text(), quotes in spans()) {
        // Every character of the clean text that is neither a mask nor a joint stands at its raw place.
        let message = clean(raw(&text, &quotes));
        for (at, c) in text.char_indices() {
            let offset = message.clean.clean_offset(at as u32) as usize;
            let next = message.clean.clean_offset((at + c.len_utf8()) as u32) as usize;
            if next > offset {
                let kept = &message.clean.text[offset..next];
                prop_assert!(kept.starts_with([c, MASK, '\n']), "{c:?} became {kept:?}");
            }
        }
    }

    #[test]
    fn no_found_secret_stays(text in text()) {
        let message = cleaned(&text);
        for secret in secrets::find(text.trim()) {
            let secret = &text.trim()[secret.range()];
            prop_assert!(secrets::find(&message.clean.text).is_empty(), "{secret} still found in {}", message.clean.text);
        }
    }

    #[test]
    fn the_shadow_of_a_shadow_is_itself(text in prop_oneof!["[a-zA-Z0-9 .,!áéß]{0,40}", "[а-яА-ЯёЁ0-9 .,!担保]{0,40}"]) {
        let once = shadow_of(&text).text;
        prop_assert_eq!(&shadow_of(&once).text, &once);
    }

    #[test]
    fn decoration_does_not_change_the_cluster(before in "[🔥⚡️✅💰 *~|=-]{0,6}", after in "[🔥⚡️✅💰 *~|=!.-]{0,6}", n in 0usize..TEXTS.len()) {
        let text = TEXTS[n];
        prop_assert_eq!(key(&format!("{before}{text}{after}")), key(text));
        prop_assert_eq!(key(&text.to_uppercase()), key(text));
        prop_assert_eq!(key(&text.replace(' ', " 🔥 ")), key(text));
        prop_assert_eq!(key(&format!("{text}\n\n@some_channel")), key(text));
        prop_assert_eq!(key(&format!("{text}\nJoin us: https://t.me/some_channel")), key(text));
        prop_assert_eq!(key(&format!("{text}\n#hashtag #another")), key(text));
    }

    #[test]
    fn random_ends_do_not_change_the_cluster(noise in "[b-df-hj-np-tv-z][0-9][b-df-hj-np-tv-z]{1,3}", n in 0usize..TEXTS.len()) {
        prop_assume!(!terms::known(&noise));
        let text = TEXTS[n];
        for noisy in [format!("{noise} {text}"), format!("{text} {noise}"), format!("[{noise}] {text}"), format!("{text} #{noise}")] {
            prop_assert_eq!(key(&noisy), key(text), "{}", noisy);
        }
    }

    #[test]
    fn another_price_or_contact_is_another_text(one in 1u32..9999, two in 1u32..9999, n in 0usize..TEXTS.len()) {
        prop_assume!(one != two);
        let text = TEXTS[n];
        let price = |price| key(&format!("{text} {price}$"));
        prop_assert_ne!(price(one), price(two));
        for word in ["dm", "пишите", "contact:", "联系", "order via telegram"] {
            let contact = |name| key(&format!("{text} {word} @vendor{name}"));
            prop_assert_ne!(contact(one), contact(two));
        }
    }
}

/// Synthetic adverts in the languages that matter most.
const TEXTS: &[&str] = &[
    "Продам базу клиентов интернет-магазина, работаю через гаранта, цена 500$",
    "Selling fresh corporate access with domain admin rights, escrow accepted, price 1200$",
    "出售一手数据源支持担保交易长期合作价格面议量大从优欢迎老板咨询合作共赢",
    "Vendo acceso a un panel de tienda, precio 300 euros, acepto garante del foro",
];

fn key(text: &str) -> Option<crate::model::Id> {
    cleaned(text).clean.cluster
}

#[test]
fn hostile_texts_take_linear_time() {
    for piece in [
        "\u{301}",
        "a\u{301}",
        "สั",
        "a ",
        "а ",
        "> ",
        ">> a\nb\n",
        "pass",
        "pass:",
        "a@b.cd:",
        "4",
        "4 ",
        ":",
        "seed:\n",
        "eyj",
        "eyJa.",
        "-----BEGIN PRIVATE KEY-----",
        "-----begin",
        "аa ",
        "🇺",
        "@",
        "#",
        "@a ",
        "t.me/a ",
        "\u{200d}",
        "passport ",
        "1.",
        "ssn 1-1-",
        "a.b:",
        "_",
        "https://",
        "pass: •",
        "token:",
        "12345678:",
        "x7k ",
        "$",
        "担",
        "|",
        "[x] ",
    ] {
        let text = piece.repeat((1 << 20) / piece.len());
        let took = crate::cpu_time::of(|| drop(cleaned(&text)));
        // A mebibyte takes tens of milliseconds; quadratic time would take minutes.
        assert!(took.as_millis() < 2500, "{piece:?} took {took:?}");
    }
}
