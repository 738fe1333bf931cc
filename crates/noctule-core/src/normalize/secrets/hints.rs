//! Words and prefixes that say what kind of secret may stand behind them, or begin with them.
//!
//! Few texts have one, so the automaton that finds them all runs behind a filter: of each hint two neighboring bytes
//! are known, one pair at an even and one at an odd distance from its start. Looking at every second place of a text
//! then meets one of them wherever the hint begins.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, Input, MatchKind};

/// What a hint in the text asks to be searched for, right there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Hint {
    Password,
    Key,
    NamedKey,
    Pem,
    Seed,
    Identity,
}

/// Lower case; ASCII matches in either case, other scripts are listed in the cases people write.
const HINTS: &[(&str, Hint)] = &[
    ("pass", Hint::Password),
    ("pwd", Hint::Password),
    ("парол", Hint::Password),
    ("Парол", Hint::Password),
    ("ПАРОЛ", Hint::Password),
    ("пасс", Hint::Password),
    ("Пасс", Hint::Password),
    ("密码", Hint::Password),
    ("密碼", Hint::Password),
    ("contrase", Hint::Password),
    ("kennwort", Hint::Password),
    ("senha", Hint::Password),
    ("hasło", Hint::Password),
    ("şifre", Hint::Password),
    ("sifre:", Hint::Password),
    ("parola", Hint::Password),
    ("wachtwoord", Hint::Password),
    ("kata sandi", Hint::Password),
    ("mật khẩu", Hint::Password),
    ("비밀번호", Hint::Password),
    ("パスワード", Hint::Password),
    ("akia", Hint::Key),
    ("asia", Hint::Key),
    ("ghp_", Hint::Key),
    ("gho_", Hint::Key),
    ("ghu_", Hint::Key),
    ("ghs_", Hint::Key),
    ("ghr_", Hint::Key),
    ("github_pat_", Hint::Key),
    ("glpat-", Hint::Key),
    ("xox", Hint::Key),
    ("aiza", Hint::Key),
    ("sk_live_", Hint::Key),
    ("rk_live_", Hint::Key),
    ("sk_test_", Hint::Key),
    ("eyj", Hint::Key),
    ("sk-", Hint::Key),
    ("npm_", Hint::Key),
    ("hf_", Hint::Key),
    ("dop_v1_", Hint::Key),
    ("shpat_", Hint::Key),
    ("sg.", Hint::Key),
    ("api_key", Hint::NamedKey),
    ("api-key", Hint::NamedKey),
    ("api key", Hint::NamedKey),
    ("apikey", Hint::NamedKey),
    ("secret", Hint::NamedKey),
    ("access_key", Hint::NamedKey),
    ("access key", Hint::NamedKey),
    ("token", Hint::NamedKey),
    ("bearer", Hint::NamedKey),
    ("private key:", Hint::NamedKey),
    ("private_key", Hint::NamedKey),
    ("-----begin", Hint::Pem),
    ("seed", Hint::Seed),
    ("mnemonic", Hint::Seed),
    ("recovery phrase", Hint::Seed),
    ("сид", Hint::Seed),
    ("Сид", Hint::Seed),
    ("助记词", Hint::Seed),
    ("ssn", Hint::Identity),
    ("social security", Hint::Identity),
    ("паспорт", Hint::Identity),
    ("Паспорт", Hint::Identity),
    ("снилс", Hint::Identity),
    ("СНИЛС", Hint::Identity),
    ("passport", Hint::Identity),
];

/// The hints of a text in their order: the leftmost, of these the longest, none over another.
pub(super) fn find(text: &str) -> impl Iterator<Item = (Hint, usize, usize)> {
    static SEARCH: LazyLock<Search> = LazyLock::new(Search::new);
    let search = &*SEARCH;
    let from = search.earliest(text.as_bytes());
    from.into_iter()
        .flat_map(move |from| search.automaton.find_iter(Input::new(text.as_bytes()).range(from..)))
        .map(|hit| (HINTS[hit.pattern().as_usize()].1, hit.start(), hit.end()))
}

struct Search {
    automaton: AhoCorasick,
    /// By byte, the set of pairs it begins, ends, and comes behind in a hint; pairs of one second byte share a bit.
    first: [u64; 256],
    second: [u64; 256],
    third: [u64; 256],
    fourth: [u64; 256],
    /// Hints by the pairs they are known by.
    pairs: Vec<Pair>,
    /// The first pair of each second byte.
    places: [usize; 256],
    longest: usize,
}

/// Two neighboring bytes of a hint, in lower case.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    second: u8,
    first: u8,
    hint: &'static [u8],
    /// From the hint's start.
    distance: usize,
}

impl Search {
    fn new() -> Self {
        let automaton = AhoCorasickBuilder::new()
            .ascii_case_insensitive(true)
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(aho_corasick::AhoCorasickKind::DFA))
            .build(HINTS.iter().map(|(needle, _)| needle))
            .expect("the hints are a fixed list far below the automaton's limits");
        let mut pairs: Vec<_> =
            HINTS.iter().flat_map(|(hint, _)| [0, 1].map(|parity| rarest_pair(hint.as_bytes(), parity))).collect();
        pairs.sort_unstable();
        let [mut first, mut second, mut third, mut fourth] = [[0; 256]; 4];
        let mut places = [0; 256];
        for (number, same) in pairs.chunk_by(|one, other| one.second == other.second).enumerate() {
            // Sixty-four bits are enough for the second bytes of today; more would share bits, which is still right.
            let bit = 1 << (number % 64);
            for pair in same {
                let add = |byte: u8, set: &mut [u64; 256]| {
                    set[usize::from(byte)] |= bit;
                    set[usize::from(byte.to_ascii_uppercase())] |= bit;
                };
                add(pair.first, &mut first);
                add(pair.second, &mut second);
                for (further, set) in [(2, &mut third), (3, &mut fourth)] {
                    match pair.hint.get(pair.distance + further) {
                        Some(byte) => add(*byte, set),
                        None => set.iter_mut().for_each(|set| *set |= bit),
                    }
                }
            }
            places[usize::from(same[0].second)] = pairs.partition_point(|pair| pair.second < same[0].second);
        }
        let longest = HINTS.iter().map(|(hint, _)| hint.len()).max().unwrap_or(0);
        Self { automaton, first, second, third, fourth, pairs, places, longest }
    }

    /// A place before which no hint begins; `None` when there is none at all.
    fn earliest(&self, text: &[u8]) -> Option<usize> {
        let (eights, rest) = text.as_chunks::<8>();
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        for (n, eight) in eights.iter().enumerate() {
            if self.knows_any(eight)
                && let Some(at) = self.hint_in(text, 8 * n)
            {
                return Some(at.saturating_sub(self.longest));
            }
        }
        let at = self.knows_any(&last).then(|| self.hint_in(text, 8 * eights.len())).flatten()?;
        Some(at.saturating_sub(self.longest))
    }

    /// The pairs that two bytes can be.
    #[inline(always)]
    fn known(&self, one: u8, two: u8) -> u64 {
        self.first[usize::from(one)] & self.second[usize::from(two)]
    }

    /// Whether one of four pairs is known.
    #[inline(always)]
    fn knows_any(&self, [a, b, c, d, e, f, g, h]: &[u8; 8]) -> bool {
        self.known(*a, *b) | self.known(*c, *d) | self.known(*e, *f) | self.known(*g, *h) != 0
    }

    /// The first of four pairs, which begin at `start`, that a hint stands over.
    #[inline(never)]
    fn hint_in(&self, text: &[u8], start: usize) -> Option<usize> {
        let mut at = start;
        while at < start + 8
            && let Some(&[one, two]) = text[at..].first_chunk()
        {
            let mut set = self.known(one, two);
            // Most pairs that are known stand in other words.
            if let Some(&[_, _, third, fourth]) = text[at..].first_chunk() {
                set &= self.third[usize::from(third)] & self.fourth[usize::from(fourth)];
            }
            if set != 0 && self.hint_over(text, at) {
                return Some(at);
            }
            at += 2;
        }
        None
    }

    /// Whether a hint stands over the pair at `at`.
    fn hint_over(&self, text: &[u8], at: usize) -> bool {
        let (first, second) = (text[at].to_ascii_lowercase(), text[at + 1].to_ascii_lowercase());
        self.pairs[self.places[usize::from(second)]..]
            .iter()
            .take_while(|pair| pair.second == second && pair.first <= first)
            .filter(|pair| pair.first == first)
            .any(|pair| {
                at.checked_sub(pair.distance)
                    .and_then(|start| text.get(start..start + pair.hint.len()))
                    .is_some_and(|word| word.eq_ignore_ascii_case(pair.hint))
            })
    }
}

/// The pair of a hint, at an even or odd distance from its start, that other words have least.
fn rarest_pair(hint: &'static [u8], parity: usize) -> Pair {
    let common = |byte: &u8| match byte {
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' => 3,
        b'r' | b'h' | b'l' | b'd' | b'c' | b'u' | b' ' => 2,
        b'a'..=b'z' | 0x80.. => 1,
        _ => 0,
    };
    let distance = (parity..hint.len() - 1)
        .step_by(2)
        .min_by_key(|at| hint[*at..*at + 2].iter().map(common).sum::<u32>())
        .expect("a hint has three bytes at least");
    Pair { first: hint[distance], second: hint[distance + 1], hint, distance }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hint_is_found_wherever_it_begins() {
        for (hint, kind) in HINTS {
            for before in 0..10 {
                for behind in 0..3 {
                    let text = format!("{}{}{}", "1".repeat(before), hint.to_ascii_uppercase(), "1".repeat(behind));
                    let found: Vec<_> = find(&text).collect();
                    assert_eq!(found, [(*kind, before, before + hint.len())], "{text}");
                }
            }
        }
    }
}
