//! The middle of a skewed amount: median and quarters, with an interval that supposes no distribution.

use super::Interval;
use super::shares::Z95;

/// What lies in the middle of some values.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Middle {
    pub lower_quarter: f64,
    pub median: f64,
    pub upper_quarter: f64,
    /// The 95 % interval of the median; `None` below six values, which no two of them can give.
    pub interval: Option<Interval>,
}

/// The middle of finite values, which are sorted here. `None` without values.
///
/// The interval lies between two order statistics: how many of n values are below the true median is binomial with
/// one half, whatever their distribution (Thompson 1936). It covers at least 95 %, more for few values and for ties.
pub fn middle(values: &mut [f64]) -> Option<Middle> {
    values.sort_unstable_by(f64::total_cmp);
    let (first, n) = (*values.first()?, values.len());
    debug_assert!(first.is_finite() && values[n - 1].is_finite());
    let interval = rank(n).map(|rank| Interval { low: values[rank - 1], high: values[n - rank] });
    Some(Middle {
        lower_quarter: quantile(values, 0.25),
        median: quantile(values, 0.5),
        upper_quarter: quantile(values, 0.75),
        interval,
    })
}

/// The quantile of sorted values, linear between neighbors (Hyndman and Fan 1996, definition 7).
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, rest) = (place.floor() as usize, place.fract());
    let next = sorted[(below + 1).min(sorted.len() - 1)];
    sorted[below] + rest * (next - sorted[below])
}

/// The rank, from 1, of the lower end of the interval; the upper end has the same rank from above.
fn rank(n: usize) -> Option<usize> {
    // Beyond this the normal distribution gives the same rank or one below, and one half to the power is no float.
    const EXACT: usize = 1_000;
    if n > EXACT {
        let n = n as f64;
        return Some(((n - Z95 * n.sqrt()) / 2.0).floor() as usize);
    }
    let mut chance = 0.5f64.powi(n as i32);
    let mut below = 0.0;
    let mut rank = 0;
    while rank < n / 2 {
        below += chance;
        if below > 0.025 {
            break;
        }
        rank += 1;
        chance *= (n - rank + 1) as f64 / rank as f64;
    }
    (rank > 0).then_some(rank)
}

#[cfg(test)]
mod tests {
    use super::super::Random;
    use super::*;

    #[test]
    fn ranks_of_the_tables() {
        // Conover, Practical Nonparametric Statistics, and `scipy.stats.quantile_test(...).confidence_interval()`.
        for (n, expected) in [
            (0, None),
            (5, None),
            (6, Some(1)),
            (8, Some(1)),
            (9, Some(2)),
            (10, Some(2)),
            (15, Some(4)),
            (20, Some(6)),
            (30, Some(10)),
            (50, Some(18)),
            (100, Some(40)),
        ] {
            assert_eq!(rank(n), expected, "{n}");
        }
        let steps: Vec<usize> = (990..1_010).filter_map(rank).collect();
        assert!(steps.is_sorted() && steps[19] - steps[0] <= 11, "{steps:?}");
    }

    #[test]
    fn by_hand() {
        let found = middle(&mut [4.0, 1.0, 3.0, 2.0]).expect("four values");
        assert_eq!((found.lower_quarter, found.median, found.upper_quarter), (1.75, 2.5, 3.25));
        assert_eq!(found.interval, None);
        let found = middle(&mut [9.0, 5.0, 5.0, 5.0, 5.0, 1.0]).expect("six values");
        assert_eq!((found.median, found.interval), (5.0, Some(Interval { low: 1.0, high: 9.0 })));
        assert_eq!(middle(&mut []), None);
    }

    #[test]
    fn the_interval_covers_the_median_as_often_as_it_says() {
        let mut random = Random::new(7);
        for n in [6, 25, 200] {
            let mut covered = 0;
            for _ in 0..2_000 {
                // Log-normal with the median 1.
                let mut values: Vec<f64> = (0..n).map(|_| (1.5 * random.normal()).exp()).collect();
                let interval = middle(&mut values).and_then(|m| m.interval).expect("enough values");
                covered += u32::from(interval.low <= 1.0 && 1.0 <= interval.high);
            }
            assert!((1_880..=1_985).contains(&covered), "{n}: {covered} of 2,000");
        }
    }
}
