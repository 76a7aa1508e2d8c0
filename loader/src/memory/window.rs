//! The addresses that modules may have: ranges, each with the gaps that are free in it.
//!
//! Gaps are kept in a list sorted by address, of which the nodes are allocated when a gap is taken: whoever holds a
//! taken gap holds the node that it will need to come back. So giving back never fails, and leaves the heap as it
//! was.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::base::{AddressRange, Alignment, OutOfMemory, TargetAddr, fallible};

use super::{MemoryError, Reach};

/// Ranges of addresses, in the order of preference.
#[derive(Debug)]
pub(super) struct Window {
    ranges: Vec<WindowRange>,
    used_bytes: u64,
    page: Alignment,
}

/// Addresses that were taken from a [`Window`], and must go back to it.
#[derive(Debug)]
#[must_use = "the addresses are lost until they are given back"]
pub(super) struct TakenGap {
    pub(super) range: AddressRange,
    node: Box<Node>,
}

#[derive(Debug)]
struct WindowRange {
    bounds: AddressRange,
    gaps: GapList,
}

impl Window {
    /// A window of these ranges of such pages, all free.
    ///
    /// # Errors
    /// A range isn't made of whole pages, or two meet; or the heap is full.
    pub(super) fn new(ranges: &[AddressRange], page: Alignment) -> Result<Self, MemoryError> {
        let mut window = Self {
            ranges: fallible::vec_with_capacity(ranges.len())?,
            used_bytes: 0,
            page,
        };
        ranges.iter().try_for_each(|range| window.add(*range))?;
        Ok(window)
    }

    /// Adds a range, all free, of less preference than those before.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub(super) fn add(&mut self, range: AddressRange) -> Result<(), MemoryError> {
        let last_page = range.last().align_down(self.page);
        let is_whole_pages = range.first().is_aligned(self.page)
            && AddressRange::from_size(last_page, self.page.bytes())
                .is_some_and(|page| page.last() == range.last());
        if !is_whole_pages
            || self
                .ranges()
                .any(|other| other.intersection(range).is_some())
        {
            return Err(MemoryError::Window { range });
        }
        let node = fallible::boxed(Node {
            gap: range,
            next: None,
        })?;
        let gaps = GapList { first: Some(node) };
        fallible::push(
            &mut self.ranges,
            WindowRange {
                bounds: range,
                gaps,
            },
        )?;
        Ok(())
    }

    /// All its ranges, taken or free.
    pub(super) fn ranges(&self) -> impl Iterator<Item = AddressRange> {
        self.ranges.iter().map(|range| range.bounds)
    }

    /// Takes the first gap of `size_bytes` bytes in reach of which the end of the first guard page is aligned so.
    ///
    /// # Errors
    /// No range lies in reach, or none has such a gap; or the heap is full.
    pub(super) fn take(
        &mut self,
        size_bytes: u64,
        alignment: Alignment,
        reach: Reach,
    ) -> Result<TakenGap, MemoryError> {
        let mut spare = Spare::new()?;
        let guard_bytes = self.page.bytes();
        for range in &mut self.ranges {
            let fit = |gap| fit(gap, size_bytes, alignment, guard_bytes, reach);
            if let Some(taken) = range.gaps.take(fit, &mut spare) {
                self.used_bytes = self.used_bytes.wrapping_add(size_bytes);
                return Ok(taken);
            }
        }
        let is_in_reach = |range: &WindowRange| {
            reach
                .ranges()
                .any(|reach| reach.intersection(range.bounds).is_some())
        };
        if self.ranges.iter().any(is_in_reach) {
            Err(MemoryError::WindowExhausted { size_bytes, reach })
        } else {
            Err(MemoryError::OutOfReach { reach })
        }
    }

    /// Takes back a gap.
    pub(super) fn give_back(&mut self, taken: TakenGap) {
        let mut ranges = self.ranges.iter_mut();
        if let Some(range) = ranges.find(|range| range.bounds.contains_range(taken.range)) {
            self.used_bytes = self.used_bytes.wrapping_sub(size_bytes(taken.range));
            range.gaps.give_back(taken);
        }
    }

    /// All gaps that are free.
    pub(super) fn gaps(&self) -> impl Iterator<Item = AddressRange> {
        self.ranges.iter().flat_map(|range| {
            let nodes =
                core::iter::successors(range.gaps.first.as_deref(), |node| node.next.as_deref());
            nodes.map(|node| node.gap)
        })
    }

    /// Bytes of all gaps that are taken.
    pub(super) const fn used_bytes(&self) -> u64 {
        self.used_bytes
    }
}

/// Where in `gap` the wanted one would lie.
fn fit(
    gap: AddressRange,
    size_bytes: u64,
    alignment: Alignment,
    guard_bytes: u64,
    reach: Reach,
) -> Option<AddressRange> {
    reach.ranges().find_map(|reach| {
        let allowed = reach.intersection(gap)?;
        let first = allowed
            .first()
            .checked_add(guard_bytes)?
            .checked_align_up(alignment)?
            .checked_sub(guard_bytes)?;
        let range = AddressRange::from_size(first, size_bytes)?;
        allowed.contains_range(range).then_some(range)
    })
}

/// The size of a range that isn't the whole address space.
const fn size_bytes(range: AddressRange) -> u64 {
    range
        .last()
        .value()
        .wrapping_sub(range.first().value())
        .wrapping_add(1)
}

/// Gaps in ascending order, none touching the next.
#[derive(Debug)]
struct GapList {
    first: Link,
}

type Link = Option<Box<Node>>;

#[derive(Debug)]
struct Node {
    gap: AddressRange,
    next: Link,
}

/// Nodes allocated before they are needed: one to come back with, one for a gap that is cut in two.
struct Spare {
    back: Link,
    cut: Link,
}

impl Spare {
    fn new() -> Result<Self, OutOfMemory> {
        let node = || {
            fallible::boxed(Node {
                gap: AddressRange::ALL,
                next: None,
            })
        };
        Ok(Self {
            back: Some(node()?),
            cut: Some(node()?),
        })
    }
}

impl GapList {
    fn take(
        &mut self,
        fit: impl Fn(AddressRange) -> Option<AddressRange>,
        spare: &mut Spare,
    ) -> Option<TakenGap> {
        let mut link = &mut self.first;
        while link.as_deref().is_some_and(|node| fit(node.gap).is_none()) {
            link = &mut link.as_mut()?.next;
        }
        let node = link.as_mut()?;
        let (gap, range) = (node.gap, fit(node.gap)?);
        let below = rest(gap.first(), range.first().checked_sub(1));
        let above = range
            .last()
            .checked_add(1)
            .and_then(|first| rest(first, Some(gap.last())));
        match (below, above) {
            (Some(below), Some(above)) => {
                node.gap = below;
                let mut cut = spare.cut.take()?;
                cut.gap = above;
                cut.next = node.next.take();
                node.next = Some(cut);
            }
            (Some(rest), None) | (None, Some(rest)) => node.gap = rest,
            (None, None) => {
                let mut removed = link.take()?;
                *link = removed.next.take();
            }
        }
        let node = spare.back.take()?;
        Some(TakenGap { range, node })
    }

    fn give_back(&mut self, taken: TakenGap) {
        let TakenGap { range, mut node } = taken;
        let touches = |below: &Node| below.gap.last().checked_add(1) == Some(range.first());
        let is_before = |below: &Node| below.gap.last() < range.first() && !touches(below);
        let mut link = &mut self.first;
        while link.as_deref().is_some_and(is_before) {
            let Some(below) = link else { return };
            link = &mut below.next;
        }
        if let Some(below) = link
            && touches(below)
        {
            below.gap = below.gap.hull(range);
            below.absorb_next();
            return;
        }
        node.gap = range;
        node.next = link.take();
        node.absorb_next();
        *link = Some(node);
    }
}

impl Node {
    /// Joins the next gap to this one if they touch.
    fn absorb_next(&mut self) {
        let end = self.gap.last().checked_add(1);
        if let Some(next) = &mut self.next
            && end == Some(next.gap.first())
        {
            self.gap = self.gap.hull(next.gap);
            self.next = next.next.take();
        }
    }
}

impl Drop for GapList {
    fn drop(&mut self) {
        // One after the other: a long list dropped as a whole would need a deep stack.
        let mut link = self.first.take();
        while let Some(mut node) = link {
            link = node.next.take();
        }
    }
}

/// What is left between two addresses, if anything.
fn rest(first: TargetAddr, last: Option<TargetAddr>) -> Option<AddressRange> {
    AddressRange::new(first, last?)
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::Window;
    use crate::base::{AddressRange, Alignment, TargetAddr};
    use crate::memory::{MemoryError, Reach};

    const PAGE: u64 = 4096;

    fn range(first: u64, size_bytes: u64) -> AddressRange {
        AddressRange::from_size(TargetAddr::new(first), size_bytes).unwrap()
    }

    fn gaps(window: &Window) -> Vec<AddressRange> {
        window.gaps().collect()
    }

    #[test]
    fn whatever_the_order_of_return_the_gaps_are_as_before() {
        let whole = range(0x10000, 16 * PAGE);
        for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            let mut window = Window::new(&[whole], Alignment::PAGE).unwrap();
            let mut taken: Vec<_> = [1, 2, 3, 4]
                .map(|pages| window.take(pages * PAGE, Alignment::PAGE, Reach::ANYWHERE))
                .into_iter()
                .map(|gap| Some(gap.unwrap()))
                .collect();
            assert_eq!(window.used_bytes(), 10 * PAGE);
            assert_eq!(gaps(&window), [range(0x1a000, 6 * PAGE)]);
            for index in order {
                window.give_back(taken[index].take().unwrap());
            }
            assert_eq!(gaps(&window), [whole]);
            assert_eq!(window.used_bytes(), 0);
        }
    }

    #[test]
    fn an_aligned_gap_is_cut_out_of_the_middle() {
        let whole = range(0x1000, 0x100 * PAGE);
        let mut window = Window::new(&[whole], Alignment::PAGE).unwrap();
        let alignment = Alignment::new(0x10000).unwrap();
        let taken = window.take(3 * PAGE, alignment, Reach::ANYWHERE).unwrap();
        assert_eq!(taken.range, range(0xf000, 3 * PAGE));
        assert_eq!(gaps(&window).len(), 2);
        window.give_back(taken);
        assert_eq!(gaps(&window), [whole]);
    }

    #[test]
    fn the_first_range_in_reach_is_preferred() {
        let (low, high) = (
            range(0x10000, 4 * PAGE),
            range(0xffff_ffff_8000_0000, 4 * PAGE),
        );
        let mut window = Window::new(&[high, low], Alignment::PAGE).unwrap();
        let take = |window: &mut Window, reach| window.take(4 * PAGE, Alignment::PAGE, reach);
        let first = take(&mut window, Reach::SIGNED_32).unwrap();
        assert_eq!(first.range, high);
        let second = take(&mut window, Reach::SIGNED_32).unwrap();
        assert_eq!(second.range, low);
        let (size_bytes, reach) = (4 * PAGE, Reach::UNSIGNED_32);
        let full = take(&mut window, reach).unwrap_err();
        assert_eq!(full, MemoryError::WindowExhausted { size_bytes, reach });
        let reach = Reach::within(range(0x4000_0000, PAGE));
        assert_eq!(
            take(&mut window, reach).unwrap_err(),
            MemoryError::OutOfReach { reach }
        );
        window.give_back(first);
        window.give_back(second);
    }

    #[test]
    fn ranges_that_meet_or_end_within_a_page_are_refused() {
        for bad in [
            range(0x1000, PAGE + 1),
            range(0x1001, PAGE),
            range(0x2000, PAGE),
        ] {
            let error = Window::new(&[range(0x2000, 2 * PAGE), bad], Alignment::PAGE).unwrap_err();
            assert_eq!(error, MemoryError::Window { range: bad });
        }
    }
}
