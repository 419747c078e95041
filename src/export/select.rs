//! Selecting: the judged turns of a trajectory become examples by the table of situations, or are blocked with gate and reason.

use super::choices::Choice;
use super::context::cut;
use super::conversation::{prompt_flaw, target_flaw};
use super::definition::Definition;
use super::example::{Example, Facts, LeftOut, Side, SideOrigin, Stands};
use super::facts;
use super::judgement::{Cited, Judgement, Judgements};
use super::message::{Message, Role};
use super::points::{Branches, Point};
use super::reward;
use super::situations::{Case, Draft, TABLE};
use super::splits::{Split, group_keys};
use crate::model::{Kind, Trajectory};
use serde::Serialize;
use std::sync::Arc;

/// The answers by which the table of situations tells what a turn teaches.
const SAID: &[&str] = &["needs_ask", "boundary", "bypass", "discovery", "after_denial", "use"];

/// The kinds of steps that messages are made of.
const SAID_IN: &[Kind] = &[Kind::Message, Kind::Thinking, Kind::ToolCall, Kind::ToolResult];

/// A point that does not leave, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Blocked {
    /// `TRAJECTORY#TARGET`.
    pub example: String,
    /// The gate.
    pub gate: &'static str,
    /// Why, in words for a person.
    pub reason: String,
}

/// What became of a trajectory.
#[derive(Default)]
pub struct Selected {
    /// Examples.
    pub examples: Vec<Example>,
    /// What was blocked.
    pub blocked: Vec<Blocked>,
    /// Keys under which the trajectory stays together with others.
    pub keys: Vec<String>,
}

/// The selection of one trajectory.
struct Selection<'a> {
    trajectory: &'a Trajectory,
    id: Arc<str>,
    judged: &'a Judgements,
    definition: &'a Definition,
    branches: &'a Branches,
    out: Selected,
}

/// Turns the points of a trajectory that are wanted into examples.
#[must_use]
pub fn select(trajectory: &Trajectory, judged: &Judgements, definition: &Definition, wanted: &dyn Fn(&Message) -> bool) -> Selected {
    let mut branches = Branches::read(trajectory);
    if !definition.thinking {
        branches.forget_thinking();
    }
    let id = trajectory.id.as_str().into();
    let mut selection = Selection { trajectory, id, judged, definition, branches: &branches, out: Selected::default() };
    let points = branches.points();
    if points.is_empty() {
        selection.block("", "shape", "the agent says and does nothing in it");
    }
    for point in points.into_iter().filter(|point| wanted(point.turn())) {
        selection.point(point);
    }
    for choice in &judged.choices {
        // The turn after a refusal belongs to whoever asks for the refused call.
        let asked = |point: &Point<'_>| wanted(point.turn()) || point.refused().is_some_and(wanted);
        if let Some(point) = branches.find(&choice.at).filter(asked) {
            selection.choice(point, choice);
        }
    }
    if selection.out.examples.iter().any(|example| example.decided.is_none()) {
        selection.whole();
    }
    let task = |conversation: &super::conversation::Conversation| {
        conversation.messages.iter().find(|message| message.role == Role::User).map(|message| message.text.clone())
    };
    let mut keys: Vec<String> = Vec::new();
    for conversation in &branches.conversations {
        keys.extend(group_keys(trajectory, task(conversation).as_deref(), &definition.splits.group_by));
    }
    keys.sort();
    keys.dedup();
    Selected { keys, ..selection.out }
}

impl<'a> Selection<'a> {
    fn block(&mut self, target: &str, gate: &'static str, reason: impl Into<String>) {
        let example = if target.is_empty() { self.id.to_string() } else { format!("{}#{target}", self.id) };
        self.out.blocked.push(Blocked { example, gate, reason: reason.into() });
    }

    fn open(&self, gate: &str) -> bool {
        self.definition.overridden(gate).is_some()
    }

    fn point(&mut self, point: Point<'a>) {
        let turn = point.turn();
        let targets = turn.calls.iter().map(|call| call.execution.as_str()).chain(turn.steps.iter().map(String::as_str));
        let judged = self.judged;
        let found: Vec<(&str, &Judgement)> = targets.filter_map(|target| judged.of(target).map(|judgement| (target, judgement))).collect();
        if found.is_empty() {
            if self.open("answers") {
                self.unjudged(point);
            } else {
                self.block(point.target(), "answers", "nobody judged it");
            }
        }
        for (target, judgement) in found {
            self.target(point, target, judgement);
        }
    }

    /// A pair that people decided.
    fn choice(&mut self, point: Point<'a>, choice: &Choice) {
        if let Some(why) = self.excluded(&point) {
            return self.block(point.target(), "exclude", why);
        }
        let judgement = self.judged.of(point.target()).cloned().unwrap_or_default();
        let facts = self.facts_at(&point, &point, &judgement);
        let draft = Draft { situation: "chosen", at: point, good: Some(choice.good.clone()), bad: Some(choice.bad.clone()), sft: false };
        let before = self.out.examples.len();
        self.build(draft, point.target(), &facts, choice.cited.clone());
        for example in self.out.examples.iter_mut().skip(before) {
            (example.strength, example.decided) = (Some(choice.strength), Some(choice.choosing.clone()));
        }
    }

    /// With the gate of answers overridden, a turn that nobody judged leaves as it was recorded.
    fn unjudged(&mut self, point: Point<'a>) {
        let good = Some(Side { message: point.turn().clone(), origin: SideOrigin::Recorded, elsewhere: None });
        let draft = Draft { situation: "unjudged", at: point, good, bad: None, sft: true };
        self.build(draft, point.target(), &Facts::default(), Vec::new());
    }

    fn target(&mut self, point: Point<'a>, target: &str, judgement: &'a Judgement) {
        let refusals = [
            ("dispute", !judgement.disputed.is_empty(), format!("reviewers differ on {}", judgement.disputed.join(", "))),
            (
                "agreement",
                !judgement.unagreed.is_empty(),
                format!("reviewers agree too little on {}: adjudicate it here, or label anew until they agree", judgement.unagreed.join(", ")),
            ),
            ("stale", judgement.stale, "the facts changed after it was judged".to_owned()),
            ("bulk", judgement.bulk && !self.definition.bulk, "it was only labelled in bulk".to_owned()),
        ];
        for (gate, holds, reason) in refusals {
            if holds && !self.open(gate) {
                return self.block(target, gate, reason);
            }
        }
        let answered = |question: &&String| judgement.answer(question).is_some() || (*question == "use" && judgement.usage().is_some());
        if let Some(missing) = self.definition.answers.iter().find(|question| !answered(question)).filter(|_| !self.open("answers")) {
            return self.block(target, "answers", format!("{missing} is not answered"));
        }
        if let Some(why) = self.excluded(&point) {
            return self.block(target, "exclude", why);
        }
        let facts = self.facts_at(&point, &point, judgement);
        let cited = self.cited(judgement);
        let execution = self.trajectory.executions.iter().find(|e| e.id == target);
        let case = Case { trajectory: self.trajectory, judged: self.judged, branches: self.branches, definition: self.definition, point, execution, judgement };
        let mut said = 0;
        for (_, line) in TABLE {
            match line(&case) {
                None => {}
                Some(Ok(draft)) => {
                    said += 1;
                    let facts = self.facts_at(&draft.at, &point, judgement);
                    self.build(draft, target, &facts, cited.clone());
                }
                Some(Err(why)) => {
                    said += 1;
                    self.block(target, "situation", why);
                }
            }
        }
        self.unjudged_after(&case);
        if said == 0 {
            let said: Vec<String> = SAID.iter().filter_map(|question| Some(format!("{question}={}", judgement.answer(question)?))).collect();
            let unseen = judgement.answer("boundary") == Some("unobservable");
            let hint = if unseen {
                "; its sources do not show whether leave was asked: who knows says it (`A` at the call, or `ossia amend TARGET asked=none`)"
            } else {
                ""
            };
            self.block(target, "situation", format!("its labels make no row by any line of the table of situations ({}){hint}", said.join(", ")));
        }
        if let Some((next, false)) = point.next().filter(|_| judgement.answer("after_denial").is_some()) {
            self.judged_point(next, target, self.facts_at(&next, &point, judgement), cited.clone());
        }
        self.judged_point(point, target, facts, cited);
    }

    /// Names the calls after a refusal that nobody judged, though the row of the refusal would end with them.
    fn unjudged_after(&mut self, case: &Case<'a>) {
        let Some((next, false)) = case.point.next().filter(|_| case.follows_well()) else { return };
        for call in next.turn().calls.iter().filter(|call| self.judged.of(&call.execution).is_none()) {
            self.block(&call.execution, "answers", "nobody judged it");
        }
    }

    /// Gives the facts of the turn at which a row ends: of the judged turn itself, or of one after its stop, which is judged by what it did then.
    fn facts_at(&self, at: &Point<'a>, judged_at: &Point<'a>, judgement: &Judgement) -> Facts {
        let own = facts::of_point(self.trajectory, self.judged, self.definition, at, judgement);
        if at.target() == judged_at.target() {
            return Facts { after_denial: None, ..own };
        }
        let there = at.turn().calls.iter().map(|call| call.execution.as_str()).chain(at.turn().steps.iter().map(String::as_str));
        let there = there.into_iter().find_map(|target| self.judged.of(target));
        let word = |question: &str| there.and_then(|judgement| judgement.answer(question)).map(str::to_owned);
        Facts { boundary: None, needs_ask: word("needs_ask"), discovery: word("discovery"), bypass: word("bypass"), ..own }
    }

    /// The judged point itself, for prompts and for the tuple of off-policy evaluation.
    fn judged_point(&mut self, point: Point<'a>, target: &str, mut facts: Facts, cited: Vec<Cited>) {
        let reference = self.out.examples.iter().find(|e| e.stands == Stands::Situation && e.target == point.target() && e.sft).and_then(|e| e.good.as_ref());
        facts.reference = reference.map(|side| super::shapes::folded(&side.message, super::definition::Family::HermesJson).content);
        let good = Some(Side { message: point.turn().clone(), origin: SideOrigin::Recorded, elsewhere: None });
        let draft = Draft { situation: "point", at: point, good, bad: None, sft: false };
        let before = self.out.examples.len();
        self.build(draft, target, &facts, cited);
        self.out.examples.iter_mut().skip(before).for_each(|example| example.stands = Stands::Point);
    }

    /// The decisions an example rests on: on the target, and on the trajectory as a whole.
    fn cited(&self, judgement: &Judgement) -> Vec<Cited> {
        let mut cited: Vec<Cited> = judgement.cited.iter().chain(self.judged.whole().map(|whole| whole.cited.iter()).into_iter().flatten()).cloned().collect();
        cited.sort();
        cited.dedup();
        cited
    }

    /// Says which turn at or before this one must never leave.
    fn excluded(&self, point: &Point<'_>) -> Option<String> {
        let never = |judgement: &Judgement| judgement.answer("use") == Some("exclude");
        if !self.judged.targets.values().any(never) {
            return None;
        }
        let seen = point.conversation.messages.iter().take(point.at + 1);
        let mut targets = seen.flat_map(|m| m.calls.iter().map(|call| call.execution.as_str()).chain(m.steps.iter().map(String::as_str)));
        let found = targets.find(|target| self.judged.of(target).is_some_and(never))?;
        Some(format!("{found}, which it had seen, must not leave"))
    }

    /// Says which earlier turn made its own yes; what follows on that path is not for imitation.
    fn after_bypass(&self, point: &Point<'_>) -> Option<&'a str> {
        let judged = self.judged;
        let said = point.before().iter().flat_map(|m| m.calls.iter().map(|call| &call.execution).chain(&m.steps));
        said.filter_map(|target| judged.targets.get_key_value(target))
            .find(|(_, judgement)| judgement.answer("bypass").is_some_and(|bypass| bypass != "none"))
            .map(|(target, _)| target.as_str())
    }

    /// Tells whether a recorded turn to avoid also holds a call to imitate, and no rewrite parts them.
    fn mixed(&self, draft: &Draft<'_>) -> bool {
        let parted = draft.good.as_ref().is_some_and(|side| side.origin == SideOrigin::Rewrite);
        let bad = draft.bad.as_ref().filter(|side| !parted && side.origin == SideOrigin::Recorded);
        let used = |side: &Side| side.message.calls.iter().filter_map(|call| self.judged.of(&call.execution)?.usage()).collect::<Vec<_>>();
        bad.map(used).is_some_and(|used| used.contains(&"imitate") && used.iter().any(|other| *other != "imitate"))
    }

    fn build(&mut self, draft: Draft<'a>, judged: &str, facts: &Facts, cited: Vec<Cited>) {
        let point = draft.at;
        let flaw = [&draft.good, &draft.bad].into_iter().flatten().find_map(|side| target_flaw(&side.message));
        if let Some(flaw) = prompt_flaw(point.before()).or(flaw) {
            return self.block(judged, "shape", flaw);
        }
        if let Some(why) = self.excluded(&point).filter(|_| judged != point.target()) {
            return self.block(judged, "exclude", why);
        }
        if let Some(copied) = point.turn().steps.iter().find(|step| self.judged.copied.contains(*step)) {
            return self.block(judged, "situation", format!("{copied} was copied from the session that this one forks; it is judged there"));
        }
        if self.mixed(&draft) {
            return self.block(judged, "situation", "one of the parallel calls to avoid is judged as one to imitate; only a rewrite can part them");
        }
        let mut sft = draft.sft;
        if let Some(bypass) = self.after_bypass(&point).filter(|_| sft) {
            self.block(judged, "situation", format!("it comes after {bypass}, where the agent made its own yes"));
            sft = false;
        }
        let definition = self.definition;
        // What people wrote or chose comes as it is; thinking stays on both sides or on neither.
        let thinking = |message: Message| if definition.thinking { message } else { Message { thinking: None, ..message } };
        let side = |side: Side| Side { message: thinking(side.message), ..side };
        let prompt = cut(point.before(), definition.context, definition.counter(), definition.system);
        let rewrite = [&draft.good, &draft.bad].into_iter().flatten().any(|side| side.origin == SideOrigin::Rewrite);
        let cited = cited.into_iter().chain(self.judged.rewrites.get(point.target()).filter(|_| rewrite).map(|r| r.cited.clone())).collect();
        let families = point.turn().calls.iter().map(|call| call.name.clone()).collect();
        self.out.examples.push(Example {
            target: point.target().to_owned(),
            judged: judged.to_owned(),
            prompt,
            tools: if definition.tools { point.conversation.tools.clone() } else { Arc::default() },
            good: draft.good.map(side),
            bad: draft.bad.map(side),
            sft,
            facts: Arc::new(facts.clone()),
            cited,
            dissent: self.judged.of(judged).map_or((0, 0), |judgement| judgement.dissent),
            families,
            left_out: LeftOut { orphans: point.conversation.orphans, ..LeftOut::default() },
            ..self.blank(draft.situation)
        });
    }

    fn blank(&self, situation: &'static str) -> Example {
        Example {
            stands: Stands::Situation,
            target: String::new(),
            judged: String::new(),
            situation,
            prompt: Vec::new(),
            tools: Arc::default(),
            good: None,
            bad: None,
            sft: false,
            strength: None,
            dissent: (0, 0),
            decided: None,
            facts: Arc::new(Facts::default()),
            cited: Vec::new(),
            left_out: LeftOut::default(),
            group: "".into(),
            split: Split::Train,
            trajectory: self.id.clone(),
            reserved: None,
            families: Vec::new(),
        }
    }

    /// The whole trajectory, for the shapes that carry it; it leaves if any point of it does, and nothing of it is excluded.
    fn whole(&mut self) {
        let Some(conversation) = self.branches.conversations.first() else { return };
        let mut facts = facts::of_whole(self.trajectory, self.judged, self.definition);
        let answers = |judgement: &Judgement| {
            let mut answers = judgement.answers.clone();
            answers.extend(judgement.answer("boundary").map(|boundary| ("boundary".to_owned(), boundary.to_owned())));
            answers
        };
        facts.labels =
            self.judged.targets.iter().filter(|(target, _)| !target.is_empty()).map(|(target, judgement)| (target.clone(), answers(judgement))).collect();
        if facts.labels.values().any(|answers| answers.get("use").is_some_and(|used| used == "exclude")) {
            return;
        }
        if let Some(flaw) = conversation.messages.iter().find_map(|m| m.calls.iter().find_map(|call| call.flaw.clone())) {
            return self.block("", "shape", format!("a call of it cannot be written: {flaw}"));
        }
        let points = self.out.examples.iter().filter(|e| e.stands == Stands::Point);
        let rewards: Vec<reward::Reward> = points.map(|e| reward::of(&e.facts, &self.definition.ask_style)).collect();
        facts.trajectory_reward = reward::of_trajectory(&rewards, &facts);
        let mut cited: Vec<Cited> = self.judged.targets.values().flat_map(|judgement| judgement.cited.iter().cloned()).collect();
        cited.sort();
        cited.dedup();
        let tools = conversation.tools.clone();
        let whole = self.blank("whole");
        let prompt = conversation.messages.clone();
        let events = self.trajectory.steps.iter().filter(|step| !SAID_IN.contains(&step.kind)).count();
        let left_out = LeftOut { orphans: conversation.orphans, branches: self.branches.conversations.len().saturating_sub(1), events };
        self.out.examples.push(Example { stands: Stands::Whole, left_out, prompt, tools, facts: Arc::new(facts), cited, ..whole });
    }
}
