//! How the index stands to the store, and to the rules of this process.

use super::{Error, Result, Workspace};
use crate::redaction::sure_rules;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Indexes that this process had derived, each with the hashes of the rules it did so by.
static TURNS: Mutex<BTreeSet<(PathBuf, String)>> = Mutex::new(BTreeSet::new());

fn turns() -> MutexGuard<'static, BTreeSet<(PathBuf, String)>> {
    TURNS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How the index stands to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds what the store holds, derived by the rules of this process.
    Current,
    /// Something is to be derived.
    Behind,
    /// Another version of the program, whose rules differ, derived it after this process did. It is left so, as two that derive it in turn
    /// would never rest; a process that begins has its turn again.
    Overtaken,
}

impl Workspace {
    /// Gives what the index must say to be current: the store's generation, and what it was derived by.
    pub(super) fn watermark(&self) -> Result<String> {
        Ok(format!("{} {}", self.store.meta("generation")?.unwrap_or_default(), self.derived_by()))
    }

    /// Tells how the index stands to the store, and to the rules of this process.
    pub(super) fn standing(&self) -> Result<Standing> {
        let (mark, wanted) = (self.index.watermark(), self.watermark()?);
        let Some(mark) = mark.filter(|mark| !mark.is_empty()) else {
            return Ok(if wanted.starts_with("0 ") { Standing::Current } else { Standing::Behind });
        };
        let foreign = mark.split_once(' ').is_none_or(|(_, by)| by != self.derived_by());
        Ok(match (mark == wanted, foreign && turns().contains(&self.turn())) {
            (true, _) => Standing::Current,
            (false, true) => Standing::Overtaken,
            (false, false) => Standing::Behind,
        })
    }

    /// Remembers that this process had the index derived by its own rules.
    pub(super) fn take_turn(&self) {
        turns().insert(self.turn());
    }

    fn turn(&self) -> (PathBuf, String) {
        (self.index.folder().to_owned(), self.derived_by().to_owned())
    }

    /// Refuses what must be derived by the rules of this process, where another version of the program derived it since.
    pub(super) fn refuse_overtaken(&self) -> Result<()> {
        match self.standing()? {
            Standing::Overtaken => Err(Error::Overtaken),
            Standing::Current | Standing::Behind => Ok(()),
        }
    }

    /// Gives the generation that the index has; one from before the first where it was derived by other rules, or masked by others.
    pub(super) fn indexed_since(&self) -> i64 {
        let mark = self.index.watermark().unwrap_or_default();
        mark.split_once(' ').filter(|(_, by)| *by == self.derived_by()).and_then(|(generation, _)| generation.parse().ok()).unwrap_or(-1)
    }

    /// Gives the hashes of the rules by which findings are derived, and of those by which texts are masked before anybody audited them.
    fn derived_by(&self) -> &str {
        self.derived_by.get_or_init(|| format!("{}-{}", self.rules_hash(), sure_rules()))
    }

    /// Gives the hash of the rules and of the tables they read.
    pub fn rules_hash(&self) -> &str {
        self.rules_hash.get_or_init(crate::rules::hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::ImportOptions;

    struct Quiet;

    impl crate::workspace::Progress for Quiet {}

    #[test]
    fn two_versions_with_other_rules_do_not_derive_in_turn_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Workspace::open(&folder.path().join("ws"), &folder.path().join("cache")).unwrap();
        let (older, newer) = (open(), open());
        newer.derived_by.set("of-another-version".to_owned()).unwrap();
        let source = folder.path().join("chat.jsonl");
        std::fs::write(&source, "{\"messages\":[{\"role\":\"user\",\"content\":\"hello\"},{\"role\":\"assistant\",\"content\":\"hi\"}]}\n").unwrap();
        older.import(&[source], &ImportOptions::default(), &mut Quiet).unwrap();
        assert_eq!(older.standing().unwrap(), Standing::Current);
        assert!(older.watermark().unwrap().ends_with(&format!(" {}-{}", older.rules_hash(), sure_rules())), "other masks are other words in the index");
        assert_eq!(newer.catch_up().unwrap().trajectories(), 1, "one that begins has its turn");
        assert_eq!(older.standing().unwrap(), Standing::Overtaken);
        assert_eq!(older.catch_up().unwrap().trajectories(), 0, "the one that had its turn leaves it");
        assert!(older.refuse_overtaken().is_err());
        assert_eq!((newer.catch_up().unwrap().trajectories(), newer.standing().unwrap()), (0, Standing::Current));
    }
}
