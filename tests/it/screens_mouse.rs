//! The mouse: off until it is asked for, told of, and good for scrolling, choosing, opening, going to a screen and moving the border.

use crate::screens::{Bench, demo, open};
use ossia::app::{Mouse, MouseAct, Msg, Screen};

impl Bench {
    fn mouse(&mut self, act: MouseAct, x: u16, y: u16) -> &mut Self {
        self.screen.send(Msg::Mouse(Mouse { act, x, y }));
        self
    }

    /// Presses where a text stands: at its first column.
    #[track_caller]
    fn click(&mut self, text: &str) -> (u16, u16) {
        let cells = self.screen.cells("dark");
        let row = |y: u16| (0..cells.area.width).map(|x| cells[(x, y)].symbol().chars().next().unwrap_or(' ')).collect::<String>();
        let found = (0..cells.area.height).find_map(|y| row(y).find(text).map(|at| (row(y)[..at].chars().count(), y)));
        let (x, y) = found.unwrap_or_else(|| panic!("{text:?} is not on the screen:\n{}", self.screen.screen()));
        let place = (u16::try_from(x).unwrap(), y);
        self.mouse(MouseAct::Press, place.0, y);
        place
    }
}

#[test]
fn the_mouse_is_left_to_the_terminal_until_it_is_asked_for() {
    let mut bench = demo((160, 40));
    bench.click("Rules");
    assert_eq!(bench.screen.state.screen, Screen::Library);
    bench.sees(":mouse<enter>", &["the mouse scrolls and chooses"]);
    let footer = |bench: &Bench| bench.screen.screen().lines().nth(39).unwrap_or_default().to_owned();
    assert!(footer(bench.sees("j", &[])).ends_with("mouse"), "{}", footer(&bench));
    bench.sees("/handbook<enter><enter>j", &["]d denial"]);
    assert!(footer(&bench).ends_with("mouse"), "{}", footer(&bench));
}

#[test]
fn a_click_chooses_and_a_second_one_opens() {
    let mut bench = demo((160, 40));
    bench.screen.press(":mouse<enter>");
    let (x, y) = bench.click("Scratch disk full");
    let chosen = bench.screen.state.library.list.chosen;
    assert_eq!(bench.screen.state.screen, Screen::Library);
    bench.mouse(MouseAct::Press, x, y);
    assert_eq!((bench.screen.state.screen, bench.screen.state.library.list.chosen), (Screen::Trajectory, chosen));
    let top = |bench: &Bench| bench.screen.state.reading.as_ref().unwrap().list;
    let before = top(&bench);
    bench.mouse(MouseAct::Wheel(1), 10, 10).mouse(MouseAct::Press, 10, 12);
    assert_eq!(top(&bench).chosen, top(&bench).top + 10, "{before:?}");
    bench.mouse(MouseAct::Press, 120, 12);
    assert!(bench.screen.state.reading.as_ref().unwrap().in_detail);
}

#[test]
fn a_click_on_a_title_goes_to_the_screen() {
    let mut bench = demo((160, 40));
    bench.screen.press(":mouse<enter>");
    for (title, screen) in [("Redactions", Screen::Redactions), ("Insights", Screen::Insights), ("Rules", Screen::Rules), ("Library", Screen::Library)] {
        bench.click(title);
        assert_eq!(bench.screen.state.screen, screen, "{title}");
    }
    bench.click("ossia");
    assert_eq!(bench.screen.state.screen, Screen::Library);
}

#[test]
fn rows_of_every_list_are_chosen_and_opened() {
    let mut bench = open(&["fixtures/demo"], (160, 40));
    bench.screen.press(":mouse<enter>gu");
    bench.mouse(MouseAct::Press, 10, 3 + 4);
    assert_eq!(bench.screen.state.rules.list.chosen, 4);
    bench.screen.press("gs");
    bench.mouse(MouseAct::Press, 10, 3 + 2);
    assert_eq!(bench.screen.state.redactions.list.chosen, 2);
    bench.mouse(MouseAct::Press, 120, 10);
    assert!(bench.screen.state.redactions.in_page);
    bench.mouse(MouseAct::Wheel(1), 10, 10).mouse(MouseAct::Press, 10, 3 + 2).mouse(MouseAct::Press, 10, 3 + 2);
}

#[test]
fn the_wheel_hides_what_was_shown_in_the_clear() {
    let mut bench = open(&["fixtures/demo/rotate-staging-keys"], (160, 40));
    bench.screen.press(":mouse<enter>gs");
    for place in [(120, 10), (10, 10)] {
        for _ in 0..bench.screen.state.redactions.board.as_ref().unwrap().findings.len() {
            bench.screen.press("!");
            if bench.screen.state.redactions.revealed.is_some() {
                break;
            }
            bench.screen.press("j");
        }
        assert!(bench.screen.state.redactions.revealed.is_some());
        bench.mouse(MouseAct::Wheel(1), place.0, place.1);
        assert!(bench.screen.state.redactions.revealed.is_none(), "{place:?}");
    }
}

#[test]
fn the_border_is_dragged_where_it_was_taken() {
    let mut bench = demo((160, 40));
    bench.screen.press(":mouse<enter>/handbook<enter><enter>");
    let split = |bench: &Bench| bench.screen.state.looks.split;
    let (before, border) = (split(&bench), bench.screen.state.reading_areas().detail.x - 1);
    bench.mouse(MouseAct::Press, 30, 10).mouse(MouseAct::Drag, 100, 10);
    assert_eq!(split(&bench), before, "a drag over the rows moved the border");
    bench.mouse(MouseAct::Press, border, 10).mouse(MouseAct::Drag, 112, 10);
    assert_eq!(split(&bench), 70);
    assert!(bench.screen.state.reading_areas().detail.x.abs_diff(113) <= 1);
    let mut narrow = demo((80, 24));
    narrow.screen.press(":mouse<enter>/handbook<enter><enter>");
    let border = narrow.screen.state.reading_areas().detail.y - 1;
    narrow.mouse(MouseAct::Press, 30, border).mouse(MouseAct::Drag, 30, border - 4);
    assert_eq!(narrow.screen.state.reading_areas().detail.y - 1, border - 4);
}
