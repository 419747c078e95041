//! Consent: what a person said may be done with a source, where its files do not say it themselves.

use super::{Error, Result, Workspace};
use crate::model::consent::{self, OptOut};
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
    /// Says it in a word or two.
    #[must_use]
    pub fn words(&self) -> String {
        match (&self.until, self.opted_out) {
            (_, true) => "opted out".to_owned(),
            (Some(until), false) => format!("until {until}"),
            (None, false) => "allowed".to_owned(),
        }
    }
}

/// What one person says of one source: the last word of theirs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentWord {
    /// What was said.
    #[serde(flatten)]
    pub said: Consent,
    /// Who said it.
    pub reviewer: String,
    /// SHA-256 of everything that this source was, before it grew or since.
    #[serde(skip)]
    bytes: Vec<String>,
}

impl ConsentWord {
    /// Tells whether it was said of a source of a trajectory: of these bytes, or of the file at this path whatever it held then.
    #[must_use]
    pub fn is_of(&self, trajectory: &Trajectory) -> bool {
        trajectory.sources.iter().any(|source| self.said.path == source.path || self.bytes.iter().any(|sha256| *sha256 == *source.sha256))
    }

    /// Tells whether it is about the same source as another.
    #[must_use]
    pub fn is_beside(&self, other: &Self) -> bool {
        self.said.path == other.said.path || self.bytes.contains(&other.said.sha256)
    }

    /// Says why nothing of the source may leave at a time, if so.
    #[must_use]
    pub fn against(&self, now: Timestamp) -> Option<String> {
        let Self { said: Consent { path, until, opted_out, .. }, reviewer, .. } = self;
        if *opted_out {
            return Some(format!("its source opted out of training, as {reviewer} said of {path} (ossia consent)"));
        }
        let until = until.as_deref()?;
        match Timestamp::parse(until) {
            Some(until) if until >= now => None,
            Some(until) => Some(format!("its source was to be kept until {until} alone, as {reviewer} said of {path} (ossia consent)")),
            None => Some(format!("its source may be kept until {until:?} alone, which is no time, as {reviewer} said of {path} (ossia consent)")),
        }
    }
}

impl Workspace {
    /// Records what may be done with sources: named by path, folder, SHA-256 or one of their trajectories. A source whose bytes lay at several
    /// paths is named by any of them.
    pub fn set_consent(&self, reviewer: &str, what: &str, opted_out: bool, until: Option<&str>, note: Option<String>) -> Result<Vec<ConsentWord>> {
        let until = until.map(|text| Timestamp::parse(text).ok_or_else(|| no_time(text))).transpose()?;
        let path = source_name(Path::new(what));
        let inside = format!("{}/", path.trim_end_matches('/'));
        let named = |at: &str, sha256: &str| at == what || at == path || at.starts_with(&inside) || sha256 == what;
        let all = self.store.sources()?.into_iter().map(|source| (source.path, source.sha256));
        let aliases = self.store.aliases()?.into_iter().map(|alias| (alias.path, alias.sha256));
        let mut sources: Vec<(String, String)> = all.chain(aliases).filter(|(path, sha256)| named(path, sha256)).collect();
        if let Some(number) = self.store.find_trajectory(what)?.filter(|_| sources.is_empty()) {
            for portion in self.store.portions(Portions::OfTrajectory(number))? {
                sources.extend(self.store.source(portion.source)?.map(|source| (source.path, source.sha256)));
            }
        }
        if sources.is_empty() {
            return Err(Error::NotFound { id: what.to_owned(), hint: "; a source is named by its path, a folder or its SHA-256".to_owned() });
        }
        sources.sort();
        sources.dedup();
        let until = until.map(|until| until.to_string());
        let say = |(path, sha256): (String, String)| Consent { sha256, path, opted_out, until: until.clone(), note: note.clone() };
        let said: Vec<Consent> = sources.into_iter().map(say).collect();
        self.record(reviewer, &said.iter().map(Draft::of).collect::<Vec<_>>())?;
        said.into_iter().map(|said| self.word_of(said, reviewer)).collect()
    }

    /// Gives the last word of every person on every source of which any was said, by path. They all hold: who opted out is the one to take it back.
    pub fn consents(&self) -> Result<Vec<ConsentWord>> {
        let mut last: BTreeMap<(String, String, String), Consent> = BTreeMap::new();
        for entry in self.journal.of_kinds(&[Consent::KIND])? {
            let unread = |why: &str| {
                let what = "what it says of consent is not known, so that nothing can leave; use the newer ossia, or undo it as its reviewer";
                Error::Undecidable(format!("{} cannot be read{why}: {what}", entry.name()))
            };
            let said = entry.decision::<Consent>().map_err(|why| unread(&format!(" ({why})")))?.ok_or_else(|| unread(""))?;
            last.insert((said.path.clone(), entry.reviewer.to_string(), entry.journal.to_string()), said);
        }
        last.into_iter().map(|((_, reviewer, _), said)| self.word_of(said, &reviewer)).collect()
    }

    fn word_of(&self, said: Consent, reviewer: &str) -> Result<ConsentWord> {
        let mut bytes = self.store.versions(&said.sha256)?;
        bytes.push(said.sha256.clone());
        Ok(ConsentWord { said, reviewer: reviewer.to_owned(), bytes })
    }
}

fn no_time(text: &str) -> Error {
    Error::Undecidable(format!("{text:?} is no time; write it as 2027-01-31T00:00:00Z"))
}

/// Says why a trajectory must not leave: its user or its source opted out, or its time is over. Of several words the strictest counts, and
/// what is not understood is no consent.
pub(super) fn no_consent(trajectory: &Trajectory, consents: &[ConsentWord], now: Timestamp) -> Option<String> {
    let lineage = &trajectory.lineage;
    let stated = lineage.consent.iter().flat_map(|(name, words)| words.iter().map(move |word| (name.as_str(), word)));
    let free = lineage.attributes.iter().filter_map(|(name, word)| Some((consent::name_of(name)?, word)));
    let files = stated.chain(free).find_map(|(name, word)| refused(name, word, now));
    files.or_else(|| consents.iter().filter(|consent| consent.is_of(trajectory)).find_map(|consent| consent.against(now)))
}

/// Says why what a file states of consent or retention keeps it from leaving, if so.
fn refused(name: &str, word: &str, now: Timestamp) -> Option<String> {
    if [consent::TRAINING, consent::COLLECTION].contains(&name) {
        return match consent::opt_out(word) {
            OptOut::No => None,
            OptOut::Yes if name == consent::COLLECTION => Some("its user opted out of data collection".to_owned()),
            OptOut::Yes => Some("its user opted out of training".to_owned()),
            OptOut::Unclear => Some(format!("its files say {name} {word:?}, which is neither yes nor no; what is not understood is no consent")),
        };
    }
    if name == consent::ALLOWED {
        let asked = format!("its files say {name} {word:?}, which is no yes");
        return (consent::opt_out(word) != OptOut::Yes).then_some(asked);
    }
    match Timestamp::parse(word.trim()) {
        Some(until) if until >= now => None,
        Some(until) => Some(format!("it was to be kept until {until} alone")),
        None if consent::opt_out(word) == OptOut::No => None,
        None => Some(format!("it may be kept until {word:?} alone, which is no time")),
    }
}
