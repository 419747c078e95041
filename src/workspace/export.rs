//! Exporting from a workspace: the trajectories of a query, what was said of them, and the bundle they become.

use super::{Error, Result, Workspace};
use crate::export::{self, Blocked, Definition, ExportReport, Input, Judgements, Whole};
use crate::query::{self, Evaluator, Query};
use std::path::Path;

impl Workspace {
    /// Exports a dataset into a folder, or with `out` absent tells what would be in it.
    pub fn export(&self, definition: &Definition, out: Option<&Path>, strict: bool) -> Result<ExportReport> {
        let input = self.export_input(definition)?;
        Ok(export::export(input, out, strict)?)
    }

    /// Gathers examples and blocked points of a definition.
    fn export_input(&self, definition: &Definition) -> Result<Input> {
        self.catch_up()?;
        let query = query::parse(&definition.query)?;
        let evaluator = Evaluator::new(&query);
        let mut input =
            Input { definition: definition.clone(), wholes: Vec::new(), examples: Vec::new(), blocked: Vec::new(), journal_head: None, rules_sha256: None };
        let mut numbers = self.matching(&query)?;
        numbers.sort_unstable();
        for number in numbers {
            let Some(trajectory) = self.load(number)? else { continue };
            let wanted = |turn: &export::Message| {
                query == Query::All || turn.steps.iter().filter_map(|id| trajectory.step(id)).any(|step| super::view::matches(&evaluator, &trajectory, step))
            };
            let selected = export::select(&trajectory, &Judgements::default(), definition, input.wholes.len(), &wanted);
            input.blocked.extend(selected.blocked);
            input.examples.extend(selected.examples);
            input.wholes.push(Whole::of(&trajectory, &|_, value| value.to_owned()));
        }
        self.gate_audit(&mut input);
        Ok(input)
    }

    /// Nothing leaves unaudited: without an audit every example is blocked, unless a reviewer overrode that.
    #[allow(clippy::unused_self)]
    fn gate_audit(&self, input: &mut Input) {
        if input.definition.overridden("audit").is_some() {
            return;
        }
        let reason = "its spans were not audited at the current rules";
        let block = |example: &export::Example| Blocked { example: example.name(), gate: "audit", reason: reason.to_owned() };
        input.blocked.extend(input.examples.iter().map(block));
        input.examples.clear();
    }
}

impl From<export::ExportError> for Error {
    fn from(error: export::ExportError) -> Self {
        Self::Export(Box::new(error))
    }
}
