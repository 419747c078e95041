//! Plain values of the domain: what a trajectory is made of, and the facts that readers hand to assembly.

pub mod about;
pub mod asking;
pub mod consent;
pub mod entry;
pub mod execution;
pub mod fact;
pub mod finding;
pub mod ids;
pub mod issue;
pub mod lineage;
pub mod origin;
pub mod places;
pub mod step;
pub mod texts;
pub mod time;
pub mod trajectory;
pub mod usage;
pub mod wait;
pub mod words;

pub use about::{About, provider_and_model};
pub use asking::{asking, asks_within, sentences};
pub use entry::{Draft, Entry, EntryId, Recorded, Redo, Undo};
pub use execution::{Amended, Effect, Execution, Governance, RetryLink, Said};
pub use fact::{Body, Fact, Portion, SessionName, Slot};
pub use finding::{Evidence, Finding, Proposal};
pub use issue::Issue;
pub use lineage::{Candidate, Cohort, ExecutionContext, Lineage};
pub use origin::{Origin, Span};
pub use places::Places;
pub use step::{Part, Redaction, Step};
pub use time::Timestamp;
pub use trajectory::{Branch, SourceRef, Trajectory};
pub use usage::Usage;
pub use wait::Wait;
pub use words::*;
