//! Codex: its rollout files and the wire of its app server.

mod events;
pub mod rollout;
pub mod wire;
