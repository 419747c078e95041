//! The lineage of a trajectory for people: each id and attribute with the record that states it.

use super::fail::Fail;
use super::output::{Ink, Output};
use crate::model::{Origin, Trajectory};
use crate::text::{clean, truncate, truncate_middle, width};
use serde_json::Value;

/// Names are shown in a column of at most this width.
const NAME_COLUMNS: usize = 34;

/// Prints what the lineage states, one line each; nothing where it states nothing.
pub fn print(t: &Trajectory, out: &Output) -> Result<(), Fail> {
    let rows = rows(t);
    if rows.is_empty() {
        return Ok(());
    }
    out.line("")?;
    out.line(&out.ink(Ink::Bold, "Lineage"))?;
    let column = rows.iter().map(|(name, ..)| width(name)).max().unwrap_or(0).min(NAME_COLUMNS);
    for (name, value, origin) in rows {
        let name = clean(&name);
        let name = truncate(&name, column);
        let place = clean(&origin.map_or(String::new(), |origin| place(t, origin)));
        let room = out.columns().saturating_sub(column + 6).max(32);
        let value = clean(&value.split_whitespace().collect::<Vec<_>>().join(" "));
        // Where both are long each has half of the line.
        let value = truncate(&value, room.saturating_sub(width(&place)).max(room / 2));
        let place = truncate_middle(&place, room - width(&value));
        let gap = " ".repeat(column.saturating_sub(width(&name)));
        out.line(&format!("  {name}{gap}  {value}  {}", out.ink(Ink::Dim, &place)))?;
    }
    Ok(())
}

/// Names the file and the line of an origin.
fn place(t: &Trajectory, origin: &Origin) -> String {
    let path = t.sources.iter().find(|source| source.sha256 == origin.source).map_or("?", |source| source.path.as_str());
    let file = path.rsplit('/').next().unwrap_or(path);
    format!("{file}:{}", origin.line)
}

/// Gathers everything that is stated, by the names that `lineage.origins` has.
fn rows(t: &Trajectory) -> Vec<(String, String, Option<&Origin>)> {
    let mut rows = Vec::new();
    let mut add = |name: String, value: String| {
        let origin = t.lineage.origins.get(&name);
        rows.push((name, value, origin));
    };
    let cohort = t.cohort.iter().flat_map(|c| [("cohort/experiment", &c.experiment), ("cohort/arm", &c.arm)]);
    for (name, value) in cohort.filter_map(|(name, value)| Some((name, value.as_ref()?))) {
        add(name.to_owned(), value.clone());
    }
    let Ok(Value::Object(fields)) = serde_json::to_value(&t.lineage) else { return rows };
    for (field, value) in fields.iter().filter(|(field, _)| *field != "origins") {
        match value {
            Value::Array(items) => {
                for item in items {
                    match item.get("name").and_then(Value::as_str) {
                        Some(name) => add(format!("{field}/{name}"), item.get("version").or_else(|| item.get("hash")).map(shown).unwrap_or_default()),
                        None => add(format!("{field}/{}", shown(item)), String::new()),
                    }
                }
            }
            Value::Object(entries) => {
                for (key, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                    add(format!("{field}/{key}"), shown(value));
                }
            }
            Value::Null => {}
            other => add(field.clone(), shown(other)),
        }
    }
    rows
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
