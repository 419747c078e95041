//! From the tree of a query to a query of tantivy.

use super::excluded::Excluded;
use super::holding::holding;
use super::one_of::one_of;
use super::schema::{Fields, NUMBERS, ident};
use super::together::Together;
use crate::query::{Field, Leaf, Level, NumRange, Query, Value, fold, needed};
use crate::text::tokens::words;
use std::ops::Bound;
use tantivy::Term;
use tantivy::query::{AllQuery, BooleanQuery, EmptyQuery, Occur, PhraseQuery, Query as Lowered, RangeQuery, RegexQuery, TermQuery};
use tantivy::schema::IndexRecordOption;

/// Turns queries into tantivy's; `excluded` finds the trajectories that a negated condition on trajectories leaves out.
pub struct Lower<'f, F> {
    /// The fields.
    pub fields: &'f Fields,
    /// Gives the numbers of trajectories with a step that matches.
    pub matching: F,
}

impl<F: Fn(&dyn Lowered) -> Vec<u64>> Lower<'_, F> {
    /// Lowers a query whose negations were pushed down to its leaves.
    pub fn query(&self, query: &Query) -> Box<dyn Lowered> {
        match query {
            Query::All => Box::new(AllQuery),
            Query::And(parts) => Box::new(Together::new(parts.iter().map(|part| self.query(part)).collect())),
            Query::Or(parts) => Box::new(BooleanQuery::new(parts.iter().map(|part| (Occur::Should, self.query(part))).collect())),
            Query::Not(inner) => self.negated(inner),
            Query::Leaf(leaf) => self.leaf(leaf),
        }
    }

    fn negated(&self, inner: &Query) -> Box<dyn Lowered> {
        if matches!(inner, Query::Leaf(leaf) if leaf.is_verified()) {
            return Box::new(AllQuery);
        }
        let positive = self.query(inner);
        let excluded: Box<dyn Lowered> = match inner {
            Query::Leaf(leaf) if leaf.level() == Level::Trajectory => {
                let numbers = (self.matching)(positive.as_ref());
                one_of(self.fields.trajectory, "trajectory", numbers.into_iter())
            }
            _ => positive,
        };
        Box::new(BooleanQuery::new(vec![(Occur::Must, Box::new(AllQuery)), (Occur::MustNot, Box::new(Excluded(excluded)))]))
    }

    fn leaf(&self, leaf: &Leaf) -> Box<dyn Lowered> {
        match leaf {
            Leaf::Word(word) => self.tokens(std::slice::from_ref(word)),
            Leaf::Phrase { tokens, .. } => self.tokens(tokens),
            Leaf::Prefix(tokens) => self.prefix(tokens),
            // A regular expression is verified on the text afterwards.
            Leaf::Regex(regex) => holding(self.fields, &needed(regex)),
            Leaf::Among(among) => {
                let units = one_of(self.fields.unit, "unit", among.units.iter().copied());
                let wholes = one_of(self.fields.trajectory, "trajectory", among.wholes.iter().copied());
                Box::new(BooleanQuery::new(vec![(Occur::Should, units), (Occur::Should, wholes)]))
            }
            Leaf::Field { field, value } => self.field(*field, value),
        }
    }

    /// Tokens in a row, in the text or in an id.
    fn tokens(&self, tokens: &[String]) -> Box<dyn Lowered> {
        let one = |field| -> Box<dyn Lowered> {
            let terms: Vec<Term> = tokens.iter().map(|token| Term::from_field_text(field, token)).collect();
            match terms.as_slice() {
                [] => Box::new(EmptyQuery),
                [term] => Box::new(TermQuery::new(term.clone(), IndexRecordOption::WithFreqs)),
                _ => Box::new(PhraseQuery::new(terms)),
            }
        };
        Box::new(BooleanQuery::new(vec![(Occur::Should, one(self.fields.text)), (Occur::Should, one(self.fields.names))]))
    }

    fn prefix(&self, tokens: &[String]) -> Box<dyn Lowered> {
        let Some((last, before)) = tokens.split_last() else { return Box::new(EmptyQuery) };
        let one = |field| -> Box<dyn Lowered> {
            if before.is_empty() {
                return starting(field, last);
            }
            let terms = tokens.iter().map(|token| Term::from_field_text(field, token)).collect();
            Box::new(tantivy::query::PhrasePrefixQuery::new(terms))
        };
        Box::new(BooleanQuery::new(vec![(Occur::Should, one(self.fields.text)), (Occur::Should, one(self.fields.names))]))
    }

    fn field(&self, field: Field, value: &Value) -> Box<dyn Lowered> {
        let name = field.name();
        match value {
            Value::Text(text) if field == Field::Id => {
                Box::new(TermQuery::new(Term::from_field_u64(self.fields.ident, ident(&fold(text))), IndexRecordOption::Basic))
            }
            // Ids are indexed by their words: what is found so is verified afterwards.
            Value::Prefix(start) if field == Field::Id => self.prefix(&words(start)),
            Value::Text(text) => Box::new(TermQuery::new(Term::from_field_text(self.fields.key, &format!("{name}={}", fold(text))), IndexRecordOption::Basic)),
            Value::Prefix(start) => starting(self.fields.key, &format!("{name}={}", fold(start))),
            Value::Number(range) => self.range(name, bounds(range, if name == "cost" { 1e6 } else { 1.0 })),
            Value::Time(range) => {
                let low = range.from.map_or(Bound::Unbounded, |t| Bound::Included(t.ms()));
                self.range(name, (low, range.until.map_or(Bound::Unbounded, |t| Bound::Excluded(t.ms()))))
            }
        }
    }

    fn range(&self, name: &str, (low, high): (Bound<i64>, Bound<i64>)) -> Box<dyn Lowered> {
        let Some(field) = NUMBERS.iter().position(|n| *n == name).map(|i| self.fields.numbers[i]) else { return Box::new(EmptyQuery) };
        let low = match low {
            // A field without a value must not match; every value lies above the least number.
            Bound::Unbounded => Bound::Included(i64::MIN),
            bound => bound,
        };
        let term = |n| Term::from_field_i64(field, n);
        Box::new(RangeQuery::new(low.map(term), high.map(term)))
    }
}

fn starting(field: tantivy::schema::Field, start: &str) -> Box<dyn Lowered> {
    match RegexQuery::from_pattern(&format!("{}.*", escape(start)), field) {
        Ok(query) => Box::new(query),
        Err(_) => Box::new(EmptyQuery),
    }
}

fn escape(text: &str) -> String {
    regex::escape(text)
}

#[allow(clippy::cast_possible_truncation)]
fn bounds(range: &NumRange, scale: f64) -> (Bound<i64>, Bound<i64>) {
    let low = match range.low {
        Bound::Included(n) => Bound::Included((n * scale).ceil() as i64),
        Bound::Excluded(n) => Bound::Excluded((n * scale).floor() as i64),
        Bound::Unbounded => Bound::Unbounded,
    };
    let high = match range.high {
        Bound::Included(n) => Bound::Included((n * scale).floor() as i64),
        Bound::Excluded(n) => Bound::Excluded((n * scale).ceil() as i64),
        Bound::Unbounded => Bound::Unbounded,
    };
    (low, high)
}
