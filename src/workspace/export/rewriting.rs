//! Rewrites: the better passage that a person writes for a turn; it goes to the journal, and the recorded turn stays.

use super::{Error, Result, Workspace};
use crate::export::{Branches, Cited, Judgements, Message, Rewrite, Role};
use crate::model::ids::split_id;
use crate::model::{Draft, Entry, Recorded, Trajectory};
use serde::{Deserialize, Serialize};

/// A rewrite as it was saved.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RewriteText {
    /// The trajectory.
    pub trajectory: String,
    /// The turn: its first call, else its text.
    pub target: String,
    /// What the turn says instead.
    pub text: String,
    /// Calls it makes instead.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<RewrittenCall>,
    /// Why, in the reviewer's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A call of a rewrite.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RewrittenCall {
    /// Tool.
    pub name: String,
    /// Arguments, a JSON object.
    pub arguments: Box<serde_json::value::RawValue>,
}

impl Recorded for RewriteText {
    const KIND: &'static str = "rewrite";
}

impl Workspace {
    /// Saves a rewrite of a turn; `id` names a call or a text of it.
    pub fn rewrite(&self, reviewer: &str, id: &str, text: &str, calls: Vec<RewrittenCall>, note: Option<String>) -> Result<Vec<Entry>> {
        let (trajectory, inner) = self.resolve(id)?;
        let branches = Branches::read(&trajectory);
        let point = inner.as_deref().and_then(|inner| branches.find(&trajectory.decided_id(inner)));
        let Some(point) = point else {
            return Err(Error::Undecidable(format!(
                "{id} is no turn of the agent; name a call or a text of one, as TRAJECTORY#{}",
                split_id(id).1.unwrap_or("ID")
            )));
        };
        if text.trim().is_empty() && calls.is_empty() {
            return Err(Error::Undecidable("a rewrite says or does something".to_owned()));
        }
        self.holds_no_secret(&calls.iter().fold(text.to_owned(), |all, call| format!("{all}\n{}", call.arguments.get())))?;
        let saved = RewriteText { trajectory: trajectory.id.clone(), target: point.target().to_owned(), text: text.to_owned(), calls, note };
        self.record(reviewer, &[Draft::of(&saved)])
    }

    /// Refuses a better passage in which a sure rule finds a value that nobody let pass: it stays in the journal and would leave in a row.
    fn holds_no_secret(&self, text: &str) -> Result<()> {
        let found = crate::redaction::sure(text);
        if found.is_empty() {
            return Ok(());
        }
        let engine = self.own_engine()?;
        let kept = self.leaving(&self.audit(&crate::query::Query::All, &engine, false)?.findings)?.kept;
        let Some(hit) = found.iter().find(|hit| !kept.contains(&hit.value)) else { return Ok(()) };
        Err(Error::Undecidable(format!(
            "the rewrite holds a secret ({}, by the rule {}); write it without the value; nothing was saved",
            crate::redaction::masked(&hit.value),
            hit.detector
        )))
    }

    /// Adds the rewrites of a trajectory to what was said of it; the last of a turn counts.
    pub(in crate::workspace) fn add_rewrites(&self, trajectory: &Trajectory, judgements: &mut Judgements) -> Result<()> {
        for entry in self.journal.of_kinds(&[RewriteText::KIND])? {
            let Ok(Some(saved)) = entry.decision::<RewriteText>() else { continue };
            if saved.trajectory != trajectory.id {
                continue;
            }
            let mut message = Message::new(Role::Assistant, saved.text);
            for (i, call) in saved.calls.into_iter().enumerate() {
                message.add_call(&format!("{}_rewritten_{}", saved.target, i + 1), &call.name, call.arguments.get());
            }
            let cited = Cited { entry: entry.id.to_string(), kind: entry.kind.to_string(), reviewer: entry.reviewer.to_string(), at: entry.at.to_string() };
            let target = trajectory.decided_id(&saved.target);
            judgements.rewrites.insert(target, Rewrite { message, note: saved.note, cited });
        }
        Ok(())
    }
}
