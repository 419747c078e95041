//! Maestro's formats, one file each.

pub mod denials;
pub mod export;
pub mod messages;
pub mod objects;
pub mod session;
pub mod event_bodies;
pub mod events;
pub mod inspection;
pub mod lineage;
pub mod run;
pub mod score;
pub mod security;
pub mod telemetry;
pub mod timeline;
pub mod trajectory;

#[cfg(test)]
mod run_tests;
