//! The simulator's own random numbers: small, fast, and the same on every machine and in every version.
//!
//! SplitMix64 (Steele, Lea, Flood, OOPSLA 2014). Everything is integer arithmetic, because the last bit of a
//! logarithm differs between platforms and one bit makes another corpus.

#[derive(Clone, Debug)]
pub struct Rng(u64);

/// One round of the SplitMix64 finalizer: spreads every bit of the input over the output.
pub fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A seed for a part of the world, from the seed of the whole and the names of the part.
pub fn derive(parts: &[u64]) -> u64 {
    parts.iter().fold(0x6e6f_6374_756c_6521, |hash, part| mix(hash ^ mix(*part)))
}

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn of(parts: &[u64]) -> Self {
        Self::new(derive(parts))
    }

    pub fn next(&mut self) -> u64 {
        let value = mix(self.0);
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        value
    }

    /// Uniform in `0..n`; 0 when `n` is 0.
    pub fn below(&mut self, n: u32) -> u32 {
        (((self.next() >> 32) * u64::from(n)) >> 32) as u32
    }

    /// Uniform in `low..=high`.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True `per_mille` times in a thousand.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u32) as usize]
    }

    pub fn word<'a, S: AsRef<str>>(&mut self, words: &'a [S]) -> &'a str {
        words[self.below(words.len() as u32) as usize].as_ref()
    }

    /// An index chosen in proportion to its weight.
    pub fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut point = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            if point < *weight {
                return index;
            }
            point -= weight;
        }
        weights.len() - 1
    }

    /// Skewed to small numbers in `0..n`, roughly as 1/(k+1): few things are posted often, most rarely.
    /// A binary order of magnitude is drawn first and a place within it second.
    pub fn skewed(&mut self, n: u32) -> u32 {
        let orders = 32 - n.leading_zeros();
        loop {
            let low = (1u32 << self.below(orders.max(1))) - 1;
            let value = low + self.below(low + 1);
            if value < n.max(1) {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_in_range() {
        let mut rng = Rng::new(7);
        for n in 1..2000 {
            assert!(rng.below(n) < n);
            assert!(rng.skewed(n) < n);
            assert!((5..=5 + n).contains(&rng.between(5, 5 + n)));
        }
    }

    #[test]
    fn small_indices_are_drawn_more_often() {
        let mut rng = Rng::new(7);
        let small = (0..10_000).filter(|_| rng.skewed(1000) < 10).count();
        assert!(small > 2500, "{small}");
    }
}
