//! Redaction: finding what must not leave, checking what is claimed to be gone, and writing what may leave.
//!
//! `Engine` looks at one text: it decodes it in every way it can be read (`decode`), asks the rules (`rules`) and the known values
//! (`known`), and traces each find back to the bytes of the text.

pub mod bounds;
pub mod canaries;
mod checks;
pub mod claims;
mod cleared;
mod decode;
mod encoded;
mod engine;
mod finder;
mod finding;
mod keyed;
mod known;
mod marks;
mod mask;
pub mod merkle;
mod placeholders;
mod randomness;
mod redact;
mod rules;
mod tracing;

pub use cleared::Cleared;
pub use decode::{decoder_names, telling_name};
pub use engine::{Engine, LIMITED, Lists, Looked, recover};
pub use finding::{Hit, Tier};
pub use keyed::{Key, masked};
pub use known::{BY_HAND, Known, MIN_BYTES};
pub use marks::marks;
pub use mask::{Mask, Masked, cut_end, sure, sure_rules};
pub use redact::{Change, MASK, Redacted, Redactor, Style, Unwanted};
pub use rules::{Refused, RuleSet, Subject, Trigger, refused_of};
pub use tracing::Tracer;
