//! `ossia show --raw`: the exact bytes of records, after the journal says which values they show and to whom.

use super::ask::Place;
use super::fail::Fail;
use super::output::Output;
use crate::model::{Execution, Span, Step, Trajectory};
use crate::workspace::{Disclosure, Workspace};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Prints the record of one origin of a step, counted from 1.
pub fn step(workspace: &Workspace, trajectory: &Trajectory, step: &Step, origin: usize, place: &Place, out: &Output) -> Result<u8, Fail> {
    let bytes = workspace.raw_of_step(trajectory, step, origin)?;
    let mut disclosure = workspace.disclosure(&trajectory.id)?;
    if let Some(from) = step.origins.get(origin.saturating_sub(1)) {
        tell(workspace, &mut disclosure, (&from.source, from.member.as_deref(), from.start_byte), &bytes, place)?;
    }
    print(bytes, out)?;
    Ok(0)
}

/// Prints every record of a trajectory, or of an execution, once: source by source, in order.
pub fn records(workspace: &Workspace, trajectory: &Trajectory, execution: Option<&Execution>, place: &Place, out: &Output) -> Result<u8, Fail> {
    let wanted = |step: &&Step| execution.is_none_or(|e| e.steps.contains(&step.id));
    let mut disclosure = workspace.disclosure(&trajectory.id)?;
    for source in &trajectory.sources {
        let mut spans: BTreeSet<Span> = BTreeSet::new();
        for origin in trajectory.steps.iter().filter(wanted).flat_map(|s| &s.origins).filter(|o| o.source == source.sha256) {
            spans.insert(Span { member: origin.member.clone(), line: origin.line, start: origin.start_byte, end: origin.end_byte });
        }
        let mut last_end: Option<(Option<Arc<str>>, u64)> = None;
        for span in spans {
            // An element of a document stands inside the document's own record, which was printed.
            if last_end.as_ref().is_some_and(|(member, end)| *member == span.member && span.end <= *end) {
                continue;
            }
            let bytes = workspace.raw(&source.sha256, span.member.as_deref(), span.start, span.end)?;
            tell(workspace, &mut disclosure, (&source.sha256, span.member.as_deref(), span.start), &bytes, place)?;
            print(bytes, out)?;
            last_end = Some((span.member, span.end));
        }
    }
    Ok(0)
}

/// Writes down what the bytes at a place show, before they are printed.
fn tell(workspace: &Workspace, disclosure: &mut Disclosure, at: (&str, Option<&str>, u64), bytes: &[u8], place: &Place) -> Result<(), Fail> {
    let (source, member, start) = at;
    let values = disclosure.values(source, member, start, bytes);
    if !values.is_empty() {
        workspace.record_reveals(&place.reviewer()?, &values)?;
    }
    Ok(())
}

fn print(mut bytes: Vec<u8>, out: &Output) -> Result<(), Fail> {
    bytes.push(b'\n');
    out.bytes(&bytes)
}
