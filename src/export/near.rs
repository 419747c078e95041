//! Near-duplicates: MinHash over word shingles, and a band index that finds candidates without comparing all with all.

use rustc_hash::{FxHashMap, FxHasher};
use std::hash::Hasher;

/// Hashes in a signature.
const HASHES: usize = 64;
/// Hashes in a band; 16 bands of 4 find nearly all pairs of similarity 0.7 and above.
const BAND: usize = 4;
/// Words in a shingle.
const SHINGLE: usize = 4;
/// A band that more than so many texts share says nothing, as boilerplate does.
const CROWD: usize = 256;

/// The signature of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature([u32; HASHES]);

impl Signature {
    /// Computes the signature of a text; none for a text of fewer than four words.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let mut least = [u32::MAX; HASHES];
        for shingle in words.windows(SHINGLE) {
            let mut hasher = FxHasher::default();
            for word in shingle {
                hasher.write(word.as_bytes());
                hasher.write_u8(0xff);
            }
            let base = scatter(hasher.finish());
            let step = scatter(base) | 1;
            for (i, slot) in least.iter_mut().enumerate() {
                let value = scatter(base.wrapping_add(step.wrapping_mul(i as u64)));
                *slot = (*slot).min((value >> 32) as u32);
            }
        }
        (words.len() >= SHINGLE).then_some(Self(least))
    }

    /// Estimates the Jaccard similarity of two texts, 0 to 1.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f64 {
        let equal = self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count();
        equal as f64 / HASHES as f64
    }

    fn bands(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.0.chunks(BAND).enumerate().map(|(i, band)| {
            let mut hasher = FxHasher::default();
            band.iter().for_each(|value| hasher.write_u32(*value));
            (i, hasher.finish())
        })
    }
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
const fn scatter(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Finds pairs of at least some similarity, each once, the smaller place first.
#[must_use]
pub fn pairs(signatures: &[Option<Signature>], least: f64) -> Vec<(usize, usize)> {
    let mut bands: FxHashMap<(usize, u64), Vec<usize>> = FxHashMap::default();
    for (i, signature) in signatures.iter().enumerate() {
        for band in signature.iter().flat_map(Signature::bands) {
            bands.entry(band).or_default().push(i);
        }
    }
    let mut found: Vec<(usize, usize)> = Vec::new();
    for members in bands.values().filter(|members| members.len() > 1 && members.len() <= CROWD) {
        for (n, &a) in members.iter().enumerate() {
            found.extend(members.iter().skip(n + 1).map(|&b| (a, b)));
        }
    }
    found.sort_unstable();
    found.dedup();
    let similar = |(a, b): &(usize, usize)| match (&signatures[*a], &signatures[*b]) {
        (Some(a), Some(b)) => a.similarity(b) >= least,
        _ => false,
    };
    found.retain(similar);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(seed: u64, changed: usize) -> String {
        let word = |i: usize| format!("w{}", scatter(seed * 1000 + i as u64) % 5000);
        (0..200).map(|i| if i < changed { format!("x{i}") } else { word(i) }).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn near_texts_are_found_and_far_ones_are_not() {
        let texts: Vec<Option<Signature>> =
            [text(1, 0), text(1, 8), text(1, 120), text(2, 0), "too short".to_owned()].iter().map(|t| Signature::of(t)).collect();
        assert_eq!(pairs(&texts, 0.8), [(0, 1)]);
        assert!(texts[4].is_none());
    }

    #[test]
    fn the_estimate_is_close() {
        let (a, b) = (Signature::of(&text(1, 0)).unwrap(), Signature::of(&text(1, 67)).unwrap());
        assert!((a.similarity(&b) - 0.5).abs() < 0.2, "{}", a.similarity(&b));
    }
}
