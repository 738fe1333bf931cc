//! Short words that mean something. What is short, at the edge of a text, and not among them may be noise that a
//! spammer put there so that no two copies are equal.

use std::sync::LazyLock;

use super::Words;

static KNOWN: LazyLock<Words> = LazyLock::new(|| {
    include_str!("terms.txt").lines().filter(|line| !line.starts_with('#')).flat_map(str::split_whitespace).collect()
});

/// Whether a folded word of up to five letters is a known word or term.
pub(super) fn known(word: &str) -> bool {
    KNOWN.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_folded_and_short() {
        for term in KNOWN.iter() {
            assert_eq!(super::super::shadow_of(term).text, *term, "terms are compared with folded words");
            assert!(term.chars().count() <= 5, "{term} is too long to be asked for");
        }
    }

    #[test]
    fn noise_is_unknown() {
        assert!(known("usdt") && known("for") && known("код"));
        assert!(!known("x7k") && !known("qzv"));
    }
}
