//! The mouse: the wheel scrolls, a click chooses, a second one opens, the border between panes can be dragged.

use super::message::{Mouse, MouseAct};
use super::overlay::Overlay;
use super::state::{Screen, State};
use super::{Area, List, Move};
use crate::command::Command;

/// Rows for a turn of the wheel.
const WHEEL: isize = 3;

impl State {
    pub(super) fn mouse(&mut self, mouse: Mouse) {
        if !self.looks.mouse {
            return;
        }
        if self.overlays.is_empty() && mouse.act == MouseAct::Press && mouse.y == 0 && !matches!(self.screen, Screen::Trajectory | Screen::Compare) {
            if let Some(tab) = self.tabs().into_iter().find(|tab| tab.area.holds(mouse.x, 0)) {
                if tab.screen == Screen::Compare { self.screen = tab.screen } else { self.act(way(tab.screen)) }
            }
            return;
        }
        match self.overlays.last_mut() {
            Some(Overlay::Page(sheet)) => {
                if let MouseAct::Wheel(turn) = mouse.act {
                    sheet.page.scroll(isize::from(turn) * WHEEL);
                }
            }
            Some(Overlay::Picker(_)) => self.mouse_in_picker(mouse),
            Some(Overlay::Prompt(_) | Overlay::Span(_)) => {}
            None => match self.screen {
                Screen::Library => self.mouse_in_library(mouse),
                Screen::Trajectory => self.mouse_in_reading(mouse),
                Screen::Review => {
                    if let (Some(review), MouseAct::Wheel(turn)) = (&mut self.review, mouse.act) {
                        review.page.scroll(isize::from(turn) * WHEEL);
                    }
                }
                Screen::Compare => self.mouse_in_comparison(mouse),
                _ => self.mouse_on_board(mouse),
            },
        }
    }

    fn mouse_in_comparison(&mut self, mouse: Mouse) {
        let areas = self.compare_areas();
        let Some(comparison) = &mut self.comparison else { return };
        match mouse.act {
            MouseAct::Wheel(turn) => comparison.list.scroll(isize::from(turn) * WHEEL, comparison.pairs.len(), areas[0].rows()),
            MouseAct::Press => {
                if let Some((side, area)) = areas.into_iter().enumerate().find(|(_, area)| area.holds(mouse.x, mouse.y)) {
                    comparison.side = side;
                    press(&mut comparison.list, area, mouse.y, comparison.pairs.len());
                }
            }
            MouseAct::Drag => {}
        }
    }

    /// On the screens with a list and a page: a click chooses a row, a second one opens it, the wheel scrolls what it is over.
    fn mouse_on_board(&mut self, mouse: Mouse) {
        let (list, page) = self.board_areas();
        // As with the keys: what was shown in the clear is gone at the next move.
        if matches!(mouse.act, MouseAct::Wheel(_)) {
            self.redactions.revealed = None;
        }
        let shown = match self.screen {
            Screen::Redactions => Some((self.redactions.list, &mut self.redactions.page)),
            Screen::Rules => Some((self.rules.list, &mut self.rules.page)),
            Screen::Dataset => Some((self.datasets.rows.as_ref().map_or(self.datasets.list, |rows| rows.list), &mut self.datasets.page)),
            _ => None,
        };
        match (mouse.act, shown) {
            (MouseAct::Wheel(turn), Some((_, shown))) if page.holds(mouse.x, mouse.y) => shown.scroll(isize::from(turn) * WHEEL),
            (MouseAct::Wheel(turn), _) => self.go_board(Move::Rows(isize::from(turn) * WHEEL)),
            (MouseAct::Press, Some((at, _))) if list.holds(mouse.x, mouse.y) => {
                self.sideways_board(-1);
                let row = isize::try_from(at.top + usize::from(mouse.y - list.y)).unwrap_or(0);
                match row - isize::try_from(at.chosen).unwrap_or(0) {
                    0 => self.open_board(),
                    by => self.go_board(Move::Rows(by)),
                }
            }
            (MouseAct::Press, Some(_)) if page.holds(mouse.x, mouse.y) => self.sideways_board(1),
            _ => {}
        }
    }

    fn mouse_in_picker(&mut self, mouse: Mouse) {
        let area = self.picker_area();
        let rows = Area::new(area.x, area.y + 2, area.width, area.height.saturating_sub(3));
        let Some(Overlay::Picker(picker)) = self.overlays.last_mut() else { return };
        match mouse.act {
            MouseAct::Wheel(turn) => {
                picker.list.scroll(isize::from(turn) * WHEEL, picker.shown.len(), rows.rows());
                picker.skip_headings(isize::from(turn));
            }
            MouseAct::Press if rows.holds(mouse.x, mouse.y) => {
                let row = picker.list.top + usize::from(mouse.y - rows.y);
                if row < picker.shown.len() {
                    picker.list.chosen = row;
                    self.choose();
                }
            }
            _ => {}
        }
    }

    fn mouse_in_library(&mut self, mouse: Mouse) {
        let areas = self.library_areas();
        let facets = self.library.facet_rows().len();
        let library = &mut self.library;
        let in_facets = areas.facets.holds(mouse.x, mouse.y);
        match mouse.act {
            MouseAct::Wheel(turn) if in_facets => library.facet_list.scroll(isize::from(turn) * WHEEL, facets, areas.facets.rows()),
            MouseAct::Wheel(turn) => {
                let len = library.len();
                library.list.scroll(isize::from(turn) * WHEEL, len, areas.rows.rows());
            }
            MouseAct::Press if areas.query.holds(mouse.x, mouse.y) => self.search(),
            MouseAct::Press if in_facets => {
                library.in_facets = true;
                if press(&mut library.facet_list, areas.facets, mouse.y, facets) {
                    self.open();
                }
            }
            MouseAct::Press if areas.rows.holds(mouse.x, mouse.y) => {
                library.keep();
                library.in_facets = false;
                let len = library.len();
                if press(&mut library.list, areas.rows, mouse.y, len) {
                    self.open();
                }
            }
            _ => {}
        }
    }

    fn mouse_in_reading(&mut self, mouse: Mouse) {
        let areas = self.reading_areas();
        let width = self.size.0.max(1);
        let between = if areas.beside {
            areas.steps.width.saturating_sub(1)..=areas.detail.x
        } else {
            areas.detail.y.saturating_sub(1)..=areas.detail.y.saturating_sub(1)
        };
        let border = if areas.beside { areas.steps.y <= mouse.y && between.contains(&mouse.x) } else { between.contains(&mouse.y) };
        if mouse.act == MouseAct::Press {
            self.dragging = border;
        }
        let Some(reading) = &mut self.reading else { return };
        match mouse.act {
            MouseAct::Wheel(turn) if areas.detail.holds(mouse.x, mouse.y) => reading.detail.scroll(isize::from(turn) * WHEEL),
            MouseAct::Wheel(turn) => reading.list.scroll(isize::from(turn) * WHEEL, reading.rows.len(), areas.steps.rows()),
            MouseAct::Drag if areas.beside && self.dragging => {
                self.looks.split = (u32::from(mouse.x) * 100 / u32::from(width)).try_into().unwrap_or(46).clamp(20, 80)
            }
            MouseAct::Drag if self.dragging => {
                let (all, upper) = (areas.steps.height + 1 + areas.detail.height, mouse.y.saturating_sub(areas.steps.y));
                // Rounded up, as the share is rounded down: the border stands where it was let go.
                self.looks.upper = (u32::from(upper) * 100).div_ceil(u32::from(all.max(1))).try_into().unwrap_or(52).clamp(20, 80);
            }
            MouseAct::Press if border => {}
            MouseAct::Press if areas.steps.holds(mouse.x, mouse.y) => {
                reading.in_detail = press(&mut reading.list, areas.steps, mouse.y, reading.rows.len());
            }
            MouseAct::Press if areas.detail.holds(mouse.x, mouse.y) => reading.in_detail = true,
            _ => {}
        }
    }
}

/// Gives the command that goes to a screen.
pub(super) const fn way(screen: Screen) -> Command {
    match screen {
        Screen::Library | Screen::Compare => Command::GoLibrary,
        Screen::Trajectory => Command::GoTrajectory,
        Screen::Review => Command::GoReview,
        Screen::Redactions => Command::GoRedactions,
        Screen::Pairs => Command::GoPairs,
        Screen::Dataset => Command::GoDataset,
        Screen::Insights => Command::GoInsights,
        Screen::Rules => Command::GoRules,
    }
}

/// Chooses the row that was clicked; tells whether it was chosen already.
fn press(list: &mut List, area: Area, y: u16, len: usize) -> bool {
    let row = list.top + usize::from(y.saturating_sub(area.y));
    let again = list.chosen == row;
    if row < len {
        list.chosen = row;
    }
    again && row < len
}
