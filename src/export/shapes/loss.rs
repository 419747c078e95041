//! What a shape cannot carry: each declares it from this table, and every row counts it.

use super::item::{Item, Takes};
use crate::export::definition::Definition;
use crate::export::message::{Message, Role};

/// Something that a shape leaves out or writes in another form.
#[derive(Clone, Copy)]
pub struct Loss {
    /// Name in the report, the manifest and the card.
    pub name: &'static str,
    /// What it is, in words for a person.
    pub says: &'static str,
    /// Counts it in what one row is made of.
    pub count: fn(&Row<'_>) -> usize,
}

/// What one row is made of.
pub struct Row<'a> {
    item: Item<'a>,
    takes: Takes,
    definition: &'a Definition,
}

impl<'a> Row<'a> {
    /// Takes an item as a shape does.
    #[must_use]
    pub const fn of(item: Item<'a>, takes: Takes, definition: &'a Definition) -> Self {
        Self { item, takes, definition }
    }

    fn prompt(&self) -> impl Iterator<Item = &'a Message> {
        self.item.example.prompt.iter().map(|message| &**message)
    }

    fn sides(&self) -> Vec<&'a Message> {
        let (good, bad) = (self.item.example.good.as_ref(), self.item.example.bad.as_ref());
        let sides = match self.takes {
            Takes::Targets => [good, None],
            Takes::Pairs | Takes::Failures => [good, bad],
            Takes::Labelled | Takes::Points if self.item.label => [good, None],
            Takes::Labelled | Takes::Points => [bad, None],
            Takes::Prompts | Takes::Wholes => [None, None],
        };
        sides.into_iter().flatten().map(|side| &side.message).collect()
    }

    fn all(&self) -> impl Iterator<Item = &'a Message> {
        self.prompt().chain(self.sides())
    }
}

/// Calls as text.
pub const CALLS: Loss =
    Loss { name: "calls_folded", says: "calls that are written into the text", count: |row| row.all().map(|message| message.calls.len()).sum() };

/// Calls as text, in what is said alone.
pub const SIDES: Loss =
    Loss { name: "calls_folded", says: "calls of the turn that are written into the text", count: |row| row.sides().iter().map(|side| side.calls.len()).sum() };

/// Turns that a trainer without masks learns too.
pub const MASK: Loss = Loss {
    name: "mask",
    says: "earlier turns that a trainer learns as well, unless it is told to learn the last one alone",
    count: |row| row.prompt().filter(|message| message.role == Role::Assistant).count(),
};

/// The same, where the definition asks for no masks.
pub const UNMASKED: Loss = Loss {
    name: "mask",
    says: "earlier turns that a trainer learns as well, unless it is told to learn the last one alone; none with `mask = true`",
    count: |row| if row.definition.mask { 0 } else { (MASK.count)(row) },
};

/// Tools without a schema.
pub const SCHEMAS: Loss = Loss {
    name: "tool_schemas",
    says: "tools of which no schema was recorded; they are declared to accept any object",
    count: |row| row.item.example.tools.iter().filter(|tool| !tool.has_schema).count(),
};

/// Tools that are not declared.
pub const TOOLS: Loss = Loss { name: "tool_definitions", says: "tools whose definitions have no place in it", count: |row| row.item.example.tools.len() };

/// Thinking.
pub const THINKING: Loss =
    Loss { name: "thinking", says: "messages whose thinking is left out", count: |row| row.all().filter(|message| message.thinking.is_some()).count() };

/// Thinking before the turn.
pub const EARLIER_THINKING: Loss = Loss {
    name: "thinking",
    says: "messages before the turn whose thinking is left out",
    count: |row| row.prompt().filter(|message| message.thinking.is_some()).count(),
};

/// How much better a side is.
pub const STRENGTH: Loss =
    Loss { name: "strength", says: "pairs of which reviewers said how much better a side is", count: |row| usize::from(row.item.example.strength.is_some()) };

/// System prompts.
pub const SYSTEM: Loss =
    Loss { name: "system_prompt", says: "system messages that are left out", count: |row| row.prompt().filter(|m| m.role == Role::System).count() };

/// What was said before the request in force.
pub const EARLIER: Loss = Loss {
    name: "earlier_messages",
    says: "messages before the request in force, which are left out",
    count: |row| {
        let said: Vec<&Message> = row.prompt().filter(|message| message.role != Role::System).collect();
        said.iter().rposition(|message| message.role == Role::User && !message.summary).unwrap_or(0)
    },
};

/// The prompt.
pub const CONTEXT: Loss = Loss { name: "context", says: "messages before the turn, of which a hash alone is kept", count: |row| row.prompt().count() };

/// Messages that others swallow so that two speakers alternate.
pub const JOINED: Loss = Loss {
    name: "joined",
    says: "messages that are joined with the one before them, or with the system prompt, so that human and model alternate",
    count: |row| {
        let mut before = None;
        let mut joined = 0;
        for role in row.prompt().map(|message| message.role) {
            let late = role == Role::System && before.is_some_and(|role| role != Role::System);
            let again = before == Some(role) && matches!(role, Role::User | Role::Tool | Role::System);
            joined += usize::from(late || again);
            before = Some(role);
        }
        joined
    },
};

/// Branches that were left.
pub const BRANCHES: Loss =
    Loss { name: "branches", says: "branches of the session beside the one that is written", count: |row| row.item.example.left_out.branches };

/// Steps that are no messages.
pub const EVENTS: Loss = Loss {
    name: "events",
    says: "waits, decisions of policies, evaluations and other steps that are no messages",
    count: |row| row.item.example.left_out.events,
};

/// Images and documents.
pub const ATTACHMENTS: Loss =
    Loss { name: "attachments", says: "images and documents beside the text, which are left out", count: |row| row.all().map(|m| m.attachments).sum() };

/// The likelihood of the action.
pub const PROPENSITY: Loss =
    Loss { name: "propensity", says: "actions of which no harness recorded how likely they were: direct-method estimates only", count: |_| 1 };

/// Thinking that only one side of a pair has.
pub const ONE_SIDED: Loss = Loss {
    name: "one_sided_thinking",
    says: "pairs of which one side alone has thinking; it is left out, since it is kept in both sides or in neither",
    count: |row| usize::from(row.takes == Takes::Pairs && row.item.example.has_one_sided_thinking()),
};

/// Results without their calls.
pub const ORPHANS: Loss =
    Loss { name: "orphans", says: "results on the branch whose call is not there; they are left out", count: |row| row.item.example.left_out.orphans };
