//! What an entry of the journal says, in words for people: about what, and what was decided.

use crate::judging::Label;
use crate::model::{Entry, Recorded};
use serde_json::Value;

/// Says in one line what was decided, and of what; what this program does not know is shown as it stands.
pub fn said(entry: &Entry) -> String {
    let body: Value = serde_json::from_str(&entry.body).unwrap_or(Value::Null);
    let on = target(&body);
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default();
    let note = |key: &str| Some(text(key)).filter(|text| !text.trim().is_empty()).map_or(String::new(), |text| format!(": {}", one_line(text)));
    let what = match &*entry.kind {
        Label::KIND if entry.version > Label::VERSION => format!("a label of version {}, which a newer program wrote: it does not count here", entry.version),
        "label" => format!("{} = {}{}", text("question"), text("answer"), manner(&body)),
        "adjudication" => format!("{} = {}, settled{}", text("question"), text("answer"), note("note")),
        "dispute" => format!("{} must be looked at again{}", text("question"), note("note")),
        "note" => format!("note{}", note("text")),
        "flag" => if body.get("set") == Some(&Value::Bool(true)) { "a second look is wanted" } else { "no second look" }.to_owned(),
        "amend" => format!("{} is {}{}", text("fact"), body.get("value").and_then(Value::as_str).unwrap_or("rejected"), note("note")),
        "queue" => format!("queue {}: {} by {}, order {}", text("name"), or(text("query"), "everything"), text("schema"), text("order")),
        "schema" => format!("schema {}", stated(text("text"), "name")),
        "dataset" => format!("dataset {}", stated(text("text"), "name")),
        "gold" => format!("the labels of {} are the right answers of training rounds", text("reviewer")),
        "undo" => format!("takes back {}", short(text("of"))),
        "redo" => format!("makes {} count again", short(text("of"))),
        "rewrite" => return format!("a better passage{}  of {}#{}", note("text"), text("trajectory"), text("target")),
        "pair" => format!("{} against {}: {}{}", side(&body, "left"), side(&body, "right"), text("chosen"), note("reason")),
        "forget" => format!("forgot {}{}", text("what"), note("reason")),
        "redaction" => format!("{}{}", or(text("verdict"), "a verdict"), note("note")),
        _ => format!("{} {}", entry.kind, one_line(&entry.body)),
    };
    if on.is_empty() { what } else { format!("{what}  of {on}") }
}

/// Names what a decision is about.
fn target(body: &Value) -> String {
    let of = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    match body.get("target") {
        Some(Value::Object(map)) => {
            let target = Value::Object(map.clone());
            crate::judging::name_of(&of(&target, "trajectory"), &of(&target, "id"))
        }
        Some(Value::String(name)) => name.clone(),
        _ => of(body, "trajectory"),
    }
}

/// How a label was given, where that is not the plain way.
fn manner(body: &Value) -> String {
    let via = body.get("via").and_then(Value::as_str).filter(|via| *via != "key").map(|via| format!("by {via}"));
    let sure = match body.get("confidence").and_then(Value::as_u64) {
        Some(1) => Some("unsure".to_owned()),
        Some(3) => Some("very sure".to_owned()),
        _ => None,
    };
    let yes = |key: &str, word: &str| (body.get(key) == Some(&Value::Bool(true))).then(|| word.to_owned());
    let all: Vec<String> = [via, sure, yes("hindsight", "with hindsight"), yes("again", "asked again")].into_iter().flatten().collect();
    if all.is_empty() { String::new() } else { format!(" ({})", all.join(", ")) }
}

fn side(body: &Value, key: &str) -> String {
    let found = body.get(key).map(|side| match side {
        Value::String(name) => name.clone(),
        side => ["target", "id", "trajectory"].iter().find_map(|key| side.get(key)?.as_str()).unwrap_or_default().to_owned(),
    });
    found.filter(|name| !name.is_empty()).unwrap_or_else(|| key.to_owned())
}

/// Gives the value of a key that a TOML text states.
fn stated(text: &str, key: &str) -> String {
    let line = text.lines().find_map(|line| line.trim().strip_prefix(key)?.trim_start().strip_prefix('='));
    line.map_or(String::new(), |value| value.trim().trim_matches('"').to_owned())
}

fn or<'t>(text: &'t str, other: &'t str) -> &'t str {
    if text.trim().is_empty() { other } else { text }
}

fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// One line of a text, not too long.
fn one_line(text: &str) -> String {
    const MOST_CHARS: usize = 100;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.char_indices().nth(MOST_CHARS).map_or_else(|| line.clone(), |(at, _)| format!("{}…", line.get(..at).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::entry::Place;
    use crate::model::{Draft, Timestamp};

    fn check(kind: &str, body: &str, expect: &str) {
        let (journal, reviewer) = ("j".into(), "ana".into());
        let place = Place { journal: &journal, reviewer: &reviewer, after: None, act: None, clock: 1, at: Timestamp::EPOCH };
        let entry = Entry::sealed(&place, &Draft { kind: kind.to_owned().leak(), version: 1, body: body.to_owned() }).unwrap();
        assert_eq!(said(&entry), expect);
    }

    #[test]
    fn decisions_are_told_in_words() {
        let of = r#""target":{"kind":"execution","trajectory":"maestro:a","id":"toolu_1"}"#;
        check(
            "label",
            &format!(r#"{{{of},"question":"needs_ask","answer":"yes","via":"bulk","confidence":1,"hindsight":false}}"#),
            "needs_ask = yes (by bulk, unsure)  of maestro:a#toolu_1",
        );
        check(
            "amend",
            &format!(r#"{{{of},"fact":"retry_of","value":null,"note":"another\nbranch"}}"#),
            "retry_of is rejected: another branch  of maestro:a#toolu_1",
        );
        check("schema", r##"{"text":"# mine\nname = \"tone\"\n"}"##, "schema tone");
        check("queue", r#"{"name":"risky","query":"","schema":"s","order":"risk"}"#, "queue risky: everything by s, order risk");
        check("undo", r#"{"of":"0123456789abcdef"}"#, "takes back 0123456789ab");
        check("dream", r#"{"a": 1}"#, r#"dream {"a": 1}"#);
    }
}
