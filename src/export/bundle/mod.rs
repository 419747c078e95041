//! The bundle: one folder that a stranger can check, written beside its place and put there in one step.

pub mod manifest;
mod staging;

pub use staging::{Staging, StagingError};
