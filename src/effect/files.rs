//! Programs on files whose arguments need reading: `find`, `cp`, `mv`, `tar`, `sed`, `dd`, `chmod`, `tee`, `rsync`.

use super::run::Line;
use super::target;
use super::walk::{Arg, Flow, Shell};
use crate::model::{Risk, Verb};

impl Shell<'_> {
    /// Runs a program that the code knows beyond the shell's own; `None` where the rows say more.
    pub(super) fn special_program(&mut self, by: &str, line: &Line<'_>, args: &[Arg], input: &Flow) -> Option<Flow> {
        let some = Flow { some: true, ..Flow::default() };
        match by {
            "curl" => Some(self.curl(line, input)),
            "httpie" => Some(self.httpie(line, input)),
            "git" => self.git(line),
            "make" => self.make(line),
            "gh" => (line.positional.first()?.text == "api").then(|| self.gh_api(line)),
            "container" => self.container(line, args, input),
            "terraform" => self.terraform(line, input),
            "sql" => Some(self.sql_client(line, input)),
            "find" => Some(self.find(args)),
            "copy" => {
                self.copy(line);
                Some(some)
            }
            "tee" => {
                for file in line.positional.clone() {
                    self.writes(file, input.text.as_deref(), line.has(&["-a", "--append"]));
                    if input.decoded || input.fetched {
                        let path = self.path(file);
                        self.files.hide(&path);
                    }
                }
                Some(input.clone())
            }
            "sed" => self.sed(line),
            "awk" => Some(self.awk(line)),
            "fd" => self.fd(line, args),
            "tmux" => self.tmux(line),
            "at" => Some(if input.some { self.piped("sh", line, input) } else { self.unknown_if_any(line) }),
            "cloud" => self.cloud_copy(line),
            "mongo" => self.mongo(line),
            "dd" => {
                // To write nothing over a device, or noise, is to delete what it holds.
                let blank = line.positional.iter().any(|a| matches!(a.text.as_str(), "if=/dev/zero" | "if=/dev/null" | "if=/dev/random" | "if=/dev/urandom"));
                for (key, value) in line.positional.iter().filter_map(|a| a.text.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect::<Vec<_>>()
                {
                    let arg = Arg { text: value, known: true };
                    match key.as_str() {
                        "if" => self.reads(&arg),
                        "of" => {
                            self.writes(&arg, (blank && arg.text.starts_with("/dev/")).then_some(""), false);
                            if arg.text.starts_with("/dev/") && arg.text != "/dev/null" {
                                self.deed.at_least(Risk::Critical);
                            }
                        }
                        _ => {}
                    }
                }
                Some(some)
            }
            "chmod" => {
                self.chmod(line);
                Some(some)
            }
            "tar" => {
                self.tar(line);
                Some(some)
            }
            "truncate" => {
                let zero = line.value(&["-s", "--size"]) == Some("0");
                for file in line.positional.clone() {
                    self.writes(file, zero.then_some(""), false);
                }
                Some(some)
            }
            _ => None,
        }
    }

    fn find(&mut self, args: &[Arg]) -> Flow {
        let tests = args.iter().position(|a| a.text.starts_with(['-', '(', '!'])).unwrap_or(args.len());
        let (roots, tests) = args.split_at(tests);
        let mut roots: Vec<Arg> = roots.to_vec();
        if roots.is_empty() {
            roots.push(Arg { text: ".".to_owned(), known: true });
        }
        let name = tests.windows(2).find(|w| matches!(w[0].text.as_str(), "-name" | "-iname" | "-path")).map(|w| w[1].text.clone());
        // Below the roots at any depth, unless that is bounded.
        let deep = !tests.windows(2).any(|w| w[0].text == "-maxdepth" && matches!(w[1].text.as_str(), "0" | "1"));
        // What is found may be any of it; a name narrows it.
        let found: Vec<Arg> = roots
            .iter()
            .map(|root| match &name {
                Some(name) => {
                    let below = if deep && !name.contains(['*', '?', '[', '/']) { "/**/" } else { "/" };
                    Arg { text: format!("{}{below}{name}", root.text.trim_end_matches('/')), known: root.known }
                }
                None => root.clone(),
            })
            .collect();
        let mut rest = tests;
        let mut acted = false;
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            match first.text.as_str() {
                "-delete" => {
                    acted = true;
                    for arg in &found {
                        let path = self.path(arg);
                        self.deed.add(Verb::Delete, path, self.sure && arg.known);
                    }
                }
                "-exec" | "-execdir" | "-ok" | "-okdir" => {
                    let end = after.iter().position(|a| matches!(a.text.as_str(), ";" | "+")).unwrap_or(after.len());
                    let (command, left) = after.split_at(end);
                    rest = left;
                    acted = true;
                    for arg in &found {
                        let filled: Vec<Arg> = command
                            .iter()
                            .map(|a| if a.text == "{}" { arg.clone() } else { Arg { text: a.text.replace("{}", &arg.text), known: a.known } })
                            .collect();
                        self.run_words(&filled, &Flow::default());
                    }
                }
                "-fprint" | "-fprint0" | "-fprintf" | "-fls" => {
                    if let Some(file) = after.first() {
                        self.writes(file, None, false);
                    }
                }
                _ => {}
            }
        }
        if !acted {
            for root in &roots {
                self.reads(root);
            }
        }
        let files = found.iter().map(|a| self.path(a)).collect();
        // The names it prints are not known, but where they lie is.
        let text = (found.iter().all(|a| a.known) && !acted).then(|| found.iter().map(|a| a.text.clone()).collect::<Vec<_>>().join("\n"));
        Flow { text, files, some: true, ..Flow::default() }
    }

    /// `cp`, `mv`, `ln`, `install`, `scp`, `rsync`: from where, to where.
    fn copy(&mut self, line: &Line<'_>) {
        let mut sources: Vec<Arg> = line.positional.iter().map(|a| (*a).clone()).collect();
        let to = match line.value(&["-t", "--target-directory"]) {
            Some(folder) => Some(Arg { text: folder.to_owned(), known: true }),
            None => sources.pop(),
        };
        let Some(to) = to else { return };
        for from in &sources {
            if let Some((host, path)) = remote(&from.text) {
                self.deed.add(Verb::Fetch, format!("{host}/{}", path.trim_start_matches('/')), self.sure);
                continue;
            }
            let path = self.path(from);
            match line.name {
                "mv" => {
                    // To move away is to delete.
                    let content = self.files.content(&path).map(str::to_owned);
                    self.deed.add(Verb::Delete, path, self.sure && from.known);
                    let to_path = self.path(&to);
                    self.files.write(&to_path, content.as_deref());
                }
                "ln" => {}
                // To copy nothing over it is to delete it.
                "cp" if path == "/dev/null" => return self.writes(&to, Some(""), false),
                _ => {
                    if line.name == "rsync" && line.has(&["--remove-source-files", "--remove-sent-files"]) {
                        self.deed.add(Verb::Delete, path.clone(), self.sure && from.known);
                    }
                    self.reads(from);
                    let content = self.files.content(&path).map(str::to_owned);
                    let to_path = self.copied_to(from, &to);
                    self.files.write(&to_path, content.as_deref());
                    self.files.came_from(&to_path, &path);
                }
            }
        }
        if let Some((host, path)) = remote(&to.text) {
            let files =
                sources.iter().map(|a| self.path(a)).flat_map(|path| self.files.source_of(&path).map(str::to_owned).into_iter().chain([path])).collect();
            let place = format!("{host}/{}", path.trim_matches('/')).trim_end_matches('/').to_owned();
            self.deed.add(Verb::Send, place.clone(), self.sure);
            if line.name == "rsync" && line.args.iter().any(|a| a.starts_with("--delete")) {
                self.deed.add(Verb::Delete, place, self.sure);
                self.deed.at_least(Risk::High);
            }
            self.deed.sendings.push(super::deed::Sending { host, files, text: String::new() });
            return;
        }
        let path = self.path(&to);
        self.note_policy(&path);
        // Into a folder, each under its own name.
        let is_folder = to.text.ends_with('/') || matches!(to.text.as_str(), "." | "..") || to.text.ends_with("/..") || to.text.ends_with("/.");
        if is_folder || sources.len() > 1 {
            for from in &sources {
                let name = from.text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
                self.deed.add(Verb::Modify, format!("{}/{name}", path.trim_end_matches('/')), self.sure && to.known && from.known);
            }
        } else {
            self.deed.add(Verb::Modify, path.clone(), self.sure && to.known);
        }
        let mode = line.value(&["-m", "--mode"]).filter(|_| line.name == "install");
        if mode.is_some_and(sets_id) {
            self.deed.add(Verb::Grant, path.clone(), self.sure && to.known);
        }
        if line.name == "rsync" && line.args.iter().any(|a| a.starts_with("--delete")) {
            self.deed.add(Verb::Delete, path, self.sure && to.known);
        }
    }

    /// Gives where a file comes to lie: in a folder under its own name.
    fn copied_to(&self, from: &Arg, to: &Arg) -> String {
        let path = self.path(to);
        let name = from.text.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if to.text.ends_with('/') || matches!(to.text.as_str(), "." | "..") { format!("{}/{name}", path.trim_end_matches('/')) } else { path }
    }

    fn chmod(&mut self, line: &Line<'_>) {
        // `-x` is a mode, not an option.
        let bits = |a: &&String| a.strip_prefix('-').is_some_and(|bits| !bits.is_empty() && bits.bytes().all(|b| b"rwxXst".contains(&b)));
        let taken = line.args.iter().find(bits).filter(|_| line.name == "chmod").map(|text| Arg { text: text.clone(), known: true });
        let (mode, files) = match (&taken, line.positional.split_first()) {
            (Some(mode), _) => (mode, line.positional.as_slice()),
            (None, Some((mode, files))) => (*mode, files),
            (None, None) => return,
        };
        let grants = line.name == "chmod" && sets_id(&mode.text);
        for file in files {
            let path = self.path(file);
            self.deed.add(Verb::Modify, path.clone(), self.sure && file.known);
            if grants {
                self.deed.add(Verb::Grant, path, self.sure && file.known);
            }
        }
        if mode.text.ends_with("777") || mode.text.contains("o+w") || mode.text.contains("a+w") {
            self.deed.at_least(Risk::Medium);
        }
    }

    fn tar(&mut self, line: &Line<'_>) {
        // The letters may stand without a hyphen, and may end in the `f` that takes the next word.
        let first = line.args.first().map(String::as_str).unwrap_or_default();
        let bare = !first.starts_with('-');
        let letters: String = std::iter::once(first).filter(|_| bare).chain(line.clusters()).collect();
        let is = |c: char, long: &str| letters.contains(c) || line.has(&[long]);
        let mut words: Vec<Arg> = line.positional.iter().skip(usize::from(bare)).map(|a| (*a).clone()).collect();
        let archive = line
            .value(&["-f", "--file"])
            .map(|f| Arg { text: f.to_owned(), known: true })
            .or_else(|| (is('f', "--file") && !words.is_empty()).then(|| words.remove(0)));
        let folder = line.value(&["-C", "--directory"]).unwrap_or(".").to_owned();
        if line.has(&["--delete"]) {
            if let Some(archive) = archive {
                self.writes(&archive, None, false);
            }
        } else if is('c', "--create") || is('r', "--append") || is('u', "--update") {
            let here = self.cwd.clone();
            self.cwd = Some(self.path(&Arg { text: folder, known: true }));
            for file in &words {
                self.reads(file);
                if line.has(&["--remove-files"]) {
                    let path = self.path(file);
                    self.deed.add(Verb::Delete, path, self.sure && file.known);
                }
            }
            self.cwd = here;
            if let Some(archive) = archive {
                self.writes(&archive, None, false);
            }
        } else if is('x', "--extract") {
            if let Some(archive) = archive {
                self.reads(&archive);
            }
            let path = self.path(&Arg { text: folder, known: true });
            self.deed.add(Verb::Modify, path, self.sure);
        } else if let Some(archive) = archive {
            self.reads(&archive);
        }
    }
}

/// Tells whether a mode lets a program run as its owner.
fn sets_id(mode: &str) -> bool {
    let special = mode.trim_start_matches('0').len() == 4 && mode.trim_start_matches('0').starts_with(['2', '4', '6', '7']);
    special || mode.contains("+s") || mode.contains("=s")
}

/// Takes `user@host:path` apart.
fn remote(text: &str) -> Option<(String, String)> {
    if let Some(rest) = text.strip_prefix("rsync://") {
        return target::url(rest);
    }
    let (host, path) = text.split_once(':')?;
    (!host.contains('/') && host.len() > 1).then(|| (host.rsplit('@').next().unwrap_or(host).to_lowercase(), path.to_owned()))
}
