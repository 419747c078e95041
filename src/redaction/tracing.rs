//! Finding values in texts by what is kept of them where they themselves may not be: a keyed fingerprint, a length, and sixteen bits of a sum.

use super::decode::{View, explore};
use super::keyed::Key;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::ops::Range;

/// Looks for values by their fingerprints.
pub struct Tracer {
    key: Key,
    base: u64,
    /// Fingerprints by length in bytes and sum.
    sought: BTreeMap<usize, FxHashMap<u16, Vec<String>>>,
}

impl Tracer {
    /// Makes a tracer that looks for nothing yet.
    #[must_use]
    pub fn new(key: Key) -> Self {
        // Odd, so that no byte of a sum is lost.
        Self { base: key.draw("sum", "") | 1, key, sought: BTreeMap::new() }
    }

    /// Tells whether nothing is looked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sought.is_empty()
    }

    /// Gives the sum of a value: what it says of the value is no more than its sixteen bits.
    #[must_use]
    pub fn sum(&self, value: &str) -> u16 {
        high(value.bytes().fold(0, |sum, byte| self.add(sum, byte)))
    }

    /// Looks for a value from now on.
    pub fn seek(&mut self, fingerprint: &str, length: usize, sum: u16) {
        if length > 0 {
            self.sought.entry(length).or_default().entry(sum).or_default().push(fingerprint.to_owned());
        }
    }

    /// Shows each value that stands in a text, however it is coded there: its fingerprint, itself, and the bytes that hold it.
    pub fn find(&self, text: &str, show: &mut dyn FnMut(&str, &str, Range<usize>)) {
        if self.is_empty() {
            return;
        }
        explore(text, &mut |view| {
            for (length, sums) in &self.sought {
                self.windows(view, *length, sums, show);
            }
        });
    }

    fn windows(&self, view: &View<'_>, length: usize, sums: &FxHashMap<u16, Vec<String>>, show: &mut dyn FnMut(&str, &str, Range<usize>)) {
        let text = view.text;
        let bytes = text.as_bytes();
        // What the first byte of a window weighs when the next one comes in.
        let weight = (0..length).fold(1_u64, |weight, _| weight.wrapping_mul(self.base));
        let mut sum = 0;
        for (at, byte) in bytes.iter().enumerate() {
            sum = self.add(sum, *byte);
            let Some(start) = (at + 1).checked_sub(length) else { continue };
            if let Some(before) = start.checked_sub(1).and_then(|before| bytes.get(before)) {
                sum = sum.wrapping_sub(weight.wrapping_mul(u64::from(*before) + 1));
            }
            let Some(value) = sums.get(&high(sum)).and(text.get(start..=at)) else { continue };
            let name = self.key.fingerprint(value);
            if sums.get(&high(sum)).is_some_and(|names| names.contains(&name)) {
                show(&name, value, view.back(start..at + 1));
            }
        }
    }

    const fn add(&self, sum: u64, byte: u8) -> u64 {
        sum.wrapping_mul(self.base).wrapping_add(byte as u64 + 1)
    }
}

/// Gives the bits of a sum in which every byte of the value has a part.
const fn high(sum: u64) -> u16 {
    (sum >> 48) as u16
}

#[cfg(test)]
mod tests {
    use super::super::encoded::base64;
    use super::*;

    #[test]
    fn a_value_is_found_by_what_is_kept_of_it() {
        let key = Key::new(&[5; 32]).unwrap();
        let mut tracer = Tracer::new(key.clone());
        for value in ["Zx81Plover9vLm", "Plöver-9vLm", "kx9#Qz"] {
            let sum = tracer.sum(value);
            tracer.seek(&key.fingerprint(value), value.len(), sum);
        }
        let mut found = Vec::new();
        let coded = base64(b"the login is Zx81Plover9vLm");
        tracer.find(&format!("xZx81Plover9vLmx {{\"p\":\"Pl\\u00f6ver-9vLm\"}} zx81plover9vlm ünd kx9#Qz {coded}"), &mut |name, value, range| {
            assert!(range.end > range.start);
            assert_eq!(name, key.fingerprint(value));
            found.push(value.to_owned());
        });
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, ["Plöver-9vLm", "Zx81Plover9vLm", "kx9#Qz"]);
    }
}
