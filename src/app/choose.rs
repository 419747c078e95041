//! What happens with what is chosen: rows of the library, and items of lists.

use super::columns::{Column, column};
use super::message::Wanted;
use super::overlay::{Choice, Kind, Overlay};
use super::state::{Screen, State};
use super::take::Take;
use super::task::Task;
use super::{FacetRow, Input};

impl State {
    /// Opens what is chosen.
    pub(super) fn open(&mut self) {
        match self.screen {
            Screen::Library if self.library.in_facets => self.choose_facet(),
            Screen::Library => self.open_chosen(),
            Screen::Trajectory => {
                if let Some(reading) = &mut self.reading {
                    reading.in_detail = !reading.in_detail;
                }
            }
            Screen::Compare => self.open_compared(),
            Screen::Review => self.open_reviewed(),
            _ => self.open_board(),
        }
    }

    fn open_chosen(&mut self) {
        if self.library.error.is_some() {
            return self.note("the query has a mistake, and what stands here was asked before it: / mends it, esc clears it");
        }
        let Some(number) = self.library.chosen() else { return };
        let inner = self.library.shows_steps().then(|| self.library.steps.get(self.library.list.chosen).map(|found| found.step.clone())).flatten();
        let sought = super::Sought::of(&self.library.asked, inner.clone());
        self.open_trajectory(Wanted::Number(number, inner));
        self.sought = sought;
        if self.opening.is_none() {
            self.seek();
        }
    }

    /// Asks for a trajectory and goes there; one that is open already is shown at once.
    pub fn open_trajectory(&mut self, what: Wanted) {
        if self.screen != Screen::Trajectory {
            self.from = self.screen;
        }
        self.sought = None;
        if let (Wanted::Number(number, inner), Some(reading)) = (&what, &mut self.reading)
            && reading.number == *number
        {
            if let Some(inner) = inner {
                reading.go_to_id(inner);
            }
            self.screen = Screen::Trajectory;
            return;
        }
        let ticket = self.ask();
        (self.opening, self.gone_on) = (Some(ticket), false);
        self.want(Task::Begin { ticket, what: what.clone() });
        self.want(Task::Open { ticket, what });
    }

    fn open_compared(&mut self) {
        let Some(comparison) = &self.comparison else { return };
        let side = comparison.side;
        let Some(opened) = comparison.sides.get(side).map(|side| side.opened.clone()) else { return };
        let step = comparison.step(side).map(|step| step.id.clone());
        self.open_trajectory(Wanted::Number(opened.number, step));
    }

    fn choose_facet(&mut self) {
        let Some(row) = self.library.facet_rows().get(self.library.facet_list.chosen).cloned() else { return };
        match row {
            FacetRow::Heading(name) | FacetRow::More(name, _) => {
                if !self.library.unfolded.remove(name) {
                    self.library.unfolded.insert(name);
                }
            }
            FacetRow::Value(name, value, ..) => {
                self.library.toggle_facet(name, &value);
                self.query_changed();
            }
        }
    }

    /// Lets the facets have the keys, or the rows.
    pub(super) fn toggle_facets(&mut self) {
        if self.library.facets.is_empty() {
            return self.note("there is nothing to count yet");
        }
        self.library.in_facets = !self.library.in_facets;
    }

    /// Shows steps rather than trajectories, or the other way round.
    pub(super) fn toggle_hits(&mut self) {
        if !self.library.asks() {
            return self.note("steps are shown where something is searched for: / begins");
        }
        self.library.as_steps = Some(!self.library.shows_steps());
        self.library.list = super::List::default();
        self.ask_library();
    }

    /// Does what the chosen item of a list says.
    pub(super) fn choose(&mut self) {
        let Some(Overlay::Picker(picker)) = self.overlays.last() else { return };
        let (kind, typed) = (picker.kind, picker.input.text().to_owned());
        if kind == Kind::Palette && typed.starts_with('!') {
            self.overlays.pop();
            return self.take(Take::Pipe(typed.trim_start_matches('!').trim().to_owned()));
        }
        if let Some(Overlay::Picker(picker)) = self.overlays.last_mut()
            && let Some(meant) = &mut picker.awaited
        {
            *meant = true;
            return;
        }
        let Some(Overlay::Picker(picker)) = self.overlays.last() else { return };
        let Some(choice) = picker.chosen().and_then(|item| item.choice.clone()) else {
            if kind == Kind::Quotes && typed.is_empty() {
                return self.note("no sentence is chosen yet: down, or letters of it");
            }
            return self.note(&format!("nothing here is like {typed:?}; esc closes the list"));
        };
        if let Choice::Column(name) = choice {
            return self.toggle_column(name);
        }
        self.overlays.pop();
        match choice {
            Choice::Run(command) => {
                // From help or the palette a command works as its key would where one was.
                if command.places() & self.place_bits() == 0 {
                    return self.note(&format!("{} does not work here", command.name()));
                }
                self.act(command);
            }
            Choice::Shell(line) => self.write_shell_line(line),
            Choice::Theme(name) => self.looks.theme = name,
            Choice::Sort(name) => self.sort_by(name),
            Choice::Query(text) => {
                self.screen = Screen::Library;
                self.library.query = Input::of(&text);
                self.query_changed();
            }
            Choice::Step(step) => {
                if let Some(reading) = &mut self.reading {
                    reading.go_to(step);
                }
            }
            Choice::Open(id) => self.open_trajectory(Wanted::Id(id)),
            Choice::Review(name) => self.review_act(super::ReviewAct::Begin(name)),
            Choice::ReviewFound(query) => self.review_act(super::ReviewAct::Over(query)),
            Choice::Pair(at) => self.go_to_pair(at),
            Choice::Mend(mend) => self.mend(mend),
            Choice::Again(question) => self.ask_again(question),
            Choice::Quote(quote) => self.give_quoted(quote),
            Choice::Amend(fact, value) => self.ask_why(fact, value),
            Choice::Verdict(verdict, note) => self.settle_verdict(verdict, note),
            Choice::Label(shared, several) => self.give_several(shared, several.as_ref().clone()),
            Choice::Copy(text) => self.want(Task::Copy(text, "the id".to_owned())),
            Choice::Column(_) => {}
        }
    }

    fn sort_by(&mut self, name: &str) {
        let Some(column) = column(name) else { return };
        if self.library.sort.name == column.name {
            self.library.descending = !self.library.descending;
        } else {
            (self.library.sort, self.library.descending) = (column, column.largest_first);
        }
        self.library.list = super::List::default();
        self.ask_library();
    }

    fn toggle_column(&mut self, name: &'static str) {
        let shown: Vec<&'static Column> = self.library.columns.clone();
        if shown.iter().any(|column| column.name == name) {
            // A table without any column says nothing.
            self.library.columns.retain(|column| column.name != name || shown.len() == 1);
        } else {
            let wanted = |column: &&'static Column| column.name == name || shown.iter().any(|kept| kept.name == column.name);
            self.library.columns = super::COLUMNS.iter().filter(wanted).collect();
        }
        let at = match self.overlays.pop() {
            Some(Overlay::Picker(picker)) => Some(picker.list),
            _ => None,
        };
        self.column_list(at);
    }

    /// Marks the chosen row, or takes its mark away, and goes on.
    pub(super) fn mark(&mut self) {
        match self.screen {
            Screen::Library => {
                if let Some(number) = self.library.chosen() {
                    flip(&mut self.library.marked, number);
                }
            }
            Screen::Trajectory => {
                if let Some(reading) = &mut self.reading {
                    let at = reading.at();
                    flip(&mut reading.marked, at);
                }
            }
            Screen::Review => self.mark_item(),
            _ => self.note("marks are for the library, a trajectory and the review"),
        }
    }

    /// Marks every row, or takes all marks away.
    pub(super) fn mark_all(&mut self) {
        match (self.screen, &mut self.reading) {
            (Screen::Library, _) => {
                let all: std::collections::BTreeSet<i64> = (0..self.library.len()).filter_map(|row| self.library.number(row)).collect();
                self.library.marked = if self.library.marked.len() == all.len() { std::collections::BTreeSet::new() } else { all };
            }
            (Screen::Trajectory, Some(reading)) => {
                let all: std::collections::BTreeSet<usize> = reading.rows.iter().map(|row| row.step as usize).collect();
                reading.marked = if reading.marked.len() == all.len() { std::collections::BTreeSet::new() } else { all };
            }
            _ => {}
        }
    }

    /// Takes the mark of a trajectory that was seen away, or puts it there.
    pub(super) fn toggle_seen(&mut self) {
        for id in self.library.chosen_ids() {
            let seen = !self.library.seen.remove(&id);
            if seen {
                self.library.seen.insert(id.clone());
            }
            self.want(Task::Seen(id, seen));
        }
    }

    /// Compares the two marked trajectories, or this one and the one that was open before.
    pub(super) fn compare(&mut self) {
        let marked: Vec<i64> = self.library.marked.iter().copied().collect();
        let pair = match (self.screen, marked.as_slice(), &self.reading) {
            (Screen::Compare, ..) => {
                if let Some(comparison) = self.comparison.take() {
                    let (from, [left, right]) = (comparison.from, comparison.sides);
                    self.comparison = Some(super::Comparison::new(right.opened, left.opened, from));
                }
                return;
            }
            (Screen::Library, [left, right], _) => Some((*left, *right)),
            (Screen::Library, [one], _) => self.library.chosen().filter(|chosen| chosen != one).map(|chosen| (*one, chosen)),
            (Screen::Library, [], Some(reading)) => self.library.chosen().filter(|chosen| *chosen != reading.number).map(|chosen| (reading.number, chosen)),
            (Screen::Trajectory, _, Some(reading)) => reading.before.as_ref().map(|(before, _)| (*before, reading.number)),
            _ => None,
        };
        match pair {
            Some((left, right)) => self.want(Task::OpenBoth(Wanted::Number(left, None), Wanted::Number(right, None))),
            None if self.screen == Screen::Library => self.note("mark two trajectories with v, then = compares them"),
            None => self.note("no other trajectory was open before this one; in the library, mark two with v"),
        }
    }

    /// Goes to the next row of the comparison that means something on one of its sides; a hit is a difference.
    pub(super) fn jump_compared(&mut self, to: super::Jump, forwards: bool) {
        let page = self.page_rows();
        let Some(comparison) = &mut self.comparison else { return };
        let found = if to == super::Jump::Hit { comparison.difference(forwards) } else { comparison.next(to, forwards) };
        match found {
            Some(row) => {
                comparison.list.chosen = row;
                comparison.list.settle(comparison.pairs.len(), page);
            }
            None if to == super::Jump::Hit => self.note("no other difference"),
            None => self.note(&format!("no {} {}", to.name(), if forwards { "below" } else { "above" })),
        }
    }
}

fn flip<T: Ord>(marks: &mut std::collections::BTreeSet<T>, one: T) {
    if !marks.remove(&one) {
        marks.insert(one);
    }
}
