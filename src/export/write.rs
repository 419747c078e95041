//! Writing the export: from the plan to a signed bundle in its place.

#[cfg(feature = "parquet")]
mod parquet;

use super::bundle::manifest::{Audit, Dataset, LAYOUT, Manifest, Reward, Tool};
use super::bundle::{Cards, Finding, Signing, Staging, cards, seal, write_evidence};
use super::lineage;
use super::plan::{ExportError, ExportReport, Plan};
use super::rows::{Row, RowId};
use super::scan::{self, Redaction};
use super::spool::Place;
use super::watch::{Watch, Watched};
use crate::model::ids::hex;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Rows whose lineage is written together, on every core.
const AT_ONCE: usize = 512;

impl Plan {
    /// Writes the bundle, signs it and puts it in its place; `watch` hears how many rows, their lineages and looks at them are done.
    pub fn write(self, out: &Path, key: &Signing, watch: &mut Watch<'_>) -> Result<ExportReport, ExportError> {
        let mut watch = Watched::new(watch);
        let outcome = self.write_watched(out, key, &mut watch);
        if watch.stopped { Err(ExportError::Stopped) } else { outcome }
    }

    fn write_watched(mut self, out: &Path, key: &Signing, watch: &mut Watched<'_, '_>) -> Result<ExportReport, ExportError> {
        if let Some(gate) = self.report.gates.iter().find(|gate| !gate.ok) {
            let advice = "; a reviewer can override it with a reason (--override GATE=REASON)";
            return Err(ExportError::Gate { gate: gate.gate, reason: gate.detail.clone().unwrap_or_default(), advice });
        }
        // A bundle that is there is worth more than one without a row.
        if self.files.is_empty() && out.join("manifest.json").exists() {
            return Err(ExportError::Empty);
        }
        let mut staging = Staging::begin(out, &self.input.definition.name, self.input.evidence.said.unnamed())?;
        let rows = self.files.iter().map(|file| file.rows.len()).sum::<usize>();
        self.data(&mut staging, rows, watch)?;
        for report in &mut self.report.shapes {
            report.sha256 = staging.files.get(&report.file).map(|facts| facts.sha256.clone()).unwrap_or_default();
        }
        #[cfg(feature = "parquet")]
        self.parquet(&mut staging)?;
        self.lineage(&mut staging, rows, watch)?;
        let manifest = self.manifest();
        staging.write("manifest.json", [serde_json::to_string_pretty(&manifest).unwrap_or_default(), "\n".to_owned()])?;
        self.evidence(&mut staging, &manifest)?;
        let met = match &self.input.redaction {
            None => BTreeSet::new(),
            Some(redaction) => look(&staging, redaction, watch)?,
        };
        let findings = self.input.evidence.findings.iter().map(|finding| finding.line(&met));
        staging.write_lines("redactions.jsonl", findings)?;
        seal(&mut staging, &manifest, &self.input.evidence, key)?;
        staging.finish()?;
        self.report.out = Some(out.to_string_lossy().into_owned());
        Ok(self.report)
    }

    /// Writes the data files, line by line from the spool.
    fn data(&self, staging: &mut Staging, all: usize, watch: &mut Watched<'_, '_>) -> Result<(), ExportError> {
        let mut done = 0_usize;
        for file in &self.files {
            let rows = file.rows.iter().map(|row| {
                if done.is_multiple_of(AT_ONCE) {
                    watch.go(done, 3 * all)?;
                }
                done += 1;
                self.spool.read(row.line)
            });
            staging.write_all(&file.name, file.shape.header.map(|header| Ok(header.to_owned())).into_iter().chain(rows))?;
        }
        Ok(())
    }

    /// Writes the shapes with pinned columns as Parquet too.
    #[cfg(feature = "parquet")]
    fn parquet(&self, staging: &mut Staging) -> Result<(), ExportError> {
        for file in self.files.iter().filter(|file| self.input.definition.parquet && parquet::takes(file.shape)) {
            let rows = file.rows.iter().map(|row| self.spool.read(row.line));
            let name = file.name.replace(".jsonl", ".parquet");
            staging.write_with(&name, |to| parquet::write(file.shape, self.input.definition.mask, rows, to).map_err(std::io::Error::other))?;
        }
        Ok(())
    }

    /// Writes the lineage of every row, sorted by row id.
    fn lineage(&self, staging: &mut Staging, all: usize, watch: &mut Watched<'_, '_>) -> Result<(), ExportError> {
        let mut places: Vec<(RowId, usize, usize)> =
            self.files.iter().enumerate().flat_map(|(file, data)| data.rows.iter().enumerate().map(move |(line, row)| (row.id, file, line))).collect();
        places.sort_unstable();
        let lines = places.chunks(AT_ONCE).enumerate().flat_map(|(n, part)| {
            if let Err(stopped) = watch.go(all + n * AT_ONCE, 3 * all) {
                return vec![Err(stopped)];
            }
            let written: Vec<std::io::Result<String>> = part.par_iter().map(|(_, file, line)| self.one_lineage(*file, *line)).collect();
            written
        });
        Ok(staging.write_all("lineage.jsonl", lines)?)
    }

    fn one_lineage(&self, file: usize, line: usize) -> std::io::Result<String> {
        let found = self.files.get(file).and_then(|data| Some((data, data.rows.get(line)?)));
        let found = found.and_then(|(data, row)| Some((data, row, self.beside.get(row.example as usize)?.as_ref()?)));
        let Some((data, Row { id, sha256, .. }, beside)) = found else { return Err(std::io::Error::other("a row has no lineage")) };
        let (id, sha256, first) = (id.to_string(), hex(sha256), 1 + usize::from(data.shape.header.is_some()));
        let place = lineage::Place { row: &id, shape: data.shape.name, file: &data.name, line: first + line, sha256: &sha256 };
        Ok(lineage::line(&place, &self.spool.read(beside.lineage)?))
    }

    /// Writes the decision cards and all other evidence.
    fn evidence(&self, staging: &mut Staging, manifest: &Manifest) -> Result<(), ExportError> {
        let rows = self.rows_by_example();
        let mut lines = self.cards(&rows).map(|([head, tail, _], ids)| Ok(cards::line(&self.spool.read(head)?, &self.spool.read(tail)?, &ids)));
        let mut texts = self.cards(&rows).map(|([.., text], ids)| Ok(cards::text(&self.spool.read(text)?, &ids)));
        let cards = Cards { lines: &mut lines, texts: &mut texts };
        Ok(write_evidence(staging, manifest, &self.input.definition, &self.input.evidence, cards)?)
    }

    /// Gives the card of every example that has one and has rows, with these.
    fn cards<'s>(&'s self, rows: &'s [(u32, RowId)]) -> impl Iterator<Item = ([Place; 3], Vec<RowId>)> + 's {
        rows.chunk_by(|a, b| a.0 == b.0).filter_map(|part| {
            let card = self.beside.get(part.first()?.0 as usize)?.as_ref()?.card?;
            Some((card, part.iter().map(|(_, id)| *id).collect()))
        })
    }

    /// Gives the ids of the rows of each example, in the order of the files.
    fn rows_by_example(&self) -> Vec<(u32, RowId)> {
        let mut rows: Vec<(u32, RowId)> = self.files.iter().flat_map(|file| &file.rows).map(|row| (row.example, row.id)).collect();
        rows.sort_by_key(|(example, _)| *example);
        rows
    }

    fn manifest(&self) -> Manifest {
        let mut blocked: BTreeMap<String, usize> = BTreeMap::new();
        for one in &self.report.blocked {
            *blocked.entry(one.gate.to_owned()).or_default() += 1;
        }
        let mut findings: BTreeMap<String, usize> = BTreeMap::new();
        for finding in &self.input.evidence.findings {
            *findings.entry(finding.verdict.to_owned()).or_default() += 1;
        }
        let evidence = &self.input.evidence;
        Manifest {
            schema: "ossia.manifest.v1".to_owned(),
            layout: LAYOUT,
            tool: Tool { name: "ossia".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
            dataset: Dataset::of(&evidence.said),
            policies_sha256: self.input.definition.policies_hash(),
            journal_head: self.input.journal_head.clone(),
            read_to: Some(self.input.read_to.clone()),
            rules_sha256: self.input.redaction.as_ref().map(|redaction| redaction.rules_sha256.clone()),
            audit: Audit {
                state: if evidence.audited { "clean" } else { "overridden" }.to_owned(),
                certificate: evidence.certificate.as_ref().map(|certificate| certificate.sha256.clone()),
                findings,
            },
            reward: Reward { name: super::reward::NAME.to_owned(), sha256: super::reward::formula_hash() },
            date: self.date.clone(),
            examples: self.report.examples,
            pairs: self.report.pairs,
            splits: self.report.splits.clone(),
            blocked,
            overridden: evidence.said.overrides.clone(),
            since: self.since.clone(),
            shapes: self.report.shapes.clone(),
        }
    }
}

/// Looks at the written bytes once more, before they stand where anybody finds them; gives the SHA-256 of the values that a reviewer
/// let pass and that were met.
fn look(staging: &Staging, redaction: &Redaction, watch: &mut Watched<'_, '_>) -> Result<BTreeSet<String>, ExportError> {
    let (mut kept, clean) = (BTreeSet::new(), scan::Clean::default());
    let bytes = staging.files.values().map(|facts| facts.bytes).sum::<u64>().max(1);
    let mut before = 0;
    for (name, facts) in &staging.files {
        let share = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        let mut go = |read: u64| watch.go(2 * share(bytes) + share(before + read), 3 * share(bytes)).map_err(|stopped| stopped.to_string());
        let mut take = |line: usize, met: scan::Met| {
            if met.kept {
                kept.insert(met.sha256);
                return Ok(());
            }
            Err(format!("{name}, line {line}: {}", met.what))
        };
        let done = scan::file(&staging.path(name), &redaction.scan, &clean, &mut take, &mut go);
        before += facts.bytes;
        done.map_err(|reason| ExportError::Gate { gate: "scan", reason, advice: "; decide its finding with `ossia audit`" })?;
    }
    Ok(kept)
}

impl Finding {
    /// Writes the finding; a value that may leave is named by its hash where it does, so that whoever verifies knows it again.
    fn line(&self, met: &BTreeSet<String>) -> String {
        let left = self.kept.as_ref().filter(|sha256| met.contains(*sha256));
        let mut line = self.line.clone();
        line.push("sha256", left.cloned().into());
        line.text()
    }
}
