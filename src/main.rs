//! The `ossia` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    ossia::cli::run()
}
