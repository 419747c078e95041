//! Code of a programming language with its string literals taken out, so that no text in them is taken for an act.

use rustc_hash::FxHashMap;
use std::fmt::Write;

/// A text whose string literals were taken out and numbered.
pub(super) struct Code {
    /// The text without its literals.
    pub masked: String,
    literals: Vec<Option<String>>,
    /// Names that are set to a known text.
    pub names: FxHashMap<String, String>,
}

impl Code {
    /// Takes the literals and the comments out: `\u{1}7\u{2}` stands for the seventh.
    pub fn read(text: &str, language: &str) -> Self {
        let mut code = Self { masked: String::with_capacity(text.len()), literals: Vec::new(), names: FxHashMap::default() };
        let comment = if language == "node" { "//" } else { "#" };
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
            if rest.starts_with(comment) {
                at += rest.find('\n').unwrap_or(rest.len());
                continue;
            }
            let quote = ["\"\"\"", "'''", "\"", "'", "`"].into_iter().find(|q| rest.starts_with(q) && (q.len() == 1 || language == "python"));
            let Some(quote) = quote else {
                let c = rest.chars().next().unwrap_or(' ');
                code.masked.push(c);
                at += c.len_utf8();
                continue;
            };
            let filled = code.masked.ends_with(['f', 'F']) && !code.masked.trim_end_matches(['f', 'F']).ends_with(|c: char| c.is_alphanumeric());
            if code.masked.ends_with(['f', 'r', 'b']) && !code.masked.trim_end_matches(['f', 'r', 'b']).ends_with(|c: char| c.is_alphanumeric()) {
                code.masked.pop();
            }
            at += quote.len();
            let inside = text.get(at..).unwrap_or_default();
            let end = closing(inside, quote);
            let literal = inside.get(..end).unwrap_or_default();
            at += end + quote.len();
            let _ = write!(code.masked, "\u{1}{}\u{2}", code.literals.len());
            let filled = filled
                || (quote == "`" && literal.contains("${"))
                || (quote == "\"" && matches!(language, "perl" | "ruby" | "php") && literal.contains(['$', '#']));
            code.literals.push((!filled).then(|| literal.replace("\\n", "\n").replace("\\\"", "\"").replace("\\'", "'").replace("\\\\", "\\")));
        }
        code
    }

    /// Gives the text that an expression surely has: a literal, a name set to one, a path made of one.
    pub fn value(&self, expression: &str) -> Option<String> {
        let mut e = expression.trim().trim_end_matches([',', ';', ':']).trim();
        for head in ["pathlib.Path(", "Path(", "str(", "String("] {
            e = e.strip_prefix(head).map_or(e, |inner| inner.split(')').next().unwrap_or(inner)).trim();
        }
        for tail in [".iterdir()", ".resolve()", ".absolute()"] {
            e = e.strip_suffix(tail).unwrap_or(e).trim_end_matches(')');
        }
        let e = e.trim_start_matches('$').trim_end_matches(')').trim();
        if let Some(number) = e.strip_prefix('\u{1}').and_then(|r| r.strip_suffix('\u{2}')) {
            return self.literals.get(number.parse::<usize>().ok()?)?.clone();
        }
        self.names.get(e).cloned()
    }

    /// Puts the literals back, for a person.
    pub fn shown(&self, masked: &str) -> String {
        let mut out = String::new();
        for (i, piece) in masked.split('\u{1}').enumerate() {
            match piece.split_once('\u{2}').filter(|_| i > 0) {
                Some((number, rest)) => {
                    let literal = number.parse::<usize>().ok().and_then(|n| self.literals.get(n)).and_then(Option::as_deref).unwrap_or("…");
                    let _ = write!(out, "\"{literal}\"{rest}");
                }
                None => out.push_str(piece),
            }
        }
        out
    }
}

fn closing(text: &str, quote: &str) -> usize {
    let mut escaped = false;
    for (i, c) in text.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' {
            escaped = true;
        } else if text[i..].starts_with(quote) {
            return i;
        }
    }
    text.len()
}

/// Cuts arguments at their commas.
pub(super) fn split(args: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let mut parts = vec![String::new()];
    for c in args.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts
}
