//! A range of a stored source as something to read from: unpacked piece by piece, so that a long session is never in memory twice.

use crate::store::{Store, StoreError};
use std::cell::RefCell;
use std::io::{self, Read};

/// Bytes that are unpacked at once.
const PIECE: u64 = 1 << 20;

/// Reads the bytes of a source from one place to another.
pub struct StoredRange<'s> {
    store: &'s Store,
    source: i64,
    at: u64,
    end: u64,
    piece: Vec<u8>,
    taken: usize,
    /// Why the store could not give more.
    broke: &'s RefCell<Option<StoreError>>,
}

impl<'s> StoredRange<'s> {
    /// Begins to read; what the store says where it cannot give more is left in `broke`.
    pub const fn new(store: &'s Store, source: i64, (start, end): (u64, u64), broke: &'s RefCell<Option<StoreError>>) -> Self {
        Self { store, source, at: start, end, piece: Vec::new(), taken: 0, broke }
    }
}

impl Read for StoredRange<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.piece.len() && self.at < self.end {
            let until = self.end.min(self.at + PIECE);
            self.piece = self.store.bytes(self.source, self.at, until).map_err(|error| {
                let told = io::Error::other(error.to_string());
                *self.broke.borrow_mut() = Some(error);
                told
            })?;
            // A store that holds less than it was asked for holds no more.
            self.at = if self.piece.is_empty() { self.end } else { until };
            self.taken = 0;
        }
        let count = self.piece.get(self.taken..).unwrap_or_default().read(into)?;
        self.taken += count;
        Ok(count)
    }
}
