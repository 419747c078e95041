//! Labelling several at once: what is marked is counted first, one choice labels all, and one undo takes all of it back.

use super::message::Told;
use super::overlay::{Choice, Item, Kind, Overlay, Picker};
use super::review::ReviewAct;
use super::state::{Screen, State};
use super::task::Task;
use super::tone::Tone;
use crate::text::{clean, fit, human};

/// Trajectories and other targets that are labelled together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Several {
    /// Numbers of trajectories, each judged as a whole.
    pub numbers: Vec<i64>,
    /// Names of decision points.
    pub targets: Vec<String>,
}

impl Several {
    fn len(&self) -> usize {
        self.numbers.len() + self.targets.len()
    }
}

/// An answer that may be given to several, and to how many of them its question is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Question.
    pub question: String,
    /// Answer.
    pub answer: String,
    /// What the answer means.
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
            (Screen::Review, Some(review), _) => Several { targets: review.marked.iter().cloned().collect(), ..Several::default() },
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

    /// Asks what can be said of all that is marked.
    pub(super) fn label_several(&mut self) {
        let several = self.several();
        if several.len() == 0 {
            return self.note("nothing is marked; v marks, V marks every row");
        }
        self.want(Task::Offers(several));
    }

    /// Lists what can be said of all that is marked.
    pub(super) fn offered(&mut self, offers: Result<Vec<Offer>, String>) {
        let offers = match offers {
            Ok(offers) if offers.is_empty() => return self.note("no question of the label schema is about what is marked"),
            Ok(offers) => offers,
            Err(why) => return self.tell(Told::bad(why)),
        };
        let of = self.several().len();
        let mut items: Vec<Item> = Vec::new();
        let mut last = String::new();
        for offer in offers {
            if offer.question != last {
                let left = of.saturating_sub(offer.count);
                let rest = if left > 0 { format!(", asked of {} of them", offer.count) } else { String::new() };
                items.push(Item { text: vec![(clean(&format!("{}{rest}", offer.question.replace('_', " "))), Tone::Accent)], aside: clean(""), choice: None });
                last.clone_from(&offer.question);
            }
            let text = vec![(clean(&fit(&offer.answer.replace('_', " "), 16)), Tone::Strong), (clean(&offer.text), Tone::Dim)];
            items.push(Item { text, aside: clean(&format!("labels {}", offer.count)), choice: Some(Choice::Label(offer.question, offer.answer)) });
        }
        let noun = if self.screen == Screen::Library { "trajectory" } else { "item" };
        let title = format!("label {}; one undo takes all back", human::plural(of, noun));
        self.overlays.push(Overlay::Picker(Picker::new(Kind::Labels, clean(&title), items)));
    }

    /// Asks whether an answer is meant for all that is marked; tells whether anything is.
    pub(super) fn confirm_several(&mut self, question: &str, answer: &str) -> bool {
        let several = self.several();
        if several.targets.len() < 2 {
            return false;
        }
        let said = format!("{} = {} for {}", question.replace('_', " "), answer.replace('_', " "), human::plural(several.len(), "marked item"));
        let choice = Some(Choice::Label(question.to_owned(), answer.to_owned()));
        let items = vec![Item { text: vec![(clean(&said), Tone::Strong)], aside: clean("one undo takes all back"), choice }];
        self.overlays.push(Overlay::Picker(Picker::new(Kind::Bulk, clean("label several at once; esc leaves"), items)));
        true
    }

    /// Gives an answer to all that is marked.
    pub(super) fn give_several(&mut self, question: String, answer: String) {
        let several = self.several();
        // Who reads a whole trajectory, or had it shown early, has seen what came after.
        let hindsight = self.screen != Screen::Review || self.review.as_ref().is_some_and(|review| review.early);
        self.want(Task::Label { several, question, answer, hindsight });
    }

    /// Takes in that several were labelled, or why not.
    pub(super) fn labelled(&mut self, result: Result<String, String>) {
        match result {
            Ok(told) => {
                self.library.marked.clear();
                if let Some(reading) = &mut self.reading {
                    reading.marked.clear();
                    reading.margin_of = None;
                }
                if let Some(review) = &mut self.review {
                    review.marked.clear();
                    let place = review.at.place;
                    if self.screen == Screen::Review {
                        self.review_act(ReviewAct::Go(place));
                    }
                }
                self.tell(Told::good(told));
            }
            Err(why) => self.tell(Told::bad(why)),
        }
        self.want(Task::Look);
    }

    /// Marks the item of the review, or takes its mark away, and goes on to the next.
    pub(super) fn mark_item(&mut self) {
        let Some(review) = &mut self.review else { return };
        if review.at.sitting != super::Sitting::First {
            return self.note("what is settled or judged again is answered one at a time");
        }
        let Some(name) = review.at.item.as_ref().map(|item| item.point.target.name()) else { return };
        if !review.marked.remove(&name) {
            review.marked.insert(name);
        }
        let count = review.marked.len();
        self.note(&format!("{} marked; an answer labels all of them, after a question", human::plural(count, "item")));
        if self.review.as_ref().is_some_and(|review| review.at.place + 1 < review.at.progress.total) {
            self.other_item(1);
        }
    }
}
