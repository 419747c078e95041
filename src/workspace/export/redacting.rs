//! The audit as an export needs it: what blocks a row, what is replaced, and what must not be found in the written bytes.

use super::{Result, Workspace};
use crate::export::{Blocked, Definition, Example, Json, Redaction, Selected};
use crate::query::Query;
use crate::redaction::{Known, Redactor, Style, Subject, Tier, Unwanted};
use crate::workspace::{AuditFinding, KeyKind, Verdict};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

/// The state of the audit at the moment of an export.
pub(super) struct Audited {
    /// Undecided findings by trajectory: step and id of each.
    open: HashMap<String, Vec<(String, String)>>,
    redactor: Rc<Redactor>,
    kept: BTreeSet<String>,
    rules: String,
    /// Lines of `redactions.jsonl`, sorted.
    pub(super) lines: Vec<String>,
}

impl Workspace {
    /// Brings the audit up to date and takes from it what an export needs; pseudonyms hold within one dataset.
    pub(super) fn audited(&self, definition: &Definition) -> Result<Audited> {
        let engine = self.audit_engine(&[]);
        let report = self.audit(&Query::All, &engine, false)?;
        let mut open: HashMap<String, Vec<(String, String)>> = HashMap::new();
        let mut unwanted: BTreeMap<String, Unwanted> = BTreeMap::new();
        let mut places: BTreeMap<(String, String, String, String), u64> = BTreeMap::new();
        let mut kept = BTreeSet::new();
        for finding in &report.findings {
            match finding.verdict {
                Verdict::Open | Verdict::Escalate => open.entry(finding.trajectory.clone()).or_default().push((finding.step.clone(), finding.id.clone())),
                Verdict::Redact => {
                    let name = (finding.trajectory.clone(), finding.detector.clone(), finding.class.clone(), finding.fingerprint.clone());
                    *places.entry(name).or_default() += 1;
                    self.want_gone(finding, &mut unwanted)?;
                }
                Verdict::Keep => kept.extend(self.value_of(finding)?),
                Verdict::AlreadyRedacted => {}
            }
        }
        let key = self.key(KeyKind::Pseudonym)?;
        let redactor = Rc::new(Redactor::new(&key, &definition.name, Style::Mark, unwanted.values().cloned()));
        let line = |((trajectory, detector, class, fingerprint), n): (&(String, String, String, String), &u64)| {
            let value = unwanted.get(fingerprint).map_or("", |unwanted| unwanted.value.as_str());
            Json::object([
                ("trajectory", trajectory.as_str().into()),
                ("detector", detector.as_str().into()),
                ("class", class.as_str().into()),
                ("fingerprint", fingerprint.as_str().into()),
                ("places", (*n).into()),
                ("replacement", redactor.text(value).text.into()),
            ])
            .text()
        };
        let lines = places.iter().map(line).collect();
        Ok(Audited { open, redactor, kept, rules: engine.hash().to_owned(), lines })
    }

    fn want_gone(&self, finding: &AuditFinding, unwanted: &mut BTreeMap<String, Unwanted>) -> Result<()> {
        if !unwanted.contains_key(&finding.fingerprint)
            && let Some(value) = self.value_of(finding)?
        {
            unwanted.insert(finding.fingerprint.clone(), Unwanted { value, class: finding.class.clone() });
        }
        Ok(())
    }

    /// Gives what is replaced in everything that leaves, and what its written bytes must not hold.
    pub(super) fn redaction(&self, audited: &Audited) -> Redaction {
        let (replacing, finding, kept) = (audited.redactor.clone(), audited.redactor.clone(), audited.kept.clone());
        let engine = self.audit_engine(&[]);
        let nothing = Known::default();
        let scan = move |line: &str| {
            if finding.finds(line) {
                return Some("a value that a reviewer wanted gone".to_owned());
            }
            let hits = engine.scan_with(&Subject { text: line, key: None, path: None }, &nothing);
            let found = hits.into_iter().find(|hit| hit.tier == Tier::Certain && !kept.contains(&hit.value));
            found.map(|hit| format!("what looks like {} (rule {})", hit.class, hit.detector))
        };
        Redaction { rules_sha256: audited.rules.clone(), replace: Box::new(move |text| replacing.text(text).text), scan: Box::new(scan) }
    }
}

impl Audited {
    /// Names an undecided finding in some steps of a trajectory.
    pub(super) fn open_in(&self, definition: &Definition, trajectory: &str, steps: &[String]) -> Option<&str> {
        let open = self.open.get(trajectory).filter(|_| definition.overridden("audit").is_none())?;
        open.iter().find(|(step, _)| steps.contains(step)).map(|(_, id)| id.as_str())
    }

    /// Blocks the examples that a finding without a verdict stands in; one outside the conversation, as in a header, blocks them all.
    pub(super) fn gate(&self, definition: &Definition, trajectory: &crate::model::Trajectory, selected: &mut Selected) {
        let Some(open) = self.open.get(&trajectory.id).filter(|_| definition.overridden("audit").is_none()) else { return };
        let spoken = |step: &str| {
            trajectory
                .step(step)
                .is_some_and(|step| matches!(step.actor, crate::model::Actor::User | crate::model::Actor::Assistant | crate::model::Actor::Tool))
        };
        let Selected { examples, blocked } = selected;
        examples.retain(|example: &Example| {
            let steps = example.steps();
            let found = open.iter().find(|(step, _)| steps.contains(&step.as_str()) || !spoken(step));
            blocked.extend(found.map(|(_, id)| Blocked { example: example.name(), gate: "audit", reason: format!("the finding {id} is not decided") }));
            found.is_none()
        });
    }
}
