//! Frames: pieces of a source's bytes, each compressed by itself and named by the SHA-256 of what it holds.

use super::{Result, StoreError};
use sha2::{Digest, Sha256};
use std::cell::RefCell;

/// Frames are cut at the first record end past this size, and never grow beyond `MAX_FRAME`: one record is read by unpacking one of them.
const FRAME_TARGET: usize = 128 << 10;
const MAX_FRAME: usize = 1 << 20;
const ZSTD_LEVEL: i32 = 2;

thread_local! {
    /// A context costs more to make than a small frame to pack.
    static PACKER: RefCell<Option<zstd::bulk::Compressor<'static>>> = const { RefCell::new(None) };
    static UNPACKER: RefCell<Option<zstd::bulk::Decompressor<'static>>> = const { RefCell::new(None) };
}

/// Packs bytes into frames; made apart from the store so that files are packed in parallel.
#[derive(Default)]
pub struct FrameWriter {
    open: Vec<u8>,
    done: Vec<PackedFrame>,
    hash: Sha256,
    size: u64,
}

/// A frame ready to be stored.
pub struct PackedFrame {
    /// SHA-256 of the bytes.
    pub sha256: [u8; 32],
    /// Number of bytes.
    pub length: usize,
    /// The packed bytes.
    pub data: Vec<u8>,
}

impl FrameWriter {
    /// Adds bytes; `record_end` says that a frame may be cut after them.
    pub fn add(&mut self, mut bytes: &[u8], record_end: bool) {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
        while self.open.len() + bytes.len() > MAX_FRAME {
            let (now, later) = bytes.split_at((MAX_FRAME - self.open.len()).min(bytes.len()));
            self.open.extend_from_slice(now);
            self.cut(None);
            bytes = later;
        }
        self.open.extend_from_slice(bytes);
        if record_end && self.open.len() >= FRAME_TARGET {
            self.cut(None);
        }
    }

    fn cut(&mut self, known: Option<[u8; 32]>) {
        if self.open.is_empty() {
            return;
        }
        let sha256 = known.unwrap_or_else(|| Sha256::digest(&self.open).into());
        self.done.push(PackedFrame { sha256, length: self.open.len(), data: pack(&self.open) });
        self.open.clear();
    }

    /// Closes the last frame; gives SHA-256 and size of all bytes, and the frames.
    #[must_use]
    pub fn close(mut self) -> (String, u64, Vec<PackedFrame>) {
        let whole: [u8; 32] = std::mem::take(&mut self.hash).finalize().into();
        // What is one frame has the hash of the whole.
        let alone = self.done.is_empty().then_some(whole);
        self.cut(alone);
        (crate::model::ids::hex(&whole), self.size, self.done)
    }
}

/// Packs bytes; those that a failing compressor cannot pack stay as they are, which only costs space.
pub(super) fn pack(bytes: &[u8]) -> Vec<u8> {
    let packed = PACKER.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = zstd::bulk::Compressor::new(ZSTD_LEVEL).ok();
        }
        kept.as_mut().and_then(|packer| packer.compress(bytes).ok())
    });
    packed.unwrap_or_else(|| bytes.to_vec())
}

/// Unpacks a frame of `length` bytes.
pub(super) fn unpack(frame: i64, data: &[u8], length: usize) -> Result<Vec<u8>> {
    let damaged = |why: String| StoreError::Damaged { frame, why };
    let unpacked = UNPACKER.with_borrow_mut(|kept| {
        if kept.is_none() {
            *kept = zstd::bulk::Decompressor::new().ok();
        }
        match kept {
            Some(unpacker) => unpacker.decompress(data, length.max(1)),
            None => zstd::bulk::decompress(data, length.max(1)),
        }
    });
    match unpacked {
        Ok(bytes) if bytes.len() == length => Ok(bytes),
        // Bytes that could not be packed were stored as they are.
        _ if data.len() == length => Ok(data.to_vec()),
        Ok(bytes) => Err(damaged(format!("{} bytes instead of {length}", bytes.len()))),
        Err(error) => Err(damaged(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_put_together_are_the_bytes() {
        let line = b"a line of the source that is longer than nothing\n";
        for lines in [0, 1, 5_000, 60_000] {
            let mut writer = FrameWriter::default();
            (0..lines).for_each(|_| writer.add(line, true));
            let (sha256, size, frames) = writer.close();
            let whole = line.repeat(lines);
            let unpacked: Vec<u8> = frames.iter().flat_map(|frame| unpack(1, &frame.data, frame.length).unwrap()).collect();
            assert!(unpacked == whole && size == whole.len() as u64);
            assert_eq!(sha256, crate::model::ids::hex(&Sha256::digest(&whole)));
            assert!(frames.iter().all(|frame| frame.sha256 == <[u8; 32]>::from(Sha256::digest(unpack(1, &frame.data, frame.length).unwrap()))));
        }
    }

    #[test]
    fn a_damaged_frame_is_told() {
        let packed = pack(&b"some bytes".repeat(50));
        assert!(unpack(7, &packed[..packed.len() / 2], 500).is_err());
        assert!(unpack(7, &packed, 499).is_err());
    }
}
