//! What is said of the trajectory as a whole: title, model, times, cohort, lineage, usage.

use super::Share;
use super::cohort;
use super::origins;
use super::sightings::Sightings;
use crate::model::fact::Body;
use crate::model::{About, Actor, GovernanceMode, Issue, Join, Kind, Places, SourceRef, Trajectory, Usage, ids};
use rustc_hash::FxHashSet;

const TITLE_CHARS: usize = 80;

/// Begins the trajectory with what the sources state of it; gives also whether policy bound the whole of it.
pub fn begin(id: &str, shares: &[Share], sources: Vec<SourceRef>) -> (Trajectory, Option<GovernanceMode>) {
    let mut about = About::default();
    for share in shares {
        about.fill(&share.portion.about);
    }
    let inferred = shares.iter().filter(|s| s.join == Join::InnerId).map(|s| {
        let message = format!("{} names no session; it is joined because ids inside it stand in this trajectory alone", s.path);
        Issue { source: Some(s.sha256.clone()), line: None, kind: "inferred_join", message }
    });
    let mut issues: Vec<Issue> = inferred.collect();
    about.lineage.origins = origins::noted(shares);
    let cohort = cohort::cohort(&mut about, shares, &mut issues);
    if about.lineage.candidate.is_none() {
        about.lineage.candidate = cohort::candidate(&mut about);
    }
    cohort::flags(&mut about);
    let agent = id.split_once(':').map_or("generic", |(agent, _)| agent);
    about.lineage.session_id.get_or_insert_with(|| ids::session_of(id));
    let trajectory = Trajectory {
        id: id.to_owned(),
        agent: agent.to_owned(),
        agent_name: about.agent_name,
        agent_version: about.agent_version,
        title: about.title,
        model: about.model,
        provider: about.provider,
        cwd: about.cwd,
        repository: about.repository,
        git_ref: about.git_ref,
        started_at: about.started_at,
        ended_at: about.ended_at,
        system_prompt: about.system_prompt,
        tools: about.tools,
        cohort,
        lineage: about.lineage,
        usage: Usage::default(),
        steps: Vec::new(),
        executions: Vec::new(),
        branches: Vec::new(),
        sources,
        issues,
        findings: Vec::new(),
        places: Places::default(),
    };
    (trajectory, about.mode)
}

/// Fills in what follows from steps and executions.
pub fn finish(trajectory: &mut Trajectory, sightings: &Sightings, mode: Option<GovernanceMode>) {
    let first_prompt = trajectory.steps.iter().find(|s| s.actor == Actor::User && s.kind == Kind::Message && !s.text.trim().is_empty());
    if trajectory.title.is_none() {
        trajectory.title = first_prompt.and_then(|s| s.text.lines().find(|l| !l.trim().is_empty())).map(|line| line.trim().chars().take(TITLE_CHARS).collect());
    }
    let times = || trajectory.steps.iter().filter_map(|s| s.at);
    let (first, last) = (times().min(), times().max());
    trajectory.started_at = trajectory.started_at.into_iter().chain(first).min();
    trajectory.ended_at = trajectory.ended_at.into_iter().chain(last).max();
    trajectory.usage = usage(sightings);
    let lineage = &mut trajectory.lineage;
    // A local approval is asked under the id of its call; that is no approval's own id.
    let calls: FxHashSet<&String> = trajectory.executions.iter().filter_map(|e| e.call_id.as_ref()).collect();
    lineage.approval_request_ids.retain(|id| !calls.contains(id));
    for e in &mut trajectory.executions {
        if let (GovernanceMode::Unknown, Some(mode)) = (e.governance.mode, mode) {
            e.governance.mode = mode;
        }
        lineage.tool_execution_ids.extend(e.tool_execution_id.clone());
        lineage.approval_request_ids.extend(e.approval_request_id.clone());
        for (to, from) in [
            (&mut e.context.organization_id, &lineage.organization_id),
            (&mut e.context.workspace_id, &lineage.workspace_id),
            (&mut e.context.agent_run_id, &lineage.agent_run_id),
        ] {
            if to.is_none() {
                to.clone_from(from);
            }
        }
        for (to, from) in [(&mut e.context.cwd, &trajectory.cwd), (&mut e.context.repository, &trajectory.repository)] {
            if to.is_none() {
                to.clone_from(from);
            }
        }
    }
    for sighting in &sightings.list {
        if let Body::Eval(eval) = &sighting.fact.body {
            lineage.eval_run_ids.extend(eval.eval_run_id.clone());
            if lineage.scenario_id.is_none() {
                lineage.scenario_id.clone_from(&eval.scenario_id);
            }
        }
    }
    origins::complete(lineage, sightings);
}

/// Adds up the usage of the first source that records any: streams repeat each other's numbers.
fn usage(sightings: &Sightings) -> Usage {
    let mut total = Usage::default();
    let mut source = None;
    for sighting in &sightings.list {
        let stated = match &sighting.fact.body {
            Body::Usage(usage) => Some(usage),
            _ => sighting.fact.usage.as_deref(),
        };
        if let Some(usage) = stated.filter(|u| !u.is_empty())
            && *source.get_or_insert(sighting.source) == sighting.source
        {
            total.add(usage);
        }
    }
    total
}
