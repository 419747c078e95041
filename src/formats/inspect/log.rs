//! The log around the samples: what it says of all of them, and the members of an archive that are no sample.

use super::sample;
use crate::formats::json::Node;
use crate::formats::{Output, Reader, Record};
use crate::model::{About, Actor, Body, Fact, Lineage, Slot, Span, Timestamp, consent};

/// Fields of `eval` that are kept among the attributes of every sample.
const KEPT: [&str; 7] = ["task", "task_id", "task_version", "eval_id", "eval_set_id", "solver", "created"];

/// What the log says of all its samples.
#[derive(Default)]
pub struct Log {
    /// Task.
    pub task: Option<String>,
    /// Run, else the evaluation.
    pub run: Option<String>,
    /// What no other log shares: the evaluation, else run and task. It names samples that have no id of their own.
    pub own: Option<String>,
    /// Statements about every sample.
    pub about: About,
    text: String,
    at: Option<Timestamp>,
    spans: Vec<Span>,
    samples: Vec<String>,
}

impl Reader for Log {
    fn read(&mut self, record: &Record<'_>, out: &mut Output) {
        let node = record.node;
        out.count_records(1);
        if is_sample(node) {
            self.samples.push(sample::read(self, record, node, out));
            return;
        }
        self.spans.push(record.span.clone());
        if let Some(eval) = node.get("eval").filter(|e| e.is_object()) {
            self.head(node, eval);
        }
        for sample in node.get("samples").map(Node::items).unwrap_or_default() {
            self.samples.push(sample::read(self, record, sample, out));
        }
    }

    /// Puts the head first into every sample, without a time, for the log may be older than the sample; a log without samples is a trajectory of its own.
    fn finish(&mut self, out: &mut Output) {
        let Some(first) = self.spans.first().cloned() else { return };
        let run = self.run.clone().unwrap_or_else(|| "run".to_owned());
        let mut head = Fact::new(Slot::Named(format!("{run}.log")), first, Actor::Runtime, Body::Context(self.text.clone()));
        head.spans.clone_from(&self.spans);
        if self.samples.is_empty() {
            if let Some(own) = &self.own {
                out.session(own);
            }
            out.about().fill(&self.about);
            return out.push(head.at(self.at));
        }
        self.samples.sort();
        self.samples.dedup();
        for name in &self.samples {
            out.session(name);
            out.facts_mut().insert(0, head.clone());
        }
    }
}

fn is_sample(node: &Node<'_>) -> bool {
    node.get("id").is_some() && node.get("eval").is_none() && (node.get("messages").is_some() || node.get("epoch").is_some())
}

impl Log {
    /// Reads the head; where it stands in several members, the first to state a field counts.
    fn head(&mut self, node: &Node<'_>, eval: &Node<'_>) {
        self.task = self.task.take().or_else(|| eval.owned(&["task"]));
        self.run = self.run.take().or_else(|| eval.owned(&["run_id", "eval_id"]));
        let together = || Some(format!("{}/{}", eval.owned(&["run_id"])?, eval.owned(&["task_id", "task"])?));
        self.own = self.own.take().or_else(|| eval.owned(&["eval_id"])).or_else(together).or_else(|| self.run.clone());
        self.at = self.at.or_else(|| eval.time(&["created"]));
        let mut about = About::default();
        if let Some(model) = eval.str("model") {
            about.set_model(model);
        }
        about.agent_name = eval.owned(&["solver"]);
        about.agent_version = eval.path(&["packages", "inspect_ai"]).and_then(Node::as_str).map(str::to_owned);
        about.repository = eval.get("revision").and_then(|r| r.owned(&["origin"]));
        about.git_ref = eval.get("revision").and_then(|r| r.owned(&["commit"]));
        let tags = node.get("tags").into_iter().chain(eval.get("tags")).flat_map(Node::items);
        about.tags.extend(tags.filter_map(Node::as_str).map(str::to_owned));
        about.lineage.eval_run_ids.extend([eval.owned(&["run_id"]), eval.owned(&["eval_id"])].into_iter().flatten());
        let attributes = &mut about.lineage.attributes;
        for key in KEPT {
            attributes.extend(eval.owned(&[key]).map(|value| (key.to_owned(), value)));
        }
        attributes.extend(eval.get("dataset").and_then(|d| d.owned(&["name"])).map(|name| ("dataset".to_owned(), name)));
        for metadata in [eval.get("metadata"), node.get("metadata")].into_iter().flatten() {
            keep(metadata, &mut about.lineage);
        }
        self.about.fill(&about);
        let text = text_of(node, eval);
        if text.len() > self.text.len() {
            self.text = text;
        }
    }
}

/// Keeps the plain values of a metadata object.
pub fn keep(metadata: &Node<'_>, lineage: &mut Lineage) {
    for (key, value) in metadata.fields() {
        let text = value.as_str().map(str::to_owned).or_else(|| (value.as_f64().is_some() || value.as_bool().is_some()).then(|| value.raw.to_owned()));
        let odd = || (consent::name_of(key).is_some() && !value.is_null()).then(|| value.raw.to_owned());
        if let Some(text) = text.or_else(odd) {
            lineage.attribute(key, text);
        }
    }
}

fn text_of(node: &Node<'_>, eval: &Node<'_>) -> String {
    let mut lines = vec![format!("log of {} on {}", eval.str("task").unwrap_or("?"), eval.str("model").unwrap_or("?"))];
    lines.extend(node.owned(&["status"]).map(|status| format!("status: {status}")));
    lines.extend(eval.owned(&["run_id"]).map(|run| format!("run: {run}")));
    let approvers = eval.path(&["config", "approval", "approvers"]).map(Node::items).unwrap_or_default();
    lines.extend(approvers.iter().map(|a| {
        let tools = a.get("tools").map(Node::all_text).unwrap_or_default().replace('\n', " ");
        format!("approver: {} for {tools}", a.str("name").unwrap_or("?"))
    }));
    lines.extend(node.path(&["error", "message"]).and_then(Node::as_str).map(|message| format!("error: {message}")));
    lines.join("\n")
}
