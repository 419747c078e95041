//! The cohort, the model candidate and the feature flags, read from the attributes and tags that carry them.

use super::Share;
use crate::model::{About, Candidate, Cohort, CohortOrigin, Issue};

/// Attributes that begin so name a feature flag.
const FLAGS: [&str; 4] = ["feature_flag_", "feature_flag.", "flag_", "flag."];

/// Reads the cohort: from correlation attributes; tags (`cohort:x`, `arm:x`, `exp:x`, or a bare arm name) fill only what
/// those leave open, and a tag that says otherwise is an issue.
pub fn cohort(about: &About, shares: &[Share], issues: &mut Vec<Issue>) -> Option<Cohort> {
    let attribute = |keys: &[&str]| keys.iter().find_map(|key| about.lineage.attributes.get(*key)).cloned();
    let (arm, experiment) = (attribute(&["arm", "cohort"]), attribute(&["experiment"]));
    let (tagged_arm, tagged_experiment) = (tag(about, &["arm", "cohort"]).or_else(|| bare(about)), tag(about, &["experiment", "exp"]));
    let stated = arm.is_some() || experiment.is_some();
    for (what, said, tagged) in [("arm", &arm, &tagged_arm), ("experiment", &experiment, &tagged_experiment)] {
        if let (Some(said), Some(tagged)) = (said, tagged)
            && said != tagged
        {
            issues.push(differing(what, said, tagged, shares));
        }
    }
    let (arm, experiment) = (arm.or(tagged_arm), experiment.or(tagged_experiment));
    let origin = if stated { CohortOrigin::Attributes } else { CohortOrigin::Tags };
    (arm.is_some() || experiment.is_some()).then_some(Cohort { experiment, arm, origin })
}

fn tag(about: &About, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| about.tags.iter().find_map(|tag| tag.split_once(':').filter(|(name, _)| name == key).map(|(_, value)| value.to_owned())))
}

fn bare(about: &About) -> Option<String> {
    about.tags.iter().find(|tag| matches!(tag.as_str(), "control" | "candidate")).cloned()
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
pub fn candidate(about: &About) -> Option<Candidate> {
    let attributes = &about.lineage.attributes;
    let marked = |key: &str| ["candidate_", "candidate."].iter().find_map(|prefix| attributes.get(&format!("{prefix}{key}"))).cloned();
    let read = |key: &str| marked(key).or_else(|| attributes.get(key).cloned());
    let tagged = |key: &str| tag(about, &[key]);
    let found = Candidate {
        base_model: read("base_model").or_else(|| tagged("base_model")),
        adapter: read("adapter").or_else(|| tagged("adapter")),
        checkpoint: read("checkpoint").or_else(|| tagged("checkpoint")),
        run_id: marked("run_id").or_else(|| attributes.get("training_run_id").cloned()),
        training_bundle_sha256: read("training_bundle_sha256"),
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
        }
    }
}
