//! Whether a score is a probability: of messages scored 0.9, nine in ten should be what the score says.

use serde::Serialize;

/// Scores of one question against the labels.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    pub question: &'static str,
    pub rows: u32,
    /// Expected calibration error: the mean distance between score and share, weighted by rows.
    pub error: f64,
    /// Only those with rows.
    pub bins: Vec<Bin>,
}

/// Rows with about the same score.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    pub rows: u32,
    /// Their mean score.
    pub score: f64,
    /// The share of them that is labelled so.
    pub share: f64,
}

const BINS: usize = 10;

impl Calibration {
    /// Of (score, labelled); `None` without rows.
    pub(super) fn of(question: &'static str, scores: &[(f32, bool)]) -> Option<Self> {
        let mut sums = [(0u32, 0.0f64, 0u32); BINS];
        for (score, labelled) in scores {
            let score = f64::from(*score).clamp(0.0, 1.0);
            let bin = &mut sums[((score * BINS as f64) as usize).min(BINS - 1)];
            bin.0 += 1;
            bin.1 += score;
            bin.2 += u32::from(*labelled);
        }
        let bins: Vec<Bin> = sums
            .into_iter()
            .filter(|(rows, ..)| *rows > 0)
            .map(|(rows, score, labelled)| Bin {
                rows,
                score: score / f64::from(rows),
                share: f64::from(labelled) / f64::from(rows),
            })
            .collect();
        let rows = scores.len() as u32;
        let error = bins.iter().map(|bin| f64::from(bin.rows) * (bin.score - bin.share).abs()).sum::<f64>();
        (rows > 0).then(|| Self { question, rows, error: error / f64::from(rows), bins })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_that_are_right_have_no_error_and_boasts_have() {
        let right: Vec<(f32, bool)> = (0..10).map(|n| (0.95, n < 9)).chain((0..10).map(|_| (0.0, false))).collect();
        let calibration = Calibration::of("escrow", &right).expect("there are rows");
        assert!((calibration.error - 0.025).abs() < 1e-6, "{calibration:?}");
        let boast: Vec<(f32, bool)> = (0..10).map(|n| (1.0, n < 5)).collect();
        assert_eq!(Calibration::of("escrow", &boast).map(|c| c.error), Some(0.5));
        assert_eq!(Calibration::of("escrow", &[]), None);
    }
}
