//! A pair as the screen shows it: what was said before, the two turns, and what followed each.

use super::pair::Pair;
use super::side::{SideKind, Turn};
use crate::workspace::{Result, Workspace};

/// Messages that are shown after each turn.
const AFTER: usize = 40;

/// What stands around the turns of a pair.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PairView {
    /// Id of the pair.
    pub id: String,
    /// What both share.
    pub before: Vec<Turn>,
    /// What followed each turn; it is no part of the pair.
    pub after: [Vec<Turn>; 2],
}

impl Workspace {
    /// Reads what stands around the turns of a pair.
    pub fn pair_view(&self, pair: &Pair) -> Result<PairView> {
        let mut view = PairView { id: pair.id.clone(), ..PairView::default() };
        for (at, name) in pair.names.iter().enumerate() {
            let number = self.store.find_trajectory(&name.trajectory)?;
            let Some(talk) = number.map(|number| self.talk(number)).transpose()?.flatten() else { continue };
            let Some(point) = talk.branches.find(&name.target) else { continue };
            if at == 0 {
                view.before = point.before().iter().map(|message| Turn::of(message)).collect();
            }
            if name.kind == SideKind::Recorded {
                let rest = point.conversation.messages.iter().skip(point.at + 1).take(AFTER);
                if let Some(after) = view.after.get_mut(at) {
                    *after = rest.map(|message| Turn::of(message)).collect();
                }
            }
        }
        Ok(view)
    }
}
