//! What is kept in the workspace between two sessions: where one was, and which trajectories were seen.

use crate::app::Session;
use rustc_hash::FxHashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Lines of the file of seen marks beyond which it is written anew.
const LONG: usize = 200_000;

/// The files of a session.
#[derive(Debug, Clone)]
pub struct Keep {
    session: PathBuf,
    seen: PathBuf,
}

impl Keep {
    /// Names the files in a workspace.
    pub fn new(folder: &Path) -> Self {
        Self { session: folder.join("session.json"), seen: folder.join("seen.txt") }
    }

    /// Reads the session; one that is missing or damaged is an empty one, as it may be lost without harm.
    pub fn session(&self) -> Session {
        fs::read_to_string(&self.session).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    /// Writes the session beside the old one, and puts it in its place.
    pub fn put_session(&self, session: &Session) -> io::Result<()> {
        let beside = self.session.with_extension("json.new");
        private(&beside, true)?.write_all(serde_json::to_string(session).unwrap_or_default().as_bytes())?;
        fs::rename(&beside, &self.session)
    }

    /// Reads the ids of trajectories that were seen; a later line takes back an earlier one.
    pub fn seen(&self) -> FxHashSet<String> {
        let text = fs::read_to_string(&self.seen).unwrap_or_default();
        let mut seen = FxHashSet::default();
        for line in text.lines() {
            match line.split_at_checked(1) {
                Some(("+", id)) => drop(seen.insert(id.to_owned())),
                Some(("-", id)) => drop(seen.remove(id)),
                _ => {}
            }
        }
        if text.lines().count() > LONG.max(2 * seen.len()) {
            let lines: String = seen.iter().map(|id| format!("+{id}\n")).collect();
            // Where it cannot be shortened it stays long.
            let _ = private(&self.seen, true).and_then(|mut file| file.write_all(lines.as_bytes()));
        }
        seen
    }

    /// Remembers that a trajectory was seen, or was not.
    pub fn put_seen(&self, id: &str, seen: bool) -> io::Result<()> {
        let line = format!("{}{}\n", if seen { '+' } else { '-' }, id.replace(['\n', '\r'], " "));
        private(&self.seen, false)?.write_all(line.as_bytes())
    }
}

/// Opens a file for its owner alone, to write it anew or to add to it.
pub fn private(path: &Path, anew: bool) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.create(true).write(true).truncate(anew).append(!anew);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_and_seen_marks_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let keep = Keep::new(folder.path());
        assert_eq!(keep.session(), Session::default());
        let session = Session { query: "is:denied".to_owned(), row: 7, ..Session::default() };
        keep.put_session(&session).unwrap();
        assert_eq!(keep.session(), session);
        for (id, seen) in [("a:1", true), ("a:2", true), ("a:1", false)] {
            keep.put_seen(id, seen).unwrap();
        }
        assert_eq!(keep.seen().into_iter().collect::<Vec<_>>(), ["a:2"]);
    }
}
