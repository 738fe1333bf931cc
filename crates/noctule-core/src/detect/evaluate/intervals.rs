//! How sure precision, recall and F1 are, by drawing the rows anew (Efron 1979, percentiles).

use serde::Serialize;

use super::Counts;
use crate::stats::Random;

/// Lower and upper bound of 95 %.
pub type Interval = [f64; 2];

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Intervals {
    pub precision: Option<Interval>,
    pub recall: Option<Interval>,
    pub f1: Option<Interval>,
}

/// So many times the rows are drawn.
const DRAWS: usize = 1_000;
/// With fewer rows that are labelled or found, an interval is all of it.
const FEWEST: u32 = 5;
/// More rows than this are drawn in proportion: an interval of a million rows is a point.
const MOST_ROWS: u32 = 20_000;

impl Intervals {
    /// The same for the same counts on every machine.
    pub(super) fn of(counts: &Counts) -> Option<Self> {
        let told = counts.true_positive + counts.false_positive + counts.false_negative;
        if told < FEWEST || counts.rows() > MOST_ROWS {
            return None;
        }
        let mut random = Random::new(0x6e6f_6374_756c_6531);
        let rows = u64::from(counts.rows());
        let bounds = [
            counts.true_positive,
            counts.true_positive + counts.false_positive,
            counts.true_positive + counts.false_positive + counts.false_negative,
        ];
        let (mut precision, mut recall, mut f1) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..DRAWS {
            let mut drawn = Counts::default();
            for _ in 0..rows {
                let row = random.below(rows) as u32;
                match bounds.iter().position(|bound| row < *bound) {
                    Some(0) => drawn.true_positive += 1,
                    Some(1) => drawn.false_positive += 1,
                    Some(_) => drawn.false_negative += 1,
                    None => drawn.true_negative += 1,
                }
            }
            precision.extend(drawn.precision());
            recall.extend(drawn.recall());
            f1.extend(drawn.f1());
        }
        Some(Self { precision: middle(precision), recall: middle(recall), f1: middle(f1) })
    }
}

/// The middle 95 % of the draws.
fn middle(mut draws: Vec<f64>) -> Option<Interval> {
    draws.sort_by(f64::total_cmp);
    let at =
        |share: f64| draws.get(((draws.len() as f64 * share) as usize).min(draws.len().saturating_sub(1))).copied();
    Some([at(0.025)?, at(0.975)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_is_as_wide_as_theory_says() {
        let counts = Counts { true_positive: 80, false_positive: 20, false_negative: 0, true_negative: 100 };
        let [low, high] = Intervals::of(&counts).and_then(|i| i.precision).expect("enough rows");
        // A share of 0.8 of about 100: two standard errors are 0.08.
        assert!((low - 0.72).abs() < 0.02 && (high - 0.88).abs() < 0.02, "{low} {high}");
        assert_eq!(Intervals::of(&counts).and_then(|i| i.recall), Some([1.0, 1.0]));
        assert_eq!(Intervals::of(&Counts { true_positive: 4, ..Counts::default() }), None);
    }
}
