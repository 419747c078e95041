//! JSON that leaves: keys keep their order and numbers their digits, so that what an agent wrote is written again as it was.

use serde::ser::{Error as _, SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;
use std::sync::Arc;

/// Values nested deeper than this are refused.
const MAX_DEPTH: usize = 64;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, digit by digit.
    Number(Box<str>),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Self>),
    /// An object, keys in order.
    Object(Vec<(String, Self)>),
    /// A value that was written before, whatever it is.
    Written(Written),
}

/// A value as it is written, shared by all that hold it.
#[derive(Debug, Clone)]
pub struct Written(Arc<RawValue>);

impl PartialEq for Written {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Eq for Written {}

impl Json {
    /// Reads a strict JSON text: no lone surrogates, no repeated keys, nesting of at most 64.
    pub fn parse(text: &str) -> Result<Self, String> {
        let raw: &RawValue = serde_json::from_str(text).map_err(|e| e.to_string())?;
        read(raw, 0)
    }

    /// Makes an object of its fields, in this order.
    #[must_use]
    pub fn object<const N: usize>(fields: [(&str, Self); N]) -> Self {
        Self::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    /// Writes the value once and for all, so that many can hold it for the price of one.
    #[must_use]
    pub fn written(self) -> Self {
        RawValue::from_string(self.text()).map_or(self, |raw| Self::Written(Written(Arc::from(raw))))
    }

    /// Adds a field at the end of an object; anything else stays as it is.
    pub fn push(&mut self, key: &str, value: Self) {
        if let Self::Object(fields) = self {
            fields.push((key.to_owned(), value));
        }
    }

    /// Gives a field of an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Object(fields) = self else { return None };
        fields.iter().find(|(known, _)| known == key).map(|(_, value)| value)
    }

    /// Gives the text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// Gives the elements of an array, none for anything else.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        if let Self::Array(items) = self { items } else { &[] }
    }

    /// Gives the fields of an object, none for anything else.
    #[must_use]
    pub fn fields(&self) -> &[(String, Self)] {
        if let Self::Object(fields) = self { fields } else { &[] }
    }

    /// Writes the value on one line.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Writes the value on one line with a blank after `:` and `,`, the way Python writes it and chat templates show it.
    #[must_use]
    pub fn spaced(&self) -> String {
        match self {
            Self::Array(items) => format!("[{}]", items.iter().map(Self::spaced).collect::<Vec<_>>().join(", ")),
            Self::Object(fields) => {
                let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{}: {}", Self::from(key.as_str()).text(), value.spaced())).collect();
                format!("{{{}}}", fields.join(", "))
            }
            other => other.text(),
        }
    }

    /// Gives the value with its keys sorted at every depth, to compare without regard to order.
    #[must_use]
    pub fn sorted(&self) -> Self {
        match self {
            Self::Array(items) => Self::Array(items.iter().map(Self::sorted).collect()),
            Self::Object(fields) => {
                let mut fields: Vec<_> = fields.iter().map(|(key, value)| (key.clone(), value.sorted())).collect();
                fields.sort_by(|a, b| a.0.cmp(&b.0));
                Self::Object(fields)
            }
            other => other.clone(),
        }
    }
}

fn read(raw: &RawValue, depth: usize) -> Result<Json, String> {
    let text = raw.get();
    let wrong = |e: serde_json::Error| e.to_string();
    if depth > MAX_DEPTH {
        return Err(format!("it is nested deeper than {MAX_DEPTH}"));
    }
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let Fields(raws) = serde_json::from_str(text).map_err(wrong)?;
            let mut fields: Vec<(String, Json)> = Vec::with_capacity(raws.len());
            for (key, value) in raws {
                if fields.iter().any(|(known, _)| *known == key) {
                    return Err(format!("the key {key:?} stands twice in one object"));
                }
                fields.push((key, read(value, depth + 1)?));
            }
            Json::Object(fields)
        }
        Some(b'[') => {
            let raws: Vec<&RawValue> = serde_json::from_str(text).map_err(wrong)?;
            Json::Array(raws.into_iter().map(|item| read(item, depth + 1)).collect::<Result<_, _>>()?)
        }
        Some(b'"') => Json::String(serde_json::from_str(text).map_err(wrong)?),
        Some(b't') => Json::Bool(true),
        Some(b'f') => Json::Bool(false),
        Some(b'n') => Json::Null,
        _ => Json::Number(text.into()),
    })
}

/// The fields of an object in the order of the text.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Fields<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(digits) => RawValue::from_string(digits.to_string()).map_err(S::Error::custom)?.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Written(raw) => raw.0.serialize(serializer),
            Self::Array(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (key, value) in fields {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        read(&raw, 0).map_err(serde::de::Error::custom)
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Self {
        Self::Number(value.to_string().into())
    }
}

impl From<usize> for Json {
    fn from(value: usize) -> Self {
        Self::Number(value.to_string().into())
    }
}

impl From<f64> for Json {
    fn from(value: f64) -> Self {
        serde_json::Number::from_f64(value).map_or(Self::Null, |number| Self::Number(number.to_string().into()))
    }
}

impl<T: Into<Self>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_digits_stay() {
        let text = r#"{"z":1.50,"a":[9007199254740993,null,"é\n"],"m":{}}"#;
        let json = Json::parse(&text.replace(':', " : ")).unwrap();
        assert_eq!(json.text(), text);
        assert_eq!(json.spaced(), r#"{"z": 1.50, "a": [9007199254740993, null, "é\n"], "m": {}}"#);
        assert_eq!(json.sorted().fields()[0].0, "a");
    }

    #[test]
    fn what_trainers_choke_on_is_refused() {
        assert!(Json::parse(r#"{"a":1,"a":2}"#).unwrap_err().contains("twice"));
        assert!(Json::parse(r#""\ud800""#).is_err());
        assert!(Json::parse("{\"a\":1").is_err());
        assert!(Json::parse(&("[".repeat(80) + &"]".repeat(80))).unwrap_err().contains("deeper"));
    }
}
