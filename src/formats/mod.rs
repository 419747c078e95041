//! Formats: how exported files are told apart and read. Adding one is a file here and a line in `table.rs`.
//! A reader turns records into facts (`model::fact`). It never fails: what it does not understand becomes a step of kind `unknown`, and an issue.

pub mod access;
pub mod atif;
mod calls;
mod chat_messages;
pub mod claude;
pub mod codex;
pub mod consent;
pub mod document;
pub mod evals;
pub mod gemini_cli;
pub mod generic;
pub mod goose;
mod hidden;
pub mod inspect;
pub mod json;
#[cfg(test)]
mod json_tests;
pub mod maestro;
pub mod openai_chat;
pub mod openhands;
pub mod otel_genai;
pub mod output;
pub mod pi;
pub mod probe;
#[cfg(test)]
mod property_tests;
pub mod read;
pub mod record;
pub mod refusals;
pub mod split;
pub mod swe_agent;
pub mod table;
pub mod tau_bench;

pub use output::{Output, Ranges};
pub use probe::Probe;
pub use read::{Reading, Want, read_archive, read_pieces, read_plain};
pub use record::Record;
pub use table::{FORMATS, format};

/// How the records of a format lie in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One JSON value per line.
    Lines,
    /// One JSON document; the reader takes its elements as records.
    Document,
    /// A ZIP archive of JSON documents; each member is read as one document.
    Archive,
}

/// One input format.
pub struct Format {
    /// Name in the contract, such as `maestro-session`.
    pub name: &'static str,
    /// The product that writes it, the first part of trajectory ids.
    pub agent: &'static str,
    /// Rank among the formats that can describe one session: the lower, the fuller; it decides whose wording wins.
    pub rank: u8,
    /// How records lie in the file.
    pub shape: Shape,
    /// Whether the beginning of a file looks like this format.
    pub detect: fn(&Probe<'_>) -> bool,
    /// Makes a reader for one file.
    pub reader: fn() -> Box<dyn Reader>,
    /// One sentence for `docs/formats.md`.
    pub doc: &'static str,
}

/// Reads the records of one file, in order.
pub trait Reader {
    /// Reads one record: a line, or the whole document.
    fn read(&mut self, record: &Record<'_>, out: &mut Output);

    /// Hands over what was held back until the end of the file.
    fn finish(&mut self, _out: &mut Output) {}
}
