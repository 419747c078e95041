//! Denials that Maestro's session files show by their wording alone: `maestro-formats.md`, 2.4.

use crate::model::fact::Stop;
use crate::model::{DecidedBy, Decision, StopClass};

/// A wording and what it says.
struct Wording {
    text: &'static str,
    prefix: bool,
    decision: Decision,
    by: Option<DecidedBy>,
    class: StopClass,
}

const fn whole(text: &'static str, decision: Decision, by: Option<DecidedBy>, class: StopClass) -> Wording {
    Wording { text, prefix: false, decision, by, class }
}

const fn starts(text: &'static str, decision: Decision, by: Option<DecidedBy>, class: StopClass) -> Wording {
    Wording { text, prefix: true, decision, by, class }
}

use DecidedBy::{Policy, Runtime, User};
use Decision::{Aborted, Cancelled, Denied, Expired, Skipped};
use StopClass::{Fault, Lapse, Refusal};

/// Every known wording.
const WORDINGS: &[Wording] = &[
    whole("Denied", Denied, None, Refusal),
    whole("Denied in TUI", Denied, Some(User), Refusal),
    whole("Denied by user", Denied, Some(User), Refusal),
    whole("Denied by approval policy", Denied, Some(Policy), Refusal),
    whole("Approval denied", Denied, None, Refusal),
    whole("Action denied", Denied, None, Refusal),
    starts("Action denied.\n", Denied, Some(Policy), Refusal),
    whole("Approval cancelled", Cancelled, Some(Runtime), Lapse),
    whole("Approval request timed out", Expired, Some(Policy), Lapse),
    whole("Run aborted", Aborted, Some(Runtime), Lapse),
    whole("Permission denied by PermissionRequest hook", Denied, Some(Policy), Refusal),
    whole("Tool execution blocked by approval mode", Denied, Some(Policy), Refusal),
    starts("Blocked by hook: ", Denied, Some(Policy), Refusal),
    starts("Blocked by safety check: ", Denied, Some(Policy), Refusal),
    starts("Action blocked by firewall: ", Denied, Some(Policy), Refusal),
    starts("Policy block: unredacted PII", Denied, Some(Policy), Refusal),
    starts("Action denied by Platform ToolExecution", Denied, Some(Policy), Refusal),
    starts("Platform ToolExecution denied the action", Denied, Some(Policy), Refusal),
    starts("Platform ToolExecution unavailable: ", Denied, Some(Runtime), Fault),
    starts("Platform ToolExecution decision sync failed: ", Denied, Some(Runtime), Fault),
    starts("Approvals service unavailable: ", Denied, Some(Runtime), Fault),
    starts("Approvals service decision sync failed: ", Denied, Some(Runtime), Fault),
    whole("Skipped due to queued user message.", Skipped, Some(Runtime), Lapse),
    whole("Error: Operation aborted", Aborted, Some(Runtime), Lapse),
    whole("Error: Tool execution did not complete", Aborted, Some(Runtime), Lapse),
];

/// Reads a stop from the text of a failed result; `None` for any other text, which may be a reason typed by a person.
#[must_use]
pub fn stop_in(text: &str) -> Option<Stop> {
    let text = text.trim();
    let fits = |w: &&Wording| if w.prefix { text.starts_with(w.text) } else { text == w.text };
    if let Some(w) = WORDINGS.iter().find(fits) {
        return Some(Stop { class: w.class, decision: w.decision, by: w.by, inferred: true });
    }
    let blocked = text.starts_with("Blocked \"") && (text.contains("\" due to rate limit") || text.contains("\" due to anomalous behavior"));
    blocked.then_some(Stop { class: Refusal, decision: Denied, by: Some(Policy), inferred: true })
}

/// Beginnings of texts by which a hook, firewall, mode or check of its own stopped a call; nobody was asked.
const BLOCKS: [&str; 6] = [
    "Blocked by hook: ",
    "Blocked by safety check: ",
    "Action blocked by firewall: ",
    "Policy block: ",
    "Blocked \"",
    "Tool execution blocked by approval mode",
];

/// Tells whether a stop that `stop_in` found was a block.
#[must_use]
pub fn is_block(text: &str) -> bool {
    BLOCKS.iter().any(|begin| text.trim_start().starts_with(begin))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_a_lapse_and_a_broken_approver_a_fault() {
        let class = |text| stop_in(text).map(|s| s.class);
        assert_eq!(class("Approval request timed out"), Some(Lapse));
        assert_eq!(class("Approvals service unavailable: 503"), Some(Fault));
        assert_eq!(class("Denied by user"), Some(Refusal));
        assert_eq!(class("Blocked \"bash\" due to rate limit"), Some(Refusal));
        assert_eq!(class("Use the npm clean script instead"), None);
        assert_eq!(class("Denied access to file"), None);
    }
}
