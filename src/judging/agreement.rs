//! How far reviewers agree: per question, over the answers that were judgements of their own.

use super::schema::{CANNOT_TELL, Schema};
use super::state::{Given, State};
use super::statistics::{Ratings, Statistic, ac1, alpha_nominal, alpha_ordinal, cohen, fleiss, interval, percent};
use serde::Serialize;
use std::collections::BTreeMap;

/// Rounds of resampling behind an interval.
pub const ROUNDS: usize = 1000;
/// Seed of the resampling.
pub const SEED: u64 = 20_260_501;

/// Items from which on it can be told how far agreement is beyond chance: of one alone, every answer is the whole of its kind.
pub const FEWEST: usize = 2;

/// A statistic with its 95 % interval; `null` where it is not defined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Measured {
    /// The value.
    pub value: Option<f64>,
    /// Lower end.
    pub lower: Option<f64>,
    /// Upper end.
    pub upper: Option<f64>,
}

/// Two reviewers beside each other.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// The first.
    pub a: String,
    /// The second.
    pub b: String,
    /// Items both answered.
    pub items: usize,
    /// Share of equal answers.
    pub percent: Option<f64>,
    /// Cohen's κ.
    pub cohen_kappa: Measured,
    /// Counts of pairs of answers, a row for each answer of the first.
    pub confusion: Vec<Vec<u64>>,
}

/// Agreement about one question, of all items or of those of one group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Agreement {
    /// Schema.
    pub schema: String,
    /// Question.
    pub question: String,
    /// The group, where asked by one.
    pub group: Option<String>,
    /// `nominal` or `ordinal`.
    pub scale: &'static str,
    /// The answers, in the order of `confusion`.
    pub answers: Vec<String>,
    /// Reviewers who answered.
    pub reviewers: Vec<String>,
    /// Items that at least two answered.
    pub items: usize,
    /// Answers that count.
    pub ratings: usize,
    /// Answers that it cannot be told; they are left out.
    pub abstained: usize,
    /// Answers left out as given with hindsight, by proposal, in bulk or in a cluster.
    pub excluded: usize,
    /// Share of equal pairs of answers.
    pub percent: Measured,
    /// Cohen's κ, where there are two reviewers.
    pub cohen_kappa: Measured,
    /// Fleiss' κ, on the items that all answered.
    pub fleiss_kappa: Measured,
    /// Items that all answered.
    pub complete: usize,
    /// Krippendorff's α, by the scale of the question.
    pub krippendorff_alpha: Measured,
    /// Gwet's AC1.
    pub gwet_ac1: Measured,
    /// Every pair of reviewers.
    pub pairs: Vec<Pair>,
    /// Each reviewer against themselves, where they were asked a second time.
    pub repeats: Vec<Against>,
    /// Each reviewer against the right answers of training rounds.
    pub gold: Vec<Against>,
}

impl Agreement {
    /// Says why agreement beyond chance is not told where two answered, and of how many items; `None` where every figure is.
    #[must_use]
    pub fn untold(&self) -> Option<String> {
        let figures = [
            ("Cohen's κ", self.reviewers.len() == 2, self.cohen_kappa),
            ("Fleiss' κ", self.complete == self.items, self.fleiss_kappa),
            ("Krippendorff's α", true, self.krippendorff_alpha),
            ("Gwet's AC1", true, self.gwet_ac1),
        ];
        let missing: Vec<&str> = figures.into_iter().filter(|(_, meant, found)| *meant && found.value.is_none()).map(|(name, ..)| name).collect();
        if self.items == 0 || missing.is_empty() {
            return None;
        }
        let names = missing.join(", ");
        Some(if self.items < FEWEST {
            format!("{names}: cannot be told from 1 item; let both answer more")
        } else {
            format!("{names}: cannot be told from these {} items, as all got one answer and chance alone would agree as well", self.items)
        })
    }

    /// Names every reviewer otherwise.
    pub fn rename(&mut self, name: &dyn Fn(&str) -> String) {
        let pairs = self.pairs.iter_mut().flat_map(|pair| [&mut pair.a, &mut pair.b]);
        let against = self.repeats.iter_mut().chain(&mut self.gold).map(|against| &mut against.reviewer);
        self.reviewers.iter_mut().chain(pairs).chain(against).for_each(|reviewer| *reviewer = name(reviewer));
    }
}

/// A reviewer's answers beside others to the same items.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Against {
    /// The reviewer.
    pub reviewer: String,
    /// Items with both answers.
    pub items: usize,
    /// Share of equal answers.
    pub percent: Option<f64>,
    /// Krippendorff's α, by the scale of the question.
    pub krippendorff_alpha: Measured,
}

/// What was answered to one question about one target.
#[derive(Debug, Clone, Default)]
struct Item<'s> {
    given: Vec<&'s Given>,
    again: Vec<&'s Given>,
    right: Vec<&'s Given>,
}

/// Measures agreement about the questions of a schema (one, or all that were answered); `group` sorts targets, `None` leaves one out.
#[must_use]
pub fn agreement(state: &State, schema: &Schema, question: Option<&str>, group: &dyn Fn(u32) -> Vec<String>, grouped: bool) -> Vec<Agreement> {
    let mut found = Vec::new();
    for asked in schema.questions.iter().filter(|q| question.is_none_or(|id| q.id == id)) {
        let Some(number) = state.question(&schema.name, &asked.id) else { continue };
        let mut items: BTreeMap<Option<String>, Vec<Item<'_>>> = BTreeMap::new();
        for target in state.labelled() {
            let of = |given: &&Given| given.question == number;
            let given: Vec<&Given> = state.current(target).filter(of).collect();
            if given.is_empty() {
                continue;
            }
            let item = Item { given, again: state.repeated(target).filter(of).collect(), right: state.right(target).filter(of).collect() };
            let groups = if grouped { group(target).into_iter().map(Some).collect() } else { vec![None] };
            for name in groups {
                items.entry(name).or_default().push(item.clone());
            }
        }
        let answers: Vec<String> = asked.answers.iter().map(|a| a.id.clone()).collect();
        for (name, rows) in items {
            found.push(measure(state, (&schema.name, &asked.id, asked.ordinal), name, &answers, &rows));
        }
    }
    found
}

fn measure(state: &State, (schema, question, ordinal): (&str, &str, bool), group: Option<String>, answers: &[String], items: &[Item<'_>]) -> Agreement {
    let (mut abstained, mut excluded) = (0, 0);
    let mut chains: Vec<u32> = Vec::new();
    let mut kept: Vec<Vec<(u32, usize)>> = Vec::new();
    for item in items {
        let mut row = Vec::new();
        for given in &item.given {
            let word = state.word(given.answer);
            if word == CANNOT_TELL {
                abstained += 1;
            } else if given.hindsight || !given.via.counts() {
                excluded += 1;
            } else if let Some(answer) = answers.iter().position(|known| known == word) {
                if !chains.contains(&given.chain) {
                    chains.push(given.chain);
                }
                row.push((given.chain, answer));
            }
        }
        kept.push(row);
    }
    chains.sort_by_key(|chain| state.reviewer_name(*chain));
    let place = |row: &Vec<(u32, usize)>| chains.iter().map(|c| row.iter().find(|(of, _)| of == c).map(|(_, answer)| *answer)).collect();
    let ratings = Ratings { rows: kept.iter().filter(|row| row.len() >= 2).map(place).collect(), categories: answers.len() };
    let all = Ratings { rows: kept.iter().map(place).collect(), categories: answers.len() };
    let two = chains.len() == 2;
    Agreement {
        schema: schema.to_owned(),
        question: question.to_owned(),
        group,
        scale: if ordinal { "ordinal" } else { "nominal" },
        answers: answers.to_vec(),
        reviewers: chains.iter().map(|chain| state.reviewer_name(*chain)).collect(),
        items: ratings.rows.len(),
        ratings: kept.iter().map(Vec::len).sum(),
        abstained,
        excluded,
        percent: measured(&ratings, percent),
        cohen_kappa: if two { beyond_chance(&ratings, cohen) } else { Measured::default() },
        fleiss_kappa: beyond_chance(&ratings.complete(), fleiss),
        complete: ratings.complete().rows.len(),
        krippendorff_alpha: beyond_chance(&ratings, if ordinal { alpha_ordinal } else { alpha_nominal }),
        gwet_ac1: beyond_chance(&all, ac1),
        pairs: pairs(state, &chains, &all),
        repeats: against(state, answers, ordinal, items, |item, own| item.again.iter().copied().find(|again| again.chain == own.chain)),
        gold: against(state, answers, ordinal, items, |item, _| item.right.first().copied()),
    }
}

/// Puts each reviewer's own judgements beside other answers to the same items; what cannot be told is left out.
fn against<'s>(state: &State, answers: &[String], ordinal: bool, items: &[Item<'s>], other: impl Fn(&Item<'s>, &Given) -> Option<&'s Given>) -> Vec<Against> {
    let mut found: BTreeMap<u32, Vec<Vec<Option<usize>>>> = BTreeMap::new();
    let place = |given: &Given| answers.iter().position(|known| known == state.word(given.answer));
    for item in items {
        for own in item.given.iter().filter(|own| !own.hindsight && own.via.counts()) {
            let both = other(item, own).and_then(|other| Some((place(own)?, place(other)?)));
            if let Some((own_answer, other_answer)) = both {
                found.entry(own.chain).or_default().push(vec![Some(own_answer), Some(other_answer)]);
            }
        }
    }
    let alpha = if ordinal { alpha_ordinal } else { alpha_nominal };
    let row = |(chain, rows): (u32, Vec<_>)| {
        let ratings = Ratings { rows, categories: answers.len() };
        let krippendorff_alpha = beyond_chance(&ratings, alpha);
        Against { reviewer: state.reviewer_name(chain), items: ratings.rows.len(), percent: percent(&ratings), krippendorff_alpha }
    };
    found.into_iter().map(row).collect()
}

fn measured(ratings: &Ratings, statistic: Statistic) -> Measured {
    let ends = interval(ratings, statistic, SEED, ROUNDS);
    Measured { value: statistic(ratings), lower: ends.map(|e| e.0), upper: ends.map(|e| e.1) }
}

/// Measures agreement beyond chance; of too few items none is told.
fn beyond_chance(ratings: &Ratings, statistic: Statistic) -> Measured {
    if ratings.shared() < FEWEST { Measured::default() } else { measured(ratings, statistic) }
}

fn pairs(state: &State, chains: &[u32], ratings: &Ratings) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (a, first) in chains.iter().enumerate() {
        for (b, second) in chains.iter().enumerate().skip(a + 1) {
            let two = ratings.pair(a, b);
            if !two.rows.is_empty() {
                pairs.push(Pair {
                    a: state.reviewer_name(*first),
                    b: state.reviewer_name(*second),
                    items: two.rows.len(),
                    percent: percent(&two),
                    cohen_kappa: beyond_chance(&two, cohen),
                    confusion: two.confusion(),
                });
            }
        }
    }
    pairs
}
