//! Texts in which nothing was found, remembered so that the same words are not looked at again and again.

use rustc_hash::FxHashSet;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};

/// What is remembered lies in so many parts, so that threads do not wait for each other.
const PARTS: usize = 64;
/// So many texts are remembered in each part, 8 bytes for each; then it begins anew.
const REMEMBERED: usize = 1 << 14;

/// Remembers by their hashes where one looked in vain; the hashes are keyed, so that nobody can write a text that passes for another.
pub struct Cleared {
    hashing: RandomState,
    parts: [Mutex<FxHashSet<u64>>; PARTS],
}

impl Default for Cleared {
    fn default() -> Self {
        Self { hashing: RandomState::new(), parts: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl Cleared {
    /// Looks at something unless nothing was found in the same before; `look` gives `None` where it finds nothing.
    pub fn look<T>(&self, at: impl Hash, look: impl FnOnce() -> Option<T>) -> Option<T> {
        let hash = self.hashing.hash_one(at);
        let part = self.parts.get(usize::try_from(hash >> 32).unwrap_or(0) % PARTS)?;
        let texts = || part.lock().unwrap_or_else(PoisonError::into_inner);
        if texts().contains(&hash) {
            return None;
        }
        let found = look();
        if found.is_none() {
            let mut texts = texts();
            if texts.len() >= REMEMBERED {
                texts.clear();
            }
            texts.insert(hash);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_holds_nothing_is_passed_over() {
        let (cleared, mut looks) = (Cleared::default(), Vec::new());
        for text in ["nothing", "a find", "nothing", "a find", "else"] {
            let found = cleared.look((text, Some("key")), || {
                looks.push(text);
                text.strip_prefix("a ")
            });
            assert_eq!(found, (text == "a find").then_some("find"));
        }
        assert_eq!(looks, ["nothing", "a find", "a find", "else"]);
    }

    #[test]
    fn it_forgets_rather_than_grow() {
        let cleared = Cleared::default();
        for number in 0..2 * PARTS * REMEMBERED {
            assert_eq!(cleared.look(number, || None::<()>), None);
        }
        let held: usize = cleared.parts.iter().map(|part| part.lock().unwrap().len()).sum();
        assert!(held <= PARTS * REMEMBERED && held > 0);
    }
}
