//! Facts of calls and results, as most formats state them: an id, a tool, arguments, a text.

use crate::model::fact::{CallFact, Link, ResultFact};
use crate::model::{Actor, Body, Fact, Slot, Span};

/// Gives what is said of a call that is tied by its id, its tool and its arguments.
#[must_use]
pub fn asked(id: Option<String>, tool: String, args: Option<Box<str>>) -> CallFact {
    let link = Link { call_id: id, tool: Some(tool.clone()), args: args.clone(), ..Link::default() };
    CallFact { link, tool, args, ..CallFact::default() }
}

/// Makes the fact of a call that the model asks for.
#[must_use]
pub fn call(id: Option<String>, tool: String, args: Option<Box<str>>, span: &Span) -> Fact {
    let body = Body::Call(Box::new(asked(id.clone(), tool, args)));
    Fact::new(id.map_or(Slot::Own, Slot::Call), span.clone(), Actor::Assistant, body)
}

/// Makes the fact of a result; `more` holds what is known beside id and text.
#[must_use]
pub fn result(id: Option<String>, text: String, more: ResultFact, span: &Span) -> Fact {
    let link = Link { call_id: id.clone(), ..more.link };
    let body = Body::Result(Box::new(ResultFact { link, text, ..more }));
    Fact::new(id.map_or(Slot::Own, Slot::Result), span.clone(), Actor::Tool, body)
}
