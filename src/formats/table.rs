//! The table of formats, in the order in which they are tried: the more telling first, `generic` last.

use super::{Format, generic};

/// Every format.
pub const FORMATS: &[Format] = &[generic::FORMAT];

/// The format for anything else.
pub const GENERIC: &Format = &generic::FORMAT;

/// Finds a format by its name in the contract.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
