//! A small seeded generator: the same seed gives the same numbers on every machine and in every version.
//!
//! SplitMix64 (Steele, Lea, Flood 2014). It serves samples and synthetic series, never secrets.

/// The generator; its state is the seed.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number below `bound`; 0 when `bound` is 0. The bias is below 2⁻³² for bounds below 2³².
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(bound)) >> 64) as u64
    }

    /// A number in `[0, 1)`.
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A standard normal number (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_first_values_of_splitmix64() {
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next_u64(), 6_457_827_717_110_365_317);
        assert_eq!(random.next_u64(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn numbers_stay_in_their_range_and_have_the_right_mean() {
        let mut random = Random::new(1);
        let (mut sum, mut normals, mut squares) = (0.0, 0.0, 0.0);
        for _ in 0..20_000 {
            assert!(random.below(7) < 7);
            let unit = random.unit();
            assert!((0.0..1.0).contains(&unit));
            sum += unit;
            let normal = random.normal();
            normals += normal;
            squares += normal * normal;
        }
        assert!((sum / 20_000.0 - 0.5).abs() < 0.01);
        assert!((normals / 20_000.0).abs() < 0.03);
        assert!((squares / 20_000.0 - 1.0).abs() < 0.04);
        assert_eq!(random.below(0), 0);
    }
}
