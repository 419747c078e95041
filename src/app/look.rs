//! Pages that lie over a screen: raw records, issues, messages.

use super::overlay::{Overlay, Sheet};
use super::page::{Block, Page};
use super::state::{Screen, State};
use super::task::Task;
use super::tone::Tone;
use crate::model::Trajectory;
use crate::text::clean;

/// Columns of a title above a list.
const TITLE: usize = 60;

impl State {
    /// Opens a page over the screen; below what one writes in, if one began to.
    pub(super) fn sheet(&mut self, title: &str, blocks: Vec<Block>) {
        self.sheet_at(title, blocks, 0);
    }

    /// Opens a page over the screen that begins with one of its blocks.
    pub(super) fn sheet_at(&mut self, title: &str, blocks: Vec<Block>, block: usize) {
        let writes = matches!(self.overlays.last(), Some(Overlay::Picker(_) | Overlay::Prompt(_) | Overlay::Span(_)));
        let at = self.overlays.len() - usize::from(writes);
        self.overlays.insert(at, Overlay::Page(Sheet { title: clean(title), page: Page::new(blocks).beginning(block) }));
    }

    /// Shows the raw records of the chosen step.
    pub(super) fn raw(&mut self) {
        let wanted = match self.screen {
            Screen::Compare => self.comparison.as_ref().and_then(|comparison| {
                let side = comparison.sides.get(comparison.side)?;
                let step = comparison.step(comparison.side)?;
                let at = side.opened.trajectory.steps.iter().position(|known| known.id == step.id)?;
                Some((side.opened.trajectory.clone(), at))
            }),
            _ => self.reading.as_ref().map(|reading| (reading.trajectory.clone(), reading.at())),
        };
        if let Some((trajectory, at)) = wanted {
            self.want(Task::Raw(trajectory, at));
        }
    }

    /// Shows what was odd: issues of the trajectory that is open or chosen, then what the program said.
    pub(super) fn issues(&mut self) {
        let open = self.reading.as_ref().filter(|_| self.screen == Screen::Trajectory).map(|reading| issue_blocks(&reading.trajectory));
        match (open, self.library.chosen().filter(|_| self.screen == Screen::Library)) {
            (None, Some(chosen)) => self.want(Task::Issues(chosen)),
            (blocks, _) => self.issue_sheet(blocks.unwrap_or_default()),
        }
    }

    /// Shows issues, and below them what the program said.
    pub(super) fn issue_sheet(&mut self, mut blocks: Vec<Block>) {
        blocks.push(Block::new().say(Tone::Accent, "messages of this program"));
        if self.messages.is_empty() {
            blocks.push(Block::new().say(Tone::Dim, "none"));
        }
        for told in self.messages.iter().rev() {
            blocks.push(Block::text(if told.bad { Tone::Alarm } else { Tone::Text }, &told.text).hanging(2));
        }
        self.sheet("issues", blocks);
    }

    /// Says something for a moment that need not be kept.
    pub(super) fn note(&mut self, text: &str) {
        self.toast = Some(super::Toast { told: super::Told::good(text), until: self.now_ms + 4_000 });
    }
}

/// Lists what was odd in the sources of a trajectory, each with its place.
#[must_use]
pub fn issue_blocks(t: &Trajectory) -> Vec<Block> {
    let title = t.title.as_deref().unwrap_or(&t.id);
    let count = crate::text::human::plural(t.issues.len(), "issue");
    let mut blocks = vec![Block::new().say(Tone::Accent, &format!("{count} of {}", crate::text::truncate(&clean(title), TITLE)))];
    for issue in &t.issues {
        let source = issue.source.as_deref().and_then(|sha256| t.sources.iter().find(|source| &*source.sha256 == sha256));
        let place = source.map_or(String::new(), |source| format!("  {}", source.path.rsplit('/').next().unwrap_or_default()));
        let line = issue.line.map_or(String::new(), |line| format!(" line {line}"));
        blocks.push(Block::new().say(Tone::Wait, &issue.kind.replace('_', " ")).say(Tone::Dim, &format!("{place}{line}")));
        blocks.push(Block::text(Tone::Text, &issue.message).indented(2));
    }
    blocks.push(Block::new());
    blocks
}
