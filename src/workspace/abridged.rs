//! A trajectory in memory whose long texts lie on disk: a session of hundreds of MB is read without being held.

use super::Workspace;
use crate::export::{Place, Spool};
use crate::model::{Step, Trajectory};
use rustc_hash::FxHashMap;
use std::borrow::Cow;
use std::io;
use std::ops::Deref;

/// Trajectories whose steps say less than so many bytes in all are held whole.
const LONG: usize = 8 << 20;
/// Texts of more bytes than this are laid aside.
const LONG_TEXT: usize = 4 << 10;
/// At least so many bytes of one stay: more than a row shows.
const LEAST: usize = 1 << 10;
/// At most so many do.
const MOST: usize = 2 << 10;
/// So many lines stay, as far as there is room: what a timeline unfolds.
const LINES: usize = 12;

/// A trajectory; of long texts it holds the beginnings, and knows where the whole ones lie.
#[derive(Debug)]
pub struct Abridged {
    trajectory: Trajectory,
    aside: Option<Aside>,
}

/// Whole texts in a file without a name.
#[derive(Debug)]
struct Aside {
    spool: Spool,
    places: FxHashMap<usize, Cut>,
}

#[derive(Debug)]
struct Cut {
    place: Place,
    lines: usize,
}

impl From<Trajectory> for Abridged {
    fn from(trajectory: Trajectory) -> Self {
        Self { trajectory, aside: None }
    }
}

impl Deref for Abridged {
    type Target = Trajectory;

    fn deref(&self) -> &Trajectory {
        &self.trajectory
    }
}

impl Abridged {
    /// Tells whether any text of it lies elsewhere.
    #[must_use]
    pub const fn is_cut(&self) -> bool {
        self.aside.is_some()
    }

    /// Counts the lines of the whole text of a step, by its place from 0, where that text lies elsewhere.
    #[must_use]
    pub fn cut_lines(&self, step: usize) -> Option<usize> {
        self.aside.as_ref()?.places.get(&step).map(|cut| cut.lines)
    }

    /// Gives the whole text of a step, by its place from 0.
    pub fn text(&self, step: usize) -> io::Result<Cow<'_, str>> {
        match self.aside.as_ref().and_then(|aside| Some((aside, aside.places.get(&step)?))) {
            Some((aside, cut)) => Ok(Cow::Owned(aside.spool.read(cut.place)?)),
            None => Ok(Cow::Borrowed(self.trajectory.steps.get(step).map_or("", |step| step.text.as_str()))),
        }
    }

    /// Gives every step with its whole text, in order; each is let go before the next is read.
    pub fn whole_steps(&self) -> impl Iterator<Item = io::Result<Cow<'_, Step>>> {
        self.trajectory.steps.iter().enumerate().map(|(at, step)| {
            Ok(match self.cut_lines(at) {
                Some(_) => Cow::Owned(Step { text: self.text(at)?.into_owned(), ..step.clone() }),
                None => Cow::Borrowed(step),
            })
        })
    }

    /// Puts the long texts of a trajectory on disk; where the disk does not take them they stay in memory.
    fn lay_aside(mut trajectory: Trajectory, mut spool: Spool) -> Self {
        let mut places = FxHashMap::default();
        for (at, step) in trajectory.steps.iter_mut().enumerate().filter(|(_, step)| step.text.len() > LONG_TEXT) {
            let Ok(place) = spool.add(&step.text) else { break };
            places.insert(at, Cut { place, lines: memchr::memchr_iter(b'\n', step.text.trim_end_matches('\n').as_bytes()).count() + 1 });
            // A new text, so that the long one is let go of whole.
            step.text = step.text.get(..beginning(&step.text)).unwrap_or_default().to_owned();
        }
        trajectory.steps.shrink_to_fit();
        Self { trajectory, aside: Some(Aside { spool, places }) }
    }
}

/// Gives where the beginning of a long text ends.
fn beginning(text: &str) -> usize {
    let lines = memchr::memchr_iter(b'\n', text.as_bytes()).nth(LINES).unwrap_or(text.len());
    let end = lines.clamp(LEAST, MOST).min(text.len());
    (0..=end).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

impl Workspace {
    /// Lays the long texts of a trajectory aside, if there is much of them.
    #[must_use]
    pub fn abridge(&self, trajectory: Trajectory) -> Abridged {
        if trajectory.steps.iter().map(|step| step.text.len()).sum::<usize>() < LONG {
            return trajectory.into();
        }
        match Spool::new(&self.cache) {
            Ok(spool) => Abridged::lay_aside(trajectory, spool),
            Err(_) => trajectory.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_ends_between_lines_and_characters() {
        assert_eq!(beginning(&"x".repeat(9_000)), MOST);
        assert_eq!(beginning(&"line of text\n".repeat(900)), LEAST);
        assert_eq!(beginning(&format!("{}\n", "y".repeat(99)).repeat(900)), 99 + LINES * 100);
        let wide = "한".repeat(3_000);
        assert!(wide.is_char_boundary(beginning(&wide)) && beginning(&wide) <= MOST);
    }
}
