//! The audit as an export needs it: what blocks a row, what is replaced, and what must not be found in the written bytes.

use super::{Result, Workspace};
use crate::export::{Blocked, Definition, Example, ExportError, Finding, Json, Met, Redaction, Rescan, Selected, Treatment, Watch, Watched};
use crate::model::ids::hex;
use crate::query::Query;
use crate::redaction::{Engine, Key, Known, Lists, Redactor, Style, Subject, Tier};
use crate::workspace::audit::{Leaving, Restored};
use crate::workspace::{AuditFinding, Verdict};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The state of the audit at the moment of an export.
pub(super) struct Audited {
    leaving: Leaving,
    redactor: Arc<Redactor>,
    kept: Arc<BTreeSet<String>>,
    restored: Vec<Restored>,
    engine: Arc<Engine>,
    /// Every finding with the trajectory it is in.
    findings: Vec<(String, Finding)>,
    reviewers: Reviewers,
}

/// How reviewers are named in what leaves.
pub(super) struct Reviewers {
    treatment: Treatment,
    key: Key,
    scope: String,
}

impl Reviewers {
    /// Gives the name under which a reviewer leaves, if any.
    pub fn named(&self, who: &str) -> Option<String> {
        // What a bundle says of itself is read again to make it again.
        let is_pseudonym = who.strip_prefix("p-").is_some_and(|letters| letters.len() == 6 && letters.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7')));
        match self.treatment {
            Treatment::Clear => Some(who.to_owned()),
            Treatment::Pseudonym if is_pseudonym => Some(who.to_owned()),
            Treatment::Pseudonym => Some(self.key.pseudonym(&self.scope, who)),
            Treatment::Omit => None,
        }
    }
}

impl Workspace {
    /// Brings the audit up to date and takes from it what an export needs; pseudonyms hold within one dataset. An audit that is stopped stops it.
    pub(super) fn audited(&self, definition: &Definition, watch: &mut Watch<'_>) -> Result<Audited> {
        let engine = self.own_engine()?;
        let mut watch = Watched::new(watch);
        let report = self.audit_watched(&Query::All, &engine, false, &mut |done, all| watch.go(done, all).is_ok())?;
        if watch.stopped {
            return Err(ExportError::Stopped.into());
        }
        let leaving = self.leaving(&report.findings)?;
        let redactor = Arc::new(self.redactor_of(&leaving, &definition.name, Style::Mark)?);
        let key = self.key(crate::workspace::KeyKind::Pseudonym)?;
        let reviewers = Reviewers { treatment: self.field_policy()?.of("reviewer"), key, scope: format!("{} reviewer", definition.name) };
        let line = |finding: &AuditFinding| {
            let by = finding.decided_by.as_deref().and_then(|who| reviewers.named(who));
            (finding.trajectory.clone(), listed(finding, by, leaving.value(finding), &redactor))
        };
        let mut findings: Vec<(String, Finding)> = report.findings.iter().map(line).collect();
        findings.sort_by(|a, b| (&a.0, a.1.line.text()).cmp(&(&b.0, b.1.line.text())));
        let kept = Arc::new(leaving.kept.clone());
        let restored = self.restored(&report.findings)?;
        Ok(Audited { leaving, redactor, kept, restored, engine, findings, reviewers })
    }

    /// Gives what is replaced in everything that leaves, and what its written bytes must not hold.
    pub(super) fn redaction(&self, audited: &Audited) -> Result<Redaction> {
        let (replacing, finding, kept) = (audited.redactor.clone(), audited.redactor.clone(), audited.kept.clone());
        let engine = Arc::clone(&audited.engine);
        let scan = move |key: Option<&str>, text: &str| {
            let mut met = certain(&engine, key, text, &kept);
            if finding.finds(text) {
                met.insert(0, Met { what: "a value that a reviewer wanted gone".to_owned(), sha256: String::new(), kept: false });
            }
            met
        };
        let replace = Box::new(move |text: &str| replacing.text(text).text);
        let training = self.field_policy()?.training().clone();
        Ok(Redaction { rules_sha256: audited.engine.hash().to_owned(), replace, scan: Box::new(scan), training })
    }

    /// Gives the second look at a bundle with the rules and lists of this workspace.
    pub fn rescan(&self) -> Result<Rescan> {
        Ok(rescan(self.own_engine()?))
    }
}

/// Gives the second look at a bundle with the rules of the program alone.
#[must_use]
pub fn plain_rescan() -> Rescan {
    rescan(Arc::new(Engine::new(&[], &Lists::default()).0))
}

fn rescan(engine: Arc<Engine>) -> Rescan {
    let nothing = BTreeSet::new();
    Rescan { rules_sha256: engine.hash().to_owned(), find: Box::new(move |key, text| certain(&engine, key, text, &nothing)) }
}

/// Finds what certainly must not leave.
fn certain(engine: &Engine, key: Option<&str>, text: &str, kept: &BTreeSet<String>) -> Vec<Met> {
    let hits = engine.scan_with(&Subject { text, key, path: None }, &Known::default());
    let met = |hit: crate::redaction::Hit| Met {
        what: format!("what looks like {} (rule {})", hit.class, hit.detector),
        sha256: hex(&Sha256::digest(hit.value.as_bytes())),
        kept: kept.contains(&hit.value),
    };
    hits.into_iter().filter(|hit| hit.tier == Tier::Certain).map(met).collect()
}

/// Writes a finding as the bundle lists it.
fn listed(finding: &AuditFinding, by: Option<String>, value: Option<&str>, redactor: &Redactor) -> Finding {
    let replacement = value.filter(|_| finding.verdict == Verdict::Redact).map(|value| redactor.text(value).text);
    let line = Json::object([
        ("finding", finding.id.as_str().into()),
        ("trajectory", finding.trajectory.as_str().into()),
        ("step", finding.step.as_str().into()),
        ("field", redactor.text(&finding.field).text.into()),
        ("start", finding.start.into()),
        ("end", finding.end.into()),
        ("detector", finding.detector.as_str().into()),
        ("class", finding.class.as_str().into()),
        ("tier", finding.tier.as_str().into()),
        ("fingerprint", finding.fingerprint.as_str().into()),
        ("verdict", finding.verdict.as_str().into()),
        ("decided_by", by.into()),
        ("replacement", replacement.into()),
    ]);
    let kept = value.filter(|_| finding.verdict == Verdict::Keep).map(|value| hex(&Sha256::digest(value.as_bytes())));
    Finding { verdict: finding.verdict.as_str(), line, kept }
}

impl Audited {
    /// Gives how reviewers are named.
    pub(super) const fn reviewers(&self) -> &Reviewers {
        &self.reviewers
    }

    /// Puts back in a trajectory what was redacted, is needed, and may leave.
    pub(super) fn put_back(&self, trajectory: &mut crate::model::Trajectory) {
        let id = trajectory.id.clone();
        self.restored.iter().filter(|one| one.trajectory == id).for_each(|one| one.put_back(trajectory));
    }

    /// Names what stands against leaving in some steps of a trajectory.
    pub(super) fn open_in(&self, definition: &Definition, trajectory: &str, steps: &[String]) -> Option<&str> {
        let open = self.leaving.open.get(trajectory).filter(|_| definition.overridden("audit").is_none())?;
        open.iter().find(|(step, _)| steps.contains(step)).map(|(_, why)| why.as_str())
    }

    /// Blocks the examples that a finding stands against; one outside the conversation, as in a header, blocks them all.
    pub(super) fn gate(&self, definition: &Definition, trajectory: &crate::model::Trajectory, selected: &mut Selected) {
        self.gate_names(trajectory, selected);
        let Some(open) = self.leaving.open.get(&trajectory.id).filter(|_| definition.overridden("audit").is_none()) else { return };
        let spoken = |step: &str| {
            trajectory
                .step(step)
                .is_some_and(|step| matches!(step.actor, crate::model::Actor::User | crate::model::Actor::Assistant | crate::model::Actor::Tool))
        };
        let Selected { examples, blocked, .. } = selected;
        examples.retain(|example: &Example| {
            let steps = example.steps();
            let found = open.iter().find(|(step, _)| steps.contains(&step.as_str()) || !spoken(step));
            blocked.extend(found.map(|(_, why)| Blocked { example: example.name(), gate: "audit", reason: why.clone() }));
            found.is_none()
        });
    }

    /// Blocks the examples that an id names which holds what must not leave: rows are traced by their ids, so that these cannot be replaced.
    fn gate_names(&self, trajectory: &crate::model::Trajectory, selected: &mut Selected) {
        if self.redactor.is_empty() {
            return;
        }
        let held = |id: &str| self.redactor.finds(id);
        let everywhere = held(&trajectory.id);
        let steps: BTreeSet<&str> = trajectory.steps.iter().map(|step| step.id.as_str()).filter(|id| everywhere || held(id)).collect();
        if steps.is_empty() {
            return;
        }
        let Selected { examples, blocked, .. } = selected;
        examples.retain(|example: &Example| {
            let named = everywhere || example.steps().iter().any(|step| steps.contains(step)) || held(&example.target);
            let why = || "an id that it is traced by holds a value that must not leave".to_owned();
            blocked.extend(named.then(|| Blocked { example: self.redactor.text(&example.name()).text, gate: "audit", reason: why() }));
            !named
        });
    }

    /// Gives the findings in some trajectories.
    pub(super) fn findings_in(&self, trajectories: &BTreeSet<&str>) -> Vec<Finding> {
        self.findings.iter().filter(|(trajectory, _)| trajectories.contains(trajectory.as_str())).map(|(_, finding)| finding.clone()).collect()
    }
}
