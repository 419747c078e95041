//! Bytes as text: what is no UTF-8 stands as U+FFFD, and every place of the text leads back to its bytes.

/// A text, and where its bytes were.
#[derive(Debug, Default)]
pub struct Lossy {
    /// The text.
    pub text: String,
    /// Behind each replaced sequence: the offset in the text, and the offset in the bytes.
    shifts: Vec<(usize, usize)>,
}

impl Lossy {
    /// Reads bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut lossy = Self { text: String::with_capacity(bytes.len()), shifts: Vec::new() };
        let mut read = 0;
        for chunk in bytes.utf8_chunks() {
            lossy.text.push_str(chunk.valid());
            read += chunk.valid().len() + chunk.invalid().len();
            if !chunk.invalid().is_empty() {
                lossy.text.push(char::REPLACEMENT_CHARACTER);
                lossy.shifts.push((lossy.text.len(), read));
            }
        }
        lossy
    }

    /// Tells whether bytes were replaced.
    pub fn is_lossy(&self) -> bool {
        !self.shifts.is_empty()
    }

    /// Gives the offset in the bytes of an offset in the text.
    pub fn back(&self, offset: usize) -> usize {
        let at = self.shifts.partition_point(|(text, _)| *text <= offset);
        match at.checked_sub(1).and_then(|at| self.shifts.get(at)) {
            Some((text, bytes)) => bytes + (offset - text),
            None => offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_behind_broken_bytes_lead_back() {
        let bytes = b"a\xff\xe2\x82 key=\xc3\xa9 \xf0x";
        let lossy = Lossy::of(bytes);
        for word in ["key", "x"] {
            let at = lossy.text.find(word).unwrap();
            assert!(bytes[lossy.back(at)..].starts_with(word.as_bytes()), "{word} at {at} is not at {}", lossy.back(at));
        }
        assert!(lossy.is_lossy() && !Lossy::of("é".as_bytes()).is_lossy());
        assert_eq!(lossy.back(lossy.text.len()), bytes.len());
    }
}
