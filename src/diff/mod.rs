//! Comparing: words of texts, values of JSON, steps of trajectories, and the prefix that two continuations share.
//!
//! All of it is bounded: what takes too long is given up for a coarser answer, so that no text can hold up a screen.

mod align;
mod json;
mod lines;
mod prefix;
mod words;

pub use align::{Row, Same, align};
pub use json::{Leaf, leaves};
pub use lines::{Changed, lines};
pub use prefix::{Difference, first_difference};
pub use words::{Marked, words};
