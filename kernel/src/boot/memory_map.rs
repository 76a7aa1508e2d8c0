//! Which physical memory there is, and which part of it is taken.

use core::fmt;

use heapless::Vec;

/// A stretch of physical memory that is not empty.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PhysicalRange {
    first: u64,
    size_bytes: u64,
}

impl PhysicalRange {
    /// The `size_bytes` bytes from `first`; `None` if there are none, or if they pass the end of the address space.
    pub const fn new(first: u64, size_bytes: u64) -> Option<Self> {
        if size_bytes == 0 || first.checked_add(size_bytes).is_none() {
            return None;
        }
        Some(Self { first, size_bytes })
    }

    /// The bytes from `first` up to `end`, which is the first one beyond; `None` if there are none.
    pub const fn between(first: u64, end: u64) -> Option<Self> {
        match end.checked_sub(first) {
            Some(size_bytes) => Self::new(first, size_bytes),
            None => None,
        }
    }

    /// The first byte's address.
    pub const fn first(self) -> u64 {
        self.first
    }

    /// The first address beyond.
    pub const fn end(self) -> u64 {
        self.first + self.size_bytes
    }

    /// How many bytes there are.
    pub const fn size_bytes(self) -> u64 {
        self.size_bytes
    }

    /// What the two ranges share; `None` if nothing.
    pub fn intersection(self, other: Self) -> Option<Self> {
        Self::between(self.first.max(other.first), self.end().min(other.end()))
    }

    /// The largest range within this one whose ends are multiples of `alignment`, a power of two.
    pub fn aligned_inward(self, alignment: u64) -> Option<Self> {
        let first = self.first.checked_next_multiple_of(alignment)?;
        Self::between(first, self.end() & !(alignment - 1))
    }

    /// The smallest range around this one whose ends are multiples of `alignment`, a power of two.
    pub fn aligned_outward(self, alignment: u64) -> Option<Self> {
        let end = self.end().checked_next_multiple_of(alignment)?;
        Self::between(self.first & !(alignment - 1), end)
    }
}

impl fmt::Display for PhysicalRange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:#x}..{:#x}", self.first, self.end())
    }
}

/// How many ranges of each kind are kept.
const MOST_RANGES: usize = 32;
/// Memory from this address on is not used: neither machine's direct map could show it beside what else lies high.
const USABLE_END: u64 = 1 << 46;

/// Usable memory, and the parts of it that are taken.
#[derive(Clone, Debug, Default)]
pub struct MemoryMap {
    usable: Vec<PhysicalRange, MOST_RANGES>,
    taken: Vec<PhysicalRange, MOST_RANGES>,
}

impl MemoryMap {
    /// A map of no memory.
    pub const fn new() -> Self {
        Self {
            usable: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// Adds memory that may be used. Of more ranges than the map holds, the last are left out, as is memory that lies higher
    /// than any machine's.
    pub fn add_usable(&mut self, range: PhysicalRange) {
        if let Some(range) = PhysicalRange::between(range.first(), range.end().min(USABLE_END)) {
            // Memory that is left out is only never used.
            let _ = self.usable.push(range);
        }
    }

    /// Takes a part of the memory out of use.
    ///
    /// # Panics
    /// The map holds no more such ranges: the kernel takes a handful, and the loader reserves too many.
    pub fn take(&mut self, range: PhysicalRange) {
        assert!(
            self.taken.push(range).is_ok(),
            "more than {MOST_RANGES} ranges of physical memory are taken"
        );
    }

    /// Takes each of these ranges.
    ///
    /// # Panics
    /// As for [`take`](Self::take).
    pub fn take_all(&mut self, ranges: impl IntoIterator<Item = PhysicalRange>) {
        ranges.into_iter().for_each(|range| self.take(range));
    }

    /// The usable memory, taken parts included.
    pub fn usable(&self) -> impl Iterator<Item = PhysicalRange> {
        self.usable.iter().copied()
    }

    /// The parts that are taken.
    pub fn taken(&self) -> impl Iterator<Item = PhysicalRange> {
        self.taken.iter().copied()
    }

    /// Whether all of `range` is usable memory, taken or not.
    pub fn contains(&self, range: PhysicalRange) -> bool {
        self.usable()
            .any(|usable| usable.intersection(range) == Some(range))
    }

    /// Takes the first free stretch of `size_bytes` bytes whose address is a multiple of `alignment`, a power of two,
    /// and which ends at or below `limit`; `None` if there is none.
    pub fn take_first_fit(
        &mut self,
        size_bytes: u64,
        alignment: u64,
        limit: u64,
    ) -> Option<PhysicalRange> {
        let found = self.usable.iter().find_map(|usable| {
            let mut first = usable.first().checked_next_multiple_of(alignment)?;
            loop {
                let candidate = PhysicalRange::new(first, size_bytes)?;
                if candidate.end() > usable.end().min(limit) {
                    return None;
                }
                let Some(obstacle) = self
                    .taken
                    .iter()
                    .find(|taken| taken.intersection(candidate).is_some())
                else {
                    return Some(candidate);
                };
                first = obstacle.end().checked_next_multiple_of(alignment)?;
            }
        })?;
        self.take(found);
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::{MemoryMap, PhysicalRange};

    fn range(first: u64, end: u64) -> PhysicalRange {
        PhysicalRange::between(first, end).unwrap()
    }

    #[test]
    fn the_first_fit_lies_beside_what_is_taken_and_below_the_limit() {
        let mut map = MemoryMap::new();
        map.add_usable(range(0x800, 0x9000));
        map.add_usable(range(0x10_0000, 0x20_0000));
        map.take(range(0x1000, 0x2800));
        assert_eq!(
            map.take_first_fit(0x1000, 0x1000, u64::MAX),
            Some(range(0x3000, 0x4000))
        );
        assert_eq!(
            map.take_first_fit(0x1000, 0x1000, u64::MAX),
            Some(range(0x4000, 0x5000))
        );
        assert_eq!(map.take_first_fit(0x8000, 0x1000, 0x10_0000), None);
        assert_eq!(
            map.take_first_fit(0x8000, 0x1000, u64::MAX),
            Some(range(0x10_0000, 0x10_8000))
        );
    }

    #[test]
    fn memory_that_no_direct_map_could_show_is_left_out() {
        let mut map = MemoryMap::new();
        map.add_usable(range(0x1000, u64::MAX));
        map.add_usable(range(1 << 47, u64::MAX));
        let usable: std::vec::Vec<PhysicalRange> = map.usable().collect();
        assert_eq!(usable, [range(0x1000, 1 << 46)]);
    }

    #[test]
    fn a_range_that_passes_the_memorys_end_is_not_contained() {
        let mut map = MemoryMap::new();
        map.add_usable(range(0x1000, 0x9000));
        map.take(range(0x4000, 0x5000));
        assert!(map.contains(range(0x1000, 0x9000)));
        assert!(!map.contains(range(0xfff, 0x2000)));
        assert!(!map.contains(range(0x8000, 0x9001)));
        assert!(!map.contains(range(0x10_0000, 0x10_1000)));
    }

    #[test]
    fn aligning_inward_may_leave_nothing() {
        assert_eq!(range(0x1001, 0x2fff).aligned_inward(0x1000), None);
        assert_eq!(
            range(0x1001, 0x2fff).aligned_outward(0x1000),
            Some(range(0x1000, 0x3000))
        );
        assert_eq!(
            range(0xfff, 0x3001).aligned_inward(0x1000),
            Some(range(0x1000, 0x3000))
        );
    }
}
