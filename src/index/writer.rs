//! Writing the index.

use super::document::{Shared, add_step};
use super::error::IndexError;
use super::folder::keep_private;
use super::in_flight::{InFlight, Waiting};
use super::schema::Fields;
use super::sweep::sweep;
use crate::model::{Execution, Step, Trajectory};
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tantivy::indexer::{LogMergePolicy, UserOperation};
use tantivy::{IndexWriter, TantivyDocument, TantivyError, Term};

/// Segments of like size before they are merged: a merge costs as much as indexing half of their text again, a segment a tenth of a
/// millisecond for each word of a search.
const MERGED_AT_ONCE: usize = 24;

/// Time until a segment that is being merged is looked for again.
const BUSY: Duration = Duration::from_millis(5);
/// Times it is looked for: a merge takes seconds at the most.
const PATIENCE: usize = 10_000;

/// Steps that are handed over at once, and the bytes of their text.
const BATCH: usize = 64;
const BATCH_BYTES: usize = 1 << 20;

/// The writer of an index; while it lives, no other process can write.
pub struct Writer<'i> {
    inner: IndexWriter<Waiting>,
    fields: &'i Fields,
    folder: &'i Path,
    in_flight: Arc<InFlight>,
    /// The segments that were there when it was opened, whichever process made them.
    found: FxHashSet<String>,
}

impl<'i> Writer<'i> {
    pub(super) fn new(inner: IndexWriter<Waiting>, fields: &'i Fields, folder: &'i Path) -> Result<Self, IndexError> {
        // Few segments of a session each are gathered; the large ones of an import are left alone until there are many.
        let mut policy = LogMergePolicy::default();
        policy.set_min_num_segments(MERGED_AT_ONCE);
        inner.set_merge_policy(Box::new(policy));
        let found = inner.index().load_metas()?.segments.iter().map(|segment| segment.id().uuid_string()).collect();
        Ok(Self { inner, fields, folder, in_flight: Arc::default(), found })
    }

    /// Removes the steps of a trajectory.
    pub fn remove(&self, number: u64) {
        self.inner.delete_term(Term::from_field_u64(self.fields.trajectory, number));
    }

    /// Adds the steps of a trajectory; `source_number` turns a SHA-256 into the store's number, `handed` hears of how
    /// many steps were handed over.
    pub fn put(&mut self, number: u64, trajectory: &Trajectory, source_number: &dyn Fn(&str) -> u64, handed: &dyn Fn(u64)) -> Result<(), IndexError> {
        let shared = Shared::of(trajectory);
        let executions: FxHashMap<&str, usize> = trajectory.executions.iter().enumerate().map(|(i, e)| (e.id.as_str(), i)).collect();
        let mut batch = Vec::with_capacity(trajectory.steps.len().min(BATCH));
        let mut held = 0;
        for step in &trajectory.steps {
            let execution = step.execution.as_deref().and_then(|id| executions.get(id)).map(|&i| &trajectory.executions[i]);
            let mut document = TantivyDocument::new();
            add_step(&mut document, self.fields, &shared, step, execution, number, source_number);
            let bytes = document_bytes(step, execution);
            batch.push(UserOperation::Add(self.in_flight.admit(document, bytes)));
            held += bytes;
            // A batch goes to one thread, so that the steps of a trajectory stand together; a bounded one, so that what waits is on its way.
            if batch.len() >= BATCH || held >= BATCH_BYTES {
                handed(batch.len() as u64);
                self.inner.run(std::mem::take(&mut batch))?;
                held = 0;
            }
        }
        handed(batch.len() as u64);
        self.inner.run(batch)?;
        Ok(())
    }

    /// Commits everything under the store's watermark and waits until it can be searched; with `purge`, segments in which something was
    /// removed are written anew, so that no file holds it any more.
    pub fn commit(mut self, watermark: &str, purge: bool) -> Result<(), IndexError> {
        let mut prepared = self.inner.prepare_commit()?;
        prepared.set_payload(watermark);
        prepared.commit()?;
        if purge {
            self.purge()?;
        }
        self.inner.wait_merging_threads()?;
        keep_private(self.folder).map_err(|source| IndexError::Io { path: self.folder.to_owned(), source })
    }

    /// Writes every segment in which something was removed anew. One that the policy is merging meanwhile cannot be taken: what comes of it is.
    fn purge(&mut self) -> Result<(), IndexError> {
        for _ in 0..PATIENCE {
            let segments = self.inner.index().searchable_segment_metas()?;
            let held: Vec<_> = segments.iter().filter(|segment| segment.num_deleted_docs() > 0).collect();
            if held.is_empty() {
                self.inner.garbage_collect_files().wait()?;
                return sweep(self.inner.index(), self.folder, &|segment| self.found.contains(segment));
            }
            for segment in held {
                match self.inner.merge(&[segment.id()]).wait() {
                    Err(TantivyError::InvalidArgument(_)) => std::thread::sleep(BUSY),
                    done => drop(done?),
                }
            }
        }
        Err(TantivyError::SystemError("segments in which something was removed could not be written anew".to_owned()).into())
    }

    pub(super) fn clear(&mut self) -> Result<(), IndexError> {
        self.inner.delete_all_documents()?;
        self.inner.commit()?;
        Ok(())
    }
}

/// About what a document holds in memory, in bytes.
fn document_bytes(step: &Step, execution: Option<&Execution>) -> usize {
    1024 + step.text.len() + execution.and_then(|e| e.args.as_ref()).map_or(0, |args| args.len())
}
