//! How the segments of one request lie in the gap that they get: in order, page by page, unmapped pages around
//! each.

use alloc::vec::Vec;

use crate::base::{AddressRange, Alignment, Protection, TargetAddr, fallible};

use super::{Lifetime, MemoryError, SegmentRequest};

/// The largest alignment that segments may have.
pub(super) const LARGEST_ALIGNMENT: Alignment = match Alignment::new(2 << 20) {
    Some(alignment) => alignment,
    None => Alignment::PAGE,
};

/// One segment in its gap.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Segment {
    /// Where it starts, counted from the end of the gap's first guard.
    offset: u64,
    /// Bytes that the link asked for.
    pub(super) size_bytes: u64,
    /// How many of them will be written; the others stay zero.
    content_bytes: u64,
    /// Bytes of its pages.
    pages_bytes: u64,
    /// What a page is, mapped or a guard.
    page: Alignment,
    pub(super) protection: Protection,
    pub(super) lifetime: Lifetime,
}

impl Segment {
    /// The address of its first byte, in the gap that starts at `gap`.
    pub(super) fn address(&self, gap: TargetAddr) -> Option<TargetAddr> {
        gap.checked_add(self.page.bytes())?.checked_add(self.offset)
    }

    /// Whether its pages come to be executable.
    pub(super) const fn is_code(&self) -> bool {
        self.protection.is_executable()
    }

    /// Its pages; `None` if it has no bytes.
    pub(super) fn pages(&self, gap: TargetAddr) -> Option<AddressRange> {
        AddressRange::from_size(self.address(gap)?, self.pages_bytes)
    }

    /// Those of its pages that will be written; `None` if none will.
    #[cfg(any(test, feature = "std"))]
    pub(super) fn written_pages(&self, gap: TargetAddr) -> Option<AddressRange> {
        let size_bytes = self.page.checked_round_up(self.content_bytes)?;
        AddressRange::from_size(self.address(gap)?, size_bytes)
    }

    /// Those of its pages that lie in `range` as a whole.
    pub(super) fn pages_in(&self, gap: TargetAddr, range: AddressRange) -> Option<AddressRange> {
        let shared = self.pages(gap)?.intersection(range)?;
        let first = shared.first().checked_align_up(self.page)?;
        let size_bytes = shared.last().checked_distance_from(first)?.checked_add(1)?;
        AddressRange::from_size(first, self.page.round_down(size_bytes))
    }
}

/// All segments of a request.
#[derive(Debug)]
pub(super) struct SegmentLayout {
    /// In the order of the request.
    pub(super) segments: Vec<Segment>,
    /// Size of the gap that holds all of them, guards included.
    pub(super) gap_bytes: u64,
    /// Alignment of the end of the gap's first guard.
    pub(super) alignment: Alignment,
}

impl SegmentLayout {
    /// Lays the segments out on pages of this size.
    pub(super) fn new(requests: &[SegmentRequest], page: Alignment) -> Result<Self, MemoryError> {
        let mut layout = Self {
            segments: fallible::vec_with_capacity(requests.len())?,
            gap_bytes: 0,
            alignment: page,
        };
        let mut end = 0_u64;
        for request in requests {
            layout.alignment = layout.alignment.max(request.alignment);
            let (segment, next) = place(request, end, page).ok_or(MemoryError::TooLarge)?;
            fallible::push(&mut layout.segments, segment)?;
            end = next;
        }
        if layout.alignment > LARGEST_ALIGNMENT {
            return Err(MemoryError::Alignment {
                wanted: layout.alignment,
                largest: LARGEST_ALIGNMENT,
            });
        }
        layout.gap_bytes = end
            .max(page.bytes())
            .checked_add(page.bytes())
            .ok_or(MemoryError::TooLarge)?;
        Ok(layout)
    }
}

/// A segment that starts at or after `end`, and where the next may start; `None` if no address space holds it.
fn place(request: &SegmentRequest, end: u64, page: Alignment) -> Option<(Segment, u64)> {
    let size_bytes = request
        .content_size_bytes
        .checked_add(request.zero_fill_size_bytes)?;
    let pages_bytes = page.checked_round_up(size_bytes)?;
    let alignment = request.alignment.max(page);
    let offset = alignment.checked_round_up(end)?;
    let segment = Segment {
        offset,
        size_bytes,
        content_bytes: request.content_size_bytes,
        pages_bytes,
        page,
        protection: request.protection,
        lifetime: request.lifetime,
    };
    let next = match pages_bytes {
        0 => offset,
        _ => offset.checked_add(pages_bytes)?.checked_add(page.bytes())?,
    };
    Some((segment, next))
}

#[cfg(test)]
mod tests {
    use super::SegmentLayout;
    use crate::base::{AddressRange, Alignment, Protection, TargetAddr};
    use crate::memory::{Lifetime, MemoryError, SegmentRequest};

    fn request(size_bytes: u64, alignment: u64) -> SegmentRequest {
        SegmentRequest {
            protection: Protection::Read,
            lifetime: Lifetime::Standard,
            alignment: Alignment::new(alignment).unwrap(),
            content_size_bytes: size_bytes,
            zero_fill_size_bytes: 0,
        }
    }

    #[test]
    fn unmapped_pages_lie_around_every_segment() {
        let requests = [request(1, 1), request(0, 1), request(4097, 0x10000)];
        let layout = SegmentLayout::new(&requests, Alignment::PAGE).unwrap();
        let gap = TargetAddr::new(0xf000);
        let pages: std::vec::Vec<_> = layout.segments.iter().map(|one| one.pages(gap)).collect();
        let (first, last) = (pages[0].unwrap(), pages[2].unwrap());
        assert_eq!(
            (first.first().value(), first.last().value()),
            (0x10000, 0x10fff)
        );
        assert_eq!(pages[1], None);
        assert_eq!(
            (last.first().value(), last.last().value()),
            (0x20000, 0x21fff)
        );
        assert_eq!(gap.value() + layout.gap_bytes, 0x23000);
    }

    #[test]
    fn pages_may_be_larger() {
        let requests = [request(1, 1), request(0x4001, 1)];
        let page = Alignment::new(0x4000).unwrap();
        let layout = SegmentLayout::new(&requests, page).unwrap();
        let gap = TargetAddr::new(0x10000);
        let [first, last] = [0, 1].map(|one| layout.segments[one].pages(gap).unwrap());
        assert_eq!(
            (first.first().value(), first.last().value()),
            (0x14000, 0x17fff)
        );
        assert_eq!(
            (last.first().value(), last.last().value()),
            (0x1c000, 0x23fff)
        );
        assert_eq!(gap.value() + layout.gap_bytes, 0x28000);
        let most = AddressRange::new(last.first(), TargetAddr::new(0x22fff)).unwrap();
        let whole = layout.segments[1].pages_in(gap, most).unwrap();
        assert_eq!(whole.last().value(), 0x1ffff);
    }

    #[test]
    fn sizes_and_alignments_that_no_address_space_holds_are_errors() {
        for requests in [
            [request(u64::MAX, 1), request(1, 1)],
            [request(1 << 63, 1), request(1 << 63, 1)],
            [request(u64::MAX - 4095, 1), request(1, 1)],
        ] {
            assert_eq!(
                SegmentLayout::new(&requests, Alignment::PAGE).unwrap_err(),
                MemoryError::TooLarge
            );
        }
        let error = SegmentLayout::new(&[request(1, 4 << 20)], Alignment::PAGE).unwrap_err();
        assert!(matches!(error, MemoryError::Alignment { .. }));
    }
}
