//! Consent: what a person said may be done with a source, where its files do not say it themselves.

use super::{Error, Result, Workspace};
use crate::model::{Draft, Recorded, Timestamp, Trajectory};
use crate::store::Portions;
use crate::workspace::import::source_name;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;

/// What was said of a source; the last word counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// SHA-256 of the source.
    pub sha256: String,
    /// Path it was imported from.
    pub path: String,
    /// Whether nothing of it may leave.
    pub opted_out: bool,
    /// The time until which it may leave, RFC 3339 in UTC; `None` where no end was set.
    pub until: Option<String>,
    /// Why.
    pub note: Option<String>,
}

impl Recorded for Consent {
    const KIND: &'static str = "consent";
}

impl Consent {
    /// Tells whether it was said of a source of a trajectory: of these bytes, or of the file at this path whatever it held then.
    #[must_use]
    pub fn is_of(&self, trajectory: &Trajectory) -> bool {
        trajectory.sources.iter().any(|source| *source.sha256 == *self.sha256 || source.path == self.path)
    }

    /// Says it in a word or two.
    #[must_use]
    pub fn words(&self) -> String {
        match (&self.until, self.opted_out) {
            (_, true) => "opted out".to_owned(),
            (Some(until), false) => format!("until {until}"),
            (None, false) => "allowed".to_owned(),
        }
    }

    fn against(&self, now: Timestamp) -> Option<String> {
        if self.opted_out {
            return Some("its source opted out of training (ossia consent)".to_owned());
        }
        let stated = self.until.as_deref()?;
        let Some(until) = Timestamp::parse(stated) else {
            return Some(format!("its source may be kept until {stated:?} alone, which is no time (ossia consent)"));
        };
        (until < now).then(|| format!("its source was to be kept until {until} alone (ossia consent)"))
    }
}

impl Workspace {
    /// Records what may be done with sources: named by path, folder, SHA-256 or one of their trajectories.
    pub fn set_consent(&self, reviewer: &str, what: &str, opted_out: bool, until: Option<&str>, note: Option<String>) -> Result<Vec<Consent>> {
        let until = until.map(|text| Timestamp::parse(text).ok_or_else(|| no_time(text))).transpose()?;
        let path = source_name(Path::new(what));
        let inside = format!("{}/", path.trim_end_matches('/'));
        let mut sources: Vec<_> =
            self.store.sources()?.into_iter().filter(|s| s.path == what || s.path == path || s.path.starts_with(&inside) || s.sha256 == what).collect();
        if let Some(number) = self.store.find_trajectory(what)?.filter(|_| sources.is_empty()) {
            for portion in self.store.portions(Portions::OfTrajectory(number))? {
                sources.extend(self.store.source(portion.source)?);
            }
        }
        if sources.is_empty() {
            return Err(Error::NotFound { id: what.to_owned(), hint: "; a source is named by its path, a folder or its SHA-256".to_owned() });
        }
        let until = until.map(|until| until.to_string());
        let mut said: Vec<Consent> = sources
            .into_iter()
            .map(|source| Consent { sha256: source.sha256, path: source.path, opted_out, until: until.clone(), note: note.clone() })
            .collect();
        said.sort_by(|a, b| a.path.cmp(&b.path));
        said.dedup();
        self.record(reviewer, &said.iter().map(Draft::of).collect::<Vec<_>>())?;
        Ok(said)
    }

    /// Gives the last word on every source of which any was said, by path. One that cannot be read is an error: it may be a no.
    pub fn consents(&self) -> Result<Vec<Consent>> {
        let mut last: BTreeMap<String, Consent> = BTreeMap::new();
        for entry in self.journal.of_kinds(&[Consent::KIND])? {
            let unread =
                |why: &str| Error::Undecidable(format!("{} says what may be done with a source, and cannot be read ({why}): nothing leaves", entry.name()));
            let said = entry.decision::<Consent>().map_err(|why| unread(&why))?.ok_or_else(|| unread("a newer program wrote it"))?;
            last.insert(said.path.clone(), said);
        }
        Ok(last.into_values().collect())
    }
}

fn no_time(text: &str) -> Error {
    Error::Undecidable(format!("{text:?} is no time; write it as 2027-01-31T00:00:00Z"))
}

/// Says why a trajectory must not leave: its user or its source opted out, or its time is over.
pub(super) fn no_consent(trajectory: &Trajectory, consents: &[Consent]) -> Option<String> {
    let now = crate::workspace::journal::now();
    let attributes = &trajectory.lineage.attributes;
    let said = |keys: &[&str]| keys.iter().find_map(|key| attributes.get(*key));
    if let Some(stated) = said(&["training_opt_out", "data_collection_opt_out"]) {
        match stated.trim().to_lowercase().as_str() {
            "" | "0" | "false" | "no" | "off" | "null" => {}
            "1" | "true" | "yes" | "on" => return Some("its user opted out of training".to_owned()),
            _ => return Some(format!("whether its user opted out of training cannot be told from {stated:?}")),
        }
    }
    if let Some(stated) = said(&["retention_until", "expires_at"]) {
        let Some(until) = Timestamp::parse(stated) else { return Some(format!("it may be kept until {stated:?} alone, which is no time")) };
        if until < now {
            return Some(format!("it was to be kept until {until} alone"));
        }
    }
    consents.iter().filter(|consent| consent.is_of(trajectory)).find_map(|consent| consent.against(now))
}
