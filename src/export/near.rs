//! Near-duplicates: MinHash over word shingles, and a band index that finds candidates without comparing all with all.

use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Hashes in a signature.
const HASHES: usize = 64;
/// Hashes in a band; 16 bands of 4 find nearly all pairs of similarity 0.7 and above.
const BAND: usize = 4;
/// Words in a shingle.
const SHINGLE: usize = 4;
/// Texts with one band in common, as boilerplate makes them, are each compared with so many of them at most.
const CROWD: usize = 256;

/// The signature of a text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Signature([u32; HASHES]);

impl Signature {
    /// Computes the signature of a text; none for a text of fewer than four words.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut reading = Reading::default();
        reading.read(text);
        reading.signature()
    }

    /// Estimates the Jaccard similarity of two texts, 0 to 1.
    #[must_use]
    pub fn similarity(&self, other: &Self) -> f64 {
        let equal = self.0.iter().zip(&other.0).filter(|(a, b)| a == b).count();
        equal as f64 / HASHES as f64
    }

    fn bands(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.0.chunks(BAND).enumerate().map(|(i, band)| (i, band.iter().fold(FIRST, |hash, value| fold(hash, &value.to_be_bytes()))))
    }
}

/// A text that is read piece by piece: the least hash of each kind so far, and the last words, with which a shingle may begin.
#[derive(Debug, Clone)]
pub struct Reading {
    least: [u32; HASHES],
    last: Vec<Arc<str>>,
    shingled: bool,
}

impl Default for Reading {
    fn default() -> Self {
        Self { least: [u32::MAX; HASHES], last: Vec::new(), shingled: false }
    }
}

impl Reading {
    /// Reads on; between two pieces there is a space.
    pub fn read(&mut self, text: &str) {
        let words: Vec<&str> = self.last.iter().map(|word| &**word).chain(text.split_whitespace()).collect();
        for shingle in words.windows(SHINGLE) {
            let base = shingle.iter().fold(FIRST, |hash, word| scatter(fold(hash, word.as_bytes())));
            let step = scatter(base) | 1;
            for (i, slot) in self.least.iter_mut().enumerate() {
                let value = scatter(base.wrapping_add(step.wrapping_mul(i as u64)));
                *slot = (*slot).min((value >> 32) as u32);
            }
        }
        self.shingled |= words.len() >= SHINGLE;
        self.last = words.iter().skip(words.len().saturating_sub(SHINGLE - 1)).map(|word| Arc::from(*word)).collect();
    }

    /// Gives the signature of what was read; none of fewer than four words.
    #[must_use]
    pub fn signature(&self) -> Option<Signature> {
        self.shingled.then_some(Signature(self.least))
    }
}

/// Offset and prime of FNV-1a of 64 bits (Fowler, Noll and Vo): the same on every machine and in every version.
const FIRST: u64 = 0xcbf2_9ce4_8422_2325;

fn fold(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014).
const fn scatter(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Places of two texts.
type Two = (usize, usize);

/// Texts that are nearly the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Near {
    /// Pairs of them, each once, the smaller place first. Of texts that are all the same each stands beside the first alone.
    pub pairs: Vec<Two>,
    /// Texts that share a passage with so many others that they were compared with the first of these alone.
    pub sampled: usize,
}

/// Finds texts of at least some similarity; where not all can be compared, those that come first are preferred.
#[must_use]
pub fn pairs(signatures: &[Option<Signature>], least: f64) -> Near {
    let mut first: FxHashMap<&Signature, usize> = FxHashMap::default();
    let mut same: FxHashMap<usize, Vec<usize>> = FxHashMap::default();
    let mut bands: FxHashMap<(usize, u64), Vec<usize>> = FxHashMap::default();
    for (i, signature) in signatures.iter().enumerate().filter_map(|(i, signature)| Some((i, signature.as_ref()?))) {
        match first.get(signature) {
            Some(first) => same.entry(*first).or_default().push(i),
            None => {
                first.insert(signature, i);
                signature.bands().for_each(|band| bands.entry(band).or_default().push(i));
            }
        }
    }
    let (mut found, mut candidates): (Vec<Two>, Vec<Two>) = (Vec::new(), Vec::new());
    let mut sampled: FxHashSet<usize> = FxHashSet::default();
    for members in bands.values() {
        sampled.extend(members.iter().skip(CROWD + 1));
        for (n, &b) in members.iter().enumerate() {
            candidates.extend(members.iter().take(n.min(CROWD)).map(|&a| (a, b)));
        }
        if candidates.len() > AT_ONCE {
            thin(&mut candidates, signatures, least, &mut found);
        }
    }
    thin(&mut candidates, signatures, least, &mut found);
    found.sort_unstable();
    found.dedup();
    let like = |at: &usize| same.get(at).into_iter().flatten().copied();
    let ordered = |a: usize, b: usize| if a < b { (a, b) } else { (b, a) };
    let copies: Vec<(usize, usize)> =
        found.iter().flat_map(|(a, b)| like(b).map(|copy| ordered(*a, copy)).chain(like(a).map(|copy| ordered(copy, *b)))).collect();
    found.extend(copies);
    found.extend(same.iter().flat_map(|(first, copies)| copies.iter().map(|copy| (*first, *copy))));
    found.sort_unstable();
    found.dedup();
    Near { pairs: found, sampled: sampled.len() }
}

/// Candidates that are gathered before they are compared.
const AT_ONCE: usize = 1 << 20;

/// Takes the candidates that are similar.
fn thin(candidates: &mut Vec<Two>, signatures: &[Option<Signature>], least: f64, found: &mut Vec<Two>) {
    candidates.sort_unstable();
    candidates.dedup();
    let of = |at: usize| signatures.get(at).and_then(Option::as_ref);
    found.extend(candidates.drain(..).filter(|(a, b)| of(*a).zip(of(*b)).is_some_and(|(a, b)| a.similarity(b) >= least)));
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
        assert_eq!(pairs(&texts, 0.8), Near { pairs: vec![(0, 1)], sampled: 0 });
        assert!(texts[4].is_none());
    }

    #[test]
    fn a_crowd_is_compared_with_its_first_and_that_is_said() {
        // All begin with the same words, and the last is one of the first over again.
        let (head, tail) = (text(9, 0) + " " + &text(8, 0), |n: u64| text(n + 10, 0).split_whitespace().take(12).collect::<Vec<_>>().join(" "));
        let one = |n: u64| Signature::of(&format!("{head} {}", tail(n)));
        let mut texts: Vec<Option<Signature>> = (0..400).map(one).collect();
        texts.push(one(3));
        let found = pairs(&texts, 0.9);
        assert!(found.pairs.contains(&(3, 400)), "{found:?}");
        assert!(found.sampled > 0 && found.sampled < 400, "{found:?}");
    }

    #[test]
    fn copies_share_what_their_first_is_near_to() {
        let texts: Vec<Option<Signature>> = [text(1, 0), text(1, 8), text(1, 0), text(1, 8)].iter().map(|t| Signature::of(t)).collect();
        assert_eq!(pairs(&texts, 0.8).pairs, [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3)]);
    }

    #[test]
    fn a_text_read_in_pieces_has_the_signature_of_the_whole() {
        let whole = text(3, 0);
        let mut reading = Reading::default();
        for piece in ["", &whole[..1], &whole[1..2], &whole[2..500], &whole[500..]].iter().flat_map(|piece| piece.split(' ')) {
            reading.read(piece);
        }
        let apart = format!("{} {} {} {}", &whole[..1], &whole[1..2], &whole[2..500], &whole[500..]);
        assert_eq!(reading.signature(), Signature::of(&apart));
    }

    #[test]
    fn the_estimate_is_close() {
        let (a, b) = (Signature::of(&text(1, 0)).unwrap(), Signature::of(&text(1, 67)).unwrap());
        assert!((a.similarity(&b) - 0.5).abs() < 0.2, "{}", a.similarity(&b));
    }
}
