//! How far an import is: bytes that were read, and steps that were indexed of what is stored; read by another thread while the work goes on.

use super::import::Progress;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Thread;
use std::time::Duration;

/// How often it is told how far the work is.
const TOLD_EVERY: Duration = Duration::from_millis(100);

/// Counts what is done. Reading a byte is half of its way, storing and indexing it the other half.
#[derive(Default)]
pub(super) struct Gauge {
    /// Bytes of all files.
    total: AtomicU64,
    read: AtomicU64,
    stored: AtomicU64,
    /// Bytes of the files that are being stored, their steps as far as they are known, and how many of these are in the index.
    batch: AtomicU64,
    steps: AtomicU64,
    indexed: AtomicU64,
    finished: AtomicBool,
}

impl Gauge {
    /// Notes how many bytes there are.
    pub fn begin(&self, total: u64) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// Notes that files of so many bytes are being stored.
    pub fn storing(&self, bytes: u64) {
        self.steps.store(0, Ordering::Relaxed);
        self.indexed.store(0, Ordering::Relaxed);
        self.batch.store(bytes, Ordering::Relaxed);
    }

    /// Notes that they are stored.
    pub fn stored(&self, bytes: u64) {
        self.batch.store(0, Ordering::Relaxed);
        self.stored.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Notes that so many steps are to be indexed.
    pub fn expects(&self, steps: u64) {
        self.steps.fetch_add(steps, Ordering::Relaxed);
    }

    /// Notes that so many steps were indexed.
    pub fn indexed(&self, steps: u64) {
        self.indexed.fetch_add(steps, Ordering::Relaxed);
    }

    /// Gives what is done in bytes, from 0 to all of them.
    fn done(&self) -> u64 {
        let [total, read, stored, batch, steps, indexed] =
            [&self.total, &self.read, &self.stored, &self.batch, &self.steps, &self.indexed].map(|counter| u128::from(counter.load(Ordering::Relaxed)));
        let part = (batch * indexed.min(steps)).checked_div(steps).unwrap_or(0);
        let done = (read.min(total) + (stored + part).min(total)) / 2;
        u64::try_from(done).unwrap_or(u64::MAX)
    }

    /// Tells how far the work is, again and again until it is finished.
    pub fn tell(&self, progress: &Mutex<&mut (dyn Progress + Send)>) {
        let mut told = 0;
        loop {
            let finished = self.finished.load(Ordering::SeqCst);
            let done = if finished { self.total.load(Ordering::Relaxed) } else { self.done() };
            if done > told {
                progress.lock().unwrap_or_else(PoisonError::into_inner).advance(0, done - told);
                told = done;
            }
            if finished {
                return;
            }
            std::thread::park_timeout(TOLD_EVERY);
        }
    }
}

/// Ends the telling when the work ends, however it does.
pub(super) struct Finishing<'g>(pub &'g Gauge, pub Thread);

impl Drop for Finishing<'_> {
    fn drop(&mut self) {
        self.0.finished.store(true, Ordering::SeqCst);
        self.1.unpark();
    }
}

/// A reader whose bytes are counted.
pub(super) struct Counted<'g, R>(pub R, pub &'g Gauge);

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.0.read(buffer)?;
        self.1.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_way_is_reading() {
        let gauge = Gauge::default();
        gauge.begin(100);
        let mut read = Vec::new();
        Counted(&[0_u8; 100][..], &gauge).read_to_end(&mut read).unwrap();
        assert_eq!(gauge.done(), 50);
        gauge.storing(100);
        gauge.expects(4);
        gauge.indexed(1);
        assert_eq!(gauge.done(), 62);
        gauge.stored(100);
        assert_eq!(gauge.done(), 100);
    }
}
