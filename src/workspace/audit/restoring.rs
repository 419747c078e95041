//! Putting back what was redacted and is needed: where another record holds the text unredacted, and a person decided that it may leave.

use super::claims::{Checker, Seen};
use super::finding::{AuditFinding, Twin, Verdict};
use crate::model::Trajectory;
use crate::model::ids::hex;
use crate::redaction::Tier;
use crate::redaction::claims::markers;
use crate::workspace::{Result, Workspace};
use sha2::{Digest, Sha256};

/// A text that is hardly more than its mark is found in places that are not meant.
const TELLING_BYTES: usize = 4;

/// A text with a mark in it, and the text without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::workspace) struct Restored {
    /// The trajectory it stands in.
    pub trajectory: String,
    marked: String,
    whole: String,
}

impl Checker<'_> {
    /// Notes for everything that was redacted and is needed where it stands unredacted.
    pub fn restorable(&mut self, seen: &[Seen]) {
        let places = self.places(seen);
        let mut found = std::mem::take(&mut self.found);
        for finding in found.iter_mut().filter(|finding| finding.tier == Tier::OverRedaction) {
            let Some(field) = places.get(&(finding.source.clone(), finding.leaf_start)) else { continue };
            let marked = field.markers.iter().find(|mark| finding.start <= mark.range.start && mark.range.end <= finding.end);
            let twin = marked.and_then(|mark| Some((mark, self.twin_at(field, &mark.range, seen)?)));
            let Some((mark, (twin, range))) = twin else { continue };
            let value = twin.text.get(range.clone()).unwrap_or_default();
            let fits = mark.hash.as_ref().is_none_or(|hash| hex(&Sha256::digest(value.as_bytes())).starts_with(hash.as_str()));
            let Some(record) = self.records.get(twin.record).filter(|_| fits) else { continue };
            (finding.start, finding.end) = (mark.range.start, mark.range.end);
            finding.unredacted = Some(Twin {
                source: record.source.to_string(),
                member: record.member.as_ref().map(ToString::to_string),
                leaf_start: record.at(twin.leaf.start),
                leaf_end: record.at(twin.leaf.end),
                start: range.start,
                end: range.end,
            });
            if let Some(message) = &mut finding.message {
                message.push_str("; it stands unredacted in another record: `keep` puts it back in what is exported");
            }
        }
        self.found = found;
    }
}

impl Workspace {
    /// Gives what a mark hides, from the record that holds it unredacted.
    pub(super) fn unredacted(&self, finding: &AuditFinding) -> Result<Option<String>> {
        let Some(twin) = &finding.unredacted else { return Ok(None) };
        let text = self.leaf_at(&twin.source, twin.member.as_deref(), twin.leaf_start, twin.leaf_end)?;
        Ok(text.get(twin.start..twin.end).filter(|value| markers(value).is_empty()).map(str::to_owned))
    }

    /// Gives the texts that are put back, by what was decided.
    pub(in crate::workspace) fn restored(&self, findings: &[AuditFinding]) -> Result<Vec<Restored>> {
        let mut all = Vec::new();
        for finding in findings.iter().filter(|f| f.tier == Tier::OverRedaction && f.verdict == Verdict::Keep) {
            let Some(value) = self.unredacted(finding)? else { continue };
            let marked = self.field_of(finding)?;
            let (Some(before), Some(after)) = (marked.get(..finding.start), marked.get(finding.end..)) else { continue };
            let whole = format!("{before}{value}{after}");
            let hashed = markers(&marked).iter().any(|mark| mark.hash.is_some());
            if hashed || before.len() + after.len() > TELLING_BYTES {
                all.push(Restored { trajectory: finding.trajectory.clone(), marked, whole });
            }
        }
        // One text with two marks, or that hides two values, cannot be put back as a whole: it stays as it is.
        let once = |one: &Restored| all.iter().filter(|other| (&other.trajectory, &other.marked) == (&one.trajectory, &one.marked)).count() == 1;
        let sure: Vec<bool> = all.iter().map(once).collect();
        let mut sure = sure.into_iter();
        all.retain(|_| sure.next().unwrap_or(false));
        Ok(all)
    }
}

impl Restored {
    /// Puts the text back wherever it stands in a trajectory, also as a string of JSON.
    pub fn put_back(&self, trajectory: &mut Trajectory) {
        let quoted = |text: &str| serde_json::to_string(text).ok().and_then(|text| text.get(1..text.len() - 1).map(str::to_owned));
        let forms = [Some((self.marked.clone(), self.whole.clone())), quoted(&self.marked).zip(quoted(&self.whole))];
        trajectory.rewrite_texts(&mut |text| {
            let (marked, whole) = forms.iter().flatten().find(|(marked, _)| text.contains(marked.as_str()))?;
            Some(text.replace(marked, whole))
        });
    }
}
