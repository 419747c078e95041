//! Refs that git and its hosts are told to change.

use super::deed::Mark;
use super::run::Line;
use super::walk::{Arg, Flow, Shell};
use crate::model::{Risk, Verb};

impl Shell<'_> {
    /// `git push`: what arrives where, and what it overwrites; `None` for every other subcommand.
    pub(super) fn git(&mut self, line: &Line<'_>) -> Option<Flow> {
        let words: Vec<&str> = line.positional.iter().map(|a| a.text.as_str()).collect();
        if let Some(flow) = self.configured(line, &words) {
            return Some(flow);
        }
        self.handed_on(line, &words);
        self.hooked(line, &words);
        match words.as_slice() {
            ["push", ..] => {}
            // Without a name it lists.
            ["branch" | "tag"] if !line.args.iter().any(|a| a.starts_with("-d") || a.starts_with("-D") || a.starts_with("--delete")) => {
                return self.only_reads();
            }
            ["config"] | ["config", _] if !line.has(&["--unset", "--unset-all", "--remove-section", "--rename-section", "-e", "--edit"]) => {
                return self.only_reads();
            }
            ["config", "get" | "list", ..] => return self.only_reads(),
            ["config", ..] if line.has(&["--get", "--get-all", "--get-regexp", "--list", "-l"]) => return self.only_reads(),
            ["symbolic-ref", _, _, ..] => self.deed.add(Verb::Modify, "git:local/HEAD", self.sure),
            [verb @ ("log" | "diff" | "show" | "format-patch"), ..] => {
                let names: &[&str] = if *verb == "format-patch" { &["-o", "--output-directory"] } else { &["--output"] };
                if let Some(out) = line.value(names).map(|out| Arg { text: out.to_owned(), known: true }) {
                    self.writes(&out, None, false);
                }
                return None;
            }
            ["archive", ..] if line.value(&["-o", "--output"]).is_some() => {
                let out = Arg { text: line.value(&["-o", "--output"]).unwrap_or_default().to_owned(), known: true };
                self.writes(&out, None, false);
            }
            ["submodule", "foreach", ..] => return Some(Flow { some: true, ..Flow::default() }),
            ["lfs", "push", remote, refs @ ..] => {
                let known = line.positional.iter().all(|a| a.known);
                let named: &[&str] = if refs.is_empty() { &["HEAD"] } else { refs };
                for name in named {
                    self.deed.add(Verb::Send, format!("git:{remote}/{name}"), self.sure && known);
                }
            }
            ["checkout", ..] => return self.checkout(line),
            _ => return None,
        }
        if words.first() != Some(&"push") {
            return Some(Flow { some: true, ..Flow::default() });
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

impl Shell<'_> {
    /// Settings given for one command, or written down: what they make git run. Gives the flow of an alias, where the command is one.
    fn configured(&mut self, line: &Line<'_>, words: &[&str]) -> Option<Flow> {
        let mut given: Vec<(String, Option<String>)> = Vec::new();
        let pair = |text: &str| text.split_once('=').map(|(name, value)| (name.to_owned(), Some(value.to_owned())));
        given.extend(line.values(&["-c", "--config"]).filter_map(pair));
        let named = line.values(&["--config-env"]).filter_map(|c| c.split_once('='));
        given.extend(named.map(|(name, variable)| (name.to_owned(), self.vars.get(variable).cloned().flatten())));
        for (key, name) in self.vars.iter().filter_map(|(key, name)| Some((key.strip_prefix("GIT_CONFIG_KEY_")?, name.clone()?))) {
            given.push((name, self.vars.get(&format!("GIT_CONFIG_VALUE_{key}")).cloned().flatten()));
        }
        given.extend(self.vars.get("GIT_CONFIG_PARAMETERS").cloned().flatten().iter().flat_map(|all| all.split('\'')).filter_map(pair));
        given.sort();
        let lasting = match words {
            ["config", "set", name, value, ..] | ["config", name, value, ..] => Some(((*name).to_owned(), Some((*value).to_owned()))),
            _ => None,
        };
        let first = words.first().copied().unwrap_or_default();
        let mut alias = self.files.content(&format!("git:local/alias.{first}")).map(str::to_owned);
        for (name, value) in given {
            match (name.strip_prefix("alias."), value) {
                (Some(own), value) if own == first => alias = value.or_else(|| Some("!$alias".to_owned())),
                (Some(_), _) => {}
                (None, Some(value)) => drop(self.setting(&name, &value)),
                (None, None) => self.deed.add_unknown(&format!("git -c {name}=…")),
            }
        }
        if let Some((name, Some(value))) = lasting {
            let sure = std::mem::replace(&mut self.sure, false);
            if name.starts_with("alias.") {
                self.files.write(&format!("git:local/{name}"), Some(&value));
            } else {
                self.setting(&name, &value);
            }
            self.sure = sure;
        }
        for url in words.iter().filter_map(|word| word.strip_prefix("ext::")) {
            self.script(&url.replace('%', ""), &Flow::default());
        }
        // What an alias stands for is run with the words that follow it.
        let body = alias.filter(|_| !first.is_empty() && self.layer < 6)?;
        let after = line.args.iter().position(|a| a == first).map_or(line.args.len(), |at| at + 1);
        let quoted = line.args.iter().skip(after).map(|a| format!(" '{}'", a.replace('\'', r"'\''")));
        let text = body.strip_prefix('!').map_or_else(|| format!("git {body}"), str::to_owned) + &quoted.collect::<String>();
        self.deed.marks.insert(Mark::Wrapped);
        Some(self.script(&text, &Flow::default()))
    }

    /// Runs the hooks that were written into the repository, as far as a command calls them.
    fn hooked(&mut self, line: &Line<'_>, words: &[&str]) {
        const HOOKS: &[(&str, &str)] = &[
            ("commit", "pre-commit prepare-commit-msg commit-msg post-commit"),
            ("merge", "pre-merge-commit prepare-commit-msg commit-msg post-merge"),
            ("pull", "post-merge"),
            ("push", "pre-push"),
            ("rebase", "pre-rebase post-rewrite"),
            ("checkout", "post-checkout"),
            ("switch", "post-checkout"),
            ("am", "applypatch-msg pre-applypatch post-applypatch"),
        ];
        let called = HOOKS.iter().filter(|(verb, _)| words.first() == Some(verb)).flat_map(|(_, hooks)| hooks.split(' '));
        for hook in called.filter(|_| !line.has(&["--no-verify"])) {
            let file = Arg { text: format!(".git/hooks/{hook}"), known: true };
            if self.files.content(&self.path(&file)).is_some() {
                self.run_file(&file, &[], Some("sh"), &Flow::default());
            }
        }
    }

    /// Runs the commands that git is told to run: for each step of a search, each module, each commit, or what was found.
    fn handed_on(&mut self, line: &Line<'_>, words: &[&str]) {
        let at = |i: usize| line.args.get(i).map(String::as_str);
        // What follows a word of git's own belongs to the command.
        let after = |word: &str| line.args.iter().position(|a| a == word).map_or(line.args.len(), |at| at + 1);
        let scripts: Vec<String> = match words {
            ["bisect", "run", ..] => {
                let command: Vec<Arg> = line.args.iter().skip(after("run")).map(|text| Arg { text: text.clone(), known: !text.contains('$') }).collect();
                self.run_words(&command, &Flow::default());
                return;
            }
            ["submodule", "foreach", ..] => {
                let command = line.args.iter().skip(after("foreach")).skip_while(|a| matches!(a.as_str(), "--recursive" | "--quiet" | "-q"));
                vec![command.map(String::as_str).collect::<Vec<_>>().join(" ")]
            }
            ["rebase" | "push" | "difftool" | "clone", ..] => {
                let short = match words.first() {
                    Some(&"clone") => "-u",
                    Some(&"push") => "--exec",
                    _ => "-x",
                };
                let given = |i: usize| match at(i)? {
                    arg if arg == short || arg == "--exec" => at(i + 1),
                    arg => arg.strip_prefix("--exec="),
                };
                (0..line.args.len()).filter_map(given).map(str::to_owned).collect()
            }
            ["grep", ..] => {
                let pager = line.args.iter().find_map(|a| a.strip_prefix("--open-files-in-pager=").or_else(|| a.strip_prefix("-O")));
                pager.filter(|p| !p.is_empty()).map(str::to_owned).into_iter().collect()
            }
            _ => return,
        };
        for script in scripts {
            self.deed.marks.insert(Mark::Wrapped);
            self.script(&script, &Flow::default());
        }
    }

    fn only_reads(&mut self) -> Option<Flow> {
        let here = self.path(&Arg { text: ".".to_owned(), known: true });
        self.deed.add(Verb::Read, here, self.sure);
        Some(Flow { some: true, ..Flow::default() })
    }

    /// `git checkout [REF] -- FILE…`: what stood in the files is gone; `None` where no files are named.
    fn checkout(&mut self, line: &Line<'_>) -> Option<Flow> {
        let at = line.args.iter().position(|a| a == "--")?;
        let files: Vec<Arg> = line.args.iter().skip(at + 1).map(|text| Arg { text: text.clone(), known: true }).collect();
        for file in &files {
            let path = self.path(file);
            self.deed.add(Verb::Delete, path, self.sure);
        }
        self.deed.at_least(Risk::Medium);
        (!files.is_empty()).then(|| Flow { some: true, ..Flow::default() })
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
    if let Some(new) = line.value(&["-b", "-B", "--orphan"]) {
        return vec![(format!("git:local/{new}"), true)];
    }
    // What is made has one name; the rest says where it begins.
    let most = if line.has(&["-d", "-D", "--delete"]) { named.len() } else { 1 };
    named.iter().take(most).map(|a| (format!("git:local/{}", a.text), a.known)).collect()
}
