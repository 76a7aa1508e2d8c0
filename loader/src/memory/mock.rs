//! A memory manager for tests, and for linking for another machine: addresses from ranges that are chosen, working
//! memory on the heap, and the finished bytes to be read back. Nothing it links can run.

use alloc::vec::Vec;
use core::sync::atomic::{AtomicU64, Ordering};

use spin::Mutex;

use crate::base::{AddressRange, Alignment, Protection, Shared, TargetAddr, fallible, int};

use super::layout::{Segment, SegmentLayout};
use super::window::{TakenGap, Window};
use super::{Finalized, InFlight, Lifetime, MemoryError, MemoryManager, MemoryRequest};

/// A manager that gives addresses of these ranges, and memory of the heap. Clones are the same manager.
pub struct MockMemory {
    shared: Shared<Books>,
}

struct Books {
    window: Mutex<Window>,
    reservations: AtomicU64,
    requests_until_failure: AtomicU64,
    page: Alignment,
}

/// In `requests_until_failure`: none fails.
const NEVER: u64 = u64::MAX;

impl MockMemory {
    /// A manager of these ranges; the first that lies in reach is used first.
    ///
    /// # Errors
    /// A range isn't made of whole pages, or two meet; or the heap is full.
    pub fn new(ranges: &[AddressRange]) -> Result<Self, MemoryError> {
        Self::with_pages(ranges, Alignment::PAGE)
    }

    /// The same, of a machine with larger pages.
    ///
    /// # Errors
    /// As of [`new`](Self::new).
    pub fn with_pages(ranges: &[AddressRange], page: Alignment) -> Result<Self, MemoryError> {
        let books = Books {
            page,
            window: Mutex::new(Window::new(ranges, page)?),
            reservations: AtomicU64::new(0),
            requests_until_failure: AtomicU64::new(NEVER),
        };
        Ok(Self {
            shared: Shared::new(books)?,
        })
    }

    /// Lets one request fail, after `count` more have been served: it finds no free frame.
    pub fn fail_after(&self, count: u64) {
        self.shared
            .requests_until_failure
            .store(count, Ordering::Relaxed);
    }

    /// How many reservations are out, in flight or finalized.
    pub fn reservations(&self) -> u64 {
        self.shared.reservations.load(Ordering::Relaxed)
    }

    /// Bytes of the ranges that are out, guard pages included.
    pub fn used_bytes(&self) -> u64 {
        self.shared.window.lock().used_bytes()
    }

    fn is_to_fail(&self) -> bool {
        let countdown = &self.shared.requests_until_failure;
        let count = countdown.load(Ordering::Relaxed);
        if count == NEVER {
            return false;
        }
        // Past zero lies `NEVER`.
        countdown.store(count.wrapping_sub(1), Ordering::Relaxed);
        count == 0
    }
}

impl Clone for MockMemory {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl MemoryManager for MockMemory {
    type InFlight = MockInFlight;
    type Finalized = MockFinalized;

    fn reserve(&self, request: MemoryRequest<'_>) -> Result<MockInFlight, MemoryError> {
        if self.is_to_fail() {
            return Err(MemoryError::OutOfFrames);
        }
        let layout = SegmentLayout::new(request.segments, self.shared.page)?;
        let books = self.shared.clone();
        let gap = books
            .window
            .lock()
            .take(layout.gap_bytes, layout.alignment, request.reach)?;
        books.reservations.fetch_add(1, Ordering::Relaxed);
        let mut reservation = Reservation {
            books,
            gap: Some(gap),
            segments: Vec::new(),
        };
        reservation.segments = fallible::vec_with_capacity(layout.segments.len())?;
        for segment in layout.segments {
            let bytes = fallible::zeros(int::to_usize(segment.size_bytes))?;
            fallible::push(&mut reservation.segments, MockSegment { segment, bytes })?;
        }
        Ok(MockInFlight {
            reservation,
            is_sealed: false,
        })
    }

    fn page(&self) -> Alignment {
        self.shared.page
    }
}

struct MockSegment {
    segment: Segment,
    bytes: Vec<u8>,
}

struct Reservation {
    books: Shared<Books>,
    /// `None` only while it is dropped.
    gap: Option<TakenGap>,
    segments: Vec<MockSegment>,
}

impl Reservation {
    fn address(&self, segment: usize) -> Option<TargetAddr> {
        let gap = self.gap.as_ref()?.range.first();
        self.segments.get(segment)?.segment.address(gap)
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if let Some(gap) = self.gap.take() {
            self.books.window.lock().give_back(gap);
        }
        self.books.reservations.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A mock's memory that is being filled.
pub struct MockInFlight {
    reservation: Reservation,
    is_sealed: bool,
}

impl InFlight for MockInFlight {
    type Finalized = MockFinalized;

    fn target_address(&self, segment: usize) -> Option<TargetAddr> {
        self.reservation.address(segment)
    }

    fn working_memory(&mut self, segment: usize) -> Option<&mut [u8]> {
        let reserved = self.reservation.segments.get_mut(segment)?;
        if self.is_sealed && reserved.segment.protection.is_executable() {
            return None;
        }
        Some(reserved.bytes.as_mut_slice())
    }

    fn seal_executable(&mut self) -> Result<(), MemoryError> {
        self.is_sealed = true;
        Ok(())
    }

    fn finalize(self) -> Result<MockFinalized, MemoryError> {
        Ok(MockFinalized {
            reservation: self.reservation,
        })
    }
}

/// A mock's memory as the link left it.
pub struct MockFinalized {
    reservation: Reservation,
}

/// One segment as the link left it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FinishedSegment<'a> {
    /// Where it would be seen.
    pub address: TargetAddr,
    /// What it might be used for.
    pub protection: Protection,
    /// Its bytes, those that stay zero included; none once they are released.
    pub bytes: &'a [u8],
}

impl MockFinalized {
    /// The segment at this place in the request.
    pub fn segment(&self, segment: usize) -> Option<FinishedSegment<'_>> {
        let address = self.reservation.address(segment)?;
        let finished = self.reservation.segments.get(segment)?;
        Some(FinishedSegment {
            address,
            protection: finished.segment.protection,
            bytes: &finished.bytes,
        })
    }

    /// All segments, in the order of the request.
    pub fn segments(&self) -> impl Iterator<Item = FinishedSegment<'_>> {
        (0..self.reservation.segments.len()).filter_map(|index| self.segment(index))
    }
}

impl Finalized for MockFinalized {
    fn release_finalize_segments(&mut self) {
        for segment in &mut self.reservation.segments {
            if segment.segment.lifetime == Lifetime::Finalize {
                segment.bytes = Vec::new();
            }
        }
    }

    /// The bytes stay, as zeros.
    fn release_pages(&mut self, range: AddressRange) {
        let Some(gap) = self.reservation.gap.as_ref().map(|gap| gap.range.first()) else {
            return;
        };
        for MockSegment { segment, bytes } in &mut self.reservation.segments {
            let (Some(start), Some(pages)) = (segment.address(gap), segment.pages_in(gap, range))
            else {
                continue;
            };
            let offset = |address: TargetAddr| {
                let offset = address.checked_distance_from(start).unwrap_or(0);
                int::to_usize(offset).min(bytes.len())
            };
            let (first, last) = (offset(pages.first()), offset(pages.last()));
            let end = last.saturating_add(1).min(bytes.len());
            if let Some(bytes) = bytes.get_mut(first..end) {
                bytes.fill(0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MockMemory;
    use crate::base::{AddressRange, Alignment, Protection, TargetAddr, failing_heap};
    use crate::memory::{
        Finalized, InFlight, Lifetime, MemoryError, MemoryManager, MemoryRequest, Reach,
        SegmentRequest,
    };

    const SEGMENTS: [SegmentRequest; 2] = [
        SegmentRequest {
            protection: Protection::ReadExecute,
            lifetime: Lifetime::Standard,
            alignment: Alignment::SIXTEEN,
            content_size_bytes: 4,
            zero_fill_size_bytes: 4,
        },
        SegmentRequest {
            protection: Protection::Read,
            lifetime: Lifetime::Finalize,
            alignment: Alignment::ONE,
            content_size_bytes: 8,
            zero_fill_size_bytes: 0,
        },
    ];

    const REQUEST: MemoryRequest<'_> = MemoryRequest {
        segments: &SEGMENTS,
        reach: Reach::ANYWHERE,
    };

    fn memory() -> MockMemory {
        let range = AddressRange::from_size(TargetAddr::new(0x40_0000), 0x10_0000).unwrap();
        MockMemory::new(&[range]).unwrap()
    }

    #[test]
    fn what_was_written_is_read_back_at_its_address() {
        let memory = memory();
        let mut module = memory.reserve(REQUEST).unwrap();
        module.working_memory(0).unwrap()[..4].copy_from_slice(b"code");
        let mut module = module.finalize().unwrap();
        let text = module.segment(0).unwrap();
        assert_eq!(text.bytes, b"code\0\0\0\0");
        assert_eq!(text.address, TargetAddr::new(0x40_1000));
        assert_eq!(module.segment(1).unwrap().bytes, [0; 8]);
        module.release_finalize_segments();
        assert_eq!(module.segments().count(), 2);
        assert!(module.segment(1).unwrap().bytes.is_empty());
        assert_eq!(memory.reservations(), 1);
        drop(module);
        assert_eq!((memory.reservations(), memory.used_bytes()), (0, 0));
    }

    #[test]
    fn the_request_that_shall_fail_fails_alone() {
        let memory = memory();
        memory.fail_after(1);
        let first = memory.reserve(REQUEST).unwrap();
        let second = memory.reserve(REQUEST).err();
        assert_eq!(second, Some(MemoryError::OutOfFrames));
        let third = memory.reserve(REQUEST).unwrap();
        assert_ne!(first.target_address(0), third.target_address(0));
        assert_eq!(memory.reservations(), 2);
    }

    #[test]
    fn whatever_allocation_fails_all_is_as_before() {
        let memory = memory();
        let mut failures = 0;
        loop {
            let heap = failing_heap::live_bytes();
            let result = failing_heap::fail_after(failures, || memory.reserve(REQUEST).map(drop));
            assert_eq!(failing_heap::live_bytes(), heap);
            assert_eq!((memory.reservations(), memory.used_bytes()), (0, 0));
            if result.is_ok() {
                break;
            }
            assert!(matches!(result, Err(MemoryError::Heap(_))));
            failures += 1;
        }
        assert!(failures >= 5);
    }
}
