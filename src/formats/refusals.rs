//! Wordings by which results show that a call was refused: of every agent, as a chat export may hold any of them.

use crate::model::fact::{Link, ResolutionFact, Stop};
use crate::model::{Actor, Body, DecidedBy, Decision, Fact, Slot, Span, StopClass, Timestamp, WaitKind};
use DecidedBy::{Policy, User};

/// A wording at the beginning of a result, and what must also stand in it.
struct Wording {
    text: &'static str,
    with: &'static str,
    by: Option<DecidedBy>,
}

const fn starts(text: &'static str, by: Option<DecidedBy>) -> Wording {
    Wording { text, with: "", by }
}

/// Every known wording; each is long or marked enough not to stand in a tool's own output by chance.
const WORDINGS: &[Wording] = &[
    starts("The user doesn't want to proceed with this tool use.", Some(User)),
    starts("The user doesn't want to take this action right now.", Some(User)),
    starts("User rejected tool use", Some(User)),
    starts("[approval denied by user]", Some(User)),
    starts("[approval denied by policy]", Some(Policy)),
    starts("[approval denied]", None),
    starts("[rejected by user]", Some(User)),
    starts("[rejected by policy]", Some(Policy)),
    // Goose says the same of a person's no, of a repetition limit and of a policy.
    starts("The user has declined to run this tool.", None),
    starts("[Operation Cancelled] Reason: User denied execution.", Some(User)),
    starts("exec command rejected by user", Some(User)),
    starts("patch rejected by user", Some(User)),
    Wording { text: "exec_command failed", with: "rejected by user", by: Some(User) },
    Wording { text: "exec_command failed", with: "Rejected(", by: Some(Policy) },
    starts("This action was rejected due to unacceptable risk", Some(Policy)),
    starts("rejected: ", Some(Policy)),
];

/// What stands before the reason that a person gave, inside a wording.
const NOTES: &[&str] = &["the user said:\n", "Reason: ", "] "];

/// Reads a refusal from the text of a result; always inferred.
#[must_use]
pub fn in_text(text: &str) -> Option<Stop> {
    let text = text.trim_start();
    let found = WORDINGS.iter().find(|w| text.starts_with(w.text) && text.contains(w.with))?;
    Some(Stop { class: StopClass::Refusal, decision: Decision::Denied, by: found.by, inferred: true })
}

/// Reads a refusal from an error code that speaks of an approval, such as `tool_approval_denied`; always inferred.
#[must_use]
pub fn in_code(code: &str, message: &str) -> Option<Stop> {
    let code = code.to_ascii_lowercase();
    let refused = code.contains("approval") || ((code.contains("denied") || code.contains("reject")) && (code.contains("user") || code.contains("policy")));
    let (class, decision) = if code.contains("timeout") || code.contains("timed_out") || code.contains("expired") {
        (StopClass::Lapse, Decision::Expired)
    } else {
        (StopClass::Refusal, Decision::Denied)
    };
    let message = message.to_ascii_lowercase();
    let by = if code.contains("user") || message.contains("by user") || message.contains("by the user") {
        Some(User)
    } else {
        (code.contains("policy") || message.contains("by policy")).then_some(Policy)
    };
    refused.then_some(Stop { class, decision, by, inferred: true })
}

/// Gives the reason that a refusal's text carries after its wording.
#[must_use]
pub fn note(text: &str) -> Option<String> {
    let after = NOTES.iter().find_map(|note| text.split_once(note).map(|(_, rest)| rest.trim()))?;
    (!after.is_empty() && after != "User denied execution.").then(|| after.to_owned())
}

/// Makes the resolution of the wait that a refusal implies: decided at the latest when the result was there.
#[must_use]
pub fn resolution(call: &str, stop: &Stop, reason: Option<String>, span: Span, at: Option<Timestamp>, evidence: &'static str) -> Fact {
    let end = ResolutionFact {
        link: Link::call(call),
        kind: WaitKind::Approval,
        decision: Some(stop.decision),
        by: stop.by,
        reason,
        scope: None,
        decided_at: None,
        decided_before: at,
        stop: Some(stop.class),
        inferred: true,
        evidence,
    };
    let actor = match stop.by {
        Some(User) => Actor::User,
        Some(Policy) => Actor::Policy,
        _ => Actor::Runtime,
    };
    Fact::new(Slot::Resolution(call.to_owned()), span, actor, Body::Resolution(Box::new(end))).at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_are_read_and_other_texts_are_not() {
        let by = |text| in_text(text).map(|stop| stop.by);
        assert_eq!(by("[approval denied by user] The tool was not run. Reason: use `cargo clean` instead."), Some(Some(User)));
        assert_eq!(by(r#"exec_command failed: CreateProcess { message: "Rejected(\"rejected by user\")" }"#), Some(Some(User)));
        assert_eq!(by(r#"exec_command failed: CreateProcess { message: "Rejected(\"too risky\")" }"#), Some(Some(Policy)));
        assert_eq!(by("! [rejected]: main -> main (fetch first)"), None);
        assert_eq!(by("grep: [rejected by user] matched in notes.txt"), None);
        assert_eq!(note("[approval denied by user] Not run. Reason: use make").as_deref(), Some("use make"));
        assert_eq!(note("[rejected by user] holds artefacts").as_deref(), Some("holds artefacts"));
    }

    #[test]
    fn codes_of_approvals_are_refusals() {
        assert_eq!(in_code("tool_approval_denied", "denied by user").map(|s| s.by), Some(Some(User)));
        assert_eq!(in_code("approval_timeout", "").map(|s| s.class), Some(StopClass::Lapse));
        assert_eq!(in_code("permission_denied", "EACCES"), None);
    }
}
