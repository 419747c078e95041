//! Findings put together by value, trajectory, rule or class.

use crate::app::redactions::RedactionsView;
use crate::text::human;
use crate::workspace::{AuditFinding, Verdict};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// What findings are put together by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum By {
    /// The value: one value, all its places.
    #[default]
    Value,
    /// The trajectory.
    Trajectory,
    /// The rule.
    Rule,
    /// The class.
    Class,
}

impl By {
    /// All, in the order in which they follow each other.
    pub(in crate::app) const ALL: [Self; 4] = [Self::Value, Self::Trajectory, Self::Rule, Self::Class];

    /// Gives the name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Trajectory => "trajectory",
            Self::Rule => "rule",
            Self::Class => "class",
        }
    }

    pub(in crate::app) fn key(self, finding: &AuditFinding) -> Cow<'_, str> {
        match self {
            // A claim is about its place: claims that say the same of the same mask stand together.
            Self::Value if !finding.is_value() => {
                Cow::Owned(format!("{}\0{}\0{}\0{}", finding.kind, finding.class, finding.masked, finding.message.as_deref().unwrap_or_default()))
            }
            Self::Value => Cow::Borrowed(&finding.fingerprint),
            Self::Trajectory => Cow::Borrowed(&finding.trajectory),
            Self::Rule => Cow::Borrowed(&finding.detector),
            Self::Class => Cow::Borrowed(&finding.class),
        }
    }
}

/// Findings that stand together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Together {
    /// What they share.
    pub key: String,
    /// Their places among the findings.
    pub at: Vec<usize>,
    /// How many of them nobody decided.
    pub open: usize,
    /// The verdict on the first; open where any is.
    pub verdict: Verdict,
}

/// How far the deciding is: one value is counted once, wherever it stands; so is what several marks claim alike.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Decided {
    /// Values, and those of them that are open.
    pub values: (usize, usize),
    /// Claims, and those of them that are open.
    pub claims: (usize, usize),
    /// Open places of both.
    pub places: usize,
}

impl Decided {
    /// Counts over findings.
    #[must_use]
    pub fn of(findings: &[AuditFinding]) -> Self {
        let mut open: FxHashMap<Cow<'_, str>, (bool, bool)> = FxHashMap::default();
        let mut counted = Self::default();
        for finding in findings {
            let is_open = finding.verdict == Verdict::Open;
            open.entry(By::Value.key(finding)).or_insert((finding.is_value(), false)).1 |= is_open;
            counted.places += usize::from(is_open);
        }
        for (is_value, is_open) in open.into_values() {
            let (all, still) = if is_value { &mut counted.values } else { &mut counted.claims };
            *all += 1;
            *still += usize::from(is_open);
        }
        counted
    }

    /// Gives how many rows are open: values and claims.
    #[must_use]
    pub const fn open(self) -> usize {
        self.values.1 + self.claims.1
    }

    /// Gives how many rows there are.
    #[must_use]
    pub const fn rows(self) -> usize {
        self.values.0 + self.claims.0
    }

    /// Says how much is open, values and claims apart.
    #[must_use]
    pub fn said(self) -> String {
        let counted = |(all, open): (usize, usize), what| (all > 0).then(|| format!("{open} of {}", human::plural(all, what)));
        let said: Vec<String> = [counted(self.values, "value"), counted(self.claims, "claim")].into_iter().flatten().collect();
        if said.is_empty() { "nothing open".to_owned() } else { format!("{} open", said.join(" and ")) }
    }
}

impl RedactionsView {
    /// Gives how far the deciding is.
    #[must_use]
    pub fn progress(&self) -> Decided {
        Decided::of(self.board.as_ref().map_or(&[], |board| &board.findings))
    }

    /// Chooses what was taken back last, so that the next verdict falls on it; of what counts again, what is open behind it.
    pub(in crate::app) fn find_turned(&mut self) {
        let Some(sought) = self.sought.take() else { return };
        let findings = self.board.as_ref().map_or(&[][..], |board| board.findings.as_slice());
        let is_it = |at: &usize| findings.get(*at).is_some_and(|finding| finding.id == sought || finding.fingerprint == sought);
        let found = self.groups.iter().enumerate().find_map(|(number, group)| Some((number, group.at.iter().position(is_it)?)));
        let Some((group, place)) = found else { return };
        let open = |at: &usize| self.groups.get(*at).is_some_and(|group| group.open > 0);
        let next = (group + 1..self.groups.len()).chain(0..group).find(open).filter(|_| !open(&group));
        (self.list.chosen, self.place) = next.map_or((group, place), |next| (next, 0));
        self.version += 1;
    }

    /// Puts the findings together anew; the chosen group stays chosen where it is still there.
    pub(in crate::app) fn group(&mut self) {
        let before = self.groups.get(self.list.chosen).map(|group| group.key.clone());
        let mut groups: Vec<Together> = Vec::new();
        let mut known: FxHashMap<String, usize> = FxHashMap::default();
        for (at, finding) in self.board.iter().flat_map(|board| &board.findings).enumerate() {
            if self.within.as_ref().is_some_and(|(by, key)| by.key(finding) != key.as_str()) {
                continue;
            }
            let key = self.by.key(finding);
            let key = key.into_owned();
            let place = *known.entry(key.clone()).or_insert_with(|| {
                groups.push(Together { key, ..Together::default() });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place) {
                if group.at.is_empty() || finding.verdict == Verdict::Open {
                    group.verdict = finding.verdict;
                }
                group.at.push(at);
                group.open += usize::from(finding.verdict == Verdict::Open);
            }
        }
        if !self.all {
            // What was just decided stays until one moves on, so that it is seen.
            groups.retain(|group| group.open > 0 || Some(&group.key) == before.as_ref());
        }
        // What is sure comes first.
        let findings = self.board.as_ref().map_or(&[][..], |board| board.findings.as_slice());
        let first = |group: &Together| group.at.first().and_then(|at| findings.get(*at)).filter(|_| self.by == By::Value);
        let sure = |group: &Together| first(group).is_some_and(|finding| finding.tier.as_str() == "certain");
        groups.sort_by_key(|group| (group.open == 0 && self.all, !sure(group)));
        let found = before.and_then(|key| groups.iter().position(|group| group.key == key));
        self.list.chosen = found.unwrap_or(self.list.chosen).min(groups.len().saturating_sub(1));
        self.groups = groups;
        self.version += 1;
    }
}
