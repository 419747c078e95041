//! Tests of the JSON reader, with serde_json as its oracle.

use super::json::{MAX_DEPTH, Node, NotJson, Value, parse};
use proptest::prelude::*;

fn to_serde(node: &Node<'_>) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(b) => (*b).into(),
        Value::Number(n) => serde_json::from_str(n).unwrap(),
        Value::String(s) => s.as_ref().into(),
        Value::Array(items) => items.iter().map(to_serde).collect(),
        Value::Object(fields) => fields.iter().map(|(k, v)| (k.to_string(), to_serde(v))).collect(),
        Value::Deep => serde_json::from_str(node.raw).unwrap(),
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf =
        prop_oneof![Just(serde_json::Value::Null), any::<bool>().prop_map(Into::into), any::<i64>().prop_map(Into::into), any::<String>().prop_map(Into::into)];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            proptest::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|m| m.into_iter().collect())
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_serde_json(value in json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        prop_assert_eq!(to_serde(&parse(&text).unwrap()), value);
    }

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        if let Err(e) = parse(&text) {
            prop_assert!(e.at <= text.len());
        }
    }

    #[test]
    fn what_serde_json_reads_is_read(text in "[\\[\\]{}\",:0-9a-z\\\\u .-]{0,40}") {
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) {
            prop_assert_eq!(to_serde(&parse(&text).unwrap()), value);
        }
    }
}

#[test]
fn takes_what_logs_hold() {
    let read = |text: &'static str| parse(text).map(|n| n.value);
    assert_eq!(read(r#""\ud800x""#), Ok(Value::String("\u{fffd}x".into())));
    assert_eq!(read(r#""\ud83d\ude00""#), Ok(Value::String("😀".into())));
    assert_eq!(read("\"a\u{1}b\""), Ok(Value::String("a\u{1}b".into())));
    assert_eq!(read("1e999"), Ok(Value::Number("1e999")));
    assert_eq!(read("NaN"), Ok(Value::Number("NaN")));
    assert_eq!(read("-Infinity"), Ok(Value::Number("-Infinity")));
    assert_eq!(read("123456789012345678901234567890"), Ok(Value::Number("123456789012345678901234567890")));
}

#[test]
fn deep_nesting_is_kept_raw() {
    let text = format!("{}\"]\"{}", "[".repeat(100_000), "]".repeat(100_000));
    let mut node = &parse(&text).unwrap();
    let mut depth = 0;
    while let Value::Array(items) = &node.value {
        depth += 1;
        node = &items[0];
    }
    assert_eq!((depth, &node.value), (MAX_DEPTH, &Value::Deep));
    assert_eq!(node.raw.len(), text.len() - 2 * MAX_DEPTH);
}

#[test]
fn says_where_it_broke_off() {
    assert_eq!(parse("{\"a\":1").unwrap_err(), NotJson { at: 6, truncated: true });
    assert_eq!(parse("{\"a\" 1}").unwrap_err(), NotJson { at: 5, truncated: false });
    assert_eq!(parse("{} x").unwrap_err(), NotJson { at: 3, truncated: false });
    assert!(parse("tru").unwrap_err().truncated);
    assert!(!parse("trux").unwrap_err().truncated);
}
