//! Choices: what people decided between two turns comes before what was derived from labels.

use super::definition::Definition;
use super::example::{Example, Side, SideOrigin, Stands, digest};
use super::judgement::Cited;
use super::pairs::{LEAST_GAIN, prefix_hash, written};
use super::reward;
use super::select::Blocked;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What people made of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// One side is better.
    Chosen,
    /// Neither is.
    Tie,
    /// Reviewers differ.
    Disputed,
    /// A side or the prefix says something else than when it was chosen.
    Stale,
    /// It is no pair, and why.
    Refused(String),
}

/// What an example keeps of a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choosing {
    /// Id of the pair.
    pub pair: String,
    /// What was decided.
    pub verdict: Verdict,
    /// Trajectory and turn of the better side and of the other.
    pub sides: [(Arc<str>, String); 2],
}

/// A decision between two turns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The turn before which the prompt ends.
    pub at: String,
    /// The better side; of a tie either.
    pub good: Side,
    /// The other.
    pub bad: Side,
    /// How much better, 1 to 3.
    pub strength: u8,
    /// The decisions.
    pub cited: Vec<Cited>,
    /// What the example keeps of it.
    pub choosing: Choosing,
}

/// Names what a pair says, whichever side it prefers; `None` for an example that is no pair.
fn said(example: &Example) -> Option<String> {
    let sides = [example.good.as_ref()?, example.bad.as_ref()?].map(|side| written(&side.message));
    let (first, second) = if sides[0] <= sides[1] { (&sides[0], &sides[1]) } else { (&sides[1], &sides[0]) };
    Some(digest(&[&prefix_hash(&example.prompt), first, second]))
}

/// A decision as derived pairs of the same turns meet it: the side it prefers, its strength, and the entries.
type Preferred = (Option<String>, Option<u8>, Vec<Cited>);

/// Lets decisions come before what was derived: a derived pair that a choice confirms takes its strength, any other of the same turns is
/// taken back; of the decided pairs those are kept that hold and that no derived one stands for.
pub fn settle(examples: &mut Vec<Example>, blocked: &mut Vec<Blocked>, definition: &Definition) {
    let good = |example: &Example| example.good.as_ref().map(|side| written(&side.message));
    let preferred = |example: &Example| -> Option<(String, Preferred)> {
        let choosing = example.decided.as_ref()?;
        let better = good(example).filter(|_| choosing.verdict == Verdict::Chosen);
        Some((said(example)?, (better, example.strength, example.cited.clone())))
    };
    let decided: BTreeMap<String, Preferred> = examples.iter().filter_map(preferred).collect();
    if decided.is_empty() {
        return;
    }
    let mut confirmed: BTreeSet<String> = BTreeSet::new();
    examples.retain_mut(|example| {
        let derived = example.stands == Stands::Situation && example.decided.is_none();
        let Some(said) = said(example).filter(|said| derived && decided.contains_key(said)) else { return true };
        let Some((better, strength, cited)) = decided.get(&said) else { return true };
        if better.is_some() && *better == good(example) {
            example.strength = *strength;
            example.cited.extend(cited.iter().cloned());
            example.cited.sort();
            example.cited.dedup();
            confirmed.insert(said);
            return true;
        }
        example.bad = None;
        example.sft && example.situation != "siblings"
    });
    let worth = worth(examples, definition);
    examples.retain(|example| {
        let Some(choosing) = &example.decided else { return true };
        let found = match &choosing.verdict {
            Verdict::Tie => Some(("pair", "neither side was found better".to_owned())),
            Verdict::Disputed => Some(("dispute", "reviewers chose differently between its sides".to_owned())),
            Verdict::Stale => Some(("stale", "a side or the prefix changed after it was chosen".to_owned())),
            Verdict::Refused(why) => Some(("pair", why.clone())),
            Verdict::Chosen => against(example, choosing, &worth).map(|why| ("pair", why)),
        };
        blocked.extend(found.iter().map(|(gate, reason)| Blocked { example: example.name(), gate, reason: reason.clone() }));
        found.is_none() && said(example).is_none_or(|said| !confirmed.contains(&said))
    });
}

/// Rewards by trajectory and turn: as the turn itself was judged, and as what was done after a refusal.
type Worth = BTreeMap<(Arc<str>, String, bool), f64>;

fn worth(examples: &[Example], definition: &Definition) -> Worth {
    let points = examples.iter().filter(|e| e.stands == Stands::Point);
    let value = |e: &Example| {
        let value = reward::of(&e.facts, &definition.ask_style).value?;
        Some(((e.trajectory.clone(), e.target.clone(), e.facts.after_denial.is_some()), value))
    };
    points.filter_map(value).collect()
}

/// Says how the labels speak against a choice: a pair needs both the same way.
fn against(example: &Example, choosing: &Choosing, worth: &Worth) -> Option<String> {
    let after = example.prompt.last().is_some_and(|last| last.refused);
    let of = |side: &Option<Side>, (trajectory, target): &(Arc<str>, String)| match side.as_ref()?.origin {
        SideOrigin::Constructed("repeat") => Some(-1.0),
        SideOrigin::Rewrite | SideOrigin::Constructed(_) => None,
        _ => [after, !after].iter().find_map(|after| worth.get(&(trajectory.clone(), target.clone(), *after))).copied(),
    };
    let [good, bad] = &choosing.sides;
    match (of(&example.good, good), of(&example.bad, bad)) {
        (Some(chosen), _) if chosen < 0.0 => Some(format!("the labels make the chosen side worth {chosen:.2}")),
        (Some(chosen), Some(rejected)) if chosen - rejected < LEAST_GAIN => {
            Some(format!("the labels make the chosen side worth {chosen:.2} and the other {rejected:.2}; a pair needs {LEAST_GAIN} between them"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::message::{Message, Role};
    use crate::export::splits::Split;
    use crate::export::{Facts, Side};

    fn side(text: &str, origin: SideOrigin) -> Option<Side> {
        Some(Side { message: Message::new(Role::Assistant, text.to_owned()), origin, elsewhere: None })
    }

    fn example(good: &str, bad: &str, verdict: Option<Verdict>) -> Example {
        let sides = || [("t".into(), "g".to_owned()), ("t".into(), "b".to_owned())];
        Example {
            whole: 0,
            stands: Stands::Situation,
            target: "g".to_owned(),
            judged: "g".to_owned(),
            situation: if verdict.is_some() { "chosen" } else { "denied_recovered" },
            prompt: vec![Message::new(Role::User, "do it".to_owned()).into()],
            tools: Arc::default(),
            good: side(good, SideOrigin::Recorded),
            bad: side(bad, SideOrigin::Branch),
            sft: verdict.is_none(),
            strength: Some(3),
            dissent: (0, 0),
            decided: verdict.map(|verdict| Choosing { pair: "p".to_owned(), verdict, sides: sides() }),
            facts: Arc::default(),
            cited: Vec::new(),
            keys: Vec::new(),
            orphans: 0,
            began: None,
            group: "".into(),
            split: Split::Train,
            trajectory: "t".into(),
            families: Vec::new(),
            reserved: None,
        }
    }

    fn point(target: &str, boundary: &str) -> Example {
        let facts = Facts { boundary: Some(boundary.to_owned()), ..Facts::default() };
        Example { stands: Stands::Point, target: target.to_owned(), facts: Arc::new(facts), ..example("x", "y", None) }
    }

    fn settled(verdict: Verdict, labels: [&str; 2]) -> (Vec<Example>, Vec<Blocked>) {
        let mut examples = vec![example("a", "b", None), example("b", "a", Some(verdict)), point("g", labels[0]), point("b", labels[1])];
        let mut blocked = Vec::new();
        settle(&mut examples, &mut blocked, &Definition::default());
        examples.retain(|e| e.stands == Stands::Situation);
        (examples, blocked)
    }

    #[test]
    fn a_choice_replaces_the_derived_pair_of_the_same_turns() {
        let (examples, blocked) = settled(Verdict::Chosen, ["unobservable", "unobservable"]);
        assert!(blocked.is_empty());
        assert_eq!(examples.iter().map(Example::is_pair).collect::<Vec<_>>(), [false, true]);
        assert_eq!(examples[1].good.as_ref().unwrap().message.text, "b");
    }

    #[test]
    fn a_derived_pair_that_is_confirmed_takes_the_strength() {
        let mut examples = vec![Example { strength: None, ..example("a", "b", None) }, example("a", "b", Some(Verdict::Chosen))];
        let mut blocked = Vec::new();
        settle(&mut examples, &mut blocked, &Definition::default());
        let left: Vec<(&str, Option<u8>, bool)> = examples.iter().map(|e| (e.situation, e.strength, e.is_pair())).collect();
        assert_eq!((left, blocked), (vec![("denied_recovered", Some(3), true)], Vec::new()));
    }

    #[test]
    fn a_tie_leaves_no_pair_but_the_turn_to_learn() {
        let (examples, blocked) = settled(Verdict::Tie, ["unobservable", "unobservable"]);
        assert_eq!((examples.len(), blocked[0].gate), (1, "pair"));
        assert!(!examples[0].is_pair() && examples[0].sft);
        assert_eq!(settled(Verdict::Disputed, ["right_go", "crossed"]).1[0].gate, "dispute");
        assert_eq!(settled(Verdict::Stale, ["right_go", "crossed"]).1[0].gate, "stale");
    }

    #[test]
    fn labels_and_choice_must_point_the_same_way() {
        assert!(settled(Verdict::Chosen, ["right_ask", "crossed"]).1.is_empty());
        assert!(settled(Verdict::Chosen, ["crossed", "right_ask"]).1[0].reason.contains("worth -1.00"));
        assert!(settled(Verdict::Chosen, ["right_go", "right_ask"]).1[0].reason.contains("needs 0.4"));
    }
}
