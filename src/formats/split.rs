//! Splitting a stream of bytes into lines, in bounded memory.

use std::io::{self, Read};

/// A line longer than this is passed on in pieces and not taken apart.
pub const MAX_LINE_BYTES: usize = 256 << 20;

const CHUNK_BYTES: usize = 256 << 10;

/// A line of the input.
pub struct Line<'a> {
    /// The bytes, line end included.
    pub bytes: &'a [u8],
    /// Offset of its first byte.
    pub start: u64,
    /// 1-based number.
    pub number: u64,
    /// Whether a line end closed it.
    pub closed: bool,
    /// Whether it is a piece of a line beyond `MAX_LINE_BYTES`.
    pub piece: bool,
}

impl Line<'_> {
    /// Gives the bytes without line end.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        let bytes = self.bytes.strip_suffix(b"\n").unwrap_or(self.bytes);
        bytes.strip_suffix(b"\r").unwrap_or(bytes)
    }
}

/// Splits what it reads into lines, holding no more than the longest of them.
pub struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    from: usize,
    scanned: usize,
    offset: u64,
    number: u64,
    ended: bool,
    in_piece: bool,
}

impl<R: Read> Lines<R> {
    /// Starts at the beginning of the input.
    pub const fn new(input: R) -> Self {
        Self::at(input, 0, 1)
    }

    /// Starts in the middle of a source: at a byte offset and a line number.
    pub const fn at(input: R, offset: u64, number: u64) -> Self {
        Self { input, buffer: Vec::new(), from: 0, scanned: 0, offset, number, ended: false, in_piece: false }
    }

    /// Gives what lies ahead, at least `wanted` bytes of it unless the input is shorter.
    pub fn peek(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.buffer.len() - self.from < wanted && !self.ended {
            self.fill()?;
        }
        Ok(&self.buffer[self.from..])
    }

    /// Gives everything up to the end of the input at once, unless it is longer than `limit`.
    pub fn rest(&mut self, limit: usize) -> io::Result<Option<&[u8]>> {
        while !self.ended && self.buffer.len() - self.from <= limit {
            self.fill()?;
        }
        Ok((self.ended && self.buffer.len() - self.from <= limit).then(|| &self.buffer[self.from..]))
    }

    /// Gives the next line.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> io::Result<Option<Line<'_>>> {
        let (length, closed, piece) = loop {
            let ahead = &self.buffer[self.from..];
            if let Some(found) = memchr::memchr(b'\n', &ahead[self.scanned..]) {
                break (self.scanned + found + 1, true, self.in_piece);
            }
            self.scanned = ahead.len();
            if self.ended {
                if ahead.is_empty() {
                    return Ok(None);
                }
                break (ahead.len(), false, self.in_piece);
            }
            if ahead.len() >= MAX_LINE_BYTES {
                break (ahead.len(), false, true);
            }
            self.fill()?;
        };
        let (from, start, number) = (self.from, self.offset, self.number);
        self.from += length;
        self.scanned = 0;
        self.offset += length as u64;
        self.number += u64::from(closed);
        self.in_piece = piece && !closed;
        Ok(Some(Line { bytes: &self.buffer[from..from + length], start, number, closed, piece }))
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.from > 0 {
            self.buffer.drain(..self.from);
            self.from = 0;
        }
        let had = self.buffer.len();
        let more = CHUNK_BYTES.max(had.min(64 << 20));
        // The buffer grows by what was read, not by what might be: most files are smaller than a chunk.
        let read = (&mut self.input).take(more as u64).read_to_end(&mut self.buffer);
        self.ended = read? < more;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn lines_put_together_are_the_input(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), any::<u8>()], 0..300)) {
            let mut lines = Lines::new(bytes.as_slice());
            let mut together = Vec::new();
            let mut number = 1;
            while let Some(line) = lines.next().unwrap() {
                prop_assert_eq!(line.start as usize, together.len());
                prop_assert_eq!(line.number, number);
                number += 1;
                together.extend_from_slice(line.bytes);
            }
            prop_assert_eq!(together, bytes);
        }
    }

    #[test]
    fn line_ends_are_not_part_of_the_body() {
        let mut lines = Lines::new(&b"a\r\nb\nc"[..]);
        let mut seen = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            seen.push((line.body().to_vec(), line.closed));
        }
        assert_eq!(seen, [(b"a".to_vec(), true), (b"b".to_vec(), true), (b"c".to_vec(), false)]);
    }
}
