//! Claims between the streams of one session: hashes in marks, lists of what was redacted, held against every other record of the call.

use super::aligned::hidden;
use super::claims::{Checker, Seen, is_original};
use super::coverage::Claims;
use super::finding::AuditFinding;
use super::proof::mark_place;
use crate::model::ids::hex;
use crate::redaction::Tier;
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

/// What a label of a list says was redacted, and the keys under which it must then not stand.
const LABELS: &[(&[&str], &[&str])] = &[
    (&["raw_command", "command"], &["command", "cmd", "raw_command", "script"]),
    (&["stdout", "stderr", "output", "raw_output", "raw tool outputs"], &["stdout", "stderr", "output", "raw_output", "result"]),
    (&["arguments", "raw_arguments", "args", "raw tool arguments"], &["arguments", "args", "command", "input"]),
    (&["raw prompts", "prompt"], &["prompt", "systemPrompt", "system_prompt"]),
    (&["full file diffs", "diff"], &["diff", "patch"]),
];

impl<'c> Checker<'c> {
    /// Hashes in marks: a value in clear that fits is a leak; the unredacted twin must fit.
    pub fn hashes<'s>(&mut self, seen: &'s [Seen]) {
        let values: Vec<AuditFinding> = self.scanned.findings.iter().filter(|f| f.is_value()).cloned().collect();
        // Of the places of a mark the first is named.
        let placed = |f: &'s Seen| f.markers.iter().filter_map(move |m| Some((m.hash.as_deref()?, m.text.as_str(), f)));
        let mut marks: Vec<(&str, &str, &Seen)> = seen.iter().filter(|f| !is_original(f)).flat_map(placed).collect();
        marks.sort_by_key(|(hash, text, _)| (*hash, *text));
        marks.dedup_by_key(|(hash, text, _)| (*hash, *text));
        let places = self.places(seen);
        for value in &values {
            let Some(text) = self.values.get(&value.fingerprint).map(|v| v.text.as_str()) else { continue };
            let digest = hex(&Sha256::digest(text.as_bytes()));
            let Some((_, mark, field)) = marks.iter().find(|(hash, ..)| digest.starts_with(hash)) else { continue };
            if places.get(&value.leaf()).is_some_and(|field| is_original(field)) {
                continue;
            }
            let format = self.t.sources.iter().find(|s| *s.sha256 == *value.source).map_or("", |s| s.format);
            let step = field.step.and_then(|at| self.t.steps.get(at)).map_or("", |step| step.id.as_str());
            let message = format!(
                "the value behind {mark} stands here in clear ({format}): its SHA-256 begins with the mark's hash; the mark is at {step} {}",
                field.pointer
            );
            self.add_at("leak", value, message);
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
    fn twin(&self, field: &Seen, range: &Range<usize>, seen: &[Seen]) -> Option<String> {
        self.twin_at(field, range, seen).and_then(|(twin, range)| twin.text.get(range).map(str::to_owned))
    }

    /// Finds where what a mark hides stands.
    pub fn twin_at<'s>(&self, field: &Seen, range: &Range<usize>, seen: &'s [Seen]) -> Option<(&'s Seen, Range<usize>)> {
        let number = field.markers.binary_search_by_key(&range.start, |mark| mark.range.start).ok()?;
        let place = |twin: &'s Seen| Some((twin, self.hidden_in(field, twin).get(number)?.clone()?));
        let original = field.whole.replacen("/events", "/originals", 1);
        if original != field.whole
            && let Some(twin) = self.index.at(seen, field.record, &original)
        {
            return place(twin);
        }
        // A text that is nothing but the mark fits any twin.
        if range.len() == field.text.trim().len() || field.key == "details" {
            return None;
        }
        let twins = self.index.twins(seen, field.step).filter(|f| f.record != field.record && f.text.len() < field.text.len() + 400);
        twins.filter(|f| !f.text.trim_start().starts_with('{')).find_map(place)
    }

    /// Gives what each mark of a field hides, by its twin: the two are laid over each other once, however many ask.
    fn hidden_in(&self, field: &Seen, twin: &Seen) -> Rc<[Option<Range<usize>>]> {
        let pair = [field, twin].map(|one| std::ptr::from_ref(one).addr());
        Rc::clone(self.laid.borrow_mut().entry(pair).or_insert_with(|| hidden(&field.text, &field.markers, &twin.text).into()))
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
        let execution = self.execution_of(claim);
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
        let beside = if same_record { self.index.of_record(claim.record) } else { self.index.of_execution(execution) };
        let mut shown: Vec<(usize, String)> = Vec::new();
        for &number in beside {
            let Some(field) = seen.get(number) else { continue };
            // A line of words about the command is not the command.
            let clear = field.markers.is_empty() && field.text.len() > 1 && !field.whole.contains("/redaction") && field.key != "command_summary";
            if clear && under(field) {
                shown.push((number, format!("`{label}` is claimed to be redacted at {}, and this record of the same call shows it", claim.pointer)));
            }
        }
        let others = self.index.of_execution(execution).iter().any(|number| seen.get(*number).is_some_and(|field| field.record != claim.record));
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

    fn execution_of(&self, field: &Seen) -> Option<&'c str> {
        self.t.steps.get(field.step?)?.execution.as_deref()
    }

    /// Counts the claims: marks by what is known of their values, lists by what the records of their calls show; with the places of marks that hold.
    pub fn counts(&self, seen: &[Seen]) -> (Claims, BTreeSet<String>) {
        let (mut counts, mut verified) = (self.lists, BTreeSet::new());
        let clear: BTreeSet<String> = self.values.values().map(|value| hex(&Sha256::digest(value.text.as_bytes()))).collect();
        let stands = |hash: &str| clear.range(hash.to_owned()..).next().is_some_and(|digest| digest.starts_with(hash));
        let wrong: BTreeSet<&str> = self.found.iter().filter(|f| f.kind == "hash_mismatch").map(|f| f.field.as_str()).collect();
        for field in seen.iter().filter(|f| !is_original(f)) {
            for marker in &field.markers {
                let twin = || self.twin(field, &marker.range, seen).is_some();
                match &marker.hash {
                    None => counts.unverifiable += 1,
                    Some(hash) if wrong.contains(field.pointer.as_str()) || stands(hash) => counts.broken += 1,
                    Some(_) if twin() => {
                        counts.holds += 1;
                        let place = self.records.get(field.record).map(|r| mark_place(&r.leaf(field.leaf.start), marker.range.start));
                        verified.extend(place);
                    }
                    Some(_) => counts.unverifiable += 1,
                }
            }
        }
        (counts, verified)
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
