//! The sample session that was recorded in every Maestro stream; skipped where the samples are absent.

use crate::workspace::Bench;
use serde_json::{Value, json};
use std::path::Path;

const SESSION: &str = "maestro:5b1c6d2e-8f1a-4c55-9a63-2f0f6f0c1a77";

fn shown() -> Option<Value> {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/maestro");
    if !samples.exists() {
        println!("skipped: {} is absent", samples.display());
        return None;
    }
    let bench = Bench::new();
    bench.json(&["import", samples.to_str().unwrap()]);
    Some(bench.json(&["show", SESSION]))
}

fn execution<'a>(shown: &'a Value, id: &str) -> &'a Value {
    shown["executions"].as_array().unwrap().iter().find(|e| e["id"] == id).unwrap_or_else(|| panic!("no execution {id}"))
}

#[test]
fn its_streams_become_one_trajectory() {
    let Some(shown) = shown() else { return };
    assert_eq!(shown["sources"].as_array().unwrap().len(), 10);
    assert_eq!(shown["executions"].as_array().unwrap().len(), 5);
    assert_eq!(shown["cohort"], json!({"experiment": "exp_demo", "arm": "candidate", "origin": "attributes"}));
    assert_eq!(shown["lineage"]["trace_id"], "trace_sample_001");
    let denied = execution(&shown, "toolu_01");
    assert_eq!((&denied["status"], &denied["ran"], &denied["stop_class"]), (&json!("denied"), &json!(false), &json!("refusal")));
    let wait = &denied["waits"][0];
    assert_eq!((&wait["wait_ms"], &wait["decided_by"]), (&json!(4200), &json!("user")));
    assert_eq!(wait["decision_reason"], "Use the npm clean script instead");
    let directed = execution(&shown, "toolu_02");
    assert_eq!((&directed["status"], &directed["approval_request_id"]), (&json!("succeeded"), &json!("apr_7781")));
    assert_eq!((&directed["waits"][0]["wait_ms"], &directed["waits"][0]["decision"]), (&json!(1500), &json!("approved")));
    let retry = &directed["retry_of"];
    assert_eq!(
        (&retry["execution"], &retry["relation"], &retry["sanction"], &retry["inferred"]),
        (&json!("toolu_01"), &json!("reworded"), &json!("directed"), &json!(true))
    );
    let barred = execution(&shown, "toolu_03");
    assert_eq!((&barred["status"], &barred["waits"]), (&json!("denied"), &json!([])));
    let again = execution(&shown, "toolu_04");
    assert_eq!((&again["status"], &again["attempts"], &again["waits"][0]["kind"]), (&json!("succeeded"), &json!(2), &json!("tool_retry")));
    let pending = execution(&shown, "apr_9001");
    assert_eq!((&pending["call_id"], &pending["status"]), (&Value::Null, &json!("pending")));
    assert_eq!((&pending["approval_request_id"], &pending["tool_execution_id"]), (&json!("apr_9001"), &json!("texec_43")));
}
