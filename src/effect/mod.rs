//! What a command or a tool call does to the world: effects as (verb, target, certainty), and the risk that follows.
//!
//! `shell` parses commands; `walk`, `expand` and `run` follow who runs where with what; `scripts` knows the programs that run
//! others; `tables/*.toml` say what every other program does, and a user's file adds to them. What cannot be told is
//! `unknown`, which is not the same as harmless.

mod calls;
mod carriers;
mod cluster;
mod code;
mod compare;
mod contents;
mod deed;
mod expand;
mod files;
mod git;
mod http;
mod inline;
mod makefiles;
mod names;
mod oneliners;
mod packages;
mod paths;
mod printed;
mod reach;
pub mod retry;
mod run;
mod scripts;
mod shell;
mod spelling;
mod sql;
mod streams;
mod table;
mod target;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_of_shells;
mod tools;
mod walk;
mod within;
mod world;

pub use compare::{Scope, scope, touch, within};
pub use deed::{Deed, Mark, Sending, mutates};
pub use reach::Reach;
pub use table::{Table, TableError};
pub use target::{contains, secret, secret_variable, url};
pub use tools::{Call, Hints, deed};
pub use world::{Files, deeds};
