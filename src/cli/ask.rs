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
}

impl Place {
    /// Opens the workspace.
    pub fn open(&self) -> Result<Workspace, Fail> {
        let dirs = || ProjectDirs::from("", "", "ossia").ok_or_else(|| Fail::usage("no home folder is known; name the workspace with --workspace DIR"));
        let folder = match &self.workspace {
            Some(folder) => folder.clone(),
            None => dirs()?.data_dir().join("default"),
        };
        let cache = match dirs() {
            Ok(dirs) => dirs.cache_dir().to_owned(),
            Err(_) => folder.join("cache"),
        };
        Ok(Workspace::open(&folder, &cache)?)
    }
}

/// Reads the words of a query as one.
pub fn query(words: &[String]) -> Result<Query, Fail> {
    query::parse(&words.join(" ")).map_err(|e| Fail::usage(e.to_string()))
}
