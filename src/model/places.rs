//! Where the steps and executions of a trajectory stand in their lists, by what names them: counted out once, when the first is asked for.
//!
//! Kept are hashes alone; whoever looks something up compares the name itself, and looks through the list where it is another one.

use super::execution::Execution;
use super::step::Step;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::fmt;
use std::hash::BuildHasher;
use std::sync::OnceLock;

/// The places. A copy has none yet, as it may be changed; equality and printing take no notice of them.
#[derive(Default)]
pub struct Places(OnceLock<Counted>);

struct Counted {
    steps: FxHashMap<u64, usize>,
    executions: FxHashMap<u64, usize>,
    of: (usize, usize),
}

impl Clone for Places {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Places {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Places")
    }
}

fn hash(name: &str) -> u64 {
    FxBuildHasher.hash_one(name)
}

/// Puts a place in; what came first stays.
fn put(places: &mut FxHashMap<u64, usize>, name: &str, at: usize) {
    places.entry(hash(name)).or_insert(at);
}

impl Places {
    /// Finds a step by its id or any of its aliases, the id of any step before the alias of another.
    pub fn step<'s>(&self, id: &str, steps: &'s [Step], executions: &[Execution]) -> Option<&'s Step> {
        let named = |step: &Step| step.id == id || step.aliases.iter().any(|alias| alias == id);
        match self.of(steps, executions).map(|counted| counted.steps.get(&hash(id)).and_then(|at| steps.get(*at))) {
            Some(None) => None,
            Some(Some(step)) if named(step) => Some(step),
            _ => steps.iter().find(|step| step.id == id).or_else(|| steps.iter().find(|step| named(step))),
        }
    }

    /// Finds an execution by its id, call id, approval request or tool execution id, the id of any before the others.
    pub fn execution<'e>(&self, id: &str, steps: &[Step], executions: &'e [Execution]) -> Option<&'e Execution> {
        let named = |execution: &Execution| names(execution).any(|name| name == id);
        match self.of(steps, executions).map(|counted| counted.executions.get(&hash(id)).and_then(|at| executions.get(*at))) {
            Some(None) => None,
            Some(Some(execution)) if named(execution) => Some(execution),
            _ => executions.iter().find(|e| e.id == id).or_else(|| executions.iter().find(|e| named(e))),
        }
    }

    /// Gives what was counted out, unless the lists are not those of then.
    fn of(&self, steps: &[Step], executions: &[Execution]) -> Option<&Counted> {
        let counted = self.0.get_or_init(|| {
            let mut counted = Counted { steps: FxHashMap::default(), executions: FxHashMap::default(), of: (steps.len(), executions.len()) };
            for (at, step) in steps.iter().enumerate() {
                put(&mut counted.steps, &step.id, at);
            }
            for (at, step) in steps.iter().enumerate() {
                step.aliases.iter().for_each(|alias| put(&mut counted.steps, alias, at));
            }
            for (at, execution) in executions.iter().enumerate() {
                put(&mut counted.executions, &execution.id, at);
            }
            for (at, execution) in executions.iter().enumerate() {
                names(execution).for_each(|name| put(&mut counted.executions, name, at));
            }
            counted
        });
        (counted.of == (steps.len(), executions.len())).then_some(counted)
    }
}

/// Gives everything that names an execution.
fn names(execution: &Execution) -> impl Iterator<Item = &String> {
    [Some(&execution.id), execution.call_id.as_ref(), execution.approval_request_id.as_ref(), execution.tool_execution_id.as_ref()].into_iter().flatten()
}
