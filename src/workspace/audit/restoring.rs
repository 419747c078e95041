//! Putting back what was redacted and is needed: where another record holds the text unredacted, and a person decided that it may leave.

use super::claims::{Checker, Seen};
use super::documents::is_identifier;
use super::finding::{AuditFinding, Leaf, Twin, Verdict};
use crate::model::Trajectory;
use crate::model::ids::hex;
use crate::redaction::Tier;
use crate::redaction::claims::markers;
use crate::workspace::{Result, Workspace};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;

/// A text that is hardly more than its mark is found in places that are not meant.
const TELLING_BYTES: usize = 4;

/// Tells whether a value is what its finding says: what is no name of a thing does not come back as one.
fn may_return(class: &str, value: &str) -> bool {
    !matches!(class, "commit_id" | "identifier") || is_identifier(value)
}

/// A text with a mark in it, and the text without.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::workspace) struct Restored {
    /// The trajectory it stands in.
    pub trajectory: String,
    step: String,
    marked: String,
    whole: String,
}

impl Checker<'_> {
    /// Notes for everything that was redacted and is needed where it stands unredacted.
    pub fn restorable(&mut self, seen: &[Seen]) {
        let places = self.places(seen);
        let mut found = std::mem::take(&mut self.found);
        for finding in found.iter_mut().filter(|finding| finding.tier == Tier::OverRedaction) {
            let Some(field) = places.get(&finding.leaf()) else { continue };
            let marked = field.markers.iter().find(|mark| finding.start <= mark.range.start && mark.range.end <= finding.end);
            let twin = marked.and_then(|mark| Some((mark, self.twin_at(field, &mark.range, seen)?)));
            let Some((mark, (twin, range))) = twin else { continue };
            let value = twin.text.get(range.clone()).unwrap_or_default();
            let fits =
                mark.hash.as_ref().is_none_or(|hash| hex(&Sha256::digest(value.as_bytes())).starts_with(hash.as_str())) && may_return(&finding.class, value);
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
        let value =
            |text: &str| text.get(twin.start..twin.end).filter(|value| markers(value).is_empty() && may_return(&finding.class, value)).map(str::to_owned);
        Ok(value(&self.text_of(twin)?))
    }

    /// Reads the text that stands unredacted.
    fn text_of(&self, twin: &Twin) -> Result<String> {
        self.leaf_at(&twin.source, twin.member.as_deref(), twin.leaf_start, twin.leaf_end)
    }

    /// Gives the texts that are put back, by what was decided: each field once, with all its marks that are kept put back together.
    pub(in crate::workspace) fn restored(&self, findings: &[AuditFinding]) -> Result<Vec<Restored>> {
        let mut fields: BTreeMap<(&str, Leaf), Vec<&AuditFinding>> = BTreeMap::new();
        for finding in findings.iter().filter(|f| f.tier == Tier::OverRedaction && f.verdict == Verdict::Keep && f.unredacted.is_some()) {
            fields.entry((&finding.trajectory, finding.leaf())).or_default().push(finding);
        }
        let mut all: Vec<Restored> = Vec::new();
        for ((trajectory, _), mut marks) in fields {
            // From the back, so that the places before stay where they are.
            marks.sort_by_key(|finding| std::cmp::Reverse((finding.start, finding.end)));
            let Some(first) = marks.first() else { continue };
            let marked = self.field_of(first)?;
            let (mut whole, mut from, mut put) = (marked.clone(), marked.len() + 1, 0);
            for mark in &marks {
                let place = mark.start..mark.end;
                if mark.end <= from
                    && marked.get(place.clone()).is_some()
                    && let Some(value) = self.unredacted(mark)?
                {
                    whole.replace_range(place, &value);
                    (from, put) = (mark.start, put + mark.end - mark.start);
                }
            }
            let standing = markers(&marked);
            let kept_all = standing.iter().map(|mark| mark.range.len()).sum::<usize>() == put;
            let mut fits = true;
            for twin in marks.iter().filter_map(|mark| mark.unredacted.as_ref()).filter(|_| kept_all) {
                fits &= self.text_of(twin)?.trim() == whole.trim();
            }
            let hashed = standing.iter().any(|mark| mark.hash.is_some());
            let one = Restored { trajectory: trajectory.to_owned(), step: first.step.clone(), marked, whole };
            if put > 0 && fits && (hashed || one.marked.len() - put > TELLING_BYTES) && !all.contains(&one) {
                all.push(one);
            }
        }
        // One text of a step that hides different values in two streams cannot be told apart: it stays as it is.
        let once = |one: &Restored| {
            all.iter().filter(|other| (&other.trajectory, &other.step, &other.marked) == (&one.trajectory, &one.step, &one.marked)).count() == 1
        };
        let sure: Vec<bool> = all.iter().map(once).collect();
        let mut sure = sure.into_iter();
        all.retain(|_| sure.next().unwrap_or(false));
        Ok(all)
    }
}

impl Restored {
    /// Puts the text back in its step and the call of that step, also as a string of JSON: where it stands whole, and once. A part of
    /// another text looks like it and may hide something else.
    pub fn put_back(&self, trajectory: &mut Trajectory) {
        let quoted = |text: &str| serde_json::to_string(text).unwrap_or_default();
        let (marked, whole) = (quoted(&self.marked), quoted(&self.whole));
        trajectory.rewrite_texts_of(&self.step, &mut |text| {
            // The fields of a message are lines of its step.
            let line = || only(text, &self.marked, &|before, after| matches!(before, None | Some('\n')) && matches!(after, None | Some('\n')));
            let string = || only(text, &marked, &|before, _| before != Some('\\')).filter(|_| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
            let (place, put) = line().map(|place| (place, &self.whole)).or_else(|| Some((string()?, &whole)))?;
            let mut text = text.to_owned();
            text.replace_range(place, put);
            Some(text)
        });
    }
}

/// Finds the one place of a part of a text whose neighbours pass a test; none where there are several.
fn only(text: &str, part: &str, beside: &dyn Fn(Option<char>, Option<char>) -> bool) -> Option<Range<usize>> {
    let mut places = text.match_indices(part).map(|(at, _)| at..at + part.len());
    let neighbours =
        |place: &Range<usize>| beside(text.get(..place.start).and_then(|t| t.chars().next_back()), text.get(place.end..).and_then(|t| t.chars().next()));
    let first = places.find(neighbours)?;
    places.all(|place| !neighbours(&place)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Actor, Kind, Step};

    fn step(id: &str, text: &str) -> Step {
        let (aliases, parts, origins, redactions) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (id, text) = (id.to_owned(), text.to_owned());
        let (actor, kind) = (Actor::User, Kind::Message);
        Step { id, aliases, seq: 1, parent: None, at: None, actor, kind, text, parts, execution: None, model: None, usage: None, origins, redactions }
    }

    #[test]
    fn what_stands_in_no_step_stays_masked() {
        let (marked, whole) = ("commit [REDACTED:token], done", "commit 4f1c9ae07d, done");
        let mut t = crate::assemble::assemble_unjudged("any:any", Vec::new());
        t.steps = vec![step("a", marked), step("b", marked)];
        [&mut t.title, &mut t.system_prompt, &mut t.cwd].into_iter().for_each(|text| *text = Some(marked.to_owned()));
        let one = Restored { trajectory: t.id.clone(), step: "b".into(), marked: marked.into(), whole: whole.into() };
        one.put_back(&mut t);
        assert_eq!([&t.steps[0].text, &t.steps[1].text], [marked, whole]);
        assert!([&t.title, &t.system_prompt, &t.cwd].into_iter().all(|text| text.as_deref() == Some(marked)));
    }

    #[test]
    fn a_text_that_ends_another_one_is_not_taken_for_it() {
        let (marked, whole) = ("commit [REDACTED:token], done", "commit 4f1c9ae07d, done");
        let mut t = crate::assemble::assemble_unjudged("any:any", Vec::new());
        let one = Restored { trajectory: t.id.clone(), step: "b".into(), marked: marked.into(), whole: whole.into() };
        for (before, after) in [
            (format!("{marked}\nreverted {marked}"), format!("{whole}\nreverted {marked}")),
            (format!("reverted {marked}\n{marked}\nok"), format!("reverted {marked}\n{whole}\nok")),
            // Which of two is meant cannot be told, nor what only begins or ends like it.
            (format!("{marked}\n{marked}"), format!("{marked}\n{marked}")),
            (format!("echo \"{marked}\""), format!("echo \"{marked}\"")),
            (format!("{{\"a\":\"{marked}\",\"b\":\"un{marked}\"}}"), format!("{{\"a\":\"{whole}\",\"b\":\"un{marked}\"}}")),
        ] {
            t.steps = vec![step("b", &before)];
            one.put_back(&mut t);
            assert_eq!(t.steps[0].text, after);
        }
    }

    #[test]
    fn only_names_of_things_come_back_as_such() {
        assert!(may_return("commit_id", "4f1c9ae07d") && !may_return("commit_id", "Project Bluebird") && !may_return("identifier", "hunter2"));
    }
}
