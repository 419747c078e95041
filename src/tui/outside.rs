//! Other programs: `$EDITOR` and `$PAGER` on the terminal, pipes, and the clipboard of the machine.

use super::desk::Ground;
use super::keep::private;
use crate::app::{Answer, Block, Told, Tone};
use crate::term::{self, LARGEST};
use crate::text::clean_block;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Programs that put standard input on the clipboard, with the variable that says that they can.
const CLIPBOARDS: &[(&str, &str)] = &[("WAYLAND_DISPLAY", "wl-copy"), ("DISPLAY", "xclip -selection clipboard")];

/// Opens a text in the person's editor or pager; the terminal must have been left.
pub fn read(text: &str, pager: bool) -> Told {
    match on_terminal(text, "step.txt", pager, &|_| Ok(())) {
        Ok(()) => Told::good(""),
        Err(why) => Told::bad(why),
    }
}

/// Lets a person change a text in their editor; gives it back if it is another one. The terminal must have been left.
pub fn edit(text: &str, name: &str) -> Result<Option<String>, String> {
    let changed = on_terminal(text, name, false, &|path| std::fs::read_to_string(path))?;
    Ok(Some(changed).filter(|changed| changed != text))
}

fn on_terminal<T>(text: &str, name: &str, pager: bool, then: &dyn Fn(&Path) -> io::Result<T>) -> Result<T, String> {
    let variables: &[&str] = if pager { &["PAGER"] } else { &["VISUAL", "EDITOR"] };
    let named = variables.iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()));
    let line = named.unwrap_or_else(|| if pager { "less".to_owned() } else { "vi".to_owned() });
    let outcome = scratch(text, name).and_then(|path| {
        let status = term::run_on_terminal(&line, &path).and_then(|status| Ok((status, then(&path)?)));
        // What a person looked at must not lie about.
        let _ = path.parent().map(std::fs::remove_dir_all);
        status
    });
    match outcome {
        Ok((status, taken)) if status.success() => Ok(taken),
        Ok((status, _)) => Err(format!("{line} ended with {status}")),
        Err(error) => Err(format!("cannot run {line}: {error}; set $EDITOR and $PAGER to programs of your choice")),
    }
}

/// Writes a text into a file for its owner alone, in a folder of a name that nobody can foresee.
fn scratch(text: &str, name: &str) -> io::Result<PathBuf> {
    let folder = crate::workspace::private_folder("ossia")?;
    let path = folder.join(name);
    private(&path, true)?.write_all(text.as_bytes())?;
    Ok(path)
}

/// Runs a line of the shell with a text on its standard input, and shows what it printed. `ossia` is this very program there, in this
/// workspace and with this reviewer.
pub fn pipe(line: &str, text: &str, ground: &Ground) -> Answer {
    let own = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("ossia"));
    let variables =
        [("OSSIA_SELF", own.as_os_str()), ("OSSIA_WORKSPACE", ground.folder.as_os_str()), ("OSSIA_REVIEWER", std::ffi::OsStr::new(&ground.reviewer))];
    match term::pipe(&format!("ossia() {{ \"$OSSIA_SELF\" \"$@\"; }}\n{line}"), text, &variables) {
        Ok((said, ended)) => {
            let mut blocks = Vec::new();
            if !ended.success() {
                blocks.push(Block::new().say(Tone::Failed, &ended.to_string()));
            }
            if said.is_empty() {
                blocks.push(Block::new().say(Tone::Dim, "it printed nothing"));
            }
            blocks.push(Block::printed(&String::from_utf8_lossy(&said)));
            Answer::Raw(format!("! {line}"), blocks)
        }
        Err(error) => Answer::Told(Told::bad(format!("cannot run {line:?}: {error}"))),
    }
}

/// Copies a text: gives the bytes for the terminal, and what to tell.
pub fn copy(text: &str, what: &str) -> (Vec<u8>, Told) {
    let safe = clean_block(text).into_string();
    let beside = CLIPBOARDS.iter().filter(|(variable, _)| std::env::var_os(variable).is_some_and(|value| !value.is_empty()));
    let taken = beside
        .map(|(_, line)| *line)
        .chain(cfg!(target_os = "macos").then_some("pbcopy"))
        .find(|line| term::pipe(line, &safe, &[]).is_ok_and(|(_, ended)| ended.success()));
    let short = crate::text::truncate(what, 60).into_owned();
    match taken {
        Some(line) => (
            if safe.len() > LARGEST { Vec::new() } else { term::osc52(&safe) },
            Told::good(format!("copied {short} (by {} and the terminal)", line.split(' ').next().unwrap_or(line))),
        ),
        None if safe.len() > LARGEST => {
            (Vec::new(), Told::bad(format!("{short} is larger than terminals take ({} kB); o opens it in an editor", LARGEST / 1000)))
        }
        None => (term::osc52(&safe), Told::good(format!("sent {short} to the terminal's clipboard (OSC 52; in tmux, set-clipboard must be on)"))),
    }
}
