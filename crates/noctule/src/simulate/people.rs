//! Invented people: number in, names out. Nobody is stored; the same number gives the same person.
//!
//! A person has several handles: some lose an account on Telegram and come back under another name, some call
//! themselves otherwise on forums. So a handle is asked for by person *and* ordinal, and [`ordinal`] says which one
//! is in use where and when. An impersonator is a person of his own whose handle looks like that of another.

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

/// Where somebody appears.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Venue {
    /// In this month of the window.
    Telegram(usize),
    /// Forums and marketplaces.
    Board,
}

/// The bit of the numbers of escrow agents, which keep one name everywhere: it is their capital.
pub const AGENT: u64 = 1 << 31;
/// The bit of the numbers of those who imitate the person without it.
pub const IMPERSONATOR: u64 = 1 << 30;

/// The month in which a person comes back to Telegram under another name, if ever.
pub fn comes_back(seed: u64, person: u64) -> Option<usize> {
    let mut rng = Rng::of(&[seed, 0x6261_636b, person]);
    (person & (AGENT | IMPERSONATOR) == 0 && rng.chance(120)).then(|| rng.between(3, 40) as usize)
}

/// Which of a person's handles is in use: 0 from the start, 1 on boards where that differs, 2 behind the return.
pub fn ordinal(seed: u64, person: u64, venue: Venue) -> u64 {
    match venue {
        Venue::Board => {
            let own = person & (AGENT | IMPERSONATOR) == 0 && Rng::of(&[seed, 0x626f_6172, person]).chance(400);
            u64::from(own)
        }
        Venue::Telegram(month) => {
            if comes_back(seed, person).is_some_and(|back| month >= back) {
                2
            } else {
                0
            }
        }
    }
}

/// Appends the handle that a person, an impersonator too, has somewhere.
pub fn push_handle_at(out: &mut String, seed: u64, person: u64, venue: Venue) {
    if person & IMPERSONATOR == 0 {
        push_handle(out, seed, person, ordinal(seed, person, venue));
        if person & AGENT != 0 {
            out.push_str(["", "_garant", "_escrow", "_mm", "", "_safe"][(person % 6) as usize]);
        }
        return;
    }
    let start = out.len();
    push_handle_at(out, seed, person & !IMPERSONATOR, venue);
    let mut rng = Rng::of(&[seed, 0x6c6f_6f6b, person]);
    imitate(out, start, &mut rng);
}

/// Changes the handle behind `start` in one place, so that a hasty reader does not see it.
fn imitate(out: &mut String, start: usize, rng: &mut Rng) {
    const TWINS: [(&str, &str); 7] =
        [("l", "I"), ("o", "0"), ("rn", "m"), ("m", "rn"), ("i", "l"), ("w", "vv"), ("_", "__")];
    let first = rng.below(TWINS.len() as u32) as usize;
    for turn in 0..TWINS.len() {
        let (from, to) = TWINS[(first + turn) % TWINS.len()];
        if let Some(at) = out[start + 1..].rfind(from) {
            let at = start + 1 + at;
            out.replace_range(at..at + from.len(), to);
            return;
        }
    }
    out.push('_');
}

/// Appends an address on a chat server that cannot exist.
pub fn push_jabber(out: &mut String, seed: u64, person: u64) {
    push_handle(out, seed, person, 0);
    out.push('@');
    out.push_str(DOMAINS[(person % DOMAINS.len() as u64) as usize]);
}

/// The name as shown in a chat; `false` for an account that was deleted before the export. `names` are those usual
/// in the language.
pub fn push_display_name<'a>(
    out: &mut String,
    seed: u64,
    person: u64,
    venue: Venue,
    names: impl FnOnce(&mut Rng) -> &'a str,
) -> bool {
    let mut rng = Rng::of(&[seed, 0x6e616d65, person]);
    if venue == Venue::Board || person & (AGENT | IMPERSONATOR) != 0 {
        push_handle_at(out, seed, person, venue);
        return true;
    }
    if rng.chance(25) {
        return false;
    }
    if rng.chance(450) {
        push_handle_at(out, seed, person, venue);
        return true;
    }
    out.push_str(names(&mut rng));
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

/// The account number at a venue; a return brings a new one.
pub fn account_at(seed: u64, person: u64, venue: Venue) -> u64 {
    account(seed, person ^ ordinal(seed, person, venue) << 60)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn handle(person: u64, venue: Venue) -> String {
        let mut out = String::new();
        push_handle_at(&mut out, 1, person, venue);
        out
    }

    #[test]
    fn an_impersonator_differs_by_a_letter_or_two() {
        for index in 0..200 {
            let agent = AGENT | index;
            let (true_one, other) = (handle(agent, Venue::Board), handle(agent | IMPERSONATOR, Venue::Board));
            assert_ne!(true_one, other);
            assert!(true_one.len().abs_diff(other.len()) <= 1, "{true_one} {other}");
            let same = true_one.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
            let behind = true_one.chars().rev().zip(other.chars().rev()).take_while(|(a, b)| a == b).count();
            assert!(same + behind + 2 >= true_one.len(), "{true_one} {other}");
        }
    }

    #[test]
    fn some_people_have_several_handles_and_agents_have_one() {
        let several =
            |person| [Venue::Telegram(0), Venue::Telegram(99), Venue::Board].map(|venue| handle(person, venue));
        let differing = (0..1000).filter(|p| several(*p).iter().any(|h| *h != several(*p)[0])).count();
        assert!((350..650).contains(&differing), "{differing}");
        assert!((0..100).all(|p| several(AGENT | p).iter().all(|h| *h == several(AGENT | p)[0])));
    }
}
