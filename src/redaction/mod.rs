//! Redaction: the marks that redactors leave in texts.

mod marks;

pub use marks::marks;
