//! Judging: label schemas, what people decided folded into what is so, queues, agreement and adjudication.
//!
//! All of it is values and functions: the journal's entries come in, answers go out. Nothing here reads a file or a clock.

pub mod agreement;
mod cluster;
mod decision;
mod fold;
mod frozen;
pub mod gist;
mod parts;
mod points;
mod postings;
mod queue;
mod random;
mod record;
mod schema;
mod schema_text;
mod seen;
mod state;
#[cfg(test)]
mod state_tests;
pub mod statistics;
mod suggest;
mod traces;
mod verdicts;
mod words;

pub use cluster::Cluster;
pub use decision::*;
pub use fold::{LabelPlace, chain_name, hash as fold_hash};
pub use gist::Gist;
pub use parts::{Labels, Part};
pub use points::{Facts, FoundThere, PARTS, Point, changed_parts, facts_hash, points};
pub use postings::Postings;
pub use queue::{Candidate, Drawn, Order, asked_again, draw, falls_to};
pub use record::{Judged, Record};
pub use schema::{Answer, CANNOT_TELL, Condition, Derived, FACTS, Question, Schema, TargetKind, answer_name};
pub use schema_text::{SchemaError, nearest};
pub use seen::{HIDDEN, as_seen, blinded};
pub use state::{Chain, Given, Settled, State, Verdict};
pub use suggest::{Suggestion, suggest};
pub use traces::{Arms, Traces};
