//! The texts by which the arm of a trajectory could be told, and hiding them wherever they stand.

use super::seen::HIDDEN;
use crate::model::Trajectory;
use regex::{Regex, RegexBuilder};
use std::collections::BTreeSet;

/// A text of fewer characters stands everywhere, and hiding it would hide all else.
const SHORTEST: usize = 4;
/// A text of more characters is no name.
const LONGEST: usize = 200;
/// What may stand between two parts of a name, or be left out: `step-400`, `step_400`, `Step 400`.
const BETWEEN: &str = r"[ \-_./:@+]?";

/// What tells arms apart in all that is looked at together: a word that is hidden in one arm alone would tell which arm it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arms {
    names: BTreeSet<String>,
    models: BTreeSet<String>,
    providers: BTreeSet<String>,
}

impl Arms {
    /// Adds the arm, the model and the provider of one trajectory that is in an arm; of any other nothing.
    pub fn add(&mut self, arm: Option<&str>, model: Option<&str>, provider: Option<&str>) {
        self.names.extend(arm.map(str::to_owned));
        self.models.extend(model.filter(|_| arm.is_some()).map(str::to_owned));
        self.providers.extend(provider.filter(|_| arm.is_some()).map(str::to_owned));
    }
}

/// The texts that are hidden in one trajectory.
#[derive(Debug)]
pub struct Traces {
    /// Names: hidden also where they are part of a path or of another name, in any case and with anything between their parts.
    names: Option<Regex>,
    /// Mere words of what a prompt is called, hidden where they stand alone: not in `--service`.
    words: Option<Regex>,
}

impl Traces {
    /// Finds the texts by which a trajectory's arm could be told, beside what tells the arms apart.
    #[must_use]
    pub fn of(trajectory: &Trajectory, arms: &Arms) -> Self {
        let lineage = &trajectory.lineage;
        let mut arms = arms.clone();
        arms.names.extend(trajectory.cohort.iter().filter_map(|cohort| cohort.arm.clone()));
        arms.models.extend(trajectory.model.iter().cloned().chain(trajectory.steps.iter().filter_map(|step| step.model.clone())));
        arms.providers.extend(trajectory.provider.iter().cloned());
        let several = arms.providers.len() > 1;
        let candidate = lineage.candidate.iter().flat_map(|c| [&c.base_model, &c.adapter, &c.checkpoint, &c.run_id]);
        let mut names: BTreeSet<String> = candidate.flatten().cloned().chain(lineage.feature_flags.keys().cloned()).collect();
        names.extend(arms.models.iter().flat_map(|model| called(model)));
        names.extend(telling_words(&arms.models));
        // What all have in common tells nothing.
        names.extend(arms.providers.into_iter().filter(|_| several));
        let (short, long): (Vec<String>, Vec<String>) = arms.names.into_iter().partition(|name| name.chars().count() < SHORTEST);
        names.extend(long);
        let mut words: BTreeSet<String> = trajectory.cohort.iter().filter_map(|cohort| cohort.experiment.clone()).collect();
        words.extend(lineage.prompt.values().filter_map(|value| value.as_str()).map(str::to_owned));
        // What has more in it than letters is no mere word.
        let (mere, others): (Vec<String>, Vec<String>) = words.into_iter().partition(|word| word.chars().all(char::is_alphabetic));
        names.extend(others);
        let named = names.iter().filter(|name| is_telling(name)).map(|name| (name.chars().count(), loosely(name)));
        // A short arm is told where it is said to be one.
        let said = short.iter().filter(|name| !name.is_empty()).map(|name| (0, format!(r#"(?:arm|cohort|variant)["' :=_\-./]{{1,3}}{}"#, regex::escape(name))));
        let mere = mere.iter().filter(|word| is_telling(word)).map(|word| (word.chars().count(), regex::escape(word)));
        Self { names: any(named.chain(said).collect()), words: any(mere.collect()) }
    }

    /// Hides them in a text.
    pub fn hide(&self, text: &mut String) {
        let both = [(&self.names, false), (&self.words, true)];
        for (pattern, mere) in both.into_iter().filter_map(|(pattern, mere)| Some((pattern.as_ref()?, mere))) {
            hide_all(pattern, text, mere);
        }
    }
}

fn is_telling(name: &str) -> bool {
    let count = name.chars().count();
    let coded = name.chars().any(char::is_alphabetic) && name.chars().any(|c| c.is_ascii_digit());
    (SHORTEST..=LONGEST).contains(&count) || coded && count > 1 && count < SHORTEST
}

/// Gives what a model is called: its id, that without its provider, and with fewer and fewer of the parts at its end.
fn called(model: &str) -> Vec<String> {
    let own = model.rsplit('/').next().unwrap_or(model);
    let parts: Vec<&str> = own.split('-').collect();
    let shorter = (2..parts.len()).filter_map(|count| parts.get(..count)).map(|parts| parts.join("-"));
    shorter.chain([own.to_owned(), model.to_owned()]).collect()
}

/// Gives the words of models that not all of them have: those tell one from another.
fn telling_words(models: &BTreeSet<String>) -> Vec<String> {
    let words = |model: &String| -> BTreeSet<String> {
        let own = model.rsplit('/').next().unwrap_or(model).to_lowercase();
        own.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() > 2).map(str::to_owned).collect()
    };
    let each: Vec<BTreeSet<String>> = models.iter().map(words).collect();
    let all: BTreeSet<&String> = each.iter().flatten().collect();
    all.into_iter().filter(|word| !each.iter().all(|words| words.contains(*word))).cloned().collect()
}

/// Writes a name as a pattern of its letters and digits with anything or nothing between.
fn loosely(name: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut last = None;
    for c in name.chars() {
        let class = (c.is_alphabetic(), c.is_numeric());
        match parts.last_mut().filter(|_| last == Some(class)) {
            Some(part) => part.push(c),
            None if class != (false, false) => parts.push(c.to_string()),
            None => {}
        }
        last = (class != (false, false)).then_some(class);
    }
    // What is made of signs alone is found as it is.
    if parts.is_empty() { regex::escape(name) } else { parts.iter().map(|part| regex::escape(part)).collect::<Vec<_>>().join(BETWEEN) }
}

/// Puts patterns together, the longest first. Where they are too many for one pattern, everything is hidden rather than nothing.
fn any(mut patterns: Vec<(usize, String)>) -> Option<Regex> {
    patterns.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let all: Vec<String> = patterns.into_iter().map(|(_, pattern)| pattern).collect();
    if all.is_empty() {
        return None;
    }
    RegexBuilder::new(&all.join("|")).case_insensitive(true).build().or_else(|_| Regex::new("(?s).+")).ok()
}

fn hide_all(pattern: &Regex, text: &mut String, mere: bool) {
    let (mut out, mut kept, mut at) = (String::new(), 0, 0);
    while let Some(found) = pattern.find_at(text, at) {
        let before = text.get(..found.start()).and_then(|before| before.chars().next_back());
        let after = text.get(found.end()..).and_then(|after| after.chars().next());
        let own = found.as_str();
        let goes_on = goes_on(before, own.chars().next(), mere) || goes_on(after, own.chars().next_back(), mere);
        if !goes_on {
            out.push_str(text.get(kept..found.start()).unwrap_or_default());
            out.push_str(HIDDEN);
            kept = found.end();
        }
        let first = own.chars().next().map_or(1, char::len_utf8);
        at = if goes_on { found.start() + first } else { found.end() };
    }
    if kept > 0 {
        out.push_str(text.get(kept..).unwrap_or_default());
        *text = out;
    }
}

/// Tells whether a name goes on beyond where it was found: a letter beside a letter, a digit beside a digit.
fn goes_on(outside: Option<char>, inside: Option<char>, mere: bool) -> bool {
    let (Some(outside), Some(inside)) = (outside, inside) else { return false };
    let letters = outside.is_alphabetic() && inside.is_alphabetic() && outside.is_ascii() == inside.is_ascii();
    letters || outside.is_numeric() && inside.is_numeric() || mere && (matches!(outside, '-' | '_') || outside.is_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Candidate, Cohort, CohortOrigin};

    fn hidden(trajectory: &Trajectory, arms: &Arms, text: &str) -> String {
        let mut text = text.to_owned();
        Traces::of(trajectory, arms).hide(&mut text);
        text.replace(HIDDEN, "#")
    }

    fn in_arm(arm: &str, model: &str) -> Trajectory {
        let cohort = Cohort { experiment: Some("night".to_owned()), arm: Some(arm.to_owned()), origin: CohortOrigin::Attributes };
        Trajectory { cohort: Some(cohort), model: Some(model.to_owned()), ..Trajectory::default() }
    }

    #[test]
    fn a_mere_word_is_hidden_where_it_stands_alone() {
        let mut t = in_arm("b", "gpt-5.2");
        t.lineage.prompt.insert("label".to_owned(), "service".into());
        let text = |text: &str| hidden(&t, &Arms::default(), text);
        assert_eq!(text("the service: --service x services service"), "the #: --service x services #");
        assert_eq!(text("use gpt-5.2-codex, GPT 5.2 or xgpt-5.2"), "use #-codex, # or xgpt-5.2");
        assert_eq!(text("arm: b, cohort=B and plan b"), "#, # and plan b");
    }

    #[test]
    fn names_are_hidden_in_branches_paths_and_other_spellings() {
        let mut t = in_arm("candidate", "anthropic/claude-sonnet-4-5-20250929");
        t.lineage.candidate = Some(Candidate { checkpoint: Some("step-400".to_owned()), ..Candidate::default() });
        let text = |text: &str| hidden(&t, &Arms::default(), text);
        assert_eq!(text("git push origin exp/candidate-step_400"), "git push origin exp/#-#");
        assert_eq!(text("I am Claude Sonnet 4.5, CANDIDATE, Step 400, not step-4000"), "I am #, #, #, not step-4000");
        assert_eq!(text("/srv/candidate/shop candidates"), "/srv/#/shop candidates");
    }

    #[test]
    fn more_names_than_a_pattern_holds_hide_everything() {
        let mut arms = Arms::default();
        (0..1_000).for_each(|n| arms.add(Some("candidate"), Some(&format!("{n}{}", "ab1".repeat(60))), None));
        assert_eq!(hidden(&in_arm("candidate", "gpt-5.2"), &arms, "git status\ncandidate"), "#");
    }

    #[test]
    fn all_arms_that_are_looked_at_together_hide_the_same_words() {
        let mut arms = Arms::default();
        arms.add(Some("candidate"), Some("claude-sonnet-4-5"), Some("anthropic"));
        arms.add(Some("control"), Some("claude-haiku-4-5"), Some("bedrock"));
        arms.add(None, Some("gemini-3"), Some("google"));
        let text = "under version control, by a candidate of Sonnet or Haiku of the claude kind at anthropic.com, gemini of google aside";
        for (arm, model) in [("candidate", "claude-sonnet-4-5"), ("control", "claude-haiku-4-5")] {
            assert_eq!(
                hidden(&in_arm(arm, model), &arms, text),
                "under version #, by a # of # or # of the claude kind at #.com, gemini of google aside",
                "{arm}"
            );
        }
    }
}
