//! `sed` and `awk`: small languages that mostly read, but may write files and run commands.

use super::run::Line;
use super::walk::{Arg, Flow, Shell};
use crate::model::Verb;
use regex::Regex;
use std::sync::LazyLock;

impl Shell<'_> {
    pub(super) fn sed(&mut self, line: &Line<'_>) -> Option<Flow> {
        let in_place = line.args.iter().any(|a| {
            a == "--in-place"
                || a.starts_with("--in-place=")
                || (a.starts_with("-i") || (a.starts_with('-') && !a.starts_with("--") && a.len() < 5 && a.contains('i')))
        });
        let mut scripts: Vec<String> = line.values(&["-e", "--expression"]).map(str::to_owned).collect();
        let from_file = line.value(&["-f", "--file"]).is_some();
        let skip = usize::from(scripts.is_empty() && !from_file);
        // `-i ''` is how some spell that no copy is kept.
        let words: Vec<&Arg> = line.positional.iter().copied().filter(|a| !a.text.is_empty()).collect();
        scripts.extend(words.iter().take(skip).map(|a| a.text.clone()));
        for script in &scripts {
            self.sed_script(script);
        }
        if from_file {
            self.unknown_act(line.name, &line.args);
        }
        for file in words.into_iter().skip(skip) {
            if in_place {
                self.writes(file, None, false);
                let path = self.path(file);
                self.files.forget(&path);
            } else {
                self.reads(file);
            }
        }
        Some(Flow { some: true, ..Flow::default() })
    }

    /// Looks for the commands of a script that write a file or run a command: `w`, `e`, and the flags of `s` by those names.
    fn sed_script(&mut self, script: &str) {
        for command in script.split([';', '\n', '{', '}']).map(after_address) {
            let (letter, rest) = command.split_at(command.chars().next().map_or(0, char::len_utf8));
            let (writes, runs) = match letter {
                "w" | "W" => (Some(rest.trim()), None),
                "e" => (None, Some(rest.trim())),
                "s" => {
                    let mark = rest.chars().next().unwrap_or('/');
                    let flags = rest.trim_start_matches(mark).splitn(3, mark).nth(2).unwrap_or_default();
                    let (own, file) = flags.split_once('w').unwrap_or((flags, ""));
                    (Some(file.trim()).filter(|f| !f.is_empty()), own.contains('e').then_some(""))
                }
                _ => (None, None),
            };
            if let Some(file) = writes.filter(|f| !f.is_empty()) {
                self.writes(&Arg { text: file.to_owned(), known: true }, None, false);
            }
            match runs {
                Some("") => self.deed.add_unknown(&format!("sed {script}")),
                Some(command) => drop(self.script(command, &Flow::default())),
                None => {}
            }
        }
    }

    /// `awk`: what it prints into files and pipes, what it runs by `system`; whether a pattern lets it come to that is not known.
    pub(super) fn awk(&mut self, line: &Line<'_>) -> Flow {
        static RUNS: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"system\s*\(\s*(?:"((?:[^"\\]|\\.)*)"\s*\))?|\|&?\s*"((?:[^"\\]|\\.)*)"|"((?:[^"\\]|\\.)*)"\s*\|&?\s*getline"#).ok());
        static WRITES: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"print[^;}\n]*?(>>?)\s*("((?:[^"\\]|\\.)*)"|[$\w])"#).ok());
        let from_file = line.value(&["-f", "--file"]).is_some();
        let in_place = line.value(&["-i", "--include"]) == Some("inplace") || line.has(&["--in-place", "--inplace"]);
        let skip = usize::from(!from_file);
        if let (Some(runs), Some(writes), Some(program)) = (RUNS.as_ref(), WRITES.as_ref(), line.positional.first().filter(|_| !from_file)) {
            let before = std::mem::replace(&mut self.sure, false);
            let text = program.text.clone();
            for found in runs.captures_iter(&text) {
                match found.get(1).or_else(|| found.get(2)).or_else(|| found.get(3)) {
                    Some(command) => drop(self.script(&command.as_str().replace("\\\"", "\""), &Flow::default())),
                    None => self.deed.add_unknown(&format!("awk {text}")),
                }
            }
            for found in writes.captures_iter(&text) {
                let file = Arg { text: found.get(3).map_or("$(…)", |file| file.as_str()).to_owned(), known: found.get(3).is_some() };
                self.writes(&file, None, found.get(1).is_some_and(|mark| mark.as_str() == ">>"));
            }
            self.sure = before;
        }
        if from_file {
            self.unknown_act(line.name, &line.args);
        }
        for file in line.positional.iter().skip(skip).filter(|a| !a.text.contains('=')).copied().collect::<Vec<_>>() {
            if in_place { self.writes(file, None, false) } else { self.reads(file) }
        }
        Flow { some: true, ..Flow::default() }
    }

    /// `fd … -x COMMAND`: what it finds is handed to a command; `None` where it only lists.
    pub(super) fn fd(&mut self, line: &Line<'_>, args: &[Arg]) -> Option<Flow> {
        let at = args.iter().position(|a| matches!(a.text.as_str(), "-x" | "-X" | "--exec" | "--exec-batch"))?;
        let own = Line::read(line.name, args.get(..at)?, &["-e", "-t", "-E", "-d", "--type", "--extension", "--exclude"].map(str::to_owned));
        let root = own.positional.get(1).map_or(".", |a| a.text.as_str()).trim_end_matches('/');
        let name = match (own.value(&["-e", "--extension"]), own.positional.first()) {
            (Some(end), _) => format!("/*.{end}"),
            (None, Some(pattern)) if pattern.text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-')) => format!("/*{}*", pattern.text),
            _ => String::new(),
        };
        let found = Arg { text: format!("{root}{name}"), known: true };
        let command: Vec<Arg> = args.get(at + 1..)?.iter().take_while(|a| a.text != ";").cloned().collect();
        let filled = |a: &Arg| if a.text.contains("{}") { Arg { text: a.text.replace("{}", &found.text), known: a.known } } else { a.clone() };
        let mut words: Vec<Arg> = command.iter().map(filled).collect();
        if !command.iter().any(|a| a.text.contains("{}")) {
            words.push(found);
        }
        Some(self.run_words(&words, &Flow::default()))
    }

    /// `tmux`: a command for a new window, or keys typed into one, run as in a shell; `None` where it only looks.
    pub(super) fn tmux(&mut self, line: &Line<'_>) -> Option<Flow> {
        let (verb, rest) = line.positional.split_first()?;
        let words = |rest: &[&Arg]| rest.iter().map(|a| a.text.as_str()).filter(|w| !matches!(*w, "Enter" | "C-m")).collect::<Vec<_>>().join(" ");
        match verb.text.as_str() {
            "new" | "new-session" | "new-window" | "neww" | "split-window" | "splitw" | "respawn-pane" | "respawn-window" | "run-shell" | "run" | "popup"
            | "display-popup" | "send-keys" | "send" => {
                let text = words(rest);
                if !text.is_empty() {
                    self.deed.marks.insert(super::deed::Mark::Wrapped);
                    self.script(&text, &Flow::default());
                }
            }
            word if word.starts_with("kill-") => self.deed.add(Verb::Delete, "proc:tmux", self.sure),
            _ => return None,
        }
        Some(Flow { some: true, ..Flow::default() })
    }
}

/// Takes the address off a command of `sed`: numbers, `$`, ranges, a pattern between slashes.
fn after_address(command: &str) -> &str {
    let mut rest = command.trim_start();
    loop {
        let bare = rest.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '$' | ',' | '!' | '~' | '+' | ' '));
        let past = bare.strip_prefix('/').and_then(|pattern| pattern.split_once('/')).map_or(bare, |(_, after)| after);
        if past.len() == rest.len() {
            return rest;
        }
        rest = past;
    }
}
