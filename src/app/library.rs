//! The library: the query, the trajectories or steps that match, the facets, what is marked and seen.

use super::columns::{self, Column};
use super::input::Input;
use super::list::List;
use super::page::Page;
use crate::judging::nearest;
use crate::query::{self, Completion, Leaf, Query};
use crate::text::{Clean, clean};
use crate::workspace::{Facets, Found, Hit, Summary};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Rows that are kept after they were seen.
const KEPT_ROWS: usize = 4_000;
/// Values of a facet that are shown before one asks for more.
const VALUES: usize = 7;
/// Facets in the order of the screen.
const FACETS: &[&str] = &["agent", "is", "decision", "status", "tool", "model", "arm", "kind"];

/// The state of the library.
#[derive(Debug)]
pub struct Library {
    /// The line of the query.
    pub query: Input,
    /// Whether one writes in it.
    pub typing: bool,
    /// What may be written at the caret, and which of it is chosen.
    pub completions: Vec<Completion>,
    /// The query that is shown, as it was understood.
    pub asked: Query,
    /// What is wrong with the line.
    pub error: Option<Clean>,
    /// Number of the last question, and of the one whose answer is shown.
    pub ticket: u64,
    /// Number of the question whose answer is shown; 0 before the first.
    pub answered: u64,
    /// The question that what is shown answers, so far.
    pub shown: Option<Question>,
    /// Field it is sorted by.
    pub sort: &'static Column,
    /// Whether the largest comes first.
    pub descending: bool,
    /// Columns that are shown.
    pub columns: Vec<&'static Column>,
    /// Trajectories that match, by number, in order.
    pub numbers: Vec<i64>,
    /// How many steps match.
    pub total_steps: usize,
    /// Whether only the first of what matches is known yet.
    pub partial: bool,
    /// How many trajectories were looked through, of how many, where the index alone cannot tell what matches.
    pub looked: Option<(usize, usize)>,
    /// Whether the index is older than the store, so that less is found than there is.
    pub behind: bool,
    /// Whether more steps match than were asked for.
    pub cut: bool,
    /// The best steps, one for each call.
    pub steps: Vec<Found>,
    /// Whether steps are shown rather than trajectories; `None` leaves it to the query.
    pub as_steps: Option<bool>,
    /// How long the search took, in ms.
    pub took_ms: f64,
    /// Rows that were read.
    pub rows: FxHashMap<i64, Summary>,
    /// Lines of steps that were read, by their place among the steps.
    pub lines: FxHashMap<usize, Hit>,
    /// What was asked for and not answered yet.
    pub awaited: FxHashSet<i64>,
    /// Lines that were asked for and not answered yet.
    pub awaited_lines: FxHashSet<usize>,
    /// Where one is among the rows.
    pub list: List,
    /// Counts by facet.
    pub facets: Facets,
    /// Counts by facet over everything, once they were asked for.
    pub known: Facets,
    /// Facets of which every value is shown.
    pub unfolded: BTreeSet<&'static str>,
    /// Where one is among the facets.
    pub facet_list: List,
    /// Whether the facets have the keys.
    pub in_facets: bool,
    /// Marked trajectories.
    pub marked: BTreeSet<i64>,
    /// Ids of trajectories that were opened before.
    pub seen: FxHashSet<String>,
    /// The trajectory beside the rows.
    pub preview: Option<(i64, Page)>,
    /// The trajectory whose preview was asked for.
    pub previewing: Option<i64>,
}

/// A question to the library: the query, the order, whether the largest comes first, whether steps are wanted.
pub type Question = (Query, &'static str, bool, bool);

/// A row of the facets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FacetRow {
    /// The name of a facet.
    Heading(&'static str),
    /// A value, how many trajectories have it, and whether the query asks for it.
    Value(&'static str, Clean, u64, bool),
    /// So many more values.
    More(&'static str, usize),
}

impl Library {
    /// Makes the library at the start; `columns` are those that a person chose, or none.
    #[must_use]
    pub fn new(columns: &[String]) -> Self {
        let all = columns::COLUMNS;
        let by_age = all.iter().find(|column| column.name == "at").unwrap_or(&all[0]);
        let mut library = Self {
            query: Input::default(),
            typing: false,
            completions: Vec::new(),
            asked: Query::All,
            error: None,
            ticket: 0,
            answered: 0,
            shown: None,
            sort: by_age,
            descending: true,
            columns: Vec::new(),
            numbers: Vec::new(),
            total_steps: 0,
            partial: false,
            looked: None,
            behind: false,
            cut: false,
            steps: Vec::new(),
            as_steps: None,
            took_ms: 0.0,
            rows: FxHashMap::default(),
            lines: FxHashMap::default(),
            awaited: FxHashSet::default(),
            awaited_lines: FxHashSet::default(),
            list: List::default(),
            facets: Facets::default(),
            known: Facets::default(),
            unfolded: BTreeSet::new(),
            facet_list: List::default(),
            in_facets: false,
            marked: BTreeSet::new(),
            seen: FxHashSet::default(),
            preview: None,
            previewing: None,
        };
        library.choose_columns(columns);
        library
    }

    /// Shows some columns; none chooses the usual ones.
    pub fn choose_columns(&mut self, names: &[String]) {
        let chosen: Vec<&'static Column> = names.iter().filter_map(|name| columns::column(name)).collect();
        self.columns = if chosen.is_empty() { columns::USUAL.iter().filter_map(|name| columns::column(name)).collect() } else { chosen };
    }

    /// Tells whether steps are shown rather than trajectories.
    #[must_use]
    pub fn shows_steps(&self) -> bool {
        self.asks() && self.as_steps.unwrap_or_else(|| looks_for_text(&self.asked))
    }

    /// Tells whether anything is asked for, so that not every trajectory matches.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.asked != Query::All
    }

    /// Gives what is asked for.
    #[must_use]
    pub fn question(&self) -> Question {
        (self.asked.clone(), self.sort.name, self.descending, self.shows_steps())
    }

    /// Tells whether sessions are being looked through for what matches, as the index alone cannot tell.
    #[must_use]
    pub fn is_looking(&self) -> bool {
        self.asked.is_verified() && (self.answered != self.ticket || self.partial)
    }

    /// Gives how many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        if self.shows_steps() { self.steps.len() } else { self.numbers.len() }
    }

    /// Tells whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Gives the number of the trajectory of a row.
    #[must_use]
    pub fn number(&self, row: usize) -> Option<i64> {
        if self.shows_steps() { self.steps.get(row).map(|found| found.number) } else { self.numbers.get(row).copied() }
    }

    /// Gives the number of the chosen trajectory.
    #[must_use]
    pub fn chosen(&self) -> Option<i64> {
        self.number(self.list.chosen)
    }

    /// Reads the line as a query: what is wrong is kept to be shown, and what was asked before stays.
    pub fn understand(&mut self) -> bool {
        let text = self.query.text();
        match self.begun().map_or_else(|| query::parse(text), Ok) {
            Ok(query) => {
                self.error = None;
                let other = query != self.asked;
                self.asked = query;
                other
            }
            Err(error) => {
                let hint = error.suggestion.as_deref().map_or(String::new(), |s| format!("did you mean {s}?  "));
                self.error = Some(clean(&format!("{hint}column {}: {}", error.column, error.message)));
                false
            }
        }
    }

    /// Gives the query whose last word is only the beginning of one, as while it is being written; `None` where it is whole.
    fn begun(&self) -> Option<Query> {
        let text = self.query.text();
        let last = text.rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | '-')).next().unwrap_or_default();
        let begun = self.typing && self.query.caret() == text.len() && last.chars().count() >= 3 && last.chars().all(char::is_alphanumeric) && last != "AND";
        begun.then(|| query::parse(&format!("{text}*")).ok()).flatten()
    }

    /// Tells whether the last word is taken as the beginning of one.
    #[must_use]
    pub fn begins(&self) -> bool {
        self.begun().is_some_and(|begun| begun == self.asked)
    }

    /// Ends writing: what is seen stays, so a word that was taken as the beginning of one is written as such, unless nothing begins so.
    pub fn keep(&mut self) {
        if !self.is_empty() && self.begins() {
            self.query.insert("*");
        }
        self.typing = false;
    }

    /// Gives what was probably meant where nothing matches: the query with the value of a field that is nearest to one nobody has.
    #[must_use]
    pub fn meant(&self) -> Option<String> {
        let leaves = self.asked.leaves();
        leaves.into_iter().filter(|(_, negated)| !negated).find_map(|(leaf, _)| {
            let Leaf::Field { field, value: query::Value::Text(text) } = leaf else { return None };
            let known: Vec<&str> = self.known.get(field.name())?.iter().map(|(value, _)| value.as_str()).collect();
            if known.iter().any(|value| value.eq_ignore_ascii_case(text)) {
                return None;
            }
            nearest(text, &known).map(|near| format!("{}:{near}", field.name()))
        })
    }

    /// Works out what may be written at the caret: names, values of closed fields, and values that the facets know.
    pub fn complete(&mut self) {
        let (text, caret) = (self.query.text(), self.query.caret());
        if text.is_empty() {
            self.completions.clear();
            return;
        }
        let mut found = query::complete(text, caret);
        if let Some((field, place)) = query::value_at(text, caret)
            && found.is_empty()
        {
            let begun = text.get(place.clone()).unwrap_or_default();
            let known = self.facets.iter().find(|(name, _)| **name == field.name()).map(|(_, values)| values.as_slice()).unwrap_or_default();
            let fits = known.iter().filter(|(value, _)| value.starts_with(begun) && !value.contains(char::is_whitespace));
            found = fits.map(|(value, _)| Completion { replace: place.clone(), text: value.clone(), doc: field.doc() }).collect();
        }
        // What stands there already needs no proposal.
        found.retain(|completion| text.get(completion.replace.clone()) != Some(completion.text.as_str()));
        found.truncate(8);
        self.completions = found;
    }

    /// Gives the rows of the facets.
    #[must_use]
    pub fn facet_rows(&self) -> Vec<FacetRow> {
        let mut rows = Vec::new();
        for name in FACETS {
            let Some(values) = self.facets.get(name).filter(|values| !values.is_empty()) else { continue };
            rows.push(FacetRow::Heading(name));
            let shown = if self.unfolded.contains(name) { values.len() } else { values.len().min(VALUES) };
            for (value, count) in values.iter().take(shown) {
                rows.push(FacetRow::Value(name, clean(value), *count, self.asks_for(name, value)));
            }
            if shown < values.len() {
                rows.push(FacetRow::More(name, values.len() - shown));
            }
        }
        rows
    }

    fn asks_for(&self, field: &str, value: &str) -> bool {
        let asked = |leaf: &Leaf| match leaf {
            Leaf::Field { field: name, value: query::Value::Text(text) } => name.name() == field && text.eq_ignore_ascii_case(value),
            _ => false,
        };
        self.asked.leaves().iter().any(|(leaf, negated)| !negated && asked(leaf))
    }

    /// Puts a value of a facet into the query, or takes it out.
    pub fn toggle_facet(&mut self, field: &str, value: &str) {
        let quoted = if value.contains(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '*' | '"')) {
            format!("\"{}\"", value.replace('"', ""))
        } else {
            value.to_owned()
        };
        let term = format!("{field}:{quoted}");
        let text = self.query.text();
        let without: Vec<&str> = text.split(' ').filter(|word| *word != term && !word.is_empty()).collect();
        let had = text.split(' ').any(|word| word == term);
        let mut words = without.join(" ");
        if !had {
            words = if words.is_empty() { term } else { format!("{words} {term}") };
        }
        self.query = Input::of(&words);
    }

    /// Forgets rows that are far from what is seen, once there are many.
    pub fn forget_far_rows(&mut self, from: usize, to: usize) {
        if self.rows.len() > KEPT_ROWS {
            let near: FxHashSet<i64> = (from.saturating_sub(400)..to + 400).filter_map(|row| self.number(row)).collect();
            self.rows.retain(|number, _| near.contains(number));
        }
        if self.lines.len() > KEPT_ROWS {
            self.lines.retain(|row, _| row + 400 > from && *row < to + 400);
        }
    }

    /// Gives the ids of the marked trajectories, or of the chosen one; only of those that were read.
    #[must_use]
    pub fn chosen_ids(&self) -> Vec<String> {
        let of = |number: &i64| self.rows.get(number).map(|row| row.id.clone());
        if self.marked.is_empty() { self.chosen().iter().filter_map(of).collect() } else { self.marked.iter().filter_map(of).collect() }
    }
}

/// Tells whether a query looks for text, so that the steps themselves are of interest.
fn looks_for_text(query: &Query) -> bool {
    query.leaves().iter().any(|(leaf, negated)| !negated && !matches!(leaf, Leaf::Field { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facets_go_in_and_out_of_the_query() {
        let mut library = Library::new(&[]);
        library.query = Input::of("push");
        library.toggle_facet("decision", "denied");
        library.toggle_facet("model", "a b");
        assert_eq!(library.query.text(), "push decision:denied model:\"a b\"");
        assert!(library.understand() && library.shows_steps());
        library.toggle_facet("decision", "denied");
        assert_eq!(library.query.text(), "push model:\"a b\"");
    }

    #[test]
    fn a_wrong_query_keeps_what_was_asked() {
        let mut library = Library::new(&[]);
        library.query = Input::of("is:denied");
        assert!(library.understand() && !library.shows_steps());
        library.query = Input::of("is:denied knid:x");
        assert!(!library.understand());
        assert!(library.error.as_ref().is_some_and(|error| error.contains("kind:")));
        assert_ne!(library.asked, Query::All);
    }

    #[test]
    fn completion_knows_names_and_what_the_facets_hold() {
        let mut library = Library::new(&[]);
        library.facets.insert("tool", vec![("bash".to_owned(), 3), ("edit".to_owned(), 1)]);
        let texts = |library: &Library| library.completions.iter().map(|c| c.text.clone()).collect::<Vec<_>>();
        library.query = Input::of("to");
        library.complete();
        assert_eq!(texts(&library), ["tool:", "tokens:"]);
        library.query = Input::of("tool:b");
        library.complete();
        assert_eq!(texts(&library), ["bash"]);
    }
}
