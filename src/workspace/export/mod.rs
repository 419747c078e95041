//! Exporting from a workspace: datasets, what was said of their trajectories, rewrites, and the bundles they become.

mod board;
mod chosen;
mod datasets;
mod judged;
mod redacting;
mod rewriting;
mod run;

use super::{Error, Result, Workspace};

pub use crate::export::{ExportReport, GateReport, Overview, RowChange};
pub use board::{DatasetBoard, DatasetLine, DatasetRow, DatasetSheet};
pub use datasets::DatasetText;
pub use rewriting::{RewriteText, RewrittenCall};
pub use run::ExportOptions;
