//! A generator of numbers (xorshift64*), so that each round of a test or a bench is the same everywhere.

/// The state; any number but 0.
pub struct Lot(pub u64);

impl Lot {
    /// Gives a number below `end`, which is more than 0.
    pub fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % end
    }
}
