//! Judging where one reads: an answer, a flag, a note or a corrected fact about the decision point of the chosen step.
//!
//! Whoever reads the whole trajectory has seen what came after, so every answer given here says so.

use super::message::Told;
use super::overlay::{Choice, Item, Kind, Overlay, Picker, Prompt, Question};
use super::review::ReviewAct;
use super::review::page::sentences;
use super::state::{Screen, State};
use super::task::Task;
use super::tone::Tone;
use super::{Input, Reading};
use crate::command::{Command, Key};
use crate::judging::{CANNOT_TELL, Point, Quote, Via};
use crate::model::{Decision, Execution, StopClass};
use crate::text::{Clean, clean, fit};
use crate::workspace::Reply;

/// Who can have asked before a call, and what each means.
const ASKERS: &[(&str, &str)] = &[
    ("gate", "the runtime or a client stopped the call and asked"),
    ("agent_tool", "the agent asked by a call of its own"),
    ("agent_text", "the agent asked in its message and waited"),
    ("none", "nobody asked"),
    ("unknown", "the sources cannot show it"),
];

impl Reading {
    /// Gives the decision point of the chosen step.
    fn point(&self) -> Option<&Point> {
        self.ties.margin.point(self.at()).map(|judged| &judged.point)
    }
}

impl State {
    /// Gives the decision point that is meant: that of the review's item, or of the chosen step.
    fn point_meant(&self) -> Option<&Point> {
        match self.screen {
            Screen::Review => self.review.as_ref()?.at.item.as_ref().map(|item| &item.point),
            _ => self.reading.as_ref()?.point(),
        }
    }

    /// Does something about the point that is meant, durably.
    fn judge(&mut self, act: ReviewAct) {
        if self.screen == Screen::Review {
            return self.review_act(act);
        }
        let of_none = matches!(act, ReviewAct::TurnBack(_));
        match self.point_meant().map(|point| point.target.name()) {
            Some(target) => self.want(Task::Judge(target, act)),
            None if of_none => self.want(Task::Judge(String::new(), act)),
            None => self.note("judged are calls, and turns of the agent that end without one; ]u goes to the next"),
        }
    }

    /// Does in a trajectory what a command of the review says.
    pub(super) fn act_here(&mut self, command: Command) {
        match command {
            Command::Undo => self.judge(ReviewAct::TurnBack(false)),
            Command::Redo => self.judge(ReviewAct::TurnBack(true)),
            Command::Flag => self.judge(ReviewAct::Flag),
            _ => self.begin_note_here(),
        }
    }

    /// Begins a note on the point of the chosen step.
    pub(super) fn begin_note_here(&mut self) {
        if self.point_meant().is_some() {
            self.overlays.push(Overlay::Prompt(Prompt { question: Question::Note, input: Input::default() }));
        } else {
            self.note("no hits here to go on to, / looks for some; and a note is for a call or a turn of the agent");
        }
    }

    /// Writes the note.
    pub(super) fn noted(&mut self, text: &str) {
        if !text.trim().is_empty() {
            self.judge(ReviewAct::Note(text.to_owned()));
        }
    }

    /// Takes a digit as the answer to the next question about the chosen step; tells whether it was one.
    pub(super) fn answer_here(&mut self, key: Key) -> bool {
        let Some(typed) = key.typed().filter(char::is_ascii_digit) else { return false };
        let Some(reading) = &self.reading else { return false };
        let margin = &reading.ties.margin;
        let Some(question) = margin.asked(reading.at()) else {
            let said = match margin.point(reading.at()) {
                Some(_) => "every question about this one is answered; u takes the last answer back",
                None if margin.beside().schema.is_none() => "what was judged is still being looked up",
                None => "judged are calls, and turns of the agent that end without one; ]u goes to the next",
            };
            self.note(said);
            return true;
        };
        let answer = question.answers.iter().find(|answer| answer.key == typed);
        match answer {
            Some(answer) if answer.quote => self.quotes(),
            Some(answer) => {
                let id = answer.id.clone();
                self.give_here(id, None);
            }
            None if typed == question.cannot_tell => self.give_here(CANNOT_TELL.to_owned(), None),
            None => {
                let said = format!("{} has the answers {}, and {} for cannot tell", question.id, question.keys(), question.cannot_tell);
                self.note(&said);
            }
        }
        true
    }

    /// Gives an answer to the next question about the chosen step.
    fn give_here(&mut self, answer: String, quote: Option<Quote>) {
        let asked = self.reading.as_ref().and_then(|reading| reading.ties.margin.asked(reading.at()));
        let Some(question) = asked.map(|question| question.id.clone()) else { return };
        if quote.is_none() && self.confirm_several(&question, &answer) {
            return;
        }
        let reply = Reply { question, answer, via: Some(Via::Key), hindsight: true, quote, ..Reply::default() };
        self.judge(ReviewAct::Answer(Box::new(reply)));
    }

    /// Lists what the user said before, to quote what shows the yes.
    pub(super) fn quotes(&mut self) {
        let said = match (self.screen, &self.review, &self.reading) {
            (Screen::Review, Some(review), _) => review.at.sentences.clone(),
            (_, _, Some(reading)) => reading.point().map_or_else(Vec::new, |point| sentences(&reading.trajectory, point, None)),
            _ => Vec::new(),
        };
        if said.is_empty() {
            return self.note("the user said nothing before this that could be quoted; without a quotation the answer is yes");
        }
        let item =
            |(quote, text, within): (Quote, Clean, &str)| Item { text: vec![(text, Tone::Text)], aside: clean(within), choice: Some(Choice::Quote(quote)) };
        let head = Item {
            text: vec![(clean("down, or letters of it, chooses the sentence; the latest stands first"), Tone::Dim)],
            aside: Clean::default(),
            choice: None,
        };
        let items = std::iter::once(head).chain(said.into_iter().map(item)).collect();
        self.overlays.push(Overlay::Picker(Picker::new(Kind::Quotes, clean("which sentence shows the yes? enter quotes it"), items)));
    }

    /// Answers the question that is asked with what was quoted.
    pub(super) fn give_quoted(&mut self, quote: Quote) {
        let asked = match self.screen {
            Screen::Review => self.review.as_ref().and_then(super::Review::asked).map(|asked| &asked.question),
            _ => self.reading.as_ref().and_then(|reading| reading.ties.margin.asked(reading.at())),
        };
        let quoted = asked.and_then(|question| question.answers.iter().find(|answer| answer.quote)).map(|answer| answer.id.clone());
        match quoted {
            Some(answer) if self.screen == Screen::Review => self.give(answer, Via::Key, Some(quote)),
            Some(answer) => self.give_here(answer, Some(quote)),
            None => {}
        }
    }

    /// Takes in that something was judged, or why it was not.
    pub(super) fn judged_here(&mut self, result: Result<String, String>) {
        match result {
            Ok(told) => self.note(&told),
            Err(why) => self.tell(Told::bad(why)),
        }
        if let Some(reading) = &mut self.reading {
            reading.margin_of = None;
        }
        self.want(Task::Look);
    }

    /// Lists what can be corrected of the facts that were read out of the sources about the point that is meant.
    pub(super) fn fact_list(&mut self) {
        let Some(point) = self.point_meant() else {
            return self.note("facts are corrected of calls, and of turns of the agent that end without one");
        };
        // Who asked tells what happened next.
        if self.screen == Screen::Review && self.review.as_ref().is_some_and(|review| !review.revealed()) {
            return self.note("its facts tell what happened next: they are corrected once you answered, or after H");
        }
        let facts = &point.facts;
        let sure = if facts.asked_certain { "stated" } else { "inferred" };
        // A name may tell the arm.
        let blind = self.screen == Screen::Review && self.review.as_ref().is_some_and(|review| review.at.blind);
        let title = format!("facts of {}", if blind { "this one" } else { &point.target.id });
        let entry = |fact: &'static str, value: Option<&'static str>, text: &str, doc: &str| Item {
            text: vec![(clean(&fit(text, 14)), Tone::Strong), (clean(doc), Tone::Dim)],
            aside: Clean::default(),
            choice: Some(Choice::Amend(fact, value)),
        };
        let heading = |text: String| Item { text: vec![(clean(&text), Tone::Accent)], aside: Clean::default(), choice: None };
        let mut items = vec![heading(format!("who asked before it: {} ({sure})", facts.asked.replace('_', " ")))];
        items.push(entry("asked", Some("confirm"), "confirm", "it is as it was read"));
        for (value, doc) in ASKERS.iter().filter(|(value, _)| *value != facts.asked) {
            items.push(entry("asked", Some(value), &value.replace('_', " "), doc));
        }
        let e = self.reading.as_ref().and_then(|reading| reading.execution_at(reading.at())).filter(|_| self.screen == Screen::Trajectory);
        for (fact, text) in e.into_iter().flat_map(inferred) {
            items.push(heading(text));
            items.push(entry(fact, Some("confirm"), "confirm", "it is as it was read"));
            items.push(entry(fact, None, "reject", "it is not so"));
        }
        self.overlays.push(Overlay::Picker(Picker::new(Kind::Facts, clean(&title), items)));
    }

    /// Asks why a fact is corrected.
    pub(super) fn ask_why(&mut self, fact: &'static str, value: Option<&'static str>) {
        self.amending = Some((fact, value));
        self.overlays.push(Overlay::Prompt(Prompt { question: Question::Why, input: Input::default() }));
    }

    /// Corrects the fact.
    pub(super) fn amend(&mut self, why: &str) {
        let Some((fact, value)) = self.amending.take() else { return };
        self.judge(ReviewAct::Amend { fact: fact.to_owned(), value: value.map(str::to_owned), note: why.to_owned() });
    }
}

/// Gives the facts of an execution that were tied together or read out of texts rather than stated.
fn inferred(e: &Execution) -> Vec<(&'static str, String)> {
    let retry = e.retry_of.as_ref().map(|link| ("retry_of", format!("that it tries {} again ({}, {})", link.execution, link.scope, link.form)));
    let read = e.waits.iter().find(|wait| wait.inferred).map(|wait| wait.decision.map_or("decided", Decision::as_str));
    // A refusal of which no wait is known was told by the text of what came back.
    let told = (e.waits.is_empty() && e.stop_class == Some(StopClass::Refusal)).then_some("denied");
    let decision = read.or(told).map(|decision| ("decision", format!("that it was {decision}")));
    retry.into_iter().chain(decision).collect()
}
