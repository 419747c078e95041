//! Text of a step that would not show as it is: found by `finding:hidden_text`, though no rule judges it.

use crate::model::{Execution, Kind, Step};
use crate::text::{Hostile, has_hostile, json_has_hostile};

/// Says what of a step would not show: of what it says, and of the call that it asks for.
#[must_use]
pub fn hidden(step: &Step, execution: Option<&Execution>) -> Option<Hostile> {
    let call = execution.filter(|_| step.kind == Kind::ToolCall);
    let args = call.and_then(|e| json_has_hostile(e.args.as_deref()?));
    has_hostile(&step.text).max(args).max(call.and_then(|e| has_hostile(e.command.as_deref()?)))
}
