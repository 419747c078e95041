//! The index: every step as a document of tantivy, derived from the store and disposable. tantivy is named here alone.
//!
//! Text is indexed with positions and not stored; a hit says where its record lies. The commit payload carries the store's
//! watermark, so that index and store cannot disagree unnoticed.

mod collect;
mod document;
mod error;
mod excluded;
mod folder;
mod hidden;
mod holding;
mod in_flight;
mod lower;
mod numbers;
mod one_of;
mod open;
mod profiles;
mod schema;
mod search;
mod sweep;
mod together;
mod tokenizer;
mod writer;

pub use collect::Places;
pub use document::{judged, keywords, numbers, searched};
pub use error::IndexError;
pub use hidden::hidden;
pub use numbers::Numbers;
pub use open::{Index, TO_ANSWER, TO_IMPORT, TO_WRITE, TURN};
pub use search::{Facets, IndexHit, Results, SearchOptions};
pub use writer::Writer;

/// Version of the index layout; another version lies in another folder.
pub const VERSION: &str = "v8-t0.27";
