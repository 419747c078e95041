//! Progress of imports and exports on stderr, a bar only where stderr is a terminal.

use crate::workspace::Progress;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;

/// A bar, or nothing.
pub struct Bar {
    bar: Option<ProgressBar>,
}

impl Bar {
    /// Makes a bar if somebody can see it.
    pub fn new(quiet: bool) -> Self {
        let seen = !quiet && std::io::stderr().is_terminal();
        Self { bar: seen.then(|| ProgressBar::new(0)) }
    }
}

/// Draws how much of all is done, if somebody can see it, and always goes on.
pub fn share(quiet: bool, what: &'static str) -> impl FnMut(usize, usize) -> bool {
    let bar = Bar::new(quiet);
    move |done, all| {
        if let Some(bar) = &bar.bar {
            if bar.length() == Some(0) {
                let style = ProgressStyle::with_template("{msg} {wide_bar} {percent}% {eta}");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                bar.set_message(what);
            }
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        }
        true
    }
}

impl Progress for Bar {
    fn total(&mut self, files: u64, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(bytes);
            let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(crate::text::human::plural(files, "file"));
        }
    }

    fn advance(&mut self, _files: u64, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(bytes);
        }
    }

    fn phase(&mut self, name: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(name.to_owned());
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
