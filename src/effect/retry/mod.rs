//! Which calls do again what was stopped, and whether the stop still stood (judging, 3.2 to 3.5).
//!
//! `course` knows the order of a trajectory: what came before what, on which branch, and where people spoke. `pairs` finds for
//! every call the stops it touches; `sanction` tells what became of the stop in between; `verdict` is the table of 3.4.

mod course;
mod pairs;
mod sanction;
mod sayings;
mod verdict;
mod wording;

pub use course::Course;
pub use pairs::{Pair, after, pairs};
pub use sanction::{No, act, names_act};
pub use verdict::{Verdict, asks_inside, verdict};
