//! Journeys in which something goes wrong: a thread breaks down, the screen itself does, a long job is called off.

use crate::pty::{Home, home};
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use std::io::Write;
use std::time::{Duration, Instant};

/// Gives what `ossia labels` knows.
fn labels(home: &Home) -> String {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ossia"));
    let out = command.env_clear().envs(home.environment()).args(["labels", "--json"]).output().unwrap();
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn a_thread_that_breaks_down_is_told_of_and_the_screen_goes_on() {
    let mut home = home(&["publish-docs"]);
    home.variables.push(("OSSIA_BREAK", "worker".to_owned()));
    let mut session = home.start(&[], (120, 40));
    session.sees("Publish the handbook").press("\r").sees("]a wait").press("R").sees("this broke down and was given up: OSSIA_BREAK asked for it");
    // The very next key works, and so does the thread that broke down.
    session.press("]d").sees("denial 1 of").press("E").sees("executions; enter goes to one").press("\x03").press("R").sees("this broke down");
    session.press("gr").sees("review a queue").press("oldest").press("\x15all\r").sees("is hidden until you answer").press("4").sees("1 done").press("\x11");
    assert_eq!(session.ends(), 0);
    session.gave_back();
    assert!(labels(&home).contains("needs_ask"));
}

#[test]
fn a_screen_that_breaks_down_gives_the_terminal_back_and_names_what_broke() {
    let mut home = home(&["publish-docs"]);
    home.variables.push(("OSSIA_BREAK", "loop".to_owned()));
    let mut session = home.start(&[], (120, 40));
    session.sees("Publish the handbook").press("gr").sees("review a queue").press("oldest").press("\x15all\r").sees("Did this need a yes first?");
    session.press("4").sees("1 done").press("\x0c");
    assert_eq!(session.ends(), 70);
    session.gave_back();
    let said = session.screen().contents();
    assert!(said.contains("OSSIA_BREAK asked for it"), "{said}");
    assert!(labels(&home).contains("needs_ask"), "a decision was lost");
}

#[test]
fn a_long_import_is_called_off_and_keeps_what_was_read() {
    let home = home(&[]);
    let folder = home.path("many");
    std::fs::create_dir(&folder).unwrap();
    let word = "look at this ".repeat(200);
    for at in 0..4000 {
        let turn = format!("{{\"role\":\"user\",\"content\":\"Task {at}: {word}\"}},{{\"role\":\"assistant\",\"content\":\"{word}\"}}");
        std::fs::write(format!("{folder}/{at}.jsonl"), format!("{{\"messages\":[{turn},{turn}]}}\n")).unwrap();
    }
    let mut session = home.start(&[&folder], (120, 40));
    session.sees("esc cancels");
    // No key is held up meanwhile.
    session.press(":theme").sees("Choose a theme").press("\x03").press("\x1b").sees("stopped; what was read before is kept");
    session.press("j").sees("open").press("\x11");
    assert_eq!(session.ends(), 0);
    session.gave_back();
    home.command(&["doctor"]);
    let mut again = home.start(&[], (120, 40));
    again.sees("Task ").press("\x11");
    assert_eq!(again.ends(), 0);
}

#[test]
fn an_index_that_is_taken_away_meanwhile_is_made_again() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (120, 40));
    session.sees("Publish the handbook");
    for workspace in std::fs::read_dir(format!("{}/ossia/index", home.path("cache"))).unwrap() {
        std::fs::remove_dir_all(workspace.unwrap().path()).unwrap();
    }
    session.press("\x1b[15~").sees("it is made again").press("/handbook\r").sees("1 trajectory ·").press("\x11");
    assert_eq!(session.ends(), 0);
    let mut again = home.start(&[], (120, 40));
    again.sees("/ handbook").sees("1 trajectory").press("\x11");
    assert_eq!(again.ends(), 0);
}

#[test]
fn a_signal_ends_it_though_the_terminal_takes_nothing() {
    let home = home(&["publish-docs"]);
    let pair = native_pty_system().openpty(PtySize { rows: 60, cols: 200, pixel_width: 0, pixel_height: 0 }).unwrap();
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_ossia"));
    command.env_clear();
    home.environment().into_iter().for_each(|(name, value)| command.env(name, value));
    let mut child = pair.slave.spawn_command(command).unwrap();
    drop(pair.slave);
    // Nobody reads what it draws, as over a connection that hangs: whole screens fill what the system holds for the terminal.
    let mut keys = pair.master.take_writer().unwrap();
    for _ in 0..20 {
        keys.write_all(b"\x0c").unwrap();
        std::thread::sleep(Duration::from_millis(50));
    }
    let id = child.process_id().unwrap().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let end = Instant::now() + Duration::from_secs(10);
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        if Instant::now() > end {
            child.kill().unwrap();
            panic!("it was asked to end, and did not");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert_eq!(status.exit_code(), 143);
    drop(pair.master);
}
