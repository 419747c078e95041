//! Arguments of a call for people: one line, a tree, or the difference that an edit makes.

use super::page::Block;
use super::timeline::one_line;
use super::tone::Tone;
use crate::diff::{Changed, lines};
use crate::formats::json::{Node, Value, parse};
use crate::text::{Clean, clean, human};

/// Keys whose value says the most, and is shown without its key.
const TELLING: &[&str] = &["command", "cmd", "path", "file_path", "file", "filename", "url", "query", "pattern", "name"];
/// Pairs of keys that hold what an edit takes away and puts there.
const EDITS: &[(&str, &str)] = &[("old_string", "new_string"), ("old_str", "new_str"), ("oldText", "newText"), ("old_text", "new_text"), ("old", "new")];
/// Columns that a tree goes in with each level.
const STEP: u16 = 2;

/// Puts arguments on one line: what says the most first, long values as their size.
#[must_use]
pub fn summary(raw: &str) -> Clean {
    let Ok(node) = parse(raw) else { return one_line(raw, true) };
    if let Value::String(text) = &node.value {
        return one_line(text, true);
    }
    if !node.is_object() {
        return one_line(raw, true);
    }
    let mut parts: Vec<(usize, String)> = Vec::new();
    for (key, value) in node.fields() {
        let rank = TELLING.iter().position(|known| known == key);
        let text = match &value.value {
            Value::String(text) if text.chars().count() > 80 || text.contains('\n') => format!("{key} {}", human::bytes(text.len() as u64)),
            Value::String(text) if rank.is_some() => text.to_string(),
            Value::String(text) => format!("{key}={text}"),
            Value::Array(items) => format!("{key} [{}]", items.len()),
            Value::Object(fields) => format!("{key} {{{}}}", fields.len()),
            _ => format!("{key}={}", value.raw),
        };
        parts.push((rank.unwrap_or(TELLING.len()), text));
    }
    parts.sort_by_key(|(rank, _)| *rank);
    clean(&parts.into_iter().map(|(_, text)| text.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("  "))
}

/// Shows arguments whole: as the difference they make where they edit, else as a tree.
#[must_use]
pub fn blocks(raw: &str) -> Vec<Block> {
    let Ok(node) = parse(raw) else { return vec![Block::text(Tone::Text, raw)] };
    let mut out = Vec::new();
    fields(&node, 0, &mut out);
    if !node.is_object() {
        tree(None, &node, 0, &mut out);
    }
    out
}

/// Shows the fields of an object below each other; where they hold what an edit takes away and puts there, the difference in their place.
fn fields(node: &Node<'_>, indent: u16, out: &mut Vec<Block>) {
    let text = |wanted: &str| node.fields().iter().find(|(key, _)| key == wanted).and_then(|(_, value)| value.as_str());
    let edit = EDITS.iter().find_map(|(old, new)| Some((*old, *new, text(old)?, text(new)?)));
    for (key, value) in node.fields() {
        match edit {
            Some((old, _, before, after)) if key == old => out.push(edited(before, after).indented(indent + STEP)),
            Some((_, new, ..)) if key == new => {}
            _ => tree(Some(key), value, indent, out),
        }
    }
}

fn edited(old: &str, new: &str) -> Block {
    let changed = lines(old, new);
    let text: Vec<String> = changed.iter().map(|line| format!("{} {}", line.sign, line.text)).collect();
    let mut block = Block::text(Tone::Text, &text.join("\n"));
    let mut start = 0;
    for (line, Changed { sign, .. }) in block.text.split('\n').zip(&changed) {
        let tone = match sign {
            '-' => Tone::Removed,
            '+' => Tone::Added,
            '@' => Tone::Hunk,
            _ => Tone::Text,
        };
        block.tones.push((start..start + line.len(), tone));
        start += line.len() + 1;
    }
    block
}

/// Tells whether a text is a patch.
#[must_use]
pub fn is_patch(text: &str) -> bool {
    text.lines().take(40).any(|line| line.starts_with("@@") || line.starts_with("*** ") || line.starts_with("diff --git "))
        || (text.starts_with("--- ") && text.contains("\n+++ "))
}

/// Shows a patch with what it adds and takes away in their tones.
#[must_use]
pub fn patch(text: &str) -> Block {
    let mut block = Block::text(Tone::Text, text);
    let mut tones = Vec::new();
    let mut start = 0;
    for line in block.text.split('\n') {
        let tone = match line.as_bytes().first() {
            Some(b'+') if !line.starts_with("+++") => Tone::Added,
            Some(b'-') if !line.starts_with("---") => Tone::Removed,
            Some(b'@' | b'*') => Tone::Hunk,
            _ if line.starts_with("+++") || line.starts_with("---") || line.starts_with("diff ") => Tone::Hunk,
            _ => Tone::Text,
        };
        if tone != Tone::Text {
            tones.push((start..start + line.len(), tone));
        }
        start += line.len() + 1;
    }
    block.tones = tones;
    block
}

/// Shows a value as a tree; texts of several lines stand below their key as they are.
pub fn tree(key: Option<&str>, node: &Node<'_>, indent: u16, out: &mut Vec<Block>) {
    let head = |tone: Tone, text: &str| {
        let mut block = Block::new().indented(indent).hanging(STEP);
        if let Some(key) = key {
            block = block.say(Tone::Name, key).say(Tone::Dim, "  ");
        }
        block.say(tone, text)
    };
    match &node.value {
        Value::Object(fields) if fields.is_empty() => out.push(head(Tone::Dim, "{}")),
        Value::Array(items) if items.is_empty() => out.push(head(Tone::Dim, "[]")),
        Value::Object(_) => {
            let inner = if key.is_some() { indent + STEP } else { indent };
            out.extend(key.map(|_| head(Tone::Dim, "")));
            fields(node, inner, out);
        }
        Value::Array(items) => {
            let inner = if key.is_some() { indent + STEP } else { indent };
            out.extend(key.map(|_| head(Tone::Dim, "")));
            for (at, item) in items.iter().enumerate() {
                tree(Some(&at.to_string()), item, inner, out);
            }
        }
        Value::String(text) if text.contains('\n') => {
            out.extend(key.map(|_| head(Tone::Dim, "")));
            let block = if is_patch(text) { patch(text) } else { Block::text(Tone::Text, text) };
            out.push(block.indented(indent + STEP));
        }
        Value::String(text) => out.push(head(Tone::Quoted, text)),
        Value::Deep => out.push(head(Tone::Dim, node.raw)),
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push(head(Tone::Number, node.raw)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(raw: &str) -> Vec<String> {
        blocks(raw).iter().map(|block| format!("{}{}", " ".repeat(block.indent.into()), block.text.as_str())).collect()
    }

    #[test]
    fn the_telling_comes_first() {
        assert_eq!(summary(r#"{"limit":5,"path":"src/a.rs","content":"a\nb"}"#), "src/a.rs  limit=5  content 3 B");
        assert_eq!(summary("not json\n x"), "not json x");
        assert_eq!(summary("[1,2]"), "[1,2]");
    }

    #[test]
    fn trees_and_edits() {
        assert_eq!(texts(r#"{"a":{"b":[1,"x"]},"c":"l1\nl2","d":{}}"#), ["a  ", "  b  ", "    0  1", "    1  x", "c  ", "  l1\nl2", "d  {}"]);
        assert_eq!(texts(r#"{"old_string":"a\nx","new_string":"a\nb"}"#), ["    a\n- x\n+ b"]);
        assert_eq!(texts(r#"{"edits":[{"old_string":"a","new_string":"b"}]}"#), ["edits  ", "  0  ", "      - a\n+ b"]);
        let block = patch("--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y");
        assert_eq!(block.tones.iter().map(|(_, tone)| *tone).collect::<Vec<_>>(), [Tone::Hunk, Tone::Hunk, Tone::Hunk, Tone::Removed, Tone::Added]);
    }
}
