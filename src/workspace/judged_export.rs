//! What people said, in the form in which an export needs it.

use super::{Result, Workspace};
use crate::export::Judgements;
use crate::model::Trajectory;

/// The judgements of a workspace.
pub struct Judged;

impl Workspace {
    /// Reads what was decided so far.
    #[allow(clippy::unused_self, clippy::unnecessary_wraps)]
    pub(super) fn judged_for_export(&self) -> Result<Judged> {
        Ok(Judged)
    }
}

impl Judged {
    /// Gives what was said of one trajectory.
    #[allow(clippy::unused_self)]
    pub fn of(&self, _: &Trajectory) -> Judgements {
        Judgements::default()
    }
}
