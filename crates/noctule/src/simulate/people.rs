//! Invented people: number in, names out. Nobody is stored; the same number gives the same person.
//!
//! Issue 3 gives a person several handles; so a handle is asked for by person *and* ordinal already.

use super::phrases::Lang;
use super::rng::Rng;

const HEADS: &[&str] = &[
    "fresh", "dark", "silver", "north", "lazy", "iron", "quiet", "grey", "velvet", "amber", "rusty", "cold", "night",
    "salty", "paper", "neon", "tango", "karma", "vector", "lunar", "mister", "old", "red", "pixel", "sugar", "wolf",
    "zebra", "delta", "kilo", "omega", "barin", "vasya", "sever", "zoloto", "tihiy", "bistro", "ryba", "kot", "xiao",
    "lao", "feng", "hei", "jin", "loco", "rey", "sombra", "rapido", "blitz", "adler", "nacht", "falke", "stein",
];
const TAILS: &[&str] = &[
    "base", "trade", "bazar", "mole", "crow", "hub", "desk", "store", "rat", "owl", "moth", "fox", "dealer", "works",
    "line", "pro", "lab", "vault", "point", "shift", "byte", "drop", "ghost", "swap", "depo", "lavka", "baza", "sklad",
    "kassa", "tochka", "long", "ge", "shop", "hao", "mercado", "casa", "plaza", "markt", "laden", "werk", "haus",
];
const NAMES_EN: &[&str] = &[
    "Max", "Chris", "Dee", "Tony B", "Ray", "Kat", "Nico", "Jay", "Sam W.", "Vince", "Lex", "Mo", "Robbie", "Ash",
    "Drew",
];
const NAMES_RU: &[&str] = &[
    "Макс",
    "Лёха",
    "Дэн",
    "Серый",
    "Вика",
    "Паша К.",
    "Борис",
    "Артём",
    "Кирилл",
    "Тень",
    "Мирон",
    "Гоша",
    "Жека",
    "Игорь",
    "Света",
];
const NAMES_ZH: &[&str] = &[
    "阿强",
    "小飞",
    "老王",
    "财神",
    "大海",
    "阿杰",
    "诚信哥",
    "小鱼",
    "龙哥",
    "天天",
    "阿May",
    "北方的狼",
    "顺风",
    "九哥",
    "阿虎",
];
const NAMES_ES: &[&str] = &[
    "Paco", "Lucho", "Nena", "El Flaco", "Dani", "Memo", "Toño", "Lobo", "Chema", "Vero", "Rafa", "Gato", "Nacho",
    "Tito", "Lola",
];
const NAMES_DE: &[&str] = &[
    "Jonas", "Kalle", "Mini", "Der Graf", "Basti", "Uwe", "Fuchs", "Nele", "Olli", "Hansi", "Tom", "Rolf", "Jule",
    "Micha", "Kai",
];
const DOMAINS: &[&str] = &["jabber.example", "xmpp.example", "chat.example"];

/// Appends the person's user name (letters, digits, underscore; five letters at least).
pub fn push_handle(out: &mut String, seed: u64, person: u64, ordinal: u64) {
    let mut rng = Rng::of(&[seed, 0x68616e64, person, ordinal]);
    out.push_str(rng.word(HEADS));
    if rng.chance(300) {
        out.push('_');
    }
    out.push_str(rng.word(TAILS));
    match rng.below(5) {
        0 => {}
        1 => push_number(out, u64::from(rng.between(1, 9))),
        2 => push_number(out, u64::from(rng.between(10, 99))),
        3 => {
            out.push('_');
            push_number(out, u64::from(rng.between(100, 9999)));
        }
        _ => push_number(out, u64::from(rng.between(1970, 2009))),
    }
}

/// Appends an address on a chat server that cannot exist.
pub fn push_jabber(out: &mut String, seed: u64, person: u64) {
    push_handle(out, seed, person, 0);
    out.push('@');
    out.push_str(DOMAINS[(person % DOMAINS.len() as u64) as usize]);
}

/// The name as shown; `None` for an account that was deleted before the export.
pub fn push_display_name(out: &mut String, seed: u64, lang: Lang, person: u64) -> bool {
    let mut rng = Rng::of(&[seed, 0x6e616d65, person]);
    if rng.chance(25) {
        return false;
    }
    if rng.chance(450) {
        push_handle(out, seed, person, 0);
        return true;
    }
    let names = match lang {
        Lang::En => NAMES_EN,
        Lang::Ru => NAMES_RU,
        Lang::Zh => NAMES_ZH,
        Lang::Es => NAMES_ES,
        Lang::De => NAMES_DE,
    };
    out.push_str(rng.word(names));
    match rng.below(6) {
        0 => out.push_str(" 🔥"),
        1 => out.push_str(" 24/7"),
        2 => {
            out.push(' ');
            push_number(out, u64::from(rng.between(2, 99)));
        }
        _ => {}
    }
    true
}

/// The stable account number.
pub fn account(seed: u64, person: u64) -> u64 {
    100_000_000 + Rng::of(&[seed, 0x69640000, person]).next() % 1_900_000_000
}

pub fn push_number(out: &mut String, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    for digit in &digits[at..] {
        out.push(char::from(*digit));
    }
}
