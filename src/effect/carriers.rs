//! Side doors by which a program is made to run something else: variables of its environment, options of its own, settings of git.

use super::deed::Mark;
use super::run::Line;
use super::table::{Table, TableError};
use super::walk::{Arg, Flow, Shell};
use crate::model::Verb;
use std::collections::BTreeMap;

/// Words that switch a setting on or off and run nothing.
const SWITCHES: &[&str] = &["true", "false", "0", "1", "yes", "no", "on", "off", "never", "auto"];

/// How what is handed over comes to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    Command,
    Perhaps,
    File,
    Flags,
    Helper,
    Hooks,
    Option,
}

/// One side door: the names that open it, how, and into which programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carrier {
    names: Vec<String>,
    how: How,
    programs: Vec<String>,
}

impl Carrier {
    /// Reads the rows of `[variables]` or `[settings]`.
    pub fn read_all(rows: BTreeMap<String, String>) -> Result<Vec<Self>, TableError> {
        rows.into_iter().map(|(names, does)| Self::read(&names, &does)).collect()
    }

    fn read(names: &str, does: &str) -> Result<Self, TableError> {
        let wrong = |problem| TableError::Does { program: names.to_owned(), does: does.to_owned(), problem };
        let mut words = does.split_whitespace().map(str::to_owned);
        let how = match words.next().as_deref() {
            Some("command") => How::Command,
            Some("perhaps") => How::Perhaps,
            Some("file") => How::File,
            Some("flags") => How::Flags,
            Some("helper") => How::Helper,
            Some("hooks") => How::Hooks,
            Some("option") => How::Option,
            _ => return Err(wrong("the first word is none of command, perhaps, file, flags, helper, hooks, option")),
        };
        let programs: Vec<String> = words.collect();
        if programs.is_empty() {
            return Err(wrong("no program is named"));
        }
        Ok(Self { names: names.split_whitespace().map(str::to_owned).collect(), how, programs })
    }

    /// Tells whether it is opened by this name; settings are the same in capitals.
    fn is_named(&self, name: &str, folded: bool) -> bool {
        self.names.iter().any(|pattern| match pattern.split_once('*') {
            Some((head, tail)) => {
                name.len() > head.len() + tail.len()
                    && name.get(..head.len()).is_some_and(|n| n.eq_ignore_ascii_case(head))
                    && name.get(name.len() - tail.len()..).is_some_and(|n| n.eq_ignore_ascii_case(tail))
            }
            None if folded => name.eq_ignore_ascii_case(pattern),
            None => name == pattern,
        })
    }

    fn is_for(&self, program: &str) -> bool {
        self.programs.iter().any(|p| p == program || p == "*")
    }
}

impl Shell<'_> {
    /// Runs what variables, or words such as `CC=…` of a builder, hand to a program.
    pub(super) fn handed(&mut self, program: &str, args: &[Arg]) {
        if self.vars.is_empty() && !args.iter().any(|a| a.text.contains('=')) {
            return;
        }
        let doors = Table::current().variables();
        let for_it = |name: &str| doors.iter().find(|door| door.is_for(program) && door.is_named(name, false));
        let mut found: Vec<(String, &'static Carrier, Option<String>)> =
            self.vars.iter().filter_map(|(name, value)| for_it(name).map(|door| (name.clone(), door, value.clone()))).collect();
        if matches!(program, "make" | "gmake" | "cmake" | "ninja" | "configure") {
            let words = args.iter().filter_map(|a| a.text.split_once('=').map(|(name, value)| (name, a.known.then(|| value.to_owned()))));
            found.extend(words.filter_map(|(name, value)| for_it(name).map(|door| (name.to_owned(), door, value))));
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        for (name, door, value) in found {
            // What it runs is not run by itself again.
            let kept = self.vars.remove(&name);
            match value {
                Some(value) => self.carry(door, program, &value),
                None => self.deed.add_unknown(&format!("${name} {program}")),
            }
            self.vars.extend(kept.map(|value| (name, value)));
        }
    }

    /// Finds a program that was written into a folder in which programs are looked for.
    pub(super) fn in_search_path(&self, name: &str) -> Option<Arg> {
        let folders = self.vars.get("PATH")?.as_deref().filter(|_| !name.contains('/'))?;
        let mut places = folders.split(':').map(|folder| Arg { text: format!("{folder}/{name}"), known: true });
        places.find(|place| self.files.knows(&self.path(place)))
    }

    /// Gives the arguments of a program with those that a variable stands for; `None` where none does.
    pub(super) fn as_options(&self, program: &str, args: &[Arg]) -> Option<Vec<Arg>> {
        if self.vars.is_empty() {
            return None;
        }
        let doors = Table::current().variables().iter().filter(|door| door.how == How::Option && door.is_for(program));
        let mut given = Vec::new();
        for door in doors {
            let Some(option) = door.programs.first() else { continue };
            let value = door.names.iter().find_map(|name| self.vars.get(name));
            let told =
                args.iter().any(|a| a.text.strip_prefix(option.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('=') || option.len() == 2));
            if let Some(value) = value.filter(|value| !told && value.as_deref() != Some("")) {
                given.push(Arg { text: option.clone(), known: true });
                given.push(Arg { text: value.clone().unwrap_or_else(|| "$(…)".to_owned()), known: value.is_some() });
            }
        }
        (!given.is_empty()).then(|| given.into_iter().chain(args.iter().cloned()).collect())
    }

    /// Runs what a setting of git makes it run; tells whether it is one of those.
    pub(super) fn setting(&mut self, name: &str, value: &str) -> bool {
        let door = Table::current().settings().iter().find(|door| door.is_named(name, true));
        if let Some(door) = door {
            self.carry(door, "git", value);
        }
        door.is_some()
    }

    /// Runs what the options of a program hand to it: commands, and files whose code it loads.
    pub(super) fn options_hand(&mut self, line: &Line<'_>) {
        let Some(program) = Table::current().program(line.name) else { return };
        if program.runs.is_empty() && program.loads.is_empty() {
            return;
        }
        let given: Vec<(String, String, bool)> = line.options.iter().map(|(option, arg, value)| (option.clone(), value.clone(), arg.known)).collect();
        for (option, value, known) in given {
            let sure = self.sure;
            self.sure &= known;
            for (_, head) in program.runs.iter().filter(|(own, _)| *own == option) {
                if let Some(command) = headed(&value, head) {
                    self.command(command, known);
                }
            }
            if program.loads.contains(&option) && is_path(&value) {
                self.load(&value);
            }
            self.sure = sure;
        }
    }

    fn carry(&mut self, door: &Carrier, program: &str, value: &str) {
        let value = value.trim();
        if value.is_empty() || SWITCHES.contains(&value) {
            return;
        }
        let sure = self.sure;
        match door.how {
            How::Command => self.command(value, true),
            How::Perhaps => {
                self.sure = false;
                self.command(value, true);
            }
            How::Helper => {
                if let Some(command) = value.strip_prefix('!').or_else(|| Some(value).filter(|v| v.contains('/'))) {
                    self.command(command, true);
                }
            }
            How::File => value.split([':', ' ']).filter(|file| !file.is_empty()).for_each(|file| self.load(file)),
            How::Flags => self.flags(door, value),
            How::Option => {}
            How::Hooks if value == "/dev/null" => {}
            How::Hooks => {
                let folder = self.path(&Arg { text: value.to_owned(), known: true });
                self.deed.add_unknown(&format!("hooks of {program} in {folder}"));
            }
        }
        self.sure = sure;
    }

    fn command(&mut self, text: &str, known: bool) {
        if is_compiler(text) {
            return self.deed.add(Verb::Execute, format!("proc:{text}"), self.sure);
        }
        self.deed.marks.insert(Mark::Wrapped);
        self.mark_hidden(text);
        self.script(text, &Flow::default());
        if !known {
            self.deed.add_unknown(text);
        }
    }

    /// Loads the code of a file: by its content where that is known.
    fn load(&mut self, file: &str) {
        if file == "/dev/null" || file.contains("node_modules/") {
            return;
        }
        let arg = Arg { text: file.to_owned(), known: !file.contains('$') };
        self.run_file(&arg, &[], None, &Flow::default());
    }

    /// Looks through options given by a variable for those that load or run something.
    fn flags(&mut self, door: &Carrier, value: &str) {
        let Some(program) = door.programs.first().and_then(|name| Table::current().program(name)) else { return };
        let mut words = value.split_whitespace();
        while let Some(word) = words.next() {
            let doors = program.loads.iter().map(|option| (option, "", false)).chain(program.runs.iter().map(|(option, head)| (option, head.as_str(), true)));
            let mut next = None;
            for (option, head, runs) in doors {
                let Some(rest) = word.strip_prefix(option.as_str()) else { continue };
                let given = match rest.strip_prefix('=') {
                    Some(given) => given,
                    None if !rest.is_empty() && (option.len() == 2 || option.ends_with(':')) => rest,
                    None if rest.is_empty() => {
                        let after = next.or_else(|| words.next()).unwrap_or_default();
                        next = Some(after);
                        after
                    }
                    None => continue,
                };
                match headed(given, head) {
                    Some(command) if runs => self.command(command, true),
                    Some(file) if !runs && is_path(file) => self.load(file),
                    _ => {}
                }
            }
        }
    }
}

/// Tells a compiler or a linker by its name, whatever its version and the machine it is for: `gcc-12`, `aarch64-linux-gnu-g++`.
fn is_compiler(text: &str) -> bool {
    const NAMES: &[&str] = &["cc", "c++", "gcc", "g++", "clang", "clang++", "cpp", "ld", "lld", "mold", "ar", "ranlib", "gfortran"];
    !text.contains(['/', ' ']) && text.split('-').any(|part| NAMES.contains(&part))
}

/// Tells a path, or code in an address, from the name of a package.
fn is_path(text: &str) -> bool {
    text.starts_with(['.', '/', '~', '$']) || text.starts_with("data:") || text.contains("://") || text.ends_with(".so")
}

/// Gives what follows the head that makes the value of an option a command, as in `ProxyCommand=…`.
fn headed<'v>(value: &'v str, head: &str) -> Option<&'v str> {
    if head.is_empty() {
        return Some(value);
    }
    let own = value.trim_start();
    own.get(..head.len()).filter(|h| h.eq_ignore_ascii_case(head))?;
    own.get(head.len()..).map(|rest| rest.trim_start_matches([' ', '='])).filter(|rest| !rest.is_empty() && *rest != "none")
}

#[cfg(test)]
mod tests {
    use crate::effect::tests::{check, of};

    #[test]
    fn variables_carry_what_they_run() {
        check("GIT_SSH_COMMAND='sh -c \"rm -rf dist\"' git fetch", "fetch git:origin; delete ./dist");
        check("env GIT_SSH_COMMAND='sh -c \"rm -rf dist\"' git fetch", "fetch git:origin; delete ./dist");
        check("export GIT_SSH_COMMAND='rm -rf dist; ssh'; git fetch", "fetch git:origin; delete ./dist");
        check("GIT_SSH_COMMAND='ssh -i ~/.ssh/deploy -o StrictHostKeyChecking=no' git fetch", "fetch git:origin");
        check("GIT_SSH_COMMAND='ssh -o ProxyCommand=\"rm -rf dist\"' git fetch", "fetch git:origin; delete ./dist");
        check("GIT_SSH_COMMAND=$X git fetch", "fetch git:origin; ~execute ?$GIT_SSH_COMMAND git");
        check("GIT_PAGER=cat git log", "read .");
        check("PAGER='sh -c \"rm x\"' git log", "read .; ~delete ./x");
        check("GIT_EXTERNAL_DIFF='rm x' git diff", "read .; delete ./x");
        check("EDITOR=true git commit", "create git:local/HEAD");
        check("GIT_EDITOR=: git rebase --continue", "modify git:local/HEAD");
        check("GIT_SEQUENCE_EDITOR=\"sed -i 's/^pick/squash/'\" git rebase -i HEAD~3", "modify git:local/HEAD");
        check("GIT_EDITOR='rm x;' git commit", "create git:local/HEAD; delete ./x");
        check("KUBE_EDITOR='sed -i s/a/b/' kubectl get pods", "read k8s:-/default/pod/*");
        // A variable of another program, or of a command before, does nothing.
        check("GIT_SSH_COMMAND='rm x' ls", "read .");
        check("GIT_SSH_COMMAND='rm x' true; git fetch", "fetch git:origin");
        check("env GIT_SSH_COMMAND='rm x' true; git fetch", "fetch git:origin");
        check("X=dist sh -c 'rm -rf $X'", "delete ./dist");
    }

    #[test]
    fn variables_load_code() {
        check("echo 'rm -rf dist' > a.sh; BASH_ENV=a.sh bash -c 'ls'", "read .; modify ./a.sh; delete ./dist");
        assert_eq!(of("LD_PRELOAD=./evil.so ls").worst(), "unknown");
        assert_eq!(of("NODE_OPTIONS='--require ./evil.js' npm test").worst(), "execute");
        assert!(of("NODE_OPTIONS='--require ./evil.js' npm test").unknown && of("NODE_OPTIONS=--import=data:text/javascript,x npm test").unknown);
        assert!(!of("NODE_OPTIONS=--max-old-space-size=4096 npm test").unknown && !of("NODE_OPTIONS='-r dotenv/config' npm test").unknown);
        check("echo \"require('fs').rmSync('d')\" > e.js; NODE_OPTIONS='--require ./e.js' npm test", "modify ./e.js; execute proc:npm test; delete ./d");
        check("node -r ./e.js --test", "read ./e.js; ~execute ?./e.js; execute proc:node");
        assert!(of("JAVA_TOOL_OPTIONS=-javaagent:/tmp/a.jar mvn test").unknown && !of("JAVA_TOOL_OPTIONS=-Xmx1g mvn test").unknown);
        assert!(of("RUSTC_WRAPPER=./wrap.sh cargo build").unknown && !of("RUSTC_WRAPPER=sccache cargo build").unknown);
        check("make CC='sh -c \"rm x\"' test", "execute proc:make; delete ./x");
        check("CC=clang make build", "execute proc:clang; execute proc:make");
        check("make CC=gcc-12 SHELL=/bin/bash test", "execute proc:gcc-12; execute proc:make");
        // Of a name that says nothing of what runs nothing follows.
        check("make migrate ENV=dev", "~execute ?make migrate ENV=dev in .");
        check("ENV=prod cargo test", "execute proc:cargo");
        check("mkdir bin; printf 'rm -rf d' > bin/ls; PATH=$PWD/bin:$PATH ls", "create ./bin; modify ./bin/ls; delete ./d");
        check("PATH=$HOME/.local/bin:$PATH ls", "read .");
    }

    #[test]
    fn variables_stand_for_options() {
        check("AWS_PROFILE=prod aws s3 rm s3://b/x", "delete cloud:aws/prod/s3/b/x");
        check("AWS_PROFILE=prod aws --profile dev s3 rm s3://b/x", "delete cloud:aws/dev/s3/b/x");
        check("PGHOST=db-1 psql app -c 'DELETE FROM t'", "delete db:db-1/app/t");
        check("export KUBECONFIG=/k/prod; kubectl delete pod x", "delete k8s:/k/prod/default/pod/x");
    }

    #[test]
    fn settings_of_git_carry_what_they_run() {
        check("git -c core.sshCommand='sh -c \"rm -rf dist\"' fetch", "fetch git:origin; delete ./dist");
        check("git -c alias.x='!rm -rf dist' x", "delete ./dist");
        check("git -c alias.x='!rm -rf dist' status", "read .");
        check("git -c alias.p='push --force' p origin main", "send git:origin/main; delete git:origin/main");
        check("git config alias.z '!rm -rf dist'; git z", "modify git:local/config; delete ./dist");
        check("git -c core.pager=cat -c user.name=x log", "read .");
        check("git -c credential.helper=store fetch", "fetch git:origin");
        check("git -c credential.helper='!rm x' fetch", "fetch git:origin; delete ./x");
        check("git -c core.fsmonitor=false status", "read .");
        check("git -c core.fsmonitor='rm x' status", "read .; delete ./x");
        check("GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.sshCommand GIT_CONFIG_VALUE_0='rm x' git fetch", "fetch git:origin; delete ./x");
        check("git fetch --upload-pack='rm -rf dist; git-upload-pack' origin", "fetch git:origin; ~execute ?git-upload-pack in .; delete ./dist");
        check("git clone 'ext::sh -c \"rm x\"' y", "fetch ext::sh -c \"rm x\"; create .; delete ./x");
        check("git push -u origin main", "send git:origin/main");
        check("git clean -fdx dist", "delete ./dist");
    }

    #[test]
    fn options_carry_what_they_run() {
        check("tar cf a.tar --checkpoint=1 --checkpoint-action=exec='rm x' src", "read ./src; modify ./a.tar; delete ./x");
        check("tar -I zstd -xf a.tar.zst", "read ./a.tar.zst; modify .");
        check("tar xf a.tar --to-command='rm x'", "read ./a.tar; modify .; delete ./x");
        check("rsync -e 'ssh -p 2222' a h.example.com:/b", "read ./a; send h.example.com/b");
        check("rsync -e 'sh -c \"rm x\"' a h.example.com:/b", "read ./a; send h.example.com/b; delete ./x");
        check("ssh -oProxyCommand='rm x' h.example.com", "fetch h.example.com; delete ./x");
        check("sort --compress-program='rm x' f", "read ./f; delete ./x");
        check("split --filter='rm x' f", "read ./f; create .; delete ./x");
        check("hyperfine 'rm -rf dist'", "delete ./dist");
        check("gdb -batch -ex 'shell rm x'", "execute proc:gdb; delete ./x");
        check("7z x a.7z -oout", "read ./a.7z; modify ./out");
        check("7z x -o/tmp/out a.7z -y", "read ./a.7z; modify /tmp/out");
        check("unzip a.zip -d/tmp/x", "read ./a.zip; modify /tmp/x");
    }
}
