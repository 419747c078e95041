//! What the shell gives names to: variables, the words of a script, aliases.

use super::table::Table;
use super::walk::{Arg, Flow, Shell};
use crate::model::Verb;

/// Words of its own command line that a script may be given.
const MOST_WORDS: usize = 64;

impl Shell<'_> {
    /// Runs a command of the shell that sets names or asks for them; tells whether it was one.
    pub(super) fn names(&mut self, name: &str, args: &[Arg]) -> bool {
        let named = || args.iter().filter(|a| !a.text.starts_with('-'));
        match name {
            "alias" => {
                self.aliases.extend(named().filter(|a| a.known).filter_map(|a| a.text.split_once('=')).map(|(name, body)| (name.to_owned(), body.to_owned())))
            }
            "unalias" if args.iter().any(|a| a.text == "-a") => self.aliases.clear(),
            "unalias" => named().for_each(|a| drop(self.aliases.remove(&a.text))),
            "unset" => named().for_each(|a| drop(self.vars.insert(a.text.clone(), Some(String::new())))),
            "read" | "mapfile" | "readarray" | "getopts" => named().for_each(|a| drop(self.vars.insert(a.text.clone(), None))),
            "history" if args.iter().any(|a| matches!(a.text.as_str(), "-c" | "-d" | "-w")) => self.deed.add(Verb::Delete, "~/.bash_history", false),
            "set" => {
                if let Some(at) = args.iter().position(|a| a.text == "--") {
                    self.words(args.get(at + 1..).unwrap_or_default());
                }
            }
            "shift" => {
                let by = args.first().and_then(|a| a.text.parse().ok()).unwrap_or(1);
                let word = |at: usize| {
                    self.vars.get(&at.to_string()).map(|value| Arg { text: value.clone().unwrap_or_else(|| format!("${at}")), known: value.is_some() })
                };
                let words: Vec<Arg> = (1..MOST_WORDS).map_while(word).skip(by).collect();
                self.words(&words);
            }
            "export" | "declare" | "local" | "readonly" | "typeset" | "let" => {
                for (name, value) in args.iter().filter_map(|a| a.text.split_once('=').map(|(n, v)| (n, a.known.then(|| v.to_owned())))) {
                    self.vars.insert(name.to_owned(), value);
                }
            }
            "shopt" | "umask" | "ulimit" | "wait" | "exit" | "return" | "break" | "continue" | "popd" | "dirs" | "hash" | "bind" | "jobs" | "bg" | "fg"
            | "disown" | "times" | "history" | "fc" | "complete" | "compgen" | "compopt" | "caller" | "enable" | "logout" | "suspend" | "exec" | "command"
            | "builtin" => {}
            _ => return false,
        }
        true
    }

    /// Sets the words of the script: `$1` and on, and all of them.
    pub(super) fn words(&mut self, words: &[Arg]) {
        for at in 1..MOST_WORDS {
            if self.vars.remove(&at.to_string()).is_none() {
                break;
            }
        }
        for (at, word) in words.iter().enumerate().take(MOST_WORDS - 1) {
            self.vars.insert((at + 1).to_string(), word.known.then(|| word.text.clone()));
        }
        let all = words.iter().all(|a| a.known).then(|| words.iter().map(|a| a.text.as_str()).collect::<Vec<_>>().join(" "));
        self.vars.insert("@".to_owned(), all);
    }

    /// Runs what an alias stands for; `None` where the name is none, or may be meant as itself. Whether a shell expands aliases
    /// depends on how it was begun: of a name that is a program too, either is possible.
    pub(super) fn aliased(&mut self, name: &str, args: &[Arg], input: &Flow) -> Option<Flow> {
        // Within what it stands for, a name is itself.
        let body = self.aliases.remove(name)?;
        let quoted = |arg: &Arg| if arg.known { format!("'{}'", arg.text.replace('\'', r"'\''")) } else { format!("\"{}\"", arg.text.replace('"', "")) };
        let text = std::iter::once(body.clone()).chain(args.iter().map(quoted)).collect::<Vec<_>>().join(" ");
        let table = Table::current();
        let other = table.program(name).is_some_and(|itself| table.program(body.split_whitespace().next().unwrap_or_default()) != Some(itself));
        let sure = self.sure;
        self.sure &= !other;
        let flow = self.script(&text, input);
        self.aliases.insert(name.to_owned(), body);
        if other {
            let alias = self.aliases.remove(name);
            let itself = std::iter::once(Arg { text: name.to_owned(), known: true }).chain(args.iter().cloned()).collect::<Vec<_>>();
            self.run(&itself, input);
            self.aliases.extend(alias.map(|alias| (name.to_owned(), alias)));
        }
        self.sure = sure;
        Some(flow)
    }
}

#[cfg(test)]
mod tests {
    use crate::effect::tests::check;

    #[test]
    fn an_alias_is_what_it_stands_for() {
        check("alias zap='rm -rf dist'; zap", "delete ./dist");
        check("alias k=kubectl\nk -n prod delete pod web", "delete k8s:-/prod/pod/web");
        check("alias g='git -C /srv/repo'; g push origin main", "send git:origin/main");
        check("alias d='cd /tmp && rm'; d -r x", "delete /tmp/x");
        check("alias ls='ls --color'; ls src", "read ./src");
        check("alias zap='rm -rf'; zap 'a b' $X", "delete ./a b; ~delete ?$X");
        // It may be the program after all, where aliases are not expanded.
        check("alias rm=trash; rm x", "delete ./x");
        check("alias cp='echo'; cp a b", "~read ./a; ~modify ./b");
        check("alias zap='rm -rf dist'; unalias zap; zap", "~execute ?zap in .");
        check("alias a=b b=a; a", "~execute ?a in .");
        check("alias ll='rm -rf /'", "");
    }

    #[test]
    fn names_are_set_read_shifted_and_forgotten() {
        check("X=dist; unset X; rm -rf \"$X\"/cache", "delete /cache");
        check("set -e -- a b; shift; rm \"$1\"", "delete ./b");
        check("set -- a b c; shift 2; rm \"$@\"", "delete ./c");
        check("f() { rm \"$2\"; }; f a b", "delete ./b");
        check("read -r X; rm \"$X\"", "~delete ?$X");
        check("command -v git; hash git; type git", "");
        check("exec > log.txt; rm -rf dist", "delete ./dist; delete ./log.txt");
    }
}
