//! Sightings become steps: equal ids merge, what is missing is filled, and all are put into one order.

use super::align::tie_messages;
use super::sightings::{Sighting, Sightings};
use crate::model::fact::Body;
use crate::model::{Issue, Kind, Origin, Part, Step, Timestamp, Trajectory, provider_and_model};
use rustc_hash::FxHashMap;

/// Where each step ended up.
pub struct Placed {
    /// Index into the trajectory's steps, by step id.
    pub index: FxHashMap<String, usize>,
}

/// A step while its sightings are gathered.
struct Draft {
    step: Step,
    partial: bool,
    time: i64,
    order: usize,
}

/// Builds the steps of the trajectory.
pub fn build(sightings: &mut Sightings, trajectory: &mut Trajectory) -> Placed {
    tie_messages(&mut sightings.list);
    let mut drafts: Vec<Draft> = Vec::with_capacity(sightings.list.len());
    let mut by_id: FxHashMap<String, usize> = FxHashMap::default();
    let mut clock = Clock::default();
    let stated = stated_times(&sightings.list);
    let mut last: Option<usize> = None;
    for (sighting, stated) in sightings.list.iter_mut().zip(stated) {
        let at = if clock.enter(sighting.source) { None } else { last };
        if matches!(sighting.fact.body, Body::Part | Body::Progress(_))
            && let Some(&known) = by_id.get(&sighting.step_id)
        {
            drafts[known].add_place(sighting);
            continue;
        }
        let index = *by_id.entry(sighting.step_id.clone()).or_insert(drafts.len());
        if index == drafts.len() {
            let time = clock.time(stated, at.map(|i| drafts[i].time));
            drafts.push(Draft { step: empty_step(sighting), partial: true, time, order: index });
        } else {
            clock.pass(drafts[index].time);
        }
        drafts[index].add(sighting, &mut trajectory.issues);
        last = Some(index);
    }
    trajectory.issues.append(&mut sightings.issues);
    drafts.sort_by_key(|draft| (draft.time, draft.order));
    let mut placed = Placed { index: FxHashMap::default() };
    for (i, mut draft) in drafts.into_iter().enumerate() {
        draft.step.seq = u32::try_from(i + 1).unwrap_or(u32::MAX);
        draft.step.aliases.sort();
        draft.step.aliases.dedup();
        let id = draft.step.id.clone();
        draft.step.aliases.retain(|alias| *alias != id);
        placed.index.insert(id, i);
        trajectory.steps.push(draft.step);
    }
    placed
}

/// Gives for each sighting the time of its step that any source states: a stream without times puts its steps where another's say.
fn stated_times(list: &[Sighting]) -> Vec<Option<Timestamp>> {
    let mut times: FxHashMap<&str, Timestamp> = FxHashMap::default();
    for sighting in list.iter().filter(|s| !matches!(s.fact.body, Body::Part | Body::Progress(_))) {
        if let Some(at) = sighting.fact.at {
            times.entry(sighting.step_id.as_str()).or_insert(at);
        }
    }
    list.iter().map(|sighting| times.get(sighting.step_id.as_str()).copied()).collect()
}

/// Carries time forward through one source, so that a record without a time stands behind the one before it.
#[derive(Default)]
struct Clock {
    source: Option<usize>,
    now: i64,
}

impl Clock {
    /// Notes the source; tells whether it is another one than before.
    fn enter(&mut self, source: usize) -> bool {
        let changed = self.source != Some(source);
        if changed {
            (self.source, self.now) = (Some(source), i64::MIN);
        }
        changed
    }

    fn time(&mut self, stated: Option<Timestamp>, before: Option<i64>) -> i64 {
        self.now = self.now.max(before.unwrap_or(i64::MIN)).max(stated.map_or(i64::MIN, Timestamp::ms));
        self.now
    }

    fn pass(&mut self, time: i64) {
        self.now = self.now.max(time);
    }
}

fn empty_step(sighting: &Sighting) -> Step {
    Step {
        id: sighting.step_id.clone(),
        aliases: Vec::new(),
        seq: 0,
        parent: None,
        at: None,
        actor: sighting.fact.actor,
        kind: kind(&sighting.fact.body),
        text: String::new(),
        parts: Vec::new(),
        execution: None,
        model: None,
        usage: None,
        origins: Vec::new(),
        redactions: Vec::new(),
    }
}

impl Draft {
    fn add_place(&mut self, sighting: &Sighting) {
        let step = &mut self.step;
        for span in &sighting.fact.spans {
            let origin = Origin::new(&sighting.sha256, span);
            if !step.origins.contains(&origin) {
                step.origins.push(origin);
            }
        }
        step.aliases.extend(sighting.fact.aliases.iter().cloned());
        if step.execution.is_none() {
            step.execution.clone_from(&sighting.execution);
        }
    }

    fn add(&mut self, sighting: &mut Sighting, issues: &mut Vec<Issue>) {
        self.add_place(sighting);
        let (text, partial) = take_text(&mut sighting.fact.body);
        let fact = &sighting.fact;
        let step = &mut self.step;
        step.at = step.at.or(fact.at);
        if step.model.is_none() {
            // As the trajectory names it: one model is one value of a filter.
            step.model = fact.model.as_deref().map(|model| provider_and_model(model).1.to_owned());
        }
        step.usage = step.usage.or(fact.usage.as_deref().copied());
        for claim in &fact.claims {
            let redaction = crate::model::Redaction { path: "record".into(), marker: claim.clone(), class: Some(claim.clone()), hash8: None };
            if !step.redactions.contains(&redaction) {
                step.redactions.push(redaction);
            }
        }
        if matches!(step.kind, Kind::Context | Kind::Unknown) {
            step.kind = kind(&fact.body);
        }
        if !text.is_empty() && (step.text.is_empty() || (self.partial && !partial)) {
            step.text = text;
            self.partial = partial;
        } else if !partial && !self.partial && !text.is_empty() && contradicts(&step.text, &text, step.kind) {
            let place = step.origins.first().map_or(String::new(), |o| format!(" (source {}, line {})", super::disagreements::short(&o.source), o.line));
            let here = sighting.span().map_or(0, |span| span.line);
            let message = format!("{} reads otherwise here than in the fuller record{place}", step.id);
            issues.push(Issue { source: Some(sighting.sha256.clone()), line: Some(here), kind: "contradiction", message });
        }
        if let Body::Attachment { name, media_type, bytes, .. } = &fact.body {
            let part = Part {
                kind: if media_type.starts_with("image/") { "image" } else { "document" },
                name: name.clone(),
                media_type: media_type.clone(),
                size_bytes: *bytes,
            };
            if !step.parts.contains(&part) {
                step.parts.push(part);
            }
        }
    }
}

/// Two full texts of one fact contradict each other unless one of them is a masked form of the other.
fn contradicts(a: &str, b: &str, kind: Kind) -> bool {
    matches!(kind, Kind::Message | Kind::ToolResult) && !super::masks::agree(a, b)
}

fn kind(body: &Body) -> Kind {
    match body {
        Body::Text { .. } | Body::Attachment { .. } => Kind::Message,
        Body::Thinking(_) => Kind::Thinking,
        Body::Call(_) | Body::Progress(_) => Kind::ToolCall,
        Body::Result(_) => Kind::ToolResult,
        Body::Wait(_) => Kind::Wait,
        Body::Resolution(_) => Kind::Resolution,
        Body::Policy(_) => Kind::Policy,
        Body::Eval(_) => Kind::Eval,
        Body::Skill { .. } => Kind::Skill,
        Body::Usage(_) => Kind::Usage,
        Body::Context(_) | Body::Resumed { .. } | Body::Part => Kind::Context,
        Body::Artifact { .. } => Kind::Artifact,
        Body::Error(_) => Kind::Error,
        Body::Unknown(_) => Kind::Unknown,
    }
}

/// Gives the text a step shows and is searched by, and whether the record holds only a part of it.
#[must_use]
pub fn text(body: &Body) -> (String, bool) {
    match body {
        Body::Text { text, partial } => (text.clone(), *partial),
        Body::Thinking(text) | Body::Context(text) | Body::Error(text) | Body::Unknown(text) => (text.clone(), false),
        Body::Skill { text, .. } | Body::Resumed { text, .. } | Body::Artifact { text, .. } | Body::Attachment { text, .. } => (text.clone(), false),
        Body::Call(call) => {
            let text = super::executions::command_of(call).or_else(|| call.args.as_deref().map(str::to_owned));
            (text.unwrap_or_default(), call.args_partial || call.args.is_none())
        }
        Body::Result(result) => {
            let text = if result.text.is_empty() { result.error.clone().unwrap_or_default() } else { result.text.clone() };
            (text, result.partial)
        }
        Body::Wait(wait) => ([wait.reason.as_deref(), wait.shown_text.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("\n"), false),
        Body::Resolution(end) => (end.reason.clone().unwrap_or_default(), false),
        Body::Policy(policy) => (policy.text.clone(), false),
        Body::Eval(eval) => (eval_text(eval), false),
        Body::Usage(_) | Body::Progress(_) | Body::Part => (String::new(), true),
    }
}

/// Takes the text of a fact away from it, where nobody asks the fact for it again: a long session is not held twice.
fn take_text(body: &mut Body) -> (String, bool) {
    match body {
        Body::Text { text, partial } => (std::mem::take(text), *partial),
        Body::Thinking(text) | Body::Context(text) | Body::Error(text) | Body::Unknown(text) => (std::mem::take(text), false),
        // What a failure says becomes the error of its execution as well.
        Body::Result(result) if !result.text.is_empty() && !super::executions::failed(result) => (std::mem::take(&mut result.text), result.partial),
        other => text(other),
    }
}

/// Reads a score back from the text of its step: the metric, the score, and whether it passed.
#[must_use]
pub fn score(text: &str) -> Option<(&str, f64, Option<bool>)> {
    let mut parts = text.split(" · ");
    let metric = parts.next()?;
    let score = parts.next()?.split(" of ").next()?.parse().ok()?;
    let passed = parts.next().and_then(|word| match word {
        "passed" => Some(true),
        "failed" => Some(false),
        _ => None,
    });
    Some((metric, score, passed))
}

fn eval_text(eval: &crate::model::fact::EvalFact) -> String {
    let mut parts = Vec::new();
    parts.extend(eval.metric.clone());
    parts.extend(eval.score.map(|score| match eval.threshold {
        Some(threshold) => format!("{score} of {threshold} wanted"),
        None => score.to_string(),
    }));
    parts.extend(eval.passed.map(|passed| if passed { "passed" } else { "failed" }.to_owned()));
    parts.extend(eval.rationale.clone());
    parts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::{eval_text, score};
    use crate::model::fact::EvalFact;

    #[test]
    fn a_score_is_read_back_as_it_was_written() {
        let eval = EvalFact { metric: Some("task_done".into()), score: Some(0.5), threshold: Some(0.8), passed: Some(false), ..EvalFact::default() };
        assert_eq!(score(&eval_text(&eval)), Some(("task_done", 0.5, Some(false))));
        assert_eq!(
            score(&eval_text(&EvalFact { threshold: None, passed: None, rationale: Some("passed by luck".into()), ..eval })),
            Some(("task_done", 0.5, None))
        );
        assert_eq!(score("a rationale alone"), None);
    }
}
