//! ossia: reads exported agent sessions, keeps every byte, and lets people find, judge and curate what agents did.

pub mod app;
pub mod assemble;
pub mod cli;
pub mod command;
pub mod diff;
pub mod effect;
pub mod export;
pub mod formats;
pub mod index;
pub mod judging;
pub mod model;
pub mod query;
pub mod redaction;
pub mod rules;
pub mod store;
pub mod term;
pub mod text;
pub mod tui;
pub mod ui;
pub mod workspace;
