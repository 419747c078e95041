//! Trajectories written back as Maestro's own documents: what was written is read again, and tells the same.

use super::workspace::Bench;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// What of a trajectory both documents have a place for; arguments, outputs and what follows from them have none.
fn told(whole: &Value, document: &str) -> Value {
    let of = |value: &Value, fields: &[&str]| fields.iter().map(|field| ((*field).to_owned(), value[*field].clone())).collect::<serde_json::Map<_, _>>();
    let executions = whole["executions"].as_array().unwrap().iter().map(|e| {
        let known = ["id", "tool", "status", "ran", "attempts", "stop_class", "governed_outcome", "error_code", "tool_execution_id", "approval_request_id"];
        let mut told = of(e, &known);
        let waits = e["waits"].as_array().unwrap().iter();
        let known = ["request_id", "kind", "reason", "asked_at", "decided_at", "wait_ms", "resumed_at", "decision", "decided_by", "scope"];
        told.insert("waits".to_owned(), waits.map(|wait| Value::Object(of(wait, &known))).collect());
        told.insert("governance".to_owned(), of(&e["governance"], &["mode", "policy_id", "decision_id", "matched_rules"]).into());
        Value::Object(told)
    });
    let mut executions: Vec<Value> = executions.collect();
    executions.sort_by_key(|e| e["id"].to_string());
    let steps = whole["steps"].as_array().unwrap().iter();
    // The metric, the score and the verdict; the rationale is text.
    let evals = steps.filter(|step| step["kind"] == "eval").map(|step| {
        let text = step["text"].as_str().unwrap();
        let end = [" · passed", " · failed"].iter().find_map(|verdict| text.find(verdict).map(|at| at + verdict.len()));
        json!({ "step": step["id"], "execution": step["execution"], "says": &text[..end.unwrap_or(text.len())] })
    });
    let mut evals: Vec<Value> = evals.collect();
    evals.sort_by_key(|eval| eval["step"].to_string());
    let mut lineage = whole["lineage"].as_object().unwrap().clone();
    lineage.remove("origins");
    // An arm that tags carried comes back as an attribute; it is compared as the arm it is.
    let attributes = lineage["attributes"].as_object().unwrap().clone();
    let own = attributes.into_iter().filter(|(name, _)| !["arm", "cohort", "experiment"].contains(&name.as_str()));
    lineage["attributes"] = Value::Object(own.collect());
    if document == "trajectory" {
        lineage.remove("skills");
    }
    json!({ "executions": executions, "evals": evals, "lineage": lineage, "model": whole["model"], "cohort": [&whole["cohort"]["arm"], &whole["cohort"]["experiment"]] })
}

/// Writes every session of Maestro's back as both documents, reads each in a workspace of its own, and writes it again from there.
fn written_back(folder: &Path) -> (usize, usize) {
    let bench = Bench::new();
    bench.json(&["import", folder.to_str().unwrap()]);
    let listed = bench.json(&["ls"]);
    let ids: Vec<&str> = listed["trajectories"].as_array().unwrap().iter().filter_map(|t| t["id"].as_str()).filter(|id| id.starts_with("maestro:")).collect();
    let mut settled = 0;
    for (id, document) in ids.iter().flat_map(|id| ["timeline", "trajectory"].map(|document| (id, document))) {
        let written = bench.run(&["cohort", "write", id, "--as", document]).stdout;
        let again = Bench::new();
        let file = again.path("document.json");
        fs::write(&file, &written).unwrap();
        let report = again.json(&["import", file.to_str().unwrap()]);
        assert_eq!(report["sources"][0]["format"], format!("maestro-{document}"), "{document} of {id}");
        let (before, after) = (told(&bench.json(&["show", id]), document), told(&again.json(&["show", id]), document));
        assert_eq!(serde_json::to_string_pretty(&before).unwrap(), serde_json::to_string_pretty(&after).unwrap(), "{document} of {id}");
        settled += after["executions"].as_array().unwrap().iter().filter(|e| e["waits"][0]["decision"] != Value::Null).count();
        let back = again.run(&["cohort", "write", id, "--as", document]).stdout;
        let differs = written.iter().zip(&back).position(|(a, b)| a != b).map(|at| String::from_utf8_lossy(&back[at.saturating_sub(300)..]).into_owned());
        assert!(written == back, "{document} of {id} differs: {:.500}", differs.unwrap_or_default());
    }
    (ids.len(), settled)
}

#[test]
fn a_trajectory_that_is_written_back_and_read_again_tells_the_same() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let (written, settled) = written_back(&demo);
    assert!(written > 5 && settled > 5, "{written} {settled}");
}

#[test]
fn what_maestro_itself_wrote_is_written_back_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/maestro");
    if !folder.exists() {
        return println!("skipped: {} is not here", folder.display());
    }
    let (written, settled) = written_back(&folder);
    assert!(written > 5 && settled > 1, "{written} {settled}");
}
