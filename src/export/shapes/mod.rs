//! Shapes: what trainers load. One file and one line of `SHAPES` for each; a shape says what it takes and what it cannot carry.

mod atif;
mod decisions;
mod evalops_tinker;
mod fold;
mod folded_preference;
mod hf_kto;
mod hf_preference;
mod hf_prompt;
mod hf_prompt_completion;
mod hf_sft;
mod inspect_dataset;
mod item;
mod llama_factory;
mod loss;
mod openai_preference;
mod openai_sft;
mod scout_validation;
mod structured;
mod tinker_preference;
mod tinker_rubric;
mod tinker_sft;

use super::definition::Definition;

pub use fold::folded;
pub use item::{Item, Line, Memo, NotCarried, Takes};
pub use loss::{Loss, ONE_SIDED, ORPHANS, Row};

/// A file format that a trainer loads.
pub struct Shape {
    /// Name, which is also the name of its file.
    pub name: &'static str,
    /// What its rows are made of.
    pub takes: Takes,
    /// Columns and their types as the card pins them: `json` is a list of objects, `object` one, `strings` a list of texts, the others are
    /// names of `datasets`; empty where no such loader reads it.
    pub features: &'static [(&'static str, &'static str)],
    /// What it cannot carry.
    pub loses: &'static [Loss],
    /// Fewest rows its consumer accepts.
    pub least: usize,
    /// First line of the file, for a shape that is no JSON.
    pub header: Option<&'static str>,
    /// Writes one row, or says why the item has no place in this shape.
    pub write: fn(&Item<'_>, &Definition) -> Result<Line, String>,
}

/// Every shape, in the order of the documents.
pub const SHAPES: &[&Shape] = &[
    &tinker_sft::SHAPE,
    &tinker_preference::SHAPE,
    &tinker_rubric::SHAPE,
    &evalops_tinker::SHAPE,
    &hf_sft::SHAPE,
    &hf_prompt_completion::SHAPE,
    &hf_preference::SHAPE,
    &hf_kto::SHAPE,
    &hf_prompt::SHAPE,
    &folded_preference::SHAPE,
    &openai_sft::SHAPE,
    &openai_preference::SHAPE,
    &llama_factory::SFT,
    &llama_factory::PREFERENCE,
    &llama_factory::KTO,
    &inspect_dataset::SHAPE,
    &atif::SHAPE,
    &decisions::SHAPE,
    &scout_validation::SHAPE,
];

/// Finds a shape by its name.
#[must_use]
pub fn shape(name: &str) -> Option<&'static Shape> {
    SHAPES.iter().copied().find(|shape| shape.name == name)
}
