//! The audit of redactions: what is looked at, what was found, what was decided, what is claimed, what is signed.

mod aligned;
mod board;
mod certify;
mod claims;
mod coverage;
mod decide;
mod disclosure;
mod documents;
mod fields;
mod finding;
mod frame;
mod index;
mod instruments;
mod keys;
mod leaving;
mod lossy;
mod marking;
mod masking;
mod plant;
mod proof;
mod remembering;
mod restoring;
mod run;
mod sample;
mod scan;
mod split;
mod spot;
mod status;
mod streams;

pub(super) use leaving::Leaving;
pub(super) use masking::{Audits, mask};
pub(super) use restoring::Restored;

pub use board::{AuditBoard, AuditPlace};
pub use certify::{Issued, LIMITS, Prepared, SignAs};
pub use decide::{Decision, REASONS, RETURN_REASONS, Turned};
pub use disclosure::{Disclosure, Reveal};
pub use finding::{AuditFinding, Verdict};
pub use instruments::RefusedRule;
pub use keys::{KeyKind, KeyReport};
pub use run::{AuditCoverage, AuditReport};
pub use sample::{Bound, MIN_PLANTED, PlanState, PlanTerms, SamplingPlan, Unit};
pub use status::AuditState;
