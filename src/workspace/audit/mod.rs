//! The audit of redactions: what is looked at, what was found, what was decided, what is claimed, what is signed.

mod board;
mod claims;
mod decide;
mod documents;
mod fields;
mod finding;
mod keys;
mod leaving;
mod run;
mod sample;
mod scan;
mod streams;

pub use board::{AuditBoard, AuditPlace};
pub use decide::{Decision, REASONS};
pub use finding::{AuditFinding, Verdict};
pub use keys::{KeyKind, KeyReport};
pub use leaving::AuditState;
pub use run::{AuditCoverage, AuditReport};
pub use sample::{Bound, SamplingPlan, Unit};
