//! What the samples of other agents tell of calls and approvals; skipped where the samples are absent.

use crate::workspace::Bench;
use serde_json::Value;
use std::path::Path;

/// A trajectory, a call of it, and what must be known of the call: status, decision, who decided, the beginning of the reason, the evidence.
type Known = (&'static str, &'static str, &'static str, [&'static str; 4]);

const KNOWN: &[Known] = &[
    ("claude-code:fab8d5ac-ec0e-470c-80ff-27e97efb42af", "toolu_mock_rm1", "denied", ["denied", "user", "use make clean instead", "permissionDecision"]),
    ("claude-code:fab8d5ac-ec0e-470c-80ff-27e97efb42af", "toolu_mock_touch", "succeeded", ["approved", "user", "", "permissionDecision"]),
    ("claude-code:1598bdf5-6de6-4c9e-94d0-b7332f129552", "toolu_mock_rm1", "denied", ["denied", "user", "Do not delete build", "permissionDecision"]),
    // This build records no decision: a refusal looks like any error.
    ("claude-code:96162d74-5765-4811-9267-67421a5c9e6b", "toolu_mock_rm1", "failed", ["", "", "", ""]),
    ("codex:01a1fb72-0171-7cd1-bb51-db5bf0075624", "call_rm1", "denied", ["denied", "user", "", "decision"]),
    ("codex:01a1fb72-0171-7cd1-bb51-db5bf0075624", "call_touch", "succeeded", ["approved", "user", "", "decision"]),
    ("atif:s1", "c1", "denied", ["denied", "user", "holds release artefacts", "extra.approval"]),
    ("otel:conv_1", "call_1", "denied", ["denied", "user", "", "error.type"]),
    ("openhands:4273a517-e2f7-45fc-bc44-77c3669be198", "call_rm", "denied", ["denied", "user", "Do not delete build", "UserRejectObservation"]),
    (
        "gemini-cli:c2202634-a823-4d01-88b6-48aefc975b9c",
        "run_shell_command__run_shell_command_1795220287715_0",
        "denied",
        ["denied", "user", "", "status cancelled"],
    ),
    ("goose:20251121_1", "call_1", "denied", ["denied", "user", "", "result text"]),
    ("pi:01a1fb7b-aa46-7277-bfa8-8e03cee4d23c", "call_cat1", "failed", ["", "", "", ""]),
];

#[test]
fn the_samples_tell_of_their_approvals() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/inputs");
    if !samples.exists() {
        println!("skipped: {} is absent", samples.display());
        return;
    }
    let bench = Bench::new();
    let report = bench.json(&["import", samples.to_str().unwrap()]);
    let unread: Vec<&Value> = report["sources"].as_array().unwrap().iter().filter(|s| s["status"] == "failed").collect();
    assert!(unread.is_empty(), "{unread:?}");
    for (trajectory, call, status, [decision, by, reason, evidence]) in KNOWN {
        let shown = bench.json(&["show", trajectory]);
        let executions = shown["executions"].as_array().unwrap_or_else(|| panic!("{trajectory}: {shown}"));
        let execution = executions.iter().find(|e| e["call_id"] == *call).unwrap_or_else(|| panic!("{trajectory}: no {call}"));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let wait = &execution["waits"][0];
        let told = [text(&wait["decision"]), text(&wait["decided_by"]), text(&wait["evidence"])];
        assert_eq!((text(&execution["status"]), told), ((*status).to_owned(), [*decision, *by, *evidence].map(str::to_owned)), "{trajectory} {call}");
        assert!(text(&wait["decision_reason"]).starts_with(reason), "{trajectory} {call}: {wait}");
        // One approval is one wait, however many streams show it.
        assert!(execution["waits"].as_array().unwrap().len() <= 1, "{trajectory} {call}: {}", execution["waits"]);
    }
    // What a record says is tried again is no guess.
    let retried = &bench.json(&["show", "atif:s1"])["executions"][2];
    assert_eq!((&retried["retry_of"]["execution"], &retried["retry_of"]["inferred"]), (&"c2".into(), &false.into()), "{retried}");
    // Files of one event each are one session.
    let session = bench.json(&["show", "openhands:4273a517-e2f7-45fc-bc44-77c3669be198"]);
    assert_eq!(session["sources"].as_array().unwrap().len(), 12);
    // Streams of one session tell nothing twice and contradict each other in nothing.
    let joined = bench.json(&["show", "codex:01a1fb72-0171-7cd1-bb51-db5bf0075624"]);
    let said = joined["steps"].as_array().unwrap().iter().filter(|s| s["kind"] == "message" && s["actor"] == "user").count();
    assert_eq!((said, &joined["issues"]), (1, &Value::Array(Vec::new())));
}
