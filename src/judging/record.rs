//! The record of a rule: how often people agreed with what it found, and how much of what people found it had found.

#![allow(clippy::cast_precision_loss)]

use super::agreement::{Measured, SEED};
use super::random::Random;
use super::statistics::{percentiles, wilson};
use serde::Serialize;

/// Resampled items in all, so that many items cost no more than some.
const RESAMPLED: usize = 4_000_000;

/// One judged item as a rule's record sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judged {
    /// Whether the rule had found it.
    pub found: bool,
    /// Whether people answered what the rule predicts.
    pub holds: bool,
    /// Probability of having been drawn; 0 where it was not drawn.
    pub probability: f64,
}

/// How a rule did against what people judged.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Record {
    /// The question it is measured by; `None` for a rule that predicts nothing.
    pub question: Option<String>,
    /// Findings that were judged.
    pub judged: u64,
    /// Of these, with an answer that the rule predicts.
    pub right: u64,
    /// Judged items that came from a draw, found or not; recall and F1 are of these alone.
    pub drawn: u64,
    /// Right findings among the judged, with Wilson's interval.
    pub precision: Measured,
    /// Share of what holds that the rule found, each item weighing the inverse of its probability, with a bootstrap interval; `null`
    /// where nothing without a finding was drawn and judged.
    pub recall: Measured,
    /// Harmonic mean of precision and recall, weighted alike.
    pub f1: Measured,
}

impl Record {
    /// Measures a rule.
    #[must_use]
    pub fn of(question: &str, items: &[Judged]) -> Self {
        let count = |which: &dyn Fn(&&Judged) -> bool| items.iter().filter(which).count() as u64;
        let (judged, right) = (count(&|i| i.found), count(&|i| i.found && i.holds));
        let ends = wilson(right, judged);
        let precision = Measured { value: (judged > 0).then(|| right as f64 / judged as f64), lower: ends.map(|e| e.0), upper: ends.map(|e| e.1) };
        let drawn: Vec<Judged> = items.iter().filter(|i| i.probability > 0.0).copied().collect();
        let mut record = Self { question: Some(question.to_owned()), judged, right, drawn: drawn.len() as u64, precision, ..Self::default() };
        // Who judges findings alone would count every rule as finding all there is.
        if drawn.iter().any(|i| !i.found) {
            // What neither holds nor was found weighs in neither.
            let counted: Vec<Judged> = drawn.into_iter().filter(|i| i.found || i.holds).collect();
            record.recall = measured(&counted, |sums| ratio(sums.both, sums.holds));
            record.f1 = measured(&counted, |sums| ratio(2.0 * sums.both, sums.holds + sums.found));
        }
        record
    }

    /// Says it in two clauses, precision and then what a draw shows, with 95 % intervals; `None` where nobody judged what the rule is about.
    #[must_use]
    pub fn said(&self) -> Option<[String; 2]> {
        let question = self.question.as_deref().filter(|_| self.judged > 0 || self.drawn > 0)?;
        let precision = format!("{} of {} judged findings, by {question}", told("precision", self.precision), self.judged);
        Some([precision, format!("{}, {} over {} judged items of draws", told("recall", self.recall), told("F1", self.f1), self.drawn)])
    }

    /// Says it in few words, to stand beside a proposal: how often people found it right, then what is known beside; shorter where there is
    /// no room for the names of the measures.
    #[must_use]
    pub fn brief(&self, short: bool) -> Option<String> {
        let precision = self.precision.value?;
        let right = format!("right {} of {}", self.right, self.judged);
        let names = if short { ["R", "F1"] } else { ["recall", "F1"] };
        let known = names.into_iter().zip([self.recall, self.f1]).filter(|(_, measured)| !short || measured.value.is_some());
        let known: Vec<String> =
            known.map(|(name, measured)| format!(", {name} {}", measured.value.map_or("-".to_owned(), |value| format!("{value:.2}")))).collect();
        Some(if short { format!("{right}{}", known.concat()) } else { format!("{right}: precision {precision:.2}{}", known.concat()) })
    }
}

/// Writes a measure with its interval, or `-` where it is not known.
fn told(name: &str, measured: Measured) -> String {
    match (measured.value, measured.lower, measured.upper) {
        (Some(value), Some(lower), Some(upper)) => format!("{name} {value:.2} ({lower:.2} to {upper:.2})"),
        (Some(value), ..) => format!("{name} {value:.2}"),
        _ => format!("{name} -"),
    }
}

#[derive(Default)]
struct Sums {
    found: f64,
    holds: f64,
    both: f64,
}

fn sums<'i>(items: impl Iterator<Item = &'i Judged>) -> Sums {
    let mut sums = Sums::default();
    for item in items {
        let weight = 1.0 / item.probability;
        sums.found += if item.found { weight } else { 0.0 };
        sums.holds += if item.holds { weight } else { 0.0 };
        sums.both += if item.found && item.holds { weight } else { 0.0 };
    }
    sums
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

fn measured(items: &[Judged], estimate: fn(&Sums) -> Option<f64>) -> Measured {
    let value = estimate(&sums(items.iter()));
    let rounds = (RESAMPLED / items.len().max(1)).clamp(100, 1000);
    let mut random = Random::new(SEED);
    let mut again = || estimate(&sums((0..items.len()).filter_map(|_| items.get(random.below(items.len())))));
    let ends = if items.len() > 1 && value.is_some() { percentiles((0..rounds).filter_map(|_| again()).collect(), rounds) } else { None };
    Measured { value, lower: ends.map(|e| e.0), upper: ends.map(|e| e.1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(count: usize, found: bool, holds: bool, probability: f64) -> impl Iterator<Item = Judged> {
        std::iter::repeat_n(Judged { found, holds, probability }, count)
    }

    #[test]
    fn recall_weighs_what_was_drawn_and_needs_what_was_not_found() {
        // 20 of 20 findings judged, 15 right; of 1,000 others 100 drawn, of which 3 hold: 15 found of 15 + 30.
        let all: Vec<Judged> =
            items(15, true, true, 1.0).chain(items(5, true, false, 1.0)).chain(items(3, false, true, 0.1)).chain(items(97, false, false, 0.1)).collect();
        let record = Record::of("needs_ask", &all);
        assert_eq!((record.judged, record.right, record.drawn), (20, 15, 120));
        let near = |measured: Measured, expect: f64| {
            assert!(measured.value.is_some_and(|value| (value - expect).abs() < 1e-12), "{measured:?} is not {expect}");
            assert!(measured.lower < measured.value && measured.value < measured.upper, "{measured:?}");
        };
        near(record.precision, 0.75);
        near(record.recall, 15.0 / 45.0);
        near(record.f1, 30.0 / 65.0);
        // Findings alone tell nothing of what was missed, and what was not drawn has no weight.
        assert_eq!(Record::of("needs_ask", &all[..20]).recall, Measured::default());
        let undrawn: Vec<Judged> = all.iter().map(|item| Judged { probability: 0.0, ..*item }).collect();
        let record = Record::of("needs_ask", &undrawn);
        assert_eq!((record.precision.value, record.recall, record.f1), (Some(0.75), Measured::default(), Measured::default()));
        assert_eq!(record.brief(false).as_deref(), Some("right 15 of 20: precision 0.75, recall -, F1 -"));
        assert_eq!(record.brief(true).as_deref(), Some("right 15 of 20"));
        assert_eq!(Record::of("needs_ask", &all).brief(true).as_deref(), Some("right 15 of 20, R 0.33, F1 0.46"));
        assert_eq!(record.said().map(|said| said[1].clone()).as_deref(), Some("recall -, F1 - over 0 judged items of draws"));
        assert_eq!((Record::default().said(), Record::default().brief(true)), (None, None));
    }
}
