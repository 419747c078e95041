//! Maestro's formats, one file each.

pub mod agent_events;
pub mod composer;
pub mod denials;
mod event_approvals;
pub mod event_bodies;
pub mod events;
pub mod exec;
pub mod export;
pub mod flags;
pub mod headless;
mod headless_requests;
pub mod inspection;
pub mod lineage;
pub mod messages;
pub mod objects;
pub mod platform;
mod platform_bodies;
pub mod recorder;
pub mod results;
pub mod run;
pub mod score;
pub mod security;
pub mod session;
pub mod telemetry;
pub mod timeline;
pub mod trajectory;
mod written_back;

#[cfg(test)]
mod run_tests;
