//! The one integration test binary.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, missing_docs)]

mod assembled;
mod export;
mod governed_session;
mod journal;
mod journal_kill;
mod judging;
mod oracle;
mod resilience;
mod retries;
mod rules;
mod screens;
mod scripted;
mod tidy;
mod workspace;
