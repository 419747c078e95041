//! The use cases: import, list, search, show, decide, upkeep. It joins store, journal, index, formats and assembly.

mod agreeing;
mod audit;
mod beginning;
mod beside;
mod browse;
pub mod check;
mod comparing;
mod error;
mod export;
mod hits;
mod import;
mod insights;
mod joins;
mod journal;
mod judged;
mod label_filter;
mod labelling;
mod load;
mod parse;
mod queues;
mod refresh;
mod relatives;
mod report;
mod review;
mod search;
mod summary;
mod upkeep;
mod verified;
mod view;
mod walk;

use crate::index::Index;
use crate::store::{Journal, Store};
use std::cell::RefCell;
use std::path::{Path, PathBuf};

pub use browse::{Facets, Found, Matches};
pub use comparing::{CompareBy, Comparison, Difference, Measure};
pub use error::{Error, Result};
pub use export::{
    DatasetBoard, DatasetLine, DatasetRow, DatasetSheet, DatasetText, ExportOptions, ExportReport, GateReport, Overview, RewriteText, RewrittenCall, RowChange,
};
pub use import::{ImportOptions, Progress};
pub use insights::{BARS_MS, Insights, Share, Waits};
pub use journal::{ExportedJournal, ForgetReason, JournalLine, Logged};
pub use judged::{Judgement, LabelRow, Remark};
pub use labelling::{Answers, Labelled, LabelledRow, Skip};
pub use review::{Asked, OpenQueue, Progressed, QueueItem, Reply, ReviewItem};
pub use summary::{SORT_FIELDS, Summary};
pub use upkeep::{Check, DoctorReport};
pub use {agreeing::GroupBy, audit::*, beside::Beside, beside::JudgedPoint, hits::Hit, queues::QueueProgress, walk::Skipped};
pub use {report::ImportReport, report::SourceReport, report::Status, search::Listing, search::SearchReport};

/// An open workspace.
pub struct Workspace {
    folder: PathBuf,
    cache: PathBuf,
    store: Store,
    index: Index,
    journal: Journal,
    last_whole: RefCell<Option<load::Whole>>,
    folded: RefCell<judged::Folded>,
    shelf: judged::Shelf,
    counts: RefCell<agreeing::LabelCounts>,
    ordered: browse::Ordered,
}

impl Workspace {
    /// Opens the workspace in a folder, making it if it is not there; `cache` is where its index may lie.
    pub fn open(folder: &Path, cache: &Path) -> Result<Self> {
        let store = Store::open(folder)?;
        let id = store.meta("workspace_id")?.unwrap_or_else(|| "workspace".to_owned());
        let index = Index::open(&cache.join("index").join(&id))?;
        let journal = Journal::open(folder, &id)?;
        let (last_whole, folded, shelf, counts, ordered) = Default::default();
        Ok(Self { folder: folder.to_owned(), cache: cache.to_owned(), store, index, journal, last_whole, folded, shelf, counts, ordered })
    }
}
