//! What commands ask for alike: the workspace, the query.

use super::fail::Fail;
use crate::query::{self, Query};
use crate::workspace::Workspace;
use directories::ProjectDirs;
use std::path::PathBuf;

/// Where the workspace is.
pub struct Place {
    /// The folder that was named.
    pub workspace: Option<PathBuf>,
    /// The reviewer that was named.
    pub reviewer: Option<String>,
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

    /// Opens the workspace.
    pub fn open(&self) -> Result<Workspace, Fail> {
        let (folder, cache) = self.folders()?;
        Ok(Workspace::open(&folder, &cache)?)
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

/// Finds the login name of the process's user where no variable says it, such as under cron.
fn login_name() -> Option<String> {
    let uid = rustix::process::getuid().as_raw().to_string();
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|line| line.split(':').nth(2) == Some(&uid))?;
    line.split(':').next().filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Reads the words of a query as one.
pub fn query(words: &[String]) -> Result<Query, Fail> {
    query::parse(&words.join(" ")).map_err(|e| Fail::usage(e.to_string()))
}
