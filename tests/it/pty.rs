//! Journeys of the real program in a pseudoterminal: keys go in, the screen is read back, and the terminal is given back.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long something may take on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_secs(30);

/// The program in a terminal.
pub(crate) struct Session {
    child: Box<dyn Child + Send + Sync>,
    master: Option<Box<dyn MasterPty + Send>>,
    writer: Option<Box<dyn Write + Send>>,
    output: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    pub(crate) raw: Vec<u8>,
}

/// A folder with a workspace, and what is set in the environment.
pub(crate) struct Home {
    scratch: TempDir,
    pub(crate) variables: Vec<(&'static str, String)>,
}

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo").join(name)
}

pub(crate) fn home(sessions: &[&str]) -> Home {
    let home = Home { scratch: tempfile::tempdir().unwrap(), variables: Vec::new() };
    std::fs::create_dir(home.path("home")).unwrap();
    for name in sessions {
        home.command(&["--quiet", "import", fixture(name).to_str().unwrap()]);
    }
    home
}

impl Home {
    pub(crate) fn path(&self, name: &str) -> String {
        self.scratch.path().join(name).to_string_lossy().into_owned()
    }

    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![
            ("OSSIA_WORKSPACE", self.path("workspace")),
            ("OSSIA_CONFIG", self.path("config")),
            ("OSSIA_REVIEWER", "ana".to_owned()),
            ("XDG_CACHE_HOME", self.path("cache")),
            ("HOME", self.path("home")),
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("TERM", "xterm-256color".to_owned()),
            ("COLORTERM", "truecolor".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
        ];
        all.extend(self.variables.iter().cloned());
        all
    }

    pub(crate) fn command(&self, arguments: &[&str]) {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ossia"));
        let out = command.env_clear().envs(self.environment()).args(arguments).output().unwrap();
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    }

    pub(crate) fn start(&self, arguments: &[&str], size: (u16, u16)) -> Session {
        self.run(env!("CARGO_BIN_EXE_ossia"), arguments, size)
    }

    /// Runs a program in a terminal of its own.
    pub(crate) fn run(&self, program: &str, arguments: &[&str], (columns, rows): (u16, u16)) -> Session {
        let pair = native_pty_system().openpty(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env_clear();
        for (name, value) in self.environment() {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(count) = reader.read(&mut bytes) {
                if count == 0 || sender.send(bytes[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        let size = |n| NonZeroU16::new(n).unwrap();
        let parser = vt100::Parser::new(size(rows), size(columns), 0);
        Session { child, master: Some(pair.master), writer: Some(writer), output, parser, raw: Vec::new() }
    }
}

impl Session {
    pub(crate) fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        let writer = self.writer.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
        self
    }

    /// Reads what the program writes until something holds.
    #[track_caller]
    pub fn until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) -> &mut Self {
        let end = Instant::now() + PATIENCE;
        while !holds(self) {
            match self.output.recv_timeout(Duration::from_millis(50)) {
                Ok(bytes) => {
                    self.raw.extend_from_slice(&bytes);
                    self.parser.process(&bytes);
                }
                Err(_) => assert!(Instant::now() < end, "{what} did not come to be:\n{}", self.parser.screen().contents()),
            }
        }
        self
    }

    #[track_caller]
    pub(crate) fn sees(&mut self, text: &str) -> &mut Self {
        self.until(&format!("{text:?} on the screen"), |session| session.parser.screen().contents().contains(text))
    }

    #[track_caller]
    pub(crate) fn ends(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        loop {
            while let Ok(bytes) = self.output.try_recv() {
                self.raw.extend_from_slice(&bytes);
                self.parser.process(&bytes);
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.exit_code();
            }
            assert!(Instant::now() < end, "the program did not end:\n{}", self.parser.screen().contents());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Checks that the terminal is as it was before.
    #[track_caller]
    pub fn gave_back(&mut self) {
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(200)) {
            self.parser.process(&bytes);
        }
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen was not left");
        assert!(!screen.hide_cursor() && !screen.bracketed_paste(), "cursor or pastes were not given back");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    }

    pub fn signal(&self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([name, &id]).status().unwrap().success());
    }
}

#[test]
fn one_begins_looks_about_and_leaves() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (100, 30));
    session.sees("Publish the handbook").press("\r").sees("]a wait").press("gg]d").sees("denied by user after 52s");
    session.press("?").sees("help: Trajectory").press("\x03").press("q").sees("search words").press("q");
    assert_eq!(session.ends(), 0);
    session.gave_back();
}

#[test]
fn where_one_was_is_where_one_is_again() {
    let home = home(&["publish-docs", "scratch-disk"]);
    let mut session = home.start(&[], (100, 30));
    session
        .sees("Publish the handbook")
        .press("/handbook\r")
        .sees("1 trajectory")
        .press("\r")
        .sees("]a wait")
        .press("]d")
        .sees("denial 1 of")
        .press(":theme\rnord\r")
        .press("\x11");
    assert_eq!(session.ends(), 0);
    let mut again = home.start(&[], (100, 30));
    again.sees("Stage first please").press("q").sees("handbook").press("\x11");
    assert_eq!(again.ends(), 0);
    assert!(again.raw.windows(9).any(|bytes| bytes == b"46;52;64m"), "the theme is not the one that was chosen");
}

#[test]
fn a_file_is_imported_and_opened() {
    let home = home(&[]);
    let file = fixture("publish-docs/session.jsonl");
    let mut session = home.start(&[file.to_str().unwrap()], (100, 30));
    session.sees("make live").press("\x11");
    assert_eq!(session.ends(), 0);
}

#[test]
fn what_another_process_imports_appears() {
    let home = home(&[]);
    let mut session = home.start(&[], (100, 30));
    session.sees("Nothing is here yet.");
    home.command(&["--quiet", "import", fixture("publish-docs").to_str().unwrap()]);
    session.sees("Publish the handbook").press("\x11");
    assert_eq!(session.ends(), 0);
}

#[test]
fn a_storm_of_sizes_ends_in_the_right_screen() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (100, 30));
    session.sees("Publish the handbook");
    for at in 0..60_u16 {
        let (columns, rows) = (20 + at * 2, 5 + at % 40);
        session.master.as_ref().unwrap().resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }
    session.master.as_ref().unwrap().resize(PtySize { rows: 24, cols: 90, pixel_width: 0, pixel_height: 0 }).unwrap();
    session.parser.screen_mut().set_size(NonZeroU16::new(24).unwrap(), NonZeroU16::new(90).unwrap());
    session.press("\x0c").until("the footer in the last row", |session| session.parser.screen().rows(0, 90).nth(23).is_some_and(|row| row.contains("open")));
    session.press("\x11");
    assert_eq!(session.ends(), 0);
}

#[test]
fn the_first_key_after_another_size_counts() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (100, 30));
    session.sees("Publish the handbook").press("\r").sees("]a wait").press("gg").sees("3 of 39");
    session.master.as_ref().unwrap().resize(PtySize { rows: 24, cols: 90, pixel_width: 0, pixel_height: 0 }).unwrap();
    session.parser.screen_mut().set_size(NonZeroU16::new(24).unwrap(), NonZeroU16::new(90).unwrap());
    session.until("a footer in the last row", |session| session.parser.screen().rows(0, 90).nth(23).is_some_and(|row| row.contains("]a wait")));
    session.press("j").sees("4 of 39").press("\x11");
    assert_eq!(session.ends(), 0);
}

#[test]
fn a_signal_ends_it_and_the_terminal_is_given_back() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (100, 30));
    session.sees("Publish the handbook").signal("-TERM");
    assert_eq!(session.ends(), 143);
    session.gave_back();
}

#[test]
fn a_terminal_that_is_gone_ends_it_at_once() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (100, 30));
    session.sees("Publish the handbook").signal("-HUP");
    assert_eq!(session.ends(), 129);
}

#[test]
fn an_editor_has_the_terminal_and_gives_it_back() {
    let mut home = home(&["publish-docs"]);
    let (script, taken) = (home.path("editor.sh"), home.path("taken.txt"));
    std::fs::write(&script, format!("#!/bin/sh\ncp \"$1\" '{taken}'\n")).unwrap();
    home.variables.push(("EDITOR", format!("sh '{script}'")));
    let mut session = home.start(&[], (100, 30));
    session.sees("Publish the handbook").press("\r").sees("]a wait").press("gg]do");
    session.until("the text in the editor", |_| std::fs::read_to_string(&taken).is_ok_and(|text| text.contains("Stage first please")));
    session.press("E").sees("executions; enter goes to one").press("\x03\x11");
    assert_eq!(session.ends(), 0);
    session.gave_back();
}

#[test]
fn a_program_reads_the_step_and_the_clipboard_is_asked() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (100, 30));
    session.sees("Publish the handbook").press("\r").sees("]a wait").press("gg]d").sees("denial 1").press(":!tr a-z A-Z\r").sees("STAGE FIRST PLEASE");
    session.press("q").press("Y").sees("toolu_43ff3803 to the terminal's clipboard");
    // `toolu_43ff3803` in base64, between the beginning and the end of OSC 52.
    assert!(session.raw.windows(34).any(|bytes| bytes.starts_with(b"\x1b]52;c;dG9vbHVfNDNmZjM4MDM=\x1b\\")));
    session.press("\x11");
    assert_eq!(session.ends(), 0);
}

#[test]
fn a_paste_is_text_and_never_a_command() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (100, 30));
    session.sees("Publish the handbook").press("/\x1b[200~handbook\rq\rq\r\x1b[201~").sees("/ handbook").press("\r").sees("1 trajectory").press("\x11");
    assert_eq!(session.ends(), 0);
}

#[test]
fn no_colour_is_no_colour() {
    let mut home = home(&["publish-docs"]);
    home.variables.push(("NO_COLOR", "1".to_owned()));
    let mut session = home.start(&[], (120, 30));
    session.sees("Publish the handbook").press("\r").sees("make live").press("\x11");
    assert_eq!(session.ends(), 0);
    let text = String::from_utf8_lossy(&session.raw).into_owned();
    for colour in ["38;5;", "38;2;", "48;5;", "48;2;", "\x1b[31m", "\x1b[32m"] {
        assert!(!text.contains(colour), "{colour:?} was written");
    }
}

#[test]
fn mistakes_of_the_configuration_are_told_and_the_rest_is_used() {
    let home = home(&["publish-docs"]);
    std::fs::create_dir_all(home.path("config")).unwrap();
    std::fs::write(home.path("config/config.toml"), "theme = 'nrod'\ncolums = []\n[keys]\nraw = 'X'\n").unwrap();
    let mut session = home.start(&[], (120, 30));
    session
        .sees("2 settings of")
        .press("I")
        .sees("did you mean nord?")
        .sees("did you mean columns?")
        .press("q\r")
        .sees("]a wait")
        .press("X")
        .sees("raw records of");
    session.press("\x11");
    assert_eq!(session.ends(), 0);
}

#[test]
fn a_decision_is_on_disk_when_it_is_shown() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (120, 40));
    session.sees("Publish the handbook").press("gr").sees("review a queue").press("oldest").press("\x15all\r").sees("Did this need a yes first?").press("4");
    session.sees("1 done").signal("-KILL");
    session.ends();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ossia"));
    let out = command.env_clear().envs(home.environment()).args(["labels", "--json"]).output().unwrap();
    assert!(String::from_utf8_lossy(&out.stdout).contains("needs_ask"), "{}", String::from_utf8_lossy(&out.stdout));
}

/// Counts how often the threads of a process gave up the processor of their own accord, which they do whenever they wake to wait again.
#[cfg(target_os = "linux")]
fn switches(process: u32) -> u64 {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let status = tasks.flatten().filter_map(|task| std::fs::read_to_string(task.path().join("status")).ok());
    status.flat_map(|text| text.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:").and_then(|n| n.trim().parse::<u64>().ok()))).sum()
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_wakes_when_nobody_types() {
    let home = home(&["publish-docs"]);
    let mut session = home.start(&[], (120, 30));
    session.sees("Publish the handbook").sees("┊");
    let process = session.child.process_id().unwrap();
    // What was begun at the start may end first.
    let mut before = switches(process);
    for _ in 0..100 {
        std::thread::sleep(Duration::from_millis(300));
        let now = switches(process);
        if now == before {
            break;
        }
        before = now;
    }
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(switches(process), before);
    session.press("\x11");
    assert_eq!(session.ends(), 0);
}
