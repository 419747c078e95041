//! `ossia man`: the manual pages, and the page of `docs/` that lists every command.

use super::fail::Fail;
use super::output::Output;
use crate::text::clean;
use clap::{Arg, Command};
use std::fmt::Write;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct Args {
    /// Print every command and option as one page of Markdown
    #[arg(long, conflicts_with = "out")]
    markdown: bool,
    /// Write a manual page for every command into this folder, as for share/man/man1
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub fn run(args: &Args, mut program: Command, out: &Output) -> Result<u8, Fail> {
    if args.markdown {
        program.build();
        out.bytes(markdown(&program).as_bytes())?;
    } else if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder)?;
        clap_mangen::generate_to(program, folder)?;
        out.line(&format!("the manual pages are in {}", clean(&folder.to_string_lossy())))?;
    } else {
        let mut page = Vec::new();
        clap_mangen::Man::new(program).render(&mut page)?;
        out.bytes(&page)?;
    }
    Ok(0)
}

/// Writes `docs/cli.md`.
fn markdown(program: &Command) -> String {
    let mut page = String::from(
        "# Commands\n\nThis page is what `ossia man --markdown` prints. Every command takes the options below; each prints one JSON document with\n\
         `--json`, and ends with 0 (done), 1 (a check failed, or nothing was found), 2 (usage), 3 (data) or 70 (a bug of ours).\n\n",
    );
    table(program, true, &mut page);
    for command in seen(program) {
        section(command, 2, &mut page);
    }
    page
}

fn section(command: &Command, depth: usize, page: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    let about = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string).unwrap_or_default();
    let usage = command.clone().render_usage().to_string();
    let usage: Vec<&str> = usage.lines().map(|line| line.trim_start_matches("Usage:").trim()).collect();
    // Writing to a String cannot fail.
    let _ = write!(page, "\n{} {name}\n\n{about}.\n\n```\n{}\n```\n\n", "#".repeat(depth), usage.join("\n"));
    table(command, false, page);
    for inner in seen(command) {
        section(inner, depth + 1, page);
    }
}

fn seen(command: &Command) -> impl Iterator<Item = &Command> {
    command.get_subcommands().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set())
}

/// Writes the arguments of a command: those of its own, or those that all commands take.
fn table(command: &Command, global: bool, page: &mut String) {
    let hidden = |arg: &Arg| arg.is_hide_set() || matches!(arg.get_id().as_str(), "help" | "version") || (global && arg.is_positional());
    let of = |arg: &&Arg| arg.is_global_set() == global && !hidden(arg);
    let rows: Vec<&Arg> = command.get_arguments().filter(of).collect();
    if rows.is_empty() {
        return;
    }
    page.push_str("| argument | meaning |\n|---|---|\n");
    for arg in rows {
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(page, "| `{}` | {}{} |", spelled(arg).replace('|', "\\|"), help.replace('|', "\\|"), more(arg));
    }
}

fn spelled(arg: &Arg) -> String {
    let values: Vec<String> = arg.get_value_names().unwrap_or_default().iter().map(ToString::to_string).collect();
    match arg.get_long() {
        None => values.join(" "),
        Some(long) if arg.get_action().takes_values() => format!("--{long} {}", values.join(" ")),
        Some(long) => format!("--{long}"),
    }
}

/// Says what an argument is without being given, what it may be, and which variable gives it.
fn more(arg: &Arg) -> String {
    let mut more = String::new();
    let values: Vec<String> = arg.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    if arg.get_action().takes_values() && !values.is_empty() {
        let _ = write!(more, "; one of {}", values.join(", "));
    }
    let defaults: Vec<String> = arg.get_default_values().iter().map(|value| format!("`{}`", value.to_string_lossy())).collect();
    if arg.get_action().takes_values() && !defaults.is_empty() {
        let _ = write!(more, "; {} without it", defaults.join(" "));
    }
    if let Some(variable) = arg.get_env() {
        let _ = write!(more, "; also `{}`", variable.to_string_lossy());
    }
    more
}
