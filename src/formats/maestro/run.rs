//! `maestro-run`: what `maestro run inspect --json` prints, a document that holds the other run documents.

use super::{inspection, score, timeline, trajectory};
use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape, document};

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-run",
    agent: "maestro",
    rank: 44,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(is_run),
    reader: || Box::new(Run),
    doc: "The output of `maestro run inspect --json`: trajectory, replay, score and inspection of one run.",
};

const PARTS: [&str; 5] = ["timeline", "trajectory", "trajectoryReplay", "trajectoryScore", "trajectoryInspection"];

fn is_run(node: &Node<'_>) -> bool {
    is_manifest(node)
        || node.get("manifest").is_some_and(is_manifest)
        // Documents of the family whose shape is not known, such as a replay or a scenario, are kept with the run they name.
        || node.str("schemaVersion").is_some_and(|schema| schema.starts_with("evalops.maestro."))
        || node.get("trajectory").is_some_and(trajectory::is_trajectory)
        || PARTS.iter().skip(2).any(|part| node.get(part).and_then(|p| p.str("schemaVersion")).is_some_and(|s| s.starts_with("evalops.maestro.")))
}

/// A drained runner leaves a manifest that ties its session to the run and the workspace of the platform.
fn is_manifest(node: &Node<'_>) -> bool {
    let keys = ["protocol_version", "schemaVersion", "schema_version", "schema", "version"];
    keys.iter().any(|key| node.str(key).is_some_and(|schema| schema.starts_with("evalops.remote-runner.snapshot-manifest.")))
}

fn manifest_of(node: &Node<'_>, out: &mut Output) {
    out.session(node.str("maestro_session_id").or_else(|| node.path(&["runtime", "session_id"])?.as_str()).unwrap_or_default());
    let lineage = &mut out.about().lineage;
    lineage.agent_run_id = lineage.agent_run_id.take().or_else(|| node.owned(&["agent_run_id"]));
    lineage.workspace_id = lineage.workspace_id.take().or_else(|| node.owned(&["workspace_id"]));
    lineage.remote_runner_session_id = lineage.remote_runner_session_id.take().or_else(|| node.owned(&["runner_session_id"]));
    crate::formats::consent::hear(node, &mut out.about().lineage);
}

struct Run;

impl Reader for Run {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let session = node.str_any(&["sessionId", "session_id"]).map(str::to_owned);
        let own = || node.path(&["run", "sessionId"])?.as_str().map(str::to_owned);
        let inner = || PARTS.iter().find_map(|part| node.path(&[part, "run", "sessionId"])?.as_str().map(str::to_owned));
        if let Some(session) = session.or_else(own).or_else(inner) {
            out.session(&session);
        }
        // The answer to a drain holds the manifest that it wrote.
        for manifest in [Some(node), node.get("manifest")].into_iter().flatten().filter(|node| is_manifest(node)) {
            manifest_of(manifest, out);
        }
        if node.str("schemaVersion").is_some_and(|schema| schema.starts_with("evalops.maestro.scenario.")) {
            out.about().lineage.scenario_id = node.owned(&["id"]);
            out.about().title = node.owned(&["title"]);
            out.about().tags.extend(node.get("reviewLabels").map(Node::items).unwrap_or_default().iter().filter_map(Node::as_str).map(str::to_owned));
        }
        out.push(document::head(record, node, &PARTS));
        if PARTS.iter().all(|part| node.get(part).is_none()) {
            out.count_records(1);
        }
        for part in PARTS {
            let Some(value) = node.get(part) else { continue };
            match part {
                "timeline" if timeline::is_timeline(value) => timeline::read(record, value, out),
                "trajectory" => trajectory::read(record, value, out),
                "trajectoryScore" => score::read(record, value, out),
                "trajectoryInspection" => inspection::read(record, value, out),
                _ => document::keep(record, value, out),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};
    use crate::model::Slot;

    #[test]
    fn each_part_is_read_by_its_own_format() {
        let text = r#"{"sessionId":"s","trajectory":{"schemaVersion":"evalops.maestro.agent-trajectory.v1","run":{"sessionId":"s"},"events":[{"id":"trajectory:message:e1","type":"message.user"}]},
            "trajectoryReplay":{"schemaVersion":"evalops.maestro.agent-trajectory-replay.v1","deltas":[1]},
            "trajectoryScore":{"schemaVersion":"evalops.maestro.agent-trajectory-score.v1","findings":[{"ruleId":"r","status":"pass"}]}}"#;
        let reading = read_plain(text.as_bytes(), "r.json", Want::default(), &mut |_, _| {}).unwrap();
        assert_eq!((reading.format.name, reading.portions.len(), reading.records), ("maestro-run", 1, 2));
        let facts = &reading.portions[0].0.facts;
        assert!(facts.iter().any(|f| f.slot == Slot::Named("e1.text".into())) && facts.iter().any(|f| f.slot == Slot::Named("finding:r".into())));
    }
}
