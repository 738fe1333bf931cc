//! How well the escrow detector did when it was last measured: the committed counts of `noctule eval`.
//!
//! Left to others: measuring (`noctule eval`), and what follows for a share (`noctule_core::stats::shares`).

use noctule_core::stats::Accuracy;

/// The counts, in the shape that `noctule eval --format json` prints them.
const MEASURED: &str = include_str!("accuracy.json");

/// Precision and recall as measured, with the number of messages behind each.
pub fn measured() -> Accuracy {
    read(MEASURED).expect("a test reads the committed file")
}

fn read(json: &str) -> Option<Accuracy> {
    let file: serde_json::Value = serde_json::from_str(json).ok()?;
    let count = |name: &str| file["counts"][name].as_u64();
    let right = count("true_positive")?;
    let (marked, wanted) = (right + count("false_positive")?, right + count("false_negative")?);
    let share = |of: u64| right as f64 / of as f64;
    (right > 0).then(|| Accuracy { precision: share(marked), marked, recall: share(wanted), wanted })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_file_reads_and_is_no_perfect_score() {
        let accuracy = measured();
        assert!(accuracy.marked >= 30 && accuracy.wanted >= 30, "too few to say anything: {accuracy:?}");
        assert!((0.5..=1.0).contains(&accuracy.precision) && (0.5..=1.0).contains(&accuracy.recall));
    }

    #[test]
    fn counts_become_shares() {
        let json = r#"{"counts": {"true_positive": 8, "false_positive": 2, "false_negative": 12}}"#;
        assert_eq!(read(json), Some(Accuracy { precision: 0.8, marked: 10, recall: 0.4, wanted: 20 }));
        assert_eq!(read(r#"{"counts": {"true_positive": 0, "false_positive": 2, "false_negative": 1}}"#), None);
        assert_eq!(read("{}"), None);
    }
}
