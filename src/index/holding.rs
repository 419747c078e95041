//! A query for the steps in whose words a run of letters and digits stands, wherever in a word: the whole dictionary is looked through.
//!
//! Words are cut after 64 characters, so a run may begin at the end of such a word and go on at the beginning of the next. What is found
//! so may stand apart in the text; whoever asks verifies it.

use super::schema::Fields;
use super::together::Together;
use crate::query::Needed;
use crate::text::tokens::TOKEN_CHARS;
use memchr::memmem::Finder;
use tantivy::postings::TermInfo;
use tantivy::query::{AllQuery, BitSetDocSet, BooleanQuery, ConstScorer, EnableScoring, Explanation, Occur, Query, Scorer, Weight};
use tantivy::schema::{Field, IndexRecordOption};
use tantivy::{BitSet, DocId, DocSet, InvertedIndexReader, Score, SegmentReader, TERMINATED};

/// The long s in UTF-8, which is an s where case does not count.
const LONG_S: &[u8] = "ſ".as_bytes();
/// A rest of a run that is shorter than this begins too many words to be looked up.
const LEAST: usize = 3;

/// Makes the query for what a regular expression needs.
pub fn holding(fields: &Fields, needed: &Needed) -> Box<dyn Query> {
    let each = |parts: &[Needed]| parts.iter().map(|part| holding(fields, part)).collect::<Vec<_>>();
    match needed {
        Needed::Nothing => Box::new(AllQuery),
        Needed::Run(run) => Box::new(Holding { run: run.clone(), fields: [fields.text, fields.names] }),
        Needed::All(parts) => Box::new(Together::new(each(parts))),
        Needed::Any(parts) => Box::new(BooleanQuery::new(each(parts).into_iter().map(|part| (Occur::Should, part)).collect())),
    }
}

#[derive(Debug, Clone)]
struct Holding {
    run: String,
    fields: [Field; 2],
}

impl Query for Holding {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for Holding {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut found = BitSet::with_max_value(reader.max_doc());
        for field in self.fields {
            let words = reader.inverted_index(field)?;
            let holders = Holders::of(&self.run, &words)?;
            each(&words, &holders.whole, |step| found.insert(step))?;
            for (at, ends) in holders.ends.iter().enumerate().filter(|(_, ends)| !ends.is_empty()) {
                let rest = self.run.get(at + 1..).filter(|rest| rest.len() >= LEAST);
                let goes_on = match rest {
                    Some(rest) => {
                        let mut steps = BitSet::with_max_value(reader.max_doc());
                        each(&words, &beginning(rest, &words)?, |step| steps.insert(step))?;
                        Some(steps)
                    }
                    None => None,
                };
                each(&words, ends, |step| goes_on.as_ref().is_none_or(|steps| steps.contains(step)) && found.insert(step))?;
            }
        }
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(found), boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("a run within a word", 1.0))
    }
}

/// The words of a field that a run may stand in.
struct Holders {
    /// Words with all of it.
    whole: Vec<TermInfo>,
    /// Cut words that end in its first letters: in one, in two, and so on.
    ends: Vec<Vec<TermInfo>>,
}

impl Holders {
    /// Looks through all words of a field.
    fn of(run: &str, words: &InvertedIndexReader) -> std::io::Result<Self> {
        let mut all = Self { whole: Vec::new(), ends: vec![Vec::new(); run.len().saturating_sub(1)] };
        let finder = Finder::new(run);
        let mut stream = words.terms().stream()?;
        while stream.advance() {
            let word = stream.key();
            // A word with a long s is taken as it is: such a letter is rarer than what it costs to verify it.
            if finder.find(word).is_some() || (!word.is_ascii() && word.windows(LONG_S.len()).any(|sign| sign == LONG_S)) {
                all.whole.push(stream.value().clone());
            } else if word.len() >= TOKEN_CHARS {
                let first = (1..run.len()).map(|len| run.as_bytes().get(..len).unwrap_or_default());
                for (ends, first) in all.ends.iter_mut().zip(first) {
                    if word.ends_with(first) {
                        ends.push(stream.value().clone());
                    }
                }
            }
        }
        Ok(all)
    }
}

/// Gives the words of a field that begin so.
fn beginning(start: &str, words: &InvertedIndexReader) -> std::io::Result<Vec<TermInfo>> {
    let mut found = Vec::new();
    let mut stream = words.terms().range().ge(start).into_stream()?;
    while stream.advance() && stream.key().starts_with(start.as_bytes()) {
        found.push(stream.value().clone());
    }
    Ok(found)
}

/// Goes through the steps of some words.
fn each(words: &InvertedIndexReader, terms: &[TermInfo], mut take: impl FnMut(DocId) -> bool) -> std::io::Result<()> {
    for term in terms {
        let mut steps = words.read_postings_from_terminfo(term, IndexRecordOption::Basic)?;
        while steps.doc() != TERMINATED {
            take(steps.doc());
            steps.advance();
        }
    }
    Ok(())
}
