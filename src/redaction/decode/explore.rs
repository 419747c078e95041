//! Every text that can be decoded from a text: the decoders, applied to what they give, within a budget.

use super::map::{Decoded, Map};
use super::survey::{self, Survey};
use super::{base64, bases, bits, continued, escape, json, lines, octets, spelled, strip, width};

/// Nesting of encodings beyond this is not read.
const MAX_DEPTH: usize = 9;

/// What joins the pieces of a value that a language lets be cut; it joins much besides.
const CONTINUED: &str = "continued";

/// What a decoder looks at.
enum Look {
    /// Texts that hold one of some signs.
    Signs(u16, fn(&str) -> Option<Decoded>),
    /// The long runs of a text.
    Runs(fn(&str, &Survey) -> Option<Decoded>),
}

/// One decoder: its name in findings, and how it comes to what it makes of a text.
struct Decoder {
    name: &'static str,
    look: Look,
}

impl Decoder {
    fn decode(&self, text: &str, survey: &Survey) -> Option<Decoded> {
        match self.look {
            Look::Signs(signs, decode) => survey.holds(signs).then(|| decode(text)).flatten(),
            Look::Runs(decode) => decode(text, survey),
        }
    }
}

/// The decoders in the order they are tried.
const DECODERS: [Decoder; 14] = [
    Decoder { name: "ansi", look: Look::Signs(survey::ESC, strip::ansi) },
    Decoder { name: "invisible", look: Look::Signs(survey::CONTROL | survey::WIDE, strip::invisible) },
    Decoder { name: "width", look: Look::Signs(survey::WIDE, width::width) },
    Decoder { name: "escape", look: Look::Signs(survey::BACKSLASH, escape::escape) },
    Decoder { name: "line-break", look: Look::Signs(survey::LINE_END, lines::join) },
    Decoder { name: CONTINUED, look: Look::Signs(survey::LINE_END | survey::QUOTE, continued::continued) },
    Decoder { name: "entity", look: Look::Signs(survey::AMPERSAND, spelled::entity) },
    Decoder { name: "quoted-printable", look: Look::Signs(survey::EQUALS, spelled::quoted_printable) },
    Decoder { name: "percent", look: Look::Signs(survey::PERCENT, escape::percent) },
    Decoder { name: "base64", look: Look::Runs(base64::base64) },
    Decoder { name: "base32", look: Look::Runs(bases::base32) },
    Decoder { name: "base85", look: Look::Runs(bases::base85) },
    Decoder { name: "hex", look: Look::Runs(bits::hex) },
    Decoder { name: "octets", look: Look::Runs(octets::octets) },
];

/// The names of the decoders, for the report's instruments.
#[must_use]
pub fn decoder_names() -> Vec<&'static str> {
    std::iter::once("json").chain(DECODERS.iter().map(|d| d.name)).collect()
}

/// A text as it stands after some decoders, and the way back through them.
pub struct View<'a> {
    /// The text.
    pub text: &'a str,
    /// The decoders, outermost first.
    pub chain: &'a [(&'static str, Map)],
    /// The name it stands under, where it is a string of JSON inside a text.
    pub key: Option<&'a str>,
    /// What is in it that decoders and rules look for.
    pub survey: &'a Survey,
}

impl View<'_> {
    /// Gives the range of the outermost text that a range of this one was decoded from.
    #[must_use]
    pub fn back(&self, mut range: std::ops::Range<usize>) -> std::ops::Range<usize> {
        for (_, map) in self.chain.iter().rev() {
            range = map.back(&range);
        }
        range
    }

    /// Tells whether only a match across joined lines counts here: each line by itself was read before.
    #[must_use]
    pub fn only_across_lines(&self, range: &std::ops::Range<usize>) -> bool {
        match self.chain.last() {
            Some(("line-break" | CONTINUED, map)) => map.spans_pieces(range),
            _ => true,
        }
    }

    /// Tells whether what stands side by side here may well be two things, so that only a sure form or a known value counts.
    #[must_use]
    pub fn is_guessed(&self) -> bool {
        self.chain.last().is_some_and(|(name, _)| *name == CONTINUED)
    }
}

/// What of a text was not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Undecoded {
    /// It decodes to more bytes than are read.
    pub bytes: bool,
    /// Encodings are nested deeper in it than is read.
    pub depth: bool,
}

/// Shows a text as it is and then every text that can be decoded from it; gives what was left.
pub fn explore(text: &str, visit: &mut dyn FnMut(&View<'_>)) -> Undecoded {
    let mut going = Going { budget: text.len().saturating_mul(4).saturating_add(1 << 20), left: Undecoded::default() };
    show(text, None, &mut Vec::new(), &mut going, visit);
    going.left
}

/// How many bytes may still be decoded, and what was left.
struct Going {
    budget: usize,
    left: Undecoded,
}

impl Going {
    /// Takes bytes of the budget, if there are so many.
    fn affords(&mut self, bytes: usize) -> bool {
        let rest = self.budget.checked_sub(bytes);
        self.left.bytes |= rest.is_none();
        self.budget = rest.unwrap_or(self.budget);
        rest.is_some()
    }
}

/// Shows a text, and then every text that can be decoded from it.
fn show(text: &str, key: Option<&str>, chain: &mut Vec<(&'static str, Map)>, going: &mut Going, visit: &mut dyn FnMut(&View<'_>)) {
    let survey = Survey::of(text);
    visit(&View { text, chain, key, survey: &survey });
    if text.len() >= 8 {
        descend(text, &survey, chain, going, visit);
    }
}

/// Shows every text that can be decoded from one, but not the text itself.
fn descend(text: &str, survey: &Survey, chain: &mut Vec<(&'static str, Map)>, going: &mut Going, visit: &mut dyn FnMut(&View<'_>)) {
    let leaves = json::leaves(text);
    if chain.len() >= MAX_DEPTH {
        // Stripping and joining lines give no new texts worth a word.
        let encoded = |d: &Decoder| matches!(d.name, "percent" | "base64" | "base32" | "base85" | "hex") && d.decode(text, survey).is_some();
        going.left.depth |= leaves.is_some() || DECODERS.iter().any(encoded);
        return;
    }
    let is_json = leaves.as_ref().is_some_and(|leaves| leaves.whole);
    for leaf in leaves.into_iter().flat_map(|leaves| leaves.strings).filter(|leaf| leaf.decoded.text.len() >= 6) {
        if !going.affords(leaf.decoded.text.len()) {
            return;
        }
        chain.push(("json", leaf.decoded.map));
        show(&leaf.decoded.text, leaf.key.as_deref(), chain, going, visit);
        chain.pop();
    }
    // What is JSON was just read string by string, escapes and all; only strings are cut by line ends or encoded as a whole.
    for decoder in
        DECODERS.iter().filter(|d| !is_json || !matches!(d.name, "escape" | "line-break" | CONTINUED | "base64" | "base32" | "base85" | "hex" | "percent"))
    {
        // Joined lines are joined once; what was stripped holds nothing more to strip.
        if chain.last().is_some_and(|(name, _)| *name == decoder.name && matches!(*name, "line-break" | CONTINUED | "ansi" | "invisible")) {
            continue;
        }
        // What takes no ink was taken off before lines were joined, and joined lines are joined once.
        if matches!((chain.last(), decoder.name), (Some(("line-break" | CONTINUED, _)), "ansi" | "invisible" | "line-break" | CONTINUED)) {
            continue;
        }
        let Some(decoded) = decoder.decode(text, survey) else { continue };
        if !going.affords(decoded.text.len()) {
            continue;
        }
        chain.push((decoder.name, decoded.map));
        show(&decoded.text, None, chain, going, visit);
        chain.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(text: &str) -> Vec<(Vec<&'static str>, String)> {
        let mut seen = Vec::new();
        explore(text, &mut |view| seen.push((view.chain.iter().map(|(name, _)| *name).collect(), view.text.to_owned())));
        seen
    }

    fn holds(text: &str, chain: &[&str], needle: &str) {
        let seen = decoded(text);
        assert!(seen.iter().any(|(names, text)| names == chain && text.contains(needle)), "{text:?} as {chain:?}: {seen:?}");
    }

    #[test]
    fn encodings_are_taken_off_at_any_depth() {
        holds(r#"{"o":"{\"out\":\"k=\\\"v1\\\"\"}"}"#, &["json", "json"], r#"k="v1""#);
        holds(r#"log: {\"k\":\"v1234\"}"#, &["escape"], r#"{"k":"v1234"}"#);
        holds("data: cGFzc3dvcmQ9YWJjZGVmZ2gx", &["base64"], "password=abcdefgh1");
        holds("data: Y0dGemMzZHZjbVE5WVdKalpHVm1aMmd4", &["base64", "base64"], "password=abcdefgh1");
        holds("dump 70617373776f72643d6162636465666731", &["hex"], "password=abcdefg1");
        holds("q=password%3Dabc%20d", &["percent"], "q=password=abc d");
        holds("gh\u{200b}p_x12345", &["invisible"], "ghp_x12345");
        holds("\u{1b}[31mghp_\u{1b}[0mx1234", &["ansi"], "ghp_x1234");
        holds("{\"a\":\"b\"}\nZGF0YTogcGFzc3dvcmQ9YWJjZGVmZ2gx\n{\"c\":\"d\"}", &["base64"], "password=abcdefgh1");
        holds("token ghp_ab12\ncd34 x", &["line-break"], "ghp_ab12cd34");
        holds("echo 'ghp_ab12''cd34ef' x", &["continued"], "ghp_ab12cd34ef");
        holds("run cABhAHMAcwB3AG8AcgBkAD0AYQBiAGMAZABlAGYAZwBoADEA", &["base64"], "password=abcdefgh1");
        holds("700061007300730077006f00720064003d00780079007a003100", &["hex"], "password=xyz1");
        holds("[112,97,115,115,119,111,114,100,61,120,49]", &["octets"], "password=x1");
        holds("&#112;assword=&quot;x1&quot;", &["entity"], "password=\"x1\"");
    }

    proptest! {
        #[test]
        fn every_range_goes_back_into_the_text(text in "[ -~\n\u{1b}\u{200b}\\\\\"%]{0,120}") {
            explore(&text, &mut |view| {
                for start in 0..view.text.len() {
                    let back = view.back(start..start + 1);
                    assert!(back.start <= back.end && back.end <= text.len(), "{back:?} of {:?}", view.text);
                }
            });
        }
    }
}
