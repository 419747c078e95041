//! The command line: one file per subcommand; the only place that prints.

mod agree;
mod ask;
mod audit;
mod audit_rules;
mod audit_sample;
mod check;
mod check_formats;
mod cohort;
mod dataset;
mod demo;
mod demo_files;
mod export;
mod fail;
mod import;
mod insights;
mod journal;
mod key;
mod label;
mod ls;
mod manual;
mod output;
mod program;
mod progress;
mod queue;
mod reward;
mod rewrite;
mod screen;
mod search;
mod show;
mod show_lineage;
mod trace;
mod upkeep;
mod verify;

pub use program::run;
