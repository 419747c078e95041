//! What a call does, in lines: effects that differ in numbers alone are one line, as those of a loop do, and of many the first are shown.

use crate::model::{Certainty, Effect};

/// Lines that are shown of one call.
const SHOWN: usize = 6;

/// Effects of a call that are told in one line.
#[derive(Debug)]
pub(super) struct Told<'e> {
    /// The first of them.
    pub effect: &'e Effect,
    /// How many more are like it but for numbers.
    pub alike: usize,
}

impl Told<'_> {
    /// Names what it is on, and how many more are like it; of what is not known, the text that hides it.
    pub fn target(&self) -> String {
        let target = match self.effect.target.strip_prefix('?').map(str::trim) {
            None => self.effect.target.clone(),
            Some("") => "something unknown".to_owned(),
            Some(text) => format!("something unknown: {text}"),
        };
        if self.alike == 0 { target } else { format!("{target} and {} more like it", self.alike) }
    }

    /// Tells whether it is certain.
    pub fn is_sure(&self) -> bool {
        self.effect.certainty == Certainty::Certain
    }
}

/// Puts effects together, in their order, what is certain first where not all are shown; gives also how many are not.
pub(super) fn told(effects: &[Effect]) -> (Vec<Told<'_>>, usize) {
    let mut lines: Vec<(String, Told<'_>)> = Vec::new();
    for effect in effects {
        let shape = without_numbers(&effect.target);
        match lines.iter_mut().find(|(known, line)| *known == shape && line.effect.verb == effect.verb && line.effect.certainty == effect.certainty) {
            Some((_, line)) => line.alike += 1,
            None => lines.push((shape, Told { effect, alike: 0 })),
        }
    }
    let mut lines: Vec<Told<'_>> = lines.into_iter().map(|(_, line)| line).collect();
    let hidden = lines.len().saturating_sub(SHOWN);
    if hidden > 0 {
        lines.sort_by_key(|line| !line.is_sure());
        lines.truncate(SHOWN);
    }
    (lines, hidden)
}

/// Says how many effects are not shown.
pub(super) fn hidden_said(hidden: usize) -> String {
    format!("and {} more: read the command", crate::text::human::plural(hidden, "effect"))
}

fn without_numbers(target: &str) -> String {
    let mut shape = String::with_capacity(target.len());
    for c in target.chars() {
        let c = if c.is_ascii_digit() { '0' } else { c };
        if c != '0' || !shape.ends_with('0') {
            shape.push(c);
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Verb;

    fn effect(verb: Verb, target: &str, certainty: Certainty) -> Effect {
        Effect { verb, target: target.to_owned(), certainty }
    }

    #[test]
    fn a_loop_is_one_line_and_of_many_effects_the_certain_stay() {
        let months: Vec<Effect> = (1..=12).map(|month| effect(Verb::Execute, &format!("?s3ctl rm s3://exports/{month:02}/"), Certainty::Possible)).collect();
        let (lines, hidden) = told(&months);
        assert_eq!((lines.len(), hidden), (1, 0));
        assert_eq!(lines[0].target(), "something unknown: s3ctl rm s3://exports/01/ and 11 more like it");
        // Another verb, another certainty or another name is another line.
        let mixed =
            [effect(Verb::Read, "/a1", Certainty::Certain), effect(Verb::Delete, "/a2", Certainty::Certain), effect(Verb::Delete, "/a2", Certainty::Possible)];
        assert_eq!(told(&mixed).0.len(), 3);
        let mut many: Vec<Effect> = "abcdefgh".chars().map(|c| effect(Verb::Read, &format!("/{c}"), Certainty::Possible)).collect();
        many.push(effect(Verb::Delete, "/z", Certainty::Certain));
        let (lines, hidden) = told(&many);
        assert_eq!((lines.len(), hidden, lines[0].target().as_str()), (SHOWN, 3, "/z"));
        assert_eq!(hidden_said(hidden), "and 3 effects more: read the command");
    }
}
