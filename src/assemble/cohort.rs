//! The cohort, the model candidate and the feature flags, read from the attributes and tags that carry them.

use super::Share;
use crate::model::{About, Candidate, Cohort, CohortOrigin, Issue};

/// Attributes that begin so name a feature flag.
const FLAGS: [&str; 4] = ["feature_flag_", "feature_flag.", "flag_", "flag."];

/// A value and the carrier that states it, by its name among the origins.
struct Carried {
    value: String,
    carrier: String,
}

/// Reads the cohort: from correlation attributes; tags (`cohort:x`, `arm:x`, `exp:x`, or a bare arm name) fill only what
/// those leave open, and a tag that says otherwise is an issue.
pub fn cohort(about: &mut About, shares: &[Share], issues: &mut Vec<Issue>) -> Option<Cohort> {
    let (arm, experiment) = (attribute(about, &["arm", "cohort"]), attribute(about, &["experiment"]));
    let (tagged_arm, tagged_experiment) = (tag(about, &["arm", "cohort"]).or_else(|| bare(about)), tag(about, &["experiment", "exp"]));
    let stated = arm.is_some() || experiment.is_some();
    for (what, said, tagged) in [("arm", &arm, &tagged_arm), ("experiment", &experiment, &tagged_experiment)] {
        if let (Some(said), Some(tagged)) = (said, tagged)
            && said.value != tagged.value
        {
            issues.push(differing(what, &said.value, &tagged.value, shares));
        }
    }
    let arm = keep(about, "cohort/arm", arm.or(tagged_arm));
    let experiment = keep(about, "cohort/experiment", experiment.or(tagged_experiment));
    let origin = if stated { CohortOrigin::Attributes } else { CohortOrigin::Tags };
    (arm.is_some() || experiment.is_some()).then_some(Cohort { experiment, arm, origin })
}

/// Gives the value, and notes its carrier's origin under the name of what it became.
fn keep(about: &mut About, name: &str, found: Option<Carried>) -> Option<String> {
    let Carried { value, carrier } = found?;
    if let Some(origin) = about.lineage.origins.get(&carrier).cloned() {
        about.lineage.origins.insert(name.to_owned(), origin);
    }
    Some(value)
}

fn attribute(about: &About, keys: &[&str]) -> Option<Carried> {
    keys.iter().find_map(|key| Some(Carried { value: about.lineage.attributes.get(*key)?.clone(), carrier: format!("attributes/{key}") }))
}

fn tag(about: &About, keys: &[&str]) -> Option<Carried> {
    let of = |key: &str, tag: &String| {
        let value = tag.split_once(':').filter(|(name, _)| *name == key)?.1;
        Some(Carried { value: value.to_owned(), carrier: format!("tags/{tag}") })
    };
    keys.iter().find_map(|key| about.tags.iter().find_map(|tag| of(key, tag)))
}

fn bare(about: &About) -> Option<Carried> {
    let found = about.tags.iter().find(|tag| matches!(tag.as_str(), "control" | "candidate"))?;
    Some(Carried { value: found.clone(), carrier: format!("tags/{found}") })
}

fn differing(what: &str, said: &str, tagged: &str, shares: &[Share]) -> Issue {
    let holder = |holds: &dyn Fn(&About) -> bool| shares.iter().find(|s| holds(&s.portion.about));
    let by_tag = holder(&|about| about.tags.iter().any(|tag| tag == tagged || tag.ends_with(&format!(":{tagged}"))));
    let by_attribute = holder(&|about| about.lineage.attributes.values().any(|value| value == said));
    let place = by_attribute.map_or(String::new(), |s| format!(" of source {}", super::disagreements::short(&s.sha256)));
    let message = format!("the {what} is {tagged} by a tag, and {said} by the attributes{place}, which count");
    Issue { source: by_tag.map(|s| s.sha256.clone()), line: None, kind: "contradiction", message }
}

/// Reads the trained candidate that ran, from attributes of its names, with or without `candidate_` before them.
pub fn candidate(about: &mut About) -> Option<Candidate> {
    let marked = |about: &About, key: &str| attribute(about, &[&format!("candidate_{key}"), &format!("candidate.{key}")]);
    let mut read = |key: &str, others: &[&str], tags: &[&str]| {
        let found = marked(about, key).or_else(|| attribute(about, others)).or_else(|| tag(about, tags));
        keep(about, &format!("candidate/{key}"), found)
    };
    let found = Candidate {
        base_model: read("base_model", &["base_model"], &["base_model"]),
        adapter: read("adapter", &["adapter"], &["adapter"]),
        checkpoint: read("checkpoint", &["checkpoint"], &["checkpoint"]),
        run_id: read("run_id", &["training_run_id"], &[]),
        training_bundle_sha256: read("training_bundle_sha256", &["training_bundle_sha256"], &[]),
    };
    (found != Candidate::default()).then_some(found)
}

/// Reads the feature flags among the attributes.
pub fn flags(about: &mut About) {
    let lineage = &mut about.lineage;
    for (key, value) in &lineage.attributes {
        if let Some(flag) = FLAGS.iter().find_map(|prefix| key.strip_prefix(prefix)).filter(|flag| !flag.is_empty()) {
            let value = serde_json::from_str(value).ok().filter(serde_json::Value::is_boolean).unwrap_or_else(|| value.as_str().into());
            lineage.feature_flags.entry(flag.to_owned()).or_insert(value);
            if let Some(origin) = lineage.origins.get(&format!("attributes/{key}")).cloned() {
                lineage.origins.entry(format!("feature_flags/{flag}")).or_insert(origin);
            }
        }
    }
}
