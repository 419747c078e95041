//! `maestro-flags`: a snapshot of feature flags (`EVALOPS_FEATURE_FLAGS_PATH`); it names no session, a sidecar does.

use crate::formats::json::Node;
use crate::formats::{Format, Output, Reader, Record, Shape};
use crate::model::{Actor, Body, Fact, Slot};

/// The format.
pub const FORMAT: Format = Format {
    name: "maestro-flags",
    agent: "maestro",
    rank: 48,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(is_snapshot),
    reader: || Box::new(Flags),
    doc: "A snapshot of Maestro's feature flags; `X.flags.json` belongs to the `X.jsonl` beside it.",
};

fn is_snapshot(node: &Node<'_>) -> bool {
    let flags = node.get("flags").map(Node::items).unwrap_or_default();
    node.get("schema_version").is_some() && !flags.is_empty() && flags.iter().all(|flag| flag.str("key").is_some() && flag.bool_any(&["enabled"]).is_some())
}

struct Flags;

impl Reader for Flags {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let flags = record.node.get("flags").map(Node::items).unwrap_or_default();
        out.count_records(flags.len().max(1) as u64);
        for flag in flags {
            let (key, enabled) = (flag.str("key").unwrap_or_default(), flag.bool_any(&["enabled"]));
            if let Some(enabled) = enabled {
                out.about().lineage.feature_flags.insert(key.to_owned(), enabled.into());
            }
            let word = if enabled == Some(true) { "on" } else { "off" };
            let text = [Some(format!("flag {key}: {word}")), flag.owned(&["description"])].into_iter().flatten().collect::<Vec<_>>().join("\n");
            out.push(Fact::new(Slot::Named(format!("flag:{key}")), record.place(flag), Actor::System, Body::Context(text)));
        }
        out.push(Fact::new(Slot::Own, record.span.clone(), Actor::System, Body::Context(format!("{} feature flags", flags.len()))));
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::{Want, read_plain};

    #[test]
    fn flags_are_known_by_key() {
        let text =
            r#"{"schema_version":1,"flags":[{"key":"a.b","enabled":true,"rollout_percent":50,"owners":["x"],"description":"d"},{"key":"c","enabled":false}]}"#;
        let reading = read_plain(text.as_bytes(), "s.flags.json", Want::default(), &mut |_, _| {}).unwrap();
        let flags = &reading.portions[0].0.about.lineage.feature_flags;
        assert_eq!((reading.format.name, flags.get("a.b"), flags.get("c"), reading.records), ("maestro-flags", Some(&true.into()), Some(&false.into()), 2));
    }
}
