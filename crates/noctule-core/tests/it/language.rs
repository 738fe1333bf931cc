//! Language identification against a table of sentences, with a floor for each language.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use noctule_core::normalize::language::identify;

/// Sentences right in a hundred, just under what was measured; languages not named here are at 100.
const FLOORS: [(&str, u32); 8] =
    [("bg", 90), ("ca", 90), ("cs", 80), ("mk", 80), ("mr", 90), ("nb", 70), ("ne", 80), ("sr", 90)];
/// All sentences together.
const FLOOR: f64 = 0.975;

#[test]
fn sentences_are_told_apart() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/language/sentences.tsv");
    let table = fs::read_to_string(&path).expect("the fixture is part of the repository");
    let mut right_of: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut failures = Vec::new();
    for line in table.lines() {
        let (want, sentence) = line.split_once('\t').expect("each line is a tag, a tab, a sentence");
        let got = identify(sentence);
        let (right, all) = right_of.entry(want).or_default();
        *all += 1;
        if got == want {
            *right += 1;
        } else {
            failures.push(format!("want {want}, got {got}: {sentence}"));
        }
    }

    let failed = failures.join("\n");
    for (language, (right, all)) in &right_of {
        let floor = FLOORS.iter().find(|(tag, _)| tag == language).map_or(100, |(_, floor)| *floor);
        assert!(right * 100 >= floor * all, "{language}: {right} of {all} right\n{failed}");
    }
    for main in "en ru uk zh es pt fr de it tr ar fa pl ro id vi ko ja hi th".split(' ') {
        assert!(right_of[main].1 >= 12, "{main} has too few sentences to measure");
    }
    let (right, all) = right_of.values().fold((0, 0), |sum, (right, all)| (sum.0 + right, sum.1 + all));
    let share = f64::from(right) / f64::from(all);
    assert!(share >= FLOOR, "{right} of {all} sentences right\n{failed}");
}

/// A message of the trade is often a few foreign words around a link and a price.
#[test]
fn decoration_does_not_change_the_language() {
    for (language, text) in [
        ("ru", "🔥🔥🔥 ПРОДАМ ДОСТУП 🔥🔥🔥\n\n✅ https://forum.example/threads/90121 ✅\n@example_seller — 750$"),
        ("en", "💸💸 Selling bulk accounts 💸💸 t.me/example_shop USDT/BTC 50$ escrow accepted"),
        ("zh", "🔥出售🔥 USDT TRC20 @example_bot 担保交易 24h"),
    ] {
        assert_eq!(identify(text), language, "{text}");
    }
}
