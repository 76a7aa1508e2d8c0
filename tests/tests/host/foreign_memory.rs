//! A memory manager for another machine: target addresses are numbers only, working memory is a vector, and what lives is
//! counted.

use std::rc::Rc;

use ironlink::base::{AddressRange, TargetAddr};
use ironlink::memory::{Finalized, InFlight, MemoryError, MemoryManager, MemoryRequest};

const PAGE: u64 = 4096;

/// The low 2 GiB above a kernel's image. Nothing is ever called, so that each reservation may begin at the start.
#[derive(Debug)]
pub(crate) struct ForeignMemory {
    first: u64,
    last: u64,
    live: Rc<()>,
}

impl ForeignMemory {
    /// Memory where a kernel would have its modules: in the low 2 GiB, above its image.
    pub(crate) fn in_the_low_half() -> Self {
        Self {
            first: 0x4000_0000,
            last: 0x6fff_ffff,
            live: Rc::new(()),
        }
    }

    /// How many reservations are in flight or finalized.
    pub(crate) fn live(&self) -> usize {
        Rc::strong_count(&self.live) - 1
    }
}

/// A reservation, at any stage of its life.
#[derive(Debug)]
pub(crate) struct Reservation {
    segments: Vec<(TargetAddr, Vec<u8>)>,
    _live: Rc<()>,
}

impl MemoryManager for ForeignMemory {
    type InFlight = Reservation;
    type Finalized = Reservation;

    fn reserve(&self, request: MemoryRequest<'_>) -> Result<Reservation, MemoryError> {
        let mut next = self.first;
        let mut segments = Vec::new();
        for segment in request.segments {
            let size = segment
                .content_size_bytes
                .checked_add(segment.zero_fill_size_bytes)
                .filter(|size| *size < 1 << 31)
                .ok_or(MemoryError::TooLarge)?;
            let alignment = segment.alignment.bytes().max(PAGE);
            let first = next.next_multiple_of(alignment);
            next = (first + size).next_multiple_of(PAGE) + PAGE;
            if next > self.last {
                return Err(MemoryError::WindowExhausted {
                    size_bytes: size,
                    reach: request.reach,
                });
            }
            let range = AddressRange::from_size(TargetAddr::new(first), size.max(1));
            if !range.is_some_and(|range| request.reach.allows(range)) {
                return Err(MemoryError::OutOfReach {
                    reach: request.reach,
                });
            }
            segments.push((
                TargetAddr::new(first),
                vec![0; usize::try_from(size).unwrap()],
            ));
        }
        Ok(Reservation {
            segments,
            _live: Rc::clone(&self.live),
        })
    }
}

impl InFlight for Reservation {
    type Finalized = Self;

    fn target_address(&self, segment: usize) -> Option<TargetAddr> {
        Some(self.segments.get(segment)?.0)
    }

    fn working_memory(&mut self, segment: usize) -> Option<&mut [u8]> {
        Some(&mut self.segments.get_mut(segment)?.1)
    }

    fn finalize(self) -> Result<Self, MemoryError> {
        Ok(self)
    }
}

impl Finalized for Reservation {
    fn release_finalize_segments(&mut self) {}
}
