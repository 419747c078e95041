//! The store: sources and catalog in `sources.db`, decisions in `journal.db`. SQLite is named here and nowhere else.
//!
//! Bytes lie in zstd frames of at most 1 MiB cut at record ends, content-addressed by SHA-256: the same bytes twice are one
//! frame, and a file that grew costs what it grew by. The catalog (trajectories and their portions) is derived from the bytes.

mod aliases;
mod audit;
mod audit_aside;
mod catalog;
mod connect;
mod framed;
mod frames;
mod journal;
mod journal_hold;
mod journal_slices;
#[cfg(test)]
mod journal_tests;
mod journal_union;
mod masked;
mod open;
mod private;
mod remembered;
mod schema;
mod sidecars;
mod sources;

pub use aliases::Alias;
pub use audit::{AuditRow, FindingRow};
pub use catalog::{PortionRow, Portions, TrajectoryRow};
pub use framed::DamagedFrame;
pub use frames::{FrameWriter, Framed, KnownBytes};
pub use journal::{Journal, JournalError};
pub use journal_hold::{Hold, Place};
pub use journal_slices::{EntryRow, Slice};
pub use journal_union::{Head, Proof, United};
pub use masked::{AuditMark, MaskedRow};
pub use open::{Result, Store, StoreError};
pub use remembered::RememberedRow;
pub use sources::{Container, SourceRow, Stamp};
