//! Gathering a statement: the whole workspace is looked at anew, and what stands against signing is listed beside it.

use super::statement::{Consent, Diff, Instruments, LIMITS, Leaves, NotRead, OverRedaction, PlanRow, RevealRow, Scope, SourceLine, Statement};
use super::verdicts::{broken, verdicts};
use crate::export::{Policy, Treatment};
use crate::model::Trajectory;
use crate::model::ids::hex;
use crate::query::Query;
use crate::redaction::canaries::canaries;
use crate::redaction::{Engine, Key, LIMITED, Redactor, Style, decoder_names, merkle};
use crate::workspace::audit::disclosure::Reveal;
use crate::workspace::audit::finding::{AuditFinding, Verdict};
use crate::workspace::audit::instruments;
use crate::workspace::audit::keys::KeyKind;
use crate::workspace::audit::run::AuditReport;
use crate::workspace::audit::{Bound, SamplingPlan};
use crate::workspace::journal::now;
use crate::workspace::{Error, Result, Workspace};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Kinds that are named in every certificate, also where there is none of them.
const NOT_READ: [&str; 8] = ["images", "attached files", "cut by the writer", "bytes that are no UTF-8", "encrypted", LIMITED[0], LIMITED[1], LIMITED[2]];
/// Attributes by which a source states what may be done with it.
const CONSENT: [&str; 6] = ["training_opt_out", "data_collection_opt_out", "consent", "retention_until", "expires_at", "ttl"];
/// By what a certificate is void before its time.
const VOID_ON: [&str; 7] = [
    "a new byte in any source",
    "other rules, lists or decoders",
    "another field policy",
    "a value that becomes known",
    "a verdict that changes, by whoever it is given",
    "anything else that is said of consent",
    "its time",
];
/// Places that are shown before and after.
const DIFFS: usize = 20;
const DAY_MS: i64 = 86_400_000;

impl Workspace {
    /// Gathers what a certificate states, and what stands against signing it; `accepted` says by kind why what was not read may stay unread.
    pub(super) fn gather(&self, reviewer: &str, days: u32, accepted: &BTreeMap<String, String>) -> Result<(Statement, Vec<String>)> {
        let engine = self.own_engine()?;
        let report = self.audit(&Query::All, &engine, false)?;
        let key = self.key(KeyKind::Pseudonym)?;
        let name = |who: &str| key.pseudonym("certificate reviewer", who);
        let redactor = self.redactor_of(&self.leaving(&report.findings)?, "certificate", Style::Mark)?;
        let mut over = OverRedaction { diffs: self.diffs(&report, &redactor)?, ..OverRedaction::default() };
        let scope = self.scope(&report, accepted, &key, &redactor, &mut over)?;
        let proof = self.proof(&report.findings)?;
        let (mut part, mut against) = verdicts(&report.findings, &*self.decided()?, &proof, &name);
        for finding in report.findings.iter().filter(|f| f.tier == crate::redaction::Tier::OverRedaction) {
            *over.by_class.entry(finding.class.clone()).or_default() += 1;
            over.restored += u64::from(finding.verdict == Verdict::Keep && finding.unredacted.is_some());
        }
        part.fingerprint = self.verdicts_fingerprint()?;
        let instruments = self.instruments(&engine, &scope.merkle_root)?;
        let policy = self.field_policy()?;
        let query = |text: &str| match policy.of("sample_query") {
            Treatment::Clear => redactor.text(text).text,
            Treatment::Pseudonym => key.pseudonym("certificate query", text),
            Treatment::Omit => "omitted".to_owned(),
        };
        let sampling = self.plans(&engine, &query)?;
        if instruments.canaries.found < instruments.canaries.planted {
            against.push(format!(
                "the self-test found {} of {} canaries: {}",
                instruments.canaries.found,
                instruments.canaries.planted,
                instruments.canaries.missed.join(", ")
            ));
        }
        for kind in scope.not_read.iter().filter(|kind| kind.count > 0 && kind.accepted.is_none()) {
            against.push(format!("{} {} were not read, and nobody accepted that (--accept '{}=REASON')", kind.count, kind.what, kind.what));
        }
        if over.ids_changed > 0 {
            against.push(format!("redaction would change {} ids, links or signatures", over.ids_changed));
        }
        // Whoever declares plans until one of them draws what he likes leaves the others unread.
        for plan in sampling.iter().filter(|plan| plan.sampled.is_none() && plan.rules_sha256 == engine.hash()) {
            match self.draw_sample(&plan.plan) {
                Ok(_) => against.push(format!("the plan {} was declared and not read (`ossia audit sample draw {0}`)", plan.plan)),
                // It was declared over other fields, and can be read no more.
                Err(Error::Undecidable(_)) => {}
                Err(error) => return Err(error),
            }
        }
        if !sampling.iter().any(|plan| plan.certifies) {
            let part = sampling.iter().any(|plan| plan.query.is_some()).then_some("; a plan over a query bounds what it was drawn from alone");
            let none = "no sample over all fields of now was read and accepted at these rules since the last miss (`ossia audit sample plan`)";
            against.push(format!("{none}{}", part.unwrap_or_default()));
        }
        let made = now();
        let expires = crate::model::Timestamp::from_ms(made.ms() + i64::from(days) * DAY_MS).unwrap_or(made);
        let statement = Statement {
            made_at: made.to_string(),
            expires: expires.to_string(),
            reviewer: name(reviewer),
            scope,
            instruments,
            verdicts: part,
            claims: report.coverage.detail.claims,
            broken: broken(&report.findings),
            sampling,
            over_redaction: over,
            leaves: self.leaves(&redactor)?,
            reveals: self.reveals(&name)?,
            void_on: VOID_ON.map(str::to_owned).into(),
            limits: LIMITS.map(str::to_owned).into(),
        };
        Ok((statement, against))
    }

    /// Gives the policy that exports enforce: the built-in one, with the lines of the workspace's `policy.toml`.
    pub(in crate::workspace) fn field_policy(&self) -> Result<Policy> {
        let own = instruments::read(&self.folder.join("policy.toml"))?.unwrap_or_default();
        Policy::with(&own).map_err(Error::Undecidable)
    }

    /// Tells whether session ids leave in the ids of trajectories although the policy does not let them leave as they are.
    pub fn keeps_session_ids(&self) -> Result<bool> {
        Ok(self.field_policy()?.of("session_id") != Treatment::Clear)
    }

    /// Gives the root over the sources as they are now.
    pub(super) fn sources_root(&self) -> Result<(String, Vec<SourceLine>)> {
        let mut lines: Vec<SourceLine> = self
            .store
            .sources()?
            .into_iter()
            .map(|row| SourceLine { sha256: row.sha256, format: row.format, size_bytes: row.stamp.size, records: row.records })
            .collect();
        lines.sort_by(|a, b| a.sha256.cmp(&b.sha256));
        lines.dedup_by(|a, b| a.sha256 == b.sha256);
        Ok((merkle::root(lines.iter().map(|line| line.sha256.as_str())), lines))
    }

    fn scope(&self, report: &AuditReport, accepted: &BTreeMap<String, String>, key: &Key, redactor: &Redactor, over: &mut OverRedaction) -> Result<Scope> {
        let (merkle_root, sources) = self.sources_root()?;
        let coverage = &report.coverage;
        let mut not_read: BTreeMap<String, u64> = NOT_READ.iter().map(|what| ((*what).to_owned(), 0)).collect();
        not_read.extend(coverage.detail.not_read.clone());
        let mut scope = Scope {
            merkle_root,
            sources,
            records: coverage.detail.records,
            fields: coverage.fields_scanned,
            bytes: coverage.bytes_scanned,
            by_kind: coverage.detail.by_kind.clone(),
            bytes_by_kind: coverage.detail.bytes_by_kind.clone(),
            ..Scope::default()
        };
        let consents = self.consents()?;
        scope.consent_fingerprint = self.consents_fingerprint()?;
        for (number, _) in self.store.generations()? {
            let Some(t) = self.load_unjudged(number)? else { continue };
            scope.trajectories += 1;
            scope.steps += t.steps.len() as u64;
            *not_read.entry("attached files".to_owned()).or_default() +=
                t.steps.iter().flat_map(|step| &step.parts).filter(|part| part.kind != "image").count() as u64;
            check_ids(&t, redactor, over);
            let trajectory = key.pseudonym("certificate trajectory", &t.id);
            let said = CONSENT.iter().filter_map(|name| Some((*name, t.lineage.attributes.get(*name)?)));
            scope.consent.extend(said.map(|(states, value)| Consent {
                trajectory: trajectory.clone(),
                states: states.to_owned(),
                value: redactor.text(value).text,
            }));
            scope.consent.extend(consents.iter().filter(|consent| consent.is_of(&t)).map(|consent| Consent {
                trajectory: trajectory.clone(),
                states: "set for its source".to_owned(),
                value: consent.said.words(),
            }));
        }
        scope.not_read = not_read.into_iter().map(|(what, count)| NotRead { accepted: accepted.get(&what).cloned(), what, count }).collect();
        Ok(scope)
    }

    fn instruments(&self, engine: &Engine, seed: &str) -> Result<Instruments> {
        let program = std::env::current_exe().and_then(std::fs::read).ok();
        let lists = self.audit_lists()?;
        let mut known: BTreeSet<String> = BTreeSet::new();
        self.store.each_finding(&mut |_, _, fingerprint| {
            known.insert(fingerprint.to_owned());
        })?;
        Ok(Instruments {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            program_sha256: program.map(|bytes| hex(&Sha256::digest(bytes))),
            rules_sha256: engine.hash().to_owned(),
            rules: engine.rules().rules().len() as u64,
            listed: (lists.names.len() + lists.words.len()) as u64,
            lists_fingerprint: self.key(KeyKind::Fingerprint)?.fingerprint(&format!("lists\0{}\0\0{}", lists.names.join("\0"), lists.words.join("\0"))),
            decoders_sha256: hex(&Sha256::digest(decoder_names().join(" "))),
            decoders: decoder_names().into_iter().map(str::to_owned).collect(),
            known_values: known.len() as u64,
            known_sha256: self.known_values()?,
            canaries: canaries(engine, seed),
        })
    }

    /// Lists every plan; the one that certifies was declared after the last miss, at these rules and over all fields of now, and kept. Of several
    /// it is the one that reads most, so that a small one declared later takes nothing from what is known.
    fn plans(&self, engine: &Engine, named: &dyn Fn(&str) -> String) -> Result<Vec<PlanRow>> {
        let plans = self.sampling()?;
        let last_miss = plans.iter().rposition(|(_, _, bound)| bound.as_ref().is_some_and(|bound| bound.missed > 0 && !bound.accepted));
        let frame = self.frame(None)?.sha256();
        let over_all = |plan: &SamplingPlan| plan.query.is_none() && plan.frame_sha256 == frame;
        let kept = |plan: &SamplingPlan, bound: Option<&Bound>| plan.rules == engine.hash() && over_all(plan) && bound.is_some_and(|b| b.accepted);
        let certifying = plans
            .iter()
            .enumerate()
            .filter(|(at, (_, plan, bound))| kept(plan, bound.as_ref()) && last_miss.is_none_or(|miss| *at > miss))
            .max_by_key(|(at, (_, plan, _))| (plan.size, *at))
            .map(|(at, _)| at);
        let row = |(at, (name, plan, bound)): (usize, (String, SamplingPlan, Option<Bound>))| PlanRow {
            plan: name,
            seed: plan.seed,
            query: plan.query.as_deref().map(named),
            size: plan.size,
            accept: plan.accept,
            planted: plan.planted,
            frame: plan.frame.values().sum(),
            rules_sha256: plan.rules,
            sampled: bound.as_ref().map(|b| b.sampled),
            missed: bound.as_ref().map(|b| b.missed),
            upper_95: bound.as_ref().map(|b| b.upper_95),
            found: bound.as_ref().map(|b| b.found),
            upper_95_for_reader: bound.as_ref().map(|b| b.upper_95_for_reader),
            strata: bound.into_iter().flat_map(|b| b.strata).map(|s| (s.stratum, s.fields, s.sampled, s.missed, s.upper)).collect(),
            certifies: certifying == Some(at),
        };
        Ok(plans.into_iter().enumerate().map(row).collect())
    }

    /// Draws redacted places and shows each before and after.
    fn diffs(&self, report: &AuditReport, redactor: &Redactor) -> Result<Vec<Diff>> {
        let mut drawn: Vec<&AuditFinding> = report.findings.iter().filter(|f| f.verdict == Verdict::Redact && f.is_value()).collect();
        drawn.sort_by_key(|finding| hex(&Sha256::digest(format!("diff {}", finding.id))));
        let drawn: Vec<AuditFinding> = drawn.into_iter().take(DIFFS).cloned().collect();
        // A certificate goes to others than the bundle does, and holds no value: neither one that was kept.
        let places = self.places_without(&drawn, &|_| true)?;
        let mut diffs = Vec::new();
        for (finding, place) in drawn.iter().zip(places) {
            let mark = self.value_of(finding)?.map(|value| redactor.text(&value).text).unwrap_or_default();
            let (before, after) = (place.text.get(..place.mark.start).unwrap_or_default(), place.text.get(place.mark.end..).unwrap_or_default());
            let after = format!("{before}{mark}{after}");
            diffs.push(Diff { before: redactor.text(&place.text).text, after: redactor.text(&after).text });
        }
        Ok(diffs)
    }

    fn leaves(&self, redactor: &Redactor) -> Result<Leaves> {
        let policy = self.field_policy()?;
        let mut notes_with_values = 0;
        self.journal.each(None, |entry| notes_with_values += u64::from(&*entry.kind != "redaction" && redactor.finds(&entry.body)))?;
        Ok(Leaves { policy: policy.text(), policy_sha256: policy.hash(), notes_with_values })
    }

    fn reveals(&self, name: &dyn Fn(&str) -> String) -> Result<Vec<RevealRow>> {
        let mut rows: BTreeMap<String, (BTreeSet<String>, RevealRow)> = BTreeMap::new();
        for entry in self.journal.of_kinds(&["reveal"])? {
            let Ok(Some(Reveal { fingerprint, class })) = entry.decision::<Reveal>() else { continue };
            let (who, at) = (name(&entry.reviewer), entry.at.to_string());
            let (values, row) = rows
                .entry(who.clone())
                .or_insert_with(|| (BTreeSet::new(), RevealRow { who, values: 0, classes: Vec::new(), first: at.clone(), last: at.clone() }));
            values.insert(fingerprint);
            (row.values, row.last) = (values.len() as u64, at);
            if !row.classes.contains(&class) {
                row.classes.push(class);
            }
        }
        Ok(rows.into_values().map(|(_, row)| row).collect())
    }
}

/// Counts the ids, links and signatures of a trajectory, and those that redaction would change.
fn check_ids(t: &Trajectory, redactor: &Redactor, over: &mut OverRedaction) {
    let steps = t.steps.iter().flat_map(|step| std::iter::once(&step.id).chain(&step.aliases).chain(&step.parent).chain(&step.execution));
    let calls =
        t.executions.iter().flat_map(|e| [Some(&e.id), e.call_id.as_ref(), e.tool_execution_id.as_ref(), e.approval_request_id.as_ref()].into_iter().flatten());
    for id in steps.chain(calls) {
        over.ids_checked += 1;
        over.ids_changed += u64::from(!redactor.ranges(id).is_empty());
    }
}
