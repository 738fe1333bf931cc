//! Prices as they are known to be spread: log-normal, around a middle of each kind of goods.
//!
//! Only additions and multiplications of floating-point numbers are used, because they alone give the same bits on
//! every machine; a library's logarithm does not.

use super::phrases::KINDS;
use super::rng::Rng;

/// Median in dollars and sigma of the logarithm in hundredths, in the order of [`KINDS`].
const SPREAD: [(u32, u32); KINDS.len()] = [
    (300, 130), // database
    (60, 110),  // account
    (900, 140), // access
    (40, 90),   // card
    (120, 90),  // document
    (500, 120), // malware
    (150, 100), // service
    (600, 110), // cash-out
    (900, 60),  // hire
    (800, 100), // partnership
    (700, 110), // exchange
];

/// A price in whole dollars, with two leading figures as people name it.
pub fn draw(kind: u8, rng: &mut Rng) -> u32 {
    let (median, sigma) = SPREAD[usize::from(kind)];
    let dollars = f64::from(median) * exp(normal(rng) * f64::from(sigma) / 100.0);
    round(dollars.clamp(5.0, 900_000.0) as u32)
}

/// Two leading figures; small prices in fives.
pub fn round(dollars: u32) -> u32 {
    let (mut unit, mut five) = (5, true);
    while dollars / unit >= 20 {
        unit *= if five { 2 } else { 5 };
        five = !five;
    }
    (dollars + unit / 2) / unit * unit
}

/// A standard normal number, as the sum of twelve uniform ones less six.
fn normal(rng: &mut Rng) -> f64 {
    let mut sum = 0i64;
    for _ in 0..3 {
        let bits = rng.next();
        sum += (0..4).map(|at| (bits >> (at * 16) & 0xffff) as i64).sum::<i64>();
    }
    (sum - 6 * 65_535) as f64 / 65_536.0
}

/// e to the power of `x`, for small `x`.
fn exp(x: f64) -> f64 {
    let small = x / 1024.0;
    let mut power = 1.0 + small * (1.0 + small / 2.0 * (1.0 + small / 3.0));
    for _ in 0..10 {
        power *= power;
    }
    power
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_prices_are_below_the_median_and_a_few_are_far_above() {
        let mut rng = Rng::new(1);
        let mut prices: Vec<u32> = (0..20_000).map(|_| draw(0, &mut rng)).collect();
        prices.sort_unstable();
        assert!((270..=330).contains(&prices[10_000]), "{}", prices[10_000]);
        // exp(1.3 * 1.2816) = 5.29
        assert!((1400..=1800).contains(&prices[18_000]), "{}", prices[18_000]);
        assert!(prices.iter().all(|price| *price >= 5));
    }

    #[test]
    fn the_own_exponential_agrees_with_the_library() {
        for x in [-6.0, -1.0, 0.0, 0.5, 3.0, 7.5] {
            assert!((exp(x) / f64::exp(x) - 1.0).abs() < 1e-5, "{x}");
        }
    }

    #[test]
    fn prices_have_two_figures() {
        assert_eq!([7, 12, 99, 137, 1_234, 98_765].map(round), [5, 10, 100, 140, 1_200, 100_000]);
    }
}
