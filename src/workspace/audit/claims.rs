//! Claims of redaction held against what the records show: marks, lists, pointers and counts that do not hold.

use super::coverage::Claims;
use super::fields::RecordText;
use super::finding::{AuditFinding, Leaf};
use super::index::Index;
use super::scan::{Look, Scanned, Values, finding_id};
use super::spot::Spot;
use crate::model::Trajectory;
use crate::redaction::claims::{Group, Marker, group_of_class, guess, left_by_mask, markers, may_be};
use crate::redaction::{BY_HAND, Engine, Key, Tier, masked};
use crate::text::human::pointer;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;
use std::rc::Rc;

/// Keys whose values tie records together and must stay.
pub(super) const ID_KEYS: &[&str] = &[
    "uuid",
    "id",
    "parentUuid",
    "parentId",
    "parent_id",
    "tool_call_id",
    "toolCallId",
    "call_id",
    "signature",
    "thinkingSignature",
    "thoughtSignature",
    "sha",
    "commit",
];

/// A field as claims look at it.
pub(super) struct Seen {
    /// Number of the record.
    pub record: usize,
    /// Pointer in the step's record.
    pub pointer: String,
    /// Pointer in the outermost record.
    pub whole: String,
    /// The nearest name above.
    pub key: String,
    /// The text.
    pub text: String,
    /// Raw form in the record.
    pub leaf: Range<usize>,
    /// Marks in it.
    pub markers: Vec<Marker>,
    /// The place of its step in the trajectory.
    pub step: Option<usize>,
}

/// What claims are checked with.
pub(super) struct Checker<'a> {
    /// The trajectory.
    pub t: &'a Trajectory,
    /// Its records.
    pub records: &'a [RecordText],
    /// What was found in them.
    pub scanned: &'a Scanned,
    /// Values in clear, by fingerprint.
    pub values: &'a Values,
    /// Rules.
    pub engine: &'a Engine,
    /// Names values.
    pub key: &'a Key,
    /// What does not hold.
    pub found: Vec<AuditFinding>,
    /// Lists that were held against the records of their calls.
    pub lists: Claims,
    ids: FxHashMap<String, u32>,
    /// Kinds of claims by source and place, each said once.
    placed: FxHashSet<(String, Leaf, Option<usize>)>,
    pub(super) index: Index,
    /// What the marks of a field hide by its twin, by the places of the two in memory.
    pub(super) laid: RefCell<Laid>,
}

/// Bytes of a twin for each mark of a field, by the field and the twin.
pub(super) type Laid = FxHashMap<[usize; 2], Rc<[Option<Range<usize>>]>>;

/// What came of the claims of a trajectory.
#[derive(Default)]
pub(super) struct Checked {
    /// What does not hold.
    pub found: Vec<AuditFinding>,
    /// How many hold, do not, or cannot be checked.
    pub counts: Claims,
    /// Places of marks that the unredacted twins of their records fit.
    pub verified: BTreeSet<String>,
}

/// Checks every claim of a trajectory.
pub(super) fn check(t: &Trajectory, records: &[RecordText], scanned: &Scanned, values: &Values, look: &Look<'_>) -> Checked {
    // Most trajectories claim nothing; their texts tell.
    let hints = ["redact", "REDACT", "***", "omitted", "<PERSON", "<EMAIL", "<PHONE", "@@SECRET", "{{CRED"];
    let cut = scanned.findings.iter().any(|f| !f.rest.is_empty());
    if !cut && !records.iter().any(|r| hints.iter().any(|hint| r.text.text.contains(hint))) {
        return Checked::default();
    }
    let seen: Vec<Seen> = records.iter().enumerate().flat_map(|(number, record)| fields(t, number, record)).collect();
    let mut checker = Checker {
        t,
        records,
        scanned,
        values,
        engine: look.engine,
        key: look.key,
        found: Vec::new(),
        lists: Claims::default(),
        ids: FxHashMap::default(),
        placed: FxHashSet::default(),
        index: Index::of(t, &seen),
        laid: RefCell::default(),
    };
    checker.documents(&seen);
    checker.masks(&seen);
    checker.hashes(&seen);
    checker.leaks(&seen);
    checker.cut_values();
    checker.broken(&seen);
    checker.lists(&seen);
    checker.typed_marks(&seen);
    checker.restorable(&seen);
    let (counts, verified) = checker.counts(&seen);
    Checked { found: checker.found, counts, verified }
}

fn fields(t: &Trajectory, number: usize, record: &RecordText) -> Vec<Seen> {
    let mut seen = Vec::new();
    record.fields(&mut |f| {
        seen.push(Seen {
            record: number,
            pointer: f.pointer.to_owned(),
            whole: f.whole.to_owned(),
            key: f.key.unwrap_or_default().to_owned(),
            text: f.text.to_owned(),
            leaf: f.offset..f.offset + f.raw.len(),
            markers: markers(f.text),
            step: record.step_number(t, f.offset, f.text),
        });
    });
    seen
}

impl Checker<'_> {
    /// Adds a claim that does not hold, at a range of a field.
    pub fn add(&mut self, kind: &str, tier: Tier, class: &str, field: &Seen, range: Range<usize>, message: String) {
        let Some(record) = self.records.get(field.record) else { return };
        let raw = record.text.text.get(field.leaf.clone()).unwrap_or_default();
        let Some(spot) = Spot::within(&field.pointer.as_str().into(), &field.leaf, &field.text, raw, std::slice::from_ref(&range)).pop() else { return };
        let at = spot.finding(self.t, record);
        if !self.placed.insert((kind.to_owned(), at.leaf(), Some(range.start))) {
            return;
        }
        let shown = field.text.get(range.clone()).unwrap_or_default();
        let name = format!("{}\0{}\0{}\0{}\0{kind}\0{}", self.t.id, at.step, field.pointer, range.start, field.leaf.start);
        self.found.push(AuditFinding {
            id: finding_id(self.key, &name, &mut self.ids),
            detector: "claims".to_owned(),
            class: class.to_owned(),
            kind: kind.to_owned(),
            tier,
            // A mark says nothing of its value; anything else is masked.
            masked: if markers(shown).is_empty() { masked(shown) } else { shown.to_owned() },
            // What is claimed of the same mark in one trajectory is decided together.
            fingerprint: self.key.fingerprint(&format!("claim {kind}\0{}\0{class}\0{shown}", self.t.id)),
            message: Some(message),
            ..at
        });
    }

    /// Adds a claim at the place of a value's finding.
    pub fn add_at(&mut self, kind: &str, value: &AuditFinding, message: String) {
        let name = format!("{}\0{kind}", value.id);
        if !self.placed.insert((kind.to_owned(), (value.source.clone(), value.member.clone(), value.source_start), None)) {
            return;
        }
        let fingerprint = self.key.fingerprint(&format!("claim {kind}\0{}\0{}", self.t.id, value.fingerprint));
        let id = finding_id(self.key, &name, &mut self.ids);
        self.found.push(AuditFinding {
            id,
            detector: "claims".to_owned(),
            kind: kind.to_owned(),
            tier: Tier::Claim,
            fingerprint,
            message: Some(message),
            ..value.clone()
        });
    }

    /// Values that a stream cut in pieces: what looks for a value in one record passes over them.
    fn cut_values(&mut self) {
        let cut: Vec<AuditFinding> = self.scanned.findings.iter().filter(|f| !f.rest.is_empty()).cloned().collect();
        for value in cut {
            let message = format!(
                "a secret is split over chunks of a stream, where nothing that looks at one of them sees it: {}",
                value.message.clone().unwrap_or_default()
            );
            self.add_at("leak", &value, message);
        }
    }

    /// Partial masks, and short numbers behind a plain hash.
    fn masks(&mut self, seen: &[Seen]) {
        for field in seen.iter().filter(|f| !is_original(f)) {
            if let Some(range) = left_by_mask(&field.text, 4) {
                let shown = field.text.get(range.clone()).map_or(0, |t| t.bytes().filter(|b| *b != b'*').count());
                self.add("partial", Tier::Claim, "partial_mask", field, range, format!("the mask leaves {shown} characters of the value"));
            }
            for marker in field.markers.iter().filter(|m| m.hash.is_some()) {
                if marker.hash.as_deref().and_then(guess).is_some() {
                    let message = "the hash is plain and its value has few digits: all of them were tried, and one fits".to_owned();
                    self.add("weak_pseudonym", Tier::Claim, "plain_hash", field, marker.range.clone(), message);
                }
            }
        }
    }

    /// Gives the fields by their places.
    pub fn places<'s>(&self, seen: &'s [Seen]) -> FxHashMap<Leaf, &'s Seen> {
        let place = |field: &'s Seen| self.records.get(field.record).map(|r| (r.leaf(field.leaf.start), field));
        // Of fields at one offset the first stands for all, as the name of a member does for its object.
        seen.iter().rev().filter_map(place).collect()
    }

    /// Values in clear that a mark of the same trajectory says were redacted.
    fn leaks(&mut self, seen: &[Seen]) {
        let marks: Vec<(Group, String)> = seen
            .iter()
            .filter(|f| !is_original(f))
            .flat_map(|f| f.markers.iter().map(|m| (masked_group(m, &f.key), format!("{} at {}", m.text, pointer(&f.pointer)))))
            .collect();
        let claims = seen.iter().any(|f| f.whole.starts_with("/redaction") || f.whole.ends_with("/redaction"));
        let places = self.places(seen);
        // What a person marked by hand is of no kind that a mark could name; by its hash it is found all the same.
        let values: Vec<AuditFinding> = self.scanned.findings.iter().filter(|f| f.is_value() && f.detector != BY_HAND).cloned().collect();
        for value in values {
            let Some(field) = places.get(&value.leaf()) else { continue };
            if is_original(field) || field.markers.iter().any(|m| m.range.start <= value.start && value.end <= m.range.end) {
                continue;
            }
            let group = group_of_class(&value.class);
            // A run of stars that does not say what it hides says nothing of what only looks random.
            let telling = |mark: Group| mark != Group::Any || value.tier == Tier::Certain;
            let same = |mark: Group| may_be(mark, group) || mark == Group::Password && group == Group::Password;
            let hidden = marks.iter().find(|(mark, _)| same(*mark) && telling(*mark));
            if let Some((_, mark)) = hidden {
                self.add_at("leak", &value, format!("a value of the kind that {mark} hides stands here in clear"));
            } else if value.detector == "split_token" && (claims || !marks.is_empty()) {
                self.add_at("leak", &value, "a value stands here in clear, split over records".to_owned());
            }
        }
    }

    /// Structure, links and ids that a redaction broke or took.
    fn broken(&mut self, seen: &[Seen]) {
        let ids: Vec<&str> = seen.iter().filter(|f| matches!(f.key.as_str(), "uuid" | "id")).map(|f| f.text.as_str()).collect();
        let mut lost = Vec::new();
        for field in seen.iter().filter(|f| !is_original(f) && !f.whole.starts_with("/redaction")) {
            let marked = field.markers.iter().any(|m| m.text.contains("REDACTED") || m.text.contains("redacted")) || field.text.contains("REDACTED");
            let all = 0..field.text.len();
            if marked && ID_KEYS.contains(&field.key.as_str()) {
                lost.push(field.key.clone());
                let message = format!("`{}` ties records together or proves them; it is no secret, and replay needs it", field.key);
                self.add("over_redaction", Tier::OverRedaction, "identifier", field, all.clone(), message);
            }
            for marker in field.markers.iter().filter(|m| names_commit(field.text.get(..m.range.start).unwrap_or_default())) {
                let message = "what stands behind `git show` or `commit` is an object of git, no secret".to_owned();
                self.add("over_redaction", Tier::OverRedaction, "commit_id", field, marker.range.clone(), message);
            }
            let json = field.text.trim_start().starts_with(['{', '[']) && !field.text.trim_start().starts_with("[REDACTED") && field.text.contains('"');
            if marked && json && serde_json::from_str::<serde::de::IgnoredAny>(&field.text).is_err() && !field.text.contains("[truncated:") {
                self.add("broken_structure", Tier::Claim, "json", field, all.clone(), "the text was JSON, and with its marks it is none any more".to_owned());
            }
        }
        if lost.iter().any(|key| matches!(key.as_str(), "uuid" | "id")) {
            for field in seen.iter().filter(|f| matches!(f.key.as_str(), "parentUuid" | "parentId" | "parent_id") && !f.text.is_empty() && !is_original(f)) {
                if !ids.contains(&field.text.as_str()) {
                    self.add(
                        "broken_link",
                        Tier::Claim,
                        "link",
                        field,
                        0..field.text.len(),
                        "no record has this id, and an id of this session was redacted".to_owned(),
                    );
                }
            }
        }
    }

    /// Marks that the model or a person typed, where no redactor writes any.
    fn typed_marks(&mut self, seen: &[Seen]) {
        let written = |kind| matches!(kind, crate::model::Kind::ToolCall | crate::model::Kind::ToolResult);
        let step = |field: &Seen| field.step.and_then(|number| self.t.steps.get(number));
        let source_format =
            |field: &Seen| self.records.get(field.record).and_then(|r| self.t.sources.iter().find(|s| s.sha256 == r.source)).map_or("", |s| s.format);
        let echoes: Vec<String> =
            seen.iter().filter(|f| step(f).is_some_and(|s| written(s.kind))).flat_map(|f| f.markers.iter().map(|m| m.text.clone())).collect();
        let mut typed = Vec::new();
        for field in seen.iter().filter(|f| source_format(f).starts_with("maestro-") && !f.markers.is_empty()) {
            let Some(step) = step(field) else { continue };
            let said = matches!(step.kind, crate::model::Kind::Message | crate::model::Kind::Thinking);
            if said && matches!(field.key.as_str(), "text" | "thinking" | "content") {
                typed.extend(field.markers.iter().filter(|m| m.text.starts_with("[REDACTED") && !echoes.contains(&m.text)).map(|m| (field, m.clone())));
            }
        }
        for (field, marker) in typed {
            let message = "this stream's messages are written unredacted: the mark was typed, not written by a redactor".to_owned();
            self.add("unclaimed_marker", Tier::Claim, "typed_mark", field, marker.range, message);
        }
    }
}

/// Tells whether a field belongs to the unredacted twin that a document brings for comparison.
pub(super) fn is_original(field: &Seen) -> bool {
    field.whole.starts_with("/originals") || field.pointer.starts_with("/originals")
}

/// Gives the group of a mark; one that says nothing takes it from its key.
fn masked_group(marker: &Marker, key: &str) -> Group {
    if marker.group == Group::Any { crate::redaction::claims::group_of_label(key) } else { marker.group }
}

/// Tells whether the text before a mark names an object of git.
fn names_commit(before: &str) -> bool {
    let before = before.trim_end();
    let words: Vec<&str> = before.rsplit(|c: char| c.is_whitespace()).take(3).collect();
    let last = words.first().copied().unwrap_or_default();
    last == "commit" || words.contains(&"git") && matches!(last, "show" | "checkout" | "revert" | "cherry-pick" | "reset" | "diff")
}
