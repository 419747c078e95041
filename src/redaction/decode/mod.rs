//! Decoding before matching: what a text says once escapes, encodings and invisible characters are taken off.
//!
//! Each decoder gives at most one text for its parent: the stretches it can read, each on a line of its own, with the way back.
//! `explore` applies them to what they give, so that any nesting is read, within a budget.

mod base64;
mod bases;
mod bits;
mod class;
mod continued;
mod escape;
mod explore;
mod json;
mod lines;
mod map;
mod octets;
mod spelled;
mod strip;
mod survey;
mod width;

pub use class::Class;
pub use explore::{Undecoded, View, decoder_names, explore};
pub use json::telling_name;
pub use map::Decoded;
pub use survey::{MIN_RUN, Survey, is_run_letter};
