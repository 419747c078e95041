//! The certificate: everything a reviewer signs, gathered anew, with what stands against signing; and the signatures under it.

mod gather;
mod issue;
mod render;
mod statement;
mod verdicts;

pub use issue::{Issued, Prepared, SignAs};
pub use statement::LIMITS;
