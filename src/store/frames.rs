//! Frames: pieces of a source's bytes, each compressed by itself and named by the SHA-256 of what it holds.

use crate::model::ids;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::io;

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
    known: Option<KnownBytes>,
    continues: Option<bool>,
    failed: Option<io::Error>,
}

/// What is stored of a source already.
#[derive(Debug, Clone)]
pub struct KnownBytes {
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of them.
    pub sha256: String,
    /// Frames that stay as they are when bytes are added: all but the last.
    pub kept_frames: usize,
    /// Bytes in them.
    pub kept_bytes: u64,
}

/// A source in frames.
pub struct Framed {
    /// SHA-256 of all bytes.
    pub sha256: String,
    /// Number of all bytes.
    pub size: u64,
    /// Frames of the known source that stay.
    pub kept: usize,
    /// The frames after them.
    pub frames: Vec<PackedFrame>,
    /// Whether the bytes begin with those that were known; `None` where none were, or they are fewer now.
    pub continues: Option<bool>,
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
    /// Goes on from a source that is known: bytes that only continue it are framed from the end of its last full frame on.
    #[must_use]
    pub fn after(known: KnownBytes) -> Self {
        Self { continues: (known.size == 0).then_some(true), known: Some(known), ..Self::default() }
    }

    /// Adds bytes; `record_end` says that a frame may be cut after them.
    pub fn add(&mut self, bytes: &[u8], record_end: bool) {
        if self.failed.is_none() {
            self.failed = self.take_in(bytes, record_end).err();
        }
    }

    fn take_in(&mut self, bytes: &[u8], record_end: bool) -> io::Result<()> {
        let before = self.size;
        self.size += bytes.len() as u64;
        let Some(known) = &self.known else {
            self.hash.update(bytes);
            return self.frame(bytes, record_end);
        };
        let (size, kept) = (known.size, known.kept_bytes);
        // Where the known bytes end, the hash so far tells whether they are still those.
        let at = |offset: u64| usize::try_from(offset.clamp(before, self.size) - before).unwrap_or(0);
        let (end, framed) = (at(size), at(kept));
        self.hash.update(&bytes[..end]);
        if before < size && self.size >= size {
            self.continues = Some(ids::hex(&self.hash.clone().finalize()) == known.sha256);
        }
        self.hash.update(&bytes[end..]);
        self.frame(&bytes[framed..], record_end)
    }

    fn frame(&mut self, mut bytes: &[u8], record_end: bool) -> io::Result<()> {
        while self.open.len() + bytes.len() > MAX_FRAME {
            let (now, later) = bytes.split_at((MAX_FRAME - self.open.len()).min(bytes.len()));
            self.open.extend_from_slice(now);
            self.cut(None)?;
            bytes = later;
        }
        self.open.extend_from_slice(bytes);
        if record_end && self.open.len() >= FRAME_TARGET {
            self.cut(None)?;
        }
        Ok(())
    }

    fn cut(&mut self, known: Option<[u8; 32]>) -> io::Result<()> {
        if self.open.is_empty() {
            return Ok(());
        }
        let sha256 = known.unwrap_or_else(|| Sha256::digest(&self.open).into());
        self.done.push(PackedFrame { sha256, length: self.open.len(), data: pack(&self.open)? });
        self.open.clear();
        Ok(())
    }

    /// Closes the last frame; fails where the compressor failed.
    pub fn close(mut self) -> io::Result<Framed> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let whole: [u8; 32] = std::mem::take(&mut self.hash).finalize().into();
        let kept = self.known.as_ref().map_or(0, |known| known.kept_frames);
        // What is one frame has the hash of the whole.
        let alone = (self.done.is_empty() && kept == 0).then_some(whole);
        self.cut(alone)?;
        Ok(Framed { sha256: ids::hex(&whole), size: self.size, kept, frames: self.done, continues: self.continues })
    }
}

/// Packs bytes with a checksum of them in the frame: reading verifies it as it unpacks, at a hundredth of what unpacking costs.
pub(super) fn pack(bytes: &[u8]) -> io::Result<Vec<u8>> {
    PACKER.with_borrow_mut(|kept| {
        let packer = match kept {
            Some(packer) => packer,
            None => {
                let mut packer = zstd::bulk::Compressor::new(ZSTD_LEVEL)?;
                packer.include_checksum(true)?;
                kept.insert(packer)
            }
        };
        packer.compress(bytes)
    })
}

/// Unpacks a frame of `length` bytes and checks them: by the checksum inside, or by their SHA-256 where a frame has none. Says what is wrong.
pub(super) fn unpack(data: &[u8], length: usize, sha256: &[u8]) -> Result<Vec<u8>, String> {
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
        Ok(bytes) if bytes.len() != length => Err(format!("{} bytes instead of {length}", bytes.len())),
        Ok(bytes) if is_checked(data) || has_hash(&bytes, sha256) => Ok(bytes),
        Ok(_) => Err("other bytes than were stored".to_owned()),
        // What an older version could not pack was stored as it is.
        Err(_) if data.len() == length && has_hash(data, sha256) => Ok(data.to_vec()),
        Err(error) => Err(error.to_string()),
    }
}

/// Tells whether the bytes are those of the hash.
pub(super) fn has_hash(bytes: &[u8], sha256: &[u8]) -> bool {
    Sha256::digest(bytes).as_slice() == sha256
}

/// Tells by the header of a zstd frame whether a checksum of its content ends it.
fn is_checked(data: &[u8]) -> bool {
    data.get(4).is_some_and(|descriptor| descriptor & 4 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(mut writer: FrameWriter, line: &[u8], lines: usize) -> Framed {
        (0..lines).for_each(|_| writer.add(line, true));
        writer.close().unwrap()
    }

    #[test]
    fn frames_put_together_are_the_bytes() {
        let line = b"a line of the source that is longer than nothing\n";
        for lines in [0, 1, 5_000, 60_000] {
            let framed = framed(FrameWriter::default(), line, lines);
            let whole = line.repeat(lines);
            let unpacked: Vec<u8> = framed.frames.iter().flat_map(|frame| unpack(&frame.data, frame.length, &frame.sha256).unwrap()).collect();
            assert!(unpacked == whole && framed.size == whole.len() as u64);
            assert!(framed.sha256 == ids::hex(&Sha256::digest(&whole)) && framed.continues.is_none());
            assert!(framed.frames.iter().all(|frame| has_hash(&unpack(&frame.data, frame.length, &frame.sha256).unwrap(), &frame.sha256)));
        }
    }

    #[test]
    fn bytes_that_only_grew_are_framed_as_if_they_came_at_once() {
        let line = b"a line of the source that is longer than nothing\n";
        for (before, after) in [(1, 2), (5_000, 5_001), (5_000, 60_000), (60_000, 90_000)] {
            let (old, whole) = (framed(FrameWriter::default(), line, before), framed(FrameWriter::default(), line, after));
            let kept = old.frames.len() - 1;
            let kept_bytes = old.frames[..kept].iter().map(|frame| frame.length as u64).sum();
            let known = |sha256: &str| KnownBytes { size: old.size, sha256: sha256.to_owned(), kept_frames: kept, kept_bytes };
            let grown = framed(FrameWriter::after(known(&old.sha256)), line, after);
            assert_eq!((grown.continues, &grown.sha256, grown.kept), (Some(true), &whole.sha256, kept));
            assert!(whole.frames[kept..].iter().map(|frame| frame.sha256).eq(grown.frames.iter().map(|frame| frame.sha256)));
            assert_eq!(framed(FrameWriter::after(known("other")), line, after).continues, Some(false));
            assert_eq!(framed(FrameWriter::after(known(&old.sha256)), line, before - 1).continues, None);
        }
    }

    #[test]
    fn a_damaged_frame_is_told() {
        let bytes = b"some bytes".repeat(50);
        let (packed, hash) = (pack(&bytes).unwrap(), Sha256::digest(&bytes));
        assert!(unpack(&packed[..packed.len() / 2], 500, &hash).is_err());
        assert!(unpack(&packed, 499, &hash).is_err());
        for at in 0..packed.len() {
            let mut damaged = packed.clone();
            damaged[at] ^= 1;
            assert!(unpack(&damaged, 500, &hash).is_err() || at == 4, "byte {at}");
        }
        // A frame without a checksum is held against the hash.
        let bare = zstd::bulk::compress(&bytes, 1).unwrap();
        assert!(unpack(&bare, 500, &hash).is_ok() && unpack(&bare, 500, &[0; 32]).is_err());
    }
}
