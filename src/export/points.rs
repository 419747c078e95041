//! Decision points: the assistant turns of a trajectory, each once, on the branch on which it was said.

use super::conversation::{Conversation, conversation};
use super::message::{Message, Role};
use crate::model::Trajectory;
use std::collections::HashSet;
use std::sync::Arc;

/// The branches of a trajectory as conversations.
pub struct Branches {
    /// One for each leaf, the active one first.
    pub conversations: Vec<Conversation>,
}

/// One assistant turn.
#[derive(Clone, Copy)]
pub struct Point<'a> {
    /// The conversation.
    pub conversation: &'a Conversation,
    /// Its place among the messages.
    pub at: usize,
}

impl Branches {
    /// Reads every branch of a trajectory.
    #[must_use]
    pub fn read(trajectory: &Trajectory) -> Self {
        let leaves: Vec<Option<&str>> = match trajectory.branches.as_slice() {
            [] => vec![None],
            branches => branches.iter().map(|branch| Some(branch.leaf.as_str())).collect(),
        };
        Self { conversations: leaves.into_iter().map(|leaf| conversation(trajectory, leaf)).collect() }
    }

    /// Leaves all thinking out, of every message.
    pub fn forget_thinking(&mut self) {
        let thought = self.conversations.iter_mut().flat_map(|c| &mut c.messages).filter(|m| m.thinking.is_some());
        thought.for_each(|message| Arc::make_mut(message).thinking = None);
    }

    /// Lists the decision points; a turn that several branches share is listed on the first.
    #[must_use]
    pub fn points(&self) -> Vec<Point<'_>> {
        let mut seen: HashSet<&str> = HashSet::new();
        let mut points = Vec::new();
        for conversation in &self.conversations {
            for (at, message) in conversation.messages.iter().enumerate().filter(|(_, m)| m.role == Role::Assistant) {
                if message.steps.first().is_some_and(|step| seen.insert(step)) {
                    points.push(Point { conversation, at });
                }
            }
        }
        points
    }

    /// Finds the point of a target: an execution or a step of the turn.
    #[must_use]
    pub fn find(&self, target: &str) -> Option<Point<'_>> {
        self.points().into_iter().find(|point| point.is(target))
    }
}

impl<'a> Point<'a> {
    /// Gives the turn.
    #[must_use]
    pub fn turn(&self) -> &'a Message {
        &self.conversation.messages[self.at]
    }

    /// Gives everything before the turn.
    #[must_use]
    pub fn before(&self) -> &'a [Arc<Message>] {
        &self.conversation.messages[..self.at]
    }

    /// Gives the turn of the refused call that the prompt ends with, if it ends with a refusal.
    #[must_use]
    pub fn refused(&self) -> Option<&'a Message> {
        let before = self.before();
        before.last().filter(|last| last.refused)?;
        before.iter().rev().find(|message| message.role == Role::Assistant).map(|message| &**message)
    }

    /// Names the turn: its first call, else its last step, the text.
    #[must_use]
    pub fn target(&self) -> &'a str {
        let turn = self.turn();
        turn.calls.first().map(|call| call.execution.as_str()).or_else(|| turn.steps.last().map(String::as_str)).unwrap_or_default()
    }

    /// Tells whether an execution or step belongs to the turn.
    #[must_use]
    pub fn is(&self, target: &str) -> bool {
        let turn = self.turn();
        turn.calls.iter().any(|call| call.execution == target) || turn.steps.iter().any(|step| step == target)
    }

    /// Gives the turn that follows the answers to this one: the next assistant turn on the same branch, and whether the user spoke before it.
    #[must_use]
    pub fn next(&self) -> Option<(Self, bool)> {
        let rest = self.conversation.messages.get(self.at + 1..)?;
        let next = rest.iter().position(|m| m.role == Role::Assistant)?;
        let spoken = rest.iter().take(next).any(|m| m.role == Role::User && !m.summary);
        Some((Self { at: self.at + 1 + next, ..*self }, spoken))
    }
}
