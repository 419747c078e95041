//! Classes of bytes, as tables.

/// Tells of each byte whether it is of a class.
pub type Class = [bool; 256];

/// Makes the table of a class.
pub(super) const fn class(signs: &[u8], ranges: &[(u8, u8)]) -> Class {
    let mut table = [false; 256];
    let mut at = 0;
    while at < signs.len() {
        table[signs[at] as usize] = true;
        at += 1;
    }
    at = 0;
    while at < ranges.len() {
        let (mut byte, last) = ranges[at];
        while byte <= last {
            table[byte as usize] = true;
            byte += 1;
        }
        at += 1;
    }
    table
}
