//! How much waits for the indexing threads: tantivy bounds its queue by number, and one output may have megabytes.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use tantivy::TantivyDocument;
use tantivy::schema::document::Document;

/// Bytes of text that may wait.
const MAX_WAITING: usize = 24 << 20;
/// A thread that failed takes nothing more: after this long one goes on, and the commit will say what happened.
const PATIENCE: Duration = Duration::from_secs(5);

/// The count of what waits.
#[derive(Default)]
pub struct InFlight {
    waiting: Mutex<usize>,
    taken: Condvar,
}

impl InFlight {
    /// Counts a document in, as soon as there is room for it.
    pub fn admit(self: &Arc<Self>, document: TantivyDocument, bytes: usize) -> Waiting {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        while *waiting > MAX_WAITING {
            let (guard, timeout) = self.taken.wait_timeout(waiting, PATIENCE).unwrap_or_else(PoisonError::into_inner);
            waiting = guard;
            if timeout.timed_out() {
                break;
            }
        }
        *waiting += bytes;
        Waiting { document, _place: Place { in_flight: Arc::clone(self), bytes } }
    }
}

/// A document on its way to an indexing thread.
pub struct Waiting {
    document: TantivyDocument,
    _place: Place,
}

impl Document for Waiting {
    type Value<'a> = <TantivyDocument as Document>::Value<'a>;
    type FieldsValuesIter<'a> = <TantivyDocument as Document>::FieldsValuesIter<'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.document.iter_fields_and_values()
    }

    fn into_tantivy_document(self) -> TantivyDocument {
        self.document
    }
}

/// Its place in the count, given back when it is dropped.
struct Place {
    in_flight: Arc<InFlight>,
    bytes: usize,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut waiting = self.in_flight.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        *waiting = waiting.saturating_sub(self.bytes);
        drop(waiting);
        self.in_flight.taken.notify_one();
    }
}
