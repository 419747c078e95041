//! Watching an export: how far it is, and whether it goes on; what is stopped leaves nothing behind.

/// Hears how much of all was done, and says whether to go on.
pub type Watch<'w> = dyn FnMut(usize, usize) -> bool + 'w;

/// A watch that remembers that it stopped, so that what failed because of it is told from what failed by itself.
pub struct Watched<'a, 'w> {
    watch: &'a mut Watch<'w>,
    /// Whether it was told to stop.
    pub stopped: bool,
}

impl<'a, 'w> Watched<'a, 'w> {
    /// Watches by what is given.
    pub fn new(watch: &'a mut Watch<'w>) -> Self {
        Self { watch, stopped: false }
    }

    /// Says how far it is; an error where it must stop.
    pub fn go(&mut self, done: usize, all: usize) -> std::io::Result<()> {
        self.stopped |= !(self.watch)(done, all.max(1));
        if self.stopped { Err(std::io::Error::other("stopped")) } else { Ok(()) }
    }
}

/// Gives a watch over one part of a longer work, from some thousandths of it to others.
pub fn part(watch: &mut Watch<'_>, from: usize, to: usize) -> impl FnMut(usize, usize) -> bool {
    move |done, all| watch(from + (to - from) * done.min(all) / all.max(1), 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_counts_on_the_scale_of_the_whole() {
        let mut seen = Vec::new();
        let mut watch = |done: usize, all: usize| {
            seen.push((done, all));
            done < 700
        };
        {
            let mut second = part(&mut watch, 600, 800);
            let mut watched = Watched::new(&mut second);
            assert!(watched.go(0, 4).is_ok() && watched.go(1, 4).is_ok() && watched.go(2, 4).is_err() && watched.stopped);
        }
        assert_eq!(seen, [(600, 1000), (650, 1000), (700, 1000)]);
    }
}
