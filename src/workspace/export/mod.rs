//! Exporting from a workspace: datasets, what was said of their trajectories, rewrites, and the bundles they become.

mod board;
mod chosen;
mod cohorts;
mod consent;
mod datasets;
mod held;
mod judged;
mod log;
mod proposing;
mod redacting;
mod rewriting;
mod run;
mod said;
mod unread;

use super::{Error, Result, Workspace};

pub use crate::export::{ExportReport, GateReport, Overview, RowChange};
pub use board::{DatasetBoard, DatasetLine, DatasetRow, DatasetSheet};
pub use cohorts::Assignment;
pub use consent::{Consent, ConsentWord};
pub use datasets::DatasetText;
pub use held::Held;
pub use log::Exported;
pub use redacting::plain_rescan;
pub use rewriting::{RewriteText, RewrittenCall};
pub use run::ExportOptions;
