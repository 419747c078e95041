//! What one trajectory's calls do, one after the other: a script written by one is known to the next that runs it.

use super::deed::Deed;
use super::target::secret;
use super::tools::{self, Call, Hints};
use crate::model::{Execution, Kind, Trajectory};
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

/// Larger files are not remembered.
const MOST_BYTES: usize = 1 << 18;
/// No more files than this are.
const MOST_FILES: usize = 2000;

/// Files as far as the trajectory shows their content.
#[derive(Debug, Clone, Default)]
pub struct Files {
    known: Arc<FxHashMap<String, Content>>,
    /// Those that were decoded or came over the network.
    hidden: Arc<FxHashSet<String>>,
    /// Copies of files that hold secrets, with the file they are of.
    copies: Arc<FxHashMap<String, String>>,
}

#[derive(Debug, Clone)]
enum Content {
    Text(Arc<str>),
    Unknown,
}

impl Files {
    /// Gives the content last written to a path, where it is known.
    #[must_use]
    pub fn content(&self, path: &str) -> Option<&str> {
        match self.known.get(path) {
            Some(Content::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Tells whether a path was written before.
    #[must_use]
    pub fn knows(&self, path: &str) -> bool {
        self.known.contains_key(path)
    }

    /// Tells whether a file came over the network, or was decoded.
    #[must_use]
    pub fn fetched(&self, path: &str) -> bool {
        self.hidden.contains(path)
    }

    /// Notes what was written; `None` where it is not known.
    pub fn write(&mut self, path: &str, text: Option<&str>) {
        let content = text.filter(|t| t.len() <= MOST_BYTES).map_or(Content::Unknown, |text| Content::Text(text.into()));
        self.put(path, content);
        if self.hidden.contains(path) {
            Arc::make_mut(&mut self.hidden).remove(path);
        }
    }

    /// Notes that a file was downloaded.
    pub fn write_fetched(&mut self, path: &str) {
        self.put(path, Content::Unknown);
        self.hide(path);
    }

    /// Notes that what was written was decoded or came over the network.
    pub fn hide(&mut self, path: &str) {
        if self.hidden.len() < MOST_FILES {
            Arc::make_mut(&mut self.hidden).insert(path.to_owned());
        }
    }

    /// Notes that a file was copied or moved; only of those that hold secrets it is remembered.
    pub fn came_from(&mut self, path: &str, source: &str) {
        let first = self.copies.get(source).cloned().or_else(|| secret(source).map(|_| source.to_owned()));
        if let Some(first) = first.filter(|_| self.copies.len() < MOST_FILES) {
            Arc::make_mut(&mut self.copies).insert(path.to_owned(), first);
        }
    }

    /// Gives the file with a secret that another is a copy of.
    #[must_use]
    pub fn source_of(&self, path: &str) -> Option<&str> {
        self.copies.get(path).map(String::as_str)
    }

    /// Forgets what a file held.
    pub fn forget(&mut self, path: &str) {
        if self.known.contains_key(path) {
            self.put(path, Content::Unknown);
        }
    }

    fn put(&mut self, path: &str, content: Content) {
        if self.known.len() < MOST_FILES || self.known.contains_key(path) {
            Arc::make_mut(&mut self.known).insert(path.to_owned(), content);
        }
    }
}

/// Gives what each execution of a trajectory does, in the order of its executions.
#[must_use]
pub fn deeds(trajectory: &Trajectory) -> Vec<Deed> {
    let hints = Hints::read(&trajectory.tools);
    let mut files = Files::default();
    let results: FxHashMap<&str, &str> =
        trajectory.steps.iter().filter(|s| s.kind == Kind::ToolResult).filter_map(|s| Some((s.execution.as_deref()?, s.text.as_str()))).collect();
    let mut all = Vec::with_capacity(trajectory.executions.len());
    for e in &trajectory.executions {
        let call = Call { tool: &e.tool, args: e.args.as_deref(), command: e.command.as_deref(), cwd: e.context.cwd.as_deref().or(trajectory.cwd.as_deref()) };
        let deed = if e.ran == Some(false) {
            // What did not run wrote nothing.
            tools::deed(&call, &hints, &mut files.clone())
        } else {
            tools::deed(&call, &hints, &mut files)
        };
        if e.ran == Some(true) {
            note_reading(e, &deed, results.get(e.id.as_str()).copied(), &mut files);
        }
        all.push(deed);
    }
    all
}

/// Remembers the content of a manifest or a script that was read whole.
fn note_reading(e: &Execution, deed: &Deed, result: Option<&str>, files: &mut Files) {
    let mut paths = deed.effects.iter().filter(|f| f.verb == crate::model::Verb::Read).map(|f| f.target.as_str());
    let (Some(path), None, Some(text)) = (paths.next(), paths.next(), result) else { return };
    let telling = path.ends_with("package.json") || path.ends_with(".sh") || path.ends_with("/Makefile");
    if !telling || deed.effects.len() != 1 || e.error.is_some() {
        return;
    }
    let text = without_numbers(text);
    let whole = text.starts_with("#!") || (path.ends_with(".json") && serde_json::from_str::<serde_json::Value>(&text).is_ok());
    if whole {
        files.write(path, Some(&text));
    }
}

/// Takes line numbers off, where every line has one.
fn without_numbers(text: &str) -> String {
    let cut = |line: &str| {
        let rest = line.trim_start().trim_start_matches(|c: char| c.is_ascii_digit());
        (rest.len() < line.trim_start().len()).then(|| rest.strip_prefix(['\t', '→', ':', '|']).map(str::to_owned)).flatten()
    };
    let lines: Option<Vec<String>> = text.lines().map(cut).collect();
    lines.map_or_else(|| text.to_owned(), |lines| lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_numbers_are_taken_off() {
        assert_eq!(without_numbers("  1\t#!/bin/sh\n  2\trm x"), "#!/bin/sh\nrm x");
        assert_eq!(without_numbers("{\n1\t}"), "{\n1\t}");
    }
}
