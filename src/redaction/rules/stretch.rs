//! What the syntax of a pattern tells of every match: how long a run of letters of base64 it holds, so that a text without such a run need
//! not be tried, and whether it begins where the text does.

use crate::redaction::decode::{Class, MIN_RUN, is_run_letter};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{self, Hir, HirKind, Look};
use std::ops::Range;

/// What a pattern tells of its matches.
#[derive(Default)]
pub struct Form {
    /// The run that each holds, if it is a long one.
    pub stretch: Option<Stretch>,
    /// Whether each begins where the text does.
    pub at_start: bool,
}

impl Form {
    /// Reads a pattern, written in our own dialect.
    pub fn of(pattern: &str) -> Self {
        let Ok(syntax) = ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern) else { return Self::default() };
        let stretch = Some(stretch(&syntax)).filter(|found| found.least >= MIN_RUN);
        Self { stretch, at_start: syntax.properties().look_set_prefix().contains(Look::Start) }
    }
}

/// What stands side by side in every match of a pattern.
pub struct Stretch {
    /// How many signs at least.
    least: usize,
    /// Which signs: of the letters of base64.
    class: Box<Class>,
    /// Whether it is all that a match holds.
    pub whole: bool,
}

impl Stretch {
    /// Shows the places in the long runs of a text where a match may hold the stretch, as long as it is told to go on.
    pub fn places(&self, text: &[u8], runs: &[Range<usize>], show: &mut dyn FnMut(Range<usize>) -> bool) {
        let of_class = |byte: &u8| self.class[usize::from(*byte)];
        for run in runs {
            let (mut from, start, run) = (0, run.start, text.get(run.clone()).unwrap_or_default());
            while let Some(part) = run.get(from..from + self.least) {
                // The last sign that is not of the class is the first one worth a look: no place begins before it.
                if let Some(other) = part.iter().rposition(|byte| !of_class(byte)) {
                    from += other + 1;
                    continue;
                }
                let end = from + self.least + run[from + self.least..].iter().take_while(|byte| of_class(byte)).count();
                if !show(start + from..start + end) {
                    return;
                }
                from = end;
            }
        }
    }
}

/// Finds the longest stretch of a piece of a pattern.
fn stretch(piece: &Hir) -> Stretch {
    match piece.kind() {
        HirKind::Empty | HirKind::Look(_) => of_signs(0, std::iter::empty()),
        HirKind::Literal(literal) => of_signs(literal.0.len(), literal.0.iter().copied()),
        HirKind::Class(hir::Class::Bytes(class)) => of_signs(1, class.iter().flat_map(|range| range.start()..=range.end())),
        HirKind::Class(hir::Class::Unicode(_)) => none(),
        HirKind::Capture(group) => stretch(&group.sub),
        HirKind::Repetition(repeated) => {
            let one = stretch(&repeated.sub);
            let times = usize::try_from(repeated.min).unwrap_or(0);
            // What is not whole stands once side by side, however often it comes.
            Stretch { least: one.least.saturating_mul(if one.whole { times } else { times.min(1) }), ..one }
        }
        HirKind::Concat(pieces) => concatenated(pieces),
        HirKind::Alternation(ways) => {
            let ways = ways.iter().map(stretch);
            ways.reduce(|one, other| Stretch { least: one.least.min(other.least), class: union(one.class, &other.class), whole: one.whole && other.whole })
                .unwrap_or_else(none)
        }
    }
}

/// Joins the pieces that are whole and stand side by side.
fn concatenated(pieces: &[Hir]) -> Stretch {
    let (mut best, mut open, mut whole) = (none(), of_signs(0, std::iter::empty()), true);
    let longer = |one: Stretch, other: Stretch| if other.least > one.least { other } else { one };
    for piece in pieces.iter().map(stretch) {
        if piece.whole {
            open = Stretch { least: open.least.saturating_add(piece.least), class: union(open.class, &piece.class), whole: true };
        } else {
            best = longer(longer(best, open), piece);
            open = of_signs(0, std::iter::empty());
            whole = false;
        }
    }
    Stretch { whole, ..longer(best, open) }
}

/// Makes the stretch of so many signs, if all of them are letters of base64.
fn of_signs(least: usize, signs: impl Iterator<Item = u8>) -> Stretch {
    let mut found = Stretch { least, ..none() };
    found.whole = true;
    for sign in signs {
        found.class[usize::from(sign)] = true;
        if !is_run_letter(sign) {
            return none();
        }
    }
    found
}

fn none() -> Stretch {
    Stretch { least: 0, class: Box::new([false; 256]), whole: false }
}

fn union(mut one: Box<Class>, other: &Class) -> Box<Class> {
    one.iter_mut().zip(other).for_each(|(one, other)| *one |= other);
    one
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redaction::rules::rule::compile;
    use proptest::prelude::*;

    fn places(stretch: &Stretch, text: &str, runs: &[Range<usize>]) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        stretch.places(text.as_bytes(), runs, &mut |place| {
            places.push(place);
            true
        });
        places
    }

    fn told(pattern: &str) -> Option<(usize, bool)> {
        Form::of(pattern).stretch.map(|found| (found.least, found.whole))
    }

    #[test]
    fn a_pattern_tells_what_stands_side_by_side_in_it() {
        assert_eq!(told(r"\b{start-half}((?:[12][0-9A-Za-z]{26}_[0-9A-Za-z]{15,30}|ak_[12][0-9A-Za-z]{26}))\b{end-half}"), Some((30, true)));
        assert_eq!(told(r"[0-9]{1,3}-[0-9A-Za-z]{64}"), Some((66, true)));
        assert_eq!(told(r"[MNO][\w\-]{23,25}\.[\w\-]{6}\.[\w\-]{27,38}"), Some((27, false)));
        assert_eq!(told(r"(?i)key\s*=\s*[a-f0-9]{32}"), Some((32, false)));
        assert_eq!(told(r"(?:[a-z]{10}\.){3}x?"), None);
        assert_eq!(told(r"(?:[a-z]{8}-?){3}"), Some((24, true)));
        assert_eq!(told(r"[a-z]{40}|[0-9]{5}"), None);
        assert_eq!(told(r"(?:[a-z]{40})?"), None);
        assert_eq!(told(r"[^ ]{40}"), None);
        assert!(Form::of("^a|^b").at_start && !Form::of("^a|b").at_start && !Form::of("(?m)^a").at_start && !Form::of("(").at_start);
    }

    #[test]
    fn parts_of_runs_are_told_by_their_signs() {
        let found = Form::of("[a-z]{20}").stretch.unwrap();
        let text = format!("{}/{}+{}-", "a".repeat(20), "b".repeat(19), "c".repeat(25));
        let run = 0..text.len();
        assert_eq!(places(&found, &text, std::slice::from_ref(&run)), [0..20, 41..66]);
    }

    proptest! {
        /// A match always holds one of the places, and lies in it where the stretch is whole.
        #[test]
        fn no_match_is_without_its_stretch(
            pattern in prop::sample::select(vec![r"[ab]{19}-(?:c{3}|\.d)x{0,2}", "(?:a|b_){20,22}c?", r"x\.[a-c]{20}(?:\.y)?", "(?:[ab]{4}-?){5}"]),
            parts in prop::collection::vec("[ab]{4,24}|(ab|b_){9,12}|x\\.|-|ccc|[ab]{4}-[ab]{4}-[ab]{4}-[ab]{8}", 0..8),
        ) {
            let (text, found) = (parts.concat(), Form::of(pattern).stretch.unwrap());
            let survey = crate::redaction::decode::Survey::of(&text);
            let places = places(&found, &text, survey.runs_of_base64());
            for one in compile(pattern).unwrap().find_iter(text.as_bytes()) {
                prop_assert!(places.iter().any(|place| place.start < one.end() && one.start() < place.end), "{} in {}", pattern, text);
                prop_assert!(!found.whole || places.iter().any(|place| place.start <= one.start() && one.end() <= place.end));
            }
        }
    }
}
