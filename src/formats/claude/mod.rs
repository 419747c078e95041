//! Claude Code: its session files and the wire between it and its host.

mod events;
mod results;
pub mod session;
pub mod wire;
