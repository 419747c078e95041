//! The arguments of the program, and which file runs each subcommand.

use super::fail::Fail;
use super::output::Output;
use super::{
    agree, ask, audit, check, cohort, consent, dataset, demo, export, import, insights, journal, key, keymap, label, ls, manual, pairs, queue, reward, rewrite,
    screen, search, show, trace, upkeep, verify,
};
use crate::text::said_by_panic;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::ExitCode;

/// What a newcomer does first.
const BEGIN: &str = "Begin with `ossia demo`, or with `ossia import FOLDER` and then `ossia`. On the screen `:tour` shows the way, and `?` the keys.";

/// Heading of the options that every command takes; those of its own stand before them.
const EVERY: &str = "Options of every command";

/// Browse, judge and curate agent sessions, offline.
#[derive(Parser)]
#[command(name = "ossia", version, about, max_term_width = 100, after_help = BEGIN, override_usage = "ossia [OPTIONS] [FILE]...\n       ossia [OPTIONS] <COMMAND>")]
struct Cli {
    /// Folder of the workspace
    #[arg(long, global = true, env = "OSSIA_WORKSPACE", value_name = "DIR", help_heading = EVERY)]
    workspace: Option<OsString>,
    /// Who decides
    #[arg(long, global = true, env = "OSSIA_REVIEWER", value_name = "NAME", help_heading = EVERY)]
    reviewer: Option<String>,
    /// Print one JSON document and nothing else
    #[arg(long, global = true, help_heading = EVERY)]
    json: bool,
    /// Print no progress
    #[arg(long, global = true, help_heading = EVERY)]
    quiet: bool,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = ColorChoice::Auto, value_name = "WHEN", help_heading = EVERY)]
    color: ColorChoice,
    /// Files to import and open on the screen; without any, the screen opens where it was left
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

/// When to use colour.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal that wants it
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Subcommand)]
enum Command {
    /// Make a workspace of built-in example sessions
    Demo(demo::Args),
    /// Import files and folders of exported sessions
    Import(import::Args),
    /// List trajectories
    #[command(after_long_help = crate::query::help())]
    Ls(ls::Args),
    /// Find steps, best first
    #[command(after_long_help = crate::query::help())]
    Search(search::Args),
    /// Show a trajectory, an execution or a step
    Show(show::Args),
    /// Definitions of datasets, what they would export, and what blocks it
    #[command(subcommand)]
    Dataset(dataset::Args),
    /// Ask the rules, and say how much they could see
    Check(check::Args),
    /// List the rules
    Rules,
    /// Write the rows of a dataset as a bundle that trainers load
    Export(export::Args),
    /// Say what is so of calls, turns and sessions
    Label(label::Label),
    /// List labels
    Labels(label::Labels),
    /// Confirm, correct or reject an inferred fact
    Amend(label::Amend),
    /// Mark for a second look, or take the mark off
    Flag(label::Flag),
    /// Settle what reviewers differ about
    Adjudicate(label::Settle),
    /// Say that an answer must be looked at again
    Dispute(label::Settle),
    /// How far reviewers agree
    Agree(agree::Args),
    /// Waits, refusals, boundaries, gates, agreement and cost
    Insights(insights::Args),
    /// Arms side by side
    Compare(insights::Compare),
    /// What is judged next
    #[command(subcommand)]
    Queue(queue::Args),
    /// What is asked
    #[command(subcommand)]
    Schema(queue::SchemaArgs),
    /// List pairs, suggested and decided: two continuations of one prefix
    Pairs(pairs::Args),
    /// Say which of two continuations is better
    Pair(pairs::Choose),
    /// Write the better passage for a turn
    Rewrite(rewrite::Args),
    /// Assign trajectories to an arm of a later run; write one as a document of Maestro's
    #[command(subcommand)]
    Cohort(cohort::Args),
    /// Grade new completions of a bundle's prompts, offline
    Reward(reward::Args),
    /// Check a bundle with nothing but the bundle
    Verify(verify::Args),
    /// Tell the whole history of a row of a bundle
    Trace(trace::Args),
    /// The key that signs bundles
    #[command(subcommand)]
    Key(key::Args),
    /// List the keys of the screen as they are configured
    Keymap,
    /// Audit redactions: findings, verdicts, sampling, sign-off
    Audit(audit::Args),
    /// Exchange, unite and prove the journal of decisions
    #[command(subcommand)]
    Journal(journal::Args),
    /// Take back your last decision
    Undo,
    /// Make the decision count again that you undid last
    Redo,
    /// Check store, journal and index
    Doctor(upkeep::Doctor),
    /// Make the index again from the stored bytes
    Reindex,
    /// Remove a source or a trajectory and its bytes
    Forget(upkeep::Forget),
    /// Say what may be done with a source: that it opted out, or how long it may be kept
    Consent(consent::Args),
    /// Copy the store into one file
    Backup(upkeep::Backup),
    /// Print completions for a shell
    Completions(upkeep::Completions),
    /// Print the manual page
    Man(manual::Args),
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn run() -> ExitCode {
    let parsed = Cli::command().try_get_matches_from(negations(std::env::args_os())).and_then(|matches| {
        let named = matches.value_source("workspace") == Some(clap::parser::ValueSource::CommandLine);
        Cli::from_arg_matches(&matches).map(|cli| (cli, named))
    });
    let (cli, named) = match parsed {
        Ok(parsed) => parsed,
        Err(e) => {
            // clap prints help and version to stdout with 0, and usage errors to stderr with 2.
            let code = if e.use_stderr() { 2 } else { 0 };
            let _ = e.print();
            return ExitCode::from(code);
        }
    };
    let mut out = Output::new(cli.json, cli.quiet, cli.color);
    std::panic::set_hook(Box::new(broke));
    match catch_unwind(AssertUnwindSafe(|| dispatch(cli, named, &mut out))) {
        Ok(Ok(code)) => ExitCode::from(code),
        Ok(Err(fail)) => {
            out.failed(&fail);
            fail.report()
        }
        // What broke was printed where it broke.
        Err(_) => Fail::bug().report(),
    }
}

/// Says what broke and where, without the texts that a panic quotes; with `RUST_BACKTRACE`, by which way.
fn broke(info: &std::panic::PanicHookInfo<'_>) {
    let place = info.location().map_or_else(String::new, |at| format!("{}:{}: ", at.file(), at.line()));
    let said = format!("broke down at {place}{}\n", said_by_panic(info.payload()));
    let trace = std::backtrace::Backtrace::capture();
    let trace = Some(trace).filter(|trace| trace.status() == std::backtrace::BacktraceStatus::Captured);
    let trace = trace.map_or_else(String::new, |trace| format!("{trace}\n"));
    // Where even that cannot be written, nobody is there to read it.
    let _ = std::io::stderr().write_all(format!("{said}{trace}").as_bytes());
}

/// Commands whose plain arguments are a query alone, and which have no options of one letter.
const QUERIES: &[&str] = &["ls", "search", "check"];

/// Puts what a query excludes into parentheses, `-decision:denied` as `(-decision:denied)`, so that it is not taken for an option.
fn negations(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let (mut out, mut free, mut query): (Vec<OsString>, bool, bool) = (Vec::new(), true, false);
    for argument in arguments {
        free &= argument != "--";
        query |= QUERIES.iter().any(|command| argument == *command);
        let valued = out.last().is_some_and(|before| before == "--sort");
        let excludes = |text: &str| text.len() > 2 && text.starts_with('-') && !text.starts_with("--") && (query || text.contains(':'));
        match argument.to_str().filter(|text| free && !valued && excludes(text)) {
            Some(text) => out.push(format!("({text})").into()),
            None => out.push(argument),
        }
    }
    out
}

fn dispatch(cli: Cli, named: bool, out: &mut Output) -> Result<u8, Fail> {
    // A variable that is empty says nothing; a folder without a name is a mistake.
    let workspace = cli.workspace.filter(|folder| named || !folder.is_empty()).map(PathBuf::from);
    let place = ask::Place { workspace, reviewer: cli.reviewer };
    let Some(command) = cli.command else {
        return screen::run(&place, cli.files, cli.color == ColorChoice::Never, false);
    };
    match command {
        Command::Demo(args) => demo::run(&args, place, named, out),
        Command::Import(args) => import::run(&args, &place, out),
        Command::Ls(args) => ls::run(&args, &place, out),
        Command::Search(args) => search::run(&args, &place, out),
        Command::Show(args) => show::run(&args, &place, out),
        Command::Dataset(args) => dataset::run(&args, &place, out),
        Command::Check(args) => check::run(&args, &place, out),
        Command::Rules => check::list(&place, out),
        Command::Export(args) => export::run(&args, &place, out),
        Command::Label(args) => label::label(&args, &place, out),
        Command::Labels(args) => label::labels(&args, &place, out),
        Command::Amend(args) => label::amend(&args, &place, out),
        Command::Flag(args) => label::flag(&args, &place, out),
        Command::Adjudicate(args) => label::adjudicate(&args, &place, out),
        Command::Dispute(args) => label::dispute(&args, &place, out),
        Command::Agree(args) => agree::run(&args, &place, out),
        Command::Insights(args) => insights::run(&args, &place, out),
        Command::Compare(args) => insights::compare(&args, &place, out),
        Command::Queue(args) => queue::run(&args, &place, out),
        Command::Schema(args) => queue::schema(&args, &place, out),
        // Only a workspace that was named here is asked to make the rows again.
        Command::Verify(args) => verify::run(&args, &place, named, out),
        Command::Pairs(args) => pairs::run(&args, &place, out),
        Command::Pair(args) => pairs::choose(&args, &place, out),
        Command::Rewrite(args) => rewrite::run(&args, &place, out),
        Command::Cohort(args) => cohort::run(&args, &place, out),
        Command::Reward(args) => reward::run(&args, out),
        Command::Trace(args) => trace::run(&args, &place, out),
        Command::Key(args) => key::run(&args, &place, out),
        Command::Keymap => keymap::run(out),
        Command::Audit(args) => audit::run(&args, &place, out),
        Command::Journal(args) => journal::run(&args, &place, out),
        Command::Undo => journal::undo(&place, out),
        Command::Redo => journal::redo(&place, out),
        Command::Doctor(args) => upkeep::doctor(&args, &place, out),
        Command::Reindex => upkeep::reindex(&place, out),
        Command::Forget(args) => upkeep::forget(&args, &place, out),
        Command::Consent(args) => consent::run(&args, &place, out),
        Command::Backup(args) => upkeep::backup(&args, &place, out),
        Command::Completions(args) => upkeep::completions(&args, &mut Cli::command(), out),
        Command::Man(args) => manual::run(&args, Cli::command(), out),
    }
}
