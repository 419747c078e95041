//! The dataset card: `README.md` with the features that loaders need pinned, and what a person must know before training on it.

use super::manifest::{Manifest, ShapeReport};
use crate::export::shapes::{SHAPES, Shape};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Writes the card; it is a pure function of the manifest, so that it can be checked.
#[must_use]
pub fn card(manifest: &Manifest, license: &str) -> String {
    let mut text = front_matter(manifest, license);
    let dataset = &manifest.dataset;
    let _ = write!(
        text,
        "\n# {}, version {}\n\n{} examples, {} of them pairs, of agents that ask, or fail to ask, before they act. People judged each one; `lineage.jsonl` leads from every\nrow to the bytes it was read from and to the decisions it rests on.\n\n",
        dataset.name, dataset.version, manifest.examples, manifest.pairs
    );
    rows(&mut text, manifest);
    loading(&mut text, manifest);
    gates(&mut text, manifest);
    audit(&mut text, manifest);
    origin(&mut text, manifest);
    text.push_str(LIMITS);
    text
}

/// What a shape's features are called in the card's YAML.
fn feature((name, kind): &(&str, &str)) -> String {
    match *kind {
        "json" => format!("{{name: {name}, list: json}}"),
        "object" => format!("{{name: {name}, dtype: json}}"),
        "strings" => format!("{{name: {name}, list: string}}"),
        other => format!("{{name: {name}, dtype: {other}}}"),
    }
}

fn front_matter(manifest: &Manifest, license: &str) -> String {
    let mut files: BTreeMap<&str, Vec<&ShapeReport>> = BTreeMap::new();
    for report in &manifest.shapes {
        files.entry(&report.shape).or_default().push(report);
    }
    let pinned: Vec<(&&Shape, &Vec<&ShapeReport>)> = SHAPES.iter().filter(|s| !s.features.is_empty()).filter_map(|s| Some((s, files.get(s.name)?))).collect();
    let mut text = format!(
        "---\nlicense: {}\ntask_categories: [text-generation, reinforcement-learning]\ntags: [agents, tool-use, approval, preference, safety]\npretty_name: {}\nsize_categories: [{}]\n",
        plain(license),
        plain(&manifest.dataset.name),
        size(manifest.examples)
    );
    if !pinned.is_empty() {
        text.push_str("configs:\n");
        for (shape, reports) in &pinned {
            let parts: Vec<String> = reports.iter().map(|r| format!("{{split: {}, path: {}}}", r.split, r.file)).collect();
            let _ = writeln!(text, "- config_name: {}\n  data_files: [{}]", shape.name, parts.join(", "));
        }
        text.push_str("dataset_info:\n");
        for (shape, _) in &pinned {
            let features: Vec<String> = shape.features.iter().map(feature).collect();
            let _ = writeln!(text, "- config_name: {}\n  features: [{}]", shape.name, features.join(", "));
        }
    }
    text + "---\n"
}

/// Writes a text as a YAML scalar: bare where nothing of it can be misread, else as a JSON string, which YAML takes as it is.
fn plain(text: &str) -> String {
    let bare = text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+'));
    let word = matches!(text.to_ascii_lowercase().as_str(), "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n");
    if bare && !word { text.to_owned() } else { serde_json::to_string(text).unwrap_or_default() }
}

/// The size words that the hub knows.
const fn size(n: usize) -> &'static str {
    match n {
        0..1_000 => "n<1K",
        1_000..10_000 => "1K<n<10K",
        10_000..100_000 => "10K<n<100K",
        100_000..1_000_000 => "100K<n<1M",
        _ => "n>1M",
    }
}

fn rows(text: &mut String, manifest: &Manifest) {
    text.push_str("| file | split | rows | not carried |\n|---|---|--:|---|\n");
    for report in &manifest.shapes {
        let lost: Vec<String> = report.not_carried.iter().map(|(what, n)| format!("{n} {what}")).collect();
        let lost = if lost.is_empty() { "-".to_owned() } else { lost.join(", ") };
        let _ = writeln!(text, "| `{}` | {} | {} | {lost} |", report.file, report.split, report.rows);
    }
}

/// Says how the files are read: by the first shape that a directory loader finds pinned, where there is one.
fn loading(text: &mut String, manifest: &Manifest) {
    text.push_str(READING);
    let pinned = SHAPES.iter().find(|shape| !shape.features.is_empty() && manifest.shapes.iter().any(|report| report.shape == shape.name));
    let _ = match pinned {
        Some(shape) => writeln!(text, "\n    load_dataset(\"path/to/this/folder\", \"{}\")\n    ossia verify path/to/this/folder", shape.name),
        None => writeln!(text, "\n    ossia verify path/to/this/folder"),
    };
}

fn gates(text: &mut String, manifest: &Manifest) {
    text.push_str("\n## Gates\n\n");
    let blocked: Vec<String> = manifest.blocked.iter().map(|(gate, n)| format!("{n} by `{gate}`")).collect();
    let blocked = if blocked.is_empty() { "none".to_owned() } else { blocked.join(", ") };
    let _ = writeln!(text, "Blocked decision points: {blocked}.");
    for over in &manifest.overridden {
        let _ = writeln!(text, "\nThe gate `{}` was overridden by {}: {}", over.gate, over.reviewer, over.reason);
    }
}

fn audit(text: &mut String, manifest: &Manifest) {
    let findings: Vec<String> = manifest.audit.findings.iter().map(|(verdict, n)| format!("{n} `{verdict}`")).collect();
    let findings = if findings.is_empty() { "none".to_owned() } else { findings.join(", ") };
    let rules = manifest.rules_sha256.as_deref().unwrap_or("none");
    let _ =
        writeln!(text, "\n## Redaction\n\nState of the audit: {}. Findings in the trajectories of these rows, by verdict: {findings}.", manifest.audit.state);
    let _ = writeln!(text, "What was to be redacted is replaced by a mark with a pseudonym; `redactions.jsonl` lists every finding without its value.");
    let _ = writeln!(text, "The written bytes were scanned again with the rules {rules}.");
    let _ = match &manifest.audit.certificate {
        Some(sha256) => writeln!(text, "The audit was signed off: `certificate.json` (SHA-256 {sha256}) and `certificate.md`."),
        None => writeln!(text, "There is no certificate: nobody signed the audit off."),
    };
}

fn origin(text: &mut String, manifest: &Manifest) {
    let dataset = &manifest.dataset;
    let splits: Vec<String> = manifest.splits.iter().map(|(split, n)| format!("{n} `{split}`")).collect();
    let _ = writeln!(text, "\n## Where it comes from\n");
    let _ = writeln!(text, "Definition {} (SHA-256), policies of a row {}, seed {}.", dataset.sha256, manifest.policies_sha256, dataset.seed);
    let _ = writeln!(text, "Examples by split: {}.", if splits.is_empty() { "none".to_owned() } else { splits.join(", ") });
    let _ = writeln!(text, "Last decision: {} at {}.", manifest.journal_head.as_deref().unwrap_or("none"), manifest.date.as_deref().unwrap_or("no time"));
    let _ = writeln!(
        text,
        "Reward `{}` (formula SHA-256 {}), in `rules.json`. Agreement of the reviewers: `agreement.json`.",
        manifest.reward.name, manifest.reward.sha256
    );
    let _ = writeln!(text, "Written by {} {}.", manifest.tool.name, manifest.tool.version);
    if let Some(since) = &manifest.since {
        let _ = writeln!(
            text,
            "It continues the bundle whose `SHA256SUMS` has the SHA-256 {}: {} rows that stand there unchanged were left out.",
            since.sha256sums, since.rows_left_out
        );
    }
}

const READING: &str = "
`mask` counts earlier assistant turns of a prompt that the shape cannot mark as not to be learned. Train on the last message alone: tinker-cookbook with
`train_on_what=last_assistant_message` (or rows written with `--mask` and `train_on_what=customized`), TRL with `hf-prompt-completion`.
`calls_folded` are calls written into text, `tool_schemas` tools of which no schema was recorded (they accept any object), `rows_refused` examples that have no
row in the shape, `propensity` decisions whose probability nobody recorded: `decisions` allows direct-method estimates only, no importance weighting.
";

const LIMITS: &str = "
## What this does not say

Patterns do not see names, customer context or faces; a clean scan is no proof. Pseudonyms are not anonymity: whoever holds the key can link them. The signature
proves who exported this, not that the data are right.
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_yaml_could_misread_is_quoted() {
        assert_eq!(["apache-2.0", "other", "no", "x: y", "a\nb: c"].map(plain), ["apache-2.0", "other", "\"no\"", "\"x: y\"", "\"a\\nb: c\""]);
    }

    #[test]
    fn a_column_is_pinned_as_what_it_is() {
        let pinned = [("messages", "json"), ("comparison", "object"), ("must_read", "strings"), ("tools", "string")].map(|column| feature(&column));
        assert_eq!(
            pinned,
            ["{name: messages, list: json}", "{name: comparison, dtype: json}", "{name: must_read, list: string}", "{name: tools, dtype: string}"]
        );
    }
}
