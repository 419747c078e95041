//! Runs one simple command: what the shell does itself, what the tables say of a program.

use super::deed::Mark;
use super::packages::{packages, registry};
use super::table::{Act, Does, Program, Table, has_option};
use super::target;
use super::walk::{Arg, Flow, HIDDEN, Shell};
use crate::model::Verb;

/// Files of which it is remembered that a command read them.
pub(super) const MOST_FILES: usize = 64;

/// The arguments of a program, told apart into options and the rest.
#[derive(Clone)]
pub(super) struct Line<'a> {
    /// Name of the program.
    pub name: &'a str,
    /// All arguments as text.
    pub args: Vec<String>,
    /// Arguments that are neither options nor their values.
    pub positional: Vec<&'a Arg>,
    /// Options that were followed by a value of their own, or by `=`.
    pub options: Vec<(String, &'a Arg, String)>,
    /// The arguments without the values that are glued to short options, so that no letter of a value is taken for one.
    seen: Vec<String>,
}

impl<'a> Line<'a> {
    pub fn read(name: &'a str, args: &'a [Arg], values: &[String]) -> Self {
        let all = |args: &[Arg]| args.iter().map(|a| a.text.clone()).collect();
        let mut line = Self { name, args: all(args), positional: Vec::new(), options: Vec::new(), seen: Vec::new() };
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let text = arg.text.as_str();
            line.seen.push(text.to_owned());
            if text == "--" {
                line.positional.extend(rest.by_ref());
            } else if let Some((letters, value)) = in_cluster(name, text, values) {
                let option = format!("-{}", letters.chars().next_back().unwrap_or_default());
                line.seen.pop();
                line.seen.push(format!("-{letters}"));
                match value {
                    Some(value) => line.options.push((option, arg, value.to_owned())),
                    None => line.options.extend(rest.next().map(|value| (option, value, value.text.clone()))),
                }
            } else if let Some((option, value)) =
                text.split_once('=').filter(|(o, _)| o.starts_with("--") || o.starts_with('-') && o.len() > 2 && values.iter().any(|v| v == o))
            {
                line.options.push((option.to_owned(), arg, value.to_owned()));
            } else if text.starts_with('-') && text.len() > 1 {
                let glued = values.iter().find(|v| v.len() == 2 && text.len() > 2 && !text.starts_with("--") && text.starts_with(v.as_str()));
                if values.iter().any(|v| v == text) {
                    line.options.extend(rest.next().map(|value| (text.to_owned(), value, value.text.clone())));
                } else if let Some(option) = glued {
                    line.seen.push(option.clone());
                    line.options.push((option.clone(), arg, text[2..].to_owned()));
                }
            } else {
                line.positional.push(arg);
            }
        }
        line
    }

    /// Reads the arguments of a program that the table knows.
    pub fn of(name: &'a str, args: &'a [Arg], program: &Program) -> Self {
        let line = Self::read(name, args, &program.values);
        let is_bare = |option: &String| program.bare.iter().any(|(word, bare)| bare == option && line.positional.first().is_some_and(|a| a.text == *word));
        if program.values.iter().any(is_bare) {
            let values: Vec<String> = program.values.iter().filter(|option| !is_bare(option)).cloned().collect();
            return Self::read(name, args, &values);
        }
        line
    }

    pub fn has(&self, options: &[&str]) -> bool {
        options.iter().any(|o| has_option(&self.seen, o))
    }

    /// Gives the short options, without their hyphens.
    pub fn clusters(&self) -> impl Iterator<Item = &str> {
        self.seen.iter().filter(|a| !a.starts_with("--")).filter_map(|a| a.strip_prefix('-'))
    }

    /// Gives the value of the first of these options.
    pub fn value(&self, options: &[&str]) -> Option<&str> {
        self.options.iter().find(|(o, _, _)| options.contains(&o.as_str())).map(|(_, _, value)| value.as_str())
    }

    pub fn values<'s>(&'s self, options: &'s [&str]) -> impl Iterator<Item = &'s str> {
        self.options.iter().filter(move |(o, _, _)| options.contains(&o.as_str())).map(|(_, _, value)| value.as_str())
    }

    /// Gives the whole line as text.
    pub fn text(&self) -> String {
        std::iter::once(self.name).chain(self.args.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }
}

impl Shell<'_> {
    /// Runs a command; gives what it prints.
    pub(super) fn run(&mut self, argv: &[Arg], input: &Flow) -> Flow {
        let Some((first, args)) = argv.split_first() else { return Flow::default() };
        let name = first.text.rsplit('/').next().unwrap_or_default();
        // The command itself was decoded: its first word, or all of it.
        let decoded = |h: &String| *h == first.text || h.split_whitespace().next() == Some(first.text.as_str());
        if first.text.contains(HIDDEN) || self.hidden.iter().any(decoded) {
            self.deed.marks.insert(Mark::Hidden);
            if args.is_empty() && first.known && first.text.contains(char::is_whitespace) && self.layer < 8 {
                self.layer += 1;
                let flow = self.script(&first.text.clone(), input);
                self.layer -= 1;
                return flow;
            }
        }
        if !first.known || name.is_empty() {
            self.deed.add_unknown(&text_of(argv));
            return Flow::default();
        }
        if let Some(flow) = self.aliased(&first.text, args, input) {
            return flow;
        }
        if let Some(flow) = self.builtin(name, args, input) {
            self.deed.told = true;
            return flow;
        }
        let path = self.path(first);
        if first.text.contains('/') && self.files.knows(&path) {
            return self.run_file(first, args, None, input);
        }
        if let Some(own) = self.in_search_path(&first.text) {
            return self.run_file(&own, args, None, input);
        }
        self.handed(name, args);
        let Some(program) = Table::current().program(name) else {
            let line = Line::read(name, args, &[]);
            if line.has(&["--dry-run", "--dryrun"]) && !self.args_say_real(&line) {
                self.deed.marks.insert(Mark::DryRun);
                self.deed.add(Verb::Read, format!("proc:{name}"), false);
            } else {
                self.unknown_act(if first.text.contains('/') { &path } else { name }, &line.args);
            }
            return Flow { some: true, ..Flow::default() };
        };
        self.program(name, program, args, input)
    }

    fn args_say_real(&self, line: &Line<'_>) -> bool {
        line.value(&["--dry-run", "--dryrun"]).is_some_and(|v| matches!(v, "none" | "false" | "no" | "0"))
    }

    fn program(&mut self, name: &str, program: &Program, args: &[Arg], input: &Flow) -> Flow {
        let given = self.as_options(name, args);
        let args = given.as_deref().unwrap_or(args);
        let line = Line::of(name, args, program);
        let dry = program.dry.iter().any(|o| has_option(&line.seen, o)) && !self.args_say_real(&line);
        self.deed.told = true;
        if matches!(line.args.as_slice(), [only] if only == "--version" || only == "--help") {
            return Flow { some: true, ..Flow::default() };
        }
        if dry {
            self.deed.marks.insert(Mark::DryRun);
            self.deed.add(Verb::Read, format!("proc:{name}"), self.sure);
            return Flow { some: true, ..Flow::default() };
        }
        // Where nobody answers, its prompt is a no.
        if name == "rm" && line.has(&["-i", "-I", "--interactive"]) && !line.has(&["-f", "--force"]) && (!input.some || input.text.as_deref() == Some("")) {
            self.deed.marks.insert(Mark::DryRun);
            return Flow { some: true, ..Flow::default() };
        }
        if input.yes {
            self.deed.marks.insert(Mark::AnsweredPrompt);
        }
        // `-C FOLDER` is a `cd` for this command alone.
        let folder = program.values.iter().filter(|v| super::spelling::FOLDERS.contains(&v.as_str())).find_map(|v| line.value(&[v.as_str()]));
        let folder = folder.filter(|_| matches!(program.by.as_str(), "git" | "scripts" | "env" | "make" | "") && self.remote.is_none());
        let before = self.cwd.clone();
        if let Some(folder) = folder {
            self.cwd = Some(self.path(&Arg { text: folder.to_owned(), known: !folder.contains('$') }));
        }
        self.options_hand(&line);
        self.files_read.clear();
        let mut flow = self.known_program(program, &line, args, input);
        // What a filter prints is of what it read.
        if flow.files.is_empty() && matches!(program.by.as_str(), "" | "sed" | "awk" | "interpreter" | "tar") {
            flow.files = input.files.iter().cloned().chain(self.files_read.drain(..)).take(MOST_FILES).collect();
        }
        self.cwd = before;
        flow
    }

    fn known_program(&mut self, program: &Program, line: &Line<'_>, args: &[Arg], input: &Flow) -> Flow {
        if !program.by.is_empty()
            && let Some(flow) = self.special(&program.by, line, args, input)
        {
            return flow;
        }
        // What a builder is told to set is no name of what it is to make.
        let bare;
        let line = if program.by == "make" && line.positional.iter().any(|a| a.text.contains('=')) {
            bare = Line { positional: line.positional.iter().filter(|a| !a.text.contains('=')).copied().collect(), ..line.clone() };
            &bare
        } else {
            line
        };
        let words: Vec<String> = line.positional.iter().map(|a| a.text.clone()).collect();
        let (length, rows) = program.rows(&words, &line.seen);
        if rows.is_empty() {
            self.unknown_act(line.name, &line.args);
        }
        // A program that another one is told to run, where it is one that is known.
        if rows.iter().any(|act| act.mark == "runs")
            && let Some(first) = line.positional.get(length).filter(|first| Table::current().program(&first.text).is_some())
        {
            self.deed.marks.insert(Mark::Wrapped);
            let from = args.iter().position(|a| std::ptr::eq(a, *first)).unwrap_or(0);
            return self.run(args.get(from..).unwrap_or_default(), input);
        }
        for act in rows {
            self.act(act, line, length);
        }
        Flow { some: true, ..Flow::default() }
    }

    /// Does what one row says.
    fn act(&mut self, act: &Act, line: &Line<'_>, words: usize) {
        for does in &act.does {
            self.deed.unknown |= does.kind == "command";
            for (target, known) in self.targets(does, line, words) {
                // A process, a package or a setting of another machine is another one.
                let target = match &self.remote {
                    Some(host) if matches!(does.kind.as_str(), "proc" | "pkg" | "git" | "text") => format!("{host}/{target}"),
                    _ => target,
                };
                self.deed.add(does.verb, target, self.sure && known);
            }
        }
        if let Some(risk) = act.risk {
            self.deed.at_least(risk);
        }
        match act.mark.as_str() {
            "gate" => self.deed.marks.insert(Mark::DisabledGate),
            "again" => self.deed.marks.insert(Mark::NotRepeatable),
            "poll" => self.deed.marks.insert(Mark::Polling),
            _ => false,
        };
    }

    fn targets(&mut self, does: &Does, line: &Line<'_>, words: usize) -> Vec<(String, bool)> {
        let after = line.positional.get(words..).unwrap_or_default();
        let owned: Vec<Arg>;
        let chosen: Vec<&Arg> = match does.place.as_str() {
            "args" => after.to_vec(),
            "first" => after.iter().take(1).copied().collect(),
            "second" => after.iter().skip(1).take(1).copied().collect(),
            "last" => after.last().into_iter().copied().collect(),
            "none" => Vec::new(),
            "here" if after.is_empty() => {
                owned = vec![Arg { text: ".".to_owned(), known: true }];
                owned.iter().collect()
            }
            "here" => after.to_vec(),
            "lead" => line.positional.first().into_iter().copied().collect(),
            place if place.starts_with("./") => {
                owned = vec![Arg { text: place.to_owned(), known: true }];
                owned.iter().collect()
            }
            "tail" => after.iter().skip(1).copied().collect(),
            "rest" => after.iter().take(after.len().saturating_sub(1)).copied().collect(),
            "cwd" => {
                let here = line.value(&["--git-dir"]).unwrap_or(".");
                owned = vec![Arg { text: here.to_owned(), known: true }];
                owned.iter().collect()
            }
            option => {
                owned = line
                    .options
                    .iter()
                    .filter(|(o, _, _)| option.split('|').any(|p| p == o))
                    .map(|(_, a, v)| Arg { text: v.clone(), known: a.known })
                    .collect();
                owned.iter().collect()
            }
        };
        match does.kind.as_str() {
            "path" => chosen.into_iter().flat_map(|arg| self.path_targets(arg, does.verb)).collect(),
            "host" => {
                chosen.into_iter().map(|arg| (target::url(&arg.text).map_or_else(|| arg.text.to_lowercase(), |(host, path)| host + &path), arg.known)).collect()
            }
            "pkg" => packages(&registry(line, &does.of), &chosen),
            "proc" if chosen.is_empty() => vec![(format!("proc:{}", line.name), true)],
            "proc" => chosen.into_iter().map(|arg| (format!("proc:{}", arg.text), arg.known)).collect(),
            "cloud" => vec![(super::cluster::cloud(&does.of, line, words), true)],
            "k8s" => super::cluster::kubernetes(line, words),
            "git" => super::git::refs(line, words),
            "secret" => vec![(format!("secret:{}", if does.of.is_empty() { "env" } else { &does.of }), true)],
            "text" if line.name == "gh" && does.of == "api.github.com" => vec![(super::http::github(line, words), true)],
            "text" => vec![(super::sql::named(&does.of, line), true)],
            _ => vec![(format!("?{}", self.spelled(line.name, &line.args)), true)],
        }
    }

    fn path_targets(&mut self, arg: &Arg, verb: Verb) -> Vec<(String, bool)> {
        let path = self.path(arg);
        let mut targets = Vec::new();
        if path.starts_with("?<(") || arg.known && arg.text.is_empty() {
            // The end of a pipe to other commands, which say themselves what they do; a name of nothing.
            return targets;
        }
        if verb == Verb::Read {
            self.note_read(&path);
            targets.extend(target::secret(&path).map(|name| (format!("secret:{name}"), arg.known)));
        } else {
            self.files.forget(&path);
            self.note_policy(&path);
        }
        targets.push((path, arg.known));
        targets
    }

    /// Marks the writing of settings by which harnesses let calls through.
    pub(super) fn note_policy(&mut self, path: &str) {
        const SETTINGS: &[&str] = &[
            ".claude/settings.json",
            ".claude/settings.local.json",
            ".codex/config.toml",
            ".maestro/settings.json",
            ".maestro/policy.json",
            ".gemini/settings.json",
            ".cursor/cli-config.json",
        ];
        if SETTINGS.iter().any(|s| path.ends_with(s)) {
            self.deed.marks.insert(Mark::EditedPolicy);
        }
    }

    fn builtin(&mut self, name: &str, args: &[Arg], input: &Flow) -> Option<Flow> {
        let silent = Some(Flow { text: Some(String::new()), ..Flow::default() });
        match name {
            "cd" | "pushd" => {
                let place = args.iter().find(|a| !a.text.starts_with('-'));
                self.cwd = match (place, &self.remote) {
                    (Some(arg), Some(_)) if arg.known && (arg.text.starts_with('/') || self.cwd.is_some()) => {
                        Some(target::path(&arg.text, self.cwd.as_deref(), None))
                    }
                    (_, Some(_)) => None,
                    (Some(arg), None) if arg.known => Some(self.path(arg)),
                    (None, None) => self.home.clone(),
                    _ => None,
                };
                silent
            }
            ":" | "true" | "false" | "test" | "[" | "sleep" => silent,
            "echo" | "printf" => Some(self.echo(name, args)),
            "eval" => Some(self.evaluate(args, input)),
            "exec" | "command" | "builtin" if args.iter().any(|a| !a.text.starts_with('-')) && !args.iter().any(|a| a.text == "-v") => {
                let from = args.iter().position(|a| !a.text.starts_with('-')).unwrap_or(0);
                Some(self.run(args.get(from..).unwrap_or_default(), input))
            }
            "source" | "." => args.first().map(|file| self.run_file(file, args.get(1..).unwrap_or_default(), Some("sh"), input)),
            "trap" => {
                let sure = std::mem::replace(&mut self.sure, false);
                if let Some(script) = args.first().filter(|a| a.known && a.text != "-") {
                    self.script(&script.text.clone(), input);
                }
                self.sure = sure;
                silent
            }
            _ => self.names(name, args).then_some(Flow { text: Some(String::new()), ..Flow::default() }),
        }
    }

    fn evaluate(&mut self, args: &[Arg], input: &Flow) -> Flow {
        self.mark_hidden(&text_of(args));
        if args.iter().all(|a| a.known) {
            self.deed.marks.insert(Mark::Wrapped);
            return self.script(&text_of(args), input);
        }
        self.deed.add_unknown(&format!("eval {}", text_of(args)));
        Flow::default()
    }
}

/// Takes a cluster of short options apart, for programs of which it is known that they read it so: the letters up to the first that
/// takes a value, and what is glued to it, as in `-sXPOST`; `None` where no letter takes one, or it is no cluster.
fn in_cluster<'t>(name: &str, text: &'t str, values: &[String]) -> Option<(&'t str, Option<&'t str>)> {
    const READ_SO: &[&str] = &["curl", "wget", "sort", "psql", "grep", "egrep", "fgrep", "zgrep", "rg", "ssh"];
    let letters = text.strip_prefix('-').filter(|l| READ_SO.contains(&name) && !l.is_empty() && !l.starts_with('-') && !values.iter().any(|v| v == text))?;
    let takes = |c: char| values.iter().any(|v| v.strip_prefix('-').is_some_and(|v| v.len() == c.len_utf8() && v.starts_with(c)));
    let at = letters.char_indices().take_while(|(_, c)| c.is_ascii_alphanumeric()).find(|(_, c)| takes(*c))?.0 + 1;
    let (own, value) = letters.split_at(at);
    Some((own, Some(value).filter(|v| !v.is_empty())))
}

/// Joins arguments as they would be read again.
pub(super) fn text_of(args: &[Arg]) -> String {
    args.iter().map(|a| a.text.as_str()).collect::<Vec<_>>().join(" ")
}
