//! The tables of commands and tools: TOML built into the program, and a file of the user's beside it (`docs/effects.md`).

use super::carriers::Carrier;
use crate::model::{Risk, Verb};
use rustc_hash::FxHashMap;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

const BUILT_IN: &[&str] = &[
    include_str!("tables/shell.toml"),
    include_str!("tables/files.toml"),
    include_str!("tables/development.toml"),
    include_str!("tables/packages.toml"),
    include_str!("tables/services.toml"),
    include_str!("tables/clouds.toml"),
];
const TOOLS: &str = include_str!("tables/tools.toml");
const CARRIERS: &str = include_str!("tables/carriers.toml");

/// A row of the user's table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The text is not TOML of the expected form.
    #[error("the table of effects: {0}; docs/effects.md says how a row is written")]
    Toml(#[from] toml::de::Error),
    /// A `does` that says nothing known.
    #[error("the table of effects: `{program}` does {does:?}: {problem}; docs/effects.md lists verbs and targets")]
    Does {
        /// Program or tool.
        program: String,
        /// What is written.
        does: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The user's table was set already.
    #[error("the table of effects can be extended once, before anything is read")]
    Late,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProgramRow {
    #[serde(default)]
    values: String,
    #[serde(default)]
    bare: String,
    #[serde(default)]
    dry: String,
    #[serde(default)]
    runs: String,
    #[serde(default)]
    loads: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    acts: Vec<ActRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActRow {
    #[serde(default)]
    on: String,
    #[serde(default)]
    with: String,
    #[serde(default)]
    without: String,
    does: String,
    risk: Option<String>,
    #[serde(default)]
    mark: String,
}

/// What is known of a program.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Program {
    /// Options that take a value.
    pub values: Vec<String>,
    /// Options that take none after a word: the word, and the option.
    pub bare: Vec<(String, String)>,
    /// Options that make it say what it would do.
    pub dry: Vec<String>,
    /// Options whose value is a command, each with the head that makes it one.
    pub runs: Vec<(String, String)>,
    /// Options whose value is a file of code.
    pub loads: Vec<String>,
    /// The code that knows it, where rows do not suffice.
    pub by: String,
    /// Its rows.
    pub acts: Vec<Act>,
}

/// One row: under these words and options, these effects.
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    on: Vec<Vec<String>>,
    with: Vec<String>,
    without: Vec<String>,
    /// The effects.
    pub does: Vec<Does>,
    /// Floor of the risk.
    pub risk: Option<Risk>,
    /// Name of a mark.
    pub mark: String,
}

/// An effect of a row: verb, kind of target, and where the target stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Does {
    /// Verb.
    pub verb: Verb,
    /// Kind of target, such as `path`.
    pub kind: String,
    /// What narrows the kind, such as the registry of packages.
    pub of: String,
    /// Where the target stands: `args`, `last`, `--option`, the key of an argument.
    pub place: String,
}

/// All rows, by program and by tool.
#[derive(Debug, Clone, Default)]
pub struct Table {
    programs: FxHashMap<String, Program>,
    tools: FxHashMap<String, Vec<Does>>,
    variables: Vec<Carrier>,
    settings: Vec<Carrier>,
}

static BUILT: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for text in BUILT_IN {
        // A row that were wrong would be seen by the test below, and is left out here.
        let _ = table.add_programs(text);
    }
    let _ = table.add_tools(TOOLS);
    let _ = table.add(CARRIERS);
    table
});
static EXTENDED: OnceLock<Table> = OnceLock::new();

impl Table {
    /// Gives the table in use.
    #[must_use]
    pub fn current() -> &'static Self {
        EXTENDED.get().unwrap_or(&BUILT)
    }

    /// Extends the built-in table by the user's; a program that both name is the user's.
    pub fn extend(text: &str) -> Result<(), TableError> {
        let mut table = BUILT.clone();
        table.add(text)?;
        EXTENDED.set(table).map_err(|_| TableError::Late)
    }

    /// Adds the rows of a user's file: programs, tools under `[tools]`, side doors under `[variables]` and `[settings]`.
    fn add(&mut self, text: &str) -> Result<(), TableError> {
        let mut whole: toml::Table = toml::from_str(text)?;
        if let Some(tools) = whole.remove("tools") {
            self.put_tools(tools.try_into()?)?;
        }
        // What a user says of a name comes before what is built in.
        if let Some(rows) = whole.remove("variables") {
            self.variables.splice(0..0, Carrier::read_all(rows.try_into()?)?);
        }
        if let Some(rows) = whole.remove("settings") {
            self.settings.splice(0..0, Carrier::read_all(rows.try_into()?)?);
        }
        self.put_programs(toml::Value::Table(whole).try_into()?)
    }

    fn add_programs(&mut self, text: &str) -> Result<(), TableError> {
        self.put_programs(toml::from_str(text)?)
    }

    fn add_tools(&mut self, text: &str) -> Result<(), TableError> {
        self.put_tools(toml::from_str(text)?)
    }

    fn put_programs(&mut self, rows: BTreeMap<String, ProgramRow>) -> Result<(), TableError> {
        for (names, row) in rows {
            let acts = row.acts.into_iter().map(|act| act.read(&names)).collect::<Result<_, _>>()?;
            let bare = words(&row.bare).iter().filter_map(|pair| pair.split_once(':')).map(|(word, option)| (word.to_owned(), option.to_owned())).collect();
            let pair = |word: String| word.split_once(':').map_or((word.clone(), String::new()), |(option, head)| (option.to_owned(), head.to_owned()));
            let (runs, loads): (Vec<_>, _) = (words(&row.runs).into_iter().map(pair).collect(), words(&row.loads));
            let mut values = words(&row.values);
            values.extend(runs.iter().map(|(option, _)| option).chain(&loads).filter(|option| !option.ends_with(':')).cloned());
            let program = Program { values, bare, dry: words(&row.dry), runs, loads, by: row.by, acts };
            for name in names.split_whitespace() {
                self.programs.insert(name.to_owned(), program.clone());
            }
        }
        Ok(())
    }

    fn put_tools(&mut self, rows: BTreeMap<String, String>) -> Result<(), TableError> {
        for (names, does) in rows {
            let does = read_does(&names, &does)?;
            for name in names.split_whitespace() {
                self.tools.insert(tool_key(name), does.clone());
            }
        }
        Ok(())
    }

    /// Gives a text by which the table in use is told from others; the built-in one need not be read for it.
    #[must_use]
    pub fn fingerprint() -> String {
        let own = EXTENDED
            .get()
            .map_or_else(String::new, |table| format!("{:?}{:?}{:?}", table.programs.iter().collect::<BTreeMap<_, _>>(), table.variables, table.settings));
        format!("{}{TOOLS}{CARRIERS}{own}", BUILT_IN.concat())
    }

    /// Finds a program by its name.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<&Program> {
        self.programs.get(name)
    }

    /// Finds what a tool does, by its name without regard to case, hyphens and underscores.
    #[must_use]
    pub fn tool(&self, name: &str) -> Option<&[Does]> {
        self.tools.get(&tool_key(name)).map(Vec::as_slice)
    }
}

impl Table {
    /// Gives the variables by which programs are made to run something else.
    pub(super) fn variables(&self) -> &[Carrier] {
        &self.variables
    }

    /// Gives the settings of git that do so.
    pub(super) fn settings(&self) -> &[Carrier] {
        &self.settings
    }
}

fn tool_key(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

impl ActRow {
    fn read(self, program: &str) -> Result<Act, TableError> {
        let wrong = |problem| TableError::Does { program: program.to_owned(), does: self.does.clone(), problem };
        let risk = match &self.risk {
            Some(risk) => Some(Risk::parse(risk).ok_or_else(|| wrong("the risk is none of low, medium, high, critical"))?),
            None => None,
        };
        let does = read_does(program, &self.does)?;
        Ok(Act { on: self.on.split('|').map(words).collect(), with: words(&self.with), without: words(&self.without), does, risk, mark: self.mark })
    }
}

/// Reads `verb kind[:of] place, …`; `nothing` is nothing.
fn read_does(program: &str, text: &str) -> Result<Vec<Does>, TableError> {
    const KINDS: &[&str] = &["path", "host", "pkg", "proc", "cloud", "db", "k8s", "git", "secret", "text", "command", "mcp"];
    let mut all = Vec::new();
    for part in text.split(',').map(str::trim).filter(|p| *p != "nothing" && !p.is_empty()) {
        let wrong = |problem| TableError::Does { program: program.to_owned(), does: text.to_owned(), problem };
        let mut words = part.split_whitespace();
        let verb = words.next().and_then(Verb::parse).ok_or_else(|| wrong("the first word is no verb"))?;
        let kind = words.next().unwrap_or("command");
        let (kind, of) = kind.split_once(':').unwrap_or((kind, ""));
        if !KINDS.contains(&kind) {
            return Err(wrong("the second word is no kind of target"));
        }
        all.push(Does {
            verb,
            kind: kind.to_owned(),
            of: of.to_owned(),
            place: words.next().unwrap_or(if kind == "proc" { "none" } else { "args" }).to_owned(),
        });
    }
    Ok(all)
}

/// Tells whether an option is among the arguments: as it stands, with `=value`, or in a cluster of short ones.
#[must_use]
pub fn has_option(args: &[String], option: &str) -> bool {
    let short = option.strip_prefix('-').filter(|o| o.chars().count() == 1);
    args.iter().take_while(|a| *a != "--").any(|arg| {
        let exact = arg == option || arg.strip_prefix(option).is_some_and(|rest| rest.starts_with('=') && option.starts_with("--"));
        let cluster = || {
            short.is_some_and(|s| {
                arg.strip_prefix('-').is_some_and(|c| !c.starts_with('-') && c.len() < 8 && c.chars().all(char::is_alphabetic) && c.contains(s))
            })
        };
        exact || cluster()
    })
}

impl Program {
    /// Finds the rows for these positional words and arguments: those with the most words, where options allow.
    #[must_use]
    pub fn rows(&self, positional: &[String], args: &[String]) -> (usize, Vec<&Act>) {
        let mut best = (0, Vec::new());
        for act in &self.acts {
            let allowed = (act.with.is_empty() || act.with.iter().any(|o| has_option(args, o) || positional.contains(o)))
                && !act.without.iter().any(|o| has_option(args, o) || positional.contains(o));
            let Some(length) = act.on.iter().filter(|phrase| starts(positional, phrase)).map(Vec::len).max().filter(|_| allowed) else { continue };
            if best.1.is_empty() || length > best.0 {
                best = (length, vec![act]);
            } else if length == best.0 {
                best.1.push(act);
            }
        }
        best
    }
}

fn starts(positional: &[String], phrase: &[String]) -> bool {
    let fits = |(word, wanted): (&String, &String)| match wanted.split_once('*') {
        Some(("", tail)) if tail.ends_with('*') => word.contains(tail.trim_end_matches('*')),
        Some((head, tail)) => word.len() >= head.len() + tail.len() && word.starts_with(head) && word.ends_with(tail),
        None => word == wanted,
    };
    positional.len() >= phrase.len() && positional.iter().zip(phrase).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_row_is_read() {
        let mut table = Table::default();
        for (i, text) in BUILT_IN.iter().enumerate() {
            assert!(table.add_programs(text).map_err(|e| println!("table {i}: {e}")).is_ok());
        }
        table.add_tools(TOOLS).unwrap();
        table.add(CARRIERS).unwrap();
        assert!(table.variables.len() > 20 && table.settings.len() > 4);
        assert!(table.programs.len() > 250 && table.tools.len() > 40);
    }

    #[test]
    fn a_users_rows_are_added_and_wrong_ones_named() {
        let mut table = BUILT.clone();
        table
            .add("[deployctl]\nacts = [{ on = \"ship\", does = \"modify cloud:acme args\", risk = \"high\" }]\n[tools]\nship_it = \"send host url\"\n")
            .unwrap();
        assert_eq!(table.program("deployctl").map(|p| p.rows(&["ship".into(), "x".into()], &[]).1.len()), Some(1));
        assert_eq!(table.tool("Ship-It").map(<[Does]>::len), Some(1));
        for (text, problem) in [
            ("[x]\nacts = [{ does = \"eat path\" }]", "no verb"),
            ("[x]\nacts = [{ does = \"read moon\" }]", "no kind"),
            ("[x]\nacts = [{ does = \"read path\", risk = \"wild\" }]", "the risk"),
            ("[x]\nact = 1", "unknown field"),
            ("[variables]\nX = \"whisper git\"", "none of command"),
            ("[settings]\n\"a.b\" = \"command\"", "no program"),
        ] {
            let error = Table::default().add(text).unwrap_err().to_string();
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn options_and_words_choose_the_rows() {
        let args: Vec<String> = ["-xf", "--k=v"].map(str::to_owned).into();
        assert!(has_option(&args, "-f") && has_option(&args, "--k") && !has_option(&args, "-k"));
        assert!(starts(&["a".into(), "describe-x".into()], &["*".into(), "describe-*".into()]));
    }
}
