//! The one integration test binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod assembled;
mod audit;
mod audit_certify;
mod audit_instruments;
mod audit_leaving;
mod audit_masking;
mod bad_input;
mod continued;
mod contract;
mod export;
mod fixtures;
mod found;
mod governed_session;
mod hardships;
mod journal;
mod journal_folded;
mod journal_kill;
mod journeys;
mod judging;
mod judging_facts;
mod judging_rounds;
mod kept_bytes;
mod leaving;
mod long_session;
#[path = "../../benches/draws/lot.rs"]
mod lot;
mod neighbours;
mod offline;
mod oracle;
mod pages;
mod pages_made;
mod pairs;
mod pictures;
mod pty;
mod pty_breaks;
mod pty_load;
mod pty_shell;
mod resilience;
mod retries;
mod rules;
mod screens;
mod screens_boards;
mod screens_bulk;
mod screens_margin;
mod screens_mouse;
mod screens_pairs;
mod screens_review;
mod screens_sizes;
mod screens_themes;
mod scripted;
mod shapes;
mod tidy;
mod tour;
mod workspace;
