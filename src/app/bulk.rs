//! Labelling several at once: what is marked is counted first, one choice labels all, and one undo takes all of it back.

use super::message::Told;
use super::overlay::{Choice, Item, Kind, Overlay, Picker};
use super::review::ReviewAct;
use super::state::{Screen, State};
use super::task::Task;
use super::tone::Tone;
use crate::text::{clean, fit, human};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Trajectories and other targets that are labelled together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Several {
    /// Numbers of trajectories, each judged as a whole.
    pub numbers: Vec<i64>,
    /// Names of decision points.
    pub targets: Vec<String>,
    /// Names of those of which more was seen than the agent had seen.
    pub early: BTreeSet<String>,
    /// Name of the schema that the open queue asks by; `None` outside the review, where every schema may be answered and all was seen.
    pub schema: Option<String>,
}

impl Several {
    fn len(&self) -> usize {
        self.numbers.len() + self.targets.len()
    }
}

/// One answer that is given to several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shared {
    /// Name of the schema.
    pub schema: String,
    /// Question.
    pub question: String,
    /// Answer.
    pub answer: String,
}

impl Shared {
    /// Says it.
    #[must_use]
    pub fn said(&self) -> String {
        format!("{} = {}", self.question.replace('_', " "), self.answer.replace('_', " "))
    }
}

/// An answer that may be given to several, and to how many of them its question is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The answer.
    pub shared: Shared,
    /// What it means.
    pub text: String,
    /// How many it would label.
    pub count: usize,
}

impl State {
    /// Gives what is marked where one is: trajectories in the library, decision points in the review or a trajectory.
    fn several(&self) -> Several {
        match (self.screen, &self.review, &self.reading) {
            (Screen::Library, ..) if self.library.marked.is_empty() => Several { numbers: self.library.chosen().into_iter().collect(), ..Several::default() },
            (Screen::Library, ..) => Several { numbers: self.library.marked.iter().copied().collect(), ..Several::default() },
            (Screen::Review, Some(review), _) => Several {
                targets: review.marked.keys().cloned().collect(),
                early: review.marked.iter().filter(|(_, early)| **early).map(|(name, _)| name.clone()).collect(),
                schema: Some(review.at.asks.clone()),
                ..Several::default()
            },
            (Screen::Trajectory, _, Some(reading)) => {
                let mut targets: Vec<String> = Vec::new();
                for point in reading.marked.iter().filter_map(|at| reading.ties.margin.point(*at)) {
                    let name = point.point.target.name();
                    if !targets.contains(&name) {
                        targets.push(name);
                    }
                }
                Several { targets, ..Several::default() }
            }
            _ => Several::default(),
        }
    }

    /// Asks what can be said of all that is marked; keys wait until that can be seen.
    pub(super) fn label_several(&mut self) {
        let several = self.several();
        if several.len() == 0 {
            return self.note(if self.screen == Screen::Review { "nothing is marked; v marks" } else { "nothing is marked; v marks, V marks every row" });
        }
        let ticket = self.wait_for_offers();
        self.want(Task::Offers(ticket, several));
    }

    /// Lists what can be said of all that was marked when it was asked, where that is still meant.
    pub(super) fn offered(&mut self, ticket: u64, several: Several, offers: Result<Vec<Offer>, String>) {
        if !self.wants_offers(ticket) {
            return;
        }
        let held = self.end_wait();
        if several != self.several() {
            self.not_taken(held.len());
            return self.note("what is meant is another by now; L asks again");
        }
        let offers = match offers {
            Ok(offers) if offers.is_empty() => return self.note("no question of the label schema is about what is marked"),
            Ok(offers) => offers,
            Err(why) => return self.tell(Told::bad(why)),
        };
        let (of, several) = (several.len(), Arc::new(several));
        let schemas = offers.iter().map(|offer| offer.shared.schema.as_str()).collect::<BTreeSet<_>>().len();
        let mut items: Vec<Item> = Vec::new();
        let mut last = (String::new(), String::new());
        for Offer { shared, text, count } in offers {
            let question = (shared.schema.clone(), shared.question.clone());
            if question != last {
                let rest = if count < of { format!(", asked of {count} of them") } else { String::new() };
                let by = if schemas > 1 { format!("  {}", shared.schema) } else { String::new() };
                let heading = vec![(clean(&format!("{}{rest}", shared.question.replace('_', " "))), Tone::Accent), (clean(&by), Tone::Dim)];
                items.push(Item { text: heading, aside: clean(""), choice: None });
                last = question;
            }
            let text = vec![(clean(&fit(&shared.answer.replace('_', " "), 16)), Tone::Strong), (clean(&text), Tone::Dim)];
            items.push(Item { text, aside: clean(&format!("labels {count}")), choice: Some(Choice::Label(shared, Arc::clone(&several))) });
        }
        let noun = if several.targets.is_empty() { "trajectory" } else { "item" };
        let title = format!("label {}{}; one undo takes all back", human::plural(of, noun), self.given_as());
        self.overlays.push(Overlay::Picker(Picker::new(Kind::Labels, clean(&title), items)));
        self.not_taken(held.len());
    }

    /// Says what is out of the ordinary of answers to all that is marked in the review.
    fn given_as(&self) -> String {
        let Some(review) = self.review.as_ref().filter(|_| self.screen == Screen::Review) else { return String::new() };
        let early = review.marked.values().filter(|early| **early).count();
        let early = if early > 0 { format!(", {early} with hindsight: shown early") } else { String::new() };
        format!("{}{early}", if review.unsure { ", unsure" } else { "" })
    }

    /// Asks whether an answer is meant for all that is marked; tells whether it asked. What alone is marked and looked at needs no question.
    pub(super) fn confirm_several(&mut self, question: &str, answer: &str) -> bool {
        let several = self.several();
        let (schema, here) = match (&several.schema, &self.review, &self.reading) {
            (Some(schema), Some(review), _) => (Some(schema.clone()), review.name()),
            (None, _, Some(reading)) => {
                let margin = &reading.ties.margin;
                (margin.beside().schema.as_ref().map(|schema| schema.name.clone()), margin.point(reading.at()).map(|judged| judged.point.target.name()))
            }
            _ => return false,
        };
        let Some(schema) = schema.filter(|_| !several.targets.is_empty() && (several.targets.len() > 1 || several.targets.first() != here.as_ref())) else {
            return false;
        };
        let shared = Shared { schema, question: question.to_owned(), answer: answer.to_owned() };
        let said = format!("{} for {}{}", shared.said(), human::plural(several.len(), "marked item"), self.given_as());
        let choice = Some(Choice::Label(shared, Arc::new(several)));
        let items = vec![Item { text: vec![(clean(&said), Tone::Strong)], aside: clean("one undo takes all back"), choice }];
        self.overlays.push(Overlay::Picker(Picker::new(Kind::Bulk, clean("label what is marked; esc leaves"), items)));
        true
    }

    /// Gives an answer to all that it was asked about.
    pub(super) fn give_several(&mut self, answer: Shared, several: Several) {
        let unsure = self.screen == Screen::Review && self.review.as_ref().is_some_and(|review| review.unsure);
        self.wait_on(self.screen);
        self.want(Task::Label { several, answer, unsure });
    }

    /// Takes in that several were labelled, or why not.
    pub(super) fn labelled(&mut self, result: Result<String, String>) {
        match result {
            Ok(told) => {
                let screen = self.screen;
                let held = self.end_wait();
                self.library.marked.clear();
                if let Some(reading) = &mut self.reading {
                    reading.marked.clear();
                    reading.margin_of = None;
                }
                if let Some(review) = &mut self.review {
                    review.marked.clear();
                    review.unsure = false;
                    let place = review.at.place;
                    if self.screen == Screen::Review {
                        self.advance = true;
                        self.review_act(ReviewAct::Go(place));
                    }
                }
                self.tell(Told::good(told));
                self.press_held(screen, held);
            }
            Err(why) => self.broke_down(&why),
        }
        self.want(Task::Look);
    }

    /// Marks the item of the review, or takes its mark away, and goes on to the next.
    pub(super) fn mark_item(&mut self) {
        let Some(review) = &mut self.review else { return };
        if review.at.sitting != super::Sitting::First {
            return self.note("what is settled or judged again is answered one at a time");
        }
        let Some(name) = review.name() else { return };
        if review.marked.remove(&name).is_none() {
            review.marked.insert(name, review.early);
        }
        let count = review.marked.len();
        self.note(&format!("{} marked; an answer labels all of them, after a question", human::plural(count, "item")));
        if self.review.as_ref().is_some_and(|review| review.at.place + 1 < review.at.progress.total) {
            self.other_item(1);
        }
    }
}
