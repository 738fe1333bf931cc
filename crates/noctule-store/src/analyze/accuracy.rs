//! How well the escrow detector did when it was last measured: the committed counts of `noctule eval`.
//!
//! Left to others: measuring (`noctule eval`), and what follows for a share (`noctule_core::stats::shares`).

use noctule_core::detect::evaluate::Counts;
use noctule_core::detect::floor;
use noctule_core::stats::Accuracy;

/// Precision and recall as measured, with the number of messages behind each.
pub fn measured() -> Accuracy {
    floor::measured("escrow", "all").and_then(of).expect("a test reads the committed table")
}

fn of(counts: Counts) -> Option<Accuracy> {
    let right = u64::from(counts.true_positive);
    let (marked, wanted) = (right + u64::from(counts.false_positive), right + u64::from(counts.false_negative));
    let share = |of: u64| right as f64 / of as f64;
    (right > 0).then(|| Accuracy { precision: share(marked), marked, recall: share(wanted), wanted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_table_has_the_question() {
        let accuracy = measured();
        assert!((0.5..=1.0).contains(&accuracy.precision) && (0.5..=1.0).contains(&accuracy.recall));
    }

    #[test]
    fn counts_become_shares() {
        let counts = |true_positive, false_positive, false_negative| Counts {
            true_positive,
            false_positive,
            false_negative,
            true_negative: 0,
        };
        assert_eq!(of(counts(8, 2, 12)), Some(Accuracy { precision: 0.8, marked: 10, recall: 0.4, wanted: 20 }));
        assert_eq!(of(counts(0, 2, 1)), None);
    }
}
