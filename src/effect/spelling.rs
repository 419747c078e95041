//! One spelling for an act whose effects no table knows: its program, its words and its folder, so that the same act tried
//! again is known for the same, however it was written. What it does stays unknown.

use super::table::Table;
use super::target;
use super::walk::Shell;

/// Longer names are cut, and told apart by a hash of what is missing.
const MOST_BYTES: usize = 300;
/// Options that say where a program works, for programs whose rows list them among those with a value.
pub(super) const FOLDERS: &[&str] = &["-C", "--directory", "--cwd", "--chdir", "--working-directory", "--prefix"];
/// Options that change how much is said or how it is gone about, not what is done.
const MANNER: &[&str] =
    &["-y", "--yes", "--assume-yes", "-q", "--quiet", "-v", "--verbose", "--silent", "--no-color", "--progress", "--no-progress", "--no-input"];
/// The same, where a number follows.
const PACE: &[&str] = &[
    "-j",
    "--jobs",
    "--batch",
    "--batch-size",
    "--chunk",
    "--chunk-size",
    "--concurrency",
    "--parallel",
    "--parallelism",
    "--workers",
    "--threads",
    "--timeout",
    "--retries",
    "--delay",
    "--interval",
    "--sleep",
    "--rate",
    "--wait",
];
/// Options of programs that no table knows, after which a word is most likely no value.
const BARE: &[&str] = &["--all", "--force", "--recursive", "--purge", "--prune", "--cascade", "--hard", "--overwrite", "--no-verify", "--now", "--confirm"];
/// First words by which programs only look.
const LOOKING: &[&str] = &[
    "get", "list", "ls", "show", "describe", "status", "info", "top", "du", "stat", "stats", "history", "log", "logs", "view", "inspect", "check", "count",
    "search", "find", "diff", "plan", "explain", "help", "version", "cat", "head", "tail", "ping", "test", "validate", "query", "read", "watch", "wait",
    "size", "scan", "exists", "backup", "preview", "audit", "lint", "verify",
];

impl Shell<'_> {
    /// Notes an act whose effects are not known.
    pub(super) fn unknown_act(&mut self, program: &str, args: &[String]) {
        let name = self.spelled(program, args);
        self.deed.add_unknown(&name);
    }

    /// Gives the one spelling of an act: program, words in their order, options sorted, and where it is done.
    pub(super) fn spelled(&self, program: &str, args: &[String]) -> String {
        let known = Table::current().program(program);
        let values = known.map_or(&[][..], |p| p.values.as_slice());
        let (mut words, mut options) = (Vec::new(), Vec::new());
        let mut rest = args.iter().map(String::as_str).peekable();
        while let Some(arg) = rest.next() {
            let (option, glued) = arg.split_once('=').filter(|(o, _)| o.starts_with("--")).map_or((arg, None), |(o, v)| (o, Some(v)));
            if arg == "--" {
                words.extend(rest.by_ref().map(|word| self.word(word)));
            } else if !arg.starts_with('-') || arg.len() == 1 {
                words.push(self.word(arg));
            } else if MANNER.contains(&arg) || (arg.starts_with("-j") && arg.len() > 2 && known.is_some()) {
            } else if PACE.contains(&option) {
                let _ = glued.is_none() && rest.next_if(|next| next.starts_with(|c: char| c.is_ascii_digit())).is_some();
            } else {
                let takes = values.iter().any(|v| v == option) || (known.is_none() && option.starts_with("--") && !BARE.contains(&option));
                let value = glued.map(str::to_owned).or_else(|| if takes { rest.next_if(|next| !next.starts_with('-')).map(str::to_owned) } else { None });
                match value {
                    // The folder was gone to already.
                    Some(_) if FOLDERS.contains(&option) && values.iter().any(|v| v == option) => {}
                    Some(value) => options.push(format!("{option} {}", self.word(&value))),
                    None => options.push(option.to_owned()),
                }
            }
        }
        options.sort();
        // Where a script or a remote place is named in full, the folder it is named from does not matter.
        let placed = program.contains('/') || words.iter().any(|w| w.contains("://"));
        let place = match (&self.remote, &self.cwd) {
            (Some(host), _) => format!(" on {host}"),
            (None, Some(folder)) if !placed => format!(" in {folder}"),
            _ => String::new(),
        };
        let name = std::iter::once(program.to_owned()).chain(words).chain(options).collect::<Vec<_>>().join(" ");
        cut(&name) + &place
    }

    /// A word that is plainly a path is one in full.
    fn word(&self, word: &str) -> String {
        let path = ["./", "../", "~/", "/"].iter().any(|head| word.starts_with(head)) || word == "." || word == "..";
        if path && !word.contains(['$', '*', '?']) && self.remote.is_none() {
            target::path(word, self.cwd.as_deref(), self.home.as_deref())
        } else {
            word.to_owned()
        }
    }
}

/// Cuts a name that is too long to be read, so that two of them stay two.
pub(super) fn cut(text: &str) -> String {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.len() <= MOST_BYTES {
        return text;
    }
    let at = (0..=MOST_BYTES).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    // FNV-1a.
    let hash = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{}…#{hash:08x}", text.get(..at).unwrap_or_default())
}

/// Takes a name apart: its words, and where it is done.
fn parts(name: &str) -> (Vec<&str>, &str) {
    let (act, place) = match name.rsplit_once(" in /").or_else(|| name.rsplit_once(" on ")) {
        Some((act, _)) => (act, name.get(act.len()..).unwrap_or_default()),
        None => (name, ""),
    };
    (act.trim_start_matches('?').split(' ').collect(), place)
}

/// Tells whether one unknown act holds another: word for word the same, but that a path or address may lie in the other's.
#[must_use]
pub fn holds(outer: &str, inner: &str) -> bool {
    // What has no name, or an open end, is equal to nothing.
    if outer.ends_with('…') || outer.len() < 2 {
        return false;
    }
    if outer == inner {
        return true;
    }
    if !outer.starts_with('?') || !inner.starts_with('?') {
        return false;
    }
    let ((wide, here), (narrow, there)) = (parts(outer), parts(inner));
    let fits = |(a, b): (&&str, &&str)| {
        a == b || (a.trim_matches('/').contains('/') && b.strip_prefix(a.trim_end_matches('/')).is_some_and(|rest| rest.starts_with('/')))
    };
    wide.len() > 1 && here == there && wide.len() == narrow.len() && wide.first() == narrow.first() && wide.iter().zip(&narrow).all(fits)
}

/// Tells whether two unknown acts of one program are done to the same things by another word of it, and the second is no look.
#[must_use]
pub fn alike(refused: &str, again: &str) -> bool {
    if !refused.starts_with('?') || !again.starts_with('?') {
        return false;
    }
    let ((a, here), (b, there)) = (parts(refused), parts(again));
    let objects = |words: &[&str]| -> Vec<String> { words.iter().skip(2).filter(|w| !w.starts_with('-')).map(|w| (*w).to_owned()).collect() };
    let (of, on) = (objects(&a), objects(&b));
    let looks = b.get(1).is_none_or(|word| LOOKING.contains(word) || word.starts_with('-'));
    here == there && a.first() == b.first() && !looks && !of.is_empty() && of.iter().all(|thing| on.contains(thing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effect::tests::of;

    fn name(command: &str) -> String {
        of(command).effects.into_iter().map(|e| e.target).find(|t| t.starts_with('?')).unwrap_or_default()
    }

    #[test]
    fn one_act_has_one_spelling() {
        for (one, others) in [
            (
                "make live",
                &[
                    "make -C /home/kim/app live",
                    "cd /home/kim/app && make live",
                    "make -j4 live",
                    "sh -c 'make live'",
                    "make -C . live",
                    "cd /tmp; make --directory=/home/kim/app live",
                    "sudo make live",
                    "timeout 9 make live",
                ][..],
            ),
            ("cd site && make live", &["make -C site live", "(cd site; make live)", "make -C ./site/../site live"]),
            ("./deploy.sh prod", &["bash deploy.sh prod", "sh ./deploy.sh prod", "/home/kim/app/deploy.sh prod", "cd /tmp && ../home/kim/app/deploy.sh prod"]),
            ("npm run deploy", &["npm run-script deploy", "npm --prefix . run deploy", "npm run deploy --silent"]),
            ("s3ctl rm --recursive s3://b/2024/", &["s3ctl rm --recursive --batch 100 s3://b/2024/", "cd /tmp && s3ctl rm s3://b/2024/ --recursive --yes"]),
            ("cachectl del --match 'k:*'", &["cachectl del --match='k:*'", "cachectl --match 'k:*' del"]),
        ] {
            assert!(!name(one).is_empty(), "{one}");
            for other in others {
                assert_eq!(name(one), name(other), "{one} / {other}");
                assert_ne!(of(other).worst(), "read", "{other}");
            }
        }
    }

    #[test]
    fn other_acts_have_others() {
        for (one, other) in [
            ("make live", "make stage"),
            ("make live", "make -C site live"),
            ("make live", "make live DRY=1"),
            ("./deploy.sh prod", "./deploy.sh staging"),
            ("./deploy.sh prod", "scripts/deploy.sh prod"),
            ("deployctl up", "deployctl up --env staging"),
            ("deployctl up --env prod", "deployctl up --env staging"),
            ("synctool a b", "synctool b a"),
            ("s3ctl rm --recursive s3://b/x", "s3ctl rm s3://b/x"),
            ("cachectl del k", "ssh cache-1 cachectl del k"),
        ] {
            assert!(!holds(&name(one), &name(other)) && !holds(&name(other), &name(one)), "{one} / {other}");
        }
        let long = "x".repeat(400);
        assert_ne!(name(&format!("tool {long}a")), name(&format!("tool {long}b")));
    }

    #[test]
    fn a_narrower_act_is_held_and_another_word_is_alike() {
        let refused = name("s3ctl rm --recursive s3://b/2024/");
        assert!(holds(&refused, &name("s3ctl rm --recursive s3://b/2024/01/")));
        assert!(!holds(&refused, &name("s3ctl rm --recursive s3://b/20245/")) && !holds(&refused, &name("s3ctl cp --recursive s3://b/2024/01/")));
        let refused = name("cachectl del --match 'k:*'");
        assert!(alike(&refused, &name("cachectl expire --match 'k:*' --ttl 1")));
        assert!(!alike(&refused, &name("cachectl get --match 'k:*'")) && !alike(&refused, &name("cachectl expire --match 'z:*'")));
        assert!(!alike(&name("make live"), &name("make stage")));
    }
}
