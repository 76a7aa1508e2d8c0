//! What a heap counts.

use super::CLASSES;

/// One size class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ClassStatistics {
    /// Size of its blocks.
    pub block_bytes: usize,
    /// How many blocks it has.
    pub capacity: usize,
    /// How many of them are out.
    pub live: usize,
    /// The most that were out at once.
    pub peak: usize,
}

/// The large blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LargeStatistics {
    /// Bytes in blocks that are out.
    pub used_bytes: usize,
    /// Bytes in holes.
    pub free_bytes: usize,
    /// The most bytes that were out at once.
    pub peak_bytes: usize,
}

/// A heap's counts at one moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SlabStatistics {
    /// The size classes, smallest first.
    pub classes: [ClassStatistics; CLASSES],
    /// The large blocks.
    pub large: LargeStatistics,
    /// Bytes in all blocks that are out, whole blocks counted.
    pub used_bytes: usize,
    /// The most bytes that were out at once.
    pub peak_bytes: usize,
    /// Attempts to give back what was not out.
    pub refused_frees: usize,
}

/// What is out, without the history: equal before and after whatever gives all back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct InUse {
    /// Blocks of each class.
    pub blocks: [usize; CLASSES],
    /// Bytes in large blocks.
    pub large_bytes: usize,
}

impl SlabStatistics {
    /// What is out.
    pub fn in_use(&self) -> InUse {
        InUse {
            blocks: self.classes.map(|class| class.live),
            large_bytes: self.large.used_bytes,
        }
    }
}
