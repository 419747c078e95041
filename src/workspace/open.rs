//! Opening a workspace.

use super::{Result, Workspace};
use crate::index::Index;
use crate::store::{Journal, Store};
use std::path::Path;

impl Workspace {
    /// Opens the workspace in a folder, making it if it is not there; `cache` is where its index may lie.
    pub fn open(folder: &Path, cache: &Path) -> Result<Self> {
        let store = Store::open(folder)?;
        let id = store.meta("workspace_id")?.unwrap_or_else(|| "workspace".to_owned());
        let (index, journal) = (Index::open(&cache.join("index").join(&id))?, Journal::open(folder, &id)?);
        let (last_whole, folded, shelf, counts, records, rules_hash, audits) = Default::default();
        Ok(Self { folder: folder.to_owned(), cache: cache.to_owned(), store, index, journal, last_whole, folded, shelf, counts, records, rules_hash, audits })
    }
}
