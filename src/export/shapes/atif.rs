//! `atif`: whole trajectories in the Agent Trajectory Interchange Format v1.7, what people said of them in `extra`.

use super::{Item, Line, Shape, Takes, loss};
use crate::export::definition::Definition;
use crate::export::json::Json;
use crate::export::message::{Message, Role};
use crate::export::tools::Tool;

/// The shape.
pub const SHAPE: Shape = Shape {
    name: "atif",
    takes: Takes::Wholes,
    features: &[],
    loses: &[loss::SCHEMAS, loss::BRANCHES, loss::EVENTS, loss::ATTACHMENTS],
    least: 1,
    header: None,
    write,
};

fn write(item: &Item<'_>, _: &Definition) -> Result<Line, String> {
    let example = item.example;
    let facts = &example.facts;
    let mut steps: Vec<Json> = Vec::new();
    let mut answers: Vec<Json> = Vec::new();
    for message in &example.prompt {
        if message.role == Role::Tool {
            answers.push(answer(message));
            continue;
        }
        observe(&mut steps, &mut answers);
        steps.push(step(message, steps.len() + 1));
    }
    observe(&mut steps, &mut answers);
    let tools: Vec<Json> = example.tools.iter().map(Tool::definition).collect();
    let agent = Json::object([
        ("name", facts.agent.clone().unwrap_or_else(|| "unknown".to_owned()).into()),
        ("version", facts.agent_version.clone().unwrap_or_else(|| "unknown".to_owned()).into()),
        ("model_name", facts.model.clone().into()),
        ("tool_definitions", tools.into()),
    ]);
    let review = Json::object([
        ("task", facts.task.clone().into()),
        ("reported", facts.reported.clone().into()),
        ("reward", facts.trajectory_reward.into()),
        (
            "labels",
            Json::Object(
                facts
                    .labels
                    .iter()
                    .map(|(target, answers)| (target.clone(), Json::Object(answers.iter().map(|(q, a)| (q.clone(), a.as_str().into())).collect())))
                    .collect(),
            ),
        ),
    ]);
    Ok(Json::object([
        ("schema_version", "ATIF-v1.7".into()),
        ("session_id", (*example.trajectory).into()),
        ("agent", agent),
        ("steps", steps.into()),
        ("extra", Json::object([("ossia", review)])),
    ])
    .into())
}

fn step(message: &Message, number: usize) -> Json {
    let source = match message.role {
        Role::System => "system",
        Role::User => "user",
        _ => "agent",
    };
    let mut json = Json::object([("step_id", number.into()), ("source", source.into()), ("message", message.text.as_str().into())]);
    if let Some(thinking) = &message.thinking {
        json.push("reasoning_content", thinking.as_str().into());
    }
    let call = |c: &crate::export::message::Call| {
        Json::object([("tool_call_id", c.id.as_str().into()), ("function_name", c.name.as_str().into()), ("arguments", c.args.clone())])
    };
    if !message.calls.is_empty() {
        json.push("tool_calls", message.calls.iter().map(call).collect::<Vec<_>>().into());
    }
    // What stands for a compacted past was written by no user, and what stood beside the words is missed here.
    let marks = [("summary", message.summary.then_some(true.into())), ("attachments", (message.attachments > 0).then(|| message.attachments.into()))];
    let marks: Vec<(&str, Json)> = marks.into_iter().filter_map(|(name, mark)| Some((name, mark?))).collect();
    if !marks.is_empty() {
        json.push("extra", Json::object([("ossia", Json::Object(marks.into_iter().map(|(name, mark)| (name.to_owned(), mark)).collect()))]));
    }
    json
}

fn answer(message: &Message) -> Json {
    let mut json = Json::object([("source_call_id", message.answers.as_deref().unwrap_or_default().into()), ("content", message.text.as_str().into())]);
    if message.refused {
        json.push("extra", Json::object([("refused", true.into())]));
    }
    json
}

/// Hangs the answers on the agent's step that called.
fn observe(steps: &mut [Json], answers: &mut Vec<Json>) {
    if let Some(step) = steps.last_mut().filter(|_| !answers.is_empty()) {
        step.push("observation", Json::object([("results", std::mem::take(answers).into())]));
    }
}
