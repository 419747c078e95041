//! `ossia keymap`: every key as it is configured, what it does and where, and what of the configuration is not used.

use super::fail::Fail;
use super::output::{Ink, Output};
use super::screen::config_folder;
use crate::command::{Command, Keymap, places, spell};
use crate::text::{clean, fit, width, wrap};
use crate::tui;
use serde::Serialize;

#[derive(Serialize)]
struct Document {
    commands: Vec<Row>,
    problems: Vec<Wrong>,
}

#[derive(Serialize)]
struct Row {
    command: &'static str,
    group: &'static str,
    keys: Vec<String>,
    default_keys: Vec<&'static str>,
    places: String,
    doc: &'static str,
}

#[derive(Serialize)]
struct Wrong {
    setting: String,
    message: String,
}

/// Prints the keys, and what is wrong with the configuration.
pub fn run(out: &Output) -> Result<u8, Fail> {
    let (config, problems) = tui::configuration(config_folder().as_deref());
    let document = Document {
        commands: Command::ALL.iter().map(|command| row(*command, &config.keymap)).collect(),
        problems: problems.into_iter().map(|problem| Wrong { setting: problem.place, message: problem.message }).collect(),
    };
    if out.json {
        out.document("ossia.keymap.v1", &document)?;
    } else {
        print(&document, out)?;
    }
    Ok(0)
}

fn row(command: Command, keymap: &Keymap) -> Row {
    Row {
        command: command.name(),
        group: command.group().title(),
        keys: keymap.of(command).map(|binding| spell(&binding.keys)).collect(),
        default_keys: command.default_keys().to_vec(),
        places: places(command),
        doc: command.doc(),
    }
}

fn print(document: &Document, out: &Output) -> Result<(), Fail> {
    let spelled = |row: &Row| row.keys.join(" ");
    let wide = |text: &dyn Fn(&Row) -> String| document.commands.iter().map(|row| width(&text(row))).max().unwrap_or(0);
    let (keys, names) = (wide(&spelled), wide(&|row| row.command.to_owned()));
    let mut group = "";
    for row in &document.commands {
        if row.group != group {
            out.line(&format!("{}{}", if group.is_empty() { "" } else { "\n" }, out.ink(Ink::Bold, row.group)))?;
            group = row.group;
        }
        let place = if row.places == "everywhere" { String::new() } else { format!(" ({})", row.places) };
        let told = format!("{}{place}", row.doc);
        for (at, range) in wrap(&told, out.columns().saturating_sub(keys + names + 6)).into_iter().enumerate() {
            let (shown, name) = if at == 0 { (spelled(row), row.command) } else { (String::new(), "") };
            out.line(&format!("  {}  {}  {}", fit(&shown, keys), fit(name, names), told.get(range).unwrap_or_default()))?;
        }
    }
    for problem in &document.problems {
        let told = format!("not used: {}: {}", clean(&problem.setting), clean(&problem.message));
        out.line(&out.ink(Ink::Red, &told))?;
    }
    Ok(())
}
