//! `ossia` and `ossia FILE…`: the screen.

use super::ask::Place;
use super::fail::Fail;
use crate::tui::{self, Options, TuiError};
use directories::ProjectDirs;
use std::path::PathBuf;

/// Shows the screen on a workspace; files are imported first, and opened where they hold one trajectory; a `tour` is begun.
pub fn run(place: &Place, files: Vec<PathBuf>, no_color: bool, tour: bool) -> Result<u8, Fail> {
    if let Some(file) = files.iter().find(|file| !file.exists()) {
        return Err(Fail::usage(format!("there is neither a command nor a file {}; `ossia help` lists the commands", file.display())));
    }
    let (folder, cache) = place.folders_read()?;
    let config = config_folder();
    let reviewer = place.reviewer().ok();
    tui::run(Options { folder, cache, config, files, reviewer, no_color, tour }).map_err(Fail::from)
}

/// Gives the folder of the configuration and of themes.
pub fn config_folder() -> Option<PathBuf> {
    std::env::var_os("OSSIA_CONFIG").map(PathBuf::from).or_else(|| ProjectDirs::from("", "", "ossia").map(|dirs| dirs.config_dir().to_owned()))
}

impl From<TuiError> for Fail {
    fn from(error: TuiError) -> Self {
        match error {
            TuiError::NoTerminal | TuiError::ReadOnly(_) => Self::usage(error.to_string()),
            TuiError::Terminal(_) => Self::data(error.to_string()),
            TuiError::Workspace(error) => error.into(),
        }
    }
}
