//! A set of trajectory numbers. The store gives them from 1 on, so a bit for each costs less than any list of those that match.

/// The set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    words: Vec<u64>,
    /// The number that was put in last; those of neighbouring documents are mostly the same.
    last: Option<u64>,
}

impl Numbers {
    /// Puts a number in.
    pub fn insert(&mut self, number: u64) {
        if self.last == Some(number) {
            return;
        }
        self.last = Some(number);
        let Ok(at) = usize::try_from(number / 64) else { return };
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        self.words[at] |= 1 << (number % 64);
    }

    /// Puts in all that another one holds.
    pub fn absorb(&mut self, other: &Self) {
        self.absorb_words(0, &other.words);
    }

    /// Puts in what another set holds from its word `base` on.
    pub fn absorb_words(&mut self, base: usize, words: &[u64]) {
        if base + words.len() > self.words.len() {
            self.words.resize(base + words.len(), 0);
        }
        self.words.iter_mut().skip(base).zip(words).for_each(|(mine, others)| *mine |= others);
    }

    /// Tells whether a number is in it.
    #[must_use]
    pub fn contains(&self, number: u64) -> bool {
        usize::try_from(number / 64).ok().and_then(|at| self.words.get(at)).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Gives how many are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Tells whether none is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Gives the numbers in order.
    pub fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        self.words.iter().zip(0u64..).flat_map(|(word, at)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = left.trailing_zeros();
                (bit < 64).then(|| {
                    left &= left - 1;
                    at * 64 + u64::from(bit)
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Numbers;

    #[test]
    fn it_holds_what_was_put_in_once_and_in_order() {
        let mut numbers = Numbers::default();
        for number in [130, 130, 1, 64, 63, 1] {
            numbers.insert(number);
        }
        let mut others = Numbers::default();
        [700, 64].into_iter().for_each(|number| others.insert(number));
        assert!(others.contains(700) && !others.contains(701) && !numbers.contains(u64::MAX) && !numbers.is_empty());
        numbers.absorb(&others);
        assert_eq!((numbers.iter().collect::<Vec<_>>(), numbers.len()), (vec![1, 63, 64, 130, 700], 5));
    }
}
