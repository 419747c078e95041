//! The fields of a step's document.

use super::tokenizer;
use sha2::{Digest, Sha256};
use tantivy::schema::{Field, INDEXED, IndexRecordOption, NumericOptions, STORED, Schema, TextFieldIndexing, TextOptions};

/// Handles of the fields.
#[derive(Clone, Copy)]
pub struct Fields {
    /// Text, with positions.
    pub text: Field,
    /// Ids as text, so that a bare word finds them.
    pub names: Field,
    /// `field=value` terms of every keyword field.
    pub key: Field,
    /// Exact ids, each as a number: long unique terms are what a dictionary costs most.
    pub ident: Field,
    /// Id of the step, stored.
    pub step: Field,
    /// Number of the trajectory.
    pub trajectory: Field,
    /// Numbers of what a person judges in the step, by `model::ids::unit`.
    pub unit: Field,
    /// Facets.
    pub facets: [Field; FACETS.len()],
    /// Numbers, by name of the query field.
    pub numbers: [Field; NUMBERS.len()],
    /// Number of the source, first byte and length of the first origin, and place in the trajectory.
    pub place: [Field; PLACE.len()],
}

/// Keyword fields that are counted.
pub const FACETS: &[&str] = &["kind", "tool", "status", "decision", "agent", "model", "arm"];
/// Number fields: cost in millionths of USD, `at` and `wait` in ms.
pub const NUMBERS: &[&str] = &["at", "wait", "steps", "retries", "cost", "tokens", "errors"];
/// Where the first origin of the step lies.
pub const PLACE: &[&str] = &["src", "start", "len", "seq"];

/// Builds the schema.
pub fn build() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let positions = TextFieldIndexing::default().set_tokenizer(tokenizer::NAME).set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let named = TextFieldIndexing::default().set_tokenizer(tokenizer::NAME).set_fieldnorms(false).set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let raw = TextFieldIndexing::default().set_tokenizer("raw").set_fieldnorms(false).set_index_option(IndexRecordOption::Basic);
    let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(positions));
    let names = schema.add_text_field("names", TextOptions::default().set_indexing_options(named));
    let key = schema.add_text_field("key", TextOptions::default().set_indexing_options(raw));
    let ident = schema.add_u64_field("ident", INDEXED);
    let step = schema.add_text_field("step", STORED);
    let trajectory = schema.add_u64_field("trajectory", NumericOptions::default().set_fast().set_indexed());

    let unit = schema.add_u64_field("unit", NumericOptions::default().set_fast().set_indexed());
    let mut fields =
        Fields { text, names, key, ident, step, trajectory, unit, facets: [text; FACETS.len()], numbers: [text; NUMBERS.len()], place: [text; PLACE.len()] };
    for (slot, name) in fields.facets.iter_mut().zip(FACETS) {
        *slot = schema.add_text_field(&format!("facet_{name}"), TextOptions::default().set_fast("raw"));
    }
    for (slot, name) in fields.numbers.iter_mut().zip(NUMBERS) {
        *slot = schema.add_i64_field(name, NumericOptions::default().set_fast());
    }
    for (slot, name) in fields.place.iter_mut().zip(PLACE) {
        *slot = schema.add_u64_field(name, NumericOptions::default().set_fast());
    }
    (schema.build(), fields)
}

/// Gives the number under which an id is indexed: the first eight bytes of the SHA-256 of its folded form.
#[must_use]
pub fn ident(folded: &str) -> u64 {
    let digest = Sha256::digest(folded.as_bytes());
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
