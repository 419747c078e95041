//! The documents that scripts rely on: every field they name is there, in every row, on the example sessions.

use crate::workspace::Bench;
use serde_json::Value;
use std::path::Path;

const TRAJECTORY: &str = "schema id agent agent_name agent_version title model provider cwd repository git_ref started_at ended_at system_prompt tools cohort \
    lineage usage steps executions branches sources issues";
const LINEAGE: &str = "session_id organization_id workspace_id agent_run_id agent_run_step_ids trace_id request_id objective_id conversation_id \
    remote_runner_session_id eval_run_ids scenario_id tool_execution_ids approval_request_ids prompt skills feature_flags candidate parent_session attributes";
const STEP: &str = "id aliases seq parent at actor kind text parts execution origins redactions";
const EXECUTION: &str = "id call_id tool args command effects effect risk risk_origin tool_execution_id approval_request_id status ran attempts waits stop_class \
    governance governed_outcome error_code error started_at ended_at context steps retry_of alternative_to";
const CONTEXT: &str =
    "organization_id workspace_id agent_run_id agent_run_step_id actor_id surface channel cwd repository correlation_id idempotency_key runtime_mode";
const WAIT: &str = "request_id kind reason shown_text args_asked asked_at shown_at decided_at decided_before resumed_at wait_ms decision decided_by \
    decision_reason scope evidence inferred";
const FINDING: &str = "id detector class kind tier trajectory step field start end inner_start inner_end decoding source_start source_end masked fingerprint \
    occurrences verdict decided_by note";
const LISTED: &str = "id agent title model provider cohort started_at ended_at steps executions waits longest_wait_ms denials retries errors tokens cost_usd \
    findings audit labels sources";

/// What a document must hold: the command, then where in it (`a.*.b` for every element of `a`) and the fields there.
type Promise<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)]);

const PROMISES: &[Promise] = &[
    (&["ls"], &[("", "schema total trajectories"), ("trajectories.*", LISTED), ("trajectories.*.tokens", "input output cache_read cache_write")]),
    (&["search", "build"], &[("", "schema total relaxed took_ms hits"), ("hits.*", "trajectory step kind tool at score snippet marks")]),
    (
        &["check"],
        &[
            ("", "schema rules_hash rules findings"),
            ("rules.*", "id name version severity description needs counts precision recall judged"),
            ("rules.*.counts", "finding clear not_observable"),
            ("findings.*", "id rule severity certainty trajectory execution steps message evidence"),
            ("findings.*.evidence.*", "step start end text"),
        ],
    ),
    (&["audit"], &[("", "schema rules_hash findings coverage bound"), ("findings.*", FINDING), ("coverage", "fields_scanned bytes_scanned audited open")]),
    (&["keymap"], &[("", "schema commands problems"), ("commands.*", "command group keys default_keys places doc")]),
    (&["dataset", "ls"], &[("", "schema datasets")]),
    (&["rules"], &[("", "schema rules_hash rules")]),
    (&["journal", "verify"], &[("", "schema ok entries heads broken")]),
];

const SHOWN: &[(&str, &str)] = &[
    ("", TRAJECTORY),
    ("lineage", LINEAGE),
    ("steps.*", STEP),
    ("steps.*.origins.*", "source member line start_byte end_byte"),
    ("steps.*.redactions.*", "path marker class hash8"),
    ("executions.*", EXECUTION),
    ("executions.*.effects.*", "verb target certainty"),
    ("executions.*.governance", "mode authoritative policy_id decision_id matched_rules"),
    ("executions.*.context", CONTEXT),
    ("executions.*.waits.*", WAIT),
    ("executions.*.retry_of", "execution relation scope form sanction after inferred"),
    ("sources.*", "sha256 format path"),
    ("issues.*", "source line kind message"),
];

/// Gives every value that a path reaches.
fn reached<'a>(document: &'a Value, path: &str) -> Vec<&'a Value> {
    path.split('.').filter(|part| !part.is_empty()).fold(vec![document], |values, part| {
        let inner = values.into_iter().flat_map(|value| match part {
            "*" => value.as_array().into_iter().flatten().collect::<Vec<_>>(),
            name => value.get(name).into_iter().collect(),
        });
        inner.filter(|value| !value.is_null()).collect()
    })
}

/// Holds a document to its fields; gives how many places had them.
fn holds(document: &Value, told: &str, promised: &[(&str, &str)]) -> Vec<usize> {
    let place = |(path, fields): &(&str, &str)| {
        let values = reached(document, path);
        for value in &values {
            let missing: Vec<&str> = fields.split_whitespace().filter(|field| value.get(field).is_none()).collect();
            assert!(missing.is_empty(), "{told}: {path}: {missing:?} are missing in {value}");
        }
        values.len()
    };
    promised.iter().map(place).collect()
}

#[test]
fn documents_hold_the_fields_that_scripts_rely_on() {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    let imported = bench.json(&["import", demo.to_str().unwrap()]);
    let of_import =
        [("", "schema sources skipped trajectories steps issues elapsed_ms"), ("sources.*", "path sha256 format size_bytes records steps status issues")];
    holds(&imported, "import", &of_import);
    for (command, promised) in PROMISES {
        let places = holds(&bench.json(command), &command.join(" "), promised);
        assert!(places.iter().all(|places| *places > 0), "{command:?}: nothing of {promised:?} was there to be looked at: {places:?}");
    }
    let listing = bench.json(&["ls", "--limit", "1000"]);
    let mut seen = vec![0; SHOWN.len()];
    for id in reached(&listing, "trajectories.*.id") {
        let shown = bench.json(&["show", id.as_str().unwrap()]);
        let places = holds(&shown, id.as_str().unwrap(), SHOWN);
        seen.iter_mut().zip(places).for_each(|(sum, places)| *sum += places);
    }
    assert!(seen.iter().all(|places| *places > 0), "nothing of some field was there to be looked at: {seen:?}");
}

#[test]
fn rows_of_a_stream_are_documents_of_one_line() {
    let bench = Bench::new();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    bench.json(&["import", demo.to_str().unwrap()]);
    for command in [&["ls"][..], &["search", "build"], &["check"], &["audit"]] {
        let out = bench.run(&[command, &["--jsonl"]].concat());
        let rows = out.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
        assert!(rows.map(|line| serde_json::from_slice::<Value>(line).unwrap()).filter(Value::is_object).count() > 0, "{command:?}");
    }
}
