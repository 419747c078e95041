//! The JSON Schemas of a bundle's files, written from one table, and a small validator that knows what the table can say.

use crate::export::json::Json;

/// The fields of each file's lines or document: `name:type`, where a type is `s i n b o a` (string, integer, number, bool, object,
/// anything) or `[type]`, with `?` where null may stand; `~` before a name says that the field may be missing.
const FILES: &[(&str, &str)] = &[
    (
        "manifest.json",
        "schema:s layout:i tool:o dataset:o policies_sha256:s journal_head:s? ~read_to:o rules_sha256:s? audit:o reward:o date:s? examples:i pairs:i splits:o blocked:o overridden:[o] ~since:o shapes:[o]",
    ),
    (
        "lineage.jsonl",
        "row:s shape:s file:s line:i sha256:s split:s group:s example:s trajectory:s target:s situation:s good:o? bad:o? steps:[s] sources:[o] about:o decisions:[o] rules_sha256:s?",
    ),
    (
        "cards.jsonl",
        "taskId:s chosenArm:s? predictedEval:n? predictedCostUSD:n? uncertainty:n? rationale:s example:s rows:[s] trajectory:s target:s situation:s labels:o rules_sha256:s? audit:s lineage:[o] alternatives:[o]",
    ),
    ("journal.jsonl", "id:s journal:s reviewer:s seq:i clock:i at:s kind:s version:i prev:s? act:s? body:o ~veiled:b"),
    (
        "redactions.jsonl",
        "finding:s trajectory:s step:s field:s start:i end:i detector:s class:s tier:s fingerprint:s verdict:s decided_by:s? replacement:s? sha256:s?",
    ),
    ("sources.json", "schema:s sources:[o]"),
    ("rules.json", "schema:s redaction_rules_sha256:s? proposing_rules_sha256:s proposing:[o] reward:o situations:[s] shapes:[o]"),
    ("agreement.json", "schema:s ~covers:s questions:[o]"),
    ("certificate.json", "schema:s"),
    ("assignments.jsonl", "trajectory:s scenario:s? experiment:s arm:s model:s checkpoint:s adapter:s? run_id:s? seed:i training_bundle_sha256:s?"),
    ("dataset_info.json", ""),
    ("croissant.json", "@context:o @type:s name:s description:s conformsTo:s license:s version:s distribution:[o] recordSet:[o]"),
    ("data/tinker-sft", "messages:[o]"),
    ("data/tinker-preference", "comparison:o label:s"),
    ("data/tinker-rubric", "convo:[o] rubric_items:[o]"),
    ("data/evalops-tinker", "instruction:s input:s output:s"),
    ("data/hf-sft", "messages:[o] tools:s?"),
    ("data/hf-prompt-completion", "prompt:[o] completion:[o] tools:s?"),
    ("data/hf-preference", "prompt:[o] chosen:[o] rejected:[o] tools:s? margin:n"),
    ("data/hf-kto", "prompt:[o] completion:[o] label:b tools:s?"),
    (
        "data/hf-prompt",
        "prompt:[o] tools:s? row:s needs_ask:s ask_style:s severity:i? refused_effects:[s] granted_effects:[s] must_read:[s] judged_effects:[s] cwd:s reference:s recorded_reward:n?",
    ),
    ("data/folded-preference", "prompt:[o] chosen:[o] rejected:[o] margin:n"),
    ("data/openai-sft", "messages:[o] ~tools:[o] ~parallel_tool_calls:b"),
    ("data/openai-preference", "input:o preferred_output:[o] non_preferred_output:[o]"),
    ("data/llama-factory-sft", "conversations:[o] system:s tools:s"),
    ("data/llama-factory-preference", "conversations:[o] chosen:o rejected:o system:s tools:s"),
    ("data/llama-factory-kto", "conversations:[o] kto_tag:b system:s tools:s"),
    ("data/inspect-dataset", "id:s input:[o] target:s metadata:o"),
    ("data/atif", "schema_version:s session_id:s agent:o steps:[o] extra:o"),
    (
        "data/decisions",
        "row:s context_hash:s action:s action_kind:s effects:[s] risk:s? needs_ask:s? boundary:s? discovery:s? bypass:s? severity:i? task:s? after_denial:s? P:n? D:n? T:n? K:n? V:b R:n? missing:[s] formula:s propensity:n? cost_usd:n? constraints:[s] cohort:s? scenario:s? group:s",
    ),
];

/// Finds the schema of a file of a bundle; the splits of a shape share one.
#[must_use]
pub fn of_file(file: &str) -> Option<Json> {
    let stem = file.strip_suffix(".jsonl").filter(|stem| stem.starts_with("data/")).map(|stem| stem.split('.').next().unwrap_or(stem));
    let (name, fields) = FILES.iter().find(|(name, _)| *name == stem.unwrap_or(file))?;
    Some(schema(name, fields))
}

/// Names the schema file of a file: `schemas/<name>.schema.json`.
#[must_use]
pub fn file_name(file: &str) -> String {
    let stem = file.rsplit('/').next().unwrap_or(file);
    format!("schemas/{}.schema.json", stem.split('.').next().unwrap_or(stem))
}

fn schema(name: &str, fields: &str) -> Json {
    let parsed = fields.split(' ').filter_map(|field| {
        let optional = field.starts_with('~');
        let (name, kind) = field.trim_start_matches('~').rsplit_once(':')?;
        Some((name.to_owned(), kind_of(kind), optional))
    });
    let parsed: Vec<(String, Json, bool)> = parsed.collect();
    let required: Vec<Json> = parsed.iter().filter(|(_, _, optional)| !optional).map(|(name, _, _)| name.as_str().into()).collect();
    // What a specification of others may extend, such as Croissant, is left open.
    let closed = !matches!(name, "croissant.json" | "certificate.json" | "dataset_info.json");
    Json::object([
        ("$schema", "https://json-schema.org/draft/2020-12/schema".into()),
        ("title", name.into()),
        ("type", "object".into()),
        ("properties", Json::Object(parsed.into_iter().map(|(name, kind, _)| (name, kind)).collect())),
        ("required", required.into()),
        ("additionalProperties", (!closed).into()),
    ])
}

fn kind_of(kind: &str) -> Json {
    let (kind, nullable) = kind.strip_suffix('?').map_or((kind, false), |kind| (kind, true));
    if let Some(inner) = kind.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return Json::object([("type", "array".into()), ("items", kind_of(inner))]);
    }
    let name = match kind {
        "s" => "string",
        "i" => "integer",
        "n" => "number",
        "b" => "boolean",
        "o" => "object",
        _ => return Json::object([]),
    };
    let kind = if nullable { Json::from(vec![name.to_owned(), "null".to_owned()]) } else { name.into() };
    Json::object([("type", kind)])
}

/// Checks a value against a schema of this table; the error names the field.
pub fn check(schema: &Json, value: &Json, at: &str) -> Result<(), String> {
    if let Some(kind) = schema.get("type") {
        let allowed: Vec<&str> = kind.as_str().into_iter().chain(kind.items().iter().filter_map(Json::as_str)).collect();
        if !allowed.iter().any(|name| is(value, name)) {
            return Err(format!("{at} is not of type {}", allowed.join(" or ")));
        }
    }
    if let Some(items) = schema.get("items") {
        value.items().iter().enumerate().try_for_each(|(i, item)| check(items, item, &format!("{at}[{i}]")))?;
    }
    let Some(properties) = schema.get("properties").map(Json::fields) else { return Ok(()) };
    for name in schema.get("required").map(Json::items).unwrap_or_default().iter().filter_map(Json::as_str) {
        if value.get(name).is_none() {
            return Err(format!("{at}.{name} is missing"));
        }
    }
    for (name, value) in value.fields() {
        match properties.iter().find(|(known, _)| known == name) {
            Some((_, schema)) => check(schema, value, &format!("{at}.{name}"))?,
            None if schema.get("additionalProperties") == Some(&Json::Bool(false)) => return Err(format!("{at}.{name} is not known")),
            None => {}
        }
    }
    Ok(())
}

fn is(value: &Json, kind: &str) -> bool {
    match value {
        Json::Null => kind == "null",
        Json::Bool(_) => kind == "boolean",
        // What is checked was read, and nothing that is read is written already.
        Json::Written(_) => false,
        Json::Number(digits) => kind == "number" || (kind == "integer" && !digits.contains(['.', 'e', 'E'])),
        Json::String(_) => kind == "string",
        Json::Array(_) => kind == "array",
        Json::Object(_) => kind == "object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::bundle::manifest::LAYOUT;
    use crate::export::shapes::SHAPES;

    #[test]
    fn another_table_is_another_layout() {
        let table: String = FILES.iter().map(|(name, fields)| format!("{name} {fields}\n")).collect();
        let known = (LAYOUT, crate::export::example::digest(&[&table]));
        assert_eq!((known.0, &known.1[..16]), (3, "20677a78b7aa42c7"), "raise LAYOUT where a file or a field changed, then pin the table here");
    }

    #[test]
    fn every_shape_of_lines_has_a_schema() {
        for shape in SHAPES.iter().filter(|shape| shape.header.is_none()) {
            assert!(of_file(&format!("data/{}.test.jsonl", shape.name)).is_some(), "{}", shape.name);
        }
    }

    #[test]
    fn a_row_that_does_not_fit_is_named() {
        let schema = of_file("data/hf-kto.jsonl").unwrap();
        let row = |text: &str| check(&schema, &Json::parse(text).unwrap(), "row");
        assert!(row(r#"{"prompt":[{}],"completion":[{}],"label":true,"tools":null}"#).is_ok());
        assert!(row(r#"{"prompt":[{}],"completion":[{}],"label":1,"tools":null}"#).unwrap_err().contains("row.label"));
        assert!(row(r#"{"prompt":[1],"completion":[],"label":true,"tools":""}"#).unwrap_err().contains("row.prompt[0]"));
        assert!(row(r#"{"prompt":[],"completion":[],"label":true,"tools":"","id":1}"#).unwrap_err().contains("row.id is not known"));
        assert!(row(r#"{"prompt":[],"completion":[],"label":true}"#).unwrap_err().contains("missing"));
    }
}
