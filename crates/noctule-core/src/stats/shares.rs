//! Intervals of shares: sampling error alone, or joined with the measured errors of a classifier.

/// The two-sided 95 % point of the standard normal distribution.
pub const Z95: f64 = 1.959_963_984_540_054;

/// An interval; `low <= high`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// How well a classifier did on labeled messages, and on how many.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Accuracy {
    /// Of the messages it marked, the part that was right.
    pub precision: f64,
    /// How many marked messages that was measured on.
    pub marked: u64,
    /// Of the messages that should be marked, the part it marked.
    pub recall: f64,
    /// How many messages that should be marked that was measured on.
    pub wanted: u64,
}

/// The 95 % score interval of `hits` among `total` (Wilson 1927). `None` when there is nothing to divide by.
pub fn wilson(hits: u64, total: u64) -> Option<Interval> {
    if total == 0 {
        return None;
    }
    let n = total as f64;
    let share = hits.min(total) as f64 / n;
    let z2 = Z95 * Z95;
    let center = (share + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half = Z95 / (1.0 + z2 / n) * (share * (1.0 - share) / n + z2 / (4.0 * n * n)).sqrt();
    // At the ends the formula gives exactly 0 and 1 but for rounding.
    let low = if hits == 0 { 0.0 } else { (center - half).max(0.0) };
    let high = if hits >= total { 1.0 } else { (center + half).min(1.0) };
    Some(Interval { low, high })
}

/// The share after correction for the classifier's errors, with its 95 % interval.
///
/// Of the marked messages `precision` are right, and they are `recall` of all there are, so the true share is
/// `share * precision / recall`: the estimator of Rogan and Gladen (1978) written with precision instead of
/// specificity. The interval is the delta method on the logarithm, with the three binomial variances added.
/// A measured precision or recall of exactly 1 would claim no uncertainty, so both are first shrunk as by one
/// more success and one more failure (Agresti and Coull 1998).
///
/// `None` when nothing was counted, or nothing was measured.
pub fn corrected_share(hits: u64, total: u64, accuracy: &Accuracy) -> Option<(f64, Interval)> {
    if hits == 0 || total == 0 || accuracy.marked == 0 || accuracy.wanted == 0 {
        return None;
    }
    let usable = |x: f64| x.is_finite() && x > 0.0 && x <= 1.0;
    if !usable(accuracy.precision) || !usable(accuracy.recall) {
        return None;
    }
    let share = hits.min(total) as f64 / total as f64;
    let estimate = (share * accuracy.precision / accuracy.recall).min(1.0);
    let relative_variance = |p: f64, n: f64| (1.0 - p) / (p * n);
    let shrunk = |p: f64, n: u64| ((p * n as f64 + 1.0) / (n as f64 + 2.0), n as f64 + 2.0);
    let (precision, marked) = shrunk(accuracy.precision, accuracy.marked);
    let (recall, wanted) = shrunk(accuracy.recall, accuracy.wanted);
    let variance = relative_variance(share, total as f64)
        + relative_variance(precision, marked)
        + relative_variance(recall, wanted);
    let factor = (Z95 * variance.sqrt()).exp();
    Some((estimate, Interval { low: estimate / factor, high: (estimate * factor).min(1.0) }))
}

/// The interval to show with a share: Wilson's, and when the classifier's errors are known the hull of it and
/// the interval of the corrected share. The hull always contains the share as counted and as corrected.
pub fn share_interval(hits: u64, total: u64, accuracy: Option<&Accuracy>) -> Option<Interval> {
    let counted = wilson(hits, total)?;
    let Some((_, corrected)) = accuracy.and_then(|a| corrected_share(hits, total, a)) else {
        return Some(counted);
    };
    Some(Interval { low: counted.low.min(corrected.low), high: counted.high.max(corrected.high) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-4
    }

    #[test]
    fn wilson_by_hand() {
        // Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
        for (hits, total, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let interval = wilson(hits, total).expect("total is not zero");
            assert!(close(interval.low, low) && close(interval.high, high), "{hits}/{total}: {interval:?}");
        }
    }

    #[test]
    fn nothing_to_divide_by() {
        assert_eq!(wilson(0, 0), None);
        assert_eq!(share_interval(0, 0, None), None);
    }

    #[test]
    fn correction_moves_the_share_by_precision_over_recall() {
        let accuracy = Accuracy { precision: 0.96, marked: 500, recall: 0.91, wanted: 520 };
        let (share, interval) = corrected_share(106, 1_000, &accuracy).expect("all is given");
        assert!(close(share, 0.106 * 0.96 / 0.91));
        assert!(interval.low < share && share < interval.high);
        // Wider than sampling alone.
        let counted = wilson(106, 1_000).expect("total is not zero");
        assert!(interval.high / interval.low > counted.high / counted.low);
    }

    #[test]
    fn a_perfect_measurement_on_few_messages_is_not_certainty() {
        let few = Accuracy { precision: 1.0, marked: 10, recall: 1.0, wanted: 10 };
        let (_, interval) = corrected_share(500_000, 1_000_000, &few).expect("all is given");
        assert!(interval.high - interval.low > 0.1);
    }

    #[test]
    fn intervals_hold_the_share_and_stay_between_zero_and_one() {
        let accuracy = Accuracy { precision: 0.8, marked: 40, recall: 0.6, wanted: 50 };
        for total in [1u64, 2, 3, 10, 1_000, 1_000_000] {
            for hits in [0, 1, total / 2, total - 1, total] {
                for accuracy in [None, Some(&accuracy)] {
                    let i = share_interval(hits, total, accuracy).expect("total is not zero");
                    let share = hits as f64 / total as f64;
                    assert!(0.0 <= i.low && i.low <= share && share <= i.high && i.high <= 1.0, "{hits}/{total} {i:?}");
                }
            }
        }
    }

    #[test]
    fn useless_accuracies_are_left_aside() {
        for (precision, recall) in [(0.0, 0.5), (0.5, 0.0), (f64::NAN, 0.5), (0.5, 2.0)] {
            let accuracy = Accuracy { precision, marked: 10, recall, wanted: 10 };
            assert_eq!(share_interval(3, 10, Some(&accuracy)), wilson(3, 10));
        }
    }
}
