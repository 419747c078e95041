//! Printing: documents for scripts, aligned lines for people, both safe to show.

use super::fail::Fail;
use super::program::ColorChoice;
use super::wrapped::wrapped;
use crate::text;
use serde::Serialize;
use std::cell::Cell;
use std::io::{self, IsTerminal, Write};

/// Where a command prints to.
pub struct Output {
    /// Whether one JSON document is wanted.
    pub json: bool,
    /// Whether progress is unwanted.
    pub quiet: bool,
    color: bool,
    /// Whether anything was printed.
    printed: Cell<bool>,
}

/// Colours of human output.
#[derive(Clone, Copy)]
pub enum Ink {
    /// Secondary.
    Dim,
    /// Primary.
    Bold,
    /// Refused or failed.
    Red,
    /// Succeeded.
    Green,
    /// Waiting.
    Yellow,
}

#[derive(Serialize)]
struct Document<'a, T: Serialize> {
    schema: &'a str,
    #[serde(flatten)]
    body: &'a T,
}

impl Output {
    /// Makes the output as the options say.
    pub fn new(json: bool, quiet: bool, color: ColorChoice) -> Self {
        let wanted = match color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
        };
        Self { json, quiet, color: wanted && !json, printed: Cell::new(false) }
    }

    /// Prints a document with its schema name.
    pub fn document<T: Serialize>(&self, schema: &str, body: &T) -> Result<(), Fail> {
        self.row(&Document { schema, body })
    }

    /// Prints why a command failed as the document that is waited for, where the failure is of the data or of a check, and nothing was printed yet.
    pub fn failed(&self, fail: &Fail) {
        #[derive(Serialize)]
        struct Failed<'f> {
            exit: u8,
            message: &'f str,
        }
        if self.json && matches!(fail.code(), 1 | 3) && !self.printed.get() {
            // There is nowhere left to say that this cannot be said.
            let _ = self.document("ossia.error.v1", &Failed { exit: fail.code(), message: fail.message() });
        }
    }

    /// Prints one value on one line.
    pub fn row<T: Serialize>(&self, value: &T) -> Result<(), Fail> {
        let mut bytes = Vec::new();
        text::write_json(&mut bytes, value).map_err(|e| Fail::data(e.to_string()))?;
        bytes.push(b'\n');
        self.bytes(&bytes)
    }

    /// Prints exact bytes.
    pub fn bytes(&self, bytes: &[u8]) -> Result<(), Fail> {
        self.printed.set(true);
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes)?;
        Ok(stdout.flush()?)
    }

    /// Prints a line for a person, broken where the terminal is narrower; whatever came from outside must have passed `text::clean`.
    pub fn line(&self, line: &str) -> Result<(), Fail> {
        let line = line.trim_end();
        // Who keeps the lines in a file, or searches them, wants them whole.
        let line = if io::stdout().is_terminal() { wrapped(line, self.columns()) } else { line.to_owned() };
        self.bytes(format!("{line}\n").as_bytes())
    }

    /// Says on stderr which trajectories were passed over, as their stored bytes are damaged.
    pub fn passed_over(&self, damaged: &[String]) {
        damaged.iter().for_each(|why| self.aside(&format!("a trajectory was passed over: {}", text::clean(why))));
    }

    /// Says on stderr that trajectories are missing in an answer, as another process has still to index them.
    pub fn lacking(&self, count: usize) {
        if count > 0 {
            self.aside(&format!("another ossia is indexing; {} that it has still to index may be missing here", text::human::plural(count, "trajectory")));
        }
    }

    /// Says something beside what was asked for, on stderr; whatever came from outside must have passed `text::clean`.
    pub fn aside(&self, line: &str) {
        let said = format!("ossia: {line}");
        let said = if io::stderr().is_terminal() { wrapped(&said, self.columns()) } else { said };
        // There is nowhere left to say that this cannot be said.
        let _ = writeln!(io::stderr(), "{said}");
    }

    /// Colours a piece of a line.
    pub fn ink(&self, ink: Ink, piece: &str) -> String {
        if !self.color {
            return piece.to_owned();
        }
        let code = match ink {
            Ink::Dim => 2,
            Ink::Bold => 1,
            Ink::Red => 31,
            Ink::Green => 32,
            Ink::Yellow => 33,
        };
        format!("\u{1b}[{code}m{piece}\u{1b}[0m")
    }

    /// Gives the width of human output in columns: that of the terminal, where it goes to one.
    pub fn columns(&self) -> usize {
        let stated = std::env::var("COLUMNS").ok().and_then(|c| c.parse().ok());
        let terminal = || io::stdout().is_terminal().then(|| usize::from(crate::term::size().0));
        stated.or_else(terminal).filter(|c| *c >= 40).unwrap_or(80)
    }
}
