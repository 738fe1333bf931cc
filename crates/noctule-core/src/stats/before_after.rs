//! Did a count change at a given date? Counts of equal periods before it against such after it.
//!
//! # How
//! The ratio of the mean counts, with a Poisson model whose variance is stretched by the overdispersion seen within
//! the two sides (quasi-likelihood, McCullagh and Nelder 1989: Pearson's statistic over its degrees of freedom, never
//! below 1), and Student's distribution with as many degrees. Several tests are corrected after Holm (1979).
//!
//! # Where it is wrong
//! Counts of neighboring periods hang together and trends run on; both make a ratio look surer than it is. A caller
//! should compare the ratio with those at dates at which nothing happened.

use super::special::{t_quantile, two_sided_t};

/// A ratio of levels and how sure it is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Effect {
    /// Mean after over mean before.
    pub ratio: f64,
    /// The 95 % interval of the ratio.
    pub low: f64,
    pub high: f64,
    /// The chance of a ratio at least as far from 1 when nothing changed.
    pub p: f64,
    /// How many times Poisson's variance the counts have.
    pub dispersion: f64,
}

/// Compares two rows of counts. `None` with fewer than two on a side, or when all are zero.
pub fn before_after(before: &[u64], after: &[u64]) -> Option<Effect> {
    if before.len() < 2 || after.len() < 2 {
        return None;
    }
    let sum = |counts: &[u64]| counts.iter().map(|&c| c as f64).sum::<f64>();
    let (mut b, mut a) = (sum(before), sum(after));
    if a + b == 0.0 {
        return None;
    }
    let pearson = |counts: &[u64], sum: f64| {
        let mean = sum / counts.len() as f64;
        if mean == 0.0 { 0.0 } else { counts.iter().map(|&c| (c as f64 - mean).powi(2) / mean).sum::<f64>() }
    };
    let freedom = (before.len() + after.len() - 2) as f64;
    let dispersion = ((pearson(before, b) + pearson(after, a)) / freedom).max(1.0);
    if a == 0.0 || b == 0.0 {
        // Half a message more on each side keeps an empty one from making a ratio of zero or infinity.
        (a, b) = (a + 0.5, b + 0.5);
    }
    let ratio = (a / after.len() as f64) / (b / before.len() as f64);
    let deviation = (dispersion * (1.0 / a + 1.0 / b)).sqrt();
    let factor = (t_quantile(0.05, freedom) * deviation).exp();
    let p = two_sided_t(ratio.ln() / deviation, freedom);
    Some(Effect { ratio, low: ratio / factor, high: ratio * factor, p, dispersion })
}

/// Chances corrected for their number (Holm 1979), in the order given: each may be read against 5 % as if it were
/// the only one.
pub fn holm(chances: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..chances.len()).collect();
    order.sort_by(|&a, &b| chances[a].total_cmp(&chances[b]));
    let mut corrected = vec![1.0; chances.len()];
    let mut least = 0.0f64;
    for (rank, &i) in order.iter().enumerate() {
        least = least.max((chances[i] * (chances.len() - rank) as f64).min(1.0));
        corrected[i] = least;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::super::Random;
    use super::*;

    #[test]
    fn a_doubling_by_hand() {
        let effect = before_after(&[10, 10, 10, 10], &[20, 20, 20, 20]).expect("counts");
        assert_eq!((effect.ratio, effect.dispersion), (2.0, 1.0));
        // sqrt(1/40 + 1/80) = 0.1936; t of six degrees 2.4469.
        assert!((effect.high - 2.0 * (2.4469f64 * 0.193_649).exp()).abs() < 1e-3);
        assert!((effect.low * effect.high - 4.0).abs() < 1e-9);
        assert!(effect.p < 0.02);
    }

    #[test]
    fn nothing_and_too_little() {
        assert_eq!(before_after(&[1], &[1, 2]), None);
        assert_eq!(before_after(&[0, 0], &[0, 0]), None);
        for (before, after) in [([0, 0, 0], [5, 9, 4]), ([5, 9, 4], [0, 0, 0]), ([u64::MAX; 3], [1; 3])] {
            let effect = before_after(&before, &after).expect("counts");
            assert!([effect.ratio, effect.low, effect.high].iter().all(|x| x.is_finite() && *x > 0.0), "{effect:?}");
        }
    }

    #[test]
    fn false_alarms_are_as_rare_as_they_say() {
        // Overdispersed counts without a change: gamma-like levels by a lognormal of 40 %.
        let mut random = Random::new(11);
        let mut alarms = 0;
        for _ in 0..2_000 {
            let mut counts = || -> Vec<u64> {
                let mut one = || {
                    let mean = 50.0 * (0.4 * random.normal()).exp();
                    (mean + mean.sqrt() * random.normal()).round().max(0.0) as u64
                };
                (0..12).map(|_| one()).collect()
            };
            let (before, after) = (counts(), counts());
            alarms += usize::from(before_after(&before, &after).expect("counts").p < 0.05);
        }
        assert!((60..=140).contains(&alarms), "{alarms} of 2,000");
    }

    #[test]
    fn holm_by_hand() {
        let corrected = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (found, right) in corrected.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - right).abs() < 1e-12, "{corrected:?}");
        }
        assert_eq!(holm(&[]), [] as [f64; 0]);
        assert_eq!(holm(&[0.7, 0.9]), [1.0, 1.0]);
    }
}
