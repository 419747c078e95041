//! Marks of lines: four bytes for each line of a file, signed with the bundle, by which a changed byte is found in its line.

use std::io::{self, Read};

/// Start and factor of FNV-1a in 32 bits (Fowler, Noll and Vo); one changed byte always changes it.
const START: u32 = 0x811c_9dc5;
const FACTOR: u32 = 0x0100_0193;

/// The marks of the lines of a file, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lines {
    marks: Vec<u8>,
    mark: u32,
    begun: bool,
}

impl Default for Lines {
    fn default() -> Self {
        Self { marks: Vec::new(), mark: START, begun: false }
    }
}

impl Lines {
    /// Tells whether a file's lines are marked: those of data files are known by their lineage, and a line of Parquet is none.
    #[must_use]
    pub fn are_marked(name: &str) -> bool {
        !name.starts_with("data/")
    }

    /// Takes more of the file.
    pub fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.mark = (self.mark ^ u32::from(*byte)).wrapping_mul(FACTOR);
            self.begun = true;
            if *byte == b'\n' {
                self.end();
            }
        }
    }

    fn end(&mut self) {
        self.marks.extend(self.mark.to_be_bytes());
        (self.mark, self.begun) = (START, false);
    }

    /// Gives the marks; a last line may lack its end.
    #[must_use]
    pub fn finish(mut self) -> Vec<u8> {
        if self.begun {
            self.end();
        }
        self.marks
    }
}

/// Finds the first line, from 1, whose mark is not the one that was written.
pub fn first_changed(mut file: impl Read, written: &[u8]) -> io::Result<Option<usize>> {
    let (mut lines, mut buffer) = (Lines::default(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            n => lines.update(buffer.get(..n).unwrap_or_default()),
        }
    }
    let found = lines.finish();
    let same = found.chunks(4).zip(written.chunks(4)).take_while(|(found, written)| found == written).count();
    Ok((found != written).then_some(same + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_bit_is_found_in_its_line() {
        let text = b"one\ntwo\n\nfour: a longer line\nfive";
        let mut lines = Lines::default();
        text.chunks(3).for_each(|part| lines.update(part));
        let marks = lines.finish();
        assert_eq!((marks.len(), first_changed(&text[..], &marks).unwrap()), (20, None));
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut changed = text.to_vec();
                changed[at] ^= 1 << bit;
                let line = 1 + text[..at].iter().filter(|byte| **byte == b'\n').count();
                assert_eq!(first_changed(&changed[..], &marks).unwrap(), Some(line), "byte {at}, bit {bit}");
            }
        }
        assert_eq!(first_changed(&text[..text.len() - 4], &marks).unwrap(), Some(5));
    }
}
