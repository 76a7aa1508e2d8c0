//! Which pages of a batch still hold something: so that a page goes with the last definition on it.

use alloc::vec::Vec;

use crate::base::{AddressRange, Alignment, OutOfMemory, TargetAddr, fallible, int};

/// How many things lie on each page of a few stretches of memory.
#[derive(Debug)]
pub(super) struct Pages {
    stretches: Vec<Stretch>,
    page: Alignment,
}

#[derive(Debug)]
struct Stretch {
    first: TargetAddr,
    counts: Vec<u32>,
}

impl Pages {
    /// No page at all.
    pub(super) const fn none() -> Self {
        Self {
            stretches: Vec::new(),
            page: Alignment::PAGE,
        }
    }

    /// Nothing yet on any page, each like `page`, that these ranges touch.
    pub(super) fn of(
        ranges: impl Iterator<Item = AddressRange>,
        page: Alignment,
    ) -> Result<Self, OutOfMemory> {
        let mut stretches = Vec::new();
        for range in ranges {
            let first = range.first().align_down(page);
            let bytes = range.last().checked_distance_from(first);
            let pages = bytes
                .map_or(0, |bytes| index(page, bytes))
                .saturating_add(1);
            let counts = fallible::vec_of(0, pages)?;
            fallible::push(&mut stretches, Stretch { first, counts })?;
        }
        Ok(Self { stretches, page })
    }

    /// Notes that something lies there.
    pub(super) fn add(&mut self, range: AddressRange) {
        if let Some((_, counts)) = self.counts(range) {
            for count in counts {
                *count = count.saturating_add(1);
            }
        }
    }

    /// Notes that it is gone, and tells the pages that hold nothing any more, if there are any: they lie side by side.
    pub(super) fn remove(&mut self, range: AddressRange) -> Option<AddressRange> {
        let page_bytes = self.page.bytes();
        let (first, counts) = self.counts(range)?;
        let mut empty: Option<AddressRange> = None;
        let starts = (0..).map(|page: u64| page.checked_mul(page_bytes));
        for (count, offset) in counts.iter_mut().zip(starts) {
            *count = count.saturating_sub(1);
            if *count > 0 {
                continue;
            }
            let page = AddressRange::from_size(first.checked_add(offset?)?, page_bytes)?;
            empty = Some(empty.map_or(page, |known| known.hull(page)));
        }
        empty
    }

    /// The counts of the pages that a range touches, and the address of the first.
    fn counts(&mut self, range: AddressRange) -> Option<(TargetAddr, &mut [u32])> {
        let page = self.page;
        self.stretches.iter_mut().find_map(|stretch| {
            let first = index(page, range.first().checked_distance_from(stretch.first)?);
            let last = index(page, range.last().checked_distance_from(stretch.first)?);
            let start = range.first().align_down(page);
            Some((start, stretch.counts.get_mut(first..=last)?))
        })
    }
}

/// On which page, counted from the first, something lies that is so far from it.
const fn index(page: Alignment, distance_bytes: u64) -> usize {
    int::to_usize(distance_bytes >> page.log2())
}

#[cfg(test)]
mod tests {
    use super::Pages;
    use crate::base::{AddressRange, Alignment, TargetAddr};

    fn range(first: u64, size_bytes: u64) -> AddressRange {
        AddressRange::from_size(TargetAddr::new(first), size_bytes).unwrap()
    }

    #[test]
    fn a_page_goes_with_the_last_that_lies_on_it() {
        let mut pages = Pages::of(
            [range(0x1000, 0x2100), range(0x8000, 8)].into_iter(),
            Alignment::PAGE,
        )
        .unwrap();
        let all = [
            range(0x1000, 0x40),
            range(0x1040, 0x1000),
            range(0x3000, 0x100),
        ];
        let other = range(0x8000, 8);
        all.iter().chain([&other]).for_each(|one| pages.add(*one));
        assert_eq!(pages.remove(all[0]), None);
        assert_eq!(pages.remove(all[1]), Some(range(0x1000, 0x2000)));
        assert_eq!(pages.remove(other), Some(range(0x8000, 0x1000)));
        assert_eq!(pages.remove(all[2]), Some(range(0x3000, 0x1000)));
    }

    #[test]
    fn larger_pages_go_as_wholes() {
        let page = Alignment::new(0x4000).unwrap();
        let mut pages = Pages::of([range(0x1_0000, 0x8000)].into_iter(), page).unwrap();
        let [first, second, third] = [
            range(0x1_0000, 0x1000),
            range(0x1_1000, 0x1000),
            range(0x1_4000, 0x1000),
        ];
        for range in [first, second, third] {
            pages.add(range);
        }
        assert_eq!(pages.remove(first), None);
        assert_eq!(pages.remove(third), Some(range(0x1_4000, 0x4000)));
        assert_eq!(pages.remove(second), Some(range(0x1_0000, 0x4000)));
    }

    #[test]
    fn what_lies_elsewhere_counts_nowhere() {
        let mut pages = Pages::of([range(0x1000, 0x1000)].into_iter(), Alignment::PAGE).unwrap();
        pages.add(range(0x4000, 1));
        assert_eq!(pages.remove(range(0x4000, 1)), None);
        assert_eq!(pages.remove(range(0x1fff, 2)), None);
    }
}
