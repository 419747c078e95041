//! What commands ask for alike: the workspace, the query.

use super::fail::Fail;
use super::output::Output;
use crate::effect::{Table, TableError};
use crate::query::{self, Query};
use crate::text::clean;
use crate::text::human::plural;
use crate::workspace::{Workspace, private_folder};
use directories::ProjectDirs;
use std::io::Write;
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// Where the workspace is.
pub struct Place {
    /// The folder that was named.
    pub workspace: Option<PathBuf>,
    /// The reviewer that was named.
    pub reviewer: Option<String>,
}

/// A workspace to list; where there was none, an empty one that is gone when the list is told.
pub struct Listed {
    workspace: Workspace,
    nowhere: Option<PathBuf>,
}

impl Deref for Listed {
    type Target = Workspace;

    fn deref(&self) -> &Workspace {
        &self.workspace
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        if let Some(nowhere) = &self.nowhere {
            // What stays behind is empty, private and in the place for temporary things.
            let _ = std::fs::remove_dir_all(nowhere);
        }
    }
}

impl Place {
    /// Gives who decides: who was named, else the login name.
    pub fn reviewer(&self) -> Result<String, Fail> {
        let named = || ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        self.reviewer
            .clone()
            .or_else(named)
            .or_else(login_name)
            .ok_or_else(|| Fail::usage("who decides is not known; say it with --reviewer NAME or OSSIA_REVIEWER"))
    }

    /// Opens the workspace, which must be there: a name that was mistyped makes no new one.
    pub fn open(&self) -> Result<Workspace, Fail> {
        let (folder, _) = self.folders()?;
        if !Workspace::is_at(&folder) {
            return Err(Fail::usage(self.missing(&folder)));
        }
        self.open_or_make()
    }

    /// Opens the workspace to list what is in it: where there is none, that is said and nothing is found, and none is made.
    pub fn open_to_list(&self) -> Result<Listed, Fail> {
        let (folder, _) = self.folders()?;
        if Workspace::is_at(&folder) {
            return Ok(Listed { workspace: self.open_or_make()?, nowhere: None });
        }
        // Where standard error is closed there is nobody to tell.
        let _ = writeln!(std::io::stderr(), "ossia: {}", self.missing(&folder));
        let nowhere = private_folder("ossia-empty")?;
        Ok(Listed { workspace: Workspace::open(&nowhere, &nowhere.join("cache"))?, nowhere: Some(nowhere) })
    }

    fn missing(&self, folder: &Path) -> String {
        let named = if self.workspace.is_some() { "; is the name right?" } else { ";" };
        let begin = "`ossia import PATH` makes one there, `ossia demo` shows examples in a place of its own";
        format!("there is no workspace at {}{named} {begin}", folder.display())
    }

    /// Opens the workspace, making it if it is not there.
    pub fn open_or_make(&self) -> Result<Workspace, Fail> {
        let (folder, cache) = self.folders_read()?;
        Ok(Workspace::open(&folder, &cache)?)
    }

    /// Gives its folders, once its own rows are added to the tables by which it is read.
    pub fn folders_read(&self) -> Result<(PathBuf, PathBuf), Fail> {
        let (folder, cache) = self.folders()?;
        extend_effects(&folder)?;
        Ok((folder, cache))
    }

    /// Gives the folder of the workspace, and the one under which its index lies.
    pub fn folders(&self) -> Result<(PathBuf, PathBuf), Fail> {
        let dirs = || ProjectDirs::from("", "", "ossia").ok_or_else(|| Fail::usage("no home folder is known; name the workspace with --workspace DIR"));
        let folder = match &self.workspace {
            Some(folder) => folder.clone(),
            None => dirs()?.data_dir().join("default"),
        };
        let cache = match dirs() {
            Ok(dirs) => dirs.cache_dir().to_owned(),
            Err(_) => folder.join("cache"),
        };
        Ok((folder, cache))
    }
}

/// Adds the workspace's own rows to the tables of commands, before anything is read by them.
fn extend_effects(folder: &Path) -> Result<(), Fail> {
    let file = folder.join("effects.toml");
    let text = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(Fail::usage(format!("cannot read {}: {e}", file.display()))),
    };
    match Table::extend(&text) {
        // A second workspace opened by the same run keeps the table of the first.
        Ok(()) | Err(TableError::Late) => Ok(()),
        Err(e) => Err(Fail::usage(format!("{}: {e}", file.display()))),
    }
}

/// Finds the login name of the process's user where no variable says it, such as under cron.
fn login_name() -> Option<String> {
    let uid = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.split(':').nth(2) == Some(&uid))?;
    line.split(':').next().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// The query of what is made: as further words, or by its name.
#[derive(clap::Args)]
pub struct Over {
    /// Query; empty is everything
    #[arg(value_name = "QUERY")]
    words: Vec<String>,
    /// The same, by its name
    #[arg(long = "query", value_name = "QUERY", conflicts_with = "words")]
    named: Option<String>,
}

impl Over {
    /// Gives the query as it was written.
    pub fn text(&self) -> String {
        self.named.clone().unwrap_or_else(|| self.words.join(" "))
    }
}

/// Says beside a result that a word was read as leaving steps out, though it looks like the option of a command.
pub fn option_said(words: &[String], out: &Output) {
    if let Some(left) = query::left_out(&words.join(" ")).filter(|_| !out.json) {
        out.aside(&clean(&left.said()));
    }
}

/// Says that a query finds no trajectory, and which form of it would; where everything was asked for, nothing.
pub fn finds_nothing(query: &Query, workspace: &Workspace, out: &Output) -> Result<(), Fail> {
    if *query == Query::All {
        return Ok(());
    }
    out.line("No trajectory matches. `ossia ls --help` has the filter language; `ossia ls` lists all there is.")?;
    let Some((form, found)) = workspace.begun(query)? else { return Ok(()) };
    out.line(&format!("`{}` finds {}.", clean(&form), plural(found, "trajectory")))
}

/// Reads the words of a query as one.
pub fn query(words: &[String]) -> Result<Query, Fail> {
    query::parse(&words.join(" ")).map_err(|e| Fail::usage(e.to_string()))
}
