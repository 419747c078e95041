//! The `ossia` program.

use std::process::ExitCode;

/// Readers and assembly make many small values; this allocator halves what that costs.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ossia::cli::run()
}
