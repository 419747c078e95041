//! Conditions that hold together, for matches that nobody ranks: each is read on its own into a set of documents, which costs less than
//! stepping through all of them side by side where each holds of many.

use tantivy::query::{BitSetDocSet, BooleanQuery, ConstScorer, EnableScoring, Explanation, Occur, Query, Scorer, Weight};
use tantivy::{BitSet, COLLECT_BLOCK_BUFFER_LEN, DocId, DocSet, Score, SegmentReader, TERMINATED, Term};

/// What it costs to look up one document, in documents that are read one after the other.
const LOOK_UP: u64 = 4;

/// The query.
#[derive(Debug, Clone)]
pub struct Together(BooleanQuery);

impl Together {
    /// Makes it of its conditions.
    pub fn new(parts: Vec<Box<dyn Query>>) -> Self {
        Self(BooleanQuery::new(parts.into_iter().map(|part| (Occur::Must, part)).collect()))
    }
}

impl Query for Together {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        if scoring.is_scoring_enabled() {
            return self.0.weight(scoring);
        }
        let parts = self.0.clauses().iter().map(|(_, part)| part.weight(scoring)).collect::<tantivy::Result<_>>()?;
        Ok(Box::new(TogetherWeight(parts)))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.0.query_terms(visitor);
    }
}

struct TogetherWeight(Vec<Box<dyn Weight>>);

impl Weight for TogetherWeight {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorers = self.0.iter().map(|part| part.scorer(reader, boost)).collect::<tantivy::Result<Vec<_>>>()?;
        // What costs least leaves the least to look up.
        scorers.sort_by_key(|scorer| scorer.cost());
        let mut found: Option<BitSet> = None;
        for mut scorer in scorers {
            let mut both = BitSet::with_max_value(reader.max_doc());
            let Some(known) = found.take() else {
                each(scorer.as_mut(), |doc| both.insert(doc));
                found = Some(both);
                continue;
            };
            if (known.len() as u64).saturating_mul(LOOK_UP) < scorer.cost() {
                each(&mut BitSetDocSet::from(known), |doc| {
                    if scorer.doc() < doc {
                        scorer.seek(doc);
                    }
                    scorer.doc() == doc && both.insert(doc)
                });
            } else {
                each(scorer.as_mut(), |doc| known.contains(doc) && both.insert(doc));
            }
            found = Some(both);
        }
        let found = found.unwrap_or_else(|| BitSet::with_max_value(reader.max_doc()));
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(found), boost)))
    }

    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.0.first().map_or_else(|| Ok(Explanation::new("nothing", 0.0)), |part| part.explain(reader, doc))
    }
}

/// Goes through the rest of some documents.
fn each(docs: &mut (impl DocSet + ?Sized), mut take: impl FnMut(DocId) -> bool) {
    let mut buffer = [0; COLLECT_BLOCK_BUFFER_LEN];
    while docs.doc() != TERMINATED {
        let count = docs.fill_buffer(&mut buffer);
        for doc in buffer.iter().take(count) {
            take(*doc);
        }
    }
}
