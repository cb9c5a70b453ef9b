//! Chance that repeats itself: the same seed is the same CRM (`SplitMix64`).

/// A generator.
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `n − 1`; 0 when there is none.
    pub fn below(&mut self, n: i64) -> i64 {
        if n <= 0 { 0 } else { (self.next() % n.unsigned_abs()).cast_signed() }
    }

    /// An index of a list.
    pub fn index(&mut self, length: usize) -> usize {
        self.below(length as i64) as usize
    }

    /// Whether something of that likelihood happens.
    pub fn percent(&mut self, likelihood: u32) -> bool {
        self.below(100) < i64::from(likelihood)
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.index(last + 1));
        }
    }
}
