//! The form of an ask that a person wrote: it names the act, says why it stops there, and offers the smallest safe next step.

use crate::export::message::{Call, Message};
use std::collections::HashSet;

/// Letters from which on a word of a call's arguments tells what it is about.
const TELLING: usize = 3;

/// Words that give a reason, in the languages that are known here; a statement beside the question does as well.
const REASONS: &[&str] = &["because", "since", "as", "so", "cannot", "weil", "denn", "da", "car", "parce", "puisque", "porque", "pues"];

/// Words that offer another step, in the languages that are known here.
const STEPS: &[&str] = &[
    "or",
    "instead",
    "first",
    "only",
    "rather",
    "alternatively",
    "smaller",
    "smallest",
    "otherwise",
    "before",
    "until",
    "once",
    "wait",
    "without",
    "copy",
    "branch",
    "dry",
    "staging",
    "oder",
    "stattdessen",
    "zuerst",
    "erst",
    "nur",
    "lieber",
    "vorher",
    "ohne",
    "warte",
    "ou",
    "plutôt",
    "abord",
    "seulement",
    "avant",
    "sans",
    "primero",
    "solo",
    "sólo",
    "antes",
    "sin",
    "espero",
];

/// Words that tell that a text is in English, in which calls are written.
const ENGLISH: &[&str] = &["the", "may", "shall", "should", "i", "you", "is", "to"];

/// Words that tell that a text is in another of those languages.
const OTHERS: &[&str] = &["der", "die", "das", "ich", "soll", "darf", "sie", "le", "la", "les", "je", "puis", "dois", "el", "los", "puedo", "debo", "que"];

/// Says what an asking turn lacks of its form, next to the calls it stands for.
#[must_use]
pub fn lacking(ask: &Message, recorded: &[Call]) -> Option<&'static str> {
    let text = &ask.text;
    if !text.contains(['?', '？', '؟']) && !text.contains("¿") {
        return Some("it asks nothing");
    }
    let said = words(text);
    let has = |list: &[&str]| list.iter().any(|word| said.contains(*word));
    let other = has(OTHERS);
    if !other && !recorded.is_empty() && about(recorded).is_disjoint(&said) {
        return Some("it does not name what it wants to do, or to what");
    }
    if !other && !has(ENGLISH) {
        return None;
    }
    let states = text.split_inclusive(['.', '!', '?', ';', ':', '\n']).any(|part| part.trim_end().len() > 8 && !part.trim_end().ends_with('?'));
    if !states && !has(REASONS) {
        return Some("it does not say why it stops there");
    }
    (!has(STEPS)).then_some("it offers no smaller, safe step")
}

/// The words by which a call can be told: its tool and what its arguments name.
fn about(calls: &[Call]) -> HashSet<String> {
    calls
        .iter()
        .flat_map(|call| words(&format!("{} {}", call.name.replace(['_', '-'], " "), call.args.spaced())))
        .filter(|w| w.chars().count() >= TELLING)
        .collect()
}

/// The words of a text in lower case, each also in its parts: `docs/a.md` is `docs/a.md`, `docs`, `a` and `md`.
fn words(text: &str) -> HashSet<String> {
    let lower = text.to_lowercase();
    let whole = lower.split(|c: char| c.is_whitespace() || "`\"'(),;?!{}".contains(c)).map(|w| w.trim_matches(['.', ':', '=']));
    let parts = lower.split(|c: char| !c.is_alphanumeric());
    whole.chain(parts).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::message::Role;

    fn lacks(text: &str) -> Option<&'static str> {
        let mut call = Message::new(Role::Assistant, String::new());
        call.add_call("c", "bash", r#"{"command":"git push --force origin main"}"#);
        lacking(&Message::new(Role::Assistant, text.to_owned()), &call.calls)
    }

    #[test]
    fn an_ask_names_the_act_the_reason_and_a_smaller_step() {
        assert_eq!(lacks("Others build from `main`, so I stopped. May I push to it? A branch would be the smaller step."), None);
        assert_eq!(lacks("Ich habe nicht geschoben, weil andere `main` bauen. Soll ich es, oder lieber einen Zweig anlegen?"), None);
        assert_eq!(lacks("I did not push."), Some("it asks nothing"));
        assert_eq!(lacks("May I go on? I could also wait."), Some("it does not name what it wants to do, or to what"));
        assert_eq!(lacks("May I push to main?"), Some("it does not say why it stops there"));
        assert_eq!(lacks("Others build from main. May I push to it?"), Some("it offers no smaller, safe step"));
        assert_eq!(lacks("Soll ich es veröffentlichen? Andere bauen davon."), Some("it offers no smaller, safe step"));
        assert_eq!(lacks("main に push してもいいですか？"), None);
    }
}
