//! What a row is written from, and the counts of what it loses.

use super::structured::Form;
use super::{fold, structured};
use crate::export::definition::Family;
use crate::export::example::Example;
use crate::export::json::Json;
use crate::export::message::{Message, Role};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

/// What one row of a shape is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A turn to learn.
    Targets,
    /// A turn to learn and one to avoid.
    Pairs,
    /// A turn and whether it is good.
    Labelled,
    /// A turn to avoid, with a good one where there is one.
    Failures,
    /// A judged prompt, whatever followed.
    Prompts,
    /// A judged decision point.
    Points,
    /// A whole trajectory.
    Wholes,
}

/// In what form a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum As {
    Structured(Form),
    Folded(Family),
}

/// The messages of a trajectory as they are written: each once in each form, however many rows hold it. It goes by the places of messages, and so
/// lives no longer than they do.
#[derive(Default)]
pub struct Memo(Mutex<HashMap<(usize, As), Json>>);

impl Memo {
    fn of(&self, message: &Arc<Message>, form: As) -> Json {
        let place = (Arc::as_ptr(message).addr(), form);
        if let Some(known) = self.0.lock().ok().and_then(|known| known.get(&place).cloned()) {
            return known;
        }
        let json = match form {
            As::Structured(form) => structured::message(message, form),
            As::Folded(family) => fold::folded(message, family).json(),
        };
        let json = json.written();
        if let Ok(mut known) = self.0.lock() {
            known.insert(place, json.clone());
        }
        json
    }
}

/// What a row is written from.
#[derive(Clone, Copy)]
pub struct Item<'a> {
    /// The prompt's messages as they were written before.
    pub memo: &'a Memo,
    /// The example.
    pub example: &'a Example,
    /// Which side of it is meant, where a row has one: the good one or the other.
    pub label: bool,
}

/// A row as text, and what no other row of the file may share with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The line without its end.
    pub text: String,
    /// A key of which the file holds one.
    pub unique: Option<String>,
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self { text, unique: None }
    }
}

impl From<Json> for Line {
    fn from(json: Json) -> Self {
        json.text().into()
    }
}

/// Counts what a shape could not carry, by a short name.
pub type NotCarried = BTreeMap<&'static str, u64>;

impl<'a> Item<'a> {
    /// Writes the messages of the prompt.
    #[must_use]
    pub fn prompt(&self, form: Form) -> Vec<Json> {
        self.example.prompt.iter().map(|message| self.memo.of(message, As::Structured(form))).collect()
    }

    /// Folds the prompt after checking it and the sides, and writes its messages.
    pub fn folded(&self, sides: &[&Message], family: Family) -> Result<Vec<Json>, String> {
        let Example { prompt, tools, .. } = self.example;
        fold::check(self.example, sides, family)?;
        // The tools stand in the system message, which no other row need share.
        let own = usize::from(!tools.is_empty() && prompt.first().is_some_and(|first| first.role == Role::System));
        let (first, rest) = prompt.split_at_checked(own).unwrap_or_default();
        let first = fold::prompt(first, tools, family);
        Ok(first.iter().map(fold::Folded::json).chain(rest.iter().map(|message| self.memo.of(message, As::Folded(family)))).collect())
    }

    /// Gives the turn to learn.
    pub fn good(&self) -> Result<&'a Message, String> {
        self.example.good.as_ref().map(|side| &side.message).ok_or_else(|| "there is no turn to learn".to_owned())
    }

    /// Gives both sides.
    pub fn sides(&self) -> Result<(&'a Message, &'a Message), String> {
        let bad = self.example.bad.as_ref().ok_or("there is no turn to avoid")?;
        Ok((self.good()?, &bad.message))
    }

    /// Gives the side that is meant.
    pub fn turn(&self) -> Result<&'a Message, String> {
        if self.label { self.good() } else { self.example.bad.as_ref().map(|side| &side.message).ok_or_else(|| "there is no turn to avoid".to_owned()) }
    }
}
