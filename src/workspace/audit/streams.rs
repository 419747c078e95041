//! Claims between the streams of one session: hashes in marks, lists of what was redacted, held against every other record of the call.

use super::claims::{Checker, Seen, is_original};
use super::documents::hidden;
use super::finding::AuditFinding;
use super::scan::Claims;
use crate::model::ids::hex;
use crate::redaction::Tier;
use sha2::{Digest, Sha256};

/// What a label of a list says was redacted, and the keys under which it must then not stand.
const LABELS: &[(&[&str], &[&str])] = &[
    (&["raw_command", "command"], &["command", "cmd", "raw_command", "script"]),
    (&["stdout", "stderr", "output", "raw_output", "raw tool outputs"], &["stdout", "stderr", "output", "raw_output", "result"]),
    (&["arguments", "raw_arguments", "args", "raw tool arguments"], &["arguments", "args", "command", "input"]),
    (&["raw prompts", "prompt"], &["prompt", "systemPrompt", "system_prompt"]),
    (&["full file diffs", "diff"], &["diff", "patch"]),
];

impl Checker<'_> {
    /// Hashes in marks: a value in clear that fits is a leak; the unredacted twin must fit.
    pub fn hashes(&mut self, seen: &[Seen]) {
        let values: Vec<AuditFinding> = self.scanned.findings.iter().filter(|f| f.is_value()).cloned().collect();
        let mut marks: Vec<(&str, &str)> =
            seen.iter().filter(|f| !is_original(f)).flat_map(|f| &f.markers).filter_map(|m| Some((m.hash.as_deref()?, m.text.as_str()))).collect();
        marks.sort_unstable();
        marks.dedup();
        let places = self.places(seen);
        for value in &values {
            let Some(text) = self.values.get(&value.fingerprint).map(|v| v.text.as_str()) else { continue };
            let digest = hex(&Sha256::digest(text.as_bytes()));
            let Some((_, mark)) = marks.iter().find(|(hash, _)| digest.starts_with(hash)) else { continue };
            if places.get(&(value.source.clone(), value.leaf_start)).is_some_and(|field| is_original(field)) {
                continue;
            }
            let format = self.t.sources.iter().find(|s| *s.sha256 == *value.source).map_or("", |s| s.format);
            self.add_at("leak", value, format!("the value behind {mark} stands here in clear ({format}): its SHA-256 begins with the mark's hash"));
        }
        for field in seen.iter().filter(|f| !is_original(f)) {
            for marker in &field.markers {
                let Some(hash) = &marker.hash else { continue };
                let Some(value) = self.twin(field, &marker.range, seen) else { continue };
                let fits = |text: &str| hex(&Sha256::digest(text.as_bytes())).starts_with(hash.as_str());
                if !fits(&value) && !value.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ':')).any(fits) {
                    let message = format!("{} does not carry the hash of what it hides", marker.text);
                    self.add("hash_mismatch", Tier::Claim, "hash", field, marker.range.clone(), message);
                }
            }
        }
    }

    /// Finds what a mark hides in the twin of its field: the document's original, or the same step in another stream.
    fn twin(&self, field: &Seen, range: &std::ops::Range<usize>, seen: &[Seen]) -> Option<String> {
        let original = field.whole.replacen("/events", "/originals", 1);
        if original != field.whole
            && let Some(twin) = seen.iter().find(|f| f.record == field.record && f.whole == original)
        {
            return hidden(&field.text, range, &twin.text).map(str::to_owned);
        }
        let step = |f: &Seen| self.records.get(f.record).and_then(|r| r.step(self.t, f.leaf.start, &f.text)).map(|s| s.id.as_str());
        // A text that is nothing but the mark fits any twin.
        if range.len() == field.text.len() || field.key == "details" {
            return None;
        }
        let own = step(field);
        let twins = seen.iter().filter(|f| f.record != field.record && f.markers.is_empty() && f.text.len() > 8 && f.text.len() < field.text.len() + 400);
        twins.filter(|f| step(f) == own && !f.text.trim_start().starts_with('{')).find_map(|f| hidden(&field.text, range, &f.text)).map(str::to_owned)
    }

    /// Lists of redacted parts (`redactions`, `omitted`, the bridge's metadata) held against the other records of the same call.
    pub fn lists(&mut self, seen: &[Seen]) {
        for claim in seen {
            let list = claim.key == "redactions";
            let omitted = claim.whole.contains("/redaction/omitted/");
            match claim.key.as_str() {
                "maestro_redacted_arguments" if claim.text == "true" => self.held_against(claim, "arguments", seen, false),
                "maestro_local_output_redactions" if claim.text != "none" => self.output_summary(claim, seen),
                _ if list || omitted => self.held_against(claim, &claim.text, seen, omitted),
                _ => {}
            }
        }
    }

    /// Looks for what a label says is gone, in the same record or in the records of the same call.
    fn held_against(&mut self, claim: &Seen, label: &str, seen: &[Seen], same_record: bool) {
        let Some(record) = self.records.get(claim.record) else { return };
        let step = record.step(self.t, claim.leaf.start, &claim.text);
        let execution = step.and_then(|s| s.execution.as_deref());
        if label == "secret_like_token" {
            return self.tokens_of(claim, execution);
        }
        let Some((_, keys)) = LABELS.iter().find(|(labels, _)| labels.contains(&label)) else {
            self.lists.unverifiable += 1;
            return;
        };
        let under = |field: &Seen| {
            keys.contains(&field.key.as_str()) || field.pointer.split('/').any(|token| keys.contains(&token) && matches!(token, "args" | "arguments" | "input"))
        };
        let mut shown: Vec<(usize, String)> = Vec::new();
        for (number, field) in seen.iter().enumerate().filter(|(_, f)| under(f) && f.markers.is_empty() && f.text.len() > 1 && !f.whole.contains("/redaction"))
        {
            let same = if same_record {
                field.record == claim.record
            } else {
                let of = self.execution_of(field);
                of.is_some() && of == execution
            };
            // A line of words about the command is not the command.
            if same && field.key != "command_summary" {
                shown.push((number, format!("`{label}` is claimed to be redacted at {}, and this record of the same call shows it", claim.pointer)));
            }
        }
        let others = seen.iter().any(|field| field.record != claim.record && execution.is_some() && self.execution_of(field) == execution);
        match (shown.is_empty(), others || same_record) {
            (false, _) => self.lists.broken += 1,
            (true, true) => self.lists.holds += 1,
            (true, false) => self.lists.unverifiable += 1,
        }
        for (number, message) in shown {
            if let Some(field) = seen.get(number) {
                self.add("claimed_not_redacted", Tier::Claim, "list", field, 0..field.text.len(), message);
            }
        }
    }

    fn execution_of(&self, field: &Seen) -> Option<&str> {
        self.records.get(field.record)?.step(self.t, field.leaf.start, &field.text)?.execution.as_deref()
    }

    /// Counts the claims: marks by what is known of their values, lists by what the records of their calls show.
    pub fn counts(&self, seen: &[Seen]) -> Claims {
        let mut counts = self.lists;
        let clear: Vec<String> = self.values.values().map(|value| hex(&Sha256::digest(value.text.as_bytes()))).collect();
        for field in seen.iter().filter(|f| !is_original(f)) {
            for marker in &field.markers {
                let Some(hash) = &marker.hash else {
                    counts.unverifiable += 1;
                    continue;
                };
                let wrong = self.found.iter().any(|f| f.kind == "hash_mismatch" && f.field == field.pointer);
                if wrong || clear.iter().any(|digest| digest.starts_with(hash.as_str())) {
                    counts.broken += 1;
                } else if self.twin(field, &marker.range, seen).is_some() {
                    counts.holds += 1;
                } else {
                    counts.unverifiable += 1;
                }
            }
        }
        counts
    }

    /// `secret_like_token` was removed from a call's output: no record of the call may hold a secret.
    fn tokens_of(&mut self, claim: &Seen, execution: Option<&str>) {
        let Some(execution) = execution.and_then(|id| self.t.execution(id)) else { return };
        let values: Vec<AuditFinding> =
            self.scanned.findings.iter().filter(|f| f.is_value() && f.kind == "secret" && execution.steps.contains(&f.step)).cloned().collect();
        for value in values {
            self.add_at(
                "claimed_not_redacted",
                &value,
                format!("secret-like tokens are claimed to be redacted at {}, and this record of the same call holds one", claim.pointer),
            );
        }
    }

    /// The bridge says that its summary of the output was redacted: the summary must hold a mark.
    fn output_summary(&mut self, claim: &Seen, seen: &[Seen]) {
        let summary = seen.iter().find(|f| f.record == claim.record && f.key == "maestro_local_output_summary");
        if let Some(summary) = summary.filter(|f| f.markers.is_empty()) {
            let message = format!("{} is claimed to be redacted in this summary, and no mark stands in it", claim.text);
            self.add("claimed_not_redacted", Tier::Claim, "list", summary, 0..summary.text.len(), message);
        }
    }
}
