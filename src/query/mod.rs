//! The filter language, the same on the command line and on the screen: parse, complete, relax, evaluate.
//!
//! `field.rs` is the one table of fields. `parse` gives a `Query`; `Query::pushed_down` is the form to run. A bare word is the phrase of its
//! tokens; text without letters or digits is looked for as it stands, as a `Leaf::Regex`.

mod ast;
mod complete;
mod error;
mod eval;
mod field;
mod lexer;
mod needed;
mod parse;
mod relax;
#[cfg(test)]
mod tests;
mod value;

pub use ast::{Among, Leaf, Query};
pub use complete::{Completion, complete, value_at};
pub use error::QueryError;
pub use eval::{Evaluator, StepView, fold};
pub use field::{Field, FieldKind, Level, help};
pub use needed::{Needed, needed};
pub use parse::{LeftOut, compile_regex, left_out, parse};
pub use relax::{begun, relax};
pub use value::{NumRange, TimeRange, Value};
