//! JSON for people's terminals: control, bidi and invisible characters leave only as `\uXXXX`.

use super::invisible::is_invisible;
use serde::Serialize;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// A compact `serde_json` formatter that escapes C0, C1, DEL, bidi and invisible characters, in raw values too.
#[derive(Debug, Clone, Copy, Default)]
pub struct EscapingFormatter;

impl Formatter for EscapingFormatter {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_escaped(writer, fragment)
    }

    fn write_raw_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        write_escaped(writer, fragment)
    }
}

fn needs_escape(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

fn write_escaped<W: ?Sized + Write>(writer: &mut W, fragment: &str) -> io::Result<()> {
    let mut rest = fragment;
    while let Some((at, c)) = rest.char_indices().find(|&(_, c)| needs_escape(c)) {
        let (before, from) = rest.split_at(at);
        writer.write_all(before.as_bytes())?;
        if matches!(c, '\n' | '\r' | '\t') {
            // Only a raw value has these, between its tokens, where an escape would not be JSON.
            writer.write_all(b" ")?;
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(writer, "\\u{unit:04x}")?;
            }
        }
        rest = from.get(c.len_utf8()..).unwrap_or_default();
    }
    writer.write_all(rest.as_bytes())
}

/// Writes a value as one line of escaped JSON, without a newline; fails where the value does not serialise or the writer fails.
pub fn write_json<W: Write, T: Serialize + ?Sized>(writer: W, value: &T) -> serde_json::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(writer, EscapingFormatter))
}

/// Escapes a text for use inside a JSON string, without the quotes.
#[must_use]
pub fn json_escape(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len() + 2);
    // Neither can a string fail to serialise nor a vector fail to grow.
    let _ = write_json(&mut out, text);
    let quoted = String::from_utf8(out).unwrap_or_default();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn characters_that_do_not_show_are_escaped() {
        assert_eq!(json_escape("a\"\\\u{7F}\u{9B}\u{202E}\u{200B}\u{E0041}é\u{1B}"), "a\\\"\\\\\\u007f\\u009b\\u202e\\u200b\\udb40\\udc41é\\u001b");
    }

    #[test]
    fn raw_values_are_escaped_and_stay_on_one_line() {
        let raw = serde_json::value::RawValue::from_string("{\n \"a\":\t\"\u{7F}\u{2066}\\n\"}".to_owned()).unwrap();
        let mut out = Vec::new();
        write_json(&mut out, &raw).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "{  \"a\": \"\\u007f\\u2066\\n\"}");
    }

    proptest! {
        #[test]
        fn escaping_loses_nothing(text in any::<String>()) {
            let escaped = json_escape(&text);
            prop_assert!(!escaped.chars().any(needs_escape));
            prop_assert_eq!(serde_json::from_str::<String>(&format!("\"{escaped}\"")).unwrap(), text);
        }
    }
}
