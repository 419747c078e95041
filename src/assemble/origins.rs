//! Where the lineage comes from: the record that states each field, whichever source was heard.

use super::Share;
use super::sightings::Sightings;
use super::ties::link_of;
use crate::model::fact::Body;
use crate::model::{Lineage, Origin, SessionName};
use std::collections::BTreeMap;

/// Gathers the origins that the sources note, the first to speak first; also those of tags, by `tags/TAG`.
pub fn noted(shares: &[Share]) -> BTreeMap<String, Origin> {
    let mut origins = BTreeMap::new();
    for share in shares {
        for (name, span) in &share.portion.about.origins {
            origins.entry(name.clone()).or_insert_with(|| Origin::new(&share.sha256, span));
        }
    }
    // Most formats name the session by the very records that are its own.
    if !origins.contains_key("session_id")
        && let Some((share, span)) = shares.iter().filter(|s| matches!(s.portion.session, SessionName::Stated(_))).find_map(first_place)
    {
        origins.insert("session_id".to_owned(), Origin::new(&share.sha256, span));
    }
    origins
}

fn first_place(share: &Share) -> Option<(&Share, &crate::model::Span)> {
    Some((share, share.portion.facts.iter().find_map(|fact| fact.spans.first())?))
}

/// Adds the origins of ids that calls, waits and scores state, and drops those of what the lineage does not hold.
pub fn complete(lineage: &mut Lineage, sightings: &Sightings) {
    let mut origins = std::mem::take(&mut lineage.origins);
    for sighting in &sightings.list {
        let Some(span) = sighting.span() else { continue };
        let mut add = |field: &str, id: Option<&String>| {
            if let Some(id) = id {
                origins.entry(format!("{field}/{id}")).or_insert_with(|| Origin::new(&sighting.sha256, span));
            }
        };
        if let Some(link) = link_of(&sighting.fact.body) {
            add("tool_execution_ids", link.tool_execution_id.as_ref());
            add("approval_request_ids", link.approval_request_id.as_ref());
            add("approval_request_ids", link.request_id.as_ref());
        }
        if let Body::Eval(eval) = &sighting.fact.body {
            add("eval_run_ids", eval.eval_run_id.as_ref());
            if eval.scenario_id.is_some() {
                origins.entry("scenario_id".to_owned()).or_insert_with(|| Origin::new(&sighting.sha256, span));
            }
        }
    }
    // The cohort and the candidate have no field of their own in any record: theirs are the carriers' origins.
    let stated: std::collections::BTreeSet<String> = lineage.stated().into_iter().collect();
    origins.retain(|name, _| stated.contains(name) || name.starts_with("cohort/") || name.starts_with("candidate/"));
    lineage.origins = origins;
}
