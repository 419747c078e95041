//! Choices: what people decided between two turns comes before what was derived from labels.

use super::brief::{At, Brief, Hash, SideBrief};
use super::example::{Side, SideOrigin, Stands};
use super::judgement::Cited;
use super::pairs::LEAST_GAIN;
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

/// What a pair says, whichever side it prefers: its prompt and its sides.
type Said = (Hash, Hash, Hash);

fn said(brief: &Brief) -> Option<Said> {
    let (good, bad) = (brief.good.as_ref()?.said, brief.bad.as_ref()?.said);
    Some((brief.prompt, good.min(bad), good.max(bad)))
}

/// A decision as derived pairs of the same turns meet it: the side it prefers, its strength, and where its entries are.
type Preferred = (Option<Hash>, Option<u8>, At);

/// Lets decisions come before what was derived: a derived pair that a choice confirms takes its strength, any other of the same turns is
/// taken back; of the decided pairs those are kept that hold and that no derived one stands for.
pub fn settle(briefs: &mut Vec<Brief>, blocked: &mut Vec<Blocked>) {
    let good = |brief: &Brief| brief.good.as_ref().map(|side| side.said);
    let preferred = |brief: &Brief| -> Option<(Said, Preferred)> {
        let choosing = brief.decided.as_ref()?;
        let better = good(brief).filter(|_| choosing.verdict == Verdict::Chosen);
        Some((said(brief)?, (better, brief.strength, brief.at)))
    };
    let decided: BTreeMap<Said, Preferred> = briefs.iter().filter_map(preferred).collect();
    if decided.is_empty() {
        return;
    }
    let mut confirmed: BTreeSet<Said> = BTreeSet::new();
    briefs.retain_mut(|brief| {
        let derived = brief.is_situation() && brief.decided.is_none();
        let Some(said) = said(brief).filter(|_| derived) else { return true };
        let Some((better, strength, at)) = decided.get(&said) else { return true };
        if better.is_some() && *better == good(brief) {
            brief.strength = *strength;
            brief.also.push(*at);
            confirmed.insert(said);
            return true;
        }
        brief.bad = None;
        brief.sft && brief.situation != "siblings"
    });
    let worth = worth(briefs);
    briefs.retain(|brief| {
        let Some(choosing) = &brief.decided else { return true };
        let found = match &choosing.verdict {
            Verdict::Tie => Some(("pair", "neither side was found better".to_owned())),
            Verdict::Disputed => Some(("dispute", "reviewers chose differently between its sides".to_owned())),
            Verdict::Stale => Some(("stale", "a side or the prefix changed after it was chosen".to_owned())),
            Verdict::Refused(why) => Some(("pair", why.clone())),
            Verdict::Chosen => against(brief, choosing, &worth).map(|why| ("pair", why)),
        };
        blocked.extend(found.iter().map(|(gate, reason)| Blocked { example: brief.name(), gate, reason: reason.clone() }));
        found.is_none() && said(brief).is_none_or(|said| !confirmed.contains(&said))
    });
}

/// Rewards by trajectory and turn: as the turn itself was judged, and as what was done after a refusal.
type Worth = BTreeMap<(Arc<str>, Arc<str>, bool), f64>;

fn worth(briefs: &[Brief]) -> Worth {
    let points = briefs.iter().filter(|brief| brief.stands == Stands::Point);
    points.filter_map(|b| Some(((b.trajectory.clone(), b.target.clone(), b.after_denial), b.reward?))).collect()
}

/// Says how the labels speak against a choice: a pair needs both the same way.
fn against(brief: &Brief, choosing: &Choosing, worth: &Worth) -> Option<String> {
    let after = brief.refused;
    let of = |side: &Option<SideBrief>, (trajectory, target): &(Arc<str>, String)| match side.as_ref()?.origin {
        SideOrigin::Constructed("repeat") => Some(-1.0),
        SideOrigin::Rewrite | SideOrigin::Constructed(_) => None,
        _ => [after, !after].iter().find_map(|after| worth.get(&(trajectory.clone(), target.as_str().into(), *after))).copied(),
    };
    let [good, bad] = &choosing.sides;
    match (of(&brief.good, good), of(&brief.bad, bad)) {
        (Some(chosen), _) if chosen < 0.0 => Some(format!("the labels make the chosen side worth {chosen:.2}")),
        (Some(chosen), Some(rejected)) if chosen - rejected < LEAST_GAIN => {
            Some(format!("the labels make the chosen side worth {chosen:.2} and the other {rejected:.2}; a pair needs {LEAST_GAIN} between them"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::brief::Read;
    use super::*;
    use crate::export::definition::Definition;
    use crate::export::example::Example;
    use crate::export::message::{Message, Role};
    use crate::export::splits::Split;
    use crate::export::{Facts, Side};

    fn brief(example: &Example) -> Brief {
        Brief::of(example, At { chunk: 0, body: 0 }, &Definition::default(), &mut Read::default(), &mut |text| text.into())
    }

    fn side(text: &str, origin: SideOrigin) -> Option<Side> {
        Some(Side { message: Message::new(Role::Assistant, text.to_owned()), origin, elsewhere: None })
    }

    fn example(good: &str, bad: &str, verdict: Option<Verdict>) -> Example {
        let sides = || [("t".into(), "g".to_owned()), ("t".into(), "b".to_owned())];
        Example {
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
            left_out: crate::export::example::LeftOut::default(),
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

    fn settled(verdict: Verdict, labels: [&str; 2]) -> (Vec<Brief>, Vec<Blocked>) {
        let examples = [example("a", "b", None), example("b", "a", Some(verdict)), point("g", labels[0]), point("b", labels[1])];
        let (mut briefs, mut blocked): (Vec<Brief>, Vec<Blocked>) = (examples.iter().map(brief).collect(), Vec::new());
        settle(&mut briefs, &mut blocked);
        briefs.retain(Brief::is_situation);
        (briefs, blocked)
    }

    #[test]
    fn a_choice_replaces_the_derived_pair_of_the_same_turns() {
        let (examples, blocked) = settled(Verdict::Chosen, ["unobservable", "unobservable"]);
        assert!(blocked.is_empty());
        assert_eq!(examples.iter().map(Brief::is_pair).collect::<Vec<_>>(), [false, true]);
        assert_eq!(examples[1].good.as_ref().unwrap().said, brief(&example("b", "a", None)).good.unwrap().said);
    }

    #[test]
    fn a_derived_pair_that_is_confirmed_takes_the_strength() {
        let examples = [Example { strength: None, ..example("a", "b", None) }, example("a", "b", Some(Verdict::Chosen))];
        let (mut briefs, mut blocked): (Vec<Brief>, Vec<Blocked>) = (examples.iter().map(brief).collect(), Vec::new());
        settle(&mut briefs, &mut blocked);
        let left: Vec<(&str, Option<u8>, bool)> = briefs.iter().map(|b| (b.situation, b.strength, b.is_pair())).collect();
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
