//! Maestro's formats, one file each.

pub mod agent_events;
pub mod denials;
pub mod event_bodies;
pub mod events;
pub mod exec;
pub mod export;
pub mod headless;
pub mod inspection;
pub mod lineage;
pub mod messages;
pub mod objects;
pub mod recorder;
pub mod run;
pub mod score;
pub mod security;
pub mod session;
pub mod telemetry;
pub mod timeline;
pub mod trajectory;

#[cfg(test)]
mod run_tests;
