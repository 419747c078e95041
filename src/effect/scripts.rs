//! Programs that run other programs or scripts: shells, interpreters, `env`, `sudo`, `xargs`, `find -exec`, `ssh`, decoders.

use super::deed::Mark;
use super::inline;
use super::run::{Line, text_of};
use super::walk::{Arg, Flow, Shell};
use crate::model::{Risk, Verb};
use std::borrow::Cow;

impl Shell<'_> {
    /// Runs a program that the code knows; `None` where the rows of the table say more.
    pub(super) fn special(&mut self, by: &str, line: &Line<'_>, args: &[Arg], input: &Flow) -> Option<Flow> {
        if let Some(skip) = by.strip_prefix("prefix:") {
            return Some(self.prefix(line, skip.parse().unwrap_or(0), args, input));
        }
        match by {
            "privilege" => {
                if line.has(&["-l", "--list", "-v", "-k"]) && line.positional.is_empty() {
                    self.deed.add(Verb::Read, "proc:sudo", self.sure);
                    return Some(Flow::default());
                }
                self.deed.marks.insert(Mark::Privileged);
                if let Some(script) = line.value(&["-c", "--command", "--call"]).filter(|_| line.name == "su") {
                    return Some(self.script(script, input));
                }
                let skip = usize::from(line.name == "su");
                Some(self.prefix(line, skip, args, input))
            }
            "package" => Some(self.packaged(line, args, input)),
            "chroot" => Some(self.chroot(line, args, input)),
            "compose" => Some(self.composed(args, input)),
            "env" => Some(self.env(line, args, input)),
            "shell" => Some(self.shell(line, input)),
            "interpreter" if is_told_by_rows(line) => None,
            "interpreter" => Some(self.interpreter(line, input)),
            "xargs" => Some(self.xargs(line, args, input)),
            "ssh" => Some(self.ssh(line, args, input)),
            "decode" => Some(self.decode(line, input)),
            "lines" => {
                // Each word is a line for the shell.
                self.deed.marks.insert(Mark::Wrapped);
                for word in line.positional.clone() {
                    let sure = self.sure;
                    self.sure &= word.known;
                    self.script(&word.text, &Flow::default());
                    self.sure = sure;
                }
                Some(Flow { some: true, ..Flow::default() })
            }
            "yes" => Some(Flow { yes: true, some: true, ..Flow::default() }),
            "cat" => Some(self.cat(line, input)),
            "printenv" => {
                let names: Vec<String> = line.positional.iter().map(|a| a.text.clone()).collect();
                if names.is_empty() {
                    self.deed.add(Verb::Read, "secret:env", self.sure);
                }
                for name in names {
                    self.deed.add(Verb::Read, format!("secret:{name}"), self.sure);
                }
                Some(Flow { some: true, ..Flow::default() })
            }
            "scripts" => self.package_script(line, input),
            _ => self.special_program(by, line, args, input),
        }
    }

    /// Runs what follows a program's own options and so many words of its own.
    pub(super) fn prefix(&mut self, line: &Line<'_>, skip: usize, args: &[Arg], input: &Flow) -> Flow {
        if let Some(script) = line.value(&["-c", "--command"]).filter(|_| matches!(line.name, "script" | "flock" | "npx" | "bunx" | "pnpx")) {
            self.deed.marks.insert(Mark::Wrapped);
            return self.script(script, input);
        }
        if let Some(log) = line.value(&["-o", "--output"]).filter(|_| matches!(line.name, "strace" | "ltrace" | "time")) {
            self.writes(&Arg { text: log.to_owned(), known: true }, None, false);
        }
        let Some(first) = line.positional.get(skip) else {
            // Options alone: of what follows from them nothing can be told.
            if !line.args.is_empty() {
                self.unknown_act(line.name, &line.args);
            }
            return Flow::default();
        };
        self.deed.marks.insert(Mark::Wrapped);
        let from = args.iter().position(|a| std::ptr::eq(a, *first)).unwrap_or(0);
        if line.name == "watch" && !line.has(&["-x", "--exec"]) {
            // Its words are a line for the shell.
            let words = args.get(from..).unwrap_or_default();
            let sure = self.sure;
            self.sure &= words.iter().all(|a| a.known);
            let flow = self.script(&text_of(words), input);
            self.sure = sure;
            return flow;
        }
        self.run(args.get(from..).unwrap_or_default(), input)
    }

    fn env(&mut self, line: &Line<'_>, args: &[Arg], input: &Flow) -> Flow {
        if let Some(script) = line.value(&["-S", "--split-string"]) {
            return self.script(script, input);
        }
        let assigned = line.positional.iter().take_while(|a| a.text.contains('=')).count();
        let before = self.vars.clone();
        for arg in line.positional.iter().take(assigned) {
            if let Some((name, value)) = arg.text.split_once('=') {
                self.vars.insert(name.to_owned(), arg.known.then(|| value.to_owned()));
            }
        }
        if line.positional.len() == assigned {
            self.deed.add(Verb::Read, "secret:env", self.sure);
            return Flow { some: true, ..Flow::default() };
        }
        let flow = self.prefix(line, assigned, args, input);
        self.vars = before;
        flow
    }

    fn shell(&mut self, line: &Line<'_>, input: &Flow) -> Flow {
        // `-c` may stand in a cluster, as in `bash -lc`.
        let flag = line.args.iter().position(|a| a.starts_with('-') && !a.starts_with("--") && a.contains('c'));
        if let Some(flag) = flag {
            let Some(script) = line.positional.first().filter(|a| line.args.get(flag + 1..).is_some_and(|rest| rest.contains(&a.text))) else {
                return Flow::default();
            };
            self.deed.marks.insert(Mark::Wrapped);
            self.mark_hidden(&script.text);
            if !script.known {
                // What is known of it is looked at all the same, as possible.
                let sure = std::mem::replace(&mut self.sure, false);
                self.script(&script.text.clone(), input);
                self.deed.add_unknown(&line.text());
                self.sure = sure;
                return Flow { some: true, ..Flow::default() };
            }
            for (i, arg) in line.positional.iter().skip(1).enumerate() {
                self.vars.insert(i.to_string(), arg.known.then(|| arg.text.clone()));
            }
            return self.script(&script.text.clone(), input);
        }
        let own = own_letters(line);
        match line.positional.first() {
            // Of a script that is only looked at nothing runs.
            Some(file) if own.contains('n') => {
                self.deed.marks.insert(Mark::DryRun);
                self.reads(&(*file).clone());
                Flow { some: true, ..Flow::default() }
            }
            Some(file) if file.text != "-" && !own.contains('s') => self.run_file(&(*file).clone(), &after(line), Some("sh"), input),
            _ => self.piped("sh", line, input),
        }
    }

    fn interpreter(&mut self, line: &Line<'_>, input: &Flow) -> Flow {
        let language = inline::language(line.name);
        if line.has(&["--version", "-V", "--help"]) || (line.has(&["-v"]) && line.positional.is_empty()) {
            return Flow { some: true, ..Flow::default() };
        }
        // Its own checks and tests; of a program that is only looked at nothing runs.
        if (language == "node" && line.has(&["--test", "--check"])) || (line.name == "php" && line.has(&["-l"])) {
            self.deed.add(Verb::Execute, format!("proc:{}", line.name), self.sure);
            return Flow { some: true, ..Flow::default() };
        }
        if matches!(language, "perl" | "ruby")
            && let Some(flow) = self.one_liner(language, line)
        {
            return flow;
        }
        if let Some(code) = line.value(&["-c", "-e", "-E", "--eval", "-p", "--print", "-r", "-ne", "-pe", "-lne", "-ane"]) {
            self.deed.marks.insert(Mark::Wrapped);
            let known = line.options.iter().any(|(_, arg, value)| value == code && arg.known);
            self.code(language, code, known);
            return Flow { some: true, ..Flow::default() };
        }
        if let Some(module) = line.value(&["-m"]) {
            let module = module.to_owned();
            let argv: Vec<Arg> = std::iter::once(Arg { text: module.clone(), known: true }).chain(line.positional.iter().map(|a| (*a).clone())).collect();
            return match module.as_str() {
                "pip" | "pytest" | "black" | "ruff" | "mypy" | "isort" | "flake8" | "tox" | "poetry" | "uv" => self.run(&argv, input),
                "json.tool" | "http.server" | "venv" | "compileall" | "unittest" | "timeit" | "py_compile" | "doctest" => {
                    self.deed.add(Verb::Execute, format!("proc:{module}"), self.sure);
                    Flow { some: true, ..Flow::default() }
                }
                _ => {
                    self.unknown_act(line.name, &line.args);
                    Flow { some: true, ..Flow::default() }
                }
            };
        }
        match line.positional.get(usize::from(runs_file(line))) {
            Some(file) if file.text != "-" => self.run_file(&(*file).clone(), &after(line), Some(language), input),
            _ => self.piped(language, line, input),
        }
    }

    /// Where a program is asked for something that cannot be told.
    pub(super) fn unknown_if_any(&mut self, line: &Line<'_>) -> Flow {
        if !line.has(&["-l", "-V"]) {
            self.unknown_act(line.name, &line.args);
        }
        Flow::default()
    }

    /// Runs what comes in as a script.
    pub(super) fn piped(&mut self, language: &'static str, line: &Line<'_>, input: &Flow) -> Flow {
        if input.fetched || input.decoded {
            self.deed.marks.insert(Mark::Hidden);
        }
        if !input.some {
            // An interactive shell does nothing by itself.
            return Flow::default();
        }
        self.deed.marks.insert(Mark::Wrapped);
        match &input.text {
            Some(text) => {
                self.code(language, &text.clone(), true);
                Flow { some: true, ..Flow::default() }
            }
            None => {
                self.deed.add_unknown(&format!("{} < …", line.text()));
                Flow { some: true, ..Flow::default() }
            }
        }
    }

    /// Runs a text in a language.
    pub(super) fn code(&mut self, language: &str, text: &str, known: bool) {
        let sure = self.sure;
        self.sure &= known;
        if language == "sh" {
            self.script(text, &Flow::default());
        } else {
            self.inline(language, text);
        }
        self.sure = sure;
    }

    /// Runs a file: by the content last written to it, if that is known.
    pub(super) fn run_file(&mut self, file: &Arg, args: &[Arg], language: Option<&'static str>, input: &Flow) -> Flow {
        if file.text.contains("(fetched)") {
            self.deed.marks.insert(Mark::Hidden);
        }
        let path = self.path(file);
        if self.files.fetched(&path) {
            self.deed.marks.insert(Mark::Hidden);
        }
        let content: Option<Cow<'_, str>> = self.files.content(&path).map(|text| Cow::Owned(text.to_owned()));
        let Some(content) = content.filter(|_| file.known && self.layer < 4) else {
            self.deed.add(Verb::Read, path.clone(), self.sure && file.known);
            let args: Vec<String> = args.iter().map(|a| a.text.clone()).collect();
            self.unknown_act(if path.contains('/') { &path } else { &file.text }, &args);
            return Flow { some: true, ..Flow::default() };
        };
        self.deed.marks.insert(Mark::Staged);
        let by_head = content.lines().next().filter(|l| l.starts_with("#!")).map(|l| inline::language(l.rsplit(['/', ' ']).next().unwrap_or("sh")));
        let by_name = path.rsplit_once('.').map(|(_, end)| inline::language(end)).filter(|l| *l != "sh");
        self.layer += 1;
        let text = content.into_owned();
        self.code(language.or(by_head).or(by_name).unwrap_or("sh"), &text, true);
        self.layer -= 1;
        let _ = input;
        Flow { some: true, ..Flow::default() }
    }

    fn xargs(&mut self, line: &Line<'_>, args: &[Arg], input: &Flow) -> Flow {
        self.deed.marks.insert(Mark::Wrapped);
        let Some(first) = line.positional.first() else { return Flow::default() };
        let from = args.iter().position(|a| std::ptr::eq(a, *first)).unwrap_or(0);
        // What stands after the command's name is its own.
        let before = args.get(..from).unwrap_or_default();
        let values = super::table::Table::current().program(line.name).map_or(&[][..], |p| p.values.as_slice());
        let own = Line::read(line.name, before, values);
        let words = args.get(from..).unwrap_or_default();
        // `parallel COMMAND ::: VALUES`.
        let listed = words.iter().position(|a| a.text.starts_with(":::")).filter(|_| line.name == "parallel");
        let (command, values) = words.split_at(listed.unwrap_or(words.len()));
        let mut argv: Vec<Arg> = command.to_vec();
        let fed: Vec<Arg> = match &input.text {
            _ if listed.is_some() => values.iter().filter(|a| !a.text.starts_with(":::")).cloned().collect(),
            Some(text) => text.split_whitespace().take(256).map(|w| Arg { text: w.to_owned(), known: true }).collect(),
            None => vec![Arg { text: "$(…)".to_owned(), known: false }],
        };
        match own.value(&["-I", "-i", "--replace"]).map(str::to_owned).or_else(|| (line.name == "parallel").then(|| "{}".to_owned())) {
            // One word is a line for the shell.
            Some(mark) if line.name == "parallel" && argv.len() == 1 && argv.iter().all(|a| a.known && a.text.contains(' ')) => {
                for value in &fed {
                    let with = if value.known { value.text.clone() } else { "\"$input\"".to_owned() };
                    let text = argv.first().map_or("", |a| a.text.as_str());
                    let text = if text.contains(&mark) { text.replace(&mark, &with) } else { format!("{text} {with}") };
                    self.script(&text, &Flow::default());
                }
            }
            Some(mark) if argv.iter().any(|a| a.text.contains(&mark)) => {
                for value in &fed {
                    let filled: Vec<Arg> = argv
                        .iter()
                        .map(|a| Arg { text: a.text.replace(&mark, &value.text), known: a.known && (value.known || !a.text.contains(&mark)) })
                        .collect();
                    self.run(&filled, &Flow::default());
                }
            }
            _ => {
                argv.extend(fed);
                self.run(&argv, &Flow::default());
            }
        }
        Flow { some: true, ..Flow::default() }
    }

    fn ssh(&mut self, line: &Line<'_>, args: &[Arg], input: &Flow) -> Flow {
        let Some(host) = line.positional.first() else { return Flow::default() };
        // Options after the host are those of the command.
        let after = args.iter().position(|a| std::ptr::eq(a, *host)).map_or(args.len(), |at| at + 1);
        let mut rest = args.get(after..).unwrap_or_default();
        // Its own options may stand after the host as well.
        while let Some(option) = rest.first().filter(|a| a.text.starts_with('-') && a.text.len() > 1) {
            let takes = option.text.len() == 2 && "bcDEeFIiJLlmOopQRSWw".contains(option.text.get(1..).unwrap_or_default());
            rest = rest.get(1 + usize::from(takes)..).unwrap_or_default();
            if option.text == "--" {
                break;
            }
        }
        let command: Vec<&Arg> = rest.iter().collect();
        let name = host.text.rsplit('@').next().unwrap_or_default().to_lowercase();
        self.deed.add(Verb::Fetch, name.clone(), self.sure && host.known);
        let text = command.iter().map(|a| a.text.as_str()).collect::<Vec<_>>().join(" ");
        // What comes in over a pipe goes out to the other machine; a script for its shell is what that does there.
        let scripted = command.first().is_some_and(|a| matches!(a.text.split_whitespace().next(), Some("sh" | "bash" | "zsh")));
        if !command.is_empty() && !scripted && input.some && (input.text.is_none() || !input.files.is_empty()) {
            self.deed.add(Verb::Send, name.clone(), self.sure && host.known);
            self.deed.sendings.push(super::deed::Sending { host: name.clone(), files: input.files.clone(), text: input.text.clone().unwrap_or_default() });
        }
        let before = (self.remote.replace(name.clone()), self.cwd.take(), self.sure);
        self.sure &= command.iter().all(|a| a.known);
        let flow = if command.is_empty() { self.piped("sh", line, input) } else { self.script(&text, input) };
        (self.remote, self.cwd, self.sure) = before;
        let there = |e: &crate::model::Effect| e.verb == Verb::Delete && e.target.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('/'));
        if self.deed.effects.iter().any(there) {
            self.deed.at_least(Risk::High);
        }
        flow
    }

    /// Marks that a text is run which was decoded or came over the network.
    pub(super) fn mark_hidden(&mut self, text: &str) {
        if self.is_hidden(text) {
            self.deed.marks.insert(Mark::Hidden);
        }
    }

    /// Runs the words of an argument list as a command of its own.
    pub(super) fn run_words(&mut self, words: &[Arg], input: &Flow) -> Flow {
        self.deed.marks.insert(Mark::Wrapped);
        if words.is_empty() {
            self.deed.add_unknown(&text_of(words));
            return Flow::default();
        }
        self.run(words, input)
    }
}

/// Gives the letters of the options that stand before a shell's script.
fn own_letters(line: &Line<'_>) -> String {
    let own = line.args.iter().take_while(|a| a.starts_with(['-', '+']) && *a != "--").filter(|a| !a.starts_with("--"));
    own.flat_map(|a| a.chars().skip(1)).collect()
}

/// Tells whether the rows of an interpreter that manages packages and runs tests as well say what its first words do.
fn is_told_by_rows(line: &Line<'_>) -> bool {
    let words: Vec<String> = line.positional.iter().map(|a| a.text.clone()).collect();
    let table = super::table::Table::current();
    !runs_file(line) && table.program(line.name).is_some_and(|program| program.rows(&words, &line.args).0 > 0)
}

/// Tells whether `run` is followed by a file.
fn runs_file(line: &Line<'_>) -> bool {
    matches!(line.positional.as_slice(), [run, file, ..] if run.text == "run" && matches!(line.name, "bun" | "deno") && file.text.contains(['.', '/']))
}

/// Gives what follows the name of a script.
fn after(line: &Line<'_>) -> Vec<Arg> {
    let own = line.positional.first().and_then(|file| line.args.iter().position(|a| *a == file.text)).map_or(0, |at| at + 1);
    line.args.iter().skip(own).map(|text| Arg { text: text.clone(), known: true }).collect()
}
