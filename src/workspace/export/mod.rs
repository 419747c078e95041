//! Exporting from a workspace: datasets, what was said of their trajectories, rewrites, and the bundles they become.

mod datasets;
mod judged;
mod rewriting;
mod run;

use super::{Error, Result, Workspace};

pub use crate::export::RowChange;
pub use datasets::DatasetText;
pub use rewriting::{RewriteText, RewrittenCall};
pub use run::ExportOptions;
