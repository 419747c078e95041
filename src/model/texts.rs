//! Every text of a trajectory that a person may read, in one place, for whoever must change them all.

use super::execution::Execution;
use super::step::Step;
use super::trajectory::Trajectory;
use serde_json::Value;

/// Gives the new form of a text, or `None` where it stays.
pub type Rewrite<'r> = dyn FnMut(&str) -> Option<String> + 'r;

impl Trajectory {
    /// Rewrites every text; ids, times, names of models and hashes stay as they are.
    pub fn rewrite_texts(&mut self, rewrite: &mut Rewrite<'_>) {
        self.rewrite_about(rewrite);
        self.steps.iter_mut().for_each(|step| of_step(step, rewrite));
        self.executions.iter_mut().for_each(|execution| of_execution(execution, rewrite));
        for issue in &mut self.issues {
            string(&mut issue.message, rewrite);
        }
        for finding in &mut self.findings {
            string(&mut finding.message, rewrite);
            finding.evidence.iter_mut().for_each(|evidence| string(&mut evidence.text, rewrite));
        }
    }

    /// Rewrites the texts of one step and of its call.
    pub fn rewrite_texts_of(&mut self, step: &str, rewrite: &mut Rewrite<'_>) {
        let mut execution = None;
        for step in self.steps.iter_mut().filter(|known| known.id == step) {
            of_step(step, rewrite);
            execution.clone_from(&step.execution);
        }
        self.executions.iter_mut().filter(|known| Some(&known.id) == execution.as_ref()).for_each(|execution| of_execution(execution, rewrite));
    }

    /// Rewrites what stands in no step.
    fn rewrite_about(&mut self, rewrite: &mut Rewrite<'_>) {
        for text in [&mut self.system_prompt, &mut self.title, &mut self.cwd, &mut self.repository, &mut self.git_ref] {
            maybe(text, rewrite);
        }
        for tool in &mut self.tools {
            boxed(tool, rewrite);
        }
        for text in self.lineage.attributes.values_mut() {
            string(text, rewrite);
        }
        for words in self.lineage.consent.values_mut() {
            *words = std::mem::take(words).into_iter().map(|word| rewrite(&word).unwrap_or(word)).collect();
        }
        let lineage = &mut self.lineage;
        let maps = lineage.skills.iter_mut().chain([&mut lineage.prompt, &mut lineage.feature_flags]);
        maps.flat_map(|map| map.values_mut()).for_each(|item| value(item, rewrite));
    }
}

fn of_step(step: &mut Step, rewrite: &mut Rewrite<'_>) {
    string(&mut step.text, rewrite);
    step.parts.iter_mut().for_each(|part| string(&mut part.name, rewrite));
}

fn of_execution(e: &mut Execution, rewrite: &mut Rewrite<'_>) {
    for text in [&mut e.command, &mut e.error, &mut e.context.cwd, &mut e.context.repository] {
        maybe(text, rewrite);
    }
    e.args.iter_mut().for_each(|args| boxed(args, rewrite));
    e.effects.iter_mut().for_each(|effect| string(&mut effect.target, rewrite));
    e.said.iter_mut().flat_map(|said| &mut said.args).for_each(|args| boxed(args, rewrite));
    for wait in &mut e.waits {
        for text in [&mut wait.reason, &mut wait.shown_text, &mut wait.decision_reason] {
            maybe(text, rewrite);
        }
        wait.args_asked.iter_mut().for_each(|args| boxed(args, rewrite));
    }
}

fn string(text: &mut String, rewrite: &mut Rewrite<'_>) {
    if let Some(new) = rewrite(text) {
        *text = new;
    }
}

fn maybe(text: &mut Option<String>, rewrite: &mut Rewrite<'_>) {
    text.iter_mut().for_each(|text| string(text, rewrite));
}

fn boxed(text: &mut Box<str>, rewrite: &mut Rewrite<'_>) {
    if let Some(new) = rewrite(text) {
        *text = new.into();
    }
}

fn value(item: &mut Value, rewrite: &mut Rewrite<'_>) {
    match item {
        Value::String(text) => string(text, rewrite),
        Value::Array(items) => items.iter_mut().for_each(|item| value(item, rewrite)),
        Value::Object(fields) => fields.values_mut().for_each(|item| value(item, rewrite)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
