//! The screens of the top line: which of them have room, and where each stands.

use super::Area;
use super::state::{Screen, State};
use crate::text::{human, width};

/// Columns before the first: the name of the program and a space.
const BEFORE: u16 = 6;

/// A screen on the top line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// The screen.
    pub screen: Screen,
    /// How much waits there, written after its title.
    pub waiting: String,
    /// Where title and count stand.
    pub area: Area,
    /// Whether there are more before it, and after it, for which there is no room.
    pub more: (bool, bool),
}

impl State {
    /// Gives the screens for which there is room on the top line: those around the one that one is on.
    #[must_use]
    pub fn tabs(&self) -> Vec<Tab> {
        let room = usize::from(self.size.0.saturating_sub(BEFORE));
        let mut screens: Vec<Screen> = Screen::ALL.iter().copied().filter(|screen| self.has(*screen) || *screen == Screen::Trajectory).collect();
        let waiting = |screen: Screen| self.waiting(screen).map_or(String::new(), |count| format!(" {}", human::count(count).replace(' ', "")));
        let wide = |screens: &[Screen]| screens.iter().map(|screen| width(screen.title()) + 2 + waiting(*screen).len()).sum::<usize>();
        // What has nothing to show goes first.
        if wide(&screens) > room {
            screens.retain(|screen| self.has(*screen));
        }
        // What is left out on either side is told by a sign.
        let (mut left, mut right) = (0, 0);
        while screens.len() > 1 && wide(&screens) + left + right > room {
            let at = screens.iter().position(|screen| *screen == self.screen).unwrap_or(0);
            if at * 2 >= screens.len() {
                screens.remove(0);
                left = 2;
            } else {
                screens.pop();
                right = 2;
            }
        }
        let mut x = BEFORE + u16::try_from(left).unwrap_or(0);
        let place = |screen: Screen| {
            let waiting = waiting(screen);
            let columns = u16::try_from(width(screen.title()) + waiting.len()).unwrap_or(u16::MAX);
            let area = Area::new(x + 2, 0, columns, 1);
            x = area.x.saturating_add(columns);
            Tab { screen, waiting, area, more: (false, false) }
        };
        let mut tabs: Vec<Tab> = screens.into_iter().map(place).collect();
        if let Some(first) = tabs.first_mut() {
            first.more.0 = left > 0;
        }
        if let Some(last) = tabs.last_mut() {
            last.more.1 = right > 0;
        }
        tabs
    }
}
