//! Maestro's formats other than single-purpose exports: one file per format, each with its `FORMAT`.

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
