//! `tau-bench` and `tau2-bench`: results of the two benchmarks, each trial a trajectory with its reward as a score.

use super::chat_messages::Conversation;
use super::json::Node;
use super::{Format, Output, Reader, Record, Shape};
use crate::model::fact::EvalFact;
use crate::model::{Actor, Body, Fact, Slot, Usage};

/// Results of tau-bench: a list of trials with `traj`.
pub const FORMAT: Format = Format {
    name: "tau-bench",
    agent: "tau-bench",
    rank: 10,
    shape: Shape::Document,
    detect: |probe| probe.document.is_some_and(|d| d.items().first().is_some_and(|t| t.get("traj").is_some_and(Node::is_array) && t.get("reward").is_some())),
    reader: || Box::new(Trials),
    doc: "Results of tau-bench: each trial of a task is a trajectory.",
};

/// Results of tau2-bench: a document with `simulations`, or one simulation alone.
pub const SECOND: Format = Format {
    name: "tau2-bench",
    agent: "tau2-bench",
    detect: |probe| probe.document.is_some_and(|d| is_results(d) || is_simulation(d)),
    reader: || Box::new(Simulations),
    doc: "Results of tau2-bench: each simulation is a trajectory.",
    ..FORMAT
};

fn is_results(node: &Node<'_>) -> bool {
    node.get("simulations").is_some_and(Node::is_array) && (node.get("tasks").is_some() || node.path(&["info", "agent_info"]).is_some())
}

fn is_simulation(node: &Node<'_>) -> bool {
    node.get("task_id").is_some() && node.get("termination_reason").is_some() && (node.get("messages").is_some() || node.get("ticks").is_some())
}

struct Trials;

impl Reader for Trials {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        let trials = if node.is_array() { node.items() } else { std::slice::from_ref(node) };
        out.count_records(trials.len() as u64);
        for trial in trials {
            out.own_session(trial.raw);
            out.about().lineage.scenario_id = trial.owned(&["task_id"]);
            attribute(trial, "trial", out);
            outcome(record, trial, &["traj"], out);
            let messages = trial.get("traj").map(Node::items).unwrap_or_default();
            converse(record, messages, out);
        }
    }
}

struct Simulations;

impl Reader for Simulations {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        if !is_results(node) {
            out.count_records(1);
            return simulation(record, node, None, out);
        }
        let simulations = node.get("simulations").map(Node::items).unwrap_or_default();
        out.count_records(simulations.len() as u64);
        for one in simulations {
            simulation(record, one, node.get("info"), out);
        }
        // Tasks and settings belong to every simulation; they stand with the last.
        out.push(Fact::new(Slot::Own, record.span.clone(), Actor::Runtime, Body::Context("results of tau2-bench".to_owned())));
    }
}

fn simulation(record: &Record<'_>, node: &Node<'_>, info: Option<&Node<'_>>, out: &mut Output) {
    match node.owned(&["id"]) {
        Some(id) => out.session(&id),
        None => out.own_session(node.raw),
    }
    let environment = info.and_then(|info| info.get("environment_info"));
    let domain = environment.and_then(|e| e.owned(&["domain_name"]));
    let about = out.about();
    if let Some(model) = info.and_then(|info| info.path(&["agent_info", "llm"])?.as_str()) {
        about.set_model(model);
    }
    about.agent_name = info.and_then(|info| info.get("agent_info")?.owned(&["implementation"]));
    about.system_prompt = environment.and_then(|e| e.owned(&["policy"]));
    about.tools = environment.and_then(|e| e.get("tool_defs")).map(Node::items).unwrap_or_default().iter().map(|tool| tool.raw.into()).collect();
    about.lineage.scenario_id = node.owned(&["task_id"]).map(|task| domain.map_or_else(|| task.clone(), |domain| format!("{domain}/{task}")));
    (about.started_at, about.ended_at) = (node.time(&["start_time"]), node.time(&["end_time"]));
    for key in ["trial", "seed"] {
        attribute(node, key, out);
    }
    outcome(record, node, &["messages", "ticks"], out);
    let messages: Vec<&Node<'_>> = node.get("messages").map(Node::items).unwrap_or_default().iter().flat_map(unfolded).collect();
    converse(record, messages, out);
    for tick in node.get("ticks").map(Node::items).unwrap_or_default() {
        out.push(Fact::new(Slot::Own, record.place(tick), Actor::Runtime, Body::Context(tick.all_text())).at(tick.time(&["timestamp"])));
    }
}

/// Gives the messages that a message of several results holds, or the message itself.
fn unfolded<'n>(message: &'n Node<'n>) -> Vec<&'n Node<'n>> {
    match message.get("tool_messages").map(Node::items) {
        Some(inner) if !inner.is_empty() => inner.iter().collect(),
        _ => vec![message],
    }
}

fn attribute(node: &Node<'_>, key: &str, out: &mut Output) {
    if let Some(value) = node.owned(&[key]) {
        out.about().lineage.attributes.insert(key.to_owned(), value);
    }
}

/// Pushes what is said of the trial as a whole, and its reward as a score.
fn outcome(record: &Record<'_>, node: &Node<'_>, without: &[&str], out: &mut Output) {
    let told = node.fields().iter().filter(|(key, _)| !without.contains(&key.as_ref())).map(|(key, value)| format!("{key}: {}", value.all_text()));
    let span = record.place(node);
    let mut whole = Fact::new(Slot::Own, span.clone(), Actor::System, Body::Context(told.collect::<Vec<_>>().join("\n")));
    // Tokens stand with the messages; the cost of the agent is stated for the whole.
    let cost = node.f64_any(&["agent_cost"]);
    whole.usage = cost.map(|cost| Box::new(Usage { cost_usd: Some(cost), ..Usage::default() }));
    out.push(whole);
    let reward = node.f64_any(&["reward"]).or_else(|| node.get("reward_info")?.f64_any(&["reward"]));
    if let Some(reward) = reward {
        let scenario_id = out.about().lineage.scenario_id.clone();
        let score = EvalFact { metric: Some("reward".to_owned()), score: Some(reward), passed: Some(reward >= 1.0), scenario_id, ..EvalFact::default() };
        out.push(Fact::new(Slot::Named("reward".to_owned()), span, Actor::Runtime, Body::Eval(Box::new(score))).at(node.time(&["end_time"])));
    }
}

fn converse<'n>(record: &Record<'_>, messages: impl IntoIterator<Item = &'n Node<'n>>, out: &mut Output) {
    let mut conversation = Conversation::new(false);
    for message in messages {
        let mut facts = conversation.message(message, &record.place(message));
        if let (Some(first), Some(usage)) =
            (facts.first_mut(), message.get("usage").filter(|usage| usage.is_object() && message.str("role") == Some("assistant")))
        {
            let count = |key: &str| usage.u64_any(&[key]).unwrap_or(0);
            first.usage = Some(Box::new(Usage { input: count("prompt_tokens"), output: count("completion_tokens"), ..Usage::default() }));
        }
        facts.into_iter().for_each(|fact| out.push(fact));
    }
    if let Some(system) = conversation.system {
        out.about().system_prompt.get_or_insert(system);
    }
}
