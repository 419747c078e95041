//! Reading fields out of JSON nodes the way readers need it: by any of several names, never failing.

use super::json::{Node, Value};
use crate::model::Timestamp;
use std::borrow::Cow;

impl<'a> Node<'a> {
    /// Gives the field `key` of an object; the last of repeated keys, as JavaScript does.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Object(fields) => fields.iter().rev().find(|(name, _)| name == key).map(|(_, node)| node),
            _ => None,
        }
    }

    /// Gives the first of several fields that is there and not null: the aliases of one meaning.
    #[must_use]
    pub fn any(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().find_map(|key| self.get(key).filter(|node| !node.is_null()))
    }

    /// Follows a path of fields.
    #[must_use]
    pub fn path(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Tells whether the value is `null`.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Tells whether the value is an object.
    #[must_use]
    pub const fn is_object(&self) -> bool {
        matches!(self.value, Value::Object(_))
    }

    /// Tells whether the value is an array.
    #[must_use]
    pub const fn is_array(&self) -> bool {
        matches!(self.value, Value::Array(_))
    }

    /// Gives the string, if it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// Gives the number, if it is one that an `f64` holds.
    #[must_use]
    pub fn as_f64(&self) -> Option<f64> {
        match &self.value {
            Value::Number(text) => text.parse().ok().filter(|n: &f64| n.is_finite()),
            _ => None,
        }
    }

    /// Gives the whole number, also where it is written as a string (64-bit numbers of protobuf JSON).
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        match &self.value {
            Value::Number(text) => text.parse().ok().or_else(|| {
                let number: f64 = text.parse().ok()?;
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]
                (0.0..u64::MAX as f64).contains(&number).then_some(number as u64)
            }),
            Value::String(text) => text.parse().ok(),
            _ => None,
        }
    }

    /// Gives the truth value, if it is one.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(truth) => Some(truth),
            _ => None,
        }
    }

    /// Gives the items of an array; none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// Gives the fields of an object; none for anything else.
    #[must_use]
    pub fn fields(&self) -> &[(Cow<'a, str>, Self)] {
        match &self.value {
            Value::Object(fields) => fields,
            _ => &[],
        }
    }

    /// Gives a string field.
    #[must_use]
    pub fn str(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// Gives the first of several string fields.
    #[must_use]
    pub fn str_any(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.str(key))
    }

    /// Gives an owned, non-empty string of the first of several fields; numbers give their text.
    #[must_use]
    pub fn owned(&self, keys: &[&str]) -> Option<String> {
        keys.iter().find_map(|key| match &self.get(key)?.value {
            Value::String(text) if !text.is_empty() => Some(text.to_string()),
            Value::Number(text) => Some((*text).to_owned()),
            _ => None,
        })
    }

    /// Gives a whole number of the first of several fields.
    #[must_use]
    pub fn u64_any(&self, keys: &[&str]) -> Option<u64> {
        keys.iter().find_map(|key| self.get(key)?.as_u64())
    }

    /// Gives a number of the first of several fields.
    #[must_use]
    pub fn f64_any(&self, keys: &[&str]) -> Option<f64> {
        keys.iter().find_map(|key| self.get(key)?.as_f64())
    }

    /// Gives a truth value of the first of several fields.
    #[must_use]
    pub fn bool_any(&self, keys: &[&str]) -> Option<bool> {
        keys.iter().find_map(|key| self.get(key)?.as_bool())
    }

    /// Gives an instant of the first of several fields, written as text or as a number since the epoch.
    #[must_use]
    pub fn time(&self, keys: &[&str]) -> Option<Timestamp> {
        keys.iter().find_map(|key| self.get(key)?.as_time())
    }

    /// Reads the value as an instant.
    #[must_use]
    pub fn as_time(&self) -> Option<Timestamp> {
        match &self.value {
            Value::String(text) => Timestamp::parse(text).or_else(|| Timestamp::from_number(text.parse().ok()?)),
            Value::Number(text) => Timestamp::from_number(text.parse().ok()?),
            _ => None,
        }
    }

    /// Gives the raw JSON of an argument object; a string that holds JSON (as chat formats write it) gives that JSON.
    #[must_use]
    pub fn raw_args(&self) -> Box<str> {
        if let Value::String(text) = &self.value
            && super::json::parse(text).is_ok()
        {
            return text.trim().into();
        }
        self.raw.into()
    }

    /// Gives a copy for keeping: the value as serde_json knows it, what it cannot hold as text.
    #[must_use]
    pub fn to_value(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(truth) => (*truth).into(),
            Value::Number(text) => serde_json::from_str(text).unwrap_or_else(|_| (*text).into()),
            Value::String(text) => text.as_ref().into(),
            Value::Array(items) => items.iter().map(Self::to_value).collect(),
            Value::Object(fields) => fields.iter().map(|(key, node)| (key.to_string(), node.to_value())).collect(),
            Value::Deep => self.raw.into(),
        }
    }

    /// Gathers every string and number of the value, one per line: what of an unknown record can be searched.
    #[must_use]
    pub fn all_text(&self) -> String {
        let mut text = String::new();
        gather(self, &mut text);
        text
    }
}

fn gather(node: &Node<'_>, text: &mut String) {
    let piece = match &node.value {
        Value::String(string) => string.as_ref(),
        Value::Number(number) => number,
        Value::Deep => node.raw,
        Value::Array(items) => return items.iter().for_each(|item| gather(item, text)),
        // A resume token lets whoever holds it act: it stays in the record and is never shown.
        Value::Object(fields) => {
            return fields.iter().filter(|(key, _)| !matches!(key.as_ref(), "resumeToken" | "resume_token")).for_each(|(_, item)| gather(item, text));
        }
        Value::Null | Value::Bool(_) => return,
    };
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(piece);
}

/// Gives the text of a message's content: a string, or the text parts of a list joined by line feeds.
#[must_use]
pub fn content_text(content: &Node<'_>) -> String {
    if let Some(text) = content.as_str() {
        return text.to_owned();
    }
    let mut joined = String::new();
    for part in content.items() {
        let piece = part.as_str().or_else(|| part.str_any(&["text", "content", "input_text", "output_text"]));
        if let Some(piece) = piece {
            if !joined.is_empty() {
                joined.push('\n');
            }
            joined.push_str(piece);
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::json::parse;

    #[test]
    fn fields_are_found_by_any_name() {
        let node = parse(r#"{"tool_call_id":"c1","n":"125","x":null,"a":1,"a":2,"t":1777312801000,"when":"2026-04-27T18:00:01Z"}"#).unwrap();
        assert_eq!(node.str_any(&["toolCallId", "tool_call_id"]), Some("c1"));
        assert_eq!(node.u64_any(&["n"]), Some(125));
        assert!(node.any(&["x"]).is_none());
        assert_eq!(node.get("a").and_then(Node::as_u64), Some(2));
        assert_eq!(node.time(&["t"]), node.time(&["when"]));
    }

    #[test]
    fn arguments_keep_their_bytes() {
        let node = parse(r#"{"a":{"n":1.50, "b":"x"},"s":"{\"k\": 1}","plain":"not json"}"#).unwrap();
        assert_eq!(&*node.get("a").unwrap().raw_args(), r#"{"n":1.50, "b":"x"}"#);
        assert_eq!(&*node.get("s").unwrap().raw_args(), r#"{"k": 1}"#);
        assert_eq!(&*node.get("plain").unwrap().raw_args(), r#""not json""#);
    }

    #[test]
    fn text_is_gathered_from_anywhere() {
        assert_eq!(parse(r#"{"a":["x",{"b":2}],"c":true,"d":"y"}"#).unwrap().all_text(), "x\n2\ny");
        assert_eq!(content_text(&parse(r#"[{"type":"text","text":"a"},{"type":"image"},"b"]"#).unwrap()), "a\nb");
    }
}
