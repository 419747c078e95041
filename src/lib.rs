//! ossia: reads exported agent sessions, keeps every byte, and lets people find, judge and curate what agents did.

pub mod assemble;
pub mod formats;
pub mod model;
pub mod query;
pub mod store;
pub mod text;
