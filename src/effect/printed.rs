//! What `echo` and `printf` print, as far as it is known.

use super::target;
use super::walk::{Arg, Flow, Shell};
use crate::model::Verb;

impl Shell<'_> {
    /// `echo` and `printf`: what they print, and the secrets they print of variables.
    pub(super) fn echo(&mut self, name: &str, args: &[Arg]) -> Flow {
        for arg in args.iter().filter(|a| !a.known) {
            for variable in arg.text.split('$').skip(1) {
                let variable: String = variable.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if target::secret_variable(&variable) {
                    self.deed.add(Verb::Read, format!("secret:{variable}"), self.sure);
                }
            }
        }
        let known = args.iter().all(|a| a.known);
        let shown: Vec<&str> =
            args.iter().skip_while(|a| name == "echo" && matches!(a.text.as_str(), "-n" | "-e" | "-ne" | "-en")).map(|a| a.text.as_str()).collect();
        let escaped = name == "echo" && args.iter().take_while(|a| a.text.starts_with('-')).any(|a| a.text.contains('e'));
        let text = match (name, shown.split_first()) {
            ("printf", Some((format, values))) => print_formatted(&escapes(format), values),
            _ if escaped => escapes(&shown.join(" ")) + "\n",
            _ => shown.join(" ") + "\n",
        };
        let yes = matches!(text.trim(), "y" | "yes" | "Y");
        Flow { text: known.then_some(text), yes, some: true, ..Flow::default() }
    }
}

/// Reads what stands for a character behind a backslash: `\n`, `\x72`, `\162`.
fn escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let digits = |from: usize, most: usize, radix: u32| {
            let found: String = after.chars().skip(from).take(most).take_while(|c| c.is_digit(radix)).collect();
            u32::from_str_radix(&found, radix).ok().and_then(char::from_u32).map(|c| (c, from + found.len()))
        };
        let (c, length) = match after.chars().next() {
            Some('n') => ('\n', 1),
            Some('t') => ('\t', 1),
            Some('r') => ('\r', 1),
            Some('e') => ('\u{1b}', 1),
            Some('x') => digits(1, 2, 16).unwrap_or(('x', 1)),
            Some('0') => digits(1, 3, 8).unwrap_or(('\0', 1)),
            Some('1'..='7') => digits(0, 3, 8).unwrap_or(('\\', 0)),
            Some(other) => (other, other.len_utf8()),
            None => ('\\', 0),
        };
        out.push(c);
        rest = after.get(length..).unwrap_or_default();
    }
    out + rest
}

/// Fills `%s` and its like in; once, as most formats are meant.
fn print_formatted(format: &str, values: &[&str]) -> String {
    let mut values = values.iter();
    let mut out = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => match chars.next() {
                Some('%') => out.push('%'),
                _ => out.push_str(values.next().copied().unwrap_or_default()),
            },
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::tests::check;

    #[test]
    fn escapes_are_read_and_places_filled() {
        assert_eq!(escapes(r"a\x72\155\n\0101\q\"), "arm\nAq\\");
        assert_eq!(print_formatted("%s-%d%%", &["a", "1"]), "a-1%");
        check(r"printf '\x72\x6d -rf dist' | sh", "delete ./dist");
        check(r"echo -e '\x72m dist' | bash", "delete ./dist");
        check(r"echo '\x72m dist'", "");
    }
}
