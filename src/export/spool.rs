//! The spool: lines that are put in order before they are written, kept on disk in a file without a name.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes that are gathered before they are written.
const GATHERED: usize = 1 << 20;

/// Where a line lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    at: u64,
    length: u32,
}

/// Lines on disk; they are gone when it is dropped, or when the process ends in any way.
#[derive(Debug)]
pub struct Spool {
    file: File,
    written: u64,
    gathered: Vec<u8>,
}

impl Spool {
    /// Makes one in a folder, for its owner alone.
    pub fn new(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let path = folder.join(format!(".spool-{}-{}", std::process::id(), unique()));
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
        fs::remove_file(&path)?;
        Ok(Self { file, written: 0, gathered: Vec::new() })
    }

    /// Adds a line.
    pub fn add(&mut self, line: &str) -> io::Result<Place> {
        if self.gathered.len() + line.len() > GATHERED {
            self.file.write_all_at(&self.gathered, self.written)?;
            self.written += self.gathered.len() as u64;
            self.gathered.clear();
        }
        let length = u32::try_from(line.len()).map_err(|_| io::Error::new(io::ErrorKind::FileTooLarge, "one row is larger than 4 GiB"))?;
        let place = Place { at: self.written + self.gathered.len() as u64, length };
        self.gathered.extend_from_slice(line.as_bytes());
        Ok(place)
    }

    /// Reads a line again.
    pub fn read(&self, place: Place) -> io::Result<String> {
        let length = place.length as usize;
        let bytes = if place.at >= self.written {
            let from = usize::try_from(place.at - self.written).unwrap_or(usize::MAX);
            self.gathered.get(from..from.saturating_add(length)).map(<[u8]>::to_vec).unwrap_or_default()
        } else {
            let mut bytes = vec![0; length];
            self.file.read_exact_at(&mut bytes, place.at)?;
            bytes
        };
        String::from_utf8(bytes).map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))
    }
}

/// A number that no other spool of the process has.
fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_whether_written_or_gathered() {
        let dir = tempfile::tempdir().unwrap();
        let mut spool = Spool::new(dir.path()).unwrap();
        let line = |n: usize| format!("{n}{}", "x".repeat(n * 37 % 9000));
        let places: Vec<Place> = (0..600).map(|n| spool.add(&line(n)).unwrap()).collect();
        for (n, place) in places.iter().enumerate().rev() {
            assert_eq!(spool.read(*place).unwrap(), line(n));
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        assert!(spool.written > 0 && !spool.gathered.is_empty());
    }
}
