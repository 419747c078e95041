//! What a text must hold for a regular expression to match in it: runs of letters and digits, which an index of words can look up.

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// A shorter run stands in too many words to narrow anything.
const LEAST: usize = 3;
/// So much of a run is looked for: a part of what is needed is needed as well.
const MOST: usize = 24;
/// So many runs that are all needed are looked for, the longest ones.
const RUNS: usize = 3;

/// What every text that matches holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needed {
    /// Nothing that is known.
    Nothing,
    /// A run of ASCII letters and digits, in lower case, with nothing between them.
    Run(String),
    /// All of these.
    All(Vec<Self>),
    /// At least one of these.
    Any(Vec<Self>),
}

/// Tells what a regular expression of the filter language needs.
#[must_use]
pub fn needed(regex: &str) -> Needed {
    let Ok(syntax) = ParserBuilder::new().multi_line(true).build().parse(regex) else { return Needed::Nothing };
    of(&syntax)
}

fn of(piece: &Hir) -> Needed {
    let mut row = Row::default();
    row.read(piece);
    row.end()
}

/// What stands side by side in every match, as far as it was read.
#[derive(Default)]
struct Row {
    run: String,
    found: Vec<Needed>,
}

impl Row {
    fn read(&mut self, piece: &Hir) {
        match piece.kind() {
            // What takes no room stands between no two letters.
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => literal.0.iter().for_each(|byte| self.add(char::from(*byte))),
            HirKind::Class(class) => self.add(the_one(class).unwrap_or('.')),
            HirKind::Capture(inner) => self.read(&inner.sub),
            HirKind::Concat(parts) => parts.iter().for_each(|part| self.read(part)),
            HirKind::Repetition(repeated) => {
                self.stop();
                if repeated.min > 0 {
                    self.found.push(of(&repeated.sub));
                }
            }
            HirKind::Alternation(ways) => {
                self.stop();
                let ways: Vec<Needed> = ways.iter().map(of).collect();
                if !ways.contains(&Needed::Nothing) {
                    self.found.push(Needed::Any(ways));
                }
            }
        }
    }

    /// Adds a letter; any other sign ends the run, as it ends a word.
    fn add(&mut self, sign: char) {
        if sign.is_ascii_alphanumeric() { self.run.push(sign.to_ascii_lowercase()) } else { self.stop() }
    }

    fn stop(&mut self) {
        let mut run = std::mem::take(&mut self.run);
        if run.len() >= LEAST {
            run.truncate(MOST);
            self.found.push(Needed::Run(run));
        }
    }

    fn end(mut self) -> Needed {
        self.stop();
        self.found.retain(|needed| *needed != Needed::Nothing);
        self.found.sort_by_key(|needed| std::cmp::Reverse(if let Needed::Run(run) = needed { run.len() } else { 0 }));
        self.found.dedup();
        self.found.truncate(RUNS);
        match self.found.len() {
            0 => Needed::Nothing,
            1 => self.found.remove(0),
            _ => Needed::All(self.found),
        }
    }
}

/// Gives the letter that a class stands for, where it is one letter in its cases.
fn the_one(class: &Class) -> Option<char> {
    let signs: Vec<char> = match class {
        Class::Unicode(class) => class.iter().flat_map(|range| (range.start()..=range.end()).take(4)).take(4).collect(),
        Class::Bytes(class) => class.iter().flat_map(|range| (range.start()..=range.end()).take(4)).take(4).map(char::from).collect(),
    };
    let mut lower = signs.iter().map(|sign| in_words(*sign));
    let first = lower.next()?;
    (signs.len() < 4 && first.is_ascii_alphanumeric() && lower.all(|sign| sign == first)).then_some(first)
}

/// Gives a letter as it stands in the words of an index; the long s, which is an s where case does not count, as an s.
fn in_words(sign: char) -> char {
    if sign == 'ſ' { 's' } else { sign.to_lowercase().next().unwrap_or(sign) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::compile_regex;
    use proptest::prelude::*;

    fn holds(text: &str, needed: &Needed) -> bool {
        match needed {
            Needed::Nothing => true,
            Needed::Run(run) => text.contains(run.as_str()),
            Needed::All(parts) => parts.iter().all(|part| holds(text, part)),
            Needed::Any(parts) => parts.iter().any(|part| holds(text, part)),
        }
    }

    proptest! {
        #[test]
        fn what_matches_holds_what_is_needed(
            pieces in prop::collection::vec("(?:\\(\\?i\\))?[abks\u{17f}]{0,4}(?:\\(|\\)|\\||[.?*+^]|\\[[akKs]{1,2}\\]|\\\\b|\\{2\\})?", 0..5),
            text in "[abkKsS\u{212a}\u{17f} ]{0,24}",
        ) {
            let regex = pieces.concat();
            if compile_regex(&regex).is_ok_and(|compiled| compiled.is_match(&text)) {
                let words: String = text.chars().map(in_words).collect();
                prop_assert!(holds(&words, &needed(&regex)), "{regex:?} matches {text:?} and needs {:?}", needed(&regex));
            }
        }
    }

    fn run(run: &str) -> Needed {
        Needed::Run(run.to_owned())
    }

    #[test]
    fn what_every_match_holds_is_told() {
        let check = |regex: &str, expect: Needed| assert_eq!(needed(regex), expect, "{regex}");
        check("Reset", run("reset"));
        check(r"(?i)\bRisk42$", run("risk42"));
        check("conn[a-z]+.reset.by.p[a-z]+", Needed::All(vec![run("reset"), run("conn")]));
        check("(push)(es)?", run("push"));
        check("(?:push){2,}x", run("push"));
        check("force|(?:lease and hold)", Needed::Any(vec![run("force"), Needed::All(vec![run("lease"), run("hold"), run("and")])]));
        check(&"a1".repeat(40), run(&"a1".repeat(12)));
        for nothing in ["", "a.b.c", "[a-z]+_[0-9]+", "push|.*", "(push)*", "naïve", "(?i)(push|.)", "[rR][mM]", "(", "[aä]bc"] {
            check(nothing, Needed::Nothing);
        }
        check("[pP]ush[ex]", run("push"));
    }
}
