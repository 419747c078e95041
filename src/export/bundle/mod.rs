//! The bundle: one folder that a stranger can check, written beside its place and put there in one step.

pub mod card;
pub mod cards;
pub mod croissant;
mod dsse;
mod evidence;
pub mod lines;
pub mod manifest;
pub mod schemas;
mod staging;
pub mod statement;

pub use dsse::{PublicKey, Signing, payload};
pub use evidence::{Cards, Certificate, Evidence, Finding, Source, seal, write as write_evidence};
pub use staging::{Staging, StagingError};
