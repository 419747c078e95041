//! The field policy: which of the names around a row leave as they are, as a pseudonym, or not at all, and which texts a row holds.

use super::json::Json;
use crate::model::ids::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

const BUILT_IN: &str = include_str!("policy.toml");

/// What happens to a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// It leaves as it is.
    Clear,
    /// It leaves under another name, the same for the same value within one dataset.
    #[default]
    Pseudonym,
    /// It does not leave.
    Omit,
}

/// What becomes of a text of a session in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    /// It is in the row.
    #[default]
    Train,
    /// A mark stands in its place.
    Redact,
    /// It is not in the row, and the row's lineage names its step.
    Lineage,
    /// It is not in the row, nor is a message that held nothing else named in its lineage.
    Omit,
}

/// What becomes of each kind of text in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Training(BTreeMap<String, Use>);

impl Training {
    /// Gives what becomes of a kind of text.
    #[must_use]
    pub fn of(&self, text: &str) -> Use {
        self.0.get(text).copied().unwrap_or_default()
    }

    /// Tells whether every text is in the row.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.0.values().all(|used| *used == Use::Train)
    }
}

/// The treatment of each field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    #[serde(default)]
    fields: BTreeMap<String, Treatment>,
    #[serde(default)]
    training: Training,
}

impl Policy {
    /// Gives the built-in policy, with the lines of a workspace's own in place of its own.
    pub fn with(own: &str) -> Result<Self, String> {
        let mut policy: Self = toml::from_str(BUILT_IN).map_err(|e| e.to_string())?;
        if !own.trim().is_empty() {
            let own: Self = toml::from_str(own).map_err(|e| format!("policy.toml: {e}"))?;
            if let Some(unknown) = own.training.0.keys().find(|name| !policy.training.0.contains_key(*name)) {
                let known: Vec<&str> = policy.training.0.keys().map(String::as_str).collect();
                return Err(format!("policy.toml: {unknown:?} is no text of a row; those are {}", known.join(", ")));
            }
            policy.fields.extend(own.fields);
            policy.training.0.extend(own.training.0);
        }
        Ok(policy)
    }

    /// Gives the treatment of a field; one that nobody thought of leaves as a pseudonym.
    #[must_use]
    pub fn of(&self, field: &str) -> Treatment {
        self.fields.get(field).copied().unwrap_or_default()
    }

    /// Gives what becomes of the texts of a session.
    #[must_use]
    pub const fn training(&self) -> &Training {
        &self.training
    }

    /// Writes it as TOML.
    #[must_use]
    pub fn text(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Gives the SHA-256 of its written form.
    #[must_use]
    pub fn hash(&self) -> String {
        hex(&Sha256::digest(self.text()))
    }

    /// Treats the fields of an object; `pseudonym` gives a field's value another name.
    #[must_use]
    pub fn apply(&self, object: Json, pseudonym: &dyn Fn(&str, &str) -> String) -> Json {
        let Json::Object(fields) = object else { return object };
        let treated = fields.into_iter().map(|(name, value)| {
            let value = match self.of(&name) {
                Treatment::Clear => value,
                Treatment::Pseudonym => renamed(value, &|text| pseudonym(&name, text)),
                Treatment::Omit => Json::Null,
            };
            (name, value)
        });
        Json::Object(treated.collect())
    }
}

fn renamed(value: Json, rename: &dyn Fn(&str) -> String) -> Json {
    match value {
        Json::String(text) => Json::String(rename(&text)),
        Json::Array(items) => Json::Array(items.into_iter().map(|item| renamed(item, rename)).collect()),
        Json::Object(fields) => Json::Object(fields.into_iter().map(|(name, item)| (name, renamed(item, rename))).collect()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Written(_) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_treated_as_the_policy_says() {
        let policy = Policy::with("[fields]\nmodel = \"omit\"\n").unwrap();
        let object = Json::object([
            ("model", "m".into()),
            ("agent", "a".into()),
            ("organization_id", "acme".into()),
            ("never_thought_of", Json::Array(vec!["x".into(), Json::Null])),
        ]);
        let treated = policy.apply(object, &|field, value| format!("{field}:{}", value.len()));
        assert_eq!(treated.text(), r#"{"model":null,"agent":"a","organization_id":"organization_id:4","never_thought_of":["never_thought_of:1",null]}"#);
        assert!(Policy::with("[fields]\nmodel = \"loud\"\n").unwrap_err().contains("policy.toml"));
        assert_ne!(policy.hash(), Policy::with("").unwrap().hash());
    }

    #[test]
    fn texts_of_a_row_are_named_once_and_the_page_says_what_the_policy_does() {
        let policy = Policy::with("[training]\nthinking = \"omit\"\n").unwrap();
        assert_eq!((policy.training().of("thinking"), policy.training().of("arguments")), (Use::Omit, Use::Train));
        assert!(!policy.training().is_whole() && Policy::with("").unwrap().training().is_whole());
        assert!(Policy::with("[training]\nthougt = \"omit\"\n").unwrap_err().contains("those are arguments, assistant_text"));
        let (built_in, page) = (Policy::with("").unwrap(), include_str!("../../docs/maestro-mapping.md"));
        let said = |name: &str, what: String| assert!(page.contains(&format!("| `{name}` | {} |", what.trim_matches('"'))), "{name}: {what}");
        built_in.training.0.iter().for_each(|(name, used)| said(name, serde_json::to_string(used).unwrap()));
        built_in.fields.iter().for_each(|(name, treatment)| said(name, serde_json::to_string(treatment).unwrap()));
    }
}
