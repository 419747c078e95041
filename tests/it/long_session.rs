//! A session too long to be read at once: its beginning is seen before the rest is there.

use ossia::query::Query;
use ossia::workspace::{ImportOptions, Progress, Workspace};

struct Quiet;
impl Progress for Quiet {}

#[test]
fn the_beginning_of_a_long_session_is_the_beginning_of_the_whole() {
    let scratch = tempfile::tempdir().unwrap();
    let output = "0123456789 abcdef\\n".repeat(3_000);
    let mut session = String::new();
    for at in 0..200 {
        session.extend([format!(
            "{{\"type\":\"assistant\",\"sessionId\":\"s\",\"uuid\":\"a{at}\",\"timestamp\":\"2026-05-01T00:00:00.000Z\",\"message\":{{\"role\":\"assistant\",\"content\":\
             [{{\"type\":\"tool_use\",\"id\":\"toolu_{at}\",\"name\":\"Bash\",\"input\":{{\"command\":\"cat {at}\"}}}}]}}}}\n\
             {{\"type\":\"user\",\"sessionId\":\"s\",\"uuid\":\"b{at}\",\"timestamp\":\"2026-05-01T00:00:00.000Z\",\"message\":{{\"role\":\"user\",\"content\":\
             [{{\"type\":\"tool_result\",\"tool_use_id\":\"toolu_{at}\",\"content\":\"{output}\"}}]}}}}\n"
        )]);
    }
    let path = scratch.path().join("s.jsonl");
    std::fs::write(&path, session).unwrap();
    let workspace = Workspace::open(&scratch.path().join("workspace"), &scratch.path().join("cache")).unwrap();
    workspace.import(&[path], &ImportOptions::default(), &mut Quiet).unwrap();
    let listing = workspace.ls(&Query::All, None, 9).unwrap();
    assert_eq!(listing.total, 1);
    let number = workspace.number_of(&listing.trajectories[0].id).unwrap().unwrap();
    let (part, whole) = (workspace.beginning(number).unwrap().unwrap(), workspace.load(number).unwrap().unwrap());
    assert!(part.steps.len() > 10 && part.steps.len() < whole.steps.len() / 2, "{} of {}", part.steps.len(), whole.steps.len());
    for (part, whole) in part.steps.iter().zip(&whole.steps) {
        assert_eq!((&part.id, &part.text, &part.origins), (&whole.id, &whole.text, &whole.origins));
    }
}

#[test]
fn a_short_session_is_read_whole_at_once() {
    let scratch = tempfile::tempdir().unwrap();
    let workspace = Workspace::open(&scratch.path().join("workspace"), &scratch.path().join("cache")).unwrap();
    let session = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/publish-docs");
    workspace.import(&[session], &ImportOptions::default(), &mut Quiet).unwrap();
    let listing = workspace.ls(&Query::All, None, 9).unwrap();
    let number = workspace.number_of(&listing.trajectories[0].id).unwrap().unwrap();
    assert!(workspace.beginning(number).unwrap().is_none());
}
