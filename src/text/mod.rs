//! Text that came from outside: made safe to show, measured, wrapped, coloured and cut into words.
//!
//! Everything shown is hostile until `clean` has made it a `Clean`; nothing else makes one.

pub mod ansi;
mod clean;
pub mod human;
mod invisible;
mod json;
mod panics;
mod scan;
pub mod tokens;
mod width;
mod wrap;

pub use ansi::{Color, Style, Styled, styled};
pub use clean::{Clean, HIDDEN_TEXT, Hostile, clean, clean_block, has_hostile, json_has_hostile};
pub use invisible::{is_bidi_control, is_invisible, is_tag};
pub use json::{EscapingFormatter, json_escape, write_json};
pub use panics::said_by_panic;
pub use tokens::tokens;
pub use width::{fit, grapheme_width, graphemes, pad_left, prefix_within, truncate, truncate_middle, width};
pub use wrap::wrap;
