//! The one integration test binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod assembled;
mod audit;
mod bad_input;
mod export;
mod fixtures;
mod governed_session;
mod journal;
mod journal_kill;
mod judging;
mod long_session;
mod neighbours;
mod offline;
mod oracle;
mod pictures;
mod pty;
mod resilience;
mod retries;
mod rules;
mod screens;
mod screens_boards;
mod screens_margin;
mod screens_sizes;
mod scripted;
mod tidy;
mod tour;
mod workspace;
