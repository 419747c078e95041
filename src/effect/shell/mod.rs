//! A parser of shell commands (POSIX and the bash forms that agents write). It never fails: what it does not understand it
//! passes over, and says that the tree is not whole. It takes time linear in the text, and its depth is bounded.

mod parse;
mod substitutions;
#[cfg(test)]
mod tests;
mod tree;
mod words;

pub use parse::parse;
pub use tree::{Direction, Doc, Node, Piece, Redirect, Simple, Tree, Word};
