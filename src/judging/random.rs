//! Random numbers from a seed, the same on every machine: SplitMix64 (Steele, Lea, Flood 2014).

use sha2::{Digest, Sha256};

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// Begins the stream of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Gives the next 64 bits.
    pub const fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Gives a number below a bound; 0 for a bound of 0.
    #[allow(clippy::cast_possible_truncation)]
    pub fn below(&mut self, bound: usize) -> usize {
        // The high half of the product; its bias is below 2^-64 times the bound.
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }
}

/// Gives a number from 0 up to 1 that depends on a seed and a name alone: whatever else is in the draw, an item keeps it.
#[must_use]
#[allow(clippy::cast_precision_loss)]
pub fn lot(seed: u64, name: &str) -> f64 {
    let digest = Sha256::digest(format!("{seed}\u{0}{name}"));
    let bits = digest.iter().take(8).fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_the_published_one() {
        // First outputs of SplitMix64 for the seed 1234567, as listed with its reference implementation.
        let mut random = Random::new(1_234_567);
        let first = [random.next(), random.next(), random.next()];
        assert_eq!(first, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
        assert!((0..1000).all(|_| random.below(7) < 7));
        assert_eq!(random.below(0), 0);
    }

    #[test]
    fn lots_are_even_and_keep() {
        let lots: Vec<f64> = (0..2000).map(|n| lot(7, &format!("t#{n}"))).collect();
        let mean = lots.iter().sum::<f64>() / 2000.0;
        assert!((mean - 0.5).abs() < 0.03 && lots.iter().all(|l| (0.0..1.0).contains(l)), "{mean}");
        assert!((lot(7, "t#3") - lots[3]).abs() < f64::EPSILON);
    }
}
