//! The command line: one file per subcommand; the only place that prints.

mod ask;
mod demo;
mod demo_files;
mod export;
mod fail;
mod import;
mod journal;
mod ls;
mod output;
mod program;
mod progress;
mod search;
mod show;
mod upkeep;

pub use program::run;
