//! Tests over all formats of runs: no bytes make a reader fail, and every record of the samples is kept by some fact.

use crate::formats::{Want, read_plain};
use proptest::prelude::*;

/// Pieces of records of every format, to be strung together at random.
const PIECES: [&str; 22] = [
    "{\"type\":\"maestro.events.approval_hit\",\"spec_version\":\"1.0\",\"data\":{\"decision_mode\":\"MAESTRO_DECISION_MODE_DENY\"}}",
    "{\"type\":\"maestro.events.tool_call.completed\",\"data\":{\"duration\":\"1e300s\",\"completed_at\":1,\"status\":7}}",
    "{\"type\":\"maestro.events.tool_call.attempted\",\"data\":null}",
    "{\"type\":\"maestro.sessions.session.closed\",\"data\":{\"correlation\":[]}}",
    "{\"type\":\"canonical-turn\",\"tools\":[{\"callId\":\"c\"},3],\"sessionId\":\"\"}",
    "{\"type\":\"tool_blocked\",\"severity\":\"high\"}",
    "{\"session_id\":5,\"metric\":\"m\",\"score\":\"x\"}",
    "{\"fixture_version\":\"maestro-\",\"events\":[1,{}]}",
    "{\"items\":[{\"id\":\"tool-result::\",\"type\":\"tool.failed\"},[]],\"sessionId\":\"s\",\"platformBacked\":1}",
    "{\"events\":[{\"id\":\"trajectory:\",\"evidence\":[{\"kind\":\"tool_call\",\"id\":\"\"}]}],",
    "\"findings\":[{\"ruleId\":\"\"}]}",
    "{\"trajectory\":{\"events\":[{}]},\"trajectoryScore\":[]}",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\n",
    "\"é\u{0}\"",
    "\u{feff}",
    "null",
    "-1e999",
];

fn read_all(bytes: &[u8]) {
    for format in crate::formats::FORMATS {
        let want = Want { format: Some(format), ranges_only: false };
        let reading = read_plain(bytes, "any", want, &mut |_, _| {}).unwrap();
        assert!(reading.portions.iter().flat_map(|(p, _)| &p.facts).all(|fact| !fact.spans.is_empty()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_a_reader_fail(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        read_all(&bytes);
    }

    #[test]
    fn no_arrangement_of_records_makes_a_reader_fail(picks in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..12)) {
        read_all(picks.concat().as_bytes());
    }
}

#[test]
fn every_record_of_the_samples_is_kept() {
    let files = [
        ("cloudevents/generated-deny-retry-governed.events.jsonl", "maestro-events", 1),
        ("cloudevents/maestro-platform-replay.events.jsonl", "maestro-events", 1),
        ("cloudevents/maestro-platform-replay.v1.json", "maestro-events", 1),
        ("trajectory/generated-deny-retry-governed.agent-trajectory.v1.json", "maestro-trajectory", 1),
        ("trajectory/generated-deny-retry-governed.timeline.json", "maestro-timeline", 1),
        ("trajectory/hosted-governed-recovery.agent-trajectory.v1.json", "maestro-trajectory", 1),
        ("trajectory/hosted-governed-recovery.timeline.json", "maestro-timeline", 1),
        ("trajectory/hosted-governed-recovery.trajectory-fixture.json", "maestro-trajectory", 1),
        ("trajectory/hosted-governed-recovery.trajectory-score.json", "maestro-score", 1),
        ("training/evalops-tinker-eval-loop.train.jsonl", "generic", 0),
    ];
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/maestro");
    for (file, format, sessions) in files {
        match std::fs::read(root.join(file)) {
            Ok(bytes) => check(&bytes, file, format, sessions),
            Err(_) => println!("skipped, not here: {file}"),
        }
    }
}

#[test]
fn every_record_of_the_demo_is_kept() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo");
    for (file, format, sessions) in [
        ("rotate-staging-keys/events.jsonl", "maestro-events", 1),
        ("incident-cache/events.jsonl", "maestro-events", 1),
        ("rotate-staging-keys/timeline.json", "maestro-timeline", 1),
        ("overnight-vacuum/timeline.json", "maestro-timeline", 1),
        ("evals/scores.jsonl", "evals", 0),
    ] {
        check(&std::fs::read(root.join(file)).unwrap(), file, format, sessions);
    }
}

/// Reads a file and finds every record in the spans of some fact; `sessions` 0 means any number of them.
fn check(bytes: &[u8], file: &str, format: &str, sessions: usize) {
    let reading = read_plain(bytes, file, Want::default(), &mut |_, _| {}).unwrap();
    assert_eq!(reading.format.name, format, "{file}");
    assert!(sessions == 0 || reading.portions.len() == sessions, "{file}");
    let spans: std::collections::BTreeSet<_> = reading.portions.iter().flat_map(|(p, _)| &p.facts).flat_map(|f| &f.spans).map(|s| (s.start, s.end)).collect();
    let issues: Vec<_> = reading.portions.iter().flat_map(|(p, _)| &p.issues).collect();
    assert!(issues.is_empty(), "{file}: {issues:?}");
    assert!(spans.len() as u64 >= reading.records && reading.records > 0, "{file}: {} spans, {} records", spans.len(), reading.records);
}
