//! The table of formats, in the order in which they are tried: the more telling first, `generic` last.

use super::maestro::{events, exec, export, flags, headless, inspection, platform, recorder, run, score, security, session, telemetry, timeline, trajectory};
use super::{Format, atif, claude, codex, evals, gemini_cli, generic, goose, inspect, openai_chat, openhands, otel_genai, pi, swe_agent, tau_bench};

/// Every format.
pub const FORMATS: &[Format] = &[
    export::FORMAT,
    events::FORMAT,
    events::BUNDLE,
    timeline::FORMAT,
    trajectory::FORMAT,
    inspection::FORMAT,
    score::FORMAT,
    run::FORMAT,
    session::FORMAT,
    recorder::FORMAT,
    recorder::META,
    recorder::CONFORMANCE,
    exec::FORMAT,
    headless::FORMAT,
    telemetry::FORMAT,
    telemetry::USAGE,
    platform::FORMAT,
    platform::DOCUMENT,
    security::FORMAT,
    flags::FORMAT,
    atif::FORMAT,
    swe_agent::FORMAT,
    otel_genai::FORMAT,
    otel_genai::LINES,
    inspect::FORMAT,
    inspect::ARCHIVE,
    codex::rollout::FORMAT,
    codex::wire::FORMAT,
    claude::wire::FORMAT,
    claude::session::FORMAT,
    openhands::FORMAT,
    openhands::LINES,
    gemini_cli::FORMAT,
    gemini_cli::DOCUMENT,
    goose::FORMAT,
    goose::LINES,
    pi::FORMAT,
    tau_bench::FORMAT,
    tau_bench::SECOND,
    openai_chat::FORMAT,
    openai_chat::DOCUMENT,
    evals::FORMAT,
    generic::FORMAT,
];

/// The format for anything else.
pub const GENERIC: &Format = &generic::FORMAT;

/// Finds a format by its name in the contract.
#[must_use]
pub fn format(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}
