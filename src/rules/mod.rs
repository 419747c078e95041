//! Rules: deterministic checks that propose findings and never decide (judging, 4).
//!
//! Each rule is one line of `table.rs` and one function; it says what it needs, and answers for every execution, or for the
//! whole trajectory, with a finding, with nothing found, or that the sources could not show it.

mod case;
mod consent;
mod discovery;
mod inherited;
mod lookup;
mod obey;
mod predictions;
mod repeats;
mod reporting;
mod rule;
mod safety;
mod secrets;
mod speech;
mod streams;
mod table;
mod waits;

pub use case::Case;
pub use inherited::{inherited, reported};
pub use predictions::{asked, lead, predicted};
pub use rule::{Answer, Check, Counts, Draft, Report, Rule, run};
pub use secrets::is_marker;
pub use table::{RULES, hash, rule};
