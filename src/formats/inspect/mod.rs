//! `inspect` and `inspect-eval`: Inspect AI logs, sample by sample, with their approval events.
//!
//! One sample is one trajectory. Messages stand where a model event gave or took them; the tool event tells what ran.

mod approvals;
mod events;
mod log;
mod messages;
mod refs;
mod sample;
mod scores;
#[cfg(test)]
mod tests;

use super::json::Node;
use super::{Format, Shape};

/// A log as one document.
pub const FORMAT: Format = Format {
    name: "inspect",
    agent: "inspect",
    rank: 10,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(|d| d.get("eval").is_some_and(Node::is_object) && (d.get("samples").is_some() || d.get("plan").is_some())),
    reader: || Box::new(log::Log::default()),
    doc: "Inspect AI logs as JSON; each sample is a trajectory.",
};

/// A log as an archive.
pub const ARCHIVE: Format = Format {
    name: "inspect-eval",
    shape: Shape::Archive,
    detect: |probe| probe.members.iter().any(|m| m == "header.json" || m.starts_with("samples/") || m == "_journal/start.json"),
    doc: "Inspect AI logs as `.eval` archives; each sample is a trajectory.",
    ..FORMAT
};
