//! Answering in the review: keys become answers, proposals are taken or refused, sentences are quoted.

use crate::app::overlay::{Choice, Item, Kind, Overlay, Picker};
use crate::app::review::{Asked, Review, ReviewAct};
use crate::app::state::{Screen, State};
use crate::app::tone::Tone;
use crate::command::Key;
use crate::judging::{CANNOT_TELL, Quote, Via};
use crate::text::{clean, fit};
use crate::workspace::Reply;

impl State {
    /// Takes a key as an answer; tells whether it was one.
    pub(in crate::app) fn answer_key(&mut self, key: Key) -> bool {
        if self.screen == Screen::Trajectory && self.pending.is_empty() {
            return self.answer_here(key);
        }
        if self.screen != Screen::Review || !self.pending.is_empty() {
            return false;
        }
        let Some(review) = &mut self.review else { return false };
        let Some(typed) = key.typed() else { return false };
        if !typed.is_ascii_digit() {
            let opens = review.at.item.iter().flat_map(|item| &item.questions).find(|asked| asked.question.opens_with == Some(typed) && !asked.shown);
            let Some(id) = opens.map(|asked| asked.question.id.clone()) else { return false };
            review.opened = Some(id);
            return true;
        }
        let Some(asked) = review.asked() else {
            self.note("every question of this one is answered; r changes an answer, space goes on");
            return true;
        };
        let answer = asked.question.answers.iter().find(|answer| answer.key == typed);
        match answer {
            Some(answer) if answer.quote && !review.settles() => {
                self.quotes();
                if self.review.as_ref().is_some_and(|review| !review.marked.is_empty()) {
                    self.note("what needs a quotation is said of this one alone; the marks stay");
                }
            }
            Some(answer) => {
                let id = answer.id.clone();
                self.give(id, Via::Key, None);
            }
            None if typed == asked.question.cannot_tell => self.give(CANNOT_TELL.to_owned(), Via::Key, None),
            None => {
                let (keys, other) = (asked.question.keys(), asked.question.cannot_tell);
                self.note(&format!("this question has the answers {keys}, and {other} for cannot tell"));
            }
        }
        true
    }

    /// Lists what was answered about the item, one of which may be answered again.
    pub(in crate::app) fn answer_list(&mut self) {
        let Some(review) = &self.review else { return };
        let seen = |asked: &&Asked| review.revealed() || asked.question.before;
        let given = review.at.item.iter().flat_map(|item| &item.questions).filter(seen).filter_map(|asked| Some((&asked.question, asked.answer.as_ref()?)));
        let item = |(question, answer): (&crate::judging::Question, &String)| Item {
            text: vec![(clean(&fit(&answer.replace('_', " "), 14)), Tone::Strong), (clean(&question.text), Tone::Text)],
            aside: clean(&question.id),
            choice: Some(Choice::Again(question.id.clone())),
        };
        let items: Vec<Item> = given.map(item).collect();
        if items.is_empty() {
            return self.note("nothing is answered here that could be changed");
        }
        self.overlays.push(Overlay::Picker(Picker::new(Kind::Answers, clean("which answer is to be changed? enter asks its question again"), items)));
    }

    /// Asks a question again that is answered.
    pub(in crate::app) fn ask_again(&mut self, question: String) {
        if let Some(review) = &mut self.review {
            review.opened = Some(question);
        }
    }

    /// Gives an answer to the question that is asked now.
    pub(in crate::app) fn give(&mut self, answer: String, via: Via, quote: Option<Quote>) {
        let now = self.now_ms;
        let Some(review) = &mut self.review else { return };
        // The time of an answer begins with the item, or with the answer before.
        let spent = u64::try_from(now - std::mem::replace(&mut review.since_ms, now)).ok();
        let Some(asked) = review.asked() else { return };
        let question = asked.question.id.clone();
        if quote.is_none() && review.at.sitting == crate::app::Sitting::First && self.confirm_several(&question, &answer) {
            return;
        }
        let Some(review) = &mut self.review else { return };
        // What alone was marked, and is answered now, is done with.
        let here = review.name().filter(|_| review.marked.len() == 1);
        here.and_then(|here| review.marked.remove(&here));
        review.answered = true;
        let Some(asked) = review.asked() else { return };
        if review.settles() {
            let question = asked.question.id.clone();
            self.advance = true;
            return self.review_act(ReviewAct::Settle(question, answer));
        }
        let reply = Reply {
            question: asked.question.id.clone(),
            answer,
            confidence: review.unsure.then_some(1),
            via: Some(via),
            hindsight: review.early,
            ms: spent,
            quote,
            refused: review.refused.contains(&asked.question.id),
        };
        self.advance = true;
        self.review_act(ReviewAct::Answer(Box::new(reply)));
    }

    /// Settles the question as the reviewer at the left (0) or at the right (1) answered it; tells whether anything is settled here.
    fn settle_as(&mut self, side: usize) -> bool {
        let Some(review) = self.review.as_ref().filter(|review| review.settles()) else { return false };
        match review.asked().and_then(|asked| asked.voices.get(side)).map(|voice| voice.answer.clone()) {
            Some(answer) => self.give(answer, Via::Key, None),
            None => {
                let keys = review.asked().map(|asked| asked.question.keys());
                let said = keys
                    .map_or("all is settled here; g Q chooses another queue".to_owned(), |keys| format!("nobody answered that on this side; {keys} settle it"));
                self.note(&said);
            }
        }
        true
    }

    /// Takes the proposal for the question that is asked; of two reviewers who differ, the answer at the left.
    pub(in crate::app) fn take_proposal(&mut self) {
        if self.settle_as(0) {
            return;
        }
        // One's own answer that grew stale is given again, not taken from anybody.
        let own = self.review.as_ref().and_then(Review::asked).filter(|asked| asked.stale);
        if let Some((answer, quote)) = own.and_then(|asked| Some((asked.answer.clone()?, asked.changed.as_ref().and_then(|changed| changed.quote.clone())))) {
            return self.give(answer, Via::Key, quote);
        }
        match self.review.as_ref().and_then(Review::proposal).map(|suggestion| suggestion.answer.clone()) {
            Some(answer) => self.give(answer, Via::Proposal, None),
            None => {
                let keys = self.review.as_ref().and_then(Review::asked).map(|asked| asked.question.keys());
                self.note(&keys.map_or("every question of this one is answered".to_owned(), |keys| format!("nothing is proposed here; {keys} answer")));
            }
        }
    }

    /// Refuses the proposal for the question that is asked, and stays there; of two reviewers who differ, takes the answer at the right.
    pub(in crate::app) fn refuse_proposal(&mut self) {
        if self.settle_as(1) {
            return;
        }
        let refused = self.review.as_mut().and_then(|review| {
            review.proposal()?;
            let id = review.asked()?.question.id.clone();
            review.refused.push(id);
            Some(())
        });
        self.note(if refused.is_some() { "the proposal is refused; 1 to 9 say what holds" } else { "nothing is proposed here to refuse" });
    }

    /// Shows who answered what, or hides it.
    pub(in crate::app) fn toggle_names(&mut self) {
        match self.review.as_mut().filter(|review| review.settles()) {
            Some(review) => review.names = !review.names,
            None => self.note("names are shown where it is settled what reviewers differ about: the queue `disputed`"),
        }
    }

    /// Gives the next answer as unsure, or as sure again.
    pub(in crate::app) const fn toggle_unsure(&mut self) {
        if let Some(review) = &mut self.review {
            review.unsure = !review.unsure;
        }
    }
}
