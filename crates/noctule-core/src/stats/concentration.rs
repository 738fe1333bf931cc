//! How unevenly an amount is spread over its holders.

/// The Herfindahl and Hirschman index: the sum of squared shares, from 1/n (even) to 1 (one holds all).
/// `None` when there is nothing to share.
pub fn hhi(amounts: &[u64]) -> Option<f64> {
    let total: f64 = amounts.iter().map(|&a| a as f64).sum();
    if total == 0.0 {
        return None;
    }
    Some(amounts.iter().map(|&a| (a as f64 / total).powi(2)).sum())
}

/// The Gini coefficient, from 0 (even) to (n−1)/n (one holds all). Holders of nothing count as holders.
/// `None` when there is nothing to share.
pub fn gini(amounts: &[u64]) -> Option<f64> {
    let mut sorted = amounts.to_vec();
    sorted.sort_unstable();
    let n = sorted.len() as f64;
    let total: f64 = sorted.iter().map(|&a| a as f64).sum();
    if total == 0.0 {
        return None;
    }
    // Each amount weighted with its rank from 1: the discrete form of twice the area under the Lorenz curve.
    let ranked: f64 = sorted.iter().enumerate().map(|(i, &a)| (i as f64 + 1.0) * a as f64).sum();
    Some((2.0 * ranked / (n * total) - (n + 1.0) / n).max(0.0))
}

/// The share that the `n` largest hold. `None` when there is nothing to share.
pub fn top(amounts: &[u64], n: usize) -> Option<f64> {
    let mut sorted = amounts.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let total: f64 = sorted.iter().map(|&a| a as f64).sum();
    if total == 0.0 {
        return None;
    }
    Some(sorted.iter().take(n).map(|&a| a as f64).sum::<f64>() / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_all() {
        assert_eq!(hhi(&[0, 0, 9, 0]), Some(1.0));
        assert_eq!(gini(&[0, 0, 9, 0]), Some(0.75));
        assert_eq!(top(&[0, 0, 9, 0], 1), Some(1.0));
    }

    #[test]
    fn all_hold_the_same() {
        assert_eq!(hhi(&[5, 5, 5, 5]), Some(0.25));
        assert_eq!(gini(&[5, 5, 5, 5]), Some(0.0));
        assert_eq!(top(&[5, 5, 5, 5], 3), Some(0.75));
    }

    #[test]
    fn by_hand() {
        // Shares 0.1 0.2 0.3 0.4; mean absolute difference 20/16 over twice the mean 2.5 is 0.25.
        assert!((hhi(&[1, 2, 3, 4]).expect("not empty") - 0.30).abs() < 1e-12);
        assert!((gini(&[4, 2, 1, 3]).expect("not empty") - 0.25).abs() < 1e-12);
        assert!((top(&[4, 2, 1, 3], 2).expect("not empty") - 0.7).abs() < 1e-12);
    }

    #[test]
    fn nothing_to_share() {
        for amounts in [&[][..], &[0], &[0, 0]] {
            assert_eq!((hhi(amounts), gini(amounts), top(amounts, 3)), (None, None, None));
        }
    }
}
