//! Pages that were used and are kept for the next reservation: to zero one costs a fraction of what the system takes for a new
//! one.
//!
//! They are without access while they are kept, and zeroed before anybody gets them.

use alloc::vec::Vec;

use crate::base::{AddressRange, OutOfMemory, TargetAddr, fallible};

use super::size_of_range;

/// How many bytes are kept at most: what a few modules of usual size have.
const LIMIT_BYTES: usize = 8 << 20;

/// How many ranges are kept at most.
const LIMIT_RANGES: usize = 64;

/// The ranges that are kept, apart from each other.
pub(super) struct WarmPages {
    ranges: Vec<AddressRange>,
}

impl WarmPages {
    pub(super) fn new() -> Result<Self, OutOfMemory> {
        Ok(Self {
            ranges: fallible::vec_with_capacity(LIMIT_RANGES)?,
        })
    }

    /// Keeps a range; false if there are enough.
    pub(super) fn keep(&mut self, range: AddressRange) -> bool {
        let kept = self.ranges.iter().copied().map(size_of_range);
        let bytes = kept.fold(size_of_range(range), usize::saturating_add);
        let has_room = bytes <= LIMIT_BYTES && self.ranges.len() < LIMIT_RANGES;
        has_room && fallible::push(&mut self.ranges, range).is_ok()
    }

    /// Takes what is kept within a gap. The rest of ranges that pass its ends is kept, whatever the limits.
    ///
    /// # Errors
    /// The heap has no room; what was kept is kept then.
    pub(super) fn take(&mut self, gap: AddressRange) -> Result<Vec<AddressRange>, OutOfMemory> {
        let mut taken = fallible::vec_with_capacity(self.ranges.len())?;
        // Only those at the gap's ends leave a rest, one that encloses it two: one range more.
        fallible::reserve(&mut self.ranges, 1)?;
        let mut place = 0;
        while let Some(&range) = self.ranges.get(place) {
            let Some(shared) = range.intersection(gap) else {
                place = place.saturating_add(1);
                continue;
            };
            self.ranges.swap_remove(place);
            fallible::push(&mut taken, shared)?;
            for rest in rests(range, shared).into_iter().flatten() {
                fallible::push(&mut self.ranges, rest)?;
            }
        }
        Ok(taken)
    }
}

/// What is left of a range before and behind a part of it.
fn rests(range: AddressRange, part: AddressRange) -> [Option<AddressRange>; 2] {
    let between = |first: TargetAddr, end: TargetAddr| {
        AddressRange::from_size(first, end.checked_distance_from(first)?)
    };
    let behind = |range: AddressRange| range.last().checked_add(1);
    [
        between(range.first(), part.first()),
        behind(part).and_then(|first| between(first, behind(range)?)),
    ]
}

/// Zeroes the parts of a segment's pages that were used before.
pub(super) fn zero(used: &[AddressRange], pages: AddressRange) {
    for part in used.iter().filter_map(|used| used.intersection(pages)) {
        let first = super::pointer(part.first()).cast::<u8>();
        // SAFETY: the pages are writable and their reservation's alone, which has not given them to anybody yet.
        unsafe { first.write_bytes(0, size_of_range(part)) };
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{LIMIT_BYTES, LIMIT_RANGES, WarmPages};
    use crate::base::{AddressRange, TargetAddr, int};

    const PAGE: u64 = 4096;

    fn pages(first: u64, count: u64) -> AddressRange {
        AddressRange::from_size(TargetAddr::new(first * PAGE), count * PAGE).unwrap()
    }

    fn take(warm: &mut WarmPages, gap: AddressRange) -> Vec<AddressRange> {
        let mut taken = warm.take(gap).unwrap();
        taken.sort_by_key(|range| range.first());
        taken
    }

    #[test]
    fn what_lies_in_a_gap_is_taken_and_the_rest_is_kept() {
        let mut warm = WarmPages::new().unwrap();
        assert!(warm.keep(pages(10, 10)) && warm.keep(pages(30, 5)));
        assert_eq!(take(&mut warm, pages(12, 3)), [pages(12, 3)]);
        assert_eq!(take(&mut warm, pages(0, 13)), [pages(10, 2)]);
        let rest = [pages(15, 5), pages(30, 5)];
        assert_eq!(take(&mut warm, pages(0, 100)), rest);
        assert_eq!(take(&mut warm, pages(0, 100)), []);
    }

    #[test]
    fn no_more_is_kept_than_the_limits_say() {
        let mut warm = WarmPages::new().unwrap();
        let most = int::from_usize(LIMIT_BYTES) / PAGE;
        assert!(!warm.keep(pages(1, most + 1)));
        assert!(warm.keep(pages(1, most)));
        assert!(!warm.keep(pages(most + 2, 1)));
        let mut warm = WarmPages::new().unwrap();
        for place in 0..LIMIT_RANGES {
            assert!(warm.keep(pages(1 + 4 * int::from_usize(place), 3)));
        }
        assert!(!warm.keep(pages(1000, 1)));
        // A hole leaves two rests.
        assert_eq!(take(&mut warm, pages(2, 1)), [pages(2, 1)]);
        assert_eq!(take(&mut warm, pages(1, 3)), [pages(1, 1), pages(3, 1)]);
    }
}
