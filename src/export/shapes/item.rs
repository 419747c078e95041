//! What a row is written from, and the counts of what it loses.

use crate::export::example::Example;
use crate::export::json::Json;
use crate::export::message::Message;
use std::collections::BTreeMap;

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

/// What a row is written from.
#[derive(Clone, Copy)]
pub struct Item<'a> {
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
