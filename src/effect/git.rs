//! Refs that git and its hosts are told to change.

use super::deed::Mark;
use super::run::Line;
use super::walk::{Flow, Shell};
use crate::model::{Risk, Verb};

impl Shell<'_> {
    /// `git push`: what arrives where, and what it overwrites; `None` for every other subcommand.
    pub(super) fn git(&mut self, line: &Line<'_>) -> Option<Flow> {
        for (name, value) in line.values(&["-c"]).filter_map(|c| c.split_once('=')) {
            // An alias or a helper is a command of its own.
            if (name.starts_with("alias.") || name.ends_with("sshCommand") || name.ends_with("pager")) && value.contains(' ') {
                let script = value.trim_start_matches('!').to_owned();
                self.script(&script, &Flow::default());
            }
        }
        if line.positional.first().is_none_or(|a| a.text != "push") {
            return None;
        }
        let forced = line.has(&["-f", "--force", "--force-with-lease", "--mirror", "--force-if-includes"]);
        let deletes = line.has(&["-d", "--delete", "--prune"]);
        let known = line.positional.iter().all(|a| a.known);
        for (target, plus) in pushed(line) {
            let sure = self.sure && known;
            if !deletes {
                self.deed.add(Verb::Send, target.clone(), sure);
            }
            if forced || plus || deletes {
                // What stood there before is gone.
                self.deed.add(Verb::Delete, target, sure);
                self.deed.at_least(Risk::High);
            }
        }
        if line.has(&["--no-verify"]) {
            self.deed.marks.insert(Mark::DisabledGate);
        }
        Some(Flow { some: true, ..Flow::default() })
    }
}

/// Gives the refs that a push is to change, each with whether it is forced by a `+`.
fn pushed(line: &Line<'_>) -> Vec<(String, bool)> {
    let words: Vec<&str> = line.positional.iter().skip(1).map(|a| a.text.as_str()).collect();
    let remote = words.first().copied().unwrap_or("origin");
    if line.has(&["--all", "--mirror"]) {
        return vec![(format!("git:{remote}/*"), false)];
    }
    let mut refs: Vec<(String, bool)> = words
        .iter()
        .skip(1)
        .map(|spec| {
            let plus = spec.starts_with('+') || spec.starts_with(':');
            let spec = spec.trim_start_matches('+');
            let name = spec.rsplit(':').next().unwrap_or(spec);
            (format!("git:{remote}/{}", name.trim_start_matches("refs/heads/").trim_start_matches("refs/")), plus)
        })
        .collect();
    if line.has(&["--tags", "--follow-tags"]) {
        refs.push((format!("git:{remote}/tags/*"), false));
    }
    if refs.is_empty() {
        refs.push((format!("git:{remote}/HEAD"), false));
    }
    refs
}

/// Gives the refs that another subcommand names.
pub(super) fn refs(line: &Line<'_>, words: usize) -> Vec<(String, bool)> {
    let named = line.positional.get(words..).unwrap_or_default();
    if named.is_empty() {
        return vec![("git:local/HEAD".to_owned(), true)];
    }
    named.iter().map(|a| (format!("git:local/{}", a.text), a.known)).collect()
}
