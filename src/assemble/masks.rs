//! Whether two texts can be one: the same, or one of them with parts masked or cut off by the program that wrote it.

/// Tells whether the texts agree.
#[must_use]
pub fn agree(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim(), b.trim());
    a == b || is_masked(a, b) || is_masked(b, a) || both_masked(a, b)
}

/// Two texts that are masked in different places are held to agree if they begin and end alike.
fn both_masked(a: &str, b: &str) -> bool {
    let ends = |text| {
        let (first, mut end, _) = mark(text)?;
        let mut rest = &text[end..];
        while let Some((_, next, _)) = mark(rest) {
            end += next;
            rest = &text[end..];
        }
        Some((&text[..first], rest))
    };
    match (ends(a), ends(b)) {
        (Some((a_begin, a_end)), Some((b_begin, b_end))) => {
            (a_begin.starts_with(b_begin) || b_begin.starts_with(a_begin)) && (a_end.ends_with(b_end) || b_end.ends_with(a_end))
        }
        _ => false,
    }
}

/// Tells whether arguments agree, both raw JSON: values alike whatever their spelling and order, strings as texts do.
#[must_use]
pub fn agree_json(a: &str, b: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<serde_json::Value>(text).ok();
    match (parse(a), parse(b)) {
        (Some(a), Some(b)) => values(&a, &b),
        _ => agree(a, b),
    }
}

fn values(a: &serde_json::Value, b: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Object, String};
    match (a, b) {
        (String(a), String(b)) => agree(a, b),
        (String(mask), _) | (_, String(mask)) if mark(mask).is_some_and(|(at, _, _)| at == 0) => true,
        (Array(a), Array(b)) => {
            let cut = |list: &[serde_json::Value]| list.last().and_then(|v| v.as_str()).and_then(mark).is_some_and(|m| m.2 == Mark::Cut);
            let (a_cut, b_cut) = (cut(a), cut(b));
            (a.len() == b.len() || a_cut || b_cut)
                && a.iter().zip(b).take(a.len().min(b.len()) - usize::from((a_cut || b_cut) && !a.is_empty() && !b.is_empty())).all(|(a, b)| values(a, b))
        }
        (Object(a), Object(b)) => a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| values(value, other))),
        _ => a == b,
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// Stands for a part of the text.
    Part,
    /// Stands for the rest of it.
    Cut,
}

/// What a mark in brackets begins or ends with.
const PARTS: [&str; 4] = ["REDACTED", "redacted", "secret", "MAX_DEPTH_EXCEEDED"];
const CUTS: [&str; 2] = ["truncated:", "base64:"];

/// Finds the first mark: its place, its end and what it stands for.
fn mark(text: &str) -> Option<(usize, usize, Mark)> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find(['[', '{']).map(|at| at + from) {
        let rest = &text[at..];
        if rest.starts_with("{{CRED:")
            && let Some(end) = rest.find("}}")
        {
            return Some((at, at + end + 2, Mark::Part));
        }
        if let Some(end) = rest.strip_prefix('[').and_then(|inner| inner.find(']')) {
            let inner = &rest[1..=end];
            let kind = if PARTS.iter().any(|word| inner.starts_with(word)) || inner.ends_with("_REDACTED") {
                Some(Mark::Part)
            } else if CUTS.iter().any(|word| inner.starts_with(word)) || inner.ends_with(" more items") {
                Some(Mark::Cut)
            } else {
                None
            };
            if let Some(kind) = kind {
                return Some((at, at + end + 2, kind));
            }
        }
        from = at + 1;
    }
    None
}

/// Tells whether the first text is the second with some parts masked: what stands around the marks is found in order.
fn is_masked(masked: &str, full: &str) -> bool {
    let (mut rest, mut left, mut first) = (masked, full, true);
    while let Some((at, end, kind)) = mark(rest) {
        let piece = rest[..at].trim_end_matches('…');
        let found = if first { left.starts_with(piece).then_some(0) } else { left.find(piece) };
        let Some(found) = found else { return false };
        if kind == Mark::Cut {
            return true;
        }
        left = &left[found + piece.len()..];
        rest = &rest[end..];
        first = false;
    }
    !first && left.ends_with(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_text_agrees_with_what_it_masks() {
        assert!(agree("key [REDACTED:api_key:902fdf5d] done", "key sk-abc done"));
        assert!(agree("a@b.c said no ", "[EMAIL_REDACTED] said no"));
        assert!(agree("begin…[truncated:0123abcd]", "begin and much more"));
        assert!(agree("{{CRED:aws:1}} x", "AKIA x"));
        assert!(agree("token [REDACTED:jwt_token:99aa88bb] for a@b.c\nok", "token aa.bb.cc for [EMAIL_REDACTED]\nok"));
        assert!(!agree("token [REDACTED] x", "tokens aa for [EMAIL_REDACTED] y"));
        assert!(!agree("key [REDACTED] done", "key sk-abc failed"));
        assert!(!agree("list[0] = 1", "list[1] = 1"));
        assert!(!agree("yes", "no"));
    }

    #[test]
    fn arguments_agree_whatever_their_spelling() {
        assert!(agree_json(r#"{"a":1,"b":["x"]}"#, r#"{ "b": ["x"], "a": 1 }"#));
        assert!(agree_json(r#"{"h":"Bearer [REDACTED:api_key:620e24b6]"}"#, r#"{"h":"Bearer ghp_1"}"#));
        assert!(agree_json(r#"["a","[...7 more items]"]"#, r#"["a","b","c"]"#));
        assert!(!agree_json(r#"{"cmd":"rm a"}"#, r#"{"cmd":"rm a b"}"#));
        assert!(!agree_json("[]", "[1]"));
    }
}
