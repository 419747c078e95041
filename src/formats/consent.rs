//! What a record of any format says of consent and retention: its own fields, and those of the objects in which writers keep such words.

use super::json::Node;
use crate::model::{Lineage, consent};

/// Objects in which a record keeps what is said about it, and none of what was said in it.
const HOLDERS: &[&str] = &[
    "attributes",
    "config",
    "consent",
    "context",
    "conversation",
    "data",
    "extra",
    "extra_info",
    "headers",
    "info",
    "labels",
    "meta",
    "metadata",
    "options",
    "payload",
    "principal",
    "privacy",
    "properties",
    "resource",
    "retention",
    "session",
    "tags",
    "user",
];

/// The shortest and the longest name that is looked at: of most fields the length says that they are none.
const LENGTHS: std::ops::RangeInclusive<usize> = 10..=64;

/// Objects within objects that are looked into.
const DEEP: usize = 4;

/// What a retention policy says, by the attribute under which that is kept.
const POLICY: [(&str, &[&str]); 5] = [
    ("retention_policy_version", &["policy_version"]),
    ("retention_managed_by", &["managed_by"]),
    ("retention_redaction_required", &["redaction", "required_before_external_persistence"]),
    ("retention_forbidden_plaintext", &["redaction", "forbidden_plaintext"]),
    ("retention_until", &["retention_until"]),
];

/// Gives what a record says of consent and retention, every spelling of it, by name; of most records nothing.
#[must_use]
pub fn said(node: &Node<'_>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    look(node, DEEP, &mut found);
    found
}

/// Keeps what a record says of consent and retention.
pub fn hear(node: &Node<'_>, lineage: &mut Lineage) {
    said(node).into_iter().for_each(|(name, word)| lineage.attribute(&name, word));
}

fn look(node: &Node<'_>, deep: usize, found: &mut Vec<(String, String)>) {
    for (field, value) in node.fields() {
        let name = Some(field.as_ref()).filter(|field| LENGTHS.contains(&field.len())).and_then(consent::name_of);
        if let Some(name) = name.filter(|name| *name != consent::EXPIRY) {
            keep(name, value, found);
        }
        if deep > 0 && HOLDERS.contains(&field.as_ref()) {
            look(value, deep - 1, found);
        }
        if matches!(field.as_ref(), "retention_policy" | "retentionPolicy") {
            POLICY.iter().filter_map(|(name, path)| Some((*name, value.path(path)?))).for_each(|(name, said)| keep(name, said, found));
        }
    }
    // Telemetry writes its attributes as a list of keys and values.
    for item in node.items() {
        if let Some(name) = item.str("key").and_then(consent::name_of).filter(|name| *name != consent::EXPIRY)
            && let Some(value) = item.get("value")
        {
            let inner = value.fields().first().filter(|(kind, _)| kind.ends_with("Value")).map_or(value, |(_, inner)| inner);
            keep(name, inner, found);
        }
    }
}

fn keep(name: &str, said: &Node<'_>, found: &mut Vec<(String, String)>) {
    let text = said.all_text().replace('\n', ", ");
    // A form that is not known is kept as it was written: it is for the gate to say that it is not understood.
    let text = if text.is_empty() && said.as_str().is_none() && !said.is_null() { said.raw.to_owned() } else { text };
    if !text.is_empty() {
        found.push((name.to_owned(), text));
    }
}

#[cfg(test)]
mod tests {
    use super::said;
    use crate::formats::json::parse;

    #[test]
    fn it_is_heard_where_records_keep_it_and_not_in_what_was_said() {
        let cases = [
            (r#"{"messages":[],"metadata":{"training_opt_out":true}}"#, "training_opt_out=true"),
            (r#"{"doNotTrain":"1"}"#, "training_opt_out=1"),
            (r#"{"type":"x","payload":{"session":{"headers":{"X-Data-Collection-Opt-Out":"yes"}}}}"#, "data_collection_opt_out=yes"),
            (r#"{"attributes":[{"key":"training.opt_out","value":{"boolValue":false}},{"key":"n","value":{"intValue":"1"}}]}"#, "training_opt_out=false"),
            (r#"{"allow_training":false}"#, "training_allowed=false"),
            (r#"{"retention_policy":{"retention_until":"2027-01-01T00:00:00Z"}}"#, "retention_until=2027-01-01T00:00:00Z"),
            (r#"{"metadata":{"expires_at":"2020-01-01"},"message":{"content":[{"arguments":{"training_opt_out":true}}]}}"#, ""),
        ];
        for (record, expected) in cases {
            let heard: Vec<String> = said(&parse(record).unwrap()).into_iter().map(|(name, word)| format!("{name}={word}")).collect();
            assert_eq!(heard.join(" "), expected, "{record}");
        }
    }
}
