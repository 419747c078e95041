//! The screen, run: the loop between terminal, state and cells, and the threads that do what takes time.

mod boards;
mod breaking;
mod bulk;
mod desk;
mod headless;
mod importing;
mod jobs;
mod judge;
mod keep;
mod outside;
mod pump;
mod setup;
mod tally;
mod watch;

pub use headless::Headless;
pub use setup::{Options, configuration, run};

/// Why the screen could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// There is no terminal.
    #[error("the screen needs a terminal for its input and output; `ossia ls`, `search` and `show` print to pipes, and `ossia demo --no-tui` makes examples")]
    NoTerminal,
    /// Nothing can be decided in it.
    #[error("{0} cannot be written, and what is decided on the screen must be kept; `ossia ls`, `search` and `show` read it, and a copy of it can be judged")]
    ReadOnly(String),
    /// The terminal could not be set up, written to or waited on.
    #[error("the terminal: {0}")]
    Terminal(#[from] std::io::Error),
    /// The workspace cannot be opened.
    #[error(transparent)]
    Workspace(#[from] crate::workspace::Error),
}
