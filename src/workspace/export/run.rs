//! Exporting from a workspace: the trajectories of a query, what was said of them, and the bundle they become.

use super::chosen::Others;
use super::consent::no_consent;
use super::proposing::Proposing;
use super::redacting::Audited;
use super::{Error, Result, Workspace};
use crate::export::{self, Blocked, Definition, Evidence, ExportReport, Hoard, Input, Plan, ReadTo, Redaction, Source, VerifyReport, Watch, Whole};
use crate::judging::agreement::Agreement;
use crate::model::{Entry, EntryId, Timestamp, Trajectory, ids};
use crate::query::{self, Evaluator, Query};
use crate::workspace::journal::now;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::Path;
use std::sync::Arc;

/// What a reviewer is called where the field policy gives no name.
pub(super) const A_REVIEWER: &str = "a reviewer";

/// Where an export goes, and how strictly.
pub struct ExportOptions<'a> {
    /// Folder of the bundle; `None` for a dry run.
    pub out: Option<&'a Path>,
    /// Whether anything that is blocked is an error.
    pub strict: bool,
    /// A bundle whose rows are left out where they are the same.
    pub since: Option<&'a Path>,
}

impl Workspace {
    /// Exports a dataset, or tells what would leave.
    pub fn export(&self, definition: &Definition, options: &ExportOptions<'_>) -> Result<ExportReport> {
        self.export_watched(definition, options, &mut |_, _| true)
    }

    /// Exports a dataset, or tells what would leave; says how far that is, and stops where it is told to.
    pub fn export_watched(&self, definition: &Definition, options: &ExportOptions<'_>, watch: &mut Watch<'_>) -> Result<ExportReport> {
        if let (Some(out), Some(since)) = (options.out, options.since) {
            export::apart(out, since)?;
        }
        // Each bundle that leaves is written down in the workspace.
        if options.out.is_some() && self.is_read_only() {
            let why = "nothing leaves a workspace that cannot be written, as it keeps a list of what left; copy it to where you may write, and name that copy with --workspace";
            return Err(Error::Undecidable(why.to_owned()));
        }
        let mut input = self.export_input(definition, now(), &mut export::part(watch, 0, 400))?;
        input.since = options.since.map(|bundle| export::known_rows(bundle).map_err(Error::Bundle)).transpose()?;
        let mut plan = export::plan(input, &mut export::part(watch, 400, 700))?;
        if options.strict {
            plan.strictly()?;
        }
        let Some(out) = options.out else {
            plan.hash()?;
            return Ok(plan.report);
        };
        let report = plan.write(out, &self.signing_key()?, &mut export::part(watch, 700, 1000))?;
        self.note_export(&report, out)?;
        Ok(report)
    }

    /// Works out what an export would hold.
    pub fn plan_export(&self, definition: &Definition) -> Result<Plan> {
        self.plan_watched(definition, &mut |_, _| true)
    }

    /// Works out what an export would hold, says how far that is, and stops where it is told to.
    pub(super) fn plan_watched(&self, definition: &Definition, watch: &mut Watch<'_>) -> Result<Plan> {
        let input = self.export_input(definition, now(), &mut export::part(watch, 0, 600))?;
        Ok(export::plan(input, &mut export::part(watch, 600, 1000))?)
    }

    /// Makes the rows again and compares every byte; where something was decided since, with the decisions as far as they were read then.
    pub fn verify_again(&self, bundle: &Path, report: &mut VerifyReport) {
        let rules = self.instruments_hash().unwrap_or_default();
        let stale = export::manifest_of(bundle).is_ok_and(|manifest| manifest.rules_sha256.is_some_and(|then| then != rules));
        if stale {
            let why = "rules or lists of redaction changed since it was written, so that it cannot be made again; look at what they find (`ossia audit`) and export anew";
            return report.add("workspace", "stale_rules", Err(why.to_owned()));
        }
        let outcome = export::manifest_of(bundle).and_then(|manifest| {
            let then = |then: &ReadTo| {
                let _held = self.hold_as_then(then).map_err(|why| format!("the journal is not the one it was made with: {why}"))?;
                self.make_again(bundle, &manifest).map(|said| format!("{said}, with the decisions as they were then"))
            };
            match &manifest.read_to {
                Some(read_to) if self.read_to().is_ok_and(|now| now != *read_to) => then(read_to),
                Some(_) => self.make_again(bundle, &manifest),
                // An older program named the last decision cited alone.
                None => self.make_again(bundle, &manifest).or_else(|why| {
                    let read_to = ReadTo { decisions: manifest.journal_head.clone(), safeguards: manifest.journal_head.clone() };
                    then(&read_to).map_err(|_| why)
                }),
            }
        });
        let own = self.signing_key().ok().map(|key| key.public().fingerprint());
        let by = if own == report.signed_by { "" } else { "; the key that signed is not the one this workspace signs with now" };
        report.add("workspace", "not_reproducible", outcome.map(|made| made + by));
    }

    /// What its time has run out for since may not leave again, and was nevertheless in it.
    fn make_again(&self, bundle: &Path, manifest: &export::Manifest) -> std::result::Result<String, String> {
        let then = || self.read_at().ok().flatten();
        self.make_at(bundle, manifest, now()).or_else(|why| {
            let made = then().ok_or_else(String::new).and_then(|then| self.make_at(bundle, manifest, then)).map_err(|_| why)?;
            Ok(format!("{made}, judged at the time of the last of them: since then the time has run out for which one of its sources may be kept"))
        })
    }

    fn make_at(&self, bundle: &Path, manifest: &export::Manifest, at: Timestamp) -> std::result::Result<String, String> {
        let again = self.ground().join(format!("again-{}", std::process::id()));
        let made = self.definition_of(manifest).and_then(|definition| {
            let plan = self.plan_as_then(&definition, manifest.audit.certificate.as_deref(), at).map_err(|e| e.to_string())?;
            let key = self.signing_key().map_err(|e| e.to_string())?;
            plan.write(&again, &key, &mut |_, _| true).map_err(|e| e.to_string())
        });
        let compared = made.and_then(|_| {
            let rows_alone = manifest.since.is_some() || manifest.layout != export::LAYOUT;
            if rows_alone { export::compare_rows(bundle, &again) } else { export::compare(bundle, &again) }
        });
        let _ = std::fs::remove_dir_all(&again);
        compared
    }

    /// Works out what an export held then, with the certificate that it carried; whether that was void by then is looked at again, the time and what
    /// was imported since aside.
    fn plan_as_then(&self, definition: &Definition, certificate: Option<&str>, at: Timestamp) -> Result<Plan> {
        let mut input = self.export_input(definition, at, &mut |_, _| true)?;
        input.evidence.certificate = match certificate {
            None => None,
            Some(sha256) => {
                let carried = self.certificate_then(sha256)?;
                let none = || "its certificate was not signed in this workspace".to_owned();
                Some(carried.certificate.ok_or_else(|| Error::Undecidable(carried.why_not.unwrap_or_else(none)))?)
            }
        };
        Ok(export::plan(input, &mut |_, _| true)?)
    }

    /// Gives the folder of the workspace's keys.
    #[must_use]
    pub fn keys(&self) -> std::path::PathBuf {
        self.folder.join("keys")
    }

    /// Compares what would leave now with the rows of a bundle.
    pub fn diff_export(&self, definition: &Definition, bundle: &Path) -> Result<Vec<export::RowChange>> {
        export::changes(&self.plan_export(definition)?, bundle).map_err(Error::Bundle)
    }

    /// Gives the folder for what lies on disk no longer than the work: its own, or that of the index where it cannot be written.
    fn ground(&self) -> &Path {
        if self.is_read_only() { &self.cache } else { &self.folder }
    }

    /// Gathers examples, blocked points and evidence of a definition; `at` is the time at which its sources must still be kept.
    fn export_input(&self, definition: &Definition, at: Timestamp, watch: &mut Watch<'_>) -> Result<Input> {
        self.catch_up()?;
        self.refuse_overtaken()?;
        let _held = self.hold(None)?;
        let (read_to, unread) = (self.read_to()?, self.unread()?);
        let query = self.resolved(&query::parse(&definition.query)?)?;
        let evaluator = Evaluator::new(&query);
        let spooling = |source| Error::Export(Box::new(export::ExportError::Spool { folder: self.ground().to_owned(), source }));
        let (mut hoard, mut blocked): (Hoard, Vec<Blocked>) = (Hoard::new(self.ground()).map_err(spooling)?, Vec::new());
        let mut sources: BTreeMap<String, Source> = BTreeMap::new();
        let audited = self.audited(definition, &mut export::part(watch, 0, 300))?;
        let key = self.key(crate::workspace::KeyKind::Pseudonym)?;
        let policy = self.field_policy()?;
        let pseudonym = |kind: &str, value: &str| key.pseudonym(&format!("{} {kind}", definition.name), value);
        let mut numbers = self.matching(&query)?;
        numbers.sort_unstable();
        let all = numbers.len();
        let agreement = self.agreement(None, None, None)?;
        let low = super::judged::low_agreement(&agreement);
        let mut proposing = Proposing::new(self.rule_rows()?);
        let (redaction, consents) = (self.redaction(&audited)?, self.consents()?);
        let (mut choices, mut others) = (self.choices(definition.thinking)?, Others::default());
        let elsewhere: HashSet<Arc<str>> = choices.values().flatten().filter_map(|choice| choice.bad.elsewhere.clone()).collect();
        let mut watch = export::part(watch, 300, 1000);
        for (done, number) in numbers.into_iter().enumerate() {
            if !watch(done, all) {
                return Err(export::ExportError::Stopped.into());
            }
            let Some((mut trajectory, counts)) = self.load_asked(number)? else { continue };
            audited.put_back(&mut trajectory);
            let wanted = |turn: &export::Message| {
                query == Query::All
                    || turn.steps.iter().filter_map(|id| trajectory.step(id)).any(|step| crate::workspace::view::matches(&evaluator, &trajectory, step))
            };
            let mut judgements = self.judgements(number, &trajectory, &low)?;
            Proposing::against(&trajectory, &mut judgements);
            judgements.copied = self.copied(&trajectory)?;
            judgements.choices = choices.remove(&trajectory.id).unwrap_or_default();
            let refused = no_consent(&trajectory, &consents, at);
            others.add(&trajectory.id, refused.clone(), &judgements);
            let mut selected = export::select(&trajectory, &judgements, definition, &wanted);
            if let Some(reason) = refused.filter(|_| !selected.examples.is_empty()) {
                blocked.push(Blocked { example: trajectory.id.clone(), gate: "consent", reason });
                selected.examples.clear();
            }
            audited.gate(definition, &trajectory, &mut selected);
            if !selected.examples.is_empty() || elsewhere.contains(trajectory.id.as_str()) {
                self.note_sources(&trajectory, &mut sources)?;
                proposing.count(&counts);
            }
            blocked.append(&mut selected.blocked);
            for cited in selected.examples.iter_mut().flat_map(|example| &mut example.cited) {
                cited.reviewer = audited.reviewers().named(&cited.reviewer).unwrap_or_default();
            }
            let whole = Whole::of(&trajectory, &policy, &pseudonym);
            let began = trajectory.started_at.map(Timestamp::ms);
            hoard.add(whole, began, selected, definition, &redaction).map_err(spooling)?;
        }
        others.gate(&mut hoard, &mut blocked, &audited, definition).map_err(spooling)?;
        let (journal, journal_head) = self.cited(hoard.entries(), &audited, &redaction)?;
        let sources = sources.into_values().collect();
        let said = self.said(definition, audited.reviewers(), &redaction)?;
        let evidence = Evidence { said, journal, sources, proposing: proposing.rows(), ..self.evidence(definition, &hoard, &audited, &agreement)? };
        Ok(Input {
            definition: definition.clone(),
            trajectories: all,
            hoard,
            blocked,
            unread,
            journal_head,
            read_to,
            redaction: Some(redaction),
            evidence,
            spool: self.ground().to_owned(),
            since: None,
        })
    }

    /// Gathers what is told of the rows that leave, and of the audit.
    fn evidence(&self, definition: &Definition, hoard: &Hoard, audited: &Audited, agreement: &[Agreement]) -> Result<Evidence> {
        let leaving: BTreeSet<&str> = hoard.leaving();
        let carried = self.certificate()?;
        Ok(Evidence {
            findings: audited.findings_in(&leaving),
            agreement: self.agreement_leaving(&leaving, agreement, audited)?,
            proposing_sha256: crate::rules::hash(),
            assignments: self.assigned(&leaving)?,
            audited: definition.overridden("audit").is_none(),
            certificate: carried.certificate,
            uncertified: carried.why_not,
            lapsed: carried.lapsed,
            ..Evidence::default()
        })
    }

    /// Measures how far reviewers agree on what leaves, and names them as they leave.
    fn agreement_leaving(&self, leaving: &BTreeSet<&str>, all: &[Agreement], audited: &Audited) -> Result<Vec<export::Json>> {
        let mut found = self.agreement_on(leaving, all)?;
        found.iter_mut().for_each(|found| found.rename(&|who| audited.reviewers().named(who).unwrap_or_else(|| A_REVIEWER.to_owned())));
        let written = |found: &Agreement| serde_json::to_string(found).ok().and_then(|text| export::Json::parse(&text).ok());
        Ok(found.iter().filter_map(written).collect())
    }

    /// Gives the steps that a fork copied from its parent session.
    fn copied(&self, trajectory: &Trajectory) -> Result<HashSet<String>> {
        let Some(parent) = &trajectory.lineage.parent_session else { return Ok(HashSet::new()) };
        let number = self.store.find_trajectory(&ids::trajectory_id(&trajectory.agent, parent))?;
        let parent = number.map(|number| self.load_clear(number)).transpose()?.flatten();
        let Some(parent) = parent.filter(|parent| parent.id != trajectory.id) else { return Ok(HashSet::new()) };
        let own: HashSet<&str> = trajectory.steps.iter().map(|step| step.id.as_str()).collect();
        let shared = parent.steps.into_iter().map(|step| step.id).filter(|id| crate::workspace::pairs::is_own(id) && own.contains(id.as_str()));
        Ok(shared.collect())
    }

    fn note_sources(&self, trajectory: &Trajectory, sources: &mut BTreeMap<String, Source>) -> Result<()> {
        for source in &trajectory.sources {
            if sources.contains_key(&*source.sha256) {
                continue;
            }
            let size_bytes = self.store.source_at(&source.path)?.filter(|row| row.sha256 == *source.sha256).map_or(0, |row| row.stamp.size);
            let mut issues = BTreeMap::new();
            for issue in trajectory.issues.iter().filter(|issue| issue.source.as_ref() == Some(&source.sha256)) {
                *issues.entry(issue.kind.to_owned()).or_default() += 1;
            }
            let reader = format!("ossia {}", env!("CARGO_PKG_VERSION"));
            let known = Source { sha256: source.sha256.to_string(), format: source.format.to_owned(), size_bytes, reader, issues };
            sources.insert(source.sha256.to_string(), known);
        }
        Ok(())
    }

    /// Gives the cited entries as lines of the journal, in the order of folding, and the last of them.
    fn cited(&self, ids: &BTreeSet<String>, audited: &Audited, redaction: &Redaction) -> Result<(Vec<String>, Option<String>)> {
        let mut entries = Vec::new();
        for id in ids.iter().filter_map(|id| EntryId::parse(id)) {
            entries.extend(self.journal.entry(id)?);
        }
        entries.sort_by_key(|entry| (entry.clock, entry.id));
        let head = entries.last().map(|entry| entry.id.to_string());
        let copy = |entry: &Entry| entry.to_copy(&audited.reviewers().named(&entry.reviewer).unwrap_or_default(), &(redaction.replace)(&entry.body));
        Ok((entries.iter().filter_map(copy).collect(), head))
    }
}

impl From<export::ExportError> for Error {
    fn from(error: export::ExportError) -> Self {
        Self::Export(Box::new(error))
    }
}
