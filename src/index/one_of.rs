//! A query for the steps whose number in a column is one of many: what decisions are about, or whole trajectories.
//!
//! tantivy looks every number up by itself; of very many it is faster to look through the column.

use rustc_hash::FxHashSet;
use std::sync::Arc;
use tantivy::query::{BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, TermSetQuery, Weight};
use tantivy::schema::Field;
use tantivy::{BitSet, DocId, Score, SegmentReader, Term};

/// So many numbers are looked up one by one.
const FEW: usize = 2000;
/// Steps that are read together.
const BLOCK: usize = 1024;

/// Makes the query for a field, which is indexed and a column too.
pub fn one_of(field: Field, column: &'static str, numbers: impl ExactSizeIterator<Item = u64>) -> Box<dyn Query> {
    if numbers.len() <= FEW {
        return Box::new(TermSetQuery::new(numbers.map(|number| Term::from_field_u64(field, number))));
    }
    Box::new(OneOf { column, numbers: Arc::new(numbers.collect()) })
}

#[derive(Debug, Clone)]
struct OneOf {
    column: &'static str,
    numbers: Arc<FxHashSet<u64>>,
}

impl Query for OneOf {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for OneOf {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let column = reader.fast_fields().u64(self.column)?;
        let mut found = BitSet::with_max_value(reader.max_doc());
        let mut steps: Vec<DocId> = Vec::with_capacity(BLOCK);
        let mut numbers = vec![None; BLOCK];
        for start in (0..reader.max_doc()).step_by(BLOCK) {
            steps.clear();
            steps.extend(start..reader.max_doc().min(start.saturating_add(1024)));
            numbers.fill(None);
            column.first_vals(&steps, numbers.get_mut(..steps.len()).unwrap_or_default());
            for (step, _) in steps.iter().zip(&numbers).filter(|(_, number)| number.is_some_and(|number| self.numbers.contains(&number))) {
                found.insert(*step);
            }
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(found), boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("one of many numbers", 1.0))
    }
}
