//! Journeys with a shell around the program: it is stopped and comes back, and the terminal is the shell's in between.

use crate::pty::home;

#[test]
fn it_stops_for_the_shell_and_comes_back_where_it_was() {
    let mut home = home(&["publish-docs"]);
    home.variables.push(("PS1", "shell> ".to_owned()));
    let mut session = home.run("sh", &["-i"], (100, 30));
    session.sees("shell>").press(&format!("{}\r", env!("CARGO_BIN_EXE_ossia")));
    session.sees("Publish the handbook").press("\r").sees("]a wait").press("]d").sees("denial 1 of");
    session.press("\x1a").sees("Stopped");
    assert!(!session.screen().alternate_screen() && !session.screen().hide_cursor(), "the shell did not get the terminal");
    session.press("echo in the $((40 + 2))\r").sees("in the 42").press("fg\r").sees("]a wait").sees("denied by user after 52s");
    // What is typed before the shell has the terminal again is nobody's.
    session.press("\x11").until("a new prompt", |session| session.screen().contents().trim_end().ends_with("shell>"));
    session.press("exit\r");
    session.ends();
    session.gave_back();
}

#[test]
fn several_are_labelled_at_once_and_taken_back_after_a_restart() {
    let home = home(&["publish-docs", "scratch-disk"]);
    let mut session = home.start(&[], (120, 40));
    session.sees("Publish the handbook").sees("Scratch disk").press("VL").sees("label 2 trajectories").press("bounded\r").sees("2 labels in one act");
    session.press("\x11");
    assert_eq!(session.ends(), 0);
    let mut again = home.start(&[], (120, 40));
    again.sees("Publish the handbook").press("u").sees("taken back: 2 decisions at once").press("\x11");
    assert_eq!(again.ends(), 0);
}

#[test]
fn the_mouse_is_taken_when_asked_for_and_given_back() {
    let home = home(&["publish-docs", "scratch-disk"]);
    let mut session = home.start(&[], (120, 40));
    session.sees("Publish the handbook").sees("Scratch disk").press(":mouse\r").sees("the mouse scrolls and chooses");
    let row = session.screen().rows(0, 60).position(|row| row.contains("Scratch disk")).unwrap() + 1;
    // A click is written as xterm's SGR encoding has it: button, column and row from 1, M for down and m for up.
    let click = format!("\x1b[<0;30;{row}M\x1b[<0;30;{row}m");
    session.press(&click).press(&click).sees("Scratch disk full").sees("]d denial").press("\x11");
    assert_eq!(session.ends(), 0);
    let raw = String::from_utf8_lossy(&session.raw).into_owned();
    let (taken, given) = (raw.find("\x1b[?1000h"), raw.rfind("\x1b[?1000l"));
    assert!(taken.is_some() && given > taken, "the mouse was not taken and given back");
    session.gave_back();
}
