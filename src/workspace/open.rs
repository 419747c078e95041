//! The open workspace: its store, its index, its journal, and what is kept in memory of them.

use super::{Result, agreeing, amending, audit, browse, folding, judged, load, records, search};
use crate::index::Index;
use crate::store::{Journal, Store};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// An open workspace.
pub struct Workspace {
    pub(super) folder: PathBuf,
    pub(super) cache: PathBuf,
    pub(super) store: Store,
    pub(super) index: Index,
    pub(super) journal: Journal,
    pub(super) last_whole: RefCell<Option<load::Whole>>,
    pub(super) folded: RefCell<folding::Folded>,
    pub(super) shelf: judged::Shelf,
    pub(super) counts: RefCell<agreeing::LabelCounts>,
    pub(super) records: records::Kept,
    pub(super) amended: amending::Kept,
    pub(super) rules_hash: std::cell::OnceCell<String>,
    pub(super) derived_by: std::cell::OnceCell<String>,
    pub(super) audits: audit::Audits,
    pub(super) ordered: browse::Ordered,
    pub(super) passed_over: RefCell<BTreeMap<i64, String>>,
    /// How many trajectories another process has still to index.
    pub(super) lacking: Cell<usize>,
    pub(super) unpacked: RefCell<Option<search::Unpacked>>,
}

impl Workspace {
    /// Tells whether there is a workspace in a folder.
    #[must_use]
    pub fn is_at(folder: &Path) -> bool {
        Store::is_at(folder)
    }

    /// Tells whether nothing can be written to it, as it lies where nobody may.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.store.is_read_only()
    }

    /// Opens the workspace in a folder, making it if it is not there; `cache` is where its index may lie.
    pub fn open(folder: &Path, cache: &Path) -> Result<Self> {
        let store = Store::open(folder)?;
        let id = store.meta("workspace_id")?.unwrap_or_else(|| "workspace".to_owned());
        let (index, journal) = (Index::open(&cache.join("index").join(&id))?, Journal::open(folder, &id)?);
        let (folder, cache) = (folder.to_owned(), cache.to_owned());
        let (last_whole, folded, shelf, counts) = Default::default();
        let (records, amended, rules_hash, derived_by, audits, ordered, passed_over, lacking, unpacked) = Default::default();
        Ok(Self {
            folder,
            cache,
            store,
            index,
            journal,
            last_whole,
            folded,
            shelf,
            counts,
            records,
            amended,
            rules_hash,
            derived_by,
            audits,
            ordered,
            passed_over,
            lacking,
            unpacked,
        })
    }
}
